"""Updates written for some rows at once, and taken a row at a time on a CPU.

There the bits of a vectorised loop, or of a matrix product, may depend on where in memory its numbers lie and on how
many there are; a row alone is the same to both in every pack. On a GPU a call costs most, and all rows are one.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from math import inf
from typing import Any, Protocol

import numpy as np
import torch
from scalingdsl.spec.vocabulary.words.training import Growth
from torch import Tensor

from ..pack_state import State
from ..parameter_layout import Layout
from ..schedule import Array

#: Added to a gradient's norm before dividing, as `torch.nn.utils.clip_grad_norm_` does.
NORM_EPS = 1e-6


@dataclass(frozen=True)
class Span:
    """Neighbouring tensors that are treated alike, of some rows: all [r, n]."""

    kind: Growth
    #: Multiplies the learning rate.
    rate: float
    decays: bool
    params: Tensor
    grads: Tensor
    moments: dict[str, Tensor]


@dataclass(frozen=True)
class Matrix:
    """A matrix of some rows: all [r, m, n]; `beside` are squares of its rows and of its columns."""

    params: Tensor
    grads: Tensor
    moments: dict[str, Tensor]
    beside: dict[str, Tensor]
    rate: float
    decays: bool


@dataclass(frozen=True)
class Rows:
    """Rows of a pack, as views of its storage."""

    state: State
    layout: Layout
    place: slice

    @property
    def taken(self) -> Tensor:
        """Steps that each has taken, this one included, float64 [r, 1]."""
        return self.state.steps[self.place, None].double()

    def spans(self, *kinds: Growth) -> list[Span]:
        """Groups of these kinds, or all."""
        state = self.state
        return [
            Span(
                group.kind,
                group.rate,
                group.decays,
                state.params[self.place, group.start : group.stop],
                state.grads[self.place, group.start : group.stop],
                {name: part[self.place, group.start : group.stop] for name, part in state.moments.items()},
            )
            for group in self.layout.groups
            if not kinds or group.kind in kinds
        ]

    def matrices(self) -> list[Matrix]:
        """Those that grow in both directions, in order of place."""
        state, found = self.state, []
        begins = dict.fromkeys(state.beside, 0)
        for slot in self.layout.matrices:
            group = next(g for g in self.layout.groups if g.start <= slot.start < g.stop)

            def view(part: Tensor, start: int = slot.start, shape: tuple[int, ...] = slot.shape) -> Tensor:
                size = shape[0] * shape[1]
                return part[self.place, start : start + size].unflatten(1, shape)

            beside = {}
            for name, part in state.beside.items():
                side = slot.shape[0 if name.startswith("left") else 1]
                beside[name] = view(part, begins[name], (side, side))
                begins[name] += side * side
            moments = {name: view(part) for name, part in state.moments.items()}
            found.append(Matrix(view(state.params), view(state.grads), moments, beside, group.rate, group.decays))
        return found


class Update(Protocol):
    """An update of some rows, over views made once."""

    def __call__(self, rate: Tensor, numbers: Tensor) -> None:
        """Move the parameters: `rate` [r, 1] and the optimiser's own numbers [K, r, 1], float64. Gradients are clipped,
        and steps counted, already.
        """


class ByRows:
    """The optimiser whose rows `update` moves.

    Args:
        layout: Of a row.
        state: The pack's storage.
        update: Makes an update of rows from one of their declarations: what steps are made of is the same in all.
        numbers: The numbers of a declaration that may differ from row to row.
    """

    def __init__(
        self,
        layout: Layout,
        state: State,
        update: Callable[[Rows, Any], Update],
        numbers: Callable[[Any], Sequence[float]],
    ) -> None:
        self._layout, self._state, self._update, self._numbers = layout, state, update, numbers
        self._made: dict[tuple[int, int], Update] = {}
        self._word: Any = None

    def chunk(self, words: Sequence[Any], rates: Array) -> Tensor:
        """See `Optimiser.chunk`: float64 [S, 2 + K, p, 1], the rate, the norm to clip to, and the numbers."""
        self._word = words[0]
        own = np.array([(inf if word.clip is None else word.clip, *self._numbers(word)) for word in words])
        numbers = np.empty((len(rates), 1 + own.shape[1], len(words), 1))
        numbers[:, 0, :, 0], numbers[:, 1:, :, 0] = rates, own.T
        return torch.from_numpy(numbers).to(self._state.params.device)

    def step(self, chunk: Tensor, at: int) -> Tensor:
        """See `Optimiser.step`."""
        state, rows = self._state, chunk.shape[2]
        rate, clip, numbers = chunk[at, 0], chunk[at, 1], chunk[at, 2:]
        grads = state.grads[:rows]
        norms: Tensor = torch.linalg.vector_norm(grads, dim=1)
        grads.div_(((norms[:, None] + NORM_EPS) / clip).clamp_min(1.0).float())
        state.steps[:rows].add_(1.0)
        together = self.together(rows)
        for first in range(0, rows, together):
            place = slice(first, first + together)
            self._of(place)(rate[place], numbers[:, place])
        return norms

    def together(self, rows: int) -> int:
        """How many of so many rows are taken at once."""
        return 1 if self._state.params.device.type == "cpu" else rows

    def _of(self, place: slice) -> Update:
        key = place.start, place.stop
        if key not in self._made:
            self._made[key] = self._update(Rows(self._state, self._layout, place), self._word)
        return self._made[key]
