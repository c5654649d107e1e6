"""Optimisers, schedules and warm-up."""

from collections.abc import Iterator, Mapping, Sequence
from math import sqrt
from typing import Annotated, ClassVar, Literal

from pydantic import Field, SerializeAsAny
from pydantic.fields import FieldInfo

from ..base import Doubt, Flaw, Frozen, Kind, Later, Scalar, Term

#: How a tensor grows with the width: not at all or in one direction as a vector, in one as a matrix from or to the
#: vocabulary, in both.
Growth = Literal["vectors", "vocabulary", "hidden"]
#: Rows and columns of a model's matrices that grow in both.
Shapes = Sequence[tuple[int, int]]


#: Seconds of an operation on matrices of a small model, and of a FLOP in it. Measured on one core with widths of 16 to
#: 128 and every optimiser that takes matrices one by one: whole steps are within a third.
OPERATION_S, FLOP_S = 2.7e-6, 1.25e-11

#: A last rate below this share of the peak, and a peak above this, is hardly meant.
LEAST_FINAL, HIGHEST_RATE = 0.001, 1.0
#: Share of the steps below which a decay at the end of a run has none to learn in.
SHORT_DECAY = 0.01
#: Warm-up and decay together, as a share of the steps, above which they overlap.
OVERLAP = 1.1
#: Weight decay of which a tail of the schedule is rather thought of, where that has one.
MUCH_DECAY = 0.1
#: Share of the weights that a step takes off them, above which they are gone before they are learned.
MUCH_SHRUNK = 0.05
#: Usual decays of moments, which are no usual decays of weights.
DECAYS_OF_MOMENTS = (0.9, 0.95, 0.98, 0.99, 0.995, 0.999)
#: `eps` over the largest norm of a gradient, above which no root of a second moment is anything beside it.
DROWNING = 0.1
#: Distance that a step moves all weights together, below which they stay where they began.
STANDSTILL = 1e-7
#: Share of the steps above which a warm-up leaves none to learn in.
LONG_WARMUP = 0.75


def meaning(meant: str, names: str) -> dict[str, str]:
    """What is meant by each of the names, in one text, that other tools have for something."""
    return dict.fromkeys(names.split(), meant)


class Schedule(Term):
    """The course of the learning rate after warm-up, as a multiple of its peak."""

    kind: ClassVar[Kind] = "schedule"
    lacks: ClassVar[Mapping[str, str]] = meaning(
        "a schedule has one shape: `cosine` is half a cosine, and `wsd` a straight line at the end",
        "type kind shape form mode decay_type decay_shape curve power",
    )
    #: Whether a point on a run's way, with a decay of its own if it has one, is the end of a shorter run.
    extends: ClassVar[bool] = False

    @property
    def decayed(self) -> float:
        """Share of the steps in which a run's end is decayed apart from its trunk; 0 where there is no trunk."""
        return 0.0


class Cosine(Schedule):
    """Half a cosine from the peak to `final` times the peak, which it would reach right after the last step."""

    word: ClassVar[str] = "cosine"
    called: ClassVar[Mapping[str, str]] = dict.fromkeys(
        (
            "cos",
            "onecycle",
            "one_cycle",
            "onecyclelr",
            "sgdr",
            "cosine_restarts",
            "cosine_annealing",
            "cosineannealing",
            "cosineannealinglr",
            "cosine_decay",
            "cosine_with_warmup",
            *(
                "exponential",
                "exp",
                "exponentiallr",
                "poly",
                "polynomial",
                "polynomial_decay",
                "step",
                "steplr",
                "step_decay",
            ),
            *("multistep", "multisteplr", "piecewise", "plateau", "reducelronplateau", "reduce_on_plateau", "cyclic"),
            *("warmupcosine", "warmup_cosine", "cosine_warmup", "cosinewarmup"),
        ),
        "cosine",
    )
    unlike: ClassVar[Mapping[str, str]] = meaning(
        "a rate falls once, and does not rise again",
        "onecycle one_cycle onecyclelr sgdr cosine_restarts cyclic",
    ) | meaning(
        "a rate falls along half a cosine, or in a straight line at the end, `schedule=wsd`, and not in steps or by a "
        "power",
        "exponential exp exponentiallr poly polynomial polynomial_decay step steplr step_decay multistep multisteplr "
        "piecewise plateau reducelronplateau reduce_on_plateau",
    )
    also: ClassVar[Mapping[str, str]] = {
        **meaning("final={/lr}", "min_lr lr_min eta_min end_lr lr_end final_lr min_learning_rate floor"),
        **meaning(
            "final={}",
            "min_ratio end_factor final_ratio min_lr_ratio alpha min_lr_rate ratio final_factor lr_min_ratio "
            "min_factor final_lr_fraction final_fraction",
        ),
        **meaning("final={<lr}", "min end decay_to to"),
    }
    doubted: ClassVar[tuple[str, ...]] = ("final",)
    final: float = Field(default=0.0, ge=0, le=1, description="rate right after the last step over the peak")

    def doubts(self) -> Iterator[Doubt]:
        if 0 < self.final < LEAST_FINAL:
            message = f"`final` is a share of the peak rate, and {self.final:g} of it is nearly nothing"
            yield Doubt("final", message, "for a tenth of the peak write `final=0.1`, for zero leave it out")
        elif self.final == 1:
            message = "a cosine that ends at its peak is a constant rate"
            yield Doubt("final", message, "write `final=0.1` for a tenth of the peak, or `schedule=constant`")


