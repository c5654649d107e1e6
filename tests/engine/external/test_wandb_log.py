"""Rows of the log of an offline run, as its format has them; torn and damaged logs end where they are."""

from __future__ import annotations

import json
import random
import zlib
from pathlib import Path

from scalingdsl.engine.external.losses_told import Losses
from scalingdsl.engine.external.result_files import read_files
from scalingdsl.engine.external.trainer import Reading
from scalingdsl.engine.external.wandb_log import BLOCK, MAGIC, rows


def varint(value: int) -> bytes:
    found = b""
    while value > 127:
        found += bytes([value & 127 | 128])
        value >>= 7
    return found + bytes([value])


def message(number: int, value: bytes) -> bytes:
    return varint(number << 3 | 2) + varint(len(value)) + value


def item(key: str, value: object) -> bytes:
    name = b"".join(message(2, part.encode()) for part in key.split(".")) if "." in key else message(1, key.encode())
    return message(1, name + message(16, json.dumps(value).encode()))


def written(path: Path, history: list[dict[str, object]]) -> bytes:
    """A log with these rows, among other records and cut into blocks."""
    content = MAGIC
    records = [varint(8) + varint(1) + message(17, b"a run")]
    for row in history:
        records.append(varint(8) + varint(2) + message(2, b"".join(item(*pair) for pair in row.items())))
        records.append(message(3, b"a summary"))
    for record in records:
        first = True
        while True:
            left = BLOCK - len(content) % BLOCK
            if left < 7:
                content += bytes(left)
                continue
            piece, record = record[: left - 7], record[left - 7 :]
            kind = bytes([(1 if first else 4) if not record else (2 if first else 3)])
            sum_of = zlib.crc32(kind + piece).to_bytes(4, "little")
            content += sum_of + len(piece).to_bytes(2, "little") + kind + piece
            first = False
            if not record:
                break
    path.write_bytes(content)
    return content


HISTORY: list[dict[str, object]] = [
    {"loss": 5.0 / n, "tokens": 1000 * n, "nested.part": n, "_step": n, "words": "x" * 9000} for n in range(1, 12)
]


def test_rows_are_read(tmp_path: Path) -> None:
    written(tmp_path / "run-1.wandb", HISTORY)
    assert list(rows(tmp_path / "run-1.wandb")) == HISTORY
    losses = Losses(Reading())
    read_files(tmp_path, Reading("run-*.wandb"), losses)
    assert losses.last is not None
    assert (losses.last.loss, losses.last.tokens, losses.last.step) == (5.0 / 11, 11_000, 11)


def test_what_is_torn_or_damaged_ends_the_reading(tmp_path: Path) -> None:
    path = tmp_path / "run.wandb"
    content = written(path, HISTORY)
    draw = random.Random(0)
    for _ in range(300):
        at = draw.randrange(len(content))
        path.write_bytes(content[:at])
        assert list(rows(path)) == HISTORY[: len(list(rows(path)))]
        path.write_bytes(content[:at] + bytes([content[at] ^ 1 << draw.randrange(8)]) + content[at + 1 :])
        found = list(rows(path))
        assert found == HISTORY[: len(found)]
    path.write_bytes(b"no log")
    assert list(rows(path)) == []
