"""Showing a run as it goes, on stderr: a live display on a terminal, plain lines elsewhere.

Speed is tokens a second over the last half minute; time left comes from the prediction, corrected by how it has held.
"""

from __future__ import annotations

import sys
import time
from collections import deque
from collections.abc import Mapping
from contextlib import AbstractContextManager
from typing import TYPE_CHECKING

from ..executors.events import (
    Died,
    Event,
    Failed,
    Finished,
    Lost,
    Measuring,
    Noted,
    Planned,
    Predicted,
    Progress,
    Record,
    Retried,
    Split,
    Stopped,
    Teaching,
)
from ..formatting import counted, duration, magnitude
from ..hardware.machine_load import busy_words

if TYPE_CHECKING:
    from rich import progress as rich_progress

#: Seconds over which speed is averaged, and between two plain lines.
WINDOW_S = 30.0
PLAIN_EVERY_S = 10.0
#: Seconds in which a count says nothing: what is over by then needs no telling.
PATIENCE_S = 2.0


def measuring(load: float | None) -> str:
    """The line that is shown before this machine's speed is measured."""
    if load is None:
        return "measuring how fast this machine trains, once ..."
    return (
        f"measuring how fast this machine trains while it is busy with other work ({busy_words(load)}); "
        "times may be too long until `plan --recalibrate` is run on it idle ..."
    )


class Tally:
    """Running totals of a study at work, from events."""

    def __init__(self) -> None:
        self.n_missing = self.n_done = self.n_diverged = self.n_lost = 0
        self.predicted_s: float | None = None
        self.begun = time.monotonic()
        self._wanted: Mapping[str, int] = {}
        self._packs: dict[str, Progress] = {}
        self._ended: set[str] = set()
        self._said: set[str] = set()
        self._taught: dict[str, float] = {}
        self._seen: deque[tuple[float, int]] = deque()

    def update(self, event: Event) -> None:
        """Take note of an event."""
        match event:
            case Planned(missing=missing):
                self.n_missing = missing
            case Predicted(seconds=seconds, tokens=tokens):
                self.predicted_s, self._wanted = seconds, tokens
                self.begun = time.monotonic()
            case Teaching():
                self._taught[event.pack] = event.step / max(1, event.steps)
            case Progress():
                self._taught.pop(event.pack, None)
                self._packs[event.pack] = event
            case Record(key=key, status=status):
                self._ended.add(key)
                self.n_done += status == "done"
                self.n_diverged += status == "diverged"
                self.n_lost += status not in ("done", "diverged")
            case Lost(runs=runs):
                self._ended |= set(runs)
                self.n_lost += len(runs)
            case Finished() | Failed() | Died() | Stopped():
                self._packs.pop(event.pack, None)
        if isinstance(event, Progress | Record):
            now = time.monotonic()
            self._seen.append((now, self.tokens))
            while len(self._seen) > 2 and now - self._seen[0][0] > WINDOW_S:
                self._seen.popleft()

    def once(self, said: str | None) -> str | None:
        """A line that has not been shown before, else None."""
        if said is None or said in self._said:
            return None
        self._said.add(said)
        return said

    @property
    def n_ended(self) -> int:
        """Runs that are over, whatever became of them."""
        return self.n_done + self.n_diverged + self.n_lost

    @property
    def tokens(self) -> int:
        """Tokens trained on, as far as events tell."""
        under_way = sum(pack.n_tokens for pack in self._packs.values())
        return min(self.tokens_wanted, sum(self._wanted.get(key, 0) for key in self._ended) + under_way)

    @property
    def tokens_wanted(self) -> int:
        """Tokens of everything that was missing."""
        return sum(self._wanted.values())

    @property
    def tokens_per_second(self) -> float | None:
        """Speed over the last window; None before there is one."""
        if len(self._seen) < 2 or self._seen[-1][0] - self._seen[0][0] < 1:
            return None
        # A run that ends is reported before its pack's next progress, so the count may step back a little.
        gained = max(0, self._seen[-1][1] - self._seen[0][1])
        return gained / (self._seen[-1][0] - self._seen[0][0])

    @property
    def seconds_left(self) -> float | None:
        """The prediction's remainder, stretched by the ratio of measured to predicted time so far."""
        if self.predicted_s is None:
            return None
        spent = time.monotonic() - self.begun
        share = self.tokens / self.tokens_wanted if self.tokens_wanted else 0.0
        if share < 0.05:
            return max(0.0, self.predicted_s - spent)
        return (1 - share) * ((1 - share) * self.predicted_s + share * spent / share)

    @property
    def loss(self) -> float | None:
        """The lowest training loss among the packs at work."""
        losses = [pack.loss for pack in self._packs.values() if pack.loss is not None]
        return min(losses, default=None)

    def line(self) -> str:
        """Progress in one line."""
        parts = [f"{self.n_ended}/{self.n_missing} runs"]
        if self._taught:
            parts.append(f"teacher {min(self._taught.values()):.0%}")
        if self.n_diverged:
            parts.append(f"{self.n_diverged} diverged")
        if self.n_lost:
            parts.append(f"{self.n_lost} failed")
        # A run that is solved, not trained, counts as one.
        if self.tokens_per_second is not None and self.tokens_wanted > len(self._wanted):
            parts.append(f"{magnitude(self.tokens_per_second)} tokens/s")
        if self.loss is not None:
            parts.append(f"loss {self.loss:.3f}")
        if self.seconds_left is not None:
            parts.append(f"{duration(self.seconds_left)} left")
        return ", ".join(parts)


