"""Showing a run as it goes, on stderr: a live display on a terminal, plain lines elsewhere.

Speed is tokens a second over the last half minute; the time left is told by `time_left`.
"""

from __future__ import annotations

import sys
import time
from collections import deque
from collections.abc import Callable, Mapping
from contextlib import AbstractContextManager
from typing import TYPE_CHECKING

from scalingdsl.spec.diagnostics.snippet import printable

from ..executors.events import (
    Died,
    Event,
    Failed,
    Finished,
    Joined,
    Lost,
    Measuring,
    Noted,
    Planned,
    Predicted,
    Progress,
    Ready,
    Record,
    Retried,
    Split,
    Started,
    Stopped,
    Teaching,
    Working,
)
from ..formatting import counted, duration, magnitude
from ..hardware.machine_load import busy_words
from .time_left import TimeLeft, whole_seconds

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
        #: What is being done, in a word or two.
        self.stage = "planning"
        self.begun = time.monotonic()
        self.time_left = TimeLeft()
        self._wanted: Mapping[str, int] = {}
        #: Tokens of everything that was missing, and of what of it has ended: sums that events keep up.
        self._tokens_wanted = self._tokens_ended = 0
        self._packs: dict[str, Progress] = {}
        self._ended: set[str] = set()
        self._said: set[str] = set()
        self._taught: dict[str, float] = {}
        self._seen: deque[tuple[float, int]] = deque()

    def update(self, event: Event) -> None:
        """Take note of an event."""
        self.time_left.update(event)
        match event:
            case Planned(missing=missing):
                self.n_missing = missing
            case Measuring():
                self.stage = "measuring"
            case Predicted(tokens=tokens):
                self._wanted, self.stage = tokens, "starting workers"
                self._tokens_wanted = sum(tokens.values())
                self._tokens_ended = sum(tokens.get(key, 0) for key in self._ended)
            case Ready() if self.stage == "starting workers":
                self.stage = "preparing data"
            case Started() if not self._packs and not self._ended:
                self.stage = "preparing data"
            case Teaching():
                self._taught[event.pack] = event.step / max(1, event.steps)
                self.stage = "training teachers"
            case Progress():
                self._taught.pop(event.pack, None)
                self._packs[event.pack] = event
                self.stage = "training"
            case Record(key=key, status=status):
                self._end(key)
                self.stage = "training"
                self.n_done += status == "done"
                self.n_diverged += status == "diverged"
                self.n_lost += status not in ("done", "diverged")
            case Lost(runs=runs):
                self._end(*runs)
                self.n_lost += len(runs)
            case Finished() | Failed() | Died() | Stopped():
                self._packs.pop(event.pack, None)
            case Working(what):
                self.stage = what
        if isinstance(event, Progress | Record):
            now = time.monotonic()
            self._seen.append((now, self.tokens))
            while len(self._seen) > 2 and now - self._seen[0][0] > WINDOW_S:
                self._seen.popleft()

    def _end(self, *keys: str) -> None:
        new = set(keys) - self._ended
        self._ended |= new
        self._tokens_ended += sum(self._wanted.get(key, 0) for key in new)

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
    def at_work(self) -> bool:
        """True from the prediction until all training is over."""
        return bool(self._wanted) and self.stage not in ("fitting", "drawing")

    @property
    def tokens(self) -> int:
        """Tokens trained on, as far as events tell."""
        under_way = sum(pack.n_tokens for pack in self._packs.values())
        return min(self._tokens_wanted, self._tokens_ended + under_way)

    @property
    def tokens_per_second(self) -> float | None:
        """Speed over the last window; None before there is one."""
        if len(self._seen) < 2 or self._seen[-1][0] - self._seen[0][0] < 1:
            return None
        # A run that ends is reported before its pack's next progress, so the count may step back a little.
        gained = max(0, self._seen[-1][1] - self._seen[0][1])
        return gained / (self._seen[-1][0] - self._seen[0][0])

    @property
    def loss(self) -> tuple[float, int] | None:
        """Mean of the last training losses of the runs at work, in nats a token, and their number."""
        known = [(pack.loss, pack.active) for pack in self._packs.values() if pack.loss is not None and pack.active]
        number = sum(active for _, active in known)
        return (sum(loss * active for loss, active in known) / number, number) if number else None

    @property
    def elapsed(self) -> str:
        """Time since the study was begun."""
        return f"{whole_seconds(time.monotonic() - self.begun)} so far"

    def facts(self) -> list[str]:
        """What there is to say beside the stage, the most important first."""
        if not self.at_work:
            return [self.elapsed]
        left = self.time_left.words
        parts = [f"{self.n_ended}/{self.n_missing} runs", *([left] if left is not None else []), self.elapsed]
        if self._taught:
            parts.append(f"teacher {min(self._taught.values()):.0%}")
        if self.n_diverged:
            parts.append(f"{self.n_diverged} diverged")
        if self.n_lost:
            parts.append(f"{self.n_lost} failed")
        # A run that is solved, not trained, counts as one.
        if self.tokens_per_second is not None and self._tokens_wanted > len(self._wanted):
            parts.append(f"{magnitude(self.tokens_per_second)} tokens/s")
        if self.loss is not None:
            loss, number = self.loss
            parts.append(f"mean loss {loss:.3f} of {counted(number, 'run')} at work")
        return parts

    def line(self) -> str:
        """Progress in one line."""
        return f"{self.stage}: {'; '.join(self.facts())}"


