"""Every exponent with its interval, slice by slice: those that the data leave open in grey."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from scalingdsl.spec.vocabulary.words.laws import EXPONENT_BOUND

from ...analysis.analysis_result import PanelFit
from ...fits.core.fit_result import Fit
from ...formatting import counted, finite, significant
from ..report_model import Axes, Dots, Figure, Part, Section, Series
from ..sections.fit_standing import left_open, misses
from ..sections.headline import exponents_in
from ..sections.law_tables import fitted
from ..study_view import View

#: Inches of one row of a forest, of its frame, and the most that one figure is high.
ROW, FRAME, HIGHEST = 0.2, 0.9, 14.0
WIDE = 5.2
#: Room beyond the largest end of an interval that is told.
BEYOND = 1.15

Rows = list[tuple[str, str, PanelFit, Fit]]


def forest(view: View) -> Part | None:
    """One panel for each quantity that exponents are in, two side by side; None for fewer than two exponents."""
    found: dict[str, Rows] = {}
    for panel_fit, fit in fitted(view):
        for name, letter in exponents_in(panel_fit.request).items():
            if name in fit.params and name not in fit.fixed:
                found.setdefault(letter, []).append((name, panel_fit.request.name, panel_fit, fit))
    if sum(map(len, found.values())) < 2:
        return None
    figures = []
    letters = list(found)
    for start in range(0, len(letters), 2):
        panels = [_panel(view, letter, found[letter]) for letter in letters[start : start + 2]]
        high = min(FRAME + ROW * max(len(a.y_ticks) for a in panels), HIGHEST)
        name = f"forest-{start // 2 + 1}" if len(letters) > 2 else "forest"
        said = "Exponents with 95 % intervals; grey and hollow, those that the data leave open."
        if any(misses(fit) for letter in letters[start : start + 2] for *_, fit in found[letter]):
            said += " A law that misses by more than the noise is marked."
        said += _means(found, letters[start : start + 2])
        figures.append(Figure(name, "Exponents", said, (tuple(panels),), panel=(WIDE, high)))
    n = sum(map(len, found.values()))
    open_ones = sum(bool(left_open(fit, name)) for rows in found.values() for name, _, _, fit in rows)
    gist = f"{counted(n, 'exponent')}" + (f", {open_ones} left open" if open_ones else "")
    return Part("Exponents", (Section("", figures=tuple(figures)),), gist=gist)


def _panel(view: View, letter: str, rows: Rows) -> Axes:
    """Exponents downwards in the order of the study, all laws of one quantity."""
    ends = [fit.intervals.get(name, (np.nan, np.nan)) for name, _, _, fit in rows]
    values = np.array([fit.params[name] for name, _, _, fit in rows])
    low, high = (np.where(np.isfinite(e), e, values) for e in np.array(ends, dtype=np.float64).T)
    grey = np.array([bool(left_open(fit, name)) for name, _, _, fit in rows])
    place = np.arange(len(rows), dtype=np.float64)
    laws = list(dict.fromkeys(law for _, law, _, _ in rows))
    series = []
    for mask, hollow in ((~grey, False), (grey, True)):
        for i, law in enumerate(laws):
            own = mask & np.array([name == law for _, name, _, _ in rows])
            if own.any():
                bars = np.maximum(np.stack([values - low, high - values])[:, own], 0.0)
                dots = Dots(values[own], place[own], x_error=bars, hollow=hollow)
                series.append(Series("", None if hollow else i, (dots,)))
    told = high[~grey]
    most = float(np.max(told)) * BEYOND if len(told) else EXPONENT_BOUND
    labels = tuple(_row(view, law, panel_fit) for _, law, panel_fit, _ in rows)
    return Axes(
        f"exponent in {letter}", "", tuple(series), x_log=False, y_log=False, x_counts=False, y_ticks=labels,
        x_limits=(0.0, most), uprights=(EXPONENT_BOUND,) if most >= EXPONENT_BOUND else (),
    )  # fmt: skip


def _row(view: View, law: str, panel_fit: PanelFit) -> str:
    where = view.where(panel_fit)
    named = law if where == "all cells" else f"{law}, {where}"
    return f"{named} (misses)" if panel_fit.fit is not None and misses(panel_fit.fit) else named


def _means(found: dict[str, Rows], letters: Sequence[str]) -> str:
    """Mean and deviation of the slices of each law, of those that are told."""
    said = []
    for letter in letters:
        by_law: dict[str, list[float]] = {}
        for name, law, _, fit in found[letter]:
            if not bool(left_open(fit, name)) and finite(fit.params[name]):
                by_law.setdefault(law, []).append(fit.params[name])
        for law, values in by_law.items():
            if len(values) > 1:
                spread = significant(float(np.std(values, ddof=1)), 2)
                said.append(f"{law} {significant(float(np.mean(values)), 3)}, SD {spread}, of {len(values)}")
    return f" Means of what is told: {'; '.join(said)}." if said else ""
