"""The surface of the command line, pinned; its statuses; what it says when something is wrong."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import click
import pytest
from click.testing import CliRunner
from scalingdsl.engine.cli import COMMANDS, main
from scalingdsl.engine.commands import plan as plan_module

SURFACE = {
    "plan": [
        *("study", "--set", "--out", "--device", "--workers", "--max-runs", "--data-root"),
        *("--design", "--assume", "--machine", "--recalibrate", "--detailed-exitcode"),
        *("--trainer", "--trainer-version", "--timeout", "--retries", "--gpus-per-run", "--output-format", "--json"),
    ],
    "run": [
        *("study", "--set", "--out", "--device", "--executor", "--sbatch", "--workers", "--fail-fast"),
        *("--checkpoint-every", "--max-runs", "--data-root"),
        *("--trainer", "--trainer-version", "--timeout", "--retries", "--gpus-per-run"),
        *("--output-format", "--json"),
    ],
    "work": [
        *("folder", "--device", "--workers", "--for", "--idle", "--checkpoint-every"),
        *("--trainer", "--trainer-version", "--timeout", "--retries", "--gpus-per-run", "--output-format", "--json"),
    ],
    "status": ["folder", "--output-format", "--json"],
    "report": ["folder", "--to", "--open", "--output-format", "--json"],
    "why": ["run", "--out", "--study", "--set", "--output-format", "--json"],
    "diff": ["a", "b", "--output-format", "--json"],
    "export": ["folder", "--to", "--what", "--output-format", "--json"],
}


def call(*args: str) -> tuple[int, str, str]:
    result = CliRunner().invoke(main, list(args))
    return result.exit_code, result.stdout, result.stderr


def test_commands() -> None:
    assert (
        *(
            "init",
            "validate",
            "plan",
            "summary",
            "run",
            "work",
            "status",
            "report",
            "fit",
            "fmt",
            "explain",
            "why",
            "diff",
            "export",
            "corpus",
            "schema",
        ),
    ) == COMMANDS


@pytest.mark.parametrize("name", SURFACE)
def test_options(name: str) -> None:
    command = main.get_command(click.Context(main), name)
    assert command is not None
    assert [p.opts[0] if p.opts[0].startswith("-") else p.name for p in command.params] == SURFACE[name]


@pytest.mark.parametrize("name", COMMANDS)
def test_every_command_has_help_with_an_example(name: str) -> None:
    status, out, _ = call(name, "--help")
    assert status == 0
    assert f"scalingdsl {name} " in out


def test_version() -> None:
    assert call("--version")[1].startswith("scalingdsl, version ")


@pytest.mark.parametrize("args", [("nope",), ("plan",), ("plan", "x.scl", "--nope"), ("run", "no-such-file.scl")])
def test_a_wrong_request_ends_with_2_in_json_too(args: tuple[str, ...]) -> None:
    status, _, err = call(*args)
    assert status == 2
    assert "Error: " in err
    status, out, _ = call(*args, "--json")
    assert status == 2
    found = json.loads(out)
    assert found["format_version"] == 1
    assert found["command"] == args[0]
    assert found["error"]


def test_a_request_that_cannot_be_met_is_said_on_stderr_in_json_too(tmp_path: Path) -> None:
    for args in (("validate", "nofile"), ("why", "nofile"), ("plan", "nofile"), ("plan", "--nope", "x"), ("fmt", "no")):
        status, out, err = call(*args, "--json")
        assert (status, err) == (2, f"error: {json.loads(out)['error']}\n"), args


def test_a_misspelt_option_is_suggested(tmp_path: Path) -> None:
    assert "no option --wrkers; a similar name exists: --workers" in call("plan", "x.scl", "--wrkers", "3")[2]


def test_a_study_of_a_like_name_is_suggested_and_no_other(tmp_path: Path) -> None:
    (tmp_path / "isoflop.scl").write_text("")
    assert "similar" not in call("plan", str(tmp_path / "nofile.scl"))[2]
    for near in ("isoflop", "isofop.scl", "isoflops"):
        assert f"a study of a similar name exists: {tmp_path / 'isoflop.scl'}" in call("plan", str(tmp_path / near))[2]


def test_a_script_can_tell_that_nothing_is_to_be_trained(tmp_path: Path) -> None:
    study, table, wrong = (tmp_path / name for name in ("s.scl", "t.scl", "wrong.scl"))
    study.write_text("data walk(er(n=64, p=.1)); models width in [16..32]; fit power(D)")
    (tmp_path / "runs.csv").write_text(TABLE)
    table.write_text('data table("runs.csv")\nfit power(N, E=2, bootstrap=50)\n')
    wrong.write_text("fit a b")
    detailed = {
        name: call("plan", str(tmp_path / f"{name}.scl"), "--detailed-exitcode")[0] for name in ("s", "t", "wrong")
    }
    assert detailed == {"s": 10, "t": 0, "wrong": 1}
    assert call("plan", str(study))[0] == 0


@pytest.mark.parametrize(
    ("environment", "coloured"),
    [
        ({}, False),
        ({"FORCE_COLOR": "1"}, True),
        ({"CLICOLOR_FORCE": "1"}, True),
        ({"FORCE_COLOR": "0"}, False),
        ({"FORCE_COLOR": "1", "NO_COLOR": "1"}, False),
    ],
)
def test_colours_can_be_asked_for(tmp_path: Path, environment: dict[str, str], coloured: bool) -> None:
    (tmp_path / "a.scl").write_text("fit a b")
    found = CliRunner(env={"NO_COLOR": "", **environment}).invoke(main, ["validate", str(tmp_path / "a.scl")])
    assert ("\x1b[" in found.stdout) is coloured


def test_a_misspelt_command_is_suggested() -> None:
    assert "no command 'pln'; a similar name exists: plan" in call("pln")[2]


def test_settings_are_name_and_value(tmp_path: Path) -> None:
    (tmp_path / "s.scl").write_text("data walk(er(n=64, p=.1)); models width in [16..32]; fit power(N)")
    assert "'width' is not NAME=VALUE" in call("plan", str(tmp_path / "s.scl"), "--set", "width")[2]


TABLE = "N,D,loss\n" + "".join(f"{n},{d},{2 + 9 * n**-0.3 + 9 * d**-0.3}\n" for n in (1e6, 1e7) for d in (1e8, 1e9))


def test_a_table_may_lie_in_a_data_root(tmp_path: Path) -> None:
    """Beside the study's folder: refused, and then allowed for plan, run and report alike."""
    (tmp_path / "studies").mkdir()
    (tmp_path / "runs.csv").write_text(TABLE)
    study = tmp_path / "studies" / "s.scl"
    study.write_text('data table("../runs.csv")\nlet ours = power(N, E=2, bootstrap=50) where D < 500M\nfit ours\n')
    assert call("plan", str(study))[0] == 1
    root, out = ("--data-root", str(tmp_path)), str(tmp_path / "out")
    status, said, _ = call("plan", str(study), *root)
    assert status == 0
    assert "fit     ours = power where D < 500M" in said
    assert call("run", str(study), *root, "--out", out)[0] == 0
    assert call("report", out)[0] == 0


