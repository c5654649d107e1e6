"""Amounts of training said in another quantity: so many tokens as steps, so many steps as tokens."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from itertools import pairwise

from ...diagnostics.collect import Fault
from ...plan.grid import Grid
from ...source import Span
from ...syntax.numbers import number, short, short_compute, text_of
from ...syntax.scanner import lexemes
from ...vocabulary.base import REGISTRY
from ...vocabulary.parameters import fields_of

#: How far an amount may lie from a whole number of steps to be said as one, and of anything else.
NEARLY_WHOLE, EXACT = 0.01, 1e-9
#: The words of a range, and those of them before a number that is no amount.
_SPACED, _KEPT = ("step", "times", "count"), ("times", "count")
#: Where each amount and each definition stands, and how it is written.
Typed = Mapping[str, tuple[Span, str]]


def counted_otherwise(
    grid: Grid, every: Iterable[Grid], names: Sequence[str], typed: Typed, sampled: bool
) -> tuple[Span, str] | None:
    """The place of an amount that says nothing of a model on points, and what is written for it in `every` grid."""
    name = next((n for n in ("tokens", "unique", "compute") if n in names and n in typed), "")
    if not name or ("steps" in names and "epochs" in names):
        return None
    span, code = typed[name]
    model = REGISTRY.get(grid.calls["models"].name)
    if name == "compute" or sampled or model is None or "samples" not in fields_of(model):
        batch = sizes.pop() if len(sizes := {_number(one, "batch") for one in every}) == 1 else 0
        alone = name == "tokens" and not {"steps", "epochs"} & {*names}
        if alone and batch and (steps := scaled(code, "steps", 1 / batch)):
            return span, f"write `{steps}`: so many points in batches of {text_of(batch)}"
        return span, f"leave `{code}` out: `steps` or `epochs` tell how long a run trains"
    return (
        span,
        f"the model says how many points there are: `samples{code.removeprefix(name)}` there, and no `{name}` here",
    )


def as_in_use(grids: Iterable[Grid], names: Sequence[str], typed: Typed, file: str) -> tuple[str, ...]:
    """The helps for amounts of a study beside those of one that it uses; none where both stand in one file."""
    own = [name for name in names if typed[name][0].file == file]
    used = [name for name in names if typed[name][0].file != file]
    if len(own) != 1 or not used:
        return ()
    grids = tuple(grids)
    span, code = typed[used[0]]
    goes = f'leave `{code}` out of "{span.file}": `{typed[own[0]][1]}` says how long runs are'
    for name in used:
        factors = {_tokens_in(grid, own[0]) / (_tokens_in(grid, name) or 1) for grid in grids}
        sure = all(_tokens_in(grid, name) for grid in grids)
        if sure and len(factors) == 1 and (same := scaled(typed[own[0]][1], name, factors.pop())):
            return f'write `{same}`, which is the same in what "{span.file}" says', f"or {goes}"
    return (goes,)


def _tokens_in(grid: Grid, name: str) -> float:
    """Tokens of one of an amount; 0 where that is not the same in all runs."""
    if name == "tokens":
        return 1.0
    each = {"steps": "step_tokens", "epochs": "unique"}.get(name)
    return _number(grid, each) if each is not None else 0.0


def _number(grid: Grid, name: str) -> float:
    """A quantity that is the same at every point; 0 where it is not, or nothing gives it."""
    try:
        value = grid.value(name)
        found = 0 if value.axes else value.at({})
    except Fault:
        return 0.0
    return float(found) if isinstance(found, int | float) and 0 < found < float("inf") else 0.0


def scaled(code: str, name: str, factor: float) -> str:
    """An axis or definition with its numbers times a factor, under another name; empty where they come out uneven.

    A range keeps the ratio of its ends, and so its points.
    """
    first, *pieces = lexemes(code)
    odd = any(x.kind == "name" and x.text not in ("in", *_SPACED) for x in pieces)
    if odd or any(x.kind == "mark" and x.text not in ("=", ",", "..", ":") for x in pieces):
        return ""
    out, at, ranged = name, first.end, any(x.text == ".." for x in pieces)
    allowed = NEARLY_WHOLE if name == "steps" else EXACT
    for before, x in pairwise((first, *pieces)):
        out, at = out + code[at : x.start], x.end
        if x.kind != "number" or before.text in _KEPT:
            out += x.text
            continue
        read = number(x.text)
        value = read.value * factor
        whole = round(value)
        if read.unit or not whole or abs(whole - value) > allowed * value:
            return ""
        if ranged:
            factor, allowed = whole / read.value, EXACT
        out += text_of(whole)
    return out + code[at:]


def times_as_much(code: str, factor: float) -> str:
    """An axis or definition with its amounts times a factor; empty where names stand in it."""
    pieces = list(lexemes(code))
    if any(x.kind == "name" and x.text not in ("in", *_SPACED) for x in pieces[1:]):
        return ""
    out, at = "", 0
    for before, x in pairwise(pieces):
        if x.kind == "number" and before.text not in _KEPT:
            read = number(x.text)
            compute = read.unit == "FLOP" or pieces[0].text == "compute"
            out += code[at : x.start] + (short_compute if compute else short)(read.value * factor)
            at = x.end
    return out + code[at:] if out else ""
