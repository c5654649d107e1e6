"""Numbers of parameters that a study asks for, said as the widths of models that have about as many."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from ..diagnostics.collect import Fault
from ..syntax import ast
from ..syntax.numbers import number
from ..vocabulary.base import REGISTRY
from ..vocabulary.parameters import fields_of
from ..vocabulary.words.families import Family
from ..vocabulary.words.sources import SequenceSource
from .grid import Grid

#: What widths are multiples of, so that heads divide them, and the largest that is looked for.
STEP, WIDEST = 8, 2**14
#: Sizes that are listed at most, and what their ratio may lack of a doubling.
MOST_LISTED, SLACK = 12, 1e-9
#: The parameter that says how large a model is.
WIDTH = "width"


def as_widths(values: Any, model: ast.Call, source_call: ast.Call) -> str:
    """An axis over N as one over widths, `width in {40, 144, 456}`; empty where the sizes are not plain."""
    ends = (values.start, values.stop) if isinstance(values, ast.Range) else ()
    listed = tuple(e.value for e in values.entries) if isinstance(values, ast.Set) else (values,)
    typed = [v for v in (ends or listed) if isinstance(v, ast.Number)]
    family = REGISTRY.get(model.name)
    if len(typed) < len(ends or listed) or family is None or not issubclass(family, Family):
        return ""
    if WIDTH not in fields_of(family) or getattr(values, "grid", None) is not None:
        return ""
    try:
        source = _nowhere().whole(source_call, "source").at({})
        sizes = [number(v.text).value for v in typed]
        if ends and 0 < sizes[0] < sizes[1]:  # a range doubles
            sizes = [sizes[0] * 2**k for k in range(min(MOST_LISTED, 1 + int(math.log2(sizes[1] / sizes[0]) + SLACK)))]
        found = _widths(sizes, model, source)
    except (Fault, KeyError):
        return ""
    if len(set(found)) < len(sizes):
        return ""  # smaller, or larger, than any
    listed_so = f"{WIDTH} in {{{', '.join(map(str, found))}}}"
    return listed_so if ends or isinstance(values, ast.Set) else f"{WIDTH} = {found[0]}"


def _widths(sizes: Sequence[float], call: ast.Call, source: Any) -> list[int]:
    """The width for each number of parameters, on a source of sequences."""
    if not isinstance(source, SequenceSource):
        return []
    known: dict[int, int] = {}

    def parameters(width: int) -> int:
        if width not in known:
            given = (a for a in call.args if not (isinstance(a, ast.Define) and a.name == WIDTH))
            wide = replace(call, args=(*given, ast.Define(WIDTH, ast.Number(str(width)))))
            known[width] = _nowhere().whole(wide, "family").at({}).n_total(source.vocab)
        return known[width]

    found = []
    for size in sizes:
        low, high = 1, WIDEST // STEP
        while low < high:
            middle = (low + high) // 2
            low, high = (middle + 1, high) if parameters(STEP * middle) < size else (low, middle)
        found.append(min((STEP * max(1, low - 1), STEP * low), key=lambda w: abs(parameters(w) - size)))
    return found


def _nowhere() -> Grid:
    """A grid without axes: what reads none can be computed in it."""
    return Grid({}, {}, (), {}, {}, {})
