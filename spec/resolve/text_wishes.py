"""What a study asks of a text, as far as its call says it in numbers; what is swept is left to the runs."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from ..diagnostics.collect import Fault
from ..expressions.sweeps import constant
from ..files.small_texts import Wanted
from ..syntax import ast
from ..vocabulary.base import REGISTRY, Word
from ..vocabulary.words.sources import Source
from ..vocabulary.words.text import Bytes, Counted


def wanted_of(call: ast.Call, within: ast.Call | None, separator: str) -> Wanted | None:
    """What the call of a text asks for; None where its split depends on the run.

    Args:
        call: The text's.
        within: The call that it is an argument of.
        separator: What parts its documents.
    """
    text, outer = _Given.of(REGISTRY[call.name], call), REGISTRY.get(within.name) if within is not None else None
    split, unique, length = text.number("split"), text.number("unique"), text.number("length")
    if split is None:
        return None
    n: float | None = None
    drop: float | None = None
    if within is not None and outer is not None and issubclass(outer, Counted):
        chain = _Given.of(outer, within)
        n, drop = chain.number("n") if "n" in outer.model_fields else 2, chain.number("drop")
    drawn = outer is not None and issubclass(outer, Source) and outer.exact
    tokenizer = text.values.get("tokenizer")
    return Wanted(
        separator=separator,
        records=bool(getattr(text.values.get("field"), "value", "")),
        split=split,
        unique=None if unique is None else int(unique),
        bytes=tokenizer is None or (isinstance(tokenizer, ast.Name) and tokenizer.id == Bytes.word),
        length=None if drawn or length is None else int(length),
        counted=None if n is None or drop is None else (int(n), int(drop)),
    )


@dataclass(frozen=True)
class _Given:
    """The arguments of a call by name."""

    word: Any
    values: dict[str, Any]

    @staticmethod
    def of(word: type[Word], call: ast.Call) -> _Given:
        return _Given(word, {a.name: a.value for a in call.named})

    def number(self, name: str) -> float | None:
        """The number that an argument is, or its default; None where it is none yet."""
        if name not in self.values:
            default = self.word.model_fields[name].default
            return None if default is None else float(default)
        try:
            return float(constant(self.values[name]))
        except Fault:
            return None
