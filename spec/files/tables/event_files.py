"""Scalars and hyperparameters in event files of TensorBoard, as `SummaryWriter` of torch and TensorFlow write them.

A file is records, each with its length and both under a checksum; a record is an `Event` in protocol buffers, of which
only the step, the values of scalars and what the hyperparameters' plugin keeps are read. Of a folder each folder with
event files in it is a run. Read in plain Python, so that no part of TensorFlow is needed.

Reference: tensorflow/core/lib/io/record_writer.h; tensorboard/compat/proto/event.proto, summary.proto.
"""

from __future__ import annotations

import struct
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from ..raw_file import FileError, allowed, read_packed, too_large

#: Bytes of event files that a table is read from; scalars of thousands of steps come to a tenth of it.
MOST_EVENTS = 32_000_000
#: Event files below a folder.
MOST_FILES = 2_000
#: Files and folders that are looked at for them.
MOST_SEEN = 100_000
#: How the name of an event file begins.
NAMED = "events.out.tfevents."
#: Columns beside those of tags.
RUN, STEP = "run", "step"

_HEAD = struct.Struct("<Q")
_SUM = struct.Struct("<I")
_MASK = 0xA282EAD8
_FLOAT, _DOUBLE = struct.Struct("<f"), struct.Struct("<d")
#: Wire types of protocol buffers: a varint, 8 bytes, bytes of a length, 4 bytes.
_VARINT, _EIGHT, _BYTES, _FOUR = 0, 1, 2, 5
#: Element types of tensors that scalars have, with their size and format.
_ELEMENTS = {1: "f", 2: "d", 3: "i", 9: "q"}


def is_event_file(name: str) -> bool:
    """True of the name of an event file."""
    return NAMED in name


def event_files(folder: Path) -> tuple[Path, ...]:
    """The event files below a folder in the order of their paths; links are not followed.

    Raises:
        FileError: There are too many.
    """
    found: list[Path] = []
    waiting, seen = [folder] if folder.is_dir() else [], 0
    while waiting:
        here = sorted(waiting.pop().iterdir())
        seen += len(here)
        if seen > MOST_SEEN:
            raise FileError(f": holds more than {MOST_SEEN:,} files; name the folder of the runs alone")
        for path in here:
            if path.is_symlink() or path.name.startswith("."):
                continue
            if path.is_dir():
                waiting.append(path)
            elif is_event_file(path.name) and path.is_file():
                found.append(path)
                if len(found) > MOST_FILES:
                    raise FileError(f": holds more than {MOST_FILES:,} event files; name the folder of fewer runs")
    return tuple(sorted(found))


def read_event_folder(folder: Path) -> dict[str, list[Any]]:
    """A row a run and step: the run's name, which is its folder's, the step, tags and hyperparameters.

    Raises:
        FileError: There are no event files, or one is damaged.
    """
    files = event_files(folder)
    if not files:
        raise FileError(": is a folder, and holds no runs of MLflow or TensorBoard")
    table, total = _Rows(), 0
    for file in files:
        content = read_packed(file, MOST_EVENTS)
        total += len(content)
        if total > allowed(MOST_EVENTS):
            raise too_large(allowed(MOST_EVENTS), "holds event files of", "name the folder of fewer runs")
        run = file.parent.relative_to(folder).as_posix()
        try:
            table.read(run, content)
        except FileError as error:
            raise FileError(f", {file.relative_to(folder).as_posix()}{error}") from None
    return table.columns(named=True)


def read_event_file(content: bytes) -> dict[str, list[Any]]:
    """A row a step.

    Raises:
        FileError: It is damaged, or holds no scalars.
    """
    table = _Rows()
    table.read("", content)
    return table.columns(named=False)


