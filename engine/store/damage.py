"""Damaged files: set aside under `damaged/`, said once, and never used. What they held is made again.

`damaged/log.jsonl` has a line for each, so that what a worker found is said by the study's own process too.
"""

from __future__ import annotations

import errno
import os
from collections.abc import Iterator
from pathlib import Path

from .atomic import append_line, make_folder, sync_folder, unique
from .sealed_json import body_of, line_of

FOLDER, LOG = "damaged", "log.jsonl"
#: The code of the warning, which `scalingdsl explain` knows.
CODE = "RUN221"
#: Errors of a folder that may not be written to, or cannot.
UNWRITABLE = (errno.EROFS, errno.EACCES, errno.EPERM, errno.ENOSPC, errno.EDQUOT)


def set_aside(folder: Path, path: Path, reason: str, then: str) -> str:
    """Move a damaged file of a results folder under its `damaged/`; the warning that says so.

    Args:
        folder: The results folder.
        path: The file.
        reason: The damage, as a clause.
        then: What follows for the study, as a clause.
    """
    name = path.relative_to(folder).as_posix() if path.is_relative_to(folder) else str(path)
    reason = reason.removeprefix(f"{path} is damaged: ").removeprefix(str(path)).strip(": ").splitlines()[0]
    kept = folder / FOLDER / f"{path.name}.{unique().rpartition('-')[2]}"
    try:
        make_folder(kept.parent)
        os.replace(path, kept)
        sync_folder(kept.parent)
        sync_folder(path.parent)
    except FileNotFoundError:
        return f"{name} was damaged ({reason}) and is gone; {then} ({CODE})"
    except OSError as error:
        if error.errno not in UNWRITABLE:
            raise
        return f"{name} is damaged ({reason}) and stays, for {folder} cannot be written; {then} ({CODE})"
    said = f"{name} is damaged ({reason}) and is kept as {FOLDER}/{kept.name}; {then} ({CODE})"
    append_line(folder / FOLDER / LOG, line_of({"warning": said}), sync=True)
    return said


def mark(folder: Path) -> int:
    """The end of the log of what was set aside so far."""
    try:
        return (folder / FOLDER / LOG).stat().st_size
    except OSError:
        return 0


def since(folder: Path, begin: int) -> Iterator[str]:
    """Warnings of what was set aside, by any process, since a mark."""
    try:
        with (folder / FOLDER / LOG).open("rb") as file:
            file.seek(begin)
            lines = file.read().splitlines()
    except OSError:
        return
    for line in lines:
        body = body_of(line)
        if body is not None and isinstance(body.get("warning"), str):
            yield body["warning"]
