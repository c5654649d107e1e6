"""Sources that are listed as if models were tested on them, and that models learn from."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import Any

from ...errors import Diagnostic
from ...syntax import ast
from ...syntax.visit import map_children
from ...vocabulary.base import REGISTRY
from ...vocabulary.parameters import typed
from ..component_rules import Components

#: Labels of what is trained on and of what is tested on, elsewhere.
_TRAINED = {"train", "training", "train_set", "train_data"}
_TESTED = {"test", "val", "valid", "validation", "eval", "dev", "heldout", "held_out", "holdout", "test_set"}


def _said(node: Any) -> Any:
    """A call without what is filled in from the files that it names."""
    if isinstance(node, ast.Call) and node.name in REGISTRY:
        kept = (a for a in node.args if not isinstance(a, ast.Define) or a.name in typed(REGISTRY[node.name]))
        node = replace(node, args=tuple(kept))
    return map_children(node, _said) if isinstance(node, ast.Node) else node


def tested_as_well(components: Components) -> Iterator[Diagnostic]:
    """`{train: text("a.txt"), val: text("b.txt")}`: models learn from each of two sources."""
    data = components.get("data")
    calls = {b.label: b.call for b in data.alternatives} if data is not None and data.listed else {}
    learned, tested = ([label for label in calls if label.lower() in names] for names in (_TRAINED, _TESTED))
    if len(calls) == len(learned) + len(tested) == 2 and learned and tested:
        from ..arguments.translated_calls import as_typed

        first, other = (as_typed(_said(calls[label]), {}) for label in (learned[0], tested[0]))
        message = f"models learn from `{tested[0]}` as from `{learned[0]}`: each alternative has runs of its own"
        helps = (f"to test on it write `data shift({first}, truth={other})`",)
        yield Diagnostic("SCL218", message, calls[tested[0]].span, severity="warning", helps=helps)
