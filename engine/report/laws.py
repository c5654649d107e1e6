"""What the fits say: exponents, the irreducible loss, every parameter with its interval, and how each fit went."""

from __future__ import annotations

import re
from collections.abc import Iterator

import numpy as np
from scalingdsl.spec.vocabulary import REGISTRY
from scalingdsl.spec.vocabulary.laws import Law

from ..analysis.result import PanelFit
from ..fits.result import Fit
from .model import Cell, Code, Section, Strong, Table, Tone
from .rounding import MISSING, finite, measured, percent, significant
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


def exponents(view: View) -> Table | None:
    """One row an exponent: `exponent in N at D = 262k`; mean and spread too where a law was fitted slice by slice."""
    rows: list[tuple[Cell, ...]] = []
    for request in dict.fromkeys(f.request for f in view.fits):
        own = [(p, f) for p, f in fitted(view) if p.request == request]
        for page in dict.fromkeys(view.page_of(p.panel) for p, _ in own):
            here = [(p, f) for p, f in own if view.page_of(p.panel) == page]
            for parameter in EXPONENTS:
                found = [(p, f) for p, f in here if parameter in f.params]
                rows += _exponent_rows(view, found, parameter)
    if not rows:
        return None
    heads = ("exponent", "fit", "estimate", "95 % interval", "status")
    return Table(heads, tuple(rows), (False, False, True, True, False))


def _exponent_rows(view: View, found: list[tuple[PanelFit, Fit]], parameter: str) -> Iterator[tuple[Cell, ...]]:
    for panel_fit, fit in found:
        page, place = view.setting(view.page_of(panel_fit.panel)), view.place(panel_fit)
        name = f"exponent in {exponent_variable(panel_fit, parameter)}"
        at = " at ".join(part for part in (name, place) if part)
        what = f"{at}, {page}" if page else at
        yield (what, Code(panel_fit.request.name), *interval(fit, parameter), status(fit))
    values = [f.params[parameter] for _, f in found if parameter not in f.fixed and finite(f.params[parameter])]
    if len(values) > 1:
        panel_fit = found[0][0]
        page = view.setting(view.page_of(panel_fit.panel))
        name = f"exponent in {exponent_variable(panel_fit, parameter)}, mean of {len(values)} slices"
        spread = significant(float(np.std(values, ddof=1)), 2)
        mean = significant(float(np.mean(values)), 3)
        yield (
            f"{name}, {page}" if page else name,
            Code(panel_fit.request.name),
            mean,
            f"SD of slices {spread}",
            MISSING,
        )


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
        value, words = interval(fit, "E")
        gap = percent(abs(fit.params["E"] / rate - 1))
        side = "above" if fit.params["E"] > rate else "below"
        rows.append(
            (
                Code(panel_fit.request.name),
                view.where(panel_fit),
                value,
                words,
                significant(rate, 5),
                f"{gap} {side}",
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
            value, words = interval(fit, name)
            cells.append(value if words == MISSING else f"{value} ({words})")
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
            held_out = f"{percent(panel_fit.holdout, 1)} over {len(panel_fit.held_out)}"
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
        (Code(o.request.name), view.setting(o.panel) or "all cells", o.reason or "no reason was recorded")
        for o in view.analysis.optima
        if o.optimum is None
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
    rows: list[tuple[Cell, ...]] = []
    for entry in view.analysis.optima:
        found = entry.optimum
        if found is None:
            continue
        for name, meaning in (("a", "N grows as C^a"), ("b", "D grows as C^b"), ("gamma", "L - E falls as C^-gamma")):
            if name in found.params:
                value, words = measured(found.params[name], *found.intervals.get(name, (None, None)))
                where = view.setting(entry.panel) or "all cells"
                rows.append((Code(entry.request.name), where, f"{name}: {meaning}", value, words, found.status))
    if not rows:
        return None
    heads = ("optimum", "where", "exponent", "estimate", "95 % interval", "status")
    return Table(heads, tuple(rows), (False, False, False, True, True, False))
