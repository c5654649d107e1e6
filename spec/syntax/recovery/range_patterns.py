"""Slips in ranges and lists of values: `width [1..2]`, `[1 to 2]`, `[1, 2]`, `{1..2}`, `1, 2, 3`, `[1..8 by 2]`."""

from __future__ import annotations

import math
import re

from ...diagnostics.suggest import similar
from ...errors import Diagnostic, Fix, SpecError
from ..numbers import number, text_of
from ..scanner import Lexeme
from .bracket_patterns import increasing, list_in_square_brackets
from .error_context import COMPONENTS, SyntaxErrorContext, interval

#: Words between the ends of a range, and characters.
_BETWEEN = ("to", "until", "through", "till", "upto", ":", "-", "and")
_DASHES = frozenset("–—−‒→~…‥⋯")
#: Words before a step, and what is written for them.
_STEPS = {
    **dict.fromkeys(("by", "steps", "every", "stepsize", "stride", "increment", "inc"), "step"),
    **dict.fromkeys(("points", "num", "n", "in", "into", "log", "logspace", "samples", "values", "size"), "count"),
    **dict.fromkeys(("x", "factor", "ratio", "base", "mul"), "times"),
}
#: Whole numbers from the first to the last that braces may list, each of them.
_EVERY = 32
#: Most values of a whole range that a message lists, and characters of a list of alternatives that is shown whole.
_LISTED, MOST_SHOWN = 8, 160


def in_missing(error: SyntaxErrorContext) -> Diagnostic | None:
    """`width [1..2]`, `width: [16, 32]`."""
    found, previous = error.found, error.previous
    if found.text == ":" and previous.kind == "name" and error.keyword in COMPONENTS and not error.open:
        return _colon_before_values(error)
    if found.text not in ("[", "{") or previous.kind != "name":
        return None
    if "in" not in error.accepts and not ("," in error.accepts and error.within == "call"):
        return None
    if error.index == 1 and error.keyword in COMPONENTS and found.text == "[":
        return None
    last = error.closing(error.index)
    sweep = error.shown(error.index, last) if last is not None else f"{found.text}..."
    if error.index == 2 and previous.text in error.words and last is not None and found.text == "{":
        closer = error.lexemes[last]
        fixes = error.fix((found.start, found.end, "("), (closer.start, closer.end, ")"))
        helps = (f"write `{previous.text}({error.shown(error.index + 1, last - 1)})`",)
        return error.diagnostic("SCL005", "arguments stand in parentheses", helps=helps, fixes=fixes)
    return error.diagnostic(
        "SCL009",
        f"`in` is missing between `{previous.text}` and its values",
        helps=(f"an axis is written `{previous.text} in {_in_braces(sweep)}`",),
        fixes=error.fix((found.start, found.start, "in "), sure=False),
    )


def _in_braces(sweep: str) -> str:
    """A list as it is written: `[1, 2]` is `{1, 2}`."""
    listed = sweep.startswith("[") and ".." not in sweep and "," in sweep
    return f"{{{sweep[1:-1]}}}" if listed else sweep


def _colon_before_values(error: SyntaxErrorContext) -> Diagnostic | None:
    """`width: [16, 32, 64]`, and the items of a list a line each."""
    found, name, first = error.found, error.previous.text, error.at(1)
    text = error.source.text
    note = "this reads as YAML: here an axis takes `in`, and a single value `=`"
    items = re.compile(r"(\s*\n\s*-\s*[^\n:#]+?)+(?=\s*(\n|$))").match(text, found.end, error.chunk.end)
    if items is not None and first.text == "-":
        values = ", ".join(v.strip() for v in re.findall(r"\n\s*-\s*([^\n:#]+)", items[0]))
        meant = f"in {{{values}}}"
        fixes = error.fix((found.start, items.end(), f" {meant}"))
    elif first.text in ("[", "{") and (last := error.closing(error.index + 1)) is not None:
        shown = error.shown(error.index + 1, last)
        meant = f"in {_in_braces(shown)}"
        edits = [(found.start, found.end, " in" if text[found.end : found.end + 1].isspace() else " in ")]
        if meant != f"in {shown}":
            edits += [(first.start, first.end, "{"), (error.lexemes[last].start, error.lexemes[last].end, "}")]
        fixes = error.fix(*edits, sure=first.text == "[")
    elif first.kind == "name" and error.at(2).text == "(" and (last := error.closing(error.index + 2)) is not None:
        labelled = f"data {{{name}: {error.shown(error.index + 1, last)}}}"
        helps = (f"several of a kind stand in braces, with commas between: `{labelled}`",)
        return error.diagnostic("SCL015", f"`{name}:` is a label outside braces", helps=helps, read=False)
    elif first.kind in ("number", "string", "quoted", "name"):
        meant = f"= {first.text}"
        fixes = error.fix((found.start, found.end, " ="))
    else:
        return None
    diagnostic = error.diagnostic(
        "SCL015", f"no `:` stands after `{name}`", helps=(f"write `{name} {meant}`",), fixes=fixes, read=False
    )
    return Diagnostic(**{**vars(diagnostic), "notes": (note,)})


