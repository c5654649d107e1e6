"""Texts that a study is checked with are those that it is trained on: valid if and only if read, to the same bytes.

Texts are generated and written as programs write them; json, pandas and pyarrow say what they hold.
"""

from __future__ import annotations

import bz2
import gzip
import io
import json
import lzma
import os
import tempfile
import zipfile
from collections.abc import Callable
from functools import partial
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pyarrow as pa
import pytest
import torch
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from pyarrow import parquet
from scalingdsl.engine.sources import Stream, open_source
from scalingdsl.engine.sources.text.documents import divide
from scalingdsl.engine.sources.text.near_duplicates import Signatures
from scalingdsl.engine.sources.text.tokens import tokenised
from scalingdsl.spec import check
from scalingdsl.spec.errors import EngineError
from scalingdsl.spec.files.small_texts import kin
from scalingdsl.spec.vocabulary.base import Term
from scalingdsl.spec.vocabulary.words.text import Bigram, Counted, Ngram, Text

from ..passages import passage

FEW = settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.too_slow])
MANY = settings(FEW, max_examples=500)
#: Files of each format: `EXAMPLES_A_FORMAT=500` generates as many for every one.
EACH = settings(FEW, max_examples=int(os.environ.get("EXAMPLES_A_FORMAT", "40")))


@pytest.fixture(scope="module", autouse=True)
def cache(tmp_path_factory: pytest.TempPathFactory) -> object:
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("XDG_CACHE_HOME", str(tmp_path_factory.mktemp("cache")))
        yield


# --- one study, checked and opened ------------------------------------------------------------------------------------


def call_of(term: Text | Counted) -> str:
    """A source as a study writes it."""
    if isinstance(term, Counted):
        n = f", n={term.n}" if isinstance(term, Ngram) else ""
        return f"{term.word}({call_of(term.text)}{n}, drop={term.drop})"
    given = [f'"{term.path}"', f"length={term.length}", f"split={term.split}", "eval_walks=8"]
    given += [f'{name}="{value}"' for name in ("field", "separator", "encoding") if (value := getattr(term, name))]
    given += [f"unique={term.unique}"] if term.unique is not None else []
    return f"text({', '.join(given)})"


def read(files: dict[str, bytes], term: Text | Counted) -> tuple[bytes, bytes] | None:
    """Training and held-out bytes; None where the text is refused. A study of it is valid if and only if it is not."""
    with tempfile.TemporaryDirectory() as name:
        for path, content in files.items():
            Path(name, path).parent.mkdir(parents=True, exist_ok=True)
            Path(name, path).write_bytes(content)
        study = f"data {call_of(term)}\nmodels width=8\ntrain adamw tokens = 64k"
        errors = [d.message for d in check(Path(name, "study.scl"), text=study, at_hand=True).errors]
        if (stream := opened(term.settled(), Path(name))) is None:
            assert errors
            return None
        assert not errors, errors
        zeros = torch.zeros((1, 1), dtype=torch.int64)
        assert stream.batch(zeros[0], zeros).shape == (1, 1, stream.length + 1)
        found = tokenised(term.text if isinstance(term, Counted) else term, Path(name))
        return found.train.tobytes(), found.test.tobytes()


def opened(term: Term, folder: Path) -> Stream | None:
    """What runs are trained on; None where it is refused."""
    try:
        return open_source(term, folder)
    except EngineError:
        return None


# --- what programs write ----------------------------------------------------------------------------------------------

LETTERS = st.text(st.characters(codec="utf-8", exclude_characters="\0"), max_size=30)
SENTENCES = st.integers(0, 10**6).map(lambda seed: passage(1, seed, sentences=2).strip())
DOCUMENTS = st.lists(st.one_of(SENTENCES, LETTERS), max_size=40)


def lines(documents: list[str], ascii_only: bool) -> bytes:
    return "\n".join(json.dumps({"n": 1, "text": d}, ensure_ascii=ascii_only) for d in documents).encode()


def by_pandas(documents: list[str]) -> bytes:
    return pd.DataFrame({"text": documents}).to_json(orient="records", lines=True).encode()


def as_parquet(documents: list[str], compression: str) -> bytes:
    buffer = io.BytesIO()
    parquet.write_table(
        pa.table({"n": list(range(len(documents))), "text": documents}), buffer, compression=compression
    )
    return buffer.getvalue()


