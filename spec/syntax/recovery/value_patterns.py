"""Slips in values and conditions: ranges, sweeps, comparisons, and the sign between a name and its value."""

from __future__ import annotations

import re

from ...diagnostics.suggest import similar
from ...errors import Diagnostic, Fix, Label
from ..scanner import CLOSER, Lexeme
from .error_context import ARITHMETIC, COMPONENTS, SIGNS, SyntaxErrorContext


def wrong_sign(error: SyntaxErrorContext) -> Diagnostic | None:
    """`data: walk(...)`, `n: 512`, `lr == 3`, `where param = muP`, `{a = 1}`, `let x in {1, 2}`."""
    found, previous = error.found, error.previous

    def instead(message: str, meant: str, name: str) -> Diagnostic:
        start = previous.end if meant == ":" else found.start
        fixes = error.fix((start, found.end, meant))
        return error.diagnostic("SCL015", message, helps=(f"write `{name}`",), fixes=fixes)

    name = previous.text if previous.kind != "close" else error.shown(_opened(error), error.index - 1)
    if error.index == 1 and error.keyword in COMPONENTS and found.text in ("=", ":"):
        apart = previous.end < found.start or error.source.text[found.end : found.end + 1].isspace()
        message, helps = f"no `{found.text}` stands after `{name}`", (f"leave the `{found.text}` out",)
        return error.diagnostic("SCL015", message, helps=helps, fixes=error.replaced("" if apart else " "))
    if previous.kind == "name" and "=" in error.accepts:
        if found.text == ":":
            return _given(error, "a value is given with `=`, not `:`")
        if found.text == "in" and error.keyword == "let":
            return _given(error, "`let` names a value with `=`; `in` makes an axis, elsewhere")
    if found.text == "==" and previous.kind == "name" and not error.open and "==" not in error.accepts:
        return _given(error, "`==` compares; a value is given with `=`")
    if found.text == "=" and previous.kind == "name" and ":" in error.accepts:
        return instead("a label in a set takes `:`, not `=`", ":", f"{name}: ...")
    # What is claimed, not its condition, which may compare labels.
    claims = error.keyword == "expect" and all(x.text != "where" for x in error.lexemes[: error.index])
    if found.text == "=" and "==" in error.accepts and claims:
        message = "`=` gives a value; a claim says how near an estimate is to a number"
        fixes = error.replaced("within 5% of", sure=False)
        return error.diagnostic("SCL015", message, helps=(f"write `{name} within 5% of ...`",), fixes=fixes)
    if found.text == "=" and "==" in error.accepts:
        return instead("`=` gives a value; `==` compares", "==", f"{name} == ...")
    if found.text == "=" and "in" in error.accepts:
        role = next((x.text for x in reversed(error.lexemes[: error.index]) if x.text in ("tune", "panel")), "tune")
        message = f"`{role}` is said of an axis, so it takes `in` and several values"
        return error.diagnostic("SCL009", message, helps=(f"write `{role} {name} in {{...}}`",))
    return None


def _opened(error: SyntaxErrorContext) -> int:
    """Index at which the call or group that was just closed begins."""
    opener = error.opening(error.index - 1)
    assert opener is not None, "what was read so far is closed in order"
    return opener - 1 if opener and error.calls(opener - 1) else opener


def _given(error: SyntaxErrorContext, message: str) -> Diagnostic:
    """Something else than `=` between a name and its value."""
    following = error.at(1)
    after = error.shown(error.index + 1, error.item[1]) if following.text and error.open else "..."
    if following.kind in ("name", "number", "string") and not error.open:
        after = following.text
    let = "let " if error.keyword == "let" else ""
    spaced = "=" if error.within == "call" else " = "
    helps = (f"write `{let}{error.previous.text}{spaced}{after}`",)
    return error.diagnostic("SCL015", message, helps=helps, fixes=error.replaced("="))


def law_with_a_side(error: SyntaxErrorContext) -> Diagnostic | None:
    """`fit L = E + A*N^-alpha`."""
    previous, following = error.previous, error.at(1)
    if error.keyword != "fit" or error.found.text != "=" or error.open or not following.text:
        return None
    if previous.kind != "name" or error.index - 1 != max(error.item[0], 1):
        return None
    helps, fixes = (f"leave `{previous.text} =` out",), error.fix((previous.start, following.start, ""))
    return error.diagnostic("SCL015", "a law is what stands on the right of `=`", helps=helps, fixes=fixes)


