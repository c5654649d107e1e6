"""The statement that each word, parameter and setting stands in, for messages about text that names one elsewhere."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from functools import cached_property

from ..vocabulary.base import KINDS, REGISTRY, Kind
from ..vocabulary.parameters import typed
from ..vocabulary.quantities import QUANTITIES
from ..vocabulary.settings import SETTINGS

#: What kind of word each statement names.
STATEMENT_OF: dict[Kind, str] = {
    **{kind: part for part, kind in KINDS.items()},
    "law": "fit",
    "optimum": "optimum",
    "block": "report",
}


class WordsInStatements(Mapping[str, str]):
    """Name -> `data`, `models`, `train`, `fit`, `optimum` or `report`; empty for what is measured. Read when asked."""

    @cached_property
    def _places(self) -> dict[str, str]:
        found = dict.fromkeys(QUANTITIES, "")
        for kind, statement in reversed(STATEMENT_OF.items()):
            for word in REGISTRY.values():
                if word.kind == kind:
                    found |= dict.fromkeys(typed(word), statement)
        found |= dict.fromkeys(SETTINGS, "train")
        for name, word in REGISTRY.items():
            found[name] = STATEMENT_OF.get(word.kind, "")
        return found

    def __getitem__(self, name: str) -> str:
        return self._places[name]

    def __iter__(self) -> Iterator[str]:
        return iter(self._places)

    def __len__(self) -> int:
        return len(self._places)
