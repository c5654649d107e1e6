"""Every word of the language. Importing this package registers them all; models are built only when first used."""

from . import blocks, families, graphs, laws, optima, percolation, sources, teachers, text, training
from .base import REGISTRY, Frozen, Kind, Later, Term, Unit, Word

__all__ = [
    "REGISTRY",
    "Frozen",
    "Kind",
    "Later",
    "Term",
    "Unit",
    "Word",
    "blocks",
    "families",
    "graphs",
    "laws",
    "optima",
    "percolation",
    "sources",
    "teachers",
    "text",
    "training",
]
