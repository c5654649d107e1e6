"""`scalingdsl fmt`: in place, checked, as a difference, through standard streams."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from click.testing import CliRunner, Result
from scalingdsl.engine.cli import main

ROUGH = "data walk(er(512,.02)) # source\nmodels   width in [32..256]\n"
NEAT = "data walk(er(512, 0.02))  # source\nmodels width in [32..256]\n"


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An empty working directory."""
    monkeypatch.chdir(tmp_path)
    return tmp_path


def fmt(*args: str, stdin: str | None = None) -> Result:
    return CliRunner().invoke(main, ["fmt", *args], input=stdin)


def test_files_are_rewritten_once(folder: Path) -> None:
    folder.joinpath("a.scl").write_text(ROUGH)
    folder.joinpath("b.scl").write_text(NEAT)
    result = fmt(".")
    assert (result.exit_code, result.stdout, result.stderr) == (0, "", "reformatted a.scl\n")
    assert folder.joinpath("a.scl").read_text() == NEAT
    assert fmt(".").stderr == ""


def test_newlines_stay_what_they_are(folder: Path) -> None:
    folder.joinpath("a.scl").write_bytes(ROUGH.replace("\n", "\r\n").encode())
    fmt("a.scl")
    assert folder.joinpath("a.scl").read_bytes() == NEAT.replace("\n", "\r\n").encode()
    assert fmt("--check", "a.scl").exit_code == 0


def test_check_and_diff_change_nothing(folder: Path) -> None:
    folder.joinpath("a.scl").write_text(ROUGH)
    checked, differs = fmt("--check", "a.scl"), fmt("--diff", "a.scl")
    assert (checked.exit_code, checked.stdout, checked.stderr) == (1, "", "would reformat a.scl\n")
    assert differs.exit_code == 1
    assert differs.stdout == (
        "--- a.scl\n+++ a.scl (formatted)\n@@ -1,2 +1,2 @@\n"
        "-data walk(er(512,.02)) # source\n-models   width in [32..256]\n"
        "+data walk(er(512, 0.02))  # source\n+models width in [32..256]\n"
    )
    assert folder.joinpath("a.scl").read_text() == ROUGH
    folder.joinpath("a.scl").write_text(NEAT)
    assert fmt("--check", "--diff", "a.scl").exit_code == 0


def test_standard_streams(folder: Path) -> None:
    result = fmt("-", stdin=ROUGH)
    assert (result.exit_code, result.stdout, result.stderr) == (0, NEAT, "")
    assert fmt("--check", "-", stdin=ROUGH).exit_code == 1
    assert fmt("--check", "-", stdin=ROUGH).stdout == ""


def test_what_does_not_parse_is_left_alone(folder: Path) -> None:
    folder.joinpath("a.scl").write_text("fit a b")
    folder.joinpath("b.scl").write_text(ROUGH)
    result = fmt(".")
    assert result.exit_code == 1
    assert "error[SCL008]" in result.stderr
    assert "1 of 2 left as they are" in result.stderr
    assert folder.joinpath("a.scl").read_text() == "fit a b"
    assert folder.joinpath("b.scl").read_text() == NEAT
    assert fmt("none.scl").exit_code == 2


def test_json(folder: Path) -> None:
    folder.joinpath("a.scl").write_text(ROUGH)
    folder.joinpath("b.scl").write_text("fit a b")
    folder.joinpath("c.scl").write_text(NEAT)
    shown = json.loads(fmt("--check", "--json", ".").stdout)
    assert shown["files"] == [
        {"file": "a.scl", "status": "would change"},
        {"file": "b.scl", "status": "invalid"},
        {"file": "c.scl", "status": "unchanged"},
    ]
    assert [d["code"] for d in shown["diagnostics"]] == ["SCL008"]
    assert json.loads(fmt("--json", ".").stdout)["files"][0]["status"] == "reformatted"
    assert json.loads(fmt("--json", "-", stdin=ROUGH).stdout)["files"][0]["text"] == NEAT
