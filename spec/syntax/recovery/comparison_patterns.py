"""Comparisons as mathematics and prose write them: `alpha ~ 0.5`, `between .3 and .5`, `|a - b| < .1`."""

from __future__ import annotations

import re

from ...errors import Diagnostic
from ..scanner import Lexeme
from .error_context import SIGNS, SyntaxErrorContext, interval

#: Words and signs of nearness, which a claim says in numbers.
_NEAR = ("approx", "approximately", "about", "around", "near", "close", "roughly", "is", "equals", "equal", "eq", "be")
_NEAR_SIGNS = ("~", "≈", "≃", "∼", "≅", "=")
#: Comparisons in words, the longer first.
_COMPARED = {
    ("greater", "than", "or", "equal", "to"): ">=",
    ("less", "than", "or", "equal", "to"): "<=",
    ("is", "greater", "than"): ">",
    ("is", "less", "than"): "<",
    ("is", "above"): ">",
    ("is", "below"): "<",
    ("greater", "than"): ">",
    ("larger", "than"): ">",
    ("bigger", "than"): ">",
    ("more", "than"): ">",
    ("higher", "than"): ">",
    ("better", "than"): "<",
    ("less", "than"): "<",
    ("smaller", "than"): "<",
    ("lower", "than"): "<",
    ("at", "least"): ">=",
    ("at", "most"): "<=",
    ("above",): ">",
    ("exceeds",): ">",
    ("over",): ">",
    ("below",): "<",
    ("under",): "<",
    ("gt",): ">",
    ("lt",): "<",
    ("ge",): ">=",
    ("gte",): ">=",
    ("le",): "<=",
    ("lte",): "<=",
    ("ne",): "!=",
}
#: Two signs that are one of ours.
_SIGN_PAIRS = {"<>": "!=", "=<": "<=", "=>": ">=", "===": "==", "!==": "!=", "~=": "~", "=~": "~", "≈=": "~"}
_PLUS_MINUS = re.compile(r"\s*(\+\s*/?\s*-|±|\\pm)\s*(\d[\w.%]*|\.\d[\w%]*)")


def compared_in_words(error: SyntaxErrorContext) -> Diagnostic | None:
    """`alpha between .3 and .5`, `alpha is at least .3`, `alpha approx .5`, `alpha +- .1`, `alpha <> .5`."""
    found = error.found
    claims = error.keyword in ("expect", "let") or error.start == "test" or error.within == "where"
    if not claims or (error.opener is not None and error.opener.text != "("):
        return None
    if found.text == "between" and "within" in error.accepts:
        return _between(error)
    if found.text in ("is", "lies") and error.at(1).text == "between" and "within" in error.accepts:
        return _between(error, error.at(1))
    if not error.accepts >= SIGNS:
        return _pair_of_signs(error)
    words = tuple(error.at(i).text.lower() for i in range(5))
    for said, sign in _COMPARED.items():
        if words[: len(said)] == said:
            last = error.at(len(said) - 1)
            text = " ".join(said)
            fixes = error.fix((found.start, last.end, sign))
            after = f"`{left_side(error)} {sign} {error.at(len(said)).text or '...'}`"
            span = error.span_of(found, last)
            return error.diagnostic(
                "SCL023",
                f"a comparison is written in signs, not `{text}`",
                span=span,
                helps=(f"write {after}",),
                fixes=fixes,
            )
    pair = found.text + (error.at(1).text if error.at(1).start == found.end else "")
    if pair in ("=<", "=>"):
        return (
            _implied(error)
            if _compared(error)
            else _signs(error, found.start, error.at(1).end, pair, _SIGN_PAIRS[pair])
        )
    if (found.text in _NEAR_SIGNS or found.text in _NEAR) and error.within != "where":
        return _near(error)
    if found.text in ("±", "+-"):
        return _near(error)
    return None


