"""`rhm(symbols, rules, branch, depth)`: trees of a random hierarchy of rules, one behind the other, leaf by leaf."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
from scalingdsl.spec.vocabulary.words.sources import Rhm

from ..edges import Floats, Ints
from ..protocol import Evaluation, NextLaw, Opened
from ..registry import implements
from .hierarchy import Hierarchy, random_hierarchy

if TYPE_CHECKING:
    import torch
    from torch import Tensor


@implements(Rhm)
def rhm(term: Rhm, base: Path) -> RhmStream:
    """Its rules are a function of its own seed."""
    made = random_hierarchy(term.symbols, term.rules, term.branch, term.depth, term.seed)
    return RhmStream(made, term.length, term.eval_walks, term.eval_seed)


@dataclass(frozen=True, eq=False)
class RhmStream(Opened):
    """A `Stream` of trees; a sequence begins with a tree, and its last token with another."""

    hierarchy: Hierarchy
    length: int
    eval_walks: int = 256
    eval_seed: int = 0
    _tables: dict[str, list[Tensor]] = field(default_factory=dict, repr=False)

    @property
    def vocab(self) -> int:
        return self.hierarchy.symbols

    @property
    def entropy_rate(self) -> float:
        """A sequence's tokens but the first are all of whole trees but the first leaf of one and that of the next."""
        return self.hierarchy.tree_entropy / self.hierarchy.leaves

    @property
    def entropy_standard_error(self) -> float:
        return 0.0

    @property
    def digest(self) -> str:
        said = hashlib.sha256(b"rhm")
        for level in self.hierarchy.levels:
            said.update(
                np.ascontiguousarray(level.tuples, dtype="<i8").tobytes() + bytes(str(level.tuples.shape), "ascii")
            )
        return said.hexdigest()

    def known_curve(self, name: str) -> tuple[Ints, Floats] | None:
        """Correlations between leaves that part at each level; entropies of the last leaf of each smallest subtree."""
        made = self.hierarchy
        if name == "correlation":
            return made.correlations()
        if name == "entropy" and (entropies := made.entropies()) is not None:
            contexts = made.branch ** np.arange(len(made.levels) + 1) - 1
            return contexts, entropies[contexts]
        return None

    def batch(self, seeds: Tensor, index: Tensor, device: torch.device | str = "cpu") -> Tensor:
        """int64 [P, B, T+1]; see `Stream.batch`."""
        from .. import rng

        keys = rng.keys(seeds.to(device)[:, None], "data", index.to(device))
        return self._drawn(keys.flatten()).view(*index.shape, self.length + 1)

    def evaluation(self) -> Evaluation:
        """Trees of the evaluation seed, and the law of every token after those before it in its tree."""
        import torch

        from .. import rng

        tokens = self._drawn(rng.keys(self.eval_seed, "eval", torch.arange(self.eval_walks)))
        leaves, vocab = self.hierarchy.leaves, self.vocab
        trees = tokens[:, : self.length].reshape(-1, leaves).numpy()
        symbols = self.hierarchy.parsed(trees)
        # The law behind leaf i is that of leaf i + 1, and behind a tree's last that of a first.
        law = np.stack([self.hierarchy.next_leaf(symbols, (at + 1) % leaves) for at in range(leaves)], axis=1)
        probability = torch.from_numpy(law.reshape(-1, vocab))
        entropy = -torch.special.xlogy(probability, probability).sum(1)
        targets = torch.arange(vocab).expand(len(probability), vocab).contiguous()
        states = torch.arange(len(probability)).view(self.eval_walks, self.length)
        return Evaluation(tokens, NextLaw(targets, probability, entropy), None, states)

    def _drawn(self, keys: Tensor) -> Tensor:
        """[n, T+1] tokens, a sequence a key: of each tree a root, then a rule for every symbol, level by level."""
        import torch

        from .. import rng

        made, device = self.hierarchy, keys.device
        if str(device) not in self._tables:
            self._tables[str(device)] = [torch.from_numpy(level.tuples).to(device) for level in made.levels]
        trees = self.length // made.leaves + 1
        places = rng.positions(trees * (1 + made.nodes), device)
        words = rng.shift_right(rng.bits(keys[:, None], places), 11)
        chance = (words.double() * 2.0**-53).view(len(keys), trees, 1 + made.nodes)
        symbols = (chance[..., :1] * made.symbols).long()
        begins = 1
        for table in self._tables[str(device)]:
            count = symbols.shape[-1]
            rule = (chance[..., begins : begins + count] * table.shape[1]).long()
            symbols = table[symbols, rule].flatten(-2)
            begins += count
        return symbols.flatten(1)[:, : self.length + 1].contiguous()
