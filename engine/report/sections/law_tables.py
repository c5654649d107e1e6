"""Every fitted law with its parameters, how each fit went, what could not be fitted, and laws compared."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping

from scalingdsl.spec.vocabulary import REGISTRY
from scalingdsl.spec.vocabulary.words.laws import Law

from ...analysis.analysis_result import PanelFit, PanelOptimum
from ...fits.core.fit_result import NOT_IDENTIFIED, Fit, Optimum
from ...formatting import MISSING, counted, finite, significant
from ..report_model import Cell, Code, Section, Strong, Table, table_of_numbers, table_of_rows, without_empty
from ..rounding import bracketed, measured
from ..study_view import View

#: Places in which a fit is missing for one reason that are listed one by one.
MOST_PLACES = 4


#: The column for the exponential control, left out where no study has one.
WORSE = "mse over the power law's"


def interval(found: Fit | Optimum, parameter: str) -> tuple[str, str]:
    """A parameter of a law or an optimum and its 95 % interval in words.

    `given` stands for one that was not fitted, `not identified` for one that the cells do not tell.
    """
    value = found.params[parameter]
    if isinstance(found, Fit) and parameter in found.fixed:
        return significant(value, 5), "given"
    if parameter in found.unidentified:
        return significant(value, 3), NOT_IDENTIFIED
    low, high = found.intervals.get(parameter, (None, None))
    return measured(value, low, high)


def fitted(view: View) -> Iterator[tuple[PanelFit, Fit]]:
    """Fits that have numbers to show."""
    for panel_fit in view.fits:
        if panel_fit.fit is not None and why_missing(panel_fit) is None:
            yield panel_fit, panel_fit.fit


def why_missing(panel_fit: PanelFit) -> str | None:
    """The reason why a fit has no numbers; None where it has."""
    fit = panel_fit.fit
    if fit is None:
        return panel_fit.reason or "no reason was recorded"
    if fit.params and all(finite(value) for value in fit.params.values()):
        return None
    if not fit.params and fit.status == "converged":  # a regression, or a theory with nothing to fit
        return None
    return "; ".join(
        [fit.status, *(w.message for w in fit.warnings), *([panel_fit.reason] if panel_fit.reason else [])]
    )


def missing_optimum(entry: PanelOptimum) -> str | None:
    """The reason why an optimum has no numbers; None where it has."""
    if entry.optimum is None:
        return entry.reason or "no reason was recorded"
    if any(finite(value) for value in entry.optimum.params.values()):
        return None
    return "; ".join(dict.fromkeys([entry.optimum.status, *(w.message for w in entry.optimum.warnings)]))


def status(fit: Fit) -> Strong:
    """The status of a fit as a word."""
    return Strong(fit.status, "good" if fit.status == "converged" else "open")


def laws(view: View) -> tuple[Section, ...]:
    """One section a fit that was asked for: its form, parameters panel by panel, and how each fit went."""
    sections = []
    for request in dict.fromkeys(f.request for f in view.fits):
        own = [(p, f) for p, f in fitted(view) if p.request == request]
        if not own:
            continue
        parameters = (_parameters(view, own),) if any(f.params for _, f in own) else ()
        tables = (*parameters, _quality(view, own))
        sections.append(Section(title=request.name, formula=formula(own[0][0]), tables=tables))
    return tuple(sections)


def formula(panel_fit: PanelFit) -> str:
    """The law in one line as its declaration states it, read in the run quantities it was fitted to."""
    law = REGISTRY.get(panel_fit.request.law)
    if law is None or not issubclass(law, Law):
        return ""
    quantities = panel_fit.request.quantities
    names = dict(zip(law.variables, quantities)) | dict(zip(law.parameters(law.variables), law.parameters(quantities)))
    return re.sub(r"\b[A-Za-z_]+\b", lambda word: names.get(word[0], word[0]), law.formula)


def _parameters(view: View, own: list[tuple[PanelFit, Fit]]) -> Table:
    names = tuple(dict.fromkeys(name for _, fit in own for name in fit.params))
    return table_of_numbers(
        ("where", *names),
        (
            (view.where(p), *(bracketed(*interval(fit, n)) if n in fit.params else MISSING for n in names))
            for p, fit in own
        ),
    )


def _quality(view: View, own: list[tuple[PanelFit, Fit]]) -> Table:
    rows: list[Mapping[str, Cell]] = []
    for panel_fit, fit in own:
        delta = f"({fit.delta:.2g})" if finite(fit.delta) else ""
        held_out = MISSING
        if panel_fit.holdout is not None and finite(panel_fit.holdout):
            held_out = f"{significant(100 * panel_fit.holdout, 2)} % over {counted(len(panel_fit.held_out), 'cell')}"
        rows.append(
            {
                "where": view.where(panel_fit),
                "status": status(fit),
                "objective": f"{fit.objective}{delta}",
                "cells": f"{fit.n}",
                "clusters": f"{fit.n_clusters}",
                "starts agreeing": f"{fit.starts_agreeing} of {fit.starts}",
                "rmse of log loss": significant(fit.rmse_log, 2),
                "held out": held_out,
                "warnings": ", ".join(dict.fromkeys(w.code for w in fit.warnings)) or MISSING,
            }
        )
    return table_of_rows(rows, texts=("status", "objective", "warnings"))


def unfitted(view: View) -> Table | None:
    """Fits and optima that were asked for and could not be had, each with its reason."""
    rows: list[tuple[Cell, ...]] = [
        (Code(f.request.name), view.where(f), reason) for f in view.fits if (reason := why_missing(f)) is not None
    ]
    rows += [
        (Code(o.request.name), view.setting_of(o), reason)
        for o in view.analysis.optima
        if (reason := missing_optimum(o)) is not None
    ]
    return Table(("asked for", "where", "why it is missing"), tuple(_gathered(rows))) if rows else None


def _gathered(rows: list[tuple[Cell, ...]]) -> Iterator[tuple[Cell, ...]]:
    """Rows, those that one reason gives for many places told in one: a table with a cell or two a size has dozens."""
    places: dict[tuple[Cell, Cell], list[str]] = {}
    for name, where, reason in rows:
        places.setdefault((name, reason), []).append(str(where))
    for (name, reason), named in places.items():
        if len(named) <= MOST_PLACES:
            yield from ((name, where, reason) for where in named)
        else:
            yield name, f"{named[0]}, {named[1]} ... {named[-1]}: {len(named)} places in all", reason


def comparison(view: View) -> Table | None:
    """Laws of the same cells side by side: mean squared residuals, and how much worse the exponential control is."""
    groups: dict[tuple[object, ...], list[tuple[PanelFit, Fit]]] = {}
    for panel_fit, fit in fitted(view):
        key = (panel_fit.request.loss, panel_fit.cells.tobytes())
        groups.setdefault(key, []).append((panel_fit, fit))
    rows: list[Mapping[str, Cell]] = []
    for own in groups.values():
        if len(own) < 2:
            continue
        power = next((f.mse for p, f in own if p.request.law != "exponential"), float("nan"))
        for panel_fit, fit in own:
            worse = fit.mse / power if panel_fit.request.law == "exponential" and power > 0 else float("nan")
            rows.append(
                {
                    "where": view.where(panel_fit),
                    "law": Code(panel_fit.request.name),
                    "cells": f"{fit.n}",
                    "mse": significant(fit.mse, 3),
                    "rmse of log loss": significant(fit.rmse_log, 3),
                    WORSE: f"{significant(worse, 2)} times" if finite(worse) else MISSING,
                }
            )
    return without_empty(table_of_rows(rows, texts=("law",)), WORSE) if rows else None
