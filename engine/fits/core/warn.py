"""A coded doubt about a fit, made in one place."""

from __future__ import annotations

from ...codes.fit_codes import CODES
from .fit_result import FitWarning


def warn(code: str, message: str) -> FitWarning:
    """A warning of a documented code."""
    assert code in CODES, code
    return FitWarning(code, message)
