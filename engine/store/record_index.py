"""An index of a results folder's records and runs, so that questions about all of them are answered at once.

The files are the truth: a record enters the index when its file was read and found whole, and is read again when its
file is another by size, times or place on the disk. The index lies in the user's cache, not in the folder, so that a
folder is the same for whoever reads it; deleted, or of a cache on another machine's disk, it is made again, in memory
if need be, and the answers are the same.
"""

from __future__ import annotations

import contextlib
import hashlib
import json
import os
import sqlite3
import time
from collections.abc import Iterator, Sequence
from importlib.metadata import version
from pathlib import Path
from typing import Any, NamedTuple

from scalingdsl.spec.plan.study_plan import StudyPlan
from scalingdsl.spec.vocabulary.identity import NUMERICS_VERSION

from .cache import cache_folder
from .index_file import IndexFile
from .record import FINAL, RunRecord
from .results_folder import Store
from .sealed_json import checksum

#: Raised when the tables change; an index of another version is made anew.
VERSION = 1
#: Seconds by which a file's last change must lie back for its times to tell the next one.
SETTLED_S = 0.1
#: Parts of a run, of which many runs share each.
PARTS = ("source", "model", "optimiser")

_TABLES = """
CREATE TABLE IF NOT EXISTS meta(name TEXT PRIMARY KEY, value TEXT) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS parts(id INTEGER PRIMARY KEY, text TEXT UNIQUE);
CREATE TABLE IF NOT EXISTS records(
    key TEXT PRIMARY KEY, file TEXT, status TEXT, message TEXT, seconds REAL, loss REAL, outcome TEXT,
    source INTEGER, model INTEGER, optimiser INTEGER, rest INTEGER
) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS runs(plan TEXT, place INTEGER, key TEXT, point TEXT, PRIMARY KEY(plan, place)) WITHOUT ROWID;
CREATE INDEX IF NOT EXISTS runs_by_key ON runs(plan, key);
"""


class IndexedRecord(NamedTuple):
    """What the index knows of a record."""

    key: str
    status: str
    message: str
    #: Seconds of training.
    seconds: float
    #: The last loss measured, in nats a token; None where there is none.
    loss: float | None
    #: Digest of the status and of all that was measured.
    outcome: str

    @property
    def final(self) -> bool:
        """True if the run is over."""
        return self.status in FINAL


class IndexedRun(NamedTuple):
    """A run of a plan: its key, and its values by axis."""

    key: str
    point: tuple[tuple[str, Any], ...]


class Totals(NamedTuple):
    """How far a study is: its runs, those that have a record by status, and the seconds of training of these."""

    runs: int
    statuses: dict[str, int]
    seconds: float


