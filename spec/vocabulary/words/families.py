"""Model families, with parameters and FLOPs in closed form."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Annotated, Any, ClassVar, Literal, Self

from pydantic import Field

from ..base import DataShape, Doubt, Flaw, Kind, Later, Term, Unit
from .training import Optimiser


@dataclass(frozen=True)
class Cost:
    """The cost of a family's training beside its matmul FLOPs, in closed form; an element is a float32 number."""

    #: Operations of one step, whatever the number of its tokens.
    operations: int
    #: Elements that a token's step reads or writes in activations and logits, forward and back.
    elements: int
    #: Elements a token that are held for the backward pass.
    held: int
    #: Elements of a model beside its parameters, their gradients and the optimiser's moments.
    copies: int = 0
    #: Elements that a token of an evaluation needs, logits left out.
    judged: int = 0
    #: Elements a token of the largest temporary of a step, where a device keeps such.
    aside: int = 0
    #: On a GPU: launches of a step, and elements of a token that are read or written by products and by all else.
    launches: int = 0
    multiplied: int = 0
    passed: int = 0


#: Widths below the base of muP by more than this learn at rates that are hardly meant.
FAR_BASE = 4
#: Hidden features of an MLP over the width above which their number is rather meant.
MOST_MLP = 12
#: Numbers that an evaluation on sequences has beside the loss: families that are evaluated so have them.
EVALUATED = ("tvd", "accuracy")


class Family(Term):
    """Anything `models` can name."""

    kind: ClassVar[Kind] = "family"
    #: Sequences, drawn afresh for as long as a run trains; points, drawn once for all models of a seed, so that the
    #: sizes N and D are the model's own; or what a trainer elsewhere reads, so that sizes are what the study declares.
    learns_from: ClassVar[DataShape] = "sequences"
    #: Shapes of the sources that it can learn from; the above where there are none here.
    shapes: ClassVar[tuple[DataShape, ...]] = ()
    #: Whether it takes an optimiser's steps. Otherwise its predictions follow from data and seed: neither optimiser nor
    #: steps are part of what a run is, and those that differ in nothing else are one run.
    trained: ClassVar[bool] = True
    #: Whether what an optimiser makes of it has a closed form, which is worked out instead of being trained.
    solved: ClassVar[bool] = False
    #: Whether, without a number of samples, each step has points of its own: D = steps x batch. Else it has no D then.
    draws_anew: ClassVar[bool] = False
    #: Whether every step does the same operations, so that a device can record one and repeat it.
    repeats: ClassVar[bool] = True
    #: Numbers that its runs have beside the loss.
    measures: ClassVar[tuple[str, ...]] = ()

    @classmethod
    def may_measure(cls) -> tuple[str, ...]:
        """Numbers that runs of its word have beside the loss, in whatever form its parameters settle it."""
        forms = (cls, *(form for form in cls.__subclasses__() if form.word == cls.word))
        return tuple(dict.fromkeys(name for form in forms for name in form.measures))

    @classmethod
    def learns(cls, shape: DataShape) -> bool:
        """Whether it can learn from what a source of this shape gives."""
        return shape in (cls.shapes or (cls.learns_from,))

    def unfit(self, source: Any) -> str:
        """The reason why these parameters make no sense on a source of a shape it learns from; empty where none."""
        return ""

    def leaves_nothing(self, source: Any, optimiser: Optimiser) -> str:
        """The reason why no loss is left of a run, but for noise in what it learns; empty where some is, or may be."""
        return ""

    @classmethod
    def taught_by(cls, optimiser: type[Optimiser]) -> bool:
        """Whether an optimiser can make something of it."""
        return not cls.trained or (optimiser.solves if cls.solved else optimiser.trains)

    @property
    def seeded(self) -> bool:
        """True where what it says depends on the seed of its run; replicates of one that does not are one run."""
        return True

    @property
    def n_body(self) -> int:
        """Parameters outside vocabulary-by-width matrices."""
        raise TypeError(type(self).__name__)

    def n_total(self, vocab: int) -> int:
        """All parameters, embeddings included; 0 for a family without a size of its own.

        `vocab` is the number of tokens or, for a family that learns from points, of numbers a point.
        """
        raise TypeError(type(self).__name__)

    def matrices(self, vocab: int) -> Sequence[tuple[int, int]]:
        """Rows and columns of its matrices that grow in both with its size, in order; `vocab` as above."""
        return ()

    @property
    def n_samples(self) -> int:
        """Points that a family learns from, D; 0 where there is no end to them."""
        raise TypeError(type(self).__name__)

    @property
    def width_mult(self) -> float | None:
        """Width over the base width under muP, which `Optimiser.width_rule` is given; None where rates are SP's."""
        return None

    def flops_per_token(self, vocab: int, length: int) -> int:
        """Exact matmul FLOPs of one trained token or point."""
        raise TypeError(type(self).__name__)

    @property
    def features(self) -> int:
        """Numbers of a token's widest activation on its way through the model: its width."""
        raise TypeError(type(self).__name__)

    def cost(self, vocab: int, length: int, square: int = 0) -> Cost:
        """The cost of a step; `vocab` as above.

        Attention scores are held whole in contexts of up to `square` times the features of a head.
        """
        raise TypeError(type(self).__name__)

    @classmethod
    def solving_seconds(cls, source: Any, models: Sequence[Self]) -> float:
        """Seconds of working out what models of one family and one draw of a source say, where they take no steps."""
        known = (max(model.n_total(source.inputs), model.n_samples) for model in models)
        return float(source.lookup_seconds([*known]))

    @classmethod
    def solving_bytes(cls, source: Any, models: Sequence[Self]) -> int:
        """Bytes that this takes beside the points."""
        points = source.n_points or max(max(model.n_total(source.inputs), model.n_samples) for model in models)
        return int(source.point_bytes * points + source.lookup_bytes(points))

    @property
    def stacked(self) -> Self:
        """The model that stands for all those it may be trained beside in one stack."""
        return self


