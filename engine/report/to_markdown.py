"""The report model as Markdown: templates hold the words, a finaliser escapes every value they print."""

from __future__ import annotations

import re

from jinja2 import Environment, PackageLoader, StrictUndefined

from .markdown_escape import code, escape
from .report_model import Code, Report


def to_markdown(report: Report, *, png: bool = True) -> str:
    """The report as Markdown; figures are linked from `figures/`, each with its PNG unless `png` is off."""
    text = environment().get_template("report.md.j2").render(report=report, png=png)
    return re.sub(r"\n{3,}", "\n\n", text).strip() + "\n"


def environment() -> Environment:
    """Every printed value passes `escape`; an unknown name is an error, not a blank.

    Autoescaping is on so that a macro's text, whose values are escaped already, is not escaped again: what `escape`
    returns is marked as safe, and everything printed has passed it, so HTML's own escaping never has anything to do.
    """
    made = Environment(
        loader=PackageLoader("scalingdsl.engine.report", "templates"),
        autoescape=True,
        finalize=escape,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
    )
    made.filters["code"] = lambda text: code(Code(str(text)))
    return made
