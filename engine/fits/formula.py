"""A fitted law as a formula to copy: as studies and tables write it, and as Python does.

The law's declared expression is read, with numbers in the place of its parameters.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from scalingdsl.spec.errors import FitError
from scalingdsl.spec.syntax import ast
from scalingdsl.spec.syntax.numbers import number
from scalingdsl.spec.syntax.parser import parse_value
from scalingdsl.spec.syntax.printer import to_text
from scalingdsl.spec.syntax.visit import map_children

from .core.fit_result import Fit
from .custom.custom_form import is_expression
from .forms import declaration, form

#: Functions that laws are made of.
FUNCTIONS = ("log", "exp", "sqrt", "abs", "max", "min")


def formula(fit: Fit, digits: int = 6) -> str | None:
    """The law with its numbers, as an expression of the language: `1.684 + 422.6*N^-0.3428 + 384.5*D^-0.2764`.

    None for a law that no expression gives (a surface, an implicit one), one with a parameter that differs from cell to
    cell or panel to panel, or a fit that did not work out.
    """
    tree = _numbered(fit, digits)
    return None if tree is None else to_text(tree).removeprefix("0 + ")


def python_formula(fit: Fit) -> str | None:
    """The same as a Python expression of the law's variables; `exp` and `sqrt` are those of `math` or `numpy`.

    Its numbers are whole: what it computes is what the fit predicts.
    """
    tree = _numbered(fit, 17)
    return None if tree is None else _python(tree)


def _numbered(fit: Fit, digits: int) -> Any:
    """The law's expression with numbers for parameters and the fit's names for variables; None where it has none."""
    text = fit.law if is_expression(fit.law) else declaration(fit.law).expression
    if not text or not fit.succeeded:
        return None
    law = form(fit.law, fit.variables)
    arrays = {name for name, value in fit.details.options.fixed.items() if np.ndim(value)}
    own = {name: fit.details.names.get(name, name) for name in law.parameter_names}
    if any(shown not in fit.params or {name, shown} & arrays for name, shown in own.items()):
        return None
    values = {name: _number(fit.params[shown], digits) for name, shown in own.items()}
    values |= {name: ast.Name(shown) for name, shown in zip(law.variables, fit.variables)}

    def placed(node: Any) -> Any:
        return values.get(node.id, node) if isinstance(node, ast.Name) else map_children(node, placed)

    return placed(parse_value(text))


def _number(value: float, digits: int) -> Any:
    written = ast.Number(f"{abs(value):.{digits}g}")
    return written if value >= 0 else ast.Group((ast.Negate(written),))


def _python(node: Any) -> str:
    """An expression of numbers and variables as Python has it."""
    match node:
        case ast.Number(text):
            return repr(float(number(text).value) if text[-1].isalpha() or text[-1] == "%" else float(text))
        case ast.Name(name):
            return name
        case ast.Binary(sign, left, right):
            return f"{_python(left)}**{_python(right)}" if sign == "^" else f"{_python(left)} {sign} {_python(right)}"
        case ast.Negate(operand):
            return f"-{_python(operand)}"
        case ast.Group(items):
            return f"({_python(items[0])})"
        case ast.Call(name, args) if name in FUNCTIONS:
            return f"{name}({', '.join(map(_python, args))})"
    raise FitError(f"`{to_text(node)}` has no place in a law")
