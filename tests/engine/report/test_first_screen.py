"""The first screen of studies analysed for real, and figures that compare: what they hold and how they are drawn."""

from __future__ import annotations

import re
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from scalingdsl.engine.analysis import analyse, study_table
from scalingdsl.engine.analysis.analysis_result import Analysis
from scalingdsl.engine.report.assemble import report
from scalingdsl.engine.report.figures import draw
from scalingdsl.engine.report.first_screen.next_step import next_steps
from scalingdsl.engine.report.first_screen.overview import overview
from scalingdsl.engine.report.report_model import Axes, Code, Dots, Figure, Piece, Series
from scalingdsl.engine.report.standard_figures.compute_optimal import compute_figure
from scalingdsl.engine.report.standard_figures.exponent_forest import forest
from scalingdsl.engine.report.standard_figures.isoflop_profiles import profile_figure
from scalingdsl.engine.report.study_view import View
from scalingdsl.engine.report.to_markdown import to_markdown
from scalingdsl.spec import load

from . import example, small
from .test_trained import STUDY, analysed

BUDGETS = """
data walk(er(n=512, p=.02, seed=0), length=32)
models transformer(layers=2, param=muP)  width in {8, 12, 16, 24, 32, 48, 64, 96}
train adamw(schedule=cosine, warmup=2%, lr=.01)  compute in {300GFLOP, 1TFLOP, 3TFLOP}
fit chinchilla
optimum isoflop
"""


@pytest.fixture(scope="module")
def whole() -> Analysis:
    return analysed(STUDY)


def words(step: tuple[Piece, ...]) -> str:
    """A step as its reader sees it."""
    return " ".join(piece.text if isinstance(piece, Code) else str(piece) for piece in step)


def test_the_overview_names_every_line_and_has_both_losses_in_one_palette(whole: Analysis) -> None:
    figure = overview(View(whole))
    assert figure is not None
    ((loss, excess),) = figure.rows
    assert (loss.y_label, excess.y_label) == ("loss (nats a token)", "excess loss (nats a token)")
    assert [(s.label, s.tone) for s in loss.series] == [(s.label, s.tone) for s in excess.series]
    styles = {line.style for axes in (loss, excess) for s in axes.series for line in s.lines}
    assert styles == {style for style, _ in excess.styles}
    assert excess.styles == (("solid", "chinchilla"),)
    assert loss.level is not None


@pytest.mark.slow
def test_pages_stand_side_by_side_on_the_same_axes() -> None:
    view = View(example.analysis(widths=(16, 32, 64), kappas=(0.0, 1.0), draws=20))
    figure = overview(view)
    assert figure is not None
    assert [axes.title for axes in figure.rows[0]] == ["kappa = 0", "kappa = 1"]
    assert figure.shared == "all"
    text = to_markdown(report(view.analysis, {}))
    assert {"scaling-N", "scaling-D", "scaling-excess-N", "best-lr"} <= {*re.findall(r"figures/([\w-]+)\.svg", text)}


def test_panels_that_share_have_one_range() -> None:
    """Drawn for real: the second panel's smaller values are shown in the range of both."""
    low, high = (Axes("N", "loss", (example_series(scale),), y_log=False) for scale in (1.0, 10.0))
    apart, shared = (draw(Figure("f", "t", "", ((low, high),), shared=how))["svg"] for how in ("", "all"))
    assert apart != shared
    assert len(re.findall(r">0\.\d<", apart.decode())) > len(re.findall(r">0\.\d<", shared.decode()))


def example_series(scale: float) -> Series:
    """Three points on a line."""
    x = np.array([1e4, 1e5, 1e6])
    return Series("all", 0.5, (Dots(x, scale * np.array([1.0, 0.7, 0.5])),))


def test_a_wider_grid_is_proposed_with_its_gain_and_its_price(whole: Analysis) -> None:
    steps = [words(step) for step in next_steps(View(whole))]
    (wider,) = [step for step in steps if "would narrow" in step]
    found = re.fullmatch(
        r"(?:Adding (?:width|tokens) = \S+(?: \(N about \S+\))?|Twice the seeds) would narrow the 95 % interval of "
        r"(?:alpha|beta) to (\d+) % .*, for about .* more training\.",
        wider,
    )
    assert found is not None, wider
    assert int(found[1]) <= 80


