"""Random walks against the loop one would write with networkx: `python -m tests.benchmarks.walks`.

Tokens a second of processor time on one core, medians of alternating repeats, and their ratio. Nothing is asserted.
"""

from __future__ import annotations

import random
import statistics
import time
from collections.abc import Callable

import networkx as nx
import torch
from scalingdsl.engine.sources import open_source
from scalingdsl.engine.sources.chains.stream import ChainStream
from scalingdsl.spec.vocabulary.words.graphs import BarabasiAlbert, ErdosRenyi
from scalingdsl.spec.vocabulary.words.sources import Walk

LENGTH = 64
REPEATS = 7
SOURCES = {
    "er(512, p=.02)": Walk(graph=ErdosRenyi(n=512, p=0.02), length=LENGTH),
    "er(512, p=.02), kappa=1": Walk(graph=ErdosRenyi(n=512, p=0.02), kappa=1, length=LENGTH),
    "er(8192, edges=53292)": Walk(graph=ErdosRenyi(n=8192, edges=53_292), length=LENGTH),
    "er(8192, edges=53292), kappa=1": Walk(graph=ErdosRenyi(n=8192, edges=53_292), kappa=1, length=LENGTH),
    "ba(8192, m=6), kappa=1": Walk(graph=BarabasiAlbert(n=8192, m=6), kappa=1, length=LENGTH),
}
#: Sequences a call: one step of a small run, a chunk of steps as training asks for, a large chunk.
SIZES = (8, 512, 16_384)


def networkx_loop(stream: ChainStream, weighted: bool) -> Callable[[int], None]:
    """Walks on the same chain, node by node."""
    chain = stream.chain
    graph = nx.DiGraph()
    graph.add_weighted_edges_from(zip(chain.rows.tolist(), chain.indices.tolist(), chain.probability.tolist()))
    start, law = list(range(chain.n)), chain.stationary.tolist()
    draw = random.Random(0)

    def step(node: int) -> int:
        successors = graph[node]
        if weighted:
            return draw.choices(list(successors), [edge["weight"] for edge in successors.values()])[0]
        return draw.choice(list(successors))

    def walk(count: int) -> None:
        for node in draw.choices(start, law, k=count):
            path = [node]
            for _ in range(LENGTH):
                path.append(step(path[-1]))

    return walk


def stream_batches(stream: ChainStream, size: int) -> Callable[[int], None]:
    """The same number of walks in calls of `size` sequences."""
    seeds = torch.tensor([0])

    def walk(count: int) -> None:
        for first in range(0, count, size):
            stream.batch(seeds, torch.arange(first, first + size)[None])

    return walk


def rate(walk: Callable[[int], None], count: int) -> float:
    """Tokens a second of processor time."""
    before = time.process_time()
    walk(count)
    return count * LENGTH / (time.process_time() - before)


def main() -> None:
    torch.set_num_threads(1)
    print(f"M tokens a CPU-second, T = {LENGTH}, medians of {REPEATS}; in brackets the ratio to the networkx loop")
    print(f"{'source':32s} {'networkx':>9s} " + " ".join(f"{f'{size:,} a call':>18s}" for size in SIZES))
    for name, source in SOURCES.items():
        stream = open_source(source)
        assert isinstance(stream, ChainStream)
        loops = [(networkx_loop(stream, source.kappa > 0), 64)]
        loops += [(stream_batches(stream, size), max(size, 1024)) for size in SIZES]
        for walk, count in loops:
            walk(min(count, 64))
        found: list[list[float]] = [[] for _ in loops]
        for _ in range(REPEATS):
            for rates, (walk, count) in zip(found, loops):
                rates.append(rate(walk, count))
        theirs, *ours = (statistics.median(rates) for rates in found)
        cells = " ".join(f"{f'{r / 1e6:.1f} ({r / theirs:.0f}x)':>18s}" for r in ours)
        print(f"{name:32s} {theirs / 1e6:9.2f} {cells}")


if __name__ == "__main__":
    main()