class Constant(Schedule):
    """The peak rate until the last step."""

    word: ClassVar[str] = "constant"
    called: ClassVar[Mapping[str, str]] = dict.fromkeys(
        ("none", "off", "false", "const", "flat", "fixed", "constant_with_warmup", "constantlr"), "constant"
    )
    extends: ClassVar[bool] = True


class WarmupStableDecay(Schedule):
    """The peak rate, then a straight line to zero over the last `decay` of the steps."""

    word: ClassVar[str] = "wsd"
    order: ClassVar[tuple[str, ...]] = ("decay",)
    reference: ClassVar[str] = "arXiv:2404.06395"
    also: ClassVar[Mapping[str, str]] = {
        **meaning(
            "decay={}",
            "decay_frac decay_fraction cooldown cooldown_frac decay_ratio anneal cooldown_fraction "
            "decay_pct cooldown_ratio tail rampdown warmdown warmdown_frac decay_share",
        ),
        **meaning("decay={1-}", "stable stable_frac stable_ratio stable_fraction decay_start plateau"),
    }
    called: ClassVar[Mapping[str, str]] = {
        **dict.fromkeys(("linear", "linear_decay", "triangular"), "wsd(decay=100%)"),
        **dict.fromkeys(("trapezoidal", "trapezoid", "warmup_stable_decay", "cooldown"), "wsd"),
        **meaning("wsd", "inverse_sqrt invsqrt inv_sqrt rsqrt noam inverse_square_root infinite"),
        **dict.fromkeys(("1-sqrt", "wsd_sqrt", "linear_warmup_decay", "linear_with_warmup"), "wsd(decay=100%)"),
    }
    lacks: ClassVar[Mapping[str, str]] = meaning(
        "its line ends at 0",
        "final min_lr lr_min eta_min end_lr lr_end final_lr min_learning_rate min_ratio end_factor final_ratio "
        "min_lr_ratio final_factor min_factor end to decay_to",
    )
    unlike: ClassVar[Mapping[str, str]] = meaning(
        "a straight line to zero over so much of the steps, of which a warm-up has the rest: `wsd(decay=95%)` beside "
        "`warmup=5%`",
        "linear linear_decay triangular linear_warmup_decay linear_with_warmup",
    ) | meaning(
        "no rate falls as a power of the steps: this one keeps its peak, and can be decayed anywhere",
        "inverse_sqrt invsqrt inv_sqrt rsqrt noam inverse_square_root infinite",
    )
    extends: ClassVar[bool] = True
    decay: float = Field(default=0.2, gt=0, le=1, description="share of the steps that decays")

    doubted: ClassVar[tuple[str, ...]] = ("decay",)

    @property
    def decayed(self) -> float:
        return self.decay

    def doubts(self) -> Iterator[Doubt]:
        if self.decay < SHORT_DECAY:
            percent = f"{100 * self.decay:.3g}%"
            message = f"the rate falls to zero within the last {percent} of the steps, where hardly any are"
            yield Doubt("decay", message, "write a share such as `decay=20%`")


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
    #: Whether a trainer of the person's own takes it.
    elsewhere: ClassVar[bool] = False
    #: Whether it takes steps, so that how many is part of what a run is.
    takes_steps: ClassVar[bool] = False
    #: Whether networks can be trained by it, and whether what it does to a linear model has a closed form.
    trains: ClassVar[bool] = False
    solves: ClassVar[bool] = False


