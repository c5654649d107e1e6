"""Every law: its gradient, its units, its declaration."""

from __future__ import annotations

import numpy as np
import pytest
from scalingdsl.engine.fits.core.fit_result import Array
from scalingdsl.engine.fits.core.form import complex_step
from scalingdsl.engine.fits.forms import declaration, form, forms
from scalingdsl.spec.errors import FitError

LAWS = sorted(forms())
RNG = np.random.default_rng(3)


def somewhere(word: str) -> tuple[dict[str, Array], dict[str, Array]]:
    """Variables and parameters in a law's ordinary range, of order one."""
    law = forms()[word]
    variables = {v: np.exp(RNG.uniform(-1.0, 1.5, size=9)) for v in law.variables}
    params = {}
    for p in law.parameters:
        low, high = max(p.low, 0.2), min(p.high, 1.5)
        params[p.name] = np.array(RNG.uniform(low, high) + (2.0 if p.kind == "ceiling" else 0.0))
    return variables, params


@pytest.mark.parametrize("word", LAWS)
def test_gradient_equals_the_complex_step(word: str) -> None:
    law = forms()[word]
    variables, params = somewhere(word)
    partial = law.gradient(variables, params)
    assert set(partial) == set(law.parameter_names)
    for name, expected in complex_step(law.value)(variables, params).items():
        got = np.broadcast_to(partial[name], expected.shape)
        np.testing.assert_allclose(got, expected, rtol=1e-11, atol=1e-13, err_msg=f"{word}: {name}")


@pytest.mark.parametrize("word", LAWS)
def test_rescaled_parameters_give_the_same_curve_in_plain_units(word: str) -> None:
    law = forms()[word]
    variables, params = somewhere(word)
    units = {v: float(np.exp(RNG.uniform(-1, 1))) if law.scales else 1.0 for v in law.variables}
    units.update({v: units[other] for v, other in law.unit_of.items()})
    plain = law.rescale(params, units)
    measured = {v: x / units[v] for v, x in variables.items()}
    np.testing.assert_allclose(law.value(measured, params), law.value(variables, plain), rtol=1e-12)
    back = law.rescale(plain, {v: 1 / u for v, u in units.items()})
    for name in law.parameter_names:
        assert float(back[name]) == pytest.approx(float(params[name]), rel=1e-12)


@pytest.mark.parametrize("word", LAWS)
def test_linear_parameters_enter_linearly(word: str) -> None:
    law = forms()[word]
    variables, params = somewhere(word)
    at_zero = law.value(variables, {**params, **{p: np.array(0.0) for p in law.linear}})
    partial = law.gradient(variables, params)
    assembled = at_zero + sum((params[p] * partial[p] for p in law.linear), np.zeros(9))
    np.testing.assert_allclose(assembled, law.value(variables, params), rtol=1e-12)


@pytest.mark.parametrize("word", LAWS)
def test_declaration_names_the_same_parameters(word: str) -> None:
    law = forms()[word]
    assert declaration(word).variables == law.variables
    shown = law.law.parameters(("D",) if law.variables == ("x",) else law.variables)
    assert len(shown) == len(set(shown)) == len(law.parameter_names)


def test_a_law_that_is_declared_and_not_implemented(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(form.__globals__, "forms", dict)
    with pytest.raises(FitError, match="the law 'power' is declared by scalingdsl, and nothing here fits it"):
        form("power")


def test_a_run_that_ends_before_its_corpus_does_has_seen_its_own_tokens() -> None:
    """D < U: the distinct tokens are the smaller of the two, in the law and in its gradient."""
    law = form("repeated")
    params = {"E": 1.87, "A": 521.0, "alpha": 0.353, "B": 1488.0, "beta": 0.353, "R_D": 15.4, "R_N": 5.3}
    params = {name: np.float64(value) for name, value in params.items()}
    at = {"N": np.array([1e8, 1e8]), "D": np.array([1e8, 1e8]), "U": np.array([1e9, 1e8])}
    assert law.value(at, params)[0] == law.value(at, params)[1]
    slopes = law.gradient(at, params)
    assert all(slope[0] == slope[1] for slope in slopes.values())
