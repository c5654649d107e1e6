"""The plain data of checkpoint files, read from their heads without their tensors, and so without torch.

A safetensors file begins with the length of a JSON object, in eight bytes, and the object; its `__metadata__` are
texts.
"""

from __future__ import annotations

import hashlib
import json
import os
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, BinaryIO

from scalingdsl.spec.files.raw_file import open_regular

FORMAT_VERSION = 1
#: Bytes of a head at most, as safetensors has it.
LARGEST = 100_000_000
ENDING = ".safetensors"
PREVIOUS = f".previous{ENDING}"
#: Names of the texts that hold the state, its checksum, and that of the state and the tensors.
STATE, STATE_SUM, SUM = "state", "state_sha256", "sha256"


def words_of(file: BinaryIO) -> dict[str, str]:
    """The texts of a safetensors file.

    Raises:
        ValueError: It is torn, or not as long as its head says.
    """
    size = int.from_bytes(file.read(8), "little")
    if size > LARGEST:
        raise ValueError("no safetensors file has a head as long as this one says")
    try:
        head = json.loads(file.read(size))
        texts = head.pop("__metadata__", {})
        length = max((int(tensor["data_offsets"][1]) for tensor in head.values()), default=0)
    except (TypeError, LookupError, AttributeError, RecursionError) as error:
        raise ValueError(f"it has no head of a safetensors file: {error}") from error
    if file.seek(0, os.SEEK_END) != 8 + size + length:
        raise ValueError("it is not as long as its head says")
    if not isinstance(texts, dict) or not all(isinstance(text, str) for text in texts.values()):
        raise ValueError("its head holds no texts")
    return texts


def state_of(words: Mapping[str, str]) -> dict[str, Any] | None:
    """The state that a checkpoint's texts hold; None where another version wrote it.

    Raises:
        ValueError: It is not what was written. Files of the first version have no checksum of the state alone.
    """
    text = words.get(STATE, "")
    if words.keys() != {STATE, SUM} and words.get(STATE_SUM) != text_sum(text):
        raise ValueError("the checksum of its state does not fit")
    try:
        state = dict(json.loads(text))
        return state if state.pop("format_version") == FORMAT_VERSION else None
    except (TypeError, KeyError, RecursionError) as error:
        raise ValueError(f"its state cannot be read: {error}") from error


def text_sum(text: str) -> str:
    """SHA-256 of a text."""
    return hashlib.sha256(text.encode()).hexdigest()


def states(folder: Path) -> Iterator[dict[str, Any]]:
    """The newest state that can be read of each checkpoint in a folder, by name."""
    for path in sorted(folder.glob(f"*{ENDING}")):
        if path.name.startswith(".") or path.name.endswith(PREVIOUS):
            continue
        for file in (path, path.with_name(path.name.removesuffix(ENDING) + PREVIOUS)):
            try:
                with open_regular(file) as opened:
                    state = state_of(words_of(opened))
            except (OSError, ValueError):  # torn, or gone since: its run has just ended
                continue
            if state is not None:
                yield state
                break
