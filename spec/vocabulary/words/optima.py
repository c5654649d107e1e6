"""Ways to compute-optimal sizes that `optimum` can name."""

from collections.abc import Mapping
from typing import ClassVar, NamedTuple

from ..base import Kind, Word
from .laws import FLOOR, Parameter, coefficient, exponent


class PowerOfCompute(NamedTuple):
    """A curve against compute by the names of its numbers: factor * C^power, or offset + factor * C^-power."""

    factor: str
    power: str
    sign: float = 1.0
    offset: str = ""


class OptimumMethod(Word):
    """Anything `optimum` can name: N_opt ~ C^a, D_opt ~ C^b, L_opt - E ~ C^-gamma."""

    kind: ClassVar[Kind] = "optimum"
    #: Whether the method reads a fitted surface, named as its argument.
    needs_fit: ClassVar[bool] = False
    #: Numbers that the method gives.
    params: ClassVar[tuple[Parameter, ...]] = (
        Parameter("a", "share", "N grows as C^a", high=1.0),
        Parameter("b", "share", "D grows as C^b", high=1.0),
        exponent("gamma", "L - E falls as C^-gamma", "C"),
        FLOOR,
        coefficient("N_1", "N at C = 1"),
        coefficient("D_1", "D at C = 1"),
        coefficient("K", "reducible loss at C = 1"),
    )
    #: Curves against compute that the method gives, read at `C=`.
    curves: ClassVar[Mapping[str, PowerOfCompute]] = {
        "L": PowerOfCompute("K", "gamma", -1.0, "E"),
        "N": PowerOfCompute("N_1", "a"),
        "D": PowerOfCompute("D_1", "b"),
    }

    @classmethod
    def parameters(cls) -> tuple[str, ...]:
        """Names of the numbers that the method gives."""
        return tuple(p.name for p in cls.params)


class Surface(OptimumMethod):
    """The best N at each compute on a fitted surface L(N, D), with C = 6 N D."""

    word: ClassVar[str] = "surface"
    called: ClassVar[Mapping[str, str]] = dict.fromkeys(
        (
            "n",
            "d",
            "n_opt",
            "d_opt",
            "compute_optimal",
            "optimal",
            "approach3",
            "parametric",
            "compute",
            "c",
            "loss",
            "chinchilla",
            "best",
            "size",
        ),
        "surface(chinchilla)",
    )
    order: ClassVar[tuple[str, ...]] = ("fit",)
    needs_fit: ClassVar[bool] = True
    reference: ClassVar[str] = "arXiv:2203.15556, section 3.3"


class Isoflop(OptimumMethod):
    """The minimum of a parabola in log N through the losses of each compute budget."""

    word: ClassVar[str] = "isoflop"
    called: ClassVar[Mapping[str, str]] = {"approach2": "isoflop", "parabola": "isoflop", "parabolas": "isoflop"}
    reference: ClassVar[str] = "arXiv:2203.15556, section 3.2"


class IsoflopCurve(OptimumMethod):
    """The minimum of a smooth curve through the losses of each compute budget, without the parabola's bias."""

    word: ClassVar[str] = "isoflop_curve"
    reference: ClassVar[str] = "arXiv:2406.19146, section 3"


class Envelope(OptimumMethod):
    """The runs that no other beats with less or equal compute."""

    word: ClassVar[str] = "envelope"
    called: ClassVar[Mapping[str, str]] = dict.fromkeys(
        ("approach1", "pareto", "hull", "lower_envelope", "frontier", "efficient_frontier", "pareto_frontier"),
        "envelope",
    )
    reference: ClassVar[str] = "arXiv:2203.15556, section 3.1"
