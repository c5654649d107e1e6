"""The command line: one lazily imported module a command, and one place where errors become words and exit statuses.

Exit statuses: 0 done; 1 the study (or table) is not valid; 2 the request cannot be met; 3 some runs failed, or nothing
was found; 4 a claim failed; 10 something is to be trained (`plan --detailed-exitcode`); 70 a fault of ours; 130
interrupted.
"""

from __future__ import annotations

import errno
import importlib
import os
from typing import Any

import click
from scalingdsl.spec.diagnostics.suggest import near_miss
from scalingdsl.spec.errors import ScalingDSLError, SpecError

from .console.options import fail, wants_json

#: Every command, in the order of a study's life; `scalingdsl X` is the `command` of `commands/X.py`.
COMMANDS = (
    "init",
    "validate",
    "plan",
    "summary",
    "run",
    "work",
    "status",
    "report",
    "fit",
    "fmt",
    "explain",
    "why",
    "diff",
    "export",
    "corpus",
    "schema",
)

#: Of these, that of `commands/about/X.py`.
ABOUT = ("explain", "schema")

INVALID, UNMET, FAULT, INTERRUPTED = 1, 2, 70, 130


class Commands(click.Group):
    """A group that imports a command's module when the command is asked for: `validate` never pays for `run`."""

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        ctx.meta["args"] = tuple(args)
        return super().parse_args(ctx, args)

    def list_commands(self, ctx: click.Context) -> list[str]:
        return list(COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        if cmd_name not in COMMANDS:
            hint = near_miss(cmd_name, COMMANDS) or f"; there are {', '.join(COMMANDS)}"
            ctx.fail(f"no command {cmd_name!r}{hint}")
        place = f".commands.about.{cmd_name}" if cmd_name in ABOUT else f".commands.{cmd_name}"
        found = importlib.import_module(place, __package__).command
        assert isinstance(found, click.Command)
        return found

    def invoke(self, ctx: click.Context) -> Any:
        """Run the command; say what went wrong on stderr and, with `--json`, in an envelope on stdout."""
        args = ctx.meta["args"]
        name = next((a for a in args if not a.startswith("-")), "")
        try:
            return super().invoke(ctx)
        except click.ClickException as error:
            if isinstance(error, click.NoSuchOption):
                near = near_miss(error.option_name, error.possibilities or ())
                error = click.UsageError(f"no option {error.option_name}{near}", error.ctx)
            if not wants_json(args):
                raise error from None
            fail(name, error.format_message(), error.exit_code, as_json=True)
        except (KeyboardInterrupt, click.Abort):
            click.echo("interrupted", err=True)
            ctx.exit(INTERRUPTED)
        except ScalingDSLError as error:
            if ctx.params["debug"]:
                raise
            fail(name, str(error), INVALID if isinstance(error, SpecError) else UNMET, wants_json(args))
        except ModuleNotFoundError as error:
            if error.name != "torch" or ctx.params["debug"]:
                raise
            from .hardware.devices import INSTALL_TORCH

            need = f"`{name}` needs torch for this, which is not installed: {INSTALL_TORCH}"
            fail(name, need, UNMET, wants_json(args))
        except OSError as error:
            if error.errno == errno.EPIPE or ctx.params["debug"]:
                raise  # click ends quietly when the reader of a pipe has gone
            fail(name, words(error), UNMET, wants_json(args))
        except Exception as error:
            # The one boundary where anything is caught: a fault of ours still ends in words and a status of its own.
            if ctx.params["debug"] or isinstance(error, click.exceptions.Exit):
                raise
            fault = f"internal error, a fault of scalingdsl: {type(error).__name__}: {error}"
            fail(name, f"{fault}\n  `scalingdsl --debug {' '.join(args)}` shows where", FAULT, wants_json(args))


def words(error: OSError) -> str:
    """An operating-system error as a sentence: what, and on which file."""
    where = f": {error.filename}" if error.filename else ""
    return f"{error.strerror or error}{where}"


@click.group(
    name="scalingdsl",
    cls=Commands,
    context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 120},
    epilog="A first study: scalingdsl init first.scl, then scalingdsl run first.scl",
)
@click.version_option(package_name="scalingdsl", prog_name="scalingdsl")
@click.option("--debug", is_flag=True, help="Show the traceback of an error.")
def main(debug: bool) -> None:
    """Neural-scaling-law studies: a study file in; trained models, fitted laws and a report out."""
    # Nothing here needs plugins of pydantic; to look for them, it reads the metadata of every installed package.
    os.environ.setdefault("PYDANTIC_DISABLE_PLUGINS", "__all__")


if __name__ == "__main__":
    main()
