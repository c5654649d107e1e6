"""The parser's tables, kept as JSON beside the grammar: reading them takes a tenth of the time of building them.

`grammar.json` is made from `grammar.lark` by `python -m scalingdsl.spec.syntax.parse_tables`. It names the grammar and
the version of lark that it was made from; where either is another, the parser is built from the grammar: slower, and
as right. So lark's own way into its tables, which is private, is only gone with the version that was tried.
(`Lark.save` writes a pickle, which nobody can review and this package does not read; the standalone generator writes
4,000 lines.)
"""

from __future__ import annotations

import hashlib
import json
from functools import cache
from importlib.resources import files
from importlib.resources.abc import Traversable
from typing import Any

from lark import Lark, UnexpectedInput, __version__
from lark.grammar import Rule
from lark.lexer import TerminalDef

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
    kept = _beside("grammar.json")
    if kept.is_file():
        tables = json.loads(kept.read_text(encoding="utf-8"), object_pairs_hook=_with_numbers)
        if tables["made_from"] == _made_from():
            loaded: Lark = Lark._load_from_dict(tables["data"], tables["memo"])  # type: ignore[no-untyped-call]
            return loaded
    return build()


def parses(text: str, start: str) -> bool:
    """The grammar takes a text."""
    try:
        parser().parse(text, start=start)
    except UnexpectedInput:
        return False
    return True


def _made_from() -> dict[str, str]:
    return {"grammar": hashlib.sha256(grammar().encode()).hexdigest(), "lark": __version__}


def tables() -> str:
    """The content of `grammar.json`."""
    data, memo = build().memo_serialize([TerminalDef, Rule])
    return json.dumps({"made_from": _made_from(), "data": data, "memo": memo}, separators=(",", ":")) + "\n"


def _with_numbers(pairs: list[tuple[str, Any]]) -> dict[str | int, Any]:
    """JSON has only texts for keys; lark's tables count their states and tokens."""
    return {int(key) if key.isdecimal() else key: value for key, value in pairs}


if __name__ == "__main__":
    from pathlib import Path

    Path(__file__).with_name("grammar.json").write_text(tables(), encoding="utf-8")
