"""Slips with brackets and what stands in them: never closed, commas, labels of sets, lists in square ones."""

from __future__ import annotations

import itertools
import re

from ...diagnostics.concepts import missing
from ...diagnostics.suggest import listing, similar, sure
from ...errors import Diagnostic, Label, SpecError
from ...source import Span
from .. import parse_tables
from ..numbers import is_number, number, text_of
from ..scanner import CLOSER, WORDS, Lexeme, lexemes, scan
from ..statement_examples import EXAMPLES, USUAL_VALUES
from .error_context import ARITHMETIC, COMPONENTS, SIGNS, SyntaxErrorContext, interval

#: Values of a range that are counted for the one before its end.
MOST_VALUES = 1000


def semicolon_in_brackets(error: SyntaxErrorContext) -> Diagnostic | None:
    """`{100k; 200k}`, `er(n=512; p=.02)`."""
    found = error.found
    if found.text not in (";", "|") or not error.open or error.within not in ("set", "call"):
        return None
    closer = error.closing(error.open[-1])
    if closer is None:
        return None
    semicolons = [x for x in error.lexemes[error.index : closer] if x.text == found.text]
    fixes = error.fix(*((x.start, x.end, ",") for x in semicolons))
    typed = error.shown(error.open[-1], closer)
    # Where values are parted by semicolons, a comma between digits is that of a decimal.
    typed = re.sub(r"(?<=\d),(?=\d)", ".", typed) if found.text == ";" else typed
    shown = typed.replace(f" {found.text}", ",").replace(found.text, ",")
    helps = (f"write `{shown}`",)
    return error.diagnostic("SCL008", f"a comma stands between values, not `{found.text}`", helps=helps, fixes=fixes)


def closes_nothing(error: SyntaxErrorContext) -> Diagnostic | None:
    """`er(n=512))`, `{1, 2)`."""
    found, opener = error.found, error.opener
    if found.kind != "close":
        return None
    if opener is None:
        message, helps = f"`{found.text}` closes nothing", ("remove it, or open a bracket before it",)
        fixes = error.fix((found.start, found.end, ""), sure=not _closes_elsewhere(error))
        return error.diagnostic("SCL005", message, helps=helps, fixes=fixes, read=False)
    closer = CLOSER[opener.text]
    if found.text == closer or closer not in error.accepts:
        return None
    if any(CLOSER[error.lexemes[i].text] == found.text for i in error.open[:-1]):
        return _unclosed(error, opener)
    label = Label(error.span_of(opener), f"this `{opener.text}` is open")
    message, helps = f"`{found.text}` does not close `{opener.text}`", (f"write `{closer}`",)
    return error.diagnostic("SCL005", message, labels=(label,), helps=helps, fixes=error.replaced(closer))


def _closes_elsewhere(error: SyntaxErrorContext) -> bool:
    """True where another bracket before may be the one that is too many: `(log(N)) - m)^2`. Of two in a row, either."""
    if error.previous.kind == "close":
        return False
    chunk, text = error.chunk, error.source.text
    others = [x for x in error.lexemes[: error.index] if x.text == error.found.text]
    return any(
        parse_tables.unread(text[chunk.start : x.start] + text[x.end : chunk.end], error.start) < 0 for x in others
    )