def words(event: Event) -> str | None:
    """The line that an event is worth, whatever the display; None where it is worth none."""
    match event:
        case Planned(runs=0):
            return "a table: nothing to train"
        case Planned(runs, missing, copied):
            of_these = f", {copied} of them from used studies" if copied else ""
            return f"{counted(runs, 'run')}: {runs - missing} done{of_these}, {missing} to train"
        case Predicted(packs, seconds):
            return f"{counted(packs, 'pack')}, predicted to take {duration(seconds)}"
        case Measuring(load):
            return measuring(load)
        case Teaching(pack):
            return f"pack {pack}: its teacher is trained first"
        case Noted(message=message):
            return f"note: {message}"
        case Lost(pack, runs, message=message):
            return f"gave up on {counted(len(runs), 'run')} of pack {pack}: {message}"
        case Retried(pack, message):
            return f"pack {pack}: {message}; trying again"
        case Split(pack, message=message):
            return f"pack {pack}: {message}; trying again in smaller packs"
        case Record(key=key, status="diverged", message=message):
            return f"run {key} diverged: {message}"
    return None


class Plain(AbstractContextManager["Plain", None]):
    """A line when something happens and every few seconds, for logs and pipes."""

    def __init__(self) -> None:
        self.tally = Tally()
        self._last = time.monotonic()

    def __exit__(self, *error: object) -> None:
        return None

    def __call__(self, event: Event) -> None:
        """Show an event."""
        self.tally.update(event)
        said = self.tally.once(words(event))
        if said is not None:
            print(said, file=sys.stderr, flush=True)  # noqa: T201 - the console is what this is for
        elif isinstance(event, Progress | Record | Teaching) and time.monotonic() - self._last > PLAIN_EVERY_S:
            self._last = time.monotonic()
            print(self.tally.line(), file=sys.stderr, flush=True)  # noqa: T201


class Live(AbstractContextManager["Live", None]):
    """A bar that is redrawn in place, for terminals."""

    def __init__(self) -> None:
        self.tally = Tally()
        self._progress = _bar()
        self._task = self._progress.add_task("", total=None)

    def __enter__(self) -> Live:
        self._progress.start()
        return self

    def __exit__(self, *error: object) -> None:
        self._progress.stop()

    def __call__(self, event: Event) -> None:
        """Show an event."""
        self.tally.update(event)
        said = self.tally.once(words(event))
        if said is not None:
            self._progress.console.print(said, markup=False, highlight=False)
        runs, _, rest = self.tally.line().partition(", ")
        self._progress.update(
            self._task, completed=self.tally.n_ended, total=self.tally.n_missing or None, description=rest or runs
        )


def _bar() -> rich_progress.Progress:
    """A bar on stderr that goes when it is done."""
    from rich import progress
    from rich.console import Console

    return progress.Progress(
        progress.SpinnerColumn(),
        progress.BarColumn(bar_width=24),
        progress.MofNCompleteColumn(),
        progress.TextColumn("{task.description}", markup=False),
        console=Console(stderr=True),
        transient=True,
    )


class Counting(AbstractContextManager["Counting", None]):
    """Progress of a command's stages: a bar on a terminal, a line every few seconds elsewhere, nothing at first."""

    def __init__(self) -> None:
        self._begun = time.monotonic()
        self._last = self._begun + PATIENCE_S - PLAIN_EVERY_S
        self._progress: rich_progress.Progress | None = None
        self._task: rich_progress.TaskID | None = None

    def __exit__(self, *error: object) -> None:
        if self._progress is not None:
            self._progress.stop()

    def __call__(self, what: str, done: int, of: int) -> None:
        """Show that so much of something is done."""
        now = time.monotonic()
        if now - self._begun < PATIENCE_S:
            return
        if sys.stderr.isatty():
            if self._progress is None:
                self._progress = _bar()
                self._task = self._progress.add_task("", total=None)
                self._progress.start()
            assert self._task is not None
            self._progress.update(self._task, completed=done, total=of, description=what)
        elif now - self._last >= PLAIN_EVERY_S:
            self._last = now
            print(f"{what} ..." if of == 1 else f"{what}: {done} of {of}", file=sys.stderr, flush=True)  # noqa: T201


def display() -> Live | Plain:
    """The display that fits where stderr goes."""
    return Live() if sys.stderr.isatty() else Plain()
