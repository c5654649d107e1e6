"""Settings of a run that are no parameter of any word: how much it trains, and its seed."""

from __future__ import annotations

from ..constants import LARGEST_SEED
from .base import Word
from .parameters import Field, fields_of, others_of, typed
from .quantities import QUANTITIES, amounts

_SEED = "seed of the model's first weights and of its data"

SETTINGS: dict[str, Field] = {
    name: Field(
        name, "int" if q.whole else "float", True, None, q.unit, low=q.low, above=q.above, description=q.meaning
    )
    for name, q in ((name, QUANTITIES[name]) for name in amounts())
}
SETTINGS["seed"] = Field("seed", "int", True, None, low=0, high=LARGEST_SEED, description=_SEED)


def parameter_of(word: type[Word], name: str) -> Field | None:
    """The parameter that may be given by a name: a declared one, or any at all of a word that takes others.

    Settings of a run, and quantities that follow from it or are measured, are no such parameters; what curves of
    sources run along is one, such as the `rank` of a low-rank update.
    """
    if name in typed(word):
        return fields_of(word)[name]
    if (
        others_of(word) is None
        or name in SETTINGS
        or (name in QUANTITIES and QUANTITIES[name].of != "curve")
        or name in fields_of(word)
        or name in word.also
    ):
        return None
    return Field(name, "scalar", False, None)
