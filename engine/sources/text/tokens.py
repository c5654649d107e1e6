"""A text as tokens, training and held-out ones apart: made once, kept in the user's cache by content, and mapped.

A text is read, split and encoded document by document, for it may be far larger than memory.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray
from scalingdsl.spec.errors import EngineError, StoreError
from scalingdsl.spec.files.documents_in import TextForm
from scalingdsl.spec.files.raw_file import FileError
from scalingdsl.spec.files.text_documents import cut
from scalingdsl.spec.vocabulary.identity import canonical_term, digest
from scalingdsl.spec.vocabulary.words.text import Bpe, Text

from ...store.cache import made_once
from ...store.kept_array import read_array
from ...store.sealed_json import read_json, write_json
from .documents import Files, Split, divide, separator_of

if TYPE_CHECKING:
    from tokenizers import Tokenizer

#: Of what is kept; raised when the same text would come to other tokens.
VERSION = 1
#: Documents encoded at once, and of long ones so many characters.
BATCH, CHARACTERS = 1_000, 1 << 20
#: Tokens hashed at once.
BLOCK = 1 << 22
#: Files of tokens, and whether each is held out.
SIDES = {"train": False, "test": True}
Tokens = NDArray[np.uint8] | NDArray[np.uint16]


@dataclass(frozen=True, eq=False)
class Tokenised:
    """One text under one tokenizer."""

    #: [token] of the training documents, in their order, and of those held out; mapped from disk.
    train: Tokens
    test: Tokens
    vocab: int
    #: Identity of both arrays and the vocabulary.
    digest: str
    #: Bytes of UTF-8 of each side.
    train_bytes: int
    test_bytes: int
    notes: tuple[str, ...]


def tokenised(term: Text, base: Path) -> Tokenised:
    """The tokens of a text.

    Raises:
        EngineError: a file is missing, has changed or is no text; or the tokenizer's library is not installed.
    """
    files = Files.at(base / term.path, term.sha256, TextForm(term.field, term.encoding))
    mark = term.separator or separator_of(files)
    made_with = _library() if isinstance(term.tokenizer, Bpe) else ""
    form = [mark, term.field, term.encoding]
    key = digest([VERSION, files.sha256, term.split, term.tokenizer, made_with, *(form if any(form) else ())])

    def make(folder: Path) -> None:
        try:
            documents = cut(files, mark, records=bool(term.field))
        except FileError as error:
            raise EngineError(f"{term.path}{error}") from None
        split = divide(documents, term.split)
        size, encode = term.vocab, _bytes
        dtype: type[np.unsignedinteger[Any]] = np.uint8
        if isinstance(term.tokenizer, Bpe):
            coder = _bpe(split.part(documents, False), term.tokenizer.size, folder)
            size, dtype, encode = coder.get_vocab_size(), np.uint16, partial(_encoded, coder)
        for name, held_out in SIDES.items():
            write_blocks(folder / f"{name}.npy", dtype, encode(split.joined(documents, held_out)))
        write_json(folder / "facts.json", _facts(term, split, _arrays(folder), size, made_with))

    told: list[str] = []
    folder = made_once("text", key, make, partial(_damage, term.vocab), told.append)
    facts = read_json(folder / "facts.json")
    train, test = _arrays(folder)
    notes = (*facts["notes"], *told)
    return Tokenised(train, test, term.vocab, facts["digest"], facts["train_bytes"], facts["test_bytes"], notes)


def _arrays(folder: Path) -> tuple[Tokens, Tokens]:
    train, test = (read_array(folder / f"{name}.npy", mapped=True) for name in SIDES)
    return train, test


def _damage(vocab: int, folder: Path) -> str:
    """What is wrong with tokens that were kept; empty where they are those that were written."""
    try:
        facts = read_json(folder / "facts.json")
        same = facts["digest"] == _digest(vocab, _arrays(folder))
    except (OSError, ValueError, LookupError, TypeError, StoreError) as error:
        return f"it cannot be read, {error}"
    return "" if same else "its tokens are not those that were written"


def _digest(vocab: int, arrays: tuple[Tokens, Tokens]) -> str:
    sha = hashlib.sha256(f"text {vocab}\n".encode())
    for array in arrays:
        sha.update(f"{len(array)}\n".encode())
        for at in range(0, len(array), BLOCK):
            sha.update(array[at : at + BLOCK].astype("<u2").tobytes())
    return sha.hexdigest()[:16]


def _facts(term: Text, split: Split, arrays: tuple[Tokens, Tokens], size: int, made_with: str) -> dict[str, Any]:
    train, test = arrays
    notes = [
        f"The text has {len(split.held_out):,} documents: {len(train):,} tokens to train on, "
        f"{len(test):,} held out in {split.held_out.sum():,} documents."
    ]
    if split.copies:
        verb = "documents are near-duplicates of others" if split.copies > 1 else "document is a near-duplicate"
        notes.append(f"{split.copies:,} {verb}, kept on one side of the split.")
    if size < term.vocab:
        notes.append(
            f"The training text gives {size:,} of the {term.vocab:,} token ids asked for; the rest stay unused."
        )
    return {
        "digest": _digest(term.vocab, arrays),
        "tokenizer": canonical_term(term.tokenizer),
        "made_with": made_with,
        "train_bytes": split.size(held_out=False),
        "test_bytes": split.size(held_out=True),
        "notes": notes,
    }


def _bytes(documents: Iterable[str]) -> Iterator[Tokens]:
    return (np.frombuffer(document.encode(), dtype=np.uint8) for document in documents)


def write_blocks(path: Path, dtype: type[np.generic], blocks: Iterable[NDArray[Any]]) -> None:
    """Arrays one after another as one, in the file that `np.save` would make of it; one at a time is in memory.

    How long it is stands in the file's header, which has room for any length and is written again at the end.
    """
    described = {"descr": np.lib.format.dtype_to_descr(np.dtype(dtype)), "fortran_order": False}
    length = 0
    with path.open("wb") as file:
        np.lib.format.write_array_header_1_0(file, {**described, "shape": (0,)})
        begin = file.tell()
        for block in blocks:
            file.write(block.astype(dtype, copy=False).data)
            length += len(block)
        file.seek(0)
        np.lib.format.write_array_header_1_0(file, {**described, "shape": (length,)})
        assert file.tell() == begin, "numpy leaves room for the length"


# --- byte-pair encoding -----------------------------------------------------------------------------------------------


def _library() -> str:
    """The version of `tokenizers`; another may encode otherwise."""
    try:
        import tokenizers
    except ImportError as error:
        raise EngineError(
            "a text in byte pairs needs the library tokenizers: install `scalingdsl[text]`, or take `tokenizer=bytes`"
        ) from error
    return f"tokenizers {tokenizers.__version__}"


def _bpe(train: Iterable[str], size: int, folder: Path) -> Tokenizer:
    """A byte-level tokenizer trained on the training documents; its rules are kept."""
    from tokenizers import Tokenizer, decoders, models, pre_tokenizers, trainers

    coder = Tokenizer(models.BPE())
    coder.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False)
    coder.decoder = decoders.ByteLevel()
    alphabet = sorted(pre_tokenizers.ByteLevel.alphabet())
    trainer = trainers.BpeTrainer(vocab_size=size, initial_alphabet=alphabet, show_progress=False)
    coder.train_from_iterator(train, trainer)
    coder.save(str(folder / "tokenizer.json"))
    return coder


def _encoded(coder: Tokenizer, documents: Iterable[str]) -> Iterator[Tokens]:
    for batch in batches(documents):
        for coded in coder.encode_batch(batch):
            yield np.array(coded.ids, dtype=np.uint16)


def batches(documents: Iterable[str]) -> Iterator[list[str]]:
    """Documents to encode at once: the library keeps a hundred bytes and more of each token until they all are."""
    batch: list[str] = []
    size = 0
    for document in documents:
        batch.append(document)
        size += len(document)
        if len(batch) >= BATCH or size >= CHARACTERS:
            yield batch
            batch, size = [], 0
    if batch:
        yield batch
