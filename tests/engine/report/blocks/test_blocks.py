"""What each block shows, from analyses whose law is known, and what it says where there is nothing to show."""

from __future__ import annotations

import re
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from scalingdsl.engine.analysis.analysis_result import Analysis, RunTable, StoredFacts
from scalingdsl.engine.analysis.claims.claim_operands import Quantities
from scalingdsl.engine.formatting import significant
from scalingdsl.engine.report import write_report
from scalingdsl.engine.report.assemble import report
from scalingdsl.engine.report.blocks import _BUILDERS, block_words, blocks
from scalingdsl.engine.report.blocks.ccdf import NOTHING, Ranked
from scalingdsl.engine.report.blocks.counting import baseline
from scalingdsl.engine.report.blocks.exponents import UNTOLD
from scalingdsl.engine.report.blocks.seed_minimum import reduced
from scalingdsl.engine.report.blocks.splits import splits
from scalingdsl.engine.report.figures import draw
from scalingdsl.engine.report.report_model import Code, Section, Table
from scalingdsl.engine.report.sections.headline import floor
from scalingdsl.engine.report.sections.sliced_laws import power_slices
from scalingdsl.engine.report.sections.source_facts import source_table as sources_section
from scalingdsl.engine.report.study_view import View
from scalingdsl.engine.report.to_markdown import to_markdown
from scalingdsl.engine.store.record import Curve
from scalingdsl.spec import load
from scalingdsl.spec.claims.plan_references import claim_references
from scalingdsl.spec.plan.study_plan import ClaimText
from scalingdsl.spec.vocabulary import REGISTRY
from scalingdsl.spec.vocabulary.words.report_blocks import Figures

from .. import example, points, small


def facts(label: str = "walk", point: tuple[tuple[str, Any], ...] = (), **given: Any) -> dict[str, Any]:
    """Statistics of a small chain, as they are stored."""
    curve = {"x": [1, 2, 10], "y": [0.5, 0.25, 0.01], "exact": True}
    return {
        "word": "walk", "vocab": 512, "length": 32, "digest": "d", "entropy_rate": 2.3884, "standard_error": 0.0,
        "known": "law", "states": 512, "transitions": 5244, "tokens": 100_000, "unigram": curve, "bigram": curve,
        "counts": {"x": [1.0, 2.0], "y": [50.0, 7.0], "exact": False}, "contexts": [6.1, 2.39, 2.2],
        "context_bias": [0.001, 0.01, 0.9], "label": label, "point": point, **given,
    }  # fmt: skip


def with_facts(analysis: Analysis, *found: dict[str, Any]) -> Analysis:
    return replace(analysis, facts=StoredFacts(sources=found))


@pytest.fixture(scope="module")
def whole() -> Analysis:
    """Four sizes by six token counts, which leaves every slice points to spare."""
    tokens = (250_000, 500_000, 1_000_000, 2_000_000, 4_000_000, 8_000_000)
    return with_facts(example.analysis(widths=(16, 32, 48, 64, 96), tokens=tokens, draws=50), facts())


def made(analysis: Analysis, word: str) -> Section:
    (section,) = blocks(View(analysis), (word,))
    return section


def column(table: Table, head: str) -> list[str]:
    at = table.heads.index(head)
    return [str(row[at]) for row in table.rows]


def test_every_block_that_is_declared_is_made() -> None:
    declared = [word for word in REGISTRY.values() if issubclass(word, Figures)]
    assert set(_BUILDERS.all()) == set(declared)
    assert len(declared) == 15


def test_a_study_can_ask_for_every_block() -> None:
    words = ", ".join(sorted(block_words()))
    plan = load("s.scl", text=f"data walk(er(n=64, p=.1)); models transformer(width=8); report markdown, {words}")
    assert plan.report == ("markdown", *sorted(block_words()))


def test_exponents_of_slices_with_their_mean_and_deviation(whole: Analysis) -> None:
    section = made(whole, "slices")
    in_n, in_d = (power_slices(View(whole), View(whole).pages[0], q) for q in ("N", "D"))
    assert (len(in_n), len(in_d)) == (6, 5)
    assert [s.held for s in in_n] == sorted(s.held for s in in_n)
    (table,) = section.tables
    assert float(column(table, "mean")[0]) == pytest.approx(np.mean([s.value for s in in_n]), rel=0.01)
    assert float(column(table, "SD")[1]) == pytest.approx(np.std([s.value for s in in_d], ddof=1), rel=0.06)
    (panels,) = section.figures[0].rows
    mean, points = panels[0].series
    np.testing.assert_array_equal(points.dots[0].y, [s.value for s in in_n])
    assert mean.lines[0].y[0] == pytest.approx(np.mean([s.value for s in in_n]))


