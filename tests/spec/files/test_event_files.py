"""Event files of TensorBoard: those of its own writers, damaged ones, and what a study and `fit` make of them."""

from __future__ import annotations

import json
import shutil
import struct
from contextlib import suppress
from pathlib import Path

import pytest
from click.testing import CliRunner
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from scalingdsl.engine.analysis.cells.table_columns import study_table
from scalingdsl.engine.cli import main
from scalingdsl.engine.study.inputs import named_files
from scalingdsl.spec import check, load
from scalingdsl.spec.files.raw_file import FileError
from scalingdsl.spec.files.tables import event_files
from scalingdsl.spec.files.tables.event_files import masked_crc, read_event_file
from scalingdsl.spec.files.tables.table_file import read_table_file, table_digest

RUNS = Path(__file__).parents[2] / "data" / "tensorboard"
LAW = "2 + A*N^-alpha + B*tokens^-beta"


def test_runs_of_torch_are_rows_with_their_hyperparameters() -> None:
    found = read_table_file(RUNS / "torch")
    assert found.told == ("it is read as runs of TensorBoard, a row a run and step",)
    columns = {name: list(values) for name, values in found.columns.items()}
    assert columns["run"] == [f"run{i}" for i in range(3) for _ in range(5)]
    assert columns["step"] == [0, 100, 200, 300, 400] * 3
    assert columns["N"] == [n for n in (1e6, 4e6, 16e6) for _ in range(5)]
    assert columns["optimizer"] == ["adamw"] * 15
    assert columns["tied"] == [1] * 15
    assert columns["tokens"] == [(step + 100) * 1e5 for step in columns["step"]]
    truth = [2 + 400 / n**0.34 + (step + 100) ** -0.3 for n, step in zip(columns["N"], columns["step"])]
    assert columns["loss/val"] == pytest.approx(truth, rel=1e-6)
    assert [value for value in columns["final"] if value == value] == [3.0] * 3


def test_scalars_of_tensorflow_are_tensors() -> None:
    found = read_table_file(RUNS / "tf")
    assert list(found.columns["epoch_loss"]) == [3, 2.75, 2.5, 2.25]
    (file,) = (RUNS / "tf" / "a").iterdir()
    alone = read_table_file(file)
    assert (list(alone.columns), alone.told) == (["step", "epoch_loss"], ())


def test_a_study_and_fit_read_a_folder_of_runs(tmp_path: Path) -> None:
    shutil.copytree(RUNS / "torch", tmp_path / "runs")
    text = f'data table("runs", D="tokens", loss="loss/val")\nfit {LAW.replace("tokens", "D")}'
    (tmp_path / "s.scl").write_text(text)
    plan = load(tmp_path / "s.scl")
    table = study_table(plan, tmp_path)
    assert table is not None
    assert len(table["loss"]) == 15
    assert {(tmp_path / name).is_file() for name in named_files(plan, tmp_path) if name != "runs"} == {True}
    answer = CliRunner().invoke(
        main,
        ["fit", str(tmp_path / "runs"), "--law", LAW, "--columns", 'loss="loss/val"', "--bootstrap", "0", "--json"],
    )
    assert answer.exit_code == 0, answer.output
    assert json.loads(answer.stdout)["n"] == 15
    before = table_digest(tmp_path / "runs")
    (tmp_path / "runs" / "run3").mkdir()
    shutil.copy(next((RUNS / "tf" / "a").iterdir()), tmp_path / "runs" / "run3")
    assert table_digest(tmp_path / "runs") != before


def test_a_folder_without_runs_is_refused(tmp_path: Path) -> None:
    (tmp_path / "runs").mkdir()
    (tmp_path / "runs" / "a.csv").write_text("N,loss\n")
    (tmp_path / "runs" / "round").symlink_to(tmp_path)
    told = check(tmp_path / "s.scl", text='data table("runs")\nfit power(N)').errors
    assert [d.message for d in told][:1] == ['"runs" is a folder, and a file is wanted']
    answer = CliRunner().invoke(main, ["fit", str(tmp_path / "runs")])
    assert answer.exit_code == 2
    assert "it is a folder, and holds no runs of MLflow or TensorBoard" in answer.stderr


# --- damage -----------------------------------------------------------------------------------------------------------


def record(event: bytes) -> bytes:
    head = struct.pack("<Q", len(event))
    return head + struct.pack("<I", masked_crc(head)) + event + struct.pack("<I", masked_crc(event))


def test_checksums_are_those_of_the_castagnoli_polynomial() -> None:
    """RFC 3720, B.4: 32 zeros, and 32 bytes that count up."""
    for data, crc in ((bytes(32), 0x8A9136AA), (bytes(range(32)), 0x46DD794E)):
        assert masked_crc(data) == ((((crc >> 15) | (crc << 17)) + 0xA282EAD8) & 0xFFFFFFFF)


def test_damage_is_found_and_a_cut_end_is_not_waited_for() -> None:
    (file,) = (RUNS / "tf" / "a").iterdir()
    whole = file.read_bytes()
    for at in range(0, len(whole), 7):
        with pytest.raises(FileError, match=r"is damaged at byte|holds no scalars"):
            read_event_file(whole[:at] + bytes([whole[at] ^ 0x10]) + whole[at + 1 :])
    assert read_event_file(whole[:-3]) == {"step": [0, 1, 2], "epoch_loss": [3, 2.75, 2.5]}
    with pytest.raises(FileError, match="holds no scalars"):
        read_event_file(b"")
    with pytest.raises(FileError, match="the event at byte 12 cannot be read"):
        read_event_file(record(b"\x2a\x7f\x0a"))


def test_no_more_files_are_read_than_a_study_has(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(event_files, "MOST_FILES", 3)
    for i in range(5):
        (tmp_path / f"events.out.tfevents.{i}").write_bytes(b"")
    with pytest.raises(FileError, match="holds more than 3 event files"):
        event_files.event_files(tmp_path)
    monkeypatch.setattr(event_files, "MOST_FILES", 30)
    monkeypatch.setattr(event_files, "MOST_EVENTS", 8_000)
    with pytest.raises(FileError, match=r"of more than 0\.008 MB"):
        event_files.read_event_folder(RUNS / "torch")


@settings(max_examples=500, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(st.lists(st.binary(max_size=40), max_size=4), st.binary(max_size=8))
def test_any_events_are_read_or_refused(events: list[bytes], rest: bytes) -> None:
    with suppress(FileError):
        found = read_event_file(b"".join(map(record, events)) + rest)
        assert len({len(cells) for cells in found.values()}) == 1
