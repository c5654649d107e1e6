"""A fitted table as a study of its own: the rows that were fitted, the study they make, its results folder and report.

The folder is one like any other: `scalingdsl report` and `export` work on it, and `files/fit.scl` is a study to go on
from.
"""

from __future__ import annotations

import csv
from collections.abc import Mapping, Sequence
from pathlib import Path
from tempfile import TemporaryDirectory

import numpy as np
from numpy.typing import NDArray
from scalingdsl.spec import check
from scalingdsl.spec.errors import EngineError, UsageError

from ..analysis.panel_fits import N_DRAWS
from ..fits.core.fit_result import Fit
from ..fits.tables.fit_table import TableFit
from ..store.results_folder import Origin, Store
from .reporting import report_store

STUDY, DATA = "fit.scl", "data.csv"


def check_reportable(overestimate: float) -> None:
    """Refuse options of a fit that the study, which its report is of, cannot state.

    Raises:
        UsageError: There is one.
    """
    if overestimate != 1.0:
        raise UsageError("--out writes the report of a study, and studies have no --overestimate")


def write_study(
    found: TableFit, table: Path, out: Path, *, objective: str | None = None, best_over: Sequence[str] = ()
) -> Path:
    """Write the results folder of a fitted table; the path of its report.

    Args:
        found: The fit.
        table: What it was fitted to.
        out: The folder; made if need be.
        objective: As it was asked for; None where it is the law's own.
        best_over: What was swept; the rows of the study are those of the best settings.

    Raises:
        EngineError: The fit cannot be written as a study.
        StoreError: The folder belongs to another study.
    """
    text = study_text(found.fit, table.name, objective, best_over)
    with TemporaryDirectory() as kept:
        base = Path(kept)
        (base / STUDY).write_text(text, encoding="utf-8")
        with (base / DATA).open("w", encoding="utf-8", newline="") as file:
            rows = columns_of(found.fit)
            writer = csv.writer(file, lineterminator="\n")
            writer.writerow(rows)
            writer.writerows(zip(*(column.tolist() for column in rows.values())))
        checked = check(base / STUDY, at_hand=True)
        if checked.plan is None:
            raise EngineError(f"no study can be made of this fit: {checked.diagnostics[0].message}")
        store = Store(out)
        with store.lock():
            origin = Origin(out.name, str(out.resolve()), checked.plan.title)
            store.adopt(checked.plan, origin, {STUDY: text}, ())
            store.keep_files(base, (STUDY, DATA))
            return report_store(store, checked.plan, ()).path


def study_text(fit: Fit, table: str, objective: str | None, best_over: Sequence[str] = ()) -> str:
    """The study that fits the same law to the same rows."""
    law = fit.law
    if law.replace("_", "").isalnum():
        arguments = ", ".join(_arguments(fit, objective))
        law = f"{law}({arguments})" if arguments else law
    optima = f"\noptimum surface({law}), isoflop, envelope" if {"N", "D"} <= set(fit.variables) else ""
    best = f", the best over {', '.join(best_over)}" if best_over else ""
    title = f"{fit.law} fitted to {table}{best}".replace('"', "'")
    return f'title "{title}"\ndata table("{DATA}"{_named(fit)})\nfit {law}{optima}\n'


def _named(fit: Fit) -> str:
    return "".join(f', {name}="{name}"' for name in columns_of(fit))


def _arguments(fit: Fit, objective: str | None) -> list[str]:
    arguments = list(fit.variables) if len(fit.variables) == 1 else []
    arguments += [f"{name}={_fixed(fit, name)}" for name in fit.fixed]
    if objective is not None:
        arguments.append(f"objective={objective}" + (f"({fit.delta:.12g})" if fit.delta is not None else ""))
    draws = len(next(iter(fit.draws.values()), ())) or N_DRAWS
    return [*arguments, *([f"bootstrap={draws}"] if draws != N_DRAWS else [])]


def _fixed(fit: Fit, name: str) -> str:
    return f"fixed_{name}" if name in _arrays(fit) else f"{fit.params[name]:.12g}"


def _arrays(fit: Fit) -> Mapping[str, NDArray[np.float64]]:
    """Parameters that are fixed at one number a row."""
    names = fit.details.names
    return {names.get(name, name): v for name, v in fit.details.options.fixed.items() if isinstance(v, np.ndarray)}


def columns_of(fit: Fit) -> dict[str, NDArray[np.float64] | NDArray[np.str_]]:
    """The rows that were fitted, by what they are to the law."""
    points = fit.details.points
    columns: dict[str, NDArray[np.float64] | NDArray[np.str_]] = {**points.variables, "loss": points.loss}
    columns |= {f"fixed_{name}": values for name, values in _arrays(fit).items()}
    if points.cluster is not None:
        columns["run"] = np.array([f"run {number}" for number in points.cluster])
    return columns
