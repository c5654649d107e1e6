"""Worlds that write letters: in a state one of some letters, which leads to another state.

A chain is a world whose states are the letters last written, and one more in which nothing is written yet; of an
automaton states are hidden, but follow from what was written.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from ..edges import Floats, Ints
from .stream import ChainStream


@dataclass(frozen=True, eq=False)
class World:
    """Arcs in compressed rows: those of state s are `first[s]` to `first[s + 1]`."""

    first: Ints
    letters: Ints
    probability: Floats
    leads: Ints
    #: The state before anything is written.
    start: int

    @property
    def states(self) -> int:
        """States there are."""
        return len(self.first) - 1

    def arcs(self, state: int) -> tuple[Ints, Floats]:
        """Letters that can be written in a state, and their probabilities."""
        place = slice(self.first[state], self.first[state + 1])
        return self.letters[place], self.probability[place]

    def write(self, length: int, random: np.random.Generator) -> tuple[list[int], list[int]]:
        """So many letters, and the state before each."""
        chances = random.random(length).tolist()
        first, below = self._first, self._below
        letters, states, state = [], [], self.start
        for chance in chances:
            at, end = first[state], first[state + 1] - 1
            while at < end and below[at] <= chance:
                at += 1
            states.append(state)
            letters.append(at)
            state = self._leads[at]
        return [self._letters[at] for at in letters], states

    def after(self, state: int, letter: int) -> int:
        """The state that a letter leads to."""
        place = self.first[state] + int(np.flatnonzero(self.arcs(state)[0] == letter)[0])
        return int(self.leads[place])

    def __post_init__(self) -> None:
        # Probabilities of no later arc, within each state.
        ahead = np.cumsum(self.probability)
        below = ahead - np.repeat(np.concatenate([[0.0], ahead])[self.first[:-1]], np.diff(self.first))
        for name, numbers in (("_first", self.first), ("_below", below), ("_leads", self.leads)):
            object.__setattr__(self, name, numbers.tolist())
        object.__setattr__(self, "_letters", self.letters.tolist())

    _first: list[int] = ()  # type: ignore[assignment]
    _below: list[float] = ()  # type: ignore[assignment]
    _leads: list[int] = ()  # type: ignore[assignment]
    _letters: list[int] = ()  # type: ignore[assignment]


def of_chain(stream: ChainStream) -> World:
    """The world of a walk: its first letter is of the law that walks begin with."""
    chain, law = stream.chain, stream.start_law
    begins = np.flatnonzero(law)
    letters = np.concatenate([chain.indices, begins])
    first = np.concatenate([chain.indptr, [len(letters)]])
    return World(first, letters, np.concatenate([chain.probability, law[begins]]), letters, chain.n)


@dataclass(frozen=True)
class Spread:
    """A whole number from `low` to `high`, each as likely."""

    low: int
    high: int

    def draw(self, random: np.random.Generator) -> int:
        """One of them."""
        return int(random.integers(self.low, self.high + 1))

    def ends(self, number: int) -> float:
        """The probability that it is `number`, given that it is no less."""
        return 0.0 if number < self.low else 1.0 if number >= self.high else 1.0 / (self.high - number + 1)
