"""Schedules against closed forms worked out by hand."""

from __future__ import annotations

import numpy as np
import pytest
from scalingdsl.engine.train.schedule import branch_step, decay_steps, rates, warmup_steps
from scalingdsl.spec.errors import EngineError
from scalingdsl.spec.vocabulary.words.training import Constant, Cosine, Schedule, Warmup, WarmupStableDecay


def test_warmup_is_linear_and_ends_at_the_peak() -> None:
    got = rates(Constant(), 4, 10, np.arange(10))
    np.testing.assert_allclose(got, [0.25, 0.5, 0.75, 1, 1, 1, 1, 1, 1, 1])


def test_cosine_starts_at_the_peak_is_half_way_in_the_middle_and_never_zero() -> None:
    got = rates(Cosine(), 0, 8, np.arange(9))
    np.testing.assert_allclose(got, (1 + np.cos(np.pi * np.arange(9) / 8)) / 2, atol=1e-15)
    assert got[0] == 1
    assert got[4] == pytest.approx(0.5)
    assert got[7] > 0


def test_cosine_to_a_floor_after_warmup() -> None:
    got = rates(Cosine(final=0.1), 2, 12, np.array([0, 1, 2, 7, 12]))
    np.testing.assert_allclose(got, [0.5, 1, 1, 0.55, 0.1])


def test_wsd_is_flat_and_then_a_straight_line() -> None:
    got = rates(WarmupStableDecay(decay=0.4), 2, 10, np.arange(11))
    np.testing.assert_allclose(got, [0.5, 1, 1, 1, 1, 1, 1, 0.75, 0.5, 0.25, 0])


def test_rates_do_not_depend_on_how_steps_are_asked_for() -> None:
    for schedule in (Cosine(), Constant(), WarmupStableDecay()):
        whole = rates(schedule, 7, 100, np.arange(100))
        parts = np.concatenate([rates(schedule, 7, 100, np.arange(a, a + 25)) for a in range(0, 100, 25)])
        assert np.array_equal(whole, parts)


@pytest.mark.parametrize(("decay", "steps", "want"), [(0.2, 100, 20), (0.2, 2, 1), (1.0, 5, 5), (0.01, 10, 1)])
def test_decay_has_at_least_one_step(decay: float, steps: int, want: int) -> None:
    schedule = WarmupStableDecay(decay=decay)
    assert decay_steps(schedule, steps) == want
    assert branch_step(schedule, steps) == steps - want
    assert branch_step(Cosine(), steps) is None


def test_warmup_in_steps_or_as_a_share() -> None:
    assert warmup_steps(Warmup(steps=200), 1000) == 200
    assert warmup_steps(Warmup(fraction=0.02), 1000) == 20


def test_a_schedule_that_nothing_implements_is_an_error() -> None:
    with pytest.raises(EngineError, match="no implementation of the schedule"):
        rates(Schedule(), 0, 10, np.arange(3))