def range_in_words(error: SyntaxErrorContext) -> Diagnostic | None:
    """`width from 16 to 64`, `width between 16 and 64`, `width 16..64`, `width ∈ {16, 32}`, `width of [16..64]`."""
    found, previous = error.found, error.previous
    if previous.kind != "name" or error.keyword not in COMPONENTS or (error.index < 2 and found.kind != "number"):
        return None
    if "in" not in error.accepts and "=" not in error.accepts:
        return None
    if found.text in ("∈", "over", "of", "across", "as", "takes", "is", "from") and error.at(1).text in ("[", "{"):
        fixes = error.fix((found.start, found.end, "in"))
        last = error.closing(error.index + 1)
        sweep = error.shown(error.index + 1, last) if last is not None else "..."
        helps = (f"write `{previous.text} in {_in_braces(sweep)}`",)
        return error.diagnostic("SCL009", f"an axis takes `in`, not `{found.text}`", helps=helps, fixes=fixes)
    worded = found.text in ("from", "between", "range", "ranges", "goes", "over", "is", "of")
    start = error.at(1) if worded else found
    i = 2 if worded else 1
    if start.kind != "number":
        return None
    end = error.at(i + 1)
    if error.at(i).text in ("..", *_BETWEEN) and end.kind == "number":
        sweep = interval(start.text, end.text)
    elif error.at(i).text == "," and end.kind == "number":
        while error.at(i + 2).text == "," and error.at(i + 3).kind == "number":
            i += 2
        end = error.at(i + 1)
        sweep = f"{{{error.source.text[start.start : end.end]}}}"
    elif not worded:
        return _without_sign(error)
    else:
        return None
    fixes = error.fix((found.start, end.end, f"in {sweep}"))
    message = f"an axis is written with `in`: `{previous.text} in {sweep}`"
    span = error.span_of(found, end)
    return error.diagnostic("SCL009", message, span=span, helps=(f"write `{previous.text} in {sweep}`",), fixes=fixes)


def _without_sign(error: SyntaxErrorContext) -> Diagnostic:
    """`width 16`."""
    found, name = error.found, error.previous.text
    fixes = error.fix((found.start, found.start, "= "))
    helps = (f"one value is given with `=`: `{name} = {found.text}`", f"several are an axis: `{name} in {{...}}`")
    message = f"`=` or `in` is missing between `{name}` and `{found.text}`"
    return error.diagnostic("SCL009", message, helps=helps, fixes=fixes)


def colon_range(error: SyntaxErrorContext) -> Diagnostic | None:
    """`width in 16:64`, `width in 16:16:64`."""
    found, previous = error.found, error.previous
    if found.text != ":" or error.keyword not in COMPONENTS or error.open or previous.kind != "number":
        return None
    if error.at(-2).text not in ("in", "along") or error.at(1).kind != "number":
        return None
    one, two, three = previous.text, error.at(1).text, error.at(3).text
    stepped = error.at(2).text == ":" and error.at(3).kind == "number"
    last = error.at(3) if stepped else error.at(1)
    meant = interval(one, two)
    helps: tuple[str, ...] = (f"write `{meant}`, which doubles, or `[{one}..{two} step ...]`, which adds",)
    if counted := _counted(error, one, two):
        meant = f"{{{', '.join(counted)}}}"
        helps = (f"write `{meant}`, or `[{one}..{two} step 1]`",)
    if stepped:  # the middle is the step where the last is larger, as in Julia and MATLAB; in Python it is the end
        middle = increasing(two, three)
        meant = f"[{one}..{three} step {two}]" if middle else f"[{one}..{two} step {three}]"
        helps = (f"write `{meant}`",)
    fixes = error.fix((previous.start, last.end, meant), sure=False)
    span = error.span_of(previous, last)
    return error.diagnostic("SCL011", "a range is written `[a..b]`", span=span, helps=helps, fixes=fixes)


