"""The results folder: the one module that knows its layout. Files are the truth; a folder copied elsewhere is complete.

    README.md                 what this folder is
    study.json                the study it belongs to and its current plan
    plans/<digest>.json       every plan that was run, with the text of the study
    claims.json               when each claim was first stated: before the first result, or after
    predictions.json          seconds predicted for each run before it was trained
    sources/<digest>.json     what each source drew: the digest of the graph that was built
    statistics/<digest>.json  what a report says of each source: entropy rate, frequencies
    files/                    files that the study's data name, as they were
    artefacts/                what sources were made with, such as a trained teacher
    queue/<pack>.json         packs still to be trained, with their runs
    leases/<pack>.lease       who is at work on them
    packs/<key>.jsonl         one append-only log a pack, one writer each
    runs/<key>.json           one record a finished run, written aside and renamed
    elsewhere/<key>/          a run that a trainer of the person's own trains: out/ is the trainer's, with logs of tries
    checkpoints/              rows of runs on their way, by run key
    logs/                     what worker processes said
    aside/                    files that could not be read, kept
    lock                      who is writing
    report.md, report.html    what was found, with figures/, runs.csv, cells.csv

Records are JSON with a checksum; every file carries a format version, and a newer one is refused. Nothing is ever
unpickled.
"""

from __future__ import annotations

import hashlib
import json
import os
import re
import shutil
from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any, NamedTuple

from pydantic import ValidationError
from scalingdsl.spec.errors import StoreError
from scalingdsl.spec.plan.study_plan import ClaimText, StudyPlan
from scalingdsl.spec.vocabulary import REGISTRY, Term
from scalingdsl.spec.vocabulary.identity import canonical_term, digest
from scalingdsl.spec.vocabulary.quantities import QUANTITIES

from .atomic import append_line, replacing, sweep, write_text
from .checkpoint_state import states
from .links import refuse_links
from .lock import PATIENCE_S, Lock, holder, is_held
from .record import FINAL, Curve, RunRecord
from .sealed_json import NewerError, read_json, write_json

_KEY = re.compile(r"[0-9A-Za-z][0-9A-Za-z_-]{0,63}")

_README = """\
# Results of a scaling-law study

Written by scalingdsl. `report.md` or `report.html` is the answer, `runs/` has a record of each trained model,
`plans/` the study itself.
Training again picks up here: `scalingdsl run STUDY --out THIS_FOLDER` trains only what is missing.
`scalingdsl status`, `report`, `export` and `diff` read this folder. It may be moved and copied as a whole.
"""


class Origin(NamedTuple):
    """The origin of a study: its name (file stem), its path, its title."""

    name: str
    path: str
    title: str


