"""From an analysis to the report: one frozen value in which every number is rounded and every choice is made."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from ..analysis.analysis_result import Analysis
from ..formatting import counted
from .blocks import blocks
from .first_screen import first_screen
from .report_model import FirstScreen, Part, Report, Section
from .sections.cell_table import cells, runs
from .sections.cost_and_provenance import how_it_was_made
from .sections.form_comparison import comparison
from .sections.headline import floor
from .sections.law_tables import laws
from .sections.source_facts import source_table
from .sections.verdicts import claims
from .sections.warning_list import warnings
from .standard_figures.compute_optimal import optimal_sizes
from .standard_figures.exponent_forest import forest
from .standard_figures.residuals import residuals
from .standard_figures.scaling_curves import scaling
from .standard_figures.source_curves import losses_by_position, source_curves
from .standard_figures.tuning import tuning
from .study_view import View


def report(
    analysis: Analysis, provenance: Mapping[str, str], *, with_runs: bool = False, data: Sequence[str] = ()
) -> Report:
    """The report of an analysis.

    Args:
        analysis: What the study found.
        provenance: Versions, machine, numerics mode, seeds, command: name -> value.
        with_runs: Whether to list every run.
        data: Names of files beside the report that hold its data.
    """
    view = View(analysis)
    first = first_screen(view, provenance)
    found = _parts(view, first, provenance, with_runs=with_runs)
    return Report(
        title=analysis.plan.title or "A scaling study",
        first=first,
        parts=tuple(part for part in found if part is not None),
        data=tuple(data),
    )


def _parts(view: View, first: FirstScreen, provenance: Mapping[str, str], *, with_runs: bool) -> Iterator[Part | None]:
    """Everything below the first screen, in the order in which readers ask for it."""
    yield warnings(view)
    yield claims(view)
    yield scaling(view, first.figure)
    yield forest(view)
    yield optimal_sizes(view)
    yield source_curves(view)
    yield losses_by_position(view)
    for section in blocks(view, view.analysis.plan.report):
        yield Part(section.title, (Section("", section.tables, section.figures, section.formula, section.note),))
    yield laws(view)
    yield comparison(view)
    yield residuals(view)
    yield _sources(view)
    yield tuning(view)
    yield cells(view)
    yield how_it_was_made(view, provenance)
    if with_runs:
        yield runs(view)
    yield Part("How to read this", (Section("", note=_reading(view)),))


def _sources(view: View) -> Part | None:
    """What is known of the sources, and each law's floor held against it."""
    found = tuple(section for section in (source_table(view), floor(view)) if section is not None)
    return (
        Part("Sources and their entropy rates", found, gist=counted(len(found[0].tables[0].rows), "row"))
        if found
        else None
    )


def _reading(view: View) -> str:
    if view.of_points:
        return (
            "N counts degrees of freedom, of a network its parameters, and D the points known. A loss is a mean "
            "squared error, 1 for knowing nothing. A cell is one setting of size or points: seeds are averaged, tuned "
            "values are the best found, which is biased low by noise. Numbers in brackets are 95 % intervals."
        )
    return (
        "N counts parameters, D training tokens, and C = 6ND the compute in FLOPs. Losses are in nats a token. A cell "
        "is one setting of size and tokens: seeds are averaged, tuned values are the best found, which is biased low "
        "by noise. Numbers in brackets are 95 % intervals; a number is unidentified where the data leave it open, so "
        "that its interval ends at a bound of what is looked for or spans all of it."
    )
