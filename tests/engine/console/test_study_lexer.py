"""The lexer of Pygments for studies: nothing of the language is an error to it, and its words are the language's."""

from __future__ import annotations

from pathlib import Path

import pytest
from pygments import lex
from pygments.token import Error, Keyword, Name
from scalingdsl.engine.console.study_lexer import StudyLexer

ROOT = Path(__file__).parents[3]
STUDIES = sorted((ROOT / "studies").rglob("*.scl"))


@pytest.mark.parametrize("path", STUDIES, ids=lambda path: path.stem)
def test_a_shipped_study_is_lexed_whole(path: Path) -> None:
    text = path.read_text(encoding="utf-8")
    found = list(lex(text, StudyLexer(stripnl=False)))
    assert not [value for kind, value in found if kind in Error]
    assert "".join(value for _, value in found) == text


def test_words_have_their_kinds() -> None:
    found = {value: kind for kind, value in lex("fit mine chinchilla  where N > 1B", StudyLexer())}
    assert found["fit"] is Keyword.Declaration
    assert found["where"] is Keyword
    assert (found["chinchilla"], found["N"], found["mine"]) == (Name.Builtin, Name.Constant, Name)
