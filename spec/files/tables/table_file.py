"""A table made elsewhere, in columns: csv in its dialects, JSON in its usual shapes, parquet, a workbook's sheet.

Plain Python, so that checking a study needs no numerical library; parquet and workbooks need one where they are met.
What is read here is what is checked, planned and fitted; what is refused here is refused everywhere.
"""

from __future__ import annotations

import hashlib
import io
import re
import zipfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from ..lines import text_of, whole
from ..raw_file import ZIP, FileError, allowed, is_workbook, other_format, read_packed, too_large, unpacked
from .cells import Cells, has_decimal_commas, typed
from .event_files import event_files, is_event_file, read_event_file, read_event_folder
from .framed_rows import names_groups, told_of_gaps, without_frame
from .json_tables import json_lines, json_table
from .mlflow_runs import mlflow_files, read_mlflow
from .nested_cells import fields_of_cells
from .run_states import told_of_states
from .separated_tables import separated
from .wide_exports import one_row_a_step

#: Bytes that a table may hold once it is unpacked.
MOST_TABLE = 32_000_000
#: A file that is no table; the text continues its name.
NoTableError = FileError

#: Characters of a cell that a message shows.
SHOWN = 60
#: Losses that lines of a log tell, how many make one, and the characters that are looked at.
_LOGGED = re.compile(r"\bloss\b\W{0,3}\d[\d.eE+-]*", re.IGNORECASE)
LOGGED, LOOKED_AT = 3, 20_000
_LOG = ": is the log of a program, and no table; write a row for each step, with its tokens and its loss"
#: What texts begin with that are records in another notation.
_OTHER_TEXTS = (
    (re.compile(r"\s*(?:---\s*\n\s*)?- +[A-Za-z_]\w*:(?:\s|$)"), "YAML, and no table that is read"),
    (re.compile(r"\s*\[{1,2}[A-Za-z_][\w.-]*\]{1,2}[ \t]*\n\s*[\w.\"-]+\s*="), "TOML, and no table that is read"),
    (
        re.compile(r"\s*(?:CREATE TABLE|INSERT INTO|DROP TABLE|BEGIN TRANSACTION|PRAGMA) ", re.IGNORECASE),
        "SQL, and no table",
    ),
    (re.compile(r"\s*(?:%.*\n\s*)*@relation\b", re.IGNORECASE), "ARFF, and no table that is read"),
    (re.compile(r"\s*=+(?:[ \t]+=+)+[ \t]*\n"), "reStructuredText, and no table that is read"),
    (re.compile(r"\s*\[?\s*\{\s*'"), "what Python prints, in single quotes, and no JSON"),
)
_PACKED = frozenset({".gz", ".bz2", ".xz", ".zst", ".zip"})


@dataclass(frozen=True)
class TableFile:
    """The columns of a table by name: numbers with NaN where one is missing, everything else as texts."""

    columns: Mapping[str, Cells]
    #: What was guessed or left out, as the ends of sentences about the file.
    told: tuple[str, ...] = ()


def read_table_file(path: Path) -> TableFile:
    """The table in a file.

    Raises:
        NoTableError: Not a table that can be read: the text says which line, row or column is wrong.
        OSError: Not a file that can be read.
    """
    if path.is_dir():
        return _of_folder(path)
    packed = read_packed(path, MOST_TABLE)
    if is_event_file(path.name):
        return _typed(read_event_file(packed), [])
    if packed.startswith(b"PAR1"):
        return _typed(_parquet(packed), [])
    if what := other_format(packed):
        raise NoTableError(f" is {what}; save {'the sheet' if 'Excel' in what else 'the table'} as csv")
    if packed.startswith(ZIP) and _is_workbook(packed):
        told: list[str] = []
        return _typed(_workbook(packed, told), told)
    suffixes = [s.lower() for s in path.suffixes]
    if suffixes[-1:] == [".parquet"]:
        raise NoTableError(" is no table in parquet that can be read: its first bytes are not those of one")
    content = unpacked(packed, MOST_TABLE)
    if suffixes[-1:] and suffixes[-1] in _PACKED:
        if content is packed:
            raise NoTableError(
                f": it is not a whole {'gzip' if suffixes[-1] == '.gz' else 'packed'} file, as its name says"
            )
        suffixes.pop()
    if content[257:262] == b"ustar":
        raise NoTableError(" is a tar archive; unpack the one file that is meant")
    return read_text_table(text_of(content), suffixes[-1] if suffixes else "")


