"""Identity of a plan: the digest of its canonical data, whatever the order of its statements and the paths of files."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import Any

from ..syntax import ast
from ..vocabulary.base import REGISTRY, Frozen
from ..vocabulary.identity import canonical, digest
from ..vocabulary.parameters import fields_of


def plan_digest(plan: Frozen) -> str:
    """Identity of a study: the same for another order of its statements, and for the same files under other names."""
    found: dict[str, Any] = canonical(plan)
    for part in ("data", "models", "train"):
        for alternative in found[part]:
            alternative["call"] = _by_content(alternative["call"])
            alternative["axes"] = sorted(alternative["axes"])
        found[part] = _sorted(found[part])
    for axis in found["axes"]:
        axis["values"] = [[label, _by_content(value)] for label, value in axis["values"]]
    for part in ("axes", "definitions", "where", "fits", "optima", "claims", "report"):
        found[part] = _sorted(found[part])
    return digest(found)


def _sorted(values: list[Any]) -> list[Any]:
    """In an order that does not depend on where they stood."""
    return sorted(values, key=lambda v: json.dumps(v, sort_keys=True))


def _by_content(text: str) -> str:
    """A call without the paths of its files, whose content's digest stays."""
    from ..syntax.parser import parse_value
    from ..syntax.printer import to_text

    def less(node: Any) -> Any:
        word = REGISTRY.get(node.name) if isinstance(node, ast.Call) else None
        if word is None:
            return node
        fields = fields_of(word)
        args: list[Any] = []
        for a in node.args:
            if isinstance(a, ast.Define) and a.name in fields and fields[a.name].file:
                continue
            args.append(replace(a, value=less(a.value)) if isinstance(a, ast.Define) else a)
        return replace(node, args=tuple(args))

    return to_text(less(parse_value(text))) if '"' in text else text
