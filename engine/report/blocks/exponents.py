"""`report exponents`: mean exponents of every panel against each other, and against the entropy of their source."""

from __future__ import annotations

import numpy as np
from scalingdsl.spec.vocabulary.quantities import label_of
from scalingdsl.spec.vocabulary.words.report_blocks import Exponents

from ...formatting import significant
from ..report_model import Axes, Cell, Dots, Figure, Line, Section, Series, table_of_numbers
from ..sections.sliced_laws import NO_SLICES, Sliced, counted_slices, mean_of, power_slices
from ..study_view import View
from . import file_name, implements

TITLE = "Exponents in N and in D"
#: Of the lowest loss: an offset below this share of it is none.
NO_OFFSET = 0.01
#: Share of the diagonal that is drawn beyond the smallest and the largest exponent.
BEYOND = 0.1
UNTOLD = "No panel has slices in N and in D that tell their exponents from both sides: there is nothing to draw."


@implements(Exponents)
def exponents(view: View) -> Section:
    """Left the exponent in N against that in D, with their deviations and the diagonal; right both against entropy."""
    found = [(page, power_slices(view, page, "N"), power_slices(view, page, "D")) for page in view.pages]
    found = [(page, in_n, in_d) for page, in_n, in_d in found if in_n and in_d]
    if not found:
        return Section(TITLE, note=NO_SLICES)
    numbers = np.array([[*mean_of(in_n), *mean_of(in_d), _floor(view, (*in_n, *in_d))] for _, in_n, in_d in found])
    titles = [page.name for page, _, _ in found]
    heads = ("panel", "exponent in N", "SD", "slices", "exponent in D", "SD", "slices", "entropy rate or least E")
    rows: list[tuple[Cell, ...]] = [
        (title, *_estimate(row[0], row[1], in_n), *_estimate(row[2], row[3], in_d), significant(row[4], 4))
        for title, row, (_, in_n, in_d) in zip(titles, numbers, found)
    ]
    tables = (table_of_numbers(heads, tuple(rows)),)
    if not np.any(np.all(np.isfinite(numbers[:, [0, 2]]), axis=1)):
        return Section(TITLE, tables, note=UNTOLD)
    panels = [_against(titles, numbers)]
    entropies = numbers[:, 4]
    if np.sum(np.isfinite(entropies)) > 1:
        panels.append(_along(numbers))
    caption = (
        "Means over slices, with one standard deviation of the slices. Above the dotted diagonal the loss falls faster "
        "with N than with D: data limit it more than size."
    )
    if len(panels) > 1:
        caption += (
            " Right, the same against the entropy rate of the source, or, where that is not known, against the least "
            "offset E that a slice gives."
        )
    figure = Figure(file_name(Exponents), TITLE, caption, (tuple(panels),))
    return Section(TITLE, tables, (figure,))


def _estimate(mean: float, deviation: float, slices: tuple[Sliced, ...]) -> tuple[str, str, str]:
    return significant(mean, 3), significant(deviation, 2), counted_slices(slices)


def _floor(view: View, slices: tuple[Sliced, ...]) -> float:
    """The entropy rate of the cells of a page's slices; the least E of these where it is not known, as in the source's
    paper. Cells that their conditions leave out may be of another source.
    """
    rows = np.unique(np.concatenate([s.panel_fit.cells for s in slices]))
    rates = view.cell("entropy_rate")[rows]
    rates = rates[np.isfinite(rates)]
    if len(rates):
        return float(np.mean(rates))
    least = float(min(s.fit.params["E"] for s in slices))
    losses = view.cell("loss")[rows]
    # An offset at its bound of 0 is no measure of the source.
    return least if least > NO_OFFSET * float(np.nanmin(losses)) else float("nan")


def _against(titles: list[str], numbers: np.ndarray) -> Axes:
    """Exponent in D along x, in N along y, one colour a panel of the study."""
    low, high = np.nanmin(numbers[:, [0, 2]]), np.nanmax(numbers[:, [0, 2]])
    room = BEYOND * max(high - low, high)
    ends = np.array([max(0.0, low - room), high + room])
    series = [Series("", None, lines=(Line(ends, ends, style="dotted"),))]
    for i, (title, row) in enumerate(zip(titles, numbers)):
        error, x_error = (np.nan_to_num(row[[k]]) for k in (1, 3))
        series.append(Series(title, i, (Dots(row[[2]], row[[0]], error, x_error=x_error),)))
    return Axes(
        "exponent in D, at fixed N", "exponent in N, at fixed D", tuple(series), x_log=False, y_log=False,
        x_counts=False, legend_at="upper left",
    )  # fmt: skip


def _along(numbers: np.ndarray) -> Axes:
    numbers = numbers[np.isfinite(numbers[:, 4])]
    order = np.argsort(numbers[:, 4])
    x = numbers[order, 4]
    series = tuple(
        Series(f"in {letter}", i, (Dots(x, numbers[order, k], np.nan_to_num(numbers[order, k + 1])),))
        for i, (letter, k) in enumerate((("N", 0), ("D", 2)))
    )
    return Axes(
        label_of("entropy_rate"), "exponent", series, x_log=False, y_log=False, x_counts=False, legend_at="upper left"
    )
