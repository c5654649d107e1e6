"""The slips people make, recognised one by one: each function looks at where the parser got stuck and says what was meant.

`SLIPS` is their order: what explains the others first. A slip returns None where it is not the one.
"""

from __future__ import annotations

import re
from collections.abc import Callable

from .errors import Diagnostic, Label
from .names import listing, similar
from .scanner import CLOSER, STATEMENTS, WORDS, Lexeme
from .source import Span
from .stuck import ARITHMETIC, EXAMPLES, SIGNS, Stuck

Slip = Callable[[Stuck], Diagnostic | None]

#: Words of other languages for our statements.
_SYNONYMS = {
    "model": "models",
    "dataset": "data",
    "source": "data",
    "training": "train",
    "optimizer": "train",
    "optimiser": "train",
    "assert": "expect",
    "claim": "expect",
    "require": "expect",
    "import": "use",
    "include": "use",
    "def": "let",
    "var": "let",
    "const": "let",
    "law": "fit",
    "name": "title",
    "limit": "budget",
}
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
_PATH = re.compile(r"[A-Za-z0-9_./\\-]+")


def _unknown_statement(stuck: Stuck) -> Diagnostic | None:
    """`modles width in [..]`; `width in [..]` in column 1."""
    found = stuck.found
    if stuck.start != "statement" or stuck.index > 0 or found is None:
        return None
    following = stuck.at(1)
    if found.kind == "close":
        return None
    continues = found.text in ("tune", "panel", "where", "in", "along", "and", "or", ",") or (
        found.kind == "name"
        and following is not None
        and following.text in ("in", "along", "=", "&")
        and similar(found.text, STATEMENTS) is None
    )
    if continues:
        return stuck.diagnostic(
            "SCL020",
            f"no statement begins with `{found.text}`",
            helps=("to go on with the statement above, indent the line",),
            fixes=stuck.fix((found.start, found.start, "  "), sure=False),
            read=False,
        )
    helps: tuple[str, ...] = (f"statements begin with {listing(STATEMENTS, 'or')}",)
    fixes = ()
    meant = found.text.lower() if found.text.lower() in STATEMENTS else None
    meant = meant or _SYNONYMS.get(found.text.lower()) or similar(found.text, STATEMENTS)
    if found.kind == "name" and meant:
        helps = (f"a statement with a similar name exists: `{meant}`",)
        fixes = stuck.fix((found.start, found.end, meant), sure=False)
    what = f"`{found.text}`" if found.kind == "name" else f"{listing([found.text])}"
    return stuck.diagnostic("SCL003", f"no statement begins with {what}", helps=helps, fixes=fixes, read=False)


def _closes_nothing(stuck: Stuck) -> Diagnostic | None:
    """`er(n=512))`, `[1..2)`."""
    found, opener = stuck.found, stuck.opener
    if found is None or found.kind != "close":
        return None
    if opener is None:
        fixes = stuck.fix((found.start, found.end, ""))
        helps = ("remove it, or open a bracket before it",)
        return stuck.diagnostic("SCL005", f"`{found.text}` closes nothing", helps=helps, fixes=fixes, read=False)
    closer = CLOSER[opener.text]
    if found.text == closer or closer not in stuck.accepts:
        return None
    label = Label(stuck.span_of(opener), f"this `{opener.text}` is open")
    outer = [stuck.lexemes[i].text for i in stuck.open[:-1]]
    if any(CLOSER[o] == found.text for o in outer):
        return _unclosed(stuck, opener)
    message = f"`{found.text}` does not close `{opener.text}`"
    fixes = stuck.fix((found.start, found.end, closer))
    return stuck.diagnostic("SCL005", message, labels=(label,), helps=(f"write `{closer}`",), fixes=fixes)


def _not_closed(stuck: Stuck) -> Diagnostic | None:
    """`walk(er(n=512, p=.02)` and then another line, another statement, or nothing."""
    opener = stuck.opener
    if opener is None or not stuck.never_closed or CLOSER[opener.text] not in stuck.accepts:
        return None
    found, previous = stuck.found, stuck.previous
    goes_on = found is not None and (found.kind in ("name", "open") or found.text in STATEMENTS)
    if found is not None and not goes_on:
        return None
    if found is not None and previous is not None and previous.kind in ("mark", "open"):
        return None
    return _unclosed(stuck, opener)


