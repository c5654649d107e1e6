"""Laws that `fit` can name: formula, variables, parameters with their bounds and units, default objective.

A law is declared here once. Checks, claims, reports and the reference page read the declaration; the engine's form of
it says how to compute it, and nothing else.
"""

import math
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import ClassVar, Literal

from ...syntax.numbers import short
from ..base import REGISTRY, Kind, Word
from ..quantities import QUANTITIES

Objective = Literal["huber", "lad", "log-mse", "huber-raw", "mse"]
#: What each minimises, summed over cells.
OBJECTIVES: dict[Objective, str] = {
    "huber": "squares of small residuals of log loss, absolute values of large ones; `huber(1e-3)` gives the threshold",
    "lad": "absolute residuals of log loss",
    "log-mse": "squared residuals of log loss",
    "huber-raw": "as `huber`, of the loss itself; without a threshold it is taken from the scatter of the residuals",
    "mse": "squared residuals of the loss itself",
}

#: Exponents are looked for in (0, EXPONENT_BOUND]: the smallest that is tried stands for "no dependence at all".
EXPONENT_BOUND, EXPONENT_LOW = 8.0, 1e-4

ParameterKind = Literal["level", "ceiling", "coefficient", "exponent", "rate", "location", "share", "shape"]


@dataclass(frozen=True)
class Parameter:
    """One parameter of a law, or one number of an optimum.

    `kind` sets its range: a level lies between 0 and the largest loss and a ceiling above it, a coefficient is
    positive, an exponent in (0, 8], a share in [0, 1]; rates, locations and shapes lie between `low` and `high`,
    counted in units of the variable's geometric mean where they carry its unit.
    """

    name: str
    kind: ParameterKind
    meaning: str
    #: The variable whose unit it carries and so moves with, and to which power: a number, or `times` an exponent.
    unit_of: str = ""
    power: float | str = 1.0
    times: float = 1.0
    low: float = 0.0
    high: float = math.inf
    #: Of an exponent: the variables that the loss falls in with it, in the end.
    of: tuple[str, ...] = ()

    @property
    def logarithmic(self) -> bool:
        """True where it is positive, and looked for by its logarithm."""
        return self.kind in ("coefficient", "rate", "location", "ceiling")

    @property
    def bounds(self) -> tuple[float, float, bool]:
        """Least and greatest value that it can have at all, and whether the least is left out."""
        if self.kind == "exponent":
            return 0.0, self.high, True
        if self.logarithmic and (self.unit_of or self.kind != "location"):
            return 0.0, math.inf, True
        return self.low, self.high, False

    def misplaced(self, law: str, value: float) -> str | None:
        """The flaw of holding it at `value` in a law; None where it can lie there."""
        low, high, above = self.bounds
        if low <= value <= high and not (above and value == low):
            return None
        wanted = f"{'above' if above else 'at least'} {low:g}" + ("" if high == math.inf else f" and at most {high:g}")
        return f"`{self.name}` of `{law}` is {wanted}, and is fixed to {short(value)}"


def coefficient(name: str, meaning: str, unit_of: str = "", power: float | str = 1.0, times: float = 1.0) -> Parameter:
    """A positive factor."""
    return Parameter(name, "coefficient", meaning, unit_of, power, times)


def exponent(name: str, meaning: str, *of: str) -> Parameter:
    """A pure number in (0, 8]."""
    return Parameter(name, "exponent", meaning, low=EXPONENT_LOW, high=EXPONENT_BOUND, of=of)


FLOOR = Parameter("E", "level", "irreducible loss, nats a token")
#: The two terms of the additive law, which others share.
N_TERM = (
    coefficient("A", "reducible loss of one parameter at unlimited data", "N", "alpha"),
    exponent("alpha", "exponent in parameters", "N"),
)
D_TERM = (
    coefficient("B", "reducible loss of one token at unlimited size", "D", "beta"),
    exponent("beta", "exponent in tokens", "D"),
)
X_EXPONENT = exponent("alpha", "exponent in x", "x")


@dataclass(frozen=True)
class Setting:
    """A number that is given to a closed form, not fitted: its default, bounds and meaning."""

    default: float
    low: float
    high: float
    meaning: str
    whole: bool = False

    def misplaced(self, name: str, law: str, value: float) -> str | None:
        """The flaw of giving a law this number; None where it takes it."""
        if self.low <= value <= self.high and not (self.whole and value != int(value)):
            return None
        kind = "a whole number" if self.whole else "a number"
        return f"`{name}` of `{law}` is {kind} from {self.low:g} to {self.high:,.7g}"


