"""What a trainer may do, and what becomes of the run: told, bounded, and the rest goes on."""

from __future__ import annotations

import json
import os
import shutil
import time
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scalingdsl.engine.external import bounded_log, supervise
from scalingdsl.engine.external.carry_out import carry_out
from scalingdsl.engine.external.gpu_slots import held_gpus
from scalingdsl.engine.external.losses_told import Losses
from scalingdsl.engine.external.result_files import read_files
from scalingdsl.engine.external.trainer import Reading, Trainer
from scalingdsl.engine.external.trainer_version import version_of_files, with_version
from scalingdsl.engine.pack import Pack
from scalingdsl.engine.store.links import refuse_links
from scalingdsl.engine.store.record import RunRecord
from scalingdsl.spec import check
from scalingdsl.spec.errors import EngineError, StoreError

from .support import STUDY, carried_out, runs_of, trainer


def one(tmp_path: Path, body: str, *arguments: str, **options: object) -> RunRecord:
    (record,) = carried_out(trainer(tmp_path, body, *arguments, **options), tmp_path / "runs")
    return record


def log_of(tmp_path: Path, number: int = 1) -> bytes:
    (folder,) = (tmp_path / "runs").iterdir()
    return (folder / f"try-{number}.log").read_bytes()


def test_a_loss_is_read_back(tmp_path: Path) -> None:
    body = """
        print("step 1")
        print(json.dumps({"loss": 4.5, "tokens": 50_000}))
        print(json.dumps({"loss": 4.0, "tokens": 75_000}))
        more = {"step": 12, "accuracy": .25, "standard_error": .01, "note": "kept nowhere"}
        print(json.dumps({"loss": float(sys.argv[1]) / 10, "tokens": 99_968, **more}))
        print("bye")
    """
    record = one(tmp_path, body, "{width}")
    assert record.status == "done"
    assert record.final is not None
    assert (record.final.loss, record.final.n_tokens, record.final.step) == (3.2, 99_968, 12)
    assert (record.final.values, record.final.standard_error, record.final.asked_tokens) == (
        {"accuracy": 0.25},
        0.01,
        100_000,
    )
    assert record.curves[0].steps == (50_000, 75_000, 99_968)
    assert record.run["tokens"] == 100_000
    assert b"bye" in log_of(tmp_path)


def test_an_entropy_rate_gives_the_excess(tmp_path: Path) -> None:
    record = one(tmp_path, 'print(json.dumps({"loss": 4.0, "entropy_rate": 3.5}))')
    assert record.final is not None
    assert record.final.excess_loss == 0.5


def test_points_on_the_way_are_measured(tmp_path: Path) -> None:
    study = 'data dataset("x")\nmodels external(N=width^2) width in {32, 64}\ntrain tokens along [100k..400k]\n'
    body = """
        for tokens in (50_000, 100_096, 200_000, 300_000, 400_000):
            print(json.dumps({"loss": 1e5 / tokens, "tokens": tokens}))
    """
    (record,) = carried_out(trainer(tmp_path, body), tmp_path / "runs", runs_of(study)[:1])
    assert [m.asked_tokens for m in record.measurements] == [100_000, 200_000, 400_000]
    assert [m.loss for m in record.measurements] == [1e5 / 100_096, 0.5, 0.25]
    (record,) = carried_out(
        trainer(tmp_path, 'print(json.dumps({"loss": 1, "tokens": 400_000}))'), tmp_path / "2", runs_of(study)[:1]
    )
    assert (record.status, "near 100,000 tokens" in record.message) == ("failed", True)


@pytest.mark.parametrize("loss", ["float('nan')", "'NaN'", "float('inf')"])
def test_no_finite_loss_is_a_divergence(tmp_path: Path, loss: str) -> None:
    record = one(
        tmp_path, f'print(json.dumps({{"loss": 3.0}}), json.dumps({{"loss": {loss}}}), sep="\\n"); sys.exit(1)'
    )
    assert (record.status, record.measurements) == ("diverged", ())


def test_rubbish_is_told_with_the_last_lines(tmp_path: Path) -> None:
    body = """
        print('{"loss": ', "{", "[1, 2]", '{"loss": "low"}', "loss 3.2", "\\x1b[31mred", sep="\\n")
        sys.stdout.flush()
        os.write(1, bytes(range(256)) + b"\\nlast words\\n")
    """
    record = one(tmp_path, body)
    assert record.status == "failed"
    assert "told no loss" in record.message
    assert "last words" in record.message
    assert "\x1b" not in record.message


