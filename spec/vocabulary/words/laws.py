"""Laws that `fit` can name: their variables, parameters and default objective."""

import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import ClassVar, Literal

from ..base import Kind, Word

Objective = Literal["huber", "lad", "log-mse", "huber-raw", "mse"]
#: `huber`, `lad` and `log-mse` act on log loss, `huber-raw` and `mse` on loss; all are summed over cells.
OBJECTIVES: tuple[Objective, ...] = ("huber", "lad", "log-mse", "huber-raw", "mse")

#: Exponents are looked for in (0, EXPONENT_BOUND].
EXPONENT_BOUND = 8.0
#: Parameters that are exponents of a fall in N, D or compute.
EXPONENTS = ("alpha", "beta", "gamma", "eta")

#: Names of (coefficient, exponent) by the variable a one-variable law is in.
COEFFICIENTS = {"N": ("A", "alpha"), "D": ("B", "beta"), "C": ("K", "gamma")}


def bounds_of(parameter: str) -> tuple[float, float, bool]:
    """Least and greatest value that a parameter of a shipped law can have, and whether the least is left out."""
    if parameter in EXPONENTS:
        return 0.0, EXPONENT_BOUND, True
    if parameter in ("A", "B", "K", "M"):
        return 0.0, math.inf, True
    return (0.0 if parameter == "E" else -math.inf), math.inf, False


@dataclass(frozen=True)
class Setting:
    """A number that is given to a closed form, not fitted: its default, bounds and meaning."""

    default: float
    low: float
    high: float
    meaning: str
    whole: bool = False


class Law(Word):
    """Anything `fit` can name. Losses are in nats a token."""

    kind: ClassVar[Kind] = "law"
    #: The law's own variables; ("x",) for a law of one variable of the user's choice.
    variables: ClassVar[tuple[str, ...]] = ("N", "D")
    #: Quantities that its variables can be read from; any of a run where there are none here.
    readable: ClassVar[tuple[str, ...]] = ()
    objective: ClassVar[Objective] = "huber"
    #: Threshold of the Huber objectives; None takes it from the scatter of the data.
    delta: ClassVar[float | None] = 1e-3
    #: Parameters of the summands of a law that adds up one for each variable: variable -> (coefficient, exponent).
    summands: ClassVar[Mapping[str, tuple[str, str]]] = {}
    #: Numbers that a closed form takes in place of parameters.
    settings: ClassVar[Mapping[str, Setting]] = {}
    #: What a panel's parameters or tokens are worth in the first panel's, where panels share the exponent and not the
    #: coefficient: name -> (coefficient, exponent).
    worth: ClassVar[Mapping[str, tuple[str, str]]] = {}

    @classmethod
    def parameters(cls, variables: tuple[str, ...]) -> tuple[str, ...]:
        """Parameter names when the law is read in these run quantities."""
        raise TypeError(cls.__name__)


class Chinchilla(Law):
    """L(N, D) = E + A N^-alpha + B D^-beta."""

    word: ClassVar[str] = "chinchilla"
    reference: ClassVar[str] = "arXiv:2203.15556, section 3.3"
    summands: ClassVar[Mapping[str, tuple[str, str]]] = {"N": ("A", "alpha"), "D": ("B", "beta")}
    worth: ClassVar[Mapping[str, tuple[str, str]]] = {f"rho_{name}": own for name, own in summands.items()}

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


class OneVariable(Law):
    """A law of one variable of the user's choice."""

    order: ClassVar[tuple[str, ...]] = ("x",)
    variables: ClassVar[tuple[str, ...]] = ("x",)
    objective: ClassVar[Objective] = "huber-raw"
    delta: ClassVar[float | None] = None


class Tied(Law):
    """L(N, D) = E + A N^-alpha + B D^-alpha: one exponent for both."""

    word: ClassVar[str] = "tied"
    reference: ClassVar[str] = "arXiv:2305.16264"

    @classmethod
    def parameters(cls, variables: tuple[str, ...]) -> tuple[str, ...]:
        return ("E", "A", "B", "alpha")


class Kaplan(Law):
    """L(N, D) = [(N_c/N)^(alpha/beta) + D_c/D]^beta, without an irreducible loss."""

    word: ClassVar[str] = "kaplan"
    reference: ClassVar[str] = "arXiv:2001.08361, equation 1.5"

    @classmethod
    def parameters(cls, variables: tuple[str, ...]) -> tuple[str, ...]:
        return ("N_c", "alpha", "D_c", "beta")


class Interaction(Law):
    """L(N, D) = E + [(A N^-alpha)^(1/mix) + (B D^-beta)^(1/mix)]^mix; the additive law at mix = 1."""

    word: ClassVar[str] = "interaction"
    reference: ClassVar[str] = "covers arXiv:2203.15556 (mix = 1) and arXiv:2001.08361 (E = 0, mix = beta)"

    @classmethod
    def parameters(cls, variables: tuple[str, ...]) -> tuple[str, ...]:
        return ("E", "A", "alpha", "B", "beta", "mix")


class Repeated(Law):
    """L(N, D, U) = E + A N'^-alpha + B D'^-beta, with D' the worth of D tokens of which U are distinct."""

    word: ClassVar[str] = "repeated"
    variables: ClassVar[tuple[str, ...]] = ("N", "D", "U")
    reference: ClassVar[str] = "arXiv:2305.16264, section 3.1"

    @classmethod
    def parameters(cls, variables: tuple[str, ...]) -> tuple[str, ...]:
        return ("E", "A", "alpha", "B", "beta", "R_D", "R_N")