class Law(Word):
    """Anything `fit` can name. Losses are in nats a token."""

    kind: ClassVar[Kind] = "law"
    #: What it predicts, in its own variables and parameters: `L(N, D) = ...`.
    formula: ClassVar[str] = ""
    #: The same as an expression of the language; nothing for a law that only steps of its own lead to.
    expression: ClassVar[str] = ""
    #: The law's own variables; ("x",) for a law of one variable of the user's choice.
    variables: ClassVar[tuple[str, ...]] = ("N", "D")
    #: Its parameters by the names they have in its own variables.
    params: ClassVar[tuple[Parameter, ...]] = ()
    #: Quantities that its variables can be read from; any of a run where there are none here.
    readable: ClassVar[tuple[str, ...]] = ()
    #: The quantity that a variable is where a study, or a table, has it and says nothing else.
    usual: ClassVar[Mapping[str, str]] = {}
    objective: ClassVar[Objective] = "huber"
    #: Threshold of the Huber objectives; None takes it from the scatter of the data.
    delta: ClassVar[float | None] = 1e-3
    #: Whether it is a level, if it has one, and a coefficient times a falling power for each of its variables.
    additive: ClassVar[bool] = False
    #: Whether it is a regression without parameters, which only predicts and has optima.
    regression: ClassVar[bool] = False
    #: Whether it is of a score between two levels, which may rise with a size.
    score: ClassVar[bool] = False
    #: Whether it is a closed form without parameters, which is compared with the cells and not fitted to them.
    theory: ClassVar[bool] = False
    #: Whether it is one of the laws among which the one that goes on best beyond the cells is sought.
    candidate: ClassVar[bool] = False
    #: Numbers that a closed form takes in place of parameters.
    settings: ClassVar[Mapping[str, Setting]] = {}
    #: The variable that counts distinct tokens, in a law of what they are worth when they are seen again.
    distinct: ClassVar[str] = ""
    #: Parameters of runs that it takes to be tuned, and those that it takes to be 0.
    tuned: ClassVar[tuple[str, ...]] = ()
    without: ClassVar[tuple[str, ...]] = ()
    #: Laws that it is at certain values of its parameters, or comes as near to as one likes.
    cases: ClassVar[tuple[str, ...]] = ()
    #: What a panel's parameters or tokens are worth in the first panel's, where panels share the exponent and not the
    #: coefficient: name -> (coefficient, exponent).
    worth: ClassVar[Mapping[str, tuple[str, str]]] = {}
    #: What its compute is worth, which is spent on both: name -> what its factors are worth.
    worth_both: ClassVar[Mapping[str, tuple[str, ...]]] = {}

    @classmethod
    def description(cls) -> str:
        return f"{cls.formula}\n\n{super().description()}" if cls.formula else super().description()

    @classmethod
    def params_in(cls, quantities: tuple[str, ...]) -> tuple[Parameter, ...]:
        """Its parameters by the names they have when it is read in these quantities.

        A law of one variable calls its exponent, and the coefficient of that power, after the variable: A and alpha in
        N, B and beta in D, K and gamma in C.
        """
        if cls.order != ("x",):
            return cls.params
        known = QUANTITIES.get(quantities[0])
        factor, power = known.parameters if known is not None else ("A", "alpha")
        renamed = {p.name: power for p in cls.params if "x" in p.of}
        renamed |= {p.name: factor for p in cls.params if p.power in renamed}
        return tuple(replace(p, name=renamed.get(p.name, p.name)) for p in cls.params)

    @classmethod
    def parameters(cls, quantities: tuple[str, ...]) -> tuple[str, ...]:
        """Parameter names when the law is read in these quantities."""
        return tuple(p.name for p in cls.params_in(quantities))

    @classmethod
    def summands(cls) -> dict[str, tuple[str, str]]:
        """Of an additive law: variable -> its coefficient and its exponent."""
        factors = {p.unit_of: (p.name, str(p.power)) for p in cls.params if p.unit_of}
        return {v: factors[v] for v in cls.variables} if cls.additive else {}


