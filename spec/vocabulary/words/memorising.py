"""Worlds that are learnt by heart: items with answers, imperfect copies of any source whose law is known, and what
remembers all it has seen.
"""

import math
from collections.abc import Iterator, Mapping, Sequence
from typing import Annotated, Any, ClassVar, Literal, Self

from pydantic import Field, SerializeAsAny

from ..base import DataShape, Flaw, Later, Unit
from .families import EVALUATED, Family
from .sources import PointSource, SequenceSource, Source

#: Seconds for one item in one of the stages in which draws are made, and how many of these there are; and for one term
#: of a sum over items.
ITEM_S, STAGES, TERM_S = 1.5e-8, 12, 1.2e-8
DOUBLE = 8
#: Names of sizes, of which what remembers has one alone: how much it has seen.
_SIZES = ("width", "d_model", "hidden", "size", "capacity")
#: Seconds for a pair of contexts of a sequence to be compared, for a token that followed to be counted for one, and for
#: a number of a foretold law to be judged; pairs that are compared, and numbers that are judged, at once.
COMPARED_S, COUNTED_S, JUDGED_S = 2e-9, 5e-11, 3e-8
MOST_COMPARED, MOST_LOGITS = 2**22, 2**20
#: Seconds for a token of a walk to be drawn and counted; tokens that are drawn at once.
DRAWN_S, MOST_DRAWN = 5e-7, 2**21


class Pairs(PointSource):
    """Items, each with one answer that can be known; losses are the share of items asked for whose answer is not."""

    curves: ClassVar[tuple[str, ...]] = ("unigram",)
    shape: ClassVar[DataShape] = "pairs"

    @property
    def n_items(self) -> int:
        """Items that there are."""
        raise TypeError(type(self).__name__)

    @property
    def inputs(self) -> int:
        return 0

    def lookup_seconds(self, known: Sequence[int]) -> float:
        return self.n_items * (ITEM_S * STAGES + TERM_S * len(known))

    def lookup_bytes(self, points: int) -> int:
        return 8 * DOUBLE * self.n_items


class Zipf(Pairs):
    """Items that are asked for with probability ~ rank^-exponent."""

    word: ClassVar[str] = "zipf"
    vague: ClassVar[frozenset[str]] = frozenset(["alpha", "gamma", "beta", "zeta", "k"])
    also: ClassVar[Mapping[str, str]] = {
        **dict.fromkeys(("alpha", "s", "a", "power", "gamma", "beta", "zeta", "skew", "exp"), "exponent={}"),
        **dict.fromkeys(
            (
                "vocab",
                "vocab_size",
                "n",
                "size",
                "n_items",
                "num_items",
                "support",
                "ranks",
                "k",
                "facts",
                "n_facts",
                "max",
            ),
            "items={}",
        ),
    }
    order: ClassVar[tuple[str, ...]] = ("items",)
    exact: ClassVar[bool] = True
    reference: ClassVar[str] = "arXiv:2102.04074 (the model); arXiv:2402.07043"
    items: Annotated[int, Unit("items")] = Field(default=1_000_000, ge=2, le=100_000_000, description="items")
    exponent: float = Field(default=2.0, gt=1, le=20, description="exponent of the law of items by rank")

    @property
    def n_items(self) -> int:
        return self.items


