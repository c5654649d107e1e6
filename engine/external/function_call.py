"""A function of Python as a trainer: called in a process of its own with the values of a run. Run as a script.

    function_call.py module:function config.json    calls it, and writes what it returns as JSON lines
    function_call.py module:function                writes the names that it takes; `null` where it takes any

It returns a loss or a mapping with one, or yields such on the way. What it prints goes to the run's log.
"""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Callable, Iterator, Mapping
from importlib import import_module
from typing import Any

#: Flag of a function's code that takes any names.
VAR_KEYWORDS = 8


def accepted(function: Any) -> list[str] | None:
    """Names that a function takes; None where it takes any."""
    import inspect

    found = inspect.signature(function).parameters.values()
    if any(one.kind is inspect.Parameter.VAR_KEYWORD for one in found):
        return None
    return [one.name for one in found if one.kind is not inspect.Parameter.POSITIONAL_ONLY]


def rows(result: Any) -> Iterator[dict[str, Any]]:
    """What it returned or yields, one mapping a loss."""
    if isinstance(result, Mapping):
        yield {name: plain(value) for name, value in result.items()}
    elif isinstance(result, Iterator):
        for one in result:
            yield from rows(one)
    else:
        yield {"loss": plain(result)}


def plain(value: Any) -> Any:
    """A number of numpy's or torch's as Python's own."""
    if isinstance(value, bool | int | float | str) or value is None:
        return value
    return float(value)


def main(target: str, config: str | None, imported: Callable[[], None] = lambda: None) -> None:
    """Call it, or say what it takes; `imported` is called between importing it and that."""
    told = os.fdopen(os.dup(1), "w", buffering=1)
    os.dup2(2, 1)
    sys.path[0] = os.getcwd()  # the person's modules, not those beside this script
    module, _, name = target.partition(":")
    function = getattr(import_module(module), name)
    imported()
    code = getattr(function, "__code__", None)
    if config is not None and code is not None and not code.co_flags & VAR_KEYWORDS and not vars(function):
        # As `accepted` finds, without all that `inspect` imports.
        names: list[str] | None = list(
            code.co_varnames[code.co_posonlyargcount : code.co_argcount + code.co_kwonlyargcount]
        )
    else:
        names = accepted(function)
    if config is None:
        told.write(json.dumps(names) + "\n")
        return
    with open(config, encoding="utf-8") as file:
        values = json.load(file)
    given = values if names is None else {n: v for n, v in values.items() if n in names}
    for row in rows(function(**given)):
        told.write(json.dumps(row) + "\n")


if __name__ == "__main__":
    main(sys.argv[1], sys.argv[2] if len(sys.argv) > 2 else None)
