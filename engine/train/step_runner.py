"""Taking a chunk of steps: one after another on a CPU, as replays of a recorded one on a GPU.

A small model's step is some hundred operations, and launching each costs a GPU's host more than it costs the GPU. A
CUDA graph is launched as one. It wants every tensor in its place and every shape the same, which the flat storage and
slot refill give; learning rates, decays and step counts are therefore columns on the device, and nothing in a step asks
the device for a number. Losses and gradient norms of a chunk are read back together, and what a chunk reads can be made
ready while the one before it runs.

A graph is recorded for a number of rows. Packs shrink one row at a time once their queue is empty, and recording costs
some steps: rows are rounded up to a power of two, and those beyond the pack's members train at rate zero on what lies
there, which nobody reads.

What lies between two replays, copies of what a step reads and writes, costs as much as some of its own launches. Where
steps are so short that a chunk has many of them, a graph is therefore of several.

Axes: S step of a chunk, P row, B batch, T time.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cache
from typing import Any, Protocol

import numpy as np
import torch
from torch import Tensor

from .families.registry import Arranging, Stack
from .optimisers.registry import Optimiser
from .pack_state import State
from .schedule import Array

#: Steps before one is recorded: libraries choose their kernels and allocate their workspaces in the first ones.
WARM_UP = 3
#: Steps of a graph of several, and those of a chunk from which on there is one.
SEVERAL, MANY = 8, 128


@dataclass(frozen=True)
class Ready:
    """A chunk as steps read it: what the stack and the update make of its data, for so many steps and rows."""

    count: int
    rows: int
    data: Any
    numbers: Any
    #: Declaration of the first row, which a step of other rows is recorded with.
    word: Any


class Steps(Protocol):
    """Takes the steps of a chunk."""

    #: Seconds of the last chunk in which a step was recorded, not taken.
    recording_s: float

    def ready(self, tokens_SPBT: Tensor, words: Sequence[Any], rates_SP: Array) -> Ready:
        """Sequences of the first P rows, and their rates and declarations `words`, for `take`."""

    def take(self, chunk: Ready) -> tuple[Tensor, Tensor]:
        """Train the rows of a chunk.

        Returns:
            Mean training losses in nats a token, float64, and gradient norms, both [S, P] on the device.
        """


def steps_for(stack: Stack, update: Optimiser, state: State, repeats: bool = True) -> Steps:
    """The way that suits the device of the pack's storage and an optimiser whose steps are all alike, or are not."""
    recorded = repeats and state.params.device.type == "cuda"
    return Recorded(stack, update, state) if recorded else Eager(stack, update)


def steps_named(stack: Stack, update: Optimiser) -> str:
    """Whose operations steps are made of, as records name them; an optimiser has a name where it is not torch's."""
    own = getattr(update, "kernels", "")
    return f"{stack.kernels}, {own}" if own and not stack.kernels.startswith("triton") else stack.kernels


@contextmanager
def beside(device: torch.device) -> Iterator[None]:
    """Inside, a GPU does what it is given beside the steps that it was given before; afterwards steps wait for it."""
    if device.type != "cuda":
        yield
        return
    steps, aside = torch.cuda.current_stream(device), _aside(device)
    with torch.cuda.stream(aside):
        yield
    steps.wait_stream(aside)


@cache
def _aside(device: torch.device) -> torch.cuda.Stream:
    return torch.cuda.Stream(device)


class Eager:
    """Operation by operation."""

    recording_s = 0.0

    def __init__(self, stack: Stack, update: Optimiser) -> None:
        self._stack, self._update = stack, update

    def ready(self, tokens_SPBT: Tensor, words: Sequence[Any], rates_SP: Array) -> Ready:
        """See `Steps.ready`."""
        data, numbers = self._stack.chunk(tokens_SPBT), self._update.chunk(words, rates_SP)
        count, rows = tokens_SPBT.shape[:2]
        return Ready(count, rows, data, numbers, words[0])

    def take(self, chunk: Ready) -> tuple[Tensor, Tensor]:
        """See `Steps.take`."""
        norms = []
        for at in range(chunk.count):
            self._stack.step(chunk.data, at)
            norms.append(self._update.step(chunk.numbers, at))
        return self._stack.losses(chunk.data), torch.stack(norms)


@dataclass(frozen=True)
class _Recording:
    """Steps of some rows, recorded as one: what they read, what they write, and how they are run again."""

    #: Sequences, and what the stack arranges of a chunk of them, if anything, [S, P, ...].
    data: tuple[Tensor, ...]
    numbers: Tensor
    losses: Tensor
    norms: Tensor
    replay: Callable[[], None]