def zipped(content: bytes) -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as file:
        file.writestr("folder/a.jsonl", content)
    return buffer.getvalue()


def by_zstd(content: bytes) -> bytes:
    zstandard = pytest.importorskip("zstandard")
    return bytes(zstandard.ZstdCompressor().compress(content))


PACKERS: dict[str, Callable[[bytes], bytes]] = {
    "": bytes, ".gz": gzip.compress, ".bz2": bz2.compress, ".xz": lzma.compress, ".zip": zipped, ".zst": by_zstd
}  # fmt: skip
RECORDS: dict[str, Callable[[list[str]], bytes]] = {
    "c.jsonl": partial(lines, ascii_only=False),
    "ascii.jsonl": partial(lines, ascii_only=True),
    "pandas.jsonl": by_pandas,
    "c.json": lambda d: json.dumps([{"text": text} for text in d]).encode(),
    "wide.json": lambda d: json.dumps([{"text": text} for text in d]).encode("utf-16"),
    "c.parquet": partial(as_parquet, compression="snappy"),
    "z.parquet": partial(as_parquet, compression="zstd"),
}
MARKS = ["<|endoftext|>", "</s>", "=====", "\n---\n"]
SETTINGS = st.fixed_dictionaries(
    {
        "length": st.sampled_from([1, 4, 32]),
        "split": st.sampled_from([0.1, 0.25, 0.5, 0.9]),
        "unique": st.none() | st.sampled_from([1, 300, 5000]),
    }
)


def records_agree(documents: list[str], name: str, packing: str, asked: dict[str, Any]) -> None:
    found = read(
        {name + packing: PACKERS[packing](RECORDS[name](documents))}, Text(path=name + packing, field="text", **asked)
    )
    bare = [text for d in documents if (text := d.replace("\r\n", "\n").strip())]
    if found is None:
        assert len(bare) < 2 or cannot(bare, asked)
        return
    train, test = (side.decode() for side in found)
    split = divide(bare, asked["split"])
    assert train == "\n\n".join(split.part(bare, False))
    assert test == "\n\n".join(split.part(bare, True))


def cannot(documents: list[str], asked: dict[str, Any]) -> bool:
    """Whether these cannot be divided, or are too few, as arrays say it."""
    try:
        split = divide(documents, asked["split"])
    except EngineError:
        return True
    train, test = split.size(False), split.size(True)
    return train <= asked["length"] or test <= 2 * asked["length"] or train < (asked["unique"] or 0)


@FEW
@given(DOCUMENTS, st.sampled_from(list(RECORDS)), st.sampled_from(["", ".gz", ".zip"]), SETTINGS)
def test_records_are_the_same_in_every_form(
    documents: list[str], name: str, packing: str, asked: dict[str, Any]
) -> None:
    records_agree(documents, name, packing, asked)


#: What can be packed here: a skip inside of a test would skip all its examples.
PACKED = [packing for packing in PACKERS if packing != ".zst" or find_spec("zstandard")]


@pytest.mark.slow
@pytest.mark.parametrize("name", list(RECORDS))
@EACH
@given(documents=DOCUMENTS, packing=st.sampled_from(PACKED), asked=SETTINGS)
def test_many_records_are_the_same_in_every_form(
    documents: list[str], name: str, packing: str, asked: dict[str, Any]
) -> None:
    records_agree(documents, name, packing, asked)


def plain_agrees(documents: list[str], mark: str, encoding: str, packing: str, asked: dict[str, Any]) -> None:
    """A text of documents between marks, in an encoding; what it cannot write is left out of it."""
    documents = [d.replace(mark.strip(), "").encode(encoding, "ignore").decode(encoding) for d in documents]
    content = mark.join(documents).encode(encoding)
    name = f"c.txt{packing}"
    term = Text(path=name, separator=mark.replace("\n", ""), encoding=encoding, **asked)
    found = read({name: PACKERS[packing](content)}, term)
    text = content.decode(encoding).replace("\r\n", "\n").removeprefix("\ufeff")
    bare = [d.strip() for d in text.split(mark.replace("\n", "")) if d.strip()]
    if found is None:
        assert len(bare) < 2 or cannot(bare, asked)
        return
    assert sorted(len(d.encode()) for d in bare) == sorted(len(d.encode()) for d in bare)
    split = divide(bare, asked["split"])
    assert [side.decode() for side in found] == ["\n\n".join(split.part(bare, out)) for out in (False, True)]


