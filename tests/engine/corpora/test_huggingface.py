"""Data sets as files: the rows for real, the library only where it is installed."""

from __future__ import annotations

import json
from collections.abc import Iterator
from importlib.util import find_spec
from pathlib import Path

import pytest
from click.testing import CliRunner
from scalingdsl.engine.cli import main
from scalingdsl.engine.corpora.huggingface import prepare_dataset, texts_of, write_texts
from scalingdsl.spec.errors import EngineError
from scalingdsl.spec.files.text_files import content, iter_files

INSTALLED = find_spec("datasets") is not None
ROWS = [{"id": 1, "text": "One."}, {"id": 2, "text": " \n"}, {"id": 3, "text": "Two é."}, {"id": 4, "text": "Three."}]


def test_rows_become_files_of_one_document_each(tmp_path: Path) -> None:
    texts = list(texts_of(ROWS, "text", 2, "a/b"))
    assert texts == ["One.", "Two é."]
    facts = write_texts(texts, tmp_path / "b", about="a/b", licence="odc-by", package="datasets 3")
    files = tuple(iter_files(tmp_path / "b" / "text"))
    assert [f.read_text(encoding="utf-8") for f in files] == texts
    assert (facts["documents"], facts["bytes"]) == (2, 11)
    assert facts["sha256"] == content(f.read_bytes() for f in files)
    known = json.loads((tmp_path / "b" / "corpus.json").read_text())
    assert (known["licence"], known["about"]) == ("odc-by", "a/b, first 2 documents")
    assert [p.name for p in tmp_path.iterdir()] == ["b"]


def test_a_document_is_written_as_it_arrives(tmp_path: Path) -> None:
    def texts() -> Iterator[str]:
        for number in range(3):
            assert len(list(tmp_path.glob(".b.*/text/*.txt"))) == number
            yield f"Document {number}."

    assert write_texts(texts(), tmp_path / "b", about="a/b")["documents"] == 3


def test_what_is_broken_off_leaves_nothing(tmp_path: Path) -> None:
    rows = [*ROWS, {"id": 5, "text": None}]
    with pytest.raises(EngineError, match="has no text in a column 'text'"):
        write_texts(texts_of(rows, "text", 9, "a/b"), tmp_path / "b", about="a/b")
    assert list(tmp_path.iterdir()) == []


def test_a_column_without_text_is_named(tmp_path: Path) -> None:
    with pytest.raises(
        EngineError, match=r"a/b has no text in a column 'body'; its columns are 'id', 'text': name one"
    ):
        list(texts_of(ROWS, "body", 2, "a/b"))
    with pytest.raises(EngineError, match="a/b has no documents in its column 'text'"):
        list(texts_of([ROWS[1]], "text", 2, "a/b"))


def test_nothing_is_overwritten(tmp_path: Path) -> None:
    with pytest.raises(EngineError, match="is there already"):
        prepare_dataset("a/b", tmp_path)


@pytest.mark.skipif(INSTALLED, reason="says what to do where the library is missing")
def test_without_the_library_the_command_says_what_to_install(tmp_path: Path) -> None:
    shown = CliRunner().invoke(main, ["corpus", "--huggingface", "HuggingFaceFW/fineweb-edu", "--into", str(tmp_path)])
    assert shown.exit_code == 2
    assert "is not installed: `pip install datasets`" in shown.stderr
    assert list(tmp_path.iterdir()) == []


@pytest.mark.skipif(not INSTALLED, reason="needs the library datasets")
def test_a_local_data_set_is_read(tmp_path: Path) -> None:
    source = tmp_path / "source"
    source.mkdir()
    (source / "train.jsonl").write_text("\n".join(json.dumps(row) for row in ROWS))
    command = ["corpus", "mine", "--huggingface", str(source), "--into", str(tmp_path), "--documents", "3"]
    shown = CliRunner().invoke(main, command)
    assert shown.exit_code == 0, shown.stderr
    assert [f.read_text() for f in iter_files(tmp_path / "mine" / "text")] == ["One.", "Two é.", "Three."]