def half_open(error: SyntaxErrorContext) -> Diagnostic | None:
    """`[16..256)`, `(16..256]`, `]16..256[`, `[16..256[`: intervals without an end, or slips of a bracket."""
    found = error.found
    outwards = error.opener is None and found.text == "]"
    if error.keyword not in COMPONENTS or not (outwards or (error.open and found.text in (")", "[", ".."))):
        return None
    first = error.index if outwards else error.open[-1]
    last = first + 4 + 2 * (error.word(first + 4) in ("step", "times", "count"))
    start, dots, stop, closer = (error.word(i) for i in (first + 1, first + 2, first + 3, last))
    called = closer == ")" and any(error.word(i) == "(" for i in error.open[:-1])
    if dots != ".." or called or f"{error.word(first)}{closer}" not in ("[)", "(]", "][", "[[", "]]"):
        return None
    without = error.word(first) != "[", closer != "]"
    inside, spacing = error.shown(first + 1, last - 1), error.shown(first + 4, last - 1) if last > first + 4 else ""
    if error.word(first - 2) == "seed" and not spacing:
        inside, spacing = f"{inside} step 1", "step 1"
    ends = " and ".join(end for end, gone in zip((start, stop), without, strict=True) if gone)
    helps: tuple[str, ...] = (f"write `[{inside}]`, which takes {ends} in",)
    shorter, reached = _without_ends(start, stop, spacing, without)
    if shorter:
        helps = (*helps, f"or write `[{shorter}]`, without {'them' if all(without) else 'it'}")
        helps = helps if reached else (f"write `[{shorter}]`",)
    span = error.span_of(error.lexemes[first], error.lexemes[last])
    fixes = error.fix((span.start, span.end, f"[{inside}]"), sure=False)
    message = "a range takes both of its ends in, between `[` and `]`"
    return error.diagnostic("SCL005", message, span=span, helps=helps, fixes=fixes)


def _without_ends(start: str, stop: str, spacing: str, without: tuple[bool, bool]) -> tuple[str, bool]:
    """What stands in the brackets of a range without its first or last value, empty where that is not plain; and
    whether that value is the end.
    """
    word, _, by = (spacing or "times 2").partition(" ")
    try:
        low, high, step = number(start), number(stop), number(by)
    except SpecError:
        return "", False
    adds, value = word == "step", low.value
    goes = step.value > 0 if adds else value > 0 and step.value > 1
    if low.unit or high.unit or step.unit or word == "count" or not goes:
        return "", False
    values: list[float] = []
    while value <= high.value and len(values) <= MOST_VALUES:
        values.append(value)
        value = value + step.value if adds else value * step.value
    reached = bool(values) and values[-1] == high.value
    kept = values[without[0] : len(values) - (without[1] and reached)]
    if len(values) > MOST_VALUES or len(kept) < 2:
        return "", False
    return f"{text_of(kept[0])}..{text_of(kept[-1])}{f' {spacing}' if spacing else ''}", reached


def label_with_digit(error: SyntaxErrorContext) -> Diagnostic | None:
    """`models {1L: transformer(layers=1), 2L: ...}`: such a label is a number with a unit."""
    if error.found.text != ":" or error.within != "set" or error.previous.kind != "number":
        return None
    if error.previous.text.isdigit() and error.at(2).text != "(":
        return None
    inside = error.lexemes[error.open[-1] : error.closing(error.open[-1])]
    places = [a for a, b in itertools.pairwise(inside) if a.kind == "number" and b.text == ":"]
    names: dict[str, str] = {}
    for label in places:
        letters = re.fullmatch(r"(\d+)([A-Za-z]*)", label.text)
        if letters is None:
            return None
        names[label.text] = f"{letters[2] or 'v'}{letters[1]}"
    # `8M` may be an amount elsewhere; `2L` is none.
    amounts = {label for label in names if is_number(label)}
    more = (x for x in lexemes(error.source.text) if x.kind == "number" and x.text in names.keys() - amounts)
    edits = [(x.start, x.end, names[x.text]) for x in sorted({*places, *more}, key=lambda x: x.start)]
    helps = (f"write {listing(names.values())}{'' if amounts else ', wherever they stand'}",)
    message = f"a label begins with a letter, and `{error.previous.text}` with a digit"
    span = error.span_of(error.previous)
    return error.diagnostic("SCL017", message, span=span, helps=helps, fixes=error.fix(*edits, sure=False), read=False)


def set_left_open(error: SyntaxErrorContext) -> Diagnostic | None:
    """`train { a: adamw(...), b: muon(...),` and then `batch = 8` on a line of its own: the set ended before."""
    opener, comma, name = error.opener, error.at(-2), error.previous
    if error.keyword not in COMPONENTS or len(error.open) != 1 or error.open[-1] != 1 or not error.never_closed:
        return None
    if opener is None or opener.text != "{" or error.found.text not in ("=", "in", "along") or name.kind != "name":
        return None
    at = comma.end if comma.text == "," else error.at(-2).end
    if "\n" not in error.source.text[at : name.start]:
        return None
    return error.diagnostic(
        "SCL004",
        "`{` is never closed: `}` is missing",
        span=Span(at, at, error.source.name),
        labels=(Label(error.span_of(opener), "this `{` is still open"),),
        helps=(f"close the set with `}}` before `{name.text}`",),
        fixes=error.fix((at, at, "\n}"), sure=False),
    )