class OneVariable(Law):
    """A law of one variable of the user's choice."""

    order: ClassVar[tuple[str, ...]] = ("x",)
    variables: ClassVar[tuple[str, ...]] = ("x",)
    objective: ClassVar[Objective] = "huber-raw"
    delta: ClassVar[float | None] = None


def is_parameter(name: str) -> bool:
    """True for a name that some law has for a parameter."""
    laws = (word for word in REGISTRY.values() if issubclass(word, Law))
    return any(p.name == name for law in laws for p in law.params)


class Chinchilla(Law):
    """The additive law in parameters and tokens."""

    word: ClassVar[str] = "chinchilla"
    called: ClassVar[Mapping[str, str]] = {
        **dict.fromkeys(("hoffmann", "additive", "approach3", "parametric", "scaling", "scaling_law"), "chinchilla"),
        **dict.fromkeys(("hoffmann_et_al", "chinchilla_approach3", "approach_3", "deepmind", "joint"), "chinchilla"),
        **dict.fromkeys(("all", "every", "everything", "any"), "chinchilla, power(N), power(D)"),
    }
    formula: ClassVar[str] = "L(N, D) = E + A N^-alpha + B D^-beta"
    expression: ClassVar[str] = "E + A*N^-alpha + B*D^-beta"
    reference: ClassVar[str] = "arXiv:2203.15556, section 3.3"
    cases: ClassVar[tuple[str, ...]] = ("tied",)
    params: ClassVar[tuple[Parameter, ...]] = (FLOOR, *N_TERM, *D_TERM)
    additive: ClassVar[bool] = True
    candidate: ClassVar[bool] = True
    worth: ClassVar[Mapping[str, tuple[str, str]]] = {"rho_N": ("A", "alpha"), "rho_D": ("B", "beta")}
    worth_both: ClassVar[Mapping[str, tuple[str, ...]]] = {"rho_C": ("rho_N", "rho_D")}


class Tied(Law):
    """The additive law with one exponent for both."""

    word: ClassVar[str] = "tied"
    called: ClassVar[Mapping[str, str]] = dict.fromkeys(("symmetric", "shared_exponent", "one_exponent"), "tied")
    formula: ClassVar[str] = "L(N, D) = E + A N^-alpha + B D^-alpha"
    expression: ClassVar[str] = "E + A*N^-alpha + B*D^-alpha"
    reference: ClassVar[str] = "arXiv:2305.16264"
    params: ClassVar[tuple[Parameter, ...]] = (
        FLOOR,
        N_TERM[0],
        replace(D_TERM[0], power="alpha"),
        exponent("alpha", "exponent in parameters and in tokens", "N", "D"),
    )
    additive: ClassVar[bool] = True
    candidate: ClassVar[bool] = True


class Interaction(Law):
    """Between the additive law, which it is at mix = 1, Kaplan's law and a bottleneck."""

    word: ClassVar[str] = "interaction"
    formula: ClassVar[str] = "L(N, D) = E + [(A N^-alpha)^(1/mix) + (B D^-beta)^(1/mix)]^mix"
    expression: ClassVar[str] = "E + ((A*N^-alpha)^(1/mix) + (B*D^-beta)^(1/mix))^mix"
    reference: ClassVar[str] = "covers arXiv:2203.15556 (mix = 1) and arXiv:2001.08361 (E = 0, mix = beta)"
    cases: ClassVar[tuple[str, ...]] = ("chinchilla", "kaplan")
    params: ClassVar[tuple[Parameter, ...]] = (
        *Chinchilla.params,
        Parameter("mix", "shape", "how the terms combine: 1 adds them, 0 takes the larger", low=0.05, high=8.0),
    )
    candidate: ClassVar[bool] = True
    worth: ClassVar[Mapping[str, tuple[str, str]]] = Chinchilla.worth
    worth_both: ClassVar[Mapping[str, tuple[str, ...]]] = Chinchilla.worth_both


