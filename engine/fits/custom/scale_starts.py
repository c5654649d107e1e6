"""Starts of scales: parameters that a variable is measured by, such as n0 of `(N/n0)^-a`, whose size the data tell.

With its exponent held such a term is a factor n0^a times a power of N, and the law is linear in the factor, which is
found by least squares as coefficients are. No grid would do: n0 may be a number of parameters, of tokens or of FLOPs,
and for a small exponent lies many decades beyond them.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from scalingdsl.spec.syntax import ast
from scalingdsl.spec.syntax.visit import map_children

from ..core.fit_result import Array
from ..core.form import Values
from ..core.nonnegative_least_squares import nonnegative_squares
from .symbolic import ONE, derivative, names_of, times, value_of

#: Share of the loss that a factor starts at which should be 0.
ALMOST_NONE = 1e-12


@dataclass(frozen=True)
class Scale:
    """A scale, and the factor of its term: factor = scale^power."""

    name: str
    factor: str
    power: ast.Expr


@dataclass(frozen=True)
class Factored:
    """A law with factors in place of its scales: linear in these and in its other coefficients."""

    node: ast.Expr
    scales: tuple[Scale, ...]
    #: Parameters in which it is linear, factors included.
    linear: tuple[str, ...]


def factored(node: ast.Expr, variables: Sequence[str], linear: Sequence[str], others: Sequence[str]) -> Factored | None:
    """The law with factors in place of those of its `others` that are scales; None where none is.

    Args:
        node: The law.
        variables: Names of its variables.
        linear: Parameters in which it is linear.
        others: The parameters that may be scales.
    """
    scales: list[Scale] = []

    def replaced(part: Any) -> Any:
        match part:
            case ast.Binary("^", base, power):
                found = _scale(_bare(base), power)
                if found is not None:
                    scales.append(found[0])
                    return times(ast.Name(found[0].factor), ast.Binary("^", found[1], power))
        return map_children(part, replaced)

    def _scale(base: Any, power: ast.Expr) -> tuple[Scale, ast.Expr] | None:
        factor: ast.Expr
        match base:
            case ast.Binary("/", ast.Name(v), ast.Name(s)) if v in variables and s in others:
                kept, factor = base.left, ast.Negate(ast.Group((power,)))
            case ast.Binary("/", ast.Name(s), ast.Name(v)) if v in variables and s in others:
                kept, factor = ast.Binary("/", ONE, base.right), power
            case ast.Binary("*", ast.Name(s), ast.Name(v)) | ast.Binary("*", ast.Name(v), ast.Name(s)) if (
                v in variables and s in others
            ):
                kept, factor = ast.Name(v), power
            case _:
                return None
        return None if s in names_of(power) else (Scale(s, f"{s} as a factor", factor), kept)

    law = replaced(node)
    if not scales or len({s.name for s in scales}) < len(scales) or {s.name for s in scales} & {*names_of(law)}:
        return None
    together = (*linear, *(s.factor for s in scales))
    partial = {name: names_of(derivative(law, name)) for name in together}
    if any(name in names for names in partial.values() for name in together):
        return None
    return Factored(law, tuple(scales), together)


def _bare(node: Any) -> Any:
    return _bare(node.items[0]) if isinstance(node, ast.Group) and len(node.items) == 1 else node


def scale_starts(law: Factored, variables: Values, loss: Array, grid: Values) -> dict[str, Array]:
    """Scales for each start of what else the law is not linear in, shape (start,).

    Args:
        law: With factors for its scales.
        variables: Shape (point,).
        loss: Shape (point,).
        grid: Other parameters, shape (start,).
    """
    rows = max((len(values) for values in grid.values()), default=1)
    at: dict[str, Array] = {**variables, **{name: values[:, None] for name, values in grid.items()}}
    at |= {name: np.zeros(1) for name in law.linear}
    shape = (rows, len(loss))
    with np.errstate(all="ignore"):
        offset = np.nan_to_num(np.broadcast_to(value_of(law.node, at), shape))
        columns = [np.broadcast_to(value_of(derivative(law.node, name), at), shape) for name in law.linear]
        basis = np.nan_to_num(np.stack(columns, axis=1), posinf=0.0, neginf=0.0)
        found = nonnegative_squares(basis, loss - offset, 1 / np.maximum(np.abs(loss), np.finfo(float).tiny) ** 2)
        starts = {}
        for scale in law.scales:
            i = law.linear.index(scale.factor)
            size = np.max(np.abs(basis[:, i]), axis=1)
            factor = np.maximum(found[:, i], ALMOST_NONE * np.max(np.abs(loss)) / np.where(size > 0, size, 1.0))
            power = np.broadcast_to(
                value_of(scale.power, {n: v[:, 0] if v.ndim > 1 else v for n, v in at.items()}), (rows,)
            )
            starts[scale.name] = np.nan_to_num(factor ** (1 / power), nan=1.0)
    return starts
