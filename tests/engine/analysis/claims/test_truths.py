"""Three-valued truth: what is held, failed and open of comparisons, and of what is made of them."""

from __future__ import annotations

import numpy as np
import pytest
from scalingdsl.engine.analysis import analyse
from scalingdsl.engine.analysis.analysis_result import Analysis
from scalingdsl.engine.analysis.claims.truths import Truth, alone, both, clear_of_luck, extremes, inverse
from scalingdsl.engine.analysis.claims.uncertain import Drawn
from scalingdsl.spec.claims.plan_references import claim_references
from scalingdsl.spec.claims.references import Reduction
from scalingdsl.spec.plan.run_grid import Run

from ....benchmarks.verdicts import FAMILIES, decided, outcomes, wrong
from ...make import axis, fit_request, product, record_of, run_at, study

DRAWS = 2000


def normal(mean: float, sd: float, stream: int = 0) -> np.ndarray:
    return np.asarray(np.random.default_rng(stream).normal(mean, sd, DRAWS))


def above(x: np.ndarray, value: float, limit: float) -> Truth:
    """`x > limit`."""
    return alone(((),), np.array([float(value > limit)]), (x > limit).astype(float)[:, None])


def status(found: Truth) -> str:
    return "held" if found.held[0, 0] else "failed" if found.failed[1, 0] else "undecided"


HELD, FAILED = above(normal(9, 1), 9, 0), above(normal(-9, 1), -9, 0)
OPEN = above(normal(0.3, 1), 0.3, 0)


@pytest.mark.parametrize(
    ("one", "two", "word", "expected"),
    [
        (HELD, HELD, "and", "held"), (HELD, OPEN, "and", "undecided"), (HELD, FAILED, "and", "failed"),
        (OPEN, FAILED, "and", "failed"), (OPEN, OPEN, "and", "undecided"),
        (HELD, FAILED, "or", "held"), (OPEN, HELD, "or", "held"), (OPEN, FAILED, "or", "undecided"),
        (FAILED, FAILED, "or", "failed"), (OPEN, inverse(OPEN), "or", "undecided"),
    ],
)  # fmt: skip
def test_connectives_are_of_three_values(one: Truth, two: Truth, word: str, expected: str) -> None:
    assert status(both(one, two, word)) == expected
    other = {"and": "or", "or": "and"}[word]
    swapped = {"held": "failed", "failed": "held"}.get(expected, expected)
    assert status(inverse(both(one, two, word))) == swapped
    assert status(both(inverse(one), inverse(two), other)) in (swapped, "undecided")


def test_a_wide_interval_refutes_no_region_and_proves_no_complement() -> None:
    """1.8 +- .01 of an estimate 1.812 +- .35: two in a hundred draws are inside, and that says nothing."""
    x = normal(1.812, 0.35)
    region = both(above(x, 1.812, 1.79), inverse(above(x, 1.812, 1.81)), "and")
    assert region.shares[0] < 0.03
    assert status(region) == status(inverse(region)) == "undecided"
    far = normal(3.0, 0.1)
    beyond = both(above(far, 3.0, 1.79), inverse(above(far, 3.0, 1.81)), "and")
    assert (status(beyond), status(inverse(beyond))) == ("failed", "held")


def test_parts_that_are_held_alone_need_not_hold_together() -> None:
    x, y = normal(2.05, 1, 1), normal(2.05, 1, 2)
    one, two = above(x, 2.05, 0), above(y, 2.05, 0)
    assert (status(one), status(two), status(both(one, two, "and"))) == ("held", "held", "undecided")


def test_one_of_many_is_clear_of_luck_only_beyond_what_the_largest_of_so_many_errors_comes_to() -> None:
    rng = np.random.default_rng(3)
    value = np.array([2.4, *np.zeros(29)])
    panels = tuple((("i", i),) for i in range(30))
    margin = Drawn(panels, value, value + rng.normal(size=(DRAWS, 30)))
    above_luck, below = clear_of_luck(margin, [()] * 30)
    assert not above_luck.any()
    assert not below.any()
    assert clear_of_luck(Drawn(panels[:1], value[:1], margin.draws[:, :1]), [()])[0].all()
    clear = Drawn(panels, value * 2, value * 2 + rng.normal(size=(DRAWS, 30)))
    assert clear_of_luck(clear, [()] * 30)[0].tolist() == [True, *[False] * 29]
    apart = clear_of_luck(margin, list(range(30)))[0]
    assert apart.all()


def test_extremes_are_the_outermost_ones() -> None:
    texts = ["spread(alpha(power(N))) - max(1, min(alpha(power(N)))) < 2", "mean(alpha(power(N))) > 1"]
    plan = study([axis("width", [8, 16, 32])], fits=[fit_request("power(N)")], expect=texts)
    one, none = (list(extremes(c.tree)) for c in claim_references(plan))
    assert [node.word if isinstance(node, Reduction) else node.name for node in one] == ["spread", "max"]
    assert none == []


def slices_of(alphas: list[float], expect: list[str], noise: float) -> Analysis:
    """Slices of `power(N)`, an exponent each."""
    counts = [2 ** (16 + k) for k in range(len(alphas))]
    axes = [axis("width", [16, 24, 32, 48, 64, 96, 128, 192]), axis("tokens", counts)]
    plan = study(axes, fits=[fit_request("power(N)", bootstrap=200)], expect=expect)
    runs = [run_at(p, tokens=float(p["tokens"])) for p in product(axes)]

    def loss(run: Run, tokens: float) -> float:
        return float(2 + (run.n_total / 5e3) ** -alphas[counts.index(run.asked_tokens)])

    return analyse(plan, {r.key: record_of(r, loss, noise=noise) for r in runs}, runs=runs)


@pytest.mark.slow
def test_noise_makes_no_spread() -> None:
    expect = ["spread(alpha(power(N))) > 0.05", "spread(alpha(power(N))) < 0.05", "max(alpha(power(N))) > 0.65"]
    noisy = slices_of([0.6] * 6, expect, 0.01)
    assert [v.status for v in noisy.verdicts] == ["undecided"] * 3
    shown = noisy.verdicts[0].panels[0].relations[0].left.interval
    assert shown is not None
    assert shown.low == 0
    apart = slices_of([0.4, 0.6, 0.6, 0.6, 0.6, 0.8], expect, 1e-4)
    assert [v.status for v in apart.verdicts] == ["held", "failed", "held"]
    equal = slices_of([0.6] * 6, expect, 1e-5)
    assert [v.status for v in equal.verdicts] == ["failed", "held", "failed"]


@pytest.mark.slow
@pytest.mark.parametrize("family", FAMILIES)
def test_verdicts_on_studies_of_known_truth_are_right(family: str) -> None:
    """The benchmark on fewer studies: at most 5 % wrong in every kind of claim, and all but blind ones decide some."""
    for kind, counts in outcomes(family, 24, 100).items():
        assert wrong(counts) <= 0.05, kind
        assert (decided(counts) > 0) == (family != "few cells"), kind
