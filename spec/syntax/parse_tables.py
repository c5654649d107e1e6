"""The parser's tables, kept as JSON beside the grammar: reading them takes a tenth of the time of building them.

`grammar.json` is made from `grammar.lark` by `python -m tests.spec.syntax.make_tables`. It names the grammar and
the version of lark that it was made from; where either is another, the parser is built from the grammar: slower, and
as right. Why it is neither lark's pickle nor its standalone parser: docs/decisions/0012-parser-tables.md.
"""

from __future__ import annotations

import hashlib
import json
from functools import cache, lru_cache
from pathlib import Path
from typing import Any

from lark import Lark, ParseTree, UnexpectedInput, __version__

#: What can be parsed on its own.
STARTS = ("statement", "test", "value")

GRAMMAR = Path(__file__).with_name("grammar.lark")
TABLES = GRAMMAR.with_suffix(".json")


def grammar() -> str:
    """The text of the grammar."""
    return GRAMMAR.read_text(encoding="utf-8")


def build(**options: Any) -> Lark:
    """The parser, built from the grammar; tests build it with `strict=True` too."""
    return Lark(grammar(), parser="lalr", start=list(STARTS), keep_all_tokens=True, maybe_placeholders=True, **options)


@cache
def parser() -> Lark:
    """The parser, from its tables if they are of this grammar and this lark."""
    if TABLES.is_file():
        kept = json.loads(TABLES.read_text(encoding="utf-8"))
        if kept["made_from"] == made_from():
            return Lark.load(_with_numbers(kept["saved"]))
    return build()


@lru_cache(maxsize=1024)
def tree_of(text: str, start: str) -> ParseTree:
    """The parse tree of a text; a study is read many times over to see what mends it, most of it as it was.

    Raises:
        lark.UnexpectedInput: The grammar does not take it.
    """
    return parser().parse(text, start=start)


def unread(text: str, start: str) -> int:
    """The characters of a text from where the grammar first takes it no more; -1 where it takes all of it."""
    try:
        tree_of(text, start)
    except UnexpectedInput as error:
        ended = getattr(getattr(error, "token", None), "type", "") == "$END"
        return 0 if ended else len(text) - (error.pos_in_stream or 0)
    return -1


def made_from() -> dict[str, str]:
    """The grammar and the version of lark that tables are of."""
    return {"grammar": hashlib.sha256(grammar().encode()).hexdigest(), "lark": __version__}


def _with_numbers(saved: Any) -> Any:
    """The tables as lark counts them: JSON has only texts for keys, and states and tokens are numbers."""
    tables = saved["data"]["parser"]["parser"]
    tables["tokens"] = {int(token): name for token, name in tables["tokens"].items()}
    tables["states"] = {
        int(state): {int(token): action for token, action in actions.items()}
        for state, actions in tables["states"].items()
    }
    saved["memo"] = {int(number): value for number, value in saved["memo"].items()}
    return saved
