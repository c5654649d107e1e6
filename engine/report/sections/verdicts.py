"""What became of each claim: panel by panel where it was judged in several, and what could not be judged."""

from __future__ import annotations

import re

from ...analysis.analysis_result import PanelVerdict, Verdict
from ...formatting import MISSING, counted, percent
from ..report_model import Code, Part, Section, Strong, Table, Tone
from ..study_view import View

TONES: dict[str, Tone] = {"held": "good", "failed": "bad", "undecided": "open"}
#: The worst verdict counts, so it is shown.
_ORDER = ("failed", "undecided", "held")


def claims(view: View) -> Part | None:
    """The claims of a study with their verdicts, or None where it makes none."""
    verdicts = view.analysis.verdicts
    if not verdicts:
        return None
    several = [v for v in verdicts if len(v.panels) > 1]
    rows = tuple((Code(v.claim), _verdict(v), percent(_share(v))) for v in verdicts)
    how = HOW + OF_SPREADS * any(re.search(r"\b(spread|max)\(", v.claim) is not None for v in verdicts)
    sections = [Section("", (Table(("claim", "verdict", "share of draws"), rows, (False, False, True)),), note=how)]
    if several:
        sections.append(Section("Panel by panel", (_panels(view, several),)))
    skipped = [_open(v.claim, reason) for v in verdicts for reason in v.skipped]
    if skipped:
        sections.append(Section("Not judged", (Table(("what", "why"), tuple(skipped)),)))
    late = LATE if any(v.stated_after_results for v in verdicts) else ""
    return Part("Claims", tuple(sections), gist=counted(len(verdicts), "claim"), note=late)


HOW = (
    "A comparison is held where at least 97.5 % of the bootstrap draws satisfy it, failed where at most 2.5 % do, and "
    "else undecided: these data cannot tell. A range fails where one of its ends does, so that a wide interval refutes "
    "nothing. Of several panels the worst counts."
)
#: What is said beside that of claims on spreads and largest values.
OF_SPREADS = " Draws of a spread or a largest value lie above it, so that its interval's lower end has to agree."
LATE = (
    "Stated after results: the claim was first seen after the first result of this study had been stored; it is no "
    "prediction."
)


def _share(verdict: Verdict) -> float | None:
    panel = worst(verdict)
    return None if panel is None else panel.share


def _verdict(verdict: Verdict) -> Strong:
    late = " (stated after results)" if verdict.stated_after_results else ""
    return Strong(f"{verdict.status}{late}", TONES[verdict.status])


def worst(verdict: Verdict) -> PanelVerdict | None:
    """The panel that decided: of the worst status, the one with the smallest share of draws."""
    shares = [
        (_ORDER.index(p.status), p.share if p.share is not None else 1.0, i) for i, p in enumerate(verdict.panels)
    ]
    return verdict.panels[min(shares)[2]] if shares else None


def _open(claim: str, reason: str) -> tuple[Code, str]:
    """The claim, and the reason why it or a part of it was not judged, without the claim's own text before it."""
    return Code(claim), reason.removeprefix(f"{claim}: ")


def _panels(view: View, several: list[Verdict]) -> Table:
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
