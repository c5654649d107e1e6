"""Slips in values and conditions: ranges, sweeps, comparisons, and the sign between a name and its value."""

from __future__ import annotations

import re

from ...diagnostics.suggest import similar
from ...errors import Diagnostic, Fix, Label
from ..scanner import CLOSER, STATEMENTS, WORDS, Lexeme
from .error_context import ARITHMETIC, COMPONENTS, SIGNS, Stuck


def wrong_sign(stuck: Stuck) -> Diagnostic | None:
    """`data: walk(...)`, `n: 512`, `lr == 3`, `where param = muP`, `{a = 1}`, `let x in {1, 2}`."""
    found, previous = stuck.found, stuck.previous
    if found is None or previous is None:
        return None

    def instead(message: str, meant: str, name: str) -> Diagnostic:
        start = previous.end if meant == ":" else found.start
        fixes = stuck.fix((start, found.end, meant))
        return stuck.diagnostic("SCL015", message, helps=(f"write `{name}`",), fixes=fixes)

    name = previous.text if previous.kind != "close" else stuck.shown(_opened(stuck), stuck.index - 1)
    if stuck.index == 1 and stuck.keyword in COMPONENTS and found.text in ("=", ":"):
        apart = previous.end < found.start or stuck.source.text[found.end : found.end + 1].isspace()
        return stuck.diagnostic(
            "SCL015",
            f"no `{found.text}` stands after `{name}`",
            helps=(f"leave the `{found.text}` out",),
            fixes=stuck.fix((found.start, found.end, "" if apart else " ")),
        )
    if previous.kind == "name" and "=" in stuck.accepts:
        if found.text == ":":
            return _given(stuck, "a value is given with `=`, not `:`")
        if found.text == "in" and stuck.keyword == "let":
            return _given(stuck, "`let` names a value with `=`; `in` makes an axis, elsewhere")
    if found.text == "==" and previous.kind == "name" and not stuck.open and "==" not in stuck.accepts:
        return _given(stuck, "`==` compares; a value is given with `=`")
    if found.text == "=" and previous.kind == "name" and ":" in stuck.accepts:
        return instead("a label in a set takes `:`, not `=`", ":", f"{name}: ...")
    if found.text == "=" and "==" in stuck.accepts and _is_claim(stuck):
        return stuck.diagnostic(
            "SCL015",
            "`=` gives a value; a claim says how near an estimate is to a number",
            helps=(f"write `{name} within 5% of ...`",),
            fixes=stuck.fix((found.start, found.end, "within 5% of"), sure=False),
        )
    if found.text == "=" and "==" in stuck.accepts:
        return instead("`=` gives a value; `==` compares", "==", f"{name} == ...")
    if found.text == "=" and "in" in stuck.accepts:
        role = next((x.text for x in reversed(stuck.lexemes[: stuck.index]) if x.text in ("tune", "panel")), "tune")
        message = f"`{role}` is said of an axis, so it takes `in` and several values"
        return stuck.diagnostic("SCL009", message, helps=(f"write `{role} {name} in {{...}}`",))
    return None


def _is_claim(stuck: Stuck) -> bool:
    """Whether the slip is in what `expect` claims, not in its condition, which may compare labels."""
    return stuck.keyword == "expect" and all(x.text != "where" for x in stuck.lexemes[: stuck.index])


def _opened(stuck: Stuck) -> int:
    """Index at which the call or group that was just closed begins."""
    opener = stuck.opening(stuck.index - 1)
    assert opener is not None, "what was read so far is closed in order"
    before = stuck.lexemes[opener - 1] if opener else None
    called = before is not None and before.kind == "name" and before.text not in (*WORDS, *STATEMENTS)
    return opener - 1 if called else opener


def _given(stuck: Stuck, message: str) -> Diagnostic:
    """Something else than `=` between a name and its value."""
    found, previous, following = stuck.found, stuck.previous, stuck.at(1)
    assert found is not None
    assert previous is not None
    after = stuck.shown(stuck.index + 1, stuck.item[1]) if following is not None and stuck.open else "..."
    if following is not None and following.kind in ("name", "number", "string") and not stuck.open:
        after = following.text
    let = "let " if stuck.keyword == "let" else ""
    spaced = "=" if stuck.within == "call" else " = "
    helps = (f"write `{let}{previous.text}{spaced}{after}`",)
    return stuck.diagnostic("SCL015", message, helps=helps, fixes=stuck.fix((found.start, found.end, "=")))


