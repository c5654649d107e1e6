"""A transition matrix from a file: rows of numbers, or `i j probability` triples, however people have them.

Names of states beside the numbers, counts, percentages, rounded rows, a matrix that stands the other way round and
states counted from 1 are recognised, and what was recognised is told.
"""

from __future__ import annotations

import json
import re
from array import array
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from math import floor, log10

from .edge_format import MOST_NAMES, ends_in, plain_name
from .edge_signs import ENTRY
from .lines import DELIMITERS, even_widths, number_of, numbered, split_at
from .matrices.market import coordinates, is_matrix_market
from .matrices.shapes import no_states, not_square, sums_alike
from .raw_file import FileError, refuse_formats
from .reach import largest_class

#: How far from 1 a row may sum that is written in many digits; it is normalised afterwards.
ROW_SUM = 1e-6
#: Lines that the delimiter is told from.
SAMPLE = 200
#: What `print` shows of an array of numpy.
_PRINTED = re.compile(rb"\s*\[\[[-+.\deE\s]+(?:\]\s*\[[-+.\deE\s]+)*\]\]\s*")
#: A matrix in a program of MATLAB or Python.
_PROGRAM = re.compile(
    r"(?:[A-Za-z_]\w*\s*=\s*)?(?:(?:np\.|numpy\.)?(?:array|matrix)\(\s*)?\[[-+.\deE\s,;\[\]]*\]\s*\)?\s*;?"
)
#: A matrix as R prints it: `[,1] [,2]` above, `[1,]` before its rows.
_OF_R = re.compile(rb"\s*(?:\[,\d+\][ \t]*)+\r?\n(?:[ \t]*\[\d+,\][-+.\deE \t]+(?:\r?\n|$))+\s*")
#: Headers of triples, besides those of edges.
_TRIPLES = frozenset({("state", "next"), ("state", "nextstate"), ("current", "next"), ("state1", "state2"), ("s", "t")})
#: Names of a row or column of sums, and how far these may be off, relative to them.
_TOTALS = frozenset({"total", "totals", "sum", "rowsum", "all", "margin"})
TOTAL_OFF = 0.02
#: Characters of a field that a message shows.
SHOWN = 40
#: States that a message names.
NAMED = 3


@dataclass(frozen=True)
class MatrixFile:
    """A chain on states 0 to n - 1: its positive transitions, in order of their sources."""

    n: int
    #: [state] their names, empty where the file gives none.
    names: tuple[str, ...]
    #: [transition]
    source: array[int]
    target: array[int]
    #: [transition] positive; those of one source sum to 1 but for rounding.
    probability: array[float]
    #: What was guessed or changed, as the ends of sentences about the file.
    told: tuple[str, ...]

    def reached(self) -> int:
        """States that the chain runs on: the largest class that nothing leaves."""
        return largest_class(self.n, self.source, self.target)


@dataclass
class _Entries:
    """The entries of a matrix that is still to be judged: of each its line, source, target and number as written."""

    n: int
    names: list[str] = field(default_factory=list)
    line: array[int] = field(default_factory=lambda: array("q"))
    source: array[int] = field(default_factory=lambda: array("q"))
    target: array[int] = field(default_factory=lambda: array("q"))
    value: array[float] = field(default_factory=lambda: array("d"))
    #: Digits behind the point of the entry that has most, and digits that count of the one that has most.
    digits: int = 0
    counting: int = 0
    told: list[str] = field(default_factory=list)

    def add(self, line: int, i: int, j: int, value: float, digits: int) -> None:
        """One more entry, written with so many digits behind the point."""
        self.line.append(line)
        self.source.append(i)
        self.target.append(j)
        self.value.append(value)
        self.digits = max(self.digits, digits)
        self.counting = max(self.counting, digits + _place(value)) if digits else self.counting

    def named(self, state: int) -> str:
        """A state in a message."""
        return f"state {state}" + (f' ("{self.names[state][:SHOWN]}")' if self.names else "")

    def totals(self, of: Sequence[int]) -> list[float]:
        """[state] sum over the entries of each source, or target."""
        found = [0.0] * self.n
        for state, value in zip(of, self.value):
            found[state] += value
        return found


