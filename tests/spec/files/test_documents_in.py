"""Corpora as people have them: records of JSON or parquet, archives, encodings, marks between documents."""

from __future__ import annotations

import bz2
import csv
import gzip
import io
import json
import zipfile
from pathlib import Path

import pytest
from scalingdsl.spec.files.documents_in import TextForm, looks_like, repeated_mark, separator_in, texts_in
from scalingdsl.spec.files.raw_file import FileError

from ..support import messages

TEXTS = ["First text.\nOf two lines.", "Second \u2028 text.", "Third."]
RECORDS = [{"text": text, "meta": {"id": i, "body": text}} for i, text in enumerate(TEXTS)]
LINES = "\n".join(json.dumps(record, ensure_ascii=False) for record in RECORDS).encode()
REST = "\nmodels width=16\ntrain adamw tokens=64k\n"


def as_parquet() -> bytes:
    import pyarrow as pa
    from pyarrow import parquet

    buffer = io.BytesIO()
    parquet.write_table(pa.table({"text": TEXTS, "n": [1, 2, 3]}), buffer)
    return buffer.getvalue()


def as_csv(delimiter: str) -> bytes:
    buffer = io.StringIO()
    csv.writer(buffer, delimiter=delimiter).writerows([("id", "text"), *enumerate(TEXTS)])
    return buffer.getvalue().encode()


def as_zip(*parts: bytes) -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as file:
        for i, part in enumerate(parts):
            file.writestr(f"{i}.txt", part)
        file.writestr("__MACOSX/._0.txt", b"\xff")
    return buffer.getvalue()


@pytest.mark.parametrize(
    ("raw", "field"),
    [
        (LINES, "text"),
        (LINES, "meta.body"),
        (LINES + b"\n\n", "text"),
        (LINES.replace(b"\n", b"\n\xef\xbb\xbf"), "text"),  # files put one below the other
        (gzip.compress(LINES), "text"),
        (bz2.compress(LINES), "text"),
        (json.dumps(RECORDS).encode(), "text"),
        (json.dumps(RECORDS).encode("utf-16"), "text"),
        (as_zip(LINES), "text"),
        (LINES.decode().encode("utf-16"), "text"),
        (as_csv(","), "text"),
        (as_csv("\t"), "text"),
        (b"\xef\xbb\xbf" + as_csv(";"), "text"),
    ],
)
def test_records_are_documents(raw: bytes, field: str) -> None:
    assert list(texts_in(raw, TextForm(field))) == TEXTS


def test_parquet_archives_and_encodings() -> None:
    assert list(texts_in(as_parquet(), TextForm("text"))) == TEXTS
    assert list(texts_in(as_zip(b"one", b"two\r\nthree"))) == ["one", "two\nthree"]
    assert list(texts_in("Größe".encode("latin-1"), TextForm(encoding="latin-1"))) == ["Größe"]
    assert list(texts_in("Größe".encode("utf-16"))) == ["Größe"]
    assert list(texts_in("\ufeffGröße".encode())) == ["Größe"]


def test_zstd_where_it_can_be_read() -> None:
    zstandard = pytest.importorskip("zstandard")
    assert list(texts_in(zstandard.ZstdCompressor().compress(LINES), TextForm("text"))) == TEXTS


@pytest.mark.parametrize(
    ("raw", "form", "message"),
    [
        (LINES, TextForm("txt"), ', line 1: has no field "txt"; its fields are text, meta'),
        (LINES, TextForm("meta"), ', line 1: the field "meta" is no text'),
        (LINES + b"\n{", TextForm("text"), ", line 4: not JSON"),
        (b'{"text": null}', TextForm("text"), ', line 1: the field "text" is null'),
        (
            b"One.\nTwo.\n",
            TextForm("text"),
            ': is neither JSON nor a table with a column "text"; its first line is "One."',
        ),
        (b"id,text\n1,a\n2\n", TextForm("text"), ", line 3: 1 cells under 2 names"),
        (b'{"a": ' * 50_000, TextForm("text"), ", line 1: is nested too deeply"),
        (as_parquet(), TextForm(), " is parquet; name the column of its text"),
        (as_parquet(), TextForm("txt"), ': has no column "txt"; its columns are text, n'),
        (as_parquet(), TextForm("n"), ', row 1: the column "n" holds no text'),
        ("Größe".encode("latin-1"), TextForm(), ": it is not UTF-8 text at byte 2; save it as UTF-8"),
        (b"x", TextForm(encoding="klingon"), ": there is no encoding klingon"),
        (b"PK\x03\x04x", TextForm(), ": it is not a whole zip file"),
    ],
)
def test_what_is_no_text_is_named(raw: bytes, form: TextForm, message: str) -> None:
    with pytest.raises(FileError) as caught:
        list(texts_in(raw, form))
    assert str(caught.value).startswith(message)


