"""A fitted law as a formula to copy: as studies and tables write it, and as Python does.

The law's own declaration is read: `E + A N^-alpha` with numbers in the place of its parameters, products written out.
"""

from __future__ import annotations

import re

from scalingdsl.spec.vocabulary import REGISTRY
from scalingdsl.spec.vocabulary.words.laws import Law

from .core.fit_result import Fit
from .custom.custom_form import is_expression

_TOKEN = re.compile(r"\d+\.?\d*|[A-Za-z_]\w*'?|\*\*|[-+*/^()]")
_FUNCTIONS = ("exp", "log", "min", "max")


def formula(fit: Fit, digits: int = 6) -> str | None:
    """The law with its numbers, as an expression of the language: `1.684 + 422.6*N^-0.3428 + 384.5*D^-0.2764`.

    None for a law that is no formula (a surface), one that its variables alone do not spell out (an implicit one, one
    with shared parameters), or a fit that did not work out.
    """
    text = _declared(fit)
    if text is None or not fit.succeeded:
        return None
    tokens = [_number(token, fit, digits) for token in _TOKEN.findall(text.replace("[", "(").replace("]", ")"))]
    return None if None in tokens else _products([token for token in tokens if token is not None])


def python_formula(fit: Fit) -> str | None:
    """The same as a Python expression of the law's variables, to 12 digits; `exp` is that of `math` or `numpy`."""
    text = formula(fit, digits=12)
    return None if text is None else text.replace("^", "**")


def _declared(fit: Fit) -> str | None:
    """The right side of the law's equation, in the names of its declaration."""
    if is_expression(fit.law):
        return fit.law
    law = REGISTRY.get(fit.law)
    text = law.formula if law is not None and issubclass(law, Law) else ""
    left, equals, right = text.rpartition(" = ")
    plain = re.fullmatch(r"(L\([^)]*\))?", left) and " with " not in right
    return right if right and (plain or not equals) else None


def _number(token: str, fit: Fit, digits: int) -> str | None:
    """A token with a parameter's number or a variable's name in its place; None where it is neither."""
    if not re.match(r"[A-Za-z_]", token) or token in _FUNCTIONS:
        return token
    if token == "x" and len(fit.variables) == 1:  # noqa: S105 - the variable of a law in one quantity
        return fit.variables[0]
    if token in fit.variables:
        return token
    value = fit.params.get(fit.details.names.get(token, token))
    if value is None:
        return None
    return f"{value:.{digits}g}" if value >= 0 else f"({value:.{digits}g})"


def _products(tokens: list[str]) -> str:
    """Tokens as text, with the products written out that mathematics leaves out."""
    text = ""
    for before, token in zip(["", *tokens], tokens):
        factor = re.match(r"[\w.(]", token) and (before[-1:] == ")" or re.match(r"[\w.]", before))
        if before and factor and before not in _FUNCTIONS:
            text += "*"
        text += f" {token} " if token in "+-" and before and before not in ("(", "^", "**", "*", "/") else token  # noqa: S105
    return text
