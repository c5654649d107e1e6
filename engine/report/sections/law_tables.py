"""Every fitted law with its parameters, a table a law, and what could not be fitted."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence

from scalingdsl.spec.vocabulary import REGISTRY
from scalingdsl.spec.vocabulary.words.laws import Law

from ...analysis.analysis_result import PanelFit, PanelOptimum
from ...fits.core.fit_result import NOT_IDENTIFIED, Fit, Optimum
from ...fits.forms import declaration
from ...formatting import MISSING, counted, finite, percent, significant
from ..report_model import Cell, Code, Part, Section, Strong, Table, table_of_rows, without_empty
from ..rounding import bracketed, measured
from ..study_view import View
from .fit_standing import left_open, misses

#: Places in which a fit is missing for one reason that are listed one by one.
MOST_PLACES = 4
HELD_OUT, NOISE = "held out", "in noise"


def interval(found: Fit | Optimum, parameter: str) -> tuple[str, str]:
    """A parameter of a law or an optimum and its 95 % interval in words.

    `given` stands for one that was not fitted, `not identified` for one that the cells do not tell, `above 2.6` for one
    that they tell from one side.
    """
    value = found.params[parameter]
    if isinstance(found, Fit) and parameter in found.fixed:
        return significant(value, 5), "given"
    if parameter in found.unidentified:
        return significant(value, 3), NOT_IDENTIFIED
    if said := left_open(found, parameter):
        return significant(value, 3), said
    low, high = found.intervals.get(parameter, (None, None))
    return measured(value, low, high)


def fitted(view: View) -> Iterator[tuple[PanelFit, Fit]]:
    """Fits of the cells that have numbers to show."""
    return ((panel_fit, fit) for panel_fit, fit in numbered(view) if panel_fit.curve is None)


def numbered(view: View) -> Iterator[tuple[PanelFit, Fit]]:
    """Fits that have numbers to show, those of curves of sources among them."""
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


def formula(panel_fit: PanelFit) -> str:
    """The law in one line as its declaration states it, read in the run quantities it was fitted to."""
    law = REGISTRY.get(panel_fit.request.law)
    if law is None or not issubclass(law, Law):
        return ""
    quantities = panel_fit.request.quantities
    names = dict(zip(law.variables, quantities)) | dict(zip(law.parameters(law.variables), law.parameters(quantities)))
    return re.sub(r"\b[A-Za-z_]+\b", lambda word: names.get(word[0], word[0]), law.formula)


def laws(view: View) -> Part | None:
    """A section for each fit that was asked for: its form, and its parameters panel by panel."""
    sections = []
    for request in dict.fromkeys(f.request for f in view.fits):
        own = [(p, f) for p, f in numbered(view) if p.request == request]
        if own:
            sections.append(Section(request.name, (_table(view, own),), formula=formula(own[0][0]), note=_doubts(own)))
    missing = _unfitted(view)
    gist = "parameters, panel by panel" if sections else "none"
    note = f"{_went([fit for _, fit in numbered(view)])} {NOTE}" if sections else ""
    if missing is not None:
        sections.append(Section("Not fitted", (missing,)))
    return Part("Fitted laws", tuple(sections), gist=gist, note=note) if sections else None


NOTE = (
    "L and E are in the unit of the loss, N in parameters, D in tokens or points, C in FLOPs. Intervals are 95 %, from "
    "the bootstrap over clusters: runs equal but for seed and tuned values, or points of one trajectory. Coefficients "
    "stand without theirs. In noise: misses over the noise of replicates, bold where noise does not explain them."
)


def _table(view: View, own: Sequence[tuple[PanelFit, Fit]]) -> Table:
    """One row a panel: parameters, root mean square residual of log loss, error on cells held out."""
    names = tuple(dict.fromkeys(name for _, fit in own for name in fit.params))
    rows: list[Mapping[str, Cell]] = []
    head, places = places_of(view, [p for p, _ in own])
    for place, (panel_fit, fit) in zip(places, own):
        shown = {n: _parameter(panel_fit, fit, n) if n in fit.params else MISSING for n in names}
        out = panel_fit.holdout
        held_out = f"{percent(out)} of {len(panel_fit.held_out)}" if out is not None and finite(out) else MISSING
        rows.append({head: place, **shown, "misses by": error_of(fit), NOISE: _noise(fit), HELD_OUT: held_out})
    return without_empty(without_empty(table_of_rows(rows), HELD_OUT), NOISE)


def error_of(fit: Fit) -> str:
    """Root mean square residual of the log loss, in per cent."""
    return f"{significant(100 * fit.rmse_log, 2)} %" if finite(fit.rmse_log) else MISSING


def _noise(fit: Fit) -> Cell:
    """Misses in units of the noise of replicates, strongly where no noise explains them."""
    if fit.misfit is None:
        return MISSING
    ratio = significant(fit.misfit.ratio, 2)
    return Strong(ratio, "bad") if misses(fit) else ratio


def places_of(view: View, fits: Sequence[PanelFit]) -> tuple[str, list[str]]:
    """A head and what tells the places of some fits apart: `D` over `40k`, `80k` where all are `D = ...`."""
    places = [view.where(panel_fit) for panel_fit in fits]
    parts = [place.split(" = ") for place in places]
    if all(len(part) == 2 and part[0] == parts[0][0] for part in parts):
        return parts[0][0], [part[1] for part in parts]
    return "where", places


def _parameter(panel_fit: PanelFit, fit: Fit, name: str) -> str:
    value, band = interval(fit, name)
    if said := left_open(fit, name):
        return said
    kinds = {p.name: p.kind for p in declaration(fit.law, fit.variables).params_in(panel_fit.request.quantities)}
    if kinds.get(name) == "coefficient" and name not in fit.fixed:
        return significant(fit.params[name], 2)
    return bracketed(value, band)


def _doubts(own: Sequence[tuple[PanelFit, Fit]]) -> str:
    """Statuses other than converged, by number; nothing where every fit converged."""
    statuses = [fit.status for _, fit in own]
    if len(own) == 1 and statuses[0] != "converged":
        return f"Status: {statuses[0]}."
    told = [f"{statuses.count(s)} of {len(own)} {s}" for s in dict.fromkeys(statuses) if s != "converged"]
    return f"Status: {', '.join(told)}." if told else ""


def _went(fits: Sequence[Fit]) -> str:
    """How many fits converged, and how many of the solver's starts ended at their optimum."""
    done = sum(fit.status == "converged" for fit in fits)
    agreeing = min((f.starts_agreeing / f.starts for f in fits if f.starts), default=None)
    said = f"The solver converged in {done} of {counted(len(fits), 'fit')}"
    return f"{said}." if agreeing is None else f"{said}; {100 * agreeing:.0f} % or more of its starts agree."


def _unfitted(view: View) -> Table | None:
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
