"""The results folder: the one module that knows its layout. Files are the truth; a folder copied elsewhere is complete.

    README.md                 what this folder is
    study.json                the study it belongs to and its current plan
    plans/<digest>.json       every plan that was run, with the text of the study
    claims.json               when each claim was first stated: before the first result, or after
    predictions.json          seconds predicted for each run before it was trained
    sources/<digest>.json     what each source drew: the digest of the graph that was built
    statistics/<digest>.json  what a report says of each source: entropy rate, frequencies
    curves/<digest>.json      curves of each source that the study asks for, such as its spectrum
    files/                    files that the study's data name, as they were
    artefacts/                what sources were made with, such as a trained teacher
    queue/<pack>.json         packs still to be trained, with their runs
    leases/<pack>.lease       who is at work on them
    packs/<key>.jsonl         one append-only log a pack, one writer each
    runs/<key>.json           one record a finished run, written aside and renamed
    elsewhere/<key>/          a run that a trainer of the person's own trains: out/ is the trainer's, with logs of tries
    checkpoints/              rows of runs on their way, by run key
    logs/                     what worker processes said
    damaged/                  files that do not hold what was written, kept; what they held is made again
    lock                      who is writing
    report.md, report.html    what was found, with figures/, runs.csv, cells.csv

Every JSON file, and every line of a log, has a checksum; every file says its kind and format, and a newer one is
refused. One that is damaged is set aside, said once, and made again: nothing of it is used. Nothing is ever unpickled.
A folder that is deleted or moved while a study is at work is not made anew: the study ends, and says so.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path
from typing import Any, TypeVar

from pydantic import ValidationError
from scalingdsl.spec.errors import StoreError

from . import damage
from .atomic import make_folder, sweep
from .links import refuse_links
from .lock import PATIENCE_S, Lock, holder, is_held
from .sealed_json import DamagedError, read_json

_Content = TypeVar("_Content")
#: Names that files of a results folder may have.
KEY = re.compile(r"[0-9A-Za-z][0-9A-Za-z_-]{0,63}")

#: Names in a results folder by which it is known where `study.json` is lost.
_OWN = {
    *("lock", "queue", "leases", "claims.json", "predictions.json", "plans", "packs", "runs", "checkpoints", "logs"),
    *("sources", "statistics", "curves", "artefacts", "damaged", "elsewhere"),
}
#: What follows where a file of this kind is damaged.
_THEN = {
    "record": "its run counts as missing",
    "study": "`scalingdsl run` writes it again",
    "plan": "`scalingdsl run` writes it again",
    "claims": "claims count as stated after results",
    "predictions": "the times predicted for runs that are done are lost",
    "source": "it is made again from the records",
    "statistics": "`scalingdsl run` makes it again",
    "curves": "`scalingdsl run` makes them again",
}

README = """\
# Results of a scaling-law study

