"""A source of points that its declaration alone identifies: nothing is read from a file."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Generic, TypeVar

from scalingdsl.spec.vocabulary.identity import digest
from scalingdsl.spec.vocabulary.words.sources import PointSource

from ..protocol import Opened

T = TypeVar("T", bound=PointSource)


@dataclass(frozen=True)
class Declared(Opened, Generic[T]):
    """A source of points by its declaration; the points of a seed are each source's own."""

    term: T

    @property
    def digest(self) -> str:
        """Identity of the law that is drawn from."""
        return digest(self.term)