def dots_elsewhere(error: SyntaxErrorContext) -> Diagnostic | None:
    """`[16–64]`, `[16→64]`, `[16…64]`."""
    found, opener = error.found, error.opener
    if found.text not in _DASHES or opener is None or opener.text not in "[{(" or ".." not in error.accepts:
        return None
    start = error.shown(error.open[-1] + 1, error.index - 1)
    fixes = error.fix((error.previous.end, error.at(1).start, ".."))
    helps = (f"write `[{start}..{error.at(1).text or '...'}]`",)
    message = f"`{found.text}` means nothing here: `..` stands between the ends of a range"
    return error.diagnostic("SCL002", message, helps=helps, fixes=fixes)


def step_outside(error: SyntaxErrorContext) -> Diagnostic | None:
    """`[16..64] step 16`, `[16..64] by 2`."""
    at = error.index - (error.previous.text != "]")  # the word may have been taken for a name
    if at < 2 or error.lexemes[at - 1].text != "]" or at + 1 >= len(error.lexemes):
        return None
    typed, closer, by = error.lexemes[at], error.lexemes[at - 1], error.lexemes[at + 1]
    word = _STEPS.get(typed.text, typed.text)
    first = error.opening(at - 1)
    if word not in ("step", "times", "count") or by.kind != "number" or first is None:
        return None
    fixes = error.fix((closer.start, by.end, f" {word} {by.text}]"))
    whole = f"{error.shown(first, at - 2)} {word} {by.text}]"
    message = f"`{typed.text}` stands inside the brackets of its range"
    span = error.span_of(typed, by)
    return error.diagnostic("SCL011", message, span=span, helps=(f"write `{whole}`",), fixes=fixes)


def range_ends(error: SyntaxErrorContext) -> Diagnostic | None:
    """`[.5..]`, `[..2]`, `[1 to 2]`, `[1:2]`, `[1, 2, 3]`, `[32]`, `[1..8 by 2]`."""
    found, previous, opener = error.found, error.previous, error.opener
    if not found.text or opener is None or opener.text != "[":
        return None
    both = ("a range has two ends: `[32..512]`, `[.5..1.1]`",)
    inside = error.lexemes[error.open[-1] + 1 : error.index]
    dots = any(x.text == ".." for x in inside)
    if found.text == "]" and previous.text == "..":
        first = error.shown(error.open[-1] + 1, error.index - 2)
        number = re.fullmatch(r"(\d+)([kMB]?\w*)", first)
        end = f"{8 * int(number[1])}{number[2]}" if number else ""
        helps_: tuple[str, ...] = (f"a range has two ends: write `[{first}..{end}]` for instance",) if end else both
        return error.diagnostic("SCL011", "a range ends without its last value", helps=helps_)
    if found.text == ".." and previous is opener:
        return error.diagnostic("SCL011", "a range begins without its first value", helps=both)
    if found.text == "]" and previous is opener:
        return error.diagnostic("SCL011", "a range is empty", helps=both)
    if dots:
        return _range_tail(error, found)
    if ".." not in error.accepts:
        return None
    if found.text in _BETWEEN:
        return _other_dots(error)
    if found.text in (",", ";", "|") or found.kind == "number":
        return list_in_square_brackets(error, opener)
    if found.text == "]":
        value = error.shown(error.open[-1] + 1, error.index - 1)
        pair = re.fullmatch(r"(\d+(?:e\d+)?[A-Za-z]?)\s*[.-]\s*(\d+(?:e\d+)?[A-Za-z]?)", value)
        helps: tuple[str, ...] = (f"a range has two ends: `[{pair[1]}..{pair[2]}]`" if pair else both[0],)
        if pair is None:
            helps = (*helps, f"a single value stands alone, or in braces: `{{{value}}}`")
        fixes = error.fix((opener.end, found.start, f"{pair[1]}..{pair[2]}"), sure=False) if pair else ()
        return error.diagnostic("SCL011", "a range has only one value", helps=helps, fixes=fixes)
    return None