def words(event: Event) -> str | None:
    """The line that an event is worth, whatever the display; None where it is worth none."""
    match event:
        case Planned(runs=0):
            return "a table: nothing to train"
        case Planned(runs, missing, copied):
            of_these = f", {copied} of them from used studies" if copied else ""
            return f"{counted(runs, 'run')}: {runs - missing} done{of_these}, {missing} to train"
        case Predicted(packs, seconds, tokens=tokens, load=load):
            doubt = "" if load is None else f", by a speed that was measured under {busy_words(load)}"
            if seconds is None:
                return f"{counted(len(tokens), 'run')} for your trainer, which takes as long as it takes"
            return f"{counted(packs, 'pack')}, predicted to take {duration(seconds)}{doubt}"
        case Working(what):
            return f"{what} ..."
        case Measuring(load):
            return measuring(load)
        case Teaching(pack):
            return f"pack {pack}: its teacher is trained first"
        case Noted(message=message):
            return f"note: {message}"
        case Joined(who):
            return f"at work on it too: {', '.join(who)}" if who else None
        case Lost(pack, runs, message=message):
            return f"gave up on {counted(len(runs), 'run')} of pack {pack}: {message}"
        case Retried(pack, message):
            return f"pack {pack}: {message}; trying again"
        case Split(pack, message=message):
            return f"pack {pack}: {message}; trying again in smaller packs"
        case Record(key=key, status="diverged", message=message):
            return f"run {key} diverged: {message}"
        case Record(key=key, status=status, message=message) if status != "done":
            return f"run {key} {status.replace('_', ' ')}: {message}"
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
        entered = self.tally.once(self.tally.stage)
        if said is not None:
            print(printable(said), file=sys.stderr, flush=True)  # noqa: T201 - the console is what this is for
        elif self.tally.at_work and (entered is not None or time.monotonic() - self._last > PLAIN_EVERY_S):
            self._last = time.monotonic()
            print(printable(self.tally.line()), file=sys.stderr, flush=True)  # noqa: T201


class Live(AbstractContextManager["Live", None]):
    """A bar that is redrawn in place, for terminals."""

    def __init__(self) -> None:
        self.tally = Tally()
        self._progress = _bar(lambda: "; ".join(self.tally.facts()))
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
        # The bar itself says what is at work.
        if said is not None and not isinstance(event, Working):
            self._progress.console.print(printable(said), markup=False, highlight=False)
        missing = self.tally.n_missing or None
        self._progress.update(self._task, description=self.tally.stage, completed=self.tally.n_ended, total=missing)


def _bar(beside: Callable[[], str] | None = None) -> rich_progress.Progress:
    """A bar on stderr that goes when it is done, with text that is asked for whenever it is drawn, else its count."""
    from rich import progress
    from rich.console import Console
    from rich.text import Text

    class Beside(progress.ProgressColumn):
        def render(self, task: rich_progress.Task) -> Text:
            return Text("" if beside is None else beside(), no_wrap=True, overflow="ellipsis")

    return progress.Progress(
        progress.SpinnerColumn(),
        progress.TextColumn("{task.description}", markup=False),
        progress.BarColumn(bar_width=24),
        progress.MofNCompleteColumn() if beside is None else Beside(),
        console=Console(stderr=True),
        transient=True,
        refresh_per_second=4,
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
