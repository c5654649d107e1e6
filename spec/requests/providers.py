"""The fit or optimum that gives a quantity, for a study that asks for one it does not have."""

from __future__ import annotations

from collections.abc import Iterator

from ..diagnostics.suggest import listing
from ..vocabulary.base import REGISTRY
from ..vocabulary.quantities import QUANTITIES
from ..vocabulary.words.laws import Law
from ..vocabulary.words.optima import OptimumMethod


def help_for(name: str) -> tuple[str, ...]:
    """The addition to a study that makes it give a quantity; empty where no law and no optimum has it."""
    found = [f"fit {law}" for law in _laws(name)][:1] + [f"optimum {method}" for method in _methods(name)][:1]
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


def _methods(name: str) -> Iterator[str]:
    for word, method in REGISTRY.items():
        if issubclass(method, OptimumMethod) and name in (*method.parameters(), *method.curves):
            yield f"{word}(chinchilla)" if method.needs_fit else word
