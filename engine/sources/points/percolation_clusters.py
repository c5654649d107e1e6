"""`percolation(degree, p, ...)`: clusters of the Bethe lattice, all of a seed drawn at once."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from scalingdsl.spec.vocabulary.words.percolation import Percolation

from ..registry import implements
from ..seeded import generators
from .bethe_trees import Forest, Tree, embedded, grow, hill, plant
from .declared_points import Declared


class PercolationClusters(Declared[Percolation]):
    """The source `percolation(...)`: for each seed a forest of clusters, those too small or too large left out."""

    def draw(self, seed: int) -> Forest:
        """The clusters of a seed. Attempt i is a function of (seed, i), and the numbers at the sites of the seed."""
        term = self.term.settled()
        assert term.p is not None
        attempts = generators(seed, "graph", 0)
        kept: list[Tree] = []
        while len(kept) < term.n_clusters:
            tree = grow(next(attempts), term.degree, term.p, term.largest)
            if tree is not None and tree.size >= term.smallest:
                kept.append(tree)
        forest = plant(kept, next(generators(seed, "graph", 1)), term.tested)
        return embedded(forest, next(generators(seed, "graph", 2)), term.embed) if term.embed else forest

    def facts(self, drawn: Forest) -> Mapping[str, float]:
        """Numbers of what was drawn: see `Percolation.facts`."""
        return {"hill": hill(drawn.sizes, self.term.smallest, self.term.largest)}


@implements(Percolation)
def percolation(term: Percolation, base: Path) -> PercolationClusters:
    """Clusters are drawn seed by seed; the declaration is all there is."""
    return PercolationClusters(term)
