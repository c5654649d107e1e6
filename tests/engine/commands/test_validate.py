"""`scalingdsl validate`: files, formats, exit statuses, fixes."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from click.testing import CliRunner, Result
from scalingdsl.engine.cli import main

GOOD = "data walk(er(n=512, p=.02))\nmodels width in [32..256]\n"
COMMA = "data walk(er(n=512 p=.02))\nmodels width in [32..256]\n"
STOPS = "data walk(er(n=512, p=.02))\nmodels width in [32..300]\n"


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An empty working directory."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("SCL_OUTPUT_FORMAT", raising=False)
    return tmp_path


def validate(*args: str, stdin: str | bytes | None = None, **env: str) -> Result:
    return CliRunner().invoke(main, ["validate", *args], input=stdin, env=env)


def test_a_good_study(folder: Path) -> None:
    folder.joinpath("a.scl").write_text(GOOD)
    result = validate("a.scl")
    assert (result.exit_code, result.stdout, result.stderr) == (0, "1 study is valid\n", "")


def test_folders_are_searched_and_every_mistake_is_shown(folder: Path) -> None:
    for name, text in {
        "b.scl": COMMA,
        "sub/a.scl": GOOD,
        "sub/c.scl": "fit power(N) power(D)\n" + GOOD,
        ".hidden/d.scl": COMMA,
    }.items():
        folder.joinpath(name).parent.mkdir(exist_ok=True)
        folder.joinpath(name).write_text(text)
    folder.joinpath("notes.txt").write_text("no study")
    result = validate(".", "b.scl", "--output-format", "concise")
    assert result.exit_code == 1
    assert result.stdout == (
        "b.scl:1:20: error[SCL008]: [*] a comma is missing before `p`\n"
        "sub/c.scl:1:14: error[SCL008]: [*] a comma is missing before `power`\n"
    )
    assert result.stderr == "2 errors in 2 of 3 files; --fix mends 2\n"


def test_the_whole_message(folder: Path) -> None:
    folder.joinpath("a.scl").write_text(COMMA)
    result = validate("a.scl")
    assert result.exit_code == 1
    assert result.stdout == (
        "error[SCL008]: a comma is missing before `p`\n"
        " --> a.scl:1:20\n"
        "  |\n"
        "1 | data walk(er(n=512 p=.02))\n"
        "  |                    ^\n"
        "  |\n"
        "  = note: while reading the arguments of `er`\n"
        "  = help: write `n=512, p=.02`\n"
        "\n"
        "1 error; --fix mends 1\n"
    )


def test_warnings_count_only_when_strict(folder: Path) -> None:
    folder.joinpath("a.scl").write_text(STOPS)
    assert validate("a.scl").exit_code == 0
    assert "1 warning\n" in validate("a.scl").stdout
    assert validate("a.scl", "--strict").exit_code == 1


@pytest.mark.parametrize("args", [["none.scl"], ["empty"], ["a.scl", "none.scl"], []])
def test_what_is_not_there_is_a_usage_error(folder: Path, args: list[str]) -> None:
    folder.joinpath("empty").mkdir()
    folder.joinpath("a.scl").write_text(GOOD)
    result = validate(*args)
    assert result.exit_code == 2
    assert result.stdout == ""
    with_json = validate(*args, "--json")
    assert with_json.exit_code == 2
    assert json.loads(with_json.stdout).keys() == {"format_version", "command", "error", "exit_status"}


def test_a_file_that_cannot_be_read_does_not_hide_the_others(folder: Path) -> None:
    folder.joinpath("a.scl").write_bytes(b'title "\xff"')
    folder.joinpath("b.scl").write_text(COMMA)
    result = validate(".", "--output-format", "concise")
    assert result.exit_code == 2
    assert result.stdout.startswith("b.scl:1:20: error[SCL008]")
    assert "error: cannot read a.scl: it is not UTF-8 text\n" in result.stderr
    shown = json.loads(validate(".", "--json").stdout)
    assert shown["unread"] == ["cannot read a.scl: it is not UTF-8 text"]
    assert shown["valid"] is False


def test_standard_input(folder: Path) -> None:
    result = validate("-", "--stdin-filename", "drafts/x.scl", "--output-format", "concise", stdin=COMMA)
    assert result.stdout == "drafts/x.scl:1:20: error[SCL008]: [*] a comma is missing before `p`\n"
    assert validate("-", stdin=GOOD).exit_code == 0
    assert validate("-", stdin=b"\xff").exit_code == 2


def test_json(folder: Path) -> None:
    folder.joinpath("a.scl").write_text(COMMA)
    shown = json.loads(validate("a.scl", "--json").stdout)
    assert list(shown) == [
        *("format_version", "command", "valid", "error_count", "warning_count", "diagnostics", "files", "unread")
    ]
    assert (shown["command"], shown["valid"], shown["error_count"], shown["files"]) == ("validate", False, 1, ["a.scl"])
    assert shown["diagnostics"][0]["code"] == "SCL008"
    assert validate("a.scl", "--output-format", "json").stdout == validate("a.scl", "--json").stdout


def test_github_keeps_words_for_people_on_stderr(folder: Path) -> None:
    folder.joinpath("a.scl").write_text(COMMA)
    result = validate("a.scl", SCL_OUTPUT_FORMAT="github")
    assert result.stdout.startswith("::error title=scalingdsl (SCL008),file=a.scl,line=1,col=20,")
    assert result.stderr.startswith("a.scl:1:20: error[SCL008]")


def test_sarif(folder: Path) -> None:
    folder.joinpath("a.scl").write_text(COMMA)
    log = json.loads(validate("a.scl", "--output-format", "sarif").stdout)
    assert log["runs"][0]["results"][0]["ruleId"] == "SCL008"
    folder.joinpath("a.scl").write_text(GOOD)
    assert json.loads(validate("a.scl", "--output-format", "sarif").stdout)["runs"][0]["results"] == []


def test_set(folder: Path) -> None:
    folder.joinpath("a.scl").write_text("let p = .02\ndata walk(er(n=512, p=p))\nmodels width in [32..256]\n")
    assert validate("a.scl", "--set", "p=.03").exit_code == 0
    assert validate("a.scl", "--set", "p=3").exit_code == 1
    assert validate("a.scl", "--set", "q=3").exit_code == 1
    assert validate("a.scl", "--set", "p").exit_code == 2


def test_max_runs(folder: Path) -> None:
    folder.joinpath("a.scl").write_text(GOOD + "train seed in [0..99 step 1]")
    assert validate("a.scl").exit_code == 0
    assert validate("a.scl", "--max-runs", "10").exit_code == 1


def test_fix_mends_in_place_round_by_round_and_keeps_newlines(folder: Path) -> None:
    wrong = "data walk(er(n=512 p=.02), kappa=0)\r\nmodels widht in [32..256]\r\nfit chinchilla power(N)\r\n"
    folder.joinpath("a.scl").write_bytes(wrong.encode())
    result = validate("a.scl", "--fix", "--output-format", "concise")
    assert (result.exit_code, result.stderr) == (0, "a.scl: mended 3 mistakes\n1 study is valid\n")
    text = folder.joinpath("a.scl").read_bytes().decode()
    assert text == "data walk(er(n=512, p=.02), kappa=0)\r\nmodels width in [32..256]\r\nfit chinchilla, power(N)\r\n"


def test_fixes_that_may_be_wrong_need_asking(folder: Path) -> None:
    folder.joinpath("a.scl").write_text("data walk(er(n=512, p=.02))\nmodels width [32..256]\n")
    assert validate("a.scl", "--fix").exit_code == 1
    assert validate("a.scl", "--unsafe-fixes").exit_code == 2
    assert validate("a.scl", "--fix", "--unsafe-fixes").exit_code == 0
    assert folder.joinpath("a.scl").read_text() == GOOD


def test_fix_of_standard_input_gives_the_text_on_stdout(folder: Path) -> None:
    result = validate("-", "--fix", stdin=COMMA)
    assert (result.exit_code, result.stdout) == (0, GOOD)
    assert "mended 1 mistake" in result.stderr


def test_a_used_file_is_named_from_where_the_command_runs(folder: Path) -> None:
    folder.joinpath("sub").mkdir()
    folder.joinpath("sub/base.scl").write_text(COMMA)
    folder.joinpath("sub/x.scl").write_text('use "base.scl"\n')
    result = validate("sub/x.scl", "--output-format", "concise")
    assert result.stdout == "sub/base.scl:1:20: error[SCL008]: [*] a comma is missing before `p`\n"
    assert validate("sub", "--output-format", "concise").stdout == result.stdout


def test_nothing_heavy_is_imported() -> None:
    import subprocess
    import sys

    code = (
        "import sys\nfrom scalingdsl.engine.cli import main\n"
        "try:\n    main(['validate', '-'])\nexcept SystemExit as e:\n    assert e.code == 0, e.code\n"
        "heavy = {'torch', 'numpy', 'scipy', 'networkx', 'matplotlib', 'jinja2', 'rich'} & set(sys.modules)\n"
        "assert not heavy, heavy"
    )
    done = subprocess.run([sys.executable, "-c", code], input=GOOD, text=True, capture_output=True, check=False)
    assert done.returncode == 0, done.stderr
