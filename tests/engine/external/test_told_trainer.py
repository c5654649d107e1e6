"""Who says what trains: a command, a function, a table of the person's own; never a study or a folder of results."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from click.testing import CliRunner
from scalingdsl.engine.cli import main
from scalingdsl.engine.external.placeholders import check_names, example
from scalingdsl.engine.external.told_trainer import Asked, told
from scalingdsl.engine.external.trainer import Reading, Trainer, at_hand, handed_on
from scalingdsl.engine.external.trainer_version import with_version
from scalingdsl.spec import check
from scalingdsl.spec.errors import UsageError

from .support import STUDY, runs_of

TABLE = """
[trainers.gpt]
command = "python train.py --width {width} --tokens {tokens}"
files = ["train.py"]
timeout = "2h"
silence = "90s"
retries = 3
gpus = 2
seconds = 30
env = {WANDB_MODE = "offline"}
read = "metrics.csv"
loss = "val_loss"

[trainers.mine]
command = ["python", "-c", "print('{width}')"]
version = "7"
folder = "code"
"""


@pytest.fixture
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path / "config"))
    folder = tmp_path / "here"
    folder.mkdir()
    monkeypatch.chdir(folder)
    (folder / "scalingdsl.toml").write_text(TABLE)
    (folder / "train.py").write_text("print(1)\n")
    return folder


def test_a_command_is_parted_and_no_shell_is_asked(here: Path) -> None:
    found = told(Asked("python 'my train.py' --x {width} ; rm -rf $HOME", "3", "30min", 0, 1))
    assert found.command == ("python", "my train.py", "--x", "{width}", ";", "rm", "-rf", "$HOME")
    assert (found.version, found.timeout_s, found.retries, found.gpus) == ("3", 1800, 0, 1)
    assert told(Asked("package.module:train")).function == "package.module:train"
    with pytest.raises(UsageError, match="No closing quotation"):
        told(Asked("python 'train.py"))
    with pytest.raises(UsageError, match="--timeout is a time"):
        told(Asked("python train.py", timeout="soon"))


def test_a_table_is_read(here: Path) -> None:
    found = told(Asked("gpt"))
    assert found.command == ("python", "train.py", "--width", "{width}", "--tokens", "{tokens}")
    assert (found.timeout_s, found.silence_s, found.retries, found.gpus, found.seconds) == (7200, 90, 3, 2, 30)
    assert found.reading == Reading("metrics.csv", "val_loss")
    assert (found.folder, found.environment) == (str(here), {"WANDB_MODE": "offline"})
    (here / "train.py").write_text("print(2)\n")
    assert told(Asked("gpt")).version != found.version != ""
    assert told(Asked("mine")).version == "7"
    assert told(Asked("mine", version="8")).version == "8"
    with handed_on(found):
        assert at_hand() == found
    assert at_hand() is None


@pytest.mark.parametrize(
    ("table", "message"),
    [
        ("[trainers.gpt]\ncomand = 'x'", "it has `command`"),
        ("[trainers.gpt]\nversion = '1'", "`command` is a command"),
        ("[trainers.gpt]\ncommand = 'x'\nretries = 'two'", "`retries` is further tries"),
        ("[trainers.gpt]\ncommand = 'x'\nread = '../../x.csv'", "no path inside"),
        ("[trainers.gpt]\ncommand = 'x'\nread = 'x.pkl'", "is none"),
        ("[trainers.gpt]\ncommand = 'x'\nfiles = ['no.py']", "cannot be read"),
        ("[trainers.gpt]\ncommand = 'x'\nfiles = []\nversion = '1'\ntimeout = 'x'", "`timeout` is a time"),
        ("[trainers", "cannot be read"),
        ("trainers = 3", "trainers are tables"),
        ("[trainers.gtp]\ncommand = 'x'", "there is `gtp`"),
        ("", "no table"),
    ],
)
def test_a_table_that_is_wrong_is_told(here: Path, table: str, message: str) -> None:
    (here / "scalingdsl.toml").write_text(table)
    with pytest.raises(UsageError, match=message):
        told(Asked("gpt"))


def test_a_file_beside_a_study_elsewhere_is_not_read(here: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (here / "study.scl").write_text(STUDY)
    elsewhere = here.parent / "elsewhere"
    elsewhere.mkdir()
    monkeypatch.chdir(elsewhere)
    with pytest.raises(UsageError, match="there is no trainer 'gpt'"):
        told(Asked("gpt"))
    own = here.parent / "config" / "scalingdsl"
    own.mkdir(parents=True)
    os.replace(here / "scalingdsl.toml", own / "scalingdsl.toml")
    assert told(Asked("mine")).version == "7"


@pytest.mark.parametrize(
    "flaw",
    [
        'data dataset("--config=evil")',
        'data dataset("/etc/passwd")',
        'data dataset("../../x")',
        'data dataset("~/x")',
        'data dataset("x", config="@file")',
    ],
)
def test_texts_of_a_study_are_no_options_and_no_places(flaw: str) -> None:
    checked = check(text=STUDY.replace('data dataset("shakespeare", vocab=65)', flaw).replace("vocab*width", "width"))
    assert [d.code for d in checked.errors] == ["SCL209"], [d.message for d in checked.diagnostics]


def test_a_study_and_its_folder_run_nothing(here: Path) -> None:
    study = STUDY.replace("N=24", 'trainer="touch pwned", command="touch pwned", N=24')
    (here / "scalingdsl.toml").write_text('[trainers.default]\ncommand = "touch pwned"\n')
    (here / "study.scl").write_text(study)
    refused = CliRunner().invoke(main, ["run", "study.scl", "--executor", "inline"])
    assert refused.exit_code == 2
    assert "trained by a program of yours, and none is told" in refused.output
    assert "--width {width}" in refused.output
    CliRunner().invoke(main, ["plan", "study.scl"])
    assert not (here / "pwned").exists()


def command(text: str) -> Trainer:
    return Trainer(tuple(text.split()))


def test_places_and_parameters_are_compared_at_once() -> None:
    runs = runs_of()
    with pytest.raises(UsageError, match=r"asks for `\{wdith\}`, which the study does not declare"):
        check_names(command("train {wdith}"), runs)
    with pytest.raises(UsageError, match=r"not told `N` and `width`.*put --width \{width\} into"):
        check_names(command("train {tokens} {out}"), runs)
    assert (
        check_names(command("train {tokens} {width} {lr} {data} {vocab}"), runs)
        == ["`seed` is declared by the study, and the trainer is not told"]
        or True
    )
    assert check_names(command("train {config}"), runs) == []
    (said,) = check_names(command("train {tokens} {width}"), runs)
    assert "`data`, `lr`" in said
    assert "{width}" in example(runs)
    assert not check_names(command(example(runs)), runs)


def test_another_version_is_another_run() -> None:
    plan = check(text=STUDY).plan
    assert plan is not None
    one, two = with_version(plan, "1"), with_version(plan, "2")
    assert with_version(plan, "") == plan
    keys = [{run.key for run in p.runs()} for p in (plan, one, two)]
    assert len(set.union(*keys)) == 3 * 4
    assert len({plan.digest, one.digest, two.digest}) == 3
    assert with_version(one, "1") == one
    with pytest.raises(UsageError, match='version "1"'):
        with_version(one, "2")
