"""`report ranks`: probabilities of tokens and of next tokens against their rank."""

from __future__ import annotations

import numpy as np
from scalingdsl.spec.vocabulary.blocks import Ranks

from ..model import Axes, Dots, Figure, Line, Section, Series
from ..sources import NO_FACTS, SourceFacts, sources
from ..view import View
from . import file_name, implements

TITLE = "Tokens and pairs by rank"


@implements(Ranks)
def ranks(view: View) -> Section:
    """Left single tokens, right next tokens given the present one; all sources in one figure."""
    found = sources(view)
    if not found:
        return Section(TITLE, note=NO_FACTS)
    panels = (_axes(found, "unigram", "p(v)", "a token"), _axes(found, "bigram", "p(u | v)", "a pair"))
    caption = (
        "Left the probability of each token v, right that of each token u after v, over all pairs (v, u), each against "
        "its rank. A straight line is a power law; flat steps are equal probabilities."
    )
    counted = [facts for facts in found if not facts.bigram.exact]
    if counted:
        named = ", ".join(f"{facts.label} ({facts.tokens:,} tokens)" for facts in counted)
        caption += f" Counted in a sample for {named}, where the tail bends as pairs are seen once or never."
    return Section(TITLE, figures=(Figure(file_name(Ranks), TITLE, caption, (panels,)),))


def _axes(found: tuple[SourceFacts, ...], which: str, words: str, of: str) -> Axes:
    series = []
    for i, facts in enumerate(found):
        curve = getattr(facts, which)
        if len(curve.x) > 1:
            series.append(Series(facts.label, i, lines=(Line(curve.x, curve.y),)))
        elif len(curve.x):
            series.append(Series(facts.label, i, (Dots(curve.x, curve.y),)))
    flat = all(np.ptp(curve.y) == 0 for facts in found if len((curve := getattr(facts, which)).y))
    return Axes(f"rank of {of}", words, tuple(series), y_log=not flat, legend_at="below")
