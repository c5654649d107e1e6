"""What a results folder holds and what was found in it, as tables by name: runs, cells, fits, curves, positions."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import numpy as np

from ..findings.fits_file import FitsFile, FoundFit
from ..findings.store_findings import JSON, read_findings
from ..store.results_folder import Store
from ..store.sealed_json import DamagedError
from .reporting import report_store, tables

if TYPE_CHECKING:
    from ..analysis.analysis_result import Columns


def exported(store: Store, name: str) -> Columns:
    """One of TABLES by its name."""
    return TABLES[name](store)


def _fits(store: Store) -> Columns:
    """A row a parameter of every law in every panel, as the last report found them; it is made if there is none."""
    rows = [row for fit in _found(store).fits for row in _parameters(fit)]
    names = list(rows[0]) if rows else ["fit"]
    return {name: _column([row[name] for row in rows]) for name in names}


def _found(store: Store) -> FitsFile:
    """What the last report found; it is written again where there is none, or it is damaged."""
    if (store.report / JSON).exists():
        try:
            return read_findings(store.report)[0]
        except DamagedError as error:
            store.set_aside(store.report / JSON, str(error), "the report is written again")
    report_store(store)
    return read_findings(store.report)[0]


def _parameters(fit: FoundFit) -> list[dict[str, Any]]:
    """The parameters of one fit; one row without a parameter where there are none."""
    about = {
        "fit": fit.name,
        "law": fit.law,
        "loss": fit.loss,
        "panel": ", ".join(f"{axis} = {value}" for axis, value in fit.panel.items()),
        "fit_status": fit.status,
        "reason": fit.reason,
        "n_cells": fit.n_cells,
        "n_clusters": fit.n_clusters,
        "rmse_log": fit.rmse_log,
        "mse": fit.mse,
        "misfit": None if fit.misfit is None else fit.misfit.ratio,
        "misfit_p": None if fit.misfit is None else fit.misfit.p,
        "entropy_rate": fit.entropy_rate,
        "formula": fit.formula,
        "codes": " ".join(dict.fromkeys(w.code for w in fit.warnings)),
    }
    found: list[dict[str, Any]] = [
        {
            "parameter": p.name,
            "value": p.value,
            "low": p.interval[0] if p.interval else None,
            "high": p.interval[1] if p.interval else None,
            "status": p.status,
        }
        for p in fit.parameters
    ]
    none: dict[str, Any] = {"parameter": "", "value": None, "low": None, "high": None, "status": ""}
    return [{**about, **parameter} for parameter in found or [none]]


def _curves(store: Store) -> Columns:
    """A row a mean of the training loss: of which run, of which of its branches, up to which step."""
    plan = store.plan()
    curves = store.curves(store.records(run.key for run in plan.runs()))
    rows: dict[str, list[Any]] = {name: [] for name in ("key", "branch", "begins", "step", "tokens", "loss")}
    for key, own in curves.items():
        for branch, curve in enumerate(own):
            for step, loss in zip(curve.steps, curve.losses):
                values = (key, branch, curve.begins, step, step * curve.step_tokens, loss)
                for name, value in zip(rows, values):
                    rows[name].append(value)
    return {name: _column(values) for name, values in rows.items()}


def _positions(store: Store) -> Columns:
    """A row a run, evaluation and mean over neighbouring positions in sequences, of which `first` is the first."""
    rows: dict[str, list[Any]] = {name: [] for name in ("key", "step", "first", "position")}
    rows |= {name: [] for name in ("loss", "loss_error", "excess", "excess_error")}
    for key, record in store.records(run.key for run in store.plan().runs()).items():
        for one in record.by_position:
            none = [None] * len(one.ends)
            rows["key"] += [key] * len(one.ends)
            rows["step"] += [one.step] * len(one.ends)
            rows["first"] += [end + 1 for end in (0, *one.ends[:-1])]
            rows["position"] += one.ends
            for name in ("loss", "loss_error", "excess", "excess_error"):
                rows[name] += getattr(one, name) or none
    return {name: _column(values) for name, values in rows.items()}


def _column(values: list[Any]) -> np.ndarray:
    """Numbers as float64 with NaN where one is missing, anything else as text."""
    if any(isinstance(value, str) for value in values):
        return np.array([str(value) for value in values], dtype=np.str_)
    return np.array([np.nan if value is None else float(value) for value in values], dtype=np.float64)


#: Every table, in the order in which they are written.
TABLES: dict[str, Callable[[Store], Columns]] = {
    "runs": lambda store: tables(store)["runs"],
    "cells": lambda store: tables(store)["cells"],
    "fits": _fits,
    "curves": _curves,
    "positions": _positions,
}
