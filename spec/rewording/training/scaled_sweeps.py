"""Sweeps that numbers are calculated with, worked out: `16*{1, 2, 4}`, `2^[6..12 step 1]`, `[100k..800k]/2`."""

from __future__ import annotations

import re
from dataclasses import replace
from typing import NamedTuple

from ...diagnostics.collect import Fault
from ...errors import SpecError
from ...expressions.sweeps import constant, spread
from ...syntax import ast
from ...syntax.numbers import number
from ...syntax.parser import parse_value
from ..constructs import closing
from ..listed_elsewhere import swept, values_of

_OPERAND = re.compile(r"[ \t]*((?:\d+(?:\.\d+)?|\.\d+)(?:[eE][+-]?\d+)?[A-Za-z%]*)(?![\w(])")
_CALL, _CLOSE = re.compile(r"(?:sqrt|exp|log|ceil|floor|round|int)?\("), re.compile(r"[ \t]*\)")
_SIGN = re.compile(r"[ \t]*(\*\*|[*/+^×-])")
#: The unit of all that stands before it.
_COMPUTE = re.compile(r"[ \t]+([kMGTPEZ]?)FLOPs?\b")
#: A number of a list or an end of a range, and no count.
_WRITTEN = re.compile(r"(count \d+)|(\d+(?:\.\d+)?[kMBTPEZ]?)")


class Scaled(NamedTuple):
    """A sweep as it comes out, and how much of the text it takes."""

    text: str
    length: int


def scaled_sweep(text: str, at: int, whole: bool) -> Scaled | None:
    """The one sweep between numbers and signs that begins at a place of a text; None where there is none.

    With `whole`, of whole numbers.
    """
    try:
        return _worked_out(text, at, whole)
    except (Fault, SpecError, ArithmeticError, ValueError):
        return None


def _worked_out(text: str, at: int, whole: bool) -> Scaled | None:
    made, i, sweeps, worked, depth = "", at, 0, False, 0
    units: set[str] = set()
    while True:
        start = i + len(text[i:]) - len(text[i:].lstrip(" \t"))
        if call := _CALL.match(text, start):
            made, i, depth, worked = made + call[0], call.end(), depth + 1, True
            continue
        if text[start : start + 1] in ("[", "{"):
            end = closing(text, start)
            if end is None:
                return None
            numbers, own = _numbers(parse_value(text[start:end]), made.endswith("**"))
            made, sweeps, i = f"{made}{numbers}", sweeps + 1, end
            units |= own
        elif operand := _OPERAND.match(text, i):
            one = number(operand[1])
            made, i, units = f"{made}{one.value!r}", operand.end(), units | {one.unit}
        else:
            return None
        while depth and (close := _CLOSE.match(text, i)):
            made, i, depth = f"{made})", close.end(), depth - 1
        if (sign := _SIGN.match(text, i)) is None:
            break
        made, i, worked = made + {"^": "**", "×": "*"}.get(sign[1], sign[1]), sign.end(), True
    if depth or sweeps != 1 or not worked:
        return None
    if compute := _COMPUTE.match(text, i):
        made, i, units = f"{number(f'1{compute[1]}').value!r}*({made})", compute.end(), {"FLOP"}
    listed = values_of(made)
    if listed is None or len(units - {""}) > 1 or (whole and any(x != round(x) for x in listed)):
        return None
    written = swept(sorted(listed), whole)
    if "FLOP" in units:
        written = _WRITTEN.sub(lambda m: m[1] or f"{m[2].replace('B', 'G')}FLOP", written)
    return Scaled(written, i - at)


def _numbers(sweep: ast.Value, powers: bool) -> tuple[list[float], set[str]]:
    """The numbers of a sweep, and their units; those of a plain range of exponents one by one."""
    if isinstance(sweep, ast.Range):
        if powers and sweep.grid is None:
            sweep = replace(sweep, grid="step")
        leaves: list[ast.Value] = [sweep.start, sweep.stop]
        numbers = spread(sweep, lambda said: None)
    else:
        leaves = [entry.value for entry in sweep.entries] if isinstance(sweep, ast.Set) else []
        numbers = [constant(leaf) for leaf in leaves]
    units = {number(leaf.text).unit for leaf in leaves if isinstance(leaf, ast.Number)}
    return [float(x) for x in numbers], units