def _compared(error: SyntaxErrorContext) -> bool:
    """True where a comparison stands before the place already, in the same part of the claim."""
    for lexeme in reversed(error.lexemes[: error.index]):
        if lexeme.text in ("and", "or", "where", "expect"):
            return False
        if lexeme.text in SIGNS or lexeme.text in ("in", "within"):
            return True
    return False


def _implied(error: SyntaxErrorContext) -> Diagnostic:
    """`alpha > .3 => beta > .3`."""
    span = error.span_of(error.found, error.at(1))
    before, behind = error.shown(1, error.index - 1), error.shown(error.index + 2, len(error.lexemes) - 1)
    helps = (f"write `not ({before}) or {behind}`", "or, for a condition on cells, put it behind `where`")
    return error.diagnostic("SCL023", "`=>` is no word of a claim", span=span, helps=helps)


def interval_of_another(error: SyntaxErrorContext) -> Diagnostic | None:
    """`in ]0.3, 0.5[`, `in 0.3 to 0.5`, `within +/- 0.1 of .5`, `within 10% .5`."""
    found, previous, text = error.found, error.previous, error.source.text
    if error.keyword != "expect" and error.within != "where":
        return None
    if previous.text == "in" and (ends := re.compile(r"[\])]([^][,;]+)[,;]([^][]+)[\[(]").match(text, found.start)):
        low, high = ends[1].strip(), ends[2].strip()
        fixes = error.fix((found.start, ends.end(), interval(low, high)))
        span = error.span_from(found.start, ends.end())
        helps = (f"write `{interval(low, high)}`",)
        return error.diagnostic("SCL011", "an interval has its ends in `[a..b]`", span=span, helps=helps, fixes=fixes)
    if error.at(-2).text == "in" and previous.kind == "number" and found.text in ("to", "until", "through", "and"):
        following = error.at(1)
        meant = interval(previous.text, following.text)
        fixes = error.fix((previous.start, following.end, meant)) if following.kind == "number" else ()
        span = error.span_of(previous, following if following.text else found)
        return error.diagnostic(
            "SCL011", "an interval is written `[a..b]`", span=span, helps=(f"write `{meant}`",), fixes=fixes
        )
    if previous.text == "within" and (sign := re.compile(r"\+\s*/?\s*-\s*|±\s*").match(text, found.start)):
        span = error.span_from(found.start, sign.end())
        fixes = error.fix((found.start, sign.end(), ""))
        return error.diagnostic(
            "SCL023", "`within` goes both ways", span=span, helps=("leave the signs out",), fixes=fixes
        )
    if error.at(-2).text == "within" and "of" in error.accepts and (not found.text or found.text in ("and", "or")):
        left = error.source.text[error.lexemes[1].start : error.at(-3).end]
        known = "entropy_rate" if re.match(r"E\b", left) else "0.5"
        helps = (f"say of what: `{left} within {previous.text} of {known}`",)
        message = "`within` says how near, and nothing says to what"
        span = error.span_of(error.at(-2), previous)
        return error.diagnostic("SCL001", message, span=span, helps=helps)
    if error.at(-2).text == "within" and "of" in error.accepts and found.kind in ("name", "number"):
        fixes = error.fix((found.start, found.start, "of "))
        helps = (f"write `within {previous.text} of {found.text}`",)
        return error.diagnostic("SCL001", f"`of` is missing before `{found.text}`", helps=helps, fixes=fixes)
    return None


def _pair_of_signs(error: SyntaxErrorContext) -> Diagnostic | None:
    """The second of two signs that are another's comparison."""
    found, previous = error.found, error.previous
    pair = previous.text + found.text
    if previous.end == found.start and pair in _SIGN_PAIRS and _SIGN_PAIRS[pair] in SIGNS:
        return _signs(error, previous.start, found.end, pair, _SIGN_PAIRS[pair])
    return None


def _signs(error: SyntaxErrorContext, start: int, end: int, typed: str, meant: str) -> Diagnostic:
    fixes = error.fix((start, end, meant), sure=meant != "!=")
    span = error.span_from(start, end)
    return error.diagnostic(
        "SCL023", f"`{typed}` is no comparison", span=span, helps=(f"write `{meant}`",), fixes=fixes
    )


