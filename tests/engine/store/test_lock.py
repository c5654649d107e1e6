"""One writer at a time, and never a stale lock."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from scalingdsl.engine.store.lock import Lock, holder, is_held
from scalingdsl.spec.errors import StoreError

HOLD = """
import sys, time
from pathlib import Path
from scalingdsl.engine.store.lock import Lock
with Lock(Path(sys.argv[1]), "it"):
    print("held", flush=True)
    time.sleep(60)
"""


@pytest.fixture
def held(tmp_path: Path) -> Iterator[tuple[subprocess.Popen[str], Path]]:
    path = tmp_path / "lock"
    process = subprocess.Popen([sys.executable, "-c", HOLD, str(path)], stdout=subprocess.PIPE, text=True)
    assert process.stdout is not None
    assert process.stdout.readline() == "held\n"
    yield process, path
    process.kill()
    process.wait()
    process.stdout.close()


def test_a_second_writer_is_told_who_the_first_is(held: tuple[subprocess.Popen[str], Path]) -> None:
    process, path = held
    with (
        pytest.raises(StoreError, match=rf"in use by process {process.pid} on .*; wait"),
        Lock(path, "it"),
    ):
        pass
    assert is_held(path)


def test_the_lock_of_a_killed_process_is_free_at_once(held: tuple[subprocess.Popen[str], Path]) -> None:
    process, path = held
    process.send_signal(signal.SIGKILL)
    process.wait()
    assert not is_held(path)
    with Lock(path, "it"):
        assert holder(path)["pid"] == os.getpid()
        assert is_held(path)
    assert not is_held(path)


def test_a_text_that_a_killed_process_left_is_nobody(tmp_path: Path) -> None:
    path = tmp_path / "lock"
    path.write_text('{"pid": 1, "host": "elsewhere", "since": 0}')
    assert not is_held(path)


@pytest.mark.parametrize(
    "text", ['{"pid": 1, "ho', '{"pid": "x", "host": "y"}', '{"pid": 1, "host": 2}', "[" * 4000, "[]", "9" * 9000]
)
def test_a_torn_or_a_strange_lock_file_is_nobody(text: str, tmp_path: Path) -> None:
    (tmp_path / "lock").write_text(text)
    assert holder(tmp_path / "lock") == {}
    with Lock(tmp_path / "lock", "it"):
        pass
