"""`edges("file")`: a user's own graph, as `spec/files/` reads it."""

from __future__ import annotations

from pathlib import Path

import numpy as np
from scalingdsl.spec.errors import EngineError
from scalingdsl.spec.files.graph_file import read_graph
from scalingdsl.spec.vocabulary.words.graphs import EdgeList

from ..edges import Edges
from ..registry import implements
from ..user_files import read_checked, sentences


@implements(EdgeList)
def edge_list(term: EdgeList, base: Path) -> Edges:
    """Weights are symmetric unless the edges are directed."""
    path = base / term.path
    graph = read_checked(path, term.sha256, lambda content: read_graph(content, term.directed))
    if term.nodes and term.nodes != graph.n:
        raise EngineError(
            f"{path}: has {graph.n:,} nodes, but {term.nodes:,} when the study was checked; check it again"
        )
    u, v = (np.frombuffer(part, dtype=np.int64) for part in (graph.source, graph.target))
    weights = None if graph.weight is None else np.frombuffer(graph.weight, dtype=np.float64)
    return Edges(graph.n, u, v, weights, sentences(graph.told), graph.directed)