class Kaplan(Law):
    """The joint law of parameters and tokens without an irreducible loss."""

    word: ClassVar[str] = "kaplan"
    called: ClassVar[Mapping[str, str]] = dict.fromkeys(("openai", "kaplan_mccandlish"), "kaplan")
    formula: ClassVar[str] = "L(N, D) = [(N_c/N)^(alpha/beta) + D_c/D]^beta"
    expression: ClassVar[str] = "((N_c/N)^(alpha/beta) + D_c/D)^beta"
    reference: ClassVar[str] = "arXiv:2001.08361, equation 1.5"
    params: ClassVar[tuple[Parameter, ...]] = (
        coefficient("N_c", "parameters at which the loss is 1 nat at unlimited data", "N"),
        exponent("alpha", "exponent in parameters at unlimited data", "N"),
        coefficient("D_c", "tokens at which the loss is 1 nat at unlimited size", "D"),
        exponent("beta", "exponent in tokens at unlimited size", "D"),
    )
    candidate: ClassVar[bool] = True


def _repeated() -> str:
    """What N parameters and D tokens are worth, of which min(U, D) are distinct, put into the additive law."""
    distinct = "min(U, D)"
    needed = f"((alpha*A/(beta*B))^((1 + beta/alpha)/(alpha + beta))*{distinct}^(beta/alpha))"
    base = f"min(N, {needed})"
    n = f"{base}*(1 + R_N*(1 - exp(-(N/{base} - 1)/R_N)))"
    d = f"{distinct}*(1 + R_D*(1 - exp(-(D/{distinct} - 1)/R_D)))"
    return f"E + A*({n})^-alpha + B*({d})^-beta"


class Repeated(Law):
    """The additive law of what parameters and tokens are worth: N' of N, and D' of D tokens of which U are distinct."""

    word: ClassVar[str] = "repeated"
    called: ClassVar[Mapping[str, str]] = dict.fromkeys(
        ("muennighoff", "data_constrained", "dataconstrained", "multi_epoch", "repetition"), "repeated(U=unique)"
    )
    formula: ClassVar[str] = "L(N, D, U) = E + A N'^-alpha + B D'^-beta"
    expression: ClassVar[str] = _repeated()
    variables: ClassVar[tuple[str, ...]] = ("N", "D", "U")
    usual: ClassVar[Mapping[str, str]] = {"U": "unique"}
    distinct: ClassVar[str] = "U"
    reference: ClassVar[str] = "arXiv:2305.16264, section 3.1"
    params: ClassVar[tuple[Parameter, ...]] = (
        *Chinchilla.params,
        Parameter(
            "R_D", "location", "repetitions after which a token has lost 1 - 1/e of its worth", low=1e-2, high=1e4
        ),
        Parameter(
            "R_N", "location", "the same for parameters beyond what the distinct tokens need", low=1e-2, high=1e4
        ),
    )


class Overtraining(Law):
    """A power law in compute C = 6ND with one exponent at every ratio M = D/N of tokens to parameters."""

    word: ClassVar[str] = "overtraining"
    called: ClassVar[Mapping[str, str]] = dict.fromkeys(("gadre", "over_training", "overtrained"), "overtraining")
    formula: ClassVar[str] = "L(N, D) = E + (A M^eta + B M^-eta) C^-eta with M = D/N and C = 6ND"
    expression: ClassVar[str] = "E + (A*(D/N)^eta + B*(D/N)^-eta)*(6*N*D)^-eta"
    reference: ClassVar[str] = "arXiv:2403.08540, equation 4"
    params: ClassVar[tuple[Parameter, ...]] = (
        FLOOR,
        coefficient("A", "reducible loss that grows with tokens a parameter, at C = M = 1", "N", "eta", times=2),
        coefficient("B", "reducible loss that falls with tokens a parameter, at C = M = 1", "D", "eta", times=2),
        exponent("eta", "exponent in compute at fixed tokens a parameter", "C"),
    )


class Maloney(Law):
    """Ridge regression, its penalty tuned, on N random features of power-law latents and D samples.

    What it reaches where latents' variances fall as I^-(1 + alpha) and labels have no noise;
    x = 2 N D / (N + D + sqrt((N - D)^2 + 8 N D / (alpha (1 + alpha)))). So it is for endless latents; of M the
    loss ends at 0, where min(N, D) reaches M, which is fitted, or given: `maloney(M=4000)`. N and D are counts
    that trade places: A N^-alpha where D and M are far above N.
    """

    word: ClassVar[str] = "maloney"
    formula: ClassVar[str] = "L(N, D) = A x^-(1 + alpha) N D / (N + D - 2 (1 - 1/alpha) x)"
    reference: ClassVar[str] = "arXiv:2210.16859 (the model), arXiv:2405.15699 (its loss at any ridge)"
    tuned: ClassVar[tuple[str, ...]] = ("penalty",)
    without: ClassVar[tuple[str, ...]] = ("noise",)
    params: ClassVar[tuple[Parameter, ...]] = (
        coefficient("A", "reducible loss of one feature at unlimited samples and latents", "N", "alpha"),
        Parameter("M", "location", "latents; far above N and D, endless ones", low=1.0, high=1e15),
        exponent("alpha", "exponent in features and in samples; latents' variances fall as I^-(1 + alpha)", "N", "D"),
    )


