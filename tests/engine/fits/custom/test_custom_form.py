"""Laws written out as expressions: derivatives, kinds of parameters, and what is refused."""

from __future__ import annotations

import numpy as np
import pytest
from scalingdsl.engine.fits import Points, fit_law
from scalingdsl.engine.fits.core.fit_result import Array
from scalingdsl.engine.fits.custom.custom_form import own_form
from scalingdsl.engine.fits.custom.symbolic import derivative, names_of, value_of
from scalingdsl.spec.errors import FitError
from scalingdsl.spec.syntax import ast
from scalingdsl.spec.syntax.parser import parse_value

EXPRESSIONS = [
    "E + A*N^-alpha",
    "E + (A/N)^alpha + B*exp(-beta*log(D))",
    "sqrt(E*E + A/N)",
    "(E - A) / (N + alpha)^2 - -B",
    "A*2^(-alpha*N) + E/3k",
]


@pytest.mark.parametrize("text", EXPRESSIONS)
def test_derivatives_equal_the_complex_step(text: str) -> None:
    node = parse_value(text)
    assert isinstance(node, ast.Binary | ast.Call)
    rng = np.random.default_rng(0)
    values = {name: rng.uniform(0.5, 2.0, size=5) for name in names_of(node)}
    for name in values:
        moved = {**values, name: values[name] + 1e-30j}
        expected = np.imag(value_of(node, moved)) / 1e-30
        np.testing.assert_allclose(np.broadcast_to(value_of(derivative(node, name), values), 5), expected, rtol=1e-12)


def test_kinds_follow_from_where_a_parameter_stands() -> None:
    law = own_form("E + A*N^-alpha + (D/K)^-beta")
    assert law.variables == ("N", "D")
    assert {p.name: p.kind for p in law.parameters} == {
        "E": "level",
        "A": "coefficient",
        "alpha": "exponent",
        "K": "location",
        "beta": "exponent",
    }
    assert law.linear == ("E", "A")


def test_a_linear_predictor_has_coefficients_of_either_sign() -> None:
    law = own_form("h + (1 - h)/(1 + exp(b - w*x - v*loss))")
    assert [p.name for p in law.parameters if p.low < 0] == ["b", "w", "v"]
    rates = own_form("E + A*exp(-k*N - m*D)")
    shared = own_form("E + w*D + exp(b - w*D)")
    assert not [p for p in (*rates.parameters, *shared.parameters) if p.low < 0]


def test_a_logistic_curve_of_two_axes_is_found() -> None:
    rng = np.random.default_rng(5)
    x, width = rng.normal(size=40), rng.normal(size=40)
    loss = 0.1 + 0.9 / (1 + np.exp(-1.5 - 3.0 * x + 2.0 * width))
    points = Points({"x": x, "width": width}, loss)
    fit = fit_law("h + (1 - h)/(1 + exp(b - w*x - v*width))", points, objective="mse", bootstrap=0)
    assert fit.params == pytest.approx({"h": 0.1, "b": -1.5, "w": 3.0, "v": -2.0}, rel=1e-5)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("E + A", "`E + A` has no variable: its names are E, A"),
        ("N + D", "`N + D` has no parameter: its names are N, D"),
        ("E + sin(N)", "`sin(N)` cannot be differentiated"),
        ("__import__(os) + N", "`__import__(os)` cannot be differentiated"),
        ("E + max(A, N)", "`max(A, N)` has no place in a law: use numbers, names, + - * / ^, log, exp and sqrt"),
        ("[1..2]", "`[1..2]` is no law"),
    ],
)
def test_what_is_no_law(text: str, message: str) -> None:
    with pytest.raises(FitError) as error:
        own_form(text)
    assert str(error.value).startswith(message)


N_GRID, D_GRID = (x.ravel() for x in np.meshgrid(np.geomspace(1e6, 1e9, 5), np.geomspace(1e8, 1e11, 5)))


def test_a_law_that_is_linear_in_all_of_its_parameters() -> None:
    """Fixed exponents leave coefficients; one variable is fitted as laws of one variable are."""
    x = np.geomspace(1e18, 1e20, 6)
    fit = fit_law("1.6 + A*C^-.0941", Points({"C": x}, 1.6 + 95.18 * x**-0.0941), bootstrap=20)
    assert (fit.status, fit.objective, fit.params["A"]) == ("converged", "huber-raw", pytest.approx(95.18))
    loss = 1.7 + 400 * N_GRID**-0.34 + 1800 * D_GRID**-0.37
    fit = fit_law("E + A*N^-.34 + B*D^-.37", Points({"N": N_GRID, "D": D_GRID}, loss), bootstrap=20)
    assert fit.status == "converged"
    assert fit.params == pytest.approx({"E": 1.7, "A": 400.0, "B": 1800.0})


@pytest.mark.parametrize(
    ("law", "loss", "expected"),
    [
        ("a + b*log(N)", 9.0 - 0.3 * np.log(N_GRID), {"a": 9.0, "b": -0.3}),
        ("a + b*N + c*N*D", 2.0 - 1e-10 * N_GRID + 1e-20 * N_GRID * D_GRID, {"a": 2.0, "b": -1e-10, "c": 1e-20}),
    ],
)
def test_a_regression_has_coefficients_of_either_sign(law: str, loss: Array, expected: dict[str, float]) -> None:
    fit = fit_law(law, Points({"N": N_GRID, "D": D_GRID}, loss), bootstrap=20)
    assert fit.params == pytest.approx(expected, rel=1e-6)
    assert fit.unidentified == ()


def test_a_variable_of_a_law_of_ones_own_has_either_sign() -> None:
    x = np.linspace(-3, 3, 20)
    fit = fit_law("E + A*exp(-k*x)", Points({"x": x}, 2 + 0.5 * np.exp(-0.7 * x)), bootstrap=0)
    assert fit.params == pytest.approx({"E": 2.0, "A": 0.5, "k": 0.7}, rel=1e-6)
    assert fit_law("power", Points({"x": x}, x**2 + 1), bootstrap=0).status == "failed"


@pytest.mark.parametrize(
    "law",
    [
        "E + exp(k*N)",
        "a*exp(N) + b",
        "E + A*N^(a^b)",
        "E + A/log(N/k)",
        "(a+b*N)^-c",
        "log(a*N)+b",
        "exp(a - b*log(N))",
    ],
)
def test_a_law_that_overflows_is_a_fit_that_says_so(law: str) -> None:
    """Whatever comes of it, it is a value."""
    loss = 1.7 + 400 * N_GRID**-0.34 + 1800 * D_GRID**-0.37
    fit = fit_law(law, Points({"N": N_GRID, "D": D_GRID}, loss), bootstrap=5)
    assert fit.status in ("failed", "converged", "unidentified", "starts disagree", "at bound", "one-sided")
