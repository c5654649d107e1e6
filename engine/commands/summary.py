"""`scalingdsl summary`: what studies are and cost, and which mean something else than before, as Markdown."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click
from scalingdsl.spec.errors import UsageError
from scalingdsl.spec.plan.study_plan import StudyPlan

from ..console.options import envelope, json_option, machine_option, max_runs_option, roots_option
from ..console.say import say
from ..console.study_paths import StudyFile, study_files
from ..formatting import MISSING, counted, duration, prefixed, span
from .diff import outline
from .why import differences

if TYPE_CHECKING:
    from scalingdsl.spec import Checked
    from scalingdsl.spec.plan.run_grid import Run

    from ..planning.machines import Machine

#: Differences of a study in words that are shown.
_SHOWN = 12


@dataclass(frozen=True)
class Change:
    """The difference between a study and what it was: in words, in runs, and field by field."""

    #: `new`, `removed`, `mended` (it was not valid), `meaning`, `text` (the same meaning), `none`.
    kind: str
    runs_new: int = 0
    runs_kept: int = 0
    runs_dropped: int = 0
    fields: tuple[dict[str, Any], ...] = ()

    def words(self) -> str:
        """In a few words, for a cell of a table."""
        if self.kind != "meaning":
            said = {"mended": "was not valid", "text": "means the same, written otherwise", "none": "unchanged"}
            return said.get(self.kind, self.kind)
        if not self.runs_new and not self.runs_dropped:
            return "**changed**: the same runs, other fits, claims or reports"
        new = counted(self.runs_new, "new run")
        return f"**changed**: {new}, {self.runs_kept:,} kept, {self.runs_dropped:,} dropped"


@dataclass(frozen=True)
class Row:
    """One study."""

    file: str
    title: str = ""
    #: Digest of the plan; None where the study is not valid, or is gone.
    plan: str | None = None
    errors: int = 0
    runs: int = 0
    #: Least and largest parameters and tokens of its runs.
    N: tuple[float, float] | None = None
    D: tuple[float, float] | None = None
    flops: float = 0.0
    #: Seconds predicted; None where the machine was never measured.
    seconds: float | None = None
    change: Change | None = field(default=None)


@click.command(
    epilog="""\b
Examples:
  scalingdsl summary studies
  scalingdsl summary studies --since origin/main --machine h100

