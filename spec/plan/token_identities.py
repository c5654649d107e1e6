"""Amounts of training. Three identities tie them; a study gives as many as they need, and the rest follow.

C = 6 N D          D = steps x batch x length          D = epochs x unique
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable
from typing import Any

from ..diagnostics.collect import Fault
from ..syntax.ast import NOWHERE
from ..vocabulary.constants import FLOPS_PER_PARAMETER_TOKEN
from ..vocabulary.quantities import names
from .point_values import Point, RunNames, Value, derived

IDENTITIES = ("C = 6 N D", "D = steps x batch x length", "D = epochs x unique")

#: Steps of a model trained on points, whose D says nothing of how long.
DEFAULT_STEPS = 2000


def problem(given: Iterable[str], unique_known: bool) -> str | None:
    """The flaw of a choice of amounts, in words; None where they determine D exactly once."""
    there = set(given)
    whole = [name for name in names(amount="whole") if name in there]
    divided = [name for name in names(amount="part") if name in there or (name == "unique" and unique_known)]
    if len(whole) > 1:
        return f"`{whole[0]}` and `{whole[1]}` both say how long a run trains"
    if len(whole) == 1 and len(divided) == 2 and "epochs" in there:
        return f"`{whole[0]}`, `epochs` and `unique` say twice how long a run trains"
    if not whole and there and len(divided) < 2:
        missing = "unique" if "epochs" in there else "epochs"
        return f"`{next(iter(there))}` does not say how long a run trains without `{missing}`"
    return None


def problem_on_points(given: Iterable[str], trained: bool, sampled: bool) -> str | None:
    """The same for a model that learns from points: D is its own, and steps or epochs say how long it is trained."""
    there = set(given)
    other = [name for name in ("tokens", "unique", "compute") if name in there]
    if not trained:
        return None
    if other:
        return f"`{other[0]}` says nothing of a model that learns from points: D is its `samples`"
    if {"steps", "epochs"} <= there:
        return "`steps` and `epochs` both say how long a run trains"
    if "epochs" in there and not sampled:
        return "`epochs` are passes over the `samples`, and their number is not given"
    return None


def solve(grid: RunNames, name: str) -> Value:
    """`tokens`, `steps`, `epochs` or `unique` from whichever amounts the study gives."""

    def made(axes: frozenset[str], compute: Callable[[Point], Any]) -> Value:
        return derived(axes, compute, name)

    if grid.on_points and name == "tokens":
        # D is the model's own, undefined where its data have no end.
        model = grid.term("models")
        return made(model.axes, lambda p: model.at(p).n_samples or math.nan)
    if grid.on_points and not grid.trained and name == "steps":
        return made(frozenset(), lambda p: 1)
    given = grid.given(name)
    if given is not None:
        return given
    if grid.on_points and name == "steps":
        passes, d, batch = grid.given("epochs"), grid.value("tokens"), grid.value("batch")
        if passes is None:
            return made(frozenset(), lambda p: DEFAULT_STEPS)
        return made(passes.axes | d.axes | batch.axes, lambda p: max(1, round(passes.at(p) * d.at(p) / batch.at(p))))
    per_step = grid.value("step_tokens")
    if name == "steps":
        d = grid.value("tokens")
        return made(d.axes | per_step.axes, lambda p: max(1, round(d.at(p) / per_step.at(p))))
    if name == "tokens":
        steps, compute, epochs = grid.given("steps"), grid.given("compute"), grid.given("epochs")
        if steps is not None:
            return made(steps.axes | per_step.axes, lambda p: steps.at(p) * per_step.at(p))
        if compute is not None:
            n = grid.value("N")
            return made(compute.axes | n.axes, lambda p: compute.at(p) / (FLOPS_PER_PARAMETER_TOKEN * n.at(p)))
        if epochs is not None:
            unique = grid.value("unique")
            return made(epochs.axes | unique.axes, lambda p: epochs.at(p) * unique.at(p))
        raise Fault("SCL310", "nothing says how long a run trains", NOWHERE, notes=IDENTITIES)
    other = "unique" if name == "epochs" else "epochs"
    whole, part = grid.value("tokens"), grid.given(other)
    if part is None:
        raise Fault("SCL310", f"`{name}` does not follow without `{other}`", NOWHERE, notes=IDENTITIES)
    return made(whole.axes | part.axes, lambda p: whole.at(p) / part.at(p))