class Power(OneVariable):
    """A power law in one variable above an offset."""

    word: ClassVar[str] = "power"
    instead: ClassVar[str] = "a law of your own is written out: `fit E + A*N^-alpha`, any name a parameter"
    called: ClassVar[Mapping[str, str]] = {
        **dict.fromkeys(("powerlaw", "power_law", "pow", "plaw", "pl", "simple_power_law"), "power(N)"),
        **dict.fromkeys(("linear", "line", "lin", "affine", "straight"), "a + b*N"),
        **dict.fromkeys(("loglog", "log_log"), "power(N, E=0)"),
        **dict.fromkeys(("log", "logarithmic", "loglinear", "log_linear", "semilog"), "a + b*log(N)"),
        **dict.fromkeys(("polynomial", "quadratic", "poly", "parabola", "poly2"), "a + b*log(N) + c*log(N)^2"),
        **dict.fromkeys(
            ("double_power", "double_power_law", "two_power_laws", "sum_of_powers", "bi_power", "dual_power"),
            "E + A*N^-u + G*N^-v",
        ),
        **dict.fromkeys(("stretched_exponential", "stretched_exp", "kww", "weibull"), "E + A*exp(-s*N^g)"),
        **dict.fromkeys(("shifted_power", "shifted_power_law", "offset_power"), "E + A*(N + N_0)^-alpha"),
    }
    formula: ClassVar[str] = "L(x) = E + A x^-alpha"
    expression: ClassVar[str] = "E + A*x^-alpha"
    reference: ClassVar[str] = "arXiv:2601.10684, section 3"
    cases: ClassVar[tuple[str, ...]] = ("m1",)
    params: ClassVar[tuple[Parameter, ...]] = (
        FLOOR,
        coefficient("A", "reducible loss at x = 1", "x", "alpha"),
        X_EXPONENT,
    )
    additive: ClassVar[bool] = True
    candidate: ClassVar[bool] = True


class M1(OneVariable):
    """A power law that ends at 0."""

    word: ClassVar[str] = "m1"
    formula: ClassVar[str] = "L(x) = A x^-alpha"
    expression: ClassVar[str] = "A*x^-alpha"
    reference: ClassVar[str] = "arXiv:2209.06640"
    params: ClassVar[tuple[Parameter, ...]] = (coefficient("A", "loss at x = 1", "x", "alpha"), X_EXPONENT)
    additive: ClassVar[bool] = True
    candidate: ClassVar[bool] = True


class M2(Power):
    """The law `power` under the name that its learning-curve comparison gives it."""

    word: ClassVar[str] = "m2"
    reference: ClassVar[str] = "arXiv:2209.06640"
    candidate: ClassVar[bool] = False


class M3(OneVariable):
    """A power law that levels off."""

    word: ClassVar[str] = "m3"
    formula: ClassVar[str] = "L(x) = A (1/x + g)^alpha"
    expression: ClassVar[str] = "A*(1/x + g)^alpha"
    reference: ClassVar[str] = "arXiv:2209.06640"
    params: ClassVar[tuple[Parameter, ...]] = (
        coefficient("A", "loss at x = 1 without levelling off", "x", "alpha"),
        X_EXPONENT,
        Parameter("g", "location", "1/x where the curve levels off", "x", -1.0, low=1e-8, high=1e4),
    )
    candidate: ClassVar[bool] = True