def test_exponents_against_each_other_one_point_a_panel() -> None:
    both = example.analysis(widths=(16, 32, 48, 64), kappas=(0.0, 1.0), draws=0)
    section = made(both, "exponents")
    against, along = section.figures[0].rows[0]
    assert [s.label for s in against.series] == ["", "kappa = 0", "kappa = 1"]
    assert against.series[1].dots[0].x_error is not None
    assert along.series[0].dots[0].x.tolist() == [example.RATE - 0.1, example.RATE]
    assert column(section.tables[0], "slices") == ["4", "4"]


def test_the_entropy_beside_exponents_is_that_of_the_cells_they_are_of() -> None:
    """A condition of the fits may leave cells of another source out, as walks of other weights on one graph."""
    both = example.analysis(widths=(16, 32, 48, 64), kappas=(0.0, 1.0), draws=0)
    even = tuple(replace(f, panel=f.panel[1:]) for f in both.fits if ("kappa", 0.0) in f.panel)
    section = made(replace(both, fits=even, cells=replace(both.cells, axes=("width", "tokens"))), "exponents")
    assert column(section.tables[0], "entropy rate or least E") == [significant(example.RATE, 4)]


def test_an_offset_at_its_bound_is_no_measure_of_a_source() -> None:
    both = example.analysis(widths=(16, 32, 48, 64), kappas=(0.0, 1.0), draws=0)
    columns = {**both.cells.columns, "entropy_rate": np.full(both.cells.n, np.nan)}
    fits = tuple(
        replace(f, fit=replace(f.fit, params={**f.fit.params, "E": 0.0})) if f.fit and ("kappa", 0.0) in f.panel else f
        for f in both.fits
    )
    section = made(replace(both, fits=fits, cells=replace(both.cells, columns=columns)), "exponents")
    assert [x == "–" for x in column(section.tables[0], "entropy rate or least E")] == [True, False]
    assert len(section.figures[0].rows[0]) == 1  # one panel alone says nothing along the entropy


def test_exponents_that_no_slice_tells_from_both_sides_are_not_drawn() -> None:
    both = example.analysis(widths=(16, 32, 48, 64), kappas=(0.0, 1.0), draws=0)
    fits = []
    for panel in both.fits:
        assert panel.fit is not None
        open_ended = {name: replace(told, status="above") for name, told in panel.fit.told.items()}
        fits.append(replace(panel, fit=replace(panel.fit, told=open_ended)))
    untold = replace(both, fits=tuple(fits))
    section = made(untold, "exponents")
    assert section.figures == ()
    assert section.note == UNTOLD
    for axes in (axes for row in made(untold, "slices").figures[0].rows for axes in row):
        assert axes.series[0].lines == ()


def test_shares_at_least_so_large_are_ranks_over_their_number(whole: Analysis) -> None:
    ranks = np.arange(1, 101)
    kept = {"x": ranks.tolist(), "y": (400.0 * ranks**-2.0).tolist(), "error": [0.0] * 100}
    stored = ({"point": [("kappa", 1.0)], "curves": {"cluster": kept}}, {"point": [], "curves": {"eigenvalue": kept}})
    section = made(replace(whole, facts=StoredFacts(source_curves=stored)), "ccdf")
    ((spectrum, clusters),) = section.figures[0].rows
    (series,) = clusters.series
    assert series.label == "kappa = 1"
    # Sizes that fall as rank^-2 have Pr(S >= s) ~ s^-1/2.
    np.testing.assert_allclose(series.dots[0].y, 0.2 * series.dots[0].x ** -0.5)
    assert spectrum.x_label == "eigenvalue"
    assert column(section.tables[0], "number") == ["100", "100"]
    assert column(section.tables[0], "middle") == ["0.160", "0.160"]
    assert draw(section.figures[0])["svg"]
    assert made(whole, "ccdf").note == NOTHING


def test_shares_count_all_of_a_size_where_sizes_are_equal() -> None:
    ranked = Ranked("clusters", (), "", np.arange(1.0, 6.0), np.array([9.0, 4.0, 4.0, 1.0, 1.0]))
    np.testing.assert_array_equal(ranked.share, [0.2, 0.6, 0.6, 1.0, 1.0])


def test_controls_come_from_the_study_or_are_fitted(whole: Analysis) -> None:
    section = made(whole, "controls")
    assert column(section.tables[0], "along") == ["N", "D"]
    for ratio in column(section.tables[0], "median ratio"):
        assert 0 < float(ratio) < 1
    (axes,) = section.figures[0].rows[0]
    assert axes.level == (1.0, "")
    assert [len(s.dots[0].y) for s in axes.series] == [6, 5]


