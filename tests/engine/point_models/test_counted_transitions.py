"""Counting transitions: expectations of logarithms, the loss in the mean over draws by enumeration, and simulations."""

from __future__ import annotations

import itertools
import math

import numpy as np
import pytest
from scalingdsl.engine.pack import Pack
from scalingdsl.engine.point_models import counted_transitions
from scalingdsl.engine.point_models.counted_transitions import (
    _mean_log,
    _series,
    counted,
    excess,
    expected_excess,
    mean_log,
)
from scalingdsl.engine.point_models.points_pack import solve_pack
from scalingdsl.engine.sources import open_source
from scalingdsl.engine.sources.chains.chain import Chain, chain_of
from scalingdsl.engine.sources.chains.stream import ChainStream
from scalingdsl.spec import check, load
from scipy.stats import binom

#: Two states, three transitions.
SMALL = chain_of(2, np.array([0, 0, 1]), np.array([0, 1, 0]), np.array([0.3, 0.7, 1.0]))
STUDY = """
data walk(er(n=32, edges=96, seed=0), length=16)
models memoriser(gram=2, samples in {500, 20000})
train seed in {0, 1, 2}
fit power(D, E=entropy_rate, beta=1)
"""


def walks(n: int = 48, edges: int = 160, kappa: float = 0) -> ChainStream:
    text = f"data walk(er(n={n}, edges={edges}), kappa={kappa})\nmodels memoriser(gram=2, samples=9)"
    (run,) = load("s.scl", text=text).runs()
    stream = open_source(run.source)
    assert isinstance(stream, ChainStream)
    return stream


@pytest.mark.parametrize(("n", "p", "added"), [(1, 0.3, 0.5), (50, 0.3, 0.5), (4000, 0.001, 2.5), (30, 1.0, 0.5)])
def test_mean_logarithms_are_those_of_the_binomial(n: int, p: float, added: float) -> None:
    known = binom(n, p).expect(lambda k: np.log(k + added)) if p < 1 else math.log(n + added)
    assert _mean_log(n, p, added) == pytest.approx(known, abs=1e-12)


@pytest.mark.parametrize(("n", "p", "added"), [(10**6, 0.02, 0.5), (30_000, 0.5, 3.0), (2 * 10**5, 0.1, 0.5)])
def test_large_counts_are_a_series(n: int, p: float, added: float, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(counted_transitions, "SERIES_ABOVE", math.inf)
    assert _series(n, p, added) == pytest.approx(_mean_log(n, p, added), abs=1e-12)


def test_equal_probabilities_are_summed_once() -> None:
    p = np.array([0.1, 0.1 + 1e-17, 0.2])
    found = mean_log(40, p, np.full(3, 0.5))
    assert found[0] == found[1] == _mean_log(40, 0.1, 0.5)
    assert found[2] == pytest.approx(_mean_log(40, 0.2, 0.5))


def enumerated(chain: Chain, samples: int) -> float:
    """The mean over all numbers of times that transitions can be drawn, each with its multinomial probability."""
    joint = chain.stationary[chain.rows] * chain.probability
    total = 0.0
    for counts in itertools.product(range(samples + 1), repeat=len(joint)):
        if sum(counts) == samples:
            ways = math.factorial(samples) / math.prod(map(math.factorial, counts))
            total += ways * float(np.prod(joint ** np.array(counts))) * excess(chain, np.array(counts))
    return total


@pytest.mark.parametrize("samples", [0, 1, 2, 7])
def test_the_mean_over_draws_is_that_of_all_there_can_be(samples: int) -> None:
    assert expected_excess(SMALL, samples) == pytest.approx(enumerated(SMALL, samples), abs=1e-12)


@pytest.mark.parametrize("kappa", [0, 1])
def test_it_tends_to_free_probabilities_over_twice_the_tokens(kappa: float) -> None:
    chain = walks(kappa=kappa).chain
    free = len(chain.indices) - len(chain.states)
    assert expected_excess(chain, 10**8) * 2 * 10**8 == pytest.approx(free, rel=1e-4)


def test_counts_of_walks_lie_about_the_mean() -> None:
    stream = walks()
    wanted = [3000, 12_000]
    found = np.array([[excess(stream.chain, c) for _, c in counted(stream, wanted, seed)] for seed in range(8)])
    said = np.array([expected_excess(stream.chain, n) for n in wanted])
    error = found.std(0, ddof=1) / 8**0.5
    assert np.all(np.abs(found.mean(0) - said) < 4 * error)
    assert np.all(error < 0.05 * said)


def test_more_samples_are_those_of_fewer_and_more() -> None:
    stream = walks()
    both = dict(counted(stream, [500, 700], 3))
    assert both[500].sum() == 500
    assert both[700].sum() == 700
    assert np.all(both[700] >= both[500])
    (_, alone), *_ = counted(stream, [700], 3)
    assert np.array_equal(alone, both[700])


def test_runs_of_a_study() -> None:
    plan = load("s.scl", text=STUDY)
    runs = [run for run in plan.runs() if run.seed == 1]
    assert [run.asked_tokens for run in runs] == [500, 20_000]
    assert all(run.by_solver and not run.on_points for run in runs)
    stream = open_source(runs[0].source)
    for run, record in zip(runs, solve_pack(Pack("p", tuple(runs), 1), stream), strict=True):
        (found,) = record.measurements
        assert found.standard_error == 0
        assert found.entropy_rate == stream.entropy_rate
        assert found.values["theory"] - stream.entropy_rate == pytest.approx(found.excess_loss, rel=0.3)
        assert found.n_tokens == run.model.n_samples


@pytest.mark.parametrize(
    ("said", "why"),
    [
        ("data zipf(100)\nmodels memoriser(gram=2, samples=9)", "items, which have none before them"),
        ("data walk(er(n=32, edges=96))\nmodels memoriser(gram=3, samples=9)", "what follows one token"),
        ("data walk(er(n=32, edges=96))\nmodels memoriser(samples=9)", "or `gram=2` for what follows what"),
        ("data rhm()\nmodels memoriser(gram=2, samples=9)", "more than the present token says the next"),
        ("data walk(er(n=32, edges=96))\nmodels memoriser(gram=2)", "nothing says how much it has seen"),
    ],
)
def test_what_cannot_be_counted_is_said(said: str, why: str) -> None:
    assert why in check("s.scl", text=f"{said}\n").errors[0].message
