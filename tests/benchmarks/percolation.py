"""Clusters grown and solved, at a tenth of the published size and near it: `python -m tests.benchmarks.percolation`.

Seconds of processor time on one core, for one seed, with the sizes of `studies/percolation/critical-small.scl`: growth,
the error of each cluster alone (50 sets of known sites), and 26 models (one set each). `--largest 30M` is the size of
the paper; `--coalescent 2000000` draws so many points of a coalescent in 100 dimensions instead. Nothing is asserted.
"""

from __future__ import annotations

import argparse
import resource
import time

from scalingdsl.engine.point_models.nearest import nearest
from scalingdsl.engine.sources.points.bethe_trees import Forest, Tree, grow, plant
from scalingdsl.engine.sources.points.coalescent import CoalescentClusters
from scalingdsl.engine.sources.points.percolation_clusters import PercolationClusters
from scalingdsl.engine.sources.seeded import generators
from scalingdsl.spec.vocabulary.words.percolation import Coalescent, Nearest, Percolation

#: Sites of the forest that is measured when no largest cluster is asked for.
SITES = 10_000_000


def forest_of(sites: int, term: Percolation) -> Forest:
    """Clusters of one seed until there are so many sites."""
    attempts, kept, n = generators(0, "graph", 0), list[Tree](), 0
    while n < sites:
        tree = grow(next(attempts), term.degree, 1 / (term.degree - 1), term.largest)
        if tree is not None and tree.size >= term.smallest:
            kept.append(tree)
            n += tree.size
    return plant(kept, next(generators(0, "graph", 1)), term.tested)


def drawn_in_space(points: int) -> None:
    """Seconds and memory of drawing a coalescent."""
    begun = time.process_time()
    drawn = CoalescentClusters(Coalescent(points=points)).draw(0)
    seconds, memory = time.process_time() - begun, resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 2**20
    print(f"{drawn.n:,} points in {len(drawn.sizes):,} clusters: {seconds:.1f} s, {memory:.1f} GiB at most")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--largest", type=int, help="size of the largest cluster; a seed as a study draws it")
    parser.add_argument("--coalescent", type=int, help="points of a coalescent, drawn in place of all else")
    asked = parser.parse_args()
    if asked.coalescent is not None:
        drawn_in_space(asked.coalescent)
        return
    largest = asked.largest
    models = [Nearest(**{name: 2**k}) for name in ("cells", "samples") for k in range(13)]
    begun = time.process_time()
    if largest is None:
        forest = forest_of(SITES, Percolation(largest=3_000_000))
    else:
        forest = PercolationClusters(Percolation(largest=largest)).draw(0)
    grown = time.process_time()
    solved = nearest(models, forest, 0)
    alone = time.process_time()
    losses = [solution.loss for solution in solved.solutions]
    ended = time.process_time()
    memory = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 2**20
    print(f"{forest.n:,} sites in {len(forest.sizes)} clusters, {len(forest.levels) - 1:,} levels deep")
    print(f"grown   {grown - begun:6.1f} s, {(grown - begun) / forest.n * 1e9:.0f} ns a site")
    print(f"alone   {alone - grown:6.1f} s, {(alone - grown) / forest.n / 50 * 1e9:.0f} ns a site and set")
    print(f"models  {ended - alone:6.1f} s, {(ended - alone) / forest.n / len(models) * 1e9:.0f} ns a site and set")
    print(f"in all  {ended - begun:6.1f} s, {memory:.1f} GiB at most; loss from {losses[0]:.3f} to {losses[12]:.4f}")


if __name__ == "__main__":
    main()
