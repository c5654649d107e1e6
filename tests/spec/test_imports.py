"""Checking a study loads no numerical library, and nothing that only mistakes and files need."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

#: A study that is shipped, without a warning.
STUDY = Path(__file__).parents[2] / "studies" / "er.scl"
HEAVY = ("torch", "numpy", "scipy", "networkx", "matplotlib", "jinja2", "rich", "pandas")
#: Folders and modules of the language that a valid study of known sources does without; of `files`, it has one.
WHERE_WRONG = (
    "helps",
    "rereading",
    "rewording",
    "syntax.recovery",
    "checks.arguments",
    "claims.not_worked_out",
    "requests.known_law",
    "diagnostics.certainty",
    "diagnostics.follow_ups",
    "diagnostics.render",
    "diagnostics.snippet",
)
FOR_FILES = (
    "checks.of_tables",
    "resolve.columns",
    "resolve.table_quantities",
    "resolve.text_wishes",
)

SCRIPT = """
import json, sys
import scalingdsl.spec
bare = sorted(m for m in sys.modules if m.split(".")[0] in ("pydantic", "lark", "click"))
checked = scalingdsl.spec.check(sys.argv[1])
list(checked.plan.runs())
print(json.dumps([bare, sorted(sys.modules)]))
"""


def modules(path: Path) -> tuple[list[str], list[str]]:
    """Libraries loaded by importing the package, and every module loaded once a study is checked and expanded."""
    done = subprocess.run([sys.executable, "-c", SCRIPT, str(path)], capture_output=True, text=True, check=True)
    bare, loaded = json.loads(done.stdout)
    return bare, loaded


def test_checking_and_expanding_need_no_numerical_library_and_nothing_of_mistakes_or_files() -> None:
    bare, loaded = modules(STUDY)
    assert bare == []
    assert {*HEAVY} & {name.split(".")[0] for name in loaded} == set()
    own = [name.removeprefix("scalingdsl.spec.") for name in loaded if name.startswith("scalingdsl.spec.")]
    assert "checker" in own
    assert [name for name in own if f"{name}.".startswith(tuple(f"{part}." for part in WHERE_WRONG + FOR_FILES))] == []
    assert [name for name in own if name.startswith("files.")] == ["files.raw_file"]
