"""The time that training still takes: the prediction, corrected by how it has held so far.

Work is counted in seconds predicted for each run on one worker, so that a wide model weighs more than a narrow one on
as many tokens. Until something was trained, the prediction stands. Then what is left is stretched by the seconds that
workers took for what they have done, which counts for more the more of it there is, and for all once training has
taken longer than the whole was predicted to.
"""

from __future__ import annotations

import time
from collections.abc import Mapping

from ..executors.events import (
    Died,
    Event,
    Failed,
    Finished,
    Lost,
    Predicted,
    Progress,
    Record,
    Started,
    Stopped,
    Teaching,
)
from ..formatting import duration
from ..planning.costs import START_S

#: Share of the work after which the prediction no longer counts.
ENOUGH = 0.1
#: Seconds below which no number is given: the last steps and the last records take a moment.
LITTLE_S = 1.5


class TimeLeft:
    """Follows a study by its events."""

    def __init__(self) -> None:
        self._predicted: float | None = None
        self._asked = self._heard = time.monotonic()
        self._workers = 1
        #: Seconds predicted for each run on one worker, and its tokens.
        self._cost: Mapping[str, float] = {}
        self._tokens: Mapping[str, int] = {}
        #: Runs of each pack at work that are not over, and tokens that they have been trained on.
        self._open: dict[str, set[str]] = {}
        self._trained: dict[str, int] = {}
        self._over: set[str] = set()
        #: Seconds predicted for all runs, and for those that are over: sums that events keep up.
        self._total = self._ended = 0.0
        self._teaching = False
        #: Work that was done when training began; None before.
        self._before: float | None = None
        #: Seconds since then, of all workers with a pack together.
        self._worked = 0.0

    def update(self, event: Event) -> None:
        """Take note of an event."""
        self._worked, self._heard = self._worked_by_now, time.monotonic()
        match event:
            case Predicted():
                self._predicted, self._workers, self._asked = event.seconds, event.workers, self._heard
                self._cost, self._tokens = event.run_seconds, event.tokens
                self._total = sum(self._cost.values())
                self._ended = sum(self._cost.get(key, 0.0) for key in self._over)
            case Started(pack, runs):
                self._open[pack] = set(runs)
            case Teaching():
                self._teaching = True
            case Progress():
                self._trained[event.pack] = event.n_tokens
            case Record(pack=pack, key=key):
                self._end(pack, {key})
            case Lost(pack=pack, runs=runs):
                self._end(pack, set(runs))
            case Finished() | Failed() | Died() | Stopped():
                self._trained.pop(event.pack, None)
                self._open.pop(event.pack, None)
        if self._before is None and isinstance(event, Progress | Record):
            self._before = self._done

    def _end(self, pack: str, runs: set[str]) -> None:
        self._ended += sum(self._cost.get(key, 0.0) for key in runs - self._over)
        self._over |= runs
        self._open.get(pack, set()).difference_update(runs)

    @property
    def _worked_by_now(self) -> float:
        since = 0.0 if self._before is None else time.monotonic() - self._heard
        return self._worked + since * min(self._workers, max(1, len(self._open)))

    def _left(self, pack: str) -> float:
        """Work left of a pack at work."""
        runs = self._open[pack]
        work, tokens = (sum(of.get(key, 0) for key in runs) for of in (self._cost, self._tokens))
        return work * (1 - min(1.0, self._trained.get(pack, 0) / tokens)) if tokens else work

    @property
    def _done(self) -> float:
        under_way = sum(sum(self._cost.get(k, 0.0) for k in runs) - self._left(p) for p, runs in self._open.items())
        return self._ended + under_way

    @property
    def seconds(self) -> float | None:
        """Seconds that are left; None before there is a prediction."""
        if self._predicted is None:
            return None
        total, done = self._total, self._done
        # Near the end one worker may still have a whole pack to go while others have none.
        remaining = max((total - done) / self._workers, max(map(self._left, self._open), default=0.0))
        if self._before is None:
            left = self._predicted - (time.monotonic() - self._asked)
            return max(left, remaining if self._teaching else self._predicted - START_S)
        new, worked = done - self._before, self._worked_by_now
        if new <= 0:
            return max(remaining, worked / self._workers) if remaining else 0.0
        whole = total - self._before
        trust = min(1.0, max(new / whole / ENOUGH, worked / whole))
        return remaining * (1 + trust * (worked / new - 1))

    @property
    def words(self) -> str | None:
        """`3 min 10 s left`, `a little more`; None before there is a prediction."""
        seconds = self.seconds
        if seconds is None:
            return None
        return "a little more" if seconds < LITTLE_S else f"{_coarse(seconds)} left"


def whole_seconds(seconds: float) -> str:
    """`7 s`, `1 min 15 s`: a time that is watched as it passes."""
    return f"{round(seconds)} s" if seconds < 59.5 else duration(seconds)


def _coarse(seconds: float) -> str:
    """No finer than a guess deserves: seconds, then fives and tens of them, then minutes."""
    if seconds < 57.5:
        return f"{round(seconds) if seconds < 15 else 5 * round(seconds / 5)} s"
    if seconds < 595:
        return duration(10 * round(seconds / 10))
    return f"{round(seconds / 60)} min" if seconds < 5400 else duration(seconds)
