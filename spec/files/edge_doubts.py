"""Lines that look like edges and are something else: lists of neighbours, of which some are refused and others told."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from itertools import pairwise

from .raw_file import FileError

#: Edges from which on weights that rise from line to line are told.
MANY = 20
_BETWEEN = re.compile(r"[\s,;|]+")
#: An edge in one field, as Cytoscape names it: `a (pp) b`.
_IN_ONE = re.compile(r"\S.* \([^()]+\) .*\S")
_AS_LISTS = ": is a graph in lists of neighbours; write an edge a line"


def refuse_lists(nodes: Mapping[str, int], source: Sequence[int], target: Sequence[int]) -> None:
    """Refuse edges that lead to several nodes at once, `1;2,3`, or that are each in one field.

    Raises:
        FileError: Which of them they are.
    """
    several = {i for name, i in nodes.items() if _are_nodes(name, nodes)}
    if several and 2 * sum(end in several for end in target) >= len(target):
        raise FileError(_AS_LISTS)
    begin = set(source)
    in_one = [name for name, i in nodes.items() if i in begin and _IN_ONE.fullmatch(name)]
    if len(in_one) >= max(2, len(begin) - 1):  # all but for a header
        raise FileError(f": names an edge in one field ({in_one[0][:60]!r}); write its two nodes in two")


def _are_nodes(name: str, nodes: Mapping[str, int]) -> bool:
    """True of several names of nodes in one."""
    parts = _BETWEEN.split(name)
    return len(parts) > 1 and all(part in nodes for part in parts)


def are_neighbours(lines: Iterable[str]) -> bool:
    """True of METIS's lines: the numbers of nodes and edges, then for each node its neighbours, each edge twice."""
    try:
        first, *rest = [[int(field) for field in line.split()] for line in lines if not line.startswith("%")]
    except ValueError:
        return False
    if len(first) != 2 or len(rest) > first[0] or sum(map(len, rest)) != 2 * first[1]:
        return False
    return all(1 <= node <= first[0] for row in rest for node in row)


def refuse_groups(comments: Sequence[str], nodes: Mapping[str, int]) -> None:
    """Refuse the lines of LGL: `# a`, and then its neighbours, a line each.

    Raises:
        FileError: They are.
    """
    heads = [line[1:].strip() for line in comments]
    alone = len(heads) > 1 and all(line.startswith("# ") and " " not in head for line, head in zip(comments, heads))
    if alone and 2 * sum(head in nodes for head in heads) >= len(heads):
        raise FileError(": is a graph in LGL, whose lines `# name` begin lists of neighbours; write an edge a line")


def refuse_two_sides(nodes: Mapping[str, int], source: Sequence[int], target: Sequence[int]) -> None:
    """Refuse a graph of two kinds of nodes of which one of each has the same name.

    Raises:
        FileError: There are such names.
    """
    both = set(source) & set(target)
    if both:
        name = next(name for name, i in nodes.items() if i in both)
        raise FileError(
            f": says that it is bipartite, and {name[:60]!r} is a node of either side; write other names on one, "
            "such as u1 and i1"
        )


def doubt_of_weights(nodes: Mapping[str, int], source: Sequence[int], weight: Sequence[float]) -> str:
    """Why what is read as weights, by their place alone, may be something else; empty where nothing speaks for it."""
    if any(x != round(x) for x in weight):
        return ""
    distinct = set(weight)
    named = sum(str(int(x)) in nodes for x in distinct)
    if len(weight) > 2 and len(set(source)) == len(weight) and 2 * named >= len(distinct):
        return "the third field of a line is read as a weight, and most of them are names of nodes"
    # The first edge may stand last, for it is looked at when all others are known.
    rises = all(a <= b for a, b in pairwise(weight[:-1]))
    if len(weight) >= MANY and 2 * len(distinct) >= len(weight) and rises:
        return (
            "the third field of a line is read as a weight, and they rise from line to line; a first line "
            "`source,target,time` says that they are times"
        )
    return ""
