"""Kinds of texts: records that hold the text, documents that marks part, texts without line ends, encodings."""

from __future__ import annotations

import csv
import gzip
import io
import json
import tarfile
import zipfile
from pathlib import Path

import pyarrow as pa
import pytest
from pyarrow import parquet
from scalingdsl.engine.sources.text.tokens import tokenised
from scalingdsl.spec import check
from scalingdsl.spec.vocabulary.words.text import Text

from . import Case, cases

STORIES = [
    f"Story {i} begins at {i * i}.\n\nA second part, number {i * 37}.\nIts end: {chr(65 + i) * 3} and Größe {i % 7}."
    for i in range(24)
]
TABLE = pa.table({"text": STORIES})
MODELS = "models transformer(layers=1) width in {8, 16}\ntrain adamw tokens in [512..4096]"


def told(folder: Path, call: str) -> list[str]:
    """What is said about a study of a text: it is valid."""
    found = check(folder / "s.scl", text=f"data {call}\n{MODELS}", at_hand=True)
    assert found.plan is not None, found.diagnostics
    return [text for d in found.diagnostics for text in (d.message, *d.notes, *d.helps)]


def refused(folder: Path, call: str) -> str:
    return " ".join(d.message for d in check(folder / "s.scl", text=f"data {call}\n{MODELS}", at_hand=True).errors)


def whole(folder: Path, **asked: str) -> None:
    """Every story stands whole on one side of the split, and nothing else is learnt."""
    train, test = (
        bytes(getattr(tokenised(Text(**asked), folder), side).tolist()).decode() for side in ("train", "test")
    )  # type: ignore[arg-type]
    assert train
    assert test
    assert sorted(story for side in (train, test) for story in STORIES if story in side) == sorted(STORIES)
    rest = train + test
    for story in STORIES:
        rest = rest.replace(story, "")
    assert not rest.strip()


# --- records that hold the text ---------------------------------------------------------------------------------------


def lines_of_json_with_metadata(folder: Path) -> None:
    lines = [json.dumps({"text": s, "meta": {"source": "own", "n": i}}) for i, s in enumerate(STORIES)]
    (folder / "c.jsonl").write_text("\n".join(lines))
    said = told(folder, 'text("c.jsonl", length=16, eval_walks=8)')
    assert any("looks like JSON lines, and is read as plain text, marks and all" in text for text in said)
    assert any('text("c.jsonl", field="text")' in text for text in said)
    assert not told(folder, 'text("c.jsonl", field="text", length=16, eval_walks=8)')
    whole(folder, path="c.jsonl", field="text")


def packed_lines_with_a_nested_field(folder: Path) -> None:
    lines = "\n".join(json.dumps({"doc": {"body": s}, "id": i}, ensure_ascii=False) for i, s in enumerate(STORIES))
    (folder / "c.jsonl.gz").write_bytes(gzip.compress(lines.encode()))
    assert any("JSON lines" in text for text in told(folder, 'text("c.jsonl.gz", length=16, eval_walks=8)'))
    whole(folder, path="c.jsonl.gz", field="doc.body")


def a_table_and_a_parquet_file(folder: Path) -> None:
    buffer = io.StringIO()
    csv.writer(buffer).writerows([["id", "text"], *enumerate(STORIES)])
    (folder / "c.csv").write_text(buffer.getvalue())
    parquet.write_table(pa.table({"text": STORIES, "n": list(range(24))}), folder / "c.parquet")
    assert any("looks like a table" in text for text in told(folder, 'text("c.csv", length=16, eval_walks=8)'))
    assert 'name the column of its text, as in field="text"' in refused(folder, 'text("c.parquet")')
    for name in ("c.csv", "c.parquet"):
        whole(folder, path=name, field="text")


def an_array_of_records_and_a_missing_field(folder: Path) -> None:
    (folder / "c.json").write_text(json.dumps([{"content": s} for s in STORIES]))
    whole(folder, path="c.json", field="content")
    assert 'record 1: has no field "text"; its fields are content' in refused(folder, 'text("c.json", field="text")')
    (folder / "p.html").write_text("<!DOCTYPE html><html><body>" + "<p>words of a page</p>\n" * 200 + "</body></html>")
    assert any("looks like HTML or XML" in text for text in told(folder, 'text("p.html", length=16, eval_walks=8)'))


# --- documents that marks part ----------------------------------------------------------------------------------------


def the_usual_mark(folder: Path) -> None:
    (folder / "s.txt").write_text("\n<|endoftext|>\n".join(STORIES))
    assert any(
        "documents are parted by <|endoftext|>" in t for t in told(folder, 'text("s.txt", length=16, eval_walks=8)')
    )
    whole(folder, path="s.txt")


