"""Slips in how things are spelt: texts, numbers, single characters, operators and words."""

from __future__ import annotations

import re
from difflib import SequenceMatcher

from ...diagnostics.suggest import similar
from ...errors import Diagnostic
from ...source import Span
from ..scanner import WORDS, Lexeme
from ..wellformed import reserved
from .error_context import COMPONENTS, SyntaxErrorContext

#: Characters that look like one of ours, or are one elsewhere.
_MEANT = {
    **dict.fromkeys("−–—", "-"),
    **dict.fromkeys("×·", "*"),
    "÷": "/",
    "…": "..",
    "≤": "<=",
    "≥": ">=",
    "≠": "!=",
    **dict.fromkeys("“”„‘’", '"'),
    **dict(zip("，；：＝（）", ",;:=()", strict=True)),
    "\u00a0": " ",
    **dict.fromkeys("µμ", "mu"),
    "α": "alpha",
    "β": "beta",
    "γ": "gamma",
    "κ": "kappa",
    "ρ": "rho",
    "|": "or",
    "!": "not",
}
#: What may stand after a number, and so never stands alone.
_UNITS = frozenset(("%", "s", "min", "h", "d", *"kMBGTPE", "FLOP", "FLOPs", "steps", "tokens")) | frozenset(
    f"{magnitude}{unit}" for magnitude in "kMBGTPE" for unit in ("FLOP", "FLOPs")
)
#: Units as they are written out, and how we write them.
_WRITTEN_OUT = {
    **dict.fromkeys(("second", "seconds", "sec", "secs"), "s"),
    **dict.fromkeys(("minute", "minutes", "mins"), "min"),
    **dict.fromkeys(("hour", "hours", "hr", "hrs"), "h"),
    **dict.fromkeys(("day", "days"), "d"),
}
_DIGITS = re.compile(r"\d+(\.\d+)?|\.\d+")
_PATH = re.compile(r"[A-Za-z0-9_./\\-]+")


def string_not_closed(error: SyntaxErrorContext) -> Diagnostic | None:
    """`title "Walks`."""
    found, previous = error.found, error.previous
    if not found.unclosed or (previous.kind == "string" and previous.end == found.start):
        return None
    return error.diagnostic(
        "SCL006",
        'a text is not closed: `"` is missing on this line',
        span=Span(found.start, found.start + len(found.text.rstrip()), error.source.name),
        helps=('a text ends with `"` on the line it begins on',),
        read=False,
    )


def other_quotes(error: SyntaxErrorContext) -> Diagnostic | None:
    """`text('corpus.txt')`."""
    found = error.found
    if found.kind != "quoted":
        return None
    meant = f'"{found.text[1:-1]}"'
    fixes = error.replaced(meant) if '"' not in found.text else ()
    return error.diagnostic("SCL007", "texts stand in double quotes", helps=(f"write `{meant}`",), fixes=fixes)


def point_at_end(error: SyntaxErrorContext) -> Diagnostic | None:
    """`lr = 5.`"""
    found, previous, following = error.found, error.previous, error.at(1)
    if found.text != "." or previous.end != found.start or previous.kind != "number" or not previous.text.isdigit():
        return None
    if following.start == found.end and following.kind not in ("close", "mark", ""):
        return None
    shown = f"{previous.text}."
    return error.diagnostic(
        "SCL013",
        f"`{shown}` is not a number: digits follow the point",
        span=error.span_of(previous, found),
        helps=(f"write `{previous.text}` or `{shown}0`",),
        fixes=error.fix((found.end, found.end, "0")),
    )


def number_in_pieces(error: SyntaxErrorContext) -> Diagnostic | None:
    """`1_000`, `30 min`, `3 hours`, `2 %`."""
    found, previous = error.found, error.previous
    number = error.at(-2)
    if previous.text.startswith("_") and number.kind == "number" and number.end == previous.start:
        return _underscored(error, number, previous)
    if previous.kind != "number":
        return None
    if found.text.startswith("_") and previous.end == found.start:
        return _underscored(error, previous, found)
    unit = _WRITTEN_OUT.get(found.text, found.text)
    if unit not in _UNITS or not _DIGITS.fullmatch(previous.text):
        return None
    whole = previous.text + unit
    return error.diagnostic(
        "SCL013",
        f"`{unit}` stands right after its number",
        helps=(f"write `{whole}`, without a space",),
        fixes=error.fix((previous.start, found.end, whole)),
    )


def _underscored(error: SyntaxErrorContext, number: Lexeme, rest: Lexeme) -> Diagnostic:
    whole = number.text + rest.text
    digits = whole.replace("_", "")
    helps = (f"write `{digits}`, or with a magnitude such as `1M` or `1e6`",)
    fixes = error.fix((number.start, rest.end, digits)) if digits.isdigit() else ()
    return error.diagnostic("SCL013", "numbers hold no `_`", span=error.span_of(number, rest), helps=helps, fixes=fixes)


