"""A law in one line, with its numbers in place of its parameters."""

from __future__ import annotations

import math
import re

from ...analysis.analysis_result import PanelFit
from ...fits.core.fit_result import Fit
from ...fits.forms import declaration
from ...formatting import magnitude
from ..sections.headline import exponents_in
from ..sections.law_tables import formula, interval

#: `A N^-alpha` in a formula: a coefficient, a variable and the power that it falls with.
_TERM = re.compile(r"\b([A-Za-z_]\w*)[ *]([A-Za-z_]\w*)\^-([A-Za-z_]\w*)")
_NAME = re.compile(r"(?<![\w.])[A-Za-z_]\w*\b(?!\()")


def in_numbers(panel_fit: PanelFit, fit: Fit) -> str:
    """`L(N, D) = 2.37 + (N/2.98k)^-1.9 + (D/12k)^-1.3`; empty for a law without a formula.

    A coefficient and its power are one number in units of the variable: the N at which the term is one nat a token.
    """
    law = formula(panel_fit) or _own(panel_fit)
    exponents = exponents_in(panel_fit.request)

    def term(found: re.Match[str]) -> str:
        factor, variable, power = found.groups()
        if factor not in fit.params or power not in exponents or fit.params[factor] <= 0:
            return found[0]
        log_scale = math.log(fit.params[factor]) / fit.params[power]
        return f"({variable}/{magnitude(math.exp(log_scale))})^-{power}" if abs(log_scale) < 80 else found[0]

    left, _, right = law.partition(" = ")
    declared = declaration(fit.law, fit.variables).parameters(panel_fit.request.quantities)
    if not right or not {*declared} <= {*fit.params}:
        return ""
    right = _TERM.sub(term, right)
    told = _NAME.sub(lambda name: interval(fit, name[0])[0] if name[0] in fit.params else name[0], right)
    return f"{left} = {told.removeprefix('0 + ')}"


def _own(panel_fit: PanelFit) -> str:
    """A law that the study wrote out."""
    text = panel_fit.request.law.removeprefix("=").strip()
    return f"L = {text}" if not text.isidentifier() else ""
