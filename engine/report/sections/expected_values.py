"""The values that a study claims its exponents to have, for the column beside the estimates; the analysis judges it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from scalingdsl.spec.claims.plan_references import ClaimReference
from scalingdsl.spec.claims.references import QuantityRef, Reduction, Selector, written
from scalingdsl.spec.claims.selection import same
from scalingdsl.spec.syntax import ast
from scalingdsl.spec.syntax.printer import to_text
from scalingdsl.spec.syntax.visit import conjuncts

from ...analysis.analysis_result import Panel


@dataclass(frozen=True)
class Expectation:
    """A number of a fit or optimum, where the selectors hold, is claimed to be `words`: `in [0.5..1.1]`."""

    quantity: QuantityRef
    #: "mean" or another reduction over slices; empty for each slice by itself.
    reduction: str
    selectors: tuple[Selector, ...]
    words: str

    def covers(self, parameter: str, name: str, panel: Panel) -> bool:
        """True where this claim speaks of a parameter of a fit in a panel."""
        request = self.quantity.request
        return (
            request is not None
            and (parameter, name) == (self.quantity.name, request.name)
            and all(any(same(value, s.value) and s.name in (None, own) for own, value in panel) for s in self.selectors)
        )


def expectations(claims: Sequence[ClaimReference]) -> tuple[Expectation, ...]:
    """Every simple claim on one parameter of one fit or optimum."""
    return tuple(e for claim in claims for relation in conjuncts(claim.tree) for e in _expectation(relation))


def words(known: Sequence[Expectation], parameter: str, name: str, panel: Panel, *, reduced: bool = False) -> str:
    """The claim on a parameter in one panel, or on its mean over slices; empty where there is none."""
    said = [
        e.words if e.reduction in ("", "mean") else f"{e.reduction} {e.words}"
        for e in known
        if bool(e.reduction) == reduced and e.covers(parameter, name, panel)
    ]
    return "; ".join(dict.fromkeys(said))


def _expectation(relation: ast.Test) -> Iterator[Expectation]:
    value: Any
    match relation:
        case ast.Inside(value, where):
            said = f"in {to_text(written(where))}"
        case ast.Near(value, tolerance, target):
            said = f"within {to_text(written(tolerance))} of {to_text(written(target))}"
        case ast.Chain(value, ((operator, other),)):
            said = f"{operator} {to_text(written(other))}"
        case _:
            return
    match value:
        case QuantityRef(request=request) if request is not None:
            yield Expectation(value, "", value.selectors, said)
        case Reduction(word, QuantityRef() as inner, selectors=selectors):
            yield Expectation(inner, word, (*inner.selectors, *selectors), said)
