"""`zipf(items, exponent)`, and copies of it by `synthetic(...)`: the law of items that are asked for, and the one that
data are drawn from.

Axes: i item.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from scalingdsl.spec.errors import EngineError
from scalingdsl.spec.vocabulary.words.memorising import CopiedPairs, Pairs, Zipf

from ..registry import implements
from ..seeded import generators
from .declared_points import Declared

Floats = NDArray[np.float64]

#: Stream of role "graph" that copies learn from.
COPIES = 0


@dataclass(frozen=True, eq=False)
class Items:
    """Laws of items: asked [i], and drawn [i] for training."""

    asked: Floats
    drawn: Floats
    #: Whether what is drawn is the same for every seed.
    fixed: bool


@lru_cache(maxsize=4)
def zipf_law(items: int, exponent: float) -> Floats:
    """[i] probability ~ rank^-exponent."""
    weight = np.arange(1, items + 1, dtype=np.float64) ** -exponent
    return np.asarray(weight / np.sum(weight))


def copied(law: Floats, cut: int | None, temperature: float) -> Floats:
    """[i] the law that a copy knows: its likeliest items, their logarithms divided by the temperature."""
    if cut is not None and cut < len(law):
        kept = np.argpartition(-law, cut - 1)[:cut] if np.any(np.diff(law) > 0) else np.arange(cut)
        only = np.zeros_like(law)
        only[kept] = law[kept]
        law = only
    if temperature != 1.0:
        law = law ** (1.0 / temperature)
    return np.asarray(law / np.sum(law))


def learnt(law: Floats, seen: int, random: np.random.Generator) -> Floats:
    """[i] the shares of items among so many draws."""
    below = np.cumsum(law)
    places = np.searchsorted(below, random.random(seen) * below[-1], side="right")
    return np.bincount(places, minlength=len(law)) / seen


class ItemLaws(Declared[Pairs]):
    """The sources `zipf(...)` and `synthetic(zipf(...), ...)`."""

    def draw(self, seed: int) -> Items:
        """The law that is asked by, and what copies have made of it for this seed."""
        return laws(self.term, seed)

    def facts(self, drawn: Items) -> Mapping[str, float]:
        """Nothing is counted."""
        return {}


def laws(term: Pairs, seed: int) -> Items:
    """Both laws of a source, for a seed.

    Raises:
        EngineError: It is no source of items that is known here.
    """
    if isinstance(term, Zipf):
        law = zipf_law(term.items, term.exponent)
        return Items(law, law, True)
    if not isinstance(term, CopiedPairs) or not isinstance(term.source, Pairs):
        raise EngineError(f"nothing here knows the law of {term.word}(...)")
    source = laws(term.source, seed)
    law = source.drawn
    for _, random in zip(range(term.generations), generators(seed, "graph", COPIES)):
        law = copied(law, term.cut, term.temperature)
        if term.seen is not None:
            law = learnt(law, term.seen, random)
    law = (1.0 - term.real) * law + term.real * source.drawn if term.real else law
    return Items(source.asked, law, source.fixed and term.seen is None)


@implements(Zipf)
def zipf(term: Zipf, base: Path) -> ItemLaws:
    """The declaration is all there is."""
    return ItemLaws(term)


@implements(CopiedPairs)
def copies(term: CopiedPairs, base: Path) -> ItemLaws:
    """Copies are made for a seed."""
    return ItemLaws(term)
