"""The bytes of a file, unpacked: of regular files alone, and never more than a limit, whatever a file announces."""

from __future__ import annotations

import bz2
import errno
import hashlib
import io
import lzma
import os
import re
import stat
import zipfile
import zlib
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

from ..errors import UsageError

#: Bytes that a graph, matrix or table may hold once it is unpacked.
MOST_BYTES = 64_000_000
#: The variable of the environment that says how many bytes a file may hold, in place of the limit of its kind.
LIMIT = "SCALINGDSL_MOST_BYTES"
#: Bytes that are unpacked at a time.
BLOCK = 1 << 20
#: Files of an archive that a message names.
NAMED = 3

GZIP, ZSTD, ZIP = b"\x1f\x8b", b"\x28\xb5\x2f\xfd", b"PK\x03\x04"

#: What files of programs begin with that are no text and are not read, such as those of Excel before 2007.
_OTHERS = (
    (b"\xd0\xcf\x11\xe0", "a workbook of an old Excel"),
    (b"SQLite format 3\0", "a database of SQLite"),
    (b"\x89HDF\r\n", "a file in HDF5"),
    (b"ARROW1\0\0", "a file of Arrow"),
    (b"FEA1", "a file of Arrow"),
    (b"\x93NUMPY", "an array of numpy"),
    (b"MATLAB 5.0 MAT-file", "a file of MATLAB"),
    (b"\x80\x04", "a pickle of Python"),
    (b"\x80\x05", "a pickle of Python"),
    (b"%PDF-", "a PDF"),
    (b"{\\rtf", "a text with formats (RTF)"),
)
#: A stream of Arrow, as `datasets` saves tables: a mark, a length, and where its schema begins.
_ARROW_STREAM = re.compile(rb"\xff{4}.{4}\x10\0{3}", re.DOTALL)
_PARQUET = (b"PAR1", "a table in parquet")


class FileError(ValueError):
    """A file that cannot be read as what it is to be; the text continues its name: `, line 2: not JSON`."""


def allowed(most: int, variable: str = LIMIT) -> int:
    """A limit, by default of a file's bytes, or what the environment says in its place.

    Raises:
        UsageError: That is no number.
    """
    said = os.environ.get(variable, "")
    if said and not (said.isdecimal() and len(said) < 19):
        raise UsageError(f"{variable} is a whole number, and {said!r} is none")
    return int(said or most)


def too_large(most: int, verb: str = "holds", instead: str = "thin it out, or split it") -> FileError:
    """The refusal of a file that holds more than `most` bytes."""
    return FileError(f": {verb} more than {size(most)}; {instead}, or set {LIMIT} to allow more")


@dataclass(frozen=True)
class Raw:
    """The content of one file."""

    #: SHA-256 of the file as it lies there, packed or not.
    sha256: str
    #: Unpacked.
    content: bytes


def open_regular(path: Path) -> BinaryIO:
    """A file opened for reading; a pipe or a device is not even waited for.

    Raises:
        FileError: Neither a file nor a link to one.
        OSError: It is not there, or may not be read.
    """
    mode = os.stat(path).st_mode
    if stat.S_ISDIR(mode):
        raise IsADirectoryError(errno.EISDIR, os.strerror(errno.EISDIR), str(path))
    if not stat.S_ISREG(mode):
        raise FileError(": is no regular file, and is not read")
    return open(path, "rb")


def read_packed(path: Path, most: int = MOST_BYTES) -> bytes:
    """A file as it lies there.

    Raises:
        FileError: No regular file, or larger than `most` bytes.
        OSError: It cannot be read.
    """
    most = allowed(most)
    with open_regular(path) as file:
        # A read takes the memory that it may need, so no more is asked for than the file has.
        found = os.fstat(file.fileno()).st_size
        if found > most:
            raise too_large(most)
        raw = file.read(min(found, most) + 1)
        while len(raw) <= most and (more := file.read(BLOCK)):
            raw += more
    if len(raw) > most:
        raise too_large(most)
    return raw


def read_raw(path: Path, most: int = MOST_BYTES) -> Raw:
    """A file's bytes, unpacked.

    Raises:
        FileError: No regular file, larger than `most` bytes, or not whole.
        OSError: It cannot be read.
    """
    packed = read_packed(path, most)
    return Raw(hashlib.sha256(packed).hexdigest(), unpacked(packed, most))


