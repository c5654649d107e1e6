"""Numbers as people write them: `64k`, `1.5M`, `2%`, `30min`, `200steps`, `5PFLOP`.

The parser keeps the letters with the digits; here they are judged. Magnitudes are decimal. A unit is one of

    ""  none     "%"  percent (the value is already divided by 100)     "s"  time, in seconds
    "steps"  optimiser steps     "tokens"  tokens     "FLOP"  compute
"""

from __future__ import annotations

import re
from functools import lru_cache
from typing import NamedTuple

from ..errors import Diagnostic, SpecError
from ..source import Span

MAGNITUDES = {"k": 1e3, "M": 1e6, "B": 1e9, "G": 1e9, "T": 1e12, "P": 1e15, "E": 1e18, "Z": 1e21}
SECONDS = {"s": 1.0, "min": 60.0, "h": 3600.0, "d": 86400.0}
#: Units that take a magnitude before them.
COUNTED = {"steps": "steps", "step": "steps", "tokens": "tokens", "token": "tokens", "FLOP": "FLOP", "FLOPs": "FLOP"}


def _power(scale: float) -> str:
    return f"{scale:g}".replace("e+0", "e").replace("e+", "e")


#: Every magnitude and unit as it is written behind a number, and what it says.
LETTERS = {
    **{letter: f"times {_power(scale)}" for letter, scale in MAGNITUDES.items()},
    "%": "per cent: `2%` is .02",
    **{letter: f"a time, of {seconds:g} s each" for letter, seconds in SECONDS.items()},
    **{letter: f"an amount in {unit}, with a magnitude or without" for letter, unit in COUNTED.items()},
    **{f"{m}FLOP": f"an amount in FLOP, times {_power(scale)}" for m, scale in MAGNITUDES.items()},
}

#: How each unit is written, for messages.
EXAMPLES = {
    "": "a plain number",
    "%": "a percentage such as `2%`",
    "s": "a time such as `30min`",
    "steps": "steps such as `200steps`",
    "tokens": "tokens such as `2M`",
    "FLOP": "compute such as `5PFLOP`",
}

_SHAPE = re.compile(r"((?:\d+(?:\.\d+)?|\.\d+)(?:[eE][+-]?\d+)?)([A-Za-z%]*)")


class Quantity(NamedTuple):
    """A value and the unit it was given in."""

    value: float
    unit: str


@lru_cache(maxsize=4096)
def number(text: str) -> Quantity:
    """The value and unit of a number; `SpecError` (SCL201) where the letters mean nothing."""
    shape = _SHAPE.fullmatch(text)
    if shape is None:
        raise _unreadable(text, text)
    digits, letters = shape.groups()
    value = float(digits)
    if value == float("inf"):
        raise SpecError([Diagnostic("SCL201", f"`{text}` is too large a number", Span(0, len(text)))])
    scale, unit = _suffix(text, letters)
    return Quantity(canonical_number(value * scale), unit)


def _suffix(text: str, letters: str) -> tuple[float, str]:
    """Scale and unit of the letters after the digits."""
    if letters == "%":
        return 0.01, "%"
    if letters in SECONDS:
        return SECONDS[letters], "s"
    if letters == "" or letters in MAGNITUDES:
        return MAGNITUDES.get(letters, 1.0), ""
    for name, unit in COUNTED.items():
        magnitude = letters.removesuffix(name)
        if magnitude != letters and (magnitude == "" or magnitude in MAGNITUDES):
            return MAGNITUDES.get(magnitude, 1.0), unit
    raise _unreadable(text, letters)


def _unreadable(text: str, letters: str) -> SpecError:
    from ..diagnostics.suggest import nearest

    known = [*MAGNITUDES, *SECONDS, *COUNTED, *(f"{m}{unit}" for m in MAGNITUDES for unit in COUNTED), "%"]
    helps = nearest("a unit", letters, known)
    if len(letters) == 1 and letters.isupper():  # a size of a run, written right after its factor elsewhere: 20N
        helps = (f"a product has its sign: `{text.removesuffix(letters)}*{letters}`",)
    notes = ("magnitudes are k, M, B, T, P; units are %, s, min, h, d, steps, tokens and FLOP",)
    message = f"`{letters}` in `{text}` is no magnitude and no unit"
    return SpecError([Diagnostic("SCL201", message, Span(0, len(text)), notes=notes, helps=helps)])


def canonical_number(value: float) -> int | float:
    """A number to 12 significant digits, whole ones as integers: `2%` and `.02` agree, and `3*1e-4` is `.0003`."""
    rounded = float(f"{value:.12g}")
    return int(rounded) if rounded.is_integer() and abs(rounded) < 2**53 else rounded


def text_of(value: float) -> str:
    """The canonical text of a number, which reads back as the same value: `250k`, `1.5M`, `8192`, `0.003`, `1e18`."""
    value = canonical_number(value)
    if isinstance(value, int):
        for letter in "PTBMk":
            short_digits = f"{value / MAGNITUDES[letter]:.4g}"
            if abs(value) >= max(MAGNITUDES[letter], 10_000) and float(short_digits) * MAGNITUDES[letter] == value:
                return short_digits + letter
        return str(value)
    text = repr(value)
    return text if "e" not in text else text.replace("e+", "e").replace("e-0", "e-")


def short(value: float) -> str:
    """A number for people: `4M`, `250k`, `0.003`."""
    for letter in "TBMk":
        if abs(value) >= MAGNITUDES[letter]:
            return f"{float(f'{value / MAGNITUDES[letter]:.4g}'):g}{letter}" if value < 1e16 else f"{value:.4g}"
    return f"{value:.6g}"


def short_compute(flops: float) -> str:
    """Compute for people: `5PFLOP`."""
    for letter in "ZEPTGMk":
        if flops >= MAGNITUDES[letter]:
            return f"{flops / MAGNITUDES[letter]:.3g}{letter}FLOP"
    return f"{flops:.3g}FLOP"