CODECS = ("utf-8", "utf-16", "utf-32-le", "latin-1", "cp1252", "shift_jis", "gb18030", "koi8-r")
ENCODINGS = st.sampled_from(CODECS)


@FEW
@given(DOCUMENTS, st.sampled_from(MARKS), ENCODINGS, st.sampled_from(["", ".gz"]), SETTINGS)
def test_documents_are_whole_in_every_encoding(
    documents: list[str], mark: str, encoding: str, packing: str, asked: dict[str, Any]
) -> None:
    plain_agrees(documents, mark, encoding, packing, asked)


@pytest.mark.slow
@pytest.mark.parametrize("encoding", CODECS)
@EACH
@given(
    documents=DOCUMENTS,
    mark=st.sampled_from(MARKS),
    packing=st.sampled_from(["", ".gz", ".bz2", ".xz", ".zip"]),
    asked=SETTINGS,
)
def test_many_documents_are_whole_in_every_encoding(
    documents: list[str], mark: str, encoding: str, packing: str, asked: dict[str, Any]
) -> None:
    plain_agrees(documents, mark, encoding, packing, asked)


# --- anything at all --------------------------------------------------------------------------------------------------

PIECES = st.lists(
    st.sampled_from(["word ", "text ", "A. ", "\n", "\n\n", "\n\n\n", "\r", "\r\n", "<|endoftext|>", "</s>", "\ufeff",
                     '{"text": "', '"}', '{"text": 3}', '{"text": "\\ud800"}', "[", "]", ",", "\0", "é", "\u2028"]),
    max_size=30,
).map("".join)  # fmt: skip


@st.composite
def anything(draw: st.DrawFn) -> tuple[dict[str, bytes], Text | Counted]:
    """Files of any content, and a source that reads them in any way."""
    texts = st.one_of(PIECES.map(str.encode), st.binary(max_size=60), DOCUMENTS.map(lambda d: "\n".join(d).encode()))
    files = {f"t/{name}": draw(texts) for name in draw(st.sets(st.sampled_from(["a.txt", "b.jsonl", ".c", "d/e.gz"])))}
    form = draw(
        st.sampled_from([{}, {"field": "text"}, {"encoding": "latin-1"}, {"encoding": "rot13"}, {"separator": "A"}])
    )
    text = Text(path="t", **form, **draw(SETTINGS), eval_walks=8)
    kind = draw(st.sampled_from(["text", "bigram", "ngram"]))
    drop = draw(st.sampled_from([0, 1, 5]))
    if kind == "text":
        return files, text
    n = draw(st.integers(2, min(4, text.length + 1)))
    return files, Bigram(text=text, drop=drop) if kind == "bigram" else Ngram(text=text, n=n, drop=drop)


def test_a_half_of_a_character_is_marked() -> None:
    records = "\n".join(json.dumps({"text": f"{text} \ud83d"}) for text in ("One of them.", "Another two.", "Three."))
    found = read({"c.jsonl": records.encode()}, Text(path="c.jsonl", field="text", length=4, split=0.5))
    assert found is not None
    assert "".join(side.decode() for side in found).count("\ufffd") == 3


@FEW
@given(anything())
def test_a_text_is_valid_if_and_only_if_it_is_read(drawn: tuple[dict[str, bytes], Text | Counted]) -> None:
    read(*drawn)


@pytest.mark.slow
@MANY
@given(anything())
def test_many_texts_are_valid_if_and_only_if_they_are_read(drawn: tuple[dict[str, bytes], Text | Counted]) -> None:
    read(*drawn)


# --- near-duplicates --------------------------------------------------------------------------------------------------


@FEW
@given(
    st.lists(
        st.one_of(SENTENCES, st.sampled_from(["a b c d e f", "a b c d e g", "", "?", "A  b C d e f"])), max_size=20
    )
)
def test_kin_in_words_are_kin_in_arrays(documents: list[str]) -> None:
    signatures = Signatures()
    for document in documents:
        signatures.add(document)
    if documents:
        _, expected = np.unique(signatures.kin(), return_inverse=True)
        _, found = np.unique(kin(documents), return_inverse=True)
        pairs = {(a, b) for a, b in zip(expected.tolist(), found.tolist())}
        assert len(pairs) == len(set(expected.tolist())) == len(set(found.tolist()))
