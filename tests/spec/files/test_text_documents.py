"""Documents of texts in blocks: those that the whole texts are cut into by `re`, wherever the blocks end."""

from __future__ import annotations

import re

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scalingdsl.spec.files.raw_file import FileError
from scalingdsl.spec.files.text_documents import ENOUGH, cut

#: What texts are made of: words, blanks of every kind, marks whole and torn.
PIECES = st.sampled_from(
    ["a", "word ", " ", "\n", "\n\n", "\n \n\t\n", "\r", "\u2003", "<eos>", "<eo", "s>", "##", "#"]
)
TEXT = st.lists(PIECES, max_size=60).map("".join)
CUTS = (None, r"\n[ \t]*\n[ \t]*\n\s*", r"\n[ \t]*\n\s*", r"\n")


def in_pieces(text: str, size: int) -> list[str]:
    return [text[at : at + size] for at in range(0, len(text), size)]


def bare(parts: list[str]) -> list[str]:
    return [part.strip() for part in parts if part.strip()]


def whole(texts: list[str], separator: str) -> list[str]:
    """The documents of whole texts: at the separator, or at the coarsest cut that gives enough."""
    if separator:
        return bare([part for text in texts for part in text.split(separator)])
    for between in CUTS:
        found = bare([part for text in texts for part in (re.split(between, text) if between else [text])])
        if len(found) >= ENOUGH:
            break
    if len(found) != 1:
        return found
    (text,) = (text for text in texts if text.strip())
    size, pieces = max(1, len(text) // ENOUGH), []
    while text:
        blank = text.find(" ", size, 2 * size)
        end = len(text) if size >= len(text) else size if blank < 0 else blank
        pieces.append(text[:end])
        text = text[end:]
    return bare(pieces)


@settings(max_examples=300, deadline=None)
@given(st.lists(TEXT, max_size=25), st.sampled_from(["", "<eos>", "##", "\n##\n", "a"]), st.integers(1, 9))
def test_documents_of_blocks_are_those_of_the_whole(texts: list[str], separator: str, size: int) -> None:
    wanted = whole(texts, separator)
    for given_ in (texts, [in_pieces(text, size) for text in texts]):
        if not wanted:
            with pytest.raises(FileError, match="empty"):
                cut(given_, separator)
        else:
            assert list(cut(given_, separator)) == wanted


@settings(deadline=None)
@given(st.lists(TEXT, min_size=1, max_size=4), st.integers(1, 9))
def test_records_are_documents_however_they_come(texts: list[str], size: int) -> None:
    if wanted := bare(texts):
        assert list(cut([in_pieces(text, size) for text in texts], records=True)) == wanted


def test_a_long_line_in_blocks_is_cut_by_size() -> None:
    line = " ".join(f"word{i * i}" for i in range(3000))
    found = list(cut([in_pieces(line, 1000)]))
    assert found == list(cut([line])) == whole([line], "")
    assert len(found) == ENOUGH
    assert " ".join(found) == line


def test_no_more_is_read_than_shows_that_documents_are_enough() -> None:
    """Of blocks without end, those that hold so many documents."""
    read = 0

    class Endless:
        def __iter__(self) -> object:
            def blocks() -> object:
                nonlocal read
                while True:
                    read += 1
                    yield "A paragraph.\n\n\n"

            return iter((["one"], blocks()))

    assert cut(Endless(), "\n\n\n").at_least(ENOUGH)  # type: ignore[arg-type]
    assert read < 2 * ENOUGH + 2
