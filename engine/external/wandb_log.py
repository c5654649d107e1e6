"""The log that Weights & Biases writes of a run offline, `run-ID.wandb`: rows of its history, without its package.

Blocks of 32 KiB as in LevelDB's logs, after a head of seven bytes: each piece of a record has a CRC, its length and
whether it is whole, first, middle or last. A record is a protobuf message whose second field is a row of the history:
items of a key, or a path of keys, and a value in JSON (wandb_internal.proto). A torn or damaged end is where reading
ends.
"""

from __future__ import annotations

import json
import zlib
from collections.abc import Iterator
from pathlib import Path
from typing import IO, Any

BLOCK, HEAD, PIECE = 32 * 1024, 7, 7
#: What a file begins with: its letters, a number, a version.
MAGIC = b":W&B\xe1\xbe\x00"
WHOLE, FIRST, MIDDLE, LAST = 1, 2, 3, 4
#: Bytes of a record at most; a larger one is passed over.
MOST_RECORD = 4_000_000
#: Numbers of fields: of a record its row, of a row its items, of an item its key, its path and its value.
HISTORY, ITEM, KEY, NESTED, VALUE = 2, 1, 1, 2, 16


def rows(path: Path) -> Iterator[dict[str, Any]]:
    """Rows of a run's history, in order; keys of a path are joined by dots."""
    with open(path, "rb") as file:
        for record in _records(file):
            for number, value in _fields(record):
                if number == HISTORY and isinstance(value, bytes):
                    yield _row(value)


def _row(message: bytes) -> dict[str, Any]:
    row: dict[str, Any] = {}
    for number, item in _fields(message):
        if number != ITEM or not isinstance(item, bytes):
            continue
        key, nested, text = b"", [], b""
        for part, value in _fields(item):
            if not isinstance(value, bytes):
                continue
            if part == KEY:
                key = value
            elif part == NESTED:
                nested.append(value)
            elif part == VALUE:
                text = value
        name = (b".".join(nested) or key).decode(errors="replace")
        try:
            row[name] = json.loads(text)
        except (ValueError, RecursionError):
            continue
    return row


def _records(file: IO[bytes]) -> Iterator[bytes]:
    if file.read(HEAD) != MAGIC:
        return
    parts: list[bytes] = []
    at, held = HEAD, 0
    while True:
        left = BLOCK - at % BLOCK
        if left < PIECE:
            at += len(file.read(left))
            continue
        head = file.read(PIECE)
        if len(head) < PIECE:
            return
        length, kind = int.from_bytes(head[4:6], "little"), head[6]
        data = file.read(length)
        at += PIECE + length
        if len(data) < length or zlib.crc32(head[6:7] + data) != int.from_bytes(head[:4], "little"):
            return
        if kind in (WHOLE, FIRST):
            parts, held = [], 0
        held += length
        if held <= MOST_RECORD:
            parts.append(data)
        if kind in (WHOLE, LAST) and held <= MOST_RECORD:
            yield b"".join(parts)


def _fields(message: bytes) -> Iterator[tuple[int, int | bytes]]:
    """Fields of a protobuf message: numbers as they are, everything with a length as bytes; ends where it is torn."""
    at = 0
    while at < len(message):
        tag, at = _varint(message, at)
        number, wire = tag >> 3, tag & 7
        if wire == 0:
            value, at = _varint(message, at)
            yield number, value
        elif wire == 2:
            length, at = _varint(message, at)
            if at + length > len(message):
                return
            yield number, message[at : at + length]
            at += length
        elif wire in (1, 5):
            at += 8 if wire == 1 else 4
        else:
            return


def _varint(message: bytes, at: int) -> tuple[int, int]:
    value = shift = 0
    while at < len(message) and shift < 70:
        byte = message[at]
        value |= (byte & 127) << shift
        at, shift = at + 1, shift + 7
        if byte < 128:
            return value, at
    return value, len(message)
