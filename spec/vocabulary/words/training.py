"""Optimisers, schedules and warm-up."""

from typing import ClassVar, Literal

from pydantic import Field, SerializeAsAny

from ..base import Frozen, Kind, Term


class Schedule(Term):
    """How the learning rate moves after warm-up, as a multiple of its peak."""

    kind: ClassVar[Kind] = "schedule"


class Cosine(Schedule):
    """Half a cosine from the peak to `final` times the peak at the last step."""

    word: ClassVar[str] = "cosine"
    final: float = Field(default=0.0, ge=0, le=1, description="rate at the last step over the peak")


class Constant(Schedule):
    """The peak rate until the last step."""

    word: ClassVar[str] = "constant"


class WarmupStableDecay(Schedule):
    """The peak rate, then a straight line to zero over the last `decay` of the steps."""

    word: ClassVar[str] = "wsd"
    order: ClassVar[tuple[str, ...]] = ("decay",)
    reference: ClassVar[str] = "arXiv:2404.06395"
    decay: float = Field(default=0.2, gt=0, le=1, description="share of the steps that decays")


class Warmup(Frozen):
    """Linear warm-up: a number of steps, or a fraction of all steps. Exactly one is set."""

    steps: int | None = Field(default=None, ge=0)
    fraction: float | None = Field(default=None, ge=0, lt=1)

    def of(self, steps: int) -> int:
        """Warm-up steps of a run of `steps` steps."""
        return self.steps if self.steps is not None else round((self.fraction or 0.0) * steps)


class Optimiser(Term):
    """Anything `train` can name."""

    kind: ClassVar[Kind] = "optimiser"


class AdamW(Optimiser):
    """Adam with decoupled weight decay; gradients clipped to a norm for each model of its own."""

    word: ClassVar[str] = "adamw"
    reference: ClassVar[str] = "arXiv:1711.05101"
    lr: float = Field(default=0.02, gt=0, le=1000, description="peak learning rate")
    beta1: float = Field(default=0.9, ge=0, lt=1, description="decay of the first moment")
    beta2: float = Field(default=0.95, ge=0, lt=1, description="decay of the second moment")
    eps: float = Field(default=1e-8, gt=0, description="added to the root of the second moment")
    decay: float = Field(default=0.01, ge=0, description="weight decay, times the learning rate; norm gains have none")
    clip: float = Field(default=1.0, gt=0, description="largest norm of one model's gradient")
    schedule: SerializeAsAny[Schedule] = Field(default_factory=Cosine, description="learning-rate schedule")
    warmup: Warmup = Field(
        default_factory=lambda: Warmup(fraction=0.02), description="linear warm-up: `200steps` or `2%`"
    )
    batch: int = Field(default=8, ge=1, description="sequences or points a step")
    precision: Literal["fp32", "tf32", "bf16"] = Field(default="fp32", description="arithmetic of the matmuls")
