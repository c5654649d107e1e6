"""Fits and optima of a study as values, and what the vocabulary declares of each."""

from __future__ import annotations

from dataclasses import dataclass, field

from ..plan.study_plan import FitRequest, OptimumRequest
from ..source import Span
from ..syntax import ast
from ..vocabulary.base import REGISTRY
from ..vocabulary.words.laws import Law
from ..vocabulary.words.optima import OptimumMethod
from .custom_law import own_law


@dataclass(frozen=True)
class Asked:
    """A request and where it stands."""

    request: FitRequest
    span: Span
    where: ast.Test | None = None
    #: Whether an optimum asked for it rather than `fit`.
    implied: bool = False
    #: The law's call; None for a law written out.
    call: ast.Call | None = None


@dataclass(frozen=True)
class AskedOptimum:
    """An optimum and where it stands."""

    request: OptimumRequest
    span: Span
    where: ast.Test | None = None


@dataclass
class Requests:
    """Fits and optima of a study."""

    fits: dict[str, Asked] = field(default_factory=dict)
    optima: dict[str, AskedOptimum] = field(default_factory=dict)


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
