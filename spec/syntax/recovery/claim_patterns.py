"""Claims and conditions as mathematics, prose and other languages write them: `alpha ~ 0.5`, `chinchilla.alpha`."""

from __future__ import annotations

import re

from ...errors import Diagnostic
from ...source import Span
from ..scanner import Lexeme
from .error_context import COMPONENTS, SIGNS, SyntaxErrorContext, interval

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
#: What makes one number of several, behind a second point.
_REDUCED = ("mean", "median", "min", "max", "spread")
#: Modules whose functions are called by their name here, if they are there at all.
MODULES = (
    "np",
    "numpy",
    "math",
    "torch",
    "jnp",
    "jax",
    "random",
    "optim",
    "nn",
    "tune",
    "ray",
    "hydra",
    "scipy",
    "sp",
    "nx",
    "networkx",
    "pd",
    "pandas",
    "tf",
    "sklearn",
    "transformers",
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
    named = owner in error.words or owner in MODULES or re.search(rf"(?m)^let\s+{owner}\b", error.source.text)
    if not named and re.search(r"(?m)^use\s+\"", error.source.text):
        return _of_another_study(error, span, name)
    if error.keyword in ("expect", "optimum") and error.at(last - error.index + 1).text != "(":
        meant = f"{name}({owner})"
        if last - first == 4 and name in _REDUCED:
            meant = f"{name}({error.lexemes[last - 2].text}({owner}))"
        message = f"`{shown}` has a point, and what a fit gives is asked of it by name"
        fixes = error.fix((previous.start, end, meant))
        return error.diagnostic("SCL001", message, span=span, helps=(f"write `{meant}`",), fixes=fixes)
    if owner in MODULES:
        fixes = error.fix((previous.start, error.lexemes[last].start, ""), sure=False)
        helps = (f"write `{name}` alone: there are no modules here",)
        message = f"`{shown}` has a point, and a name of the language has none"
        return error.diagnostic("SCL001", message, span=span, helps=helps, fixes=fixes)
    message = f"`{shown}` has a point, and a name of the language has none"
    fixes = error.fix((previous.start, end, name), sure=False)
    return error.diagnostic("SCL001", message, span=span, helps=(f"write `{name}` alone",), fixes=fixes)


def _of_another_study(error: SyntaxErrorContext, span: Span, name: str) -> Diagnostic:
    """`pilot.chinchilla`, `pilot.tokens`: what a study that is used says is of this one, which has its own cells."""
    shown = error.source.text[span.start : span.end]
    message = f"`{shown}` has a point: what another study says is of this one, by its own name"
    if name in COMPONENTS:
        helps: tuple[str, ...] = ("leave it out: what another study says of it holds here by itself",)
        return error.diagnostic("SCL001", message, span=span, helps=helps, read=False)
    if error.keyword in (*COMPONENTS, "let"):
        helps = (f"write `{name}`, if it is a `let` there; an axis names all of its values, which are written out",)
        fixes = error.fix((span.start, span.end, name), sure=False) if error.open else ()
        return error.diagnostic("SCL001", message, span=span, helps=helps, fixes=fixes, read=False)
    helps = (f"write `{name}`, which is asked of this study's fits and cells",)
    if error.words.get(name) == "fit":
        helps = (
            f"write `{name}`, which is fitted to all cells of this study",
            f"what it is of the other's cells alone, a condition says: `let before = {name} where ...`",
        )
    fixes = error.fix((span.start, span.end, name), sure=False)
    return error.diagnostic("SCL001", message, span=span, helps=helps, fixes=fixes, read=False)


def subscript(error: SyntaxErrorContext) -> Diagnostic | None:
    """`chinchilla["alpha"] > 0`, `fit[0]`."""
    found, previous, inside = error.found, error.previous, error.at(1)
    if found.text != "[" or previous.kind != "name" or previous.end != found.start:
        return None
    if error.keyword not in ("expect", "fit", "optimum"):
        return None
    last = error.closing(error.index)
    if last is not None and inside.kind == "name" and error.at(2).text in ("=", "=="):
        chosen = error.shown(error.index + 1, last - 1).replace("==", "=")
        meant = f"{previous.text}({chosen})"
        fixes = error.fix((previous.start, error.lexemes[last].end, meant))
        span = error.span_of(found, error.lexemes[last])
        what = "where a quantity is asked for" if error.keyword == "expect" else f"what is said of `{previous.text}`"
        message = f"{what} stands in parentheses, not in square brackets"
        return error.diagnostic("SCL005", message, span=span, helps=(f"write `{meant}`",), fixes=fixes)
    if error.keyword != "expect" or error.at(2).text != "]" or inside.kind not in ("string", "quoted", "name"):
        return None
    meant = f"{inside.text.strip(QUOTES)}({previous.text})"
    if error.words.get(previous.text) == "":  # of cells, and so at one of their labels
        meant = f"{previous.text}({inside.text.strip(QUOTES)})"
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


#: How a claim says in words what changes with what.
_MOVES = {
    **dict.fromkeys(("decreases", "decrease", "falls", "fall", "drops", "shrinks", "improves", "goes"), "<"),
    **dict.fromkeys(("increases", "increase", "rises", "rise", "grows", "grow", "scales", "worsens"), ">"),
}


def claim_in_words(error: SyntaxErrorContext) -> Diagnostic | None:
    """`loss decreases with N`, `if width > 16 then loss < 3`, `∀ width: loss < 3`, `width not in {16}`."""
    found, previous, text = error.found, error.previous, error.source.text
    if found.text == "not" and error.at(1).text == "in" and previous.kind in ("name", "close"):
        left = _left(error)
        start = error.source.text.rfind(left, 0, found.start)
        if start >= 0:
            fixes = error.fix((start, error.at(1).end, f"not {left} in"))
            values = re.match(r"\s*(\{[^{}]*\}|\[[^\[\]]*\])", text[error.at(1).end : error.chunk.end])
            helps = (f"write `not {left} in {values[1] if values else '...'}`",)
            span = error.span_of(found, error.at(1))
            return error.diagnostic(
                "SCL023", "`not` stands before what it turns round", span=span, helps=helps, fixes=fixes
            )
    if error.keyword != "expect":
        if error.within == "where" and found.text in ("is", "isnt", "does") and error.at(1).text == "not":
            fixes = error.fix((found.start, error.at(1).end, "!="))
            helps = (f"write `{_left(error)} != {error.at(2).text}`",)
            span = error.span_of(found, error.at(1))
            return error.diagnostic("SCL023", "`!=` compares, not `is not`", span=span, helps=helps, fixes=fixes)
        if error.within == "where" and found.text in ("is", "equals", "eq", "be") and error.at(1).text:
            fixes = error.replaced("==")
            helps = (f"write `{_left(error)} == {error.at(1).text}`",)
            return error.diagnostic("SCL023", f"`==` compares, not `{found.text}`", helps=helps, fixes=fixes)
        return None
    if found.text in _MOVES:
        sign = _MOVES[found.text]
        left = re.split(r"\W", _left(error))[0]
        cells = f"`{left}(width=64) {sign} {left}(width=32)`"
        helps = (f"compare two cells, such as {cells}, or claim an exponent: `alpha > 0.2`",)
        span = error.span_from(found.start, error.chunk.end)
        return error.diagnostic("SCL023", "a claim compares numbers", span=span, helps=helps)
    whole = text[error.lexemes[0].end : error.chunk.end].strip()
    if then := re.match(r"(?:if|when|for)\s+(.+?)\s*(?:\bthen\b|,|:)\s*(.+)$", whole, re.DOTALL):
        condition = re.sub(r"^all\s+", "", then[1])
        meant = f"expect {then[2]} where {condition}" if re.search(r"[<>=]| in ", condition) else f"expect {then[2]}"
        fixes = error.fix((error.lexemes[0].start, error.chunk.end, meant))
        span = error.span_from(error.lexemes[1].start, error.chunk.end)
        return error.diagnostic(
            "SCL024",
            "a condition follows the claim, after `where`",
            span=span,
            helps=(f"write `{meant}`",),
            fixes=fixes,
        )
    if every := re.match(r"∀\s*\w+\s*[:,.]?\s*", text[found.start : error.chunk.end]):
        fixes = error.fix((found.start, found.start + every.end(), ""))
        message = "a claim is about every cell and panel that it does not leave out"
        span = error.span_from(found.start, found.start + every.end())
        return error.diagnostic("SCL002", message, span=span, helps=("leave this out",), fixes=fixes)
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


def _between(error: SyntaxErrorContext, last: Lexeme | None = None) -> Diagnostic:
    """`between .3 and .5`, with `is` before it perhaps; `last` is its last word."""
    found, last = error.found, last or error.found
    rest = error.source.text[last.end : error.chunk.end]
    ends = re.match(r"\s*\[?\s*([\w.%/*^+-]+?)\s*(?:and|,|\.\.|to)\s*([\w.%/*^+-]+)\s*\]?", rest)
    if ends is None:
        return error.diagnostic("SCL023", "an interval follows `in`", helps=("write `in [0.3..0.5]`",))
    meant = f"in {interval(ends[1], ends[2])}"
    fixes = error.fix((found.start, last.end + ends.end(), meant))
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
    number = re.match(r"\s*(?!(?:finite|infinite|inf|nan|true|false|none)\b)([\w.%]+(?:\([^()]*\))?)", rest)
    left = _left(error)
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
    significance = following.text.lower() in ("p", "pvalue", "p_value") and found.text.lower() in ("with", "at")
    if significance and error.keyword == "expect" and error.at(2).text in ("<", "<="):
        span = error.span_from(found.start, error.chunk.end)
        fixes = error.fix((error.previous.end, error.chunk.end, ""), sure=False)
        message = "a claim needs no level of significance: its verdict takes the 95% interval of what it compares"
        return error.diagnostic("SCL024", message, span=span, helps=("leave this out",), fixes=fixes)
    words = error.found
    if following.text in ("that", "to"):
        words, following = following, error.at(2)
    rest = error.source.text[words.end : error.chunk.end].split("\n", 1)[0].strip()
    if error.keyword in ("fit", "optimum"):
        rest = error.source.text[words.end : error.lexemes[error.item[1]].end].strip()
    if error.keyword == "fit" and not re.search(r"[<>=]|\b(?:in|within|between)\b", rest):
        return None  # no condition
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
    if not error.at(1).text:
        fixes = error.fix((error.previous.end, found.end, ""))
        message = "a claim ends without a comma"
        return error.diagnostic("SCL008", message, helps=("leave the comma out",), fixes=fixes)
    message = "a statement has one claim: two are joined by `and`, or are two statements"
    rest = error.shown(error.index + 1, len(error.lexemes) - 1) if error.at(1).text else "..."
    helps = (f"write `and {rest}`, or `expect {rest}` on a line of its own",)
    fixes = error.fix((error.previous.end, found.end, " and"))
    return error.diagnostic("SCL008", message, helps=helps, fixes=fixes)


def words_in_claim(error: SyntaxErrorContext) -> Diagnostic | None:
    """`expect chinchilla converges`, `expect loss(width=16) crosses loss(width=64)`: no comparison of numbers."""
    if error.keyword != "expect" or error.open or error.found.kind not in ("name", "mark") or error.index < 2:
        return None
    if error.found.kind == "mark" and error.found.text != ":":
        return None
    message = f"a claim compares numbers by signs, and `{error.found.text}` is none"
    helps = (
        "a fitted number and a range: `expect alpha(chinchilla) in [0.3..0.5]`",
        "two losses: `expect loss(width=64) < loss(width=16)`",
        "two laws: `expect rmse_log(chinchilla) < rmse_log(tied)`",
    )
    return error.diagnostic("SCL001", message, helps=helps)
