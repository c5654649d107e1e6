"""The files that a text is made of, and their identity: a file, every file below a folder, or those of a pattern."""

from __future__ import annotations

import glob
import gzip
import hashlib
import zlib
from collections.abc import Iterable
from pathlib import Path

_GZIP = b"\x1f\x8b"


def files_at(path: Path) -> tuple[Path, ...]:
    """The files, in the order of their names; hidden ones are left out of folders and patterns."""
    if path.is_file():
        return (path,)
    found = path.rglob("*") if path.is_dir() else map(Path, glob.glob(str(path), recursive=True))
    seen = ((p.relative_to(path) if path.is_dir() else Path(p.name), p) for p in found if p.is_file())
    return tuple(sorted(p for name, p in seen if not any(part.startswith(".") for part in name.parts)))


def decoded(raw: bytes) -> str:
    """A file's text; `ValueError` says why it is none."""
    try:
        return (gzip.decompress(raw) if raw.startswith(_GZIP) else raw).decode("utf-8-sig")
    except (EOFError, OSError, zlib.error) as error:
        raise ValueError(f"it is not a whole gzip file: {error}") from error
    except UnicodeDecodeError as error:
        raise ValueError(f"it is not UTF-8 text at byte {error.start}") from error


def content(raws: Iterable[bytes]) -> str:
    """SHA-256 of the files' contents in order: of one file its own, of several that of their digests."""
    digests = [hashlib.sha256(raw).hexdigest() for raw in raws]
    return digests[0] if len(digests) == 1 else hashlib.sha256("".join(digests).encode()).hexdigest()
