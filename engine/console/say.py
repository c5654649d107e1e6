"""What commands print: with whatever in a name, a title or a cell would move a terminal's cursor made visible."""

from __future__ import annotations

import click


def say(text: object = "", *, err: bool = False) -> None:
    """Print lines to stdout, or to stderr, as `click.echo` does; no text from a file can change the screen."""
    from scalingdsl.spec.diagnostics.snippet import printable

    click.echo(printable(str(text), newlines=True), err=err)
