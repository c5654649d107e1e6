"""Nearest neighbours on clusters and manifolds: what they spend, what they learn, and that they repeat."""

from __future__ import annotations

import numpy as np
import pytest
from numpy.testing import assert_allclose
from scalingdsl.engine.fits.forms._percolation import break_rank
from scalingdsl.engine.planning.packing import make_packs
from scalingdsl.engine.point_models.nearest import hold_out, nearest, scale_of, shares, singly
from scalingdsl.engine.point_models.points_pack import solve_pack
from scalingdsl.engine.sources import open_source
from scalingdsl.engine.sources.points.bethe_trees import Forest
from scalingdsl.engine.sources.points.manifold import Torus, TorusPoints
from scalingdsl.engine.sources.points.percolation_clusters import PercolationClusters
from scalingdsl.engine.store.record import RunRecord
from scalingdsl.spec import load
from scalingdsl.spec.errors import EngineError
from scalingdsl.spec.vocabulary.words.percolation import Manifold, Nearest, Percolation

CLUSTERS = Percolation(smallest=300, largest=100_000, tested=0.01)


@pytest.fixture(scope="module")
def forest() -> Forest:
    return PercolationClusters(CLUSTERS).draw(0)


def losses(models: list[Nearest], drawn: Forest | Torus, seed: int = 0) -> np.ndarray:
    return np.array([solution.loss for solution in nearest(drawn, models, seed).solutions])


def test_a_scale_factor_is_where_the_error_begins_to_fall() -> None:
    known = np.unique(np.geomspace(1, 3000, 50).astype(np.int64))
    for q in (1.0, 4.0, 20.0):
        assert scale_of(known, np.maximum(known / q, 1) ** -0.5) == pytest.approx(q, rel=0.02)


def test_one_bad_point_does_not_move_a_scale_factor() -> None:
    known = np.unique(np.geomspace(1, 3000, 50).astype(np.int64))
    loss = np.maximum(known / 5, 1) ** -0.5
    loss[-1] *= 30
    assert scale_of(known, loss) == pytest.approx(5, rel=0.1)


def test_held_out_sites_are_of_their_clusters(forest: Forest) -> None:
    tested = hold_out(forest, forest.tested, 0, 1)
    assert_allclose(np.bincount(forest.cluster[tested.sites], minlength=len(forest.sizes)), forest.tested)
    assert len(set(tested.sites.tolist())) == tested.held_out_n.sum() == forest.tested.sum()


def test_a_model_knows_what_its_allocation_is_worth(forest: Forest) -> None:
    factors = np.linspace(2.0, 6.0, len(forest.sizes))
    free = forest.sizes - forest.tested
    # 50 degrees of freedom: none beyond the break rank, 12.6, and none less than one.
    spent = shares(Nearest(cells=50), forest, factors) * free / factors
    last = float(break_rank(np.array([50.0]))[0])
    assert np.all(spent[12:] == 0)
    assert_allclose(spent[:12], (last / np.arange(1, 13)) ** (4 / 3), rtol=1e-9)
    # 100 points are spread as the sites are.
    drawn = shares(Nearest(samples=100), forest, factors) * free / factors
    assert_allclose(drawn, 100 * forest.sizes / forest.n, rtol=1e-9)


def test_no_model_knows_all(forest: Forest) -> None:
    everything = shares(Nearest(samples=10**9), forest, np.ones(len(forest.sizes)))
    assert_allclose(everything * (1 - forest.tested / forest.sizes), 0.95)


def test_a_single_cluster_teaches_as_the_square_root(forest: Forest) -> None:
    """Published simulations: 0.5, and 0.53 +- 0.06 for clusters of this size."""
    exponents = np.concatenate(
        [singly(forest, 0).exponents, singly(PercolationClusters(CLUSTERS).draw(1), 1).exponents]
    )
    assert len(exponents) >= 10
    assert np.mean(exponents) == pytest.approx(0.5, abs=0.1)


def test_scale_factors_are_those_of_the_released_code(forest: Forest) -> None:
    """Seed 0 of arXiv:2412.07942: mean 5.5, 2.5 % to 97.5 % from 1.0 to 18.1."""
    factors = singly(forest, 0).factors
    assert 3 < np.mean(factors) < 9
    assert np.min(factors) >= 1
    assert np.max(factors) < 60


def test_more_is_known_the_less_is_wrong(forest: Forest) -> None:
    for name in ("cells", "samples"):
        found = losses([Nearest(**{name: n}) for n in (1, 30, 1000)], forest)
        assert found[0] == pytest.approx(1, abs=0.3)
        assert found[0] > 1.2 * found[1] > 1.5 * found[2]


def test_a_run_does_not_depend_on_its_companions(forest: Forest) -> None:
    models = [Nearest(cells=8), Nearest(samples=64), Nearest(cells=512)]
    assert losses(models, forest)[1] == losses(models[1:2], forest)[0]
    assert losses(models, forest).tolist() == losses(models, forest).tolist()


@pytest.mark.parametrize(("dim", "slope"), [(1, 2.0), (2, 1.0), (4, 0.5)])
def test_the_error_on_a_manifold_falls_by_its_dimension(dim: int, slope: float) -> None:
    n = np.array([256, 1024, 4096, 16384])
    models = [Nearest(samples=int(x)) for x in n]
    found = np.mean([losses(models, TorusPoints(Manifold(dim=dim)).draw(s), s) for s in range(3)], axis=0)
    assert -np.polyfit(np.log(n), np.log(found), 1)[0] == pytest.approx(slope, abs=0.1)


