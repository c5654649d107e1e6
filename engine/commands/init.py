"""`scalingdsl init`: a first study to start from, written beside whatever is there."""

from __future__ import annotations

from importlib import resources
from pathlib import Path

import click

from ..console.options import envelope, json_option
from ..console.say import say

#: Templates in the order of their help: what each is a study of.
TEMPLATES = {
    "walk": "random walks on a graph, exact to check against; the default",
    "isoflop": "the best size at each compute",
    "text": "a text of yours",
    "table": "runs made elsewhere, with an example of such a table",
    "mup": "whether the best rate of a small model suits a large one",
}
#: The next thing to do about the file that a template reads.
NEEDS = {
    "text": "it reads text.txt beside it: put your text there, or name another",
    "table": "it reads runs.csv beside it, an example: put your runs there, or name another table",
}
#: Files that are written beside a template's study, unless they are there.
BESIDE = {"table": ("runs.csv",)}


@click.command(
    epilog="""\b
Examples:
  scalingdsl init
  scalingdsl init studies/mine.scl --template isoflop

\b
Templates:
"""
    + "".join(f"  {name:<9}{about}\n" for name, about in TEMPLATES.items())
    + """
\b
Exit status: 0 written; 2 there is such a file already, or it cannot be written."""
)
@click.argument("file", required=False, type=click.Path(path_type=Path))
@click.option(
    "--template", type=click.Choice(list(TEMPLATES)), default="walk", show_default=True, help="What it is a study of."
)
@json_option
def command(file: Path | None, template: str, as_json: bool) -> None:
    """Write a first study to FILE, with comments that say what each line does.  [default: TEMPLATE.scl]

    Nothing that is there is overwritten.
    """
    study = place(file, template)
    write_new(study, f"{template}.scl")
    written, kept = [study], []
    for name in BESIDE.get(template, ()):
        beside = study.with_name(name)
        if beside.exists():
            kept.append(beside)
        else:
            write_new(beside, name)
            written.append(beside)
    if as_json:
        files, left = [str(path) for path in written], [str(path) for path in kept]
        click.echo(envelope("init", template=template, file=str(study), written=files, kept=left))
        return
    for path in written:
        say(path)
    for path in kept:
        say(f"{path} is there already and stays as it is", err=True)
    if template in NEEDS:
        say(NEEDS[template], err=True)
    say(f"next: scalingdsl plan {study}, then scalingdsl run {study}", err=True)


def place(file: Path | None, template: str) -> Path:
    """The path of the study: in a folder that is named, with the ending of studies where none is given."""
    if file is None or file.is_dir():
        return (file or Path()) / f"{template}.scl"
    return file if file.suffix else file.with_suffix(".scl")


def write_new(path: Path, template: str) -> None:
    """Write a template's file where there is none.

    Raises:
        click.UsageError: There is one.
    """
    text = resources.files(__package__).joinpath("first_studies", template).read_text(encoding="utf-8")
    study = text.replace(f"scalingdsl plan {template}", f"scalingdsl plan {path.name}")
    try:
        with open(path, "x", encoding="utf-8") as new:
            new.write(study.replace(f"scalingdsl run {template}", f"scalingdsl run {path.name}"))
    except FileExistsError:
        raise click.UsageError(f"{path} is there already and is not overwritten; name another file") from None
