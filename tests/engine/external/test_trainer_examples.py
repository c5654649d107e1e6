"""The programs and functions that documentation shows, with real small models."""

from __future__ import annotations

import shutil
from importlib.util import find_spec
from pathlib import Path

import pytest
from scalingdsl.engine.external.carry_out import carry_out
from scalingdsl.engine.external.placeholders import check_names
from scalingdsl.engine.external.told_trainer import Asked, names_taken, told
from scalingdsl.engine.external.trainer import Trainer, handed_on
from scalingdsl.engine.external.trainer_version import with_version
from scalingdsl.engine.pack import Pack
from scalingdsl.engine.store.record import RunRecord
from scalingdsl.spec import check
from scalingdsl.spec.plan.run_grid import Run

pytestmark = pytest.mark.slow

EXAMPLES = Path(__file__).parents[3] / "docs" / "examples"


def planned(path: Path, trainer: Trainer, **smaller: str) -> tuple[Run, ...]:
    text = path.read_text()
    for old, new in smaller.values():
        assert old in text
        text = text.replace(old, new)
    checked = check(path, text=text)
    assert not checked.diagnostics, checked.diagnostics
    assert checked.plan is not None
    return tuple(with_version(checked.plan, trainer.version).runs())


def carried_out(trainer: Trainer, runs: tuple[Run, ...], folder: Path, stopped: str = "") -> list[RunRecord]:
    """Records; stopped once a file of this pattern is in some run's folder."""
    with handed_on(trainer):
        stop = lambda: bool(stopped) and any(folder.glob(f"*/out/{stopped}"))  # noqa: E731
        return list(carry_out(Pack("pack", runs, 1), folder.joinpath, progress=lambda made: None, stop=stop))


def test_a_script_goes_on_from_its_checkpoint(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    here = shutil.copytree(EXAMPLES / "nanogpt-style", tmp_path / "here")
    monkeypatch.chdir(here)
    trainer = told(Asked("nanogpt"))
    assert len(planned(here / "mup.scl", trainer)) == 24
    assert sum(1 for line in (here / "train.py").read_text().splitlines() if line.strip()) < 200
    runs = planned(here / "mup.scl", trainer, tokens=("tokens_each = 150k", "tokens_each = 58k"))
    assert check_names(trainer, runs, names_taken(trainer)) == []
    trainer = Trainer(**{**vars(trainer), "command": ("{python}", *trainer.command[1:])})
    (whole,) = carried_out(trainer, runs[:1], tmp_path / "whole")
    assert carried_out(trainer, runs[:1], tmp_path / "halves", stopped="checkpoint.pt") == []
    (resumed,) = carried_out(trainer, runs[:1], tmp_path / "halves")
    assert whole.status == resumed.status == "done", (whole.message, resumed.message)
    assert whole.measurements == resumed.measurements
    (log,) = (tmp_path / "halves").glob("*/try-2.log")
    assert "going on from step 50" in log.read_text()
    assert whole.final is not None
    assert whole.final.loss < 4.0


def test_a_function_in_torch(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.chdir(EXAMPLES / "functions")
    monkeypatch.setenv("PYTHONDONTWRITEBYTECODE", "1")
    trainer = told(Asked("pytorch_mlp:train"))
    runs = planned(Path("mlp.scl"), trainer)
    assert check_names(trainer, runs, names_taken(trainer)) == [
        "`data` and `inputs` are declared by the study, and the trainer is not told"
    ]
    (record,) = carried_out(trainer, runs[:1], tmp_path)
    assert record.final is not None, record.message
    assert record.curves[0].steps[-1] == record.final.n_tokens == 16384
    assert record.final.loss < 1.0


@pytest.mark.skipif(
    not (find_spec("transformers") and find_spec("accelerate")), reason="transformers and accelerate are not installed"
)
def test_the_trainer_of_hugging_face(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.chdir(EXAMPLES / "functions")
    monkeypatch.setenv("PYTHONDONTWRITEBYTECODE", "1")
    trainer = told(Asked("hf_gpt2:train"))
    runs = planned(Path("gpt2.scl"), trainer)
    assert runs[0].n_total == 8_128
    assert carried_out(trainer, runs[:1], tmp_path, stopped="checkpoint-50/trainer_state.json") == []
    (record,) = carried_out(trainer, runs[:1], tmp_path)
    assert record.final is not None, record.message
    assert 1.09 < record.final.loss < 2.5
