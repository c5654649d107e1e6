"""Rule 7, on the grids of known studies: a law sees the axes that move its variables; every other is a panel."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest
from scalingdsl.engine.analysis.analysis_result import CellTable
from scalingdsl.engine.analysis.cells.reduce_runs import cell_table
from scalingdsl.engine.analysis.cells.run_table import run_table, table_rows
from scalingdsl.engine.analysis.cells.table_cells import row_cells
from scalingdsl.engine.analysis.panels import panels
from scalingdsl.engine.analysis.study_axes import cell_axes
from scalingdsl.spec.plan.run_grid import PlanAxis
from scalingdsl.spec.vocabulary.base import Scalar

from ..make import Law, axis, product, record_of, run_at, study

Point = dict[str, Scalar]
Grid = tuple[CellTable, tuple[PlanAxis, ...]]


def size(point: Point) -> float:
    return 100 * float(point.get("width", 64)) + 24 * float(point.get("width", 64)) ** 2 * float(point.get("layers", 1))


def grid(
    axes: list[PlanAxis],
    tokens: Callable[[Point], float] = lambda p: float(p["tokens"]),
    keep: Callable[[Point], bool] = lambda p: True,
) -> Grid:
    plan = study(axes)
    runs = [run_at(p, tokens=tokens(p), n=round(size(p))) for p in product(axes, keep)]
    cells = cell_table(plan, run_table(plan, runs, {r.key: record_of(r, Law()) for r in runs}))
    return cells, cell_axes(plan)


WIDTH = axis("width", [32, 64, 128])
TOKENS = axis("tokens", [2**18, 2**19])


def named(found: Grid, *variables: str) -> list[tuple[dict[str, Scalar], int]]:
    cells, axes = found
    return [(dict(p.panel), len(p.rows)) for p in panels(cells, axes, variables)]


def test_sizes_and_tokens() -> None:
    """The plain grid: N at each D, D at each N, both at once, compute over everything."""
    er = grid([WIDTH, TOKENS, axis("lr", [0.1, 0.3], "tune"), axis("seed", [0, 1], "replicate")])
    assert named(er, "N") == [({"tokens": 2**18}, 3), ({"tokens": 2**19}, 3)]
    assert named(er, "D") == [({"width": w}, 2) for w in (32, 64, 128)]
    assert named(er, "N", "D") == [({}, 6)]
    assert named(er, "C") == [({}, 6)]


def test_a_parameter_of_the_source_is_a_panel() -> None:
    """A fit for each kappa and token count; even where it moves N, as the size of a graph does."""
    er = grid([axis("kappa", [0, 1], "panel"), WIDTH, TOKENS])
    assert named(er, "N") == [({"kappa": k, "tokens": t}, 3) for k in (0, 1) for t in (2**18, 2**19)]
    assert named(er, "N", "D") == [({"kappa": 0}, 6), ({"kappa": 1}, 6)]
    nodes = grid([axis("layers", [1, 2], "panel"), WIDTH, TOKENS])
    assert named(nodes, "N", "D") == [({"layers": 1}, 6), ({"layers": 2}, 6)]


def test_an_untuned_rate_and_a_label_are_panels() -> None:
    found = grid([axis("param", ["SP", "muP"]), axis("lr", [0.1, 0.3]), WIDTH, TOKENS])
    assert [p for p, _ in named(found, "N", "D")] == [{"param": p, "lr": r} for p in ("SP", "muP") for r in (0.1, 0.3)]


def test_isoflop() -> None:
    """At each budget a curve in N; a law in N and D sees both; a law in C sees every cell."""
    compute = axis("compute", [1e12, 1e13])
    found = grid([compute, WIDTH], tokens=lambda p: float(p["compute"]) / 6 / size(p))
    assert named(found, "N") == [({"compute": 10**12}, 3), ({"compute": 10**13}, 3)]
    assert named(found, "N", "D") == [({}, 6)]
    assert named(found, "C") == [({}, 6)]
    assert named(found, "D") == [({"width": w}, 2) for w in (32, 64, 128)]


def test_tokens_a_parameter() -> None:
    """`tokens = ratio*N`: the ratio moves D alone, the width N and D."""
    found = grid([WIDTH, axis("ratio", [20, 50])], tokens=lambda p: float(p["ratio"]) * size(p))
    assert named(found, "N") == [({"ratio": 20}, 3), ({"ratio": 50}, 3)]
    assert named(found, "D") == [({"width": w}, 2) for w in (32, 64, 128)]
    assert named(found, "N", "D") == [({}, 6)]


def test_on_a_line() -> None:
    """`tokens = 20*N`: one axis moves everything, and each law sees it."""
    found = grid([WIDTH, axis("seed", [0, 1], "replicate")], tokens=lambda p: 20 * size(p))
    for variable in ("N", "D", "C"):
        assert named(found, variable) == [({}, 3)]


def test_epochs_and_unique() -> None:
    found = grid(
        [axis("unique", [2**18, 2**20]), axis("epochs", [1, 4]), WIDTH],
        tokens=lambda p: float(p["unique"]) * float(p["epochs"]),
    )
    assert named(found, "N", "D") == [({}, 12)]
    assert named(found, "N", "D", "unique") == [({}, 12)]
    assert len(named(found, "N")) == 4  # the same D twice, yet not the same data


def test_joint_axes_and_panels_by_word() -> None:
    """Width and layers together are one axis; `panel aspect` splits what would be pooled."""
    pairs = axis("width&layers", [(32, 1), (64, 2), (128, 4)])
    assert named(grid([pairs, TOKENS]), "N") == [({"tokens": 2**18}, 3), ({"tokens": 2**19}, 3)]
    assert named(grid([pairs, TOKENS]), "D") == [
        ({"width": w, "layers": n}, 2) for w, n in ((32, 1), (64, 2), (128, 4))
    ]
    pooled = grid([WIDTH, axis("layers", [1, 2]), TOKENS])
    assert named(pooled, "N", "D") == [({}, 12)]
    split = grid([WIDTH, axis("layers", [1, 2], "panel"), TOKENS])
    assert named(split, "N", "D") == [({"layers": 1}, 6), ({"layers": 2}, 6)]


def test_axes_of_one_alternative_only() -> None:
    """An axis that does not apply is not in the panel's name."""
    axes = [axis("models", ["ngram", "lstm"]), axis("heads", [1, 2]), TOKENS]
    plan = study(axes)
    points: list[Point] = [{"models": "ngram", "tokens": t} for t in (2**18, 2**19)]
    points += [{"models": "lstm", "heads": h, "tokens": t} for h in (1, 2) for t in (2**18, 2**19)]
    runs = [run_at(p, tokens=float(p["tokens"])) for p in points]
    cells = cell_table(plan, run_table(plan, runs, {r.key: record_of(r, Law()) for r in runs}))
    assert named((cells, cell_axes(plan)), "D") == [
        ({"models": "ngram"}, 2), ({"models": "lstm", "heads": 1}, 2), ({"models": "lstm", "heads": 2}, 2),
    ]  # fmt: skip


