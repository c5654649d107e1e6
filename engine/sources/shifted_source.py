"""`shift(source, truth=)`: what one source writes to train on, another to be tested on."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from scalingdsl.spec.vocabulary.identity import digest
from scalingdsl.spec.vocabulary.words.mixtures import ExactShift, Shift

from .protocol import Evaluation, Opened, Stream
from .registry import implements, open_source

if TYPE_CHECKING:
    import torch
    from torch import Tensor


@implements(Shift)
def shift(term: Shift, base: Path) -> ShiftedStream:
    """Both as they are on their own."""
    return ShiftedStream(open_source(term.source, base), open_source(term.truth, base))


implements(ExactShift)(shift)


@dataclass(frozen=True, eq=False)
class ShiftedStream(Opened):
    """A `Stream` of the source's sequences, with the evaluation of the truth."""

    source: Stream
    truth: Stream

    @property
    def vocab(self) -> int:
        return self.truth.vocab

    @property
    def length(self) -> int:
        return self.truth.length

    @property
    def entropy_rate(self) -> float | None:
        """That of the truth, where it is known."""
        return self.truth.entropy_rate

    @property
    def entropy_standard_error(self) -> float | None:
        return self.truth.entropy_standard_error

    @property
    def digest(self) -> str:
        return digest([self.source.digest, self.truth.digest])

    @property
    def planned(self) -> str:
        return digest([self.source.planned, self.truth.planned])

    @property
    def beginnings(self) -> Any:
        return self.source.beginnings

    @property
    def ends(self) -> int | None:
        return self.truth.ends

    @property
    def notes(self) -> tuple[str, ...]:
        return tuple(dict.fromkeys((*self.source.notes, *self.truth.notes)))

    @property
    def artefacts(self) -> Mapping[str, Path]:
        return {**self.source.artefacts, **self.truth.artefacts}

    def teach(self, hear: Callable[[Any], None], device: str = "cpu") -> None:
        self.source.teach(hear, device)
        self.truth.teach(hear, device)

    def batch(self, seeds: Tensor, index: Tensor, device: torch.device | str = "cpu") -> Tensor:
        """See `Stream.batch`."""
        return self.source.batch(seeds, index, device)

    def evaluation(self) -> Evaluation:
        """That of the truth."""
        return self.truth.evaluation()