def _other_dots(error: SyntaxErrorContext) -> Diagnostic:
    """`[1 to 2]`, `[16:64:16]`, `[16:64]`."""
    found, following = error.found, error.at(1)
    message = f"`..` stands between the ends of a range, not `{found.text}`"
    start = error.shown(error.open[-1] + 1, error.index - 1)
    if found.text == ":" and error.at(2).text == ":" and error.at(3).kind == "number":
        end, by = following.text, error.at(3).text
        helps = (f"write `[{start}..{end} step {by}]`",)
        fixes = error.fix((error.previous.end, error.at(3).end, f"..{end} step {by}"), sure=False)
        return error.diagnostic("SCL011", message, helps=helps, fixes=fixes)
    closer = error.at(2).text
    fixes = error.fix((error.previous.end, following.start, ".."), sure=closer == "]")
    helps = (f"write `[{start}..{following.text or '...'}]`",)
    return error.diagnostic("SCL011", message, helps=helps, fixes=fixes)


def _range_tail(error: SyntaxErrorContext, found: Lexeme) -> Diagnostic | None:
    """The spacing after the ends of a range: `step`, `times` or `count`."""
    opener, following = error.open[-1], error.at(1)
    ends = f"[{error.shown(opener + 1, error.index - 1)}"
    if found.text == "=" and error.previous.text in ("step", "times", "count"):
        fixes = error.replaced("" if error.source.text[found.end : found.end + 1].isspace() else " ")
        helps = (f"write `{ends} {following.text}]`",)
        return error.diagnostic("SCL011", f"no `=` stands after `{error.previous.text}`", helps=helps, fixes=fixes)
    if "step" not in error.accepts:
        return None
    if found.text in (",", ";", ":", "..", "|") or found.kind == "number":
        after = following if found.kind != "number" else found
        if after.text in ("step", "times", "count") and found.kind != "number":
            fixes = error.replaced("")
            by = error.at(2)
            if by.text in ("=", ":"):
                fixes, by = (
                    error.fix((error.previous.end, error.at(3).end, f" {after.text} {error.at(3).text}")),
                    error.at(3),
                )
            helps = (f"write `{ends} {after.text} {by.text}]`",)
            return error.diagnostic("SCL011", "no comma stands in a range", helps=helps, fixes=fixes)
        if _listing_goes_on(error):
            return _dots_in_a_list(error)
        if after.kind == "number":
            ways = tuple(
                f"`{ends} {word} {after.text}]` {does}"
                for word, does in (("step", "adds"), ("times", "multiplies"), ("count", "gives so many points"))
            )
            what = (
                "no comma stands in a range"
                if found.text == ","
                else f"`{found.text}` does not say how a range goes on"
            )
            return error.diagnostic("SCL011", what, helps=ways)
        return None
    if found.kind in ("name", "mark") or found.text == "x":
        return _other_step(error, found, ends)
    return None


def _other_step(error: SyntaxErrorContext, found: Lexeme, ends: str) -> Diagnostic | None:
    following = error.at(1)
    if following.text == "=":
        following = error.at(2)
    fixes: tuple[Fix, ...] = ()
    meant = _STEPS.get(found.text) or (
        similar(found.text, ("step", "times", "count")) if found.kind == "name" else None
    )
    if meant == "step" and found.text != "step" and _many(error, following):
        meant = "times"
    glued = re.fullmatch(r"[xX](\d+)", found.text)
    if glued:
        fixes = error.replaced(f"times {glued[1]}")
        helps: tuple[str, ...] = (f"write `{ends} times {glued[1]}]`",)
    elif found.kind == "name":
        helps = ("`step` adds, `times` multiplies, `count` gives so many points evenly in the logarithm",)
        if meant and following.kind == "number":
            helps = (f"write `{ends} {meant} {following.text}]`", *helps)
        fixes = error.fix((found.start, following.start, f"{meant} "), sure=False) if meant and following.text else ()
    else:
        return None
    message = f"a range goes on with `step`, `times` or `count`, not `{found.text}`"
    return error.diagnostic("SCL011", message, helps=helps, fixes=fixes)