def read_matrix(content: bytes) -> MatrixFile:
    """The chain of a file's matrix.

    Raises:
        FileError: It is no transition matrix: the message names line and state.
    """
    refuse_formats(content)
    if b"&" in content and b"\\\\" in content:
        raise FileError(" is LaTeX, and no matrix that is read; save it as csv")
    entries = _market(content) if is_matrix_market(content) else _text(content)
    return _chain(entries)


# --- reading ------------------------------------------------------------------------------------------------------


Row = tuple[int, list[str]]


def _text(content: bytes) -> _Entries:
    rows = list(_json_rows(content)) if content.lstrip()[:1] in (b"[", b"{") else _rows(content)
    rows, shape = _plain_rows(rows)
    comma = _has_commas(rows)
    rows, columns = _triples_of(rows)
    triples = _head_triples(rows[0][1])
    told = [*shape, *columns]
    if not triples:
        rows = _without_totals(rows, comma, told)
    rows, names, named = _without_names(rows, comma, triples)
    told += named
    read = _Reading(rows, names, comma, told)
    if {len(fields) for _, fields in rows} == {3} and (len(rows) != 3 or triples):
        return read.triples()
    if len(rows) == 3 and {len(fields) for _, fields in rows} == {3} and not names:
        return _three_by_three(read)
    return read.square()


def _head_triples(head: Sequence[str]) -> bool:
    """True of a header of triples; letters alone may be the names of three states."""
    if len(head) != 3 or max(map(len, head)) < 2:
        return False
    return ends_in(head) == (0, 1) or tuple(map(plain_name, head[:2])) in _TRIPLES


def _plain_rows(rows: list[Row]) -> tuple[list[Row], list[str]]:
    """The rows without a first one that says how many there are, and what was told of that."""
    line, head = rows[0]
    sizes = {str(len(rows) - 1)}
    if len(rows) > 2 and len(head) in (1, 2) and set(head) == sizes and len(rows[1][1]) > len(head):
        return rows[1:], [f"line {line} is taken for the number of states"]
    return rows, []


#: Names of a column of probabilities beside the two states, most telling first.
_VALUES = ("probability", "prob", "p", "share", "weight", "value", "count", "counts", "n", "frequency", "freq")


def _triples_of(rows: list[Row]) -> tuple[list[Row], list[str]]:
    """Rows of a table of transitions as triples: two states and the probability, by the names of its columns."""
    head = rows[0][1]
    named = [plain_name(name) for name in head]
    places = range(len(head) if len(head) <= MOST_NAMES else 0)
    ends = ends_in(head) or next(((i, j) for i in places for j in places if (named[i], named[j]) in _TRIPLES), None)
    value = next((named.index(name) for name in _VALUES if name in named), None)
    if len(head) < 4 or ends is None or value is None or any(len(fields) != len(head) for _, fields in rows):
        return rows, []
    kept = (*ends, value)
    left = [f'"{name}"' for i, name in enumerate(head) if i not in kept and name]
    told = (
        [f"the column{'s' * (len(left) > 1)} {', '.join(left)} {'are' if len(left) > 1 else 'is'} left out"]
        if left
        else []
    )
    return [(number, [fields[i] for i in kept]) for number, fields in rows], told


def _without_totals(rows: list[Row], comma: bool, told: list[str]) -> list[Row]:
    """The rows without a column, and a row, that sum the others: by their name, and their numbers."""
    head, body = rows[0][1], rows[1:]
    if len(body) < 2 or len(head) < 2 or plain_name(head[-1]) not in _TOTALS:
        return rows
    named = not any(_is_number(fields[0], comma) for _, fields in body)
    numbers = [[number_of(cell.removesuffix("%"), comma) for cell in fields[named:]] for _, fields in body]
    if any(len(row) < 2 or None in row for row in numbers):
        return rows
    sums = [abs(sum(x for x in row[:-1] if x is not None) - (row[-1] or 0.0)) for row in numbers]
    if any(off > TOTAL_OFF * max(1.0, abs(row[-1] or 0.0)) for off, row in zip(sums, numbers)):
        return rows
    last = named and plain_name(body[-1][1][0]) in _TOTALS
    told.append(f'the column "{head[-1]}"{" and the last row are" if last else " is"} left out, as a sum')
    return [(number, fields[:-1]) for number, fields in (rows[:-1] if last else rows)]


