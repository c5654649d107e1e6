"""Files of a text: long ones are gone through in blocks, and are the same text and content as when read whole."""

from __future__ import annotations

from pathlib import Path

import pytest
from scalingdsl.spec import check
from scalingdsl.spec.files import text_files
from scalingdsl.spec.files.documents_in import PLAIN, TextForm, texts_in
from scalingdsl.spec.files.raw_file import FileError
from scalingdsl.spec.files.text_files import Content, blocks_of, content, head_of_long

TEXT = "A line.\r\nAnother, of Größe \U0001f600 and more;\r\rone without end\r\n\r\n" + 40 * "x" + "\r"


@pytest.fixture(params=[1, 2, 3, 7, 16, 1000])
def short(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    """Blocks of so many bytes, for texts of ten and more."""
    monkeypatch.setattr(text_files, "READ", request.param)
    monkeypatch.setattr(text_files, "LONG", 10)


@pytest.mark.usefixtures("short")
@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-16-le", "utf-32"])
def test_a_text_in_blocks_is_the_text_of_the_whole(encoding: str, tmp_path: Path) -> None:
    path, raw, found = tmp_path / "a.txt", TEXT.encode(encoding), Content()
    path.write_bytes(raw)
    head = head_of_long(path, PLAIN)
    assert raw.startswith(head)
    assert "".join(blocks_of(path, head, found.met)) == "".join(texts_in(raw))
    found.ended()
    assert (found.digest, found.bytes, found.files) == (content([raw]), len(raw), 1)


@pytest.mark.usefixtures("short")
def test_a_long_file_that_is_no_text_is_told_by_its_place(tmp_path: Path) -> None:
    path = tmp_path / "a.txt"
    for raw, place in ((b"a" * 40 + b"\xff" + b"a" * 40, "byte 40"), (b"a" * 40 + b"\xc3", "byte 40")):
        path.write_bytes(raw)
        with pytest.raises(FileError, match=place):
            list(blocks_of(path, head_of_long(path, PLAIN), Content().met))


def test_what_is_not_plain_is_read_whole(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(text_files, "LONG", 10)
    path = tmp_path / "a.txt"
    for raw in (b"short", b"\x1f\x8b" + bytes(20), b"PAR1" + bytes(20), b"PK\x03\x04" + bytes(20)):
        path.write_bytes(raw)
        assert not head_of_long(path, PLAIN)
    path.write_bytes(b"long enough for blocks")
    assert head_of_long(path, PLAIN)
    assert not head_of_long(path, TextForm(field="text"))


def test_a_study_of_a_long_text_says_what_it_says_of_a_short_one(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(text_files, "READ", 64)
    monkeypatch.setattr(text_files, "LONG", 10)
    stories = "\n<|endoftext|>\n".join(f"Story {i} is told in {i * i} words." for i in range(40))
    (tmp_path / "a.txt").write_text(stories)
    text = 'data text("a.txt", length=16, eval_walks=8)\nmodels transformer width=16\ntrain adamw tokens=64k\n'
    in_blocks = check(tmp_path / "s.scl", text=text, at_hand=True)
    monkeypatch.setattr(text_files, "LONG", 1_000_000)
    whole = check(tmp_path / "s.scl", text=text, at_hand=True)
    assert in_blocks.plan is not None
    assert in_blocks.plan == whole.plan
    assert [d.message for d in in_blocks.diagnostics] == [d.message for d in whole.diagnostics]
    assert any("endoftext" in d.message for d in in_blocks.diagnostics)
