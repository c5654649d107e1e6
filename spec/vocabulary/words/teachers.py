"""Teachers: language models trained once on a text, or on what another source writes, and the sequences they write."""

from collections.abc import Iterator, Mapping
from typing import Annotated, Any, ClassVar, Self

from pydantic import Field, SerializeAsAny

from ...constants import LARGEST_SEED
from ..base import Doubt, Flaw, Kind, Later, Term, Unit
from .families import Transformer
from .sources import SequenceSource

#: Token ids that what a teacher writes is kept in: two bytes each.
MOST_TOKENS = 2**16
#: Steps of a teacher below which it has hardly been trained.
FEWEST_STEPS = 10


class LanguageModel(Term):
    """A transformer under muP, trained on a text with AdamW; its context is the text's length.

    In place of a text it may be any source of sequences, `sample(lm(...))` too: a teacher taught by a teacher. Schedule
    and warm-up are the defaults of `adamw`. Every parameter is one value, for a teacher is trained once; only its rate
    may be tuned, `tune lr in {...}`: then one is trained at each rate, and the best on held-out text is taken.
    """

    kind: ClassVar[Kind] = "teacher"
    word: ClassVar[str] = "lm"
    order: ClassVar[tuple[str, ...]] = ("text",)
    sample: ClassVar[str] = 'lm(text("book.txt"), width=64, tokens=1M)'
    lacks: ClassVar[Mapping[str, str]] = {
        **dict.fromkeys(
            (
                "steps",
                "max_steps",
                "max_iters",
                "iters",
                "iterations",
                "num_steps",
                "train_steps",
                "epochs",
                "n_epochs",
            ),
            "`tokens` says how long a teacher is trained: steps times `batch` times the length of its text",
        ),
        **dict.fromkeys(
            ("schedule", "scheduler", "lr_schedule", "warmup", "warmup_steps", "decay", "weight_decay", "optimizer"),
            "`lm` is trained by AdamW with its defaults, of which the rate alone is said",
        ),
    }
    text: SerializeAsAny[SequenceSource] = Field(
        description="the text that it is trained on, or another source of sequences"
    )
    width: Annotated[int, Unit("features")] = Field(ge=2, le=65_536, description="residual features")
    layers: int = Field(default=2, ge=1, le=1_000, description="blocks")
    heads: int = Field(default=0, ge=0, description="attention heads; the default is that of `transformer`")
    tokens: Annotated[int, Unit("tokens")] = Field(ge=1, description="tokens that it is trained on")
    lr: float = Field(default=0.01, gt=0, le=1000, description="peak learning rate")
    rates: str = Field(default="", description="rates it is tuned over, as `tune lr in {.003, .01}` fills them in")
    batch: int = Field(default=32, ge=1, description="sequences a step")
    seed: int = Field(default=0, ge=0, le=LARGEST_SEED, description="seed of its first weights and of its data")

    @property
    def model(self) -> Transformer:
        """The transformer that is trained."""
        return Transformer(width=self.width, layers=self.layers, heads=self.heads).settled()

    @property
    def tried(self) -> tuple[float, ...]:
        """Peak rates at which it is trained, to keep the best."""
        return tuple(float(rate) for rate in self.rates.split()) or (self.lr,)

    @property
    def steps(self) -> int:
        """Optimiser steps."""
        return max(1, round(self.tokens / (self.batch * self.text.length)))

    doubted: ClassVar[tuple[str, ...]] = ("tokens",)

    def doubts(self) -> Iterator[Doubt]:
        if self.steps < FEWEST_STEPS:
            message = f"the teacher takes {self.steps} step{'s' * (self.steps != 1)}, and has learned nothing to write"
            yield Doubt(
                "tokens", message, f"write `tokens={1000 * self.batch * self.text.length // 1000}k` for 1,000 steps"
            )

    def faults(self) -> Iterator[Flaw]:
        yield from Transformer(width=self.width, layers=self.layers, heads=self.heads).faults()
        wrong = [rate for rate in self.tried if not 0 < rate <= 1000]
        if wrong:
            yield Flaw(f"a rate of {wrong[0]:g} is not above 0 and at most 1000", "tune it over others")
        if self.text.vocab > MOST_TOKENS:
            yield Flaw(
                f"`{self.text.word}` has {self.text.vocab:,} tokens, and a teacher writes {MOST_TOKENS:,} at most",
                "take a source of fewer",
            )

    def settled(self) -> Self:
        """With its heads, and of rate and text only what it is trained on, so that equal teachers compare equal."""
        fixed = {name: SequenceSource.model_fields[name].default for name in ("eval_walks", "eval_seed")}
        one = {"lr": type(self).model_fields["lr"].default} if self.rates else {}
        text: Any = self.text.changed(**fixed)
        return type(self)(**{**dict(self), **one, "heads": self.model.heads, "text": text})


class Sample(SequenceSource):
    """Sequences that a teacher writes: the first token as in its text, then each from its law given all before.

    Without `unique` there is no end of them; with it they come again, pass after pass, each in an order of its own.
    """

    word: ClassVar[str] = "sample"
    also: ClassVar[Mapping[str, str]] = {
        **dict.fromkeys(("beta", "inverse_temperature", "inv_temp", "inv_temperature"), "temperature=1/{}"),
        **dict.fromkeys(("t", "temp", "tau", "sampling_temperature"), "temperature={}"),
    }
    lacks: ClassVar[Mapping[str, str]] = dict.fromkeys(
        ("top_k", "top_p", "nucleus", "min_p", "typical_p", "num_beams", "beam", "greedy", "do_sample", "cut"),
        "each token is drawn from the teacher's whole law, which `temperature` sharpens or flattens; of a source whose "
        "law is known `synthetic(..., cut=10)` keeps the likeliest alone",
    )
    order: ClassVar[tuple[str, ...]] = ("teacher",)
    exact: ClassVar[bool] = True
    reference: ClassVar[str] = "arXiv:2601.10684, section 2"
    length: Annotated[int, Unit("tokens")] = Field(
        default=0, ge=0, le=65_536, description="predicted tokens a sequence; the default is that of the teacher's text"
    )
    teacher: LanguageModel = Field(description="the teacher, such as `lm(text(...), width=256, tokens=20M)`")
    temperature: float = Field(default=1.0, gt=0, le=100, description="divides the teacher's logits")
    unique: Annotated[int | None, Unit("tokens"), Later()] = Field(
        default=None, ge=1, description="tokens that it writes to draw from; else there is no end of them"
    )

    @property
    def vocab(self) -> int:
        return self.teacher.text.vocab

    def faults(self) -> Iterator[Flaw]:
        context = self.teacher.text.length
        if self.length > context:
            yield Flaw(
                f"sequences of {self.length} tokens are longer than the teacher's context of {context}",
                f"take `length={context}` at most, or train the teacher on longer ones",
            )

    def settled(self) -> Self:
        return type(self)(**{**dict(self), "length": self.length or self.teacher.text.length})
