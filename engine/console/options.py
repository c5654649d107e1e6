"""Shared by the commands: the JSON envelope, common options, loading a study and showing its diagnostics."""

from __future__ import annotations

import functools
import json
import os
import re
import shutil
import sys
from collections.abc import Callable, Iterable, Mapping, Sequence
from pathlib import Path
from typing import IO, TYPE_CHECKING, Any, NoReturn, TypeVar

import click
from scalingdsl.spec.constants import MAX_RUNS

from .folding import folded
from .say import say
from .study_paths import STDIN, meant, read_stdin

if TYPE_CHECKING:
    from scalingdsl.spec import Checked

    from ..planning.machines import Machine

F = TypeVar("F", bound=Callable[..., Any])

#: Of the envelope; raised when a documented key changes its meaning or goes.
ENVELOPE_VERSION = 1


def envelope(command: str, **payload: Any) -> str:
    """One flat JSON object: `format_version`, `command`, then the command's documented keys.

    A key means the same whichever command gives it: `study` is the name by which a results folder knows its study (that
    of its file, less the ending), `title` what the study calls itself, `plan` the digest of its plan.
    """
    return json.dumps({"format_version": ENVELOPE_VERSION, "command": command, **payload}, indent=2, allow_nan=False)


def wants_json(args: Sequence[str]) -> bool:
    """True if a command line, perhaps a faulty one, asks for JSON."""
    pairs = zip(args, [*args[1:], ""])
    return any(a in ("--json", "--output-format=json") or (a == "--output-format" and b == "json") for a, b in pairs)


def json_option(function: F) -> F:
    """`--json` and `--output-format text|json`; passes `as_json`."""

    @functools.wraps(function)
    def call(*args: Any, json_flag: bool, output_format: str, **kwargs: Any) -> Any:
        return function(*args, as_json=json_flag or output_format == "json", **kwargs)

    form = click.Choice(("text", "json"))
    json_flag = click.option("--json", "json_flag", is_flag=True, help="The same as --output-format json.")
    output = click.option("--output-format", type=form, default="text", show_default=True, help="Form of the answer.")
    return output(json_flag(call))  # type: ignore[return-value]


def named(ctx: click.Context, param: click.Parameter, parts: Iterable[str], what: str) -> dict[str, str]:
    """`NAME=VALUE` of each part; `what` is the value's word where one is not so."""
    values: dict[str, str] = {}
    for part in parts:
        name, equals, value = part.partition("=")
        if not (equals and name.strip().isidentifier() and value.strip()):
            raise click.BadParameter(f"{part!r} is not NAME={what}", ctx, param)
        values[name.strip()] = value.strip()
    return values


#: Options of several commands, as decorators; a command takes them as `settings`, `max_runs`, `roots`, ...
set_option = click.option(
    "--set",
    "settings",
    metavar="NAME=VALUE",
    multiple=True,
    callback=lambda ctx, param, given: named(ctx, param, given, "VALUE"),
    help="Replace the value of a `let` of the study.",
)
max_runs_option = click.option(
    "--max-runs", type=click.IntRange(1), default=MAX_RUNS, show_default=True, help="Refuse larger studies."
)
roots_option = click.option(
    "--data-root",
    "roots",
    type=click.Path(exists=True, file_okay=False, path_type=Path),
    multiple=True,
    help="A folder besides the study's own that its files may lie in.",
)
out_option = click.option(
    "--out", type=click.Path(path_type=Path), help="Results folder.  [default: runs/<name of the study>]"
)
device_option = click.option("--device", type=click.Choice(["auto", "cpu", "cuda"]), default="auto", show_default=True)
workers_option = click.option(
    "--workers", type=click.IntRange(1), help="Packs trained at a time.  [default: one a core, or a GPU]"
)


class Duration(click.ParamType):
    """A time span such as `90s`, `3h50m`, `1d`; in seconds."""

    name = "time"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> float:
        if isinstance(value, int | float):
            return float(value)
        parts = _PART.findall(value)
        if not parts or "".join(number + unit for number, unit in parts) != value:
            self.fail(f"{value!r} is no time; write it like 90s, 20m, 3h50m or 1d", param, ctx)
        from scalingdsl.spec.syntax.numbers import SECONDS

        return sum(float(number) * SECONDS["min" if unit == "m" else unit] for number, unit in parts)


_PART = re.compile(r"(\d+(?:\.\d+)?)(d|h|min|m|s)")

checkpoint_option = click.option(
    "--checkpoint-every",
    "checkpoint_every_s",
    type=Duration(),
    default=60.0,
    show_default="1m",
    help="How much work may be lost: time between checkpoints, longer where they would take 2% of it.",
)


