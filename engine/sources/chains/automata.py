"""`automaton(states, symbols, arcs)`: random automata that a walk writes the symbols of arcs of."""

from __future__ import annotations

from pathlib import Path

import numpy as np
from scalingdsl.spec.vocabulary.words.graphs import Automaton

from ..registry import implements
from ..seeded import generators
from .worlds import World


@implements(Automaton)
def automaton(term: Automaton, base: Path) -> World:
    """Of each state some arcs, of different symbols that lead to different other states; it begins in the first.

    Symbols are any of the alphabet. A state has no more arcs than there are symbols or other states; each is as likely.
    """
    random = next(generators(term.seed, "graph", 0))
    states, symbols = _draw(term.states, random), min(_draw(term.symbols, random), term.alphabet)
    known = np.sort(random.permutation(term.alphabet)[:symbols])
    degrees = np.minimum([_draw(term.arcs, random) for _ in range(states)], min(symbols, max(1, states - 1)))
    letters = np.concatenate([known[np.sort(random.permutation(symbols)[:degree])] for degree in degrees])
    away = [np.sort(random.permutation(max(1, states - 1))[:degree]) for degree in degrees]
    leads = np.concatenate([(state + 1 + others) % states for state, others in enumerate(away)])
    first = np.concatenate([[0], np.cumsum(degrees)])
    return World(first, letters, np.repeat(1.0 / degrees, degrees), leads, 0)


def _draw(spread: object, random: np.random.Generator) -> int:
    return int(random.integers(spread.low, spread.high + 1))  # type: ignore[attr-defined]
