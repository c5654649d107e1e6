"""`report theory`: a theory's exponents and losses beside those of a study of percolation, solved for real."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from scalingdsl.engine.analysis.analysis_result import Analysis
from scalingdsl.engine.fits.forms._percolation import break_rank, model_loss
from scalingdsl.engine.formatting import significant
from scalingdsl.engine.report.blocks import blocks
from scalingdsl.engine.report.report_model import Code, Section, Table
from scalingdsl.engine.report.study_view import View
from scalingdsl.engine.study.run_study import run_study
from scalingdsl.spec import load

from .. import small

STUDY = """data percolation(largest=20k, tested=5%)  seed in {0, 1}
models {bysize: nearest(cells in [1..512]), bydata: nearest(samples in [1..512])}
let tailN = power(N, E=0) where N >= 30
fit tailN, brill({N, D}) where N >= 30 or D >= 30
fit brill(N, c=4)
report markdown, theory, ccdf
"""


@pytest.fixture(scope="module")
def analysis(tmp_path_factory: pytest.TempPathFactory) -> Analysis:
    folder = tmp_path_factory.mktemp("theory")
    plan = load("theory.scl", text=STUDY)
    outcome = run_study(plan, base=folder, out=folder / "out", executor="inline", workers=1)
    assert outcome.analysis is not None
    assert outcome.report is not None
    assert "<b>Theory beside measurements</b>" in Path(outcome.report).read_text()
    return outcome.analysis


@pytest.fixture(scope="module")
def section(analysis: Analysis) -> Section:
    (section,) = blocks(View(analysis), ("theory",))
    return section


def rows(table: Table) -> list[list[str]]:
    return [[cell.text if isinstance(cell, Code) else str(cell) for cell in row] for row in table.rows]


def test_exponents_stand_beside_those_of_power_laws(section: Section) -> None:
    found = {row[0]: row for row in rows(section.tables[0])}
    assert list(found) == ["brill(N)", "brill(D)", "brill(N, c=4)"]
    assert found["brill(N)"][2:6] == ["1.00", "0.500", "-0.333", "0.500"]
    assert found["brill(N, c=4)"][2:6] == ["1.00", "1.00", "0", "1.00"]
    assert found["brill(D)"][5] == "0.500"
    # Over these cells the curve falls more slowly than in the limit.
    assert 0.3 < float(found["brill(N)"][6]) < 0.4
    assert [found[name][7] for name in found] == ["tailN", "–", "tailN"]
    assert "to" in found["brill(N)"][8]


def test_clusters_are_drawn_by_size_though_no_law_is_fitted_to_them(analysis: Analysis) -> None:
    (drawn,) = blocks(View(analysis), ("ccdf",))
    ((axes,),) = drawn.figures[0].rows
    (dots,) = axes.series[0].dots
    assert (dots.y[0], dots.y[-1]) == (1 / len(dots.y), 1.0)
    assert np.all(np.diff(dots.x) <= 0)
    assert rows(drawn.tables[0])[0][1:3] == ["points of a cluster", str(len(dots.y))]


def test_numbers_of_the_data_stand_once(section: Section, analysis: Analysis) -> None:
    found = {row[0].split(",")[0]: row[1:] for row in rows(section.tables[1])}
    assert list(found) == ["hill", "alpha = 1/hill - 1", "c/D_f"]
    assert {row[0] for row in found.values()} == {"all cells"}
    hill = np.unique(np.asarray(analysis.cells.columns["hill"], dtype=float))
    assert float(found["hill"][2]) == pytest.approx(float(np.mean(hill)), rel=0.02)
    assert float(found["alpha = 1/hill - 1"][2]) == pytest.approx(1 / float(np.mean(hill)) - 1, abs=0.05)


def test_losses_stand_size_by_size_with_the_break_rank(section: Section) -> None:
    found = [row for row in rows(section.tables[2]) if row[0] == "brill(N)"]
    assert [row[2] for row in found] == ["32", "64", "128", "256", "512"]
    n = np.array([32.0, 512.0])
    assert [found[i][3] for i in (0, -1)] == [significant(float(k)) for k in break_rank(n)]
    assert [found[i][4] for i in (0, -1)] == [significant(float(x)) for x in model_loss(n)]
    assert all(float(row[6]) == pytest.approx(float(row[5]) / float(row[4]), rel=0.01) for row in found)
    assert all(row[3] == "–" for row in rows(section.tables[2]) if row[0] == "brill(D)")


def test_without_a_theory_it_says_how_to_ask_for_one() -> None:
    (section,) = blocks(View(small.analysis()), ("theory",))
    assert section.tables == ()
    assert "`fit brill(N)`" in section.note


@pytest.mark.slow
def test_a_closed_form_of_each_cell_is_drawn_behind_it(tmp_path: Path) -> None:
    """Along features, along samples and along steps, through the very cells that the points are."""
    text = "data latents(M=200, tail={0.5, 1})  seed in {0, 1, 2}\nreport markdown, theory\n"
    sizes = "models features(width in [10..80], samples in [10..80])\ntrain ridge(penalty=1e-4)\n"
    sgd = "train sgd(lr=.5, batch=1, schedule=constant, warmup=0steps)  steps along [1..64]\n"
    along = f"models features(width in {{10, 40}}, samples=80)\n{sgd}"
    seen = {}
    for name, models in {"sizes": sizes, "steps": along}.items():
        plan = load(f"{name}.scl", text=text + models)
        outcome = run_study(plan, base=tmp_path, out=tmp_path / name, executor="inline", workers=1)
        assert outcome.analysis is not None
        view = View(outcome.analysis)
        (section,) = blocks(view, ("theory",))
        assert len(section.figures) == len(section.tables[0].rows) == 2
        cells = set(zip(view.cell("loss").tolist(), view.cell("theory").tolist()))
        seen[name] = [axes for (row,) in (figure.rows for figure in section.figures) for axes in row]
        for series in (series for axes in seen[name] for series in axes.series):
            (dots,), (line,) = series.dots, series.lines
            assert dots.x.tolist() == line.x.tolist() == sorted(set(dots.x.tolist()))
            assert set(zip(dots.y.tolist(), line.y.tolist())) <= cells
    assert [(axes.x_label[-1], [s.label for s in axes.series]) for axes in seen["sizes"][:2]] == [
        ("N", [f"samples = {n}" for n in (10, 20, 40, 80)]),
        ("D", [f"width = {n}" for n in (10, 20, 40, 80)]),
    ]
    assert [[s.label for s in axes.series] for axes in seen["steps"]] == [["width = 10", "width = 40"]] * 2
