"""`walk(graph, ...)`: random walks on a graph, a node a token."""

from __future__ import annotations

from pathlib import Path

from scalingdsl.spec.vocabulary.words.sources import Walk

from ..registry import draw_graph, implements
from .chain import walk_chain
from .stream import ChainStream


@implements(Walk)
def walk(term: Walk, base: Path) -> ChainStream:
    """Edge weights come from the graph's seed; a graph without one (a lattice, a file) has seed 0."""
    chain = walk_chain(
        draw_graph(term.graph, base),
        kappa=term.kappa,
        k_min=term.k_min,
        k_max=term.k_max,
        symmetric=term.symmetric,
        seed=getattr(term.graph, "seed", 0),
    )
    return ChainStream(chain, term.length, term.start, term.eval_walks, term.eval_seed, term.exhaustive)
