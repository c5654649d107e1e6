"""Reductions against tables computed by hand."""

from __future__ import annotations

import math

import numpy as np
import pytest
from scalingdsl.engine.analysis.analysis_result import CellTable
from scalingdsl.engine.analysis.cells.cell_selection import CellSizes
from scalingdsl.engine.analysis.cells.reduce_runs import cell_table
from scalingdsl.engine.analysis.cells.run_table import run_table, table_rows
from scalingdsl.engine.analysis.cells.table_cells import row_cells
from scalingdsl.engine.analysis.claims.cell_scatter import Scatter
from scalingdsl.engine.analysis.claims.cell_values import losses
from scalingdsl.engine.store.record import RunRecord
from scalingdsl.spec.claims.references import QuantityRef
from scalingdsl.spec.plan.run_grid import PlanAxis, Run
from scalingdsl.spec.syntax.ast import Name

from ...make import Law, axis, product, record_of, run_at, study

LR = axis("lr", [0.1, 0.3, 1.0], "tune")
SEED = axis("seed", [0, 1], "replicate")


def cells_of(axes: list[PlanAxis], losses: dict[tuple, float | str | None]) -> CellTable:
    """Cells of a grid whose losses are listed by the values of its axes; None is not run, a word is a status."""
    plan = study(axes)
    runs: list[Run] = []
    records: dict[str, RunRecord] = {}
    for point in product(axes):
        run = run_at(point, tokens=float(point.get("tokens", 1024)))
        runs.append(run)
        loss = losses[tuple(point.values())]
        if isinstance(loss, str):
            records[run.key] = record_of(run, Law(), status=loss)
        elif loss is not None:
            value = loss
            records[run.key] = record_of(run, lambda run, tokens, value=value: value)
    return cell_table(plan, run_table(plan, runs, records))


def test_the_tuned_value_of_lowest_mean_over_seeds() -> None:
    """0.3 has the lowest single loss, 0.1 the lowest mean; its seeds are averaged and give the standard error."""
    cells = cells_of(
        [LR, SEED],
        {(0.1, 0): 3.0, (0.1, 1): 3.2, (0.3, 0): 2.8, (0.3, 1): 3.6, (1.0, 0): 4.0, (1.0, 1): 4.0},
    )
    assert cells.n == 1
    assert cells.columns["loss"][0] == pytest.approx(3.1)
    assert cells.columns["standard_error"][0] == pytest.approx(0.1)  # sd .1414 over two seeds
    assert cells.columns["n_seeds"][0] == 2
    assert cells.columns["best_lr"][0] == 0.1
    assert cells.columns["edge_lr"][0]
    assert "lr" not in cells.columns
    assert "seed" not in cells.columns


def test_a_diverged_seed_is_infinite_in_the_minimum() -> None:
    cells = cells_of(
        [LR, SEED],
        {(0.1, 0): 3.5, (0.1, 1): 3.5, (0.3, 0): 2.0, (0.3, 1): "diverged", (1.0, 0): "diverged", (1.0, 1): "diverged"},
    )
    assert cells.columns["best_lr"][0] == 0.1
    assert cells.columns["loss"][0] == 3.5
    assert cells.columns["n_diverged"][0] == 0


def test_where_every_value_lost_a_seed_the_others_speak() -> None:
    """Fewest diverged first; what is left is averaged, and how many diverged is kept for the notes."""
    cells = cells_of(
        [axis("lr", [0.1, 0.3], "tune"), SEED],
        {(0.1, 0): "diverged", (0.1, 1): "diverged", (0.3, 0): 2.5, (0.3, 1): "diverged"},
    )
    assert cells.columns["loss"][0] == 2.5
    assert cells.columns["n_seeds"][0] == 1
    assert cells.columns["n_diverged"][0] == 1
    assert cells.columns["standard_error"][0] == pytest.approx(1e-3)  # one seed: that of the evaluation


