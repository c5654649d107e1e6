"""The place of each tensor in a model's flat row of parameters.

A model is one row; a pack is [P, stride]. Tensors with the same learning-rate multiplier and weight decay lie side by
side, so that an optimiser updates a row in a few slices. Rows are padded with zeros to whole cache lines: sums in a
matrix product depend on how its factors are aligned, and every row must give the same bits.
"""

from __future__ import annotations

from dataclasses import dataclass
from math import gcd, prod

import torch
from scalingdsl.spec.vocabulary.words.training import Growth
from torch import Tensor

#: Numbers in a cache line of 64 bytes.
LINE = 16


@dataclass(frozen=True)
class Group:
    """Neighbouring tensors that an optimiser treats alike."""

    #: How its tensors grow with the width.
    kind: Growth
    start: int
    stop: int
    #: Multiplies the learning rate.
    rate: float
    #: Whether weight decay applies.
    decays: bool


@dataclass(frozen=True)
class Slot:
    """One tensor: where it starts in the row, its shape, and the standard deviation it is drawn with (None: ones)."""

    name: str
    start: int
    shape: tuple[int, ...]
    std: float | None

    @property
    def stop(self) -> int:
        """The start of the next tensor."""
        return self.start + prod(self.shape)


@dataclass(frozen=True)
class Layout:
    """All tensors of one model; every size is a multiple of `unit`, and so is the stride."""

    slots: tuple[Slot, ...]
    groups: tuple[Group, ...]
    unit: int = 1

    @property
    def n_params(self) -> int:
        """Parameters of a model."""
        return self.slots[-1].stop

    @property
    def stride(self) -> int:
        """Numbers from one row to the next: the parameters and their padding."""
        whole = self.unit * LINE // gcd(self.unit, LINE)
        return -(-self.n_params // whole) * whole

    @property
    def matrices(self) -> tuple[Slot, ...]:
        """Tensors that grow in both directions, in order of place."""
        spans = [(group.start, group.stop) for group in self.groups if group.kind == "hidden"]
        return tuple(s for s in self.slots if any(start <= s.start < stop for start, stop in spans))

    @property
    def shapes(self) -> tuple[tuple[int, int], ...]:
        """Rows and columns of these."""
        return tuple((slot.shape[0], slot.shape[1]) for slot in self.matrices)

    def slot(self, name: str) -> Slot:
        """The place of tensor `name`."""
        return next(s for s in self.slots if s.name == name)

    def view(self, rows: Tensor, name: str, begins: int = 0) -> Tensor:
        """Tensor `name` of every model in `rows` [P, stride], or what follows `begins` of it, as a view [P, *shape]."""
        slot = self.slot(name)
        return rows[:, slot.start - begins : slot.stop - begins].view(len(rows), *slot.shape)

    def init_(self, row: Tensor, generator: torch.Generator) -> None:
        """Draw a model into `row` [stride], tensor by tensor in order of place, from a CPU generator."""
        for slot in self.slots:
            part = row[slot.start : slot.stop]
            if slot.std is None:
                part.fill_(1.0)
            else:
                part.copy_(torch.randn(prod(slot.shape), generator=generator).mul_(slot.std))


Tensors = list[tuple[str, tuple[int, ...], float | None]]


def layout(groups: list[tuple[Growth, bool, Tensors]], unit: int = 1) -> Layout:
    """A layout from groups (kind, decays, tensors), each tensor a name, a shape and a std."""
    slots: list[Slot] = []
    spans: list[Group] = []
    place = 0
    for kind, decays, tensors in groups:
        start = place
        for tensor, shape, std in tensors:
            slots.append(Slot(tensor, place, shape, std))
            place = slots[-1].stop
        spans.append(Group(kind, start, place, 1.0, decays))
    return Layout(tuple(slots), tuple(spans), unit)
