"""`scalingdsl explain`."""

from __future__ import annotations

import json
import subprocess
import sys

import pytest
from click.testing import CliRunner, Result
from scalingdsl.engine.cli import main
from scalingdsl.spec.diagnostics.catalogue.syntax_codes import CODES
from scalingdsl.spec.vocabulary import glossary


def explain(*args: str) -> Result:
    return CliRunner().invoke(main, ["explain", *args])


@pytest.mark.parametrize("code", ["SCL008", "scl008", "8", "SCL8"])
def test_a_code(code: str) -> None:
    result = explain(code)
    assert result.exit_code == 0
    assert result.stdout == (
        "SCL008: a missing comma\n\n"
        "Arguments, values in braces, and the items after fit, optimum, budget and report are\n"
        "separated by commas. Axes and definitions outside parentheses are not.\n\n"
        "Wrong:\n\n    data walk(er(n=512 p=.02))\n    models width in [32..256]\n\n"
        "Right:\n\n    data walk(er(n=512, p=.02))\n    models width in [32..256]\n"
    )


def test_all_codes() -> None:
    lines = explain().stdout.splitlines()
    assert [line.split()[0] for line in lines[: len(CODES)]] == sorted(CODES)
    assert {line[:3] for line in lines[len(CODES) :]} == {"FIT", "RUN"}
    assert lines[0] == "SCL001  text that does not fit the grammar"


def test_json() -> None:
    shown = json.loads(explain("SCL008", "--json").stdout)
    assert list(shown) == ["format_version", "command", "code", "title", "explanation", "wrong", "right"]
    assert [c["code"] for c in json.loads(explain("--json").stdout)["codes"]][: len(CODES)] == sorted(CODES)


@pytest.mark.parametrize(("code", "title"), [("FIT101", "a parameter at its bound"), ("run202", "runs diverged")])
def test_a_warning_of_a_report(code: str, title: str) -> None:
    assert explain(code).stdout.startswith(f"{code.upper()}: {title}\n\n")
    shown = json.loads(explain(code, "--json").stdout)
    assert list(shown) == ["format_version", "command", "code", "title", "explanation"]


def test_no_such_code() -> None:
    result = explain("SCL9999")
    assert result.exit_code == 2
    assert "no code is called 'SCL9999'" in result.stderr
    assert "error" in json.loads(explain("SCL9999", "--json").stdout)


def test_a_word_that_is_misspelled() -> None:
    assert "; a similar word exists: adamw." in explain("adamww").stderr


@pytest.mark.parametrize(
    ("word", "said"),
    [
        ("along", "A clause: makes an axis of points on one run's way"),
        ("use", "A statement: takes all that another study says"),
        ("epochs", "A setting of `train`: passes over the unique tokens."),
        ("width", "| `mlp` | whole number, features"),
        ("share", "An option of every law: parameters that are the same in every panel."),
        ("huber", "An objective: minimises squares"),
        ("alpha", "A fitted number of `chinchilla`"),
        ("gamma", "A fitted number of `power`"),
        ("median", "A reduction: median"),
        ("rank", "A function: place among"),
        ("entropy_rate", "A quantity of a cell: entropy rate of the source"),
        ("L", "A quantity of a fit: loss that a law predicts"),
        ("hill", "A fact of `percolation`"),
        ("PFLOP", "Letters behind a number"),
        ("walk", "Random walks on a graph"),
    ],
)
def test_a_word_of_any_kind(word: str, said: str) -> None:
    assert said in explain(word).stdout
    assert json.loads(explain(word, "--json").stdout)["word"] == word


def test_every_name_is_explained() -> None:
    for name in glossary.names():
        assert len(glossary.page(name).splitlines()) > 2, name


@pytest.mark.parametrize("code", ["SCL008", "FIT101", "RUN201"])
def test_the_meaning_of_a_code_is_text_that_needs_no_library(code: str) -> None:
    call = "main(sys.argv[1:], standalone_mode=False)"
    script = f"import sys; from scalingdsl.engine.cli import main; {call}; print(*sys.modules)"
    shown = subprocess.run([sys.executable, "-c", script, "explain", code], capture_output=True, text=True, check=True)
    loaded = {name.split(".")[0] for name in shown.stdout.splitlines()[-1].split()}
    assert not loaded & {"numpy", "scipy", "pydantic", "lark", "torch"}
