"""Where a law's parameter may be held: one rule for studies and for fits of a table."""

from __future__ import annotations

import math

from ..syntax.numbers import short
from .words.laws import bounds_of


def misplaced(parameter: str, law: str, value: float) -> str | None:
    """Why a parameter of a shipped law cannot be held at `value`, or None where it can."""
    low, high, above = bounds_of(parameter)
    if not (value < low or value > high or (above and value == low)):
        return None
    wanted = f"{'above' if above else 'at least'} {low:g}" + ("" if high == math.inf else f" and at most {high:g}")
    return f"`{parameter}` of `{law}` is {wanted}, and is fixed to {short(value)}"
