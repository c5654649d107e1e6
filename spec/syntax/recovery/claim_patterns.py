"""Claims and conditions as mathematics, prose and other languages write them: `alpha ~ 0.5`, `chinchilla.alpha`."""

from __future__ import annotations

import re

from ...errors import Diagnostic, Fix
from .error_context import SIGNS, SyntaxErrorContext

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
#: Words before a condition.
_CONDITIONS = ("when", "if", "for", "given", "provided", "while", "whenever", "subject", "on", "at", "with")
_FILES = (
    "txt",
    "csv",
    "tsv",
    "json",
    "jsonl",
    "parquet",
    "gz",
    "scl",
    "zip",
    "zst",
    "md",
    "html",
    "xlsx",
    "npy",
    "dat",
    "edges",
)
QUOTES = "\"'"
_PLUS_MINUS = re.compile(r"\s*(\+\s*/?\s*-|±|\\pm)\s*(\d[\w.%]*|\.\d[\w%]*)")


def attribute(error: SyntaxErrorContext) -> Diagnostic | None:
    """`chinchilla.alpha > 0`, `fit.E`, `torch.optim.adamw(...)`."""
    found, previous, following = error.found, error.previous, error.at(1)
    if found.text != "." or previous.kind != "name" or following.kind != "name":
        return None
    if previous.end != found.start or following.start != found.end or following.text.lower() in _FILES:
        return None
    first, last = error.index - 1, error.index + 1
    while error.lexemes[last + 1 : last + 3] and error.lexemes[last + 1].text == "." and last + 2 < len(error.lexemes):
        last += 2
    end = error.lexemes[last].end
    span = error.span_of(previous, error.lexemes[last])
    name, owner = error.lexemes[last].text, previous.text
    shown = error.shown(first, last)
    if error.keyword in ("expect", "optimum") and error.at(last - error.index + 1).text != "(":
        meant = f"{name}({owner})"
        message = f"`{shown}` has a point, and what a fit gives is asked of it by name"
        fixes = error.fix((previous.start, end, meant))
        return error.diagnostic("SCL001", message, span=span, helps=(f"write `{meant}`",), fixes=fixes)
    message = f"`{shown}` has a point, and a name of the language has none"
    fixes = error.fix((previous.start, end, name), sure=False)
    return error.diagnostic("SCL001", message, span=span, helps=(f"write `{name}` alone",), fixes=fixes)


def subscript(error: SyntaxErrorContext) -> Diagnostic | None:
    """`chinchilla["alpha"] > 0`, `fit[0]`."""
    found, previous, inside = error.found, error.previous, error.at(1)
    if found.text != "[" or previous.kind != "name" or previous.end != found.start or error.keyword != "expect":
        return None
    if error.at(2).text != "]" or inside.kind not in ("string", "quoted", "name"):
        return None
    meant = f"{inside.text.strip(QUOTES)}({previous.text})"
    span = error.span_of(previous, error.at(2))
    fixes = error.fix((previous.start, error.at(2).end, meant))
    message = "what a fit gives is asked of it by name, not by a subscript"
    return error.diagnostic("SCL001", message, span=span, helps=(f"write `{meant}`",), fixes=fixes)


def at_a_size(error: SyntaxErrorContext) -> Diagnostic | None:
    """`expect loss at N=1B < 2`: what a quantity is asked at stands in its parentheses."""
    found, previous = error.found, error.previous
    if error.keyword != "expect" or found.text.lower() not in ("at", "for", "with", "when", "where", "on"):
        return None
    if previous.kind != "name" or error.at(1).kind != "name" or error.at(2).text not in ("=", "==") or error.open:
        return None
    if error.lexemes[error.index - 2].text not in ("expect", "and", "or", "not", *SIGNS):
        return None
    last, i = error.at(3), 3
    while error.at(i + 1).text in (",", "and") and error.at(i + 3).text in ("=", "=="):
        i += 4
        last = error.at(i)
    chosen = error.source.text[error.at(1).start : last.end].replace("==", "=").replace(" and ", ", ")
    meant = f"{previous.text}({chosen})"
    fixes = error.fix((previous.start, last.end, meant))
    span = error.span_of(found, last)
    message = "where a quantity is asked for stands in its parentheses"
    return error.diagnostic("SCL024", message, span=span, helps=(f"write `{meant}`",), fixes=fixes)


