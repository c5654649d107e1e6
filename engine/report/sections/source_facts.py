"""Facts of the sources a study draws from, stored beside its results, as the report reads them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, fields
from typing import Any

import numpy as np

from ...analysis.analysis_result import Panel
from ...fits.core.fit_result import Array
from ...formatting import MISSING, integer, significant
from ..report_model import Cell, Section, Table
from ..rounding import with_error
from ..study_view import Rows, View

#: Origins of an entropy rate, as facts say it and as readers are told.
KNOWN = {
    "law": "exactly, from the source's own law",
    "contexts": "mean of its law's entropy over the evaluation contexts",
    "": "not known of a text",
}
#: The note of a block that needs facts where there are none.
NO_FACTS = (
    "These results hold no statistics of their sources; `scalingdsl run` of the same study into the same folder adds "
    "them, and trains nothing that is done."
)


@dataclass(frozen=True)
class Curve:
    """Two arrays of shape (point,), and whether they come from the source's law or from counting a sample."""

    x: Array
    y: Array
    exact: bool


@dataclass(frozen=True)
class SourceFacts:
    """One source."""

    #: The part that tells it from the study's other sources: `kappa = 1`, or its word where it is the only one.
    label: str
    #: Values of the study's axes that go with it.
    point: Panel
    word: str
    vocab: int
    #: Nats a token; its standard error is 0 where it is exact. None where it is not known.
    entropy_rate: float | None
    standard_error: float | None
    known: str
    #: States of the chain it walks on, and its transitions; None where it walks on none.
    states: int | None
    transitions: int | None
    #: Tokens of the sample that was counted.
    tokens: int
    #: Probability against rank, of tokens and of next tokens given the present one.
    unigram: Curve
    bigram: Curve
    #: Pairs of tokens seen so often, against how often.
    counts: Curve
    #: Entropy of the next token given the last k, nats, and the bias of that estimate to first order; shape (k,).
    contexts: Array
    context_bias: Array

    @property
    def free_parameters(self) -> int | None:
        """Probabilities that counting has to learn: each state's next ones, less one as they sum to 1."""
        return None if self.transitions is None or self.states is None else self.transitions - self.states

    def fits(self, panel: Panel) -> bool:
        """True where this source goes with a panel: no axis that both name differs."""
        own = dict(self.point)
        return all(own.get(axis, value) == value for axis, value in panel)


def sources(view: View) -> tuple[SourceFacts, ...]:
    """Every source whose statistics were stored, in the order of the study."""
    return tuple(_read(entry) for entry in view.analysis.facts.sources)


def _read(entry: Mapping[str, Any]) -> SourceFacts:
    known = {field.name: entry[field.name] for field in fields(SourceFacts)}
    for name in ("unigram", "bigram", "counts"):
        x, y = (np.asarray(entry[name][axis], float) for axis in "xy")
        known[name] = Curve(x, y, bool(entry[name]["exact"]))
    for name in ("contexts", "context_bias"):
        known[name] = np.asarray(entry[name], float)
    known["point"] = tuple((str(axis), value) for axis, value in entry["point"])
    return SourceFacts(**known)


def source_of(view: View, panel: Panel) -> SourceFacts | None:
    """The one source of a panel; None where there are several or none."""
    found = [facts for facts in sources(view) if facts.fits(panel)]
    return found[0] if len(found) == 1 else None


def least_loss(view: View, facts: SourceFacts) -> str:
    """The least loss of the cells of a source with its standard error, in words; empty where none has a loss.

    A model's cross-entropy is never below the entropy rate, so this bounds from above what is not known of a text.
    """
    axes = [(axis, value) for axis, value in facts.point if axis in view.analysis.cells.columns]
    own = np.array([all(view.value(a, row) == v for a, v in axes) for row in range(view.analysis.cells.n)], dtype=bool)
    loss, error = view.cell("loss"), view.cell("standard_error")
    rows: Rows = np.flatnonzero(own & np.isfinite(loss))
    if not len(rows):
        return ""
    best = int(rows[np.argmin(loss[rows])])
    value, sigma = with_error(loss[best], error[best])
    return value if sigma == MISSING else f"{value} ± {sigma}"


def source_table(view: View) -> Section | None:
    """Each source with its entropy rate, or the best that is known of it, and the standard error of that."""
    found = sources(view)
    if not found:
        return None
    rows: list[tuple[Cell, ...]] = []
    for facts in found:
        rate, error = MISSING, MISSING
        if facts.entropy_rate is not None and facts.standard_error:
            rate, error = with_error(facts.entropy_rate, facts.standard_error)
        elif facts.entropy_rate is not None:
            rate, error = significant(facts.entropy_rate, 5), "exact"
        known = KNOWN[facts.known]
        if facts.entropy_rate is None and (bound := least_loss(view, facts)):
            known += f"; at most {bound}, the least loss of its best cell"
        rows.append((facts.label, integer(facts.vocab), rate, error, known))
    heads = ("source", "token ids", "entropy rate (nats a token)", "standard error", "how it is known")
    return Section("Sources", (Table(heads, tuple(rows), (False, True, True, True, False)),))
