"""The outcome of reading one statement, condition or value."""

from __future__ import annotations

from typing import Any, NamedTuple

from ..errors import Diagnostic
from ..source import Span


class Reading(NamedTuple):
    """What could be read of a statement."""

    #: None where too little of it could be.
    node: Any
    diagnostics: tuple[Diagnostic, ...] = ()
    #: Places at which something else was read than what stands there.
    repaired: tuple[Span, ...] = ()
    #: Whether everything was read that the statement says.
    whole: bool = True