def not_closed(error: SyntaxErrorContext) -> Diagnostic | None:
    """`walk(er(n=512, p=.02)` and then another line, another statement, or nothing."""
    opener = error.opener
    if opener is None or not error.never_closed or CLOSER[opener.text] not in error.accepts:
        return None
    if error.found.kind not in ("name", "open", "") or (error.found.text and error.previous.kind in ("mark", "open")):
        return None
    return _unclosed(error, opener)


def _unclosed(error: SyntaxErrorContext, opener: Lexeme) -> Diagnostic:
    closer, at = CLOSER[opener.text], error.previous.end
    return error.diagnostic(
        "SCL004",
        f"`{opener.text}` is never closed: `{closer}` is missing",
        span=Span(at, at, error.source.name),
        labels=(Label(error.span_of(opener), f"this `{opener.text}` is still open"),),
        helps=(f"close {error.reading} with `{closer}`",),
        fixes=error.fix((at, at, closer), sure=not error.found.text and not _worked_out(error)),
    )


def _worked_out(error: SyntaxErrorContext) -> bool:
    """True where something is worked out or compared inside of what is open, which may be meant behind it:
    `mean(loss + .1`. In the arguments of a word a formula belongs to one of them.
    """
    depth, signs = 0, False
    for lexeme in error.lexemes[error.open[-1] + 1 : error.index] if error.open else ():
        depth += {"open": 1, "close": -1}.get(lexeme.kind, 0)
        signs |= depth == 0 and lexeme.text in ARITHMETIC | SIGNS
    return signs and error.within in ("call", "group") and error.callee not in error.words


def comma_between_bindings(error: SyntaxErrorContext) -> Diagnostic | None:
    """`models width in [..], layers in {..}`; `train lr = 1e-3, 3e-3`; `data a, b`."""
    if error.found.text not in (",", ";") or error.open or error.keyword not in COMPONENTS:
        return None
    following = error.at(1).text
    if error.within == "where" and error.at(1).kind in ("name", "number") and error.at(2).text in (*SIGNS, "in"):
        rest = error.shown(error.earlier(), error.index - 1)
        fixes = error.fix((error.previous.end, error.found.end, " and"))
        helps = (f"write `{rest} and {error.shown(error.index + 1, len(error.lexemes) - 1)}`",)
        return error.diagnostic("SCL012", "two conditions are joined by `and`", helps=helps, fixes=fixes)
    if following in ("tune", "panel", "where") or error.at(2).text in ("in", "along", "=", "&"):
        message = "axes and definitions are not separated by commas outside parentheses"
        return error.diagnostic("SCL021", message, helps=("leave the comma out",), fixes=error.replaced(" "))
    name, sign = error.at(-3), error.at(-2)
    if following and (name.kind, sign.text) == ("name", "="):
        helps = (f"several values make an axis: `{name.text} in {{{error.shown(error.index - 1, error.index + 1)}}}`",)
        return error.diagnostic("SCL021", f"`{name.text} = ...` gives one value", helps=helps)
    example = EXAMPLES["data"][1] if error.keyword == "data" else f"{error.keyword} {{first: ..., second: ...}}"
    helps = (f"several alternatives are a set: `{example}`",)
    after = error.closing(error.index + 2) if error.at(2).text == "(" else error.index + 1
    if after is not None and error.at(1).text not in error.words and (why := missing(error.at(1).text)):
        gone = error.shown(error.index + 1, after)
        fixes = error.fix((error.found.start, error.lexemes[after].end, ""), sure=False)
        message = f"`{error.at(1).text}` is nothing that a study says"
        span = error.span_of(error.at(1))
        return error.diagnostic("SCL021", message, span=span, helps=(f"leave `{gone}` out: {why}",), fixes=fixes)
    if error.at(1).kind == "name" and after is not None and all(x.text != "in" for x in error.lexemes[: error.index]):
        heads = f"{{{error.shown(1, error.index - 1)}, {error.shown(error.index + 1, after)}}}"
        fixes = error.fix((error.lexemes[1].start, error.lexemes[after].end, heads), sure=False)
        helps = (f"several alternatives are a set: `{error.keyword} {heads}`",)
        message = f"`{error.keyword}` takes one value, or a set of them"
        return error.diagnostic("SCL021", message, helps=helps, fixes=fixes)
    return error.diagnostic("SCL021", f"`{error.keyword}` takes one value, or a set of them", helps=helps)


