"""Functions of Python beside the commands of the command line: the same options, the same numbers."""

from __future__ import annotations

import inspect
import json
from importlib import import_module
from pathlib import Path
from typing import Any, Literal, get_args, get_origin, get_type_hints

import click
import numpy as np
import pytest
import scalingdsl.engine
from click.testing import CliRunner
from scalingdsl.engine.cli import main
from scalingdsl.engine.executors.events import Callback
from scalingdsl.engine.python import calls
from scalingdsl.engine.python.magic import keyword
from scalingdsl.spec import SpecError, UsageError

STUDY = "data walk(er(n=64, p=.2), length=8)\nmodels transformer(heads=1)  width in {8, 16}\ntrain adamw  steps=2\n"
#: Options of a terminal, and keywords of Python: a study's text, and what watches.
TERMINAL = {"json", "output_format", "detailed_exitcode", "plot"}
PYTHON = {"text", "progress"}


def test_the_package_lists_what_it_offers() -> None:
    assert {"fit", "load", "plan", "report_of", "run"} <= set(dir(scalingdsl.engine))
    assert scalingdsl.engine.fit is calls.fit


@pytest.mark.parametrize("name", ["fit", "plan", "run"])
def test_options_are_those_of_the_command(name: str) -> None:
    command = import_module(f"scalingdsl.engine.commands.{name}").command
    function = getattr(calls, name)
    hints = get_type_hints(function, {**vars(calls), "Callback": Callback, **RESULTS})
    keywords = {p.name: p for p in inspect.signature(function).parameters.values() if p.name not in ("table", "study")}
    options = {keyword(o): o for o in command.params if isinstance(o, click.Option)}
    assert keywords.keys() - PYTHON == options.keys() - TERMINAL
    for option, declared in options.items():
        if option in TERMINAL:
            continue
        default = declared.default if declared.default.__class__.__name__ != "Sentinel" else None
        assert (keywords[option].default or None) == (default or None), option
        if isinstance(declared.type, click.Choice):
            assert set(declared.type.choices) == set(choices(hints[option])), option


RESULTS = dict.fromkeys(("FittedTable", "PlannedHere", "Outcome", "StudyReport", "StudyPlan", "Checked"), Any)


def choices(hint: Any) -> tuple[Any, ...]:
    """The values of a literal, perhaps one that may also be None."""
    if get_origin(hint) is Literal:
        return get_args(hint)
    return next(get_args(part) for part in get_args(hint) if get_origin(part) is Literal)


def test_a_data_frame_is_fitted_as_the_command_fits_its_file(tmp_path: Path) -> None:
    pandas = pytest.importorskip("pandas")
    rng = np.random.default_rng(5)
    n, d = (grid.ravel() for grid in np.meshgrid(np.geomspace(1e6, 1e9, 6), np.geomspace(1e8, 1e11, 6)))
    loss = (1.7 + 400 * n**-0.34 + 410 * d**-0.28) * rng.normal(1, 0.004, n.size)
    frame = pandas.DataFrame({"params": n, "tokens": d, "loss": loss, "run": [f"r{i // 2}" for i in range(n.size)]})
    frame.to_csv(tmp_path / "runs.csv", index=False)
    arguments = ["fit", str(tmp_path / "runs.csv"), "--bootstrap", "100", "--columns", "run=run", "--json"]
    said = json.loads(CliRunner().invoke(main, arguments).stdout)
    found = calls.fit(frame, bootstrap=100, columns={"run": "run"})
    assert found.fit.params == said["params"]
    assert {name: list(interval) for name, interval in found.fit.intervals.items()} == said["intervals"]
    assert found.optimum is not None
    assert found.optimum.params == said["optimum"]


def test_a_study_is_a_file_or_a_text(tmp_path: Path) -> None:
    (tmp_path / "a.scl").write_text(STUDY)
    assert calls.load(tmp_path / "a.scl").digest == calls.load(text=STUDY).digest
    with pytest.raises(UsageError, match="give its path, or text"):
        calls.load()


def test_options_reach_a_plan(tmp_path: Path) -> None:
    text = f"let steps_ = 2\n{STUDY.replace('steps=2', 'steps = steps_')}"
    plan = calls.plan(text=text, set={"steps_": "4"}, out=tmp_path / "out", machine="h100")
    assert {run.n_tokens for run in plan.runs} == {4 * 8 * 8}
    assert plan.cost.machine.name == "h100"  # type: ignore[union-attr]
    with pytest.raises(UsageError):
        calls.plan(text=STUDY, machine="abacus")


def test_an_error_shows_every_mistake_in_its_line() -> None:
    with pytest.raises(SpecError) as raised:
        calls.plan(text="data walk(er(n=64, p=.2)); models width in [8..32]; fit chincilla")
    shown = str(raised.value)
    assert "--> <text>:1:57" in shown
    assert "^^^^^^^^^" in shown
    assert raised.value._render_traceback_()[1:] == shown.split("\n")


def test_a_missing_file_is_no_table() -> None:
    with pytest.raises(UsageError, match="no table at nowhere"):
        calls.fit("nowhere.csv")
