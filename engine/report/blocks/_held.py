"""Cells along one size with the other held: one series of a figure a value, coloured in order."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Literal

import numpy as np

from ...fits.core.fit_result import Array
from ...formatting import magnitude
from ..study_view import Rows, View

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
