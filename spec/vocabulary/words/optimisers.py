"""Optimisers that know signs, and those that know matrices."""

from collections.abc import Iterator, Mapping
from math import sqrt
from typing import ClassVar

from pydantic import Field

from ..base import Doubt
from .training import OF_ALL, AdamW, GradientOptimiser, Growth, Shapes, drowning, meaning, shrinking

#: What those with two decays are given elsewhere as one pair.
BETAS = meaning("beta1={0}, beta2={1}", "betas adam_betas b1b2")

#: FLOPs of an eigendecomposition for each cubed number of rows, and operations that it takes as long as beside.
EIGEN, EIGEN_OPERATIONS = 25, 40
#: Operations of an update on a matrix beside its products, of an iteration of Newton and Schulz, and on all else.
MATRIX_OPERATIONS, ITERATION_OPERATIONS, OTHER_OPERATIONS = 20, 4, 50


def newton_schulz_flops(rows: int, columns: int) -> float:
    """FLOPs of an iteration of Newton and Schulz: a matrix's square, the square of that, and what both make of it."""
    m, n = min(rows, columns), max(rows, columns)
    return 4.0 * m * m * n + 2.0 * m**3


#: Rate of what is no hidden matrix over that of those, below which it is rather a rate itself.
LEAST_OTHERS = 0.005

#: The same of iterations, and of how often a basis is made anew.
ITERATIONS = {
    **meaning(
        "iterations={}",
        "ns_steps newton_schulz_steps ns_iters ns_iterations num_iterations backend_steps n_iter "
        "newton_schulz newton_schulz_iterations polar_steps orthogonalization_steps ns",
    ),
    **meaning("momentum={}", "mu beta beta1"),
}
EVERY = meaning(
    "every={}",
    "precondition_frequency precond_freq precond_frequency preconditioning_compute_steps frequency "
    "update_freq update_every update_frequency precondition_every precond_every precond_update "
    "preconditioner_update_freq statistics_compute_steps eigen_every eigh_every root_every freq "
    "precond_update_interval interval precondition_interval preconditioning_frequency inv_every",
)


class Decaying(GradientOptimiser):
    """What optimisers of networks are given beside a rate: weight decay, and a norm to clip gradients to."""

    also: ClassVar[Mapping[str, str]] = {
        **meaning("decay={}", "weight_decay wd"),
        **{name: said for name, said in AdamW.also.items() if said.startswith(OF_ALL)},
    }
    bounded: ClassVar[bool] = True
    doubted: ClassVar[tuple[str, ...]] = ("lr", "warmup", "decay")
    decay: float = Field(
        default=0.01, ge=0, description="weight decay, times the rate of its group; norm gains have none"
    )
    clip: float = Field(default=1.0, gt=0, description="largest norm of one model's gradient")

    def doubts(self) -> Iterator[Doubt]:
        yield from super().doubts()
        if self.lr > 1.0:
            message = f"a step moves weights by about the rate, and {self.lr:g} is more than they are"
            yield Doubt("lr", message, "write a rate such as `lr=0.02`")
        yield from shrinking(self.lr, self.decay)


class Lion(Decaying):
    """The sign of a momentum that the gradient has been mixed into: every entry moves by the rate."""

    word: ClassVar[str] = "lion"
    spoken: ClassVar[str] = r"\bLion\b"
    also: ClassVar[Mapping[str, str]] = {**Decaying.also, **BETAS, "momentum": "beta2={0}"}
    lacks: ClassVar[Mapping[str, str]] = {"momentum": "`beta2` is how fast the momentum decays"}
    reference: ClassVar[str] = "arXiv:2302.06675"
    moments: ClassVar[tuple[str, ...]] = ("momentum",)
    lr: float = Field(default=0.002, gt=0, le=1000, description="peak learning rate")
    beta1: float = Field(default=0.9, ge=0, lt=1, description="share of the momentum in what the sign is taken of")
    beta2: float = Field(default=0.99, ge=0, lt=1, description="decay of the momentum")

    @classmethod
    def width_rule(cls, mult: float) -> Mapping[Growth, float]:
        """As Adam's: an entry moves by the rate, whatever its gradient."""
        return {"vectors": 1.0, "vocabulary": 1 / sqrt(mult), "hidden": 1 / mult}