def test_a_mean_of_few_seeds_is_as_sure_as_its_degrees_of_freedom() -> None:
    """Two seeds leave one; where they agree by chance, the evaluation that they share is what is not known."""
    apart = cells_of([SEED], {(0,): 3.0, (1,): 3.2})
    assert (apart.columns["standard_error"][0], apart.columns["dof"][0]) == (pytest.approx(0.1), 1.0)
    agreeing = cells_of([SEED], {(0,): 3.0, (1,): 3.00001})
    assert (agreeing.columns["standard_error"][0], agreeing.columns["dof"][0]) == (pytest.approx(1e-3), np.inf)
    keep = np.ones(1, dtype=bool)
    loss = QuantityRef("measured", "loss", Name("loss"))
    spread = {
        name: np.ptp(np.quantile(found.value.draws, [0.025, 0.975]))
        for name, cells in (("apart", apart), ("agreeing", agreeing))
        for found in (losses(CellSizes(cells, ()), loss, keep, Scatter(cells, (), ()), 4000),)
    }
    assert spread["apart"] == pytest.approx(2 * 12.7 * 0.1, rel=0.2)  # Student's t of one degree of freedom
    assert spread["agreeing"] == pytest.approx(2 * 1.96 * 1e-3, rel=0.1)


def test_a_cell_without_any_loss_stays_as_a_hole() -> None:
    cells = cells_of(
        [axis("width", [32, 64]), LR],
        {(32, 0.1): "diverged", (32, 0.3): None, (32, 1.0): "failed", (64, 0.1): 3.0, (64, 0.3): 2.9, (64, 1.0): 3.1},
    )
    assert cells.n == 2
    assert math.isnan(cells.columns["loss"][0])
    assert math.isnan(cells.columns["best_lr"][0])
    assert cells.columns["n_seeds"].tolist() == [0, 1]
    assert cells.columns["N"][0] > 0
    assert cells.columns["edge_lr"].tolist() == [False, False]


def test_a_tuned_seed_is_part_of_the_minimum() -> None:
    """The paper's L: the best of all rates and seeds; a seed has no edge."""
    seed = axis("seed", [0, 1], "tune")
    cells = cells_of(
        [LR, seed],
        {(0.1, 0): 3.0, (0.1, 1): 3.0, (0.3, 0): 2.8, (0.3, 1): 3.6, (1.0, 0): 4.0, (1.0, 1): 4.0},
    )
    assert cells.columns["loss"][0] == 2.8
    assert (cells.columns["best_lr"][0], cells.columns["best_seed"][0]) == (0.3, 0)
    assert cells.columns["n_seeds"][0] == 1
    assert not cells.columns["edge_seed"][0]
    assert not cells.columns["edge_lr"][0]


def test_the_edge_is_that_of_the_cells_own_grid() -> None:
    """A condition leaves SP fewer rates: its edge is not muP's."""
    axes = [axis("param", ["SP", "muP"]), axis("lr", [0.1, 0.3, 1.0], "tune")]
    plan = study(axes)
    points = product(axes, lambda p: p["param"] == "muP" or float(p["lr"]) < 0.5)
    runs = [run_at(p, tokens=1024) for p in points]
    best = {"SP": 0.3, "muP": 0.3}
    records = {
        r.key: record_of(r, lambda run, t: 2.0 + abs(float(run.value("lr")) - best[run.value("param")])) for r in runs
    }
    cells = cell_table(plan, run_table(plan, runs, records))
    assert cells.columns["edge_lr"].tolist() == [True, False]


def test_cells_go_by_the_asked_tokens() -> None:
    """Two widths of one asked D are of one slice, whatever their last steps rounded to."""
    axes = [axis("width", [32, 64]), axis("tokens", [1000])]
    cells = cells_of(axes, {(32, 1000): 3.0, (64, 1000): 2.9})
    assert cells.columns["D_asked"].tolist() == [1000, 1000]
    assert cells.columns["D"].tolist() == [1024, 1024]


