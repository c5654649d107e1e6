"""Being told how far a fit has come: what is being done, how much of it is, and how much there is."""

from __future__ import annotations

from collections.abc import Callable

Heard = Callable[[str, int, int], None]


def nobody(what: str, done: int, of: int) -> None:
    """Where nobody listens."""
