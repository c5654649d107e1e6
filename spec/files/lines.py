"""The lines of a file's text: of UTF-8 or of what its first bytes mark, ended by LF, CR or both."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Iterator, Sequence

from .raw_file import FileError

#: Characters that a line of numbers and names may have.
LONGEST = 1_000_000
#: Characters of a name that a message shows.
SHOWN = 40
#: What may part the fields of a line, most telling first; None for any run of blanks.
DELIMITERS: tuple[str | None, ...] = ("\t", ";", ",", None)

#: The first line in which Excel says what parts the fields.
SEPARATOR = re.compile(r'\ufeff?"?sep=(.)"?[,;\t]*', re.IGNORECASE)

_MARKS = (
    (b"\xef\xbb\xbf", "utf-8-sig"),
    (b"\xff\xfe\x00\x00", "utf-32"),
    (b"\x00\x00\xfe\xff", "utf-32"),
    (b"\xff\xfe", "utf-16"),
    (b"\xfe\xff", "utf-16"),
)
_IN_QUOTES = re.compile(r'"([^"]*)"|(\S+)')


def encoding_of(head: bytes) -> str:
    """The encoding that a text's first bytes mark, or show by the zeros in them; UTF-8 else."""
    for mark, encoding in _MARKS:
        if head.startswith(mark):
            return encoding
    zeros = [byte == 0 for byte in head[:4]]
    if zeros == [False, True, False, True]:
        return "utf-16-le"
    return "utf-16-be" if zeros == [True, False, True, False] else "utf-8"


def text_of(content: bytes, encoding: str = "") -> str:
    """A file's text.

    Raises:
        FileError: It is none.
    """
    name = encoding or encoding_of(content)
    try:
        return whole(content.decode(name)) if encoding else content.decode(name)
    except UnicodeDecodeError as error:
        raise FileError(f": {no_text(name, error)}") from None
    except LookupError:
        raise FileError(f": there is no encoding {name[:SHOWN]} of texts") from None
    except ValueError as error:  # codecs of names and of escapes, and a name with a NUL
        raise FileError(f": it is no text in {name[:SHOWN]!r}: {error}") from None


def whole(text: str) -> str:
    """A text whose halves of characters, `\\ud83d` alone, stand as the mark of what cannot be read."""
    return text if text.isascii() else text.encode("utf-16", "surrogatepass").decode("utf-16", "replace")


def no_text(encoding: str, error: UnicodeDecodeError) -> str:
    """Why bytes are no text."""
    shown = encoding.upper().removesuffix("-SIG")
    return f"it is not {shown} text at byte {error.start:,}" + ("" if shown != "UTF-8" else "; save it as UTF-8")


def numbered(content: bytes) -> Iterator[tuple[int, str]]:
    """Lines that are not blank, bare of blanks at their ends, with their numbers.

    Raises:
        FileError: No text, or a line longer than any of numbers and names.
    """
    encoding = encoding_of(content)
    stream = io.TextIOWrapper(io.BytesIO(content), encoding, newline=None)
    number = 0
    try:
        while line := stream.readline(LONGEST + 1):
            number += 1
            if len(line) > LONGEST:
                raise FileError(f", line {number}: is longer than {LONGEST:,} characters")
            if "\0" in line:
                raise FileError(f", line {number}: holds a NUL byte; it is no text")
            bare = line.strip()
            if bare and not (number == 1 and SEPARATOR.fullmatch(bare)):
                yield number, bare
    except UnicodeDecodeError as error:
        raise FileError(f": {no_text(encoding, _whole(content, encoding, error))}") from None


def _whole(content: bytes, encoding: str, error: UnicodeDecodeError) -> UnicodeDecodeError:
    """The same error with its place in the whole content."""
    try:
        content.decode(encoding)
    except UnicodeDecodeError as whole:
        return whole
    return error


def split_at(line: str, delimiter: str | None) -> list[str]:
    """The fields of a line, bare of blanks and quotes."""
    if '"' in line:
        if delimiter is None:
            return [quoted or plain for quoted, plain in _IN_QUOTES.findall(line)]
        try:
            return [field.strip() for field in next(csv.reader([line], delimiter=delimiter, skipinitialspace=True))]
        except csv.Error:
            pass
    if delimiter is None:
        return line.split()
    return [field.strip() for field in line.split(delimiter)]


def even_widths(lines: Sequence[str], delimiter: str | None) -> int:
    """Fields of every line where all have as many and more than one; else 0."""
    widths = {len(split_at(line, delimiter)) for line in lines}
    width = widths.pop() if len(widths) == 1 else 0
    return width if width > 1 else 0


def number_of(field: str, comma: bool = False) -> float | None:
    """The number that a field is, with a decimal comma where the file has those; None where it is none."""
    bare = field.replace(",", ".") if comma else field
    if "_" in bare:  # Python's own digits, and nobody's data
        return None
    try:
        return float(bare)
    except ValueError:
        return None
