"""Laws of the same cells compared: which form the data prefer, in words and place by place."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from scalingdsl.spec.plan.study_plan import FitRequest

from ...analysis.analysis_result import Panel, PanelFit
from ...analysis.preferred_forms import FormComparison, compare_forms
from ...formatting import MISSING, significant
from ..report_model import Cell, Part, Section, table_of_rows
from ..study_view import View
from .law_tables import error_of, places_of


def comparison(view: View) -> Part | None:
    """One section for each two laws that were fitted to the same cells, in one place or in several."""
    found = compare_forms(view.fits)
    if not found:
        return None
    sections = tuple(section for one in found for section in _sections(view, one))
    return Part("Forms compared", sections, gist="; ".join(map(_short, found)), note=NOTE)


NOTE = "Percentages are root mean square residuals of the log loss; ratios are of mean squared residuals of the loss."


def _short(one: FormComparison) -> str:
    """`power(N) over exponential(N)`."""
    first, second = one.first.name, one.second.name
    if one.prefers == "neither":
        return f"{first} or {second} not told"
    return f"{first} over {second}" if one.prefers == "first" else f"{second} over {first}"


def _sections(view: View, one: FormComparison) -> Iterator[Section]:
    """The preference in words, and the slices in a table where there are several."""
    sentence = one.sentence.replace("`", "")
    said = f"{sentence[:1].upper()}{sentence[1:]}."
    yield Section("", note=said)
    if len(one.slices) < 2:
        return
    fits = [_fit(view, one.first, part.panel) for part in one.slices]
    head, places = places_of(view, fits)
    rows: list[Mapping[str, Cell]] = []
    for place, first, part in zip(places, fits, one.slices):
        second = _fit(view, one.second, part.panel)
        ratio = significant(part.mse[1] / part.mse[0], 2) if part.mse[0] > 0 else MISSING
        rows.append({head: place, one.first.name: _misses(first), one.second.name: _misses(second), "ratio": ratio})
    yield Section("", (table_of_rows(rows),))


def _fit(view: View, request: FitRequest, panel: Panel) -> PanelFit:
    return next(f for f in view.fits if f.request == request and f.panel == panel)


def _misses(panel_fit: PanelFit) -> str:
    return MISSING if panel_fit.fit is None else error_of(panel_fit.fit)
