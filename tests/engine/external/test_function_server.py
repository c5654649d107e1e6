"""Calls of a function: each as in a process of its own that was begun for it, whatever another call does."""

from __future__ import annotations

import gzip
import os
import signal
import textwrap
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from scalingdsl.engine.external import function_server, supervise
from scalingdsl.engine.external.trainer import Trainer
from scalingdsl.engine.store.record import RunRecord

from .support import carried_out, runs_of

pytestmark = pytest.mark.skipif(os.name == "nt", reason="calls are forked")

STUDY = """
data dataset("x")
models external(N=width^2)  width in {widths}
train tokens=1k
"""


@pytest.fixture(autouse=True)
def _none_is_left() -> Iterator[None]:
    yield
    function_server.close_servers()


def called(tmp_path: Path, body: str, *widths: int, **options: object) -> list[RunRecord]:
    """Records of calls, in the order of the widths, of a function `train(width)`."""
    (tmp_path / "program_of_test.py").write_text("import os, signal, sys, threading, time\n" + textwrap.dedent(body))
    one = Trainer(("program_of_test:train",), folder=str(tmp_path), **options)  # type: ignore[arg-type]
    widths = widths or (1,)
    runs = runs_of(STUDY.format(widths="{" + ", ".join(map(str, widths)) + "}"))
    return carried_out(one, tmp_path / "runs", runs)


def losses(records: list[RunRecord]) -> list[float]:
    return [record.final.loss if record.final else float("nan") for record in records]


def servers() -> list[int]:
    """Processes that serve calls of this one."""
    return [server.process.pid for server in function_server._kept]


def test_whatever_one_call_does_the_next_is_as_good_as_new(tmp_path: Path) -> None:
    body = """
        import json as library
        state, library.left = [], getattr(library, "left", 0)

        def train(width):
            state.append(width)
            library.left += 1
            os.environ["LEFT"] = os.environ.get("LEFT", "") + "x"
            os.chdir("/")
            signal.signal(signal.SIGTERM, signal.SIG_IGN)
            if width == 3:
                os.kill(os.getpid(), signal.SIGKILL)
            if width == 4:
                os.kill(os.getpid(), signal.SIGSEGV)
            if width == 5:
                raise ValueError("a bad width")
            if width == 6:
                sys.exit(9)
            if width == 7:
                return float("nan")
            if width == 8:
                print("rubbish", {"loss": 1})
                return "much"
            if width == 9:
                os.close(1)
                os.close(2)
            if width == 10:
                threading.Thread(target=time.sleep, args=(0.02,)).start()
            return len(state) + library.left + len(os.environ["LEFT"])
    """
    records = called(tmp_path, body, *range(1, 13), retries=0)
    assert [r.status for r in records] == [
        *("done", "done", "failed", "failed", "failed", "failed", "diverged", "failed", "done", "done", "done", "done")
    ]
    assert [loss for loss in losses(records) if loss == loss] == [3.0] * 6
    told = [record.message for record in records]
    assert "SIGKILL" in told[2]
    assert "SIGSEGV" in told[3]
    assert "status 1; its last line: 'ValueError: a bad width'" in told[4]
    assert "status 9" in told[5]
    assert "told no loss" in told[7]
    assert "rubbish" in told[7]
    assert len(servers()) == 1


def test_each_call_has_its_own_environment_folder_and_chance(tmp_path: Path) -> None:
    pytest.importorskip("numpy")
    body = """
        import random
        import numpy

        assert os.environ["SCALINGDSL_OUT"] and os.environ["MINE"] == "all" and os.getcwd() == os.environ["HERE"]
        drawn = numpy.random.random(), random.random()

        def train(width, out):
            assert out == os.environ["SCALINGDSL_OUT"] and os.path.isdir(out)
            assert not sys.stdin.read() and os.getsid(0) == os.getpid()
            assert sorted(map(int, os.listdir("/proc/self/fd")))[3:] in ([], [3], [3, 4])
            return hash(drawn) % 1e9 + 1
    """
    here = {"MINE": "all", "HERE": str(tmp_path.resolve())}
    records = called(tmp_path, body, 1, 2, 3, 4, environment=here)
    assert [record.message for record in records] == [""] * 4
    assert len(set(losses(records))) == 4


