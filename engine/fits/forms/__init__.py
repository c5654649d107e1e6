"""The laws that can be fitted, one file each; a module that registers a `Form` is found by itself, one of another
package where its entry point names it.

What a law is called, what its parameters are and how it is fitted by default is declared in the vocabulary of the
language; here is what it computes.
"""

from __future__ import annotations

from scalingdsl.spec.diagnostics.suggest import near_miss
from scalingdsl.spec.errors import FitError
from scalingdsl.spec.vocabulary import REGISTRY
from scalingdsl.spec.vocabulary.plugins import implementation
from scalingdsl.spec.vocabulary.words.laws import Law, Parameter

from ..core.form import FORMS, Form
from ..custom.custom_form import VARIABLES, is_expression, own_form

__all__ = ["Form", "Parameter", "declaration", "form", "forms"]


def forms() -> dict[str, Form]:
    """Every law that has a form, by its word."""
    return {law.word: form for law, form in FORMS.all().items()}


def form(word: str, variables: tuple[str, ...] = ()) -> Form:
    """The law of this name; or that this expression is, in which `variables` are no parameters.

    Raises:
        FitError: No law has this name; the message lists those there are.
    """
    if is_expression(word):
        return own_form(word, variables or VARIABLES)
    if word in REGISTRY and word not in forms():
        implementation(word)
    if (known := forms().get(word)) is None:
        if word in REGISTRY and issubclass(REGISTRY[word], Law):
            raise FitError(f"the law {word!r} is declared by {REGISTRY[word].package}, and nothing here fits it")
        laws = sorted(name for name, term in REGISTRY.items() if issubclass(term, Law))
        raise FitError(f"no law is called {word!r}; the laws are {', '.join(laws)}{near_miss(word, laws)}")
    return known


def declaration(word: str, variables: tuple[str, ...] = ()) -> type[Law]:
    """What is declared of a law, of one written out in these variables too; else what holds for every law."""
    if is_expression(word):
        return own_form(word, variables).law if variables else Law
    declared = REGISTRY.get(word, Law)
    return declared if issubclass(declared, Law) else Law
