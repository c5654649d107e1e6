"""Quantities of a run that follow from its source, model and settings: N, D, C and what they are made of."""

from __future__ import annotations

import math
from collections.abc import Callable

from ..diagnostics.collect import Fault
from ..vocabulary.constants import FLOPS_PER_PARAMETER_TOKEN
from .point_values import Point, RunNames, Value, derived
from .token_identities import solve


def _vocab(grid: RunNames) -> Value:
    source = grid.term("data")
    return derived(source.axes, lambda p: source.at(p).vocab, "vocab")


def _n(grid: RunNames) -> Value:
    model = grid.term("models")
    if grid.on_points:
        inputs = _inputs(grid)
        return derived(model.axes | inputs.axes, lambda p: model.at(p).n_total(inputs.at(p)) or math.nan, "N")
    vocab = grid.value("vocab")
    return derived(model.axes | vocab.axes, lambda p: model.at(p).n_total(vocab.at(p)), "N")


def _inputs(grid: RunNames) -> Value:
    """Numbers a point; what is trained on points needs them."""
    source, call = grid.term("data"), grid.calls["models"]

    def at(point: Point) -> int:
        found: int = source.at(point).inputs
        if grid.trained and not found:
            message = f"`{call.name}` learns from vectors, and the points of `{grid.calls['data'].name}` have none here"
            raise Fault("SCL316", message, call.span, helps=("give them a place, such as `embed=100`",))
        return found

    return derived(source.axes, at, "inputs")


def _n_body(grid: RunNames) -> Value:
    model = grid.term("models")
    absent = math.nan if grid.on_points else 0
    return derived(model.axes, lambda p: model.at(p).n_body or absent, "N_body")


def _flops_per_token(grid: RunNames) -> Value:
    model, source, vocab = grid.term("models"), grid.term("data"), grid.value("vocab")
    return derived(
        model.axes | source.axes, lambda p: model.at(p).flops_per_token(vocab.at(p), source.at(p).length), "flops"
    )


def _step_tokens(grid: RunNames) -> Value:
    if grid.on_points:
        d, steps = grid.value("tokens"), grid.value("steps")
        return derived(d.axes | steps.axes, lambda p: d.at(p) / steps.at(p), "tokens a step")
    batch, length = grid.value("batch"), grid.value("length")
    return derived(batch.axes | length.axes, lambda p: batch.at(p) * length.at(p), "tokens a step")


def _flops(grid: RunNames) -> Value:
    if grid.on_points and not grid.trained:
        return Value(frozenset(), lambda p: 0)
    if grid.on_points:
        model, inputs, batch, steps = grid.term("models"), _inputs(grid), grid.value("batch"), grid.value("steps")
        return derived(
            model.axes | inputs.axes | batch.axes | steps.axes,
            lambda p: model.at(p).flops_per_token(inputs.at(p), 1) * batch.at(p) * steps.at(p),
            "flops",
        )
    per_token, steps, per_step = (grid.value(name) for name in ("flops_per_token", "steps", "step_tokens"))
    axes = per_token.axes | steps.axes | per_step.axes
    return derived(axes, lambda p: per_token.at(p) * steps.at(p) * per_step.at(p), "flops")


def _seed(grid: RunNames) -> Value:
    given = grid.given("seed")
    return given if given is not None else Value(frozenset(), lambda p: 0)


def _compute(grid: RunNames) -> Value:
    return grid.given("compute") or grid.value("C")


def _c(grid: RunNames) -> Value:
    n, d = grid.value("N"), grid.value("D")
    return derived(n.axes | d.axes, lambda p: FLOPS_PER_PARAMETER_TOKEN * n.at(p) * d.at(p), "C")


#: Quantities of a run that follow from the rest.
QUANTITIES: dict[str, Callable[[RunNames], Value]] = {
    "vocab": _vocab,
    "N": _n,
    "N_body": _n_body,
    "D": lambda grid: solve(grid, "tokens"),
    "tokens": lambda grid: solve(grid, "tokens"),
    "steps": lambda grid: solve(grid, "steps"),
    "epochs": lambda grid: solve(grid, "epochs"),
    "unique": lambda grid: solve(grid, "unique"),
    "C": _c,
    "compute": _compute,
    "flops": _flops,
    "seed": _seed,
    "step_tokens": _step_tokens,
    "flops_per_token": _flops_per_token,
}