def _unclosed(stuck: Stuck, opener: Lexeme) -> Diagnostic:
    closer = CLOSER[opener.text]
    previous = stuck.previous
    at = previous.end if previous is not None else stuck.span.start
    return stuck.diagnostic(
        "SCL004",
        f"`{opener.text}` is never closed: `{closer}` is missing",
        span=Span(at, at, stuck.source.name),
        labels=(Label(stuck.span_of(opener), f"this `{opener.text}` is still open"),),
        helps=(f"close {stuck.reading} with `{closer}`",),
        fixes=stuck.fix((at, at, closer), sure=stuck.found is None),
    )


def _string_not_closed(stuck: Stuck) -> Diagnostic | None:
    """`title "Walks`."""
    found = stuck.found
    if found is None or not found.unclosed:
        return None
    previous = stuck.previous
    if previous is not None and previous.kind == "string" and previous.end == found.start:
        return None
    rest = found.text.rstrip()
    label = Label(Span(found.start, found.start + len(rest), stuck.source.name), "this is read as text")
    return stuck.diagnostic(
        "SCL006",
        "a text is not closed: `\"` is missing on this line",
        span=Span(found.start, found.start + 1, stuck.source.name),
        labels=(label,) if len(rest) > 1 else (),
        helps=("a text ends with `\"` on the line it begins on",),
        read=False,
    )


def _other_quotes(stuck: Stuck) -> Diagnostic | None:
    """`text('corpus.txt')`."""
    found = stuck.found
    if found is None or found.kind != "quoted":
        return None
    meant = f'"{found.text[1:-1]}"'
    fixes = stuck.fix((found.start, found.end, meant)) if '"' not in found.text else ()
    return stuck.diagnostic("SCL007", "texts stand in double quotes", helps=(f"write `{meant}`",), fixes=fixes)


def _point_at_end(stuck: Stuck) -> Diagnostic | None:
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


