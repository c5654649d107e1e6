"""Additive laws: a level, if there is one, and for each variable a coefficient times a falling power of it.

References: Hoffmann et al. 2022, section 3.3, arXiv:2203.15556 (chinchilla); Muennighoff et al. 2023, arXiv:2305.16264,
who tie the exponents so that N and D scale alike (tied); with E fixed at 0 the law in one variable is a straight line
on logarithmic axes (power); Alabdulmohsin, Neyshabur and Zhai 2022, arXiv:2209.06640, whose beta, c and err_inf are A,
alpha and E here (m1, m2).
"""

from __future__ import annotations

from collections.abc import Callable, Mapping

import numpy as np
from scalingdsl.spec.vocabulary import REGISTRY
from scalingdsl.spec.vocabulary.words.laws import Law

from ..core.fit_result import Array
from ..core.form import Form, Values, falling, register


def _same(x: Array) -> Array:
    return x


def sum_of_powers(
    law: type[Law], summands: Mapping[str, tuple[str, str]], read: Callable[[Array], Array] = _same
) -> Form:
    """The form of a law that adds up powers of its variables, or of what `read` makes of them.

    Args:
        law: Its declaration.
        summands: Variable -> its coefficient and its exponent.
        read: What is raised to the power.
    """
    levels = tuple(p.name for p in law.params if p.kind == "level")

    def value(variables: Values, params: Values) -> Array:
        terms = (params[factor] * falling(read(variables[v]), params[power]) for v, (factor, power) in summands.items())
        return np.asarray(sum(terms, sum((params[name] for name in levels), np.zeros(()))))

    def gradient(variables: Values, params: Values) -> dict[str, Array]:
        partial: dict[str, Array] = {}
        for v, (factor, power) in summands.items():
            x = read(variables[v])
            partial[factor] = falling(x, params[power])
            by_power = -params[factor] * partial[factor] * np.log(x)
            partial[power] = partial[power] + by_power if power in partial else by_power
        shape = np.broadcast_shapes(*(p.shape for p in partial.values()))
        return partial | {name: np.ones(shape) for name in levels}

    return Form(law, value, gradient, linear=(*levels, *(factor for factor, _ in summands.values())))


for _law in tuple(REGISTRY.values()):
    if issubclass(_law, Law) and _law.additive:
        register(sum_of_powers(_law, _law.summands()))
