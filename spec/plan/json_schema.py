"""JSON Schemas of what the package writes and reads: plans, and the words of the language."""

from __future__ import annotations

from typing import Any

from ..vocabulary.base import REGISTRY, Frozen, Term
from ..vocabulary.parameters import typed
from ..vocabulary.plugins import package_of
from .study_plan import StudyPlan

DRAFT = "https://json-schema.org/draft/2020-12/schema"


def schema_of(model: type[Frozen]) -> dict[str, Any]:
    """The JSON Schema of one frozen model."""
    return {"$schema": DRAFT, **model.model_json_schema()}


def plan_schema() -> dict[str, Any]:
    """The schema of a `StudyPlan` as it is stored: `plans/<digest>.json`."""
    return schema_of(StudyPlan)


def words_schema() -> dict[str, Any]:
    """Every word of the language: its kind, meaning and source, and the schema of the parameters a study may give."""
    words: dict[str, Any] = {}
    for name, word in sorted(REGISTRY.items()):
        schema = word.model_json_schema() if issubclass(word, Term) else {}
        known = typed(word)
        words[name] = {
            "kind": word.kind,
            "package": package_of(name),
            "description": word.description(),
            "reference": word.reference,
            "order": list(word.order),
            "parameters": {k: v for k, v in schema.get("properties", {}).items() if k in known},
            "required": [k for k in schema.get("required", []) if k in known],
        }
    return words
