"""The HTML twin: the Markdown of a report as one file, its figures inlined, a part that folds for each section."""

from __future__ import annotations

import re
from collections.abc import Mapping
from html import escape
from importlib import resources

from markdown_it import MarkdownIt

from .report_model import Report
from .sections.verdicts import TONES
from .to_markdown import to_markdown

#: First words of what is printed strongly, and how each is meant.
_TONES = {**TONES, "converged": "good", "agrees": "good", "does": "bad"}


def to_html(report: Report, drawings: Mapping[str, bytes]) -> str:
    """The report as one HTML file that needs nothing else.

    Args:
        report: What to show; the words are those of its Markdown.
        drawings: Figure name -> SVG.
    """
    titles = {figure.name: figure.title for figure in report.figures}
    reader = MarkdownIt("commonmark", {"html": False}).enable("table")
    body = reader.render(to_markdown(report, png=False))
    body = re.sub(
        r'<img src="figures/([\w-]+)\.svg"[^>]*>', lambda m: inline(drawings[m[1]].decode(), titles[m[1]]), body
    )
    body = body.replace("<table>", '<div class="wide"><table>').replace("</table>", "</table></div>")
    body = re.sub(r"<strong>(\w+)", lambda m: f'<strong class="{_TONES.get(m[1], "plain")}">{m[1]}', body)
    sheet = resources.files(__package__).joinpath("templates/report.css").read_text(encoding="utf-8")
    opening, *sections = re.split(r"(?=<h2>)", body)
    folded = "".join(_folding(section) for section in sections)
    title = escape(report.title)
    return (
        f'<!doctype html>\n<html lang="en">\n<head>\n<meta charset="utf-8">\n<title>{title}</title>\n'
        f'<meta name="viewport" content="width=device-width, initial-scale=1">\n<style>\n{sheet}</style>\n</head>\n'
        f"<body>\n{opening}{folded}</body>\n</html>\n"
    )


def _folding(section: str) -> str:
    heading, rest = section.split("</h2>", 1)
    return f"<details open>\n<summary>{heading}</h2></summary>{rest}</details>\n"


#: Points of a figure that are as wide as one rem of the page: two panels fill it, one panel takes half.
POINTS_A_REM = 10.3
#: Ids of matplotlib's groups: nothing refers to them, and two figures on one page would repeat them.
_GROUP_ID = re.compile(r'(<g) id="[A-Za-z][\w.]*_\d+"')


def inline(svg: str, title: str) -> str:
    """An SVG as part of a page: no XML prologue, no repeated ids, sized by the page, named for screen readers."""
    text = _GROUP_ID.sub(r"\1", svg[svg.index("<svg") :]).strip()
    text = re.sub(r"<metadata>.*?</metadata>\s*", "", text, flags=re.DOTALL)
    opening, rest = text.split(">", 1)
    width = re.search(r' width="([\d.]+)pt"', opening)
    limit = f' style="max-width: {float(width[1]) / POINTS_A_REM:.1f}rem"' if width else ""
    opening = re.sub(r' (?:width|height)="[^"]*"', "", opening)
    return f'{opening}{limit} role="img" aria-label="{escape(title)}">{rest}'
