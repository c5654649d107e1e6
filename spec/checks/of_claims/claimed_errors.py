"""Claims on how far seeds scatter, where there is one."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

from ...claims.claim_conditions import Claim
from ...claims.references import references
from ...errors import Diagnostic
from ...plan.study_plan import StudyPlan
from ...plan.survey import Cell
from ...vocabulary.quantities import error_of, measured

#: Parameters of a source that say how well a model is evaluated.
EVALUATED = ("eval_walks", "exhaustive")


def errors_of_one_seed(plan: StudyPlan, claims: Iterable[Claim], cells: Sequence[Cell]) -> Iterator[Diagnostic]:
    """A claim on standard errors where every cell is of one seed: they are those of its evaluation.

    Where a source says how it is evaluated, that may be what is asked.
    """
    if any(axis.role in ("replicate", "median") and len(axis.points) > 1 for axis in plan.axes):
        return
    calls = {id(c.grid): c.grid.calls["data"] for c in cells}.values()
    if not any(c.model.seeded for c in cells) or any(a.name in EVALUATED for call in calls for a in call.named):
        return
    errors = {error_of(name) for name in (*measured(), "loss")}
    for claim in claims:
        ref = next((r for r in references(claim.tree) if r.kind in ("measured", "property") and r.name in errors), None)
        if ref is not None:
            message = f"`{ref.name}` of one seed is that of the evaluation, and does not tell how seeds differ"
            helps = ("train each with two seeds or more, such as `seed in {0, 1, 2}`",)
            yield Diagnostic("SCL449", message, claim.span, severity="warning", helps=helps)