class _Rows:
    """Values by run and step on their way to columns."""

    def __init__(self) -> None:
        self._rows: dict[tuple[str, int], dict[str, Any]] = {}
        self._of_run: dict[str, dict[str, Any]] = {}
        self._tags: dict[str, None] = {}

    def read(self, run: str, content: bytes) -> None:
        """The events of one file; a later value of a step stands in place of an earlier one."""
        for at, record in _records(content):
            try:
                step, values = _event(record)
            except (struct.error, IndexError, UnicodeDecodeError, OverflowError):
                raise FileError(f": the event at byte {at:,} cannot be read") from None
            for tag, value in values:
                if isinstance(value, Mapping):
                    self._of_run.setdefault(run, {}).update(value)
                elif value is not None:
                    self._tags[tag] = None
                    self._rows.setdefault((run, step), {})[tag] = value

    def columns(self, named: bool) -> dict[str, list[Any]]:
        """Columns by name."""
        if not self._rows:
            raise FileError(": holds no scalars")
        self._share_with_parents()
        rows = sorted(self._rows)
        found: dict[str, list[Any]] = {RUN: [run for run, _ in rows]} if named else {}
        found[STEP] = [step for _, step in rows]
        for tag in self._tags:
            found[tag] = [self._rows[row].get(tag) for row in rows]
        for name in dict.fromkeys(name for given in self._of_run.values() for name in given):
            if name not in found:
                found[name] = [self._of_run.get(run, {}).get(name) for run, _ in rows]
        return found

    def _share_with_parents(self) -> None:
        """Hyperparameters of `run/1699.25`, a folder that torch's `add_hparams` makes of the time, are those of `run`.

        The metrics beside them are how the run ended: they go to its last step.
        """
        last = dict(sorted(self._rows))
        for run, given in list(self._of_run.items()):
            parent, _, own = run.rpartition("/")
            if parent in last and own.replace(".", "").isdecimal():
                self._of_run.setdefault(parent, given)
                for key in [key for key in self._rows if key[0] == run]:
                    ended = self._rows.pop(key)
                    self._rows[parent, last[parent]] = ended | self._rows[parent, last[parent]]


# --- records ----------------------------------------------------------------------------------------------------------


def _records(content: bytes) -> Iterator[tuple[int, bytes]]:
    """Records with their places; a last one that is cut off, as of a run that is still at work, is left out."""
    at = 0
    while at + _HEAD.size + _SUM.size <= len(content):
        head = content[at : at + _HEAD.size]
        (length,) = _HEAD.unpack(head)
        (checked,) = _SUM.unpack_from(content, at + _HEAD.size)
        if checked != masked_crc(head):
            raise FileError(f": is damaged at byte {at:,}: a length and its checksum differ")
        begin = at + _HEAD.size + _SUM.size
        end = begin + length
        if end + _SUM.size > len(content):
            return
        record = content[begin:end]
        if _SUM.unpack_from(content, end)[0] != masked_crc(record):
            raise FileError(f": is damaged at byte {begin:,}: an event and its checksum differ")
        yield begin, record
        at = end + _SUM.size


def masked_crc(data: bytes) -> int:
    """CRC-32C of bytes, turned and raised as records have it."""
    crc = 0xFFFFFFFF
    for byte in data:
        crc = _TABLE[(crc ^ byte) & 0xFF] ^ (crc >> 8)
    crc ^= 0xFFFFFFFF
    return (((crc >> 15) | (crc << 17)) + _MASK) & 0xFFFFFFFF


def _table() -> Iterator[int]:
    for value in range(256):
        for _ in range(8):
            value = (value >> 1) ^ (0x82F63B78 if value & 1 else 0)
        yield value


_TABLE = tuple(_table())

# --- protocol buffers -------------------------------------------------------------------------------------------------


def _fields(data: bytes) -> Iterator[tuple[int, int, Any]]:
    """Number, wire type and content of each field of a message."""
    at = 0
    while at < len(data):
        key, at = _varint(data, at)
        number, wire = key >> 3, key & 7
        if wire == _VARINT:
            value, at = _varint(data, at)
            yield number, wire, value
            continue
        if wire == _BYTES:
            length, at = _varint(data, at)
        elif wire in (_EIGHT, _FOUR):
            length = 8 if wire == _EIGHT else 4
        else:
            raise struct.error("another wire type")
        if at + length > len(data):
            raise struct.error("beyond the end")
        yield number, wire, data[at : at + length]
        at += length