\b
Exit status: 0; 1 a study is not valid; 2 a file, or the revision, cannot be read."""
)
@click.argument("files", metavar="[FILE...]", nargs=-1)
@click.option("--since", metavar="REVISION", help="Say what changed since this revision of git.")
@machine_option
@max_runs_option
@roots_option
@json_option
@click.pass_context
def command(
    ctx: click.Context,
    files: tuple[str, ...],
    since: str | None,
    machine: Machine | None,
    max_runs: int,
    roots: tuple[Path, ...],
    as_json: bool,
) -> None:
    """Say of all studies in the FILEs (or this folder) what they are and cost, in Markdown, for a review or a CI job.

    Times are those of this machine where it was measured (`plan` measures it), or of the one that is named.
    """
    from scalingdsl.spec import check

    files = files or (".",)
    checked = {
        study: check(study.path, name=study.name, text=study.text, max_runs=max_runs, roots=roots)
        for study in study_files(files)
    }
    rows = [row_of(study, found, machine) for study, found in checked.items()]
    if since is not None:
        rows = changed(rows, checked, files, since, max_runs, roots)
    if as_json:
        click.echo(envelope("summary", since=since, studies=[asdict(row) for row in rows]))
    else:
        say(markdown(rows, since))
    ctx.exit(1 if any(row.errors for row in rows) else 0)


def row_of(study: StudyFile, checked: Checked, machine: Machine | None) -> Row:
    """A study as it is now."""
    plan = checked.plan
    if plan is None:
        return Row(study.name, errors=sum(d.severity == "error" for d in checked.diagnostics))
    runs = tuple(plan.runs())
    return Row(
        file=study.name,
        title=plan.title,
        plan=plan.digest,
        runs=len(runs),
        N=_ends([run.n_total for run in runs if run.n_total]),
        D=_ends([run.n_tokens for run in runs if run.n_tokens]),
        flops=sum(run.flops for run in runs),
        seconds=seconds(runs, machine),
    )


def _ends(values: Sequence[float]) -> tuple[float, float] | None:
    return (min(values), max(values)) if values else None


def seconds(runs: Sequence[Run], machine: Machine | None) -> float | None:
    """Predicted for all runs, on a machine that is named or on this one where its speed is known; else None."""
    if not runs or any(run.elsewhere or (machine is not None and run.by_solver) for run in runs):
        return None
    if machine is not None:
        from ..planning.machines import estimate

        return estimate(runs, machine).wall_seconds
    from ..hardware.devices import default_workers, device_named
    from ..planning.calibration import recall
    from ..planning.costs import cost_at

    device = device_named("auto")
    workers = default_workers(device)
    known = recall(device, workers)
    return None if known is None else cost_at(runs, device, workers, known.rate).wall_seconds


# --- what changed -----------------------------------------------------------------------------------------------------


def changed(
    rows: Sequence[Row],
    checked: dict[StudyFile, Checked],
    files: Sequence[str],
    since: str,
    max_runs: int,
    roots: tuple[Path, ...],
) -> list[Row]:
    """The rows with their changes since a revision, and a row for every study that was there and is gone."""
    from dataclasses import replace

    from scalingdsl.spec import check

    from ..console.git_revision import files_at, repository

    root = repository()
    for place in [study.path for study in checked] + [Path(argument) for argument in files]:
        if not place.resolve().is_relative_to(root):
            raise UsageError(f"{place} is not in the repository of the current folder, {root}")
    found: list[Row] = []
    with files_at(since, root) as before:
        for row, (study, now) in zip(rows, checked.items()):
            old = before / study.path.resolve().relative_to(root)
            if study.is_stdin or not old.is_file():
                found.append(replace(row, change=Change("new")))
                continue
            lend(now.plan, study.path.resolve().parent, old.parent)
            then = check(old, name=study.name, max_runs=max_runs, roots=(root, before, *roots))
            same_text = old.read_bytes() == study.path.read_bytes()
            found.append(replace(row, change=change(then.plan, now.plan, same_text)))
        for name in gone(files, before, root):
            found.append(Row(name, change=Change("removed")))
    return found


def lend(plan: StudyPlan | None, folder: Path, old: Path) -> None:
    """Let an old study read data that the repository does not hold, such as a fetched text, from beside the new one."""
    from ..study.inputs import named_files

    for name in named_files(plan, folder) if plan is not None else ():
        here, there = folder, old
        for part in Path(name).parts:
            here, there = here / part, there / part
            if not there.exists():
                if here.exists():
                    there.symlink_to(here, target_is_directory=here.is_dir())
                break


def gone(files: Sequence[str], before: Path, root: Path) -> list[str]:
    """Studies under `files` that the revision has and the working tree has not."""
    names: dict[str, None] = {}
    for argument in files:
        place = before / Path(argument).resolve().relative_to(root)
        for old in sorted(place.rglob("*.scl")) if place.is_dir() else ():
            inside = old.relative_to(place)
            if not (Path(argument) / inside).exists() and not any(part.startswith(".") for part in inside.parts):
                names[(Path(argument) / inside).as_posix()] = None
    return list(names)


def change(then: StudyPlan | None, now: StudyPlan | None, same_text: bool) -> Change | None:
    """What makes one plan another; None where the new one is not valid."""
    if now is None:
        return None
    if then is None:
        return Change("mended")
    if then.digest == now.digest:
        return Change("none" if same_text else "text")
    old, new = ({run.key for run in plan.runs()} for plan in (then, now))
    fields = tuple(differences(outline(now), outline(then)))
    return Change("meaning", len(new - old), len(new & old), len(old - new), fields)


# --- as Markdown ------------------------------------------------------------------------------------------------------


def markdown(rows: Sequence[Row], since: str | None) -> str:
    """A table of the studies, then what changed in each that means something else now."""
    from ..console.git_revision import short_name

    last = [] if since is None else [f"since `{short_name(since)}`"]
    lines = ["## Studies", ""]
    lines.append(_table_row(["study", "runs", "N", "D", "compute", "time", *last]))
    lines.append(_table_row(["---", "---:", "---:", "---:", "---:", "---:", *("---" for _ in last)]))
    for row in rows:
        title = f"{_escaped(row.title)}<br>" if row.title else ""
        cells = [f"{title}`{row.file}`", *_size(row)]
        if since is not None:
            cells.append(row.change.words() if row.change is not None else MISSING)
        lines.append(_table_row(cells))
    valid = [row for row in rows if row.plan is not None]
    total = sum(row.flops for row in valid)
    lines += [
        "",
        f"{counted(len(valid), 'valid study', 'valid studies')}, {counted(sum(r.runs for r in valid), 'run')}, "
        f"{prefixed(total, 'FLOP')}.",
    ]
    for row in rows:
        if row.change is not None and row.change.fields:
            lines += ["", f"### What changed in `{row.file}`", ""]
            lines += [f"- {_escaped(text)}" for text in _fields(row.change.fields)]
    return "\n".join(lines)


def _size(row: Row) -> list[str]:
    if row.errors:
        return [f"**not valid**, {counted(row.errors, 'error')}", *[MISSING] * 4]
    if row.plan is None:
        return [MISSING] * 5
    if not row.runs:
        return ["a table", *[MISSING] * 4]
    return [
        f"{row.runs:,}",
        span(row.N or ()),
        span(row.D or ()),
        prefixed(row.flops, "FLOP") if row.flops else MISSING,
        duration(row.seconds),
    ]


def _fields(fields: Sequence[dict[str, Any]]) -> list[str]:
    said = [f"{f['field']}: {f['there'] or '(nothing)'} → {f['here'] or '(nothing)'}" for f in fields[:_SHOWN]]
    return said + ([f"... and {len(fields) - _SHOWN} more"] if len(fields) > _SHOWN else [])


def _table_row(cells: Sequence[str]) -> str:
    return f"| {' | '.join(cells)} |"


def _escaped(text: str) -> str:
    """Text that Markdown shows as it is, in a table too."""
    return re.sub(r"([\\|*_`<\[])", r"\\\1", text)
