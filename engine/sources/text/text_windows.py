"""`text("corpus.txt", ...)`: windows of a text, each read once a pass, in an order that belongs to the seed."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
import torch
from scalingdsl.spec.errors import EngineError
from scalingdsl.spec.files.text_documents import too_few, too_many
from scalingdsl.spec.vocabulary.words.text import Text
from torch import Tensor

from .. import rng
from ..permutation import permuted
from ..protocol import Evaluation, Opened
from ..registry import implements
from .tokens import Tokenised, Tokens, tokenised


@implements(Text)
def text(term: Text, base: Path) -> TextStream:
    """With `unique`, the windows drawn from are a part of all that depends on the seed, smaller parts inside larger."""
    tokens = tokenised(term, base)
    whole, held_out = (windows(part, term.length) for part in (tokens.train, tokens.test))
    if found := too_few(len(tokens.train), len(tokens.test), term.length):
        raise EngineError(f"{term.path}: {found}")
    if term.unique is not None and (found := too_many(len(tokens.train), term.unique)):
        raise EngineError(f"{term.path}: {found}")
    drawn = whole if term.unique is None else min(whole, max(1, round(term.unique / term.length)))
    return TextStream(
        tokens, term.length, whole, drawn, min(term.eval_walks, held_out), term.eval_seed, term.eval_walks
    )


def windows(tokens: Tokens, length: int) -> int:
    """The number of sequences of `length` predicted tokens in a text, no token predicted twice."""
    return max(0, (len(tokens) - 1) // length)


@dataclass(frozen=True, eq=False)
class TextStream(Opened):
    """A `Stream` of a text's training windows."""

    tokens: Tokenised
    length: int
    #: Windows of the training text, and those a pass reads.
    whole: int
    drawn: int
    #: Held-out windows that a run is evaluated on, the seed that picks them, and how many were asked for.
    held_out: int
    eval_seed: int
    asked: int
    _there: dict[str, Tensor] = field(default_factory=dict, init=False, repr=False)

    @property
    def vocab(self) -> int:
        return self.tokens.vocab

    @property
    def entropy_rate(self) -> None:
        """Not known of a text."""

    @property
    def entropy_standard_error(self) -> None:
        return None

    @property
    def digest(self) -> str:
        return self.tokens.digest

    @property
    def beginnings(self) -> Tokens:
        """Those of the training text."""
        return self.tokens.train

    @property
    def pass_tokens(self) -> int:
        """Tokens of one pass; a run of more reads them again, in another order."""
        return self.drawn * self.length

    @property
    def notes(self) -> tuple[str, ...]:
        short: tuple[str, ...] = ()
        if self.held_out < self.asked:
            short = (
                f"The held-out text has {self.held_out:,} sequences of {self.length}, not the {self.asked:,} asked "
                "for: the standard errors say what that leaves open.",
            )
        return (*self.tokens.notes, f"A run of more than {self.pass_tokens:,} tokens reads them again.", *short)

    def batch(self, seeds: Tensor, index: Tensor, device: torch.device | str = "cpu") -> Tensor:
        """int64 [P, B, T+1]; see `Stream.batch`. Sequence w is place w mod n of pass w div n, n windows a pass."""
        seeds, index = seeds.cpu()[:, None], index.cpu()
        order = rng.keys(seeds, "data", 1 + index // self.drawn)
        place = permuted(order, index % self.drawn, self.drawn)
        window = permuted(rng.keys(seeds, "data", 0), place, self.whole)
        if torch.device(device).type == "cpu":
            return cut(self.tokens.train, window, self.length)
        return self.gathered(window.to(device))

    def gathered(self, window: Tensor) -> Tensor:
        """Windows by number as `cut` gives them, from tokens that stay on the device of `window`."""
        resident = self.resident(str(window.device))
        index = window[..., None] * self.length + torch.arange(self.length + 1, device=window.device)
        tokens = resident[index].long()
        return tokens & 0xFFFF if resident.dtype == torch.int16 else tokens

    def resident(self, device: str) -> Tensor:
        """The training tokens on a device, sent there once: two bytes each where the vocabulary allows, whose sign bit
        is part of the number, since few operations know unsigned integers.
        """
        if device not in self._there:
            tokens = np.asarray(self.tokens.train)
            narrow = tokens.astype(np.uint16).view(np.int16) if self.vocab <= 2**16 else tokens.astype(np.int32)
            self._there[device] = torch.from_numpy(narrow).to(device)
        return self._there[device]

    def evaluation(self) -> Evaluation:
        """Held-out windows, none twice, judged by the tokens that follow: the law of a text is not known."""
        places, n = torch.arange(self.held_out), windows(self.tokens.test, self.length)
        return Evaluation(cut(self.tokens.test, permuted(rng.keys(self.eval_seed, "eval", 0), places, n), self.length))


def cut(tokens: Tokens, window: Tensor, length: int) -> Tensor:
    """int64 [..., T+1]: windows by number, each overlapping the next by the token that both need."""
    index = window[..., None] * length + torch.arange(length + 1)
    return torch.from_numpy(np.take(tokens, index.numpy()).astype(np.int64))
