"""Edges as they are written with signs: an arrow or a line between two names, quotes, parentheses, a comma at the end.

Such lines are taken for the same names parted by tabs, or in double quotes; a sign between names is told.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from .lines import number_of
from .raw_file import FileError

#: Signs between two names that say that an edge has a direction.
ARROWS = ("-->", "->", "==>", "=>", "→", "⟶")
#: Those that say nothing of it, with blanks about them where names may hold them.
LINES = ("<-->", "<->", "↔", " --- ", " -- ", " - ", " – ", " — ", ": ")

_PAIR = re.compile(r"[(\[]([^()\[\]]*)[)\]],?")
#: An entry of a sparse matrix, as MATLAB and scipy print it.
ENTRY = re.compile(r"\(\s*([^\s,()]+)\s*,\s*([^\s,()]+)\s*\)\s+(\S+)")
Plain = Callable[[str], str]


def _as_it_is(line: str) -> str:
    return line


@dataclass(frozen=True)
class Signs:
    """What a line is before its fields are told apart."""

    plain: Plain = _as_it_is
    #: Whether a sign is an arrow, which says that edges have a direction.
    arrow: bool = False
    #: What was taken for what, as the end of a sentence about the file.
    told: str = ""


def signs_of(lines: Sequence[str]) -> Signs:
    """The signs that every line is written with; none for lines that are fields already.

    Raises:
        FileError: A name stands before a list of others.
    """
    if all(map(_PAIR.fullmatch, lines)):
        return Signs(lambda line: _PAIR.sub(r"\1", line))
    if all((entry := ENTRY.fullmatch(line)) and number_of(entry.group(3)) is not None for line in lines):
        return Signs(lambda line: ENTRY.sub(r"\1\t\2\t\3", line))
    if all(_in_single_quotes(line) for line in lines):
        return Signs(lambda line: line.replace("'", '"') if _in_single_quotes(line) else line)
    for sign in (*ARROWS, *LINES):
        arrow = sign in ARROWS
        if all(line.count(sign) == 1 for line in lines) and (arrow or not any(m in x for x in lines for m in "\t,;|")):
            parts = [_parts(line, sign) for line in lines]
            if not all(a and b for a, b, _ in parts):
                continue
            rests = [rest for _, _, rest in parts if rest]
            if rests and sign == ": ":
                raise FileError(": is a graph in lists of neighbours; write an edge a line")
            weighted = bool(rests) and all(number_of(rest) is not None for rest in rests)
            told = f"`{sign.strip()}` is taken for what stands between two names"
            return Signs(_parted(sign, weighted), arrow, told)
    if all(line.endswith((",", ";")) for line in lines):
        return Signs(lambda line: line.rstrip(" ,;"))
    return Signs()


def _parts(line: str, sign: str) -> tuple[str, str, str]:
    """The name before a sign, the one behind it, and the field behind that, where there is one."""
    before, _, behind = line.partition(sign)
    behind = behind.strip(" \t,;")
    cut = max((behind.rfind(mark) for mark in " \t,;"), default=-1)
    rest = behind[cut + 1 :] if cut > 0 else ""
    return before.strip(), behind[:cut].rstrip(" \t,;") if rest else behind, rest


def _parted(sign: str, weighted: bool) -> Plain:
    def plain(line: str) -> str:
        if line.count(sign) != 1:
            return line
        a, b, rest = _parts(line, sign)
        if not weighted:
            return f"{a}\t{b}{' ' + rest if rest else ''}"
        return f"{a}\t{b}\t{rest}" if rest else f"{a}\t{b}"

    return plain


def _in_single_quotes(line: str) -> bool:
    """True of fields in single quotes, and numbers, parted by blanks, commas, semicolons or tabs."""
    if '"' in line or line.count("'") < 4:
        return False
    pieces = line.split("'")
    return len(pieces) % 2 == 1 and all(_between(piece) for piece in pieces[0::2])


def _between(piece: str) -> bool:
    bare = piece.strip(" \t,;")
    return not bare or number_of(bare) is not None
