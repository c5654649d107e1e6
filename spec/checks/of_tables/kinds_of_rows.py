"""Rules about rows of a table that are of several things and taken for one."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator, Mapping, Sequence
from math import isfinite
from pathlib import Path

from ...diagnostics.suggest import called_elsewhere, listing
from ...errors import Diagnostic
from ...expressions.canonical_tree import text
from ...resolve.components import KEPT, Component
from ...resolve.table_quantities import TableColumns
from ...syntax.numbers import short, text_of
from ...vocabulary.base import REGISTRY
from ...vocabulary.parameters import typed
from ...vocabulary.quantities import QUANTITIES
from .cells_of_rows import cells_of_rows, column_of, sizes_of, texts_given
from .columns_meant import STEPS

#: Kinds of rows at most, sizes that have a row of each at least, and how far their losses lie apart for it to be told.
MOST_KINDS, FEWEST_SIZES, APART = 6, 4, 0.02
#: Texts of a column at most that say what a row is of, and not which row it is.
MOST_LABELS = 12
#: Names of columns of learning rates, in small letters.
RATES = ("lr", "learningrate", "peaklr", "maxlr", "baselr")
#: Names of the column that tells runs apart, and points of a run from which their rows are a curve.
RUNS, MANY_POINTS = ("run", "runid", "runname", "id", "trial"), 4

#: Names of the column that tells repeats of one training apart.
REPEATS = ("seed", "seeds", "randomseed", "replicate", "rep", "repeat", "fold")
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
        columns = cells_of_rows(given, table, base) if kept else {}
        n, d = (sizes_of(q, alternative, table, columns) for q in ("N", "D"))
        loss = columns.get(column_of("loss", given, table), ())
        if not (n and d and loss):
            continue
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
        kept = {n for a in alternative.call.named if a.name == KEPT for n in re.findall(r"\w+", text(a.value))}
        meant = {*asked, *swept, *kept, *QUANTITIES, *typed(REGISTRY[alternative.call.name])} - {"path"}
        read_so = [given[q] for q in given if q in meant]
        said = {*asked, *swept, *kept, *(word for column in read_so for word in re.findall(r"\w+", column))}
        rates = [n for n in table.file if _plain(n) in RATES and n not in said]
        columns = cells_of_rows(given, table, base) if rates else {}
        n, d, loss = (sizes_of(q, alternative, table, columns) for q in ("N", "D", "loss"))
        if not (n and d and loss):
            continue
        labelled = [n for n, column in table.columns.items() if 1 < len(column.labels) <= MOST_LABELS]
        kinds = [columns[n] for n in labelled if n in columns]
        for name in (name for name in rates if name in columns):
            tried: dict[object, set[object]] = {}
            for kind, rate in zip(zip(n, d, *kinds, strict=True), columns[name], strict=True):
                tried.setdefault(kind, set()).add(rate)
            least = min(map(len, tried.values()))
            if len(tried) >= FEWEST_SIZES and least > 1:
                message = f'each size was run at {least} values of "{name}" or more, and all of these rows are fitted'
                best = ", ".join((name, *(other for other in columns if _tuned_beside(other, said, columns, tried))))
                each = sorted({x for x in columns[name] if isinstance(x, float) and isfinite(x)})
                values = ", ".join(map(text_of, each)) if len(each) <= MOST_KINDS else "..."
                helps = (
                    f"write `tune {best}` behind the table, to keep the best of each size",
                    f"or `panel {name} in {{{values}}}`, for laws at each value",
                )
                yield Diagnostic("SCL455", message, alternative.span, "warning", helps=helps)


def runs_of_sizes(component: Component, table: TableColumns, base: Path) -> Iterator[Diagnostic]:
    """`run="seed"`: what is named as the run of a row is of several models each, as a run is not; a family of models
    may be, which is drawn as one.
    """
    for alternative in component.alternatives:
        given = texts_given(alternative)
        named = given.get("run", "")
        columns = cells_of_rows(given, table, base) if named else {}
        sizes = sizes_of("N", alternative, table, columns)
        if named not in columns or not sizes:
            continue
        better = [n for n in columns if _plain(n) in RUNS and n != named and _of_one_model(columns[n], sizes)]
        if _of_several(columns[named], sizes) and (
            (better and not table.columns[named].is_text) or _plain(named) in REPEATS
        ):
            message = f'rows of one "{named}" are of models of several sizes, and a run is of one'
            arg = next(a for a in alternative.call.named if a.name == "run")
            way = (
                f'write `run="{better[0]}"`' if better else f"leave it out, or name what tells runs apart: {table.note}"
            )
            notes = ("rows of one run are drawn together by the bootstrap, so that intervals would be of few draws",)
            yield Diagnostic("SCL455", message, arg.span, "warning", notes=notes, helps=(way,))


def _of_several(labels: Sequence[object], sizes: Sequence[object]) -> bool:
    """True where every label is of several sizes."""
    found: dict[object, set[object]] = {}
    for label, size in zip(labels, sizes, strict=True):
        found.setdefault(label, set()).add(size)
    return min(map(len, found.values()), default=0) > 1


def _of_one_model(labels: Sequence[object], sizes: Sequence[object]) -> bool:
    """True where labels tell rows apart, each being of one size."""
    return len(set(zip(labels, sizes, strict=True))) == len(set(labels)) >= len(set(sizes))


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
