"""Clusters as they are grown, and nearest sites on them against a search without shortcuts."""

from __future__ import annotations

from collections import deque

import numpy as np
import pytest
from numpy.testing import assert_allclose, assert_array_equal
from scalingdsl.engine.point_models import nearest_in_cluster
from scalingdsl.engine.point_models.nearest_in_trees import NONE, nearest, predictions
from scalingdsl.engine.sources.points.bethe_trees import Forest, Tree, grow, hill, plant
from scalingdsl.engine.sources.points.percolation_clusters import PercolationClusters
from scalingdsl.engine.sources.seeded import generators
from scalingdsl.spec.vocabulary.words.percolation import Percolation

SMALL = Percolation(smallest=30, largest=3000, tested=0.05)


@pytest.fixture(scope="module")
def forest() -> Forest:
    return PercolationClusters(SMALL).draw(3)


def test_a_tree_is_its_numbers_of_children() -> None:
    """Root with two children, the first of which has one child, and a lone root."""
    fork = Tree(np.array([2, 1, 0, 0], dtype=np.int16), np.array([1, 2, 1]))
    lone = Tree(np.array([1, 0], dtype=np.int16), np.array([1, 1]))
    forest = plant([lone, fork], np.random.default_rng(0), 0.5)
    assert_array_equal(forest.sizes, [4, 2])
    assert_array_equal(forest.cluster, [0, 1, 0, 0, 1, 0])
    assert_array_equal(forest.parent, [0, 1, 0, 0, 1, 2])
    assert_array_equal(forest.levels, [0, 2, 5, 6])
    assert_array_equal(forest.mothers, [0, 1, 2])
    assert_array_equal(forest.first, [2, 4, 5])
    assert_array_equal(forest.members, [0, 2, 3, 5, 1, 4])
    assert_array_equal(forest.tested, [2, 1])


def test_clusters_keep_their_bounds_and_their_order(forest: Forest) -> None:
    assert len(forest.sizes) == SMALL.n_clusters == 10
    assert np.all((forest.sizes >= SMALL.smallest) & (forest.sizes <= SMALL.largest))
    assert np.all(np.diff(forest.sizes) <= 0)
    assert forest.n == forest.sizes.sum()
    assert_array_equal(np.bincount(forest.cluster), forest.sizes)
    assert np.all(forest.cluster == forest.cluster[forest.parent])


def test_targets_are_standard_and_walk_along_the_tree(forest: Forest) -> None:
    for k, size in enumerate(forest.sizes):
        own = forest.value[forest.cluster == k]
        assert_allclose([own.mean(), own.std()], [0, 1], atol=1e-9)
        assert len(own) == size
    steps = (forest.value - forest.value[forest.parent])[len(forest.sizes) :]
    assert np.std(steps) < 0.5  # neighbours agree far better than strangers, who differ by sqrt(2)


def test_a_seed_is_a_forest(forest: Forest) -> None:
    source = PercolationClusters(SMALL)
    again, other = source.draw(3), source.draw(4)
    assert_array_equal(again.value, forest.value)
    assert_array_equal(again.parent, forest.parent)
    assert not np.array_equal(other.sizes, forest.sizes)


def test_growth_is_critical() -> None:
    """Half of all lattices' clusters have no second level at p/e; 4 % to 5 % of them reach 300 sites."""
    attempts = generators(0, "graph", 0)
    trees = [grow(next(attempts), 200, 1 / 199, 10_000) for _ in range(3000)]
    sizes = np.array([10_001 if tree is None else tree.size for tree in trees])
    # Pr(S = 1) = (1 - p)^200; Pr(S >= s) tends to sqrt(2 / (pi s)).
    assert np.mean(sizes == 1) == pytest.approx((1 - 1 / 199) ** 200, abs=0.03)
    assert np.mean(sizes >= 300) == pytest.approx(np.sqrt(2 / (np.pi * 300)), abs=0.015)


def neighbours(forest: Forest) -> list[list[int]]:
    found: list[list[int]] = [[] for _ in range(forest.n)]
    for site, parent in enumerate(forest.parent.tolist()):
        if site != parent:
            found[site].append(parent)
            found[parent].append(site)
    return found


def searched(forest: Forest, start: int, known: np.ndarray) -> tuple[int, int] | None:
    """Distance and place of the nearest known site, by walking outwards; of equally near ones the first."""
    beside, seen, front = neighbours(forest), {start}, deque([(0, start)])
    best: tuple[int, int] | None = None
    while front:
        distance, site = front.popleft()
        if best is not None and distance > best[0]:
            break
        if known[site] and (best is None or (distance, site) < best):
            best = (distance, site)
        for other in beside[site]:
            if other not in seen:
                seen.add(other)
                front.append((distance + 1, other))
    return best


