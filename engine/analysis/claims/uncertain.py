"""A quantity with its uncertainty, in each of several panels: what the expressions of a claim are computed with.

Two quantities meet where their panels agree on every axis that both have: `alpha(power(N), muP)` at each token count
meets `alpha(power(N), SP)` at the same one, and a constant meets everything. Draw k of one meets draw k of the other,
because all fits of a study share their draws.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import reduce
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scalingdsl.spec.claims.selection import UnansweredError
from scalingdsl.spec.expressions.evaluate import Algebra
from scalingdsl.spec.vocabulary.base import Scalar

from ...fits.core.array_algebra import ELEMENTWISE
from ...fits.core.fit_result import Array
from ..analysis_result import Panel

Operation = Callable[..., Any]


@dataclass(frozen=True, eq=False)
class Drawn:
    """Estimates of shape (panel,) and draws of shape (draw, panel); a single draw stands for an exact number.

    Truth values are 0, 1 and NaN (a draw whose refit failed), so that `and`, `or`, `not` and the share of draws are
    arithmetic.
    """

    panels: tuple[Panel, ...]
    value: Array
    draws: Array

    @staticmethod
    def exact(values: Sequence[float], panels: Sequence[Panel] = ((),)) -> Drawn:
        """Numbers without uncertainty, one a panel."""
        array = np.asarray(values, dtype=np.float64)
        return Drawn(tuple(panels), array, array[None, :])

    @property
    def n_draws(self) -> int:
        """Number of draws; 1 for exact numbers."""
        return len(self.draws)

    def take(self, places: Sequence[int], panels: Sequence[Panel] | None = None) -> Drawn:
        """Some of the panels, under new names where given."""
        index = np.asarray(places, dtype=np.int64)
        kept = tuple(self.panels[i] for i in places) if panels is None else tuple(panels)
        return Drawn(kept, self.value[index], self.draws[:, index])

    def magnitude(self) -> Drawn:
        """Without signs."""
        return Drawn(self.panels, np.abs(self.value), np.abs(self.draws))

    def reduce(self, function: Callable[..., Any]) -> Drawn:
        """One number for all panels, draw by draw."""
        value = np.atleast_1d(np.asarray(function(self.value[None, :], axis=1), dtype=np.float64))
        return Drawn(((),), value, np.asarray(function(self.draws, axis=1), dtype=np.float64)[:, None])


def truth(compare: Operation) -> Operation:
    """A comparison whose result is 1, 0, or NaN where a side is no number; infinity is none, whatever it exceeds."""

    def judged(left: NDArray[np.float64], right: NDArray[np.float64]) -> Array:
        result = np.asarray(compare(left, right), dtype=np.float64)
        return np.where(np.isfinite(left) & np.isfinite(right), result, np.nan)

    return judged


def finite(values: Array) -> Array:
    """Values with NaN for those that are no numbers, so that 1/(alpha/0) is not 0."""
    return np.where(np.isfinite(values), values, np.nan)


def drawn(value: object) -> Drawn:
    """A plain number as an exact quantity of every panel.

    Raises:
        UnansweredError: It is no number.
    """
    if isinstance(value, Drawn):
        return value
    if not isinstance(value, int | float | np.number | np.bool_):
        raise UnansweredError(f"`{value}` is no number, and nothing can be reckoned with it")
    return Drawn.exact([float(value)])


#: The operations of the language on aligned estimates or draws.
OPERATIONS: dict[str, Operation] = {
    **ELEMENTWISE,
    **{sign: truth(ELEMENTWISE[sign]) for sign in ("<", "<=", ">", ">=", "==", "!=")},
    "and": np.minimum,
    "or": np.maximum,
    "not": lambda held: 1.0 - held,
}


class Draws(Algebra[Any]):
    """The algebra of quantities with draws; numbers alone stay numbers, but for what a function makes of them."""

    def apply(self, operation: str, *operands: Any) -> Any:
        if operation not in self.functions and not any(isinstance(v, Drawn) for v in operands):
            return super().apply(operation, *operands)
        if len(operands) > 1:
            return reduce(lambda one, two: combine(one, two, OPERATIONS[operation]), operands)
        one = drawn(operands[0])
        with np.errstate(all="ignore"):
            value, draws = (finite(OPERATIONS[operation](part)) for part in (one.value, one.draws))
        return Drawn(one.panels, value, draws)


def combine(left: object, right: object, operation: Operation) -> Drawn:
    """Two quantities joined on the axes they share, draw by draw; the longer run of draws is cut to the shorter."""
    a, b = drawn(left), drawn(right)
    pairs = list(meeting(a.panels, b.panels))
    i = np.array([pair[0] for pair in pairs], dtype=np.int64)
    j = np.array([pair[1] for pair in pairs], dtype=np.int64)
    n = max(a.n_draws, b.n_draws) if 1 in (a.n_draws, b.n_draws) else min(a.n_draws, b.n_draws)
    with np.errstate(all="ignore"):
        value = np.asarray(operation(a.value[i], b.value[j]), dtype=np.float64)
        draws = np.asarray(operation(a.draws[:n, i], b.draws[:n, j]), dtype=np.float64)
    return Drawn(tuple(pair[2] for pair in pairs), finite(value), finite(draws))


def meeting(left: Sequence[Panel], right: Sequence[Panel]) -> Iterator[tuple[int, int, Panel]]:
    """Places of the panels that agree, and what they make together; found by the axes that all of them have."""
    everywhere = [frozenset(name for name, _ in panel) for panel in (*left, *right)]
    shared = sorted(frozenset.intersection(*everywhere)) if left and right else []
    places: dict[tuple[Scalar, ...], list[int]] = {}
    for j, panel in enumerate(right):
        places.setdefault(tuple(dict(panel)[name] for name in shared), []).append(j)
    for i, panel in enumerate(left):
        for j in places.get(tuple(dict(panel)[name] for name in shared), ()):
            joined = join(panel, right[j])
            if joined is not None:
                yield i, j, joined


def join(left: Panel, right: Panel) -> Panel | None:
    """Both panels in one, or None where they disagree on an axis."""
    known = dict(left)
    for name, value in right:
        if known.setdefault(name, value) != value:
            return None
    return tuple(known.items())
