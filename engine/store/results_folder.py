"""The study that a results folder belongs to: its plans, claims, sources, records and logs. Files are the truth."""

from __future__ import annotations

import shutil
from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any, NamedTuple

from scalingdsl.spec.errors import ScalingDSLError, StoreError
from scalingdsl.spec.files.raw_file import FileError, read_packed
from scalingdsl.spec.plan.study_plan import ClaimText, StudyPlan
from scalingdsl.spec.vocabulary import REGISTRY, Term
from scalingdsl.spec.vocabulary.identity import canonical_term, digest
from scalingdsl.spec.vocabulary.quantities import QUANTITIES

from . import damage
from .atomic import append_line, replacing, write_text
from .checkpoint_state import states
from .folder_layout import KEY, README, Layout, safe
from .record import FINAL, Curve, RunRecord
from .sealed_json import MIGRATIONS, DamagedError, body_of, checksum, line_of, write_all_json, write_json

#: Bytes that a pack's log may hold.
MOST_LOG = 256_000_000
#: Records that are written together.
MOST_TOGETHER = 64

#: Standing of a claim.
BEFORE, AFTER = "before results", "after results"


class Origin(NamedTuple):
    """The origin of a study: its name (file stem), its path, its title."""

    name: str
    path: str
    title: str


class KnownStudy(NamedTuple):
    """What `study.json` says: the study, and the digest of its current plan."""

    origin: Origin
    plan: str

    @staticmethod
    def of(body: Mapping[str, Any]) -> KnownStudy:
        if not KEY.fullmatch(plan := str(body["plan"])):
            raise DamagedError(f"{plan!r} names no plan")
        return KnownStudy(Origin(*(str(body["study"][name]) for name in Origin._fields)), plan)


class _Adoption(NamedTuple):
    """What a file of a plan says of its place among the plans of the folder; no study in an earlier version's."""

    place: int
    study: Origin | None
    title: str