class RecordIndex:
    """The index of one results folder, brought up to date when it is made."""

    def __init__(self, store: Store) -> None:
        self._store = store
        self._file = IndexFile(_place(store.folder), _TABLES, VERSION)
        try:
            self._refresh()
        except sqlite3.DatabaseError as error:
            self._file.give_up(error)
            self._refresh()

    @property
    def _database(self) -> sqlite3.Connection:
        return self._file.database

    # --- answers ------------------------------------------------------------------------------------------------------

    def records(self, plan: StudyPlan | None = None) -> Iterator[IndexedRecord]:
        """Records by key, sorted: all, or those of a plan's runs."""
        names = "r.key, r.status, r.message, r.seconds, r.loss, r.outcome"
        if plan is None:
            found = self._database.execute(f"SELECT {names} FROM records r ORDER BY r.key")  # noqa: S608 - our names
        else:
            found = self._database.execute(
                f"SELECT {names} FROM runs p JOIN records r ON r.key = p.key WHERE p.plan = ? ORDER BY r.key",  # noqa: S608
                (self._planned(plan),),
            )
        return map(IndexedRecord._make, found)

    def totals(self, plan: StudyPlan) -> Totals:
        """Runs of a plan by what became of them, and the seconds that they took."""
        name = self._planned(plan)
        (runs,) = self._database.execute("SELECT COUNT(*) FROM runs WHERE plan = ?", (name,)).fetchone()
        rows = self._database.execute(
            "SELECT r.status, COUNT(*), SUM(r.seconds) FROM runs p JOIN records r ON r.key = p.key WHERE p.plan = ? "
            "GROUP BY r.status ORDER BY r.status",
            (name,),
        ).fetchall()
        return Totals(runs, {status: count for status, count, _ in rows}, sum(seconds for *_, seconds in rows))

    def keys(self, plan: StudyPlan) -> list[str]:
        """Keys of a plan's runs, in the order of the plan."""
        found = self._database.execute("SELECT key FROM runs WHERE plan = ? ORDER BY place", (self._planned(plan),))
        return [key for (key,) in found]

    def runs(self, plan: StudyPlan, beginning: str) -> list[IndexedRun]:
        """Runs of a plan whose keys begin so, in the order of the plan."""
        found = self._database.execute(
            "SELECT key, point FROM runs WHERE plan = ? AND key >= ? AND key < ? ORDER BY place",
            (self._planned(plan), beginning, f"{beginning}\x7f"),
        )
        return [IndexedRun(key, tuple((name, value) for name, value in json.loads(point))) for key, point in found]

    def described(self, key: str) -> dict[str, Any] | None:
        """What decides the numbers of a run that has a record, as `RunRecord.run`; None where it has none."""
        found = self._database.execute(
            "SELECT source, model, optimiser, rest FROM records WHERE key = ?", (key,)
        ).fetchone()
        return None if found is None else self._joined(found)

    def described_in_parts(self) -> tuple[dict[int, Any], list[tuple[str, tuple[int | None, ...]]]]:
        """Parts of runs by number, and of each run that is over, by key, the numbers of its parts: see PARTS; the last
        one holds all other fields.
        """
        parts = {number: json.loads(text) for number, text in self._database.execute("SELECT id, text FROM parts")}
        over = ", ".join(f"'{status}'" for status in FINAL)
        rows = self._database.execute(
            f"SELECT key, source, model, optimiser, rest FROM records WHERE status IN ({over}) ORDER BY key"  # noqa: S608
        )
        return parts, [(key, tuple(numbers)) for key, *numbers in rows]

    def _joined(self, numbers: Sequence[int | None]) -> dict[str, Any]:
        parts = [None if n is None else json.loads(self._part(n)) for n in numbers]
        return {name: part for name, part in zip(PARTS, parts) if part is not None} | dict(parts[-1] or {})

    def _part(self, number: int) -> str:
        (text,) = self._database.execute("SELECT text FROM parts WHERE id = ?", (number,)).fetchone()
        return str(text)

    # --- keeping up ---------------------------------------------------------------------------------------------------

    def _refresh(self) -> None:
        """Read what is new or another since the last time; in one transaction."""
        now, files = time.time(), self._files()
        fingerprint = f"{len(files)} {sum(map(hash, files.values())) & (2**63 - 1)}"
        if self._meta("files") == fingerprint:
            return
        known = dict(self._database.execute("SELECT key, file FROM records"))
        with self._database:
            gone = [(key,) for key in known.keys() - files.keys()]
            self._database.executemany("DELETE FROM records WHERE key = ?", gone)
            settled = True
            for key, file in files.items():
                # A change within the clock's tick of this one would look the same: such a file is read again next time.
                fresh = max(file[2], file[3]) > (now - SETTLED_S) * 1e9
                settled &= not fresh
                if known.get(key) != _text(file):
                    settled &= self._enter(key, "" if fresh else _text(file))
            self._set_meta("files", fingerprint if settled else "")

    def _files(self) -> dict[str, tuple[int, int, int, int]]:
        """Records' files by key: place, size, and times of the last changes in ns."""
        found = {}
        with contextlib.suppress(FileNotFoundError), os.scandir(self._store.folder / "runs") as entries:
            for entry in entries:
                name = entry.name
                if name.endswith(".json") and name[0] != ".":
                    stat = entry.stat(follow_symlinks=False)
                    found[name[:-5]] = (stat.st_ino, stat.st_size, stat.st_mtime_ns, stat.st_ctime_ns)
        return found

    def _enter(self, key: str, file: str) -> bool:
        """Take up a record; False of a damaged one, which, where it could not be set aside, is told of each time."""
        record = self._store.record(key)
        if record is None:
            self._database.execute("DELETE FROM records WHERE key = ?", (key,))
            return False
        run = dict(record.run)
        numbers = [self._number(run.pop(name)) if name in run else None for name in PARTS]
        loss = record.final.loss if record.final else None
        row = (key, file, record.status, record.message, record.seconds, loss, outcome(record))
        self._database.execute(
            "INSERT OR REPLACE INTO records VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
            (*row, *numbers, self._number(run)),
        )
        return True

    def _number(self, part: Any) -> int:
        text = json.dumps(part)
        self._database.execute("INSERT OR IGNORE INTO parts(text) VALUES (?)", (text,))
        (number,) = self._database.execute("SELECT id FROM parts WHERE text = ?", (text,)).fetchone()
        return int(number)

    def _planned(self, plan: StudyPlan) -> str:
        """The name of a plan whose runs are in the index; they are expanded the first time."""
        # Not its digest, which is the same for axes in another order.
        name = checksum([plan.model_dump(mode="json"), NUMERICS_VERSION, version("scalingdsl")])[:16]
        if self._meta(f"plan {name}") is None:
            with self._database:
                self._database.execute("DELETE FROM runs WHERE plan = ?", (name,))
                self._database.executemany(
                    "INSERT INTO runs VALUES (?, ?, ?, ?)",
                    ((name, place, run.key, json.dumps(run.point)) for place, run in enumerate(plan.runs())),
                )
                self._set_meta(f"plan {name}", "")
        return name

    def _meta(self, name: str) -> str | None:
        found = self._database.execute("SELECT value FROM meta WHERE name = ?", (name,)).fetchone()
        return None if found is None else str(found[0])

    def _set_meta(self, name: str, value: str) -> None:
        self._database.execute("INSERT OR REPLACE INTO meta VALUES (?, ?)", (name, value))

    def close(self) -> None:
        """Let the database go."""
        self._file.close()

    def __enter__(self) -> RecordIndex:
        return self

    def __exit__(self, *error: object) -> None:
        self.close()


def outcome(record: RunRecord) -> str:
    """Digest of a run's status and of all that was measured."""
    return checksum([record.status, [m.model_dump(mode="json") for m in record.measurements]])[:16]


def _text(file: tuple[int, ...]) -> str:
    return " ".join(map(str, file))


def _place(folder: Path) -> Path:
    """The file of a folder's index in the user's cache."""
    try:
        stat = folder.stat()
        about = f"{folder.resolve()} {stat.st_dev} {stat.st_ino}"
    except OSError:
        about = str(folder.resolve())
    return cache_folder() / "indexes" / f"{hashlib.sha256(about.encode()).hexdigest()[:16]}.sqlite"
