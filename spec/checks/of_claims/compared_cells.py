"""Rules about claims that compare cells: means are over the same sizes, and more data are no merit of a batch."""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

from ...claims.claim_conditions import Claim
from ...claims.claimed_ranges import number_of
from ...claims.references import QuantityRef, Reduction, references, selected
from ...claims.selection import Entry, Panel, UnansweredError, select
from ...diagnostics.collect import Fault
from ...errors import Diagnostic
from ...expressions.canonical_tree import text
from ...plan.panel_axes import moved_by
from ...plan.study_plan import StudyPlan
from ...plan.survey import Cell
from ...syntax import ast
from ...syntax.numbers import short
from ...syntax.visit import children
from ..fit_rules import cells_where
from .compared_fits import comparisons

#: Reductions that one small cell more, or one large one, makes another number of.
AVERAGES = ("mean", "median")
#: Measurements that fall as runs see more.
FALLING = ("loss", "excess")
#: How many times as many tokens lower a loss by themselves, and how near two sizes are one.
MORE, NEAR = 1.5, 1.1

Said = tuple[str, str]


def compared_cells(plan: StudyPlan, claims: Iterable[Claim], cells: tuple[Cell, ...]) -> Iterator[Diagnostic]:
    """The findings about every comparison of one measurement at two values of an axis."""
    for claim in claims:
        try:
            there = cells if claim.where is None else cells_where(claim.where, cells)
        except Fault:
            continue
        for part in comparisons(claim.tree):
            said = next(_of_other_sizes(plan, claim, part, there), None) or next(_of_more_data(part, there), None)
            if said is not None:
                place = part.span if part.span in claim.span else claim.span
                yield Diagnostic("SCL451", said[0], place, severity="warning", helps=(said[1],))


def _of_other_sizes(plan: StudyPlan, claim: Claim, part: Any, cells: Sequence[Cell]) -> Iterator[Said]:
    """Means of which one is over sizes that the other has not, as a condition of the study may leave them."""
    means = [r for r in _reductions(part) if r.word in AVERAGES]
    refs = [ref for mean in means for ref in selected(mean)]
    if len(means) != 2 or len(refs) != 2 or not _alike(refs):
        return
    one, two = ({*_at(cells, ref)} for ref in refs)
    both = one & two
    if not both or one == two or both not in (one, two):
        return
    sizes = moved_by(cells, plan, "N") | moved_by(cells, plan, "D")
    found = next((kept for name in sorted(sizes) if (kept := _kept(name, both, one | two))), None)
    if found is None:
        return
    shown = [f"`{text(mean.written)}`" for mean in means]
    more, fewer = shown if len(one) > len(two) else shown[::-1]
    condition = found if claim.where is None else f"{text(claim.where)} and {found}"
    message = f"{more} is over {max(len(one), len(two))} cells, and {fewer} over {len(both)} of these sizes alone"
    yield message, f"write `expect {text(claim.test)} where {condition}`, for those that both have"


def _of_more_data(part: Any, cells: Sequence[Cell]) -> Iterator[Said]:
    """A loss that is to be lower at a larger batch, or with longer sequences, where steps are the same."""
    pair = _lower(part)
    if pair is None or not _alike(pair) or pair[0].name not in FALLING:
        return
    low, high = (_at(cells, ref) for ref in pair)
    same = [(low[at], high[at]) for at in low.keys() & high.keys()]
    if not same or not all(_sees_more(here, there) for here, there in same):
        return
    here, there = same[0]
    one, two = (f"`{text(ref.written)}`" for ref in pair)
    times = short(round(here.asked_tokens / there.asked_tokens, 1))
    message = f"{one} is after {times} times as many tokens as {two}, in as many steps, which alone make it lower"
    amounts = [short(n) for n in sorted({cell.asked_tokens for cell, _ in same})]
    given = f"tokens in {{{', '.join(amounts)}}}" if len(amounts) > 1 else f"tokens = {amounts[0]}"
    yield message, f"for equal data write `{given}` in place of `steps`"


def _sees_more(here: Cell, there: Cell) -> bool:
    given = here.grid.gives("steps") and here.steps == there.steps
    size = max(here.n_total, there.n_total) <= NEAR * min(here.n_total, there.n_total)
    return given and size and here.asked_tokens >= MORE * there.asked_tokens > 0


def _alike(refs: Sequence[QuantityRef]) -> bool:
    """True for one measurement at two values of the same axes."""
    one, two = refs
    measured = one.kind == two.kind == "measured" and one.name == two.name
    names = [[s.name for s in ref.selectors] for ref in refs]
    return measured and names[0] == names[1] != [] and one.selectors != two.selectors


def _at(cells: Sequence[Cell], ref: QuantityRef) -> Mapping[Panel, Cell]:
    """The cells that a quantity is of, by the rest of their points."""
    try:
        found = select([Entry(cell.point, place=i) for i, cell in enumerate(cells)], ref.selectors)
    except UnansweredError:
        return {}
    return {entry.panel: cells[entry.place] for entry in found}


def _kept(name: str, both: set[Panel], all_of_them: set[Panel]) -> str:
    """The condition on one axis that keeps what both have; "" where none does."""
    values = sorted({v for panel in all_of_them for k, v in panel if k == name and not isinstance(v, str)})
    there = {v for panel in both for k, v in panel if k == name}
    kept = [v for v in values if v in there]
    if len(kept) == len(values) or {p for p in all_of_them if dict(p).get(name) in there} != both:
        return ""
    if kept == values[: len(kept)]:
        return f"{name} <= {short(kept[-1])}"
    if kept == values[-len(kept) :]:
        return f"{name} >= {short(kept[0])}"
    return f"{name} in {{{', '.join(map(short, kept))}}}"


def _reductions(node: Any) -> Iterator[Reduction]:
    if isinstance(node, Reduction):
        yield node
    elif not isinstance(node, QuantityRef):
        for part in children(node):
            yield from _reductions(part)


def _lower(part: Any) -> tuple[QuantityRef, QuantityRef] | None:
    """What a comparison says is the lower of two quantities, and the other: `a < b`, `b - a > .02`, `a/b < .9`."""
    if not isinstance(part, ast.Chain) or len(part.rest) != 1 or part.rest[0][0] not in ("<", "<=", ">", ">="):
        return None
    sign, right = part.rest[0]
    low, high = (part.first, right) if sign[0] == "<" else (right, part.first)
    bound = number_of(low) if not any(references(low)) else None
    if isinstance(high, ast.Binary) and bound is not None and bound >= {"-": 0, "/": 1}.get(high.op, math.inf):
        low, high = high.right, high.left
    elif isinstance(low, ast.Binary) and low.op == "/" and not any(references(high)):
        most = number_of(high)
        low, high = (low.left, low.right) if most is not None and most <= 1 else (low, high)
    refs = [[*selected(side)] for side in (low, high)]
    single = all(isinstance(side, QuantityRef | Reduction) for side in (low, high))
    return (refs[0][0], refs[1][0]) if single and [len(r) for r in refs] == [1, 1] else None
