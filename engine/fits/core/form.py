"""What a law is to the solver: a plain function of named parameters, and its gradient.

Laws are written once, as functions of arrays that broadcast: a parameter may be a number, one value a point, or one
column a start. Everything else the solver needs follows from the declaration: which parameters are coefficients
(positive, fitted as logarithms), which are exponents, and what a change of the variables' units does to them.

Reference for solving the linear part exactly: Golub and Pereyra 2003, "Separable nonlinear least squares".
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, Protocol

import numpy as np
from scalingdsl.spec.vocabulary.words.laws import EXPONENT_BOUND, Law, Parameter

from ...registry import Registry
from .fit_result import Array

Values = Mapping[str, Array]

#: Exponents from which starts are made: dense where published laws lie.
EXPONENT_GRID = np.geomspace(0.02, EXPONENT_BOUND, 20)
#: Far below the rounding of any parameter: the step of a derivative whose square vanishes.
STEP = 1e-30


def falling(x: Array, power: Array) -> Array:
    """x^-power for positive x; several times as fast as numpy's power, which works number by number."""
    return np.asarray(np.exp(-power * np.log(x)))


def softplus(z: Array) -> Array:
    """log(1 + e^z), for complex z too."""
    large = np.real(z) > 0
    return np.asarray(np.where(large, z, 0.0) + np.log1p(np.exp(np.where(large, -z, z))))


def complex_step(value: Callable[[Values, Values], Array]) -> Callable[[Values, Values], dict[str, Array]]:
    """The gradient of a law that is analytic in its parameters, exact and slower than one written out.

    f(p + i h) = f(p) + i h f'(p) to first order, without a difference of like numbers. A law that is analytic in
    pieces chooses its piece by the real parts.

    Reference: Squire and Trapp 1998, "Using complex variables to estimate derivatives of real functions".
    """

    def gradient(variables: Values, params: Values) -> dict[str, Array]:
        def moved(name: str) -> Any:
            return {**params, name: params[name] + 1j * STEP}

        return {name: np.imag(value(variables, moved(name))) / STEP for name in params}

    return gradient


@dataclass(frozen=True)
class Form:
    """One law.

    Attributes:
        law: Its declaration.
        value: Loss for variables and parameters by name, nats a token; broadcasts.
        gradient: Derivative of `value` by each parameter, by name; broadcasts.
        linear: Parameters in which `value` is linear once the others are held.
    """

    law: type[Law]
    value: Callable[[Values, Values], Array]
    gradient: Callable[[Values, Values], dict[str, Array]]
    linear: tuple[str, ...] = ()
    #: Whether its variables may be measured in any unit; otherwise they keep theirs.
    scales: bool = True
    #: Variables measured in the unit of another one: {"U": "D"}.
    unit_of: Mapping[str, str] = field(default_factory=dict)
    #: Values from which starts are made of a parameter in which the law is not linear; of exponents, unless given here,
    #: those of EXPONENT_GRID.
    grids: Mapping[str, Array] = field(default_factory=dict)
    #: Values from which starts are made, where a product of grids would not do: parameter -> shape (start,).
    seeds: Callable[[Values, Array], dict[str, Array]] | None = None

    @property
    def word(self) -> str:
        """Its name in studies and on the command line."""
        return self.law.word

    @property
    def variables(self) -> tuple[str, ...]:
        """Its variables in order; `("x",)` stands for any one quantity."""
        return self.law.variables

    @property
    def parameters(self) -> tuple[Parameter, ...]:
        """Its parameters in order."""
        return self.law.params

    def parameter(self, name: str) -> Parameter:
        """The parameter of this name."""
        return next(p for p in self.parameters if p.name == name)

    @property
    def parameter_names(self) -> tuple[str, ...]:
        """Names of the parameters in order."""
        return tuple(p.name for p in self.parameters)

    def rescale(self, params: Values, units: Mapping[str, float]) -> dict[str, Array]:
        """Parameters for plain units from parameters for variables measured in the given units.

        A (N/u)^-alpha is A u^alpha N^-alpha. Its inverse is itself with the reciprocal units.
        """
        assert self.scales or set(units.values()) <= {1.0}, f"{self.word} keeps the units it is given"
        plain = dict(params)
        for p in self.parameters:
            if p.unit_of and self.scales:
                power = p.times * params[p.power] if isinstance(p.power, str) else p.power
                plain[p.name] = params[p.name] * units[p.unit_of] ** power
        return plain


class ParameterFree(Protocol):
    """A closed form once its numbers are given."""

    def loss(self, quantity: str, x: Array) -> Array:
        """Loss at values of the one quantity that it is read in."""


#: Forms of laws with parameters, and theories without any from the numbers they are given, by their declarations.
FORMS: Registry[Form] = Registry("scalingdsl.engine.fits.forms", missing="no form of `{}`")
THEORIES: Registry[Callable[[Mapping[str, float]], ParameterFree]] = Registry(
    "scalingdsl.engine.fits.forms", missing="no theory `{}`"
)


def register(form: Form) -> Form:
    """Make a form known as that of its law."""
    return FORMS.implements(form.law)(form)
