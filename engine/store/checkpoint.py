"""One model's state in one file: safetensors, written aside and renamed into place, with a checksum of its content.

A checkpoint belongs to a run, not to a pack: whatever pack the run is in when it goes on, and in whichever row, it
finds its own parameters, moments, step and place in the data. The one before is kept, for a file that power loss or a
bad disk has spoilt; that one is set aside, and the run goes on from the one before, or from its beginning.

Names are of the form `<name>.safetensors` and `<name>.previous.safetensors` in a folder that the store chooses; those
made in another numerics mode, by another machine, are set apart under a name with a digest of it.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from safetensors import SafetensorError
from safetensors.torch import load as load_tensors
from safetensors.torch import save as save_tensors
from scalingdsl.spec.errors import StoreError
from scalingdsl.spec.files.raw_file import open_regular
from torch import Tensor

from .atomic import replacing
from .checkpoint_state import ENDING, FORMAT_VERSION, PREVIOUS, STATE, STATE_SUM, SUM, state_of, text_sum, words_of
from .damage import set_aside

#: Digits of the digest of a mode that names what is set apart.
APART = 12


@dataclass(frozen=True)
class Checkpoint:
    """Tensors by name and plain JSON data beside them."""

    tensors: dict[str, Tensor]
    state: dict[str, Any]


class Checkpoints:
    """The checkpoints of a folder, which is made with the first, in a folder that is there."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def save(self, name: str, tensors: Mapping[str, Tensor], state: Mapping[str, Any]) -> None:
        """Write a checkpoint; the last good one becomes the previous one. Either survives a crash at any moment.

        Raises:
            StoreError: The results folder is gone.
        """
        if not self.folder.parent.is_dir():
            raise StoreError(f"{self.folder.parent} is gone: it was deleted or moved while the study was at work")
        text = json.dumps({"format_version": FORMAT_VERSION, **state}, sort_keys=True)
        content = dict(tensors)
        data = save_tensors(content, {STATE: text, STATE_SUM: text_sum(text), SUM: _checksum(content, text)})
        path = self._path(name)
        with replacing(path) as aside:
            aside.write_bytes(data)
            if path.exists():
                path.replace(self._previous(name))

    def load(self, name: str) -> Checkpoint | None:
        """The newest checkpoint that is whole and of this version, or None. Damaged ones are set aside."""
        older = "the run goes on from the checkpoint before it, or begins anew"
        for path, then in ((self._path(name), older), (self._previous(name), "the run begins anew")):
            try:
                found = _read(path)
            except FileNotFoundError:
                continue
            except (ValueError, IsADirectoryError) as error:
                set_aside(self.folder.parent, path, str(error) or "it cannot be read", then)
                continue
            if found is not None:
                return found
        return None

    def state(self, name: str) -> dict[str, Any] | None:
        """The state of the newest checkpoint whose head can be read, its tensors left unread; None where there is
        none.
        """
        for path in (self._path(name), self._previous(name)):
            try:
                with open_regular(path) as file:
                    found = state_of(words_of(file))
            except (OSError, ValueError):  # `load` tells of damage
                continue
            if found is not None:
                return found
        return None

    def set_apart(self, name: str, mode: str) -> None:
        """Keep a run's checkpoints, made in a numerics mode, where its next ones do not overwrite them."""
        for path in (self._path(name), self._previous(name)):
            if path.exists():
                path.replace(_apart(path, mode))

    def take_up(self, name: str, mode: str) -> None:
        """Have again what was set apart of a mode, if anything was."""
        for path in (self._path(name), self._previous(name)):
            if _apart(path, mode).exists():
                _apart(path, mode).replace(path)

    def remove(self, name: str) -> None:
        """Forget a run's checkpoints."""
        for path in (self._path(name), self._previous(name)):
            path.unlink(missing_ok=True)

    def _path(self, name: str) -> Path:
        return self.folder / f"{name}{ENDING}"

    def _previous(self, name: str) -> Path:
        return self.folder / f"{name}{PREVIOUS}"


def _apart(path: Path, mode: str) -> Path:
    return path.with_name(f"{path.name}.{text_sum(mode)[:APART]}")


def _read(path: Path) -> Checkpoint | None:
    """A checkpoint file; None where another version wrote it.

    Raises:
        ValueError: Its bytes are not those that were written.
        OSError: It is not there, or cannot be read.
    """
    with open_regular(path) as file:
        words = words_of(file)
        file.seek(0)
        data = file.read()
    try:
        tensors = load_tensors(data)
    except SafetensorError as error:
        raise ValueError(str(error)) from error
    if words.get(SUM) != _checksum(tensors, words.get(STATE, "")):
        raise ValueError("its checksum does not fit its content")
    state = state_of(words)
    return None if state is None else Checkpoint(tensors, state)


def _checksum(tensors: Mapping[str, Tensor], text: str) -> str:
    sha = hashlib.sha256(text.encode())
    for name in sorted(tensors):
        tensor = tensors[name]
        sha.update(f"{name} {tensor.dtype} {tuple(tensor.shape)}".encode())
        sha.update(tensor.contiguous().numpy().data)
    return sha.hexdigest()
