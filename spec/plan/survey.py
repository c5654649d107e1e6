"""A look at every run of a plan without building any: what is wrong with its numbers, and the cells laws will see."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace

from ..diagnostics.collect import Fault
from ..errors import Diagnostic
from ..source import Span
from ..syntax.ast import NOWHERE
from ..syntax.numbers import short
from ..vocabulary.base import PARTS, Scalar
from ..vocabulary.words.families import Family
from ..vocabulary.words.sources import Source
from ..vocabulary.words.training import GradientOptimiser, Optimiser
from .compile_expression import condition
from .expand import grids, iter_points, requested_tokens, size_or_zero
from .grid import Grid
from .panel_axes import cell_axis_names
from .run_grid import RunGrid
from .templates import Templates


@dataclass(frozen=True)
class Cell:
    """One cell: a run less its tuned and averaged axes, or a point of a path; `panel_axes.py` reads it like a `Run`."""

    point: tuple[tuple[str, Scalar], ...]
    source: Source
    model: Family
    optimiser: Optimiser
    n_total: int
    n_body: int
    asked_tokens: int
    steps: int
    flops: float
    grid: Grid
    #: The whole point of the first run of this cell, for conditions.
    first: Mapping[str, Scalar]


@dataclass
class Survey:
    """The runs of a plan in sum."""

    n_runs: int = 0
    #: Exact matmul FLOPs of all runs.
    flops: float = 0.0
    cells: dict[tuple[tuple[str, Scalar], ...], Cell] = field(default_factory=dict)
    #: Runs whose D is off by more than 1 % once rounded to whole steps, the worst of them, and how far it is off.
    rounded: int = 0
    worst: tuple[float, int, int] = (0.0, 0, 0)
    #: Its steps.
    fewest: int = 0
    #: Runs that end before their warm-up does: the shortest's steps and warm-up.
    cold: int = 0
    coldest: tuple[int, int] = (0, 0)
    faults: dict[tuple[str, Span], tuple[Fault, int, dict[str, Scalar]]] = field(default_factory=dict)
    labels: tuple[str, ...] = ()

    def fault(self, fault: Fault, point: Mapping[str, Scalar]) -> None:
        """Count a fault; the first point that met it is shown."""
        key = (fault.diagnostic.code, fault.diagnostic.span)
        first, n, where = self.faults.get(key, (fault, 0, dict(point)))
        self.faults[key] = (first, n + 1, where)

    def diagnostics(self, whole: Span) -> list[Diagnostic]:
        """The faults as diagnostics, each with the first point that met it."""
        return [_placed(fault, n, point, whole) for fault, n, point in self.faults.values()]


def _placed(fault: Fault, n: int, point: Mapping[str, Scalar], whole: Span) -> Diagnostic:
    d = fault.diagnostic
    span = whole if d.span == NOWHERE else d.span
    if not point:
        return replace(d, span=span)
    at = ", ".join(f"{k} = {v if isinstance(v, str) else short(v)}" for k, v in point.items())
    more = "" if n == 1 else f", and at {n - 1:,} more point{'s' * (n > 2)}"
    return replace(d, span=span, notes=(*d.notes, f"at {at}{more}"))


def survey(plan: RunGrid, templates: Templates) -> Survey:
    """Walk the grid once."""
    out = Survey()
    wanted = cell_axis_names(plan)
    for grid in grids(plan, templates):
        try:
            look = _Look(grid, wanted)
            tests = tuple(condition(c, grid) for c in templates.where)
        except Fault as fault:
            out.fault(fault, {})
            continue
        for spot in iter_points(grid, tests, out.fault):
            try:
                look(spot.point, spot.marks, out)
            except Fault as fault:
                out.fault(fault, {k: v for k, v in spot.point.items() if k in fault.axes})
    return out


class _Look:
    """Reads one grid's runs."""

    def __init__(self, grid: Grid, wanted: tuple[str, ...]) -> None:
        self.grid = grid
        self.terms = [grid.term(part) for part in PARTS]
        names = ("N", "N_body", "tokens", "steps", "step_tokens", "flops", "seed")
        self.values = [grid.value(name) for name in names]
        self.labels = tuple(grid.labels.items())
        self.wanted = [name for name in wanted if name not in grid.labels and name in grid.by_name]

    def __call__(self, point: dict[str, Scalar], marks: tuple[dict[str, Scalar], ...], out: Survey) -> None:
        source, model, optimiser = (t.at(point) for t in self.terms)
        n, n_body, tokens, steps, per_step, flops, _ = (v.at(point) for v in self.values)
        out.n_runs += 1
        out.flops += flops
        off = 0.0 if tokens != tokens else abs(steps * per_step - tokens) / tokens
        if off > 0.01:
            out.rounded += 1
            if (worst := (off, round(tokens), steps * per_step)) > out.worst:
                out.worst, out.fewest = worst, steps
        warmup = optimiser.warmup if isinstance(optimiser, GradientOptimiser) else None
        if warmup is not None and warmup.steps is not None and warmup.steps >= steps:
            out.cold += 1
            out.coldest = min(out.coldest, (steps, warmup.steps)) if out.cold > 1 else (steps, warmup.steps)
        for here in marks or (point,):
            key = (*self.labels, *((name, here[name]) for name in self.wanted))
            if key in out.cells:
                continue
            length = tokens if here is point else self.values[2].at(here)
            made = steps if here is point else self.values[3].at(here)
            out.cells[key] = Cell(
                key, source, model, optimiser, size_or_zero(n), size_or_zero(n_body), requested_tokens(length), made,
                flops * made / steps, self.grid, here,
            )  # fmt: skip
