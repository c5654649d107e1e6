"""`report counts_of_counts`: how many pairs of tokens occur once, twice, and so on."""

from __future__ import annotations

from scalingdsl.spec.vocabulary.words.report_blocks import CountsOfCounts

from ..report_model import Axes, Dots, Figure, Section, Series
from ..sections.source_facts import NO_FACTS, sources
from ..study_view import View
from . import file_name, implements

TITLE = "Counts of counts"


@implements(CountsOfCounts)
def counts_of_counts(view: View) -> Section:
    """All sources in one panel."""
    found = sources(view)
    if not found:
        return Section(TITLE, note=NO_FACTS)
    series = tuple(
        Series(facts.label, i, (Dots(facts.counts.x, facts.counts.y, marker="."),)) for i, facts in enumerate(found)
    )
    sizes = ", ".join(f"{facts.label} in {facts.tokens:,} tokens" for facts in found)
    caption = (
        f"Pairs of tokens by how often they occur in a sample ({sizes}); large counts are binned, and the number is "
        "that for one count within a bin. A straight line is a power law."
    )
    axes = Axes("times a pair occurs", "pairs", series, legend_at="beside")
    return Section(TITLE, figures=(Figure(file_name(CountsOfCounts), TITLE, caption, ((axes,),)),))