#: Steps that no range has, of a number so small that it multiplies.
_MANY_STEPS, _MOST_FACTOR = 1000, 10


def _many(error: SyntaxErrorContext, by: Lexeme) -> bool:
    """True where steps of a small number go from one end of a range to the other in thousands."""
    ends = error.shown(error.open[-1] + 1, error.index - 1).split("..")
    try:
        low, high, step = (number(said.strip()).value for said in (*ends, by.text))
    except (SpecError, ValueError):
        return False
    return 1 < step <= _MOST_FACTOR and (high - low) / step > _MANY_STEPS


def _listing_goes_on(error: SyntaxErrorContext) -> bool:
    return error.found.text == "," and any(x.text == "," for x in error.lexemes[error.open[-1] : error.index])


def _dots_in_a_list(error: SyntaxErrorContext) -> Diagnostic:
    """`[1, 2, ..., 8]` has got here as a list."""
    return error.diagnostic("SCL011", "a range has two ends and nothing more", helps=("write `[32..512]`",))


def range_without_brackets(error: SyntaxErrorContext) -> Diagnostic | None:
    """`width in 32..512`, `{32..512}`, `(32..512)`, `{16, 32, ..., 512}`, `seed in {0..2}`."""
    opener, previous, following, after = error.opener, error.previous, error.at(1), error.at(2)
    if error.found.text not in ("..", "…") or not previous.text or (opener and opener.text == "["):
        return None
    if previous.text == "," and opener is not None:
        return _dotted_list(error, opener)
    if not following.text:
        return error.diagnostic("SCL011", "a range stands in square brackets", helps=("write `[32..512]`",))
    close = " step 1]" if _of_seeds(error) else "]"
    meant = interval(previous.text, following.text)[:-1] + close
    helps: tuple[str, ...] = (f"write `{meant}`",)
    edits: tuple[tuple[int, int, str], ...]
    if opener is not None and after.kind == "close" and error.at(-2) is opener:
        edits = ((opener.start, opener.end, "["), (after.start, after.end, close))
        counted = _counted(error, previous.text, following.text)
        if counted:
            meant = f"{{{', '.join(counted)}}}"
            helps = (f"write `{meant}`, or `[{previous.text}..{following.text} step 1]`",)
            edits = ((opener.start, after.end, meant),)
    elif opener is None and (counted := _counted(error, previous.text, following.text)) and error.at(-2).text == "in":
        meant = f"{{{', '.join(counted)}}}"
        helps = (f"write `{meant}`, or `[{previous.text}..{following.text} step 1]`",)
        edits = ((previous.start, following.end, meant),)
    else:
        edits = ((previous.start, previous.start, "["), (following.end, following.end, close))
    one, two = (int(x.text) if x.text.isdigit() else 0 for x in (previous, following))
    listed = opener is not None and opener.text == "{" and 1 < two - one < _EVERY and close == "]" and meant[0] == "["
    if listed:
        every = f"{{{', '.join(map(str, range(one, two + 1)))}}}" if two - one <= _LISTED else f"{meant[:-1]} step 1]"
        helps = (f"write `{meant}`, which doubles", f"or `{every}`, every whole number")
    open_ends = opener is not None and opener.text == "(" and error.keyword != "expect"
    fixes = error.fix(*edits, sure=not listed and not open_ends)
    return error.diagnostic("SCL011", "a range stands in square brackets", helps=helps, fixes=fixes)


def _counted(error: SyntaxErrorContext, start: str, stop: str) -> list[str]:
    """A few whole numbers from one to another that doubling does not reach: from 0, from 1 to 5, or of seeds."""
    if not (start.isdigit() and stop.isdigit()) or not 0 < int(stop) - int(start) <= _LISTED:
        return []
    if int(start) and not _of_seeds(error) and math.log2(int(stop) / int(start)).is_integer():
        return []
    return [str(i) for i in range(int(start), int(stop) + 1)]


def _of_seeds(error: SyntaxErrorContext) -> bool:
    """True behind `seed in`, or a bracket behind that: seeds are counted."""
    return "seed" in (error.at(-3).text, error.at(-4).text)


