"""`report contexts`: entropy of the next token given the last k, against k."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
from scalingdsl.spec.vocabulary.words.report_blocks import Contexts

from ...formatting import MISSING, finite, significant
from ..report_model import Axes, Cell, Dots, Figure, Line, Section, Series, table_of_numbers
from ..sections.source_facts import NO_FACTS, SourceFacts, sources
from ..study_view import View
from . import file_name, implements

TITLE = "Entropy against context length"
#: An estimate whose own bias is above this share of it is drawn hollow.
BIASED = 0.05


@implements(Contexts)
def contexts(view: View) -> Section:
    """Estimates from counting, hollow where contexts are too rare to be counted; the entropy rate where it is known."""
    found = sources(view)
    if not found:
        return Section(TITLE, note=NO_FACTS)
    series = [part for i, facts in enumerate(found) for part in _series(facts, i)]
    caption = (
        "Entropy of the next token given the last k, counted in a sample (plug-in, with the first-order correction for "
        f"finite counts); hollow where that correction is above {BIASED:.0%} of the estimate: most contexts are then "
        "seen too rarely. Dotted: the entropy rate, where it is known."
    )
    axes = Axes(
        "tokens of context k", "entropy (nats a token)", tuple(series), x_log=False, y_log=False, x_counts=False,
        legend_at="beside",
    )  # fmt: skip
    most = max(len(facts.contexts) for facts in found)
    heads = ("source", *(f"k = {k}" for k in range(most)), "entropy rate")
    rows = tuple(_row(facts, most) for facts in found)
    table = table_of_numbers(heads, rows)
    return Section(TITLE, (table,), (Figure(file_name(Contexts), TITLE, caption, ((axes,),)),))


def _biased(facts: SourceFacts) -> np.ndarray:
    return np.asarray(np.abs(facts.context_bias) > BIASED * np.abs(facts.contexts))


def _series(facts: SourceFacts, tone: int) -> Iterator[Series]:
    k = np.arange(len(facts.contexts), dtype=np.float64)
    rough = _biased(facts)
    dots = tuple(
        Dots(k[m], facts.contexts[m], hollow=hollow) for hollow in (False, True) if np.any(m := rough == hollow)
    )
    lines = [Line(k, facts.contexts)]
    if finite(facts.entropy_rate):
        lines.append(Line(k[[0, -1]], np.full(2, facts.entropy_rate), style="dotted"))
    yield Series(facts.label, tone, dots, tuple(lines))


def _row(facts: SourceFacts, most: int) -> tuple[Cell, ...]:
    rough = _biased(facts)
    values = [f"{significant(h, 4)}{' (rough)' if r else ''}" for h, r in zip(facts.contexts, rough)]
    return (facts.label, *values, *(MISSING for _ in range(most - len(values))), significant(facts.entropy_rate, 5))