def _not_in_quotes(stuck: Stuck) -> Diagnostic | None:
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
    while first > 0 and stuck.lexemes[first - 1].end == stuck.lexemes[first].start and _PATH.fullmatch(
        stuck.lexemes[first - 1].text
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


def _foreign_operator(stuck: Stuck) -> Diagnostic | None:
    """`N**2`, `a && b`, `a || b`, `!a`, `// remark`."""
    found, previous, following = stuck.found, stuck.previous, stuck.at(1)
    if found is None:
        return None
    doubled = previous is not None and previous.text == found.text and previous.end == found.start
    twice = following is not None and following.text == found.text and following.start == found.end
    first = previous if doubled else found
    last = following if twice and not doubled else found
    assert first is not None and last is not None
    span = stuck.span_of(first, last)

    def instead(message: str, meant: str, sure: bool = True) -> Diagnostic:
        fixes = stuck.fix((first.start, last.end, meant), sure=sure)
        return stuck.diagnostic("SCL023", message, span=span, helps=(f"write `{meant.strip()}`",), fixes=fixes)

    if found.text == "*" and doubled:
        return instead("a power is written `^`, not `**`", "^")
    if found.text == "&" and (doubled or twice or "and" in stuck.accepts):
        return instead("conditions are joined by `and`, not `&&`" if doubled or twice else "conditions are joined by `and`", "and")
    if found.text == "|" and "or" in stuck.accepts:
        return instead("conditions are joined by `or`", "or")
    if found.text == "!" and "not" in stuck.accepts:
        return instead("a condition is turned round by `not`, not `!`", "not ")
    if found.text == "/" and doubled:
        return instead("comments begin with `#`, not `//`", "#", sure=False)
    return None


def _unknown_character(stuck: Stuck) -> Diagnostic | None:
    """`@`, `–`, a no-break space."""
    found = stuck.found
    if found is None or found.kind != "bad":
        return None
    meant = _MEANT.get(found.text)
    name = f"`{found.text}`" if found.text.isprintable() and not found.text.isspace() else f"U+{ord(found.text):04X}"
    if found.text == "\u00a0":
        name = "a no-break space (U+00A0)"
    if found.text == "'":
        return stuck.diagnostic("SCL007", "texts stand in double quotes, closed on the same line", helps=(stuck.examples,))
    if found.text == "%":
        previous = stuck.previous
        if previous is not None and previous.kind == "number":
            fixes = stuck.fix((previous.end, found.end, "%"))
            help_ = f"write `{previous.text}%`, without a space"
            return stuck.diagnostic("SCL002", "`%` stands right after its number", helps=(help_,), fixes=fixes)
    if meant is None:
        return stuck.diagnostic("SCL002", f"{name} means nothing here", helps=(stuck.examples,))
    fixes = stuck.fix((found.start, found.end, meant), sure=not meant.isalpha())
    shown = "an ordinary space" if meant == " " else f"`{meant}`"
    return stuck.diagnostic("SCL002", f"{name} means nothing here", helps=(f"write {shown}",), fixes=fixes)


def _where_misplaced(stuck: Stuck) -> Diagnostic | None:
    """Two `where`s; `power(N where D > 3)`."""
    if stuck.text != "where" or "where" in stuck.accepts:
        return None
    found = stuck.found
    assert found is not None
    if stuck.open:
        helps = (f"move it after the closing bracket: {_where_example(stuck)}",)
        return stuck.diagnostic("SCL012", "`where` stands after a whole item, not inside brackets", helps=helps)
    earlier = stuck.earlier_where
    if earlier is None or "number" in stuck.accepts or "name" in stuck.accepts:
        return None
    return stuck.diagnostic(
        "SCL012",
        "a second `where`: an item takes one",
        labels=(Label(stuck.span_of(earlier), "the first `where`"),),
        helps=("join the two conditions by `and`",),
        fixes=stuck.fix((found.start, found.end, "and"), sure=False),
    )


def _where_example(stuck: Stuck) -> str:
    return "`fit power(N) where D > 1M`" if stuck.keyword == "fit" else "`train tokens in [1M..64M]  where tokens > N`"


def _runs_on(stuck: Stuck) -> Diagnostic | None:
    """`data walk(g) models width in [..]`: the next statement without a `;` or a new line."""
    for lexeme, index in ((stuck.found, stuck.index), (stuck.previous, stuck.index - 1)):
        if lexeme is None or lexeme.text not in STATEMENTS or index < 1 or stuck.open or stuck.start != "statement":
            continue
        if lexeme is stuck.previous and stuck.lexemes[index - 1].kind == "mark":
            continue
        if lexeme is stuck.found and "name" in stuck.accepts and lexeme.text in ("data", "models", "train"):
            continue
        before = stuck.lexemes[index - 1].end
        newline = "\n" in stuck.source.text[before : lexeme.start]
        start = stuck.source.text.rfind("\n", 0, lexeme.start) + 1 if newline else before
        return stuck.diagnostic(
            "SCL019",
            f"`{lexeme.text}` begins a statement, but the one before it has not ended",
            span=stuck.span_of(lexeme),
            helps=("begin the line in its first column" if newline else "put `;` or a new line before it",),
            fixes=stuck.fix((start, lexeme.start, "" if newline else "; "), sure=False),
        )
    return None


def _comparison_in_call(stuck: Stuck) -> Diagnostic | None:
    """`rank(loss > 5)`, `{a > 1}`."""
    found, opener = stuck.found, stuck.opener
    if found is None or opener is None or opener.text == "(" and stuck.callee is None:
        return None
    if found.text not in (*SIGNS, "and", "or", "not", "within", "in") or found.text in stuck.accepts:
        return None
    if found.text == "in" and stuck.within != "call":
        return None
    where = {"call": "inside a call", "range": "in a range", "set": "in a set"}[stuck.within]
    word = "a comparison" if found.text in SIGNS or found.text in ("within", "in") else f"`{found.text}`"
    helps = (f"put the condition in parentheses of its own: `{stuck.callee or 'f'}((loss > 5))`",)
    if stuck.within != "call":
        helps = ("a condition stands after `where` or `expect`, or in parentheses",)
    return stuck.diagnostic("SCL016", f"{word} {where} needs parentheses", helps=helps)


def _comparison_goes_on(stuck: Stuck) -> Diagnostic | None:
    """`0 < x in [1..2]`; `x > {1, 2}`."""
    found, previous = stuck.found, stuck.previous
    if found is None or previous is None:
        return None
    if found.text in ("in", "within") and ("and" in stuck.accepts or SIGNS <= stuck.accepts):
        message = f"`{found.text}` cannot follow another comparison"
        helps = (f"join two conditions by `and`: `0 < x and x {found.text} ...`",)
        return stuck.diagnostic("SCL016", message, helps=helps)
    if found.text in SIGNS and "and" in stuck.accepts:
        message = f"`{found.text}` cannot follow `in` or `within`"
        return stuck.diagnostic("SCL016", message, helps=("join two conditions by `and`",))
    if found.text in CLOSER and found.text != "(" and previous.text in SIGNS:
        message = "a comparison takes single values, not a range or a set"
        helps = ("for membership write `in`: `x in [1..2]`, `x in {1, 2}`",)
        return stuck.diagnostic("SCL016", message, helps=helps)
    return None


def _wrong_sign(stuck: Stuck) -> Diagnostic | None:
    """`n: 512`, `lr == 3`, `where param = muP`, `{a = 1}`, `let x in {1, 2}`."""
    found, previous = stuck.found, stuck.previous
    if found is None or previous is None:
        return None

    def instead(message: str, meant: str, name: str) -> Diagnostic:
        start = previous.end if meant == ":" else found.start
        fixes = stuck.fix((start, found.end, meant))
        return stuck.diagnostic("SCL015", message, helps=(f"write `{name}`",), fixes=fixes)

    name = previous.text
    if previous.kind == "name" and "=" in stuck.accepts:
        following = stuck.at(1)
        after = following.text if following else "..."
        spaced = "=" if stuck.within == "call" else " = "
        if found.text == ":":
            return instead("a value is given with `=`, not `:`", "=", f"{name}{spaced}{after}")
        if found.text == "==":
            return instead("`==` compares; a value is given with `=`", "=", f"{name}{spaced}{after}")
        if found.text == "in" and stuck.keyword == "let":
            return instead("`let` names a value with `=`; axes come from `in` elsewhere", "=", f"let {name} = {after}")
    if found.text == "=" and previous.kind == "name" and ":" in stuck.accepts:
        return instead("a label in a set takes `:`, not `=`", ":", f"{name}: ...")
    if found.text == "=" and "==" in stuck.accepts:
        return instead("`=` gives a value; `==` compares", "==", f"{name} == ...")
    if found.text == "=" and "in" in stuck.accepts:
        role = next((x.text for x in reversed(stuck.lexemes[: stuck.index]) if x.text in ("tune", "panel")), "tune")
        message = f"`{role}` is said of an axis, so it takes `in` and several values"
        return stuck.diagnostic("SCL009", message, helps=(f"write `{role} {name} in {{...}}`",))
    return None


def _sweep_arithmetic(stuck: Stuck) -> Diagnostic | None:
    """`{20, 50}*N`, `2*[1..8]`."""
    found, previous = stuck.found, stuck.previous
    if found is None or previous is None:
        return None
    if found.text in ARITHMETIC and previous.text in ("}", "]"):
        first = stuck.opening(stuck.index - 1)
        last = stuck.index - 1
    elif found.text in ("{", "[") and previous.text in ARITHMETIC:
        first = stuck.index
        last = stuck.closing(stuck.index) or stuck.index
    else:
        return None
    if first is None:
        return None
    sweep = stuck.shown(first, last)
    sign = found.text if found.text in ARITHMETIC else previous.text
    return stuck.diagnostic(
        "SCL010",
        f"a sweep stays whole: `{sign}` cannot reach into `{sweep}`",
        labels=(Label(stuck.span_of(stuck.lexemes[first], stuck.lexemes[last]), "this is a sweep, an axis of its own"),),
        helps=(f"give the axis a name and calculate with that: `ratio in {sweep}  tokens = ratio*N`",),
    )


def _in_missing(stuck: Stuck) -> Diagnostic | None:
    """`width [1..2]`."""
    found, previous = stuck.found, stuck.previous
    if found is None or previous is None or found.text not in ("[", "{") or previous.kind != "name":
        return None
    if "in" not in stuck.accepts and not ("," in stuck.accepts and stuck.within == "call"):
        return None
    last = stuck.closing(stuck.index)
    sweep = stuck.shown(stuck.index, last) if last is not None else f"{found.text}..."
    return stuck.diagnostic(
        "SCL009",
        f"`in` is missing between `{previous.text}` and its values",
        helps=(f"an axis is written `{previous.text} in {sweep}`",),
        fixes=stuck.fix((found.start, found.start, "in "), sure=False),
    )


def _range_ends(stuck: Stuck) -> Diagnostic | None:
    """`[.5..]`, `[..2]`, `[1 to 2]`, `[1:2]`, `[1, 2, 3]`, `[32]`, `[1..8 by 2]`."""
    found, previous, opener = stuck.found, stuck.previous, stuck.opener
    if found is None or previous is None or opener is None or opener.text != "[":
        return None
    both = ("a range has two ends: `[32..512]`, `[.5..1.1]`",)
    inside = stuck.lexemes[stuck.open[-1] + 1 : stuck.index]
    dots = any(x.text == ".." for x in inside)
    if found.text == "]" and previous.text == "..":
        return stuck.diagnostic("SCL011", "a range ends without its last value", helps=both)
    if found.text == ".." and previous is opener:
        return stuck.diagnostic("SCL011", "a range begins without its first value", helps=both)
    if found.text == "]" and previous is opener:
        return stuck.diagnostic("SCL011", "a range is empty", helps=both)
    if dots:
        return _range_tail(stuck, found, previous)
    if ".." not in stuck.accepts:
        return None
    if found.text in ("to", "until", "through", "till", "upto", ":"):
        start = previous.end
        following = stuck.at(1)
        end = following.start if following is not None else found.end
        message = f"`..` stands between the ends of a range, not `{found.text}`"
        last = following.text if following is not None else "..."
        helps = (f"write `{stuck.shown(stuck.open[-1] + 1, stuck.index - 1)}..{last}`",)
        return stuck.diagnostic("SCL011", message, helps=helps, fixes=stuck.fix((start, end, "..")))
    if found.text == ",":
        return _list_in_square_brackets(stuck, opener)
    if found.text == "]":
        value = stuck.shown(stuck.open[-1] + 1, stuck.index - 1)
        pair = re.fullmatch(r"(\d+)[.-](\d+)", value)
        meant = f"`[{pair[1]}..{pair[2]}]`" if pair else f"`[{value}..512]`"
        helps = (f"a range has two ends: {meant}", f"a single value needs no brackets, or braces: `{{{value}}}`")
        return stuck.diagnostic("SCL011", "a range has only one value", helps=helps)
    return None


def _list_in_square_brackets(stuck: Stuck, opener: Lexeme) -> Diagnostic | None:
    last = stuck.closing(stuck.open[-1])
    if last is None:
        helps, fixes = ("values are listed in braces: `{32, 64, 128}`",), ()
    else:
        closer = stuck.lexemes[last]
        values = stuck.source.text[opener.end : closer.start]
        fixes = stuck.fix((opener.start, opener.end, "{"), (closer.start, closer.end, "}"))
        shown = f"{{{' '.join(values.split())}}}"
        helps = (f"values are listed in braces: `{shown if len(shown) < 60 else '{32, 64, 128}'}`",)
    label = Label(stuck.span_of(opener), "square brackets hold a range, `[a..b]`")
    message = "a list of values does not stand in square brackets"
    return stuck.diagnostic("SCL011", message, labels=(label,), helps=helps, fixes=fixes)


def _range_tail(stuck: Stuck, found: Lexeme, previous: Lexeme) -> Diagnostic | None:
    """What may follow the ends of a range: `step`, `times` or `count`."""
    if "step" not in stuck.accepts:
        return None
    if found.text == ",":
        following = stuck.at(1)
        drop = following is not None and following.text in ("step", "times", "count")
        fixes = stuck.fix((found.start, found.end, "")) if drop else ()
        helps = ("write `[1..8 step 2]`, `[1..9 times 3]` or `[1..9 count 5]`",)
        return stuck.diagnostic("SCL011", "no comma stands in a range", helps=helps, fixes=fixes)
    if found.kind == "name":
        words = {"by": "step", "steps": "step", "points": "count", "num": "count", "n": "count", "x": "times"}
        meant = words.get(found.text) or similar(found.text, ("step", "times", "count"))
        helps = ("`step` adds, `times` multiplies, `count` gives so many points evenly in the logarithm",)
        fixes = stuck.fix((found.start, found.end, meant), sure=False) if meant else ()
        message = f"a range goes on with `step`, `times` or `count`, not `{found.text}`"
        return stuck.diagnostic("SCL011", message, helps=helps, fixes=fixes)
    return None


def _range_without_brackets(stuck: Stuck) -> Diagnostic | None:
    """`width in 32..512`, `{32..512}`, `(32..512)`."""
    found, previous = stuck.found, stuck.previous
    if found is None or previous is None or found.text != ".." or (stuck.opener and stuck.opener.text == "["):
        return None
    helps = ("write `[32..512]`",)
    following = stuck.at(1)
    if following is None:
        return stuck.diagnostic("SCL011", "a range stands in square brackets", helps=helps)
    helps = (f"write `[{previous.text}..{following.text}]`",)
    opener, after = stuck.opener, stuck.at(2)
    whole = opener is not None and after is not None and after.kind == "close" and stuck.at(-2) is opener
    if whole and opener is not None and after is not None:
        edits = ((opener.start, opener.end, "["), (after.start, after.end, "]"))
    else:
        edits = ((previous.start, previous.start, "["), (following.end, following.end, "]"))
    return stuck.diagnostic("SCL011", "a range stands in square brackets", helps=helps, fixes=stuck.fix(*edits))


def _comma_between_bindings(stuck: Stuck) -> Diagnostic | None:
    """`models width in [..], layers in {..}`; `data a, b`."""
    found = stuck.found
    if found is None or found.text != "," or stuck.open or stuck.keyword not in ("data", "models", "train"):
        return None
    following, after = stuck.at(1), stuck.at(2)
    binds = following is not None and (
        following.text in ("tune", "panel", "where") or (after is not None and after.text in ("in", "along", "=", "&"))
    )
    if binds:
        message = "axes and definitions are not separated by commas outside parentheses"
        fixes = stuck.fix((found.start, found.end, " "))
        return stuck.diagnostic("SCL021", message, helps=("leave the comma out",), fixes=fixes)
    example = EXAMPLES["data"][1] if stuck.keyword == "data" else f"{stuck.keyword} {{first: ..., second: ...}}"
    helps = (f"several alternatives are a set: `{example}`",)
    return stuck.diagnostic("SCL021", f"`{stuck.keyword}` takes one value, or a set of them", helps=helps)


def _misspelt_word(stuck: Stuck) -> Diagnostic | None:
    """`beta WITHIN 2% of 1`, `width alng [..]`."""
    found = stuck.found
    if found is None or found.kind != "name":
        return None
    words = sorted(stuck.accepts & set(WORDS)) + (["times", "count"] if "step" in stuck.accepts else [])
    meant = found.text.lower() if found.text.lower() in words else similar(found.text, [w for w in words if len(w) > 2])
    if meant is None or found.text == meant:
        return None
    message = f"`{found.text}` is no word of the language here"
    why = "words of the language are in small letters" if found.text.lower() == meant else "a similar one exists"
    fixes = stuck.fix((found.start, found.end, meant))
    return stuck.diagnostic("SCL024", message, helps=(f"{why}: `{meant}`",), fixes=fixes)


def _comma_missing(stuck: Stuck) -> Diagnostic | None:
    """`er(n=512 p=.02)`, `fit chinchilla power(N)`."""
    found, previous = stuck.found, stuck.previous
    if found is None or previous is None or "," not in stuck.accepts:
        return None
    if found.kind not in ("name", "number", "string", "open") or found.unclosed:
        return None
    if previous.kind == "number" and previous.end == found.start:
        if found.text.startswith("_"):
            return stuck.diagnostic(
                "SCL001",
                "numbers hold no `_`",
                span=stuck.span_of(previous, found),
                helps=("write `1000000`, `1M` or `1e6`",),
            )
        return None
    return stuck.diagnostic(
        "SCL008",
        f"a comma is missing before `{found.text}`",
        helps=(f"write `{previous.text}, {found.text}`",),
        fixes=stuck.fix((previous.end, previous.end, ",")),
    )


def _comma_at_end(stuck: Stuck) -> Diagnostic | None:
    """`fit chinchilla,` and `f(, x)`."""
    found, previous = stuck.found, stuck.previous
    if previous is None or previous.text != ",":
        return None
    if found is None and not stuck.open:
        fixes = stuck.fix((previous.start, previous.end, ""))
        return stuck.diagnostic("SCL001", "nothing follows the comma", span=stuck.span_of(previous), fixes=fixes)
    if found is not None and found.text == ",":
        return stuck.diagnostic("SCL001", "nothing stands between two commas", fixes=stuck.fix((found.start, found.end, "")))
    return None


SLIPS: tuple[Slip, ...] = (
    _unknown_statement,
    _string_not_closed,
    _other_quotes,
    _point_at_end,
    _not_in_quotes,
    _foreign_operator,
    _unknown_character,
    _runs_on,
    _closes_nothing,
    _wrong_sign,
    _in_missing,
    _range_ends,
    _range_without_brackets,
    _sweep_arithmetic,
    _where_misplaced,
    _not_closed,
    _comparison_in_call,
    _comparison_goes_on,
    _comma_between_bindings,
    _misspelt_word,
    _comma_missing,
    _comma_at_end,
)