class M4(OneVariable):
    """A sigmoid between the loss of guessing and the floor."""

    word: ClassVar[str] = "m4"
    formula: ClassVar[str] = "(L - E) / (ceiling - L)^s = A x^-alpha"
    reference: ClassVar[str] = "arXiv:2209.06640"
    params: ClassVar[tuple[Parameter, ...]] = (
        FLOOR,
        Parameter("ceiling", "ceiling", "loss of guessing, nats a token"),
        Parameter("s", "shape", "how the curve leaves the ceiling; near 0 it is a power law", low=0.02, high=6.0),
        coefficient("A", "(L - E)/(ceiling - L)^s at x = 1", "x", "alpha"),
        X_EXPONENT,
    )
    candidate: ClassVar[bool] = True


def _bends(breaks: int) -> tuple[Parameter, ...]:
    """Parameters of a power law with so many bends."""
    bends = (
        (
            Parameter(f"c_{i}", "shape", f"change of the exponent at bend {i}", low=-8.0, high=8.0),
            Parameter(f"d_{i}", "location", f"where bend {i} is, in units of x", "x", low=1e-6, high=1e6),
            Parameter(f"f_{i}", "shape", f"width of bend {i}, in units of log x", low=0.02, high=10.0),
        )
        for i in range(1, breaks + 1)
    )
    factor = coefficient("A", "reducible loss at x = 1, were there no bend", "x", "c_0")
    return (FLOOR, factor, exponent("c_0", "exponent before the first bend"), *(p for bend in bends for p in bend))


class Broken(OneVariable):
    """A power law with one smooth bend."""

    word: ClassVar[str] = "broken"
    called: ClassVar[Mapping[str, str]] = {
        **dict.fromkeys(
            ("bnsl", "broken_power", "brokenpower", "bpl", "smoothly_broken", "smoothly_broken_power"),
            "broken(N)",
        ),
        **dict.fromkeys(
            ("broken_power_law", "smoothly_broken_power_law", "piecewise", "two_power", "kinked"), "broken(N)"
        ),
        **dict.fromkeys(("broken_neural_scaling", "broken_neural_scaling_law", "sbpl", "changepoint"), "broken(N)"),
    }
    formula: ClassVar[str] = "L(x) = E + A x^-c_0 (1 + (x/d_1)^(1/f_1))^(-c_1 f_1)"
    expression: ClassVar[str] = "E + A*x^-c_0*(1 + (x/d_1)^(1/f_1))^(-c_1*f_1)"
    reference: ClassVar[str] = "arXiv:2210.14891, equation 1"
    cases: ClassVar[tuple[str, ...]] = ("power",)
    params: ClassVar[tuple[Parameter, ...]] = _bends(1)
    candidate: ClassVar[bool] = True


class Broken2(Broken):
    """A power law with two smooth bends."""

    word: ClassVar[str] = "broken2"
    formula: ClassVar[str] = "L(x) = E + A x^-c_0 prod_i (1 + (x/d_i)^(1/f_i))^(-c_i f_i)"
    expression: ClassVar[str] = f"{Broken.expression}*(1 + (x/d_2)^(1/f_2))^(-c_2*f_2)"
    cases: ClassVar[tuple[str, ...]] = ("broken",)
    params: ClassVar[tuple[Parameter, ...]] = _bends(2)
    candidate: ClassVar[bool] = False


class Broken3(Broken2):
    """A power law with three smooth bends."""

    word: ClassVar[str] = "broken3"
    expression: ClassVar[str] = f"{Broken2.expression}*(1 + (x/d_3)^(1/f_3))^(-c_3*f_3)"
    cases: ClassVar[tuple[str, ...]] = ("broken2",)
    params: ClassVar[tuple[Parameter, ...]] = _bends(3)


class Exponential(OneVariable):
    """Exponential decay to an offset: the control that a power law has to beat."""

    word: ClassVar[str] = "exponential"
    called: ClassVar[Mapping[str, str]] = dict.fromkeys(("exp", "exp_decay", "exponential_decay"), "exponential(N)")
    formula: ClassVar[str] = "L(x) = E + A exp(-rate x)"
    expression: ClassVar[str] = "E + A*exp(-rate*x)"
    reference: ClassVar[str] = "arXiv:2601.10684, figure 15"
    params: ClassVar[tuple[Parameter, ...]] = (
        FLOOR,
        coefficient("A", "reducible loss at x = 0"),
        Parameter("rate", "rate", "decay rate, per unit of x", "x", -1.0, low=1e-6, high=1e3),
    )
    candidate: ClassVar[bool] = True


