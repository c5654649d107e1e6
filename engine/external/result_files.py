"""Losses that a trainer leaves in files of its run's folder, read once it has ended."""

from __future__ import annotations

import csv
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from scalingdsl.spec.errors import UsageError
from scalingdsl.spec.files.raw_file import FileError, read_packed
from scalingdsl.spec.files.tables.event_files import MOST_EVENTS, NAMED, is_event_file, read_event_file

from . import wandb_log
from .losses_told import LONGEST_LINE, Losses
from .trainer import Reading

#: Bytes of a file that are read at a time.
CHUNK = 1 << 20
#: How names of files end whose losses can be read.
ENDINGS = (".csv", ".tsv", ".jsonl", ".json", ".ndjson", ".wandb")


def check_path(path: str) -> None:
    """Refuse, with `UsageError`, a pattern outside the run's folder or of files that cannot be read."""
    parts = Path(path).parts
    if not parts or Path(path).is_absolute() or ".." in parts:
        raise UsageError(f"a trainer's losses are read from its run's folder: {path!r} is no path inside {{out}}")
    if Path(path).suffix not in ENDINGS and not is_event_file(path):
        kinds = f"files that end in {', '.join(ENDINGS)}, and event files of TensorBoard, {NAMED}*"
        raise UsageError(f"losses are read from {kinds}; {path!r} is none")


def read_files(out: Path, reading: Reading, losses: Losses) -> None:
    """Feed `losses` with every file of the pattern, in the order of their names."""
    inside = out.resolve()
    for path in sorted(out.glob(reading.path)):
        if not path.is_file() or not path.resolve().is_relative_to(inside):
            continue
        if is_event_file(path.name):
            for row in _events(path):
                losses.row(row)
        elif path.suffix in (".csv", ".tsv"):
            for row in _rows(path):
                losses.row(row)
        elif path.suffix == ".wandb":
            for row in wandb_log.rows(path):
                losses.row({"step": row.get("_step"), **row})
        else:
            with open(path, "rb") as file:
                while data := file.read(CHUNK):
                    losses.feed(data)
            losses.end()


def _events(path: Path) -> Iterator[dict[str, Any]]:
    """A row a step: its tags; of a file that is damaged or holds too much, nothing."""
    try:
        columns = read_event_file(read_packed(path, MOST_EVENTS))
    except FileError:
        return
    for cells in zip(*columns.values()):
        yield {name: cell for name, cell in zip(columns, cells) if cell is not None}


def _rows(path: Path) -> Iterator[dict[str, Any]]:
    with open(path, encoding="utf-8", errors="replace", newline="") as file:
        csv.field_size_limit(LONGEST_LINE)
        reader = csv.DictReader(_lines(file), delimiter="\t" if path.suffix == ".tsv" else ",")
        try:
            yield from reader
        except csv.Error:
            return  # what was read until here stands


def _lines(file: Any) -> Iterator[str]:
    """Lines, none of them longer than a row may be."""
    while line := file.readline(LONGEST_LINE):
        yield line
