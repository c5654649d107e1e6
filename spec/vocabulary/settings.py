"""Settings of a run that are no parameter of any word: how much it trains, and its seed."""

from __future__ import annotations

from ..constants import LARGEST_SEED
from .parameters import Field
from .quantities import QUANTITIES, amounts

_SEED = "seed of the model's first weights and of its data"

SETTINGS: dict[str, Field] = {
    name: Field(
        name, "int" if q.whole else "float", True, None, q.unit, low=q.low, above=q.above, description=q.meaning
    )
    for name, q in ((name, QUANTITIES[name]) for name in amounts())
}
SETTINGS["seed"] = Field("seed", "int", True, None, low=0, high=LARGEST_SEED, description=_SEED)
