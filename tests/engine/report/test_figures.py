"""What figures show, checked on their model; and that drawing gives both files, which hold no date."""

from __future__ import annotations

import re
from dataclasses import replace
from pathlib import Path

import numpy as np
from scalingdsl.engine.analysis.analysis_result import CellTable, PanelFit
from scalingdsl.engine.fits import predict
from scalingdsl.engine.fits.core.fit_result import Told
from scalingdsl.engine.report.assemble import report
from scalingdsl.engine.report.figures import draw
from scalingdsl.engine.report.html_page import inline
from scalingdsl.engine.report.report_model import Axes, Dots, Figure, Line, Series
from scalingdsl.engine.report.standard_figures.compute_optimal import compute_figure
from scalingdsl.engine.report.standard_figures.residuals import residuals
from scalingdsl.engine.report.standard_figures.scaling_curves import scaling as scaling_part
from scalingdsl.engine.report.standard_figures.slice_curves import band
from scalingdsl.engine.report.standard_figures.tuning import tuning
from scalingdsl.engine.report.study_view import View
from scalingdsl.engine.report.to_markdown import to_markdown

from . import example, points, small


def scaling(view: View) -> Figure:
    """The scaling figure of a view's first page."""
    part = scaling_part(view)
    assert part is not None
    return part.sections[0].figures[0]


def test_loss_and_excess_along_n_and_d_one_series_a_slice() -> None:
    figure = scaling(View(example.analysis(widths=(16, 32, 64), draws=20)))
    (loss_n, loss_d), (excess_n, excess_d) = figure.rows
    assert [s.label.split(":")[0] for s in loss_n.series] == ["D = 250k", "D = 500k", "D = 1M", "D = 2M"]
    assert [s.label.split(":")[0] for s in loss_d.series] == ["N = 14.4k", "N = 41.1k", "N = 131k"]
    assert loss_n.level is not None
    assert loss_n.level[0] == example.RATE
    assert excess_n.level is None
    assert [line.style for line in loss_n.series[0].lines] == ["solid", "dotted"]
    for above, below in zip(loss_n.series, excess_n.series):
        np.testing.assert_allclose(above.dots[0].y - example.RATE, below.dots[0].y, rtol=1e-12)
        np.testing.assert_allclose(above.lines[0].y - example.RATE, below.lines[0].y, rtol=1e-9)
    assert excess_d.legend == "parameters N, and the exponent in D"


def test_what_the_first_figure_shows_is_not_drawn_again() -> None:
    """Without an entropy rate it is of N and D too; laws of slices, with their exponents, stand below alone."""
    both = example.analysis(widths=(16, 32, 64, 128), draws=20)
    columns = {name: column for name, column in both.cells.columns.items() if name not in ("excess", "entropy_rate")}
    both = replace(both, cells=CellTable(both.cells.axes, columns))
    joint = replace(both, fits=tuple(f for f in both.fits if len(f.request.variables) == 2))
    assert len(both.fits) > len(joint.fits) > 0
    shown = {name: [f.name for f in report(made, {}).figures] for name, made in (("both", both), ("joint", joint))}
    assert [name for name in shown["both"] if name in ("overview", "scaling")] == ["overview", "scaling"]
    assert [name for name in shown["joint"] if name in ("overview", "scaling")] == ["overview"]


def test_cells_held_out_are_hollow_and_curves_over_them_dashed() -> None:
    base = example.analysis(widths=(16, 32, 64, 128), fits=(example.CHINCHILLA,), draws=20)
    sizes = base.cells.columns["width"]
    inside, outside = np.flatnonzero(sizes < 100), np.flatnonzero(sizes > 100)
    joint = replace(base.fits[0], cells=inside, held_out=outside)
    figure = scaling(View(replace(base, fits=(joint,))))
    first, last = figure.rows[0][0].series[0], figure.rows[0][1].series[-1]
    assert [(len(d.x), d.hollow) for d in first.dots] == [(3, False), (1, True)]
    assert [line.style for line in first.lines] == ["solid", "dashed"]
    assert [d.hollow for d in last.dots] == [True]
    assert [line.style for line in last.lines] == ["dashed"]
    assert "held out" in figure.caption


