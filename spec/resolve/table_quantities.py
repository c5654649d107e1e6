"""Quantities of a study of a table: those that its columns give, and the labels that its texts are.

A column of text that the study names is an axis of labels, and so a panel; a column of numbers becomes one with
`panel kappa in {0, 1}` behind the table.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from ..constants import FLOPS_PER_PARAMETER_TOKEN
from ..diagnostics.suggest import listing
from ..errors import SpecError
from ..expressions.sweeps import constant
from ..files.tables.table_file import NoTableError
from ..plan.run_grid import PlanAxis
from ..syntax import ast
from ..syntax.parser import parse_value
from ..syntax.visit import calls_in, free_names
from ..vocabulary.functions import CELL_FUNCTIONS, FUNCTIONS_ELSEWHERE, SHARE
from ..vocabulary.parameters import typed
from ..vocabulary.quantities import QUANTITIES, headers, tied
from ..vocabulary.words.sources import Table
from .columns import Column, columns_once, headed, in_names, written_elsewhere
from .components import Alternative, Component

#: What is said of two files that nothing joins.
UNJOINED = "no `by`, the column that tells which rows belong together"


@dataclass(frozen=True)
class TableColumns:
    """The tables of a study taken together."""

    #: Every quantity by name: columns that the study names, those of the files, those that C = 6 N D gives.
    columns: Mapping[str, Column]
    #: Names of the files' own columns, for messages.
    file: tuple[str, ...]
    #: Arguments that name a column that is not there.
    missing: tuple[ast.Define, ...]
    #: Names that the study gives.
    named: tuple[str, ...]
    #: Whether every file could be looked into.
    known: bool
    #: Paths of files that cannot be read as they are, each with the reason, to follow the file's name.
    refused: tuple[tuple[ast.String, str], ...] = ()
    #: The values of the arguments that name columns.
    given: tuple[Any, ...] = ()
    #: Paths of files with what their reader guessed.
    told: tuple[tuple[ast.String, tuple[str, ...]], ...] = ()
    #: The column that both of two files have, where the study does not say by which their rows belong together.
    by: str = ""

    @property
    def axes(self) -> tuple[PlanAxis, ...]:
        """The named columns of text as axes of labels."""
        return tuple(
            PlanAxis(names=(name,), role="panel", points=tuple((v,) for v in self.columns[name].labels), named=True)
            for name in self.named
            if name in self.columns and self.columns[name].is_text and name not in (*dict(headers()), "run")
        )

    @property
    def numbers(self) -> tuple[str, ...]:
        """The named columns of numbers."""
        return tuple(name for name in self.named if name in self.columns and not self.columns[name].is_text)

    @property
    def note(self) -> str:
        """The files' own columns, in a message."""
        return f"its columns are {listing(self.file)}"

    @property
    def labels(self) -> frozenset[str]:
        """Every text in the tables, for conditions such as `optimiser == muon`."""
        return frozenset(label for column in self.columns.values() for label in column.labels)

    @property
    def names(self) -> frozenset[str]:
        """Everything that has a value for a row."""
        return frozenset({*self.columns, *(name for name in QUANTITIES if self.column(name) is not None)})

    def column(self, quantity: str) -> Column | None:
        """The column of a quantity."""
        known = QUANTITIES.get(quantity)
        other = known.same_as or known.in_tables if known is not None else ""
        return self.columns.get(quantity) or self.columns.get(other)


def read_tables(component: Component, base: Path) -> TableColumns:
    """The tables of a study whose data are tables, the quantities that all of them give."""
    parts = [_read_table(alternative, base) for alternative in component.alternatives]
    columns = dict(parts[0].columns)
    for part in parts[1:]:
        columns = {n: _merge_columns(c, part.columns[n]) for n, c in columns.items() if n in part.columns}
    return TableColumns(
        columns,
        tuple(dict.fromkeys(name for part in parts for name in part.file)),
        tuple(arg for part in parts for arg in part.missing),
        tuple(dict.fromkeys(name for part in parts for name in part.named)),
        all(part.known for part in parts),
        tuple(refused for part in parts for refused in part.refused),
        tuple(value for part in parts for value in part.given),
        tuple(told for part in parts for told in part.told),
        next((part.by for part in parts if part.by), ""),
    )


