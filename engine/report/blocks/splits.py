"""`report splits`: how well each way of describing the losses predicts cells that it was not fitted to.

Twenty random divisions of the cells, four fifths fitted, the same divisions for every law. A law of one variable is
fitted in every slice that keeps more cells than it has parameters, and asked about the cells left out of that slice.

The cells are those of the page's first law in N and D, under its `where`; slices are those of the study's own laws of
one variable, under their `group`. So the first law's error is what a claim reads as its `validation`.

Reference: the model selection of arXiv:2601.10684.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scalingdsl.spec.vocabulary.words.report_blocks import Splits

from ...analysis.analysis_result import PanelFit
from ...fits import Points, fit_law, predict
from ...fits.core.fit_result import DEFAULT_OPTIONS, Array, Fit, FitOptions
from ...fits.selection.validation import SHARE, SPLITS, divisions, split
from ...formatting import MISSING, significant
from ..report_model import Axes, Cell, Code, Dots, Figure, Section, Series, table_of_rows
from ..sections.law_tables import fitted
from ..sections.sliced_laws import points_at
from ..study_view import Page, Rows, View
from . import file_name, implements

TITLE = "Random splits"
#: Laws in N and D that are always compared, beside those of the study.
ALWAYS = ("chinchilla", "network", "kernel")
#: Fewest cells of a page that are worth dividing, and fewest left out of slices in a division that counts.
FEWEST = 10


@dataclass(frozen=True)
class Errors:
    """Mean squared errors of one law in every split, shape (split,), and the share of cells left out it spoke of."""

    name: str
    fitted: Array
    left_out: Array
    covered: float = 1.0


@implements(Splits)
def splits(view: View, *, n_splits: int = SPLITS, always: Sequence[str] = ALWAYS) -> Section:
    """Mean squared errors of the loss on cells fitted and left out, with standard errors over the splits.

    Args:
        view: The study.
        n_splits: Random divisions.
        always: Laws in N and D that are compared beside the study's own.
    """
    figures, rows, notes = [], [], []
    for page in view.drawn_pages:
        found = list(_page_errors(view, page, n_splits, always))
        if not found:
            notes.append(f"{page.title or 'All cells'}: fewer than {FEWEST} cells, too few to divide.")
            continue
        if not any(e.name.startswith("power") for e in found):
            notes.append(f"{page.title or 'All cells'}: no slice keeps more cells than a power law has parameters.")
        notes += [words] if (words := _elsewhere(view, page)) else []
        least = min(float(np.mean(e.left_out)) for e in found)
        rows += [_row(page.name, e, least) for e in found]
        title = f"Errors on cells fitted and left out{page.at}"
        caption = (
            f"Mean squared error of the loss over {n_splits} random splits, {SHARE:.0%} of the cells fitted, with one "
            "standard error over the splits; hollow on the cells fitted, full on those left out. Slices are the laws "
            "of one variable, each slice fitted alone."
        )
        figures.append(Figure(file_name(Splits, page.ending), title, caption, ((_axes(found),),)))
    tables = (table_of_rows(rows, texts=("law",)),) if rows else ()
    return Section(TITLE, tables, tuple(figures), note=" ".join(notes))


def _page_errors(view: View, page: Page, n_splits: int, always: Sequence[str]) -> Iterator[Errors]:
    laws = tuple(_laws(view, page))
    rows = _cells(view, page, laws)
    if len(rows) < FEWEST:
        return
    points = points_at(view, rows, {"N": "N", "D": "D"})
    divided = tuple(divisions(points, splits=n_splits))
    for panel_fit, fit in laws:
        yield _joint(panel_fit.request.name, fit.law, points, divided, fit.details.options)
    for law in always:
        if law not in {fit.law for _, fit in laws}:
            yield _joint(law, law, points, divided, DEFAULT_OPTIONS)
    for quantity in ("N", "D"):
        found = _sliced(quantity, _slices(view, page, rows, quantity), points, divided)
        if found is not None:
            yield found


def _laws(view: View, page: Page) -> Iterator[tuple[PanelFit, Fit]]:
    """Laws in N and D that the study fitted to the loss of this page, the first of every form."""
    seen: set[str] = set()
    for panel_fit, fit in fitted(view):
        request = panel_fit.request
        plain = not request.fixed and not request.shared and request.loss == "loss" and not request.law.startswith("=")
        read = {*request.quantities}
        here = view.page_of(panel_fit.panel) == page.panel
        if read == {"N", "D"} and plain and here and request.law not in seen:
            seen.add(request.law)
            yield panel_fit, fit


def _cells(view: View, page: Page, laws: Sequence[tuple[PanelFit, Fit]]) -> Rows:
    """The cells to divide: those of the page's first law, so that its error is what a claim's `validation` says."""
    if laws:
        return laws[0][0].cells
    known = [np.isfinite(c[page.rows]) & (c[page.rows] > 0) for c in map(view.cell, ("loss", "N", "D"))]
    return page.rows[np.all(known, axis=0)]


def _elsewhere(view: View, page: Page) -> str:
    """The sentence on laws that the study fitted to other cells than those divided here."""
    laws = tuple(_laws(view, page))
    other = [p.request.name for p, _ in laws if not np.array_equal(p.cells, laws[0][0].cells)]
    if not other:
        return ""
    return (
        f"{page.title or 'All cells'}: the cells divided are those of {laws[0][0].request.name}; the study fits "
        f"{', '.join(other)} to others, and a claim's validation of them is another number."
    )


def _slices(view: View, page: Page, rows: Rows, quantity: str) -> tuple[NDArray[np.bool_], ...]:
    """Masks of shape (row,), one a slice: cells that laws of one variable were fitted to, or cells of equal size."""
    fits = [f for f in view.alone(page.panel, quantity) if f.request.loss == "loss"]
    if fits:
        return tuple(np.isin(rows, f.cells) for f in fits)
    held = (view.tokens if quantity == "N" else view.cell("N"))[rows]
    return tuple(held == value for value in np.unique(held))


def _joint(name: str, law: str, points: Points, divided: Sequence[NDArray[np.bool_]], options: FitOptions) -> Errors:
    found = [split(law, points, left_out, options) for left_out in divided]
    return Errors(name, np.array([s.fitted_mse for s in found]), np.array([s.held_out_mse for s in found]))


def _sliced(
    quantity: str, slices: Sequence[NDArray[np.bool_]], points: Points, divided: Sequence[NDArray[np.bool_]]
) -> Errors | None:
    inside, outside = [], []
    n_left_out = n_predicted = 0
    x = points.variables[quantity]
    for left_out in divided:
        near, far = [], []
        n_left_out += int(np.sum(left_out))
        for own in slices:
            kept, rest = np.flatnonzero(own & ~left_out), np.flatnonzero(own & left_out)
            if len(np.unique(x[kept])) <= 3:
                continue
            fit = fit_law("power", Points({quantity: x[kept]}, points.loss[kept]), bootstrap=0)
            if not fit.succeeded:
                continue
            near.append(predict(fit, {quantity: x[kept]}) - points.loss[kept])
            if len(rest):
                far.append(predict(fit, {quantity: x[rest]}) - points.loss[rest])
        if near and far:
            n_predicted += sum(map(len, far))
            inside.append(float(np.mean(np.concatenate(near) ** 2)))
            outside.append(float(np.mean(np.concatenate(far) ** 2)))
    if not inside:
        return None
    return Errors(f"power({quantity}) in slices", np.array(inside), np.array(outside), n_predicted / n_left_out)


def _standard_error(values: Array) -> float:
    return float(np.std(values, ddof=1) / np.sqrt(len(values))) if len(values) > 1 else 0.0


def _row(page: str, errors: Errors, least: float) -> Mapping[str, Cell]:
    mean = float(np.mean(errors.left_out))
    return {
        "panel": page,
        "law": Code(errors.name),
        "mse fitted": significant(float(np.mean(errors.fitted)), 3),
        "mse left out": significant(mean, 3),
        "standard error": significant(_standard_error(errors.left_out), 2),
        "over the best": f"{significant(mean / least, 2)} times" if least > 0 and np.isfinite(mean) else MISSING,
        "cells spoken of": f"{100 * errors.covered:.0f} %",
    }


def _axes(found: Sequence[Errors]) -> Axes:
    x = np.arange(len(found), dtype=np.float64)
    series = (
        Series("fitted", 0, (_dots(x - 0.1, [e.fitted for e in found], hollow=True),)),
        Series("left out", 1, (_dots(x + 0.1, [e.left_out for e in found]),)),
    )
    names = tuple(e.name.replace(" in ", "\nin ") for e in found)
    return Axes("", "mean squared error of the loss", series, x_log=False, x_ticks=names, legend_at="beside")


def _dots(x: Array, errors: Sequence[Array], *, hollow: bool = False) -> Dots:
    bars = np.nan_to_num([_standard_error(e) for e in errors], posinf=0.0)
    return Dots(x, np.array([np.mean(e) for e in errors]), bars, hollow)
