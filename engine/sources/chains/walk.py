"""`walk(graph, ...)`: random walks on a graph, a node a token."""

from __future__ import annotations

from pathlib import Path

from scalingdsl.spec.vocabulary.words.sources import Walk

from ..registry import draw_graph, implements
from .chain import walk_chain
from .fresh import FreshStream
from .stream import ChainStream
from .worlds import Spread, World


@implements(Walk)
def walk(term: Walk, base: Path) -> ChainStream | FreshStream:
    """Edge weights come from the graph's seed; a graph without one (a lattice, a file) has seed 0."""
    drawn = draw_graph(term.graph, base)
    if isinstance(drawn, World):
        return _written_by(drawn, term)
    chain = walk_chain(
        drawn,
        kappa=term.kappa,
        k_min=term.k_min,
        k_max=term.k_max,
        symmetric=term.symmetric,
        seed=getattr(term.graph, "seed", 0),
    )
    return ChainStream(chain, term.length, term.start, term.eval_walks, term.eval_seed, term.exhaustive)


def _written_by(world: World, term: Walk) -> FreshStream:
    """Sequences of one world that have no end."""
    endless = Spread(term.length + 1, term.length + 1)
    return FreshStream(
        draw=lambda seed: world,
        alphabet=term.vocab,
        strings=Spread(1, 1),
        letters=endless,
        problems=None,
        length=term.length,
        said=repr(term.graph),
        eval_walks=term.eval_walks,
        eval_seed=term.eval_seed,
        marks=0,
    )
