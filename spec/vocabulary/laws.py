"""Laws that `fit` can name: their variables, parameters and default objective."""

from __future__ import annotations

from typing import ClassVar, Literal

from .base import Kind, Term

Objective = Literal["huber", "lad", "log-mse", "huber-raw", "mse"]
#: `huber`, `lad` and `log-mse` act on log loss, `huber-raw` and `mse` on loss; all are summed over cells.
OBJECTIVES: tuple[Objective, ...] = ("huber", "lad", "log-mse", "huber-raw", "mse")

#: Statistics that every fit has beside its parameters.
STATISTICS = ("mse", "rmse", "rmse_log", "n", "holdout")

#: Exponents are looked for in (0, EXPONENT_BOUND].
EXPONENT_BOUND = 8.0

#: Names of (coefficient, exponent) by the variable a one-variable law is in.
COEFFICIENTS = {"N": ("A", "alpha"), "D": ("B", "beta"), "C": ("K", "gamma")}


class Law(Term):
    """Anything `fit` can name. Losses are in nats a token."""

    kind: ClassVar[Kind] = "law"
    #: The law's own variables; ("x",) for a law of one variable of the user's choice.
    variables: ClassVar[tuple[str, ...]] = ("N", "D")
    objective: ClassVar[Objective] = "huber"
    #: Threshold of the Huber objectives; None takes it from the scatter of the data.
    delta: ClassVar[float | None] = 1e-3

    @classmethod
    def parameters(cls, variables: tuple[str, ...]) -> tuple[str, ...]:
        """Parameter names when the law is read in these run quantities."""
        raise TypeError(cls.__name__)


class Chinchilla(Law):
    """L(N, D) = E + A N^-alpha + B D^-beta."""

    word: ClassVar[str] = "chinchilla"
    reference: ClassVar[str] = "arXiv:2203.15556, section 3.3"

    @classmethod
    def parameters(cls, variables: tuple[str, ...]) -> tuple[str, ...]:
        return ("E", "A", "alpha", "B", "beta")


class Power(Law):
    """L(x) = E + A x^-alpha, in one variable."""

    word: ClassVar[str] = "power"
    order: ClassVar[tuple[str, ...]] = ("x",)
    variables: ClassVar[tuple[str, ...]] = ("x",)
    objective: ClassVar[Objective] = "huber-raw"
    delta: ClassVar[float | None] = None
    reference: ClassVar[str] = "arXiv:2601.10684, section 3"

    @classmethod
    def parameters(cls, variables: tuple[str, ...]) -> tuple[str, ...]:
        return ("E", *COEFFICIENTS.get(variables[0], COEFFICIENTS["N"]))


class Exponential(Law):
    """L(x) = E + A exp(-rate x), in one variable: the control that a power law has to beat."""

    word: ClassVar[str] = "exponential"
    order: ClassVar[tuple[str, ...]] = ("x",)
    variables: ClassVar[tuple[str, ...]] = ("x",)
    objective: ClassVar[Objective] = "huber-raw"
    delta: ClassVar[float | None] = None
    reference: ClassVar[str] = "arXiv:2601.10684, figure 15"

    @classmethod
    def parameters(cls, variables: tuple[str, ...]) -> tuple[str, ...]:
        return ("E", "A", "rate")