def _behind_law(error: SyntaxErrorContext) -> Diagnostic:
    """`fit chinchilla holdout 20%`, `fit chinchilla weights 1/loss`: words behind a law that mean nothing there."""
    found = error.found
    law = error.shown(max(error.item[0], 1), error.index - 1)
    helps: tuple[str, ...] = (f"leave `{error.shown(error.index, error.item[1])}` out: `fit {law}`",)
    if (why := missing(law, of_fits=True)) and max(error.item[0], 1) > 1:
        helps = (f"leave `{error.shown(error.item[0], len(error.lexemes) - 1)}` out: {why}",)
        message = f"`{law}` is no law"
        return error.diagnostic("SCL001", message, span=error.span_of(error.previous), helps=helps, read=False)
    if found.text in ("instead", "replacing", "rather") and re.search(r"(?m)^use\b", error.source.text):
        helps = (f"write `fit none`, which leaves the laws of the other study out, and `fit {law}`",)
        start = error.lexemes[0].start
        fixes = error.fix((start, error.lexemes[-1].end, f"fit none\nfit {law}"), sure=False)
        message = "the laws of a study that is used are added to: they are left out by a statement"
        return error.diagnostic("SCL001", message, helps=helps, fixes=fixes, read=False)
    rest = error.source.text[found.start : error.chunk.end]
    if re.match(r"(?:on|along|at|over|of)\b[\w \t-]*?(?:frontier|envelope|pareto|hull)\b", rest):
        message = "the lowest losses at each compute are found by an optimum, and fitted by it"
        helps = ("write `optimum envelope` in its place: its exponent in C is `gamma(envelope)`",)
        fixes = error.fix((error.lexemes[0].start, error.chunk.end, "optimum envelope"), sure=False)
        return error.diagnostic("SCL001", message, helps=helps, fixes=fixes, read=False)
    if why := missing(found.text, of_fits=True):
        helps = (f"{helps[0]}; {why}",)
    if found.text.lower() in ("holdout", "held", "test", "validation", "train", "split", "validate", "crossval", "cv"):
        error_of = f"`fit {law}`, and claim `validation({law}) < 5%`"
        helps = (f"cells are held out at random by the claim alone: write {error_of}",)
    message = f"behind a law stands `where` with a condition, and not `{found.text}`"
    part = _part_of(found.text)
    if part and error.at(1).text == "in" and _bound(found.text, error):
        kept = error.shown(max(error.item[0], 1), error.item[1])
        helps = (f"write `{kept.replace(law, f'{law} where', 1)}`",)
        fixes = error.fix((error.previous.end, found.start, " where "), sure=False)
        return error.diagnostic("SCL001", message, helps=helps, fixes=fixes, read=False)
    if part and error.at(1).text in ("in", "along", "="):
        axes = re.sub(r",\s*(?=\w+ (?:in|along|=)\s)", "  ", error.shown(error.index, len(error.lexemes) - 1))
        kept = error.shown(1, error.index - 1)
        helps = (f"write `{axes}` behind what stands in `{part}`", f"and `fit {kept}` here")
        at = next((c for c in scan(error.source).chunks if error.source.text.startswith(part, c.start)), None)
        end = at.end if at is not None else error.lexemes[0].start
        put = f"  {axes}" if at is not None else f"{part} {axes}\n"
        fixes = error.fix((end, end, put), (error.previous.end, error.lexemes[-1].end, ""), sure=False)
        message = f"`{found.text}` is an axis of `{part}`, and no law has axes"
        return error.diagnostic("SCL001", message, helps=helps, fixes=fixes, read=False)
    label = error.at(1).text
    labelled = re.search(rf"(?m)^(data|models|train)\s*{{(?:[^{{}}]*[,\s])?{re.escape(label)}\s*:", error.source.text)
    if (
        found.text in ("for", "on", "of", "in", "at")
        and error.at(1).kind == "name"
        and not error.at(2).text
        and labelled
    ):
        kept = f"where {labelled[1]} == {label}"
        helps = (
            f"write `{'fit ' if error.item[0] < 2 else ''}{law} {kept}`",
            f"or `fit {law}`, which has a fit of its own for each, and ask a claim for that of `{label}`",
        )
        fixes = error.fix((found.start, error.at(1).end, kept), sure=False)
        return error.diagnostic("SCL001", message, helps=helps, fixes=fixes, read=False)
    file = next((x.text for x in error.lexemes[error.index :] if x.kind in ("string", "quoted")), "")
    if "." in file:
        table = f'data table("{file[1:-1]}")'
        helps = (f"what is fitted is said by `data`: write `{table}`", f"and `fit {law}`")
        start = error.lexemes[0].start
        fixes = error.fix((start, error.lexemes[-1].end, f"{table}\nfit {law}"), sure=False)
        return error.diagnostic("SCL001", message, helps=helps, fixes=fixes, read=False)
    return error.diagnostic("SCL001", message, helps=helps, read=False)


