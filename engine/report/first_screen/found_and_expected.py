"""The one table of what was found beside what was expected: the law's numbers first, then the study's other claims."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from scalingdsl.spec.requests.request_types import method_of

from ...analysis.analysis_result import PanelVerdict, Relation, Side, Verdict
from ...fits.core.fit_result import NOT_IDENTIFIED, Fit, Optimum
from ...formatting import MISSING, finite, significant
from ..report_model import Cell, Code, Strong, Table, without_empty
from ..rounding import measured
from ..sections.best_law import best_law
from ..sections.fit_standing import left_open, misses
from ..sections.headline import agreement, entropy_rate, exponents_in, rate_with_error
from ..sections.law_tables import interval, missing_optimum
from ..sections.verdicts import TONES, worst
from ..study_view import Page, View

#: Rows beyond which claims are left to their own part, and pages beyond which the law's numbers are.
MOST_ROWS, MOST_TOLD = 11, 3
HEADS = ("what", "found", "95 %", "expected", "verdict")


@dataclass(frozen=True)
class Found:
    """The table, and the number of claims that it has no room for."""

    table: Table | None
    left_out: int


def found_and_expected(view: View) -> Found:
    """Rows of the law's own numbers, those that are claimed with their claim's verdict, then of the other claims."""
    known = {written: v for v in view.analysis.verdicts if (written := _claimed(v)) is not None}
    rows: list[tuple[Cell, ...]] = []
    pages = view.pages if len(view.pages) <= MOST_TOLD else ()
    met: set[str] = set()
    for page in pages:
        for row, names in _numbers(view, page, known):
            rows.append(row)
            met |= names
    others = [list(_of_claim(view, v)) for written, v in _named(view.analysis.verdicts) if written not in met]
    left_out = 0
    for claim in others:
        if len(rows) + len(claim) <= MOST_ROWS:
            rows += claim
        else:
            left_out += 1
    table = Table(HEADS, tuple(rows), (False, True, True, False, False)) if rows else None
    return Found(without_empty(table, "95 %") if table else None, left_out)


def _named(verdicts: Sequence[Verdict]) -> Iterator[tuple[str | None, Verdict]]:
    yield from ((_claimed(v), v) for v in verdicts)


def _claimed(verdict: Verdict) -> str | None:
    """The quantity that a claim of one relation, judged in one panel, is on, as it is written: `E(chinchilla)`."""
    if len(verdict.panels) != 1 or verdict.skipped or len(verdict.panels[0].relations) != 1:
        return None
    return verdict.panels[0].relations[0].left.text or None


# --- the law's own numbers --------------------------------------------------------------------------------------------


def _numbers(view: View, page: Page, known: dict[str, Verdict]) -> Iterator[tuple[tuple[Cell, ...], set[str]]]:
    """A row a number of the page's best law and optimum, with the claims (as quantities) that it answers."""
    law = best_law(view, page)
    if law is not None:
        panel_fit, fit = law
        own = {"E": "floor E"} | {n: f"exponent in {letter}" for n, letter in exponents_in(panel_fit.request).items()}
        for name, word in own.items():
            if name in fit.params and name not in fit.fixed:
                written = f"{name}({panel_fit.request.name})"
                claim = known.get(written) if not page.title else None
                what: Cell = (f"{word}{page.at}", Code(written)) if claim is not None else f"{word}{page.at}"
                rate = entropy_rate(view, panel_fit) if name == "E" and panel_fit.request.loss == "loss" else None
                expected: tuple[Cell, Cell] = (MISSING, _not_asked(fit, name))
                if claim is not None:
                    expected = _expected(claim.panels[0], claim, unsettled=left_open(fit, name), missed=misses(fit))
                elif rate is not None:
                    said = f"{rate_with_error(view, panel_fit, rate)}, the entropy rate"
                    expected = (said, agreement(fit, rate))
                yield (what, *_value(fit, name), *expected), {written} if claim is not None else set()
    for entry in view.analysis.optima:
        found = entry.optimum
        if found is None or missing_optimum(entry) is not None or view.page_of(entry.panel) != page.panel:
            continue
        share = next((p for p in method_of(entry.request).params if p.kind == "share" and p.name in found.params), None)
        if share is not None:
            written = f"{share.name}({entry.request.name})"
            claim = known.get(written) if not page.title else None
            expected = (MISSING, _not_asked(found, share.name))
            if claim is not None:
                expected = _expected(claim.panels[0], claim, unsettled=left_open(found, share.name))
            meant = f"{share.meaning}{page.at}"
            yield (
                ((meant, Code(written)) if claim is not None else meant, *_value(found, share.name), *expected),
                {written} if claim is not None else set(),
            )
            return


def _value(found: Fit | Optimum, name: str) -> tuple[str, str]:
    value, band = interval(found, name)
    return value, MISSING if band == NOT_IDENTIFIED else band


def _not_asked(found: Fit | Optimum, name: str) -> Cell:
    if said := left_open(found, name):
        return Strong(said, "open")
    return "not asked, law misses" if isinstance(found, Fit) and misses(found) else "not asked"


# --- claims -----------------------------------------------------------------------------------------------------------


def _of_claim(view: View, verdict: Verdict) -> Iterator[tuple[Cell, ...]]:
    """A row a relation of the claim, in the panel that decided; the verdict beside the first."""
    panel = worst(verdict)
    if panel is None or not panel.relations:
        reason = panel.detail if panel is not None else next(iter(verdict.skipped), "no fit to judge it by")
        yield (Code(verdict.claim), reason, MISSING, MISSING, _verdict(verdict, panel))
        return
    where = ""
    if len(verdict.panels) > 1:
        where = f"at {view.setting(panel.panel)}, the worst of {len(verdict.panels)}"
    for place, relation in enumerate(panel.relations):
        what: Cell = (Code(relation.left.text), where) if where else Code(relation.left.text)
        said = _verdict(verdict, panel) if not place else "with the above"
        yield (what, *_side(relation.left), _against(relation), said)


def _side(side: Side) -> tuple[str, str]:
    if side.value is None:
        return side.text, MISSING
    return measured(side.value, *(side.interval or (None, None)))


def _against(relation: Relation) -> Cell:
    """`within 1% of entropy_rate (2.361)`, `> 3*mean(mse(power(N))) (0.0001)`, `in [0.5..2]`."""
    right = relation.right
    if right is None:
        return relation.words
    if right.value is None:
        return f"{relation.words} {right.text}"
    number, _ = _side(right)
    if "e" in number:  # beside no interval, whose power of ten it would share
        number = significant(right.value, 2)
    return (relation.words, Code(right.text), f"({number})") if right.text else f"{relation.words} {number}"


def _expected(panel: PanelVerdict, verdict: Verdict, *, unsettled: str, missed: bool = False) -> tuple[Cell, Cell]:
    told = _verdict(verdict, panel, unsettled=unsettled)
    return _against(panel.relations[0]), (told, "though the law misses") if missed else told


def _verdict(verdict: Verdict, panel: PanelVerdict | None, *, unsettled: str = "") -> Strong:
    """The verdict; with the share of draws where it is open, and that the data leave the quantity open."""
    said: str = verdict.status
    if verdict.status == "undecided" and panel is not None and finite(panel.share):
        said += f", {100 * panel.share:.0f} %"
    if unsettled and verdict.status != "held":
        said += f"; {unsettled}"
    if verdict.stated_after_results:
        said += " (stated after results)"
    return Strong(said, TONES[verdict.status])
