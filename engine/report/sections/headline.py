"""Headline numbers: exponents, the irreducible loss against the entropy rate, and compute-optimal exponents."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

import numpy as np
from scalingdsl.spec.plan.study_plan import FitRequest
from scalingdsl.spec.requests.request_types import method_of
from scalingdsl.spec.vocabulary.quantities import letter_of

from ...analysis.analysis_result import Panel, PanelFit
from ...fits.core.fit_result import NOT_IDENTIFIED, Fit
from ...fits.forms import declaration
from ...formatting import MISSING, finite, percent, significant
from ..report_model import Cell, Code, Strong, Table, table_of_rows, without_empty
from ..rounding import with_error
from ..study_view import View
from .expected_values import Expectation, expectations, words
from .law_tables import fitted, interval, missing_optimum, status
from .source_facts import source_of


def exponents_in(request: FitRequest) -> dict[str, str]:
    """Exponents of a law, and what each is of: N, D, C, or whatever the law is read in."""
    own = tuple(v for v, _ in request.variables)
    read = tuple(quantity for _, quantity in request.variables)
    return {
        p.name: " and ".join(letter_of(dict(request.variables).get(v, v)) for v in p.of)
        for p in declaration(request.law, own).params_in(read)
        if p.of
    }


def exponents(view: View) -> Table | None:
    """One row an exponent: `exponent in N at D = 262k`; mean and spread too where a law was fitted slice by slice.

    What the study claims of an exponent stands beside it.
    """
    known = expectations(view.analysis.claims)
    rows: list[tuple[Cell, ...]] = []
    for request in dict.fromkeys(f.request for f in view.fits):
        own = [(p, f) for p, f in fitted(view) if p.request == request]
        for page in dict.fromkeys(view.page_of(p.panel) for p, _ in own):
            here = [(p, f) for p, f in own if view.page_of(p.panel) == page]
            for parameter, letter in exponents_in(request).items():
                own_rows = [(p, f) for p, f in here if parameter in f.params]
                rows += _exponent_rows(view, own_rows, parameter, letter, known)
    heads = ("exponent", "fit", "estimate", "95 % interval", "claimed", "status")
    return (
        without_empty(Table(heads, tuple(rows), (False, False, True, True, False, False)), "claimed") if rows else None
    )


def _exponent_rows(
    view: View, found: list[tuple[PanelFit, Fit]], parameter: str, letter: str, known: Sequence[Expectation]
) -> Iterator[tuple[Cell, ...]]:
    for panel_fit, fit in found:
        page, place, name = view.page_of(panel_fit.panel), view.place(panel_fit), panel_fit.request.name
        at = " at ".join(part for part in (f"exponent in {letter}", place) if part)
        claimed = words(known, parameter, name, panel_fit.panel)
        yield (_on(view, at, page), Code(name), *interval(fit, parameter), _code(claimed), status(fit))
    values = [f.params[parameter] for _, f in found if parameter not in (*f.fixed, *f.unidentified)]
    if len(values) > 1:
        first = found[0][0]
        page, name = view.page_of(first.panel), first.request.name
        what = f"exponent in {letter}, mean of {len(values)} slices"
        spread = f"SD of slices {significant(float(np.std(values, ddof=1)), 2)}"
        claimed = words(known, parameter, name, page, reduced=True)
        mean = significant(float(np.mean(values)), 3)
        yield (_on(view, what, page), Code(name), mean, spread, _code(claimed), MISSING)


def _on(view: View, what: str, page: Panel) -> str:
    return f"{what}, {view.setting(page)}" if page else what


def _code(text: str) -> Cell:
    return Code(text) if text else MISSING


def floor(view: View) -> Table | None:
    """E against the entropy rate, for laws whose E is that of unlimited models and data: those in N and D, or in C."""
    rows: list[Mapping[str, Cell]] = []
    for panel_fit, fit in fitted(view):
        quantities = {*panel_fit.request.quantities}
        rate = entropy_rate(view, panel_fit)
        unlimited = len(quantities) > 1 or quantities == {"C"}
        if "E" not in fit.params or not unlimited or rate is None or panel_fit.request.loss != "loss":
            continue
        value, band = interval(fit, "E")
        gap = abs(fit.params["E"] / rate - 1)
        lies = f"{percent(gap)} {'above' if fit.params['E'] > rate else 'below'}" if gap >= 0.0005 else "within 0.05 %"
        rows.append(
            {
                "fit": Code(panel_fit.request.name),
                "where": view.where(panel_fit),
                "E (nats a token)": value,
                "95 % interval": band,
                "entropy rate": _with_error(view, panel_fit, rate),
                "E lies": lies,
                "verdict": agreement(fit, rate),
            }
        )
    return table_of_rows(rows, texts=("where", "verdict")) if rows else None


def _with_error(view: View, panel_fit: PanelFit, rate: float) -> str:
    """An entropy rate, with its standard error where it is a mean over contexts."""
    facts = source_of(view, view.page_of(panel_fit.panel))
    if facts is None or not facts.standard_error:
        return significant(rate, 5)
    value, error = with_error(rate, facts.standard_error)
    return f"{value} ± {error}"


def agreement(fit: Fit, rate: float) -> Strong:
    """True where the entropy rate lies in the interval of E."""
    if "E" in fit.fixed:
        return Strong("E was given", "plain")
    if "E" in fit.unidentified:
        return Strong(f"E is {NOT_IDENTIFIED}", "open")
    low, high = fit.intervals.get("E", (None, None))
    if not finite(low) or not finite(high) or interval(fit, "E")[1] == MISSING:
        return Strong("no interval", "open")
    return Strong("agrees", "good") if low <= rate <= high else Strong("does not agree", "bad")


def entropy_rate(view: View, panel_fit: PanelFit) -> float | None:
    """The source's entropy rate over a fit's cells, where it is known and the same for all of them."""
    rates = view.cell("entropy_rate")[panel_fit.cells]
    if not len(rates) or not np.all(np.isfinite(rates)) or np.ptp(rates) > 1e-9 * abs(rates[0]):
        return None
    return float(rates[0])


def optima(view: View) -> Table | None:
    """Exponents of the compute-optimal sizes: N_opt ~ C^a, D_opt ~ C^b, L_opt - E ~ C^-gamma."""
    known = expectations(view.analysis.claims)
    rows: list[tuple[Cell, ...]] = []
    for entry in view.analysis.optima:
        found = entry.optimum
        if found is None or missing_optimum(entry) is not None:
            continue
        for p in method_of(entry.request).params:
            if p.kind in ("share", "exponent") and p.name in found.params:
                name, meaning = p.name, p.meaning
                value, band = interval(found, name)
                where = view.setting_of(entry)
                claimed = _code(words(known, name, entry.request.name, entry.panel))
                rows.append((Code(entry.request.name), where, f"{name}: {meaning}", value, band, claimed, found.status))
    heads = ("optimum", "where", "exponent", "estimate", "95 % interval", "claimed", "status")
    table = Table(heads, tuple(rows), (False, False, False, True, True, False, False))
    return without_empty(table, "claimed") if rows else None
