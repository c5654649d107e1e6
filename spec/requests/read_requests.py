"""`fit` and `optimum` read: laws in the study's own quantities, and ways to compute-optimal sizes."""

from __future__ import annotations

from ..diagnostics.collect import Fault, Report
from ..errors import Diagnostic, Label
from ..resolve.lets import Lets
from ..syntax import ast
from .fit_items import fits_of
from .optimum_items import optima_of
from .request_types import Asked, AskedOptimum, Requests


def read_requests(
    fits: tuple[ast.Item, ...], optima: tuple[ast.Item, ...], lets: Lets, known: frozenset[str], report: Report
) -> Requests:
    """Every fit and optimum of a study. `known` are its axes, parameters and columns."""
    out = Requests()
    for item in fits:
        try:
            for asked in fits_of(item, lets, known):
                _add(out, asked, report)
        except Fault as fault:
            report(fault.diagnostic)
    for item in optima:
        try:
            for found in optima_of(item, lets, known, out):
                before = out.optima.setdefault(found.request.name, found)
                if before is not found:
                    _twice("optimum", found, before, report)
        except Fault as fault:
            report(fault.diagnostic)
    return out


def _add(out: Requests, asked: Asked, report: Report) -> None:
    before = out.fits.setdefault(asked.request.name, asked)
    if before is not asked:
        helps = ("name one of them with a `let`, and fit that",) if before.request != asked.request else ()
        _twice("fit", asked, before, report, helps)


def _twice(
    what: str, again: Asked | AskedOptimum, before: Asked | AskedOptimum, report: Report, helps: tuple[str, ...] = ()
) -> None:
    message = f"the {what} `{again.request.name}` is asked for twice"
    report(Diagnostic("SCL410", message, again.span, labels=(Label(before.span, "first here"),), helps=helps))
