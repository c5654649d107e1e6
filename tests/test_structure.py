"""The shape of both packages: small folders, names that tell modules apart, and no import cycle of any kind."""

from __future__ import annotations

import ast
from collections import Counter
from collections.abc import Iterator
from graphlib import CycleError, TopologicalSorter
from importlib import import_module
from pathlib import Path

import pytest

PACKAGES = ("scalingdsl.spec", "scalingdsl.engine")
LARGEST_FOLDER = 15
#: Modules that play the same part in sibling folders.
SAME_PART = {"__init__", "registry", "base", "protocol"}


def modules(package: str) -> dict[str, Path]:
    """Every module of a package by its full name; a folder by that of its `__init__`."""
    root = Path(str(import_module(package).__file__)).parent
    found = {}
    for path in root.rglob("*.py"):
        parts = path.relative_to(root).with_suffix("").parts
        found[".".join((package, *parts)).removesuffix(".__init__")] = path
    return found


def imported(module: str, path: Path, known: dict[str, Path]) -> Iterator[str]:
    """Modules of the same package that a module imports: at its top, in a function, or for types alone."""
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names if alias.name in known)
        elif isinstance(node, ast.ImportFrom):
            parts = module.split(".") if path.stem == "__init__" else module.split(".")[:-1]
            above = parts[: len(parts) - node.level + 1] if node.level else []
            base = ".".join((*above, node.module) if node.module else above)
            names = {f"{base}.{alias.name}" for alias in node.names}
            yield from names & known.keys() or {base} & known.keys()


@pytest.mark.parametrize("package", PACKAGES)
def test_no_folder_is_crowded(package: str) -> None:
    sizes = Counter(path.parent for path in modules(package).values() if path.stem != "__init__")
    assert {str(folder): n for folder, n in sizes.items() if n > LARGEST_FOLDER} == {}


def test_a_name_tells_a_module_apart() -> None:
    stems = Counter(path.stem for package in PACKAGES for path in modules(package).values())
    assert sorted(name for name, n in stems.items() if n > 1 and name not in SAME_PART) == []


@pytest.mark.parametrize("package", PACKAGES)
def test_no_import_cycle(package: str) -> None:
    """Imports in functions and for types count: a cycle of them is as hard to read as any other."""
    known = modules(package)
    graph = {name: set(imported(name, path, known)) for name, path in known.items()}
    try:
        TopologicalSorter(graph).prepare()
    except CycleError as error:
        pytest.fail(" -> ".join(error.args[1]))