def _json_rows(content: bytes) -> Iterator[Row]:
    try:
        held = json.loads(content)
    except (ValueError, RecursionError) as error:
        if _PROGRAM.fullmatch(content.decode("utf-8", "replace").strip()):
            yield from _rows(content)
            return
        if _PRINTED.fullmatch(content):
            yield from _rows(content.translate(None, b"[]"))
            return
        if _OF_R.fullmatch(content):
            yield from _rows(re.sub(rb"\[\d*,\d*\]", b"", content))
            return
        raise FileError(f": not JSON ({error})") from None
    if isinstance(held, dict) and held and all(isinstance(row, dict) for row in held.values()):
        held = [{"from": a, "to": b, "probability": value} for a, row in held.items() for b, value in row.items()]
    if isinstance(held, list) and held and all(isinstance(row, dict) and list(row) == list(held[0]) for row in held):
        held = [list(held[0]), *(list(row.values()) for row in held)]
    if isinstance(held, dict):  # `{"states": [...], "P": [[...], ...]}`
        matrices = [v for v in held.values() if isinstance(v, list) and v and all(isinstance(row, list) for row in v)]
        held = matrices[0] if len(matrices) == 1 else held
    if not (isinstance(held, list) and all(isinstance(row, list) for row in held) and held):
        raise FileError(": a matrix in JSON is a list of rows, each a list of numbers")
    for number, row in enumerate(held, 1):
        yield number, [json.dumps(cell) if not isinstance(cell, str) else cell for cell in row]


def _rows(content: bytes) -> list[Row]:
    lines = [(n, line) for n, line in numbered(content) if line[0] not in "#%" and not line.startswith("// ")]
    lines = _without_brackets(lines)
    if not lines:
        raise FileError(": holds no data")
    if all((entry := ENTRY.fullmatch(line)) and number_of(entry.group(3)) is not None for _, line in lines):
        return [(number, ENTRY.sub(r"\1 \2 \3", line).split()) for number, line in lines]
    sample = [line for _, line in lines[:SAMPLE]]
    rest = sample[1:] if len(sample) > 2 else sample
    delimiter = next((d for d in DELIMITERS if even_widths(rest, d)), None)
    if delimiter == "," and sum(";" in line for line in rest) * 2 > len(rest):
        delimiter = ";"
    if delimiter is None and any("," in line for line in rest) and not _comma_numbers(rest):
        delimiter = ","
    trailing = all(line.endswith(delimiter) for line in rest) if delimiter else False
    found = [(number, split_at(line, delimiter)) for number, line in lines]
    return [(n, f[:-1] if trailing and f and not f[-1] else f) for n, f in found]


def _without_brackets(lines: list[tuple[int, str]]) -> list[tuple[int, str]]:
    """Lines of numbers of a matrix as MATLAB and numpy write it in a program: `P = [.8 .2; .5 .5];`, `array([[...`."""
    text = "\n".join(line for _, line in lines)
    if _PROGRAM.fullmatch(text):
        rows = re.split(r"[;\n]|\],", re.sub(r"^[^\[]*\[|[\])\s;]*$", "", text))
        bare = [row.strip(" \t,[]") for row in rows]
        return [(i, row) for i, row in enumerate((row for row in bare if row), 1)]
    if len(lines) > 1 and all(line.endswith(";") and line.count(";") == 1 for _, line in lines):
        return [(number, line[:-1].rstrip()) for number, line in lines]
    return lines


def _comma_numbers(lines: Sequence[str]) -> bool:
    """True where blanks part numbers with decimal commas."""
    fields = [f for line in lines for f in line.split()]
    return all(number_of(f, comma=True) is not None for f in fields) and len(fields) > len(lines)


def _has_commas(rows: list[Row]) -> bool:
    """True where numbers have decimal commas."""
    cells = [cell for _, fields in rows[-SAMPLE:] for cell in fields]
    return any("," in c for c in cells) and not any("." in c for c in cells)


def _is_number(cell: str, comma: bool) -> bool:
    return number_of(cell.removesuffix("%"), comma) is not None