class Store:
    """A results folder. Making the object touches nothing; the first thing written makes the folder."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        #: What was found damaged and set aside, in words, in the order it was found.
        self.warnings: list[str] = []

    @classmethod
    def existing(cls, folder: Path) -> Store:
        """The store in `folder`; `StoreError` where there is none."""
        store = cls(folder)
        if not store.exists:
            near = cls.under(folder)
            hint = f"; there is one at {near[0].folder}" if near else "; `scalingdsl run STUDY` makes one"
            raise StoreError(f"{folder} is not a results folder{hint}")
        store._study()
        return store

    @classmethod
    def under(cls, folder: Path) -> list[Store]:
        """The stores directly in a folder, by name."""
        return [store for path in sorted(folder.glob("*/")) if (store := cls(path)).exists]

    @property
    def exists(self) -> bool:
        """True if the folder holds a study."""
        return self._study_file.is_file()

    # --- layout -------------------------------------------------------------------------------------------------------

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
        return self.folder / "packs" / f"{_safe(pack)}.jsonl"

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
        path = self.folder / "logs" / f"{_safe(name)}.log"
        path.parent.mkdir(parents=True, exist_ok=True)
        return path

    def elsewhere(self, key: str) -> Path:
        """Folder of a run that a trainer of the person's own trains; the same whenever it is tried."""
        return self.folder.resolve() / "elsewhere" / _safe(key)

    def _record_file(self, key: str) -> Path:
        return self.folder / "runs" / f"{_safe(key)}.json"

    # --- the study ----------------------------------------------------------------------------------------------------

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

    def adopt(self, plan: StudyPlan, origin: Origin, sources: Mapping[str, str], keys: Iterable[str]) -> None:
        """Make `plan` the current one, or refuse where the folder belongs to another study.

        The same study: the same file, or the same name and title, or a run in common (`keys` are the plan's).

        Raises:
            StoreError: The folder belongs to another study, or holds other things.
        """
        if self.folder.exists() and not self._study_file.exists() and self._strangers():
            raise StoreError(
                f"{self.folder} is not empty and holds no study: {', '.join(self._strangers()[:3])}; "
                "give another folder with --out"
            )
        if self._study_file.exists():
            known = Origin(*(self._study()["study"][f] for f in Origin._fields))
            same = known.name == origin.name and (known.path == origin.path or known.title == origin.title != "")
            if not same and not self.keys().intersection(keys):
                called = f"{known.title!r} ({known.path})" if known.title else known.path
                raise StoreError(
                    f"{self.folder} belongs to another study, {called}; "
                    f"give this one a folder of its own: --out {self.folder.parent / (origin.name + '-2')}"
                )
        name = plan.digest
        body = {"plan": plan.model_dump(mode="json"), "sources": dict(sorted(sources.items()))}
        if packages := plan.packages:
            body["packages"] = packages
        write_json(self.folder / "plans" / f"{_safe(name)}.json", body)
        write_json(self._study_file, {"study": origin._asdict(), "plan": name})
        write_text(self.folder / "README.md", _README)

    def _strangers(self) -> list[str]:
        # What a first run that was killed early leaves is no stranger.
        return sorted(p.name for p in self.folder.iterdir() if p.name not in ("lock", "plans") and p.name[0] != ".")

    def _study(self) -> dict[str, Any]:
        return read_json(self._study_file)

    @property
    def origin(self) -> Origin:
        """The study this folder belongs to."""
        return Origin(**self._study()["study"])

    def plan(self, name: str | None = None) -> StudyPlan:
        """The current plan, or the one with digest `name`.

        Raises:
            StoreError: There is no such plan, this version does not read it, or a package that it needs is not there.
        """
        path = self.folder / "plans" / f"{_safe(name or str(self._study()['plan']))}.json"
        body = read_json(path)
        for word, package in body.get("packages", {}).items():
            if word not in REGISTRY and word not in QUANTITIES:
                raise StoreError(f"{path} uses `{word}` of the package {package}, which is not installed")
        try:
            return StudyPlan.model_validate(body["plan"])
        except (ValidationError, KeyError) as error:
            raise StoreError(f"{path} does not hold a plan that this version reads: {error}") from error

    # --- claims and predictions ---------------------------------------------------------------------------------------

    def state_claims(self, claims: Sequence[ClaimText], used: Sequence[Store] = ()) -> None:
        """Note claims not seen before: stated before the first record of the study, or after.

        A claim of a study that this one uses keeps the standing it has in that study's folder.
        """
        path = self.folder / "claims.json"
        seen: dict[str, str] = dict(read_json(path)["claims"]) if path.exists() else {}
        for other in used:
            for text, when in other._claims().items():
                seen.setdefault(text, when)
        results = (self.record(key) for key in self.keys())
        when = "after results" if any(r is not None and r.status in FINAL for r in results) else "before results"
        for claim in claims:
            seen.setdefault(claim_name(claim), when)
        write_json(path, {"claims": dict(sorted(seen.items()))})

    def _claims(self) -> dict[str, str]:
        path = self.folder / "claims.json"
        return dict(read_json(path)["claims"]) if path.exists() else {}

    def late_claims(self) -> frozenset[str]:
        """Claims first seen after the first record, by `claim_name`."""
        return frozenset(text for text, when in self._claims().items() if when == "after results")

    def predict(self, seconds: Mapping[str, float]) -> None:
        """Keep the seconds predicted for runs about to be trained; a run's first prediction stands until it is done."""
        path = self.folder / "predictions.json"
        known = self.predictions()
        write_json(path, {"seconds": dict(sorted({**seconds, **known}.items()))})

    def predictions(self) -> dict[str, float]:
        """Predicted seconds by run key."""
        path = self.folder / "predictions.json"
        return dict(read_json(path)["seconds"]) if path.exists() else {}

    # --- files of the study -------------------------------------------------------------------------------------------

    def keep_files(self, base: Path, names: Iterable[str]) -> None:
        """Copy files that the study names, relative to its directory `base`.

        Where one lies outside that directory, all stay where they are: they are found from one place (see `base`).
        """
        named = tuple(names)
        if any(Path(name).is_absolute() or ".." in Path(name).parts for name in named):
            shutil.rmtree(self.folder / "files", ignore_errors=True)
            return
        for name in named:
            path = self.folder / "files" / name
            if not (base / name).is_file():
                continue
            with replacing(path) as aside:
                shutil.copyfile(base / name, aside)

    def keep_artefact(self, name: str, path: Path) -> None:
        """Copy what a source was made with, such as a teacher, unless it is here already."""
        kept = self.folder / "artefacts" / name
        if not kept.exists():
            with replacing(kept) as aside:
                shutil.copyfile(path, aside)

    @property
    def base(self) -> Path:
        """The folder of the files that the study names: the copies, or the study's directory where there are none."""
        kept = self.folder / "files"
        return kept if kept.is_dir() else Path(self.origin.path).parent

    # --- sources ------------------------------------------------------------------------------------------------------

    def check_source(self, source: Term, drawn: str) -> None:
        """Keep the digest of what a source drew; `StoreError` where an earlier one was another."""
        path = self.folder / "sources" / f"{digest(source)}.json"
        if not path.exists():
            write_json(path, {"source": canonical_term(source), "drawn": drawn})
        known = read_json(path)["drawn"]
        if known != drawn:
            raise StoreError(
                f"the source {source.word!r} draws other data than the stored runs were trained on "
                f"(digest {drawn}, stored {known}): another version of networkx or numpy, or another file; "
                "use the version recorded in the runs' provenance, or a new folder with --out"
            )

    def statistics(self, source: Term) -> dict[str, Any] | None:
        """Stored statistics of a source for the report; None where there are none."""
        path = self.folder / "statistics" / f"{digest(source)}.json"
        return dict(read_json(path)["statistics"]) if path.exists() else None

    def keep_statistics(self, source: Term, found: Mapping[str, Any]) -> None:
        """Keep what a report says of a source."""
        path = self.folder / "statistics" / f"{digest(source)}.json"
        write_json(path, {"source": canonical_term(source), "statistics": dict(found)})

    # --- records ------------------------------------------------------------------------------------------------------

    def keys(self) -> frozenset[str]:
        """Keys of all runs that have a record."""
        return frozenset(p.stem for p in (self.folder / "runs").glob("*.json") if not p.name.startswith("."))

    def record(self, key: str) -> RunRecord | None:
        """The record of a run; None where there is none. One that cannot be read is set aside with a warning."""
        path = self._record_file(key)
        try:
            body = read_json(path)
            if _checksum(body.get("record")) != body.get("sha256"):
                raise StoreError(f"{path}: its checksum does not fit its content")
            record = RunRecord.model_validate(body["record"])
        except FileNotFoundError:
            return None
        except (NewerError, PermissionError):
            raise
        except (StoreError, ValidationError, KeyError) as error:
            self._set_aside(path, error)
            return None
        if record.key != key:
            self._set_aside(path, StoreError(f"it is the record of run {record.key}"))
            return None
        return record

    def records(self, keys: Iterable[str] | None = None) -> dict[str, RunRecord]:
        """Records by key, sorted: all of them, or those among `keys`."""
        wanted = self.keys() if keys is None else self.keys().intersection(keys)
        found = ((key, self.record(key)) for key in sorted(wanted))
        return {key: record for key, record in found if record is not None}

    def write_record(self, record: RunRecord) -> None:
        """Keep a record, whole or not at all; its checkpoint goes once the record is on disk."""
        body = record.model_dump(mode="json")
        write_json(self._record_file(record.key), {"sha256": _checksum(body), "record": body})
        if record.status in FINAL:
            # One that was torn while it was made aside goes too.
            for path in self.checkpoints.glob(f"*{_safe(record.key)}*"):
                shutil.rmtree(path) if path.is_dir() else path.unlink(missing_ok=True)

    def forget_checkpoints(self) -> None:
        """Remove checkpoints of runs that are over, which a worker may leave that did not know."""
        for path in sorted(self.checkpoints.glob("*.safetensors")):
            record = self.record(path.name.split(".")[0].split("-")[0])
            if record is not None and record.status in FINAL:
                path.unlink(missing_ok=True)

    def settle(self, record: RunRecord) -> str:
        """Keep the record of a run that has ended, unless a final one is there, which stays; what differs, in words.

        Two that trained the same run in the same numerics mode found the same bits: then nothing is said.
        """
        first = self.record(record.key)
        if first is None or first.status not in FINAL:
            self.write_record(record)
            return ""
        if (first.status, first.measurements) == (record.status, record.measurements):
            return ""
        kept, other = (f"{_outcome(r)} on {r.provenance.get('processor', 'one machine')}" for r in (first, record))
        return f"run {record.key} was trained twice: {kept}, which is kept, and {other}"

    def copy_in(self, other: Store, keys: Iterable[str]) -> int:
        """Take over another folder's finished records of the runs `keys` that are missing here; how many."""
        found = other.records(set(keys) - self.keys())
        taken = [r for r in found.values() if r.status in FINAL]
        for record in taken:
            self.write_record(record)
        known = other.predictions()
        self.predict({record.key: known[record.key] for record in taken if record.key in known})
        self.warnings += other.warnings
        return len(taken)

    def curves(self, records: Mapping[str, RunRecord]) -> dict[str, tuple[Curve, ...]]:
        """Training losses along runs by key: of the runs in `records`, and of those on their way as far as their
        checkpoints tell. Runs of earlier versions, and those solved at once, have none.
        """
        found = {key: record.curves for key, record in records.items() if record.curves}
        on_the_way: dict[str, list[Curve]] = {}
        for state in states(self.checkpoints):
            curve = {name: state.get("curve", {}).get(name, ()) for name in Curve.model_fields}
            if curve["steps"] and state["key"] not in found:
                on_the_way.setdefault(state["key"], []).append(Curve.model_validate(curve))
        return found | {key: tuple(sorted(own, key=lambda c: c.begins)) for key, own in on_the_way.items()}

    def set_aside(self, path: Path, error: Exception) -> None:
        """Keep a file that cannot be read apart, with a warning."""
        self._set_aside(path, error)

    def _set_aside(self, path: Path, error: Exception) -> None:
        aside = self.folder / "aside"
        aside.mkdir(exist_ok=True)
        kept = next(p for n in range(10_000) if not (p := aside / f"{path.name}.{n}").exists())
        os.replace(path, kept)
        reason = str(error).splitlines()[0]
        self.warnings.append(
            f"{path.name} could not be read and is kept as {kept}; its run counts as missing ({reason})"
        )

    # --- packs --------------------------------------------------------------------------------------------------------

    def append(self, pack: str, event: Mapping[str, Any], *, sync: bool = False) -> None:
        """Add an event to a pack's log; with `sync`, do not return before it is on disk."""
        line = json.dumps(event, sort_keys=True, allow_nan=False).encode()
        append_line(self.pack_log(pack), line, sync=sync)

    def events(self, pack: str) -> Iterator[dict[str, Any]]:
        """A pack's events in order; torn lines are passed over."""
        path = self.pack_log(pack)
        if not path.exists():
            return
        for line in path.read_text(errors="replace").splitlines():
            try:
                event = json.loads(line)
            except ValueError:
                continue
            if isinstance(event, dict):
                yield event

    def packs(self) -> tuple[str, ...]:
        """Keys of all packs that have a log, sorted."""
        return tuple(sorted(p.stem for p in (self.folder / "packs").glob("*.jsonl")))


def claim_name(claim: ClaimText) -> str:
    """A claim as one text: the test and its condition."""
    return f"{claim.test} where {claim.where}" if claim.where else claim.test


def _outcome(record: RunRecord) -> str:
    return f"loss {record.final.loss!r}" if record.final else record.status


def _safe(key: str) -> str:
    if not _KEY.fullmatch(key):
        raise StoreError(f"{key!r} cannot name a file of a results folder")
    return key


def _checksum(body: Any) -> str:
    text = json.dumps(body, sort_keys=True, separators=(",", ":"), ensure_ascii=True)
    return hashlib.sha256(text.encode()).hexdigest()
