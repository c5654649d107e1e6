"""What follows from a damaged file of each kind: it is set aside, said once, and made again; nothing of it is used."""

from __future__ import annotations

import errno
import json
import os
import re
import shutil
import subprocess
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from click.testing import CliRunner, Result
from scalingdsl.engine.cli import main
from scalingdsl.engine.store.results_folder import Origin, Store
from scalingdsl.engine.store.sealed_json import read_json, sealed
from scalingdsl.engine.study.reporting import report_store
from scalingdsl.spec.errors import StoreError

from .folders import ORIGIN, TEXT, fill, plan_of

#: Beginning of the warning of a file that was set aside.
SAID = "{} is damaged ("


@pytest.fixture
def store(tmp_path: Path) -> Store:
    return fill(tmp_path / "a")


def spoil(path: Path) -> bytes:
    """Flip a bit of a file's content."""
    data = bytearray(path.read_bytes())
    place = len(data) * 2 // 3
    data[place] ^= 1
    path.write_bytes(data)
    return bytes(data)


def again(store: Store) -> Store:
    """The same folder for a process that begins."""
    return Store(store.folder)


def call(*args: object) -> Result:
    return CliRunner().invoke(main, [str(arg) for arg in args])


def adopt(store: Store) -> None:
    plan = plan_of()
    store.adopt(plan, ORIGIN, {"a.scl": TEXT}, [run.key for run in plan.runs()])


def test_what_is_damaged_is_kept_and_said_once(store: Store) -> None:
    path = next((store.folder / "runs").iterdir())
    spoilt = spoil(path)
    reader = again(store)
    assert path.stem not in reader.records()
    (warning,) = reader.warnings
    assert warning.startswith(SAID.format(f"runs/{path.name}"))
    (kept,) = (store.folder / "damaged").glob("*.json.*")
    assert kept.read_bytes() == spoilt
    assert path.stem not in reader.records()
    assert len(reader.warnings) == 1
    store.hear_of_damage()
    assert store.warnings == reader.warnings
    assert again(store).warnings == []


def test_a_lost_study_file_is_read_from_the_plan_adopted_last(store: Store) -> None:
    other = plan_of(TEXT.replace("[16..64]", "[16..128]"))
    store.adopt(other, Origin("b", "/studies/b.scl", "Wider"), {}, [run.key for run in other.runs()])
    spoil(store.folder / "study.json")
    reader = Store.existing(store.folder)
    assert (reader.origin, reader.plan()) == (Origin("b", "/studies/b.scl", "Wider"), other)
    assert reader.warnings[0].startswith(SAID.format("study.json"))
    assert not (store.folder / "study.json").exists()
    adopt(again(store))
    assert Store.existing(store.folder).origin == ORIGIN


def test_without_any_plan_a_run_goes_on_and_readers_say_so(store: Store) -> None:
    spoil(store.folder / "study.json")
    spoil(store.folder / "plans" / f"{plan_of().digest}.json")
    with pytest.raises(StoreError, match=r"does not say which study it is of.*`scalingdsl run STUDY --out .*` goes on"):
        Store.existing(store.folder)
    adopt(again(store))
    assert len(Store.existing(store.folder).records()) == len(store.records()) > 0


@pytest.mark.parametrize("sealing", [True, False], ids=["sealed", "of the first version"])
def test_a_plan_that_is_not_the_one_its_name_says_is_not_reported(store: Store, sealing: bool) -> None:
    path = store.folder / "plans" / f"{plan_of().digest}.json"
    body = json.loads(path.read_text())
    body["plan"]["axes"][0]["points"] = body["plan"]["axes"][0]["points"][:-1]
    del body["checksum"]
    path.write_text(json.dumps(sealed(body) if sealing else {**body, "format_version": 1}))
    with pytest.raises(StoreError, match="was damaged; `scalingdsl run` writes it again"):
        report_store(again(store))
    adopt(again(store))
    assert Store.existing(store.folder).plan() == plan_of()


def test_claims_count_as_late_once_it_is_not_known_when_they_were_stated(store: Store) -> None:
    claims = plan_of().claims
    assert store.late_claims(claims) == frozenset()
    spoil(store.folder / "claims.json")
    reader = again(store)
    assert reader.late_claims(claims) == set(claims)
    assert reader.warnings[0].startswith(SAID.format("claims.json"))
    store.state_claims(claims)
    assert again(store).late_claims(claims) == set(claims)