class Transformer(Family):
    """Decoder-only transformer: pre-norm, rotary positions, GELU, no biases."""

    word: ClassVar[str] = "transformer"
    spoken: ClassVar[str] = r"\b[Tt]ransformers?\b"
    measures: ClassVar[tuple[str, ...]] = EVALUATED
    reference: ClassVar[str] = "arXiv:2601.10684, section 2; muP: arXiv:2203.03466"
    also: ClassVar[Mapping[str, str]] = {
        **dict.fromkeys(("mup", "use_mup"), "param=muP"),
        **dict.fromkeys(("mlp_ratio", "ffn_ratio", "ff_mult", "mlp_mult", "expansion", "ffn_mult"), "mlp={}"),
        **dict.fromkeys(
            (
                "d_ff",
                "ffn_dim",
                "ff_dim",
                "intermediate_size",
                "d_mlp",
                "n_inner",
                "dim_feedforward",
                "mlp_dim",
                "ffn_hidden",
                "mlp_hidden",
                "ff_hidden",
                "ffn_hidden_size",
                "mlp_hidden_dim",
                "d_inner",
                "mlp_width",
                "ffn_size",
                "d_ffn",
                "inner_dim",
                "mlp_size",
                "mlp_hidden_size",
            ),
            "mlp={}/width",
        ),
        "base_shapes": "base_width=64",
        **dict.fromkeys(("d_head", "head_dim", "dim_head", "head_size", "kv_channels"), "heads=width/{}"),
        **dict.fromkeys(("untied", "untie", "untie_embeddings"), "tied=false"),
    }
    lacks: ClassVar[Mapping[str, str]] = {
        **dict.fromkeys(
            ("size", "model", "variant", "preset", "scale", "model_name", "arch", "architecture", "version"),
            "a model's size follows from `width` and `layers`, such as `width in {small: 64, large: 256}`",
        ),
        **dict.fromkeys(
            ("aspect", "aspect_ratio", "width_per_layer", "shape"),
            "width and depth go together by a formula, `layers=ceil(width/64)`",
        ),
    }
    called: ClassVar[Mapping[str, str]] = dict.fromkeys(
        (
            *(
                "gpt",
                "gpt2",
                "gpt-2",
                "nanogpt",
                "llama",
                "llama2",
                "decoder",
                "lm",
                "transformerlm",
                "attention",
                "bert",
            ),
            *(
                "pythia",
                "neox",
                "mistral",
                "qwen",
                "qwen2",
                "gemma",
                "opt",
                "t5",
                "causal",
                "gpt3",
                "olmo",
                "palm",
                "phi",
            ),
            *("moe", "mixture_of_experts", "mixtral", "switch", "switch_transformer", "sparse_transformer"),
        ),
        "transformer",
    ) | {
        f"{name}{mark}{size}": f"transformer(width={width}, layers={layers}, heads={heads})"
        for name, size, width, layers, heads in (
            ("gpt2", "small", 768, 12, 12),
            ("gpt2", "medium", 1024, 24, 16),
            ("gpt2", "large", 1280, 36, 20),
            ("gpt2", "xl", 1600, 48, 25),
            ("pythia", "70m", 512, 6, 8),
            ("pythia", "160m", 768, 12, 12),
            ("pythia", "410m", 1024, 24, 16),
            ("pythia", "1b", 2048, 16, 8),
            ("llama", "7b", 4096, 32, 32),
        )
        for mark in ("_", "-", "")
    }
    unlike: ClassVar[Mapping[str, str]] = {
        **dict.fromkeys(
            ("bert", "t5"), "models here predict each token from those before it alone, and nothing is masked"
        ),
        **dict.fromkeys(
            ("moe", "mixture_of_experts", "mixtral", "switch", "switch_transformer", "sparse_transformer"),
            "there is no mixture of experts, which a program of yours may train, as `external`",
        ),
        **{
            name: "of its sizes, with rotary positions, no biases, the vocabulary of the data, and random first weights"
            for name, meant in called.items()
            if "width=" in meant
        },
    }
    instead: ClassVar[str] = "what reads sequences of tokens is `transformer(layers=2)`"
    doubted: ClassVar[tuple[str, ...]] = ("base_width", "mlp")
    width: Annotated[int, Unit("features")] = Field(ge=2, le=65_536, description="residual features")
    layers: int = Field(default=2, ge=1, le=1_000, description="blocks")
    heads: int = Field(
        default=0, ge=0, description="attention heads; the default is max(1, width/64) with an even head dimension"
    )
    mlp: float = Field(default=4.0, gt=0, le=64, description="hidden features of the MLP over width")
    tied: bool = Field(default=True, description="whether the output head is the token embedding")
    param: Literal["SP", "muP"] = Field(default="muP", description="parametrisation")
    base_width: int = Field(
        default=64, ge=1, description="width at which muP's rates are the peak rate; 1 gives absolute multipliers"
    )
    grams: Annotated[int, Later()] = Field(
        default=0,
        ge=0,
        le=8,
        description="heads that match n-grams, n = 1 to this: before the first block each adds, through a matrix of "
        "its own, the mean embedding of what followed the last n tokens earlier in the sequence",
    )

    def faults(self) -> Iterator[Flaw]:
        even = [h for h in range(1, min(self.n_heads, self.width) + 1) if self.width % (2 * h) == 0]
        widths = f"a width that is a multiple of {2 * self.n_heads} does"
        way = f"{even[-1]} head{'s' * (even[-1] > 1)} would, or {widths}" if even else widths
        if self.heads and self.width % self.heads:
            yield Flaw(f"a width of {self.width} does not divide into {self.heads} heads", way)
        elif (self.width // self.n_heads) % 2:
            yield Flaw(
                f"a width of {self.width} in {self.n_heads} heads gives an odd head dimension of "
                f"{self.width // self.n_heads}, and rotary positions turn pairs",
                f"{widths}; of this width {even[-1]} head{'s' * (even[-1] > 1)} would" if even else widths,
            )

    def doubts(self) -> Iterator[Doubt]:
        if self.mlp > MOST_MLP:
            message = f"`mlp` is the hidden features of the MLP over the width: {self.mlp:g} is {self.mlp:g} times it"
            yield Doubt("mlp", message, f"for {self.mlp:g} hidden features write `mlp={self.mlp:g}/width`")
        if self.param == "SP":
            message = "`base_width` does nothing under `param=SP`: it is the width at which muP equals its base"
            yield Doubt("base_width", message, "write `param=muP`, or leave `base_width` out")
        elif self.base_width > FAR_BASE * self.width:
            times = f"{self.base_width / self.width:.3g}"
            message = (
                f"at `base_width` rates are the peak rate, and matrices of width {self.width} have {times} times it"
            )
            yield Doubt("base_width", message, "write the least width of the study, or leave it out for 64")

    def settled(self) -> Self:
        return self if self.heads else type(self)(**{**dict(self), "heads": self.n_heads})

    @property
    def n_heads(self) -> int:
        """Attention heads: as given, or the largest count up to max(1, width/64) that leaves an even head dimension."""
        if self.heads:
            return self.heads
        wanted = max(1, self.width // 64)
        return next(h for h in range(wanted, 0, -1) if h == 1 or (self.width % h == 0 and self.width // h % 2 == 0))

    @property
    def width_mult(self) -> float | None:
        return None if self.param == "SP" else self.width / self.base_width

    @property
    def layered(self) -> bool:
        """True where nothing but layers lies between embedding and head, which kernels are written for."""
        return not self.grams

    @property
    def hidden(self) -> int:
        """Hidden features of the MLP."""
        return round(self.mlp * self.width)

    @property
    def n_body(self) -> int:
        """Parameters without vocabulary-by-width matrices: a block 4 d^2 + 2 d f + 2 d, a final norm of d, and d^2 for
        every head that matches n-grams.
        """
        d, f = self.width, self.hidden
        return self.layers * (4 * d * d + 2 * d * f + 2 * d) + d + self.grams * d * d

    def n_total(self, vocab: int) -> int:
        """All parameters, embeddings included; a tied head is counted once."""
        return self.n_body + vocab * self.width * (1 if self.tied else 2)

    def matrices(self, vocab: int) -> Sequence[tuple[int, int]]:
        d, f = self.width, self.hidden
        return (*self.layers * ((d, 3 * d), (d, d), (d, f), (f, d)), *self.grams * ((d, d),))

    def flops_per_token(self, vocab: int, length: int) -> int:
        """Exact matmul FLOPs of one trained token, forward and backward (three times the forward).

        Forward, a token and block: attention projections 8 d^2, MLP 4 d f, scores and values 4 T d over the full
        (unmasked) square; head 2 V d. Norms, softmax, positions and look-ups are no matmuls and are left out. A head
        that matches n-grams takes 2 d^2 + 2 T d forward, and back 4 d^2 + 2 T d, for what matches has no gradient.
        """
        d, f = self.width, self.hidden
        forward = self.layers * (8 * d * d + 4 * d * f + 4 * length * d) + 2 * vocab * d
        return 3 * forward + self.grams * (6 * d * d + 4 * length * d)

    @property
    def features(self) -> int:
        return self.width

    def cost(self, vocab: int, length: int, square: int = 0) -> Cost:
        """Of operations that each read and write whole activations.

        A block holds 2 (d + 1) for its norms, 3d + d and the scores for attention and 2f for the MLP; the residual, its
        gradient and scratch take 9d + 3d + f, and the gradient of scores. Matrices behind a norm, d (3d + f) a block,
        are there a second time with the norm's gain in them.
        """
        d, f = self.width, self.hidden
        scores = self.n_heads * length if length <= square * d // self.n_heads else 0
        matched = self.grams * length
        return Cost(
            operations=30 + 45 * self.layers + 15 * self.grams,
            elements=self.layers * (24 * d + 5 * f) + 12 * d + 2 * vocab + self.grams * 8 * d + 6 * matched,
            held=self.layers * (6 * d + 2 * f + 2 + scores) + 12 * d + f + scores + self.grams * d + 2 * matched,
            copies=self.layers * d * (3 * d + f),
            judged=13 * d + 2 * f + self.grams * d + 2 * matched,
            aside=max(scores, 3 * d, matched),
            launches=64 * self.layers + 44 + 15 * self.grams,
            multiplied=self.layers * (38 * d + 6 * f + 6 * scores) + 3 * (d + vocab),
            passed=self.layers * (45 * d + 3 * f + 8 * scores) + 30 * d + 3 * vocab + self.grams * 8 * d + 6 * matched,
        )


class Lstm(Family):
    """Long short-term memory, layer on layer, its output head the token embedding."""

    word: ClassVar[str] = "lstm"
    spoken: ClassVar[str] = r"\bLSTMs?\b"
    called: ClassVar[Mapping[str, str]] = dict.fromkeys(
        (
            *("rnn", "recurrent", "long_short_term_memory", "gru", "elman", "bilstm", "mamba", "mamba2", "rwkv", "s4"),
            *("ssm", "state_space", "statespace", "retnet", "xlstm", "hyena", "griffin", "linear_attention", "s5"),
        ),
        "lstm",
    )
    unlike: ClassVar[Mapping[str, str]] = dict.fromkeys(
        (name for name in called if name not in ("recurrent", "long_short_term_memory")),
        "of models with a state there is this one alone; others are trained by a program of yours, as `external`",
    )
    also: ClassVar[Mapping[str, str]] = {
        **dict.fromkeys(("hidden_size", "hidden", "d_model", "dim", "units"), "width"),
        **dict.fromkeys(("num_layers", "n_layers", "depth"), "layers"),
    }
    measures: ClassVar[tuple[str, ...]] = EVALUATED
    reference: ClassVar[str] = "Hochreiter & Schmidhuber 1997; muP: arXiv:2203.03466"
    repeats: ClassVar[bool] = False
    width: Annotated[int, Unit("features")] = Field(ge=1, le=65_536, description="features of a layer")
    layers: int = Field(default=2, ge=1, le=100, description="layers")
    param: Literal["SP", "muP"] = Field(default="muP", description="parametrisation")
    base_width: int = Field(default=64, ge=1, description="width at which muP's rates are the peak rate")

    @property
    def n_body(self) -> int:
        """Two matrices of width by 4 width, and 4 width biases, a layer."""
        return self.layers * (8 * self.width**2 + 4 * self.width)

    def n_total(self, vocab: int) -> int:
        return self.n_body + vocab * self.width

    def matrices(self, vocab: int) -> Sequence[tuple[int, int]]:
        return 2 * self.layers * ((self.width, 4 * self.width),)

    def flops_per_token(self, vocab: int, length: int) -> int:
        """All matrices and the head, forward and twice as much back."""
        return 3 * (self.layers * 16 * self.width**2 + 2 * vocab * self.width)

    @property
    def features(self) -> int:
        return self.width

    @property
    def width_mult(self) -> float | None:
        return None if self.param == "SP" else self.width / self.base_width

    def cost(self, vocab: int, length: int, square: int = 0) -> Cost:
        """Some ten operations a token and layer, which autograd takes thrice, of four gates, cell and output."""
        d = self.width
        return Cost(
            operations=30 * self.layers * length,
            elements=60 * self.layers * d + 6 * vocab,
            held=30 * self.layers * d + 3 * vocab,
            copies=self.layers * 8 * d * d,
            judged=self.layers * 12 * d + vocab,
            launches=30 * self.layers * length,
            passed=60 * self.layers * d + 6 * vocab,
        )