class Store(Layout):
    """A results folder and the study in it. Making the object touches nothing; `lock` and `adopt` make the folder."""

    @classmethod
    def existing(cls, folder: Path) -> Store:
        """The store in `folder`; `StoreError` where there is none."""
        store = cls(folder)
        if not store.exists:
            near = cls.under(folder)
            hint = f"; there is one at {near[0].folder}" if near else "; `scalingdsl run STUDY` makes one"
            raise StoreError(f"{folder} is not a results folder{hint}")
        if store._known_study() is None:
            raise StoreError(
                f"{folder} does not say which study it is of, nor do its plans: "
                f"`scalingdsl run STUDY --out {folder}` goes on with the results that are there"
            )
        return store

    @classmethod
    def under(cls, folder: Path) -> list[Store]:
        """The stores directly in a folder, by name."""
        return [store for path in sorted(folder.glob("*/")) if (store := cls(path)).exists]

    # --- the study ----------------------------------------------------------------------------------------------------

    def adopt(self, plan: StudyPlan, origin: Origin, sources: Mapping[str, str], keys: Iterable[str]) -> None:
        """Make `plan` the current one, or refuse where the folder belongs to another study.

        The same study: the same file, or the same name and title, or a run in common (`keys` are the plan's).

        Raises:
            StoreError: The folder belongs to another study, or holds other things.
        """
        known = self._known_study()
        if known is None and self.folder.exists() and (strangers := self._strangers()):
            raise StoreError(
                f"{self.folder} is not empty and holds no study: {', '.join(strangers[:3])}; "
                "give another folder with --out"
            )
        if known is not None:
            old = known.origin
            same = old.name == origin.name and (old.path == origin.path or old.title == origin.title != "")
            if not same and not self.keys().intersection(keys):
                called = f"{old.title!r} ({old.path})" if old.title else old.path
                raise StoreError(
                    f"{self.folder} belongs to another study, {called}; "
                    f"give this one a folder of its own: --out {self.folder.parent / (origin.name + '-2')}"
                )
        name = plan.digest
        body: dict[str, Any] = {"plan": plan.model_dump(mode="json"), "sources": dict(sorted(sources.items()))}
        if packages := plan.packages:
            body["packages"] = packages
        # Enough to write `study.json` again: the study, and which of its plans came last.
        last, latest = max(self._adopted(), default=(0, None))
        place = last if latest is not None and latest.plan == name else last + 1
        body |= {"study": origin._asdict(), "adopted": place}
        write_json(self._plan_file(name), body, "plan")
        write_json(self._study_file, {"study": origin._asdict(), "plan": name}, "study")
        write_text(self.folder / "README.md", README)

    def _known_study(self) -> KnownStudy | None:
        """The study this folder belongs to: as `study.json` says, or, where that is lost, the plan adopted last."""
        known = self._read(self._study_file, "study", KnownStudy.of)
        if known is None and (adopted := self._adopted()):
            known = max(adopted)[1]
        return known

    def _adopted(self) -> list[tuple[int, KnownStudy]]:
        """Of each plan that can be read, in which place it was adopted, and of which study; a plan of an earlier
        version knows neither, and tells no more than itself where it is the only one.
        """
        paths = sorted((self.folder / "plans").glob("[!.]*.json"))
        read = {path: self._read(path, "plan", _adoption) for path in paths}
        found = []
        for path, adoption in read.items():
            if adoption is not None and (adoption.study is not None or len(paths) == 1):
                origin = adoption.study or Origin(self.folder.name, "", adoption.title)
                found.append((adoption.place, KnownStudy(origin, path.stem)))
        return found

    def _study(self) -> KnownStudy:
        known = self._known_study()
        if known is None:
            raise StoreError(f"{self.folder} does not say which study it is of; `scalingdsl run` writes that again")
        return known

    @property
    def origin(self) -> Origin:
        """The study this folder belongs to."""
        return self._study().origin

    def plan(self, name: str | None = None) -> StudyPlan:
        """The current plan, or the one with digest `name`.

        Raises:
            StoreError: There is no such plan, this version does not read it, or a package that it needs is not there.
        """
        name = name or self._study().plan
        path = self._plan_file(name)
        body = self._read(path, "plan", dict)
        if body is None:
            raise StoreError(f"{path} is not there, or was damaged; `scalingdsl run` writes it again")
        for word, package in body.get("packages", {}).items():
            if word not in REGISTRY and word not in QUANTITIES:
                raise StoreError(f"{path} uses `{word}` of the package {package}, which is not installed")
        plan = self._read(path, "plan", lambda body: _plan_named(name, body))
        if plan is None:
            raise StoreError(f"{path} was damaged; `scalingdsl run` writes it again")
        return plan

    # --- claims and predictions ---------------------------------------------------------------------------------------

    def state_claims(self, claims: Sequence[ClaimText], used: Sequence[Store] = ()) -> None:
        """Note claims not seen before: stated before the first record of the study, or after.

        A claim of a study that this one uses keeps the standing it has in that study's folder.
        """
        path = self.place("claims.json")
        seen = dict(self._claims() or {})
        for other in used:
            for text, when in (other._claims() or {}).items():
                seen.setdefault(text, when)
        when = AFTER if self._has_results() else BEFORE
        for claim in claims:
            seen.setdefault(claim_name(claim), when)
        write_json(path, {"claims": dict(sorted(seen.items()))}, "claims")

    def _has_results(self) -> bool:
        results = (self.record(key) for key in self.keys())
        return any(r is not None and r.status in FINAL for r in results)

    def _claims(self) -> dict[str, str] | None:
        return self._read(self.folder / "claims.json", "claims", _standings)

    def late_claims(self, claims: Iterable[ClaimText]) -> frozenset[ClaimText]:
        """Those among `claims` that were first stated after the first result, or that are not known to be older."""
        known = self._claims() or {}
        unknown = [claim for claim in claims if claim_name(claim) not in known]
        late = [claim for claim in claims if known.get(claim_name(claim)) == AFTER]
        return frozenset(late + (unknown if unknown and self._has_results() else []))

    def predict(self, seconds: Mapping[str, float]) -> None:
        """Keep the seconds predicted for runs about to be trained; a run's first prediction stands until it is done."""
        path = self.place("predictions.json")
        known = self.predictions()
        write_json(path, {"seconds": dict(sorted({**seconds, **known}.items()))}, "predictions")

    def predictions(self) -> dict[str, float]:
        """Predicted seconds by run key."""
        return self._read(self.folder / "predictions.json", "predictions", _seconds) or {}

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
            path = self.place("files", name)
            if not (base / name).is_file():
                continue
            with replacing(path) as aside:
                shutil.copyfile(base / name, aside)

    def keep_artefact(self, name: str, path: Path) -> None:
        """Copy what a source was made with, such as a teacher, unless it is here already."""
        kept = self.place("artefacts", name)
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
        path = self.place("sources", f"{digest(source)}.json")
        known = self._read(path, "source", lambda body: str(body["drawn"]))
        if known is None:
            known = self._drawn_for_records(source) or drawn
            write_json(path, {"source": canonical_term(source), "drawn": known}, "source")
        if known != drawn:
            raise StoreError(
                f"the source {source.word!r} draws other data than the stored runs were trained on "
                f"(digest {drawn}, stored {known}): another version of networkx or numpy, or another file; "
                "use the version recorded in the runs' provenance, or a new folder with --out"
            )

    def _drawn_for_records(self, source: Term) -> str:
        """What a source drew for the runs that are done, where the file that says so is lost; empty for none."""
        wanted = canonical_term(source)
        records = (self.record(key) for key in sorted(self.keys()))
        return next((r.source_digest for r in records if r is not None and r.run.get("source") == wanted), "")

    def statistics(self, source: Term) -> dict[str, Any] | None:
        """Stored statistics of a source for the report; None where there are none."""
        path = self.folder / "statistics" / f"{digest(source)}.json"
        return self._read(path, "statistics", lambda body: dict(body["statistics"]))

    def keep_statistics(self, source: Term, found: Mapping[str, Any]) -> None:
        """Keep what a report says of a source."""
        path = self.place("statistics", f"{digest(source)}.json")
        write_json(path, {"source": canonical_term(source), "statistics": dict(found)}, "statistics")

    def source_curves(self, source: Term) -> dict[str, Any]:
        """Stored curves of a source, by name."""
        path = self.folder / "curves" / f"{digest(source)}.json"
        return self._read(path, "curves", lambda body: dict(body["curves"])) or {}

    def keep_source_curves(self, source: Term, found: Mapping[str, Any]) -> None:
        """Keep curves of a source beside those that are kept already."""
        whole = {**self.source_curves(source), **found}
        write_json(
            self.place("curves", f"{digest(source)}.json"),
            {"source": canonical_term(source), "curves": whole},
            "curves",
        )

    # --- records ------------------------------------------------------------------------------------------------------

    def keys(self) -> frozenset[str]:
        """Keys of all runs that have a record."""
        return frozenset(p.stem for p in (self.folder / "runs").glob("*.json") if not p.name.startswith("."))

    def record(self, key: str) -> RunRecord | None:
        """The record of a run; None where there is none. One that cannot be read is set aside with a warning."""
        return self._read(self._record_file(key), "record", lambda body: _record_of(key, body))

    def records(self, keys: Iterable[str] | None = None) -> dict[str, RunRecord]:
        """Records by key, sorted: all of them, or those among `keys`."""
        wanted = self.keys() if keys is None else self.keys().intersection(keys)
        found = ((key, self.record(key)) for key in sorted(wanted))
        return {key: record for key, record in found if record is not None}

    def write_record(self, *records: RunRecord) -> None:
        """Keep records, each whole or not at all; their checkpoints go once they are on disk."""
        files = {self.place("runs", f"{safe(r.key)}.json"): {"record": r.model_dump(mode="json")} for r in records}
        write_all_json(files, "record", flat=True)
        # One that was torn while it was made aside goes too.
        for key in (record.key for record in records if record.status in FINAL):
            for path in self.checkpoints.glob(f"*{key}*"):
                shutil.rmtree(path) if path.is_dir() else path.unlink(missing_ok=True)

    def forget_checkpoints(self) -> None:
        """Remove checkpoints of runs that are over, which a worker may leave that did not know."""
        for path in sorted(self.checkpoints.glob("*.safetensors*")):
            record = self.record(path.name.split(".")[0].split("-")[0])
            if record is not None and record.status in FINAL:
                path.unlink(missing_ok=True)

    def settle(self, *records: RunRecord) -> list[str]:
        """Keep records of runs that have ended, unless a final one is there, which stays; of each, in words, what
        differs from it.

        Two that trained the same run in the same numerics mode found the same bits: then nothing is said.
        """
        self.must_exist()
        before = [self.record(record.key) for record in records]
        new = [record for record, first in zip(records, before) if first is None or first.status not in FINAL]
        if new:
            self.write_record(*new)
        return [_difference(first, record) for first, record in zip(before, records)]

    def copy_in(self, other: Store, keys: Iterable[str]) -> int:
        """Take over another folder's finished records of the runs `keys` that are missing here; how many."""
        found = other.records(set(keys) - self.keys())
        taken = [r for r in found.values() if r.status in FINAL]
        for first in range(0, len(taken), MOST_TOGETHER):
            self.write_record(*taken[first : first + MOST_TOGETHER])
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

    # --- packs --------------------------------------------------------------------------------------------------------

    def append(self, pack: str, *events: Mapping[str, Any], sync: bool = False) -> None:
        """Add events to a pack's log; with `sync`, do not return before they are on disk."""
        lines = b"\n".join(map(line_of, events))
        append_line(self.place("packs", self.pack_log(pack).name), lines, sync=sync)

    def events(self, pack: str) -> Iterator[dict[str, Any]]:
        """A pack's events in order; torn and damaged lines are passed over, with a warning."""
        path = self.pack_log(pack)
        if not path.exists():
            return
        try:
            *lines, last = read_packed(path, MOST_LOG).split(b"\n")
        except FileError as error:
            self._warn(f"packs/{path.name}{error} ({damage.CODE})")
            return
        events = [body_of(line) for line in lines if line]
        if lost := events.count(None):
            are = "lines of packs/{} are" if lost > 1 else "line of packs/{} is"
            self._warn(f"{lost} {are.format(path.name)} torn or damaged, and passed over ({damage.CODE})")
        # A last line without its end is being written, or was when its writer died.
        yield from (event for event in (*events, body_of(last)) if event is not None)

    def packs(self) -> tuple[str, ...]:
        """Keys of all packs that have a log, sorted."""
        return tuple(sorted(p.stem for p in (self.folder / "packs").glob("*.jsonl")))


