"""Fits and optima of a study as values, and what the vocabulary declares of each."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Generic, TypeVar

from ..plan.study_plan import FitRequest, OptimumRequest
from ..source import Span
from ..syntax import ast
from ..vocabulary.base import REGISTRY
from ..vocabulary.words.laws import Law
from ..vocabulary.words.optima import OptimumMethod
from .custom_law import own_law

R = TypeVar("R", FitRequest, OptimumRequest)


@dataclass(frozen=True)
class Located(Generic[R]):
    """A request and its place in the study."""

    request: R
    span: Span
    where: ast.Test | None = None
    #: Whether it is a fit that an optimum needs and `fit` does not list.
    implied: bool = False
    #: The call of a fit's law; None for a law written out.
    call: ast.Call | None = None


LocatedFit = Located[FitRequest]
LocatedOptimum = Located[OptimumRequest]


@dataclass
class Requests:
    """Fits and optima of a study."""

    fits: dict[str, LocatedFit] = field(default_factory=dict)
    optima: dict[str, LocatedOptimum] = field(default_factory=dict)


def law_of(request: FitRequest) -> type[Law]:
    """The declaration of a fit's law."""
    word = REGISTRY.get(request.law) or own_law(request.law, tuple(v for v, _ in request.variables))
    assert issubclass(word, Law)
    return word


def parameters(request: FitRequest) -> tuple[str, ...]:
    """The parameters of a fit, fixed ones included."""
    return law_of(request).parameters(request.quantities)


def free_parameters(request: FitRequest) -> tuple[str, ...]:
    """The parameters that a fit has to find."""
    fixed = {name for name, _ in request.fixed}
    return tuple(name for name in parameters(request) if name not in fixed)


def method_of(request: OptimumRequest) -> type[OptimumMethod]:
    """The declaration of an optimum's method."""
    method = REGISTRY[request.method]
    assert issubclass(method, OptimumMethod)
    return method