class GradientOptimiser(Optimiser):
    """An optimiser that takes steps, and so can train: what every one of them is given."""

    takes_steps: ClassVar[bool] = True
    trains: ClassVar[bool] = True
    #: Whether no step moves an entry of the weights by more than about the rate.
    bounded: ClassVar[bool] = False
    #: Numbers it keeps for each parameter beside its value and gradient, by the names they have in checkpoints.
    moments: ClassVar[tuple[str, ...]] = ()
    #: Parameters that decide what operations a step is made of, and so are the same in models that are stacked.
    shape: ClassVar[tuple[str, ...]] = ()
    #: Whether every step does the same operations, so that a device can record one and repeat it.
    repeats: ClassVar[bool] = True
    doubted: ClassVar[tuple[str, ...]] = ("warmup",)
    lr: float = Field(default=0.02, gt=0, le=1000, description="peak learning rate")
    schedule: SerializeAsAny[Schedule] = Field(default_factory=Cosine, description="learning-rate schedule")
    warmup: Warmup = Field(
        default_factory=lambda: Warmup(fraction=0.02), description="linear warm-up: `200steps` or `2%`"
    )
    batch: int = Field(default=8, ge=1, description="sequences or points a step")
    precision: Literal["fp32", "tf32", "bf16"] = Field(default="fp32", description="arithmetic of the matmuls")

    @classmethod
    def declared(cls) -> Mapping[str, FieldInfo]:
        """The peak rate, then the optimiser's own parameters, then what all optimisers have."""
        common = {name: cls.model_fields[name] for name in GradientOptimiser.model_fields}
        own = {name: info for name, info in cls.model_fields.items() if name not in common}
        return {"lr": common.pop("lr"), **own, **common}

    @property
    def stacked_by(self) -> tuple[Scalar, ...]:
        """What models that are stacked have in common of their optimisers."""
        return (self.word, self.batch, self.precision, *(getattr(self, name) for name in self.shape))

    def doubts(self) -> Iterator[Doubt]:
        if self.warmup.fraction is not None and self.warmup.fraction > LONG_WARMUP:
            message = (
                f"the rate climbs over {100 * self.warmup.fraction:.3g}% of the steps, and has no time at its peak"
            )
            yield Doubt("warmup", message, "write a warm-up such as `warmup=2%`")
        elif self.warmup.fraction is not None and self.warmup.fraction + self.schedule.decayed > OVERLAP:
            decay = f"{100 * self.schedule.decayed:.3g}%"
            message = f"a warm-up of {100 * self.warmup.fraction:.3g}% and a decay over {decay} of the steps overlap"
            yield Doubt("warmup", message, "write a warm-up such as `warmup=2%`, or a shorter decay")

    def not_solved(self) -> str:
        """The reason why what it does to a linear model has no closed form; empty where it has."""
        return ""

    @classmethod
    def beside(cls, matrices: Shapes) -> Mapping[str, int]:
        """Numbers it keeps for a model beside its moments, by the names they have in checkpoints."""
        return {}

    @classmethod
    def state_size(cls, n_total: int, matrices: Shapes) -> int:
        """All numbers it keeps for a model of `n_total` parameters with these matrices."""
        return len(cls.moments) * n_total + sum(cls.beside(matrices).values())

    def step_flops(self, matrices: Shapes) -> float:
        """FLOPs of the matrix products of one update of a model; those of training are the family's."""
        return 0.0

    def step_operations(self, matrices: Shapes) -> int:
        """Operations of one update of a model by one that takes matrices one by one; of others the pass over all
        parameters is what counts.
        """
        return 0

    def update_seconds(self, matrices: Shapes) -> float:
        """Seconds of these operations and products on one core, beside that pass."""
        return self.step_operations(matrices) * OPERATION_S + self.step_flops(matrices) * FLOP_S

    @classmethod
    def width_rule(cls, mult: float) -> Mapping[Growth, float] | None:
        """The factor on the peak rate under muP at `mult` times the base width; None where no rule is known.

        The model is that of arXiv:2203.03466 with unit features: matrices begin at 1/sqrt(width), what comes from the
        vocabulary is multiplied by sqrt(width), logits by 1/sqrt(mult).
        """
        return None


