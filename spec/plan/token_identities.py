"""Amounts of training. Three identities tie them; a study gives as many as they need, and the rest follow.

C = 6 N D          D = steps x batch x length          D = epochs x unique
"""

from __future__ import annotations

import math
from collections.abc import Iterable
from operator import mul, truediv

from ..constants import FLOPS_PER_PARAMETER_TOKEN
from ..diagnostics.collect import Fault
from ..syntax.ast import NOWHERE
from ..vocabulary.base import REGISTRY
from ..vocabulary.parameters import fields_of
from ..vocabulary.quantities import names
from ..vocabulary.words.sources import SequenceSource
from .point_values import RunNames, Value, derived, fixed

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


def problem_elsewhere(given: Iterable[str], unique_known: bool) -> str | None:
    """The same for a model that is trained elsewhere, where nothing need be said."""
    return problem(given, unique_known) if set(given) - {"unique"} else None


def _step_tokens_elsewhere(grid: RunNames) -> Value | None:
    """Tokens a step, where the study declares both parts of it for its trainer."""
    there = all(grid.knows(name) for name in ("batch", "length"))
    return derived("tokens a step", mul, grid.value("batch"), grid.value("length")) if there else None


def _elsewhere(grid: RunNames, name: str) -> Value:
    """`tokens` or `steps` of a model that is trained elsewhere: not a number for D that nothing says, 1 for steps."""
    given, per_step = grid.given(name), _step_tokens_elsewhere(grid)
    if given is not None:
        return given
    if name == "steps":
        if per_step is None or not any(grid.gives(amount) for amount in ("tokens", "compute", "epochs")):
            return fixed(1)
        return derived(name, lambda d, step: 1 if d != d else max(1, round(d / step)), grid.value("tokens"), per_step)
    if (steps := grid.given("steps")) is not None:
        return fixed(math.nan) if per_step is None else derived(name, mul, steps, per_step)
    if (compute := grid.given("compute")) is not None:
        return derived(name, lambda c, n: c / (FLOPS_PER_PARAMETER_TOKEN * n), compute, grid.value("N"))
    if (epochs := grid.given("epochs")) is not None:
        return derived(name, mul, epochs, grid.value("unique"))
    return fixed(math.nan)


def _own_unique(grid: RunNames) -> Value | None:
    """The distinct tokens of a source that counts what it draws from in something else."""
    call = grid.calls.get("data")
    word = REGISTRY.get(call.name) if call is not None else None
    if word is None or not issubclass(word, SequenceSource) or word.bounded_by == "unique":
        return None
    return derived("unique", lambda source: source.distinct or math.nan, grid.term("data"))


def solve(grid: RunNames, name: str) -> Value:
    """`tokens`, `steps`, `epochs` or `unique` from whichever amounts the study gives."""

    if grid.elsewhere and name in ("tokens", "steps"):
        return _elsewhere(grid, name)
    if grid.on_points and name == "tokens":
        model = grid.term("models")
        if grid.draws_anew:
            made, batch = solve(grid, "steps"), grid.value("batch")
            return derived(name, lambda model, steps, batch: model.n_samples or steps * batch, model, made, batch)
        # D is the model's own, undefined where its data have no end.
        return derived(name, lambda model: model.n_samples or math.nan, model)
    if grid.on_points and not grid.steps and name == "steps":
        return fixed(1)
    given = grid.given(name)
    if given is not None:
        return given
    if name == "unique" and (own := _own_unique(grid)) is not None:
        return own
    if grid.on_points and name == "steps":
        passes, d, batch = grid.given("epochs"), grid.value("tokens"), grid.value("batch")
        if passes is None:
            return fixed(DEFAULT_STEPS)
        return derived(name, lambda passes, d, batch: max(1, round(passes * d / batch)), passes, d, batch)
    per_step = grid.value("step_tokens")
    if name == "steps":
        return derived(name, lambda d, per_step: max(1, round(d / per_step)), grid.value("tokens"), per_step)
    if name == "tokens":
        steps, compute, epochs = grid.given("steps"), grid.given("compute"), grid.given("epochs")
        if steps is not None:
            return derived(name, mul, steps, per_step)
        if compute is not None:
            return derived(name, lambda c, n: c / (FLOPS_PER_PARAMETER_TOKEN * n), compute, grid.value("N"))
        if epochs is not None:
            return derived(name, mul, epochs, grid.value("unique"))
        helps = ("say it after `train`, such as `tokens in [250k..4M]`",)
        raise Fault("SCL310", "nothing says how long a run trains", NOWHERE, notes=IDENTITIES, helps=helps)
    other = "unique" if name == "epochs" else "epochs"
    whole, part = grid.value("tokens"), grid.given(other)
    if part is None:
        message, helps = f"`{name}` does not follow without `{other}`", (f"give `{other}` after `train`",)
        call = grid.calls.get("data")
        source = call.name if call is not None else ""
        if source in REGISTRY and "unique" not in fields_of(REGISTRY[source]):
            message = f"`{source}` draws fresh data for as long as a run trains, and has no `{name}`"
            helps = (f"leave what is said of `{name}` out",)
        raise Fault("SCL310", message, NOWHERE, notes=IDENTITIES, helps=helps)
    return derived(name, truediv, whole, part)
