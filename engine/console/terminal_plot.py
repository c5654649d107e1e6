"""A fitted law in the terminal: points as `o`, the law as lines of braille dots, both axes logarithmic."""

from __future__ import annotations

import numpy as np

from ..fits import Fit
from ..fits.core.fit_result import Array
from ..formatting import magnitude, significant
from .law_curves import law_curves

#: Dots of a braille character, two across and four down, by the bit that U+2800 is raised by.
_BITS = ((0x01, 0x02, 0x04, 0x40), (0x08, 0x10, 0x20, 0x80))


def terminal_plot(fit: Fit, width: int = 72, height: int = 18) -> str:
    """Loss against D, or the law's only variable, in `height` lines of `width` characters and one for the axis."""
    across, curves = law_curves(fit)
    x, y = (np.concatenate([getattr(c, name) for c in curves]) for name in ("x", "loss"))
    lines = np.concatenate([c.law for c in curves])
    columns, left = width - 9, 8
    ends_x, ends_y = _ends(x), _ends(np.concatenate([y, lines[np.isfinite(lines)]]))
    dots = np.zeros((height, columns), dtype=np.int64)
    letters = np.full((height, columns), " ")
    for curve in curves:
        for i, j in zip(_place(curve.at, ends_x, 2 * columns), _place(curve.law, ends_y, 4 * height)):
            if 0 <= j < 4 * height:
                dots[height - 1 - j // 4, i // 2] |= _BITS[i % 2][3 - j % 4]
        for i, j in zip(_place(curve.x, ends_x, columns), _place(curve.loss, ends_y, height)):
            letters[height - 1 - j, i] = "o"
    rows = []
    for row in range(height):
        text = "".join(
            letter if letter != " " else chr(0x2800 + bits) if bits else " "
            for letter, bits in zip(letters[row].tolist(), dots[row].tolist())
        )
        label = {0: significant(ends_y[1]), height - 1: significant(ends_y[0])}.get(row, "")
        rows.append(f"{label:>{left - 1}} |{text}".rstrip())
    low, high = (f"{across} = {magnitude(end)}" for end in ends_x)
    listed = ", ".join(c.label for c in curves if c.label)
    axis = f"{'':>{left}}{low}{high:>{columns + 1 - len(low)}}"
    return "\n".join([f"{'loss':>{left - 1}}", *rows, axis, *([f"{'':>{left}}lines: {listed}"] if listed else [])])


def _ends(values: Array) -> tuple[float, float]:
    low, high = float(values.min()), float(values.max())
    return (low, high) if low < high else (0.9 * low, 1.1 * high)


def _place(values: Array, ends: tuple[float, float], n: int) -> list[int]:
    """Cells, counted from 0, of values between the ends on a logarithmic axis of n cells; -1 for what is no number."""
    with np.errstate(all="ignore"):
        share = (np.log(values) - np.log(ends[0])) / (np.log(ends[1]) - np.log(ends[0]))
    return [min(n - 1, int(s * n)) if np.isfinite(s) and s > -1e-9 else -1 for s in share.tolist()]
