"""`scalingdsl explain WORD`: a word of the language, a diagnostic with a study that provokes it, a report's warning."""

from __future__ import annotations

import re
from collections.abc import Mapping
from textwrap import fill
from typing import TYPE_CHECKING, Any

import click
from scalingdsl.spec.errors import Code

from ...console.options import envelope, json_option

if TYPE_CHECKING:
    from ...codes.explained import Explained


@click.command(
    epilog="""\b
Examples:
  scalingdsl explain SCL008
  scalingdsl explain FIT101
  scalingdsl explain adamw
  scalingdsl explain along
  scalingdsl explain

\b
Exit status: 0; 2 where there is no such code or word."""
)
@click.argument("word", required=False)
@json_option
def command(word: str | None, as_json: bool) -> None:
    """Explain a WORD of the language, or the code of a diagnostic (SCL...) or of a report's warning (FIT..., RUN...).

    Words are all that a study can say: laws, sources, models, clauses such as `along`, settings, parameters,
    quantities, functions, units. Without a word, all codes are listed.
    """
    if word is None:
        found, page = _overview()
    elif _CODE.fullmatch(word.strip()):
        found, page = _code(word.strip().upper())
    else:
        found, page = _word(word, as_json)
    click.echo(envelope("explain", **found) if as_json else page, nl=as_json)


#: A code, or the number of one of the language's.
_CODE = re.compile(r"(SCL|FIT|RUN)?\d+", re.IGNORECASE)


def _overview() -> tuple[dict[str, Any], str]:
    """Every code with its title."""
    from scalingdsl.spec.diagnostics import code_documentation
    from scalingdsl.spec.diagnostics.catalogue.syntax_codes import CODES

    warnings = _warnings()
    found = {"codes": [*(_plain(CODES[name]) for name in sorted(CODES)), *(_plain(w) for w in warnings.values())]}
    return found, code_documentation.overview() + "".join(f"{w.code}  {w.title}\n" for w in warnings.values())


def _code(code: str) -> tuple[dict[str, Any], str]:
    """A code of the language with a study that provokes it, or a warning of a report."""
    from scalingdsl.spec.diagnostics import code_documentation

    if code.startswith(("FIT", "RUN")) and (warning := _warnings().get(code)) is not None:
        return _plain(warning), f"{warning.code}: {warning.title}\n\n{fill(warning.explanation, width=88)}\n"
    documented = code_documentation.find(code)
    return _plain(documented), code_documentation.explain(documented.code)


def _word(word: str, as_json: bool) -> tuple[dict[str, Any], str]:
    """All meanings of a word, from the declarations that the reference page is made of; as data only where wanted.

    Raises:
        UsageError: It has none; a similar one is named.
    """
    from scalingdsl.spec.vocabulary import REGISTRY, glossary

    known = glossary.names()
    if word not in known:
        from scalingdsl.spec.diagnostics import code_documentation

        code_documentation.find(word, known)
    if not as_json:
        return {}, glossary.page(word)
    more = [one._asdict() for one in glossary.meanings(word)]
    if word not in REGISTRY:
        return {"word": word, "meanings": more, "parameter_of": list(glossary.parameter_of(word))}, ""

    from scalingdsl.spec.plan.json_schema import words_schema

    return {"word": word, **words_schema()[word], **({"meanings": more} if more else {})}, ""


def _warnings() -> Mapping[str, Explained]:
    """Warnings of a report by code: doubts about fits and remarks about runs. Imported only when asked for."""
    from ...codes.fit_codes import CODES as DOUBTS
    from ...codes.run_codes import CODES as NOTES

    return {**DOUBTS, **NOTES}


def _plain(code: Code | Explained) -> dict[str, str]:
    plain = {"code": code.code, "title": code.title, "explanation": code.explanation}
    return {**plain, "wrong": code.wrong, "right": code.right} if isinstance(code, Code) else plain