def compared_in_words(error: SyntaxErrorContext) -> Diagnostic | None:
    """`alpha between .3 and .5`, `alpha is at least .3`, `alpha approx .5`, `alpha +- .1`, `alpha <> .5`."""
    found = error.found
    claims = error.keyword in ("expect", "let") or error.start == "test" or error.within == "where"
    if not claims or (error.opener is not None and error.opener.text != "("):
        return None
    if found.text == "between" and "within" in error.accepts:
        return _between(error)
    if not error.accepts >= SIGNS:
        return _pair_of_signs(error)
    words = tuple(error.at(i).text.lower() for i in range(5))
    for said, sign in _COMPARED.items():
        if words[: len(said)] == said:
            last = error.at(len(said) - 1)
            text = " ".join(said)
            fixes = error.fix((found.start, last.end, sign))
            after = f"`{_left(error)} {sign} {error.at(len(said)).text or '...'}`"
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
        return _signs(error, found.start, error.at(1).end, pair, _SIGN_PAIRS[pair])
    if (found.text in _NEAR_SIGNS or found.text in _NEAR) and error.within != "where":
        return _near(error)
    if found.text in ("±", "+-"):
        return _near(error)
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


def _left(error: SyntaxErrorContext) -> str:
    """What is compared, as typed."""
    first = error.item[0]
    for i in range(error.index - 1, error.item[0] - 1, -1):
        if error.lexemes[i].text in ("and", "or", "not", "where", "expect"):
            first = i + 1
            break
    first = max(first, 1 if error.keyword else 0)
    return error.shown(first, error.index - 1) if first < error.index else "..."


def _between(error: SyntaxErrorContext) -> Diagnostic:
    found = error.found
    rest = error.source.text[found.end : error.chunk.end]
    ends = re.match(r"\s*\[?\s*([\w.%/*^+-]+?)\s*(?:and|,|\.\.|to)\s*([\w.%/*^+-]+)\s*\]?", rest)
    if ends is None:
        return error.diagnostic("SCL023", "an interval follows `in`", helps=("write `in [0.3..0.5]`",))
    meant = f"in [{ends[1]}..{ends[2]}]"
    fixes = error.fix((found.start, found.end + ends.end(), meant))
    helps = (f"write `{_left(error)} {meant}`",)
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
    number = re.match(r"\s*([\w.%]+(?:\([^()]*\))?)", rest)
    left = _left(error)
    typed = " ".join(error.at(i).text for i in range(last + 1))
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


def condition_in_words(error: SyntaxErrorContext) -> Diagnostic | None:
    """`fit chinchilla when width > 16`, `expect loss < 2 for N=1M`."""
    found, following = error.found, error.at(1)
    if (
        found.text.lower() not in _CONDITIONS
        or "where" not in error.accepts
        or following.kind not in ("name", "open", "number")
    ):
        return None
    if error.open:
        return None
    if following.text in ("all", "each", "every", "any") and error.keyword == "expect":
        span = error.span_from(found.start, error.chunk.end)
        fixes = error.fix((error.previous.end, error.chunk.end, ""), sure=False)
        message = "a claim is about every cell and panel that it does not leave out"
        return error.diagnostic("SCL024", message, span=span, helps=("leave this out",), fixes=fixes)
    words = error.found
    if following.text in ("that", "to"):
        words, following = following, error.at(2)
    rest = error.source.text[words.end : error.chunk.end].split("\n", 1)[0].strip()
    edits = [(found.start, words.end, "where")]
    equal = next((x for x in error.lexemes[error.index :] if x.text == "="), None)
    if equal is not None:
        rest = rest.replace("=", "==", 1)
        edits.append((equal.start, equal.end, "=="))
    sure = found.text.lower() in ("when", "if", "whenever", "while") and equal is None
    helps = (f"write `where {rest}`",)
    message = f"a condition follows `where`, not `{found.text}`"
    return error.diagnostic("SCL024", message, helps=helps, fixes=error.fix(*edits, sure=sure))


def claims_in_a_row(error: SyntaxErrorContext) -> Diagnostic | None:
    """`expect alpha > .1, beta > .2`; `expect: alpha > .1`."""
    found = error.found
    if error.keyword != "expect" or found.text != "," or error.open or not error.accepts & {"and", "or"}:
        return None
    message = "a statement has one claim: two are joined by `and`, or are two statements"
    rest = error.shown(error.index + 1, len(error.lexemes) - 1) if error.at(1).text else "..."
    helps = (f"write `and {rest}`, or `expect {rest}` on a line of its own",)
    fixes: tuple[Fix, ...] = error.fix((error.previous.end, found.end, " and"))
    return error.diagnostic("SCL008", message, helps=helps, fixes=fixes)
