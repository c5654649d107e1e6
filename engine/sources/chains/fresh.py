"""`fresh(source)`: sequences that each have a world of their own.

A problem is a world drawn for it alone, and strings that it has written: each is followed by a separator, the last by a
full stop. A sequence is one problem behind the other until it is full. The law that models are held to is that of
somebody who knows the world, and where in it a string is; of how long strings and problems are he knows the law alone.

Every sequence follows from its seed and number, one by one.

Axes: W sequence, T time.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from scalingdsl.spec.errors import EngineError
from scalingdsl.spec.vocabulary.words.sources import Fresh

from ..edges import Floats, Ints
from ..protocol import Evaluation, Opened, SparseLaw
from ..registry import draw_graph, implements, open_anew
from ..seeded import Role, generators, stream_seed
from .stream import ChainStream
from .worlds import Spread, World, of_chain

if TYPE_CHECKING:
    import torch
    from torch import Tensor

#: Bytes of problems that are kept in memory for the next pass, and of one beside its tokens.
KEPT_BYTES, PROBLEM_BYTES = 2**26, 200
#: Seeds of worlds lie below this: graphs of networkx take no larger ones.
SEEDS = 2**31


@implements(Fresh)
def fresh(term: Fresh, base: Path) -> FreshStream:
    """A world is what the source is with a seed of its own."""
    walk: Any = term.source

    def draw(seed: int) -> World:
        graph = draw_graph(walk.graph.changed(seed=seed % SEEDS), base)
        if isinstance(graph, World):
            return graph
        stream = open_anew(walk.changed(graph=walk.graph.changed(seed=seed % SEEDS)), base)
        if not isinstance(stream, ChainStream):
            raise EngineError(f"{walk.word}(...) gives no worlds that can be drawn anew")
        return of_chain(stream)

    strings, letters = Spread(term.strings.low, term.strings.high), Spread(term.letters.low, term.letters.high)
    said = repr((term.source, term.problems, strings, letters))
    return FreshStream(
        draw, walk.vocab, strings, letters, term.problems, term.length, said, term.eval_walks, term.eval_seed
    )


@dataclass(frozen=True, eq=False)
class Written:
    """One sequence: its tokens [T+1], and the law of each but the first, in compressed rows."""

    tokens: list[int]
    first: list[int]
    targets: Ints
    probability: Floats


@dataclass(frozen=True, eq=False)
class FreshStream(Opened):
    """A `Stream` of problems; token V is the separator, and V + 1 the full stop, of worlds with V letters."""

    draw: Callable[[int], World]
    alphabet: int
    strings: Spread
    letters: Spread
    problems: int | None
    length: int
    said: str
    eval_walks: int = 256
    eval_seed: int = 0
    #: Tokens beside the letters.
    marks: int = 2
    _known: dict[str, Any] = field(default_factory=dict, repr=False)
    #: Sequences by seed and number.
    _kept: dict[tuple[int, int], Ints] = field(default_factory=dict, repr=False)

    @property
    def vocab(self) -> int:
        return self.alphabet + self.marks

    @property
    def ends(self) -> int | None:
        """The full stop."""
        return self.alphabet + 1 if self.marks else None

    @property
    def entropy_rate(self) -> float:
        """In the mean over the contexts of the evaluation."""
        return float(np.mean(self._entropies()))

    @property
    def entropy_standard_error(self) -> float:
        entropies = self._entropies()
        return float(np.std(entropies, ddof=1) / np.sqrt(len(entropies)))

    @property
    def digest(self) -> str:
        return hashlib.sha256(self.said.encode()).hexdigest()

    def batch(self, seeds: Tensor, index: Tensor, device: torch.device | str = "cpu") -> Tensor:
        """int64 [P, B, T+1]; see `Stream.batch`. Of a number of problems sequences come again in one order.

        Models of one seed read the same, and of a number of problems those that were read stay in memory.
        """
        import torch

        numbers = index if self.problems is None else index % self.problems
        kept = {} if self.problems is None else self._kept
        rows = np.empty((*index.shape, self.length + 1), dtype=np.int64)
        for row, (seed, ws) in enumerate(zip(seeds.tolist(), numbers.tolist())):
            for place, w in enumerate(ws):
                if (seed, w) not in kept:
                    if len(kept) * (4 * self.length + PROBLEM_BYTES) > KEPT_BYTES:
                        kept.clear()
                    kept[seed, w] = np.array(self.write(seed, "data", w, judged=False).tokens, dtype=np.int32)
                rows[row, place] = kept[seed, w]
        return torch.from_numpy(rows).to(device)

    def evaluation(self) -> Evaluation:
        """Sequences of the evaluation seed, whose worlds nobody has trained on."""
        import torch

        written = self._evaluated()
        tokens = torch.tensor([one.tokens for one in written])
        sizes = np.concatenate([np.diff(one.first) for one in written])
        targets = np.concatenate([one.targets for one in written])
        probability = np.concatenate([one.probability for one in written])
        parts = np.concatenate([[0], np.cumsum(sizes)]), targets, probability
        law = SparseLaw(*(torch.from_numpy(part) for part in parts))
        return Evaluation(tokens, law, None, torch.arange(len(sizes)).view(len(written), self.length))

    def _evaluated(self) -> list[Written]:
        if "written" not in self._known:
            self._known["written"] = [self.write(self.eval_seed, "eval", w) for w in range(self.eval_walks)]
        written: list[Written] = self._known["written"]
        return written

    def _entropies(self) -> Floats:
        """[W] nats a token."""
        if "entropies" not in self._known:
            found = [-float(one.probability @ np.log(one.probability)) / self.length for one in self._evaluated()]
            self._known["entropies"] = np.array(found)
        entropies: Floats = self._known["entropies"]
        return entropies

    def write(self, seed: int, role: Role, number: int, judged: bool = True) -> Written:
        """Sequence `number` of a seed; what is not to be `judged` is written without its laws."""
        random = next(generators(seed, role, 0, number))
        tokens: list[int] = []
        targets, chances, first = [], [], [0]

        def law(letters: Ints, probability: Floats, ends: float, stops: float) -> None:
            """The law of the next token: a letter, or the end of a string, which may be that of the problem."""
            marks = [(self.alphabet, ends * (1 - stops)), (self.alphabet + 1, ends * stops)]
            there = [(mark, chance) for mark, chance in marks if chance > 0]
            if ends < 1:
                targets.append(letters)
                chances.append(probability * (1 - ends))
            targets.append(np.array([mark for mark, _ in there], dtype=np.int64))
            chances.append(np.array([chance for _, chance in there]))
            first.append(first[-1] + (len(letters) if ends < 1 else 0) + len(there))

        while len(tokens) <= self.length:
            world = self.draw(stream_seed(int(random.integers(2**62)), "graph"))
            strings = self.strings.draw(random)
            for string in range(1, strings + 1):
                if len(tokens) > self.length:
                    break
                stops = self.strings.ends(string)
                letters, states = world.write(self.letters.draw(random), random)
                if not judged:
                    tokens += [*letters, self.alphabet + (string == strings)]
                    continue
                after = [*states, None]
                for written, (letter, state) in enumerate(zip([*letters, self.alphabet + (string == strings)], after)):
                    # The state after the last letter is told by following its arc once more.
                    here = state if state is not None else world.after(states[-1], letters[-1])
                    law(*world.arcs(here), self.letters.ends(written), stops)
                    tokens.append(letter)
        if not judged:
            return Written(tokens[: self.length + 1], [], np.empty(0, dtype=np.int64), np.empty(0))
        laws = slice(first[1], first[self.length + 1])
        joined = np.concatenate(targets)[laws], np.concatenate(chances)[laws]
        begins = [place - first[1] for place in first[1 : self.length + 2]]
        return Written(tokens[: self.length + 1], begins, *joined)