class Overtraining(Law):
    """L(N, D) = E + (A M^eta + B M^-eta) C^-eta with M = D/N and C = 6ND."""

    word: ClassVar[str] = "overtraining"
    reference: ClassVar[str] = "arXiv:2403.08540, equation 4"

    @classmethod
    def parameters(cls, variables: tuple[str, ...]) -> tuple[str, ...]:
        return ("E", "A", "B", "eta")


class Maloney(Law):
    """L(N, D) = A x^-(1 + alpha) N D / (N + D - 2 (1 - 1/alpha) x), in N random features and D samples.

    What ridge regression, its penalty tuned, reaches where latents' variances fall as I^-(1 + alpha) and labels have no
    noise; x = 2 N D / (N + D + sqrt((N - D)^2 + 8 N D / (alpha (1 + alpha)))). So it is for endless latents; of M the
    loss ends at 0, where min(N, D) reaches M, which is fitted, or given: `maloney(M=4000)`. N and D are counts
    that trade places: A N^-alpha where D and M are far above N.
    """

    word: ClassVar[str] = "maloney"
    reference: ClassVar[str] = "arXiv:2210.16859 (the model), arXiv:2405.15699 (its loss at any ridge)"

    @classmethod
    def parameters(cls, variables: tuple[str, ...]) -> tuple[str, ...]:
        return ("A", "M", "alpha")


class M1(OneVariable):
    """L(x) = A x^-alpha."""

    word: ClassVar[str] = "m1"
    reference: ClassVar[str] = "arXiv:2209.06640"

    @classmethod
    def parameters(cls, variables: tuple[str, ...]) -> tuple[str, ...]:
        return COEFFICIENTS.get(variables[0], COEFFICIENTS["N"])


class M2(Power):
    """L(x) = E + A x^-alpha, under the name that its learning-curve comparison gives it."""

    word: ClassVar[str] = "m2"
    reference: ClassVar[str] = "arXiv:2209.06640"


class M3(OneVariable):
    """L(x) = A (1/x + g)^alpha: a power law that levels off."""

    word: ClassVar[str] = "m3"
    reference: ClassVar[str] = "arXiv:2209.06640"

    @classmethod
    def parameters(cls, variables: tuple[str, ...]) -> tuple[str, ...]:
        return (*COEFFICIENTS.get(variables[0], COEFFICIENTS["N"]), "g")


class M4(OneVariable):
    """(L - E) / (ceiling - L)^s = A x^-alpha: a sigmoid between the loss of guessing and the floor."""

    word: ClassVar[str] = "m4"
    reference: ClassVar[str] = "arXiv:2209.06640"

    @classmethod
    def parameters(cls, variables: tuple[str, ...]) -> tuple[str, ...]:
        return ("E", "ceiling", "s", *COEFFICIENTS.get(variables[0], COEFFICIENTS["N"]))


class Broken(OneVariable):
    """L(x) = E + A x^-c_0 (1 + (x/d_1)^(1/f_1))^(-c_1 f_1): a power law with one smooth bend."""

    word: ClassVar[str] = "broken"
    reference: ClassVar[str] = "arXiv:2210.14891, equation 1"
    breaks: ClassVar[int] = 1

    @classmethod
    def parameters(cls, variables: tuple[str, ...]) -> tuple[str, ...]:
        bends = tuple(f"{letter}_{i}" for i in range(1, cls.breaks + 1) for letter in "cdf")
        return ("E", "A", "c_0", *bends)


class Broken2(Broken):
    """A power law with two smooth bends."""

    word: ClassVar[str] = "broken2"
    breaks: ClassVar[int] = 2


class Broken3(Broken):
    """A power law with three smooth bends."""

    word: ClassVar[str] = "broken3"
    breaks: ClassVar[int] = 3


class Sigmoid(OneVariable):
    """floor + (top - floor) / (1 + exp(rate (x - middle))): a task's accuracy against the loss."""

    word: ClassVar[str] = "sigmoid"
    objective: ClassVar[Objective] = "mse"
    reference: ClassVar[str] = "arXiv:2412.04403"

    @classmethod
    def parameters(cls, variables: tuple[str, ...]) -> tuple[str, ...]:
        return ("floor", "top", "rate", "middle")


class Network(Law):
    """A small neural network's regression of the loss on log N and log D: predictions and optima, no parameters."""

    word: ClassVar[str] = "network"
    objective: ClassVar[Objective] = "huber-raw"
    reference: ClassVar[str] = "arXiv:2601.10684, appendix"

    @classmethod
    def parameters(cls, variables: tuple[str, ...]) -> tuple[str, ...]:
        return ()


class Kernel(Law):
    """A robust kernel regression of the loss on log N and log D; no parameters, only predictions and optima."""

    word: ClassVar[str] = "kernel"
    objective: ClassVar[Objective] = "huber-raw"
    reference: ClassVar[str] = "arXiv:2601.10684, appendix"

    @classmethod
    def parameters(cls, variables: tuple[str, ...]) -> tuple[str, ...]:
        return ()
