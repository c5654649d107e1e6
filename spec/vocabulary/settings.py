"""Settings of a run that are no parameter of any word: how much it trains, and its seed."""

from __future__ import annotations

from .constants import LARGEST_SEED
from .parameters import Field

#: How much a run trains: exactly as many of these as the identities need.
AMOUNTS = ("tokens", "steps", "epochs", "unique", "compute")

SETTINGS: dict[str, Field] = {
    "tokens": Field("tokens", "float", True, None, unit="tokens", low=1, description="tokens trained on, D"),
    "steps": Field("steps", "int", True, None, unit="steps", low=1, description="optimiser steps"),
    "epochs": Field("epochs", "float", True, None, low=0, above=True, description="passes over the unique tokens"),
    "unique": Field("unique", "float", True, None, unit="tokens", low=1, description="distinct tokens"),
    "compute": Field("compute", "float", True, None, unit="FLOP", low=0, above=True, description="compute, C = 6 N D"),
    "seed": Field(
        "seed",
        "int",
        True,
        None,
        low=0,
        high=LARGEST_SEED,
        description="seed of the model's first weights and of its data",
    ),
}
