"""A user's own graph: nodes numbered, no edge twice, and what a walk can reach of it.

Nodes are numbered in numeric order where all names are integers, else in the order of their text, so that the order
of lines does not matter.
"""

from __future__ import annotations

import re
from array import array
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from .edge_lists import FoundEdges, read_edge_list
from .graph_markup import markup_of, read_markup
from .lines import encoding_of
from .raw_file import FileError, refuse_formats
from .reach import largest_class, largest_component

#: A whole number as a program writes a column of which some are missing.
_WHOLE = re.compile(r"-?\d+\.0+")


@dataclass(frozen=True)
class GraphFile:
    """A graph on nodes 0 to n - 1."""

    #: [node]
    names: tuple[str, ...]
    #: [edge] ends, ascending; the smaller first unless `directed`.
    source: array[int]
    target: array[int]
    #: [edge] positive weights where the file has them.
    weight: array[float] | None
    #: Whether edges are walked from source to target only.
    directed: bool
    #: Whether the file says that they are to be; None where it says nothing.
    says_directed: bool | None
    #: What was guessed or left out, as the ends of sentences about the file.
    told: tuple[str, ...]

    @property
    def n(self) -> int:
        """Number of nodes."""
        return len(self.names)

    def reached(self) -> int:
        """Nodes that a walk runs on: of the largest component, or closed class where edges are directed."""
        find = largest_class if self.directed else largest_component
        return find(self.n, self.source, self.target)


def read_graph(content: bytes, directed: bool | None = None) -> GraphFile:
    """The graph of a file; `directed` as the study says, None where it does not.

    Raises:
        FileError: It cannot be read, or there is nothing to walk on.
    """
    refuse_formats(content)
    kind = markup_of(content) if encoding_of(content).startswith("utf-8") else ""
    found = read_markup(content, kind) if kind else read_edge_list(content)
    walked = bool(directed)
    number = _numbering(found.nodes)
    weight_of, loops = _once(found, number, walked)
    if not weight_of:
        raise FileError(": there is nothing to walk on: every edge leads from a node to itself")
    told = list(found.told)
    if loops:
        told.append(f"{loops:,} {'loop is' if loops == 1 else 'loops are'} left out")
    if len(found.source) - loops > len(weight_of):
        told += _again(found, number, walked, asked=directed is None and not found.says_directed)
    if walked and found.says_directed is False:
        told.append("the file says that its edges have no direction, and each is walked as it is written alone")
    n = len(number)
    pairs = sorted(weight_of)
    graph = GraphFile(
        _in_order(found.nodes, number),
        array("q", (pair // n for pair in pairs)),
        array("q", (pair % n for pair in pairs)),
        array("d", (weight_of[pair] for pair in pairs)) if found.weighted else None,
        walked,
        found.says_directed,
        tuple(told),
    )
    if walked and graph.reached() < 2:
        raise FileError(": there is nothing to walk on: every walk along the edges ends in a node that none leaves")
    return graph


def _once(found: FoundEdges, number: array[int], directed: bool) -> tuple[dict[int, float], int]:
    """Weight of each pair `source * n + target`, and the number of loops left out; a directed walk may stay."""
    n, loops = len(number), 0
    weight_of: dict[int, float] = {}
    for at, (a, b, weight) in enumerate(zip(found.source, found.target, found.weight)):
        i, j = number[a], number[b]
        if i == j and not directed:
            loops += 1
            continue
        pair = i * n + j if directed or i < j else j * n + i
        if weight_of.setdefault(pair, weight) != weight:
            raise _two_weights(found, number, at, weight_of[pair], directed)
    return weight_of, loops


def _again(found: FoundEdges, number: array[int], directed: bool, asked: bool) -> Iterator[str]:
    """What is told of edges that stand there more than once, for each counts once; with `asked`, of directions too."""
    n, ways, again = len(number), set[int](), 0
    for a, b in zip(found.source, found.target):
        pair = number[a] * n + number[b]
        if a != b or directed:
            again += pair in ways
            ways.add(pair)
    if again:
        yield (
            "1 edge stands there twice, and counts once"
            if again == 1
            else f"{again:,} edges come again, and count once"
        )
    both = 0 if directed else sum(pair % n * n + pair // n in ways for pair in ways)
    if asked and 0 < both < len(ways):
        of = f"{both // 2:,} of {len(ways) - both // 2:,} edges"
        yield f"{of} stand there in both directions, the others in one: all are walked both ways"


def _two_weights(found: FoundEdges, number: array[int], at: int, before: float, directed: bool) -> FileError:
    """One edge with two weights, told at the later of its lines."""

    def ends(i: int) -> tuple[int, int]:
        return number[found.source[i]], number[found.target[i]]

    same = {ends(at)} if directed else {ends(at), ends(at)[::-1]}
    first = next(i for i in range(at) if ends(i) in same)
    help_ = "give each edge once" if ends(first) == ends(at) else "write directed=true if each direction has its own"
    first, at = sorted((first, at), key=lambda i: found.line[i])
    if not found.line[at]:  # written by a program: edges have no lines
        names = list(found.nodes)
        edge = f"{names[found.source[at]]} - {names[found.target[at]]}"
        return FileError(f": the edge {edge} has weight {found.weight[at]:g}, but also {before:g}; {help_}")
    place, there = found.line[at], found.line[first]
    two = f"weight {found.weight[at]:g}, but {found.weight[first]:g} on line {there}"
    return FileError(f", line {place}: this edge has {two}; {help_}")


def _numbering(nodes: dict[str, int]) -> array[int]:
    """[node by appearance] its number in the order of names."""
    names = list(nodes)
    keys = [_integer(name) for name in names]
    if all(key is not None for key in keys):
        seen: dict[tuple[bool, int, str], str] = {}
        for name, key in zip(names, keys):
            assert key is not None
            if seen.setdefault(key, name) != name:
                both = " and ".join(sorted((seen[key], name))[::-1])
                raise FileError(f": one node is written in two ways, {_short(both)}; write it in one")
        order = sorted(range(len(names)), key=lambda i: _ascending(keys[i]))
    else:
        whole = next((name for name in names if _WHOLE.fullmatch(name) and name.partition(".")[0] in nodes), None)
        if whole is not None:
            raise FileError(
                f": one node is written in two ways, {whole.partition('.')[0]} and {whole}; write it in one"
            )
        order = sorted(range(len(names)), key=names.__getitem__)
    number = array("q", bytes(8 * len(names)))
    for place, i in enumerate(order):
        number[i] = place
    return number


def _short(text: str) -> str:
    return text if len(text) <= 60 else text[:57] + "..."


def _integer(name: str) -> tuple[bool, int, str] | None:
    """A whole number as (negative, digits, digits without zeros before them); names may be of thousands of digits."""
    negative = name.startswith("-")
    digits = name[negative:]
    if not (digits.isascii() and digits.isdigit()):
        return None
    bare = digits.lstrip("0") or "0"
    return negative and bare != "0", len(bare), bare


def _ascending(key: tuple[bool, int, str] | None) -> tuple[int, str]:
    assert key is not None
    negative, length, digits = key
    if negative:
        return -length, "".join(chr(105 - ord(d)) for d in digits)
    return length, digits


def _in_order(nodes: Iterable[str], number: array[int]) -> tuple[str, ...]:
    names = [""] * len(number)
    for name, place in zip(nodes, number):
        names[place] = name
    return tuple(names)