def not_in_quotes(error: SyntaxErrorContext) -> Diagnostic | None:
    """`title Walks on graphs`, `use er.scl`, `text(corpus.txt)`."""
    found = error.found
    if not found.text:
        return None
    if error.index == 1 and error.keyword in ("title", "use"):
        rest = error.source.text[found.start : error.chunk.end]
        if '"' in rest or "\n" in rest or found.kind in ("quoted", "string"):
            return None
        what = "a title" if error.keyword == "title" else "a file name"
        span = Span(found.start, error.chunk.end, error.source.name)
        fixes = error.fix((found.start, error.chunk.end, f'"{rest}"'))
        help_ = f'write `{error.keyword} "{rest}"`'
        return error.diagnostic("SCL022", f"{what} stands in double quotes", span=span, helps=(help_,), fixes=fixes)
    first = error.index
    while (
        first > 0
        and error.lexemes[first - 1].end == error.lexemes[first].start
        and _PATH.fullmatch(error.lexemes[first - 1].text)
    ):
        first -= 1
    path = _PATH.match(error.source.text, error.lexemes[first].start, error.chunk.end)
    if path is None or path.end() <= found.start or not re.search(r"[A-Za-z_][./\\]+[A-Za-z0-9_]|[./]/", path[0]):
        return None
    if not any(c in path[0] for c in ".\\"):
        return None
    return error.diagnostic(
        "SCL022",
        f"a file name stands in double quotes: `{path[0]}` is read as a name and more",
        span=Span(path.start(), path.end(), error.source.name),
        helps=(f'write `"{path[0]}"`',),
        fixes=error.fix((path.start(), path.end(), f'"{path[0]}"')),
    )


def foreign_operator(error: SyntaxErrorContext) -> Diagnostic | None:
    """`N**2`, `a && b`, `a || b`, `!a`, `// remark`."""
    found, previous, following = error.found, error.previous, error.at(1)
    doubled = previous.text == found.text and previous.end == found.start
    twice = following.text == found.text and following.start == found.end
    first = previous if doubled else found
    last = following if twice and not doubled else found
    span = error.span_of(first, last)

    def instead(message: str, meant: str, sure: bool = True) -> Diagnostic:
        fixes = error.fix((first.start, last.end, meant), sure=sure)
        return error.diagnostic("SCL023", message, span=span, helps=(f"write `{meant.strip()}`",), fixes=fixes)

    if found.text == "*" and doubled:
        return instead("a power is written `^`, not `**`", "^")
    if found.text == "&" and (doubled or twice or "and" in error.accepts):
        return instead(
            "conditions are joined by `and`, not `&&`" if doubled or twice else "conditions are joined by `and`", "and"
        )
    if found.text == "|" and "or" in error.accepts:
        return instead("conditions are joined by `or`", "or")
    if found.text == "!" and "not" in error.accepts:
        return instead("a condition is turned round by `not`, not `!`", "not ")
    if found.text == "/" and doubled:
        return instead("comments begin with `#`, not `//`", "#", sure=False)
    return None


def unknown_character(error: SyntaxErrorContext) -> Diagnostic | None:
    """`@`, `–`, a no-break space."""
    found = error.found
    if found.kind != "bad":
        return None
    meant = _MEANT.get(found.text)
    name = f"`{found.text}`" if found.text.isprintable() and not found.text.isspace() else f"U+{ord(found.text):04X}"
    if found.text == "\u00a0":
        name = "a no-break space (U+00A0)"
    if found.text == "'":
        return error.diagnostic(
            "SCL007", "texts stand in double quotes, closed on the same line", helps=(error.examples,)
        )
    if found.text in ("~", "≈") and "within" in error.accepts:
        helps = ("say how near it is: `within 5% of ...`",)
        return error.diagnostic("SCL002", f"{name} means nothing here", helps=helps)
    if meant is None:
        return error.diagnostic("SCL002", f"{name} means nothing here", helps=(error.examples,))
    fixes = error.replaced(meant, sure=not meant.isalpha())
    shown = "an ordinary space" if meant == " " else f"`{meant}`"
    return error.diagnostic("SCL002", f"{name} means nothing here", helps=(f"write {shown}",), fixes=fixes)


def misspelt_word(error: SyntaxErrorContext) -> Diagnostic | None:
    """`beta WITHIN 2% of 1`, `width alng [..]`."""
    found, following = error.found, error.at(1)
    if found.kind != "name" or (following.text == "(" and following.start == found.end):
        return None
    words = sorted(error.accepts & set(WORDS)) + (["times", "count"] if "step" in error.accepts else [])
    return _word(error, found, words)


def misspelt_in(error: SyntaxErrorContext) -> Diagnostic | None:
    """`tokens alng [..]`, `tnue lr in {..}`: the misspelt word was taken for a name, so the place is just after it."""
    previous = error.previous
    if previous.kind != "name" or (error.keyword not in COMPONENTS and error.within != "call"):
        return None
    if error.at(-2).kind == "name" and error.found.text in ("[", "{"):
        return _word(error, previous, ["along", "in"])
    if error.found.kind == "name":
        return _word(error, previous, ["panel", "tune", "where"])
    return None


def word_as_name(error: SyntaxErrorContext) -> Diagnostic | None:
    """`E in within 2% of 3`: after `in` the grammar took `within` for a name, for as a word a value would follow it."""
    previous = error.previous
    if previous.text not in WORDS or previous.text in ("tune", "panel") or "number" in error.accepts:
        return None
    return reserved(previous.text, error.span_of(previous))


def _word(error: SyntaxErrorContext, typed: Lexeme, words: list[str]) -> Diagnostic | None:
    """`typed` where one of `words` was meant, if it resembles one."""
    meant = typed.text.lower() if typed.text.lower() in words else None
    near = meant or similar(typed.text, [w for w in words if len(w) > 2])
    if near is None or near == typed.text or SequenceMatcher(None, near, typed.text.lower()).ratio() < 0.75:
        return None
    helps = (f"{'words of the language are in small letters' if meant else 'a similar one exists'}: `{near}`",)
    message = f"`{typed.text}` is no word of the language"
    fixes = error.fix((typed.start, typed.end, near))
    return error.diagnostic("SCL024", message, span=error.span_of(typed), helps=helps, fixes=fixes)