def test_predictions_and_statistics_are_lost_and_no_more(store: Store) -> None:
    source = next(iter(plan_of().runs())).source
    for kind in ("predictions.json", "statistics"):
        path = store.folder / kind
        spoil(next(path.iterdir()) if path.is_dir() else path)
    reader = again(store)
    assert (reader.predictions(), reader.statistics(source)) == ({}, None)
    assert len(reader.warnings) == 2
    reader.predict({"a": 1.0})
    assert again(store).predictions() == {"a": 1.0}


def test_a_number_that_none_holds_is_damage(store: Store) -> None:
    path = store.folder / "predictions.json"
    body = {name: value for name, value in json.loads(path.read_text()).items() if name != "checksum"}
    path.write_text(json.dumps(sealed(body | {"seconds": {"a": 10**400}})))
    reader = again(store)
    assert reader.predictions() == {}
    assert SAID.format("predictions.json") in reader.warnings[0]


def test_curves_of_a_source_are_set_aside_and_computed_again(store: Store) -> None:
    source = next(iter(plan_of().runs())).source
    store.keep_source_curves(source, {"spectrum": {"rank": [1.0]}})
    (path,) = (store.folder / "curves").iterdir()
    spoil(path)
    reader = again(store)
    assert reader.source_curves(source) == {}
    assert SAID.format(f"curves/{path.name}") in reader.warnings[0]


def test_what_a_source_drew_is_known_from_the_records(store: Store) -> None:
    source = next(iter(plan_of().runs())).source
    spoil(next((store.folder / "sources").iterdir()))
    with pytest.raises(StoreError, match="draws other data"):
        again(store).check_source(source, "fedcba9876543210")
    again(store).check_source(source, "0123456789abcdef")


def test_damaged_lines_of_a_log_are_passed_over_and_said(store: Store) -> None:
    path = store.folder / "packs" / "p.jsonl"
    whole = list(again(store).events("p"))
    path.write_bytes(path.read_bytes().replace(b'"status": "done"', b'"status": "dome"', 1) + b'{"event": "fin')
    reader = again(store)
    assert len(list(reader.events("p"))) == len(whole) - 1
    assert reader.warnings == ["1 line of packs/p.jsonl is torn or damaged, and passed over (RUN221)"]
    path.write_text('{"event": "finished", "pack": "p"}\n')
    assert [event["event"] for event in again(store).events("p")] == ["finished"]


def test_a_file_in_the_place_of_another_is_damaged(store: Store) -> None:
    shutil.copy(store.folder / "claims.json", store.folder / "predictions.json")
    reader = again(store)
    assert reader.predictions() == {}
    assert "it is a file of another kind, 'claims'" in reader.warnings[0]


@pytest.mark.slow
def test_export_writes_the_report_again_where_what_it_found_is_damaged(store: Store) -> None:
    report_store(store)
    found = (store.folder / "fits.json").read_bytes()
    spoil(store.folder / "fits.json")
    result = call("export", store.folder, "--what", "fits")
    assert result.exit_code == 0
    assert "warning: fits.json is damaged" in result.stderr
    assert (store.folder / "fits.json").read_bytes() == found


def test_status_why_and_diff_say_what_they_set_aside(store: Store, tmp_path: Path) -> None:
    paths = sorted((store.folder / "runs").iterdir())
    for command, path in zip((["status"], ["diff", store.folder], ["why", paths[-1].stem, "--out"]), paths):
        spoil(path)
        result = call(*command, store.folder)
        assert (result.exit_code, f"runs/{path.name} is damaged (" in result.stderr) == (0, True)


# --- folders that cannot be written -----------------------------------------------------------------------------------


@pytest.fixture
def read_only(store: Store, tmp_path: Path) -> Iterator[Path]:
    """The folder on a disk that may not be written."""
    report_store(store)
    disk = tmp_path / "disk"
    disk.mkdir()
    mounted = hasattr(os, "geteuid") and os.geteuid() == 0
    mount = ["mount", "-t", "tmpfs", "tmpfs", str(disk)]
    if not mounted or subprocess.run(mount, capture_output=True, check=False).returncode:
        pytest.skip("only root mounts a disk")
    try:
        shutil.copytree(store.folder, disk / "a")
        spoil(next((disk / "a" / "runs").iterdir()))
        subprocess.run(["mount", "-o", "remount,ro", disk], check=True)
        yield disk / "a"
    finally:
        subprocess.run(["umount", disk], check=True)