def test_slices_of_nearly_equal_sizes_are_those_of_their_fits(tmp_path: Path) -> None:
    """Laws of one variable solid, the law in N and D dotted; what was dropped is hollow, and no law zigzags."""
    found = points.analysis(tmp_path, sizes=6)
    figure = scaling(View(found))
    along_n, along_d = figure.rows[0]
    sizes = [int(dict(f.panel)["N"]) for f in found.fits if f.request.law == "power"]
    assert len(along_d.series) == len(sizes) == 6  # and not one a row
    for series, fit in zip(along_d.series, (f for f in found.fits if f.request.law == "power")):
        styles = [line.style for line in series.lines]
        assert styles.count("dotted") == 1
        assert ("solid" in styles) == (fit.fit is not None)
        assert sum(len(d.x) for d in series.dots if d.hollow) == len(fit.held_out)
        for line in series.lines:
            assert np.all(np.diff(line.y) < 0)
    assert sum(len(d.x) for s in along_d.series for d in s.dots if d.hollow) == points.OUTLIERS
    # Along N every D stands alone: one cloud, through which no law of N and D is one curve.
    (cloud,) = along_n.series
    assert cloud.lines == ()
    assert [d.hollow for d in cloud.dots] == [False, True]
    assert "Sizes within 2 % of each other are one curve." in figure.caption
    assert ("dotted", "law") in along_d.styles


def test_a_slice_that_fits_dropped_whole_is_grey(tmp_path: Path) -> None:
    text = points.STUDY.replace("rank(-loss) > 5", "N > 5e7")
    figure = scaling(View(points.analysis(tmp_path, text, sizes=6)))
    *slices, left = figure.rows[0][1].series
    assert len(slices) == 5
    assert (left.label, left.tone, left.lines) == ("", None, ())
    assert [d.hollow for d in left.dots] == [True]
    assert "Grey points lie where no law of one variable was fitted." in figure.caption


def test_a_panel_of_many_slices_has_no_bands(tmp_path: Path) -> None:
    text = points.STUDY.replace("bootstrap=0) where kept\nreport", "bootstrap=20) where kept\nreport")
    figure = scaling(View(points.analysis(tmp_path, text, sizes=14)))
    lines = [line for s in figure.rows[0][1].series for line in s.lines]
    assert len(figure.rows[0][1].series) == 14
    assert all(line.low is None for line in lines)
    assert "more than 12 curves" in figure.caption


def test_the_spread_of_seeds_lies_behind_medians() -> None:
    base = example.analysis(widths=(16, 32, 64), draws=0)
    spread = {"loss_16": base.cells.columns["loss"] * 0.7, "loss_84": base.cells.columns["loss"] * 1.5}
    medians = replace(base, cells=replace(base.cells, columns=base.cells.columns | spread))
    figure = scaling(View(medians))
    assert "from the 16th to the 84th percentile" in figure.caption
    losses, excesses = figure.rows
    for series in (s for axes in losses for s in axes.series):
        (band,), (dots,) = series.bands, series.dots
        np.testing.assert_array_equal(band.x, dots.x)
        np.testing.assert_allclose(band.low, 0.7 * dots.y)
        np.testing.assert_allclose(band.high, 1.5 * dots.y)
    assert not any(s.bands for axes in excesses for s in axes.series)  # of which nothing is known
    assert draw(replace(figure, rows=((losses[0],),)))["png"]
    assert "percentile" not in scaling(View(base)).caption


def test_the_law_of_one_budget_follows_it() -> None:
    """Where compute is swept N falls as D rises: the law in N and D is drawn along the budget."""
    base = example.analysis(widths=(16, 32, 64), tokens=(1_000_000,), fits=(example.CHINCHILLA,), draws=0)
    flops = np.full(base.cells.n, 6e10)
    d = flops / (6 * base.cells.columns["N"])
    columns = {**base.cells.columns, "compute": flops, "C": flops, "D": d, "D_asked": d}
    fit = example.analysis(fits=(example.CHINCHILLA,), draws=0).fits[0]
    cells = replace(base.cells, columns=columns, axes=("width", "compute"))
    swept = replace(base, cells=cells, fits=(replace(fit, cells=np.arange(base.cells.n)),))
    along_n = scaling(View(swept)).rows[0][0]
    (line,) = along_n.series[0].lines
    assert fit.fit is not None
    np.testing.assert_allclose(line.y, predict(fit.fit, {"N": line.x, "D": 1e10 / line.x}), rtol=1e-9)


def test_bands_hold_the_curve_and_come_from_the_draws() -> None:
    fit = example.analysis(widths=(16, 32, 64), fits=(example.CHINCHILLA,)).fits[0].fit
    assert fit is not None
    at = {"N": np.geomspace(1e4, 1e6, 7), "D": np.full(7, 1e6)}
    y, low, high = band(fit, at)
    assert low is not None
    assert high is not None
    assert np.all(low <= y)
    assert np.all(y <= high)
    y, low, high = band(replace(fit, draws={}), at)
    assert low is None
    assert high is None


