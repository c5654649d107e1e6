"""The notebook of the documentation, executed: what it displays is there, and short."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from scalingdsl.engine.python.magic import scaling
from scalingdsl.engine.python.studies_shown import PlannedHere
from scalingdsl.spec import SpecError, UsageError

NOTEBOOK = Path(__file__).parents[3] / "docs" / "examples" / "notebook.ipynb"
CELL = "data walk(er(n=64, p=.2), length=8)\nmodels transformer(heads=1)  width in {8, 16}\ntrain adamw  steps=2\n"
#: In a process of its own: kernels leave threads and warnings of their libraries behind.
EXECUTE = """
import sys, nbclient, nbformat
book = nbformat.read(sys.argv[1], as_version=4)
nbclient.NotebookClient(book, timeout=200, kernel_name="python3").execute()
nbformat.write(book, sys.argv[2])
"""


@pytest.mark.slow
def test_the_notebook_runs_and_displays_plan_fit_and_outcome(tmp_path: Path) -> None:
    pytest.importorskip("nbclient")
    pytest.importorskip("ipykernel")
    pytest.importorskip("pandas")
    book = tmp_path / "executed.ipynb"
    done = subprocess.run(
        [sys.executable, "-c", EXECUTE, str(NOTEBOOK), str(book)],
        cwd=tmp_path,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    displays = dict(markdown_of(json.loads(book.read_text())))
    starts = {"plan": "**Walks in a notebook**, plan", "fit": "**chinchilla**: ", "run": "**Walks in a notebook**: "}
    for tag, start in starts.items():
        assert displays[tag].startswith(start)
        assert len(displays[tag].encode()) < 2000
    assert len(displays) == len(starts) + 1


def markdown_of(book: dict[str, Any]) -> list[tuple[str, str]]:
    """The Markdown that each tagged cell displays; no display of any cell is long but for pictures."""
    found = []
    for cell in book["cells"]:
        for output in cell.get("outputs", ()):
            data = output.get("data", {})
            assert len("".join(data.get("text/plain", ""))) < 2000
            if "text/markdown" in data:
                found.append((cell["metadata"]["tags"][0], "".join(data["text/markdown"])))
    return found


def test_the_magic_plans_a_cell_and_names_the_value() -> None:
    into, value = scaling("--machine h100 --into mine", CELL)
    assert into == "mine"
    assert isinstance(value, PlannedHere)
    assert value.cost.machine.name == "h100"  # type: ignore[union-attr]


@pytest.mark.parametrize(
    ("line", "message"),
    [
        ("train", "%%scaling knows plan and run, not 'train'"),
        ("plan --into 3", "--into is followed by the name"),
        ("plan --workers many", "many"),
    ],
)
def test_a_line_that_asks_for_what_there_is_not(line: str, message: str) -> None:
    with pytest.raises(UsageError, match=message):
        scaling(line, CELL)


def test_a_mistake_in_a_cell_is_shown_in_its_line() -> None:
    with pytest.raises(SpecError, match="--> <text>:2:8"):
        scaling("", CELL.replace("transformer", "transfromer"))