def in_missing(error: SyntaxErrorContext) -> Diagnostic | None:
    """`width [1..2]`."""
    found, previous = error.found, error.previous
    if found.text not in ("[", "{") or previous.kind != "name":
        return None
    if "in" not in error.accepts and not ("," in error.accepts and error.within == "call"):
        return None
    last = error.closing(error.index)
    sweep = error.shown(error.index, last) if last is not None else f"{found.text}..."
    return error.diagnostic(
        "SCL009",
        f"`in` is missing between `{previous.text}` and its values",
        helps=(f"an axis is written `{previous.text} in {sweep}`",),
        fixes=error.fix((found.start, found.start, "in "), sure=False),
    )


def sweep_arithmetic(error: SyntaxErrorContext) -> Diagnostic | None:
    """`{20, 50}*N`, `2*[1..8]`."""
    found, previous = error.found, error.previous
    if found.text in ARITHMETIC and previous.text in ("}", "]"):
        first = error.opening(error.index - 1)
        last = error.index - 1
    elif found.text in ("{", "[") and previous.text in ARITHMETIC:
        first = error.index
        last = error.closing(error.index) or error.index
    else:
        return None
    if first is None:
        return None
    sweep = error.shown(first, last)
    sign = found.text if found.text in ARITHMETIC else previous.text
    return error.diagnostic(
        "SCL010",
        f"a sweep stays whole: `{sign}` cannot reach into `{sweep}`",
        span=error.span_of(found if found.text == sign else previous),
        labels=(
            Label(error.span_of(error.lexemes[first], error.lexemes[last]), "this is a sweep, an axis of its own"),
        ),
        helps=(f"give the axis a name and calculate with that: `ratio in {sweep}  tokens = ratio*N`",),
    )


def range_ends(error: SyntaxErrorContext) -> Diagnostic | None:
    """`[.5..]`, `[..2]`, `[1 to 2]`, `[1:2]`, `[1, 2, 3]`, `[32]`, `[1..8 by 2]`."""
    found, previous, opener = error.found, error.previous, error.opener
    if not found.text or opener is None or opener.text != "[":
        return None
    both = ("a range has two ends: `[32..512]`, `[.5..1.1]`",)
    inside = error.lexemes[error.open[-1] + 1 : error.index]
    dots = any(x.text == ".." for x in inside)
    if found.text == "]" and previous.text == "..":
        return error.diagnostic("SCL011", "a range ends without its last value", helps=both)
    if found.text == ".." and previous is opener:
        return error.diagnostic("SCL011", "a range begins without its first value", helps=both)
    if found.text == "]" and previous is opener:
        return error.diagnostic("SCL011", "a range is empty", helps=both)
    if dots:
        return _range_tail(error, found)
    if ".." not in error.accepts:
        return None
    if found.text in ("to", "until", "through", "till", "upto", ":"):
        following = error.at(1)
        message = f"`..` stands between the ends of a range, not `{found.text}`"
        between = f"write `{error.shown(error.open[-1] + 1, error.index - 1)}..{following.text or '...'}`"
        fixes = error.fix((previous.end, following.start, ".."))
        return error.diagnostic("SCL011", message, helps=(between,), fixes=fixes)
    if found.text == ",":
        return _list_in_square_brackets(error, opener)
    if found.text == "]":
        value = error.shown(error.open[-1] + 1, error.index - 1)
        pair = re.fullmatch(r"(\d+)[.-](\d+)", value)
        helps: tuple[str, ...] = (f"a range has two ends: `[{pair[1]}..{pair[2]}]`" if pair else both[0],)
        if pair is None:
            helps = (*helps, f"a single value stands alone, or in braces: `{{{value}}}`")
        return error.diagnostic("SCL011", "a range has only one value", helps=helps)
    return None


def _list_in_square_brackets(error: SyntaxErrorContext, opener: Lexeme) -> Diagnostic | None:
    last = error.closing(error.open[-1])
    shown = "{32, 64, 128}"
    fixes: tuple[Fix, ...] = ()
    if last is not None:
        closer = error.lexemes[last]
        fixes = error.fix((opener.start, opener.end, "{"), (closer.start, closer.end, "}"))
        if last > error.index:
            shown = f"{{{error.shown(error.open[-1] + 1, last - 1)}}}"
    helps = (f"values are listed in braces: `{shown}`",)
    label = Label(error.span_of(opener), "square brackets hold a range, `[a..b]`")
    message = "a list of values does not stand in square brackets"
    return error.diagnostic("SCL011", message, labels=(label,), helps=helps, fixes=fixes)