def _read_table(alternative: Alternative, base: Path) -> TableColumns:
    """One table."""
    given = alternative.call.named
    path = next((a.value for a in given if a.name == "path"), None)
    own = [a for a in given if a.name not in typed(Table) and a.name not in Table.model_fields]
    names = tuple(a.name for a in own)
    unknown = TableColumns({name: Column() for name in names}, (), (), names, known=False)
    # A file that was found has its content's digest here; any other, one outside the folder too, is not opened.
    digest = {
        a.name: a.value.value
        for a in given
        if isinstance(a.value, ast.String) and a.name in ("sha256", "beside_sha256")
    }
    if not isinstance(path, ast.String) or "sha256" not in digest:
        return unknown
    try:
        opened = columns_once(base / path.value, digest["sha256"])
    except NoTableError as error:
        return replace(unknown, refused=((path, str(error)),))
    if opened is None:
        return unknown
    file, told = opened
    beside = next((a.value for a in given if a.name == "beside" and isinstance(a.value, ast.String)), None)
    if beside is not None:
        if "beside_sha256" not in digest:
            return unknown
        try:
            other = columns_once(base / beside.value, digest["beside_sha256"])
        except NoTableError as error:
            return replace(unknown, refused=((beside, str(error)),))
        if other is None:
            return unknown
        by = next((a.value for a in given if a.name == "by" and isinstance(a.value, ast.String)), None)
        lacking = next((p for p, c in ((path, file), (beside, other[0])) if by is None or by.value not in c), None)
        if lacking is not None:
            why = f": there is {UNJOINED}" if by is None else f': it has no column "{by.value}" to join by'
            both = [name for name in file if name in other[0]]
            both = [name for name in both if file[name].is_text] or both
            return replace(unknown, refused=((lacking, why),), by=both[0] if both else "")
        # Its rows are others than those of the table that it stands beside.
        joined = {name: replace(column, finite=-1, positive=-1) for name, column in other[0].items()}
        file, told = {**joined, **file}, (*told, *other[1])
    refused = []
    columns, missing = dict(file), []
    for arg in own:
        if isinstance(arg.value, ast.Call):
            columns[f"{SHARE}_{arg.name}"] = Column(0.0, 1.0)
        found = _named_column(arg.value, file)
        if found is None:
            missing.append(arg)
        columns[arg.name] = found or Column()
    for quantity, _ in headers():
        candidates = headed(quantity, file)
        if quantity in names or not candidates:
            continue
        if len(candidates) > 1:
            refused.append(
                (path, f': {quantity} may be any of {listing(candidates)}; say which: {quantity}="{candidates[0]}"')
            )
        columns.setdefault(quantity, file[candidates[0]])
    if sum(q in columns and not columns[q].is_text for q in tied()) == 2:
        columns |= {q: _implied_column(q, columns) for q in tied() if q not in columns}
    told_of = ((path, told),) if told else ()
    values = tuple(arg.value for arg in own)
    return TableColumns(columns, tuple(file), tuple(missing), names, True, tuple(refused), values, told_of)


def _named_column(node: Any, file: Mapping[str, Column]) -> Column | None:
    """The column that a study names: one by its name, times a number, or an expression over several."""
    if isinstance(node, ast.Call):
        read = [a.value for a in node.args if isinstance(a, ast.String)]
        return Column() if all(name in file and not file[name].is_text for name in read) else None
    scale = 1.0
    if isinstance(node, ast.String) and node.value not in file and (one := scaled(node.value)) is not None:
        node = one
    if isinstance(node, ast.Binary) and isinstance(node.right, ast.Number):
        factor = float(constant(node.right))
        node, scale = node.left, factor if node.op == "*" else 1 / factor if factor else 1.0
    if not isinstance(node, ast.String):
        return None
    column = file.get(node.value)
    if column is not None:
        if column.low is None or column.high is None or scale <= 0:
            return column if column.low is None else Column()
        return replace(column, low=column.low * scale, high=column.high * scale)
    return Column() if in_table(node.value, file) else None


def in_table(written: str, file: Iterable[str]) -> bool:
    """True for an expression over columns of a table."""
    columns = tuple(file)
    plain, meant = in_names(written, columns)
    try:
        value = parse_value(plain)
    except SpecError:
        return False
    names = {meant.get(name, name) for name in free_names(value)}
    called = {call.name for call in calls_in(value)}
    alone = isinstance(value, ast.Name) and not meant
    return bool(names) and names <= {*columns} and called <= {*CELL_FUNCTIONS} and not alone


def elsewhere(written: str) -> str:
    """An expression over columns as it is written here: `np.log10(df.ppl)` is `log(ppl)/log(10)`."""
    plain = written_elsewhere(written)
    for name, meant in FUNCTIONS_ELSEWHERE.items():
        if "{2}" not in meant:
            here = meant.format(r"\1", r"\1")
            plain = re.sub(rf"\b{name}\(([^()]*)\)", here, plain)
    return plain


def scaled(written: str) -> ast.Binary | None:
    """`params/1e6` in quotes: one column times a number, or over it."""
    try:
        node = parse_value(written)
    except SpecError:
        return None
    match node:
        case ast.Binary(("*" | "/") as sign, ast.Name(column), ast.Number() as factor):
            return ast.Binary(sign, ast.String(column), factor, span=node.span)
    return None


def _implied_column(quantity: str, columns: Mapping[str, Column]) -> Column:
    """Bounds of the one that C = 6 N D gives, from those of the other two."""
    one, two = (columns[q] for q in tied() if q != quantity)
    if one.empty or two.empty or any(c.high is not None and c.high <= 0 for c in (one, two)):
        return Column(empty=True)
    rows = one.positive & two.positive
    if one.low is None or one.high is None or two.low is None or two.high is None or min(one.low, two.low) <= 0:
        return Column(finite=rows, positive=rows)
    low, high = FLOPS_PER_PARAMETER_TOKEN * one.low, FLOPS_PER_PARAMETER_TOKEN * one.high
    if quantity == "C":
        return Column(low * two.low, high * two.high, finite=rows, positive=rows)
    return Column(two.low / high, two.high / low, finite=rows, positive=rows)


def _merge_columns(one: Column, two: Column) -> Column:
    """The content of two tables' columns of one name."""
    if one.is_text or two.is_text:
        return Column(labels=tuple(dict.fromkeys((*one.labels, *two.labels))))
    lows, highs = [x for x in (one.low, two.low) if x is not None], [x for x in (one.high, two.high) if x is not None]
    return Column(min(lows), max(highs)) if lows and highs else Column(empty=one.empty and two.empty)
