"""`report splits`: how well each way of describing the losses predicts cells that it was not fitted to.

Twenty random divisions of the cells, four fifths fitted, the same divisions for every law. A law of one variable is
fitted in every slice that keeps more cells than it has parameters, and asked about the cells left out of that slice.

Reference: the model selection of arXiv:2601.10684.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scalingdsl.spec.vocabulary.blocks import Splits

from ...fits import Points, fit_law, predict
from ...fits.judgement import loss_mse, take
from ...fits.result import Array
from ..laws import fitted
from ..model import Axes, Cell, Code, Dots, Figure, Section, Series, Table
from ..rounding import MISSING, significant
from ..scaling import MOST_PAGES
from ..view import Page, View
from . import file_name, implements

TITLE = "Random splits"
SPLITS, SHARE, SEED = 20, 0.8, 0
#: Laws in N and D that are always compared, beside those of the study.
ALWAYS = ("chinchilla", "network", "kernel")
#: Fewest cells of a page that are worth dividing, and fewest left out of slices in a division that counts.
FEWEST = 10


@dataclass(frozen=True)
class Errors:
    """Mean squared errors of one law in every split, shape (split,), and the share of cells left out it spoke of."""

    name: str
    fitted: Array
    left_out: Array
    covered: float


@implements(Splits)
def splits(view: View) -> Section:
    """Mean squared errors of the loss on cells fitted and left out, with standard errors over the splits."""
    figures, rows, notes = [], [], []
    for page in view.pages[:MOST_PAGES]:
        found = list(_page_errors(view, page))
        if not found:
            notes.append(f"{page.title or 'All cells'}: fewer than {FEWEST} cells, too few to divide.")
            continue
        if not any(e.name.startswith("power") for e in found):
            notes.append(f"{page.title or 'All cells'}: no slice keeps more cells than a power law has parameters.")
        least = min(float(np.mean(e.left_out)) for e in found)
        rows += [_row(page.title, e, least) for e in found]
        title = f"Errors on cells fitted and left out{f' at {page.title}' if page.title else ''}"
        caption = (
            f"Mean squared error of the loss over {SPLITS} random splits, {SHARE:.0%} of the cells fitted, with one "
            "standard error over the splits; hollow on the cells fitted, full on those left out. Slices are the laws "
            "of one variable, each slice fitted alone."
        )
        figures.append(Figure(file_name(Splits, page.ending), title, caption, ((_axes(found),),)))
    heads = ("panel", "law", "mse fitted", "mse left out", "standard error", "over the best", "cells spoken of")
    tables = (Table(heads, tuple(rows), (False, False, *(True for _ in heads[2:]))),) if rows else ()
    return Section(TITLE, tables, tuple(figures), note=" ".join(notes))


def _page_errors(view: View, page: Page) -> Iterator[Errors]:
    loss, n, d = view.cell("loss"), view.cell("N"), view.cell("D")
    rows = page.rows[np.all([np.isfinite(c[page.rows]) & (c[page.rows] > 0) for c in (loss, n, d)], axis=0)]
    if len(rows) < FEWEST:
        return
    cluster = np.nan_to_num(view.cell("cluster")[rows]).astype(np.int64)
    points = Points({"N": n[rows], "D": d[rows]}, loss[rows], cluster)
    divisions = list(_divisions(cluster))
    for name, law, options in _laws(view):
        yield _joint(name, law, points, divisions, options)
    for quantity, held in (("N", view.tokens[rows]), ("D", n[rows])):
        found = _sliced(f"power({quantity}) in slices", quantity, held, points, divisions)
        if found is not None:
            yield found


def _laws(view: View) -> Iterator[tuple[str, str, Mapping[str, Any]]]:
    """Laws in N and D: those that the study fitted to the loss, as it fitted them, then what it is compared with."""
    seen: set[str] = set()
    for panel_fit, _ in fitted(view):
        request = panel_fit.request
        plain = not request.fixed and not request.shared and request.loss == "loss"
        read = {q for _, q in request.variables}
        if read == {"N", "D"} and plain and request.law not in seen and not request.law.startswith("="):
            seen.add(request.law)
            yield request.name, request.law, {"objective": request.objective, "delta": request.delta}
    for law in ALWAYS:
        if law not in seen:
            yield law, law, {}


def _divisions(cluster: NDArray[np.int64]) -> Iterator[NDArray[np.bool_]]:
    """Which cells are left out; cells of one cluster stay together. The draws are those of `validation` of a law."""
    own, of_point = np.unique(cluster, return_inverse=True)
    rng = np.random.default_rng(SEED)
    for _ in range(SPLITS):
        kept = rng.permutation(len(own))[: max(1, round(SHARE * len(own)))]
        yield ~np.isin(of_point, kept)


def _joint(
    name: str, law: str, points: Points, divisions: Sequence[NDArray[np.bool_]], options: Mapping[str, Any]
) -> Errors:
    inside, outside = [], []
    for left_out in divisions:
        kept, rest = take(points, np.flatnonzero(~left_out)), take(points, np.flatnonzero(left_out))
        fit = fit_law(law, kept, bootstrap=0, **options)
        inside.append(loss_mse(fit, kept))
        outside.append(loss_mse(fit, rest))
    return Errors(name, np.array(inside), np.array(outside), 1.0)


def _sliced(
    name: str, quantity: str, held: Array, points: Points, divisions: Sequence[NDArray[np.bool_]]
) -> Errors | None:
    inside, outside = [], []
    asked = spoken = 0
    for left_out in divisions:
        near: list[Array] = []
        far: list[Array] = []
        asked += int(np.sum(left_out))
        for value in np.unique(held):
            own = held == value
            kept, rest = np.flatnonzero(own & ~left_out), np.flatnonzero(own & left_out)
            x = points.variables[quantity]
            if len(np.unique(x[kept])) <= 3:
                continue
            fit = fit_law("power", Points({quantity: x[kept]}, points.loss[kept]), bootstrap=0)
            if fit.status in ("failed", "too few points"):
                continue
            near.append(predict(fit, {quantity: x[kept]}) - points.loss[kept])
            if len(rest):
                far.append(predict(fit, {quantity: x[rest]}) - points.loss[rest])
        if near and far:
            spoken += sum(map(len, far))
            inside.append(float(np.mean(np.concatenate(near) ** 2)))
            outside.append(float(np.mean(np.concatenate(far) ** 2)))
    return Errors(name, np.array(inside), np.array(outside), spoken / asked) if inside else None


def _standard_error(values: Array) -> float:
    return float(np.std(values, ddof=1) / np.sqrt(len(values))) if len(values) > 1 else 0.0


def _row(title: str, errors: Errors, least: float) -> tuple[Cell, ...]:
    mean = float(np.mean(errors.left_out))
    return (
        title or "all cells",
        Code(errors.name),
        significant(float(np.mean(errors.fitted)), 3),
        significant(mean, 3),
        significant(_standard_error(errors.left_out), 2),
        f"{significant(mean / least, 2)} times" if least > 0 and np.isfinite(mean) else MISSING,
        f"{100 * errors.covered:.0f} %",
    )


def _axes(found: Sequence[Errors]) -> Axes:
    x = np.arange(len(found), dtype=np.float64)
    inside, outside = (np.array([np.mean(v) for v in vs]) for vs in zip(*((e.fitted, e.left_out) for e in found)))
    errors = (np.array([_standard_error(v) for v in vs]) for vs in zip(*((e.fitted, e.left_out) for e in found)))
    near, far = (np.nan_to_num(e, posinf=0.0) for e in errors)
    series = (
        Series("fitted", 0, (Dots(x - 0.1, inside, near, hollow=True),)),
        Series("left out", 1, (Dots(x + 0.1, outside, far),)),
    )
    names = tuple(e.name.replace(" in ", "\nin ") for e in found)
    return Axes("", "mean squared error of the loss", series, x_log=False, x_ticks=names, legend_at="beside")
