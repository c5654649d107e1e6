"""Diagnostics on their way: a `Fault` raised while values are computed, a `Report` that takes them, and their order."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import replace
from typing import Any

from ..errors import Diagnostic, Fix
from ..source import Span

#: Takes the diagnostics of checks, one by one.
Report = Callable[[Diagnostic], None]


class Fault(Exception):  # noqa: N818 - never seen outside this package, and no error until it is reported
    """Raised inside this package only; whoever knows the point of the grid turns it into a report."""

    def __init__(
        self,
        code: str,
        message: str,
        span: Span,
        *,
        notes: tuple[str, ...] = (),
        helps: tuple[str, ...] = (),
        fixes: tuple[Fix, ...] = (),
    ) -> None:
        super().__init__(message)
        self.diagnostic = Diagnostic(code, message, span, notes=notes, helps=helps, fixes=fixes)
        #: What is wrong besides, in the same call.
        self.also: tuple[Diagnostic, ...] = ()
        #: Axes that the value which failed reads: the innermost that is kept.
        self.axes: frozenset[str] = frozenset()


def in_order(diagnostics: Iterable[Diagnostic], first: str = "") -> tuple[Diagnostic, ...]:
    """By file (the study's own `first`), place and code; the very same finding only once."""
    return tuple(
        sorted(
            dict.fromkeys(diagnostics),
            key=lambda d: (d.span.file != first, d.span.file, d.span.start, d.span.end, d.code, d.message),
        )
    )


class Findings:
    """A `Report` that counts what stops the one thing it is about."""

    def __init__(self, report: Report) -> None:
        self._report = report
        self.errors = 0

    def report(self, found: Diagnostic | None) -> None:
        """Pass on a diagnostic, if there is one."""
        if found is not None:
            self.errors += found.severity == "error"
            self._report(found)

    def error(self, code: str, message: str, span: Span, **more: Any) -> None:
        """Report an error."""
        self.report(Diagnostic(code, message, span, **more))

    def fail(self, why: Diagnostic | None) -> None:
        """Stop, even where there is nothing to be said: another finding is the cause."""
        self.errors += why is None
        self.report(why)


#: Findings that are told of one study, errors before warnings, and letters of a message.
MOST_FOUND, LONGEST = 200, 2_000


def bounded(found: Sequence[Diagnostic]) -> tuple[Diagnostic, ...]:
    """The findings as far as anyone reads them: not more than some hundreds, and none longer than a page."""
    kept = tuple(found)
    if len(kept) > MOST_FOUND:
        errors = [d for d in kept if d.severity == "error"][:MOST_FOUND]
        told = {id(d) for d in [*errors, *(d for d in kept if d.severity != "error")][:MOST_FOUND]}
        left, kept = len(kept) - MOST_FOUND, tuple(d for d in kept if id(d) in told)
        kept = (*kept[:-1], replace(kept[-1], notes=(*kept[-1].notes, f"{left:,} more findings are not told")))
    return tuple(_short(d) for d in kept)


def _short(d: Diagnostic) -> Diagnostic:
    texts = (d.message, *d.notes, *d.helps)
    if all(len(text) <= LONGEST for text in texts):
        return d
    return replace(d, message=_cut(d.message), notes=tuple(map(_cut, d.notes)), helps=tuple(map(_cut, d.helps)))


def _cut(text: str) -> str:
    return text if len(text) <= LONGEST else f"{text[: LONGEST // 2]} ... {text[-LONGEST // 8 :]}"
