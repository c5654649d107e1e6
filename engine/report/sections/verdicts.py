"""Claims first: what the study expected, and what became of it."""

from __future__ import annotations

from ...analysis.analysis_result import PanelVerdict, Verdict
from ...formatting import MISSING, percent
from ..report_model import Claims, Code, Strong, Table, Tone
from ..study_view import View

TONES: dict[str, Tone] = {"held": "good", "failed": "bad", "undecided": "open"}
#: The worst verdict counts, so it is shown.
_ORDER = ("failed", "undecided", "held")


def claims(view: View) -> Claims | None:
    """The claims of a study with their verdicts, or None where it makes none."""
    verdicts = view.analysis.verdicts
    if not verdicts:
        return None
    several = [v for v in verdicts if len(v.panels) > 1]
    heads = ("claim", "verdict", "share of draws", "in numbers")
    rows = tuple((Code(v.claim), _verdict(v), *_numbers(view, v)) for v in verdicts)
    return Claims(
        table=Table(heads, rows, (False, False, True, False)),
        panels=_panels(view, several),
        skipped=tuple(_open(v.claim, reason) for v in verdicts for reason in v.skipped),
        late=any(v.stated_after_results for v in verdicts),
    )


def _verdict(verdict: Verdict) -> Strong:
    late = " (stated after results)" if verdict.stated_after_results else ""
    return Strong(f"{verdict.status}{late}", TONES[verdict.status])


def worst(verdict: Verdict) -> PanelVerdict | None:
    """The panel that decided: of the worst status, the one with the smallest share of draws."""
    shares = [
        (_ORDER.index(p.status), p.share if p.share is not None else 1.0, i) for i, p in enumerate(verdict.panels)
    ]
    return verdict.panels[min(shares)[2]] if shares else None


def _open(claim: str, reason: str) -> str:
    """The reason why a claim or a part of it was not judged, behind the claim unless it begins with it."""
    return reason if reason.startswith(claim) else f"{claim}: {reason}"


def _numbers(view: View, verdict: Verdict) -> tuple[str, str]:
    """Share of draws and the two sides, of the panel that decided."""
    panel = worst(verdict)
    if panel is None:
        return MISSING, verdict.skipped[0] if verdict.skipped else "no fit to judge it by"
    detail = panel.detail or MISSING
    if len(verdict.panels) > 1:
        alike = sum(p.status == panel.status for p in verdict.panels)
        detail = f"{panel.status} in {alike} of {len(verdict.panels)} panels; at {view.setting(panel.panel)}: {detail}"
    return percent(panel.share), detail


def _panels(view: View, several: list[Verdict]) -> Table | None:
    if not several:
        return None
    rows = tuple(
        (
            Code(v.claim),
            view.setting_of(p),
            Strong(p.status, TONES[p.status]),
            percent(p.share),
            p.detail or MISSING,
        )
        for v in several
        for p in v.panels
    )
    return Table(
        ("claim", "panel", "verdict", "share of draws", "in numbers"), rows, (False, False, False, True, False)
    )