def left_side(error: SyntaxErrorContext) -> str:
    """What is compared, as typed."""
    first = error.item[0]
    for i in range(error.index - 1, error.item[0] - 1, -1):
        if error.lexemes[i].text in ("and", "or", "not", "where", "expect"):
            first = i + 1
            break
    first = max(first, 1 if error.keyword else 0)
    return error.shown(first, error.index - 1) if first < error.index else "..."


def _between(error: SyntaxErrorContext, last: Lexeme | None = None) -> Diagnostic:
    """`between .3 and .5`, with `is` before it perhaps; `last` is its last word."""
    found, last = error.found, last or error.found
    rest = error.source.text[last.end : error.chunk.end]
    ends = re.match(r"\s*\[?\s*([\w.%/*^+-]+?)\s*(?:and|,|\.\.|to)\s*([\w.%/*^+-]+)\s*\]?", rest)
    if ends is None:
        return error.diagnostic("SCL023", "an interval follows `in`", helps=("write `in [0.3..0.5]`",))
    meant = f"in {interval(ends[1], ends[2])}"
    fixes = error.fix((found.start, last.end + ends.end(), meant))
    helps = (f"write `{left_side(error)} {meant}`",)
    return error.diagnostic("SCL023", "an interval follows `in`, not `between`", helps=helps, fixes=fixes)


def _near(error: SyntaxErrorContext) -> Diagnostic | None:
    """Nearness without a number: `=`, `~`, `approx`; with one behind it, `= .5 +- .1`, it is known how near."""
    found, last = error.found, 0
    for i in range(1, 4):
        following = error.at(i)
        if (
            following.text in ("to", "equal", "equals", "approximately", "about", "~", "=")
            and following.text not in SIGNS
        ):
            last = i
        else:
            break
    behind = error.at(last)
    rest = error.source.text[behind.end : error.chunk.end]
    number = re.match(r"\s*(?!(?:finite|infinite|inf|nan|true|false|none)\b)([\w.%]+(?:\([^()]*\))?)", rest)
    left = left_side(error)
    typed = " ".join(error.source.text[found.start : behind.end].split())
    if found.text in ("±", "+-") or number is None:
        if found.text not in ("±", "+-"):
            return None
        message, helps = f"`{found.text}` means nothing here", (f"write `{left} within 0.1 of ...`",)
        return error.diagnostic("SCL002", message, helps=helps)
    value = number[1]
    plus = _PLUS_MINUS.match(rest, number.end())
    if plus is not None:
        meant = f"within {plus[2]} of {value}"
        fixes = error.fix((found.start, behind.end + plus.end(), meant))
    else:
        meant = f"within 5% of {value}"
        fixes = error.fix((found.start, behind.end + number.end(), meant), sure=False)
    code = "SCL002" if found.kind == "bad" else "SCL015" if found.text == "=" else "SCL023"
    message = f"`{typed}` says not how near: a claim says how near an estimate is to a number"
    if found.text == "=":
        message = "`=` gives a value; a claim says how near an estimate is to a number"
    helps = (f"write `{left} {meant}`",)
    return error.diagnostic(code, message, helps=helps, fixes=fixes)


def absolute_bars(error: SyntaxErrorContext) -> Diagnostic | None:
    """`|alpha - .5| < .1`."""
    found = error.found
    if found.text != "|" or "number" not in error.accepts:
        return None
    closing = next((x for x in error.lexemes[error.index + 1 :] if x.text == "|"), None)
    if closing is None:
        return None
    inside = error.source.text[found.end : closing.start].strip()
    fixes = error.fix((found.start, found.end, "abs("), (closing.start, closing.end, ")"))
    message = "an absolute value is written `abs(...)`, not between bars"
    return error.diagnostic("SCL023", message, helps=(f"write `abs({inside})`",), fixes=fixes)
