"""Slips in how things are spelt: texts, numbers, single characters, operators and words."""

from __future__ import annotations

import re
from difflib import SequenceMatcher

from ...diagnostics.suggest import similar
from ...errors import Diagnostic
from ...source import Span
from ..scanner import WORDS, Lexeme
from ..wellformed import reserved
from .error_context import COMPONENTS, Stuck

#: Characters that look like one of ours, or are one elsewhere.
_MEANT = {
    "−": "-",
    "–": "-",
    "—": "-",
    "×": "*",
    "·": "*",
    "÷": "/",
    "…": "..",
    "≤": "<=",
    "≥": ">=",
    "≠": "!=",
    "“": '"',
    "”": '"',
    "„": '"',
    "‘": '"',
    "’": '"',
    "，": ",",
    "；": ";",
    "：": ":",
    "＝": "=",
    "（": "(",
    "）": ")",
    "\u00a0": " ",
    "µ": "mu",
    "μ": "mu",
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


def string_not_closed(stuck: Stuck) -> Diagnostic | None:
    """`title "Walks`."""
    found = stuck.found
    if found is None or not found.unclosed:
        return None
    previous = stuck.previous
    if previous is not None and previous.kind == "string" and previous.end == found.start:
        return None
    return stuck.diagnostic(
        "SCL006",
        'a text is not closed: `"` is missing on this line',
        span=Span(found.start, found.start + len(found.text.rstrip()), stuck.source.name),
        helps=('a text ends with `"` on the line it begins on',),
        read=False,
    )


def other_quotes(stuck: Stuck) -> Diagnostic | None:
    """`text('corpus.txt')`."""
    found = stuck.found
    if found is None or found.kind != "quoted":
        return None
    meant = f'"{found.text[1:-1]}"'
    fixes = stuck.fix((found.start, found.end, meant)) if '"' not in found.text else ()
    return stuck.diagnostic("SCL007", "texts stand in double quotes", helps=(f"write `{meant}`",), fixes=fixes)


def point_at_end(stuck: Stuck) -> Diagnostic | None:
    """`lr = 5.`"""
    found, previous, following = stuck.found, stuck.previous, stuck.at(1)
    if found is None or found.text != "." or previous is None or previous.end != found.start:
        return None
    if previous.kind != "number" or "." in previous.text or not previous.text.isdigit():
        return None
    if following is not None and following.start == found.end and following.kind not in ("close", "mark"):
        return None
    shown = f"{previous.text}."
    return stuck.diagnostic(
        "SCL013",
        f"`{shown}` is not a number: digits follow the point",
        span=stuck.span_of(previous, found),
        helps=(f"write `{previous.text}` or `{shown}0`",),
        fixes=stuck.fix((found.end, found.end, "0")),
    )


def number_in_pieces(stuck: Stuck) -> Diagnostic | None:
    """`1_000`, `30 min`, `3 hours`, `2 %`."""
    found, previous = stuck.found, stuck.previous
    if previous is not None and previous.kind == "name" and previous.text.startswith("_"):
        number = stuck.at(-2)
        if number is not None and number.kind == "number" and number.end == previous.start:
            return _underscored(stuck, number, previous)
    if found is None or previous is None or previous.kind != "number":
        return None
    if found.text.startswith("_") and previous.end == found.start:
        return _underscored(stuck, previous, found)
    unit = _WRITTEN_OUT.get(found.text, found.text)
    if unit not in _UNITS or not _DIGITS.fullmatch(previous.text):
        return None
    whole = previous.text + unit
    return stuck.diagnostic(
        "SCL013",
        f"`{unit}` stands right after its number",
        helps=(f"write `{whole}`, without a space",),
        fixes=stuck.fix((previous.start, found.end, whole)),
    )


def _underscored(stuck: Stuck, number: Lexeme, rest: Lexeme) -> Diagnostic:
    whole = number.text + rest.text
    digits = whole.replace("_", "")
    helps = (f"write `{digits}`, or with a magnitude such as `1M` or `1e6`",)
    fixes = stuck.fix((number.start, rest.end, digits)) if digits.isdigit() else ()
    return stuck.diagnostic("SCL013", "numbers hold no `_`", span=stuck.span_of(number, rest), helps=helps, fixes=fixes)


def not_in_quotes(stuck: Stuck) -> Diagnostic | None:
    """`title Walks on graphs`, `use er.scl`, `text(corpus.txt)`."""
    found = stuck.found
    if found is None:
        return None
    if stuck.index == 1 and stuck.keyword in ("title", "use"):
        rest = stuck.source.text[found.start : stuck.chunk.end]
        if '"' in rest or "\n" in rest or found.kind in ("quoted", "string"):
            return None
        what = "a title" if stuck.keyword == "title" else "a file name"
        span = Span(found.start, stuck.chunk.end, stuck.source.name)
        fixes = stuck.fix((found.start, stuck.chunk.end, f'"{rest}"'))
        help_ = f'write `{stuck.keyword} "{rest}"`'
        return stuck.diagnostic("SCL022", f"{what} stands in double quotes", span=span, helps=(help_,), fixes=fixes)
    first = stuck.index
    while (
        first > 0
        and stuck.lexemes[first - 1].end == stuck.lexemes[first].start
        and _PATH.fullmatch(stuck.lexemes[first - 1].text)
    ):
        first -= 1
    path = _PATH.match(stuck.source.text, stuck.lexemes[first].start, stuck.chunk.end)
    if path is None or path.end() <= found.start or not re.search(r"[A-Za-z_][./\\]+[A-Za-z0-9_]|[./]/", path[0]):
        return None
    if not any(c in path[0] for c in ".\\"):
        return None
    return stuck.diagnostic(
        "SCL022",
        f"a file name stands in double quotes: `{path[0]}` is read as a name and more",
        span=Span(path.start(), path.end(), stuck.source.name),
        helps=(f'write `"{path[0]}"`',),
        fixes=stuck.fix((path.start(), path.end(), f'"{path[0]}"')),
    )


def foreign_operator(stuck: Stuck) -> Diagnostic | None:
    """`N**2`, `a && b`, `a || b`, `!a`, `// remark`."""
    found, previous, following = stuck.found, stuck.previous, stuck.at(1)
    if found is None:
        return None
    doubled = previous is not None and previous.text == found.text and previous.end == found.start
    twice = following is not None and following.text == found.text and following.start == found.end
    first = previous if doubled else found
    last = following if twice and not doubled else found
    assert first is not None
    assert last is not None
    span = stuck.span_of(first, last)

    def instead(message: str, meant: str, sure: bool = True) -> Diagnostic:
        fixes = stuck.fix((first.start, last.end, meant), sure=sure)
        return stuck.diagnostic("SCL023", message, span=span, helps=(f"write `{meant.strip()}`",), fixes=fixes)

    if found.text == "*" and doubled:
        return instead("a power is written `^`, not `**`", "^")
    if found.text == "&" and (doubled or twice or "and" in stuck.accepts):
        return instead(
            "conditions are joined by `and`, not `&&`" if doubled or twice else "conditions are joined by `and`", "and"
        )
    if found.text == "|" and "or" in stuck.accepts:
        return instead("conditions are joined by `or`", "or")
    if found.text == "!" and "not" in stuck.accepts:
        return instead("a condition is turned round by `not`, not `!`", "not ")
    if found.text == "/" and doubled:
        return instead("comments begin with `#`, not `//`", "#", sure=False)
    return None


def unknown_character(stuck: Stuck) -> Diagnostic | None:
    """`@`, `–`, a no-break space."""
    found = stuck.found
    if found is None or found.kind != "bad":
        return None
    meant = _MEANT.get(found.text)
    name = f"`{found.text}`" if found.text.isprintable() and not found.text.isspace() else f"U+{ord(found.text):04X}"
    if found.text == "\u00a0":
        name = "a no-break space (U+00A0)"
    if found.text == "'":
        return stuck.diagnostic(
            "SCL007", "texts stand in double quotes, closed on the same line", helps=(stuck.examples,)
        )
    if found.text in ("~", "≈") and "within" in stuck.accepts:
        helps = ("say how near it is: `within 5% of ...`",)
        return stuck.diagnostic("SCL002", f"{name} means nothing here", helps=helps)
    if meant is None:
        return stuck.diagnostic("SCL002", f"{name} means nothing here", helps=(stuck.examples,))
    fixes = stuck.fix((found.start, found.end, meant), sure=not meant.isalpha())
    shown = "an ordinary space" if meant == " " else f"`{meant}`"
    return stuck.diagnostic("SCL002", f"{name} means nothing here", helps=(f"write {shown}",), fixes=fixes)


def misspelt_word(stuck: Stuck) -> Diagnostic | None:
    """`beta WITHIN 2% of 1`, `width alng [..]`."""
    found = stuck.found
    if found is None or found.kind != "name":
        return None
    words = sorted(stuck.accepts & set(WORDS)) + (["times", "count"] if "step" in stuck.accepts else [])
    following = stuck.at(1)
    if following is not None and following.text == "(" and following.start == found.end:
        return None
    return _word(stuck, found, words)


def misspelt_in(stuck: Stuck) -> Diagnostic | None:
    """`tokens alng [..]`, `tnue lr in {..}`: the misspelt word was taken for a name, so the place is just after it."""
    previous, name = stuck.previous, stuck.at(-2)
    if previous is None or previous.kind != "name" or (stuck.keyword not in COMPONENTS and stuck.within != "call"):
        return None
    if name is not None and name.kind == "name" and stuck.text in ("[", "{"):
        return _word(stuck, previous, ["along", "in"])
    if stuck.found is not None and stuck.found.kind == "name":
        return _word(stuck, previous, ["panel", "tune", "where"])
    return None


def word_as_name(stuck: Stuck) -> Diagnostic | None:
    """`E in within 2% of 3`: after `in` the grammar took `within` for a name, for as a word a value would follow it."""
    previous = stuck.previous
    if (
        previous is None
        or previous.text not in WORDS
        or previous.text in ("tune", "panel")
        or "number" in stuck.accepts
    ):
        return None
    return reserved(previous.text, stuck.span_of(previous))


def _word(stuck: Stuck, typed: Lexeme, words: list[str]) -> Diagnostic | None:
    """`typed` where one of `words` was meant, if it resembles one."""
    meant = typed.text.lower() if typed.text.lower() in words else None
    near = meant or similar(typed.text, [w for w in words if len(w) > 2])
    if near is None or near == typed.text or SequenceMatcher(None, near, typed.text.lower()).ratio() < 0.75:
        return None
    helps = (f"{'words of the language are in small letters' if meant else 'a similar one exists'}: `{near}`",)
    message = f"`{typed.text}` is no word of the language"
    fixes = stuck.fix((typed.start, typed.end, near))
    return stuck.diagnostic("SCL024", message, span=stuck.span_of(typed), helps=helps, fixes=fixes)
