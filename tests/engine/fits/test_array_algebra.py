"""One value whatever the algebra: numbers, arrays, draws and functions of a grid's point agree on every tree."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scalingdsl.engine.analysis.claims.uncertain import Drawn, Draws
from scalingdsl.engine.fits.core.array_algebra import ELEMENTWISE, Arrays
from scalingdsl.spec.diagnostics.collect import Fault
from scalingdsl.spec.expressions.evaluate import OPERATIONS, Algebra
from scalingdsl.spec.plan.compile_expression import compiled
from scalingdsl.spec.plan.point_values import Value
from scalingdsl.spec.source import Span
from scalingdsl.spec.syntax import ast
from scalingdsl.spec.vocabulary.functions import FUNCTIONS

NAMES = ("N", "D", "x")

leaves = st.one_of(
    st.sampled_from([ast.Name(name) for name in NAMES]),
    st.sampled_from([ast.Number(text) for text in ("0", "1", "2.5", "3", "40%", "1k")]),
)


def deeper(inner: st.SearchStrategy[Any]) -> st.SearchStrategy[Any]:
    """Expressions made of others."""
    binary = st.builds(ast.Binary, st.sampled_from(["+", "-", "*", "/", "^"]), inner, inner)
    one = st.sampled_from([name for name, function in FUNCTIONS.items() if function.most == 1])
    several = st.sampled_from([name for name, function in FUNCTIONS.items() if function.most > 1])
    return st.one_of(
        binary,
        st.builds(ast.Negate, inner),
        st.builds(lambda name, arg: ast.Call(name, (arg,)), one, inner),
        st.builds(lambda name, args: ast.Call(name, tuple(args)), several, st.lists(inner, min_size=2, max_size=3)),
    )


expressions = st.recursive(leaves, deeper, max_leaves=8)
signs = st.sampled_from(["<", "<=", ">", ">=", "==", "!="])
relations = st.one_of(
    st.builds(lambda a, s, b: ast.Chain(a, ((s, b),)), expressions, signs, expressions),
    st.builds(lambda a, s, b, t, c: ast.Chain(a, ((s, b), (t, c))), expressions, signs, expressions, signs, leaves),
    st.builds(lambda a, b, c: ast.Inside(a, ast.Range(b, c)), expressions, leaves, leaves),
    st.builds(
        lambda a, b: ast.Inside(a, ast.Set(tuple(ast.Entry(None, v) for v in b))),
        expressions,
        st.lists(leaves, min_size=1, max_size=3),
    ),
    st.builds(ast.Near, expressions, leaves, expressions),
)
conditions = st.recursive(
    relations,
    lambda inner: st.one_of(
        st.builds(ast.And, inner, inner), st.builds(ast.Or, inner, inner), st.builds(ast.Not, inner)
    ),
    max_leaves=3,
)
numbers = st.sampled_from([-3.5, -1.0, -0.5, 0.0, 0.5, 1.0, 2.0, 2.5, 7.0, 1e3])
points = st.fixed_dictionaries(dict.fromkeys(NAMES, numbers))


class Grid:
    """Names of a grid whose axes they are."""

    def knows(self, name: str) -> bool:
        """Whether it is an axis."""
        return name in NAMES

    def value(self, name: str, span: Span) -> Value:
        """The axis itself."""
        return Value(frozenset({name}), lambda point: point[name])


def on_numbers(node: Any, point: dict[str, float]) -> Any:
    """The value on plain numbers; None where there is none."""
    try:
        found = Algebra(lambda name: point[name.id], AssertionError).value(node)
    except (ArithmeticError, ValueError):
        return None
    return found if isinstance(found, bool) or (math.isfinite(found) and abs(found) < 1e100) else None


def near(one: float, two: float) -> bool:
    """Whether two values are one but for the last digits, of which a grid's functions keep twelve."""
    return math.isclose(one, two, rel_tol=1e-9, abs_tol=1e-9)