def test_a_law_in_an_axis_of_the_study() -> None:
    found = grid([axis("problems", [100, 200, 400]), WIDTH], tokens=lambda p: 2**18)
    assert named(found, "problems") == [({"width": w}, 3) for w in (32, 64, 128)]


def test_a_diagonal_shows_what_it_can() -> None:
    """Where conditions leave no two cells that differ in one axis alone, an axis moves what it fixes."""
    order = {32: 2**18, 64: 2**19}
    found = grid([axis("width", [32, 64]), TOKENS], keep=lambda p: order[int(p["width"])] == p["tokens"])
    assert named(found, "N", "D") == [({}, 2)]


@pytest.mark.parametrize(("group", "sizes"), [(0.02, [3, 2]), (None, [1, 1, 1, 1, 1])])
def test_slices_of_a_table(group: float | None, sizes: list[int]) -> None:
    """Digitised sizes agree to a percent or two; each group starts at its smallest."""
    columns = {
        "N": np.array([1.00e6, 1.01e6, 1.019e6, 2e6, 2.01e6]),
        "D": np.array([1e9, 2e9, 4e9, 1e9, 2e9]),
        "loss": np.array([3.0, 2.9, 2.8, 2.7, 2.6]),
    }
    cells = row_cells(table_rows(columns))
    found = panels(cells, (), ("D",), group)
    assert [len(p.rows) for p in found] == sizes
    if group:
        assert [dict(p.panel) for p in found] == [{"N": 1_010_000}, {"N": 2_005_000}]
    assert [len(p.rows) for p in panels(cells, (), ("N", "D"))] == [5]
