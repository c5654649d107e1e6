"""Graphs in GraphML, GML and GEXF, read by networkx."""

from __future__ import annotations

import io
import re
import warnings
from collections.abc import Iterable
from typing import Any

from .edge_format import is_weight
from .edge_lists import LARGEST_WEIGHT, FoundEdges, without_weights
from .lines import number_of
from .raw_file import FileError

_RDF = re.compile(rb"\s*<[a-z]+:[^<>\s]*>\s+<")
_GML = re.compile(rb"\s*(?:#[^\n]*\n\s*|(?:Creator|Version)\s[^\n]*\n\s*)*graph\s*\[")
_OTHERS = (
    (re.compile(rb"(?:\s*%[^\n]*\n)*\s*\*(?:vertices|network|arcs|edges)\b", re.IGNORECASE), "Pajek"),
    (re.compile(rb"(?:\s*(?://|#)[^\n]*\n|\s*/\*.*?\*/)*\s*(?:strict\s+)?(?:di)?graph\b[^\n\[]*\{", re.DOTALL), "DOT"),
    (re.compile(rb"\s*\[\s*\("), "a list of Python"),
    (re.compile(rb"\s*[\[{]\s*[\"\[{]"), "JSON"),
    (re.compile(rb"(?:c(?: [^\n]*)?\r?\n)*p\s+\w+\s+\d+\s+\d+\s*\n"), "DIMACS"),
    (re.compile(rb"(?:([ea])\s+\d+\s+\d+(?:\s+\d+)?\s*\n)(?:\1\s+\d+\s+\d+(?:\s+\d+)?\s*\n)"), "DIMACS"),
    (re.compile(rb"#[^\n]*\n# GMT "), "lists of neighbours"),
    (re.compile(rb"LEDA\.GRAPH\b"), "LEDA"),
    (re.compile(rb"\s*dl\b[^\n]*\bn\s*=", re.IGNORECASE), "UCINET's DL"),
    (re.compile(rb">>(?:graph|sparse|digraph)6<<"), "graph6 or sparse6"),
)


#: What programs say of an edge besides.
_OF_NO_WEIGHT = frozenset(("id", "key", "label"))


def markup_of(content: bytes) -> str:
    """The format that the content begins like; empty for lines of edges.

    Raises:
        FileError: A format that is known and not read.
    """
    head = content[:4096]
    if head.lstrip(b"\xef\xbb\xbf \t\r\n").startswith(b"<"):
        for name in ("graphml", "gexf"):
            if f"<{name}".encode() in head:
                return name
        if _RDF.match(head):
            raise FileError(": is a graph in RDF; write it as an edge list, GraphML or GML")
        raise FileError(": is XML, but neither GraphML nor GEXF")
    if _GML.match(head):
        return "gml"
    for begins, name in _OTHERS:
        if begins.match(head):
            raise FileError(f": is a graph in {name}; write it as an edge list, GraphML or GML")
    return ""


def read_markup(content: bytes, kind: str) -> FoundEdges:
    """The edges of a graph in markup, all its nodes among them.

    Raises:
        FileError: It cannot be read, or a weight is none.
    """
    if b"<!DOCTYPE" in content or b"<!ENTITY" in content:
        raise FileError(": declares a document type, which no graph needs; it is not read")
    told: list[str] = []
    graph = _read(content, kind, told)
    if graph is None or not hasattr(graph, "nodes"):
        raise FileError(f": holds no graph in {kind}")
    found = FoundEdges(says_directed=bool(graph.is_directed()), told=told)
    for node in graph.nodes:
        found.nodes.setdefault(str(node), len(found.nodes))
    if len(found.nodes) < graph.number_of_nodes():
        raise FileError(": two nodes have one name")
    edges: list[tuple[Any, Any, dict[str, Any]]] = list(graph.edges(data=True))
    name = _weight_of((data for _, _, data in edges), found.told)
    found.weighted = bool(name)
    bare = 0
    for a, b, data in edges:
        weight = data.get(name, 1.0)
        bare += name not in data
        if isinstance(weight, str):
            weight = number_of(weight)
        if isinstance(weight, bool) or not isinstance(weight, int | float):
            raise FileError(f": the weight {data[name]!r} of the edge {a} - {b} is not a number")
        if not 1 / LARGEST_WEIGHT <= weight <= LARGEST_WEIGHT:
            raise FileError(f": the weight {weight!r} of the edge {a} - {b} is not positive and finite")
        found.add(str(a), str(b), float(weight))
    if found.weighted and bare:
        found.told.append(without_weights(bare))
    if not found.source:
        raise FileError(": holds no edge")
    return found


def _weight_of(edges: Iterable[dict[str, Any]], told: list[str]) -> str:
    """The name of what edges weigh: `weight`, else the only usual one of weights; empty where there is none."""
    names = sorted({str(name) for data in edges for name in data} - _OF_NO_WEIGHT)
    usual = ["weight"] if "weight" in names else [name for name in names if is_weight(name)]
    found = usual[0] if len(usual) == 1 else ""
    if found not in ("", "weight"):
        told.append(f'"{found}" is taken for the weight of edges')
    if others := [name for name in names if name != found]:
        told.append(
            f"of the data of edges {f'only `{found}`' if found else 'nothing'} is read, not {', '.join(others)}"
        )
    return found


def _read_gml(content: bytes, told: list[str]) -> Any:
    """A graph whose nodes are called by their labels, else by their ids; edges may come twice."""
    import networkx

    if not re.search(rb"^\s*multigraph\s", content, re.MULTILINE):
        content = _GML.sub(lambda found: found.group() + b"\nmultigraph 1\n", content, count=1)
    try:
        return networkx.read_gml(io.BytesIO(content))
    except networkx.NetworkXError as error:
        if "label" not in str(error):
            raise
        if "duplicated" in str(error):
            told.append("nodes are called by their ids, for some labels come twice")
        return networkx.read_gml(io.BytesIO(content), label="id")


def _read(content: bytes, kind: str, told: list[str]) -> Any:
    import networkx

    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        try:
            if kind == "gml":
                return _read_gml(content, told)
            if kind == "graphml":
                return networkx.read_graphml(io.BytesIO(content))
            return networkx.read_gexf(io.BytesIO(content))
        # Its readers let through whatever a damaged file makes of Python's own calls.
        except Exception as error:
            reason = " ".join(str(error).split())[:200] or type(error).__name__
            raise FileError(f": is no {kind} that can be read: {reason}") from None
