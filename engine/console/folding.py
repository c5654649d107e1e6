"""Lines folded to the width of a terminal between words; what is piped or redirected keeps its lines whole."""

from __future__ import annotations

import shutil
import textwrap
from typing import IO

#: What a line goes on with, beside its own indentation.
HANGING = "    "


def folded(text: str, stream: IO[str]) -> str:
    """The text as it is written to `stream`: folded to its width where that is a terminal."""
    return fold(text, shutil.get_terminal_size().columns) if stream.isatty() else text


def fold(text: str, width: int) -> str:
    """Every line cut between words at `width`; what follows hangs below its beginning. Long words stay whole."""
    lines = []
    for line in text.split("\n"):
        indent = line[: len(line) - len(line.lstrip())]
        lines += textwrap.wrap(
            line,
            max(width, 20),
            subsequent_indent=indent + HANGING,
            break_long_words=False,
            break_on_hyphens=False,
        ) or [line]
    return "\n".join(lines)
