"""`analyse`: everything that is said about a study, from its plan and its stored records."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from scalingdsl.spec.claims.plan_references import claim_references
from scalingdsl.spec.plan.run_grid import PlanAxis, Run
from scalingdsl.spec.plan.study_plan import StudyPlan
from scalingdsl.spec.syntax.parser import parse_test
from scalingdsl.spec.syntax.visit import identifiers_in

from ..store.record import RunRecord
from .analysis_result import NO_FACTS, Accounting, Analysis, CellTable, Columns, Note, RunTable, StoredFacts
from .cells.curve_cells import curve_cells
from .cells.position_cells import position_rows
from .cells.reduce_runs import cell_table
from .cells.run_table import run_table
from .cells.table_cells import given_cells
from .claims.cell_scatter import Scatter, untold
from .claims.judge import judge
from .data_notes import nested_draws, notes, nothing_found, two_parametrisations
from .panel_fits import fit_request, of_curves
from .panel_optima import find_optima
from .study_axes import cell_axes


def analyse(
    plan: StudyPlan,
    records: Mapping[str, RunRecord],
    *,
    runs: Sequence[Run] | None = None,
    table: Columns | None = None,
    facts: StoredFacts = NO_FACTS,
    late_claims: frozenset[str] = frozenset(),
) -> Analysis:
    """Reduce, fit and judge.

    Args:
        plan: The study.
        records: Finished runs by key; runs of the plan without one are listed as missing.
        runs: The plan's runs, where they are expanded already.
        table: Columns of the file a `data table(...)` study reads; nothing is trained then.
        facts: What a results folder knows beside the records.
        late_claims: Claims (as in the plan) first seen after the study's first record.
    """
    if runs is None:
        runs = () if table is not None else tuple(plan.runs())
    rows, cells, axes, told = _cells(plan, runs, records, table)
    curves = curve_cells(plan, facts.source_curves, position_rows(plan, cells, rows, records))
    fits = tuple(
        fit
        for request in plan.fits
        for fit in (of_curves(request, curves) if plan.of_curve(request) else fit_request(request, cells, axes))
    )
    optima = tuple(o for request in plan.optima for o in find_optima(request, fits, cells, axes))
    claims = claim_references(plan, axes)
    verdicts = tuple(
        judge(claim, cells, axes, fits, optima, late=text.test in late_claims)
        for claim, text in zip(claims, plan.claims)
    )
    remarks = (*told, *notes(plan, rows, cells, records), *untold(claims, Scatter(cells, axes, fits)))
    if all(run.key in records for run in runs):
        remarks = (*remarks, *nothing_found(rows, fits))
    return Analysis(plan, rows, cells, fits, optima, verdicts, remarks, accounting(runs, records), facts, claims, axes)


def _cells(
    plan: StudyPlan, runs: Sequence[Run], records: Mapping[str, RunRecord], table: Columns | None
) -> tuple[RunTable, CellTable, tuple[PlanAxis, ...], tuple[Note, ...]]:
    """The run table, the cells, the axes that tell cells apart, and what became of a table's copies and sweeps."""
    if table is None:
        rows = run_table(plan, runs, records, extra=sorted(_names_used(plan)))
        told = (*two_parametrisations(runs), *nested_draws(plan, runs))
        return rows, cell_table(plan, rows), cell_axes(plan), told
    return given_cells(plan, table)


def accounting(runs: Sequence[Run], records: Mapping[str, RunRecord]) -> Accounting:
    """Runs planned, done and missing, and the seconds spent on them."""
    own = [records[run.key] for run in runs if run.key in records]
    return Accounting(
        planned=len(runs),
        done=sum(record.status == "done" for record in own),
        missing=len(runs) - len(own),
        seconds=float(sum(record.seconds for record in own)),
    )


def _names_used(plan: StudyPlan) -> set[str]:
    """Every name in the conditions, fixed parameters and claims: some are parameters of runs that are no axis."""
    texts = [f.where for f in plan.fits] + [o.where for o in plan.optima]
    texts += [text for c in plan.claims for text in (c.test, c.where)]
    texts += [value for f in plan.fits for _, value in f.fixed]
    names = {name for text in texts if text is not None for name in identifiers_in(parse_test(text))}
    return names | {quantity for f in plan.fits for _, quantity in f.variables}
