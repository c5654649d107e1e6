"""`report seed_minimum`: what taking the minimum over seeds does, beside taking the mean.

A minimum over noisy losses is biased downwards, and the more so the noisier a cell is; where the noise changes with
size, so does the exponent.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Literal

import numpy as np
from scalingdsl.spec.vocabulary.words.report_blocks import SeedMinimum

from ...analysis.cells.reduce_runs import group_rows
from ...fits.core.fit_result import Array
from ...formatting import significant
from ..report_model import Axes, Cell, Dots, Figure, Line, Section, Series, table_of_rows
from ..sections.sliced_laws import FREE, Sliced, held_apart, power_slices, refitted, sizes
from ..sections.tuned_values import tuned
from ..study_view import Page, Rows, View, scalar
from . import file_name, implements

TITLE = "Minimum and mean over seeds"


@dataclass(frozen=True)
class Reduced:
    """Each cell's loss by both rules, shape (cell,): NaN where there is one run or none."""

    mean: Array
    minimum: Array
    #: Standard deviation over seeds of the value kept.
    spread: Array

    @property
    def bias(self) -> Array:
        """Distance of the minimum below the mean, nats."""
        return self.mean - self.minimum


@implements(SeedMinimum)
def seed_minimum(view: View) -> Section:
    """Bias by cell, and exponents from both."""
    found = reduced(view)
    known = np.isfinite(found.bias)
    if not known.any() or not np.any(found.spread > 0):
        return Section(TITLE, note="No cell has several seeds: `seed in {0, 1, 2}` trains each model with three.")
    figures: list[Figure] = []
    rows: list[Mapping[str, Cell]] = []
    for page in view.drawn_pages:
        usable = page.rows[known[page.rows]]
        panels = tuple(p for free in FREE if (p := _panel(view, found, usable, free)) is not None)
        if panels:
            title = f"Minimum below the mean{page.at}"
            caption = (
                "How far the lowest loss over all seeds and tuned values lies below the lowest mean over seeds, in "
                "nats a token."
            )
            figures.append(Figure(file_name(SeedMinimum, page.ending), title, caption, (panels,)))
        rows += _rows(view, page, found)
    noise = found.bias[known] / np.where(found.spread[known] > 0, found.spread[known], np.nan)
    middle = float(np.nanmedian(noise)) if np.any(np.isfinite(noise)) else None
    note = (
        f"Over {int(known.sum())} cells the minimum lies {significant(float(np.median(found.bias[known])), 2)} nats "
        f"below the mean (median), {significant(middle, 2)} standard deviations of a seed."
    )
    table = (table_of_rows(rows, texts=("exponent in",)),) if rows else ()
    return Section(TITLE, table, tuple(figures), note=note)


def reduced(view: View) -> Reduced:
    """Losses of every cell: the lowest mean over seeds of any tuned value, and the lowest of all runs."""
    axes = list(view.analysis.cells.axes)
    runs = view.analysis.runs
    names = [a for a in axes if a in runs.columns]
    groups_of = group_rows(runs.columns, names)
    of_cell = {tuple(_key(runs.columns[a][rows[0]]) for a in names): rows for rows in groups_of}
    choices = [a for a in tuned(view) if a != "seed" and a in runs.columns]
    loss = view.run("loss")
    out = np.full((3, view.analysis.cells.n), np.nan)
    for cell in range(view.analysis.cells.n):
        rows = of_cell.get(tuple(_key(view.analysis.cells.columns[a][cell]) for a in names), np.array([], dtype=int))
        rows = rows[np.isfinite(loss[rows])]
        groups = (
            [rows[g] for g in group_rows({a: runs.columns[a][rows] for a in choices}, choices)] if choices else [rows]
        )
        most = max(map(len, groups), default=0)
        if most < 2:
            continue
        # A value with seeds missing would win by luck, so only whole groups stand for a mean.
        best = min((g for g in groups if len(g) == most), key=lambda g: float(np.mean(loss[g])))
        out[:, cell] = np.mean(loss[best]), np.min(loss[rows]), np.std(loss[best], ddof=1)
    return Reduced(*out)


def _key(value: object) -> object:
    plain = scalar(value)
    return None if plain != plain else plain


def _panel(view: View, found: Reduced, usable: Rows, free: Literal["N", "D"]) -> Axes | None:
    x, held, letter = sizes(view, free)
    usable = usable[np.isfinite(x[usable]) & np.isfinite(held[usable]) & (found.bias[usable] > 0)]
    if len(np.unique(x[usable])) < 2:
        return None
    series = []
    for label, tone, rows in held_apart(view, usable, free):
        dots = Dots(x[rows], found.bias[rows])
        series.append(Series(label, tone, (dots,), (Line(dots.x, dots.y),)))
    words = "mean less minimum (nats a token)"
    return Axes(view.label(free), words, tuple(series), legend=view.label(letter), legend_at="below")


def _rows(view: View, page: Page, found: Reduced) -> Iterator[Mapping[str, Cell]]:
    for quantity in ("N", "D"):
        slices = [s for s in power_slices(view, page, quantity) if np.all(np.isfinite(found.bias[s.panel_fit.cells]))]
        pairs = [[_exponent(view, s, loss) for loss in (found.mean, found.minimum)] for s in slices]
        both = np.array([p for p in pairs if np.all(np.isfinite(p))])
        if len(both):
            mean, minimum = np.mean(both, axis=0).tolist()
            yield {
                "panel": page.name,
                "exponent in": quantity,
                "slices": f"{len(both)}",
                "mean over seeds": significant(mean, 3),
                "minimum": significant(minimum, 3),
                "difference": significant(minimum - mean, 2),
                "SD of slices": significant(float(np.std(both[:, 0], ddof=1)) if len(both) > 1 else None, 2),
            }


def _exponent(view: View, one: Sliced, loss: Array) -> float:
    fit = refitted(view, one, loss=loss)
    return float("nan") if fit is None else fit.params[one.exponent]