#: Axes of models; the others that are usual are of training.
_OF_MODELS = ("width", "layers", "heads", "depth")


def _part_of(name: str) -> str:
    """The statement that has a usual axis of this name; empty for any other name."""
    return "models" if name in _OF_MODELS else "train" if name in USUAL_VALUES else ""


def _bound(name: str, error: SyntaxErrorContext) -> bool:
    """True where a study gives a name its values in another statement, so that these are a condition."""
    text = error.source.text
    rest = text[: error.chunk.start] + text[error.chunk.end :]
    return re.search(rf"\b{name}\s*(?:=|in\b|along\b)", rest) is not None


def comma_in_condition(error: SyntaxErrorContext) -> Diagnostic | None:
    """`fit chinchilla where width > 16, tokens > 100k`."""
    found, previous = error.found, error.previous
    comma = error.at(-2)
    where = any(x.text == "where" for x in error.lexemes[: error.index])
    if found.text not in SIGNS or previous.kind != "name" or comma.text != "," or not where or error.open:
        return None
    fixes = error.fix((comma.start, previous.start, " and "))
    meant = f"and {error.shown(error.index - 1, len(error.lexemes) - 1)}"
    message = "conditions are joined by `and`, not by a comma"
    span = error.span_of(comma)
    return error.diagnostic("SCL012", message, span=span, helps=(f"write `{meant}`",), fixes=fixes)


