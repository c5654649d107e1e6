"""What others are doing, read from the logs of packs: events of workers that no pipe leads to."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

from ..store.results_folder import Store
from ..store.sealed_json import body_of
from .events import Callback, Event

#: Bytes of a log that are read at a time; the rest is read at the next look.
MOST = 2**20


class Follower:
    """Passes on what is added, from now on, to the logs of packs that others are at work on."""

    def __init__(self, store: Store, callback: Callback) -> None:
        self._store, self._callback = store, callback
        #: Bytes of each log that were there before, or are passed on.
        self._read = {pack: _size(store.pack_log(pack)) for pack in store.packs()}
        self._followed: set[str] = set()

    def look(self, packs: Iterable[str]) -> None:
        """Pass on what is new in the logs of `packs`, and a last time in those of packs that others have left."""
        now = set(packs)
        for pack in sorted(now | self._followed):
            self._pass_on(pack)
        self._followed = now

    def skip(self, pack: str) -> None:
        """Take what a pack's log holds by now for heard."""
        self._read[pack] = _size(self._store.pack_log(pack))

    def _pass_on(self, pack: str) -> None:
        begun = self._read.get(pack, 0)
        try:
            with self._store.pack_log(pack).open("rb") as file:
                file.seek(begun)
                *lines, _rest = file.read(MOST).split(b"\n")
        except FileNotFoundError:
            return
        for line in lines:
            event = _event(pack, line)
            if event is not None:
                self._callback(event)
        self._read[pack] = begun + sum(len(line) + 1 for line in lines)


def _size(path: Path) -> int:
    try:
        return path.stat().st_size
    except FileNotFoundError:
        return 0


def _event(pack: str, line: bytes) -> Event | None:
    """The event of a line; None where the line is torn or damaged, or of another version."""
    body = body_of(line)
    try:
        return None if body is None else Event.from_json({"pack": pack, **body})
    except (TypeError, KeyError):
        return None