def law_with_a_side(stuck: Stuck) -> Diagnostic | None:
    """`fit L = E + A*N^-alpha`."""
    found, previous, following = stuck.found, stuck.previous, stuck.at(1)
    if stuck.keyword != "fit" or found is None or found.text != "=" or stuck.open or following is None:
        return None
    if previous is None or previous.kind != "name" or stuck.index - 1 != max(stuck.item[0], 1):
        return None
    helps = (f"leave `{previous.text} =` out",)
    fixes = stuck.fix((previous.start, following.start, ""))
    return stuck.diagnostic("SCL015", "a law is what stands on the right of `=`", helps=helps, fixes=fixes)


def in_missing(stuck: Stuck) -> Diagnostic | None:
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


def sweep_arithmetic(stuck: Stuck) -> Diagnostic | None:
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
        span=stuck.span_of(found if found.text == sign else previous),
        labels=(
            Label(stuck.span_of(stuck.lexemes[first], stuck.lexemes[last]), "this is a sweep, an axis of its own"),
        ),
        helps=(f"give the axis a name and calculate with that: `ratio in {sweep}  tokens = ratio*N`",),
    )


def range_ends(stuck: Stuck) -> Diagnostic | None:
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
        between = f"write `{stuck.shown(stuck.open[-1] + 1, stuck.index - 1)}..{last}`"
        return stuck.diagnostic("SCL011", message, helps=(between,), fixes=stuck.fix((start, end, "..")))
    if found.text == ",":
        return _list_in_square_brackets(stuck, opener)
    if found.text == "]":
        value = stuck.shown(stuck.open[-1] + 1, stuck.index - 1)
        pair = re.fullmatch(r"(\d+)[.-](\d+)", value)
        helps: tuple[str, ...] = (f"a range has two ends: `[{pair[1]}..{pair[2]}]`" if pair else both[0],)
        if pair is None:
            helps = (*helps, f"a single value stands alone, or in braces: `{{{value}}}`")
        return stuck.diagnostic("SCL011", "a range has only one value", helps=helps)
    return None


def _list_in_square_brackets(stuck: Stuck, opener: Lexeme) -> Diagnostic | None:
    last = stuck.closing(stuck.open[-1])
    shown = "{32, 64, 128}"
    fixes: tuple[Fix, ...] = ()
    if last is not None:
        closer = stuck.lexemes[last]
        fixes = stuck.fix((opener.start, opener.end, "{"), (closer.start, closer.end, "}"))
        if last > stuck.index:
            shown = f"{{{stuck.shown(stuck.open[-1] + 1, last - 1)}}}"
    helps = (f"values are listed in braces: `{shown}`",)
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


def range_without_brackets(stuck: Stuck) -> Diagnostic | None:
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


def comparison_in_call(stuck: Stuck) -> Diagnostic | None:
    """`rank(loss > 5)`, `{a > 1}`."""
    found, opener = stuck.found, stuck.opener
    if found is None or opener is None or (opener.text == "(" and stuck.callee is None):
        return None
    if found.text not in (*SIGNS, "and", "or", "not", "within", "in") or found.text in stuck.accepts:
        return None
    if found.text == "in" and stuck.within != "call":
        return None
    if found.text == "==" and stuck.within == "call" and stuck.item[0] == stuck.index - 1:
        return _given(stuck, "`==` compares; an argument is given with `=`")
    where = {"call": "inside a call", "range": "in a range", "set": "in a set"}[stuck.within]
    word = "a comparison" if found.text in SIGNS or found.text in ("within", "in") else f"`{found.text}`"
    helps = (f"put the condition in parentheses of its own: `{stuck.callee}(({stuck.shown(*stuck.item)}))`",)
    if stuck.within != "call":
        helps = ("a condition stands after `where` or `expect`, or in parentheses",)
    return stuck.diagnostic("SCL016", f"{word} {where} needs parentheses", helps=helps)


def comparison_goes_on(stuck: Stuck) -> Diagnostic | None:
    """`0 < x in [1..2]`; `x > {1, 2}`."""
    found, previous = stuck.found, stuck.previous
    if found is None or previous is None:
        return None
    if found.text in ("in", "within") and ("and" in stuck.accepts or stuck.accepts >= SIGNS):
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
