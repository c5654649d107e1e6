"""What a study found, in the few lines that a terminal shows: its laws in numbers, and its claims with theirs."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import numpy as np

from ..analysis.analysis_result import Analysis, PanelFit, Verdict
from ..analysis.panel_fits import panel_name
from ..analysis.preferred_forms import compare_forms
from ..fits.core.fit_result import Fit
from ..fits.formula import formula
from ..formatting import counted

#: Laws of one request that are written out one by one; more are summed up.
WRITTEN = 2
#: Digits of the numbers in a law.
DIGITS = 5
#: Panels of one claim that are shown with their numbers.
SHOWN = 3


def told(analysis: Analysis) -> Iterator[str]:
    """Everything: what is wrong with it all first, laws, claims."""
    yield from (note.message for note in analysis.notes if note.code == "RUN210")
    yield from laws(analysis)
    yield from claims(analysis.verdicts)


def laws(analysis: Analysis) -> Iterator[str]:
    """A line or two for every law that was asked for."""
    for request in dict.fromkeys(f.request for f in analysis.fits):
        own = [f for f in analysis.fits if f.request == request]
        fitted = [(f, f.fit) for f in own if f.fit is not None]
        if not fitted:
            yield f"{request.name}: no law could be fitted: {own[0].reason}"
        elif len(fitted) <= WRITTEN:
            for panel, fit in fitted:
                yield from _one(panel, fit)
        else:
            yield _many(request.name, [fit for _, fit in fitted], len(own))
    for compared in compare_forms(analysis.fits):
        yield f"{compared.first.name} or {compared.second.name}: {compared.sentence}"


def _one(panel: PanelFit, fit: Fit) -> Iterator[str]:
    place = f" at {panel_name(panel.panel)}" if panel.panel else ""
    yield f"{panel.request.name}{place}: {_quality(fit)}"
    if written := formula(fit, DIGITS):
        yield f"  L({', '.join(fit.variables)}) = {written}"
    ends = [f"{name} {_interval(fit, name)}" for name in fit.params if name not in fit.fixed]
    if ends:
        yield f"  {', '.join(ends)}"


def _quality(fit: Fit) -> str:
    missed = fit.misfit
    words = (
        f"{fit.status}, misses by {100 * fit.rmse_log:.2g} % of the loss" if np.isfinite(fit.rmse_log) else fit.status
    )
    if missed is not None:
        words += f", {missed.ratio:.2g} times the noise of replicates"
    if any(warning.code == "FIT128" for warning in fit.warnings):
        words += ": more than noise"
    return words


def _interval(fit: Fit, name: str) -> str:
    told = fit.told.get(name)
    if told is not None and told.status in ("above", "below", "unidentified"):
        return told.words
    low, high = fit.intervals.get(name, (np.nan, np.nan))
    return f"{low:.4g} to {high:.4g}" if np.isfinite(low) and np.isfinite(high) else "without an interval"


def _many(name: str, fits: Sequence[Fit], n: int) -> str:
    """`power(N), 7 panels: alpha 0.31 to 0.42 in 5, 2 unidentified`."""
    parts = []
    for parameter in fits[0].params:
        values = [
            fit.params[parameter]
            for fit in fits
            if parameter in fit.params and parameter not in (*fit.fixed, *fit.unidentified)
        ]
        told = [fit.told[parameter].status for fit in fits if parameter in fit.told]
        open_ends = sum(status in ("above", "below", "unidentified") for status in told)
        if values and parameter not in fits[0].fixed:
            spread = f"{parameter} {min(values):.3g} to {max(values):.3g}"
            parts.append(f"{spread} ({open_ends} of {len(fits)} not told from both sides)" if open_ends else spread)
        elif open_ends:
            parts.append(f"{parameter} unidentified in all")
    missed = sum(any(w.code == "FIT128" for w in fit.warnings) for fit in fits)
    more = f"; {missed} miss by more than the noise of replicates" if missed else ""
    fewer = f" ({n - len(fits)} more could not be fitted)" if n > len(fits) else ""
    return f"{name}, {counted(len(fits), 'panel')}{fewer}: {', '.join(parts)}{more}"


def claims(verdicts: Sequence[Verdict]) -> Iterator[str]:
    """Every claim with its verdict, and below it the numbers on both sides."""
    for verdict in verdicts:
        yield f"{verdict.status:>9}  {verdict.claim}"
        shown = sorted(verdict.panels, key=lambda panel: panel.status != verdict.status)[:SHOWN]
        for panel in shown:
            place = f"{panel_name(panel.panel)}: " if panel.panel else ""
            share = f" ({100 * panel.share:.3g} % of draws)" if panel.share is not None else ""
            yield f"{'':>11}{place}{panel.detail}{share}"
        if len(verdict.panels) > len(shown):
            yield f"{'':>11}and {counted(len(verdict.panels) - len(shown), 'panel')} more"
        for reason in verdict.skipped[:SHOWN]:
            yield f"{'':>11}not judged: {reason}"