def _varint(data: bytes, at: int) -> tuple[int, int]:
    value = shift = 0
    while True:
        byte = data[at]
        at += 1
        value |= (byte & 0x7F) << shift
        shift += 7
        if byte < 0x80:
            return value, at
        if shift > 63:
            raise struct.error("a number of more than ten bytes")


def _event(record: bytes) -> tuple[int, list[tuple[str, Any]]]:
    """The step of an event, and the values in it."""
    step, values = 0, []
    for number, wire, held in _fields(record):
        if (number, wire) == (2, _VARINT):
            step = held - (1 << 64) if held >> 63 else held
        elif (number, wire) == (5, _BYTES):
            values += [_value(inner) for n, w, inner in _fields(held) if (n, w) == (1, _BYTES)]
    return step, values


def _value(data: bytes) -> tuple[str, Any]:
    """A tag with its scalar, with hyperparameters, or with None for a value of another kind."""
    tag, found, plugin = "", None, ""
    for number, wire, held in _fields(data):
        if (number, wire) == (1, _BYTES):
            tag = held.decode()
        elif (number, wire) == (2, _FOUR):
            found = _FLOAT.unpack(held)[0]
        elif (number, wire) == (8, _BYTES):
            found = _tensor(held)
        elif (number, wire) == (9, _BYTES):
            plugin, content = _plugin(held)
            if plugin == "hparams" and (given := _hyperparameters(content)):
                return tag, given
    return tag, found if plugin in ("", "scalars") else None


def _tensor(data: bytes) -> float | None:
    """The number of a tensor of one element."""
    kind, numbers = 0, []
    for number, wire, held in _fields(data):
        if (number, wire) == (1, _VARINT):
            kind = held
        elif number == 4 and wire == _BYTES and kind in _ELEMENTS:
            numbers += [float(x) for (x,) in struct.iter_unpack(f"<{_ELEMENTS[kind]}", held)]
        elif number in (5, 6) and wire in (_BYTES, _FOUR, _EIGHT):
            numbers += [x for (x,) in struct.iter_unpack("<f" if number == 5 else "<d", held)]
    return numbers[0] if len(numbers) == 1 else None


def _plugin(data: bytes) -> tuple[str, bytes]:
    """The plugin of a value, and what it keeps."""
    name, content = "", b""
    for number, wire, held in _fields(data):
        if (number, wire) == (1, _BYTES):
            for n, w, inner in _fields(held):
                name = inner.decode() if (n, w) == (1, _BYTES) else name
                content = inner if (n, w) == (2, _BYTES) else content
    return name, content


def _hyperparameters(data: bytes) -> dict[str, Any]:
    """Names and values that a session began with."""
    found: dict[str, Any] = {}
    for number, wire, session in _fields(data):
        if (number, wire) != (3, _BYTES):
            continue
        for n, w, entry in _fields(session):
            if (n, w) == (1, _BYTES):
                parts = {k: (v, inner) for k, v, inner in _fields(entry)}
                name = parts[1][1].decode() if 1 in parts and parts[1][0] == _BYTES else ""
                found[name] = _struct_value(parts[2][1]) if 2 in parts and parts[2][0] == _BYTES else None
    return found


def _struct_value(data: bytes) -> Any:
    """A number, text or truth value of `google.protobuf.Value`."""
    for number, wire, held in _fields(data):
        if (number, wire) == (2, _EIGHT):
            return _DOUBLE.unpack(held)[0]
        if (number, wire) == (3, _BYTES):
            return held.decode()
        if (number, wire) == (4, _VARINT):
            return bool(held)
    return None
