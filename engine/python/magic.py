"""`%%scaling`: a study written in the cell of a notebook.

%load_ext scalingdsl.engine
%%scaling                       plans the study of the cell, and shows the plan
%%scaling run --out runs/first  runs it, with the options of `scalingdsl run`
%%scaling --into mine           keeps what comes back under a name
"""

from __future__ import annotations

import shlex
from collections.abc import Callable
from typing import Any

import click
from scalingdsl.spec.errors import UsageError

from ..commands.plan import command as plan_command
from ..commands.run import command as run_command
from .calls import plan, run

#: What a cell can be asked to do: the command whose options the line takes, and the function that does it.
ACTIONS: dict[str, tuple[click.Command, Callable[..., Any]]] = {"plan": (plan_command, plan), "run": (run_command, run)}
#: Options of commands that concern the terminal alone.
TERMINAL = ("json_flag", "output_format", "detailed")


def scaling(line: str, cell: str) -> tuple[str, Any]:
    """What `%%scaling LINE` with a study below gives: the name it is kept under (empty for none), and the value.

    Raises:
        SpecError: The study is not valid.
        UsageError: The line asks for what there is not.
    """
    words = shlex.split(line)
    action = words.pop(0) if words and not words[0].startswith("-") else "plan"
    if action not in ACTIONS:
        raise UsageError(f"%%scaling knows {' and '.join(ACTIONS)}, not {action!r}")
    into = ""
    if "--into" in words:
        at = words.index("--into")
        into = words[at + 1] if at + 1 < len(words) else ""
        if not into.isidentifier():
            raise UsageError("--into is followed by the name that the value is kept under")
        del words[at : at + 2]
    command, function = ACTIONS[action]
    try:
        context = command.make_context(f"%%scaling {action}", ["-", *words])
    except click.ClickException as error:
        raise UsageError(error.format_message()) from None
    return into, function(text=cell, **options(command, context.params))


def options(command: click.Command, given: dict[str, Any]) -> dict[str, Any]:
    """Parsed options of a command as keywords of its function."""
    found = {}
    for parameter in command.params:
        if isinstance(parameter, click.Option) and parameter.name not in TERMINAL:
            value = given[str(parameter.name)]
            found[keyword(parameter)] = getattr(value, "name", value) if parameter.name == "machine" else value
    return found


def keyword(option: click.Option) -> str:
    """The name of an option in Python: its long one, without dashes."""
    return max(option.opts, key=len).lstrip("-").replace("-", "_")


def load_ipython_extension(shell: Any) -> None:
    """Add the magic to a shell of IPython."""

    def magic(line: str, cell: str) -> Any:
        into, value = scaling(line, cell)
        if into:
            shell.push({into: value})
        return value

    shell.register_magic_function(magic, "cell", "scaling")