def shrinking(lr: float, decay: float) -> Iterator[Doubt]:
    """The doubt about a weight decay that leaves nothing of the weights."""
    if lr * decay >= MUCH_SHRUNK:
        message = f"`decay={decay:g}` times the rate takes {lr * decay * 100:.3g}% off the weights at every step"
        yield Doubt("decay", message, "write a decay such as `decay=0.1`")


def drowning(lr: float, eps: float, clip: float) -> Iterator[Doubt]:
    """The doubt about an `eps` that is more than all gradients are, clipped to a norm as they are, or about the norm.

    All entries of a step together are at most the rate times that norm over `eps`.
    """
    if eps >= DROWNING * clip:
        moved = f"no step moves all weights together by more than {lr * clip / eps:.2g}"
        if eps >= DROWNING:
            message = f"`eps` drowns the second moment, whose root it is added to: {moved}"
            yield Doubt("eps", message, "write `eps=1e-8`")
        else:
            yield Doubt("clip", f"gradients clipped to so small a norm drown in `eps`: {moved}", "write `clip=1`")


class AdamW(GradientOptimiser):
    """Adam with decoupled weight decay; gradients clipped to a norm for each model of its own."""

    word: ClassVar[str] = "adamw"
    spoken: ClassVar[str] = r"\bAdamW?\b"
    reference: ClassVar[str] = "arXiv:1711.05101"
    also: ClassVar[Mapping[str, str]] = {
        **dict.fromkeys(("warmup_steps", "warmup_iters", "num_warmup_steps", "n_warmup"), "warmup={}steps"),
        **meaning("warmup={%}", "warmup_ratio warmup_frac warmup_fraction warmup_proportion warmup_pct pct_start"),
        **meaning("precision=bf16", "bf16 fp16 half float16 bfloat16 use_bf16 autocast amp use_amp"),
        "penalty": "decay={}",
        "tf32": "precision=tf32",
        "fp32": "precision=fp32",
        **dict.fromkeys(("betas", "adam_betas"), "beta1={0}, beta2={1}"),
        **meaning(
            "schedule=cosine(final={/lr})",
            "min_lr lr_min eta_min end_lr final_lr lr_end min_learning_rate lr_final",
        ),
        **meaning(
            "schedule=cosine(final={})",
            "min_lr_ratio final_lr_fraction lr_min_ratio min_lr_rate final_lr_ratio lr_end_factor",
        ),
        **meaning(
            "schedule=wsd(decay={%})",
            "cooldown decay_frac decay_fraction cooldown_frac cooldown_fraction warmdown",
        ),
        "momentum": "beta1={0}",
        **meaning(
            "batch={*batch}",
            "gradient_accumulation_steps grad_accum accumulate_grad_batches grad_accum_steps accum_steps "
            "gradient_accumulation accumulation_steps accumulate grad_acc",
        ),
        **meaning("batch={}/length", "tokens_per_step batch_tokens tokens_per_batch tokens_per_update step_tokens"),
        **dict.fromkeys(("lr_schedule_decay", "wsd_decay"), "schedule=wsd(decay={%})"),
    }
    called: ClassVar[Mapping[str, str]] = {
        "adam": "adamw(decay=0)",
        "adam_w": "adamw",
        "fused_adamw": "adamw",
        **dict.fromkeys(("schedule_free", "schedulefree", "adamwschedulefree"), "adamw(schedule=constant)"),
    } | dict.fromkeys(
        (
            *("adafactor", "adagrad", "rmsprop", "sophia", "lamb", "nadam", "radam", "adamax", "adan", "adabound"),
            *("lars", "galore", "came", "adopt", "mars", "adadelta", "adabelief", "lookahead"),
            *("trainer", "trainingarguments", "training", "optimizer", "optimiser", "optim", "train", "fit"),
        ),
        "adamw",
    )
    unlike: ClassVar[Mapping[str, str]] = meaning(
        "there is no such optimiser here, and this one is the nearest",
        "adafactor adagrad rmsprop sophia lamb nadam radam adamax adan adabound lars galore came adopt mars adadelta "
        "adabelief lookahead",
    ) | meaning(
        "every optimiser has a schedule, of which `schedule=constant` keeps the rate to the end",
        "schedule_free schedulefree adamwschedulefree",
    )
    vague: ClassVar[frozenset[str]] = frozenset(["penalty"])
    instead: ClassVar[str] = "what trains where nothing else is said is `adamw(lr=0.02)`"
    bounded: ClassVar[bool] = True
    moments: ClassVar[tuple[str, ...]] = ("exp_avg", "exp_avg_sq")
    doubted: ClassVar[tuple[str, ...]] = ("lr", "warmup", "beta1", "beta2", "eps", "decay", "clip")
    beta1: float = Field(default=0.9, ge=0, lt=1, description="decay of the first moment")
    beta2: float = Field(default=0.95, ge=0, lt=1, description="decay of the second moment")
    eps: float = Field(default=1e-8, gt=0, description="added to the root of the second moment")
    decay: float = Field(
        default=0.01, ge=0, description="weight decay, times the rate of its group; norm gains have none"
    )
    clip: float = Field(default=1.0, gt=0, description="largest norm of one model's gradient")

    def doubts(self) -> Iterator[Doubt]:
        yield from super().doubts()
        if self.lr > HIGHEST_RATE:
            message = f"every step moves weights by about the rate, and {self.lr:g} is more than they are"
            yield Doubt("lr", message, "write a rate such as `lr=0.02`")
        yield from shrinking(self.lr, self.decay)
        yield from drowning(self.lr, self.eps, self.clip)
        if self.beta1 > self.beta2 and self.beta1 != type(self).model_fields["beta1"].default:
            message = f"the first moment, `beta1={self.beta1:g}`, forgets more slowly than the second"
            yield Doubt("beta1", message, f"write `beta1={self.beta2:g}, beta2={self.beta1:g}`")
        elif self.beta1 > self.beta2:
            message = f"the second moment, `beta2={self.beta2:g}`, forgets faster than the first"
            yield Doubt("beta2", message, "write `beta2=0.95`, or another number above `beta1`")
        if self.decay in DECAYS_OF_MOMENTS:
            message = "`decay` is weight decay, and those of moments are `beta1` and `beta2`"
            yield Doubt(
                "decay", message, f"for a decay of a moment write `beta{1 + (self.decay > 0.9)}={self.decay:g}`"
            )
        elif self.decay >= MUCH_DECAY and isinstance(self.schedule, WarmupStableDecay) and not self._tail_of_its_own:
            share = f"{self.decay * 100:.6g}%"
            message = f"`decay` of `{self.word}` is weight decay, and that of a schedule its own parameter"
            tail = f"write `schedule=wsd(decay={share})` in place of both `schedule` and this `decay`"
            yield Doubt("decay", message, f"for a tail of {share} of the steps {tail}")

    @property
    def _tail_of_its_own(self) -> bool:
        """True for a schedule that says another tail than the weight decay."""
        schedule = self.schedule
        said = isinstance(schedule, WarmupStableDecay) and "decay" in schedule.model_fields_set
        return said and schedule.decayed != self.decay

    @classmethod
    def width_rule(cls, mult: float) -> Mapping[Growth, float]:
        """An entry moves by the rate, whatever its gradient: 1/width of a sum over the width moves that by as much."""
        return {"vectors": 1.0, "vocabulary": 1 / sqrt(mult), "hidden": 1 / mult}


