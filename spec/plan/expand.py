"""From a plan to its runs, one at a time. Nothing is listed before the size of the product is known."""

from __future__ import annotations

import hashlib
import itertools
import json
import math
from collections.abc import Callable, Iterator, Mapping
from typing import Any, NamedTuple

from ..constants import FLOPS_PER_PARAMETER_TOKEN
from ..diagnostics.collect import Fault
from ..syntax import ast
from ..syntax.numbers import canonical_number
from ..vocabulary.base import PARTS, Scalar
from ..vocabulary.identity import NUMERICS_VERSION, canonical_term
from .compile_expression import condition
from .grid import Grid
from .point_values import Value
from .run_grid import Alternative, PlanAxis, Run, RunGrid
from .templates import Templates, parse_templates


def grids(plan: RunGrid, templates: Templates) -> Iterator[Grid]:
    """One grid for each choice of alternatives, in order."""
    named = [part for part in PARTS if any(axis.names == (part,) for axis in plan.axes)]
    parts = [list(zip(getattr(plan, part), templates.alternatives[part], strict=True)) for part in PARTS]
    for choice in itertools.product(*parts):
        chosen: dict[str, Alternative] = dict(zip(PARTS, (alternative for alternative, _ in choice), strict=True))
        calls: dict[str, ast.Call] = dict(zip(PARTS, (template.call for _, template in choice), strict=True))
        stands = dict(templates.stands)
        for _, template in choice:
            stands |= template.stands
        labels: dict[str, str] = {part: chosen[part].label for part in named}
        yield Grid(chosen, calls, applicable(plan, chosen), labels, templates.definitions, stands)


def applicable(plan: RunGrid, chosen: Mapping[str, Alternative]) -> tuple[PlanAxis, ...]:
    """The axes that multiply a choice of alternatives, each with the points it has there."""
    wanted = {name for alternative in chosen.values() for name in alternative.axes}
    own = {name: points for alternative in chosen.values() for name, points in alternative.points}
    return tuple(
        axis.changed(points=own[axis.name]) if axis.name in own else axis for axis in plan.axes if axis.name in wanted
    )


def product(plan: RunGrid) -> tuple[int, str]:
    """Points of the grid before any condition, and the product they come from, without listing them."""
    if not plan.train:
        return 0, "no training"
    total = 0
    ways: dict[str, int] = {}
    for choice in itertools.product(plan.data, plan.models, plan.train):
        axes = applicable(plan, dict(zip(PARTS, choice, strict=True)))
        n = 1
        for axis in axes:
            n *= len(axis.points)
        total += n
        way = " x ".join(f"{len(axis.points)} {axis.name}" for axis in axes if len(axis.points) > 1) or "1"
        ways[way] = ways.get(way, 0) + 1
    if len(ways) == 1:
        heads = [f"{len(axis.points)} {axis.name}" for axis in plan.axes if axis.name in PARTS and len(axis.points) > 1]
        return total, f"{' x '.join([*heads, *ways])} = {total:,}"
    listed = " + ".join(way if times == 1 else f"{times} x ({way})" for way, times in ways.items())
    return total, f"{listed} = {total:,}"


class GridPoint(NamedTuple):
    """One run before it is built: its grid, a point, and the points along its way."""

    grid: Grid
    #: The point with, for a path, its last value.
    point: dict[str, Scalar]
    #: Points along the way that conditions keep, ascending in tokens; empty for an ordinary run.
    marks: tuple[dict[str, Scalar], ...] = ()


def iter_points(
    grid: Grid, conditions: tuple[Value, ...], on_fault: Callable[[Fault, Mapping[str, Scalar]], None]
) -> Iterator[GridPoint]:
    """Every point that the conditions keep, paths folded into one. Faults go to `on_fault`; their point is left out."""
    along = set(grid.chosen["train"].along)
    across = [axis for axis in grid.axes if axis.name not in along]
    way = [axis for axis in grid.axes if axis.name in along]
    names = [name for axis in across for name in axis.names]
    way_names = [name for axis in way for name in axis.names]
    ways = [dict(zip(way_names, _flat(p), strict=True)) for p in itertools.product(*(axis.points for axis in way))]
    # Along the way of a model with a number of samples of its own, D stays what it is.
    passed = grid.value("steps" if grid.on_points else "tokens") if way else None
    tests = [c.at for c in conditions]
    for values in itertools.product(*(axis.points for axis in across)):
        here: dict[str, Scalar] = dict(zip(names, _flat(values), strict=True))
        kept: list[dict[str, Scalar]] = []
        for step in ways:
            point = {**here, **step} if step else here
            try:
                if all(test(point) for test in tests):
                    kept.append(point)
            except Fault as fault:
                on_fault(fault, point)
        if not kept:
            continue
        if passed is None:
            yield GridPoint(grid, kept[0])
        else:
            kept.sort(key=passed.at)
            yield GridPoint(grid, kept[-1], tuple(kept))


def _flat(values: tuple[tuple[Scalar, ...], ...]) -> Iterator[Scalar]:
    return itertools.chain.from_iterable(values)


