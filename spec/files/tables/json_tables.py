"""Tables in JSON: a list of records, an object of columns, what pandas writes, and a record a line.

What is nested is named by its path, `config.lr`.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from ..raw_file import FileError
from .cells import check_shape

_SHAPES = ": a JSON table is a list of objects, or an object of columns"


def json_lines(text: str) -> dict[str, list[Any]]:
    """Columns of a record a line; only LF ends a line, for a text may hold other ends."""
    return _columns(_records(text))


def _records(text: str) -> Iterator[Mapping[str, Any]]:
    for number, line in enumerate(text.split("\n"), 1):
        if line.strip():
            row = parsed_json(line.removeprefix("\ufeff"), f", line {number}")
            if not isinstance(row, dict):
                raise FileError(f", line {number}: each line is one object with the names of the columns")
            yield row


def json_table(text: str) -> dict[str, list[Any]]:
    """Columns of one JSON value."""
    try:
        held = parsed_json(text, "")
    except FileError:
        # A record a line under the other name.
        begin = text.lstrip().split("\n", 1)
        if len(begin) > 1 and begin[0].startswith("{") and begin[0].rstrip().endswith("}"):
            return json_lines(text)
        raise
    if isinstance(held, list):
        return _of_list(held)
    if not isinstance(held, dict) or not held:
        raise FileError(_SHAPES)
    if isinstance(held.get("columns"), list) and isinstance(held.get("data"), list):  # pandas, orient="split"
        return _of_list([held["columns"], *held["data"]])
    values = list(held.values())
    lists = [value for value in values if isinstance(value, list)]
    records = [value for value in lists if value and all(isinstance(row, dict) for row in value)]
    if len(records) == 1 and len(lists) == 1:  # `{"runs": [...]}`, or with a schema beside them
        return _of_list(records[0])
    if len(lists) == len(values):
        lengths = {len(value) for value in lists}
        if len(lengths) > 1:
            raise FileError(f": columns of different lengths ({', '.join(map(str, sorted(lengths)))})")
        return {str(name): list(value) for name, value in held.items()}
    if all(isinstance(value, dict) for value in values):
        return _of_objects(held)
    raise FileError(_SHAPES)


def _of_list(rows: list[Any]) -> dict[str, list[Any]]:
    if rows and all(isinstance(row, dict) for row in rows):
        return _columns(rows)
    if len(rows) > 1 and all(isinstance(row, list) for row in rows) and all(isinstance(n, str) for n in rows[0]):
        names = rows[0]
        for number, row in enumerate(rows[1:], 1):
            if len(row) != len(names):
                raise FileError(f", row {number}: {len(row)} values for {len(names)} columns")
        return {name: [row[i] for row in rows[1:]] for i, name in enumerate(names)}
    raise FileError(_SHAPES)


def _of_objects(held: dict[str, Any]) -> dict[str, list[Any]]:
    """Columns of rows by number, or rows by name: pandas' orient="columns" and "index"."""
    inner = list(dict.fromkeys(name for value in held.values() for name in value))
    if inner and all(name.lstrip("-").isdigit() for name in inner):
        return {name: [value.get(row) for row in inner] for name, value in held.items()}
    return _columns(held.values())


def _columns(rows: Iterable[Mapping[str, Any]]) -> dict[str, list[Any]]:
    columns: dict[str, list[Any]] = {}
    for count, row in enumerate(rows):
        for name, cell in flat(row):
            cells = columns.setdefault(name, [None] * count)
            if len(cells) == count:
                cells.append(cell)
        check_shape(len(columns), count + 1)
        for cells in columns.values():
            if len(cells) == count:
                cells.append(None)
    return columns


def flat(row: Mapping[str, Any]) -> Iterator[tuple[str, Any]]:
    """Cells with their names, those inside of others by their path; no recursion, for depth is not bounded."""
    waiting = [("", row)]
    while waiting:
        before, held = waiting.pop()
        inside = []
        for name, cell in held.items():
            if isinstance(cell, dict):
                inside.append((f"{before}{name}.", cell))
            else:
                yield f"{before}{name}", cell
        waiting += reversed(inside)


def parsed_json(text: str, place: str) -> Any:
    """The value that a JSON text stands for.

    Raises:
        FileError: It is not JSON, or is nested too deeply; `place` says where.
    """
    try:
        return json.loads(text)
    except ValueError as error:
        raise FileError(f"{place}: not JSON ({error})") from None
    except RecursionError:
        raise FileError(f"{place}: is nested too deeply") from None
