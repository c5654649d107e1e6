"""A fit of a table and its optima: the keys that programs read, and the lines that people do."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict
from typing import TYPE_CHECKING, Any

from ..formatting import magnitude

if TYPE_CHECKING:
    from ..fits import Fit, FitWarning, Interval, Optimum
    from ..fits.selection.validation import Split
    from ..fits.tables.fit_table import TableFit


def fit_payload(found: TableFit) -> dict[str, Any]:
    """The documented keys; numbers that are not finite are null."""
    from ..fits.formula import formula, python_formula

    fit, optimum = found.fit, found.optimum
    keys: dict[str, Any] = {
        "law": fit.law,
        "chosen": bool(found.chosen),
        "formula": formula(fit),
        "python": python_formula(fit),
        "params": fit.params,
        "objective": fit.objective,
        "delta": fit.delta,
        "n": fit.n,
        "n_clusters": fit.n_clusters,
        "status": fit.status,
        "value": fit.value,
        "intervals": fit.intervals,
        "profile": found.profile,
        "unidentified": fit.unidentified,
        "told": {name: told.words for name, told in fit.told.items()},
        "fixed": fit.fixed,
        "rmse": fit.rmse,
        "rmse_log": fit.rmse_log,
        "mse": fit.mse,
        "starts": fit.starts,
        "starts_agreeing": fit.starts_agreeing,
        "bootstrap": fit.bootstrap,
        "draws": len(next(iter(fit.draws.values()), ())),
        "warnings": [asdict(w) for w in fit.warnings],
        "columns": found.source,
        "rows": found.n_rows,
        "holdout": found.largest_out.held_out if found.largest_out else None,
        "holdout_n": found.largest_out.n_held_out if found.largest_out else 0,
        "forms": [
            {"law": r.law, "holdout": r.held_out, "parameters": r.n_parameters, "excluded": r.excluded or None}
            for r in found.forms
        ],
        "rivals": found.rivals,
        "rollout": [
            {
                "n": s.fit.n,
                "params": s.fit.params,
                "status": s.fit.status,
                "holdout": s.held_out,
                "holdout_n": s.n_held_out,
            }
            for s in found.rollout
        ],
        "optima": {method: _optimum(o) for method, o in found.optima.items()},
        "predictions": [
            {"at": p.at, "loss": p.loss, "law_interval": p.law, "run_interval": p.run, "decades_beyond": p.beyond}
            for p in found.predicted
        ],
    }
    if optimum is not None:
        keys |= {"optimum": optimum.params, "optimum_intervals": optimum.intervals}
    return {name: _plain(value) for name, value in keys.items()}


def _optimum(found: Optimum | str) -> dict[str, Any]:
    """One method's answer, or why it has none."""
    if isinstance(found, str):
        return {"refused": found}
    return {
        "params": found.params,
        "intervals": found.intervals,
        "unidentified": found.unidentified,
        "status": found.status,
        "flat": found.flat,
        "warnings": [asdict(w) for w in found.warnings],
    }


def _plain(value: Any) -> Any:
    """A value as JSON has it: sequences as lists, and null for a number that is not finite."""
    match value:
        case float():
            return float(value) if math.isfinite(value) else None
        case dict():
            return {name: _plain(each) for name, each in value.items()}
        case list() | tuple():
            return [_plain(each) for each in value]
    return value


def fit_text(found: TableFit) -> str:
    """The fit in a few aligned lines."""
    from ..fits.formula import formula

    fit = found.fit
    threshold = f" (delta {fit.delta:.4g})" if fit.delta is not None else ""
    cells = f"{fit.n} points" + (f" in {fit.n_clusters} clusters" if fit.n_clusters != fit.n else "")
    lines = [f"{fit.law}: {fit.status}, {cells}, {fit.objective}{threshold} = {fit.value:.6g}, summed"]
    lines += [f"  {line}" for line in _rows(fit, found.profile)]
    if (written := formula(fit)) is not None:
        lines.append(f"  loss = {written}")
    agreement = f"{fit.starts_agreeing} of {fit.starts} starts agree"
    lines.append(f"  rmse {fit.rmse:.4g} nats, {fit.rmse_log:.4g} of log loss; {agreement}")
    if found.largest_out is not None:
        held = found.largest_out
        which = "largest, that is" if held.n_held_out == 1 else f"{held.n_held_out} largest, they are"
        lines.append(f"  without the {which} predicted within {held.held_out:.4g} of log loss")
    if found.forms:
        errors = ", ".join(f"{r.law} {r.held_out:.3g}" for r in found.forms if not r.excluded)
        lines.append(f"forms by their error on larger points than fitted, log loss: {errors or found.forms[0].law}")
        lines += [f"  not {r.law} ({r.held_out:.3g}), which {r.excluded}" for r in found.forms if r.excluded]
        lines.append(_choice(found))
    lines += _rollout(found.rollout)
    lines += _optima(found)
    for p in found.predicted:
        at = ", ".join(f"{name} = {magnitude(value)}" for name, value in p.at.items())
        law, run = (f"[{i.low:.5g}, {i.high:.5g}]" for i in (p.law, p.run))
        lines.append(f"predicted at {at}: {p.loss:.5g}, the law {law}, a run {run}")
    lines += [f"warning {told}" for told in _told(fit.warnings)]
    if fit.warnings:
        lines.append(f"`scalingdsl explain {fit.warnings[0].code}` says what a warning means and what would settle it")
    if found.chosen:
        lines.append(f"no law was named: {found.chosen} is the usual one for these columns; --law names another")
    lines.append("columns: " + ", ".join(f"{name} = {column}" for name, column in found.source.items()))
    return "\n".join(lines)


