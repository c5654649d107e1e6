"""Values of expressions and conditions: one walk over the tree, in whichever algebra the values are of.

An algebra says what a name stands for and how an operation is applied: to numbers here, to functions of a grid's point
(`plan/compile_expression.py`), to arrays and to estimates with draws in the engine.
"""

from __future__ import annotations

import operator
from collections.abc import Callable, Mapping
from functools import reduce
from typing import Any, Generic, TypeVar

from ..syntax import ast
from ..syntax.numbers import number
from ..vocabulary.functions import CELL_FUNCTIONS, FUNCTIONS, Function

V = TypeVar("V")

#: Whole numbers are exact up to here; powers beyond are worked out as floats, which overflow at once.
EXACT_BITS = 1024


def power(base: Any, exponent: Any) -> Any:
    """`base ^ exponent`, never a complex number, and never minutes of exact arithmetic: `10k^10k^10k` overflows."""
    if isinstance(base, int) and isinstance(exponent, int) and base.bit_length() * abs(exponent) > EXACT_BITS:
        return float(base) ** exponent
    result = operator.pow(base, exponent)
    if isinstance(result, complex):
        raise ArithmeticError("a broken power of a negative number")
    return result


#: Every operation of the language on numbers and truth values, by its sign or name.
OPERATIONS: dict[str, Callable[..., Any]] = {
    "+": operator.add,
    "-": operator.sub,
    "*": operator.mul,
    "/": operator.truediv,
    "^": power,
    "negate": operator.neg,
    "<": operator.lt,
    "<=": operator.le,
    ">": operator.gt,
    ">=": operator.ge,
    "==": operator.eq,
    "!=": operator.ne,
    "and": operator.and_,
    "or": operator.or_,
    "not": operator.not_,
    **{name: function.operation for name, function in CELL_FUNCTIONS.items()},
}


class Algebra(Generic[V]):
    """Works out trees; numbers as they are, and names and calls that are no function as the caller says."""

    #: Functions that may be called.
    functions: Mapping[str, Function] = FUNCTIONS

    def __init__(self, name: Callable[[ast.Name], V], refusal: Callable[[ast.Call], Exception]) -> None:
        #: The value of a name; it raises where there is none.
        self.name = name
        #: The error about a call that is no function, or does not take these arguments.
        self.refusal = refusal

    def constant(self, value: Any) -> V:
        """A number or text."""
        found: V = value
        return found

    def apply(self, operation: str, *operands: V) -> V:
        """One of `OPERATIONS` on values."""
        found: V = OPERATIONS[operation](*operands)
        return found

    def label(self, node: ast.Name) -> V:
        """A name on a side of `==`, `!=` or in a list."""
        return self.name(node)

    def call(self, node: ast.Call) -> V:
        """A function of its arguments."""
        if not well_called(node, self.functions):
            raise self.refusal(node)
        return self.apply(node.name, *(self.value(a) for a in node.args))

    def leaf(self, node: Any) -> V:
        """The value of what the language has none for, such as a sweep or a group of several; it raises here."""
        raise TypeError(f"{type(node).__name__} has no value here")

    def value(self, node: Any) -> V:
        """The value of an expression or condition.

        Numbers lose their unit, a percentage is a fraction; `x in [a..b]` is the closed interval; a chain is the
        conjunction of its steps.
        """
        match node:
            case ast.Number(text):
                return self.constant(number(text).value)
            case ast.String(value):
                return self.constant(value)
            case ast.Name():
                return self.name(node)
            case ast.Call():
                return self.call(node)
            case ast.Group((item,)):
                return self.value(item)
            case ast.Binary(sign, left, right):
                return self.apply(sign, self.value(left), self.value(right))
            case ast.Negate(operand):
                return self.apply("negate", self.value(operand))
            case ast.And(left, right):
                return self.apply("and", self.value(left), self.value(right))
            case ast.Or(left, right):
                return self.apply("or", self.value(left), self.value(right))
            case ast.Not(operand):
                return self.apply("not", self.value(operand))
            case ast.Chain(first, rest):
                return self._chain(first, rest)
            case ast.Inside(value, ast.Range(start, stop)):
                return self._chain(start, (("<=", value), ("<=", stop)))
            case ast.Inside(value, ast.Set(entries)):
                one = self.value(value)
                return self._all("or", [self.apply("==", one, self._side(e.value)) for e in entries])
            case ast.Near(value, tolerance, target):
                return self._near(self.value(value), tolerance, self.value(target))
        return self.leaf(node)

    def _side(self, node: Any) -> V:
        return self.label(node) if isinstance(node, ast.Name) else self.value(node)

    def _chain(self, first: Any, rest: tuple[tuple[str, Any], ...]) -> V:
        side = self._side if any(sign in ("==", "!=") for sign, _ in rest) else self.value
        sides = [side(node) for node in (first, *(node for _, node in rest))]
        steps = zip((sign for sign, _ in rest), sides, sides[1:], strict=False)
        return self._all("and", [self.apply(sign, one, two) for sign, one, two in steps])

    def _all(self, operation: str, parts: list[V]) -> V:
        return reduce(lambda one, two: self.apply(operation, one, two), parts)

    def _near(self, value: V, tolerance: ast.Expr, target: V) -> V:
        """The condition that a value is within a tolerance of a target; a percentage is relative to the target."""
        width = self.value(tolerance)
        if is_percentage(tolerance):
            width = self.apply("*", width, self.apply("abs", target))
        return self.apply("<=", self.apply("abs", self.apply("-", value, target)), width)


def well_called(node: ast.Call, functions: Mapping[str, Function]) -> bool:
    """True for the call of a function, with as many values as it takes and nothing else."""
    function = functions.get(node.name)
    return (
        function is not None
        and function.fewest <= len(node.args) <= function.most
        and not any(isinstance(a, ast.Binding) for a in node.args)
    )


def is_percentage(node: ast.Expr) -> bool:
    """True for a number written with `%`."""
    while isinstance(node, ast.Group) and len(node.items) == 1 and not isinstance(node.items[0], ast.Or | ast.And):
        node = node.items[0]  # type: ignore[assignment]
    return isinstance(node, ast.Number) and number(node.text).unit == "%"
