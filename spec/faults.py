"""A mistake met while values are computed, on its way to becoming a diagnostic."""

from __future__ import annotations

from collections.abc import Callable

from .errors import Diagnostic
from .source import Span

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