def test_without_an_offset_exponents_are_smaller_and_errors_larger(whole: Analysis) -> None:
    (table,) = made(whole, "offsets").tables
    assert len(table.rows) == 11
    assert all(float(x) < 1 for x in column(table, "ratio"))
    assert all(float(x) > 1 for x in column(table, "ratio of mse"))


@pytest.mark.slow
def test_splits_compare_laws_networks_kernels_and_slices(whole: Analysis) -> None:
    section = splits(View(whole), n_splits=4)
    (table,) = section.tables
    names = [row[1].text for row in table.rows]
    assert names == ["chinchilla", "network", "kernel", "power(N) in slices", "power(D) in slices"]
    inside, outside = ([float(x) for x in column(table, head)] for head in ("mse fitted", "mse left out"))
    assert len(inside) == 5
    assert outside[0] < 1.5 * min(outside)  # the cells follow this law
    assert "100 %" in column(table, "cells spoken of")[0]
    assert [s.label for s in section.figures[0].rows[0][0].series] == ["fitted", "left out"]


def test_splits_of_a_few_cells_are_not_made() -> None:
    assert "fewer than 10 cells" in made(small.analysis(), "splits").note


@pytest.mark.slow
def test_splits_divide_the_cells_that_claims_are_judged_on(tmp_path: Path) -> None:
    """Under the law's `where` and the slices' `group`: the report does not contradict its own claims."""
    found = points.analysis(tmp_path)
    (table,) = splits(View(found), always=()).tables
    law, in_slices = table.rows
    plan = found.plan.changed(claims=(ClaimText(test="validation(law) > 0"),))
    (claim,) = claim_references(plan)
    claimed = Quantities(found.cells, (), found.fits, found.optima).answer(claim.tree.first)
    assert law[:2] == ("all cells", Code("law"))
    assert law[3] == significant(float(claimed.value[0]), 3)
    assert float(law[3]) < 0.002  # an outlier lies half a nat off, one of 72 cells: .02 at least
    assert in_slices[1] == Code("power(D) in slices")
    assert float(in_slices[3]) < 0.01
    assert float(in_slices[6].split()[0]) > 50  # the sizes at the ends have too few budgets


def test_laws_of_other_cells_than_those_divided_are_named(tmp_path: Path) -> None:
    text = points.STUDY.replace("fit law,", "fit law, kaplan(bootstrap=0),")
    section = splits(View(points.analysis(tmp_path, text)), n_splits=2, always=())
    assert "those of law; the study fits kaplan(bootstrap=0) to others" in section.note


def test_windows_of_a_closed_form_agree(whole: Analysis) -> None:
    section = made(whole, "windows")
    assert set(column(section.tables[0], "panel")) == {"all cells"}
    (table,) = section.tables
    assert column(table, "window") == ["whole range", "lower half", "upper half", "middle half"]
    assert len(set(column(table, "a"))) == 1
    assert float(column(table, "a")[0]) + float(column(table, "b")[0]) == pytest.approx(1, abs=0.002)
    assert [axes.y_label[:9] for axes in section.figures[0].rows[0]] == ["loss (nat", "optimal N", "optimal D"]


@pytest.mark.slow
def test_windows_of_a_study_without_an_optimum_are_those_of_a_network(whole: Analysis) -> None:
    plan = whole.plan.model_copy(update={"optima": ()})
    (table,) = made(replace(whole, plan=plan, optima=()), "windows").tables
    assert table.rows[0][1].text == "surface(network)"
    assert 0.2 < float(column(table, "a")[0]) < 0.8


def test_best_values_against_size_are_hollow_at_the_edge(whole: Analysis) -> None:
    section = made(whole, "tuned")
    assert section.figures[0].name == "tuned-lr"
    along_n = section.figures[0].rows[0][0]
    hollow = [float(x) for s in along_n.series for d in s.dots if d.hollow for x in d.x]
    assert hollow == [float(example.params(16))]  # the smallest model with the most tokens is best at .1, the largest


def test_one_best_value_everywhere_is_a_sentence_and_no_figure(whole: Analysis) -> None:
    columns = {**whole.cells.columns, "best_lr": np.full(whole.cells.n, 0.03)}
    section = made(replace(whole, cells=replace(whole.cells, columns=columns)), "tuned")
    assert (section.figures, section.note) == ((), f"The best lr is 0.03 in each of {whole.cells.n} cells.")


