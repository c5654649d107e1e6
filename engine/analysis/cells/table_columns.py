"""The file of a `data table(...)` study: its columns under the names the study gives them."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
from scalingdsl.spec.errors import FitError
from scalingdsl.spec.files.raw_file import FileError
from scalingdsl.spec.files.tables.table_file import table_digest
from scalingdsl.spec.plan.run_grid import Alternative
from scalingdsl.spec.plan.study_plan import StudyPlan
from scalingdsl.spec.syntax import ast
from scalingdsl.spec.syntax.parser import parse_value
from scalingdsl.spec.syntax.printer import to_text

from ...fits.tables.table_mapping import name_columns, read_table
from ..analysis_result import Columns

#: Arguments of `table(...)` that name no column.
_FILE = ("path", "sha256", "best_over")


def study_table(plan: StudyPlan, base: Path) -> Columns | None:
    """Columns of the file or files that the study reads; None for a study that trains.

    Several tables are put one below the other, with `data` for the label of each row's own.

    Args:
        plan: The study.
        base: The study's folder, where its relative paths start.

    Raises:
        FitError: A file that is no table, lacks a column, or has changed since the study was checked.
    """
    calls = [(alternative, _table_call(alternative)) for alternative in plan.data]
    tables = {alternative.label: _columns(call, base) for alternative, call in calls if call is not None}
    if not tables or len(tables) < len(calls):
        return None
    if len(tables) == 1:
        return next(iter(tables.values()))
    common = [name for name in next(iter(tables.values())) if all(name in t for t in tables.values())]
    joined: Columns = {name: np.concatenate([t[name] for t in tables.values()]) for name in common}
    lengths = [len(t[common[0]]) for t in tables.values()]
    joined["data"] = np.repeat(np.array(list(tables), dtype=np.str_), lengths)
    return joined


def named_columns(plan: StudyPlan) -> tuple[str, ...]:
    """Names that the study gives to columns, and `data` where it reads several tables."""
    calls = [call for alternative in plan.data if (call := _table_call(alternative)) is not None]
    names = [a.name for call in calls for a in call.named if a.name not in _FILE]
    return tuple(dict.fromkeys((*(("data",) if len(calls) > 1 else ()), *names)))


def swept_in_tables(plan: StudyPlan) -> tuple[str, ...]:
    """Columns of which the best is kept: `table(..., best_over="lr, batch")`."""
    calls = [call for alternative in plan.data if (call := _table_call(alternative)) is not None]
    given = [a.value for call in calls for a in call.named if a.name == "best_over"]
    texts = [value.value for value in given if isinstance(value, ast.String)]
    return tuple(dict.fromkeys(name for text in texts for piece in text.split(",") if (name := piece.strip())))


def _table_call(alternative: Alternative) -> ast.Call | None:
    call = parse_value(alternative.call)
    return call if isinstance(call, ast.Call) and call.name == "table" else None


def _columns(call: ast.Call, base: Path) -> Columns:
    given = {a.name: _expression(a.value) for a in call.named}
    path = base / given.pop("path")
    expected = given.pop("sha256", "")
    given.pop("best_over", None)
    if not expected and not path.resolve().is_relative_to(base.resolve()):
        # A plan of a stranger's may name any file; one that it knows the content of is no secret.
        raise FitError(f"{path} lies outside the study's folder, and the plan does not know its content")
    try:
        digest = table_digest(path)
    except FileError as error:
        raise FitError(f"{path}{error}") from None
    except OSError as error:
        raise FitError(f"cannot read {path}: {error.strerror or error}") from None
    if not digest.startswith(expected):
        raise FitError(f"{path} has changed since the study was checked; run it again to analyse the new table")
    return name_columns(read_table(path), given).columns


def _expression(value: Any) -> str:
    """A column by its name, or times a number: `"params"*1e6`, as an expression over the columns."""
    if isinstance(value, ast.String):
        return value.value
    left, right = value.left.value, to_text(value.right)
    return f"{left if left.isidentifier() else quoted(left)}{value.op}{right}"


def quoted(name: str) -> str:
    """A column whose name is no name of the language."""
    return f'"{name}"'
