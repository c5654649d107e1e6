"""Values of expressions and conditions, on numbers and on arrays alike."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from scalingdsl.engine.fits.core.array_algebra import Arrays
from scalingdsl.spec.expressions.evaluate import Algebra, is_percentage
from scalingdsl.spec.syntax import ast
from scalingdsl.spec.syntax.parser import parse_test, parse_value
from scalingdsl.spec.vocabulary.functions import rounded

NAMES = {"N": 1000, "D": 20_000, "x": 3, "param": "muP", "muP": "muP", "SP": "SP"}


def refusal(node: ast.Call) -> Exception:
    return LookupError(node.name)


def value_of(node: Any) -> Any:
    return Algebra(lambda name: NAMES[name.id], refusal).value(node)


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("20*N", 20_000),
        ("2 + 3*x", 11),
        ("(2 + 3)*x", 15),
        ("-x^2", -9),
        ("64k/2", 32_000),
        ("2%*N", 20),
        ("D/N == 20", True),
        ("3 < D/N < 300", True),
        ("3 < D/N < 15", False),
        ("param == muP", True),
        ("param == SP or x < 4", True),
        ("param == muP and not x < 4", False),
        ("not x < 1 and x != 2", True),
        ("x in [3..5]", True),
        ("x in [1..2]", False),
        ("x in {1, 2, 3}", True),
        ("x within 1 of 4", True),
        ("x within .5 of 4", False),
        ("x within 40% of 5", True),
        ("x within 39% of 5", False),
        ("max(x, 2, 5) - round(2.5)", 2),
    ],
)
def test_values(text: str, value: Any) -> None:
    assert value_of(parse_test(text)) == value


@pytest.mark.parametrize("text", ["(1, 2k, 3%)", "x in (1, 2)", "[1..4]"])
def test_what_has_no_value(text: str) -> None:
    with pytest.raises(TypeError):
        value_of(parse_test(text) if " in " in text else parse_value(text))


@pytest.mark.parametrize("text", ["f(x)", "log(x, 2)", "max(x)", "log(x=2)", "rank(x)"])
def test_calls_that_are_no_function_of_these_values_are_refused(text: str) -> None:
    with pytest.raises(LookupError):
        value_of(parse_value(text))


def test_conditions_act_elementwise_on_arrays() -> None:
    columns = {"N": np.array([1.0, 10.0, 100.0]), "kind": np.array(["a", "b", "b"]), "b": "b"}

    def kept(text: str) -> list[bool]:
        return list(Arrays(lambda name: columns[name.id], refusal).value(parse_test(text)))

    assert kept("N > 5") == [False, True, True]
    assert kept("1 < N <= 10") == [False, True, False]
    assert kept("not N > 5 or kind == b and N > 50") == [True, False, True]
    assert kept("N in [5..100]") == [False, True, True]
    assert kept("kind in {b}") == [False, True, True]
    assert kept("N within 50% of 8") == [False, True, False]
    assert kept("rank(-N) <= 2") == [False, True, True]


@pytest.mark.parametrize(("text", "expected"), [("2%", True), ("(2%)", True), (".02", False), ("x", False)])
def test_percentages_are_known_by_their_sign(text: str, expected: bool) -> None:
    node = parse_value(text)
    assert not isinstance(node, ast.Range | ast.Set)
    assert is_percentage(node) is expected


@pytest.mark.parametrize("expression", ["10k^10k^10k", "2^1e9", "(2^1000)^1000", "0^-1", "(-1)^.5"])
def test_powers_without_a_result_say_so_at_once(expression: str) -> None:
    """Exact whole-number arithmetic would work on the first for ever; the last is no real number."""
    with pytest.raises(ArithmeticError):
        value_of(parse_value(expression))


@pytest.mark.parametrize(("expression", "value"), [("2^10", 1024), ("2^-1", 0.5), ("4^.5", 2.0), ("(-2)^3", -8)])
def test_powers(expression: str, value: float) -> None:
    assert value_of(parse_value(expression)) == value


@pytest.mark.parametrize(
    ("value", "nearest"), [(2.5, 3), (3.5, 4), (-2.5, -3), (2.4999, 2), (0.49999999999999994, 0), (7, 7), (-0.2, 0)]
)
def test_round_takes_halves_away_from_zero(value: float, nearest: int) -> None:
    """`layers=round(width/64)` at width 160 is 3 layers; Python's own `round` says 2."""
    assert rounded(value) == nearest
