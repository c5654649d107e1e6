"""Runs in the folder that MLflow keeps them in, usually `mlruns`: of each its parameters and metrics, a file each.

    EXPERIMENT/RUN/meta.yaml       run_id: ..., run_name: ..., lifecycle_stage: active
    EXPERIMENT/RUN/params/NAME     a value
    EXPERIMENT/RUN/metrics/NAME    lines `time value step`

A name may hold slashes, and is then a path. Read in plain Python, so that no part of MLflow is needed.

Reference: mlflow/store/tracking/file_store.py.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from ..raw_file import FileError, read_packed, size

#: Bytes of parameters and metrics that a table is read from.
MOST_BYTES = 32_000_000
#: Runs below a folder.
MOST_RUNS = 20_000
#: Files and folders that are looked at for them.
MOST_SEEN = 200_000
META = "meta.yaml"
_ENTRY = re.compile(r"^(run_id|run_name|lifecycle_stage):[ \t]*['\"]?(.*?)['\"]?[ \t]*$", re.MULTILINE)
Found = dict[str, list[Any]]


def run_folders(folder: Path) -> tuple[Path, ...]:
    """The folders of runs at or below a folder, in the order of their paths; links are not followed.

    Raises:
        FileError: There are too many.
    """
    found: list[Path] = []
    waiting, seen = [folder] if folder.is_dir() else [], 0
    while waiting:
        here = waiting.pop()
        if _is_run(here):
            found.append(here)
            if len(found) > MOST_RUNS:
                raise FileError(f": holds more than {MOST_RUNS:,} runs of MLflow; name the folder of one experiment")
            continue
        inside = list(here.iterdir())
        seen += len(inside)
        if seen > MOST_SEEN:
            raise FileError(f": holds more than {MOST_SEEN:,} files; name the folder of the runs alone")
        waiting += [p for p in inside if not p.name.startswith(".") and not p.is_symlink() and p.is_dir()]
    return tuple(sorted(found))


def mlflow_files(folder: Path) -> tuple[Path, ...]:
    """The files that a table of runs is read from, in the order of their paths."""
    return tuple(file for run in run_folders(folder) for file in _files(run))


def read_mlflow(folder: Path, told: list[str]) -> Found:
    """A row a run and step: the run's name, the step, metrics and parameters.

    Of a metric that was logged without steps beside others that have some, the value is how the run ended.

    Raises:
        FileError: There are no runs, or a metric holds something else.
    """
    if sum(file.stat().st_size for file in mlflow_files(folder)) > MOST_BYTES:
        raise FileError(f": its runs hold more than {size(MOST_BYTES)}; name the folder of fewer runs")
    runs = [_read(run) for run in run_folders(folder)]
    gone = [run for run in runs if run.deleted]
    runs = [run for run in runs if not run.deleted]
    if gone:
        were = "1 run that was deleted is" if len(gone) == 1 else f"{len(gone):,} runs that were deleted are"
        told.append(f"{were} left out")
    if not any(run.metrics for run in runs):
        raise FileError(": its runs of MLflow hold no metrics")
    names = [run.name for run in runs]
    rows: list[dict[str, Any]] = []
    for run in runs:
        name = run.name if names.count(run.name) == 1 else run.id
        rows += [{"run": name, "step": step, **run.params, **values} for step, values in run.steps()]
    metrics = dict.fromkeys(name for run in runs for name in run.metrics)
    params = dict.fromkeys(name for run in runs for name in run.params)
    return {name: [row.get(name) for row in rows] for name in ("run", "step", *metrics, *params)}


@dataclass
class _Run:
    """One run."""

    id: str
    name: str
    deleted: bool
    params: dict[str, str] = field(default_factory=dict)
    #: Name -> step -> its last value there.
    metrics: dict[str, dict[int, float]] = field(default_factory=dict)

    def steps(self) -> Iterator[tuple[int, dict[str, float]]]:
        """Steps with the values logged at them."""
        last = max((step for logged in self.metrics.values() for step in logged), default=0)
        at: dict[int, dict[str, float]] = {}
        for name, logged in self.metrics.items():
            for step, value in logged.items():
                at.setdefault(last if set(logged) == {0} else step, {})[name] = value
        yield from sorted(at.items())


def _is_run(folder: Path) -> bool:
    metrics = folder / "metrics"
    logged = metrics.is_dir() and any(metrics.iterdir())
    return logged and (folder / META).is_file() and "run_id" in _meta(folder)


def _meta(folder: Path) -> dict[str, str]:
    text = read_packed(folder / META, 1_000_000).decode("utf-8", "replace")
    return dict(_ENTRY.findall(text))


def _files(run: Path) -> Iterator[Path]:
    yield run / META
    for part in ("params", "metrics"):
        yield from sorted(p for p in (run / part).rglob("*") if p.is_file() and not p.is_symlink())


def _read(folder: Path) -> _Run:
    meta = _meta(folder)
    run = _Run(meta["run_id"], meta.get("run_name") or meta["run_id"], meta.get("lifecycle_stage") == "deleted")
    for file in [] if run.deleted else list(_files(folder))[1:]:
        kind, *parts = file.relative_to(folder).parts
        text = read_packed(file, MOST_BYTES).decode("utf-8", "replace")
        if kind == "params":
            run.params["/".join(parts)] = text.strip()
        else:
            run.metrics["/".join(parts)] = dict(_logged(text, f", {folder.name}/{kind}/{'/'.join(parts)}"))
    return run


def _logged(text: str, place: str) -> Iterator[tuple[int, float]]:
    """The steps and values of a metric, in the order in which they were logged."""
    for number, line in enumerate(text.splitlines(), 1):
        fields = line.split()
        if not fields:
            continue
        try:
            yield int(fields[2]) if len(fields) > 2 else 0, float(fields[1])
        except (ValueError, IndexError):
            raise FileError(f"{place}, line {number}: wanted time, value and step, found {line[:60]!r}") from None