def test_an_exponent_that_is_left_open_is_marked_in_the_legend() -> None:
    base = small.analysis()
    alone = base.fits[1]
    assert alone.fit is not None
    wide = replace(alone.fit, told={"alpha": Told("unidentified")})
    figure = scaling(View(replace(base, fits=(base.fits[0], replace(alone, fit=wide), *base.fits[2:]))))
    assert figure.rows[-1][0].series[0].label == "D = 250k: unidentified"


def test_one_d_gives_one_panel_and_its_excess_beside_it() -> None:
    figure = scaling(View(example.analysis(tokens=(1_000_000,), fits=(example.POWER_N,), draws=20)))
    assert [len(row) for row in figure.rows] == [2]
    assert figure.rows[0][1].y_label == "excess loss (nats a token)"


def test_one_cell_gives_no_figure() -> None:
    view = View(example.analysis(widths=(16,), tokens=(250_000,), fits=(example.POWER_N,), draws=20))
    assert scaling_part(view) is None
    assert compute_figure(view, view.pages[0], "compute") is None


def test_compute_figure_has_the_exponents_and_leaves_out_what_failed() -> None:
    analysis = small.analysis()
    view = View(analysis)
    figure = compute_figure(view, view.pages[0], "compute")
    assert figure is not None
    loss, n, d = figure.rows[0]
    assert loss.series[0].label == "cells"
    assert loss.series[1].label == "surface(chinchilla)\ngamma = 0.398 (0.380 to 0.420)"
    assert n.series[1].label.endswith("a = 0.531 (0.510 to 0.550)")
    assert d.y_counts
    found = analysis.optima[0].optimum
    assert found is not None
    failed = replace(found, params={"a": np.nan}, status="too few points")
    view = View(replace(analysis, optima=(replace(analysis.optima[0], optimum=failed),)))
    assert compute_figure(view, view.pages[0], "compute") is None


def test_best_rates_are_marked_and_hollow_at_the_edge() -> None:
    part = tuning(View(example.analysis(widths=(16, 32), tokens=(250_000, 500_000), draws=20)))
    assert part is not None
    section = part.sections[0]
    small_model, large_model = section.figures[0].rows[0][1].series
    assert small_model.dots[1].x == [0.1]
    assert small_model.dots[1].hollow
    # .1 diverged for the large model: .03 is the largest with a loss, but not the largest tried.
    assert large_model.dots[1].x == [0.03]
    assert not large_model.dots[1].hollow
    assert section.note.startswith("†")


def test_residuals_are_in_per_cent_of_the_law() -> None:
    base = example.analysis(widths=(16, 32, 64), fits=(example.CHINCHILLA,), draws=20)
    panel_fit: PanelFit = base.fits[0]
    assert panel_fit.fit is not None
    part = residuals(View(base))
    assert part is not None
    (section,) = part.sections
    (along_n, along_d) = section.figures[0].rows[0]
    shown = np.sort(np.concatenate([d.y for s in along_n.series for d in s.dots]))
    loss = base.cells.columns["loss"]
    expected = np.sort(100 * panel_fit.fit.residuals / (loss - panel_fit.fit.residuals))
    np.testing.assert_allclose(shown, expected, atol=1e-9)
    assert along_d.legend == "parameters N"


def test_many_panels_are_drawn_up_to_a_limit_and_this_is_said() -> None:
    view = View(example.analysis(widths=(16, 32), kappas=tuple(float(k) for k in range(14)), fits=(), draws=20))
    said = "Figures are drawn for the first 12 of 14 panels; cells.csv and fits.json hold all of them."
    assert view.undrawn == said
    assert said in to_markdown(report(view.analysis, {}))


def test_drawing_gives_both_files_free_of_dates() -> None:
    x = np.array([1e4, 1e5, 1e6])
    series = Series(
        "D = 1M", 0.3, (Dots(x, x**-0.1, 0.01 * x**-0.1),), (Line(x, x**-0.1, 0.9 * x**-0.1, 1.1 * x**-0.1),)
    )
    axes = Axes("parameters N", "loss (nats a token)", (series, replace(series, label="D = 2M", tone=0.9)), legend="D")
    files = draw(Figure("example", "An example & more", "", ((axes,),)))
    assert files["png"].startswith(b"\x89PNG")
    assert b"matplotlib.org" not in files["png"]
    svg = files["svg"].decode()
    assert "<dc:date>" not in svg
    assert "parameters N" in svg
    page = inline(svg, "An example & more")
    assert page.startswith("<svg")
    assert 'aria-label="An example &amp; more"' in page
    ids = re.findall(r'\bid="([^"]*)"', page)
    assert len(ids) == len(set(ids))
    assert set(re.findall(r"url\(#([^)]*)\)", page)) <= set(ids)