def test_the_minimum_lies_below_the_mean(whole: Analysis) -> None:
    found = reduced(View(whole))
    np.testing.assert_allclose(found.mean, whole.cells.columns["loss"], rtol=1e-12)
    assert np.all(found.bias > 0)
    section = made(whole, "seed_minimum")
    assert "30 cells" in section.note
    assert column(section.tables[0], "exponent in") == ["N", "D"]


def test_one_seed_has_no_minimum() -> None:
    assert "several seeds" in made(small.analysis(), "seed_minimum").note


def test_counting_learns_transitions_less_states(whole: Analysis) -> None:
    section = made(whole, "counting")
    (row,) = section.tables[0].rows
    assert row[:4] == ("walk", "512", "5,244", "4,732")
    (axes,) = section.figures[0].rows[0]
    line = axes.series[-1].lines[0]
    np.testing.assert_allclose(line.y, 4732 / (2 * line.x))
    # The fact sheet of the method: 49,196 / D for 8,192 nodes and 53,292 edges.
    assert baseline(2 * 53_292 - 8_192, np.array([1.0]))[0] == 49_196


def test_the_data_page_shows_every_source() -> None:
    one = facts("data = walk", (("data", "walk"),))
    other = facts(
        "data = text", (("data", "text"),), word="text", entropy_rate=None, standard_error=None, known="",
        states=None, transitions=None, unigram={"x": [1, 2], "y": [0.4, 0.1], "exact": False},
        bigram={"x": [1, 2], "y": [0.4, 0.1], "exact": False},
    )  # fmt: skip
    analysis = with_facts(small.analysis(), one, other)
    tokens, pairs = made(analysis, "ranks").figures[0].rows[0]
    assert [s.label for s in tokens.series] == [s.label for s in pairs.series] == ["data = walk", "data = text"]
    assert "data = text (100,000 tokens)" in made(analysis, "ranks").figures[0].caption
    assert len(made(analysis, "counts_of_counts").figures[0].rows[0][0].series) == 2
    page = made(analysis, "contexts")
    assert [d.hollow for d in page.figures[0].rows[0][0].series[0].dots] == [False, True]
    assert page.tables[0].rows[0][3] == "2.200 (rough)"
    listed = sources_section(View(analysis))
    assert listed is not None
    assert [row[2:4] for row in listed.tables[0].rows] == [("2.3884", "exact"), ("–", "–")]
    assert listed.tables[0].rows[1][4].startswith("not known of a text")


def test_the_least_loss_bounds_an_entropy_rate_that_is_not_known() -> None:
    base = small.analysis(label="text")
    columns = base.cells.columns
    unknown = {"entropy_rate": None, "standard_error": None, "known": ""}
    own, other = (facts(f"data = {x}", (("data", x),), word="text", **unknown) for x in ("text", "verse"))
    listed = sources_section(View(with_facts(base, own, other)))
    assert listed is not None
    least = f"{columns['loss'].min():.4f}"
    assert listed.tables[0].rows[0][4] == (
        f"not known of a text; at most {least} ± 0.0012, the least loss of its best cell"
    )
    assert listed.tables[0].rows[1][4] == "not known of a text"  # no cell of it has a loss
    bare = replace(base.cells, columns={**columns, "standard_error": np.full(base.cells.n, np.nan)})
    listed = sources_section(View(with_facts(replace(base, cells=bare), own)))
    assert listed is not None
    assert "±" not in str(listed.tables[0].rows[0][4])


def test_ranks_are_logarithmic_where_tokens_fall_as_a_power() -> None:
    """As the paper draws them: Erdos-Renyi on an even scale of ranks, preferential attachment and text on a log one."""
    ranks = np.unique(np.geomspace(1, 8192, 150).round())
    degrees = {
        "er": np.sort(np.random.default_rng(0).binomial(8191, 13 / 8192, 8192))[::-1] + 1.0,
        "ba": 6 * np.sqrt(8192 / np.arange(1, 8193)),
        "text": 1 / (np.arange(1, 8193) + 2.7),
    }
    found = {}
    for name, d in degrees.items():
        curve = {"x": ranks.tolist(), "y": (d[ranks.astype(int) - 1] / d.sum()).tolist(), "exact": True}
        found[name] = facts(name, unigram=curve, bigram={**curve, "x": (13 * ranks).tolist()})
    drawn = {name: made(with_facts(small.analysis(), one), "ranks").figures[0] for name, one in found.items()}
    assert {name: [a.x_log for a in figure.rows[0]] for name, figure in drawn.items()} == {
        "er": [False, False], "ba": [True, True], "text": [True, True]
    }  # fmt: skip
    assert all(axes.y_log for figure in drawn.values() for axes in figure.rows[0])
    assert "straight line is an exponential" in drawn["er"].caption
    assert "straight line is a power law" in drawn["ba"].caption
    both = made(with_facts(small.analysis(), found["er"], found["text"]), "ranks").figures[0]
    assert [axes.x_log for axes in both.rows[0]] == [True, True]
    assert ">100k<" in draw(drawn["er"])["svg"].decode()


