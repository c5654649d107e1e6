"""Studies in colour wherever Pygments highlights, as documentation and notebooks do; the lexer is called `scl`."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any, ClassVar

from pygments.lexer import RegexLexer
from pygments.token import Comment, Keyword, Name, Number, Operator, Punctuation, String, Whitespace
from scalingdsl.spec.syntax.scanner import STATEMENTS, WORDS


def _word(lexer: StudyLexer, match: re.Match[str]) -> Iterator[tuple[int, Any, str]]:
    """A name: a word of the grammar, a word or a quantity of the vocabulary, or one of the study's own."""
    from scalingdsl.spec.vocabulary import REGISTRY
    from scalingdsl.spec.vocabulary.quantities import QUANTITIES

    text = match.group()
    kind = (
        Keyword.Declaration if text in STATEMENTS
        else Keyword if text in WORDS
        else Name.Builtin if text in REGISTRY
        else Name.Constant if text in QUANTITIES
        else Name
    )  # fmt: skip
    yield match.start(), kind, text


class StudyLexer(RegexLexer):
    """The text of a study; words that other packages declare are known too."""

    name = "scalingdsl"
    aliases: ClassVar[list[str]] = ["scl"]
    filenames: ClassVar[list[str]] = ["*.scl"]
    url = ""
    version_added = ""
    tokens: ClassVar[dict[str, Any]] = {
        "root": [
            (r"#[^\n]*", Comment.Single),
            (r'"[^"\n]*"?', String),
            (r"(\d+(\.\d+)?|\.\d+)([eE][+-]?\d+)?[A-Za-z%]*", Number),
            (r"[A-Za-z_]\w*", _word),
            (r"\.\.|[<>=!]=|[-+*/^<>=&]", Operator),
            (r"[\[\]{}(),;:]", Punctuation),
            (r"[\s\ufeff]+", Whitespace),
        ]
    }
