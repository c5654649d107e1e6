"""Every word of the language, those of other packages too (`plugins.py`).

Importing this package registers them all; models are built only when first used.
"""

from . import words
from .base import REGISTRY, Frozen, Kind, Later, Term, Unit, Word
from .plugins import load_words

load_words()

__all__ = ["REGISTRY", "Frozen", "Kind", "Later", "Term", "Unit", "Word", "words"]
