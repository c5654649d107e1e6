"""Sources made of two others: mixtures of both, and one to train on with another to be tested on."""

from collections.abc import Iterator, Mapping
from typing import Annotated, Any, ClassVar, Self

from pydantic import Field, SerializeAsAny

from ..base import Doubt, Flaw, Unit
from .sources import SequenceSource
from .teachers import Sample

#: How one of two equal sources becomes another.
OTHER_DRAW = "give one of them another parameter, or its graph another seed, `seed=1`"

#: The source that holds a part of itself out.
TEXT = "text"


class OfTwo(SequenceSource):
    """What is made of two sources of sequences, which are of one length and one vocabulary."""

    #: The parameter that is the share of the second.
    shared_by: ClassVar[str] = ""

    length: Annotated[int, Unit("tokens")] = Field(
        default=0, ge=0, le=65_536, description="predicted tokens a sequence; the default is that of its sources"
    )
    eval_walks: int = Field(
        default=0, ge=0, le=1_000_000, description="sequences of the fixed evaluation set; the default is its sources'"
    )

    @property
    def parts(self) -> tuple[SequenceSource, SequenceSource]:
        """Both."""
        raise TypeError(type(self).__name__)

    def faults(self) -> Iterator[Flaw]:
        one, other = self.parts
        if one.vocab != other.vocab:
            way = "take two sources of one vocabulary, or learn from each by itself: `data {one: ..., other: ...}`"
            if hasattr(one, "graph") and hasattr(other, "graph"):
                small, large = sorted((one, other), key=lambda source: source.vocab)
                graph: Any = getattr(small, "graph", None)
                if size := graph.with_nodes(large.vocab):
                    way = f"give the smaller graph as many nodes, `{size}`, or {way.partition('or ')[2]}"
            yield Flaw(f"`{one.word}` has {one.vocab:,} tokens and `{other.word}` {other.vocab:,}", way)
        elif one.length != other.length:
            yield Flaw(
                f"sequences of `{one.word}` have {one.length:,} tokens, and those of `{other.word}` {other.length:,}",
                f"give both `length={max(one.length, other.length)}`",
            )
        elif self.length not in (0, one.length):
            yield Flaw(f"its sources have {one.length:,} tokens a sequence", f"give both `length={self.length}`")

    @classmethod
    def rebuilt(cls, fields: Mapping[str, Any]) -> Self:
        return cls(**fields).settled()

    @property
    def vocab(self) -> int:
        return self.parts[0].vocab


class Mix(OfTwo):
    """Sequences of two sources, each drawn from the second with probability `share`, else from the first.

    The law of the next token is known where both are chains: what was read so far tells which of them a sequence is of.
    """

    word: ClassVar[str] = "mix"
    called: ClassVar[Mapping[str, str]] = dict.fromkeys(("mixture", "blend", "interleave", "union", "concat"), "mix")
    vague: ClassVar[frozenset[str]] = frozenset(["ratio", "p", "alpha"])
    also: ClassVar[Mapping[str, str]] = {
        **dict.fromkeys(("weight", "ratio", "p", "fraction", "alpha", "prob", "lam", "frac", "percent"), "share={}"),
        **dict.fromkeys(
            (
                "weights",
                "ratios",
                "proportions",
                "probabilities",
                "probs",
                "fractions",
                "shares",
                "mixing",
                "percentages",
            ),
            "share={1}",
        ),
        **dict.fromkeys(("a", "one", "left", "source1", "source_a", "base"), "first={}"),
        **dict.fromkeys(("b", "two", "right", "other", "source2", "source_b"), "second={}"),
    }
    order: ClassVar[tuple[str, ...]] = ("first", "second")
    reference: ClassVar[str] = "arXiv:2402.07043"
    first: SerializeAsAny[SequenceSource] = Field(description="a source of sequences")
    second: SerializeAsAny[SequenceSource] = Field(description="another, of the same vocabulary and length")
    share: float = Field(default=0.5, ge=0, le=1, description="share of the sequences that are of the second")
    doubted: ClassVar[tuple[str, ...]] = ("second", "share")
    shared_by: ClassVar[str] = "share"

    @property
    def parts(self) -> tuple[SequenceSource, SequenceSource]:
        return self.first, self.second

    def doubts(self) -> Iterator[Doubt]:
        if self.first == self.second:
            yield Doubt("second", "both sources are one and the same, and a mixture of them is either", OTHER_DRAW)
        if self.share in (0, 1):
            only = self.parts[int(self.share)].word
            yield Doubt(
                "share",
                f"`share={self.share:g}` leaves sequences of one source, `{only}`",
                "write a share such as `share=30%`",
            )

    def settled(self) -> Self:
        """Of the length of its parts, which are evaluated as it is; of known law where both are chains."""
        form = ChainMix if self.first.forgetful and self.second.forgetful else Mix
        walks = self.eval_walks or max(part.eval_walks for part in self.parts)
        judged = {"eval_walks": walks, "eval_seed": self.eval_seed}
        parts = {"first": self.first.changed(**judged), "second": self.second.changed(**judged)}
        return form(**{**dict(self), **judged, **parts, "length": self.first.length})  # type: ignore[return-value]

    @property
    def draw_seconds(self) -> float:
        return self.first.draw_seconds + self.second.draw_seconds


