"""The laws that can be fitted, one file each; a module that defines `FORM` or `FORMS` is found by itself.

A law's word, its default objective and the names of its parameters are declared in the vocabulary of the language;
here is what it computes.
"""

from __future__ import annotations

from functools import cache
from importlib import import_module
from pkgutil import iter_modules

from scalingdsl.spec.diagnostics.suggest import did_you_mean
from scalingdsl.spec.errors import FitError
from scalingdsl.spec.vocabulary import REGISTRY
from scalingdsl.spec.vocabulary.words.laws import Law

from ..core.form import Form, Parameter
from ..custom.custom_form import VARIABLES, is_expression, own_form

__all__ = ["Form", "Parameter", "declaration", "form", "forms", "names_in"]


@cache
def forms() -> dict[str, Form]:
    """Every law by its word."""
    found: dict[str, Form] = {}
    for module in sorted(info.name for info in iter_modules(__path__)):
        loaded = import_module(f"{__name__}.{module}")
        own: tuple[Form, ...] = (*getattr(loaded, "FORMS", ()), *((loaded.FORM,) if hasattr(loaded, "FORM") else ()))
        for law in own:
            assert law.word not in found, f"two laws called {law.word!r}"
            found[law.word] = law
    return found


def form(word: str, variables: tuple[str, ...] = ()) -> Form:
    """The law of this name; or that this expression is, in which `variables` are no parameters.

    Raises:
        FitError: No law has this name; the message lists those there are.
    """
    known = forms()
    if is_expression(word):
        return own_form(word, variables or VARIABLES)
    if word not in known:
        laws = sorted(name for name, term in REGISTRY.items() if issubclass(term, Law))
        raise FitError(f"no law is called {word!r}; the laws are {', '.join(laws)}{did_you_mean(word, laws)}")
    return known[word]


def declaration(word: str) -> type[Law]:
    """What the language says of a law."""
    if is_expression(word):
        return Law
    declared = REGISTRY[word]
    assert issubclass(declared, Law)
    return declared


def names_in(law: Form, variables: tuple[str, ...]) -> dict[str, str]:
    """The law's generic parameter names -> their names when it is read in these quantities."""
    if is_expression(law.word):
        return {name: name for name in law.parameter_names}
    return dict(zip(law.parameter_names, declaration(law.word).parameters(variables)))
