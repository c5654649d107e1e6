"""The queue of a study: one file a pack that is to be trained, `queue/<pack>.json`, which anyone may take up.

A file is there until each of its runs has a record, whatever became of it. Whoever holds a pack's lease may rewrite or
remove its file, and put others in its place; tries that failed are counted in it.
"""

from __future__ import annotations

import os
from pathlib import Path

from pydantic import ValidationError
from scalingdsl.spec.errors import StoreError

from ..store.sealed_json import read_json, write_all_json
from .job import Job

ENDING = ".json"
#: Packs that are written together.
MOST_TOGETHER = 64


class PackQueue:
    """The files of a folder."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self._seconds: dict[str, float] = {}

    def _path(self, pack: str) -> Path:
        return self.folder / f"{pack}{ENDING}"

    def names(self) -> tuple[str, ...]:
        """Packs that wait or are at work, the longest predicted first."""
        try:
            found = os.listdir(self.folder)
        except FileNotFoundError:
            return ()
        packs = [name.removesuffix(ENDING) for name in found if name.endswith(ENDING) and name[0] != "."]
        self._seconds = {pack: self._seconds.get(pack, -1.0) for pack in packs}
        for pack, known in self._seconds.items():
            if known < 0:
                self._seconds[pack] = self._seconds_of(pack)
        return tuple(sorted(packs, key=lambda pack: (-self._seconds[pack], pack)))

    def _seconds_of(self, pack: str) -> float:
        """Seconds predicted for a pack; one that cannot be read comes last."""
        try:
            seconds = read_json(self._path(pack)).get("seconds")
        except (OSError, StoreError):
            return 0.0
        return float(seconds) if isinstance(seconds, int | float) and seconds >= 0 else 0.0

    def read(self, pack: str) -> Job | None:
        """A pack's job; None where it is done by now.

        Raises:
            StoreError: Its file is damaged.
        """
        path = self._path(pack)
        try:
            job = Job.from_json(read_json(path))
        except FileNotFoundError:
            return None
        except (LookupError, TypeError, ArithmeticError, ValueError, ValidationError, AttributeError) as error:
            raise StoreError(f"{path} is damaged: it does not hold a pack") from error
        if job.pack.key != pack:
            raise StoreError(f"{path} is damaged: it holds the pack {job.pack.key}")
        return job

    def put(self, *jobs: Job) -> None:
        """Add packs, or write them anew."""
        for first in range(0, len(jobs), MOST_TOGETHER):
            together = jobs[first : first + MOST_TOGETHER]
            write_all_json({self._path(job.pack.key): job.to_json() for job in together}, flat=True)

    def remove(self, pack: str) -> None:
        """Take a pack out, which is done or has others in its place."""
        self._path(pack).unlink(missing_ok=True)
