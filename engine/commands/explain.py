"""`scalingdsl explain CODE`: a diagnostic with a study that provokes it, a warning of a report, or a word."""

from __future__ import annotations

from collections.abc import Mapping
from textwrap import fill
from typing import TYPE_CHECKING, Any

import click
from scalingdsl.spec.errors import Code

from ..console.options import envelope, json_option

if TYPE_CHECKING:
    from ..fits.core.warning_codes import Explained


@click.command(
    epilog="""\b
Examples:
  scalingdsl explain SCL008
  scalingdsl explain FIT101
  scalingdsl explain adamw
  scalingdsl explain

\b
Exit status: 0; 2 where there is no such code or word."""
)
@click.argument("code", required=False)
@json_option
def command(code: str | None, as_json: bool) -> None:
    """Explain the CODE of a diagnostic (SCL...) or of a report's warning (FIT..., RUN...); without one, list all.

    A word of the language, such as `adamw`, is explained too: its parameters, and the package that declares it.
    """
    from scalingdsl.spec.diagnostics import code_documentation
    from scalingdsl.spec.diagnostics.catalogue.syntax_codes import CODES
    from scalingdsl.spec.plan.json_schema import words_schema
    from scalingdsl.spec.vocabulary import REGISTRY
    from scalingdsl.spec.vocabulary.reference import word_page

    warnings = _warnings() if code is None or code.strip().upper().startswith(("FIT", "RUN")) else {}
    found: Mapping[str, Any]
    if code is None:
        found = {"codes": [*(_plain(CODES[name]) for name in sorted(CODES)), *(_plain(w) for w in warnings.values())]}
        page = code_documentation.overview() + "".join(f"{w.code}  {w.title}\n" for w in warnings.values())
    elif warning := warnings.get(code.strip().upper()):
        found = _plain(warning)
        page = f"{warning.code}: {warning.title}\n\n{fill(warning.explanation, width=88)}\n"
    elif code in REGISTRY:
        found, page = {"word": code, **words_schema()[code]}, word_page(code)
    else:
        documented = code_documentation.find(code, REGISTRY)
        found, page = _plain(documented), code_documentation.explain(documented.code)
    click.echo(envelope("explain", **found) if as_json else page, nl=as_json)


def _warnings() -> Mapping[str, Explained]:
    """Warnings of a report by code: doubts about fits and remarks about runs. Imported only when asked for."""
    from ..analysis.data_notes import CODES as NOTES
    from ..fits.core.warning_codes import CODES as DOUBTS

    return {**DOUBTS, **NOTES}


def _plain(code: Code | Explained) -> dict[str, str]:
    plain = {"code": code.code, "title": code.title, "explanation": code.explanation}
    return {**plain, "wrong": code.wrong, "right": code.right} if isinstance(code, Code) else plain
