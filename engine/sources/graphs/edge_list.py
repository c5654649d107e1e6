"""`edges("file")`: a user's own graph, an edge a line: two node names and an optional weight.

Nodes are numbered in numeric order where all names are integers, else in the order of their text, so that the order of
lines does not matter. A repeated edge counts once; a loop is left out.
"""

from __future__ import annotations

import math
from pathlib import Path

import numpy as np
from scalingdsl.spec.errors import EngineError
from scalingdsl.spec.vocabulary.words.graphs import EdgeList

from ..edges import Edges
from ..registry import implements
from ..text_file import DataFile, Line, read


@implements(EdgeList)
def edge_list(term: EdgeList, base: Path) -> Edges:
    """Weights are symmetric: of an edge given in both directions with two weights, the second is an error."""
    file = read(base / term.path, term.sha256)
    _check_shape(file)
    ids = _number(file)
    if term.nodes and term.nodes != len(ids):
        raise EngineError(
            f"{file.path}: has {len(ids):,} nodes, but {term.nodes:,} when the study was checked; check it again"
        )
    known: dict[tuple[int, int], tuple[float, Line]] = {}
    loops = 0
    for line in file.lines:
        a, b = ids[line.fields[0]], ids[line.fields[1]]
        weight = _weight(file, line)
        if a == b:
            loops += 1
            continue
        before, where = known.setdefault((min(a, b), max(a, b)), (weight, line))
        if before != weight:
            raise file.wrong(line, f"this edge has weight {weight:g}, but {before:g} on line {where.number}")
    pairs = sorted(known)
    ends = np.array(pairs, dtype=np.int64).reshape(-1, 2)
    weights = np.array([known[pair][0] for pair in pairs]) if len(file.lines[0].fields) == 3 else None
    notes = (f"{loops:,} {'loop is' if loops == 1 else 'loops are'} left out.",) if loops else ()
    return Edges(len(ids), ends[:, 0], ends[:, 1], weights, notes)


def _check_shape(file: DataFile) -> None:
    first = file.lines[0]
    for line in file.lines:
        if len(line.fields) not in (2, 3) or not all(line.fields):
            raise file.wrong(line, f"wanted two node names and an optional weight, found {', '.join(line.fields)!r}")
        if len(line.fields) != len(first.fields):
            has, had = ("a", "none") if len(line.fields) == 3 else ("no", "one")
            raise file.wrong(line, f"this edge has {has} weight, but line {first.number} has {had}")


def _number(file: DataFile) -> dict[str, int]:
    """Node name -> id."""
    names = {name for line in file.lines for name in line.fields[:2]}
    words = [name for name in names if not _is_integer(name)]
    if words and len(file.lines) > 1 and set(words) <= set(file.lines[0].fields[:2]) and len(words) < len(names):
        beyond = {name for line in file.lines[1:] for name in line.fields[:2]}
        if not beyond & set(words):
            raise file.wrong(file.lines[0], "this looks like a header: all other names are integers; put # before it")
    ordered = sorted(names) if words else sorted(names, key=int)
    if not words and len({int(name) for name in names}) < len(names):
        raise EngineError(f"{file.path}: one node is written in two ways, such as 7 and 07; write it in one")
    return {name: i for i, name in enumerate(ordered)}


def _is_integer(name: str) -> bool:
    return name.removeprefix("-").isdecimal()


def _weight(file: DataFile, line: Line) -> float:
    if len(line.fields) == 2:
        return 1.0
    try:
        weight = float(line.fields[2])
    except ValueError:
        raise file.wrong(line, f"the weight {line.fields[2]!r} is not a number") from None
    if not 0 < weight < math.inf:
        raise file.wrong(line, f"the weight {line.fields[2]} is not positive and finite; leave out edges of no weight")
    return weight