def trainer_options(function: F) -> F:
    """What trains models that are trained elsewhere; passes `trainer`."""

    @functools.wraps(function)
    def call(
        *args: Any,
        trainer: str | None,
        trainer_version: str | None,
        timeout: str | None,
        retries: int | None,
        gpus_per_run: int | None,
        **kwargs: Any,
    ) -> Any:
        from ..external.told_trainer import told_or_none

        found = told_or_none(trainer, trainer_version, timeout, retries, gpus_per_run)
        return function(*args, trainer=found, **kwargs)

    options = (
        click.option(
            "--trainer",
            metavar="COMMAND",
            help="What trains the models of a study of `external` ones: a command such as "
            "'python train.py --width {width} --out {out}', module:function, or a name of your scalingdsl.toml.",
        ),
        click.option("--trainer-version", metavar="TEXT", help="Its version; another version is another run."),
        click.option("--timeout", metavar="TIME", help="End a run of it after so long, such as 2h."),
        click.option("--retries", type=click.IntRange(0, 100), help="Further tries of a run that fails.  [default: 1]"),
        click.option("--gpus-per-run", type=click.IntRange(0), help="GPUs that each run has for itself."),
    )
    for option in reversed(options):
        call = option(call)
    return call  # type: ignore[return-value]


def _machine(ctx: click.Context, param: click.Parameter, name: str | None) -> Machine | None:
    from ..planning.machines import machine_named

    try:
        return None if name is None else machine_named(name)
    except LookupError as error:
        raise click.BadParameter(error.args[0], ctx, param) from None


machine_option = click.option(
    "--machine",
    metavar="NAME",
    callback=_machine,
    help="Cost studies on h100, h200 or a100 instead of on this machine, from a profile and its assumptions.",
)
folder_argument = click.argument("folder", metavar="DIR", type=click.Path(path_type=Path))


def fail(command: str, message: str, status: int, as_json: bool) -> NoReturn:
    """Say what went wrong, in an envelope too where one is wanted, and leave with `status`."""
    if as_json:
        click.echo(envelope(command, error=message, exit_status=status))
    say(folded(f"error: {message}", sys.stderr), err=True)
    raise click.exceptions.Exit(status)


def columns(stream: IO[str]) -> int | None:
    """The columns of the terminal that a stream is; None for a file or a pipe, which has no end."""
    return shutil.get_terminal_size().columns if stream.isatty() else None


def color(stream: IO[str]) -> bool:
    """True if output to `stream` is coloured: NO_COLOR forbids it, FORCE_COLOR asks for it, else terminals have it."""
    if os.environ.get("NO_COLOR"):
        return False
    if any(os.environ.get(name, "0") not in ("", "0") for name in ("FORCE_COLOR", "CLICOLOR_FORCE")):
        return True
    return stream.isatty() and os.environ.get("TERM") != "dumb"


def load_study(
    study: str,
    *,
    command: str,
    settings: Mapping[str, str] | None = None,
    max_runs: int = MAX_RUNS,
    as_json: bool = False,
    roots: Sequence[Path] = (),
) -> Checked:
    """Check the study in file `study` (`-`: standard input), diagnostics on stderr; leave with 1 on an error.

    With `as_json`, an invalid study gives its diagnostics in the envelope on stdout instead.
    """
    from scalingdsl.spec import check

    text, name = (read_stdin(), STDIN) if study == "-" else (None, None)
    if text is None and not Path(study).is_file():
        why = ": it is a folder" if Path(study).is_dir() else meant(Path(study))
        raise click.UsageError(f"no study at {study}{why}")
    checked = check(
        study,
        settings=settings or {},
        text=text,
        name=name,
        max_runs=max_runs,
        roots=tuple(roots),
        at_hand=command == "run",
    )
    warn_of_packages()
    if checked.plan is None and as_json:
        click.echo(envelope(command, diagnostics=diagnostics_json(checked), exit_status=1))
        raise click.exceptions.Exit(1)
    if checked.diagnostics and not as_json:
        from scalingdsl.spec.diagnostics.render import render

        shown = render(checked.diagnostics, checked.sources, "full", color(sys.stderr), columns(sys.stderr))
        click.echo(shown.rstrip("\n"), err=True, color=color(sys.stderr))
    if checked.plan is None:
        raise click.exceptions.Exit(1)
    return checked


def warn_of_packages() -> None:
    """Say on stderr which installed packages with words of the language were left out, and why."""
    from scalingdsl.spec.vocabulary.plugins import PROBLEMS

    for problem in PROBLEMS:
        say(f"warning: {problem}", err=True)


def diagnostics_json(checked: Checked) -> list[Any]:
    """The study's diagnostics as plain data."""
    from scalingdsl.spec.diagnostics.render import render

    found: list[Any] = json.loads(render(checked.diagnostics, checked.sources, "json"))["diagnostics"]
    return found
