"""What every word of the language is: a frozen pydantic model whose fields are the word's parameters.

A word is declared once, here in `vocabulary/`: its parameters with type, unit, bounds, default, one line of meaning and
source. Checking, `plan`, completion, the reference page and the JSON Schema are read off that declaration, and the
engine registers its implementation by the declaring class.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, ClassVar, Literal, Self

from pydantic import BaseModel, ConfigDict

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


@dataclass(frozen=True)
class Unit:
    """The unit a parameter is given in; part of an `Annotated` type."""

    name: str


@dataclass(frozen=True)
class Later:
    """Marks a field added after version 1: left out of digests while it has its default."""


@dataclass(frozen=True)
class Flaw:
    """What is wrong between a value's parameters, and what to write instead."""

    message: str
    help: str = ""


class Frozen(BaseModel):
    """A value: no extra fields, no NaN or infinity, compared and hashed by content."""

    model_config = ConfigDict(frozen=True, extra="forbid", allow_inf_nan=False, defer_build=True)


REGISTRY: dict[str, type[Term]] = {}


class Term(Frozen):
    """One word of the language. Subclasses that set `word` are registered."""

    kind: ClassVar[Kind]
    word: ClassVar[str] = ""
    #: Parameters that may be given by position, in order.
    order: ClassVar[tuple[str, ...]] = ()
    #: Groups of parameters of which exactly one is given.
    one_of: ClassVar[tuple[tuple[str, ...], ...]] = ()
    #: Where the definition comes from.
    reference: ClassVar[str] = ""

    @classmethod
    def __pydantic_init_subclass__(cls, **kwargs: Any) -> None:
        if "word" in cls.__dict__:
            known = REGISTRY.setdefault(cls.word, cls)
            assert known.__qualname__ == cls.__qualname__, f"two declarations of {cls.word!r}"

    def faults(self) -> Iterator[Flaw]:
        """What no single parameter's bounds can say: parameters that do not go together."""
        return iter(())

    def settled(self) -> Self:
        """This value with defaults that depend on other parameters filled in, so that equal models compare equal."""
        return self

    def canonical(self) -> dict[str, Any]:
        """Plain data that identifies this value: the word and its fields, nested terms likewise (see `digest.py`)."""
        from ..digest import canonical_term

        return canonical_term(self)