class Sigmoid(OneVariable):
    """A task's accuracy against the loss."""

    word: ClassVar[str] = "sigmoid"
    called: ClassVar[Mapping[str, str]] = dict.fromkeys(("logistic", "logit", "s_curve", "tanh"), "sigmoid(N)")
    formula: ClassVar[str] = "floor + (top - floor) / (1 + exp(rate (x - middle)))"
    expression: ClassVar[str] = "floor + (top - floor)/(1 + exp(rate*(x - middle)))"
    objective: ClassVar[Objective] = "mse"
    score: ClassVar[bool] = True
    reference: ClassVar[str] = "arXiv:2412.04403"
    params: ClassVar[tuple[Parameter, ...]] = (
        Parameter("floor", "level", "value at large x, such as the chance level"),
        coefficient("top", "value at small x"),
        Parameter("rate", "rate", "steepness, per unit of x", "x", -1.0, low=1e-4, high=1e5),
        Parameter("middle", "location", "x half-way between top and floor", "x", low=1e-3, high=1e3),
    )


class Network(Law):
    """A small neural network's regression of the loss on log N and log D: predictions and optima, no parameters."""

    word: ClassVar[str] = "network"
    called: ClassVar[Mapping[str, str]] = dict.fromkeys(
        (
            "neural",
            "neural_network",
            "nn",
            "mlp_regressor",
            "random_forest",
            "xgboost",
            "regressor",
            "mlpregressor",
            "randomforestregressor",
            "gradientboostingregressor",
            "xgbregressor",
            "lgbmregressor",
        ),
        "network",
    )
    also: ClassVar[Mapping[str, str]] = dict.fromkeys(
        ("hidden_layer_sizes", "hidden", "hidden_size", "hidden_units", "hidden_dim", "neurons", "width", "n_hidden"),
        "units={0}",
    )
    lacks: ClassVar[Mapping[str, str]] = dict.fromkeys(
        ("layers", "n_layers", "depth", "activation", "alpha", "learning_rate_init", "max_iter", "epochs", "dropout"),
        "it has one hidden layer, which is trained as in its source",
    )
    settings: ClassVar[Mapping[str, Setting]] = {
        "units": Setting(
            0,
            0,
            4096,
            "of a hidden layer, trained by AdamW and stopped early as in its source, which has 256; "
            "0 for sixteen, minimised in full",
            whole=True,
        ),
    }
    objective: ClassVar[Objective] = "huber-raw"
    reference: ClassVar[str] = "arXiv:2601.10684, appendix"
    regression: ClassVar[bool] = True


class Kernel(Law):
    """A robust kernel regression of the loss on log N and log D; no parameters, only predictions and optima."""

    word: ClassVar[str] = "kernel"
    called: ClassVar[Mapping[str, str]] = dict.fromkeys(
        ("spline", "gp", "gaussian_process", "loess", "lowess", "gam", "smooth", "nonparametric", "kriging", "interp",
         "interpolation", "cubic_spline", "smoothing_spline", "rbf", "kde", "gaussianprocessregressor", "kernelridge",
         "svr", "kneighborsregressor", "rbfinterpolator", "univariatespline", "kernelreg", "lowess_smooth"),
        "kernel",
    )  # fmt: skip
    also: ClassVar[Mapping[str, str]] = {
        **dict.fromkeys(("alpha", "lambda", "lam", "reg", "regularization", "l2", "nugget", "noise"), "ridge={}"),
        **dict.fromkeys(("length_scale", "lengthscale", "bandwidth", "bw", "h", "scale"), "length={}"),
    }
    lacks: ClassVar[Mapping[str, str]] = {
        **dict.fromkeys(("kernel", "metric", "degree", "function"), "its kernel is Gaussian in log N and log D"),
        **dict.fromkeys(("gamma", "span", "frac"), "how far it reaches is its `length`, in spreads of log N and log D"),
    }
    settings: ClassVar[Mapping[str, Setting]] = {
        "length": Setting(
            0,
            0,
            1000,
            "of the kernel in spreads of log N and log D, without a trend as in its source, which has 1; 0 "
            "for the length that predicts best beside one",
        ),
        "ridge": Setting(0, 0, 1000, "on the squared weights of cells; 0 for the one that predicts best"),
    }
    objective: ClassVar[Objective] = "huber-raw"
    reference: ClassVar[str] = "arXiv:2601.10684, appendix"
    regression: ClassVar[bool] = True
