"""Numbers and terms as functions of a point of the axes that also know which axes they read.

What a value gives is kept by the values of those axes alone, so that a width's parameter count is worked out once,
however many rates and seeds it meets.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from operator import itemgetter
from typing import Any, NamedTuple, Protocol

from ..diagnostics.collect import Fault
from ..source import Span
from ..syntax.ast import NOWHERE, Call, Number
from ..vocabulary.base import Scalar

Point = Mapping[str, Scalar]


class Value(NamedTuple):
    """A number or term as a function of the point, and the names of the axes it reads."""

    axes: frozenset[str]
    at: Callable[[Point], Any]


def fixed(value: Any) -> Value:
    """A value that is the same at every point."""
    return Value(frozenset(), lambda point: value)


class RunNames(Protocol):
    """The values of one choice of alternatives, as expressions and what follows from them read it; a `Grid` is one."""

    calls: Mapping[str, Call]

    @property
    def on_points(self) -> bool: ...
    @property
    def trained(self) -> bool: ...
    @property
    def elsewhere(self) -> bool: ...
    @property
    def steps(self) -> bool: ...
    @property
    def draws_anew(self) -> bool: ...
    def knows(self, name: str) -> bool: ...
    def value(self, name: str, span: Span = NOWHERE) -> Value: ...
    def given(self, name: str) -> Value | None: ...
    def gives(self, name: str) -> bool: ...
    def term(self, part: str) -> Value: ...
    def numbers(self, name: str) -> Mapping[str, Number]: ...


def memoised(axes: frozenset[str], compute: Callable[[Point], Any], span: Span, what: str) -> Value:
    """A value worked out once for each combination of the axes it reads. What fails, fails the same way again."""
    names = sorted(axes)
    project: Callable[[Point], Any] = itemgetter(*names) if names else (lambda point: None)
    memory: dict[Any, Any] = {}

    def at(point: Point) -> Any:
        key = project(point)
        found = memory.get(key)
        if found is None:
            try:
                found = compute(point)
            except Fault as fault:
                fault.axes = fault.axes or axes
                found = fault
            except (ArithmeticError, TypeError, ValueError) as error:
                why = "it divides by zero" if isinstance(error, ZeroDivisionError) else "the arithmetic has no result"
                helps = (
                    "change the formula so that it has a value at every point, or leave that point out with `where`",
                )
                found = Fault("SCL204", f"{what} cannot be computed: {why}", span, helps=helps)
                found.axes = axes
            memory[key] = found
        if isinstance(found, Fault):
            raise found
        return found

    return Value(axes, at)


def derived(name: str, compute: Callable[..., Any], *parts: Value) -> Value:
    """A value that follows from others, and that no place in the study states."""
    axes = frozenset().union(*(part.axes for part in parts))
    return memoised(axes, lambda point: compute(*(part.at(point) for part in parts)), NOWHERE, f"`{name}`")