def test_points_of_a_path_are_one_cluster() -> None:
    """Each run is a cluster of its own but for its seeds and rates; all marks of one path are one."""
    axes = [
        axis("train", ["wsd", "cosine"]), axis("width", [32, 64]), axis("tokens", [1024, 2048], along=True), SEED,
    ]  # fmt: skip
    plan = study(axes)
    runs = [
        run_at({"train": "wsd", "width": w, "seed": s}, tokens=2048, marks=(1024, 2048))
        for w in (32, 64)
        for s in (0, 1)
    ]
    runs += [
        run_at({"train": "cosine", "width": w, "tokens": d, "seed": s}, tokens=d)
        for w in (32, 64)
        for d in (1024, 2048)
        for s in (0, 1)
    ]
    records = {r.key: record_of(r, Law(), noise=1e-3) for r in runs}
    cells = cell_table(plan, run_table(plan, runs, records))
    assert cells.n == 8
    where = list(
        zip(cells.columns["train"].tolist(), cells.columns["width"].tolist(), cells.columns["cluster"].tolist())
    )
    wsd = {(w, c) for t, w, c in where if t == "wsd"}
    cosine = [c for t, _, c in where if t == "cosine"]
    assert len(wsd) == 2
    assert len({c for _, c in wsd}) == 2
    assert len(set(cosine)) == 4
    assert not {c for _, c in wsd} & set(cosine)
    assert cells.columns["n_seeds"].tolist() == [2] * 8


def test_rises_beyond_noise_are_marked() -> None:
    """Along N the second width is worse by far more than two standard errors; along D the rise is within noise."""
    axes = [axis("width", [16, 32, 64]), axis("tokens", [1024, 2048]), SEED]
    losses = {
        (16, 1024): 3.0, (32, 1024): 3.2, (64, 1024): 2.9,
        (16, 2048): 3.0001, (32, 2048): 2.7, (64, 2048): 2.6,
    }  # fmt: skip
    both = {(*k, s): v + 0.001 * s for k, v in losses.items() for s in (0, 1)}
    cells = cells_of(axes, both)
    marked = {(w, t) for w, t, m in zip(cells.columns["width"], cells.columns["tokens"], cells.columns["rises_N"]) if m}
    assert marked == {(32, 1024)}
    assert not np.any(cells.columns["rises_D"])


def test_rises_do_not_compare_across_panels_or_budgets() -> None:
    """At one compute a larger model sees fewer tokens; a higher loss there is no rise along N."""
    axes = [axis("compute", [1e12]), axis("width", [16, 32, 64])]
    plan = study(axes)
    runs = [run_at(p, tokens=1e12 / 6 / (100 * float(p["width"]) + 24 * float(p["width"]) ** 2)) for p in product(axes)]
    records = {r.key: record_of(r, lambda run, t: 2.0 + run.n_total / 1e6) for r in runs}
    cells = cell_table(plan, run_table(plan, runs, records))
    assert not np.any(cells.columns["rises_N"])
    assert not np.any(cells.columns["rises_D"])


def test_rows_of_a_file_are_cells() -> None:
    """Rows with the same sizes, or of one run where the file says so, are one cluster."""
    columns = {"N": np.array([1e6, 1e6, 2e6]), "D": np.array([1e9, 1e9, 1e9]), "loss": np.array([3.0, 3.1, 2.9])}
    assert row_cells(table_rows(columns)).columns["cluster"].tolist() == [0, 0, 1]
    columns["run"] = np.array(["a", "b", "b"])
    assert row_cells(table_rows(columns)).columns["cluster"].tolist() == [0, 1, 1]


def test_a_value_with_a_seed_missing_does_not_win_over_whole_ones() -> None:
    """One lucky seed of a rate whose other seed was never trained is no mean."""
    cells = cells_of(
        [LR, SEED],
        {(0.1, 0): 3.0, (0.1, 1): 3.2, (0.3, 0): 2.8, (0.3, 1): None, (1.0, 0): None, (1.0, 1): None},
    )
    assert cells.columns["best_lr"][0] == 0.1


def test_rows_of_a_table_without_sizes_are_clusters_of_their_own() -> None:
    """Labels alone would make one cluster of each panel, and no interval could be had."""
    cells = row_cells(table_rows({"loss": np.ones(4), "x": np.arange(4.0), "kind": np.array(list("aabb"))}), ("kind",))
    assert len(set(cells.columns["cluster"].tolist())) == 4
