"""Short ways to a checked study."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from scalingdsl.spec import Checked, StudyPlan, check
from scalingdsl.spec.plan.panel_axes import cell_axis_names
from scalingdsl.spec.plan.run_grid import Run

DATA = "data walk(er(n=512, p=.02))\n"
STUDY = DATA + "models width in [32..256]\n"
ONE_LINE = "data walk(er(n=512,p=.02)); models width in [32..512]; fit chinchilla"
#: A text long enough to be divided and trained on: 900 lines of which no two say the same.
PROSE = "".join(
    f"On day {i} the walker counted {i * i} stones, and {7919 * i % 997} of them were grey.\n" for i in range(900)
)
STUDIES = Path(__file__).parent / "studies"


def checked(text: str, folder: Path | None = None, **options: Any) -> Checked:
    """A study given as text, as if it lay in a folder."""
    return check((folder or Path()) / "study.scl", text=text, name="study.scl", **options)


def plan_of(text: str, folder: Path | None = None, **options: Any) -> StudyPlan:
    """The plan of a study that is valid."""
    result = checked(text, folder, **options)
    assert result.plan is not None, shown(result)
    return result.plan


def shown(result: Checked) -> list[str]:
    """Findings as `line:column code message`, warnings marked."""
    lines = []
    for d in result.diagnostics:
        place = result.sources[d.span.file].position(d.span.start)
        mark = "~" if d.severity == "warning" else ""
        lines.append(f"{place.line}:{place.column} {mark}{d.code} {d.message}")
    return lines


def messages(text: str, folder: Path | None = None, **options: Any) -> list[str]:
    """What is said about a study."""
    return shown(checked(text, folder, **options))


def n_cells(plan: StudyPlan, runs: list[Run]) -> int:
    """Cells of a study: points of the axes that are neither tuned nor averaged, each mark of a path its own."""
    wanted = cell_axis_names(plan)
    return len(
        {(tuple((k, v) for k, v in run.point if k in wanted), mark) for run in runs for mark in (run.marks or (None,))}
    )
