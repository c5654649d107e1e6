"""Every word of the language. Importing this package registers them all; models are built only when first used."""

from . import words
from .base import REGISTRY, Frozen, Kind, Later, Term, Unit, Word

__all__ = ["REGISTRY", "Frozen", "Kind", "Later", "Term", "Unit", "Word", "words"]
