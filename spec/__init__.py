"""The language of scaling-law studies: text in, a frozen `StudyPlan` out. Needs no torch, numpy or scipy."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from .checking import Checked, check, load
    from .plan import Run, StudyPlan

__all__ = ["Checked", "Run", "StudyPlan", "check", "load"]

_HOMES = {"Checked": "checking", "check": "checking", "load": "checking", "Run": "plan", "StudyPlan": "plan"}


def __getattr__(name: str) -> Any:
    """Import what is asked for, so that importing the package costs nothing."""
    if name not in _HOMES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    from importlib import import_module

    return getattr(import_module(f".{_HOMES[name]}", __name__), name)


def __dir__() -> list[str]:
    return sorted(__all__)