def _without_names(rows: list[Row], comma: bool, triples: bool) -> tuple[list[Row], list[str], list[str]]:
    """The rows of numbers alone, the names of the states, and what was told of that; `triples` by their header."""
    told: list[str] = []
    line, head = rows[0]
    width = len(rows[-1][1])
    names: list[str] | None = None
    if len(rows) > 1 and len(head) in (width, width - 1) and _is_header(head, len(rows) - 1, comma):
        told.append(f"line {line} is taken for a header")
        rows = rows[1:]
        names = head[1:] if len(head) == width and not head[0] else head
    if width == 3 and (triples or (names is None and _are_triples(rows, comma))):
        return rows, [], told
    first = [fields[0] for _, fields in rows]
    shares = all(_is_number(f, comma) and _state(f) is None for f in first)
    named = (names is not None and not shares) or not any(_is_number(f, comma) for f in first) or _are_indices(first)
    named = named or (names is not None and names == first)
    if named and len(rows) == width - 1 and all(len(fields) == width for _, fields in rows):
        told.append("the first column is taken for the names of the states")
        if names is not None and names[-len(first) :] != first and sorted(names[-len(first) :]) == sorted(first):
            raise FileError(": its rows name the states in another order than its columns")
        return [(number, fields[1:]) for number, fields in rows], first, told
    return rows, names if names is not None and len(names) == width == len(rows) else [], told


def _is_header(head: list[str], rest: int, comma: bool) -> bool:
    """True of names, or of numbers of the states over as many rows."""
    words = sum(not _is_number(cell, comma) for cell in head)
    numbers = head[1:] if not head[0] else head
    whole = not head[0] and all(cell.isdecimal() for cell in numbers)
    return words == len(head) or ((_are_indices(numbers) or whole) and rest == len(numbers) > 1)


def _are_indices(cells: Sequence[str]) -> bool:
    return list(cells) in ([str(i) for i in range(len(cells))], [str(i + 1) for i in range(len(cells))])


def _are_triples(rows: list[Row], comma: bool) -> bool:
    """True of two rows of three that are no matrix with names before its rows."""
    if len(rows) != 2 or any(len(fields) != 3 for _, fields in rows):
        return False
    named = all(_is_number(f[1], comma) for _, f in rows)
    return not named or all(_state(f[0]) is not None and _state(f[1]) is not None for _, f in rows)


@dataclass
class _Reading:
    """Rows of cells on their way to entries."""

    rows: list[Row]
    names: list[str]
    comma: bool
    told: list[str]

    def number(self, line: int, cell: str, column: int) -> tuple[float, int]:
        """A cell's number, and its digits behind the point.

        Raises:
            FileError: It is none that a probability or a count can be.
        """
        bare, share = cell.removesuffix("%"), cell.endswith("%")
        value = number_of(bare, self.comma)
        if value is None:
            what = f"{cell[:SHOWN]!r} is not a number" if cell else "there is no number"
            raise FileError(f", line {line}: {what} in column {column + 1}")
        if not 0 <= value < float("inf"):
            raise FileError(f", line {line}: {cell[:SHOWN]} in column {column + 1} is not a probability")
        return (value / 100 if share else value), digits_of(bare.replace(",", ".")) + 2 * share

    def square(self) -> _Entries:
        """Entries of rows."""
        first, width = self.rows[0][0], len(self.rows[0][1])
        for line, fields in self.rows:
            if len(fields) != width:
                zero = ": give it one for every state, 0 for those that never follow" if len(fields) < width else ""
                raise FileError(f", line {line}: {len(fields)} fields, but line {first} has {width}{zero}")
        if width != len(self.rows):
            raise not_square([fields for _, fields in self.rows], self.comma)
        self._rates()
        found = _Entries(width, self.names, told=self.told)
        for i, (line, fields) in enumerate(self.rows):
            for j, cell in enumerate(fields):
                value, digits = self.number(line, cell, j)
                found.add(line, i, j, value, digits)
        return found

    def _rates(self) -> None:
        """Raises:
        FileError: Rows sum to 0, with what leaves a state on the diagonal: a matrix of rates.
        """
        values = [[number_of(cell, self.comma) or 0.0 for cell in fields] for _, fields in self.rows]
        least = min((row[i] for i, row in enumerate(values)), default=0.0)
        if least < 0 and all(abs(sum(row)) < 1e-6 * max(map(abs, row), default=0.0) for row in values):
            line, row = self.rows[0][0], values[0]
            step = ", ".join(f"{x / -least + (j == 0):.3g}" for j, x in enumerate(row))
            raise FileError(
                f": its rows sum to 0, as those of rates in continuous time do, and a chain steps by probabilities; "
                f"divide all by {-least:g} or more and add 1 to the diagonal: line {line} is {step} then"
            )

    def triples(self) -> _Entries:
        """Entries of `i j probability`."""
        whole = all(_state(cell) is not None for _, fields in self.rows for cell in fields[:2])
        if not whole and any(_looks_fractional(cell) for _, fields in self.rows for cell in fields[:2]):
            if (other := no_states([fields for _, fields in self.rows], self.comma)) is not None:
                raise other
            line, fields = next((n, f) for n, f in self.rows if any(_looks_fractional(c) for c in f[:2]))
            raise FileError(f", line {line}: {fields[0]} to {fields[1]}: states are whole numbers from 0, or names")
        if whole:
            states = {s for _, fields in self.rows for cell in fields[:2] if (s := _state(cell)) is not None}
            names: list[str] = []
            start = 0
            if 0 not in states:
                start = 1
                self.told.append("states are counted from 1")
            n = max(states) + 1 - start
            missing = next(s for s in range(n + 1) if s + start not in states)
            if missing < n:
                cells = [fields for _, fields in self.rows]
                raise not_square(cells, self.comma) if sums_alike(cells, self.comma) else _never_left(missing + start)
            at = {str(s): s - start for s in states}
        else:
            names = sorted({cell for _, fields in self.rows for cell in fields[:2]})
            at = {name: i for i, name in enumerate(names)}
            n = len(names)
            self.told.append(f"states are named, and numbered in the order of their names, from {names[0]!r}")
        found = _Entries(n, names, told=self.told)
        seen: dict[tuple[int, int], int] = {}
        for line, fields in self.rows:
            value, digits = self.number(line, fields[2], 2)
            i, j = (at[str(_state(f)) if whole else f] for f in fields[:2])
            if (first := seen.setdefault((i, j), line)) != line:
                raise FileError(
                    f", line {line}: the probability from {fields[0]} to {fields[1]} was given on line {first}"
                )
            found.add(line, i, j, value, digits)
        left = {i for i, _ in seen}
        if len(left) < n:
            i = next(i for i in range(n) if i not in left)
            raise _never_left(names[i] if names else i + (min(states) if whole else 0))
        return found