def test_another_status_is_tried_again(tmp_path: Path) -> None:
    body = """
        out = sys.argv[1]
        tries = len(os.listdir(out))
        open(os.path.join(out, str(tries)), "w").close()
        if tries < 2:
            sys.exit(f"bad luck {tries}")
        print(json.dumps({"loss": 3.0}))
    """
    record = one(tmp_path, body, "{out}", retries=2)
    assert record.status == "done"
    record = one(tmp_path, "sys.exit('no such data')", retries=1)
    assert record.status == "failed"
    assert "status 1" in record.message
    assert "no such data" in record.message
    assert "in 5 tries" in record.message


@pytest.mark.parametrize("name", ["SIGKILL", "SIGSEGV"])
def test_a_signal_is_told(tmp_path: Path, name: str) -> None:
    record = one(tmp_path, f"os.kill(os.getpid(), signal.{name})", retries=0)
    assert (record.status, name in record.message) == ("failed", True)


def test_memory_that_is_wanting_is_told(tmp_path: Path) -> None:
    record = one(tmp_path, "sys.exit('torch.OutOfMemoryError: CUDA out of memory. Tried to allocate 20 GiB')")
    assert record.status == "out_of_memory"


def test_what_cannot_be_started_is_told(tmp_path: Path) -> None:
    (record,) = carried_out(Trainer(("/nowhere/train",), folder=str(tmp_path)), tmp_path / "runs")
    assert (record.status, "could not be started" in record.message) == ("failed", True)
    assert "No such file" in record.message


@pytest.mark.slow
def test_one_that_hangs_is_ended_with_all_its_processes(tmp_path: Path) -> None:
    body = """
        signal.signal(signal.SIGTERM, signal.SIG_IGN)
        if os.fork() == 0:
            os.setsid()
        print(os.getpid(), flush=True)
        time.sleep(600)
    """
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(supervise, "GRACE_S", 0.5)
        record = one(tmp_path, body, timeout_s=5)
    assert record.status == "timed_out"
    pids = [int(line) for line in log_of(tmp_path).split()]
    assert len(pids) == 2
    assert not any(alive(pid) for pid in pids)


@pytest.mark.slow
def test_a_silent_one_is_ended(tmp_path: Path) -> None:
    body = """
        for _ in range(6):
            print("at work", flush=True)
            time.sleep(0.1)
        time.sleep(600)
    """
    record = one(tmp_path, body, silence_s=0.5)
    assert (record.status, "silence" in record.message) == ("timed_out", True)


@pytest.mark.slow
def test_a_flood_of_words_is_bounded(tmp_path: Path) -> None:
    body = """
        sys.stdout.write("x" * 1_000_000)
        for i in range(400_000):
            print("a line of a log that has no end", i)
        print(json.dumps({"loss": 3.0}))
        print("the end")
    """
    record = one(tmp_path, body)
    log = log_of(tmp_path)
    assert record.status == "done"
    assert len(log) < bounded_log.BEGINNING + bounded_log.END + 200
    assert b"bytes left out]" in log
    assert log.endswith(b"the end\n")


@pytest.mark.slow
def test_the_rest_goes_on(tmp_path: Path) -> None:
    body = """
        width, tokens = int(sys.argv[1]), int(sys.argv[2])
        if (width, tokens) == (32, 200_000):
            sys.exit("bad")
        print(json.dumps({"loss": width / tokens}))
    """
    records = carried_out(trainer(tmp_path, body, "{width}", "{tokens}", retries=0), tmp_path / "runs", runs_of())
    assert [r.status for r in records] == ["done", "failed", "done", "done"]


def test_a_stop_asks_the_trainer_and_its_folder_is_there_again(tmp_path: Path) -> None:
    body = """
        out = sys.argv[1]
        kept = os.path.join(out, "checkpoint")
        if os.path.exists(kept):
            print(json.dumps({"loss": float(open(kept).read())}))
            sys.exit()
        def leave(*_):
            with open(kept, "w") as file:
                file.write("2.5")
            sys.exit()
        signal.signal(signal.SIGTERM, leave)
        open(os.path.join(out, "begun"), "w").close()
        time.sleep(600)
    """
    program = trainer(tmp_path, body, "{out}")

    def begun() -> bool:
        return any((tmp_path / "runs").glob("*/out/begun"))

    assert carried_out(program, tmp_path / "runs", stop=begun) == []
    (record,) = carried_out(program, tmp_path / "runs")
    assert record.final is not None
    assert record.final.loss == 2.5


