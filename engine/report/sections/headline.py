"""Names of a law's exponents, and the irreducible loss held against the entropy rate."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
from scalingdsl.spec.plan.study_plan import FitRequest
from scalingdsl.spec.vocabulary.quantities import letter_of

from ...analysis.analysis_result import PanelFit
from ...fits.core.fit_result import Fit
from ...fits.forms import declaration
from ...formatting import MISSING, finite, percent, significant
from ..report_model import Cell, Code, Section, Strong, table_of_rows
from ..rounding import with_error
from ..study_view import View
from .fit_standing import left_open
from .law_tables import fitted, interval
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


def floor(view: View) -> Section | None:
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
                "E": value,
                "95 %": band,
                "entropy rate": rate_with_error(view, panel_fit, rate),
                "E lies": lies,
                "verdict": agreement(fit, rate),
            }
        )
    if not rows:
        return None
    return Section("Irreducible loss and entropy rate", (table_of_rows(rows, texts=("where", "verdict")),))


def rate_with_error(view: View, panel_fit: PanelFit, rate: float) -> str:
    """An entropy rate, with its standard error where it is a mean over contexts."""
    facts = source_of(view, view.page_of(panel_fit.panel))
    if facts is None or not facts.standard_error:
        return significant(rate, 5)
    value, error = with_error(rate, facts.standard_error)
    return f"{value} ± {error}"


def agreement(fit: Fit, rate: float) -> Strong:
    """Whether the entropy rate lies in the interval of E, in a word or two."""
    if "E" in fit.fixed:
        return Strong("E was given", "plain")
    if said := left_open(fit, "E"):
        return Strong(said, "open")
    low, high = fit.intervals.get("E", (None, None))
    if not finite(low) or not finite(high) or interval(fit, "E")[1] == MISSING:
        return Strong("no interval", "open")
    return Strong("agrees", "good") if low <= rate <= high else Strong("does not agree", "bad")


def entropy_rate(view: View, panel_fit: PanelFit) -> float | None:
    """The source's entropy rate over a fit's cells, where it is known, above 0, and the same for all of them."""
    rates = view.cell("entropy_rate")[panel_fit.cells]
    if not len(rates) or not np.all(rates > 0) or np.ptp(rates) > 1e-9 * abs(rates[0]):
        return None
    return float(rates[0])
