"""A trainer's version as part of what runs are: another version is another run."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

from scalingdsl.spec.errors import UsageError
from scalingdsl.spec.expressions.canonical_tree import text
from scalingdsl.spec.plan.run_grid import Alternative
from scalingdsl.spec.plan.study_plan import StudyPlan
from scalingdsl.spec.syntax import ast
from scalingdsl.spec.syntax.parser import parse_value
from scalingdsl.spec.syntax.visit import as_call
from scalingdsl.spec.vocabulary.base import REGISTRY
from scalingdsl.spec.vocabulary.words.families import Family

#: The parameter of a family that keeps it.
VERSION = "version"
#: Hexadecimal digits of files' content.
DIGITS = 16


def trained_elsewhere(plan: StudyPlan) -> bool:
    """True where a trainer of the person's own trains models of a study."""
    return any(_family_elsewhere(one) for one in plan.models)


def _family_elsewhere(alternative: Alternative) -> bool:
    call = as_call(parse_value(alternative.call))
    word = REGISTRY.get(call.name) if call is not None else None
    return word is not None and issubclass(word, Family) and word.learns_from == "elsewhere"


def with_version(plan: StudyPlan, version: str) -> StudyPlan:
    """The plan whose runs are those of a version of the trainer.

    Raises:
        UsageError: The study names another version.
    """
    models = tuple(_versioned(one, version) if _family_elsewhere(one) else one for one in plan.models)
    return plan.changed(models=models)


def _versioned(alternative: Alternative, version: str) -> Alternative:
    call = as_call(parse_value(alternative.call))
    assert call is not None
    given = next((arg.value for arg in call.named if arg.name == VERSION), None)
    if given is not None:
        if isinstance(given, ast.String) and version in ("", given.value):
            return alternative
        raise UsageError(f"the study is of the trainer's version {text(given)}, and the trainer has {version!r}")
    if not version:
        return alternative
    args = (*call.args, ast.Define(VERSION, ast.String(version), span=call.span, name_span=call.span))
    return alternative.changed(call=text(replace(call, args=args)))


def version_of_files(paths: Sequence[Path]) -> str:
    """The content of a trainer's files, as a version.

    Raises:
        UsageError: One cannot be read.
    """
    whole = hashlib.sha256()
    for path in paths:
        try:
            content = path.read_bytes()
        except OSError as error:
            raise UsageError(f"a file of the trainer cannot be read: {path}: {error.strerror}") from error
        whole.update(hashlib.sha256(content).digest())
    return whole.hexdigest()[:DIGITS]
