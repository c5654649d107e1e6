"""Diagnostics as text: `full` for people, `concise` for one line each, `json`, `github` and `sarif` for machines.

The order is that of place and code, whatever order they were found in; the same findings give the same bytes.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Literal

from ..errors import Diagnostic
from ..source import Source
from .collect import in_order

OutputFormat = Literal["full", "concise", "json", "github", "sarif"]


def render(
    diagnostics: Sequence[Diagnostic],
    sources: Mapping[str, Source],
    output_format: OutputFormat = "full",
    color: bool = False,
    width: int | None = None,
) -> str:
    """The diagnostics in one of the formats; `sources` holds every file by the name that spans give it.

    `full` and `concise` are empty for no diagnostics; with `color` they hold ANSI colours. `full` shows of a source
    line what fits into a terminal of `width` columns, so that no mark is moved away from what it marks.
    """
    ordered = in_order(diagnostics)
    if output_format == "full":
        from .snippet import full

        return "\n".join(full(d, sources, color, width) for d in ordered)
    if output_format == "concise":
        from .snippet import concise

        return "".join(f"{concise(d, sources, color)}\n" for d in ordered)
    from . import formats

    return {"json": formats.as_json, "github": formats.as_github, "sarif": formats.as_sarif}[output_format](
        ordered, sources
    )


def summary(diagnostics: Sequence[Diagnostic]) -> str:
    """The numbers of errors and warnings in words: `2 errors, 1 warning`."""
    counts = {s: sum(d.severity == s for d in diagnostics) for s in ("error", "warning")}
    words = [f"{n} {word}{'s' if n != 1 else ''}" for word, n in counts.items() if n]
    return ", ".join(words) or "no mistakes"
