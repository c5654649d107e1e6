"""Curves of sources: held to the law by brute force where it is known, and to what was made where it is counted."""

from __future__ import annotations

import numpy as np
import pytest
from scalingdsl.engine.sources import open_source
from scalingdsl.engine.sources.curves import curve_of
from scalingdsl.spec.vocabulary.quantities import curves
from scalingdsl.spec.vocabulary.words.graphs import ErdosRenyi
from scalingdsl.spec.vocabulary.words.latents import Latents
from scalingdsl.spec.vocabulary.words.memorising import Synthetic, Zipf
from scalingdsl.spec.vocabulary.words.percolation import Percolation
from scalingdsl.spec.vocabulary.words.sources import Walk

TOKENS = 1 << 16


WALK = Walk(graph=ErdosRenyi(n=12, edges=30, seed=1), length=16)
#: The same, of which only sequences are seen.
COUNTED = Synthetic(source=WALK, generations=0).settled()


@pytest.mark.parametrize("nodes", [40, 90])
def test_the_correlation_of_a_chain_is_the_norm_of_its_covariance(nodes: int) -> None:
    """Small matrices are decomposed whole, larger ones by what they do to vectors."""
    stream = open_source(Walk(graph=ErdosRenyi(n=nodes, edges=4 * nodes, seed=1), length=12))
    chain = stream.chain  # type: ignore[attr-defined]
    step = np.zeros((nodes, nodes))
    step[chain.rows, chain.indices] = chain.probability
    found = curve_of("correlation", stream, TOKENS)
    assert found.x.tolist() == list(range(1, 13))
    for lag, norm in zip(found.x, found.y):
        joint = chain.stationary[:, None] * np.linalg.matrix_power(step, int(lag))
        whole = joint - np.outer(chain.stationary, chain.stationary)
        assert norm == pytest.approx(np.linalg.norm(whole, 2), rel=1e-8)
    assert not found.error.any()


def test_a_correlation_is_counted_until_it_ends_in_noise() -> None:
    law, seen = (curve_of("correlation", open_source(term), TOKENS) for term in (WALK, COUNTED))
    assert len(seen.x) < len(law.x)
    assert np.all(seen.y > 2 * seen.error)
    assert seen.y == pytest.approx(law.y[: len(seen.y)], abs=4 * float(seen.error[0]))


def test_the_entropy_that_a_context_leaves() -> None:
    stream = open_source(WALK)
    chain = stream.chain  # type: ignore[attr-defined]
    found, counted = (curve_of("entropy", open_source(term), TOKENS) for term in (WALK, COUNTED))
    law = chain.stationary[chain.stationary > 0]
    assert found.y[0] == pytest.approx(-np.sum(law * np.log(law)))
    assert found.y[1:] == pytest.approx(np.full(len(found.y) - 1, chain.entropy_rate))
    assert counted.y == pytest.approx(found.y[: len(counted.y)], abs=0.02)
    assert np.all(np.abs(counted.error) <= 0.1)


def test_shares_spectra_and_clusters() -> None:
    names = curve_of("unigram", open_source(Zipf(items=1000, exponent=2.5)), TOKENS)
    assert np.diff(np.log(names.y)) / np.diff(np.log(names.x)) == pytest.approx(
        np.full(len(names.x) - 1, -2.5), abs=2e-3
    )
    spectrum = curve_of("eigenvalue", open_source(Latents(M=300, tail=0.7)), TOKENS)
    assert spectrum.y == pytest.approx(spectrum.x**-1.7, rel=1e-5)
    source = open_source(Percolation(smallest=30, largest=3000, tested=0.04))
    clusters = curve_of("cluster", source, TOKENS)
    assert clusters.y[0] == max(source.draw(0).sizes)  # type: ignore[attr-defined]
    assert np.all(np.diff(clusters.y) <= 0)
    walk = open_source(Walk(graph=ErdosRenyi(n=40, edges=160, seed=1), length=12))
    after = curve_of("successor", walk, TOKENS)
    assert after.y[0] == pytest.approx(walk.chain.probability.max(), rel=1e-5)  # type: ignore[attr-defined]


def test_every_curve_has_sources() -> None:
    has = {name for word in (Walk, Latents, Percolation, Zipf) for name in word.curves}
    assert has == set(curves())