def test_nearest_sites_are_those_of_a_search(forest: Forest) -> None:
    random = np.random.default_rng(0)
    known = random.random((forest.n, 3)) < np.array([0.002, 0.02, 0.3])
    found = nearest(forest, known)
    for site in random.choice(forest.n, 40, replace=False).tolist():
        for c in range(3):
            expected = searched(forest, site, known[:, c])
            if expected is None:
                assert found[site, c] >= NONE
            else:
                assert tuple(divmod(int(found[site, c]), forest.n)) == expected


def test_sets_side_by_side_do_not_disturb_each_other(forest: Forest) -> None:
    known = np.random.default_rng(1).random((forest.n, 5)) < 0.05
    together = nearest(forest, known)
    assert_array_equal(together[:, [2]], nearest(forest, known[:, [2]]))


def test_predictions_shrink_with_distance(forest: Forest) -> None:
    known = np.zeros((forest.n, 1), dtype=bool)
    known[0] = True  # the root of the largest cluster
    child = int(np.flatnonzero(forest.parent == 0)[1])
    stranger = int(np.flatnonzero(forest.cluster == 1)[0])
    said = predictions(forest, known, np.array([0, child, stranger]))[:, 0]
    root = forest.value[0]
    assert_allclose(said, [root, root / (1 + 1 / np.sqrt(forest.sizes[0])), 0.0])


def test_a_step_along_the_tree_is_a_step_in_space() -> None:
    forest = PercolationClusters(SMALL.model_copy(update={"embed": 400})).draw(3)
    assert forest.vectors is not None
    roots = len(forest.sizes)
    assert not np.any(forest.vectors[:roots])
    steps = forest.vectors - forest.vectors[forest.parent]
    assert_allclose(np.linalg.norm(steps[roots:], axis=1), 1, atol=0.2)
    # So many steps from the root are a squared distance of so many.
    depth = np.repeat(np.arange(len(forest.levels) - 1), np.diff(forest.levels))
    squared = np.sum(forest.vectors[roots:] ** 2, axis=1)
    assert_allclose(np.bincount(depth[roots:], squared / depth[roots:])[1:] / np.bincount(depth)[1:], 1, atol=0.3)


def test_nearest_vectors_are_those_of_a_search_of_all(monkeypatch: pytest.MonkeyPatch) -> None:
    forest = PercolationClusters(SMALL.model_copy(update={"embed": 3})).draw(3)
    assert forest.vectors is not None
    random = np.random.default_rng(0)
    known = random.random((forest.n, 2)) < np.array([0.01, 0.2])
    known[forest.cluster == 2] = False
    sites = random.choice(forest.n, 200, replace=False)
    monkeypatch.setattr(nearest_in_cluster, "MOST_PAIRS", 64)  # several blocks
    said = nearest_in_cluster.predictions(forest, known, sites)
    for row, site in enumerate(sites.tolist()):
        k = forest.cluster[site]
        for c in range(2):
            there = np.flatnonzero(known[:, c] & (forest.cluster == k))
            if not len(there):
                assert said[row, c] == 0
                continue
            squared = np.sum((forest.vectors[there].astype(float) - forest.vectors[site]) ** 2, axis=1)
            best = int(np.argmin(squared))
            expected = forest.value[there[best]] / (1 + squared[best] / np.sqrt(forest.sizes[k]))
            assert said[row, c] == pytest.approx(expected, rel=1e-5)


def test_space_changes_neither_clusters_nor_numbers(forest: Forest) -> None:
    embedded = PercolationClusters(SMALL.model_copy(update={"embed": 5})).draw(3)
    assert_array_equal(embedded.value, forest.value)
    assert_array_equal(embedded.parent, forest.parent)


@pytest.mark.parametrize("exponent", [0.3, 0.5, 1.0])
def test_hill_knows_where_sizes_end(exponent: float) -> None:
    u = (np.arange(20_000) + 0.5) / 20_000
    reach = (1e6 / 300) ** -exponent
    sizes = np.array(300 * (1 - u * (1 - reach)) ** (-1 / exponent)).astype(np.int64)
    assert hill(sizes, 300, 1_000_000) == pytest.approx(exponent, abs=5e-3)


def test_hill_of_few_clusters_that_lie_high_is_a_number() -> None:
    """Half of the logarithmic range is exponent 0; a mean above it is below 0, with no gap for the mean of seeds."""
    around = [hill(np.array([int(300 * 10**x)]), 300, 30_000) for x in (0.98, 1.0, 1.02, 1.8)]
    assert around == sorted(around, reverse=True)
    assert around[1] == pytest.approx(0, abs=1e-2)
    assert np.isnan(hill(np.array([300, 300]), 300, 30_000))
