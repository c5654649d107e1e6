"""What the rest of the engine sees of a source: a stream of training sequences and a fixed evaluation.

A source is declared, and its graph drawn, without torch: only what makes tensors imports it.

Axes: P packed model, B batch, T time, W evaluation sequence, V vocabulary, K padded number of next tokens.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol, runtime_checkable

if TYPE_CHECKING:
    import torch
    from torch import Tensor


class Law(Protocol):
    """The true law of the next token in each state: of the present token, unless the evaluation names other states."""

    def rows(self, states: Tensor) -> tuple[Tensor, Tensor]:
        """Next tokens and probabilities of states [N]: int64 and float64 [N, K], both 0 where padded."""

    def to(self, device: torch.device | str) -> Law:
        """The same law on another device."""


@dataclass(frozen=True, eq=False)
class NextLaw:
    """A law as a table padded to the largest number of successors."""

    #: [V, K] int64 next tokens, 0 where padded.
    targets: Tensor
    #: [V, K] float64, 0 where padded; rows of states that the source never visits are all 0.
    probability: Tensor
    #: [V] float64 entropy of each row, in nats.
    entropy: Tensor

    def rows(self, states: Tensor) -> tuple[Tensor, Tensor]:
        """See `Law.rows`."""
        return self.targets[states], self.probability[states]

    def to(self, device: torch.device | str) -> NextLaw:
        """The same law on another device."""
        return NextLaw(self.targets.to(device), self.probability.to(device), self.entropy.to(device))


@dataclass(frozen=True, eq=False)
class SparseLaw:
    """A law in compressed rows, for tables too large to pad: rows are padded as they are asked for."""

    #: [V + 1] where each row's slots begin.
    indptr: Tensor
    #: [S] int64 next token, and float64 probability, of each slot.
    targets: Tensor
    probability: Tensor

    def rows(self, states: Tensor) -> tuple[Tensor, Tensor]:
        """See `Law.rows`; padded to the largest of these states."""
        import torch

        first, end = self.indptr[states], self.indptr[states + 1]
        column = torch.arange(int((end - first).max()), device=states.device)
        slot = first[:, None] + column
        inside = slot < end[:, None]
        slot = torch.where(inside, slot, 0)
        zero = torch.zeros((), dtype=torch.float64, device=states.device)
        return torch.where(inside, self.targets[slot], 0), torch.where(inside, self.probability[slot], zero)

    def to(self, device: torch.device | str) -> SparseLaw:
        """The same law on another device."""
        return SparseLaw(self.indptr.to(device), self.targets.to(device), self.probability.to(device))


@dataclass(frozen=True, eq=False)
class Evaluation:
    """The sequences every run of a source is evaluated on, and the truth to compare with."""

    #: [W, T+1] int64: the model reads `tokens[:, :-1]`.
    tokens: Tensor
    #: None for a source whose law is not known: the loss is then taken on `tokens[:, 1:]`.
    law: Law | None = None
    #: [W, T] float64 that sum to 1, for sequences enumerated and not sampled; None gives every context equal weight.
    weights: Tensor | None = None
    #: [W, T] int64 row of the law at each context; None where the present token is the row.
    states: Tensor | None = None

    def to(self, device: torch.device | str) -> Evaluation:
        """The same evaluation on another device."""
        law = None if self.law is None else self.law.to(device)
        weights, states = (None if t is None else t.to(device) for t in (self.weights, self.states))
        return Evaluation(self.tokens.to(device), law, weights, states)


class Opened:
    """What every opened source answers, of sequences and of points alike; most have nothing to say beyond this."""

    @property
    def notes(self) -> tuple[str, ...]:
        """What a reader should know, such as nodes left out; whole sentences."""
        return ()

    @property
    def artefacts(self) -> Mapping[str, Path]:
        """Files to keep with a study's results, by the path they get there."""
        return {}

    @property
    def planned(self) -> str:
        """Identity of what is drawn, as it is known before anything is taught; the digest, where nothing is."""
        return str(self.digest)  # type: ignore[attr-defined]

    @property
    def beginnings(self) -> Any:
        """Tokens [n] that sequences begin with any of, each as likely; None where some have to be drawn to know."""
        return None

    @property
    def ends(self) -> int | None:
        """The token behind which what was read says nothing of what follows, for another world begins; None without."""
        return None

    def known_curve(self, name: str) -> tuple[Any, Any] | None:
        """Points of one of its curves as its law says them; None where they are to be found out like others'."""
        return None

    def teach(self, hear: Callable[[Any], None], device: str = "cpu") -> None:
        """Make what takes long before anything can be drawn, on the device of the study, telling how that goes."""


@runtime_checkable
class PointStream(Protocol):
    """Points, drawn for a seed; `points/declared_points.py` answers the rest."""

    @property
    def digest(self) -> str:
        """Identity of the law that is drawn from."""

    def draw(self, seed: int) -> Any:
        """The points of a seed, as `point_models` knows them."""

    def facts(self, drawn: Any) -> Mapping[str, float]:
        """Numbers of what was drawn that the declaration names in its `facts`."""


@runtime_checkable
class Stream(Protocol):
    """An endless supply of sequences, every one of which can be had by its number."""

    @property
    def vocab(self) -> int:
        """V, the number of token ids."""

    @property
    def length(self) -> int:
        """T, predicted tokens a sequence; a sequence holds T + 1."""

    @property
    def entropy_rate(self) -> float | None:
        """Entropy rate in nats per token, or None where the law is not known."""

    @property
    def entropy_standard_error(self) -> float | None:
        """Of `entropy_rate`: 0 where it follows from the law, more where it was estimated from contexts."""

    @property
    def digest(self) -> str:
        """Identity of the law that is sampled: equal for equal content, however it was made."""

    @property
    def notes(self) -> tuple[str, ...]: ...
    @property
    def artefacts(self) -> Mapping[str, Path]: ...
    @property
    def planned(self) -> str: ...
    @property
    def beginnings(self) -> Any: ...
    @property
    def ends(self) -> int | None: ...
    def teach(self, hear: Callable[[Any], None], device: str = "cpu") -> None:
        """See `Opened`, from which a stream has all of these."""

    def batch(self, seeds: Tensor, index: Tensor, device: torch.device | str = "cpu") -> Tensor:
        """Sequences `index` [P, B] of data seeds `seeds` [P], as int64 [P, B, T+1] on `device`.

        Sequence w of seed s is a pure function of (s, w): the same whatever P, B, order or device.
        One call for many steps costs less than many calls: pass the indices of several steps side by side and cut
        the result; from about 2,000 sequences a call on, the overhead of a call is gone.
        """

    def evaluation(self) -> Evaluation:
        """The fixed evaluation of this source, on the CPU."""
