"""The cost of a study, its declaration, and its provenance."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
from scalingdsl.spec.plan.run_grid import PlanAxis
from scalingdsl.spec.plan.study_plan import StudyPlan
from scalingdsl.spec.vocabulary.identity import NUMERICS_VERSION

from ...formatting import MISSING, duration, finite, magnitude, percent, plain, prefixed, significant
from ..report_model import Cell, Code, Part, Section, Table, table_of_rows, without_empty
from ..study_view import View
from .cell_table import failures

#: Sizes listed one by one; more are too many to read.
MOST_SIZES = 24
_ROLES = {
    "sweep": "",
    "tune": "best kept of ",
    "panel": "panel of ",
    "replicate": "averaged over ",
    "median": "median over ",
}


def per_run(view: View) -> dict[str, tuple[float, float, float, float]]:
    """Run key -> (N, tokens, FLOPs, seconds); a path counts its furthest mark."""
    table = view.analysis.runs
    if "key" not in table.columns:
        return {}
    spent: dict[str, tuple[float, float, float, float]] = {}
    columns = [np.nan_to_num(view.run(name)) for name in ("N", "D", "flops", "seconds")]
    for row, key in enumerate(str(k) for k in table.columns["key"]):
        n, d, f, s = (float(c[row]) for c in columns)
        known = spent.get(key, (n, 0.0, 0.0, 0.0))
        spent[key] = (n, max(known[1], d), max(known[2], f), known[3] + s)
    return spent


def seconds(view: View) -> float:
    """Seconds charged to all runs; what the accounting says, where it does."""
    stated = view.analysis.accounting
    return stated.seconds if stated is not None else sum(s for *_, s in per_run(view).values())


def how_it_was_made(view: View, given: Mapping[str, str]) -> Part:
    """The study as declared, what it cost, and what is known of the machine and the versions."""
    plan = view.analysis.plan
    sections = (
        Section("The study", (_study(plan),)),
        Section("Cost", _cost(view, "as the study declares it" if "trainer" in given else "exact matrix products")),
        Section("Provenance", (_provenance(plan, given),)),
    )
    return Part("How it was made", sections, gist="the study as declared, cost, provenance")


def _cost(view: View, counted: str) -> tuple[Table, ...]:
    """Totals, and the time by model size; `counted` says how compute is."""
    spent = {key: values for key, values in per_run(view).items() if values[3] > 0}
    total, flops = seconds(view), sum(f for _, _, f, _ in spent.values())
    rows: list[tuple[Cell, ...]] = [("runs trained", f"{len(spent):,}")]
    rows += [(f"runs {status.replace('_', ' ')}", f"{n}") for status, n in failures(view)]
    spent_rows: list[tuple[Cell, ...]] = [
        *([] if view.of_points else [("tokens trained on", magnitude(sum(d for _, d, _, _ in spent.values())))]),
        *([(f"compute, {counted}", prefixed(flops, "FLOP"))] if flops else []),
        ("training and evaluation time, summed over workers", duration(total)),
    ]
    rows += spent_rows if spent else []
    if total > 0 and flops > 0:
        rows.append(("mean rate of one worker", f"{prefixed(flops / total, 'FLOP')}/s"))
    predicted = view.analysis.facts.predicted_seconds
    if finite(predicted) and predicted > 0:
        rows.append(("time predicted before training", duration(predicted)))
        if total > 0:
            rows.append(("actual over predicted", significant(total / predicted, 3)))
    whole = Table(("item", "amount"), tuple(rows), (False, True))
    return (whole, *(_by_size(view, spent, total) if flops else ()))


def _by_size(view: View, spent: Mapping[str, tuple[float, float, float, float]], total: float) -> tuple[Table, ...]:
    """Time a run is its part of its pack's time; by the clock it took longer, beside whatever else was in the pack."""
    sizes = sorted({n for n, *_ in spent.values()})
    if len(sizes) < 2 or len(sizes) > MOST_SIZES or not total > 0:
        return ()
    clock = view.run("wall_seconds")
    rows: list[Mapping[str, Cell]] = []
    for size in sizes:
        own = [values for values in spent.values() if values[0] == size]
        time = sum(v[3] for v in own)
        watched = clock[(view.run("N") == size) & (clock > 0)]
        rows.append(
            {
                "N": magnitude(size),
                "runs": f"{len(own)}",
                "time a run": duration(time / len(own)),
                "by the clock": duration(float(np.mean(watched))) if len(watched) else MISSING,
                "time": duration(time),
                "share of time": percent(time / total),
            }
        )
    return (without_empty(table_of_rows(rows), "by the clock"),)


def _study(plan: StudyPlan) -> Table:
    """The declaration: sources, models, training, axes with their roles, conditions, budget."""
    rows: list[tuple[Cell, ...]] = []
    for part in ("data", "models", "train"):
        alternatives = getattr(plan, part)
        for one in alternatives:
            rows.append((f"{part}: {one.label}" if len(alternatives) > 1 else part, Code(one.call)))
    rows += [(name, Code(f"{name} = {value}")) for name, value in plan.definitions]
    rows += [(axis.name, _axis(axis)) for axis in plan.axes]
    rows += [("where", Code(condition)) for condition in plan.where]
    if plan.budget.seconds is not None:
        rows.append(("budget", duration(plan.budget.seconds)))
    if plan.budget.flops is not None:
        rows.append(("budget", prefixed(plan.budget.flops, "FLOP")))
    return Table(("part", "as declared"), tuple(rows))


def _axis(axis: PlanAxis) -> str:
    points = [" & ".join(plain(v) for v in point) for point in axis.points]
    shown = (
        ", ".join(points) if len(points) <= 12 else f"{', '.join(points[:5])}, ... {points[-1]} ({len(points)} values)"
    )
    return f"{_ROLES[axis.role]}{shown}{', along one run' if axis.along else ''}"


def _provenance(plan: StudyPlan, given: Mapping[str, str]) -> Table:
    """Provenance: the study's digest, the numerics version, and what is known of the machine."""
    rows: list[tuple[Cell, ...]] = [
        ("study digest", Code(plan.digest)),
        ("plan format, numerics version", f"{plan.format_version}, {NUMERICS_VERSION}"),
    ]
    rows += [(name.replace("_", " "), Code(given[name]) if given[name] else MISSING) for name in sorted(given)]
    return Table(("item", "value"), tuple(rows))
