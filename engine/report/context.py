"""From an analysis to the report: one frozen value in which every number is rounded and every choice is made."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from ..analysis.result import Analysis
from . import cells as cell_tables
from .claims import claims
from .cost import cost, provenance, seconds, study
from .laws import comparison, exponents, fitted, floor, interval, laws, optima, unfitted, why_missing
from .laws import exponent_variable as variable_of
from .model import Cell, Code, Headline, Report, Summary, Table
from .residuals import residuals
from .rounding import MISSING, counted, duration, span
from .scaling import pages
from .tuning import tuning
from .view import View

#: Headlines in the opening paragraph: one a page, as long as they are few.
MOST_HEADLINES = 3
#: Places of one warning of one law that are named one by one.
MOST_PLACES = 3


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
        optima=optima(view),
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
    problems += (
        [f"{counted(len(coded.rows), 'warning')} {'is' if len(coded.rows) == 1 else 'are'} listed below"]
        if coded
        else []
    )
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
        empty=not with_loss.any(),
        table=all(alternative.call.startswith("table(") for alternative in analysis.plan.data)
        and bool(analysis.plan.data),
    )


def headlines(view: View) -> tuple[Headline, ...]:
    """The joint law of each page, where there are few pages."""
    found = []
    for panel_fit, fit in fitted(view):
        if len(panel_fit.request.variables) < 2:
            continue
        values = []
        for name in ("E", "alpha", "beta"):
            if name in fit.params and name not in fit.fixed:
                word = "irreducible loss E" if name == "E" else f"exponent in {variable_of(panel_fit, name)}"
                values.append((word, *interval(fit, name)))
        found.append(Headline(panel_fit.request.name, view.where(panel_fit), tuple(values)))
    return tuple(found) if len(found) <= MOST_HEADLINES else ()


def warnings(view: View) -> Table | None:
    """Every coded remark once, with the places it was made at: notes on the data, then doubts of fits and optima."""
    places: dict[tuple[str, str], list[tuple[str, str]]] = {}
    for note in view.analysis.notes:
        places.setdefault((note.code, note.message), []).append(("", ""))
    for panel_fit in view.fits:
        for warning in panel_fit.fit.warnings if panel_fit.fit else ():
            at = (panel_fit.request.name, view.where(panel_fit))
            places.setdefault((warning.code, warning.message), []).append(at)
    for entry in view.analysis.optima:
        for warning in entry.optimum.warnings if entry.optimum else ():
            at = (entry.request.name, view.setting(entry.panel))
            places.setdefault((warning.code, warning.message), []).append(at)
    rows: list[tuple[Cell, ...]] = [
        (Code(code), _places(view, found), message)
        for (code, message), found in sorted(places.items(), key=lambda item: item[0])
    ]
    return Table(("code", "where", "what was seen"), tuple(rows)) if rows else None


def _places(view: View, found: list[tuple[str, str]]) -> str:
    """`power(N), all 4 fits; chinchilla`; a dash for a remark on the whole study."""
    by_law: dict[str, list[str]] = {}
    for law, where in dict.fromkeys(found):
        by_law.setdefault(law, []).append(where)
    words = []
    for law, wheres in by_law.items():
        fits = sum(f.request.name == law for f in view.fits)
        if len(wheres) == fits > 1:
            words.append(f"{law}, all {fits} fits")
        elif len(wheres) > MOST_PLACES:
            words.append(f"{law}, {len(wheres)} of {fits} fits")
        else:
            words.append(f"{law} ({'; '.join(wheres)})" if any(w not in ("", "all cells") for w in wheres) else law)
    return ", ".join(w for w in words if w) or MISSING