def test_values_are_inert(tmp_path: Path) -> None:
    """Whatever a text of a study holds, it is one argument."""
    text = "a b; touch pwned $(touch pwned) `touch pwned` | x > y & ' {out}"
    study = f'data dataset("{text}")\nmodels external(N=width^2) width in {{32}}\ntrain tokens=1k\n'
    (record,) = carried_out(
        trainer(
            tmp_path, 'print(json.dumps(sys.argv[1:])); print(json.dumps({"loss": 1}))', "--data", "{data}", "{{width}}"
        ),
        tmp_path / "runs",
        runs_of(study),
    )
    assert record.status == "done"
    words = json.loads(log_of(tmp_path).splitlines()[0])
    assert words == ["--data", text, "{width}"]
    assert not (tmp_path / "pwned").exists()


def test_the_environment_and_the_values_are_given(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("OMP_NUM_THREADS", raising=False)
    body = """
        values = json.load(open(sys.argv[1]))
        assert values["width"] == 32 and values["data"] == "shakespeare"
        assert values["out"] == os.environ["SCALINGDSL_OUT"]
        assert os.environ["OMP_NUM_THREADS"] == "1" and os.environ["MINE"] == "x" and os.getcwd() == sys.argv[2]
        print(json.dumps({"loss": 1}))
    """
    record = one(tmp_path, body, "{config}", str(tmp_path.resolve()), environment={"MINE": "x"})
    assert record.status == "done", record.message


@pytest.mark.parametrize(
    ("name", "text"),
    [("m.csv", "tokens,val_loss\n1000,4.0\n2000,3.5\n"), ("m.jsonl", '{"tokens": 1000, "val_loss": 3.5}\n')],
)
def test_losses_are_read_from_files(tmp_path: Path, name: str, text: str) -> None:
    body = f"open(os.path.join(sys.argv[1], {name!r}), 'w').write({text!r})"
    record = one(tmp_path, body, "{out}", reading=Reading(path="*" + name[1:], loss="val_loss"))
    assert record.final is not None, record.message
    assert record.final.loss == 3.5


def alive(pid: int) -> bool:
    """True for a process that is there and no zombie."""
    try:
        os.kill(pid, 0)
        return Path(f"/proc/{pid}/stat").read_text().split(")")[1].split()[0] != "Z"
    except (ProcessLookupError, FileNotFoundError):
        return False


@pytest.mark.slow
def test_a_trainer_does_not_outlive_its_worker(tmp_path: Path) -> None:
    body = """
        open(os.path.join(sys.argv[1], "pid"), "w").write(str(os.getpid()))
        time.sleep(600)
    """
    program = trainer(tmp_path, body, "{out}")
    worker = os.fork()
    if worker == 0:
        try:
            carried_out(program, tmp_path / "runs")
        finally:
            os._exit(0)
    found: list[Path] = []
    while not found or not found[0].read_text():
        found = list((tmp_path / "runs").glob("*/out/pid"))
        time.sleep(0.01)
    pid = int(found[0].read_text())
    os.kill(worker, 9)
    os.waitpid(worker, 0)
    until = time.monotonic() + 30
    while alive(pid) and time.monotonic() < until:
        time.sleep(0.05)
    assert not alive(pid)


def test_losses_are_read_from_event_files(tmp_path: Path) -> None:
    """Tags of TensorBoard, as torch wrote them."""
    (tmp_path / "out").mkdir()
    written = Path(__file__).parents[2] / "data" / "tensorboard" / "torch" / "run0"
    for path in written.glob("events.out.tfevents.*"):
        shutil.copy(path, tmp_path / "out")
    reading = Reading("events.out.tfevents.*", loss="loss/val")
    read_files(tmp_path / "out", reading, losses := Losses(reading))
    assert losses.last is not None
    assert losses.last.loss == pytest.approx(2 + 400 / 1e6**0.34 + 500**-0.3, rel=1e-6)
    assert (losses.last.tokens, losses.last.step) == (5e7, 400)


def test_a_run_has_gpus_for_itself(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CUDA_VISIBLE_DEVICES", "3,5,GPU-7")
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    never = lambda: False  # noqa: E731
    with held_gpus(2, never) as one, held_gpus(1, never) as two:
        assert (one, two) == (("3", "5"), ("GPU-7",))
        with held_gpus(1, lambda: True) as none:
            assert none is None
    with pytest.raises(EngineError, match="wants 4 GPUs, and 3 are visible"), held_gpus(4, never):
        pass
    body = 'print(json.dumps({"loss": len(os.environ["CUDA_VISIBLE_DEVICES"].split(","))}))'
    assert one_loss(tmp_path, body, gpus=3) == 3


def one_loss(tmp_path: Path, body: str, **options: object) -> float:
    final = one(tmp_path, body, **options).final
    assert final is not None
    return final.loss


def test_a_trainer_of_another_version_is_refused(tmp_path: Path) -> None:
    with pytest.raises(EngineError, match="of the trainer's version '', and the trainer that is told has '2'"):
        carried_out(trainer(tmp_path, "", version="2"), tmp_path / "runs")
    with pytest.raises(EngineError, match="told of none"):
        list(carry_out(Pack("pack", runs_of()[:1], 1), tmp_path.joinpath, progress=print, stop=lambda: False))


def test_files_that_change_while_a_study_runs_are_told(tmp_path: Path) -> None:
    program = trainer(tmp_path, 'print(json.dumps({"loss": 1}))')
    path = tmp_path / "program.py"
    version = version_of_files([path])
    plan = check(text=STUDY).plan
    assert plan is not None
    runs = tuple(with_version(plan, version).runs())
    program = Trainer(**{**vars(program), "version": version, "files": (str(path),)})
    assert [r.status for r in carried_out(program, tmp_path / "runs", runs[:1])] == ["done"]
    path.write_text("print(2)")
    with pytest.raises(EngineError, match="files of the trainer changed"):
        carried_out(program, tmp_path / "runs", runs[1:2])


def test_links_of_a_trainer_are_its_own_and_no_other_is_followed(tmp_path: Path) -> None:
    out = tmp_path / "elsewhere" / "key" / "out"
    out.mkdir(parents=True)
    (out / "latest").symlink_to("nowhere")
    refuse_links(tmp_path)
    (out.parent / "try-1.log").symlink_to(tmp_path / "victim")
    with pytest.raises(StoreError, match="holds a link"):
        refuse_links(tmp_path)
    with pytest.raises(FileExistsError):
        bounded_log.BoundedLog(out.parent / "try-1.log")
    assert not (tmp_path / "victim").exists()


def test_logs_of_many_tries_do_not_pile_up(tmp_path: Path) -> None:
    one(tmp_path, "sys.exit(1)", retries=10)
    (folder,) = (tmp_path / "runs").iterdir()
    assert sorted(int(p.stem[4:]) for p in folder.glob("try-*.log")) == [1, *range(4, 12)]


@settings(max_examples=200, deadline=None)
@given(
    st.lists(
        st.one_of(
            st.binary(max_size=80),
            st.builds(
                lambda loss, tokens: json.dumps({"loss": loss, "tokens": tokens, "step": tokens}).encode(),
                st.one_of(st.floats(), st.integers(), st.text(max_size=8), st.none(), st.lists(st.integers())),
                st.one_of(st.floats(), st.integers(), st.text(max_size=8), st.none()),
            ),
            st.sampled_from([b'{"loss": ' + b"9" * 5000 + b"}", b"[" * 3000, b'{"loss": 1e999}', b"{" * 70_000]),
        ),
        max_size=12,
    ),
    st.integers(1, 64),
)
def test_whatever_is_said_is_read_in_bounds(lines: list[bytes], size: int) -> None:
    content = b"\n".join(lines)
    whole, cut = Losses(Reading(), (1000,)), Losses(Reading(), (1000,))
    whole.feed(content)
    for at in range(0, len(content), 1000 * size):
        cut.feed(content[at : at + 1000 * size])
    whole.end()
    cut.end()
    assert str(whole.last) == str(cut.last)
    assert len(whole.way) <= len(lines)