@pytest.mark.parametrize(
    ("raw", "kind"),
    [
        (LINES, "JSON lines"),
        (gzip.compress(LINES), "JSON lines"),
        (json.dumps(RECORDS, indent=1).encode(), "JSON"),
        (b"<!DOCTYPE html><p>x", "HTML or XML"),
        (b"a,b\n" + b"1,2\n" * 9, "a table"),
        (b"id\ttext\n" + b"1\tyes\n" * 9, "a table"),
        (b"id,text\n" + b'1,"Once, there was.\nA line."\n' * 9, "a table"),
        (b"text\n" + b'"Once, there was.\nA line."\n' * 9, "a table"),
        (json.dumps(TEXTS).encode(), "JSON"),
        (as_zip(LINES), "JSON lines"),
        (b"label\ttext\n" + b"1\tYes, he said. And no. \n" * 9, "a table"),
        (b"<mediawiki>\n<page>" + b"Prose. " * 1000 + b"</page>\n</mediawiki>\n", "HTML or XML"),
        (b"WARC/1.0\r\nWARC-Type: response\r\n\r\nProse.\n", "a web archive (WARC)"),
        (b"Anna\tYes, he said. And no.\n" * 9, ""),
        (b"The text\tof a play\n" + b"Anna\tYes, he said. And no.\n" * 9, ""),
        (b"text\ttext\n" + b"Prose. And more.\n" * 9, ""),
        (b"<bos><turn>user\n" + b"Prose. " * 1000, ""),
        (b"<p> and so on\n" + b"Prose. " * 1000 + b"</s>", ""),
        (b"<poem>\n" + b"Prose. " * 1000 + b"<poem>\n", ""),
        (b"WARC files hold pages.\n" * 9, ""),
        (b'Title\n"Yes," he said.\n"No."\n' * 9, ""),
        (b"Once, there was.\nA line, and more. Yes.\n" * 9, ""),
        (b"Plain text.\n", ""),
        (b"{ braces } in prose\n", ""),
    ],
)
def test_what_a_text_looks_like(raw: bytes, kind: str) -> None:
    assert looks_like(raw) == kind


def test_a_study_is_told_of_other_kinds_and_of_marks(tmp_path: Path) -> None:
    stories = [f"Story {i} is of {i * i} words." for i in range(60)]
    (tmp_path / "c.jsonl").write_text("\n".join(json.dumps({"text": s, "n": 1}) for s in stories))
    (tmp_path / "s.txt").write_text("\n<|endoftext|>\n".join(stories))
    assert messages(f'data text("c.jsonl"){REST}', tmp_path) == [
        '1:11 ~SCL506 "c.jsonl" looks like JSON lines, and is read as plain text, marks and all'
    ]
    assert messages(f'data text("c.jsonl", field="text"){REST}', tmp_path) == []
    assert messages(f'data text("s.txt"){REST}', tmp_path) == [
        '1:11 ~SCL506 "s.txt": documents are parted by <|endoftext|>'
    ]
    assert messages(f'data text("s.txt", separator="<|endoftext|>"){REST}', tmp_path) == []
    assert messages(f'data text("c.jsonl", field="body"){REST}', tmp_path) == [
        '1:22 SCL504 "c.jsonl", line 1: has no field "body"; its fields are text, n'
    ]
    assert separator_in("a </s> b") == "</s>"


