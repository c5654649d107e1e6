"""The report model as Markdown: templates hold the words, a finaliser escapes every value they print.

What a user wrote is made safe for CommonMark and GitHub's tables: it is shown, never interpreted.
"""

from __future__ import annotations

import re
from functools import cache

from jinja2 import Environment, PackageLoader, StrictUndefined
from markupsafe import Markup
from markupsafe import escape as html_escape
from scalingdsl.spec.diagnostics.snippet import printable

from .report_model import Code, Report, Strong

#: Openings of a construct anywhere in a line; `_` between letters is none, and brackets only where a link could be.
_SPECIAL = re.compile(r"[\\`*<|~&$]|(?<![A-Za-z0-9])_|_(?![A-Za-z0-9])|!(?=\[)")
_LINK = re.compile(r"\][(\[:]")
#: The end of a line within a paragraph.
_BREAK = Markup("\\")
#: Openings of a block at the start of a line: headings, quotes, lists, rules, underlines; numbered lists.
_LEADING = re.compile(r"^(?:(?=#|>|[+-](?:\s|$)|-{2,}|=)|(\d+)(?=[.)](?:\s|$)))")


def to_markdown(report: Report, *, page: bool = False) -> str:
    """The report as Markdown; figures are linked from `figures/`, each with its PNG.

    For the HTML `page`, which is made from it, parts are headings in place of folds, and PNGs are not named.
    """
    text = (
        environment()
        .get_template("report.md.j2")
        .render(report=report, png=not page, headings=page, **{"break": _BREAK})
    )
    return re.sub(r"\n{3,}", "\n\n", text).strip() + "\n"


@cache
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
    made.filters["html"] = lambda text: html_escape(printable(str(text)))
    return made


def escape(value: object) -> Markup:
    """Text on one line with everything that Markdown would interpret behind a backslash; escaped text as it is."""
    if isinstance(value, Markup):
        return value
    if isinstance(value, tuple):
        return Markup(" ").join(escape(piece) for piece in value)
    if isinstance(value, Code):
        return code(value)
    if isinstance(value, Strong):
        return Markup(f"**{escape(value.text)}**")  # noqa: S704 - escaped for Markdown just here
    text = printable(" ".join(str(value).split()))
    linked = _LINK.search(text) is not None
    text = _SPECIAL.sub(lambda m: "\\" + m[0], text)
    if linked:
        text = text.replace("[", "\\[").replace("]", "\\]")
    return Markup(_LEADING.sub(lambda m: f"{m[1] or ''}\\", text))  # noqa: S704


def code(value: Code) -> Markup:
    """A code span; its fence is longer than any run of backticks within, and a bar does not end a table's cell."""
    text = printable(" ".join(value.text.split())).replace("|", "\\|")
    if not text:
        return Markup("")
    longest = max((len(run) for run in re.findall("`+", text)), default=0)
    fence = "`" * (longest + 1)
    space = " " if text[0] == "`" or text[-1] == "`" else ""
    return Markup(f"{fence}{space}{text}{space}{fence}")  # noqa: S704