class Synthetic(Source):
    """Training data that an imperfect copy of a source has written; what is tested is the source itself.

    A copy knows the likeliest items alone (`cut`), sharpens or flattens their law (`temperature`), and has learnt it
    from so many draws (`seen`); the next generation copies the copy. Of sequences it is the next token that is copied
    so, given the present one, and sequences begin as the source's do.
    """

    word: ClassVar[str] = "synthetic"
    vague: ClassVar[frozenset[str]] = frozenset(["k", "n", "mix", "alpha"])
    also: ClassVar[Mapping[str, str]] = {
        **dict.fromkeys(("k", "top_k", "keep", "truncate", "n_items", "vocab", "max_rank"), "cut={}"),
        **dict.fromkeys(("n", "samples", "n_samples", "num_samples", "draws", "sample_size", "trained_on"), "seen={}"),
        **dict.fromkeys(
            ("iterations", "iters", "rounds", "generation", "n_generations", "num_generations", "copies", "gens"),
            "generations={}",
        ),
        **dict.fromkeys(("mix", "mixing", "alpha", "real_fraction", "real_share", "p_real", "fresh"), "real={}"),
    }
    values: ClassVar[Mapping[str, str]] = {"source": "zipf(items=20k, exponent=2)"}
    order: ClassVar[tuple[str, ...]] = ("source",)
    exact: ClassVar[bool] = True
    shaped_by: ClassVar[str] = "source"
    reference: ClassVar[str] = "arXiv:2402.07043"
    source: SerializeAsAny[Source] = Field(description="a source whose law is known")
    cut: int | None = Field(default=None, ge=1, description="likeliest items that a copy knows; the others are lost")
    temperature: float = Field(
        default=1.0, gt=0, le=100, description="what logarithms of probabilities are divided by; below 1 sharpens them"
    )
    seen: Annotated[int | None, Unit("samples")] = Field(
        default=None, ge=1, le=1_000_000_000, description="draws that each copy has learnt from; without it, endless"
    )
    generations: int = Field(default=1, ge=0, le=1000, description="copies of copies; 0 is the source")
    real: float = Field(default=0.0, ge=0, le=1, description="share of the data that is drawn from the source itself")

    def faults(self) -> Iterator[Flaw]:
        if not self.source.exact:
            yield Flaw(
                f"the law of `{self.source.word}` is not known",
                "copy a walk, `zipf`, or of a text its chain, `bigram(text(...))`",
            )
        elif self.seen is not None and isinstance(self.source, SequenceSource):
            yield Flaw(
                f"copies of `{self.source.word}` know its law, not draws of it",
                "leave `seen` out, or `cut` what it knows",
            )

    @property
    def same_by(self) -> str:
        if self.seen is None and self.temperature == 1 and not (self.cut or math.inf) < self._known:
            return "source"
        return "generations" if self.generations == 0 else "real" if self.real == 1 else ""

    @property
    def _known(self) -> float:
        """Items of the law that it copies, at most."""
        return self.source.n_items if isinstance(self.source, Pairs) else getattr(self.source, "vocab", math.inf)

    @classmethod
    def rebuilt(cls, fields: Mapping[str, Any]) -> Self:
        return cls(**{name: value for name, value in fields.items() if name in Synthetic.model_fields}).settled()

    def settled(self) -> Self:
        """As items or as sequences, whichever its source gives."""
        own = {name: getattr(self, name) for name in Synthetic.model_fields}
        if isinstance(self.source, Pairs):
            return CopiedPairs(**own)  # type: ignore[return-value]
        if isinstance(self.source, SequenceSource):
            given = {name: getattr(self.source, name) for name in SequenceSource.model_fields}
            return CopiedSequences(**own, **given)  # type: ignore[return-value]
        return self


class CopiedPairs(Synthetic, Pairs):
    """Items that a copy asks for."""

    @property
    def n_items(self) -> int:
        return self.source.n_items  # type: ignore[attr-defined, no-any-return]


class CopiedSequences(Synthetic, SequenceSource):
    """Sequences that a copy has written."""

    @property
    def vocab(self) -> int:
        return self.source.vocab  # type: ignore[attr-defined, no-any-return]