@pytest.mark.parametrize("mark", ["=====", "---", "* * *", "###", "[EOS]", "<doc>", "<|im_end|>"])
def test_a_line_that_comes_again_and_again_is_told(mark: str, tmp_path: Path) -> None:
    stories = [f"Story {i}.\n\nOf {i * i} words." for i in range(60)]
    (tmp_path / "s.txt").write_text(f"\n{mark}\n".join(stories))
    assert messages(f'data text("s.txt"){REST}', tmp_path) == [
        f'1:11 ~SCL506 "s.txt": the line {mark} comes again and again'
    ]
    assert messages(f'data text("s.txt", separator="{mark}"){REST}', tmp_path) == []
    assert messages(f'data text("s.txt", separator="@@"){REST}', tmp_path)[-1].endswith(
        'the separator "@@" never comes in it'
    )


def test_other_lines_that_come_again_are_text() -> None:
    assert [repeated_mark(f"a\n{line}\n" * 60) for line in ("});", "ROMEO:", "...", "}", "--", "Yes!")] == [""] * 6
    assert repeated_mark("a\n-----\n" * 5) == ""


def test_texts_of_any_length_stand_in_cells() -> None:
    long = "word " * 40_000
    content = "".join(["id,text\n", *(f'{i},"{long}{i}"\n' for i in range(3))]).encode()
    assert list(texts_in(content, TextForm("text"))) == [f"{long}{i}" for i in range(3)]


def test_long_documents_that_cannot_be_divided_are_told(tmp_path: Path) -> None:
    for n, told in ((3, True), (8, False)):
        lines = [json.dumps({"text": f"{i} begins. " + "word " * 8_000}) for i in range(n)]
        (tmp_path / "c.jsonl").write_text("\n".join(lines))
        found = messages('data text("c.jsonl", field="text")' + REST, tmp_path)
        assert any("a text of 3 documents cannot be split with 0.1 of it held out" in text for text in found) == told


def test_a_column_of_parquet_may_lie_inside_another() -> None:
    import pyarrow as pa
    from pyarrow import parquet

    buffer = io.BytesIO()
    parquet.write_table(pa.table({"doc": [{"text": text, "n": {"m": text}} for text in TEXTS]}), buffer)
    for field in ("doc.text", "doc.n.m"):
        assert list(texts_in(buffer.getvalue(), TextForm(field))) == TEXTS
    for field, message in (("doc.no", 'row 1: the column "doc.no" holds no text'), ("no.text", "its columns are doc")):
        with pytest.raises(FileError, match=message):
            list(texts_in(buffer.getvalue(), TextForm(field)))


def test_formats_of_programs_are_named() -> None:
    for begins, what in ((b"ARROW1\0\0\xff", "a file of Arrow"), (b"%PDF-1.4\n%\xe2\xe3", "a PDF")):
        with pytest.raises(FileError, match=f"is {what}; save its text alone"):
            list(texts_in(begins))
    assert looks_like(b'{ "text" : "a" }\n{ "text" : "b" }\n') == "JSON lines"


def test_files_of_a_text_are_bounded_before_one_is_read(tmp_path: Path) -> None:
    with open(tmp_path / "a.txt", "wb") as file:
        file.truncate(3 << 30)
    (tmp_path / "many").mkdir()
    for i in range(3):
        with open(tmp_path / "many" / f"{i}.txt", "wb") as file:
            file.truncate(400_000_000)
    for path in ("a.txt", "many"):
        (message,) = messages(f'data text("{path}")' + REST, tmp_path)
        assert f'"{path}": holds more than 1 GB; take a part of it, or set SCALINGDSL_MOST_BYTES to allow' in message


@pytest.mark.parametrize(
    ("line", "kind"),
    [
        (b"%d %d\n", "a list of edges"),
        (b"%d,%d\n", "a list of edges"),
        (b"%d + %d\n", ""),
        (b"%d %d \xe2\x80\x94 said he\n", ""),
    ],
)
def test_pairs_of_numbers_look_like_edges_and_nothing_else(line: bytes, kind: str) -> None:
    found = looks_like(b"".join(line % (i, (7 * i + 3) % 40) for i in range(40)))
    assert found == kind


def test_numbers_alone_and_sums_are_texts() -> None:
    assert looks_like(b"".join(b"%d %d %d\n" % (i, i + 1, 2 * i + 1) for i in range(40))) == ""
    assert looks_like(b"".join(b"%d\n" % i for i in range(40))) == ""
    assert looks_like(b"1 2\n2 3\n") == ""