class Matrixwise(Decaying):
    """Of matrices that grow in both directions an update of their own; what else there is, embeddings, output head,
    gains and biases, goes another way, at `others` times the rate.
    """

    also: ClassVar[Mapping[str, str]] = {
        **Decaying.also,
        **meaning(
            "others={/lr}",
            "adamw_lr adam_lr lr_1d embed_lr embedding_lr head_lr scalar_lr aux_lr lr_adam lr_adamw "
            "other_lr others_lr backup_lr lr_embed unembed_lr lr_head scalars_lr",
        ),
        **meaning("others={}", "adam_lr_ratio lr_ratio adamw_lr_ratio others_ratio embed_lr_mult"),
    }
    doubted: ClassVar[tuple[str, ...]] = (*Decaying.doubted, "others")
    others: float = Field(default=1.0, gt=0, le=1000, description="rate of what is no hidden matrix, over `lr`")

    def doubts(self) -> Iterator[Doubt]:
        yield from super().doubts()
        if self.others < LEAST_OTHERS:
            message = (
                f"`others` is a share of `lr`: embeddings and output head are at a rate of {self.lr * self.others:.2g}"
            )
            yield Doubt("others", message, f"for a rate of {self.others:g} write `others={self.others:g}/lr`")

    @classmethod
    def width_rule(cls, mult: float) -> Mapping[Growth, float]:
        """An update of norm 1, as a map between vectors whose entries are of size 1, moves what comes out of it by the
        rate at any width; of the others every entry moves by the rate, as Adam's do.
        """
        return {"vectors": 1.0, "vocabulary": 1 / sqrt(mult), "hidden": 1.0}


class Muon(Matrixwise):
    """Momentum made orthogonal by Newton and Schulz's iteration, matrix by matrix, times the square root of features
    out over features in where those are more; the others by AdamW at betas of 0.9 and 0.95.
    """

    word: ClassVar[str] = "muon"
    spoken: ClassVar[str] = r"\bMuon\b"
    also: ClassVar[Mapping[str, str]] = {**Matrixwise.also, **ITERATIONS}
    reference: ClassVar[str] = "kellerjordan.github.io/posts/muon; arXiv:2502.16982"
    moments: ClassVar[tuple[str, ...]] = ("exp_avg", "exp_avg_sq")
    shape: ClassVar[tuple[str, ...]] = ("iterations",)
    momentum: float = Field(default=0.95, ge=0, lt=1, description="decay of the momentum")
    nesterov: bool = Field(default=True, description="whether the gradient is mixed into the momentum once more")
    iterations: int = Field(default=5, ge=1, le=20, description="iterations of Newton and Schulz")
    others: float = Field(default=0.3, gt=0, le=1000, description="rate of what is no hidden matrix, over `lr`")

    def step_flops(self, matrices: Shapes) -> float:
        return self.iterations * sum(newton_schulz_flops(*shape) for shape in matrices)

    def step_operations(self, matrices: Shapes) -> int:
        return len(matrices) * (MATRIX_OPERATIONS + ITERATION_OPERATIONS * self.iterations) + OTHER_OPERATIONS


class Scion(Matrixwise):
    """Of all steps of one size that in which the linear part of the loss falls most: of a hidden matrix momentum made
    orthogonal, times the square root of features out over features in; of all else its sign. With a `decay` of 1/r
    weights stay within r by the norm that they are measured in.
    """

    word: ClassVar[str] = "scion"
    spoken: ClassVar[str] = r"\bScion\b"
    also: ClassVar[Mapping[str, str]] = {
        **Matrixwise.also,
        **ITERATIONS,
        **meaning("decay=1/{}", "radius norm_radius max_norm weight_norm"),
    }
    reference: ClassVar[str] = "arXiv:2502.07529"
    moments: ClassVar[tuple[str, ...]] = ("momentum",)
    shape: ClassVar[tuple[str, ...]] = ("iterations",)
    doubted: ClassVar[tuple[str, ...]] = (
        "lr",
        "warmup",
        "others",
    )  # a decay holds weights within a radius, however much it is
    momentum: float = Field(default=0.9, ge=0, lt=1, description="decay of the momentum")
    iterations: int = Field(default=5, ge=1, le=20, description="iterations of Newton and Schulz")
    others: float = Field(default=0.1, gt=0, le=1000, description="rate of what is no hidden matrix, over `lr`")

    def step_flops(self, matrices: Shapes) -> float:
        return self.iterations * sum(newton_schulz_flops(*shape) for shape in matrices)

    def step_operations(self, matrices: Shapes) -> int:
        return len(matrices) * (MATRIX_OPERATIONS + ITERATION_OPERATIONS * self.iterations) + OTHER_OPERATIONS