def _never_left(state: object) -> FileError:
    return FileError(f": no line leaves state {state}; every state needs probabilities that sum to 1")


def _state(cell: str) -> int | None:
    return int(cell) if cell.isascii() and cell.isdigit() and len(cell) < 16 else None


def _looks_fractional(cell: str) -> bool:
    value = number_of(cell)
    return value is not None and _state(cell) is None


def _three_by_three(read: _Reading) -> _Entries:
    """Three lines of three fields: rows where they sum to 1, else triples where those do, else what they look like."""
    whole = all(_state(cell) is not None for _, fields in read.rows for cell in fields[:2])
    if not whole:
        named = not any(_is_number(cell, read.comma) for _, fields in read.rows for cell in fields[:2])
        return read.triples() if named else read.square()
    rows = read.square()
    if _off(rows, rows.totals(rows.source)) is None:
        return rows
    try:
        triples = _Reading(read.rows, read.names, read.comma, list(read.told)).triples()
    except FileError:
        return rows
    return triples if _off(triples, triples.totals(triples.source)) is None else rows


def _market(content: bytes) -> _Entries:
    banner, (rows, columns), lines = coordinates(content)
    if rows != columns:
        raise FileError(f": {rows:,} rows and {columns:,} columns; a transition matrix is square")
    if rows > len(content):
        raise _never_left(0)
    found = _Entries(rows)
    for number, i, j, value in lines:
        if not 0 <= value < float("inf"):
            raise FileError(f", line {number}: {value:g} is not a probability")
        found.add(number, i - 1, j - 1, value, 16 if value % 1 else 0)
        if banner.symmetric and i != j:
            found.add(number, j - 1, i - 1, value, 16 if value % 1 else 0)
    return found


def digits_of(number: str) -> int:
    """Digits behind the point of a number as it is written, at most 17: 3 of `.125`, 4 of `1.25e-2`."""
    mantissa, _, exponent = number.lower().partition("e")
    behind = len(mantissa.partition(".")[2])
    power = int(exponent) if exponent.lstrip("+-").isdigit() and len(exponent) < 6 else 0
    return min(max(behind - power, 0), 17)


# --- judging ------------------------------------------------------------------------------------------------------