class ChainMix(Mix):
    """A mixture of two chains."""

    exact: ClassVar[bool] = True


class Shift(OfTwo):
    """Sequences of one source to train on, those of another, `truth`, to be tested on: losses are of the truth."""

    word: ClassVar[str] = "shift"
    called: ClassVar[Mapping[str, str]] = dict.fromkeys(("distribution_shift", "transfer", "ood", "tested"), "shift")
    also: ClassVar[Mapping[str, str]] = dict.fromkeys(
        ("test", "tested", "target", "eval", "real", "val", "validation", "evaluation", "ood", "test_source", "to"),
        "truth",
    )
    order: ClassVar[tuple[str, ...]] = ("source",)
    reference: ClassVar[str] = "arXiv:2402.07043"
    source: SerializeAsAny[SequenceSource] = Field(description="the source of sequences that is trained on")
    truth: SerializeAsAny[SequenceSource] = Field(
        description="the source that is tested on, of the same vocabulary and length"
    )

    doubted: ClassVar[tuple[str, ...]] = ("truth",)

    @property
    def parts(self) -> tuple[SequenceSource, SequenceSource]:
        return self.source, self.truth

    def doubts(self) -> Iterator[Doubt]:
        alone = f"a text is tested on what it holds out of itself: write `{_of_share(self.truth)}` alone"
        if self.source == self.truth:
            way = alone if self.truth.word == TEXT else OTHER_DRAW
            yield Doubt("truth", "what is trained on and what is tested on are one and the same", way)
        elif (shared := _shared_text(self.source, self.truth)) > 0:
            message = f"some {shared:.0%} of what is tested on is trained on too: both are of one text"
            yield Doubt("truth", message, alone)
        elif isinstance(self.truth, Sample) and self.truth.teacher.text == self.source:
            own = self.source.word
            yield Doubt(
                "truth",
                f"models are trained on `{own}` itself, and tested on what a teacher of it writes",
                f"to train on the copy and test on `{own}`, exchange them: what is tested on is `truth`",
            )

    def faults(self) -> Iterator[Flaw]:
        yield from super().faults()
        if self.eval_walks not in (0, self.truth.eval_walks) or self.eval_seed not in (0, self.truth.eval_seed):
            yield Flaw("what is tested on is said by `truth`", "give `eval_walks` and `eval_seed` to that")

    def settled(self) -> Self:
        """Of the truth's length, evaluation and, where it is known, law; of the source only what is drawn."""
        form = ExactShift if self.truth.exact else Shift
        seen = {name: getattr(self.truth, name) for name in ("length", "eval_walks", "eval_seed")}
        fixed = {name: SequenceSource.model_fields[name].default for name in ("eval_walks", "eval_seed")}
        return form(**{**dict(self), **seen, "source": self.source.changed(**fixed)})  # type: ignore[return-value]

    @property
    def draw_seconds(self) -> float:
        return self.source.draw_seconds


class ExactShift(Shift):
    """One whose truth has a known law."""

    exact: ClassVar[bool] = True


def _shared_text(source: SequenceSource, truth: SequenceSource) -> float:
    """The share of what is tested on that is trained on: documents that a smaller share holds out a larger does too."""
    (one, file), (two, other) = ((getattr(s, "split", 0.0), getattr(s, "path", "")) for s in (source, truth))
    return 1 - one / two if source.word == truth.word == TEXT and file == other else 0.0


def _of_share(text: SequenceSource) -> str:
    """A text as it is written with the share that it holds out."""
    return f'text("{getattr(text, "path", "")}", split={getattr(text, "split", 0.0) * 100:.3g}%)'
