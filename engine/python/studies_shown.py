"""A study as Python and notebooks have it: planned, run, reported; short to look at."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, fields
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ..findings.in_words import laws
from ..formatting import counted, duration, magnitude, span
from ..study.planned_study import PlannedStudy
from ..study.run_study import StudyOutcome
from .fits_shown import FittedLaw
from .frames import frame
from .markdown import cell, shown, table

if TYPE_CHECKING:
    from ..analysis.analysis_result import Analysis

#: Values of an axis that are shown; lines about laws, and characters of one.
VALUES, LAWS, LONGEST = 6, 8, 200


@dataclass(frozen=True, repr=False)
class PlannedHere(PlannedStudy):
    """A study planned, which shows itself."""

    @classmethod
    def of(cls, found: PlannedStudy) -> PlannedHere:
        """The same value."""
        return cls(**{field.name: getattr(found, field.name) for field in fields(found)})

    def _facts(self) -> list[str]:
        flops = sum(run.flops for run in self.runs)
        facts = [
            f"{counted(len(self.runs), 'run')}, {len(self.runs) - len(self.missing)} done",
            f"N {span([run.n_total for run in self.runs if run.n_total])}",
            f"D {span([run.n_tokens for run in self.runs if run.n_tokens])}",
            f"{magnitude(flops)} FLOPs",
        ]
        known = self.cost.wall_seconds is not None
        time = f"{duration(self.cost.wall_seconds)} predicted" if known else "time unknown"
        return [*facts, time] if self.missing else facts

    def __repr__(self) -> str:
        return f"<plan {self.plan.digest}: {', '.join(self._facts())}>"

    def _repr_markdown_(self) -> str:
        plan = self.plan
        axes = [
            (f"`{axis.name}`", axis.role, str(len(axis.points)), ", ".join(_values(axis.points)))
            for axis in plan.axes[:10]
        ]
        asked = [f"- fit `{cell(request.name)}`" for request in plan.fits]
        asked += [f"- expect `{cell(claim.test)}`" for claim in plan.claims]
        return shown(
            f"**{cell(plan.title or 'Study')}**, plan `{plan.digest}`",
            ", ".join(self._facts()),
            "\n".join(table(("axis", "role", "values", ""), axes)) if axes else "",
            "\n\n".join(f"warning: {cell(warning)}" for warning in self.warnings[:3]),
            rows=asked,
        )

    def to_frame(self) -> Any:
        """A pandas DataFrame, a row a run: its key, the values of the axes, N, D and C (6ND).

        Raises:
            UsageError: pandas is not installed.
        """
        rows = [
            {"run": run.key, **dict(run.point), "N": run.n_total, "D": run.n_tokens, "C": run.flops_6nd, "done": done}
            for run, done in ((run, run not in self._keys) for run in self.runs)
        ]
        names = dict.fromkeys(name for row in rows for name in row)
        return frame({name: [row.get(name) for row in rows] for name in names})

    @property
    def _keys(self) -> frozenset[Any]:
        return frozenset(self.missing)


def _values(points: Sequence[Sequence[Any]]) -> list[str]:
    from ..formatting import axis_value

    texts = [" & ".join(axis_value(value) for value in point) for point in points]
    return texts if len(texts) <= VALUES else [*texts[: VALUES - 2], "...", texts[-1]]


class Analysed:
    """What a value with an `analysis` can be asked."""

    analysis: Analysis | None

    @property
    def fits(self) -> dict[str, FittedLaw]:
        """Every fit that was made, by its name and panel: `power(N), D = 100k`."""
        made = self.analysis.fits if self.analysis is not None else ()
        found = {}
        for one in made:
            if one.fit is not None:
                panel = ", ".join(
                    f"{name} = {value:.6g}" if isinstance(value, float) else f"{name} = {value}"
                    for name, value in one.panel
                )
                found[", ".join(part for part in (one.request.name, panel) if part)] = FittedLaw(one.fit)
        return found

    def to_frame(self, of: str = "cells") -> Any:
        """A pandas DataFrame of the cells (means over seeds, best of what is tuned), or `of="runs"`.

        Raises:
            UsageError: pandas is not installed, or the run was interrupted and nothing was analysed.
        """
        from scalingdsl.spec.errors import UsageError

        if self.analysis is None or of not in ("cells", "runs"):
            raise UsageError("there are cells and runs of a study that was analysed; this one was interrupted")
        return frame(self.analysis.cells.columns if of == "cells" else self.analysis.runs.columns)

    def _verdicts(self) -> list[str]:
        verdicts = self.analysis.verdicts if self.analysis is not None else ()
        rows = [(f"**{v.status}**", f"`{cell(v.claim)}`", v.panels[0].detail if v.panels else "") for v in verdicts]
        return table(("", "claim", ""), rows) if rows else []

    def _laws(self) -> str:
        """The laws in numbers, as `run` says them, a few of them."""
        said = list(laws(self.analysis)) if self.analysis is not None else []
        rows = [f"  - `{line.strip()}`" if line.startswith(" ") else f"- {cell(line)}" for line in said]
        return "\n".join([row for row in rows if len(row) < LONGEST][:LAWS])


@dataclass(frozen=True, repr=False)
class Outcome(Analysed, StudyOutcome):
    """The outcome of a study that was run, which shows itself."""

    @classmethod
    def of(cls, found: StudyOutcome) -> Outcome:
        """The same value."""
        return cls(**{field.name: getattr(found, field.name) for field in fields(found)})

    def _facts(self) -> str:
        time = f" in {duration(self.seconds)}" if self.seconds is not None else ""
        missing = self.n_runs - len(self.records)
        runs = f"{counted(self.n_runs, 'run')}, {self.n_trained} trained now{time}"
        return f"{runs}, {missing} missing" if missing else runs

    def __repr__(self) -> str:
        verdicts = [v.status for v in self.analysis.verdicts] if self.analysis is not None else []
        judged = ", ".join(f"{verdicts.count(status)} {status}" for status in dict.fromkeys(verdicts))
        return f"<study {self.folder}: {self._facts()}{f'; {judged}' if judged else ''}>"

    def _repr_markdown_(self) -> str:
        ended = "" if self.analysis is not None else "interrupted: the same call goes on from here"
        where = f"report: `{self.report}`" if self.report is not None else ""
        head = f"**{cell(self.plan.title or self.folder.name)}**: {self._facts()}"
        warned = "\n\n".join(f"warning: {cell(warning)}" for warning in self.warnings[:3])
        return shown(head, ended, self._laws(), warned, rows=self._verdicts(), after=where)


@dataclass(frozen=True, repr=False)
class StudyReport(Analysed):
    """A report that was written, which shows its verdicts and where it is."""

    analysis: Analysis
    path: Path
    #: The same as a page.
    page: Path
    #: Whether every run of the plan is over.
    complete: bool

    def __repr__(self) -> str:
        return f"<report {self.path}>"

    def _repr_markdown_(self) -> str:
        head = f"**{cell(self.analysis.plan.title or 'Report')}**"
        missing = "" if self.complete else "some runs of the plan have no result"
        return shown(head, missing, self._laws(), rows=self._verdicts(), after=f"report: `{self.path}`")