@pytest.mark.skipif(not os.path.isdir("/proc/self/task"), reason="only Linux tells the threads of a process")
@pytest.mark.parametrize(
    ("library", "forked"),
    [("", True), ("import threading\nthreading.Thread(target=threading.Event().wait, daemon=True).start()", False)],
)
def test_libraries_are_there_already_unless_they_began_a_thread(tmp_path: Path, library: str, forked: bool) -> None:
    """The first call imports a library itself; the others find what the server has imported."""
    shelf = tmp_path / "site-packages"
    shelf.mkdir()
    (shelf / "library_of_test.py").write_text(f"import os\npid = os.getpid()\n{library}\n")
    body = """
        import library_of_test

        def train(width):
            return float(library_of_test.pid == os.getpid())
    """
    found = losses(called(tmp_path, body, 1, 2, 3, environment={"PYTHONPATH": str(shelf)}))
    assert found == ([1.0, 0.0, 0.0] if forked else [1.0, 1.0, 1.0])


def test_a_run_with_an_environment_of_its_own_has_an_interpreter_of_its_own(tmp_path: Path) -> None:
    body = """
        def train(width):
            return float(os.path.basename(sys.modules["__main__"].__file__) == "function_call.py")
    """
    assert losses(called(tmp_path, body, 1, 2, environment={"SHARDS": "{width}"})) == [1.0, 1.0]
    assert losses(called(tmp_path / "..", body, 3)) == [0.0]


@pytest.mark.slow
def test_one_that_hangs_is_ended_and_the_next_goes_on(tmp_path: Path) -> None:
    body = """
        def train(width):
            if width == 1:
                signal.signal(signal.SIGTERM, signal.SIG_IGN)
                if os.fork() == 0:
                    os.setsid()
                print(os.getpid(), flush=True)
                time.sleep(600)
            return 2.0
    """
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(supervise, "GRACE_S", 0.2)
        records = called(tmp_path, body, 1, 2, timeout_s=0.5)
    assert [record.status for record in records] == ["timed_out", "done"]
    logs = [path.read_text() for path in (tmp_path / "runs").glob("*/try-1.log")]
    pids = [int(word) for log in logs for word in log.split() if word.isdecimal()]
    assert len(pids) == 2
    assert not any(os.path.exists(f"/proc/{pid}") for pid in pids)


def test_a_server_that_is_killed_is_told_and_another_takes_its_place(tmp_path: Path) -> None:
    body = """
        def train(width, out):
            if width == 1 and not os.path.exists(out + "/tried"):
                open(out + "/tried", "w").close()
                os.kill(os.getppid(), signal.SIGKILL)
                time.sleep(600)
            return 2.0
    """
    records = called(tmp_path, body, 1, 2, retries=1)
    assert losses(records) == [2.0, 2.0]
    (tmp_path / "runs").rename(tmp_path / "before")
    (record, _) = called(tmp_path, body, 1, 2, retries=0)
    assert (record.status, "SIGKILL" in record.message) == ("failed", True)


@pytest.mark.slow
def test_a_call_does_not_outlive_its_worker(tmp_path: Path) -> None:
    body = """
        def train(width, out):
            with open(out + "/pid", "w") as file:
                file.write(str(os.getpid()))
            time.sleep(600)
    """
    worker = os.fork()
    if worker == 0:
        try:
            called(tmp_path, body)
        finally:
            os._exit(0)
    found: list[Path] = []
    while not found or not found[0].read_text():
        found = list((tmp_path / "runs").glob("*/out/pid"))
        time.sleep(0.01)
    pid = int(found[0].read_text())
    os.kill(worker, signal.SIGKILL)
    os.waitpid(worker, 0)
    until = time.monotonic() + 30
    while os.path.exists(f"/proc/{pid}") and time.monotonic() < until:
        time.sleep(0.05)
    assert not os.path.exists(f"/proc/{pid}")


def test_what_a_process_does_at_its_end_is_done(tmp_path: Path) -> None:
    """Threads end, what was registered is called, and files that nobody closed hold all that was written."""
    body = """
        import atexit, gzip

        def train(width, out):
            global left, packed
            left, packed = open(out + "/left", "w"), gzip.open(out + "/packed.gz", "wt")
            left.write("all of it")
            packed.write("all of it")
            print("no end", end="")
            atexit.register(lambda: open(out + "/registered", "w").close())
            threading.Thread(target=lambda: time.sleep(0.05) or open(out + "/thread", "w").close()).start()
            return 2.0
    """
    assert losses(called(tmp_path, body, 1, 2)) == [2.0, 2.0]
    for out in (tmp_path / "runs").glob("*/out"):
        assert sorted(path.name for path in out.iterdir()) == ["left", "packed.gz", "registered", "thread"]
        assert (out / "left").read_text() == "all of it"
        assert gzip.decompress((out / "packed.gz").read_bytes()) == b"all of it"
        assert "no end" in (out.parent / "try-1.log").read_text()
