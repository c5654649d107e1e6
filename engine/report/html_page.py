"""The HTML page: the Markdown of a report as one file, with contents, folds, figures inlined and the data to save."""

from __future__ import annotations

import re
from base64 import b64encode
from collections.abc import Mapping, Sequence
from html import escape
from importlib import resources
from pathlib import PurePosixPath
from typing import Any
from urllib.parse import unquote

from markdown_it import MarkdownIt
from markdown_it.renderer import RendererHTML
from markdown_it.token import Token
from scalingdsl.spec.diagnostics.snippet import printable

from .report_model import Report
from .to_markdown import to_markdown

#: Words of what is printed strongly, the first of which says how it is meant.
_TONES = {
    "held": "good", "failed": "bad", "undecided": "open", "agrees": "good", "does": "bad", "unidentified": "open",
    "above": "open", "below": "open", "sound": "good", "misses": "bad", "miss": "bad", "diverged": "bad",
}  # fmt: skip
#: Points of a figure that are as wide as one rem of the page, of 16 px: it is shown at its own size.
POINTS_A_REM = 12.0
#: Bytes of data that a page holds; more are linked beside it.
MOST_BYTES = 2_000_000
#: Ids of matplotlib's groups: nothing refers to them, and two figures on one page would repeat them.
_GROUP_ID = re.compile(r'(<g) id="[A-Za-z][\w.]*_\d+"')


def to_html(report: Report, drawings: Mapping[str, bytes], data: Mapping[str, bytes]) -> str:
    """The report as one HTML file that needs nothing else.

    Args:
        report: What to show; the words are those of its Markdown.
        drawings: Figure name -> SVG.
        data: File name -> contents, of the files of `report.data`.
    """
    figures = {figure.name: inline(drawings[figure.name].decode(), figure.title) for figure in report.figures}
    held = data if sum(map(len, data.values())) <= MOST_BYTES else {}
    reader = MarkdownIt("commonmark", {"html": False}, renderer_cls=_Page).enable("table")
    body = reader.render(to_markdown(report, page=True), {"figures": figures, "data": held})
    first, _, folded = body.partition("<details>")
    sheet = resources.files(__package__).joinpath("templates/report.css").read_text(encoding="utf-8")
    contents = "".join(
        f'<li><a href="#part-{place}">{shown(part.title)}</a></li>' for place, part in enumerate(report.parts, start=1)
    )
    return (
        f'<!doctype html>\n<html lang="en">\n<head>\n<meta charset="utf-8">\n<title>{shown(report.title)}</title>\n'
        f'<meta name="viewport" content="width=device-width, initial-scale=1">\n<style>\n{sheet}</style>\n</head>\n'
        f'<body>\n{first}<nav aria-label="Contents"><ol>{contents}</ol></nav>\n<details>{folded}</div>\n</details>\n'
        f"</body>\n</html>\n"
    )


class _Page(RendererHTML):
    """Render rules by the names of tokens: figures inlined, wide tables, verdicts in their tone, parts that fold."""

    def image(self, tokens: Sequence[Token], idx: int, options: Any, env: Any) -> str:
        figure: str = env["figures"][unquote(PurePosixPath(str(tokens[idx].attrs["src"])).stem)]
        return figure

    def table_open(self, tokens: Sequence[Token], idx: int, options: Any, env: Any) -> str:
        return '<div class="wide"><table>\n'

    def table_close(self, tokens: Sequence[Token], idx: int, options: Any, env: Any) -> str:
        return "</table></div>\n"

    def strong_open(self, tokens: Sequence[Token], idx: int, options: Any, env: Any) -> str:
        said = tokens[idx + 1].content
        words = re.findall(r"[a-z]+", said)
        tone = next((_TONES[word] for word in words if word in _TONES), "plain")
        return f'<strong class="{"plain" if said.endswith(" 0") else tone}">'

    def link_open(self, tokens: Sequence[Token], idx: int, options: Any, env: Any) -> str:
        """A link to a file beside the report; to its contents where the page holds them."""
        name = unquote(str(tokens[idx].attrs["href"]))
        if name not in env["data"]:
            return self.renderToken(tokens, idx, options, env)
        held = b64encode(env["data"][name]).decode("ascii")
        return f'<a download="{escape(name)}" href="data:application/octet-stream;base64,{held}">'

    def heading_open(self, tokens: Sequence[Token], idx: int, options: Any, env: Any) -> str:
        if tokens[idx].tag != "h2":
            return self.renderToken(tokens, idx, options, env)
        before = "</div>\n</details>\n" if "parts" in env else ""
        env["parts"] = env.get("parts", 0) + 1
        return f"{before}<details>\n<summary><h2>"

    def heading_close(self, tokens: Sequence[Token], idx: int, options: Any, env: Any) -> str:
        if tokens[idx].tag != "h2":
            return self.renderToken(tokens, idx, options, env)
        # The place that contents lead to lies inside the fold, so that going there opens it.
        return f'</h2></summary>\n<div id="part-{env["parts"]}">\n'


def shown(text: str) -> str:
    """A text as it stands in HTML."""
    return escape(printable(text))


def inline(svg: str, title: str) -> str:
    """An SVG as part of a page: no XML prologue, no repeated ids, sized by the page, named for screen readers."""
    text = _GROUP_ID.sub(r"\1", svg[svg.index("<svg") :]).strip()
    text = re.sub(r"<metadata>.*?</metadata>\s*", "", text, flags=re.DOTALL)
    opening, rest = text.split(">", 1)
    width = re.search(r' width="([\d.]+)pt"', opening)
    limit = f' style="max-width: {float(width[1]) / POINTS_A_REM:.1f}rem"' if width else ""
    opening = re.sub(r' (?:width|height)="[^"]*"', "", opening)
    return f'{opening}{limit} role="img" aria-label="{shown(title)}">{rest}'
