"""`markov("file")`: any Markov chain, from its transition matrix.

The file holds rows of the matrix, or `i j probability` triples with states numbered from 0; what is left out of
triples is 0. Three lines of three fields are rows if each of them sums to 1.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import numpy as np
from scalingdsl.spec.errors import EngineError
from scalingdsl.spec.vocabulary.words.sources import Markov

from ..edges import Floats, Ints
from ..registry import implements
from ..text_file import DataFile, Line, read
from .chain import Chain, chain_of
from .stream import ChainStream

#: How far from 1 a row may sum; it is normalised afterwards.
ROW_SUM = 1e-6


@implements(Markov)
def markov(term: Markov, base: Path) -> ChainStream:
    """A reducible chain is run on its largest closed class of states, which its notes say."""
    chain = read_chain(read(base / term.path, term.sha256))
    if term.states and term.states != chain.n:
        raise EngineError(
            f"{term.path}: has {chain.n:,} states, but {term.states:,} when the study was checked; check it again"
        )
    return ChainStream(chain, term.length, term.start, term.eval_walks, term.eval_seed, term.exhaustive)


@dataclass(frozen=True, eq=False)
class _Entries:
    """The positive entries of a matrix of n states, each with the number of its line."""

    n: int
    source: Ints
    target: Ints
    weight: Floats
    line: Ints


def read_chain(file: DataFile) -> Chain:
    """The chain of a file's matrix."""
    numbers = [[_probability(file, line, field) for field in line.fields] for line in file.lines]
    widths = {len(row) for row in numbers}
    square = widths == {len(numbers)} and (len(numbers) != 3 or all(abs(sum(row) - 1) <= ROW_SUM for row in numbers))
    entries = _triples(file, numbers) if widths == {3} and not square else _rows(file, numbers)
    _check_sums(file, entries)
    return chain_of(entries.n, entries.source, entries.target, entries.weight)


def _rows(file: DataFile, numbers: list[list[float]]) -> _Entries:
    _check_square(file)
    matrix = np.array(numbers)
    source, target = np.nonzero(matrix)
    line = np.array([line.number for line in file.lines])
    return _Entries(len(numbers), source, target, matrix[source, target], line[source])


def _triples(file: DataFile, numbers: list[list[float]]) -> _Entries:
    seen: dict[tuple[int, int], Line] = {}
    for line in file.lines:
        i, j = (int(f) if f.isdecimal() else -1 for f in line.fields[:2])
        if min(i, j) < 0:
            raise file.wrong(line, f"{line.fields[0]} to {line.fields[1]}: states are whole numbers from 0")
        if (first := seen.setdefault((i, j), line)) is not line:
            raise file.wrong(line, f"the probability from {i} to {j} was given on line {first.number}")
    sources = {i for i, _ in seen}
    n = 1 + max(max(pair) for pair in seen)
    if len(sources) < n:
        state = next(i for i in range(n) if i not in sources)
        raise EngineError(f"{file.path}: no line leaves state {state}; every state needs probabilities that sum to 1")
    kept = [(i, j, row[2], line.number) for (i, j), row, line in zip(seen, numbers, file.lines) if row[2] > 0]
    source, target, line_number = (np.array([entry[k] for entry in kept], dtype=np.int64) for k in (0, 1, 3))
    return _Entries(n, source, target, np.array([entry[2] for entry in kept]), line_number)


def _check_square(file: DataFile) -> None:
    first = file.lines[0]
    for line in file.lines:
        if len(line.fields) != len(first.fields):
            raise file.wrong(line, f"{len(line.fields)} fields, but line {first.number} has {len(first.fields)}")
    if len(first.fields) != len(file.lines):
        raise EngineError(
            f"{file.path}: {len(file.lines)} rows of {len(first.fields)} numbers; a transition matrix is square, "
            "and triples have three fields: i j probability"
        )


def _check_sums(file: DataFile, entries: _Entries) -> None:
    total = np.bincount(entries.source, weights=entries.weight, minlength=entries.n)
    wrong = np.flatnonzero(np.abs(total - 1) > ROW_SUM)
    if not len(wrong):
        return
    state = int(wrong[0])
    others = f" ({len(wrong) - 1} more states are wrong too)" if len(wrong) > 1 else ""
    message = f"the probabilities that leave state {state} sum to {total[state]:.9g}, not 1{others}"
    places = entries.line[entries.source == state]
    raise file.wrong(int(places[0]), message) if len(places) else EngineError(f"{file.path}: {message}")


def _probability(file: DataFile, line: Line, field: str) -> float:
    """A number as written; whether a triple's states are integers is seen later."""
    try:
        value = float(field)
    except ValueError:
        raise file.wrong(line, f"{field!r} is not a number") from None
    if not 0 <= value < float("inf"):
        raise file.wrong(line, f"{field} is not a probability")
    return value
