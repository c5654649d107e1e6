"""The numbers that fits and optima give, and so claims can ask of them; and which of both would give another."""

from __future__ import annotations

from collections.abc import Collection, Iterator

from ..diagnostics.suggest import listing
from ..plan.study_plan import FitRequest, OptimumRequest
from ..vocabulary.base import REGISTRY, Word
from ..vocabulary.functions import CURVES
from ..vocabulary.parameters import typed
from ..vocabulary.quantities import QUANTITIES, statistics
from ..vocabulary.words.laws import Law
from ..vocabulary.words.optima import OptimumMethod
from .request_types import free_parameters, law_of, method_of, parameters

Request = FitRequest | OptimumRequest


#: What a law predicts at sizes given by name.
PREDICTED = tuple(name for name, curve in CURVES.items() if curve.at_sizes)


def of_fit(request: FitRequest) -> tuple[str, ...]:
    """A fit's own numbers, asked for by name: parameters, what they are worth between panels, statistics."""
    free = set(free_parameters(request)) - set(request.shared)
    law = law_of(request)
    worth = [n for n, (factor, power) in law.worth.items() if power in request.shared and factor in free]
    both = [name for name, factors in law.worth_both.items() if set(factors) <= set(worth)]
    return (*parameters(request), *worth, *both, *statistics())


def of_optimum(request: OptimumRequest) -> tuple[str, ...]:
    """The numbers and the curves of an optimum."""
    method = method_of(request)
    return (*method.parameters(), *method.curves)


def of_request(request: Request) -> tuple[str, ...]:
    """Everything that can be asked of a fit or optimum that is named."""
    if isinstance(request, OptimumRequest):
        return of_optimum(request)
    one = len(request.variables) == 1
    curves = (name for name, curve in CURVES.items() if one or not curve.one_variable)
    return tuple(dict.fromkeys((*of_fit(request), *curves)))


def counterpart(name: str, request: Request) -> str | None:
    """A fit's own name for the coefficient or exponent of this name: `alpha` of a law in D is its `beta`."""
    if isinstance(request, OptimumRequest):
        return None
    there = parameters(request)
    for place in (0, 1):
        same = list(dict.fromkeys(q.parameters[place] for q in QUANTITIES.values() if q.size))
        found = [own for own in same if own in there]
        if name in same and len(found) == 1:
            return found[0]
    return None


def help_for(name: str) -> tuple[str, ...]:
    """The addition to a study that makes it give a quantity; empty where no law and no optimum has it."""
    found: list[str] = []
    for kind, words in (("fit", _laws(name)), ("optimum", _methods(name))):
        found += [f"{kind} {word}" for word in words][:1]
    return (f"add {listing(found, last='or')}",) if found else ()


def _laws(name: str) -> Iterator[str]:
    """Laws with a parameter of that name as `fit` takes them: `power` first, then in the order of the vocabulary."""
    for quantity in QUANTITIES.values():
        if quantity.size and name in quantity.parameters:
            yield f"power({quantity.name})"
    for word, law in REGISTRY.items():
        if not issubclass(law, Law):
            continue
        given = {v: v if v in ("N", "D") else "N" if v == "x" else "unique" for v in law.variables}
        if name in law.parameters(tuple(given.values())):
            said = ["N"] if "x" in given else [f"{v}={q}" for v, q in given.items() if v != q]
            yield f"{word}({', '.join(said)})" if said else word


def given_by(word: type[Word], name: str) -> bool:
    """True for a law or a way to an optimum that gives a number of this name."""
    if issubclass(word, OptimumMethod):
        return name in (*word.parameters(), *word.curves)
    return issubclass(word, Law) and any(name in word.parameters((q, "D")[: len(word.variables)]) for q in ("N", "D"))


def worth_shared(name: str, request: FitRequest, apart: Collection[str]) -> tuple[str, ...]:
    """The parameters that panels have to share for a fit to give this number; none for any other.

    Panels of one source have one floor, those of several their own: `apart` are the axes that they may lie on.
    """
    law = law_of(request)
    if name in law.worth:
        needed = {law.worth[name][1]}
    elif name in law.worth_both:
        factors = law.worth_both[name]
        needed = {law.worth[one][1] for one in factors if one in law.worth}
    else:
        return ()
    free = free_parameters(request)
    sources = [word for word in REGISTRY.values() if word.kind in ("source", "graph")]
    several = any(axis == "data" or any(axis in typed(word) for word in sources) for axis in apart)
    floor = ("E",) if "E" in free and not several else ()
    exponents = tuple(p for p in free if p in {power for _, power in law.worth.values()})
    return (*floor, *exponents) if needed <= {*exponents} else ()


def _methods(name: str) -> Iterator[str]:
    for word, method in REGISTRY.items():
        if issubclass(method, OptimumMethod) and name in (*method.parameters(), *method.curves):
            yield f"{word}(chinchilla)" if method.needs_fit else word
