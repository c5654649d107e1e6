"""Texts larger than memory: in blocks of any size they come to the same documents, tokens and counts."""

from __future__ import annotations

import random
from pathlib import Path

import numpy as np
import pytest
import torch
from scalingdsl.engine.sources import open_source
from scalingdsl.engine.sources.chains.stream import ChainStream
from scalingdsl.engine.sources.text import near_duplicates, ngrams, tokens
from scalingdsl.engine.sources.text.documents import Files, divide, separator_of
from scalingdsl.engine.sources.text.ngrams import NgramStream, occurring
from scalingdsl.engine.sources.text.tokens import batches, write_blocks
from scalingdsl.engine.store.cache import cache_folder
from scalingdsl.engine.teachers.teacher_samples import scaled
from scalingdsl.spec.errors import EngineError
from scalingdsl.spec.files import text_files
from scalingdsl.spec.files.text_documents import ENOUGH, cut
from scalingdsl.spec.files.text_files import content, iter_files
from scalingdsl.spec.vocabulary.base import Term
from scalingdsl.spec.vocabulary.words.text import Bigram, Bpe, Ngram, Text

from ..passages import passage

PLAIN = Text(path="corpus.txt")
PAIRS = Text(path="corpus.txt", tokenizer=Bpe(size=300))
#: Digests since before texts were read in blocks; stored results are known by them.
KNOWN: list[tuple[Term, str]] = [
    (PLAIN, "95773b8ad5e25cdd"),
    (PAIRS, "6dbef027e5941d5d"),
    (Bigram(text=PLAIN).settled(), "962c7257388eb9c5"),
    (Ngram(text=PAIRS, n=4, drop=1).settled(), "925011cdc4ad16d6"),
]


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    (tmp_path / "corpus.txt").write_text(passage(120))
    return tmp_path


@pytest.mark.parametrize("block", [None, 7, 1000])
def test_digests_stay_what_they_were_in_blocks_of_any_size(
    block: int | None, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    if block is not None:
        for module, name in (
            (ngrams, "BLOCK"),
            (tokens, "BLOCK"),
            (near_duplicates, "BLOCK"),
            (near_duplicates, "KNOWN"),
        ):
            monkeypatch.setattr(module, name, 100 * block if module is not near_duplicates else block)
        monkeypatch.setattr(tokens, "BATCH", 3)
        monkeypatch.setattr(tokens, "CHARACTERS", 100 * block)
        monkeypatch.setattr(text_files, "LONG", 10)
        monkeypatch.setattr(text_files, "READ", 100 * block)
    open_source.cache_clear()
    found = [open_source(term, folder) for term, _ in KNOWN]
    assert [stream.digest for stream in found] == [known for _, known in KNOWN]
    assert isinstance(found[2], ChainStream)
    assert isinstance(found[3], NgramStream)


def test_the_files_are_those_of_numpy(folder: Path) -> None:
    array = np.arange(1000, dtype=np.uint16)
    write_blocks(folder / "blocks.npy", np.uint16, np.split(array, [1, 20, 20, 999]))
    np.save(folder / "whole.npy", array)
    assert (folder / "blocks.npy").read_bytes() == (folder / "whole.npy").read_bytes()
    open_source.cache_clear()
    open_source(PLAIN, folder)
    (made,) = cache_folder().glob("text/*/train.npy")
    np.save(folder / "again.npy", np.load(made))
    assert made.read_bytes() == (folder / "again.npy").read_bytes()


@pytest.mark.parametrize("size", [1, 10, 1000, 10_000])
def test_codes_of_blocks_are_counted_as_those_of_the_whole(size: int) -> None:
    codes = (np.random.default_rng(0).pareto(1, 5000) * 10).astype(np.int64)
    found = occurring(codes[at : at + size] for at in range(0, len(codes), size))
    for mine, whole in zip(found, np.unique(codes, return_counts=True), strict=True):
        np.testing.assert_array_equal(mine, whole)
    assert [len(part) for part in occurring(iter(()))] == [0, 0]


def test_batches_hold_so_many_documents_or_characters(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(tokens, "BATCH", 3)
    monkeypatch.setattr(tokens, "CHARACTERS", 10)
    long, short = "x" * 10, "y"
    found = list(batches([short, long, long, short, short, short, short]))
    assert [len(batch) for batch in found] == [2, 1, 3, 1]
    assert list(batches([])) == []


def test_a_place_in_a_text_of_any_length() -> None:
    draw = random.Random(0)
    words = [0, 1, 2**16, 2**32 - 1, *(draw.randrange(2**32) for _ in range(100))]
    for count in (1, 65_537, 2**31 - 1, 9_000_000_000):
        assert scaled(torch.tensor(words), count).tolist() == [word * count >> 32 for word in words]


def test_files_are_met_in_the_order_of_their_names(tmp_path: Path) -> None:
    for name in ("b.txt", "a/z.txt", "a.txt", "a/b/c.txt", "a b/d.txt", ".hidden/e.txt", "ab/.f.txt"):
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text(name)
    (tmp_path / "a" / "round").symlink_to(tmp_path)
    found = tuple(iter_files(tmp_path))
    assert list(found) == sorted(found)
    names = [file.relative_to(tmp_path).as_posix() for file in found]
    assert names == ["a/b/c.txt", "a/z.txt", "a b/d.txt", "a.txt", "b.txt"]
    assert Files.at(tmp_path).sha256 == content(file.read_bytes() for file in found)


def test_a_file_that_changes_while_it_is_read_is_told(tmp_path: Path) -> None:
    path = tmp_path / "corpus.txt"
    path.write_text(passage(60))
    files = Files.at(path)
    found = cut(files)
    split = divide(found, 0.1)
    for changed in (passage(60, seed=1), passage(61), passage(59)):
        path.write_text(changed)
        with pytest.raises(EngineError, match="has changed while it was read"):
            list(split.part(found, False))


def test_a_long_text_is_read_in_blocks_to_the_same_split(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Of a text in blocks no more is in memory than documents and a block."""
    marked = "\r\n<eos>\r\n".join(passage(3, seed=k) for k in range(40))
    texts = {
        "marked.txt": marked,
        "lines.txt": passage(400).replace("\n\n", "\n"),
        "line.txt": " ".join(passage(200).split()),
    }
    for name, text in texts.items():
        (tmp_path / name).write_bytes(text.encode())
        found = []
        for long in (10, 1 << 30):
            monkeypatch.setattr(text_files, "LONG", long)
            monkeypatch.setattr(text_files, "READ", 997)
            files = Files.at(tmp_path / name)
            documents = cut(files, separator_of(files))
            split = divide(documents, 0.1)
            found.append((files.sha256, list(documents), split.held_out.tolist(), split.bytes.tolist()))
            assert any(isinstance(text, str) for text in files) == (long > 10)
        assert found[0] == found[1]
        assert sum(map(len, found[0][1])) > 0.9 * len(text)


def test_a_long_text_that_is_none_names_its_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(text_files, "LONG", 10)
    (tmp_path / "a.txt").write_bytes(b"a" * 40 + b"\xff")
    with pytest.raises(EngineError, match=r"a\.txt: it is not UTF-8 text at byte 40"):
        Files.at(tmp_path / "a.txt")


def test_one_pass_at_a_time_and_no_more_than_is_needed() -> None:
    """To know that there are documents enough, no more of them are read than that."""

    class Endless:
        def __iter__(self) -> object:
            return iter(lambda: "A document.", "")

    assert cut(Endless()).between is None  # type: ignore[arg-type]
    assert ENOUGH == 20