class Recorded:
    """Replays of steps, recorded for every power of two of rows that comes up: one alone, and several where a chunk has
    many.
    """

    def __init__(self, stack: Stack, update: Optimiser, state: State) -> None:
        self._stack, self._update, self._state = stack, update, state
        #: By rows and steps.
        self._recordings: dict[tuple[int, int], _Recording] = {}
        self._pool: Any = None
        self.recording_s = 0.0

    def ready(self, tokens_SPBT: Tensor, words: Sequence[Any], rates_SP: Array) -> Ready:
        """See `Steps.ready`; rows that are idle have the first one's declaration, and rate zero."""
        count, rows = tokens_SPBT.shape[:2]
        idle = self._whole(rows) - rows
        numbers = self._update.chunk([*words, *([words[0]] * idle)], np.pad(rates_SP, ((0, 0), (0, idle))))
        return Ready(count, rows, self._arranged(tokens_SPBT), numbers, words[0])

    def take(self, chunk: Ready) -> tuple[Tensor, Tensor]:
        """See `Steps.take`."""
        self.recording_s = 0.0
        several = SEVERAL if chunk.count >= MANY else 1
        device = chunk.data[0].device
        losses = torch.empty(chunk.count, chunk.rows, dtype=torch.float64, device=device)
        norms = torch.empty(chunk.count, chunk.rows, device=device)
        at = 0
        while at < chunk.count:
            count = several if at + several <= chunk.count else 1
            recording = self._recording(chunk, count)
            part = slice(at, at + count)
            for mine, theirs in zip(recording.data, chunk.data):
                mine[:, : chunk.rows].copy_(theirs[part])
            recording.numbers.copy_(chunk.numbers[part])
            recording.replay()
            losses[part].copy_(recording.losses[:, : chunk.rows])
            norms[part].copy_(recording.norms[:, : chunk.rows])
            at += count
        return losses, norms

    def _recording(self, chunk: Ready, count: int) -> _Recording:
        """That of `count` steps like those of a chunk, made if there is none."""
        rows = self._whole(chunk.rows)
        if (rows, count) not in self._recordings:
            begun = time.perf_counter()
            nothing = chunk.data[0].new_zeros(count, rows, *chunk.data[0].shape[2:])
            self._recordings[rows, count] = self._record(self._arranged(nothing), chunk.word)
            self.recording_s += time.perf_counter() - begun
        return self._recordings[rows, count]

    def _whole(self, rows: int) -> int:
        """Rows that steps of `rows` rows are recorded for."""
        return min(self._state.rows, 1 << (rows - 1).bit_length())

    def _arranged(self, tokens: Tensor) -> tuple[Tensor, ...]:
        """Sequences, and what the stack arranges of them."""
        return (tokens, self._stack.arrange(tokens)) if isinstance(self._stack, Arranging) else (tokens,)

    def _record(self, data: tuple[Tensor, ...], word: Any) -> _Recording:
        """Steps that read `data`, whose first is sequences [S, P, B, T+1]; the state is left as it was."""
        tokens = data[0]
        count, rows = tokens.shape[:2]
        numbers = self._update.chunk([word] * rows, np.zeros((count, rows)))
        losses = torch.zeros(count, rows, dtype=torch.float64, device=tokens.device)
        norms = torch.zeros(count, rows, device=tokens.device)

        def steps() -> None:
            chunk = self._stack.chunk(*data)
            for at in range(count):
                self._stack.step(chunk, at)
                norms[at].copy_(self._update.step(numbers, at))
            losses.copy_(self._stack.losses(chunk))

        kept = [t.clone() for t in self._state.tensors()]
        replay = self._graph(steps) if tokens.device.type == "cuda" else steps
        for mine, before in zip(self._state.tensors(), kept):
            mine.copy_(before)
        if tokens.device.type == "cuda":
            torch.cuda.synchronize(tokens.device)
        return _Recording(data, numbers, losses, norms, replay)

    def _graph(self, steps: Callable[[], None]) -> Callable[[], None]:
        """A CUDA graph of `steps`; all graphs of a pack share their temporaries' memory, since one runs at a time."""
        aside = torch.cuda.Stream()
        aside.wait_stream(torch.cuda.current_stream())
        with torch.cuda.stream(aside):
            for _ in range(WARM_UP):
                steps()
        torch.cuda.current_stream().wait_stream(aside)
        graph = torch.cuda.CUDAGraph()
        with torch.cuda.graph(graph, pool=self._pool):
            steps()
        self._pool = self._pool or graph.pool()
        replay: Callable[[], None] = graph.replay
        return replay
