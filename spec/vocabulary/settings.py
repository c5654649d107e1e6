"""Settings of a run that are no parameter of any word: how much it trains, and its seed."""

from __future__ import annotations

from .constants import LARGEST_SEED
from .parameters import Field
from .quantities import QUANTITIES, Quantity, amounts


def _amount(quantity: Quantity) -> Field:
    return Field(
        quantity.name,
        "int" if quantity.whole else "float",
        True,
        None,
        unit=quantity.unit,
        low=quantity.low,
        above=quantity.above,
        description=quantity.meaning,
    )


SETTINGS: dict[str, Field] = {
    **{name: _amount(QUANTITIES[name]) for name in amounts()},
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
