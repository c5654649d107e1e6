"""A word of the language is a class; for a word with a value, a frozen model whose fields are its parameters.

A word is declared once, here in `vocabulary/`: its parameters with type, unit, bounds, default, one line of meaning and
source. Checking, `plan`, completion, the reference page and the JSON Schema are read off that declaration, and the
engine registers its implementation by the declaring class.

Annotations of these modules are types, not text (no `from __future__ import annotations`): pydantic would evaluate the
text of every inherited one again for each word, a third of the time that the vocabulary takes to import.
"""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any, ClassVar, Literal, NamedTuple, Self

from pydantic import BaseModel, ConfigDict
from pydantic.fields import FieldInfo

from ..errors import ScalingDSLError

Kind = Literal[
    "graph",
    "tokenizer",
    "teacher",
    "source",
    "family",
    "optimiser",
    "schedule",
    "law",
    "optimum",
    "objective",
    "function",
    "block",
    "duration",
]

#: The parts of a study that its runs are made of, and the kind of word that each names.
Part = Literal["data", "models", "train"]
PARTS: tuple[Part, ...] = ("data", "models", "train")
KINDS: dict[Part, Kind] = {"data": "source", "models": "family", "train": "optimiser"}

#: A value on an axis.
Scalar = int | float | str

#: What a source gives and a model learns from: sequences of tokens, points with a number each to be predicted, the same
#: where that number is linear in latents whose variances are known, items with an answer each, a table that nothing is
#: trained on, or what a trainer of the person's own reads by itself.
DataShape = Literal["sequences", "points", "linear", "pairs", "table", "elsewhere"]


@dataclass(frozen=True)
class Unit:
    """The unit a parameter is given in; part of an `Annotated` type."""

    name: str


@dataclass(frozen=True)
class Later:
    """Marks a field added after version 1: left out of digests while it has its default."""


class Flaw(NamedTuple):
    """A conflict between a value's parameters, and what to write instead."""

    message: str
    help: str = ""


class Doubt(NamedTuple):
    """A value that is allowed and hardly meant: the parameter, the finding, and what to write instead."""

    parameter: str
    message: str
    help: str


REGISTRY: "dict[str, type[Word]]" = {}
#: The package of this project's own words, and that of the declarations being loaded now.
OWN = "scalingdsl"
_loading = [OWN]


class WordClashError(ScalingDSLError):
    """A word that two packages declare."""

    def __init__(self, word: str, first: str, second: str) -> None:
        super().__init__(f"it declares `{word}`, which is a word of `{first}`; only one of both can be installed")
        self.word, self.first, self.second = word, first, second


def loading() -> str:
    """The package whose declarations are being loaded."""
    return _loading[-1]


@contextmanager
def declared_by(package: str) -> Iterator[None]:
    """Words declared meanwhile are a package's."""
    _loading.append(package)
    try:
        yield
    finally:
        _loading.pop()


class Word:
    """One word of the language. Subclasses that set `word` are registered."""

    kind: ClassVar[Kind]
    word: ClassVar[str] = ""
    #: Name of the package that declares it.
    package: ClassVar[str] = OWN
    #: Parameters that may be given by position, in order.
    order: ClassVar[tuple[str, ...]] = ()
    #: Groups of parameters of which exactly one is given.
    one_of: ClassVar[tuple[tuple[str, ...], ...]] = ()
    #: Parameters by other names that the field has for them, or what is written instead: known to messages, not taken.
    also: ClassVar[Mapping[str, str]] = {}
    #: Those of them that the field has for other things too: what is written for these is never certain.
    vague: ClassVar[frozenset[str]] = frozenset()
    #: Parameters that the field gives to such a thing and there are none of here, in small letters, and what is said.
    lacks: ClassVar[Mapping[str, str]] = {}
    #: Other names that the field has for the word, in small letters, and what is written here: known to messages too.
    called: ClassVar[Mapping[str, str]] = {}
    #: Those of them that are of something else, which there is none of here, and what is said of that.
    unlike: ClassVar[Mapping[str, str]] = {}
    #: How people say it in a title, as a pattern; empty where that means something else as well.
    spoken: ClassVar[str] = ""
    #: What may be written in place of a word of its kind that there is none of; `{name}` stands for that one.
    instead: ClassVar[str] = ""
    #: A call of it for messages, where a word of its kind is missing.
    sample: ClassVar[str] = ""
    #: Values of parameters for messages, where one is missing, as they are typed.
    values: ClassVar[Mapping[str, str]] = {}
    #: Where the definition comes from.
    reference: ClassVar[str] = ""

    def __init_subclass__(cls, **kwargs: Any) -> None:
        super().__init_subclass__(**kwargs)
        if "word" in cls.__dict__:
            cls.package = loading()
            known = REGISTRY.setdefault(cls.word, cls)
            if (known.package, known.__qualname__) != (cls.package, cls.__qualname__):
                raise WordClashError(cls.word, known.package, cls.package)

    @classmethod
    def description(cls) -> str:
        """Its meaning, in prose."""
        return (cls.__doc__ or "").strip()

    @classmethod
    def declared(cls) -> Mapping[str, FieldInfo]:
        """Parameters by name, in order of declaration."""
        return {}


class Frozen(BaseModel):
    """A value: no extra fields, no NaN or infinity, compared and hashed by content."""

    model_config = ConfigDict(frozen=True, extra="forbid", allow_inf_nan=False, defer_build=True)

    def changed(self, **fields: Any) -> Self:
        """The same value with other fields, checked like any other; `model_copy(update=...)` would check nothing."""
        return type(self).model_validate({**dict(self), **fields})


class Term(Word, Frozen):
    """A word that stands for a value: its parameters are the fields."""

    @classmethod
    def declared(cls) -> Mapping[str, FieldInfo]:
        return cls.model_fields

    def faults(self) -> Iterator[Flaw]:
        """Parameters that do not go together, which no single one's bounds can say."""
        return iter(())

    #: The parameters that `doubts` may be about.
    doubted: ClassVar[tuple[str, ...]] = ()

    def doubts(self) -> Iterator[Doubt]:
        """Parameters that, where they are given, hardly do what they seem to."""
        return iter(())

    def other_values(self) -> Mapping[str, Scalar]:
        """Parameters that it was given under names that it does not declare."""
        return {}

    @classmethod
    def rebuilt(cls, fields: Mapping[str, Any]) -> Self:
        """A settled value from its word and all of its fields, as they cross to another process."""
        return cls(**fields)

    def settled(self) -> Self:
        """This value with defaults that depend on other parameters filled in, so that equal models compare equal."""
        return self
