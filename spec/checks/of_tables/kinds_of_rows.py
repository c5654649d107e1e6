"""Rules about rows of a table that are of several things and taken for one."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator, Mapping, Sequence
from math import isfinite
from pathlib import Path

from ...diagnostics.suggest import called_elsewhere, listing
from ...errors import Diagnostic
from ...resolve.components import Component
from ...resolve.table_quantities import TableColumns
from ...syntax.numbers import short
from .cells_of_rows import cells_of_rows, column_of, texts_given
from .columns_meant import STEPS

#: Kinds of rows at most, sizes that have a row of each at least, and how far their losses lie apart for it to be told.
MOST_KINDS, FEWEST_SIZES, APART = 6, 4, 0.02
#: Texts of a column at most that say what a row is of, and not which row it is.
MOST_LABELS = 12
#: Names of columns of learning rates, in small letters.
RATES = ("lr", "learningrate", "peaklr", "maxlr", "baselr")
#: Names of the column that tells runs apart, and points of a run from which their rows are a curve.
RUNS, MANY_POINTS = ("run", "runid", "runname", "id", "trial"), 4

#: Settings beside the rate whose best is looked for with it.
TUNED = ("decay", "batch", "warmup", "beta1", "beta2")


def kinds_of_rows(
    component: Component, table: TableColumns, base: Path, asked: Collection[str]
) -> Iterator[Diagnostic]:
    """A column of text that no law sees and no condition has `asked` of, where each size has a row of each of its texts
    and their losses have one order throughout: rows of several things, taken for one.
    """
    swept = [name for sweep in component.sweeps for name in sweep.names]
    for alternative in component.alternatives if component.where is None else ():
        given = texts_given(alternative)
        said = " ".join((*given.values(), *asked, *swept))
        kept = [
            n
            for n, column in table.columns.items()
            if n in table.file and 1 < len(column.labels) <= MOST_KINDS and n not in said
        ]
        read = [column_of(q, given, table) for q in ("N", "D", "loss")]
        columns = cells_of_rows(given, table, base) if kept else {}
        if not all(name in columns for name in read):
            continue
        n, d, loss = (columns[name] for name in read)
        for name in kept:
            losses: dict[tuple[object, object], dict[object, float]] = {}
            for size, label, value in zip(zip(n, d, strict=True), columns[name], loss, strict=True):
                if isinstance(value, float):
                    losses.setdefault(size, {}).setdefault(label, value)
            if len(loss) != sum(map(len, losses.values())) or not _in_one_order(list(losses.values())):
                continue
            kinds = listing(map(str, table.columns[name].labels))
            message = (
                f'rows of {kinds}, by the column "{name}", are pooled: each size has one of each, and their losses lie '
                "apart in one order"
            )
            own = name if name.isidentifier() else "kind"
            helps = (f'name the column, for laws of each: `{own}="{name}"`', f'or keep one: `where {own} == "..."`')
            yield Diagnostic("SCL455", message, alternative.span, "warning", helps=helps)


def rates_of_rows(
    component: Component, table: TableColumns, base: Path, asked: Collection[str]
) -> Iterator[Diagnostic]:
    """A column of learning rates that nothing names, several of which each size was trained at: runs that a sweep has
    left behind are fitted beside the best of them.
    """
    swept = [name for sweep in component.sweeps for name in sweep.names]
    for alternative in component.alternatives if component.where is None else ():
        given = texts_given(alternative)
        said = {*asked, *swept, *(word for q in given if q != "path" for word in re.findall(r"\w+", given[q]))}
        rates = [n for n in table.file if _plain(n) in RATES and n not in said]
        read = [column_of(q, given, table) for q in ("N", "D", "loss")]
        columns = cells_of_rows(given, table, base) if rates else {}
        if not all(name in columns for name in read):
            continue
        n, d, _ = (columns[name] for name in read)
        labelled = [n for n, column in table.columns.items() if 1 < len(column.labels) <= MOST_LABELS]
        kinds = [columns[n] for n in labelled if n in columns]
        for name in rates:
            tried: dict[object, set[object]] = {}
            for kind, rate in zip(zip(n, d, *kinds, strict=True), columns[name], strict=True):
                tried.setdefault(kind, set()).add(rate)
            least = min(map(len, tried.values()))
            if len(tried) >= FEWEST_SIZES and least > 1:
                message = f'each size was run at {least} values of "{name}" or more, and all of these rows are fitted'
                best = ", ".join((name, *(other for other in columns if _tuned_beside(other, said, columns, tried))))
                helps = (
                    f"write `tune {best}` behind the table, to keep the best of each size",
                    f"or `panel {name} in {{...}}`, for laws at each value",
                )
                yield Diagnostic("SCL455", message, alternative.span, "warning", helps=helps)


def points_along_runs(
    component: Component, table: TableColumns, base: Path, asked: Collection[str]
) -> Iterator[Diagnostic]:
    """Rows of a few runs, each of one model at many steps, that no law or condition has `asked` of: points along a run
    are no ends of shorter runs.
    """
    for alternative in component.alternatives if component.where is None else ():
        given = texts_given(alternative)
        named = {column: quantity for quantity, column in given.items()}
        step = next((n for n in table.file if _plain(n) in STEPS), "")
        texts = [n for n in table.file if n in table.columns and table.columns[n].is_text]  # in all of several tables
        run = next((n for n in texts if _plain(n) in RUNS and n not in named), "")
        columns = cells_of_rows(given, table, base) if run and named.get(step) not in asked else {}
        size = column_of("N", given, table)
        sizes = [columns[n] for n in columns if n == size or n in re.findall(r"\w+", size)]
        if not {run, step} <= {*columns} or not sizes:
            continue
        points = [(label, at, of) for label, at, *of in zip(columns[run], columns[step], *sizes, strict=True)]
        points = [point for point in points if isinstance(point[1], float) and isfinite(point[1])]
        models = {(label, *of) for label, _, of in points}
        runs = len({label for label, _, _ in points})
        if len(models) > runs or len(points) < MANY_POINTS * max(1, runs):
            continue  # rows of several models, or a few of each
        message = f'the {len(points):,} rows are points along {runs:,} runs, by their columns "{run}" and "{step}"'
        notes = ("a point on the way of a run, whose rate has not fallen yet, is not the end of a shorter one",)
        end = f"at_step == {short(max(at for _, at, _ in points))}"
        way = f'name the column, `at_step="{step}"`, and write `where {end}`'
        helps = (f"keep their last rows; where all end alike, {way}",)
        yield Diagnostic("SCL455", message, alternative.span, "warning", notes=notes, helps=helps)


def _tuned_beside(
    name: str, said: Collection[str], columns: Mapping[str, Sequence[object]], sizes: Collection[object]
) -> bool:
    """True for a column of a setting of training, besides the rate, that nothing names and each size has several of."""
    known = name not in said and (called_elsewhere(name, TUNED) or name in TUNED)
    return bool(known) and len(set(columns[name])) > 1 and len(columns[name]) >= 4 * len(sizes)


def _plain(name: str) -> str:
    return "".join(filter(str.isalpha, name.lower()))


def _in_one_order(groups: Sequence[Mapping[object, float]]) -> bool:
    """True where many sizes have a loss of each kind, well apart and in one order."""
    if len(groups) < FEWEST_SIZES or any(len(group) < 2 or {*group} != {*groups[0]} for group in groups):
        return False
    orders = {tuple(sorted(group, key=lambda label: group[label])) for group in groups}
    return len(orders) == 1 and all(max(g.values()) > (1 + APART) * min(g.values()) > 0 for g in groups)