def claim_name(claim: ClaimText) -> str:
    """A claim as one text: the test and its condition."""
    return f"{claim.test} where {claim.where}" if claim.where else claim.test


def _difference(first: RunRecord | None, record: RunRecord) -> str:
    """What differs between the final record of a run that is kept and another; empty where nothing does."""
    same = first is None or (first.status, first.measurements) == (record.status, record.measurements)
    if first is None or first.status not in FINAL or same:
        return ""
    kept, other = (f"{_outcome(r)} on {r.provenance.get('processor', 'one machine')}" for r in (first, record))
    return f"run {record.key} was trained twice: {kept}, which is kept, and {other}"


def _outcome(record: RunRecord) -> str:
    return f"loss {record.final.loss!r}" if record.final else record.status


def _adoption(body: Mapping[str, Any]) -> _Adoption:
    study = body.get("study")
    origin = None if study is None else Origin(*(str(study[name]) for name in Origin._fields))
    return _Adoption(int(body.get("adopted", 0)), origin, str(body["plan"]["title"]))


def _plan_named(name: str, body: Mapping[str, Any]) -> StudyPlan:
    """The plan in a file; `DamagedError` where it is another than the file's name says."""
    try:
        plan = StudyPlan.model_validate(body["plan"])
        found = plan.digest
    except (ScalingDSLError, RecursionError) as error:
        raise DamagedError(f"its plan cannot be read, {error}") from error
    if found != name:
        raise DamagedError(f"its content is the plan {found}")
    return plan


def _record_of(key: str, body: Mapping[str, Any]) -> RunRecord:
    record = RunRecord.model_validate(body["record"])
    if record.key != key:
        raise DamagedError(f"it is the record of run {record.key}")
    return record


def _unsealed_record(body: dict[str, Any]) -> dict[str, Any]:
    """A record of the first format, which had a checksum of its own."""
    if checksum(body.get("record")) != body.get("sha256"):
        raise DamagedError("its checksum does not fit its content")
    return body


MIGRATIONS["record", 1] = _unsealed_record


def _standings(body: Mapping[str, Any]) -> dict[str, str]:
    """Claims with their standing; one that is no standing counts as late."""
    return {str(text): when if when == BEFORE else AFTER for text, when in dict(body["claims"]).items()}


def _seconds(body: Mapping[str, Any]) -> dict[str, float]:
    return {str(key): float(value) for key, value in dict(body["seconds"]).items()}