def comma_missing(error: SyntaxErrorContext) -> Diagnostic | None:
    """`er(n=512 p=.02)`, `fit chinchilla power(N)`."""
    found, previous = error.found, error.previous
    if "," not in error.accepts or found.kind not in ("name", "number", "string", "open") or found.unclosed:
        return None
    if found.text == "and" and not error.at(1).text:
        return None
    if error.within == "call" and previous.text in error.words and previous.kind == "name" and error.at(1).text == "=":
        last = error.item[1]
        while last + 2 < len(error.lexemes) and error.lexemes[last + 1].text == ",":
            last = next(
                (i - 1 for i in range(last + 2, len(error.lexemes)) if error.lexemes[i].text in (",", ")")), last
            )
        meant = f"{previous.text}({error.shown(error.index, last)})"
        fixes = error.fix((previous.end, error.lexemes[last].end, f"({error.shown(error.index, last)})"), sure=False)
        message = f"the arguments of `{previous.text}` stand in parentheses"
        return error.diagnostic("SCL005", message, helps=(f"write `{meant}`",), fixes=fixes)
    laws = [word for word, statement in error.words.items() if statement == "fit"]
    stray = (
        bool(laws)
        and error.keyword == "fit"
        and not error.open
        and found.kind == "name"
        and found.text not in (*laws, "and")
    )
    near = similar(found.text, laws) if stray else None
    if stray and (near is None or not sure(found.text, near, laws)):
        return _behind_law(error)
    if error.keyword == "budget" and previous.kind == "number" and found.kind == "name":
        return None  # `3 gpu-hours` is one limit, in a unit that we do not have
    first, last = error.item
    if found.text == "and":
        fixes = error.fix((previous.end, found.end, ","))
        after = error.shown(error.index + 1, max(last, error.index + 1))
        instead = f"write `{error.shown(first, error.index - 1)}, {after}`"
        return error.diagnostic("SCL008", "items are separated by commas, not `and`", helps=(instead,), fixes=fixes)
    helps: tuple[str, ...] = (f"write `{error.shown(first, error.index - 1)}, {error.shown(error.index, last)}`",)
    labelled = error.within == "set" and any(x.text == ":" for x in error.lexemes[error.open[-1] : error.index])
    if labelled and previous.kind == found.kind == "name" and error.at(1).text == "(":
        message = f"a label has a colon behind it, and none stands behind `{previous.text}`"
        helps = (f"write `{previous.text}: {error.shown(error.index, last)}`",)
        fixes = error.fix((previous.end, found.start, ": "), sure=False)
        return error.diagnostic("SCL008", message, helps=helps, fixes=fixes)
    row = _in_a_row(error)
    if len(row) > 2:
        listed = ", ".join(x.text for x in row)
        opener, closer = ("{", "}") if error.within == "set" else ("(", ")")
        fixes = error.fix(*((a.end, b.start, ", ") for a, b in itertools.pairwise(row)))
        span = error.span_of(row[0], row[-1])
        message = "commas are missing between the values"
        return error.diagnostic("SCL008", message, span=span, helps=(f"write `{opener}{listed}{closer}`",), fixes=fixes)
    of_another = error.keyword == "optimum" and not error.open and previous.kind == found.kind == "name"
    fixes = error.fix((previous.end, previous.end, ","))
    if of_another:
        meant = f"{previous.text}({found.text})"
        helps = (f"write `{meant}`, if `{found.text}` is what `{previous.text}` is of", f"or {helps[0]}")
        fixes = error.fix((previous.end, found.end, f"({found.text})"), sure=False)
    return error.diagnostic("SCL008", f"a comma is missing before `{found.text}`", helps=helps, fixes=fixes)


def _in_a_row(error: SyntaxErrorContext) -> list[Lexeme]:
    """The values without commas that are all there is in the brackets around the place."""
    if error.within not in ("set", "call") or not error.open:
        return []
    last = error.closing(error.open[-1])
    inside = list(error.lexemes[error.open[-1] + 1 : last]) if last is not None else []
    if len({x.kind for x in inside}) > 1:
        return []
    return inside if all(x.kind in ("number", "name") and x.text not in WORDS for x in inside) else []


def comma_at_end(error: SyntaxErrorContext) -> Diagnostic | None:
    """`fit chinchilla,` and `f(, x)`."""
    found, previous = error.found, error.previous
    if previous.text != ",":
        return None
    if not found.text and not error.open:
        span, fixes = error.span_of(previous), error.fix((previous.start, previous.end, ""))
        helps = (f"leave it out, or go on: {error.examples}",)
        return error.diagnostic("SCL001", "nothing follows the comma", span=span, helps=helps, fixes=fixes)
    if found.text == ")" and error.open:
        fixes = error.fix((previous.start, previous.end, ""))
        helps = (f"leave it out: `{error.shown(error.index - 2, error.index - 2)}`",)
        return error.diagnostic(
            "SCL001", "nothing follows the comma", span=error.span_of(previous), helps=helps, fixes=fixes
        )
    if found.text == ",":
        # In brackets a value may have been lost.
        fixes = error.fix((found.start, found.end, ""), sure=not error.open)
        return error.diagnostic("SCL001", "nothing stands between two commas", fixes=fixes)
    return None


