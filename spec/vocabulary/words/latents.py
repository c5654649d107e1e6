"""Linear regression whose loss is known in closed form: latents of falling variance, and features of them."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Annotated, Any, ClassVar, Literal, Self

from pydantic import Field

from ..base import DataShape, Flaw, Unit
from .families import Family
from .sources import PointSource
from .training import Optimiser, Ridge

#: Seconds of one multiplication and addition of numbers of double precision, and of drawing one; on one core.
PRODUCT_S, NORMAL_S = 6e-11, 1.2e-8
#: Products that an eigendecomposition takes for each cubed number of rows; measured.
EIGEN = 12
#: Seconds of the theory of one loss.
THEORY_S = 4e-3
DOUBLE = 8
#: A penalty as a share of the least variance of a latent below which it changes no loss.
SMALL = 0.01


class Latents(PointSource):
    """Points of independent normal numbers whose variances fall as a power of their rank, and labels linear in them.

    Number I, a latent, has variance I^-(1 + tail), and its part of a label variance I^-(1 + target), with a sign drawn
    for each set of labels. Losses are squared errors of labels, their noise included, over all points there could be.
    """

    word: ClassVar[str] = "latents"
    shape: ClassVar[DataShape] = "linear"
    order: ClassVar[tuple[str, ...]] = ("M",)
    curves: ClassVar[tuple[str, ...]] = ("eigenvalue",)
    vague: ClassVar[frozenset[str]] = frozenset(
        (
            *("exponent", "decay", "power", "spectrum", "a", "capacity", "spectral_decay", "n"),
            *("beta", "r", "source_exponent", "target_exponent"),
        )
    )
    also: ClassVar[Mapping[str, str]] = {
        **dict.fromkeys(
            ("latents", "dim", "d", "n_latents", "dimension", "inputs", "n_features", "features", "n"), "M"
        ),
        **dict.fromkeys(("alpha", "exponent", "decay", "power", "spectrum", "a", "capacity", "spectral_decay"), "tail"),
        **dict.fromkeys(("sigma", "noise_std", "std", "sigma_noise", "label_noise", "noise_level", "eps"), "noise"),
        **dict.fromkeys(("beta", "source_exponent", "r", "target_exponent"), "target"),
        **dict.fromkeys(("outputs", "classes", "n_labels", "n_outputs"), "labels"),
    }
    called: ClassVar[Mapping[str, str]] = dict.fromkeys(
        (
            *(
                "gaussian",
                "gauss",
                "normal",
                "gaussians",
                "linear",
                "regression",
                "linear_regression",
                "teacher_student",
            ),
            *("power_law_spectrum", "spectrum", "random_features", "kernel", "gaussian_design", "synthetic_regression"),
        ),
        "latents(M=500, tail=0.5)",
    )
    reference: ClassVar[str] = "arXiv:2210.16859 (target = tail); arXiv:2402.01092 (b = 1 + tail, a = 1 + target)"
    M: int = Field(default=1000, ge=2, le=1_000_000, description="latents")
    tail: float = Field(default=1.0, gt=0, le=20, description="latent I has variance I^-(1 + tail)")
    target: float | None = Field(
        default=None, gt=0, le=40, description="labels have variance I^-(1 + target) by latent; the default is tail"
    )
    noise: float = Field(default=0.0, ge=0, le=1e6, description="standard deviation of what is added to labels")
    labels: int = Field(
        default=16, ge=1, le=4096, description="sets of labels on the same points; losses are their mean"
    )

    @property
    def inputs(self) -> int:
        return self.M

    @property
    def drawn(self) -> Self:
        """Whatever its labels: targets and noises of one draw are told apart by nothing but them."""
        return self.changed(target=self.tail, noise=0.0)

    def settled(self) -> Self:
        return self if self.target is not None else type(self)(**{**dict(self), "target": self.tail})


class Features(Family):
    """A linear model of N features of the points: random mixtures, or some of their numbers; without a width, all.

    Its penalty or its steps, and the loss over all points there could be, are worked out exactly.
    """

    word: ClassVar[str] = "features"
    learns_from: ClassVar[DataShape] = "points"
    shapes: ClassVar[tuple[DataShape, ...]] = ("linear",)
    solved: ClassVar[bool] = True
    draws_anew: ClassVar[bool] = True
    measures: ClassVar[tuple[str, ...]] = ("theory", "train_loss", "gcv")
    called: ClassVar[Mapping[str, str]] = dict.fromkeys(
        ("random_features", "linear", "linear_regression", "kernel_regression", "rf"), "features"
    )
    vague: ClassVar[frozenset[str]] = frozenset(["n", "p", "d", "t", "data"])
    also: ClassVar[Mapping[str, str]] = {
        **dict.fromkeys(("n", "p", "features", "n_features", "num_features", "units"), "width={}"),
        **dict.fromkeys(("d", "t", "points", "n_samples", "num_samples", "n_train", "data"), "samples={}"),
    }
    lacks: ClassVar[Mapping[str, str]] = dict.fromkeys(
        ("alpha", "ridge", "penalty", "lam", "lambda", "lambda_", "l2", "reg", "regularization", "regularisation"),
        "a penalty is that of what solves it, `train ridge(penalty={})`",
    )
    reference: ClassVar[str] = "arXiv:2210.16859; arXiv:2405.00592; arXiv:2402.01092"
    width: Annotated[int | None, Unit("features")] = Field(default=None, ge=1, le=100_000, description="features N")
    samples: Annotated[int | None, Unit("samples")] = Field(
        default=None, ge=1, le=1_000_000, description="points D to learn from; without it, all there could be"
    )
    activation: Literal["linear", "relu", "tanh"] = Field(
        default="linear", description="of random mixtures of the points' numbers"
    )
    pick: Literal["random", "first"] = Field(
        default="random", description="random mixtures, or the first N of the points' numbers"
    )

    def faults(self) -> Iterator[Flaw]:
        if self.activation != "linear" and (self.pick == "first" or self.width is None):
            yield Flaw(f"`activation={self.activation}` is of mixtures, and there are none", "give it a `width` alone")
        elif self.pick == "first" and self.width is None:
            yield Flaw("`pick=first` does not say how many", "give it a `width`")

    def leaves_nothing(self, source: Any, optimiser: Optimiser) -> str:
        width = self.n_total(source.inputs)
        least = source.inputs ** -(1 + source.tail)
        small = isinstance(optimiser, Ridge) and optimiser.penalty <= SMALL * least
        if self.samples is None and self.activation == "linear" and width >= source.inputs and small:
            return f"{width:,} features know all of {source.inputs:,} latents"
        return ""

    @property
    def mixed(self) -> bool:
        """Whether its features are mixtures."""
        return self.width is not None and self.pick == "random"

    @property
    def seeded(self) -> bool:
        """True where mixtures or samples are drawn: independent latents are learnt one by one, whatever their signs."""
        return self.mixed or self.samples is not None

    @property
    def n_body(self) -> int:
        return self.width or 0

    def n_total(self, vocab: int) -> int:
        return self.width or vocab

    @property
    def n_samples(self) -> int:
        return self.samples or 0

    def flops_per_token(self, vocab: int, length: int) -> int:
        """A prediction and a gradient, two products a feature each."""
        return 4 * self.n_total(vocab)

    @property
    def features(self) -> int:
        return self.width or 1

    @classmethod
    def solving_seconds(cls, source: Any, models: Sequence[Self]) -> float:
        """The points and mixtures of the largest drawn once, and one eigendecomposition for each pair of sizes."""
        inputs: int = source.inputs
        pairs = {(m.n_total(inputs), m.n_samples, m.activation, m.pick): m for m in models}.values()
        most = max(m.n_samples for m in models)
        mixed = max((m.n_body for m in models if m.mixed), default=0)
        products = float(inputs * mixed * (most + mixed))
        for m in pairs:
            n, d = m.n_total(inputs), m.n_samples
            products += EIGEN * min(n, d or n) ** 3 + n * d * min(n, d) if d or m.mixed else n
        columns = sum(m.n_total(inputs) * (min(m.n_samples, m.n_total(inputs)) or 1) for m in models)
        drawn = inputs * (most + mixed)
        return drawn * NORMAL_S + (products + int(source.labels) * columns) * PRODUCT_S + THEORY_S * len(models)

    @classmethod
    def solving_bytes(cls, source: Any, models: Sequence[Self]) -> int:
        """Points, mixtures, products of both, and what an eigendecomposition works in."""
        inputs: int = source.inputs
        n = max((m.n_body for m in models if m.mixed), default=0)
        d = max(m.n_samples for m in models)
        return DOUBLE * (inputs * (n + d) + 4 * max(n, d) ** 2 + n * d)
