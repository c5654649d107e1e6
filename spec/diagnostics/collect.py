"""Mistakes on their way to becoming diagnostics: one met while values are computed, and all that one thing has."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any

from ..errors import Diagnostic
from ..source import Span

#: Where checks put what they find.
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
    ) -> None:
        super().__init__(message)
        self.diagnostic = Diagnostic(code, message, span, notes=notes, helps=helps)
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
    """Passes on what is found in one thing, and counts what stops it."""

    def __init__(self, report: Report) -> None:
        self.report = report
        self.errors = 0

    def say(self, code: str, message: str, span: Span, **more: Any) -> None:
        """Find this."""
        self.add(Diagnostic(code, message, span, **more))

    def add(self, found: Diagnostic | None) -> None:
        """Pass on what was found, if anything was."""
        if found is not None:
            self.errors += found.severity == "error"
            self.report(found)

    def fail(self, why: Diagnostic | None) -> None:
        """Stop, even where there is nothing to be said: another finding is the cause."""
        self.errors += why is None
        self.add(why)