def a_mark_of_ones_own(folder: Path) -> None:
    (folder / "s.txt").write_text("\n%%%%\n".join(STORIES))
    assert any('write separator="%%%%"' in t for t in told(folder, 'text("s.txt", length=16, eval_walks=8)'))
    whole(folder, path="s.txt", separator="%%%%")


def another_known_mark_on_the_same_line(folder: Path) -> None:
    (folder / "s.txt").write_text("".join(f"{s}</s>" for s in STORIES))
    whole(folder, path="s.txt")


def three_empty_lines(folder: Path) -> None:
    (folder / "s.txt").write_text("\n\n\n".join(STORIES))
    whole(folder, path="s.txt")


# --- texts without line ends, encodings, archives ---------------------------------------------------------------------


def one_line_is_cut_by_size(folder: Path) -> None:
    (folder / "s.txt").write_text(" ".join(f"word{i}" for i in range(3000)))
    assert not told(folder, 'text("s.txt", length=16, eval_walks=8)')
    found = tokenised(Text(path="s.txt"), folder)
    assert 0.05 < len(found.test) / (len(found.test) + len(found.train)) < 0.2


def line_ends_of_other_systems(folder: Path) -> None:
    (folder / "s.txt").write_bytes("\r\n\r\n\r\n".join(s.replace("\n", "\r\n") for s in STORIES).encode())
    whole(folder, path="s.txt")


def another_encoding_is_named(folder: Path) -> None:
    (folder / "s.txt").write_bytes("\n<|endoftext|>\n".join(STORIES).encode("latin-1"))
    assert "is not UTF-8 text at byte" in refused(folder, 'text("s.txt")')
    whole(folder, path="s.txt", encoding="latin-1")
    (folder / "u.txt").write_bytes("\n<|endoftext|>\n".join(STORIES).encode("utf-16"))
    whole(folder, path="u.txt")


def an_archive_of_files(folder: Path) -> None:
    with zipfile.ZipFile(folder / "s.zip", "w") as file:
        for i, story in enumerate(STORIES):
            file.writestr(f"story-{i:02}.txt", story)
        file.writestr("__MACOSX/._story", b"\0\1")
    whole(folder, path="s.zip")


def what_is_no_text_is_told(folder: Path) -> None:
    buffer = io.BytesIO()
    with tarfile.open(fileobj=buffer, mode="w:gz") as file:
        file.addfile(tarfile.TarInfo("a.txt"), io.BytesIO())
    (folder / "a.tar.gz").write_bytes(buffer.getvalue())
    with zipfile.ZipFile(folder / "a.docx", "w") as archive:
        archive.writestr("[Content_Types].xml", "<Types/>")
    assert "is a tar archive; unpack it" in refused(folder, 'text("a.tar.gz")')
    assert "is a document of Word or Excel" in refused(folder, 'text("a.docx")')
    prose = "\n\n\n".join(STORIES)
    for name, begins, kind in (
        ("w.xml", "<mediawiki><page></page>\n", "HTML or XML"),
        ("p.txt", "<p>words</p>\n", "HTML or XML"),
        ("a.rtf", "{\\rtf1\\ansi ", "RTF"),
        ("a.db", "SQLite format 3\0", "binary data"),
    ):
        (folder / name).write_text(begins + prose)
        assert any(f"looks like {kind}" in text for text in told(folder, f'text("{name}", length=16, eval_walks=8)')), (
            name
        )
    rows = "".join(f'"{i % 4}","Title {i}","{story.splitlines()[0]}"\n' for i, story in enumerate(STORIES))
    (folder / "news.csv").write_text(rows)
    assert any("looks like a table" in text for text in told(folder, 'text("news.csv", length=16, eval_walks=8)'))
    with pa.OSFile(str(folder / "data.arrow"), "wb") as file, pa.ipc.new_stream(file, TABLE.schema) as stream:
        stream.write_table(TABLE)
    assert "is a file of Arrow" in refused(folder, 'text("data.arrow", field="text")')
    (folder / "marks.txt").write_text("\n".join(f"<s> {story} </s>" for story in STORIES))
    assert not any("looks like" in text for text in told(folder, 'text("marks.txt", length=16, eval_walks=8)'))


KINDS: dict[str, tuple[Case, ...]] = {
    "records that hold the text": (
        lines_of_json_with_metadata,
        packed_lines_with_a_nested_field,
        a_table_and_a_parquet_file,
        an_array_of_records_and_a_missing_field,
    ),
    "documents that marks part": (
        the_usual_mark,
        a_mark_of_ones_own,
        another_known_mark_on_the_same_line,
        three_empty_lines,
    ),
    "texts of other forms": (
        one_line_is_cut_by_size,
        line_ends_of_other_systems,
        another_encoding_is_named,
        an_archive_of_files,
        what_is_no_text_is_told,
    ),
}


@pytest.mark.parametrize("case", cases(KINDS))
def test_a_text_gives_what_is_known(case: Case, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    case(tmp_path)