class Memoriser(Family):
    """Knows the answer of every item that it has seen, and of no other; or, with `memory=sequence`, what followed the
    last tokens of a sequence earlier in it; or, with `gram=2` on walks and chains, how often which state followed which
    in the tokens that it was trained on.

    Of a sequence it counts which token followed each context of up to `gram` - 1 tokens, and foretells the next by
    these counts: those of the longest context mixed with what shorter ones say, as much of this as there are different
    followers (Witten & Bell); the shortest is mixed with all tokens alike. It learns nothing beside, so that neither
    training data nor seeds change what it says.

    Of training it counts transitions, half a count more for each that can be, and its loss is over the whole law:
    (transitions - states)/(2D) above the entropy rate when D is large, which `theory` says for any D.
    """

    word: ClassVar[str] = "memoriser"
    called: ClassVar[Mapping[str, str]] = dict.fromkeys(
        ("ngrams", "ngram_model", "n_gram", "backoff", "witten_bell", "bigram"), "memoriser(gram=2, memory=sequence)"
    ) | {"ngram": "memoriser(gram=3, memory=sequence)", "trigram": "memoriser(gram=3, memory=sequence)"}
    vague: ClassVar[frozenset[str]] = frozenset(["n", "d", *_SIZES])
    also: ClassVar[Mapping[str, str]] = {
        **dict.fromkeys(("order", "ngram"), "gram={}"),
        **dict.fromkeys(("n", "d", "draws", "n_samples", "num_samples", *_SIZES), "samples={}"),
    }
    lacks: ClassVar[Mapping[str, str]] = dict.fromkeys(
        ("layers", "depth"),
        "it has no size: how much it has seen is said by `samples`, and on sequences what it counts by `gram`",
    )
    learns_from: ClassVar[DataShape] = "points"
    shapes: ClassVar[tuple[DataShape, ...]] = ("pairs", "sequences")
    trained: ClassVar[bool] = False
    measures: ClassVar[tuple[str, ...]] = ("theory",)
    reference: ClassVar[str] = (
        "arXiv:2102.04074; arXiv:2402.07043; of sequences arXiv:2401.12973, Witten & Bell 1991; counting "
        "arXiv:2601.10684, appendix C"
    )
    gram: Annotated[int, Later()] = Field(
        default=1, ge=1, le=8, description="tokens of an n-gram, the foretold one included"
    )
    memory: Annotated[Literal["training", "sequence"], Later()] = Field(
        default="training", description="what is remembered: what it was trained on, or the sequence that is read"
    )
    samples: Annotated[int | None, Unit("samples")] = Field(
        default=None,
        ge=1,
        le=1_000_000_000,
        description="draws D of items that it has seen, or tokens that it has counted",
    )

    def faults(self) -> Iterator[Flaw]:
        if self.memory == "sequence":
            if self.samples is not None:
                yield Flaw("all that it remembers is the sequence that it reads", "leave `samples` out")
        elif self.gram > 2:
            yield Flaw("what is counted in training is what follows one token", "write `memory=sequence`, or `gram=2`")
        elif self.samples is None:
            ways = ("`samples=1000`", "`memory=sequence` for what stands in the sequence that it reads")
            one, other = ways if self.gram == 1 else ways[::-1]
            yield Flaw("nothing says how much it has seen", f"write {one}, or {other}")

    def unfit(self, source: Any) -> str:
        if isinstance(source, SequenceSource):
            more = ", or `gram=2` for what follows what in training" if source.forgetful else ""
            return f"what `{source.word}` gives is remembered sequence by sequence: write `memory=sequence`{more}"
        return ""

    @classmethod
    def rebuilt(cls, fields: Mapping[str, Any]) -> Self:
        return cls(**fields).settled()

    def settled(self) -> Self:
        """As what remembers items, transitions or sequences, whichever its memory is of."""
        form = InContext if self.memory == "sequence" else Transitions if self.gram > 1 else None
        return self if form is None else form(**dict(self))  # type: ignore[return-value]

    @property
    def n_body(self) -> int:
        return 0

    def n_total(self, vocab: int) -> int:
        return 0

    @property
    def n_samples(self) -> int:
        return self.samples or 0

    def flops_per_token(self, vocab: int, length: int) -> int:
        return 0

    @property
    def features(self) -> int:
        return 1


class Transitions(Memoriser):
    """Remembers how often which state followed which."""

    learns_from: ClassVar[DataShape] = "sequences"

    def unfit(self, source: Any) -> str:
        if not isinstance(source, SequenceSource):
            return f"`{source.word}` gives items, which have none before them: leave `gram` out"
        if not source.forgetful:
            return f"of `{source.word}` more than the present token says the next, or its law is not known"
        return ""

    def settled(self) -> Self:
        return self

    @classmethod
    def solving_seconds(cls, source: Any, models: Sequence[Self]) -> float:
        """Of drawing and counting the tokens of the one that has seen most."""
        return DRAWN_S * max(model.n_samples for model in models)

    @classmethod
    def solving_bytes(cls, source: Any, models: Sequence[Self]) -> int:
        """Of what is drawn at once."""
        return MOST_DRAWN * 6 * DOUBLE


class InContext(Memoriser):
    """Remembers the sequence that it reads."""

    learns_from: ClassVar[DataShape] = "sequences"
    measures: ClassVar[tuple[str, ...]] = EVALUATED

    @property
    def seeded(self) -> bool:
        return False

    def unfit(self, source: Any) -> str:
        if isinstance(source, SequenceSource):
            return ""
        return f"`{source.word}` gives no sequences to remember: write `memoriser(samples=1000)`"

    def settled(self) -> Self:
        return self

    @classmethod
    def solving_seconds(cls, source: Any, models: Sequence[Self]) -> float:
        """Of each sequence every context is compared with all before it, and what followed is counted by a product."""
        pairs = source.eval_walks * source.length**2
        orders = sum(model.gram for model in models)
        judged = len(models) * source.eval_walks * source.length * source.vocab
        return float(orders * pairs * (COMPARED_S + COUNTED_S * source.vocab) + judged * JUDGED_S)

    @classmethod
    def solving_bytes(cls, source: Any, models: Sequence[Self]) -> int:
        """The evaluation with its law, and what one batch of sequences takes."""
        contexts: int = source.eval_walks * source.length
        return contexts * 4 * DOUBLE + MOST_COMPARED * 2 * DOUBLE + MOST_LOGITS * 5 * DOUBLE