class Ridge(Optimiser):
    """Least squares with a penalty on the squared weights, solved exactly."""

    word: ClassVar[str] = "ridge"
    solves: ClassVar[bool] = True
    called: ClassVar[Mapping[str, str]] = dict.fromkeys(("lstsq", "least_squares", "ols", "linear_regression"), "ridge")
    vague: ClassVar[frozenset[str]] = frozenset(["alpha"])
    also: ClassVar[Mapping[str, str]] = dict.fromkeys(("alpha", "lam", "lambda", "reg", "l2"), "penalty")
    lacks: ClassVar[Mapping[str, str]] = dict.fromkeys(
        ("lr", "momentum", "beta1", "beta2", "schedule", "warmup", "batch", "clip", "tol", "max_iter"),
        "it is solved exactly, and takes no steps",
    )
    penalty: float = Field(
        default=1e-6, ge=0, description="factor of the sum of squared weights, beside the mean squared error"
    )


#: What every optimiser with gradients is given.
OF_ALL = ("warmup", "schedule", "precision", "batch")


class Sgd(GradientOptimiser):
    """Gradient descent with momentum.

    Of a linear model it is worked out in closed form, on half the mean squared error of all samples at once: at a
    constant rate without warm-up, and with nothing but momentum. The velocity is the sum of gradients, each one
    `momentum` times less for every step since.
    """

    word: ClassVar[str] = "sgd"
    spoken: ClassVar[str] = r"\bSGD\b"
    called: ClassVar[Mapping[str, str]] = {
        **dict.fromkeys(("gd", "gradient_descent"), "sgd"),
        **dict.fromkeys(("momentum", "heavyball"), "sgd(momentum=0.9)"),
        "nesterov": "sgd(momentum=0.9, nesterov=true)",
        **dict.fromkeys(("gradient_flow", "gradientflow", "flow", "ode"), "sgd(schedule=constant, warmup=0steps)"),
    }
    unlike: ClassVar[Mapping[str, str]] = meaning(
        "its time is that of steps, `steps along [1..1024]`, times the rate", "gradient_flow gradientflow flow ode"
    )
    also: ClassVar[Mapping[str, str]] = {
        **dict.fromkeys(("weight_decay", "wd"), "decay={}"),
        **{name: AdamW.also[name] for name in AdamW.also if AdamW.also[name].startswith(OF_ALL)},
        **meaning("momentum={}", "beta mu beta1 heavy_ball momentum_decay"),
        **dict.fromkeys(("nesterov_momentum", "nag"), "momentum={}, nesterov=true"),
        "use_nesterov": "nesterov={}",
    }
    lacks: ClassVar[Mapping[str, str]] = {"dampening": "a step takes the gradient whole, as at a dampening of 0"}
    solves: ClassVar[bool] = True
    moments: ClassVar[tuple[str, ...]] = ("velocity",)
    doubted: ClassVar[tuple[str, ...]] = ("warmup", "clip")
    momentum: float = Field(default=0.0, ge=0, lt=1, description="share of the last step that is taken again")
    nesterov: Annotated[bool, Later()] = Field(
        default=False, description="whether a step looks ahead: its gradient, and `momentum` times the velocity"
    )
    decay: Annotated[float, Later()] = Field(
        default=0.0, ge=0, description="weight decay, times the rate of its group; norm gains have none"
    )
    clip: Annotated[float | None, Later()] = Field(
        default=None, gt=0, description="largest norm of one model's gradient; without it, any"
    )

    def faults(self) -> Iterator[Flaw]:
        if self.nesterov and not self.momentum:
            yield Flaw("`nesterov` looks ahead by the momentum, and there is none", "write `momentum=0.9` beside it")

    def doubts(self) -> Iterator[Doubt]:
        yield from super().doubts()
        moved = self.lr * (self.clip or 1.0) / (1 - self.momentum)
        if self.clip is not None and self.clip < 1 and moved < STANDSTILL:
            message = f"gradients clipped to so small a norm move all weights together by {moved:.2g} a step at most"
            yield Doubt("clip", message, "write `clip=1`")

    def not_solved(self) -> str:
        given = {"nesterov": self.nesterov, "decay": self.decay > 0, "clip": self.clip is not None}
        return next((f"the effect of `{name}` has none" for name, there in given.items() if there), "")

    @classmethod
    def width_rule(cls, mult: float) -> Mapping[Growth, float]:
        """Gradients of matrices are of the size that their updates want to have, those of vectors too small by the
        width (arXiv:2203.03466, table 8).
        """
        return {"vectors": mult, "vocabulary": 1.0, "hidden": 1.0}
