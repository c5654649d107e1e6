"""Cells along one size with the other held, and laws of one variable fitted there: what several blocks compare."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np
from scalingdsl.spec.vocabulary.quantities import QUANTITIES, held_by

from ...analysis.analysis_result import PanelFit
from ...fits import Points, fit_law
from ...fits.core.fit_result import Array, Fit
from ...formatting import magnitude
from ..study_view import Page, Rows, View
from .fit_standing import left_open
from .law_tables import fitted

#: The hint for a study that has no such slices.
NO_SLICES = " ".join(
    f"No power law in {free} was fitted: `fit power({free})` asks for one at each {held}."
    for free, held in ((free, held_by(free)) for free in ("N", "D"))
)

FREE: tuple[Literal["N", "D"], ...] = ("N", "D")


def sizes(view: View, free: Literal["N", "D"]) -> tuple[Array, Array, str]:
    """The size along a figure and the one held, each of shape (cell,), and the letter of the latter."""
    return (view.cell("N"), view.tokens, "D") if free == "N" else (view.tokens, view.cell("N"), "N")


def held_apart(view: View, usable: Rows, free: Literal["N", "D"]) -> Iterator[tuple[str, float, Rows]]:
    """Name, place on the ordered palette and cells of each value held, in order along the other size."""
    x, held, letter = sizes(view, free)
    values = np.unique(held[usable])
    for i, value in enumerate(values):
        rows = usable[held[usable] == value]
        yield f"{letter} = {magnitude(value)}", i / max(len(values) - 1, 1), rows[np.argsort(x[rows], kind="stable")]


@dataclass(frozen=True)
class Sliced:
    """One slice's power law."""

    panel_fit: PanelFit
    fit: Fit
    #: The quantity that the law is read in, and its exponent's name.
    quantity: str
    exponent: str
    #: The D (or N) of the slice.
    held: float
    place: str

    @property
    def value(self) -> float:
        """The exponent."""
        return self.fit.params[self.exponent]

    @property
    def told(self) -> bool:
        """True where the cells tell the exponent from both sides: one that lies at a bound is no estimate."""
        return not left_open(self.fit, self.exponent)


def power_slices(view: View, page: Page, quantity: str) -> tuple[Sliced, ...]:
    """Power laws with an offset in N or in D on one page, by what they hold; the first such `fit` of the study."""
    found: list[Sliced] = []
    first = ""
    for panel_fit, fit in fitted(view):
        read = panel_fit.request.quantities
        known = QUANTITIES.get(read[0])
        if len(read) != 1 or known is None or not known.held or known.name[0] != quantity:
            continue
        exponent, held = known.parameters[1], known.held
        offset = "E" in fit.params and "E" not in fit.fixed
        told = exponent in fit.params and exponent not in (*fit.fixed, *fit.unidentified)
        if not told or not offset or fit.law not in ("power", "m2"):
            continue
        if view.page_of(panel_fit.panel) != page.panel or not len(panel_fit.cells):
            continue
        first = first or panel_fit.request.name
        if panel_fit.request.name == first:
            at = float(np.median((view.tokens if held == "D" else view.cell("N"))[panel_fit.cells]))
            found.append(Sliced(panel_fit, fit, read[0], exponent, at, view.place(panel_fit)))
    return tuple(sorted(found, key=lambda s: s.held))


def mean_of(slices: Sequence[Sliced]) -> tuple[float, float]:
    """Mean of the exponents that are told from both sides and their standard deviation; NaN for that of one."""
    values = [s.value for s in slices if s.told]
    mean = float(np.mean(values)) if values else float("nan")
    return mean, float(np.std(values, ddof=1)) if len(values) > 1 else float("nan")


def counted_slices(slices: Sequence[Sliced]) -> str:
    """How many slices a mean is of: `5`, or `4 of 5` where the others leave their exponent open."""
    told = sum(s.told for s in slices)
    return f"{told}" if told == len(slices) else f"{told} of {len(slices)}"


def points_of(view: View, panel_fit: PanelFit, loss: Array | None = None) -> Points:
    """The cells of a fit as the laws take them; `loss`, shape (cell of the study,), in place of what was fitted."""
    variables = {own if len(panel_fit.request.variables) > 1 else q: q for own, q in panel_fit.request.variables}
    return points_at(view, panel_fit.cells, variables, view.cell(panel_fit.request.loss) if loss is None else loss)


def points_at(view: View, rows: Rows, variables: Mapping[str, str], loss: Array | None = None) -> Points:
    """These cells as a law takes them whose variables are read in the run quantities given."""
    cluster = np.nan_to_num(view.cell("cluster")[rows]).astype(np.int64)
    seen = view.cell("loss") if loss is None else loss
    return Points({own: view.cell(q)[rows] for own, q in variables.items()}, seen[rows], cluster)


def refitted(
    view: View, one: Sliced, law: str = "power", fixed: Mapping[str, float] | None = None, loss: Array | None = None
) -> Fit | None:
    """Another law, or the same one otherwise, through a slice's cells, without draws; None where it cannot be had."""
    fit = fit_law(law, points_of(view, one.panel_fit, loss), fixed=dict(fixed or {}), bootstrap=0)
    return fit if fit.succeeded else None