def expand(plan: RunGrid) -> Iterator[Run]:
    """Every run of a plan once, in the order of its axes. Points that come to one run are folded into the first."""
    seen: set[str] = set()
    templates = parse_templates(plan)
    for grid in grids(plan, templates):
        conditions = tuple(condition(test, grid) for test in templates.where)
        build = RunBuilder(grid)
        for spot in iter_points(grid, conditions, _raised):
            run = build(spot)
            if run.key not in seen:
                seen.add(run.key)
                yield run


def _raised(fault: Fault, point: Mapping[str, Scalar]) -> None:
    raise fault


class RunBuilder:
    """Makes `Run` values of one grid; everything that repeats between runs is kept."""

    def __init__(self, grid: Grid) -> None:
        self.source, self.model, self.optimiser = (grid.term(part).at for part in PARTS)
        self.unique = grid.value("unique").at if grid.gives("unique") or grid.gives("epochs") else None
        self.tokens, self.steps, self.seed = (grid.value(name).at for name in ("tokens", "steps", "seed"))
        self.n, self.n_body, self.per_step = (grid.value(name).at for name in ("N", "N_body", "step_tokens"))
        self.flops = grid.value("flops").at
        self.own = grid.on_points and not grid.trained
        self.labels = tuple(grid.labels.items())
        self.along = {name for axis in grid.axes if axis.name in grid.chosen["train"].along for name in axis.names}
        self._texts: dict[int, tuple[Any, str]] = {}
        self._parts: dict[tuple[int, int], tuple[Any, Any]] = {}

    def __call__(self, spot: GridPoint) -> Run:
        p = spot.point
        source, model, optimiser = self._repeated(self.source(p), p), self.model(p), self.optimiser(p)
        steps, n = self.steps(p), size_or_zero(self.n(p))
        seed = self.seed(p) if model.seeded else 0
        marks = tuple(self.steps(m) for m in spot.marks)
        # What is trained on is the model's own where nothing is trained, whatever amounts others are given.
        n_tokens = model.n_samples if self.own else size_or_zero(steps * self.per_step(p))
        point = ((k, v) for k, v in p.items() if k not in self.along)
        trained = model.trained
        parts = (self._text(source), self._text(model), self._text(optimiser) if trained else "")
        asked = n_tokens if self.own else requested_tokens(self.tokens(p))
        asked_marks = tuple(requested_tokens(self.tokens(m)) for m in spot.marks)
        if model.learns_from == "elsewhere":
            key = key_elsewhere(parts, seed, steps, asked, asked_marks)
        else:
            key = run_key(parts, seed, steps if trained and optimiser.takes_steps else 0, marks)
        return Run(
            key=key,
            point=(*self.labels, *point),
            source=source,
            model=model,
            optimiser=optimiser,
            seed=seed,
            steps=steps,
            n_tokens=n_tokens,
            asked_tokens=asked,
            marks=marks,
            asked_marks=asked_marks,
            n_total=n,
            n_body=size_or_zero(self.n_body(p)),
            flops=float(self.flops(p)),
            flops_6nd=float(FLOPS_PER_PARAMETER_TOKEN * n * n_tokens),
        )

    def _repeated(self, source: Any, point: Mapping[str, Scalar]) -> Any:
        """The source with as many distinct tokens as the study gives a run, unless the source has its own number."""
        if self.unique is None or getattr(source, "unique", 0) is not None:
            return source
        unique = max(1, round(self.unique(point)))
        key = id(source), unique
        if key not in self._parts:
            self._parts[key] = source, source.changed(unique=unique)
        return self._parts[key][1]

    def _text(self, term: Any) -> str:
        """Canonical JSON of a term, kept by the term itself: the grid gives the same object for the same input."""
        found = self._texts.get(id(term))
        if found is None:
            text = json.dumps(canonical_term(term), sort_keys=True, separators=(",", ":"))
            found = self._texts[id(term)] = (term, text)
        return found[1]


def size_or_zero(amount: float) -> int:
    """A size as a run holds it: 0 for one that it does not have, which is NaN in conditions."""
    return 0 if math.isnan(amount) else round(amount)


def requested_tokens(tokens: float) -> int:
    """D as it was asked for, at least 1 where there is one."""
    return 0 if math.isnan(tokens) else max(1, round(tokens))


def run_key(parts: tuple[str, str, str], seed: int, steps: int, marks: tuple[int, ...]) -> str:
    """Digest of what decides a run's numbers: data, model, optimiser, seed, steps, marks, the engine's arithmetic."""
    amounts = json.dumps([NUMERICS_VERSION, canonical_number(seed), canonical_number(steps), list(marks)])
    return hashlib.sha256("\n".join((*parts, amounts)).encode()).hexdigest()[:16]


#: Raised when something else decides what a run trained elsewhere is.
VERSION_ELSEWHERE = 1


def key_elsewhere(parts: tuple[str, str, str], seed: int, steps: int, tokens: int, marks: tuple[int, ...]) -> str:
    """The same of a run that is trained elsewhere, whose numbers owe nothing to this engine's arithmetic.

    Marks are tokens: no step of ours falls on them.
    """
    amounts = json.dumps(["elsewhere", VERSION_ELSEWHERE, canonical_number(seed), steps, tokens, list(marks)])
    return hashlib.sha256("\n".join((*parts, amounts)).encode()).hexdigest()[:16]