def _off(entries: _Entries, totals: Sequence[float]) -> int | None:
    """The first state whose sum is not 1 within what the digits of the entries allow; None where there is none."""
    behind, counting = [0.0] * entries.n, [0.0] * entries.n
    for state, value in zip(entries.source, entries.value):
        if value > 0 and entries.digits:
            behind[state] += 0.5 * 10.0**-entries.digits
            counting[state] += 0.5 * 10.0 ** (_place(value) - entries.counting)
    for state, total in enumerate(totals):
        if not abs(total - 1) < max(ROW_SUM, max(behind[state], counting[state]) * (1 - 1e-9)):
            return state
    return None


def _place(value: float) -> int:
    """Digits before the point of a positive number, less the zeros behind it: 0 of .125, -4 of 3.2e-5."""
    return floor(log10(value)) + 1 if 0 < value < 1 else 0


def _chain(entries: _Entries) -> MatrixFile:
    totals = entries.totals(entries.source)
    told = list(entries.told)
    wrong = _off(entries, totals)
    if wrong is None:
        largest = max(range(entries.n), key=lambda s: abs(totals[s] - 1))
        if abs(totals[largest] - 1) > ROW_SUM:
            told.append(f"rows are normalised: {entries.named(largest)} sums to {totals[largest]:.9g} as it is rounded")
    else:
        _check_left(entries, totals, unless_turned=True)
        told.append(_as_weights(entries, totals, wrong))
        _check_left(entries, entries.totals(entries.source))
    kept = sorted((i, j, p) for i, j, p in zip(entries.source, entries.target, entries.value) if p > 0)
    return MatrixFile(
        entries.n,
        tuple(entries.names),
        array("q", (i for i, _, _ in kept)),
        array("q", (j for _, j, _ in kept)),
        array("d", (p for _, _, p in kept)),
        tuple(told),
    )


def _check_left(entries: _Entries, totals: Sequence[float], unless_turned: bool = False) -> None:
    """Refuse a state that nothing leaves; one that nothing enters may be told of a matrix the other way round."""
    for state, total in enumerate(totals):
        if total == float("inf"):
            raise FileError(f": what leaves {entries.named(state)} sums to more than a number can hold")
        if total <= 0 and not (unless_turned and _columns_sum_to_one(entries)):
            line = next((n for n, s in zip(entries.line, entries.source) if s == state), 0)
            place = f", line {line}" if line else ""
            raise FileError(f"{place}: nothing leaves {entries.named(state)}: all its probabilities are 0")


def _columns_sum_to_one(entries: _Entries) -> bool:
    tolerance = max(ROW_SUM, entries.n * 0.5 * 10.0**-entries.digits if entries.digits else 0.0)
    return all(abs(total - 1) <= tolerance for total in entries.totals(entries.target))


def _as_weights(entries: _Entries, totals: Sequence[float], wrong: int) -> str:
    """Numbers whose rows do not sum to 1 as what they are seen to be: counts, percentages, the matrix turned round.

    Raises:
        FileError: They are none of these.
    """
    if _columns_sum_to_one(entries):
        entries.source, entries.target = entries.target, entries.source
        return "its columns sum to 1, and its rows do not: it is read as `to, from`, the other way round"
    near = max(100 * ROW_SUM, entries.n * 0.5 * 10.0**-entries.digits)
    if all(abs(total - 100) <= near for total in totals):
        return "rows sum to 100: they are taken for percentages"
    near = near if entries.digits else 100 * ROW_SUM  # else they may be counts as well
    if all(abs(total - 100) <= near for total in entries.totals(entries.target)):
        entries.source, entries.target = entries.target, entries.source
        return (
            "its columns sum to 100, and its rows do not: they are percentages read as `to, from`, the other way round"
        )
    if all(value % 1 == 0 for value in entries.value):
        return "its numbers are whole: they are taken for counts, and each row is divided by its sum"
    raise _not_one(entries, totals, wrong)


def _not_one(entries: _Entries, totals: Sequence[float], state: int) -> FileError:
    wrong = sum(abs(total - 1) > ROW_SUM for total in totals)
    others = f" ({wrong - 1} more states are wrong too)" if wrong > 1 else ""
    line = next((n for n, s in zip(entries.line, entries.source) if s == state), 0)
    place = f", line {line}" if line else ""
    return FileError(
        f"{place}: the probabilities that leave {entries.named(state)} sum to {totals[state]:.9g}, not 1{others}; "
        "divide each row by its sum"
    )
