"""The HTML twin: the Markdown of a report as one file, its figures inlined, a part that folds for each section."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from html import escape
from importlib import resources
from pathlib import PurePosixPath
from typing import Any
from urllib.parse import unquote

from markdown_it import MarkdownIt
from markdown_it.renderer import RendererHTML
from markdown_it.token import Token

from .report_model import Report
from .sections.verdicts import TONES
from .to_markdown import to_markdown

#: First words of what is printed strongly, and how each is meant.
_TONES = {**TONES, "converged": "good", "agrees": "good", "does": "bad"}
#: Points of a figure that are as wide as one rem of the page: two panels fill it, one panel takes half.
POINTS_A_REM = 10.3
#: Ids of matplotlib's groups: nothing refers to them, and two figures on one page would repeat them.
_GROUP_ID = re.compile(r'(<g) id="[A-Za-z][\w.]*_\d+"')


def to_html(report: Report, drawings: Mapping[str, bytes]) -> str:
    """The report as one HTML file that needs nothing else.

    Args:
        report: What to show; the words are those of its Markdown.
        drawings: Figure name -> SVG.
    """
    figures = {figure.name: inline(drawings[figure.name].decode(), figure.title) for figure in report.figures}
    reader = MarkdownIt("commonmark", {"html": False}, renderer_cls=_Page).enable("table")
    body = reader.render(to_markdown(report, png=False), {"figures": figures})
    sheet = resources.files(__package__).joinpath("templates/report.css").read_text(encoding="utf-8")
    title = escape(report.title)
    return (
        f'<!doctype html>\n<html lang="en">\n<head>\n<meta charset="utf-8">\n<title>{title}</title>\n'
        f'<meta name="viewport" content="width=device-width, initial-scale=1">\n<style>\n{sheet}</style>\n</head>\n'
        f"<body>\n{body}</details>\n</body>\n</html>\n"
    )


class _Page(RendererHTML):
    """Render rules by the names of tokens: figures inlined, wide tables, verdicts in their tone, sections that fold."""

    def image(self, tokens: Sequence[Token], idx: int, options: Any, env: Any) -> str:
        figure: str = env["figures"][unquote(PurePosixPath(str(tokens[idx].attrs["src"])).stem)]
        return figure

    def table_open(self, tokens: Sequence[Token], idx: int, options: Any, env: Any) -> str:
        return '<div class="wide"><table>\n'

    def table_close(self, tokens: Sequence[Token], idx: int, options: Any, env: Any) -> str:
        return "</table></div>\n"

    def strong_open(self, tokens: Sequence[Token], idx: int, options: Any, env: Any) -> str:
        word = re.match(r"\w+", tokens[idx + 1].content)
        return f'<strong class="{_TONES.get(word[0], "plain")}">' if word else "<strong>"

    def heading_open(self, tokens: Sequence[Token], idx: int, options: Any, env: Any) -> str:
        if tokens[idx].tag != "h2":
            return self.renderToken(tokens, idx, options, env)
        before, env["open"] = "</details>\n" if "open" in env else "", True
        return f"{before}<details open>\n<summary><h2>"

    def heading_close(self, tokens: Sequence[Token], idx: int, options: Any, env: Any) -> str:
        return "</h2></summary>\n" if tokens[idx].tag == "h2" else self.renderToken(tokens, idx, options, env)


def inline(svg: str, title: str) -> str:
    """An SVG as part of a page: no XML prologue, no repeated ids, sized by the page, named for screen readers."""
    text = _GROUP_ID.sub(r"\1", svg[svg.index("<svg") :]).strip()
    text = re.sub(r"<metadata>.*?</metadata>\s*", "", text, flags=re.DOTALL)
    opening, rest = text.split(">", 1)
    width = re.search(r' width="([\d.]+)pt"', opening)
    limit = f' style="max-width: {float(width[1]) / POINTS_A_REM:.1f}rem"' if width else ""
    opening = re.sub(r' (?:width|height)="[^"]*"', "", opening)
    return f'{opening}{limit} role="img" aria-label="{escape(title)}">{rest}'