class Sided(Matrixwise):
    """Of the gradients of a matrix it keeps the mean of their squares from either side, G G' and G' G."""

    also: ClassVar[Mapping[str, str]] = {**Matrixwise.also, **EVERY}
    lacks: ClassVar[Mapping[str, str]] = meaning(
        "`every` is all that is said of the squares, and matrices are taken whole",
        "block_size graft grafting grafting_type",
    )
    moments: ClassVar[tuple[str, ...]] = ("exp_avg", "exp_avg_sq")
    #: Eigendecompositions are no operation that a device can record.
    repeats: ClassVar[bool] = False
    shape: ClassVar[tuple[str, ...]] = ("every",)
    #: Products with a square of one side, there or back.
    products: ClassVar[int] = 3
    every: int = Field(default=10, ge=1, le=100_000, description="steps from one eigendecomposition to the next")

    @classmethod
    def beside(cls, matrices: Shapes) -> Mapping[str, int]:
        left, right = sum(m * m for m, _ in matrices), sum(n * n for _, n in matrices)
        return {"left": left, "right": right, "left_turn": left, "right_turn": right}

    def step_flops(self, matrices: Shapes) -> float:
        """Both squares, a product on either side there and back, and the eigendecompositions."""
        products = sum(2.0 * self.products * m * n * (m + n) for m, n in matrices)
        return products + EIGEN / self.every * sum(m**3 + n**3 for m, n in matrices)

    def step_operations(self, matrices: Shapes) -> int:
        """Twice those on a matrix: into the eigenbasis and back."""
        return round(len(matrices) * (2 * MATRIX_OPERATIONS + 2 * EIGEN_OPERATIONS / self.every)) + OTHER_OPERATIONS


class Soap(Sided):
    """Adam in the eigenbasis of Shampoo's squares; the first step only makes the basis. The others by AdamW."""

    word: ClassVar[str] = "soap"
    spoken: ClassVar[str] = r"\bSOAP\b"
    also: ClassVar[Mapping[str, str]] = {**Sided.also, **BETAS, "shampoo_beta": "beta2={}"}
    reference: ClassVar[str] = "arXiv:2409.11321"
    beta1: float = Field(default=0.95, ge=0, lt=1, description="decay of the first moment")
    beta2: float = Field(default=0.95, ge=0, lt=1, description="decay of the second moment and of the squares")
    eps: float = Field(default=1e-8, gt=0, description="added to the root of the second moment")
    doubted: ClassVar[tuple[str, ...]] = (*Sided.doubted, "eps", "clip")

    def doubts(self) -> Iterator[Doubt]:
        yield from super().doubts()
        yield from drowning(self.lr, self.eps, self.clip)

    @classmethod
    def width_rule(cls, mult: float) -> Mapping[Growth, float]:
        """Of hidden matrices what is noise is made as large as what is learnt, and adds up as the root of the width."""
        return {**super().width_rule(mult), "hidden": 1 / sqrt(mult)}


class Shampoo(Sided):
    """Momentum between the inverse fourth roots of both squares, times the square root of features out over features in
    where those are more; the others by AdamW.
    """

    word: ClassVar[str] = "shampoo"
    spoken: ClassVar[str] = r"\bShampoo\b"
    also: ClassVar[Mapping[str, str]] = {**Sided.also, **BETAS, "momentum": "beta1={}", "epsilon": "eps={}"}
    products: ClassVar[int] = 2
    reference: ClassVar[str] = "arXiv:1802.09568"
    beta1: float = Field(default=0.9, ge=0, lt=1, description="decay of the first moment")
    beta2: float = Field(default=0.95, ge=0, lt=1, description="decay of the squares, and of the others' second moment")
    eps: float = Field(
        default=1e-3, gt=0, lt=1, description="least eigenvalue of a square, over its largest; of the others as AdamW's"
    )
    others: float = Field(default=0.3, gt=0, le=1000, description="rate of what is no hidden matrix, over `lr`")