def test_the_target_of_a_manifold_is_standard() -> None:
    torus = TorusPoints(Manifold(dim=3)).draw(0)
    values = torus.value(torus.points(np.random.default_rng(0), 200_000))
    assert_allclose([values.mean(), values.std()], [0, 1], atol=0.01)
    edge = np.array([[0.0, 0.3, 0.6], [1.0 - 1e-12, 0.3, 0.6]])
    assert_allclose(*torus.value(edge), atol=1e-9)  # it has no seam


# --- packs ------------------------------------------------------------------------------------------------------------

STUDY = """
data percolation(largest=20k, tested=2%)  seed in {0, 1}
models {bysize: nearest(cells in {4, 64}), bydata: nearest(samples in {4, 64})}
"""


def solved(**options: object) -> dict[str, RunRecord]:
    runs = tuple(load("f.scl", text=STUDY).runs())
    packs = make_packs(runs, workers=4, **options)  # type: ignore[arg-type]
    assert len(packs) == 2  # one a seed: no worker draws the data of another again
    assert all(len({run.seed for run in pack.runs}) == 1 for pack in packs)
    return {r.key: r for pack in packs for r in solve_pack(pack, open_source(pack.runs[0].source))}


def test_a_pack_is_a_seed_and_a_record_has_its_sizes() -> None:
    records = solved()
    assert len(records) == 8
    sizes = sorted((r.n_total, r.final.n_tokens) for r in records.values() if r.final)
    assert sizes == [(0, 4), (0, 4), (0, 64), (0, 64), (4, 0), (4, 0), (64, 0), (64, 0)]
    one = next(iter(records.values()))
    assert one.status == "done"
    assert set(one.facts) >= {"hill"}
    assert one.final is not None
    assert one.final.standard_error > 0
    assert set(one.run) == {"source", "model", "seed", "marks", "numerics"}
    assert [r.final for r in solved().values()] == [r.final for r in records.values()]


def test_what_is_stopped_has_no_record() -> None:
    pack = make_packs(tuple(load("f.scl", text=STUDY).runs()), workers=1)[0]
    asked = iter([False, True])
    source = open_source(pack.runs[0].source)
    assert len(list(solve_pack(pack, source, stop=lambda: next(asked)))) == 1


def test_sequences_are_no_points() -> None:
    pack = make_packs(tuple(load("f.scl", text=STUDY).runs()), workers=1)[0]
    with pytest.raises(EngineError) as caught:
        next(solve_pack(pack, object()))
    assert str(caught.value) == "nearest(...) learns from points, and percolation(...) draws none"


def test_facts_without_a_value_are_left_out() -> None:
    """One cluster at the lower end has no exponent; its runs are solved all the same."""
    pack = make_packs(tuple(load("f.scl", text=STUDY).runs()), workers=1)[0]

    class Bare:
        digest = "x"
        draw = staticmethod(open_source(pack.runs[0].source).draw)

        @staticmethod
        def facts(drawn: object) -> dict[str, float]:
            return {"hill": float("nan")}

    assert all("hill" not in record.facts for record in solve_pack(pack, Bare()))


def test_a_torus_in_space_is_the_torus() -> None:
    """Turned circles: neighbours, and so errors, are nearly those of the torus; vectors have unit numbers."""
    bare, embedded = (TorusPoints(Manifold(dim=2, embed=embed)).draw(0) for embed in (0, 32))
    models = [Nearest(samples=n) for n in (256, 1024)]
    assert_allclose(losses(models, embedded), losses(models, bare), rtol=0.1)
    at = embedded.points(np.random.default_rng(0), 4000)
    placed = embedded.place(at)
    assert placed.shape == (4000, 32)
    assert np.mean(placed**2) == pytest.approx(1.0, rel=1e-9)
    # Turning moves no distance; the circles have radius 1, and four numbers of mean square 1/2.
    apart, moved = (np.linalg.norm(x[0] - x[1:5], axis=1) for x in (embedded.circles(at[:5]), placed[:5]))
    assert_allclose(moved, apart * np.sqrt(32 / 2), rtol=1e-9)


@pytest.mark.slow
@pytest.mark.parametrize("embed", [0, 32])
def test_neighbours_tell_the_dimension(embed: int) -> None:
    for dim in (1, 2, 3, 4):
        source = TorusPoints(Manifold(dim=dim, embed=embed))
        assert source.facts(source.draw(0))["dimension"] == pytest.approx(dim, abs=0.3)


def test_an_average_of_many_neighbours_is_better_in_noise_and_worse_without() -> None:
    one, many = Nearest(samples=2048), Nearest(samples=2048, neighbours=64)
    clean, noisy = (TorusPoints(Manifold(dim=2, noise=noise)).draw(0) for noise in (0.0, 0.5))
    assert losses([one], clean)[0] < losses([many], clean)[0]
    found = losses([one, many], noisy)
    assert found[1] < found[0]
    # Two draws of noise, one known and one asked for, beside what is learnt.
    assert found[0] == pytest.approx(0.5 + losses([one], clean)[0], rel=0.1)


def test_cells_spent_as_is_best_are_those_of_their_own_exponent_and_rank(forest: Forest) -> None:
    last = float(break_rank(np.array([50.0]))[0])
    free = Nearest(cells=50)
    said = Nearest(cells=50, b=-1 / 3, last=last)
    ones = np.ones(len(forest.sizes))
    assert_allclose(shares(said, forest, ones)[:12], shares(free, forest, ones)[:12], rtol=1e-6)
    worse = losses([Nearest(cells=200, b=b, last=k) for b, k in ((-3.0, 18.0), (2.0, 18.0))], forest)
    assert np.all(losses([Nearest(cells=200)], forest) < worse)
