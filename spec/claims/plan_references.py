"""The claims of a plan with their quantities resolved: from its text, by the same rules that checked the study."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from ..diagnostics.collect import Findings
from ..errors import SpecError
from ..plan.run_grid import PlanAxis
from ..plan.study_plan import StudyPlan
from ..requests.request_types import Located, Requests
from ..resolve.scope import facts_of, parameter_names, tuned_columns
from ..syntax import ast
from ..syntax.ast import NOWHERE
from ..syntax.parser import parse_test, parse_value
from ..syntax.visit import as_call
from ..vocabulary.base import REGISTRY
from ..vocabulary.quantities import names
from .claim_conditions import Conditions
from .references import Unresolved, settled
from .resolve_names import Owners
from .selectors import labels_of


@dataclass(frozen=True)
class ClaimReference:
    """A claim's text, and its test with references for leaves."""

    text: str
    tree: Any
    where: str | None = None


@lru_cache(maxsize=16)
def claim_references(plan: StudyPlan, axes: tuple[PlanAxis, ...] = ()) -> tuple[ClaimReference, ...]:
    """The claims of a plan. `axes` are those that its cells have beside the plan's own: the columns of a table."""
    owners = _owners(plan, (*plan.axes, *axes))
    found = []
    for claim in plan.claims:
        text = claim.test if claim.where is None else f"{claim.test} where {claim.where}"
        try:
            tree = settled(Conditions(owners, "", Findings(lambda said: None)).condition(parse_test(claim.test)))
        except SpecError as error:  # a claim in words of a later version
            tree = Unresolved(ast.String(claim.test), error.diagnostics[0].message)
        found.append(ClaimReference(text, tree, claim.where))
    return tuple(found)


def _owners(plan: StudyPlan, axes: tuple[PlanAxis, ...]) -> Owners:
    """The owners of a plan's quantities."""
    fits = {f.name: Located(f, NOWHERE, call=_call(f.name)) for f in plan.fits}
    optima = {o.name: Located(o, NOWHERE) for o in plan.optima}
    sources = [call for a in plan.data if (call := as_call(parse_value(a.call))) is not None]
    by_name = {name: axis for axis in axes for name in axis.names}
    measured = names(of="cell")  # also those that a table alone may hold
    return Owners(
        Requests(fits, optima),
        by_name,
        labels_of(axes),
        parameter_names(),
        measured=measured,
        facts=facts_of(sources),
        kept=tuned_columns(sources),
    )


def _call(name: str) -> ast.Call | None:
    """A fit's call, where it is named by it."""
    call = as_call(parse_value(name))
    return call if call is not None and call.name in REGISTRY else None