def test_a_proxy_is_shown_with_its_standard_error() -> None:
    taught = facts("sample", known="contexts", entropy_rate=3.21234, standard_error=0.0123)
    listed = sources_section(View(with_facts(small.analysis(), taught)))
    assert listed is not None
    assert listed.tables[0].rows[0][2:4] == ("3.212", "0.012")
    found = floor(View(with_facts(small.analysis(), taught)))
    assert found is not None
    assert found.tables[0].rows[0][4] == "2.388 ± 0.012"


def test_a_block_with_nothing_to_draw_says_why() -> None:
    base = replace(small.analysis(), fits=(), optima=())
    for section in blocks(View(base), sorted(block_words())):
        assert section.note or section.figures, section.title
    assert "fit power(N)" in made(base, "slices").note
    assert "hold no statistics" in made(base, "ranks").note


@pytest.mark.slow
def test_figures_of_blocks_are_files_and_go_when_they_are_no_longer_asked_for(tmp_path: Path) -> None:
    base = with_facts(small.analysis(), facts())
    write_report(
        replace(base, plan=base.plan.model_copy(update={"report": ("ranks", "counts_of_counts")})),
        tmp_path,
        provenance={},
    )
    names = {p.name.split(".")[0] for p in (tmp_path / "figures").iterdir()}
    assert {"ranks", "counts-of-counts"} <= names
    assert not re.search(r"\b(nan|None|inf)\b", (tmp_path / "report.md").read_text())
    write_report(replace(base, fits=(), optima=()), tmp_path, provenance={})
    assert {p.name.split(".")[0] for p in (tmp_path / "figures").iterdir()} == {"overview", "scaling", "best-lr"}


def test_a_figure_of_named_places_is_drawn_the_same_twice(whole: Analysis) -> None:
    (figure,) = made(whole, "controls").figures
    assert draw(figure) == draw(figure)
    assert "all cells" in draw(figure)["svg"].decode()


def test_blocks_follow_the_order_asked(whole: Analysis) -> None:
    asked = replace(whole, plan=whole.plan.model_copy(update={"report": ("counting", "slices")}))
    text = to_markdown(report(asked, {}))
    places = [text.index(f"<b>{title}</b>") for title in ("Beside counting", "Exponents slice by slice", "Fitted laws")]
    assert places == sorted(places)


# --- training curves --------------------------------------------------------------------------------------------------


def with_curves(analysis: Analysis) -> Analysis:
    """The same with a curve for every run but the last, which is unfinished, of which a checkpoint tells half."""
    keys = [str(key) for key in analysis.runs.columns["key"]]
    curve = Curve(step_tokens=256, steps=(1, 2, 4, 8), losses=(6.0, 5.0, 4.5, 4.0))
    half = Curve(step_tokens=256, steps=(1, 2), losses=(6.0, 5.0))
    status = analysis.runs.columns["status"].copy()
    status[-1] = "missing"
    runs = RunTable({**analysis.runs.columns, "status": status})
    known = dict.fromkeys(keys[:-1], (curve,)) | {keys[-1]: (half,)}
    return replace(analysis, runs=runs, facts=StoredFacts(curves=known))


def test_curves_of_best_diverged_and_unfinished_runs_are_drawn_by_size(whole: Analysis) -> None:
    analysis = with_curves(whole)
    section = made(analysis, "curves")
    (figure,) = section.figures
    ((axes,),) = figure.rows
    drawn = [line for series in axes.series for line in series.lines]
    early = sum(status != "done" for status in analysis.runs.columns["status"].tolist())
    seeds = 3
    kept = sum(analysis.cells.columns["best_lr"] == analysis.cells.columns["best_lr"]) * seeds
    assert (axes.x_log, axes.y_log) == (True, True)
    assert len([series for series in axes.series if series.label]) == 5
    assert len(drawn) == kept + early
    assert sorted({line.style for line in drawn}) == ["dashed", "dotted", "solid"]
    assert drawn[0].x.tolist() == [256, 512, 1024, 2048]
    (table,) = section.tables
    assert len(table.rows) == min(early, 20)
    assert set(draw(figure)) == {"svg", "png"}


def test_results_without_curves_say_so(whole: Analysis) -> None:
    section = made(whole, "curves")
    assert not section.figures
    assert "no training curves" in section.note
