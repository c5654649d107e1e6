"""Model families: from a word of `models` to a stack of such models that trains as one.

A new family is one declaration in `spec/vocabulary/` and one file in this folder whose class is marked
`@implements(Declaration)`; files are found by name, none is listed anywhere.
"""

from __future__ import annotations

from .registry import Forward, Stack, family, implements

__all__ = ["Forward", "Stack", "family", "implements"]
