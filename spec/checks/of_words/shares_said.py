"""Shares of a mixture as a title or comment gives them, beside sources that have others."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from ...errors import Diagnostic
from ...expressions.canonical_tree import text
from ...syntax import ast
from ...syntax.numbers import number
from ...syntax.visit import children
from ...vocabulary.base import REGISTRY
from .remarks import Remark

#: Shares in words.
_PARTS = {"half": 0.5, "a third": 1 / 3, "a quarter": 0.25, "a fifth": 0.2, "a tenth": 0.1, "nine tenths": 0.9}
#: How far apart two shares are one.
SAME = 0.006


def shares_said(said: Sequence[Remark], parts: Sequence[ast.Node], lets: Mapping[str, Any]) -> Iterator[Diagnostic]:
    """`mix(clean, dirty, share=90%)  # 90% clean`: the share of a mixture is that of its second source."""
    mixes = [m for part in (*parts, *lets.values()) for m in _outermost(part)]
    for remark in said:
        beside = [m for m in mixes if remark.beside is not None and m.span in remark.beside] or mixes
        if len(beside) != 1 or not remark.plain:
            continue
        there = _leaves(beside[0], 1.0, lets)
        given = {name: share for name in there if (share := _said(name, remark.text)) is not None}
        wrong = [name for name, share in given.items() if abs(share - there[name]) > SAME]
        if not wrong:
            continue
        has = f"{there[wrong[0]] * 100:.3g}%"
        message = f"the {remark.noun} says {given[wrong[0]] * 100:.3g}% of `{wrong[0]}`, and the mixture has {has}"
        notes = (f"`{_share_of(beside[0])}` is that of the second source; the first has the rest",)
        if len(there) == 2 and len(given) == 1:
            rest = next(name for name in there if name not in given)
            given[rest] = 1 - given[wrong[0]]
        sure = given.keys() == there.keys() and abs(sum(given.values()) - 1) < SAME
        helps = (f"write `{_written(beside[0], given, lets)[0]}`",) if sure else ()
        place = beside[0].span if beside[0].span.file == remark.span.file else remark.span
        yield Diagnostic("SCL456", message, place, "warning", notes=notes, helps=helps)


def _mixes(node: Any) -> bool:
    """True for a call of a word that mixes two sources by a share."""
    return isinstance(node, ast.Call) and bool(_share_of(node))


def _share_of(call: ast.Call) -> str:
    return str(getattr(REGISTRY.get(call.name), "shared_by", ""))


def _outermost(node: Any) -> Iterator[ast.Call]:
    if _mixes(node):
        yield node
    elif isinstance(node, ast.Node):
        for part in children(node):
            yield from _outermost(part)


def _two(call: ast.Call) -> tuple[Any, Any, Any]:
    """Both sources of a mixture, and the share as it is written; None for what is not there."""
    given = {a.name: a.value for a in call.args if isinstance(a, ast.Define)}
    placed = iter([a for a in call.args if not isinstance(a, ast.Define)])
    first, second = (given.get(name) or next(placed, None) for name in REGISTRY[call.name].order)
    return first, second, given.get(_share_of(call))


def _followed(node: Any, lets: Mapping[str, Any]) -> Any:
    """The mixture that a name stands for; any other node as it is."""
    value = lets.get(node.id) if isinstance(node, ast.Name) else None
    return value if _mixes(value) else node


def _leaves(node: Any, weight: float, lets: Mapping[str, Any]) -> dict[str, float]:
    """The share of each source that has a name; none where one is not a plain number."""
    node = _followed(node, lets)
    if isinstance(node, ast.Name):
        return {node.id: weight}
    if not _mixes(node):
        return {}
    first, second, share = _two(node)
    if share is not None and not isinstance(share, ast.Number):
        return {}
    part = 0.5 if share is None else number(share.text).value
    one, two = _leaves(first, weight * (1 - part), lets), _leaves(second, weight * part, lets)
    return {**one, **two} if one and two and one.keys().isdisjoint(two) else {}


def _said(name: str, words: str) -> float | None:
    """The share that a text gives a source: `90% clean`, `90 % of clean`, `a tenth of dirty`."""
    found = re.search(rf"(?<![\w.])(\d+(?:\.\d+)?) ?% (?:of (?:the )?|from )?{name}\b", words)
    if found is not None:
        return float(found[1]) / 100
    parts = (
        share for part, share in _PARTS.items() if re.search(rf"\b{part} (?:is |of )?(?:the )?{name}\b", words, re.I)
    )
    return next(parts, None)


def _written(node: Any, shares: Mapping[str, float], lets: Mapping[str, Any]) -> tuple[str, float]:
    """A mixture with these shares, and what it has of the whole."""
    node = _followed(node, lets)
    if isinstance(node, ast.Name):
        return node.id, shares[node.id]
    first, second, _ = _two(node)
    (one, low), (two, high) = _written(first, shares, lets), _written(second, shares, lets)
    name, order = _share_of(node), REGISTRY[node.name].order
    share = f"{100 * high / ((low + high) or 1):.4g}%"
    rest = [text(a) for a in node.args if isinstance(a, ast.Define) and a.name not in (*order, name)]
    return f"{node.name}({', '.join([one, two, f'{name}={share}', *rest])})", low + high