@given(expressions, points)
def test_expressions_have_one_value(node: Any, point: dict[str, float]) -> None:
    """Infinity and NaN apart, which stand for no value in arrays and draws, and are errors of numbers."""
    value = on_numbers(node, point)
    if value is None:
        return
    try:
        lazy = compiled(node, Grid()).at(point)
    except (ArithmeticError, ValueError):  # cut to twelve digits, a difference may be 0
        return
    with np.errstate(all="ignore"):
        array = Arrays(lambda name: np.array([point[name.id], 1.0]), AssertionError).value(node)
        drawn = Draws(lambda name: Drawn.exact([point[name.id]]), AssertionError).value(node)
    array = np.broadcast_to(array, (2,))[0]
    drawn = drawn.value[0] if isinstance(drawn, Drawn) else drawn
    if not steep(node):
        assert near(value, lazy)
    elif any(isinstance(n, ast.Call) and n.name in ("round", "floor", "ceil") for n in walk(node)):
        return  # a last digit decides what is rounded
    assert near(value, array)
    assert near(value, drawn) or np.isnan(drawn)


@given(conditions, points)
def test_conditions_have_one_value(node: Any, point: dict[str, float]) -> None:
    value = on_numbers(node, point)
    if value is None or steep(node):
        return
    assert isinstance(value, bool)
    with np.errstate(all="ignore"):
        array = Arrays(lambda name: np.array([point[name.id], 1.0]), AssertionError).value(node)
        drawn = Draws(lambda name: Drawn.exact([point[name.id]]), AssertionError).value(node)
    assert bool(np.broadcast_to(array, (2,))[0]) is value
    assert compiled(node, Grid()).at(point) == value
    drawn = drawn.value[0] if isinstance(drawn, Drawn) else float(drawn)
    assert drawn == float(value) or np.isnan(drawn)


def steep(node: Any) -> bool:
    """Whether the last digit of a function's value may decide the result."""
    return any(isinstance(n, ast.Call) and n.name in ("sqrt", "log", "exp") for n in walk(node)) or any(
        isinstance(n, ast.Binary) and n.op == "^" for n in walk(node)
    )


def walk(node: Any) -> list[Any]:
    """Every node of a tree."""
    found, waiting = [], [node]
    while waiting:
        one = waiting.pop()
        if isinstance(one, tuple):
            waiting += one
        elif isinstance(one, ast.Node):
            found.append(one)
            waiting += vars(one).values()
    return found


@pytest.mark.parametrize("value", [2.5, 3.5, -2.5, 2.4999, 0.49999999999999994, 7.0, -0.2])
def test_round_is_one_function(value: float) -> None:
    """Halves away from zero, in numbers and in arrays."""
    assert OPERATIONS["round"](value) == ELEMENTWISE["round"](np.array([value]))[0]


def test_every_operation_is_known_to_arrays() -> None:
    assert set(OPERATIONS) == set(ELEMENTWISE)


def test_labels_beside_equality() -> None:
    """In a grid a name that stands for nothing is a label beside `==` and in a list, and nowhere else."""
    same = ast.Chain(ast.Name("x"), (("==", ast.Name("muP")),))
    assert compiled(same, Grid()).at({"x": "muP"}) is True
    listed = ast.Inside(ast.Name("x"), ast.Set((ast.Entry(None, ast.Name("SP")), ast.Entry(None, ast.Name("muP")))))
    assert compiled(listed, Grid()).at({"x": "muP"}) is True


def test_a_side_that_does_not_matter_is_not_worked_out() -> None:
    """`x > 0 and 1/x > 2` has a value at 0 in a grid."""
    zero, two = ast.Number("0"), ast.Number("2")
    above = ast.Chain(ast.Name("x"), ((">", zero),))
    inverse = ast.Chain(ast.Binary("/", ast.Number("1"), ast.Name("x")), ((">", two),))
    assert compiled(ast.And(above, inverse), Grid()).at({"x": 0}) is False
    with pytest.raises((Fault, ArithmeticError)):
        compiled(inverse, Grid()).at({"x": 0})