Written by scalingdsl. `report.md` or `report.html` is the answer, `runs/` has a record of each trained model,
`plans/` the study itself.
Training again picks up here: `scalingdsl run STUDY --out THIS_FOLDER` trains only what is missing.
`scalingdsl status`, `report`, `export` and `diff` read this folder. It may be moved and copied as a whole.
"""


class Layout:
    """A results folder: where each of its files lies, and what becomes of one that is damaged. Making the object
    touches nothing; `lock` makes the folder.
    """

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        #: What was found damaged and set aside, in words, in the order it was found.
        self.warnings: list[str] = []
        self._damage_known = damage.mark(folder)

    @property
    def exists(self) -> bool:
        """True if the folder holds a study, or at least a plan."""
        return self._study_file.is_file() or any((self.folder / "plans").glob("[!.]*.json"))

    def lock(self, patience_s: float = PATIENCE_S) -> Lock:
        """Held while packs are queued or a report is written, never while models are trained.

        Raises:
            StoreError: There is a file in its place, or a link in it; another process held it for `patience_s`.
        """
        if self.folder.exists() and not self.folder.is_dir():
            raise StoreError(f"{self.folder} is no folder; give one with --out")
        self.folder.mkdir(parents=True, exist_ok=True)
        refuse_links(self.folder)
        for path in (self.folder, *(inside for inside in self.folder.iterdir() if inside.is_dir())):
            sweep(path)
        return Lock(self.folder / "lock", str(self.folder), patience_s)

    @property
    def writer(self) -> dict[str, Any]:
        """The present writer: pid and host; empty where there is none."""
        path = self.folder / "lock"
        return holder(path) if is_held(path) else {}

    @property
    def _study_file(self) -> Path:
        return self.folder / "study.json"

    @property
    def checkpoints(self) -> Path:
        """Folder of the rows of unfinished runs."""
        return self.folder / "checkpoints"

    @property
    def queue(self) -> Path:
        """Folder of the packs that are still to be trained."""
        return self.folder / "queue"

    @property
    def leases(self) -> Path:
        """Folder of the leases of packs that are at work."""
        return self.folder / "leases"

    def pack_log(self, pack: str) -> Path:
        """A pack's log."""
        return self.folder / "packs" / f"{safe(pack)}.jsonl"

    def must_exist(self) -> None:
        """Refuse to make a folder anew that was taken away while it was worked on.

        Raises:
            StoreError: It is gone.
        """
        if not self.exists:
            raise StoreError(
                f"{self.folder} is gone, or its study.json is: it was moved or removed while it was in use"
            )

    @property
    def report(self) -> Path:
        """Folder that the report is written to."""
        return self.folder

    @property
    def exports(self) -> Path:
        """Folder of exported tables."""
        return self.folder / "export"

    def log(self, name: str) -> Path:
        """File for what a worker says."""
        path = self.place("logs", f"{safe(name)}.log")
        make_folder(path.parent)
        return path

    def elsewhere(self, key: str) -> Path:
        """Folder of a run that a trainer of the person's own trains; the same whenever it is tried."""
        return self.folder.resolve() / "elsewhere" / safe(key)

    def place(self, *parts: str) -> Path:
        """The place of a file that is to be written.

        Raises:
            StoreError: The folder is gone.
        """
        if not self.folder.is_dir():
            raise StoreError(
                f"{self.folder} is gone: it was deleted or moved while the study was at work; "
                "put it back and the same command goes on from there, else it begins anew"
            )
        return self.folder.joinpath(*parts)

    def _record_file(self, key: str) -> Path:
        return self.folder / "runs" / f"{safe(key)}.json"

    def _plan_file(self, name: str) -> Path:
        return self.folder / "plans" / f"{safe(name)}.json"

    def _strangers(self) -> list[str]:
        """Names of what no run leaves, were it killed early or its folder deleted and begun again."""
        readme = self.folder / "README.md"
        ours = _OWN | ({readme.name} if readme.is_file() and readme.read_bytes() == README.encode() else set())
        return sorted(p.name for p in self.folder.iterdir() if p.name not in ours and p.name[0] != ".")

    # --- reading ------------------------------------------------------------------------------------------------------

    def _read(self, path: Path, kind: str, content: Callable[[dict[str, Any]], _Content]) -> _Content | None:
        """The content of a file; None where there is none, or where it was damaged and has been set aside.

        Raises:
            NewerError: A later version wrote it.
        """
        try:
            return content(read_json(path, kind))
        except FileNotFoundError:
            return None
        except (DamagedError, ValidationError, LookupError, TypeError, ValueError, ArithmeticError) as error:
            reason = f"it lacks {error}" if isinstance(error, LookupError) else str(error)
            self.set_aside(path, reason, _THEN[kind])
            return None

    def set_aside(self, path: Path, reason: str, then: str) -> None:
        """Move a damaged file under `damaged/`, with a warning; where that cannot be, there is the warning alone."""
        self._warn(damage.set_aside(self.folder, path, reason, then))

    def _warn(self, warning: str) -> None:
        if warning not in self.warnings:
            self.warnings.append(warning)

    def hear_of_damage(self) -> None:
        """Add to the warnings what other processes have set aside since this store was opened."""
        for warning in damage.since(self.folder, self._damage_known):
            self._warn(warning)


def safe(key: str) -> str:
    """A key that may name a file.

    Raises:
        StoreError: It leads elsewhere.
    """
    if not KEY.fullmatch(key):
        raise StoreError(f"{key!r} cannot name a file of a results folder")
    return key
