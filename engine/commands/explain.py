"""`scalingdsl explain CODE`: what a diagnostic means, with a study that provokes it and that study mended."""

from __future__ import annotations

import click
from scalingdsl.spec.errors import Code

from .shared import envelope, json_option


@click.command(
    epilog="""\b
Examples:
  scalingdsl explain SCL008
  scalingdsl explain

\b
Exit status: 0; 2 where there is no such code."""
)
@click.argument("code", required=False)
@json_option
def command(code: str | None, as_json: bool) -> None:
    """Explain a diagnostic CODE; without one, list all codes."""
    from scalingdsl.spec import explain
    from scalingdsl.spec.codes import CODES

    if code is None:
        every = [CODES[name] for name in sorted(CODES)]
        click.echo(envelope("explain", codes=[_plain(c) for c in every]) if as_json else explain.overview(), nl=as_json)
        return
    found = explain.find(code)
    click.echo(envelope("explain", **_plain(found)) if as_json else explain.explain(found.code), nl=as_json)


def _plain(code: Code) -> dict[str, str]:
    return {
        "code": code.code,
        "title": code.title,
        "explanation": code.explanation,
        "wrong": code.wrong,
        "right": code.right,
    }
