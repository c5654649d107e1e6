"""`report counting`: the excess loss beside that of an estimator that counts transitions.

An estimator that knows which states can follow which, and counts how often they do, comes to the loss
L = S + n_eff/(2D) + O(1/D^2), with S the entropy rate and n_eff the probabilities it has to learn: transitions less
states, 2E - n for the walk on a graph of n nodes and E edges. It falls with exponent 1.

Reference: arXiv:2601.10684, appendix C.
"""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
from scalingdsl.spec.vocabulary.words.report_blocks import Counting

from ...formatting import MISSING, integer, magnitude, significant
from ..report_model import Axes, Cell, Dots, Figure, Line, Section, Series, table_of_rows
from ..sections.sliced_laws import held_apart
from ..sections.source_facts import NO_FACTS, SourceFacts, source_of, sources
from ..study_view import Page, View
from . import file_name, implements

TITLE = "Beside counting"


def baseline(n_eff: int, tokens: np.ndarray) -> np.ndarray:
    """Excess loss of counting after D tokens, nats a token, shape (D,): n_eff/(2D)."""
    return np.asarray(n_eff / (2 * tokens))


@implements(Counting)
def counting(view: View) -> Section:
    """Excess loss against D with the baseline, for every page whose source is a chain that is known."""
    if not sources(view):
        return Section(TITLE, note=NO_FACTS)
    figures, rows = [], []
    for page in view.drawn_pages:
        facts = source_of(view, page.panel)
        if facts is None or facts.free_parameters is None:
            continue
        axes = _axes(view, page, facts.free_parameters)
        if axes is None:
            continue
        title = f"Excess loss beside counting{page.at}"
        caption = (
            "Points are cells, with one standard error. Dashed: n_eff/(2D), the excess loss of counting how often each "
            "state leads where, for an estimator that knows where it can."
        )
        figures.append(Figure(file_name(Counting, page.ending), title, caption, ((axes,),)))
        rows.append(_row(view, page, facts))
    if not figures:
        return Section(TITLE, note="No source of this study is a chain whose states are counted here.")
    return Section(TITLE, (table_of_rows(rows),), tuple(figures))


def _axes(view: View, page: Page, n_eff: int) -> Axes | None:
    x, y, error = view.tokens, view.cell("excess"), view.cell("standard_error")
    usable = page.positive(x, y)
    if not len(usable):
        return None
    series = []
    for label, tone, rows in held_apart(view, usable, "D"):
        dots = Dots(x[rows], y[rows], np.nan_to_num(error[rows]))
        series.append(Series(label, tone, (dots,), (Line(x[rows], y[rows]),)))
    at = np.geomspace(x[usable].min(), max(x[usable].max(), x[usable].min() * 1.01), 2)
    counted = Series("counting", None, lines=(Line(at, baseline(n_eff, at), style="dashed"),))
    return Axes(view.label("D"), view.label("excess"), (*series, counted), legend=view.label("N"), legend_at="beside")


def _row(view: View, page: Page, facts: SourceFacts) -> Mapping[str, Cell]:
    n_eff = facts.free_parameters or 0
    tokens, excess = view.tokens[page.rows], view.cell("excess")[page.rows]
    largest = float(np.nanmax(tokens))
    least = float(np.nanmin(np.where(tokens == largest, excess, np.nan))) if np.any(tokens == largest) else float("nan")
    expected = float(baseline(n_eff, np.array([largest]))[0])
    return {
        "source": facts.label,
        "states": integer(facts.states),
        "transitions": integer(facts.transitions),
        "n_eff": integer(n_eff),
        "D": magnitude(largest),
        "counting": significant(expected, 3),
        "least excess measured": significant(least, 3),
        "over counting": f"{significant(least / expected, 2)} times"
        if expected > 0 and np.isfinite(least)
        else MISSING,
    }