def _range_tail(error: SyntaxErrorContext, found: Lexeme) -> Diagnostic | None:
    """The spacing after the ends of a range: `step`, `times` or `count`."""
    if "step" not in error.accepts:
        return None
    if found.text == ",":
        fixes = error.replaced("") if error.at(1).text in ("step", "times", "count") else ()
        helps = ("write `[1..8 step 2]`, `[1..9 times 3]` or `[1..9 count 5]`",)
        return error.diagnostic("SCL011", "no comma stands in a range", helps=helps, fixes=fixes)
    if found.kind == "name":
        words = {"by": "step", "steps": "step", "points": "count", "num": "count", "n": "count", "x": "times"}
        meant = words.get(found.text) or similar(found.text, ("step", "times", "count"))
        helps = ("`step` adds, `times` multiplies, `count` gives so many points evenly in the logarithm",)
        fixes = error.replaced(meant, sure=False) if meant else ()
        message = f"a range goes on with `step`, `times` or `count`, not `{found.text}`"
        return error.diagnostic("SCL011", message, helps=helps, fixes=fixes)
    return None


def range_without_brackets(error: SyntaxErrorContext) -> Diagnostic | None:
    """`width in 32..512`, `{32..512}`, `(32..512)`."""
    opener, previous, following, after = error.opener, error.previous, error.at(1), error.at(2)
    if error.found.text != ".." or not previous.text or (opener and opener.text == "["):
        return None
    if not following.text:
        return error.diagnostic("SCL011", "a range stands in square brackets", helps=("write `[32..512]`",))
    helps = (f"write `[{previous.text}..{following.text}]`",)
    if opener is not None and after.kind == "close" and error.at(-2) is opener:
        edits = ((opener.start, opener.end, "["), (after.start, after.end, "]"))
    else:
        edits = ((previous.start, previous.start, "["), (following.end, following.end, "]"))
    return error.diagnostic("SCL011", "a range stands in square brackets", helps=helps, fixes=error.fix(*edits))


def comparison_in_call(error: SyntaxErrorContext) -> Diagnostic | None:
    """`rank(loss > 5)`, `{a > 1}`."""
    found, opener = error.found, error.opener
    if opener is None or (opener.text == "(" and error.callee is None):
        return None
    if found.text not in (*SIGNS, "and", "or", "not", "within", "in") or found.text in error.accepts:
        return None
    if found.text == "in" and error.within != "call":
        return None
    if found.text == "==" and error.within == "call" and error.item[0] == error.index - 1:
        return _given(error, "`==` compares; an argument is given with `=`")
    where = {"call": "inside a call", "range": "in a range", "set": "in a set"}[error.within]
    word = "a comparison" if found.text in SIGNS or found.text in ("within", "in") else f"`{found.text}`"
    helps = (f"put the condition in parentheses of its own: `{error.callee}(({error.shown(*error.item)}))`",)
    if error.within != "call":
        helps = ("a condition stands after `where` or `expect`, or in parentheses",)
    return error.diagnostic("SCL016", f"{word} {where} needs parentheses", helps=helps)


def comparison_goes_on(error: SyntaxErrorContext) -> Diagnostic | None:
    """`0 < x in [1..2]`; `x > {1, 2}`."""
    found, previous = error.found, error.previous
    if found.text in ("in", "within") and ("and" in error.accepts or error.accepts >= SIGNS):
        message = f"`{found.text}` cannot follow another comparison"
        helps = (f"join two conditions by `and`: `0 < x and x {found.text} ...`",)
        return error.diagnostic("SCL016", message, helps=helps)
    if found.text in SIGNS and "and" in error.accepts:
        message = f"`{found.text}` cannot follow `in` or `within`"
        return error.diagnostic("SCL016", message, helps=("join two conditions by `and`",))
    if found.text in CLOSER and found.text != "(" and previous.text in SIGNS:
        message = "a comparison takes single values, not a range or a set"
        helps = ("for membership write `in`: `x in [1..2]`, `x in {1, 2}`",)
        return error.diagnostic("SCL016", message, helps=helps)
    return None
