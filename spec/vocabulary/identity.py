"""Identity: canonical JSON and its SHA-256. What is equal in meaning has the same digest."""

from __future__ import annotations

import hashlib
import json
from typing import Any

from ..syntax.numbers import canonical_number
from .base import Frozen, Later, Term

#: Raised when the engine's arithmetic changes what a run computes, so that old records are not taken for new ones.
NUMERICS_VERSION = 2


def canonical(value: Any) -> Any:
    """Plain JSON data with one form for each meaning."""
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
