"""A text as tokens, training and held-out ones apart: made once, kept in the user's cache by content, and mapped."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray
from scalingdsl.spec.digest import digest
from scalingdsl.spec.errors import EngineError
from scalingdsl.spec.vocabulary.text import Bpe, Text

from ..cache import made_once
from ..files import read_json, write_json
from .documents import Documents, divide, read_files

if TYPE_CHECKING:
    from tokenizers import Tokenizer

#: Of what is kept; raised when the same text would come to other tokens.
VERSION = 1
#: What stands between documents.
BETWEEN = "\n\n"
#: Documents encoded at once.
BATCH = 1_000
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
    texts, sha256 = read_files(base / term.path, term.sha256)
    made_with = _library() if isinstance(term.tokenizer, Bpe) else ""
    key = digest([VERSION, sha256, term.split, term.tokenizer.canonical(), made_with])

    def make(folder: Path) -> None:
        documents = divide(texts, term.split)
        train, test = documents.part(False), documents.part(True)
        size, encode = term.vocab, _bytes
        if isinstance(term.tokenizer, Bpe):
            size, encode = _bpe(train, term.tokenizer.size, folder)
        arrays = {"train": encode(train), "test": encode(test)}
        for name, array in arrays.items():
            np.save(folder / f"{name}.npy", array)
        write_json(folder / "facts.json", _facts(term, documents, arrays, size, made_with))

    folder = made_once("text", key, make)
    facts = read_json(folder / "facts.json")
    train, test = (np.load(folder / f"{name}.npy", mmap_mode="r") for name in ("train", "test"))
    return Tokenised(
        train, test, term.vocab, facts["digest"], facts["train_bytes"], facts["test_bytes"], tuple(facts["notes"])
    )


def _facts(term: Text, documents: Documents, arrays: dict[str, Tokens], size: int, made_with: str) -> dict[str, Any]:
    sha = hashlib.sha256(f"text {term.vocab}\n".encode())
    for array in arrays.values():
        sha.update(f"{len(array)}\n".encode() + array.astype("<u2").tobytes())
    notes = [
        f"The text has {len(documents.texts):,} documents: {len(arrays['train']):,} tokens to train on, "
        f"{len(arrays['test']):,} held out in {sum(documents.held_out):,} documents."
    ]
    if documents.copies:
        verb = "documents are near-duplicates of others" if documents.copies > 1 else "document is a near-duplicate"
        notes.append(f"{documents.copies:,} {verb}, kept on one side of the split.")
    if size < term.vocab:
        notes.append(
            f"The training text gives {size:,} of the {term.vocab:,} token ids asked for; the rest stay unused."
        )
    return {
        "digest": sha.hexdigest()[:16],
        "tokenizer": term.tokenizer.canonical(),
        "made_with": made_with,
        "train_bytes": len(BETWEEN.join(documents.part(False)).encode()),
        "test_bytes": len(BETWEEN.join(documents.part(True)).encode()),
        "notes": notes,
    }


def _bytes(documents: Sequence[str]) -> Tokens:
    return np.frombuffer(BETWEEN.join(documents).encode(), dtype=np.uint8)


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


def _bpe(train: Sequence[str], size: int, folder: Path) -> tuple[int, Any]:
    """Ids in use, and the encoder, of a byte-level tokenizer trained on the training documents; its rules are kept."""
    from tokenizers import Tokenizer, decoders, models, pre_tokenizers, trainers

    coder = Tokenizer(models.BPE())
    coder.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False)
    coder.decoder = decoders.ByteLevel()
    alphabet = sorted(pre_tokenizers.ByteLevel.alphabet())
    trainer = trainers.BpeTrainer(vocab_size=size, initial_alphabet=alphabet, show_progress=False)
    coder.train_from_iterator(train, trainer)
    coder.save(str(folder / "tokenizer.json"))
    return coder.get_vocab_size(), lambda documents: _encoded(coder, documents)


def _encoded(coder: Tokenizer, documents: Sequence[str]) -> Tokens:
    parts = []
    for at in range(0, len(documents), BATCH):
        last = at + BATCH >= len(documents)
        batch = [document + BETWEEN for document in documents[at : at + BATCH]]
        if last:
            batch[-1] = documents[-1]
        parts += [np.array(coded.ids, dtype=np.uint16) for coded in coder.encode_batch(batch)]
    return np.concatenate(parts)
