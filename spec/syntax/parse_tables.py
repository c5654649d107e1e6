"""The parser's tables, kept beside the grammar: reading them takes a hundredth of the time of building them.

`grammar.tables` is made from `grammar.lark` by `python -m scalingdsl.spec.syntax.parse_tables`: a line that names the
grammar and the version of lark that it was made from, then what `Lark.save` writes. Where either is another, the parser
is built from the grammar: slower, and as right.
"""

from __future__ import annotations

import hashlib
from functools import cache
from importlib.resources import files
from importlib.resources.abc import Traversable
from io import BytesIO
from typing import Any

from lark import Lark, UnexpectedInput, __version__

#: What can be parsed on its own.
STARTS = ("statement", "test", "value")


def _beside(name: str) -> Traversable:
    return files(__package__).joinpath(name)


def grammar() -> str:
    """The text of the grammar."""
    return _beside("grammar.lark").read_text(encoding="utf-8")


def build(**options: Any) -> Lark:
    """The parser, built from the grammar; tests build it with `strict=True` too."""
    return Lark(grammar(), parser="lalr", start=list(STARTS), keep_all_tokens=True, maybe_placeholders=True, **options)


@cache
def parser() -> Lark:
    """The parser, from its tables if they are of this grammar and this lark."""
    kept = _beside("grammar.tables")
    if kept.is_file():
        made_from, _, saved = kept.read_bytes().partition(b"\n")
        if made_from.decode() == _made_from():
            return Lark.load(BytesIO(saved))
    return build()


def parses(text: str, start: str) -> bool:
    """The grammar takes a text."""
    try:
        parser().parse(text, start=start)
    except UnexpectedInput:
        return False
    return True


def _made_from() -> str:
    return f"{hashlib.sha256(grammar().encode()).hexdigest()} lark {__version__}"


def tables() -> bytes:
    """The content of `grammar.tables`."""
    saved = BytesIO()
    build().save(saved)
    return _made_from().encode() + b"\n" + saved.getvalue()


if __name__ == "__main__":
    from pathlib import Path

    Path(__file__).with_name("grammar.tables").write_bytes(tables())
