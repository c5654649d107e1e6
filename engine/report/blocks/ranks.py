"""`report ranks`: probabilities of tokens and of next tokens against their rank.

The paper draws random graphs and text on different scales. Here the probabilities of single tokens choose: ranks are on
a logarithmic scale where that makes them the straighter line, as for text in subwords or a graph of preferential
attachment, and else on an even one, as for Erdos-Renyi graphs of any weights. The pairs follow, since those of a walk
on a graph repeat the degrees.

Reference: figure 3 of arXiv:2601.10684.
"""

from __future__ import annotations

import numpy as np
from scalingdsl.spec.vocabulary.words.report_blocks import Ranks

from ..report_model import Axes, Dots, Figure, Line, Section, Series
from ..sections.source_facts import NO_FACTS, SourceFacts, sources
from ..study_view import View
from . import file_name, implements

TITLE = "Tokens and pairs by rank"


@implements(Ranks)
def ranks(view: View) -> Section:
    """Left single tokens, right next tokens given the present one; all sources in one figure."""
    found = sources(view)
    if not found:
        return Section(TITLE, note=NO_FACTS)
    logarithmic = any(map(falls_as_power, found))
    panels = tuple(
        _axes(found, *words, logarithmic=logarithmic)
        for words in (("unigram", "p(v)", "a token"), ("bigram", "p(u | v)", "a pair"))
    )
    caption = (
        "Left the probability of each token v, right that of each token u after v, over all pairs (v, u), each against "
        f"its rank. A straight line is {'a power law' if logarithmic else 'an exponential'}; flat steps are equal "
        "probabilities."
    )
    counted = [facts for facts in found if not facts.bigram.exact]
    if counted:
        named = ", ".join(f"{facts.label} ({facts.tokens:,} tokens)" for facts in counted)
        caption += f" Counted in a sample for {named}, where the tail bends as pairs are seen once or never."
    return Section(TITLE, figures=(Figure(file_name(Ranks), TITLE, caption, (panels,)),))


def falls_as_power(facts: SourceFacts) -> bool:
    """True where the log probability of tokens is straighter in the logarithm of their rank than in the rank itself."""
    ranks, p = facts.unigram.x, facts.unigram.y
    if len(ranks) < 3 or np.ptp(p) == 0:
        return True
    by_power, by_exponential = (np.corrcoef(x, np.log(p))[0, 1] ** 2 for x in (np.log(ranks), ranks))
    return bool(by_power > by_exponential)


def _axes(found: tuple[SourceFacts, ...], which: str, words: str, of: str, *, logarithmic: bool) -> Axes:
    series = []
    for i, facts in enumerate(found):
        curve = getattr(facts, which)
        if len(curve.x) > 1:
            series.append(Series(facts.label, i, lines=(Line(curve.x, curve.y),)))
        elif len(curve.x):
            series.append(Series(facts.label, i, (Dots(curve.x, curve.y),)))
    flat = all(np.ptp(curve.y) == 0 for facts in found if len((curve := getattr(facts, which)).y))
    return Axes(f"rank of {of}", words, tuple(series), x_log=logarithmic, y_log=not flat, legend_at="below")
