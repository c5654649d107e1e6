"""Checking a study loads no numerical library, and importing the package loads next to nothing."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

from .support import STUDIES

HEAVY = ("torch", "numpy", "scipy", "networkx", "matplotlib", "jinja2", "rich", "pandas")

SCRIPT = """
import json, sys
import scalingdsl.spec
bare = sorted(m for m in sys.modules if m.split(".")[0] in ("pydantic", "lark", "click"))
checked = scalingdsl.spec.check(sys.argv[1])
list(checked.plan.runs())
print(json.dumps([bare, sorted({m.split(".")[0] for m in sys.modules})]))
"""


def modules(path: Path) -> tuple[list[str], list[str]]:
    """Libraries loaded by importing the package, and top-level modules after a study is checked and expanded."""
    done = subprocess.run([sys.executable, "-c", SCRIPT, str(path)], capture_output=True, text=True, check=True)
    bare, loaded = json.loads(done.stdout)
    return bare, loaded


def test_checking_and_expanding_need_no_numerical_library() -> None:
    bare, loaded = modules(STUDIES / "walks.scl")
    assert bare == []
    assert [name for name in HEAVY if name in loaded] == []