def _of_folder(folder: Path) -> TableFile:
    told: list[str] = []
    if mlflow_files(folder):
        columns = read_mlflow(folder, told)
        return _typed(columns, ["it is read as runs of MLflow, a row a run and step", *told])
    return _typed(read_event_folder(folder), ["it is read as runs of TensorBoard, a row a run and step"])


def files_of_runs(folder: Path) -> tuple[Path, ...]:
    """The files of runs below a folder, of MLflow or else of TensorBoard, in the order of their paths."""
    return mlflow_files(folder) or event_files(folder)


def table_digest(path: Path) -> str:
    """SHA-256 of the content of a table, of a folder's files of runs in their order.

    Raises:
        NoTableError, OSError: It cannot be read.
    """
    if not path.is_dir():
        return hashlib.sha256(read_packed(path, MOST_TABLE)).hexdigest()
    found = hashlib.sha256()
    for file in files_of_runs(path):
        found.update(f"{file.relative_to(path).as_posix()}\n".encode())
        found.update(hashlib.sha256(read_packed(file, MOST_TABLE)).digest())
    return found.hexdigest()


def is_run_folder(path: Path) -> bool:
    """True of a folder below which there are runs of a tracker."""
    try:
        return path.is_dir() and bool(files_of_runs(path))
    except FileError:  # what is wrong with it is said where it is read
        return True
    except OSError:
        return False


def read_text_table(text: str, suffix: str = "") -> TableFile:
    """The table in a text, whose file's name ends in `suffix`."""
    if "\0" in text:
        raise NoTableError(": holds NUL bytes; it is no text")
    begin = text.lstrip()[:1]
    if begin == "<":
        raise NoTableError(": is HTML or XML, and no table; save it as csv")
    if begin == "\\":
        raise NoTableError(": is LaTeX, and no table that is read; save it as csv")
    if what := next((what for pattern, what in _OTHER_TEXTS if pattern.match(text)), ""):
        raise NoTableError(f": is {what}; save it as csv")
    try:
        found = _of_text(text, suffix, begin)
    except NoTableError:
        # A row of names above what is no table is one of another mistake.
        words = any(mark in text.lstrip().split("\n", 1)[0] for mark in ":=[")
        if words and len(_LOGGED.findall(text, 0, LOOKED_AT)) >= LOGGED:
            raise NoTableError(_LOG) from None
        raise
    # Lines that part alike, of which the first would give the names.
    if any(_LOGGED.search(name) and any(map(_LOGGED.search, map(str, cells))) for name, cells in found.columns.items()):
        raise NoTableError(_LOG)
    return found


def _of_text(text: str, suffix: str, begin: str) -> TableFile:
    told: list[str] = []
    comma = False
    columns: Mapping[str, Sequence[Any]]
    if suffix in (".jsonl", ".ndjson") or (suffix != ".json" and begin == "{" and _begins_with_record(text, suffix)):
        columns = json_lines(text)
    elif suffix == ".json" or (suffix not in (".csv", ".tsv") and begin == "["):
        columns = json_table(text)
    else:
        parted, delimiter = separated(text, told)
        columns = fields_of_cells(parted, told)
        comma = has_decimal_commas(columns.values(), likely=delimiter == ";")
    if "\\u" in text:  # escapes in JSON may be halves of characters
        columns = {
            whole(name): [whole(c) if isinstance(c, str) else c for c in cells] for name, cells in columns.items()
        }
    return _typed(columns, told, comma)


def _begins_with_record(text: str, suffix: str) -> bool:
    """True where the first line is a record in JSON, whatever the file is called; csv may begin with a brace."""
    if suffix not in (".csv", ".tsv"):
        return True
    first = text.lstrip().split("\n", 1)[0].strip()
    return first.endswith("}") and '":' in first


