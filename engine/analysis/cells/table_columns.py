"""The file of a `data table(...)` study: its columns under the names the study gives them."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scalingdsl.spec.errors import FitError
from scalingdsl.spec.expressions.sweeps import constant
from scalingdsl.spec.files.raw_file import FileError
from scalingdsl.spec.files.tables.table_file import table_digest
from scalingdsl.spec.plan.run_grid import Alternative
from scalingdsl.spec.plan.study_plan import StudyPlan
from scalingdsl.spec.resolve.scope import tuned_columns
from scalingdsl.spec.syntax import ast
from scalingdsl.spec.syntax.parser import parse_value
from scalingdsl.spec.syntax.printer import to_text
from scalingdsl.spec.vocabulary.functions import SHARE

from ...fits.tables.principal_axes import principal_axes
from ...fits.tables.table_mapping import Named, name_columns, read_table, where
from ..analysis_result import Columns

#: Arguments of `table(...)` that name no column.
_FILE = ("path", "sha256", "beside", "beside_sha256", "by", "best_over")


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
    conditions = tuple(plan.where)
    tables = {alternative.label: _columns(call, base, conditions) for alternative, call in calls if call is not None}
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
    names += [f"{SHARE}_{a.name}" for call in calls for a in call.named if isinstance(a.value, ast.Call)]
    return tuple(dict.fromkeys((*(("data",) if len(calls) > 1 else ()), *names)))


def swept_in_tables(plan: StudyPlan) -> tuple[str, ...]:
    """Columns of which the best is kept: `table(..., best_over="lr, batch")`."""
    calls = [call for alternative in plan.data if (call := _table_call(alternative)) is not None]
    return tuned_columns(calls)


def _table_call(alternative: Alternative) -> ast.Call | None:
    call = parse_value(alternative.call)
    return call if isinstance(call, ast.Call) and call.name == "table" else None


def _columns(call: ast.Call, base: Path, conditions: tuple[str, ...] = ()) -> Columns:
    axes = {a.name: a.value for a in call.named if isinstance(a.value, ast.Call)}
    given = {a.name: _expression(a.value) for a in call.named if a.name not in axes}
    given.pop("best_over", None)
    table = _checked(base, given.pop("path"), given.pop("sha256", ""))
    if beside := given.pop("beside", ""):
        table = joined(table, _checked(base, beside, given.pop("beside_sha256", "")), given.pop("by"))
    named = name_columns(table, given)
    columns = dict(named.columns)
    if axes:
        kept = np.all([np.ones(named.n_rows, dtype=bool), *_conditions(named, conditions)], axis=0)
        for name, axis in axes.items():
            columns |= _along_axis(name, axis, named, kept)
    return columns


def _conditions(named: Named, conditions: tuple[str, ...]) -> Iterator[NDArray[np.bool_]]:
    """Rows that conditions keep, as far as the table's own columns tell."""
    for text in conditions:
        try:
            yield where(text, named)
        except FitError:  # about labels or about what follows from the axes, which keeps rows later
            continue


def _along_axis(name: str, call: ast.Call, named: Named, kept: NDArray[np.bool_]) -> Columns:
    """The place of each row along a principal axis, and the share that it explains as a column."""
    read = [a.value for a in call.args if isinstance(a, ast.String)]
    part = next(int(constant(a.value)) for a in call.args if isinstance(a, ast.Define) and a.name == "part") - 1
    missing = [column for column in read if column not in named.columns]
    if missing:
        raise FitError(f"the table has no column {missing[0]}; its columns are {', '.join(named.own)}")
    found = principal_axes(np.stack([named.numbers(column) for column in read], axis=1), kept)
    return {name: found.places[:, part], f"{SHARE}_{name}": np.full(named.n_rows, found.shares[part])}


def joined(table: Columns, other: Columns, by: str) -> Columns:
    """The rows of a table with the columns of another beside them, where both have one value in a column.

    Raises:
        FitError: The column is not in both, or two rows of the other have one value there.
    """
    for columns in (table, other):
        if by not in columns:
            raise FitError(f"the table has no column {by} to join by; its columns are {', '.join(columns)}")
    places: dict[Any, int] = {}
    for row, key in enumerate(other[by].tolist()):
        if key in places:
            raise FitError(f"two rows of the table beside have {key!r} for {by}")
        places[key] = row
    at = np.array([places.get(key, -1) for key in table[by].tolist()], dtype=np.int64)
    found = dict(table)
    for name, values in other.items():
        if name not in found:
            blank = "" if values.dtype.kind == "U" else np.nan
            found[name] = np.where(at >= 0, values[at], blank)
    return found


def _checked(base: Path, named: str, expected: str) -> Columns:
    """The columns of a file that is what it was when the study was checked."""
    path = base / named
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
    return read_table(path)


def _expression(value: Any) -> str:
    """A column by its name, or times a number: `"params"*1e6`, as an expression over the columns."""
    if isinstance(value, ast.String):
        return value.value
    left, right = value.left.value, to_text(value.right)
    return f"{left if left.isidentifier() else quoted(left)}{value.op}{right}"


def quoted(name: str) -> str:
    """A column whose name is no name of the language."""
    return f'"{name}"'
