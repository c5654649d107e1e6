"""Learning by heart: exact sums, draws made one by one, and copies of laws."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from numpy.testing import assert_allclose
from scalingdsl.engine.point_models.memoriser import errors, expected
from scalingdsl.engine.point_models.registry import solver
from scalingdsl.engine.sources.points.items import Items, copied, laws, zipf_law
from scalingdsl.spec.vocabulary.words.memorising import CopiedPairs, Synthetic, Zipf

from tests.spec.support import messages, plan_of

SIZES = [1, 100, 1024, 1025, 5000, 60_000]


@pytest.mark.slow
def test_the_mean_over_draws_is_the_exact_sum() -> None:
    law = zipf_law(2000, 1.5)
    drawn = Items(law, law, True)
    found = np.mean(
        [[errors(drawn, SIZES, np.random.default_rng(seed))[n] for n in SIZES] for seed in range(200)], axis=0
    )
    exact = [float(np.sum(law * (1 - law) ** n)) for n in SIZES]
    assert_allclose([expected(drawn, n) for n in SIZES], exact, rtol=1e-9)
    assert_allclose(found, exact, rtol=0.02)


@pytest.mark.slow
def test_draws_of_new_items_alone_are_distributed_as_draws_one_by_one() -> None:
    """Mean and spread of what is left after 300 draws of 50 items, each way 2,000 times."""
    asked, law = zipf_law(50, 1.2), zipf_law(50, 2.0)
    drawn = Items(asked, law, True)
    ours = [errors(drawn, [300], np.random.default_rng(seed))[300] for seed in range(2000)]
    random = np.random.default_rng(1)
    theirs = [1 - np.sum(asked[np.unique(random.choice(50, 300, p=law))]) for _ in range(2000)]
    error = np.std(theirs) / np.sqrt(1000)
    assert abs(np.mean(ours) - np.mean(theirs)) < 4 * error
    assert np.std(ours) == pytest.approx(np.std(theirs), rel=0.1)


def test_a_memoriser_says_the_same_beside_others_as_alone() -> None:
    drawn = laws(Zipf(items=5000), 0)
    together = errors(drawn, SIZES, np.random.default_rng(3))
    for n in SIZES:
        assert errors(drawn, [n], np.random.default_rng(3))[n] == together[n]
    assert list(together.values()) == sorted(together.values(), reverse=True)


def test_exponents_are_those_of_the_closed_forms() -> None:
    """c = 1 - 1/beta, (beta - 1)/(1.5 beta) of a sharpened copy, and a plateau that falls as k^-(beta - 1)."""
    sizes = np.array([1600, 6400, 25_600])
    for exponent in (1.5, 2.0, 3.0):
        source = Zipf(items=200_000, exponent=exponent)
        for term, power in (
            (source, 1 - 1 / exponent),
            (Synthetic(source=source, temperature=2 / 3).settled(), (exponent - 1) / (1.5 * exponent)),
        ):
            loss = [expected(laws(term, 0), int(n)) for n in sizes]  # type: ignore[arg-type]
            assert -np.polyfit(np.log(sizes), np.log(loss), 1)[0] == pytest.approx(power, abs=0.02)
    plateau = [expected(laws(copy_of(Zipf(items=200_000), cut=k), 0), 10**7) for k in (100, 1000)]
    assert np.log10(plateau[0] / plateau[1]) == pytest.approx(1.0, abs=0.02)


def copy_of(source: Zipf, **given: Any) -> CopiedPairs:
    found = Synthetic(source=source, **given).settled()
    assert isinstance(found, CopiedPairs)
    return found


def test_copies_know_less_with_every_generation_and_more_with_real_data() -> None:
    source = Zipf(items=20_000)
    left = [expected(laws(copy_of(source, seen=1000, generations=g), 0), 100_000) for g in (0, 1, 2, 4, 8)]
    assert left == sorted(left)
    assert left[0] == expected(laws(source, 0), 100_000)
    cut, mixed = (expected(laws(copy_of(source, cut=100, real=share), 0), 6_553_600) for share in (0.0, 0.1))
    assert mixed < 0.3 * cut


def test_a_copy_of_a_copy_is_a_copy() -> None:
    source = Zipf(items=100)
    twice = Synthetic(source=copy_of(source, cut=50), cut=10).settled()
    law = laws(twice, 0)  # type: ignore[arg-type]
    assert_allclose(law.asked, zipf_law(100, 2.0))
    assert np.count_nonzero(law.drawn) == 10
    assert_allclose(copied(zipf_law(100, 2.0), 10, 1.0), law.drawn)


def test_a_study_of_copies() -> None:
    plan = plan_of("""let items = zipf(items=2000, exponent={1.5, 2})
data {clean: items, trimmed: synthetic(items, cut in {10, 100})}  seed in {0, 1}
models memoriser(samples in [100..6400 times 4])
fit power(D, E=0, loss=theory) where data == clean
expect max(abs(loss/theory - 1), clean) < 50%""")
    runs = list(plan.runs())
    assert len(runs) == 48
    assert {run.n_total for run in runs} == {0}
    for run in runs[:4]:
        solution = next(solver(run.model)([run], laws(run.source, run.seed), run.seed).solutions)  # type: ignore[arg-type]
        assert 0 < solution.loss < 1
        assert solution.values["theory"] == pytest.approx(solution.loss, rel=0.5)


def test_what_cannot_be_copied_or_learnt_is_said() -> None:
    assert messages("data synthetic(manifold(dim=2))\nmodels memoriser(samples=10)") != []
    found = messages("data zipf\nmodels nearest(samples=10)")
    assert found == [
        "2:8 SCL316 `nearest` learns from points with a number each, and `zipf` gives items with an answer each"
    ]
