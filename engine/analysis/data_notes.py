"""Coded remarks about a study's data: what happened to its runs that a reader of its laws should know."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence

import numpy as np
from scalingdsl.spec.plan.run_grid import Run
from scalingdsl.spec.plan.study_plan import StudyPlan

from ..formatting import counted
from ..store.record import RunRecord
from .analysis_result import CellTable, Note, PanelFit, RunTable
from .cells.reduce_runs import scatter_of
from .cells.run_table import MISSING
from .panel_fits import panel_name
from .panels import panel_of
from .study_axes import attribute

#: Asked and trained tokens may differ by this much before it is said.
ROUNDING = 0.01
#: Shape of data of which a seed has one draw for all its models.
POINTS = "points"
#: Cells named in a note; more are counted.
NAMED = 3


def notes(plan: StudyPlan, runs: RunTable, cells: CellTable, records: Mapping[str, RunRecord]) -> tuple[Note, ...]:
    """All remarks, in order of their codes."""
    found = [
        *_edges(plan, runs, cells),
        *_diverged(runs),
        *_missing(cells, runs),
        *_rounded(runs),
        *_mixed("RUN205", "device", records),
        *_rises(cells),
        *_seeds(cells),
        *(note for name in ("denormals", "gemm", "processor", "torch") for note in _mixed("RUN208", name, records)),
    ]
    return tuple(sorted(found, key=lambda note: note.code))


def two_parametrisations(runs: Sequence[Run]) -> Iterator[Note]:
    """Models under several parametrisations, whose losses at one width differ by more than width."""
    rules = dict.fromkeys(rule for run in runs if isinstance(rule := attribute(run, "param"), str))
    if len(rules) > 1:
        listed = " and ".join(rules)
        yield Note("RUN213", f"{listed} are two models at every width, `base_width` too: compare how each goes on")


def nested_draws(plan: StudyPlan, runs: Sequence[Run]) -> Iterator[Note]:
    """Models that know of more points all that they know of fewer, under a law in the number of points."""
    if not any("D" in fit.quantities for fit in plan.fits):
        return
    drawn = (run.model for run in runs if run.model.learns_from == POINTS or not run.model.trained)
    sizes_of = {(model.word, n) for model in drawn if model.seeded and (n := model.n_samples)}
    sizes = sorted({n for _, n in sizes_of})
    if len(sizes) > 1:
        words = " and ".join(sorted({word for word, _ in sizes_of}))
        yield Note(
            "RUN214",
            f"of more samples {words} has all that it has of fewer, from {sizes[0]:,} to {sizes[-1]:,}: errors go "
            "together, and intervals of laws in D are too narrow",
        )


def nothing_found(runs: RunTable, fits: Sequence[PanelFit]) -> Iterator[Note]:
    """A study whose every run diverged, or of whose laws none could be fitted."""
    if set(runs.columns["status"].tolist()) == {"diverged"}:
        yield Note(
            "RUN210", f"every run diverged: {len(set(runs.columns['key'].tolist()))} of them, and none has a loss"
        )
    elif fits and all(panel.fit is None for panel in fits):
        ((reason, _),) = Counter(panel.reason for panel in fits).most_common(1)
        yield Note("RUN210", f"no law could be fitted, of {len(fits)} asked for: {reason}")


def _cells_named(cells: CellTable, rows: Sequence[int]) -> str:
    """The first few cells by their panels, and how many more there are."""
    shown = [panel_name(panel_of(cells, cells.axes, row)) or f"row {row + 1}" for row in rows[:NAMED]]
    more = len(rows) - len(shown)
    return "; ".join(shown) + (f"; and {more} more" if more else "")


def _edges(plan: StudyPlan, runs: RunTable, cells: CellTable) -> Iterator[Note]:
    for axis in plan.axes:
        for name in axis.names if axis.role == "tune" else ():
            rows = np.flatnonzero(cells.columns.get(f"edge_{name}", np.zeros(cells.n, dtype=bool))).tolist()
            if rows:
                best, tried = cells.columns[f"best_{name}"][rows], runs.columns[name]
                ends = {"lowest": np.nanmin(tried), "highest": np.nanmax(tried)}
                listed = ", ".join(f"{n} at the {end}" for end, v in ends.items() if (n := int(np.sum(best == v))))
                within = len(rows) - sum(int(np.sum(best == v)) for v in {float(v) for v in ends.values()})
                listed += f"{', ' if listed else ''}{within} at an end of what `where` leaves of it" if within else ""
                where = f"the edge of its grid{f' ({listed})' if listed else ''}: {_cells_named(cells, rows)}"
                yield Note("RUN201", f"{len(rows)} of {cells.n} cells have their best {name} at {where}")


def _diverged(runs: RunTable) -> Iterator[Note]:
    keys = runs.columns["key"][runs.columns["status"] == "diverged"]
    if len(keys):
        total = len(set(runs.columns["key"].tolist()))
        yield Note("RUN202", f"{len(set(keys.tolist()))} of {total} runs diverged")


def _missing(cells: CellTable, runs: RunTable) -> Iterator[Note]:
    rows = np.flatnonzero(~np.isfinite(cells.columns["loss"])).tolist()
    if rows:
        yield Note("RUN203", f"{len(rows)} of {cells.n} cells have no loss: {_cells_named(cells, rows)}")
    statuses = Counter(dict(zip(runs.columns["key"].tolist(), runs.columns["status"].tolist())).values())
    others = {s: n for s, n in sorted(statuses.items()) if s not in ("done", "diverged")}
    if others:
        listed = ", ".join(f"{n} {'not run' if s == MISSING else s.replace('_', ' ')}" for s, n in others.items())
        yield Note("RUN203", f"of {sum(statuses.values())} planned runs, {listed}")


def _rounded(runs: RunTable) -> Iterator[Note]:
    asked, trained = runs.columns["D_asked"], runs.columns["D"]
    with np.errstate(invalid="ignore", divide="ignore"):
        off = np.abs(trained / asked - 1)
    rows = np.flatnonzero(off > ROUNDING)
    if len(rows):
        worst = rows[int(np.argmax(off[rows]))]
        yield Note(
            "RUN204",
            f"tokens are rounded to whole steps: {trained[worst]:.6g} trained for {asked[worst]:.6g} asked at worst, "
            f"{off[worst]:.1%} apart",
        )


def _mixed(code: str, name: str, records: Mapping[str, RunRecord]) -> Iterator[Note]:
    seen = Counter(r.provenance[name] for r in records.values() if name in r.provenance)
    if len(seen) > 1:
        listed = ", ".join(f"{value} ({n} runs)" for value, n in sorted(seen.items()))
        yield Note(code, f"records come from more than one {name}: {listed}")


def _rises(cells: CellTable) -> Iterator[Note]:
    for mark, words in (("rises_N", "next smaller N"), ("rises_D", "next smaller D")):
        rows = np.flatnonzero(cells.columns[mark]).tolist()
        if rows:
            yield Note(
                "RUN206",
                f"the loss of {counted(len(rows), 'cell')} lies above that of the {words}: {_cells_named(cells, rows)}",
            )


def _seeds(cells: CellTable) -> Iterator[Note]:
    counts = cells.columns["n_seeds"]
    # Of what no seed changes one run is all there is: it scatters by nothing, not by what is not known.
    whole = (counts == 1) & (cells.columns[scatter_of("loss")] == 0.0)
    short = (counts > 0) & (counts < np.max(counts, initial=0)) & ~whole
    rows = np.flatnonzero(short).tolist()
    if rows:
        yield Note(
            "RUN207", f"{len(rows)} cells have fewer than {int(np.max(counts))} seeds: {_cells_named(cells, rows)}"
        )
