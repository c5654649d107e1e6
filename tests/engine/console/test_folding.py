"""Lines on a terminal of any width."""

from __future__ import annotations

import io
import sys

import pytest
from hypothesis import given
from hypothesis import strategies as st
from scalingdsl.engine.console.folding import fold, folded


def test_a_long_line_hangs_below_its_beginning() -> None:
    assert fold("  at C = 1.8e+20, N from 637M to 1.05B loses 0.1 % at most", 30) == (
        "  at C = 1.8e+20, N from 637M\n      to 1.05B loses 0.1 % at\n      most"
    )


def test_words_stay_whole_and_short_lines_as_they_are() -> None:
    text = "a/path/that/is/longer/than/the/terminal\n\n  aligned   columns"
    assert fold(text, 20) == text


@given(st.text(alphabet="ab .\n", max_size=200), st.integers(1, 120))
def test_nothing_is_lost(text: str, width: int) -> None:
    assert fold(text, width).split() == text.split()


class Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


def test_what_is_piped_keeps_its_lines(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COLUMNS", "20")
    line = "one two three four five six seven"
    assert folded(line, io.StringIO()) == line
    assert folded(line, Terminal()).count("\n") == 1
    assert folded(line, sys.stdout) == line
