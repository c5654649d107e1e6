"""Losses as a trainer tells them: JSON lines with a `loss`, one at the end or many on the way, in bounded memory."""

from __future__ import annotations

import json
import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from scalingdsl.spec.vocabulary.quantities import names

from .trainer import Reading

#: Characters of a line at most; a longer one tells no loss.
LONGEST_LINE = 65_536
#: Points of a run's way that are kept; beyond, every second one goes.
MOST_POINTS = 512
#: Share of the tokens asked for that a point on the way may be off.
NEAR = 0.02


@dataclass(frozen=True)
class Told:
    """A loss at one moment; `values` are other quantities of cells, by name, and their errors `NAME_standard_error`."""

    loss: float
    tokens: float | None = None
    step: float | None = None
    values: Mapping[str, float] = field(default_factory=dict)

    @property
    def finite(self) -> bool:
        """True for a number."""
        return math.isfinite(self.loss)


class Losses:
    """All that one try of a run tells, thinned out.

    Args:
        reading: What loss, tokens and step are called.
        marks: Tokens at which the run is measured on its way, ascending; the nearest point to each is kept.
    """

    def __init__(self, reading: Reading, marks: Sequence[int] = ()) -> None:
        self._reading = reading
        self._marks = tuple(marks)
        self.at_marks: dict[int, Told] = {}
        self.last: Told | None = None
        self.way: list[Told] = []
        self._every, self._count = 1, 0
        self._rest = b""
        self._skipping = False

    def feed(self, data: bytes) -> None:
        """More of what is told, cut anywhere."""
        *lines, self._rest = (self._rest + data).split(b"\n")
        for line in lines:
            if self._skipping:
                self._skipping = False
            elif line.lstrip().startswith(b"{"):
                self._line(line)
        if len(self._rest) > LONGEST_LINE:
            self._rest, self._skipping = b"", True

    def end(self) -> None:
        """A last line needs no end."""
        self.feed(b"\n")

    def _line(self, line: bytes) -> None:
        try:
            row = json.loads(line)
        except (ValueError, RecursionError):
            return
        if isinstance(row, dict) and self._reading.loss in row:
            self.row(row)

    def row(self, row: Mapping[str, Any]) -> None:
        """A line, or a row of a file, that has a loss."""
        loss = number(row.get(self._reading.loss))
        if loss is None:
            return
        quantities = [*names(of="cell"), "standard_error"]
        known = [n for q in quantities for n in (q, f"{q}_standard_error") if n != self._reading.loss]
        values = {n: x for n in known if n in row and (x := number(row[n])) is not None and math.isfinite(x)}
        told = Told(loss, _size(row.get(self._reading.tokens)), _size(row.get(self._reading.step)), values)
        self.last = told
        if told.tokens is not None:
            for mark in self._marks:
                before = self.at_marks.get(mark)
                if before is None or abs(told.tokens - mark) <= abs((before.tokens or 0) - mark):
                    self.at_marks[mark] = told
        if told.finite and self._count % self._every == 0:
            self.way.append(told)
        self._count += 1
        if len(self.way) > MOST_POINTS:
            self.way, self._every = self.way[::2], 2 * self._every

    def at(self, mark: int) -> Told | None:
        """What was told nearest to a mark, where that was near."""
        found = self.at_marks.get(mark)
        return found if found is not None and abs((found.tokens or 0) - mark) <= NEAR * mark else None


def number(value: Any) -> float | None:
    """A number, also one that is written as text as `NaN` mostly is; None for anything else."""
    if isinstance(value, bool) or not isinstance(value, int | float | str):
        return None
    try:
        return float(value)
    except (ValueError, OverflowError):
        return None


def _size(value: Any) -> float | None:
    found = number(value)
    return found if found is not None and math.isfinite(found) and found >= 0 else None