def test_where_noise_does_not_make_the_interval_another_form_is_proposed(whole: Analysis) -> None:
    fits = []
    for entry in whole.fits:
        if entry.request.name == "chinchilla" and entry.fit is not None:
            low, high = entry.fit.intervals["alpha"]
            wide = type(entry.fit.intervals["alpha"])(low - 20 * (high - low), high + 20 * (high - low))
            entry = replace(entry, fit=replace(entry.fit, intervals={**entry.fit.intervals, "alpha": wide}))
        fits.append(entry)
    steps = [words(step) for step in next_steps(View(replace(whole, fits=tuple(fits))))]
    assert any(step.startswith("Another form") and "alpha" in step for step in steps)
    assert not any("would narrow" in step for step in steps)


def test_which_end_of_a_sweep_in_a_table_was_best_is_not_guessed(tmp_path: Path) -> None:
    rows = [
        f"{n},{d},{batch},{1.7 + 400 / n**0.34 + 1500 / d**0.37 + 0.02 * abs(np.log2(batch / 64)):.6f}"
        for n in (1e7, 4e7, 1.6e8)
        for d in (2e8, 1e9, 5e9)
        for batch in (64, 128, 256)
    ]
    (tmp_path / "sweep.csv").write_text("\n".join(["N,D,batch,loss", *rows]))
    (tmp_path / "s.scl").write_text('data table("sweep.csv")  tune batch\nfit chinchilla(bootstrap=20)')
    plan = load(tmp_path / "s.scl")
    steps = [words(step) for step in next_steps(View(analyse(plan, {}, table=study_table(plan, tmp_path))))]
    assert steps[0] == "Values of batch beyond those tried: the least or greatest was best in 9 of 9 cells."
    assert not any("smallest tried" in step or "largest tried" in step for step in steps)


def test_isoflop_profiles_have_their_parabolas_and_minima() -> None:
    view = View(analysed(BUDGETS))
    figure = profile_figure(view, view.pages[0])
    assert figure is not None
    ((axes,),) = figure.rows
    assert [s.label.split(":")[0] for s in axes.series] == ["C = 300 GFLOP", "C = 1 TFLOP", "C = 3 TFLOP"]
    for series in axes.series:
        assert len(series.lines) == 1
        minima = [dots for dots in series.dots if dots.marker == "D"]
        assert bool(minima) == (":" not in series.label)
        for dots in minima:
            assert dots.y[0] <= np.min(series.lines[0].y) + 1e-9


def test_a_budget_without_a_minimum_says_why() -> None:
    view = View(analysed(BUDGETS.replace("{8, 12, 16, 24, 32, 48, 64, 96}", "{96, 128, 160, 192}")))
    figure = profile_figure(view, view.pages[0])
    assert figure is not None
    assert any("add smaller models" in s.label for s in figure.rows[0][0].series)


def test_the_forest_has_a_row_for_every_exponent_and_greys_those_left_open(whole: Analysis) -> None:
    part = forest(View(whole))
    assert part is not None
    (figure,) = part.sections[0].figures
    in_n, in_d = figure.rows[0]
    assert len(in_n.y_ticks) == 1 + 5
    assert len(in_d.y_ticks) == 1 + 4
    assert sum(len(dots.x) for s in in_n.series for dots in s.dots) == len(in_n.y_ticks)
    told = [f for f in whole.fits if f.request.name == "power(N)" and f.fit and not f.fit.unidentified]
    first = told[0]
    assert first.fit is not None
    loose = replace(first, fit=replace(first.fit, unidentified=("alpha",)))
    part = forest(View(replace(whole, fits=tuple(loose if f is first else f for f in whole.fits))))
    assert part is not None
    before, after = (
        sum(len(dots.x) for s in axes.series if s.tone is None for dots in s.dots)
        for axes in (in_n, part.sections[0].figures[0].rows[0][0])
    )
    assert after == before + 1
    assert part.gist.endswith(" left open")


def test_bands_of_optimal_sizes_are_drawn_for_both_or_for_neither() -> None:
    base = small.analysis()
    found = base.optima[0].optimum
    assert found is not None
    tall = replace(found.curves["N"], low=found.curves["N"].value / 1e9, high=found.curves["N"].value * 1e9)
    optima = (replace(base.optima[0], optimum=replace(found, curves={**found.curves, "N": tall})),)
    view = View(replace(base, optima=optima))
    figure = compute_figure(view, view.pages[0], "compute")
    assert figure is not None
    for axes in figure.rows[0][1:]:
        assert axes.series[0].label == "cells"
        assert all(line.low is None for s in axes.series for line in s.lines)
