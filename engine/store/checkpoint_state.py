"""The plain data of checkpoint files, read from their heads without their tensors, and so without torch.

A safetensors file begins with the length of a JSON object, in eight bytes, and the object; its `__metadata__` are
texts.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any, BinaryIO

FORMAT_VERSION = 1
#: Bytes of a head at most, as safetensors has it.
LARGEST = 100_000_000
ENDING = ".safetensors"
PREVIOUS = f".previous{ENDING}"
#: Name of the text that holds the state.
STATE = "state"


def words_of(file: BinaryIO) -> dict[str, str]:
    """The texts of a safetensors file.

    Raises:
        ValueError: It is torn.
    """
    size = int.from_bytes(file.read(8), "little")
    if size > LARGEST:
        raise ValueError("no safetensors file has a head as long as this one says")
    return dict(json.loads(file.read(size)).get("__metadata__", {}))


def state_of(words: dict[str, str]) -> dict[str, Any] | None:
    """The state that a checkpoint's texts hold; None where another version wrote it. `KeyError` where there is none."""
    state = dict(json.loads(words[STATE]))
    return state if state.pop("format_version") == FORMAT_VERSION else None


def states(folder: Path) -> Iterator[dict[str, Any]]:
    """The newest state that can be read of each checkpoint in a folder, by name."""
    for path in sorted(folder.glob(f"*{ENDING}")):
        if path.name.startswith(".") or path.name.endswith(PREVIOUS):
            continue
        for file in (path, path.with_name(path.name.removesuffix(ENDING) + PREVIOUS)):
            try:
                with file.open("rb") as opened:
                    state = state_of(words_of(opened))
            except (OSError, ValueError, KeyError):  # torn, or gone since: its run has just ended
                continue
            if state is not None:
                yield state
                break