def _rollout(steps: Sequence[Split]) -> list[str]:
    """One line a step: what the law was, and how far off the next size it ended."""
    lines = []
    for step in steps:
        law = ", ".join(f"{name} {value:.4g}" for name, value in step.fit.params.items())
        lines.append(f"  {step.fit.n:>5} points: {law}; the next {step.n_held_out} within {step.held_out:.3g}")
    return ["fitted to ever larger points:", *lines] if lines else []


def _optima(found: TableFit) -> list[str]:
    """Exponents by every method, side by side, with what is doubtful about each."""
    if not found.optima:
        return []
    lines = ["compute-optimal, C = 6ND: N ~ C^a, D ~ C^b, L - E ~ C^-gamma"]
    said = set(found.fit.warnings)
    refused: dict[str, list[str]] = {}
    for method, optimum in found.optima.items():
        if isinstance(optimum, str):
            refused.setdefault(optimum, []).append(method)
            continue
        shown = [_with_interval(name, optimum) for name in ("a", "b", "gamma") if name in optimum.params]
        lines.append(f"  {method:<14} {'  '.join(shown)}")
        if optimum.flat is not None and math.isfinite(optimum.flat.low):
            flops = float(optimum.curves["N"].flops[-1])
            lines.append(
                f"    at C = {flops:.3g}, N from {magnitude(optimum.flat.low)} to {magnitude(optimum.flat.high)} "
                "loses 0.1 % at most"
            )
        lines += [f"    {told}" for told in _told([w for w in optimum.warnings if w not in said])]
        said |= set(optimum.warnings)
    for why, methods in refused.items():
        reason, _, parts = why.rstrip(")").partition(" (")
        lines.append(f"  {', '.join(methods):<14} none: {reason}")
        lines += [f"    {part}" for part in parts.split("; ") if part]
    return lines


def _told(warnings: Sequence[FitWarning]) -> Iterator[str]:
    """A line a code: what it is about, and what was seen, the first time where it was seen more often."""
    from ..codes.fit_codes import CODES

    by_code: dict[str, list[str]] = {}
    for warning in warnings:
        by_code.setdefault(warning.code, []).append(warning.message)
    for code, messages in by_code.items():
        more = f" (and {len(messages) - 1} more of these)" if len(messages) > 1 else ""
        yield f"{code}, {CODES[code].title}: {messages[0]}{more}"


def _with_interval(name: str, optimum: Optimum) -> str:
    return f"{name} {optimum.params[name]:.4g} {beside(optimum, name, 4)}".rstrip()


def _rows(fit: Fit, profile: Mapping[str, Interval]) -> list[str]:
    rows = []
    for name, value in fit.params.items():
        told = "fixed" if name in fit.fixed else beside(fit, name, 5)
        if name in profile:
            told += f"  profile [{profile[name].low:.5g}, {profile[name].high:.5g}]"
        rows.append(f"{name:<6} {value:>12.6g}  {told}".rstrip())
    return rows


def _choice(found: TableFit) -> str:
    """How far the choice of a form is in the intervals."""
    own = f"  intervals of parameters take {found.fit.law} for granted"
    if len(found.rivals) > 1:
        others = ", ".join(law for law in found.rivals if law != found.fit.law)
        return f"{own}; those of predictions are of the draws of {others} too, hardly told from it by these points"
    return f"{own}, and so do those of predictions: no other form errs as little" if found.predicted else own


def beside(found: Fit | Optimum, name: str, digits: int) -> str:
    """A parameter's interval, its one end, or that the data do not tell it; nothing where there are no draws."""
    from ..fits.core.fit_result import NOT_IDENTIFIED, Fit

    if name in found.unidentified:
        return NOT_IDENTIFIED
    one_end = found.told.get(name) if isinstance(found, Fit) else None
    if one_end is not None and one_end.status in ("above", "below"):
        return one_end.words
    low, high = found.intervals.get(name, (math.nan, math.nan))
    return f"[{low:.{digits}g}, {high:.{digits}g}]" if math.isfinite(low) else ""
