"""Laws of the same cells compared: which form the data prefer, in words and place by place."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from ...analysis.analysis_result import PanelFit
from ...fits.core.fit_result import Fit
from ...formatting import MISSING, percent, significant
from ..report_model import Cell, Part, Section, table_of_rows
from ..study_view import View
from .law_tables import fitted, places_of

Fits = list[tuple[PanelFit, Fit]]


def comparison(view: View) -> Part | None:
    """One section for each set of laws that were fitted to the same cells, in one place or in several."""
    groups: dict[tuple[object, ...], Fits] = {}
    for panel_fit, fit in fitted(view):
        key = (panel_fit.request.loss, panel_fit.cells.tobytes())
        groups.setdefault(key, []).append((panel_fit, fit))
    alike: dict[tuple[str, ...], list[Fits]] = {}
    for own in groups.values():
        if len(own) > 1:
            alike.setdefault(tuple(panel_fit.request.name for panel_fit, _ in own), []).append(own)
    sections = tuple(_section(view, names, places) for names, places in alike.items())
    return Part("Forms compared", sections, gist="; ".join(s.note for s in sections[:2]), note=NOTE) if alike else None


NOTE = "Percentages are root mean square residuals of the log loss, of laws fitted to the same cells."


def _section(view: View, names: Sequence[str], places: Sequence[Fits]) -> Section:
    rows: list[Mapping[str, Cell]] = []
    head, named = places_of(view, [own[0][0] for own in places])
    for place, own in zip(named, places):
        misses: dict[str, Cell] = {name: percent(fit.rmse_log) for name, (_, fit) in zip(names, own)}
        worse = _ratio(own)
        rows.append({head: place, **misses, "ratio of squares": worse})
    return Section("", (table_of_rows(rows),) if len(rows) > 1 else (), note=_words(names, places))


def _ratio(own: Fits) -> str:
    """Mean squared residual of the last law over that of the first."""
    first, last = own[0][1].mse, own[-1][1].mse
    return significant(last / first, 2) if first > 0 else MISSING


def _words(names: Sequence[str], places: Sequence[Fits]) -> str:
    """`power(N) fits better than exponential(N) in 5 of 6 places, by 2.3 to 25 times in mean square`."""
    return "; ".join(_pair(names[0], name, [(own[0][1], own[i][1]) for own in places]) for i, name in _others(names))


def _others(names: Sequence[str]) -> Iterator[tuple[int, str]]:
    yield from list(enumerate(names))[1:]


def _pair(first: str, other: str, fits: Sequence[tuple[Fit, Fit]]) -> str:
    ratios = [b.mse / a.mse for a, b in fits if a.mse > 0 and b.mse > 0]
    if not ratios:
        return f"{first} and {other} fit alike"
    wins = sum(r > 1 for r in ratios)
    better, worse, won = (first, other, wins) if 2 * wins >= len(ratios) else (other, first, len(ratios) - wins)
    factors = sorted(r if better == first else 1 / r for r in ratios)
    by = (
        significant(factors[0], 2)
        if len(factors) == 1
        else f"{significant(factors[0], 2)} to {significant(factors[-1], 2)}"
    )
    where = f" in {won} of {len(ratios)} places" if len(ratios) > 1 else ""
    return f"{better} fits better than {worse}{where}, with mean squares {by} times smaller"
