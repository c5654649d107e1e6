"""Inputs of a study: files that its data name, and results of studies that it uses."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

from scalingdsl.spec.plan.study_plan import StudyPlan
from scalingdsl.spec.syntax import ast
from scalingdsl.spec.syntax.parser import parse_value

from ..store.results_folder import Origin, Store


def named_files(plan: StudyPlan) -> Iterator[str]:
    """Paths that the study's data name, as written: `table("runs.csv")`, `edges("graph.txt")`."""
    waiting: list[Any] = [parse_value(alternative.call) for alternative in plan.data]
    while waiting:
        node = waiting.pop()
        if isinstance(node, ast.Define) and node.name == "path" and isinstance(node.value, ast.String):
            yield node.value.value
        elif isinstance(node, ast.Node):
            waiting += vars(node).values()
        elif isinstance(node, tuple):
            waiting += node


def used_stores(out: Path, origin: Origin, sources: Iterable[str]) -> list[Store]:
    """Results folders, beside `out`, of the studies that this one uses: those among `sources`, by name of file."""
    names = dict.fromkeys(Path(name).stem for name in sources)
    stores = [Store(out.parent / name) for name in names if name != origin.name]
    return [store for store in stores if store.exists and store.folder.resolve() != out.resolve()]
