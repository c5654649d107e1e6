"""Documents of a text: parted by marks, kept whole across the split, of records, and of one line."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from scalingdsl.engine.sources.text.documents import Files, divide, separator_of
from scalingdsl.engine.sources.text.tokens import tokenised
from scalingdsl.spec.files.documents_in import TextForm
from scalingdsl.spec.files.text_documents import ENOUGH, cut
from scalingdsl.spec.vocabulary.words.text import Text

STORIES = [f"Story {i} begins.\n\nIt has a second part, number {i * 37}.\nAnd ends {chr(65 + i)}." for i in range(12)]


def sides(term: Text, folder: Path) -> tuple[str, str]:
    found = tokenised(term, folder)
    return bytes(found.train.tolist()).decode(), bytes(found.test.tolist()).decode()


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    (tmp_path / "marked.txt").write_text("\n<|endoftext|>\n".join(STORIES))
    (tmp_path / "own.txt").write_text("\n=====\n".join(STORIES))
    (tmp_path / "c.jsonl").write_text("\n".join(json.dumps({"text": story}) for story in STORIES))
    return tmp_path


@pytest.mark.parametrize(
    "term",
    [
        Text(path="marked.txt"),
        Text(path="own.txt", separator="====="),
        Text(path="c.jsonl", field="text"),
    ],
)
def test_documents_stay_whole_and_marks_are_not_learnt(term: Text, folder: Path) -> None:
    train, test = sides(term, folder)
    assert sorted(story for side in (train, test) for story in STORIES if story in side) == sorted(STORIES)
    assert not any(mark in train + test for mark in ("endoftext", "=====", "{"))
    assert train
    assert test


def test_a_mark_is_known_and_another_form_is_another_text(folder: Path) -> None:
    assert separator_of(Files.at(folder / "marked.txt")) == "<|endoftext|>"
    assert separator_of(Files.at(folder / "own.txt")) == ""
    assert (
        tokenised(Text(path="own.txt"), folder).digest
        != tokenised(Text(path="own.txt", separator="====="), folder).digest
    )


def test_a_text_of_one_line_is_cut_by_size() -> None:
    line = " ".join(f"word{i}" for i in range(4000))
    documents = list(cut([line]))
    assert len(documents) in (ENOUGH, ENOUGH + 1)
    assert " ".join(documents) == line
    assert divide(documents, 0.1).held_out.sum() >= 1
    unbroken = list(cut(["ACGT" * 5000]))
    assert "".join(unbroken) == "ACGT" * 5000


def test_records_are_read_as_they_are(folder: Path) -> None:
    assert list(cut(Files.at(folder / "c.jsonl", form=TextForm("text")), records=True)) == STORIES
