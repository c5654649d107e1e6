"""Laws written out as expressions: derivatives, kinds of parameters, and what is refused."""

from __future__ import annotations

import numpy as np
import pytest
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
