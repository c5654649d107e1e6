"""Identity: canonical JSON and its SHA-256. What is equal in meaning has the same digest."""

from __future__ import annotations

import hashlib
import json
from dataclasses import replace
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from ..plan.study_plan import StudyPlan
    from .base import Term

#: Raised when the engine's arithmetic changes what a run computes, so that old records are not taken for new ones.
NUMERICS_VERSION = 2


def canonical_number(x: float) -> float | int:
    """A number to 12 significant digits; whole numbers as integers, so that 2, 2.0 and 2e0 agree."""
    rounded = float(f"{x:.12g}")
    return int(rounded) if rounded.is_integer() and abs(rounded) < 2**53 else rounded


def canonical(value: Any) -> Any:
    """Plain JSON data with one form for each meaning."""
    from .base import Frozen, Term

    if isinstance(value, Term):
        return canonical_term(value)
    if isinstance(value, Frozen):
        return {name: canonical(getattr(value, name)) for name in sorted(type(value).model_fields)}
    if isinstance(value, bool) or value is None or isinstance(value, str):
        return value
    if isinstance(value, int | float):
        return canonical_number(value)
    if isinstance(value, dict):
        return {k: canonical(value[k]) for k in sorted(value)}
    if isinstance(value, list | tuple):
        return [canonical(v) for v in value]
    raise TypeError(f"no canonical form for {type(value).__name__}")


def canonical_term(term: Term) -> dict[str, Any]:
    """The word and its fields; a file counts by content, and a field marked `Later` only once it leaves its default."""
    from .base import Later

    fields: dict[str, Any] = {"word": term.word}
    for name, info in sorted(type(term).model_fields.items()):
        value = getattr(term, name)
        extra = info.json_schema_extra if isinstance(info.json_schema_extra, dict) else {}
        if extra.get("file"):
            continue
        if any(isinstance(m, Later) for m in info.metadata) and value == info.get_default(call_default_factory=True):
            continue
        fields[name] = canonical(value)
    return fields


def digest(value: Any) -> str:
    """The first 16 hexadecimal digits of the SHA-256 of the canonical JSON."""
    text = json.dumps(canonical(value), sort_keys=True, separators=(",", ":"), ensure_ascii=True)
    return hashlib.sha256(text.encode()).hexdigest()[:16]


def plan_digest(plan: StudyPlan) -> str:
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
    from ..syntax import ast
    from ..syntax.parser import parse_value
    from ..syntax.printer import to_text
    from .base import REGISTRY
    from .parameters import fields_of

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
