"""Quantities of a run that follow from its source, model and settings: N, D, C and what they are made of."""

from __future__ import annotations

import math
from collections.abc import Callable
from operator import mul, truediv
from typing import Any

from ..constants import FLOPS_PER_PARAMETER_TOKEN
from ..diagnostics.collect import Fault
from ..syntax.ast import NOWHERE
from .point_values import RunNames, Value, derived, fixed
from .token_identities import solve


def _n(grid: RunNames) -> Value:
    if grid.elsewhere:
        return derived("N", lambda m: m.n_total(0) or math.nan, grid.term("models"))
    if grid.on_points and not grid.trained:
        return derived("N", lambda m: m.n_total(0) or math.nan, grid.term("models"))
    if grid.on_points:
        return derived("N", lambda m, inputs: m.n_total(inputs) or math.nan, grid.term("models"), _inputs(grid))
    return derived("N", lambda m, vocab: m.n_total(vocab), grid.term("models"), grid.value("vocab"))


def _inputs(grid: RunNames) -> Value:
    """Numbers a point; what is trained on points needs them."""
    call = grid.calls["models"]

    def inputs(source: Any) -> int:
        if not source.inputs:
            message = f"`{call.name}` learns from vectors, and the points of `{grid.calls['data'].name}` have none here"
            raise Fault("SCL316", message, call.span, helps=("give them a place, such as `embed=100`",))
        return source.inputs  # type: ignore[no-any-return]

    return derived("inputs", inputs, grid.term("data"))


def _flops_per_token(grid: RunNames) -> Value:
    if grid.elsewhere:
        return derived("flops", lambda m: m.flops_per_token(0, 0) or math.nan, grid.term("models"))
    parts = grid.term("models"), grid.value("vocab"), grid.term("data")
    return derived("flops", lambda m, vocab, source: m.flops_per_token(vocab, source.length), *parts)


def _step_tokens(grid: RunNames) -> Value:
    if grid.on_points or grid.elsewhere:
        return derived("tokens a step", truediv, grid.value("tokens"), grid.value("steps"))
    return derived("tokens a step", mul, grid.value("batch"), grid.value("length"))


def _flops(grid: RunNames) -> Value:
    if grid.on_points and not grid.steps:
        return fixed(0)
    if grid.on_points:
        parts = grid.term("models"), _inputs(grid), grid.value("batch"), grid.value("steps")
        return derived("flops", lambda m, inputs, batch, steps: m.flops_per_token(inputs, 1) * batch * steps, *parts)
    if grid.elsewhere:
        return derived(
            "flops",
            lambda rate, d: 0 if rate * d != rate * d else rate * d,
            grid.value("flops_per_token"),
            grid.value("tokens"),
        )
    per_token, steps, per_step = (grid.value(name) for name in ("flops_per_token", "steps", "step_tokens"))
    return derived("flops", lambda rate, steps, tokens: rate * steps * tokens, per_token, steps, per_step)


def _vocab(grid: RunNames) -> Value:
    if grid.elsewhere:
        word = grid.calls["data"].name
        raise Fault("SCL103", f"`{word}` has no vocabulary of its own", NOWHERE, helps=("give it, `vocab=50257`",))
    return derived("vocab", lambda source: source.vocab, grid.term("data"))


#: Quantities of a run that follow from the rest.
DERIVATIONS: dict[str, Callable[[RunNames], Value]] = {
    "vocab": _vocab,
    "N": _n,
    "N_body": lambda grid: derived(
        "N_body", lambda m: m.n_body or (math.nan if grid.on_points or grid.elsewhere else 0), grid.term("models")
    ),
    "D": lambda grid: solve(grid, "tokens"),
    "tokens": lambda grid: solve(grid, "tokens"),
    "steps": lambda grid: solve(grid, "steps"),
    "epochs": lambda grid: solve(grid, "epochs"),
    "unique": lambda grid: solve(grid, "unique"),
    "C": lambda grid: derived("C", lambda n, d: FLOPS_PER_PARAMETER_TOKEN * n * d, grid.value("N"), grid.value("D")),
    "compute": lambda grid: grid.given("compute") or grid.value("C"),
    "flops": _flops,
    "seed": lambda grid: grid.given("seed") or fixed(0),
    "step_tokens": _step_tokens,
    "flops_per_token": _flops_per_token,
}
