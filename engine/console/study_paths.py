"""The study files that a command line names: files, folders searched through, and standard input."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import click
from scalingdsl.spec.constants import MOST_STUDY
from scalingdsl.spec.diagnostics.suggest import similar
from scalingdsl.spec.files.raw_file import FileError, read_packed

#: The name of standard input where none is given for it.
STDIN = "<stdin>"


@dataclass(frozen=True)
class StudyFile:
    """One study: where it lies, the name it is shown by, and its text where that did not come from the file."""

    path: Path
    name: str
    text: str | None = None

    @property
    def is_stdin(self) -> bool:
        """True if the study came through standard input."""
        return self.text is not None


def study_files(arguments: Sequence[str], stdin_filename: str | None = None) -> tuple[StudyFile, ...]:
    """Every study named, each once: a folder stands for all `.scl` files below it, `-` for standard input.

    Raises:
        click.UsageError: A name leads to nothing, or no study is found at all.
    """
    found: dict[Path | None, StudyFile] = {}
    for argument in arguments:
        if argument == "-":
            name = stdin_filename or STDIN
            found[None] = StudyFile(Path(name), name, read_stdin())
            continue
        path = Path(argument)
        if path.is_dir():
            inside = sorted(p for p in path.rglob("*.scl") if p.is_file() and not _hidden(p.relative_to(path)))
            found |= {p.resolve(): StudyFile(p, p.as_posix()) for p in inside if p.resolve() not in found}
        elif path.exists():
            found.setdefault(path.resolve(), StudyFile(path, path.as_posix()))
        else:
            raise click.UsageError(f"there is no file or folder {argument}{meant(path)}")
    if not found:
        raise click.UsageError(f"no study (*.scl) found in {', '.join(arguments)}")
    return tuple(found.values())


def meant(path: Path) -> str:
    """A study of a similar name beside a file that is not there, as the end of a sentence; empty where none is."""
    # Names are compared without the ending, which all have and which would make any two of them alike.
    beside = {p.stem: p for p in path.parent.glob("*.scl")} if path.parent.is_dir() else {}
    stem = path.name.removesuffix(".scl")
    near = stem if stem in beside else similar(stem, beside)
    return f"; a study of a similar name exists: {beside[near]}" if near else ""


def _hidden(path: Path) -> bool:
    return any(part.startswith(".") for part in path.parts)


def read_stdin() -> str:
    """Standard input as UTF-8 text, newlines as `\\n`.

    Raises:
        click.UsageError: It is no UTF-8 text.
    """
    data = sys.stdin.buffer.read()
    try:
        return data.decode("utf-8").replace("\r\n", "\n")
    except UnicodeDecodeError as error:
        raise click.UsageError(f"standard input is not UTF-8 text: {error}") from None


def read_text(path: Path) -> tuple[str, str]:
    """A file's text with `\\n` for newlines, and the newline that the file has.

    Raises:
        click.UsageError: The file cannot be read, or is no UTF-8 text.
    """
    try:
        text = read_packed(path, MOST_STUDY).decode("utf-8")
    except FileError as error:
        raise click.UsageError(f"cannot read {path}{error}") from None
    except OSError as error:
        raise click.UsageError(f"cannot read {path}: {error.strerror or error}") from None
    except UnicodeDecodeError:
        raise click.UsageError(f"cannot read {path}: it is not UTF-8 text") from None
    newline = "\r\n" if "\r\n" in text else "\n"
    return text.replace("\r\n", "\n"), newline


def write_text(path: Path, text: str, newline: str) -> None:
    """Write a file in place with its own kind of newline.

    Raises:
        click.UsageError: The file cannot be written.
    """
    try:
        path.write_bytes(text.replace("\n", newline).encode("utf-8"))
    except OSError as error:
        raise click.UsageError(f"cannot write {path}: {error.strerror or error}") from None