def test_plan_lists_keys_for_why(tmp_path: Path) -> None:
    (tmp_path / "s.scl").write_text("data walk(er(n=64, p=.1)); models width in [16..32]; fit power(D)")
    study = str(tmp_path / "s.scl")
    grid = json.loads(call("plan", study, "--machine", "h100", "--json")[1])["grid"]
    assert {row["width"] for row in grid} == {16, 32}
    assert call("why", grid[0]["run"], "--study", study, "--out", str(tmp_path / "none"))[0] == 0


def test_diff_says_what_differs_in_words(tmp_path: Path) -> None:
    for name, law in (("a", "power(D)"), ("b", "chinchilla")):
        (tmp_path / f"{name}.scl").write_text(f"data walk(er(n=64, p=.1)); models width in [16..64]; fit {law}")
    status, said, _ = call("diff", str(tmp_path / "a.scl"), str(tmp_path / "b.scl"))
    assert status == 0
    assert "fit chinchilla.variables: (nothing) -> N=N, D=D\n" in said


def test_a_file_is_no_results_folder(tmp_path: Path) -> None:
    (tmp_path / "s.scl").write_text("data walk(er(n=64, p=.1)); models width in [16..32]; fit power(D)")
    (tmp_path / "file").write_text("")
    status, _, err = call("run", str(tmp_path / "s.scl"), "--out", str(tmp_path / "file"))
    assert (status, "is no folder; give one with --out" in err) == (2, True)


def test_no_results_folder_ends_with_2(tmp_path: Path) -> None:
    for args in (["status"], ["report"], ["export", "--to", "csv"]):
        status, _, err = call(args[0], str(tmp_path), *args[1:])
        assert status == 2
        assert f"error: {tmp_path} is not a results folder" in err


@pytest.mark.parametrize(
    ("error", "status", "said"),
    [
        (KeyboardInterrupt(), 130, "interrupted"),
        (PermissionError(13, "Permission denied", "/results"), 2, "error: Permission denied: /results"),
        (KeyError("x"), 70, "error: internal error, a fault of scalingdsl: KeyError: 'x'"),
    ],
)
def test_errors_become_words(monkeypatch: pytest.MonkeyPatch, error: BaseException, status: int, said: str) -> None:
    def broken(*args: object, **kwargs: object) -> None:
        raise error

    monkeypatch.setattr(plan_module, "load_study", broken)
    found, _, err = call("plan", "x.scl")
    assert found == status
    assert said in err
    assert "Traceback" not in err


def test_debug_shows_the_traceback(tmp_path: Path) -> None:
    command = [sys.executable, "-m", "scalingdsl.engine.cli", "--debug", "status", str(tmp_path)]
    shown = subprocess.run(command, capture_output=True, text=True, check=False)
    assert "Traceback" in shown.stderr
    assert "is not a results folder" in shown.stderr


def test_a_reader_that_leaves_is_no_error() -> None:
    speaker = [sys.executable, "-m", "scalingdsl.engine.cli", "--help"]
    with subprocess.Popen(speaker, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        assert process.stderr is not None
        process.stdout.close()
        assert process.stderr.read() == ""


def test_the_command_line_imports_nothing_heavy() -> None:
    """Not even to list all commands with their help."""
    listing = "main(['--help'], standalone_mode=False)"
    code = f"import sys; from scalingdsl.engine.cli import main; {listing}; print(*sys.modules)"
    shown = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert "Train what is missing" in shown.stdout
    heavy = {"torch", "numpy", "scipy", "rich", "matplotlib", "networkx"}
    assert not heavy & set(shown.stdout.splitlines()[-1].split())
