"""Runs that failed, by their cause: each said once, however many runs it cost."""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import NamedTuple

from ..store.record import FINAL, RunRecord, Status

#: What differs between messages of one cause: numbers, keys of runs and packs, and files named after them.
_VARYING = re.compile(r"[0-9a-f]{16}(-[ab])*|\d+(\.\d+)?")


class Cause(NamedTuple):
    """A cause, in the words of its first run, and the number of runs."""

    status: Status
    runs: int
    message: str


def failure_causes(records: Iterable[RunRecord]) -> list[Cause]:
    """The causes for which runs are not over, the most frequent first."""
    found: dict[tuple[str, str], Cause] = {}
    for record in records:
        if record.status in FINAL:
            continue
        key = (record.status, _VARYING.sub("#", record.message))
        known = found.get(key, Cause(record.status, 0, record.message))
        found[key] = known._replace(runs=known.runs + 1)
    return sorted(found.values(), key=lambda cause: (-cause.runs, cause.status, cause.message))