def _dotted_list(error: SyntaxErrorContext, opener: Lexeme) -> Diagnostic:
    """`{16, 32, ..., 512}`: the first two values say how it goes on."""
    last = error.closing(error.open[-1])
    values = [x.text for x in error.lexemes[error.open[-1] + 1 : error.index] if x.kind == "number"]
    end = next((x.text for x in error.lexemes[error.index :] if x.kind == "number"), "")
    meant = "[32..512]"
    fixes: tuple[Fix, ...] = ()
    if len(values) > 1 and end and last is not None:
        try:
            one, two = number(values[0]).value, number(values[1]).value
        except SpecError:
            one, two = 0.0, 0.0
        even = len(values) > 2 and 2 * two == one + number(values[2]).value
        if 0 < one < two:
            spacing = "" if two == 2 * one and not even else f" times {text_of(two / one)}"
            if even or (two - one in (1, 5, 10, 100) and two != 2 * one):
                spacing = f" step {text_of(two - one)}"
            meant = f"[{values[0]}..{end}{spacing}]"
            fixes = error.fix((opener.start, error.lexemes[last].end, meant), sure=False)
    message = "a list names every value; one that goes on evenly is a range"
    return error.diagnostic("SCL011", message, helps=(f"write `{meant}`",), fixes=fixes)


def _calls_in_list(error: SyntaxErrorContext, last: int) -> list[Lexeme]:
    """The words that begin entries of a list and have arguments, where every entry begins with a word."""
    first = [2, *(i + 1 for i in range(2, last) if error.lexemes[i].text == "," and _outside(error, i))]
    words = [error.lexemes[i] for i in first]
    if any(x.kind != "name" for x in words):
        return []
    return [x for i, x in zip(first, words, strict=True) if error.lexemes[i + 1].text == "("]


def _outside(error: SyntaxErrorContext, index: int) -> bool:
    """True for a place of a list that begins with the statement, outside of the brackets of its entries."""
    return sum({"open": 1, "close": -1}.get(x.kind, 0) for x in error.lexemes[2:index]) == 0


def listed_without_braces(error: SyntaxErrorContext) -> Diagnostic | None:
    """`width in 16, 32, 64`, `lr = 1e-3, 3e-3`; `models [transformer, mlp]`."""
    found, previous = error.found, error.previous
    if error.keyword not in COMPONENTS or error.open:
        return None
    if error.index == 1 and found.text == "[":
        last = error.closing(1)
        if last is None:
            return None
        inside = " ".join(error.source.text[found.end : error.lexemes[last].start].split())
        shown = f"{{{inside}}}" if 0 < len(inside) <= MOST_SHOWN else "{...}"
        edits = [(found.start, found.end, "{"), (error.lexemes[last].start, error.lexemes[last].end, "}")]
        calls = _calls_in_list(error, last)
        if len({x.text for x in calls}) == len(calls):  # by which claims call them
            edits += [(x.start, x.start, f"{x.text}: ") for x in calls]
            for x in calls:
                shown = shown.replace(f"{x.text}(", f"{x.text}: {x.text}(", 1)
        fixes = error.fix(*edits)
        message = "alternatives are listed in braces"
        return error.diagnostic("SCL011", message, helps=(f"write `{error.keyword} {shown}`",), fixes=fixes)
    sign, name = error.at(-2), error.at(-3)
    if found.text != "," or sign.text not in ("in", "=", "along") or name.kind != "name":
        return None
    if error.at(2).text in ("in", "along", "=", "&") or error.at(1).text in ("tune", "panel", "where", ""):
        return None
    last = error.index
    while last + 1 < len(error.lexemes) and error.lexemes[last].text == "," and error.lexemes[last + 1].kind != "mark":
        last += 1
        if last + 1 < len(error.lexemes) and error.lexemes[last + 1].text == ",":
            last += 1
        else:
            break
    if error.lexemes[last].text == ",":
        return None
    values = f"{{{error.shown(error.index - 1, last)}}}"
    word = "along" if sign.text == "along" else "in"
    meant, end = f"{name.text} {word} {values}", error.lexemes[last].end
    edits = [(sign.start, sign.end, word), (previous.start, previous.start, "{"), (end, end, "}")]
    message = "several values make an axis, and are listed in braces"
    span = error.span_of(previous, error.lexemes[last])
    fixes = error.fix(*edits, sure=sign.text == "in")
    return error.diagnostic("SCL011", message, span=span, helps=(f"write `{meant}`",), fixes=fixes)
