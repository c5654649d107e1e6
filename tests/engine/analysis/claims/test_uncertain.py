"""Quantities with draws: joined on shared axes, compared draw by draw."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from scalingdsl.engine.analysis import analyse, study_table
from scalingdsl.engine.analysis.claims.uncertain import Drawn, Draws, combine, join
from scalingdsl.spec import load


def apply(operation: str, *operands: object) -> Drawn:
    """An operation of the language on quantities."""
    found = Draws(lambda node: node, AssertionError).apply(operation, *operands)
    assert isinstance(found, Drawn)
    return found


def quantity(panels: dict[tuple, float], spread: float = 0.0, n: int = 100) -> Drawn:
    rng = np.random.default_rng(0)
    value = np.array(list(panels.values()))
    return Drawn(tuple(panels), value, value + spread * rng.standard_normal((n, len(value))))


def test_panels_join_on_the_axes_they_share() -> None:
    a = quantity({(("width", 32), ("kappa", 0)): 1.0, (("width", 64), ("kappa", 0)): 2.0})
    b = quantity({(("width", 64),): 10.0, (("width", 128),): 20.0})
    found = apply("+", a, b)
    assert found.panels == ((("width", 64), ("kappa", 0)),)
    assert found.value.tolist() == [12.0]
    assert join((("width", 32),), (("width", 64),)) is None


def test_quantities_without_a_common_axis_meet_in_every_pair() -> None:
    a = quantity({(("width", 32),): 1.0, (("width", 64),): 2.0})
    b = quantity({(("tokens", 1),): 10.0, (("tokens", 2),): 20.0})
    assert apply("*", a, b).value.tolist() == [10.0, 20.0, 20.0, 40.0]


def test_axes_that_some_panels_lack_still_agree() -> None:
    """An n-gram has no rate: its panel meets every rate."""
    a = quantity({(("models", "ngram"),): 1.0, (("models", "lstm"), ("lr", 0.1)): 2.0})
    b = quantity({(("lr", 0.1),): 10.0})
    assert apply("+", a, b).value.tolist() == [11.0, 12.0]


@pytest.mark.parametrize("number", [2, 2.0, np.float64(2)])
def test_plain_numbers_on_either_side(number: float) -> None:
    a = quantity({(): 3.0})
    forwards = [float(apply(sign, a, number).value[0]) for sign in "+-*/^"]
    assert forwards == [5, 1, 6, 1.5, 9]
    backwards = [float(apply(sign, number, a).value[0]) for sign in "+-*/^"]
    assert backwards == [5, -1, 6, pytest.approx(2 / 3), 8]
    assert apply("<", number, a).value.tolist() == [1.0]
    assert apply("<=", a, number).value.tolist() == [0.0]
    assert float(apply("negate", apply("abs", apply("-", a, 5))).value[0]) == -2


def test_truth_values_keep_failed_draws_out() -> None:
    """A draw without a value is neither true nor false, nor is anything made of it."""
    a = Drawn(((),), np.array([1.0]), np.array([[1.0], [np.nan], [3.0]]))
    below = apply("<", a, 2)
    np.testing.assert_array_equal(apply("and", below, apply(">", a, 0)).draws[:, 0], [1.0, np.nan, 0.0])
    np.testing.assert_array_equal(apply("not", below).draws[:, 0], [0.0, np.nan, 1.0])
    np.testing.assert_array_equal(apply("and", True, below).draws[:, 0], [1.0, np.nan, 0.0])
    np.testing.assert_array_equal(apply("or", below, False).draws[:, 0], [1.0, np.nan, 0.0])
    either = apply("or", apply("==", a, 3), apply("==", a, 1))
    np.testing.assert_array_equal(either.draws[:, 0], [1.0, np.nan, 1.0])
    np.testing.assert_array_equal(apply("!=", a, 3).draws[:, 0], [1.0, np.nan, 0.0])


def test_a_longer_run_of_draws_is_cut_to_the_shorter() -> None:
    """Draw k is the same world whatever the number of draws."""
    a, b = quantity({(): 1.0}, 1.0, n=40), quantity({(): 1.0}, 1.0, n=100)
    assert apply("-", a, b).n_draws == 40
    assert np.all(apply("-", a, b.take([0])).draws == a.draws - b.draws[:40])
    assert apply("+", a, Drawn.exact([1.0])).n_draws == 40


def test_reductions_act_on_every_draw() -> None:
    a = quantity({(("width", 32),): 1.0, (("width", 64),): 3.0}, 0.1)
    assert a.reduce(np.mean).panels == ((),)
    np.testing.assert_allclose(a.reduce(np.mean).draws[:, 0], a.draws.mean(axis=1))
    assert a.reduce(np.max).value.tolist() == [3.0]


def test_nothing_meets_nothing() -> None:
    empty = Drawn((), np.empty(0), np.empty((1, 0)))
    assert combine(empty, quantity({(): 1.0}), np.add).panels == ()


def test_what_is_no_number_decides_nothing() -> None:
    """Infinity exceeds every number, and is none: a quotient by zero holds no claim, nor does what is made of it."""
    one, zero = Drawn.exact([1.0]), Drawn.exact([0.0])
    endless = apply("/", one, zero)
    for side in (endless, apply("/", 1, endless), apply("*", endless, zero), apply("exp", endless)):
        claim = apply(">", side, 1)
        assert np.isnan(claim.value).all()
        assert np.isnan(claim.draws).all()


def test_an_exponent_at_its_bound_is_not_averaged(tmp_path: Path) -> None:
    """Two slices tell their exponent, 0.5; the third, over after its first size, says only that it has more."""
    x = np.geomspace(1e6, 1e9, 8)
    curves = {10**6: (x / 1e6) ** -0.5, 10**7: (x / 1e6) ** -0.5, 10**8: (x / 1e6) ** -7.0}
    noise = np.exp(1e-3 * np.random.default_rng(1).normal(size=8))
    rows = [f"{n:.0f},{d},{y:.8f}" for d, curve in curves.items() for n, y in zip(x, (2 + curve) * noise)]
    (tmp_path / "t.csv").write_text("\n".join(["N,D,loss", *rows]))
    text = 'data table("t.csv")\nfit power(N)\nexpect mean(alpha) in [.4..0.6]\nexpect max(alpha) > 1'
    plan = load(tmp_path / "study.scl", text=text)
    found = analyse(plan, {}, table=study_table(plan, tmp_path))
    assert [f.fit.told["alpha"].status for f in found.fits if f.fit] == ["identified", "identified", "above"]
    mean, largest = found.verdicts
    assert mean.status == "held"
    assert "not averaged" in " ".join(mean.skipped)
    assert largest.status == "held"
