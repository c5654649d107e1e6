"""From an analysis to the report: one frozen value in which every number is rounded and every choice is made."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from ..analysis.analysis_result import Analysis
from ..formatting import counted, duration, span
from .blocks import blocks
from .report_model import Headline, Report, Summary
from .rounding import bracketed
from .sections import cell_table as cell_tables
from .sections import source_facts
from .sections.cost_and_provenance import cost, provenance, seconds, study
from .sections.headline import exponents, exponents_in, floor, optima
from .sections.law_tables import comparison, fitted, interval, laws, unfitted, why_missing
from .sections.residuals import residuals
from .sections.scaling_curves import pages, undrawn
from .sections.tuning import tuning
from .sections.verdicts import claims
from .sections.warning_list import warnings
from .study_view import View

#: Headlines in the opening paragraph: one a page, as long as they are few.
MOST_HEADLINES = 3


def report(analysis: Analysis, provenance_given: Mapping[str, str], *, with_runs: bool = False) -> Report:
    """The report of an analysis.

    Args:
        analysis: What the study found.
        provenance_given: Versions, machine, numerics mode, seeds, command: name -> value.
        with_runs: Whether to list every run.
    """
    view = View(analysis)
    listed, marks = cell_tables.cells(view)
    return Report(
        title=analysis.plan.title or "A scaling study",
        summary=summary(view),
        claims=claims(view),
        exponents=exponents(view),
        floor=floor(view),
        pages=pages(view),
        undrawn=undrawn(view),
        optima=optima(view),
        sources=source_facts.section(view),
        blocks=blocks(view, analysis.plan.report),
        laws=laws(view),
        unfitted=unfitted(view),
        comparison=comparison(view),
        tuning=tuning(view),
        residuals=residuals(view),
        cells=listed,
        marks=marks,
        warnings=warnings(view),
        study=study(analysis.plan),
        cost=cost(view),
        provenance=provenance(analysis.plan, provenance_given),
        runs=cell_tables.runs(view) if with_runs else None,
    )


def summary(view: View) -> Summary:
    """The opening paragraph's numbers."""
    analysis = view.analysis
    columns = analysis.runs.columns
    done = np.isfinite(view.run("loss"))
    n_runs = len({str(k) for k, ok in zip(columns["key"], done) if ok}) if "key" in columns else int(done.sum())
    with_loss = np.isfinite(view.cell("loss"))
    sizes = view.cell("N")[with_loss]
    n_sizes = len(set(sizes[np.isfinite(sizes)].tolist()))
    verdicts = [v.status for v in analysis.verdicts]
    missing = sum(why_missing(f) is not None for f in analysis.fits)
    coded = warnings(view)
    problems = [*cell_tables.failed_words(view)]
    problems += [f"{counted(missing, 'fit')} could not be made"] if missing else []
    if coded is not None:
        problems.append(f"{counted(len(coded.table.rows), 'warning or note', 'warnings and notes')} below")
    spent = seconds(view)
    return Summary(
        runs=counted(n_runs, "run"),
        cells=counted(int(with_loss.sum()), "cell"),
        sizes=counted(n_sizes, "size") if n_sizes else "",
        parameters=span(sizes) if n_sizes else "",
        tokens=span(view.tokens[with_loss]) if np.any(np.isfinite(view.tokens[with_loss])) else "",
        claims=counted(len(verdicts), "claim"),
        verdicts=tuple(
            (status, str(verdicts.count(status))) for status in ("held", "failed", "undecided") if status in verdicts
        ),
        headlines=headlines(view),
        problems=tuple(problems),
        time=duration(spent) if spent > 0 else "",
        of_points=view.of_points,
        empty=not with_loss.any(),
        table=all(alternative.call.startswith("table(") for alternative in analysis.plan.data)
        and bool(analysis.plan.data),
    )


def headlines(view: View) -> tuple[Headline, ...]:
    """The joint law of each page, where there are few pages; a law without parameters has no numbers to tell."""
    found = []
    for panel_fit, fit in fitted(view):
        if len(panel_fit.request.variables) < 2:
            continue
        values = []
        own = {name: f"exponent in {letter}" for name, letter in exponents_in(panel_fit.request).items()}
        for name, word in ({"E": "irreducible loss E"} | own).items():
            if name in fit.params and name not in fit.fixed:
                values.append((word, bracketed(*interval(fit, name))))
        if not values:
            continue
        doubt = "" if fit.status == "converged" else fit.status
        found.append(Headline(panel_fit.request.name, view.where(panel_fit), doubt, tuple(values)))
    return tuple(found) if len(found) <= MOST_HEADLINES else ()
