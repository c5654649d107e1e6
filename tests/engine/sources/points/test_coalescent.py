"""Clusters by attachment and coalescence: their sizes, trees, places and labels, and what learns from them."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from numpy.testing import assert_allclose, assert_array_equal
from scalingdsl.engine.planning.packing import make_packs, predicted_bytes, predicted_seconds
from scalingdsl.engine.point_models import nearest_in_space
from scalingdsl.engine.point_models.point_sets import points_of
from scalingdsl.engine.point_models.points_pack import solve_pack
from scalingdsl.engine.sources import open_source
from scalingdsl.engine.sources.points.bethe_trees import hill
from scalingdsl.engine.sources.points.coalescent import (
    TAIL,
    Cloud,
    CoalescentClusters,
    attached,
    coalesce,
    depths,
    directions,
    labels,
    levels,
    rooted,
    tops,
)
from scalingdsl.engine.store.record import RunRecord
from scalingdsl.spec import check, load
from scalingdsl.spec.errors import EngineError
from scalingdsl.spec.vocabulary.words.percolation import Coalescent

SMALL = Coalescent(points=3000, dim=60)
SIZES = np.array([40, 7, 2, 1, 1])


@pytest.fixture(scope="module")
def drawn() -> Cloud:
    return CoalescentClusters(SMALL).draw(3)


def random(seed: int = 0) -> np.random.Generator:
    return np.random.default_rng(seed)


# --- sizes ------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("new", "exponent"), [(1 / 3, 1.5), (0.5, 2.0), (0.1, 1 / 0.9)])
def test_sizes_have_the_tail_of_simon(new: float, exponent: float) -> None:
    """The density falls as s^-(1 + 1/(1 - new)), 5/2 at 1/3."""
    found = [attached(random(seed), 1_000_000, new) for seed in range(3)]
    estimates = [hill(sizes[sizes >= TAIL], TAIL - 0.5, 1_000_000) for sizes in found]
    assert np.mean(estimates) == pytest.approx(exponent, abs=0.08)
    assert all(sizes.sum() == 1_000_000 for sizes in found)
    assert len(found[0]) / 1_000_000 == pytest.approx(new, abs=2e-3)


def test_clusters_of_one_point_are_as_many_as_yule_has() -> None:
    """Pr(S = s) = rho B(s, rho + 1): 3/5 at s = 1 and 6/35 at s = 2 for rho = 3/2."""
    sizes = attached(random(), 300_000, 1 / 3)
    assert_allclose([np.mean(sizes == 1), np.mean(sizes == 2)], [3 / 5, 6 / 35], atol=5e-3)


def test_nothing_new_is_one_cluster() -> None:
    assert_array_equal(attached(random(), 1000, 0.0), [1000])


# --- trees ------------------------------------------------------------------------------------------------------------


def test_mergers_make_one_tree_of_each_cluster() -> None:
    mergers = coalesce(random(), SIZES)
    n, count = int(SIZES.sum()), int((SIZES - 1).sum())
    assert all(len(x) == count for x in (mergers.first, mergers.second, mergers.u, mergers.v, mergers.level))
    cluster = np.repeat(np.arange(len(SIZES)), SIZES)
    for ends in (mergers.first, mergers.second, mergers.u, mergers.v):
        assert_array_equal(np.bincount(cluster[ends], minlength=5), SIZES - 1)
    parent = rooted(random(1), mergers, tops(mergers, SIZES), n)
    roots = parent == np.arange(n)
    assert_array_equal(cluster[roots], np.arange(5))
    away = depths(parent)
    assert np.all(away[~roots] == away[parent[~roots]] + 1)
    joined = {frozenset(pair) for pair in zip(mergers.u.tolist(), mergers.v.tolist())}
    assert {frozenset((i, int(p))) for i, p in enumerate(parent) if i != p} == joined


def test_a_merger_joins_a_point_of_either_part() -> None:
    """Followed from the singletons on, with sets in place of arcs."""
    mergers = coalesce(random(2), np.array([25]))
    blocks = {i: {i} for i in range(25)}
    for first, second, u, v in zip(*(x.tolist() for x in (mergers.first, mergers.second, mergers.u, mergers.v))):
        assert u in blocks[first]
        assert v in blocks[second]
        # An arc of the cycle, and the next.
        assert (first + len(blocks[first])) % 25 == second
        blocks[first] |= blocks.pop(second)
    assert list(blocks.values()) == [set(range(25))]


def test_trees_are_uniform() -> None:
    """Of four points there are 16 labelled trees, 4 of them stars; a point is a leaf with probability (3/4)^2."""
    mergers = coalesce(random(3), np.full(20_000, 4))
    degree = (np.bincount(mergers.u, minlength=80_000) + np.bincount(mergers.v, minlength=80_000)).reshape(-1, 4)
    assert np.mean(np.max(degree, axis=1) == 3) == pytest.approx(1 / 4, abs=0.01)
    assert np.mean(degree == 1) == pytest.approx(9 / 16, abs=0.01)


def test_levels_follow_the_mergers() -> None:
    mergers = coalesce(random(4), SIZES)
    assert_array_equal(np.sort(np.concatenate(list(levels(mergers)))), np.arange(len(mergers.first)))
    assert np.sum(mergers.level == 0) == 3
    assert list(levels(coalesce(random(), np.array([1, 1])))) == []


# --- space and labels -------------------------------------------------------------------------------------------------


def test_directions_have_length_one_and_parts_are_orthogonal() -> None:
    mergers = coalesce(random(5), np.array([2] * 500))
    found = directions(random(6), mergers, tops(mergers, np.full(500, 2)), 1000, 30).astype(float)
    assert_allclose(np.linalg.norm(found, axis=1), 1, atol=1e-6)
    assert_allclose(np.sum(found[0::2] * found[1::2], axis=1), 0, atol=1e-6)


def test_steps_have_one_length(drawn: Cloud) -> None:
    roots = drawn.parent == np.arange(drawn.n)
    apart = np.linalg.norm(drawn.vectors - drawn.vectors[drawn.parent], axis=1)[~roots]
    assert_allclose(apart, np.sqrt(60) * 3000 ** (-1 / 6), rtol=1e-5)
    assert roots.sum() == len(drawn.sizes)
    # Uniform in the ball: of radii r < 1 there are r^d.
    lone = drawn.vectors[-int(np.sum(drawn.sizes == 1)) :] / np.sqrt(60)
    assert np.max(np.linalg.norm(lone, axis=1)) < 1 + SMALL.step
    assert np.mean(np.sum(lone**2, axis=1)) == pytest.approx(60 / 62 + SMALL.step**2, rel=0.02)


def test_one_cluster_begins_at_the_origin_and_takes_shorter_steps() -> None:
    one = CoalescentClusters(Coalescent(points=2000, dim=50, new=0)).draw(1)
    root = int(np.flatnonzero(one.parent == np.arange(2000))[0])
    assert np.linalg.norm(one.vectors[root]) == pytest.approx(np.sqrt(50) * 2000**-0.25, rel=1e-5)
    assert_array_equal(one.sizes, [2000])


def test_labels_have_variance_one_and_share_what_is_above() -> None:
    """Two points alone share one number of two; of three, those that merged first share two of three."""
    pairs = np.full(20_000, 2)
    value = labels(random(8), coalesce(random(7), pairs), 40_000).reshape(-1, 2)
    assert np.var(value) == pytest.approx(1, abs=0.03)
    assert np.mean(value[:, 0] * value[:, 1]) == pytest.approx(1 / 2, abs=0.03)
    mergers = coalesce(random(9), np.full(20_000, 3))
    value = labels(random(10), mergers, 60_000)
    early, late = mergers.level == 1, mergers.level == 0
    shared = value[mergers.first[early]] * value[mergers.second[early]]
    assert np.mean(shared) == pytest.approx(2 / 3, abs=0.03)
    assert late.sum() == early.sum() == 20_000
    over = [np.var(CoalescentClusters(Coalescent(points=20_000, dim=2)).draw(seed).value) for seed in range(6)]
    assert np.mean(over) == pytest.approx(1, abs=0.1)


def test_a_seed_is_a_cloud(drawn: Cloud) -> None:
    source = CoalescentClusters(SMALL)
    again, other = source.draw(3), source.draw(4)
    for name in ("sizes", "parent", "vectors", "value"):
        assert_array_equal(getattr(again, name), getattr(drawn, name))
    assert not np.array_equal(other.value, drawn.value)
    assert set(source.facts(drawn)) == {"hill"}
    assert np.isnan(source.facts(CoalescentClusters(Coalescent(points=200, dim=2, new=0.99)).draw(0))["hill"])


# --- what learns from them --------------------------------------------------------------------------------------------


def test_nearest_points_are_those_of_a_search_of_all(drawn: Cloud, monkeypatch: pytest.MonkeyPatch) -> None:
    asked, known = random(0).permutation(drawn.n)[:400].reshape(2, 200)
    monkeypatch.setattr(nearest_in_space, "ASKED", 64)
    monkeypatch.setattr(nearest_in_space, "KNOWN", 48)
    found = nearest_in_space.nearest(drawn.vectors, asked, known)
    wide = drawn.vectors.astype(float)
    squared = np.sum((wide[asked][:, None] - wide[known][None]) ** 2, axis=2)
    # Floats of 32 bits may take the second where it is as near.
    assert_allclose(squared[np.arange(200), found], squared.min(axis=1), rtol=1e-4)


def records(text: str) -> list[RunRecord]:
    runs = list(load("cloud.scl", text=text).runs())
    packs = make_packs(runs, workers=1)
    assert all(0 < predicted_seconds(pack) < 60 and predicted_bytes(pack, "cpu") > 2**20 for pack in packs)
    return [r for pack in packs for r in solve_pack(pack, open_source(pack.runs[0].source))]


def losses(found: list[RunRecord]) -> dict[int, float]:
    """Mean over seeds by D."""
    of_size: dict[int, list[float]] = {}
    for measured in (m for r in found for m in r.measurements):
        of_size.setdefault(measured.n_tokens, []).append(measured.loss)
    return {size: float(np.mean(values)) for size, values in of_size.items()}


def test_neighbours_learn_one_cluster_as_a_manifold_of_dimension_four() -> None:
    text = "data coalescent(points=50k, new=0)  seed in {0, 1, 2}\nmodels nearest(samples in {100, 1000, 10k})"
    loss = losses(records(text))
    slope = -np.polyfit(np.log(list(loss)), np.log(list(loss.values())), 1)[0]
    assert slope == pytest.approx(0.45, abs=0.12)


def test_neighbours_know_nothing_of_clusters_they_have_not_met() -> None:
    found = records("data coalescent(points=60k, tested=3%)  seed in {0, 1}\nmodels nearest(samples in {10, 50k})")
    loss = losses(found)
    assert loss[10] == pytest.approx(1.1, abs=0.15)
    assert loss[50_000] < 0.85 * loss[10]
    assert all(set(r.facts) == {"hill"} for r in found)


def test_perceptrons_learn_from_them_too(drawn: Cloud) -> None:
    text = "data coalescent(points=3000, dim=60, new=0)\nmodels mlp(width=16, samples=1000)\n"
    record = records(text + "train adamw(lr=.01, batch=50)  steps = 300")[0]
    assert record.status == "done"
    assert record.measurements[0].loss < 1
    points = points_of(drawn, 3, [500], 0)
    assert points.known.shape == (500, 60)
    assert len(points.tested) == len(points.truth) == 30


def test_more_points_than_there_are(drawn: Cloud) -> None:
    with pytest.raises(EngineError, match="2,970 points that are not held out; ask for fewer"):
        nearest_in_space.enough(5000, nearest_in_space.held_out(drawn, 0, 1)[1], 0, "points")


def test_a_study_of_them_checks(tmp_path: Path) -> None:
    text = "data coalescent(points=100M)\nmodels nearest(samples=10)"
    assert [d.code for d in check(tmp_path / "s.scl", text=text, name="s.scl").errors] == ["SCL209"]
    few = check(tmp_path / "s.scl", text="data coalescent(points=200)\nmodels nearest(samples=10)", name="s.scl")
    assert [d.code for d in few.errors] == ["SCL209"]