def _typed(columns: Mapping[str, Sequence[Any]], told: list[str], comma: bool = False) -> TableFile:
    if not columns or not next(iter(columns.values())):
        raise NoTableError(": no rows")
    columns = one_row_a_step(columns, told)
    found: dict[str, Cells] = {}
    for name, cells in columns.items():
        found[name], what = typed(cells, comma)
        if what:
            told.append(f'the column "{name}" {what}')
    told += [*filter(None, [told_of_states(found)]), *told_of_gaps(found)]
    return TableFile(found, tuple(told))


def _is_workbook(packed: bytes) -> bool:
    try:
        return is_workbook(zipfile.ZipFile(io.BytesIO(packed)))
    except (zipfile.BadZipFile, ValueError, OSError, NotImplementedError):
        return False


def _workbook(packed: bytes, told: list[str]) -> dict[str, list[Any]]:
    if sum(file.file_size for file in zipfile.ZipFile(io.BytesIO(packed)).infolist()) > allowed(MOST_TABLE):
        raise too_large(allowed(MOST_TABLE), "unpacks to", "save the sheet as csv, and thin it out")
    try:
        import openpyxl  # type: ignore[import-not-found,import-untyped,unused-ignore]
    except ImportError:
        hint = "pip install 'scalingdsl[xlsx]'"
        raise NoTableError(
            f" is an Excel workbook; reading it needs openpyxl ({hint}), or save the sheet as csv"
        ) from None
    try:
        book = openpyxl.load_workbook(io.BytesIO(packed), read_only=True, data_only=True)
        sheet = book.worksheets[0]
        rows = [list(row) for row in sheet.iter_rows(values_only=True)]
        if len(book.sheetnames) > 1:
            told.append(f'of its {len(book.sheetnames)} sheets the first is read, "{sheet.title}"')
    # Its reader lets through whatever a damaged file makes of Python's own calls.
    except Exception as error:
        reason = " ".join(str(error).split())[:200] or type(error).__name__
        raise NoTableError(
            f" is an Excel workbook, and is no workbook that can be read: {reason}; save the sheet as csv"
        ) from None
    rows = [row for row in rows if any(cell is not None for cell in row)]
    titles = _titles(rows)
    if len(rows) > titles + 2 and names_groups(*rows[titles : titles + 3]):
        titles += 1
    if titles:
        are = "1 row is" if titles == 1 else f"{titles} rows are"
        told.append(f"{are} left out before the names of the columns ({str(_cells_of(rows[0])[0])[:SHOWN]!r})")
        rows = rows[titles:]
    if not rows:
        raise NoTableError(": no rows")
    names = [str(name).strip() if name is not None else "" for name in rows[0]]
    twice = sorted({name for name in names if name and names.count(name) > 1})
    if twice:
        raise NoTableError(f": two columns are called {', '.join(twice)}")
    columns = {name: [row[i] for row in rows[1:]] for i, name in enumerate(names) if name}
    return without_frame(columns, told)


def _cells_of(row: list[Any]) -> list[Any]:
    return [cell for cell in row if cell is not None]


def _titles(rows: list[list[Any]]) -> int:
    """Rows of one cell above a table of several columns."""
    n = next((i for i, row in enumerate(rows) if len(_cells_of(row)) > 1), 0)
    return n if n < len(rows) - 1 else 0


def _parquet(packed: bytes) -> dict[str, list[Any]]:
    try:
        from pyarrow import ArrowException, parquet  # type: ignore[import-not-found,import-untyped,unused-ignore]
    except ImportError as error:
        hint = "pip install 'scalingdsl[parquet]'"
        raise NoTableError(f": reading parquet needs pyarrow ({hint}), or convert the table") from error
    try:
        file = parquet.ParquetFile(io.BytesIO(packed))
        groups = range(file.metadata.num_row_groups)
        if sum(file.metadata.row_group(i).total_byte_size for i in groups) > allowed(MOST_TABLE):
            raise too_large(allowed(MOST_TABLE), "unpacks to")
        table = file.read()
        while any(str(field.type).startswith("struct") for field in table.schema):
            table = table.flatten()
        columns: dict[str, list[Any]] = table.to_pydict()
    except (ArrowException, OSError, OverflowError) as error:
        raise NoTableError(f" is no table in parquet that can be read: {error}") from error
    if len(columns) < table.num_columns:
        raise NoTableError(": two columns have one name")
    return {name: cells for name, cells in columns.items() if not name.startswith("__index_level_")}
