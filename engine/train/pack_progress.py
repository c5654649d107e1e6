"""Progress of a pack, for displays and logs."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class PackProgress:
    """A pack at one moment."""

    pack: str
    #: Members in training, waiting, and ended.
    active: int
    waiting: int
    ended: int
    #: Steps taken by the members in training, of the steps they are to take.
    step: int
    steps: int
    #: Tokens trained on by the members in training.
    n_tokens: int
    #: Tokens per second over the last chunk of steps.
    tokens_per_s: float
    #: Mean of the members' last training losses, in nats a token; None before the first.
    loss: float | None
