"""One model's state in one file: safetensors, written aside and renamed into place, with a checksum of its content.

A checkpoint belongs to a run, not to a pack: whatever pack the run is in when it goes on, and in whichever row, it
finds its own parameters, moments, step and place in the data. The one before is kept, for a file that power loss or a
bad disk has spoilt.

Names are of the form `<name>.safetensors` and `<name>.previous.safetensors` in a folder that the store chooses.
"""

from __future__ import annotations

import hashlib
import io
import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from safetensors import SafetensorError
from safetensors.torch import load as load_tensors
from safetensors.torch import save as save_tensors
from torch import Tensor

from .atomic import replacing
from .checkpoint_state import ENDING, FORMAT_VERSION, PREVIOUS, STATE, state_of, words_of

_SUM = "sha256"


@dataclass(frozen=True)
class Checkpoint:
    """Tensors by name and plain JSON data beside them."""

    tensors: dict[str, Tensor]
    state: dict[str, Any]


class Checkpoints:
    """The checkpoints of a folder."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def save(self, name: str, tensors: Mapping[str, Tensor], state: Mapping[str, Any]) -> None:
        """Write a checkpoint; the last good one becomes the previous one. Either survives a crash at any moment."""
        text = json.dumps({"format_version": FORMAT_VERSION, **state}, sort_keys=True)
        content = dict(tensors)
        data = save_tensors(content, {STATE: text, _SUM: _checksum(content, text)})
        path = self._path(name)
        with replacing(path) as aside:
            aside.write_bytes(data)
            if path.exists():
                path.replace(self._previous(name))

    def load(self, name: str) -> Checkpoint | None:
        """The newest checkpoint that is whole, or None."""
        for path in (self._path(name), self._previous(name)):
            found = _read(path)
            if found is not None:
                return found
        return None

    def remove(self, name: str) -> None:
        """Forget a run's checkpoints."""
        for path in (self._path(name), self._previous(name)):
            path.unlink(missing_ok=True)

    def _path(self, name: str) -> Path:
        return self.folder / f"{name}{ENDING}"

    def _previous(self, name: str) -> Path:
        return self.folder / f"{name}{PREVIOUS}"


def _read(path: Path) -> Checkpoint | None:
    """A checkpoint file, or None if there is none, or its bytes are not those that were written."""
    try:
        data = path.read_bytes()
    except FileNotFoundError:
        return None
    try:
        words = words_of(io.BytesIO(data))
        tensors = load_tensors(data)
        if words[_SUM] != _checksum(tensors, words[STATE]):
            return None
        state = state_of(words)
    except (SafetensorError, ValueError, KeyError):
        return None
    return None if state is None else Checkpoint(tensors, state)


def _checksum(tensors: Mapping[str, Tensor], text: str) -> str:
    sha = hashlib.sha256(text.encode())
    for name in sorted(tensors):
        tensor = tensors[name]
        sha.update(f"{name} {tensor.dtype} {tuple(tensor.shape)}".encode())
        sha.update(tensor.contiguous().numpy().data)
    return sha.hexdigest()
