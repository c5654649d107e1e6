"""What a law is to the solver: a plain function of named parameters, its gradient, and how units move its coefficients.

Laws are written once, as functions of arrays that broadcast: a parameter may be a number, one value a point, or one
column a start. Everything else the solver needs follows from the declaration: which parameters are coefficients
(positive, fitted as logarithms), which are exponents, in which the law is linear, and what a change of the variables'
units does to them.

Reference for solving the linear part exactly: Golub and Pereyra 2003, "Separable nonlinear least squares".
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Literal

import numpy as np
from scalingdsl.spec.vocabulary.words.laws import EXPONENT_BOUND

from .fit_result import Array

Values = Mapping[str, Array]
Kind = Literal["level", "ceiling", "coefficient", "exponent", "rate", "location", "shape"]

#: Exponents are looked for in (0, 8]: the smallest value stands for "no dependence at all".
EXPONENT_LOW, EXPONENT_HIGH = 1e-4, EXPONENT_BOUND
#: Exponents from which starts are made: dense where published laws lie.
EXPONENT_GRID = np.geomspace(0.02, EXPONENT_HIGH, 20)


@dataclass(frozen=True)
class Parameter:
    """One parameter of a law.

    `kind` sets its range: a level lies between 0 and the largest loss and a ceiling above it, a coefficient is
    positive, an exponent in (0, 8]; rates, locations and shapes lie between `low` and `high`, rates and locations
    counted in units of the variable's geometric mean. `unit_of` names the variable whose unit the parameter carries,
    and so moves with; None for pure numbers and losses.
    """

    name: str
    kind: Kind
    meaning: str
    unit_of: str | None = None
    low: float = 0.0
    high: float = np.inf
    #: Values of a parameter in which the law is not linear, from which starts are made.
    grid: Array | None = None

    @property
    def logarithmic(self) -> bool:
        """Whether the solver works on its logarithm."""
        return self.kind in ("coefficient", "rate", "location", "ceiling")


def falling(x: Array, power: Array) -> Array:
    """x^-power for positive x; several times as fast as numpy's power, which works number by number."""
    return np.asarray(np.exp(-power * np.log(x)))


def level(name: str, meaning: str) -> Parameter:
    """A loss: between 0 and the largest one seen."""
    return Parameter(name, "level", meaning)


def coefficient(name: str, meaning: str, unit_of: str | None) -> Parameter:
    """A positive factor whose unit follows a variable."""
    return Parameter(name, "coefficient", meaning, unit_of)


def exponent(name: str, meaning: str, grid: Array = EXPONENT_GRID) -> Parameter:
    """A pure number in (0, 8]."""
    return Parameter(name, "exponent", meaning, None, EXPONENT_LOW, EXPONENT_HIGH, grid)


@dataclass(frozen=True)
class Form:
    """One law.

    Attributes:
        word: Its name in studies and on the command line.
        variables: Its variables in order; `("x",)` stands for any one quantity.
        value: Loss for variables and parameters by name, nats a token; broadcasts.
        gradient: Derivative of `value` by each parameter, by name; broadcasts.
        rescale: Parameters for plain units from parameters for variables measured in the given units. Its inverse is
            itself with the reciprocal units.
        linear: Parameters in which `value` is linear once the others are held.
    """

    word: str
    variables: tuple[str, ...]
    parameters: tuple[Parameter, ...]
    value: Callable[[Values, Values], Array]
    gradient: Callable[[Values, Values], dict[str, Array]]
    rescale: Callable[[Values, Mapping[str, float]], dict[str, Array]]
    linear: tuple[str, ...]
    #: Whether `rescale` knows what a change of units does; otherwise variables keep theirs.
    scales: bool = True
    #: Variables measured in the unit of another one: {"U": "D"}.
    unit_of: Mapping[str, str] = field(default_factory=dict)
    #: Values from which starts are made, where a product of grids would not do: parameter -> shape (start,).
    seeds: Callable[[Values, Array], dict[str, Array]] | None = None

    def parameter(self, name: str) -> Parameter:
        """The parameter of this name."""
        return next(p for p in self.parameters if p.name == name)

    @property
    def parameter_names(self) -> tuple[str, ...]:
        """Names of the parameters in order."""
        return tuple(p.name for p in self.parameters)