@pytest.mark.slow
def test_a_read_only_folder_can_be_read_and_reported_elsewhere(read_only: Path, tmp_path: Path) -> None:
    key = next(iter(Store(read_only).records()))
    for command in (["status", read_only], ["diff", read_only, read_only], ["why", key, "--out", read_only]):
        result = call(*command)
        assert result.exit_code == 0
        assert re.search(r"warning: .*is damaged \(.*\) and stays, for .* cannot be written", result.stderr)
    result = call("report", read_only, "--to", tmp_path / "elsewhere")
    assert result.exit_code in (0, 4)
    assert (tmp_path / "elsewhere" / "report.md").is_file()
    assert "and stays, for" in result.stderr
    study = tmp_path / "a.scl"
    study.write_text(TEXT)
    for command in (["report", read_only], ["run", study, "--out", read_only]):
        result = call(*command)
        assert result.exit_code == 2
        assert re.search(r"cannot be written \(Read-only file system\).*--to DIR", result.stderr)


@pytest.mark.slow
def test_the_report_of_a_copy_written_elsewhere_has_the_same_bytes(
    store: Store, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    copy = Path(shutil.copytree(store.folder, tmp_path / "far" / "away"))
    report_store(store)
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))  # of a user who has no index of it
    assert call("report", copy, "--to", tmp_path / "b").exit_code in (0, 4)
    for name in ("report.md", "report.html", "fits.json", "fits.npz", "runs.csv"):
        assert (tmp_path / "b" / name).read_bytes() == (store.folder / name).read_bytes()
    result = call("report", store.folder, "--to", store.folder)
    assert (result.exit_code, "is a results folder of its own" in result.stderr) == (2, True)


def test_a_full_disk_is_said_and_what_is_damaged_stays(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    path = next((store.folder / "runs").iterdir())
    spoil(path)
    replace = os.replace

    def full(source: object, place: object) -> None:
        if "damaged" in str(place):
            raise OSError(errno.ENOSPC, "No space left on device")
        replace(source, place)  # type: ignore[arg-type]

    monkeypatch.setattr(os, "replace", full)
    reader = again(store)
    assert path.stem not in reader.records()
    assert "and stays" in reader.warnings[0]
    assert path.exists()


# --- folders that are gone --------------------------------------------------------------------------------------------


def writers(store: Store) -> dict[str, Callable[[], object]]:
    record = next(iter(store.records().values()))
    source = next(iter(plan_of().runs())).source
    return {
        "record": lambda: store.write_record(record),
        "log": lambda: store.append("p", {"event": "x"}),
        "predictions": lambda: store.predict({}),
        "statistics": lambda: store.keep_statistics(source, {}),
        "source": lambda: store.check_source(source, "0123456789abcdef"),
        "worker's log": lambda: store.log("worker-0"),
    }


def test_a_folder_that_was_deleted_in_mid_run_is_not_made_anew(store: Store) -> None:
    write = writers(store)
    shutil.rmtree(store.folder)
    for name, writes in write.items():
        with pytest.raises(StoreError, match="is gone: it was deleted or moved while the study was at work"):
            writes()
        assert not store.folder.exists(), name


def test_what_was_written_into_a_deleted_folder_is_taken_up(store: Store) -> None:
    """A writer that was at work while it was deleted may have left files, of this study alone."""
    for name in ("study.json", "README.md"):
        (store.folder / name).unlink()
    shutil.rmtree(store.folder / "plans")
    assert not store.exists
    adopt(again(store))
    assert len(Store.existing(store.folder).records()) > 0
    assert read_json(store.folder / "study.json", "study")["plan"] == plan_of().digest


def test_a_readme_of_ones_own_is_not_overwritten(tmp_path: Path) -> None:
    (tmp_path / "README.md").write_text("mine")
    with pytest.raises(StoreError, match=r"not empty and holds no study: README\.md"):
        Store(tmp_path).adopt(plan_of(), ORIGIN, {}, [])
