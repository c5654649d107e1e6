"""The declarations: what a study may write, and what the language has to know of it. Nothing heavy is imported here."""

from collections.abc import Mapping
from typing import Annotated, ClassVar, Literal

from pydantic import Field
from scalingdsl.spec.vocabulary.base import Unit
from scalingdsl.spec.vocabulary.quantities import Quantity, declare
from scalingdsl.spec.vocabulary.words.families import Cost, Family
from scalingdsl.spec.vocabulary.words.laws import FLOOR, OneVariable, Parameter, coefficient
from scalingdsl.spec.vocabulary.words.report_blocks import Figures
from scalingdsl.spec.vocabulary.words.sources import SequenceSource
from scalingdsl.spec.vocabulary.words.training import GradientOptimiser, Growth


class Saturating(OneVariable):
    """What is left to learn halves at x = half, and from there falls as 1/x."""

    word: ClassVar[str] = "saturating"
    formula: ClassVar[str] = "L(x) = E + A / (1 + x/half)"
    params: ClassVar[tuple[Parameter, ...]] = (
        FLOOR,
        coefficient("A", "reducible loss at x = 0"),
        Parameter("half", "location", "x at which half of it is left", "x", low=1e-4, high=1e4),
    )


class Clock(SequenceSource):
    """A clock that goes one hour on, or slips to any hour with probability `slip`."""

    word: ClassVar[str] = "clock"
    order: ClassVar[tuple[str, ...]] = ("hours",)
    exact: ClassVar[bool] = True
    hours: int = Field(default=12, ge=2, le=65_536, description="hours of its face")
    slip: float = Field(default=0.1, gt=0, le=1, description="probability of going to any hour, all alike")

    @property
    def vocab(self) -> int:
        return self.hours


class HeavyBall(GradientOptimiser):
    """Stochastic gradient descent with momentum, as a heavy ball rolls."""

    word: ClassVar[str] = "heavy_ball"
    moments: ClassVar[tuple[str, ...]] = ("velocity",)
    momentum: float = Field(default=0.9, ge=0, lt=1, description="decay of the velocity")

    @classmethod
    def width_rule(cls, mult: float) -> Mapping[Growth, float]:
        """Gradients of matrices are of the size that their updates want to have, those of vectors too small by the
        width (arXiv:2203.03466, table 8).
        """
        return {"vectors": mult, "vocabulary": 1.0, "hidden": 1.0}


class Gru(Family):
    """Gated recurrent units of one layer, its output head the token embedding."""

    word: ClassVar[str] = "gru"
    reference: ClassVar[str] = "arXiv:1406.1078"
    width: Annotated[int, Unit("features")] = Field(ge=1, le=65_536, description="features of the memory")
    param: Literal["SP", "muP"] = Field(default="muP", description="parametrisation")
    base_width: int = Field(default=64, ge=1, description="width at which muP equals its base")

    @property
    def n_body(self) -> int:
        """Two matrices of width by 3 width, and 3 width biases."""
        return 6 * self.width**2 + 3 * self.width

    def n_total(self, vocab: int) -> int:
        return self.n_body + vocab * self.width

    def flops_per_token(self, vocab: int, length: int) -> int:
        """Both matrices and the head, forward and twice as much back."""
        return 3 * (12 * self.width**2 + 2 * vocab * self.width)

    @property
    def features(self) -> int:
        return self.width

    @property
    def width_mult(self) -> float | None:
        return None if self.param == "SP" else self.width / self.base_width

    def cost(self, vocab: int, length: int, square: int = 0) -> Cost:
        """Some twenty operations a token, which autograd takes thrice."""
        return Cost(60 * length, elements=60 * self.width + 6 * vocab, held=30 * self.width + 3 * vocab, judged=vocab)


declare(
    Quantity(
        "top1", "cell", "share of contexts whose most probable token is foretold",
        low=0, high=1, evaluated=True, fitted=True, averaged=True, label="most probable token foretold",
    )
)  # fmt: skip


class Trained(Figures):
    """A table of the models trained, the smallest first."""

    word: ClassVar[str] = "trained"
