"""What the fits say: exponents, the irreducible loss, every parameter with its interval, and how each fit went."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

import numpy as np
from scalingdsl.spec.vocabulary import REGISTRY
from scalingdsl.spec.vocabulary.laws import Law

from ..analysis.result import Panel, PanelFit, PanelOptimum
from ..fits.result import Fit
from .expected import Expectation, expectations, words
from .model import Cell, Code, Section, Strong, Table, Tone
from .rounding import MISSING, counted, finite, measured, percent, significant
from .view import View

#: Parameters that are exponents, and the law's variable each belongs to where a law has several.
EXPONENTS = {"alpha": "N", "beta": "D", "gamma": "C"}


def exponent_variable(fit: PanelFit, parameter: str) -> str:
    """The run quantity that an exponent is of: N, D, C, or whatever the law was fitted to."""
    variables = fit.request.variables
    if len(variables) == 1:
        return variables[0][1]
    return dict(variables).get(EXPONENTS[parameter], EXPONENTS[parameter])


def interval(fit: Fit, parameter: str) -> tuple[str, str]:
    """A parameter and its 95 % interval in words; `given` for one that was not fitted."""
    value = fit.params[parameter]
    if parameter in fit.fixed:
        return significant(value, 5), "given"
    low, high = fit.intervals.get(parameter, (None, None))
    return measured(value, low, high)


def fitted(view: View) -> Iterator[tuple[PanelFit, Fit]]:
    """Fits that have numbers to show."""
    for panel_fit in view.fits:
        if panel_fit.fit is not None and why_missing(panel_fit) is None:
            yield panel_fit, panel_fit.fit


def why_missing(panel_fit: PanelFit) -> str | None:
    """Why a fit has no numbers; None where it has."""
    fit = panel_fit.fit
    if fit is None:
        return panel_fit.reason or "no reason was recorded"
    if fit.params and all(finite(value) for value in fit.params.values()):
        return None
    return "; ".join(
        [fit.status, *(w.message for w in fit.warnings), *([panel_fit.reason] if panel_fit.reason else [])]
    )


def missing_optimum(entry: PanelOptimum) -> str | None:
    """Why an optimum has no numbers; None where it has."""
    if entry.optimum is None:
        return entry.reason or "no reason was recorded"
    if any(finite(value) for value in entry.optimum.params.values()):
        return None
    return "; ".join(dict.fromkeys([entry.optimum.status, *(w.message for w in entry.optimum.warnings)]))


def exponents(view: View) -> Table | None:
    """One row an exponent: `exponent in N at D = 262k`; mean and spread too where a law was fitted slice by slice.

    What the study claims of an exponent stands beside it.
    """
    known = expectations(view.analysis.plan)
    rows: list[tuple[Cell, ...]] = []
    for request in dict.fromkeys(f.request for f in view.fits):
        own = [(p, f) for p, f in fitted(view) if p.request == request]
        for page in dict.fromkeys(view.page_of(p.panel) for p, _ in own):
            here = [(p, f) for p, f in own if view.page_of(p.panel) == page]
            for parameter in EXPONENTS:
                rows += _exponent_rows(view, [(p, f) for p, f in here if parameter in f.params], parameter, known)
    heads = ("exponent", "fit", "estimate", "95 % interval", "claimed", "status")
    return _without_empty(Table(heads, tuple(rows), (False, False, True, True, False, False)), "claimed")


def _exponent_rows(
    view: View, found: list[tuple[PanelFit, Fit]], parameter: str, known: Sequence[Expectation]
) -> Iterator[tuple[Cell, ...]]:
    for panel_fit, fit in found:
        page, place, name = view.page_of(panel_fit.panel), view.place(panel_fit), panel_fit.request.name
        at = " at ".join(part for part in (f"exponent in {exponent_variable(panel_fit, parameter)}", place) if part)
        claimed = words(known, parameter, name, panel_fit.panel)
        yield (_on(view, at, page), Code(name), *interval(fit, parameter), _code(claimed), status(fit))
    values = [f.params[parameter] for _, f in found if parameter not in f.fixed]
    if len(values) > 1:
        first = found[0][0]
        page, name = view.page_of(first.panel), first.request.name
        what = f"exponent in {exponent_variable(first, parameter)}, mean of {len(values)} slices"
        spread = f"SD of slices {significant(float(np.std(values, ddof=1)), 2)}"
        claimed = words(known, parameter, name, page, reduced=True)
        mean = significant(float(np.mean(values)), 3)
        yield (_on(view, what, page), Code(name), mean, spread, _code(claimed), MISSING)


def _on(view: View, what: str, page: Panel) -> str:
    return f"{what}, {view.setting(page)}" if page else what


def _code(text: str) -> Cell:
    return Code(text) if text else MISSING


def _without_empty(table: Table, head: str) -> Table | None:
    """The table less a column in which no row says anything; None where there are no rows."""
    place = table.heads.index(head)
    if not table.rows or any(row[place] != MISSING for row in table.rows):
        return table if table.rows else None
    rest = [i for i in range(len(table.heads)) if i != place]
    rows = tuple(tuple(row[i] for i in rest) for row in table.rows)
    return Table(tuple(table.heads[i] for i in rest), rows, tuple(table.numeric[i] for i in rest))


def status(fit: Fit) -> Strong:
    """How a fit went, as a word."""
    tone: Tone = "good" if fit.status == "converged" else "open"
    return Strong(fit.status, tone)


def floor(view: View) -> Table | None:
    """E against the entropy rate, for laws whose E is that of unlimited models and data: those in N and D, or in C."""
    rows: list[tuple[Cell, ...]] = []
    for panel_fit, fit in fitted(view):
        quantities = {quantity for _, quantity in panel_fit.request.variables}
        rate = entropy_rate(view, panel_fit)
        unlimited = len(quantities) > 1 or quantities == {"C"}
        if "E" not in fit.params or not unlimited or rate is None or panel_fit.request.loss != "loss":
            continue
        value, band = interval(fit, "E")
        gap = abs(fit.params["E"] / rate - 1)
        lies = f"{percent(gap)} {'above' if fit.params['E'] > rate else 'below'}" if gap >= 0.0005 else "within 0.05 %"
        rows.append(
            (
                Code(panel_fit.request.name),
                view.where(panel_fit),
                value,
                band,
                significant(rate, 5),
                lies,
                agreement(fit, rate),
            )
        )
    if not rows:
        return None
    heads = ("fit", "where", "E (nats a token)", "95 % interval", "entropy rate", "E lies", "verdict")
    return Table(heads, tuple(rows), (False, False, True, True, True, True, False))


def agreement(fit: Fit, rate: float) -> Strong:
    """Whether the entropy rate lies in the interval of E."""
    if "E" in fit.fixed:
        return Strong("E was given", "plain")
    low, high = fit.intervals.get("E", (None, None))
    if not finite(low) or not finite(high):
        return Strong("no interval", "open")
    return Strong("agrees", "good") if low <= rate <= high else Strong("does not agree", "bad")


def entropy_rate(view: View, panel_fit: PanelFit) -> float | None:
    """The source's entropy rate over a fit's cells, where it is known and the same for all of them."""
    rates = view.cell("entropy_rate")[panel_fit.cells]
    if not len(rates) or not np.all(np.isfinite(rates)) or np.ptp(rates) > 1e-9 * abs(rates[0]):
        return None
    return float(rates[0])


def laws(view: View) -> tuple[Section, ...]:
    """One section a fit that was asked for: its form, parameters panel by panel, and how each fit went."""
    sections = []
    for request in dict.fromkeys(f.request for f in view.fits):
        own = [(p, f) for p, f in fitted(view) if p.request == request]
        if not own:
            continue
        sections.append(
            Section(
                title=request.name, formula=formula(own[0][0]), tables=(_parameters(view, own), _quality(view, own))
            )
        )
    return tuple(sections)


def formula(panel_fit: PanelFit) -> str:
    """The law in one line as its declaration states it, read in the run quantities it was fitted to."""
    law = REGISTRY.get(panel_fit.request.law)
    if law is None or not issubclass(law, Law):
        return ""
    text = (law.__doc__ or "").split("\n")[0].split(", in ")[0].rstrip(".")
    if not text.startswith("L("):
        return ""
    quantities = tuple(quantity for _, quantity in panel_fit.request.variables)
    names = dict(zip(law.variables, quantities)) | dict(zip(law.parameters(law.variables), law.parameters(quantities)))
    return re.sub(r"\b[A-Za-z_]+\b", lambda word: names.get(word[0], word[0]), text.split(":")[0])


def _parameters(view: View, own: list[tuple[PanelFit, Fit]]) -> Table:
    names = tuple(dict.fromkeys(name for _, fit in own for name in fit.params))
    rows = []
    for panel_fit, fit in own:
        cells: list[Cell] = [view.where(panel_fit)]
        for name in names:
            if name not in fit.params:
                cells.append(MISSING)
                continue
            value, band = interval(fit, name)
            cells.append(value if band == MISSING else f"{value} ({band})")
        rows.append(tuple(cells))
    return Table(("where", *names), tuple(rows), (False, *(True for _ in names)))


def _quality(view: View, own: list[tuple[PanelFit, Fit]]) -> Table:
    heads = (
        "where",
        "status",
        "objective",
        "cells",
        "clusters",
        "starts agreeing",
        "rmse of log loss",
        "held out",
        "warnings",
    )
    rows = []
    for panel_fit, fit in own:
        delta = f"({fit.delta:.2g})" if finite(fit.delta) else ""
        held_out = MISSING
        if panel_fit.holdout is not None and finite(panel_fit.holdout):
            held_out = f"{significant(100 * panel_fit.holdout, 2)} % over {counted(len(panel_fit.held_out), 'cell')}"
        codes = ", ".join(dict.fromkeys(w.code for w in fit.warnings)) or MISSING
        rows.append(
            (
                view.where(panel_fit),
                status(fit),
                f"{fit.objective}{delta}",
                f"{fit.n}",
                f"{fit.n_clusters}",
                f"{fit.starts_agreeing} of {fit.starts}",
                significant(fit.rmse_log, 2),
                held_out,
                codes,
            )
        )
    return Table(heads, tuple(rows), (False, False, False, True, True, True, True, True, False))


def unfitted(view: View) -> Table | None:
    """Fits and optima that were asked for and could not be had, each with its reason."""
    rows: list[tuple[Cell, ...]] = [
        (Code(f.request.name), view.where(f), reason) for f in view.fits if (reason := why_missing(f)) is not None
    ]
    rows += [
        (Code(o.request.name), view.setting(o.panel) or "all cells", reason)
        for o in view.analysis.optima
        if (reason := missing_optimum(o)) is not None
    ]
    return Table(("asked for", "where", "why it is missing"), tuple(rows)) if rows else None


def comparison(view: View) -> Table | None:
    """Laws of the same cells side by side: mean squared residuals, and how much worse the exponential control is."""
    groups: dict[tuple[object, ...], list[tuple[PanelFit, Fit]]] = {}
    for panel_fit, fit in fitted(view):
        key = (panel_fit.request.loss, panel_fit.cells.tobytes())
        groups.setdefault(key, []).append((panel_fit, fit))
    rows: list[tuple[Cell, ...]] = []
    for own in groups.values():
        if len(own) < 2:
            continue
        power = next((f.mse for p, f in own if p.request.law != "exponential"), float("nan"))
        for panel_fit, fit in own:
            worse = fit.mse / power if panel_fit.request.law == "exponential" and power > 0 else float("nan")
            rows.append(
                (
                    view.where(panel_fit),
                    Code(panel_fit.request.name),
                    f"{fit.n}",
                    significant(fit.mse, 3),
                    significant(fit.rmse_log, 3),
                    f"{significant(worse, 2)} times" if finite(worse) else MISSING,
                )
            )
    if not rows:
        return None
    heads = ("where", "law", "cells", "mse", "rmse of log loss", "mse over the power law's")
    return Table(heads, tuple(rows), (False, False, True, True, True, True))


def optima(view: View) -> Table | None:
    """Exponents of the compute-optimal sizes: N_opt ~ C^a, D_opt ~ C^b, L_opt - E ~ C^-gamma."""
    known = expectations(view.analysis.plan)
    rows: list[tuple[Cell, ...]] = []
    for entry in view.analysis.optima:
        found = entry.optimum
        if found is None or missing_optimum(entry) is not None:
            continue
        for name, meaning in (("a", "N grows as C^a"), ("b", "D grows as C^b"), ("gamma", "L - E falls as C^-gamma")):
            if name in found.params:
                value, band = measured(found.params[name], *found.intervals.get(name, (None, None)))
                where = view.setting(entry.panel) or "all cells"
                claimed = _code(words(known, name, entry.request.name, entry.panel))
                rows.append((Code(entry.request.name), where, f"{name}: {meaning}", value, band, claimed, found.status))
    heads = ("optimum", "where", "exponent", "estimate", "95 % interval", "claimed", "status")
    return _without_empty(Table(heads, tuple(rows), (False, False, False, True, True, False, False)), "claimed")
