"""`scalingdsl schema`: the JSON Schema of what the tool writes."""

from __future__ import annotations

import json

import click

from ...console.options import envelope, json_option, warn_of_packages

NAMES = ("plan", "record", "fits", "words")


@click.command(
    epilog="""\b
Examples:
  scalingdsl schema plan > plan.schema.json
  scalingdsl schema words

\b
Exit status: 0."""
)
@click.argument("name", type=click.Choice(NAMES), default="plan")
@json_option
def command(name: str, as_json: bool) -> None:
    """Print the JSON Schema of a plan, a record or fits.json, or every word of the language with its parameters."""
    from scalingdsl.spec.plan import json_schema

    if name == "plan":
        found = json_schema.plan_schema()
    elif name == "words":
        found = json_schema.words_schema()
        warn_of_packages()
    elif name == "fits":
        from ...findings.fits_file import FitsFile

        found = json_schema.schema_of(FitsFile)
    else:
        from ...store.record import RunRecord

        found = json_schema.schema_of(RunRecord)
    click.echo(envelope("schema", name=name, schema=found) if as_json else json.dumps(found, indent=2))