def unpacked(packed: bytes, most: int = MOST_BYTES) -> bytes:
    """The bytes that a packed file holds; a file that is not packed, as it is.

    Raises:
        FileError: It is not whole, holds several files, or more than `most` bytes.
    """
    most = allowed(most)
    if packed.startswith(ZIP):
        return _of_zip(packed, most)
    how = next((how for mark, how in _STREAMS.items() if packed.startswith(mark)), None)
    if how is None:
        return packed
    kind, opened = how
    return _bounded(lambda: opened(io.BytesIO(packed)), kind, most)


def other_format(content: bytes) -> str:
    """The format of a program that a file is in; empty where it is none of those that are known and not read."""
    if _ARROW_STREAM.match(content):
        return "a file of Arrow"
    return next((what for begins, what in _OTHERS if content.startswith(begins)), "")


def refuse_formats(content: bytes) -> None:
    """Refuse what is no text, by the name of its format.

    Raises:
        FileError: It is in a format of a program.
    """
    what = _PARQUET[1] if content.startswith(_PARQUET[0]) else other_format(content)
    if what:
        raise FileError(f" is {what}; save it as text")


def is_packed(head: bytes) -> bool:
    """True where a file that begins so is to be unpacked."""
    return head.startswith((ZIP, *_STREAMS))


def _bounded(opened: Callable[[], BinaryIO], kind: str, most: int) -> bytes:
    parts, total = [], 0
    try:
        with opened() as stream:
            while part := stream.read(BLOCK):
                total += len(part)
                if total > most:
                    raise too_large(most, "unpacks to")
                parts.append(part)
    except (EOFError, OSError, RuntimeError, NotImplementedError, zlib.error, lzma.LZMAError) as error:
        raise FileError(f": it is not a whole {kind} file: {error}") from error
    return b"".join(parts)


def _of_zip(packed: bytes, most: int) -> bytes:
    try:
        archive = zipfile.ZipFile(io.BytesIO(packed))
        files = zip_members(archive)
    except (zipfile.BadZipFile, OSError, RuntimeError, ValueError, NotImplementedError) as error:
        raise FileError(f": it is not a whole zip file: {error}") from error
    if is_workbook(archive):
        raise FileError(" is an Excel workbook; save the sheet as csv")
    if len(files) != 1:
        names = ", ".join(file.filename for file in files[:NAMED]) + (", ..." if len(files) > NAMED else "")
        raise FileError(f": the archive holds {len(files)} files ({names}); unpack the one that is meant")
    return _bounded(lambda: archive.open(files[0]), "zip", most)  # type: ignore[arg-type,return-value]


def is_workbook(archive: zipfile.ZipFile) -> bool:
    """True of the archive that a spreadsheet is."""
    return "[Content_Types].xml" in archive.namelist()


def zip_members(archive: zipfile.ZipFile) -> list[zipfile.ZipInfo]:
    """The files of an archive in the order of their names, without folders and what systems hide beside them."""
    return sorted(
        (f for f in archive.infolist() if not f.is_dir() and not _is_hidden(f.filename)), key=lambda f: f.filename
    )


def _is_hidden(name: str) -> bool:
    return name.startswith("__MACOSX/") or any(part.startswith(".") for part in name.split("/"))


def open_zstd(raw: BinaryIO) -> BinaryIO:
    """A zstd stream, unpacked by the library of a later Python or by a package.

    Raises:
        FileError: There is none.
    """
    try:
        from compression import zstd  # type: ignore[import-not-found,unused-ignore]

        return zstd.ZstdFile(raw)  # type: ignore[no-any-return,unused-ignore]
    except ImportError:
        pass
    try:
        import zstandard  # type: ignore[import-not-found,unused-ignore]
    except ImportError:
        raise FileError(": reading zst needs zstandard (pip install 'scalingdsl[zst]'), or unpack the file") from None
    return zstandard.ZstdDecompressor().stream_reader(raw, read_across_frames=True)  # type: ignore[no-any-return,unused-ignore]


def _open_gzip(raw: BinaryIO) -> BinaryIO:
    import gzip

    return gzip.GzipFile(fileobj=raw)  # type: ignore[return-value]


_STREAMS: dict[bytes, tuple[str, Callable[[BinaryIO], BinaryIO]]] = {
    GZIP: ("gzip", _open_gzip),
    b"BZh": ("bzip2", bz2.open),  # type: ignore[dict-item]
    b"\xfd7zXZ\x00": ("xz", lzma.open),  # type: ignore[dict-item]
    ZSTD: ("zstd", open_zstd),
}


def size(n_bytes: int) -> str:
    """A number of bytes in words."""
    return f"{n_bytes / 1e6:g} MB" if n_bytes < 1e9 else f"{n_bytes / 1e9:g} GB"
