"""The index answers as the files do, whatever happened to either."""

from __future__ import annotations

import errno
import os
import shutil
import sqlite3
import subprocess
import sys
import time
from pathlib import Path

import pytest
from click.testing import CliRunner
from scalingdsl.engine.cli import main
from scalingdsl.engine.commands.why import differences, nearest
from scalingdsl.engine.store import damage, index_file
from scalingdsl.engine.store.cache import cache_folder
from scalingdsl.engine.store.record_index import SETTLED_S, RecordIndex, outcome
from scalingdsl.engine.store.results_folder import Store

from ..make import Law, record_of
from .folders import fill


@pytest.fixture(autouse=True)
def cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))


@pytest.fixture
def store(tmp_path: Path) -> Store:
    store = fill(tmp_path / "a")
    time.sleep(2 * SETTLED_S)  # what has just been written is not believed to stay so
    return store


def answers(store: Store) -> list[str]:
    key = sorted(store.keys())[0]
    folder = str(store.folder)
    said = []
    for command in (["status", folder, "--json"], ["why", key, "--out", folder], ["diff", folder, folder]):
        result = CliRunner().invoke(main, command)
        assert result.exit_code == 0, result.output
        said.append(result.stdout)
    return said


def check(store: Store) -> None:
    """The index says what the files do."""
    plan = store.plan()
    with RecordIndex(store) as index:
        found = {record.key: record for record in index.records()}
        assert index.keys(plan) == [run.key for run in plan.runs()]
        for run in plan.runs():
            assert [(r.key, r.point) for r in index.runs(plan, run.key[:12])] == [(run.key, run.point)]
        records = store.records()
        assert list(found) == sorted(records)
        for key, record in records.items():
            now = found[key]
            assert (now.status, now.message, now.seconds) == (record.status, record.message, record.seconds)
            assert now.loss == (record.final.loss if record.final else None)
            assert now.outcome == outcome(record)
            assert index.described(key) == record.run


def file_of_the_index() -> Path:
    (path,) = (cache_folder() / "indexes").glob("*.sqlite")
    return path


def test_what_changed_is_read_again(store: Store) -> None:
    check(store)
    run, other, *_ = store.plan().runs()
    store.write_record(record_of(run, Law(E=1.0)))
    check(store)
    store.write_record(record_of(run, Law(E=1.0000001)))
    check(store)
    (store.folder / "runs" / f"{other.key}.json").unlink()
    check(store)


def test_a_file_that_is_damaged_in_place_is_no_result_any_more(store: Store) -> None:
    check(store)
    path = next((store.folder / "runs").iterdir())
    with path.open("r+b") as file:
        file.seek(200)
        file.write(b"!")
    check(store)
    assert path.stem not in Store(store.folder).records()


def test_a_damaged_file_that_cannot_be_set_aside_is_told_of_each_time(
    store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = next((store.folder / "runs").iterdir())
    path.write_bytes(path.read_bytes()[:-9])
    time.sleep(2 * SETTLED_S)

    def read_only(source: object, place: object) -> None:
        raise OSError(errno.EROFS, os.strerror(errno.EROFS))

    monkeypatch.setattr(damage.os, "replace", read_only)
    for _ in range(3):
        reader = Store(store.folder)
        RecordIndex(reader).close()
        assert [f"runs/{path.name} is damaged" in said for said in reader.warnings] == [True]


def test_without_its_index_a_folder_gives_the_same_answers(store: Store) -> None:
    before = answers(store)
    assert answers(store) == before
    file_of_the_index().unlink()
    assert answers(store) == before
    file_of_the_index().write_bytes(b"no database" * 1000)
    assert answers(store) == before
    with sqlite3.connect(file_of_the_index()) as database:
        database.execute("PRAGMA user_version = 99")
    assert answers(store) == before


def test_a_value_that_nobody_wrote_is_not_answered(store: Store) -> None:
    before = answers(store)
    database = sqlite3.connect(file_of_the_index())
    with database:
        database.execute("UPDATE records SET loss = loss + 1, outcome = '0', status = 'failed'")
    database.close()
    check(store)
    assert answers(store) == before


def test_what_a_killed_process_left_is_taken_up_or_made_again(store: Store) -> None:
    check(store)
    store.write_record(record_of(next(iter(store.plan().runs())), Law(E=1.0)))
    killed = "from scalingdsl.engine.store.record_index import *; RecordIndex(Store(Path(sys.argv[1]))); os._exit(1)"
    subprocess.run([sys.executable, "-c", f"import os, sys; {killed}", str(store.folder)], check=False)
    assert file_of_the_index().with_name(f"{file_of_the_index().name}-wal").exists()
    check(store)


def test_a_cache_that_cannot_be_trusted_is_not_written(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    before = answers(store)
    shutil.rmtree(cache_folder())
    monkeypatch.setattr(index_file, "is_local", lambda folder: False)
    assert answers(store) == before
    assert not list((cache_folder() / "indexes").iterdir())
    shutil.rmtree(cache_folder())
    cache_folder().write_bytes(b"a file in its place")
    assert answers(store) == before


def test_an_index_that_another_process_holds_is_not_waited_for_long(
    store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    check(store)
    monkeypatch.setattr(sqlite3, "connect", lambda path, timeout=0.0, real=sqlite3.connect: real(path, timeout=0.0))
    store.write_record(record_of(next(iter(store.plan().runs())), Law(E=1.0)))
    writer = sqlite3.connect(file_of_the_index())
    writer.execute("BEGIN EXCLUSIVE")
    check(store)
    writer.close()
    assert file_of_the_index().exists()


def test_a_copy_has_an_index_of_its_own(store: Store, tmp_path: Path) -> None:
    before = answers(store)
    shutil.copytree(store.folder, tmp_path / "elsewhere" / "a")
    copied = Store(tmp_path / "elsewhere" / "a")
    assert [said.replace(str(copied.folder), str(store.folder)) for said in answers(copied)] == before
    assert len(list((cache_folder() / "indexes").glob("*.sqlite"))) == 2


def test_the_nearest_run_is_the_one_with_the_fewest_fields_that_differ(store: Store) -> None:
    records = store.records()
    with RecordIndex(store) as index:
        for key, record in records.items():
            apart = {k: len(differences(record.run, other.run)) for k, other in sorted(records.items()) if k != key}
            assert nearest(record.run, key, index) == min(apart, key=lambda k: apart[k])


@pytest.mark.skipif(not Path("/proc/self/mounts").exists(), reason="the system does not list its file systems")
def test_the_disk_of_this_machine_is_local(tmp_path: Path) -> None:
    assert index_file.is_local(tmp_path)
    assert os.path.ismount("/")
