"""`scalingdsl init`: templates that validate and run, and nothing that is overwritten."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from click.testing import CliRunner, Result
from scalingdsl.engine.cli import main
from scalingdsl.engine.commands.init import TEMPLATES
from scalingdsl.spec import check
from scalingdsl.spec.source import Source
from scalingdsl.spec.syntax.parser import parse_study
from scalingdsl.spec.syntax.printer import print_study

#: The templates made small by their own names, to be trained here.
SMALL = {"walk": ("most=40k",), "isoflop": ("least=30MFLOP",), "text": ("most=8k",), "table": (), "mup": ("D=2k",)}


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An empty working directory."""
    monkeypatch.chdir(tmp_path)
    return tmp_path


def call(*args: str) -> Result:
    return CliRunner().invoke(main, list(args))


@pytest.mark.parametrize("template", TEMPLATES)
def test_a_template_is_a_valid_study_in_canonical_form(template: str, folder: Path) -> None:
    made = call("init", "--template", template)
    assert (made.exit_code, made.stdout.splitlines()[0]) == (0, f"{template}.scl")
    if template == "text":
        assert "put your text there" in made.stderr
        folder.joinpath("text.txt").write_text("Some text of one's own.\n\n" * 50_000)
    checked = check(f"{template}.scl")
    assert checked.plan is not None
    assert checked.diagnostics == ()
    text = folder.joinpath(f"{template}.scl").read_text()
    assert print_study(parse_study(Source(text))[0]) == text


@pytest.mark.slow
@pytest.mark.parametrize("template", TEMPLATES)
def test_a_template_runs(template: str, folder: Path) -> None:
    call("init", "mine", "--template", template)
    if template == "text":
        folder.joinpath("text.txt").write_text("".join(f"{n} squared is {n * n}, and so on.\n\n" for n in range(900)))
    small = [part for setting in SMALL[template] for part in ("--set", setting)]
    done = call("run", "mine.scl", "--executor", "inline", *small)
    assert done.exit_code in (0, 4), done.stderr
    assert done.stdout.splitlines()[-1].startswith("runs/mine/report.")


@pytest.mark.slow
def test_the_example_of_a_table_holds_its_claims(folder: Path) -> None:
    call("init", "--template", "table")
    done = call("run", "table.scl")
    assert done.exit_code == 0
    assert done.stdout.count(" held ") == 2


def test_nothing_is_overwritten(folder: Path) -> None:
    folder.joinpath("mine.scl").write_text("mine")
    folder.joinpath("runs.csv").write_text("mine")
    refused = call("init", "mine")
    assert refused.exit_code == 2
    assert "mine.scl is there already and is not overwritten" in refused.stderr
    made = call("init", "--template", "table", "--json")
    assert json.loads(made.stdout) == {
        "format_version": 1,
        "command": "init",
        "template": "table",
        "file": "table.scl",
        "written": ["table.scl"],
        "kept": ["runs.csv"],
    }
    assert {path.read_text() for path in (folder / "mine.scl", folder / "runs.csv")} == {"mine"}


def test_the_comments_name_the_file_that_was_asked_for(folder: Path) -> None:
    folder.joinpath("studies").mkdir()
    assert call("init", "studies/first.scl").exit_code == 0
    assert "scalingdsl run first.scl" in folder.joinpath("studies", "first.scl").read_text()
    assert call("init", "studies").stdout == "studies/walk.scl\n"


def test_the_last_line_of_the_help_of_all_commands_starts_a_newcomer() -> None:
    assert call("--help").stdout.splitlines()[-1].strip() == (
        "A first study: scalingdsl init first.scl, then scalingdsl run first.scl"
    )
