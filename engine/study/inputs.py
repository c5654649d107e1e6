"""Inputs of a study: files that its data name, and results of studies that it uses."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

from scalingdsl.spec.files.tables.table_file import files_of_runs
from scalingdsl.spec.plan.study_plan import StudyPlan
from scalingdsl.spec.syntax import ast
from scalingdsl.spec.syntax.parser import parse_value
from scalingdsl.spec.vocabulary import REGISTRY
from scalingdsl.spec.vocabulary.parameters import fields_of

from ..store.results_folder import Origin, Store


def named_files(plan: StudyPlan, base: Path) -> Iterator[str]:
    """Paths that the study's data name, as written: `table("runs.csv")`, `edges("graph.txt")`; of runs each file."""
    waiting: list[Any] = [parse_value(alternative.call) for alternative in plan.data]
    while waiting:
        node = waiting.pop()
        if isinstance(node, ast.Define) and node.name in ("path", "beside") and isinstance(node.value, ast.String):
            yield node.value.value
        elif isinstance(node, ast.Call) and (folder := _folder_of_runs(node)) is not None:
            yield from (
                f"{folder}/{file.relative_to(base / folder).as_posix()}" for file in files_of_runs(base / folder)
            )
            waiting += vars(node).values()
        elif isinstance(node, ast.Node):
            waiting += vars(node).values()
        elif isinstance(node, tuple):
            waiting += node


def _folder_of_runs(call: ast.Call) -> str | None:
    """The path that a call names where its word reads folders of runs."""
    fields = fields_of(REGISTRY[call.name]) if call.name in REGISTRY else {}
    named = (a.value for a in call.named if a.name in fields and fields[a.name].folder)
    return next((value.value for value in named if isinstance(value, ast.String)), None)


def used_stores(out: Path, origin: Origin, sources: Iterable[str]) -> list[Store]:
    """Results folders, beside `out`, of the studies that this one uses: those among `sources`, by name of file."""
    names = dict.fromkeys(Path(name).stem for name in sources)
    stores = [Store(out.parent / name) for name in names if name != origin.name]
    return [store for store in stores if store.exists and store.folder.resolve() != out.resolve()]