def list_in_square_brackets(error: SyntaxErrorContext, opener: Lexeme) -> Diagnostic | None:
    """`[16, 32, 64]` is a list; `[0.3, 0.5]` after `expect x in` an interval; of two numbers either may be meant."""
    last = error.closing(error.open[-1])
    label = Label(error.span_of(opener), "square brackets hold a range, `[a..b]`")
    if last is None:
        helps: tuple[str, ...] = ("values are listed in braces: `{32, 64, 128}`",)
        return error.diagnostic(
            "SCL011", "a list of values does not stand in square brackets", labels=(label,), helps=helps
        )
    inside, closer = error.lexemes[error.open[-1] + 1 : last], error.lexemes[last]
    if error.keyword in ("report", "fit", "optimum", "budget") and error.open[-1] == 1:
        fixes = error.fix((opener.start, opener.end, ""), (closer.start, closer.end, ""))
        helps = (f"write `{error.keyword} {error.shown(2, last - 1)}`",)
        message = f"what follows `{error.keyword}` stands in no brackets"
        return error.diagnostic("SCL011", message, span=error.span_of(opener), helps=helps, fixes=fixes)
    values = _values(error, error.open[-1] + 1, last)
    listed = f"{{{', '.join(values)}}}"
    claimed = error.keyword == "expect" and error.lexemes[error.open[-1] - 1].text == "in"
    pair = interval(values[0], values[1]) if len(values) == 2 and all(values) else ""
    if claimed and pair:
        message = "an interval has `..` between its ends, not a comma"
        fixes = error.fix((opener.start, closer.end, pair))
        return error.diagnostic("SCL011", message, labels=(label,), helps=(f"write `{pair}`",), fixes=fixes)
    named = error.lexemes[error.open[-1] - 2 : error.open[-1]]
    if [x.text for x in named] == ["share", "="]:  # in braces each would have a fit of its own
        together = f"({', '.join(x.text for x in inside if x.kind == 'name')})"
        fixes = error.fix((opener.start, closer.end, together))
        message = "parameters that panels share stand together in parentheses"
        return error.diagnostic("SCL011", message, labels=(label,), helps=(f"write `share={together}`",), fixes=fixes)
    commas = all(x.text in (",", ";", "|") or x.kind not in ("mark", "end", "bad") for x in inside)
    plain = all(x.text != ";" and x.text != "|" for x in inside) and "," in (x.text for x in inside)
    edits = [(opener.start, opener.end, "{"), (closer.start, closer.end, "}")]
    if not plain:
        edits = [(opener.start, closer.end, listed)]
    rises = (
        bool(pair) and all(x.kind == "number" for x in inside if x.text not in (",", ";", "|")) and increasing(*values)
    )
    helps = (f"values are listed in braces: `{listed}`",)
    if rises:
        helps = (*helps, f"a range from one to the other is `{pair}`")
    plain = all(x.kind not in ("string", "quoted") for x in inside)  # of texts, a list may be one value of several
    sure = commas and plain and not rises and len(values) > 1 and ".." not in listed
    fixes = error.fix(*edits, sure=sure)
    message = "a list of values does not stand in square brackets"
    return error.diagnostic("SCL011", message, labels=(label,), helps=helps, fixes=fixes)


def _values(error: SyntaxErrorContext, first: int, last: int) -> list[str]:
    """The texts between commas, semicolons, bars or spaces of the lexemes from the first to before the last."""
    depth, values, begin = 0, [], first
    for i in range(first, last):
        lexeme = error.lexemes[i]
        depth += {"open": 1, "close": -1}.get(lexeme.kind, 0)
        apart = lexeme.kind == "number" and i > begin and error.lexemes[i - 1].kind == "number"
        if depth == 0 and (lexeme.text in (",", ";", "|") or apart):
            if i > begin:
                values.append(error.shown(begin, i - 1))
            begin = i if apart else i + 1
    if begin < last:
        values.append(error.shown(begin, last - 1))
    return values


def increasing(one: str, two: str) -> bool:
    try:
        return number(one).value < number(two).value
    except SpecError:
        return False
