"""What was understood of a statement on data, models or training, as the language writes it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from ...resolve.components import DEFAULTS
from ...vocabulary.base import KINDS, REGISTRY, Part, Word
from ...vocabulary.parameters import fields_of
from .loose_values import Value

#: The source that a graph alone stands for.
ON_GRAPHS = "walk"


@dataclass
class Given:
    """One name and what is said of it."""

    part: Part
    #: The word whose parameter it is; empty for a setting.
    word: str
    name: str
    value: Value
    role: str = ""
    along: bool = False


@dataclass
class Said:
    """All that a statement says."""

    #: Words that stand for values, by kind: a source, a graph, a schedule; with their arguments as typed, if any.
    words: dict[str, str] = field(default_factory=dict)
    given: list[Given] = field(default_factory=list)


def kinds_in(part: Part) -> set[str]:
    """Kinds of words that a part may hold."""
    inside = {"data": {"graph", "tokenizer", "teacher"}, "models": set(), "train": {"schedule"}}[part]
    return {KINDS[part], *inside}


def written(part: Part, said: Said, lets: Mapping[str, str]) -> str:
    """One statement, or nothing where nothing is said of its part."""
    given = [g for g in said.given if g.part == part]
    head = said.words.get(KINDS[part], "")
    inside = {kind: said.words[kind] for kind in kinds_in(part) - {KINDS[part]} if kind in said.words}
    if not (given or head or inside):
        return ""
    if not head and inside:
        head = ON_GRAPHS if part == "data" else DEFAULTS[part]
    arguments = [f"{g.name}={g.value.text}" for g in given if g.word == head.split("(")[0] and g.value.kind == "single"]
    arguments = [_nested(kind, call, head, given) for kind, call in inside.items()] + arguments
    typed_before = head.partition("(")[2]
    arguments = [a for a in dict.fromkeys(arguments) if a not in typed_before]
    called = _with(head, arguments) if head else ""
    behind = [
        _binding(g)
        for g in given
        if not (g.value.kind == "single" and g.word and (g.word == head.split("(")[0] or _inner(g, inside)))
    ]
    if not called:
        return f"{part} {'  '.join(behind)}" if behind else ""
    return "  ".join([f"{part} {called}", *behind])


def _binding(given: Given) -> str:
    sign = "=" if given.value.kind == "single" else "along" if given.along else "in"
    return f"{given.role + ' ' if given.role else ''}{given.name} {sign} {given.value.text}"


def _inner(given: Given, inside: Mapping[str, str]) -> bool:
    return any(given.word == call.split("(")[0] for call in inside.values())


def _nested(kind: str, call: str, head: str, given: list[Given]) -> str:
    """A word inside another as its argument."""
    own = [f"{g.name}={g.value.text}" for g in given if g.word == call.split("(")[0] and g.value.kind == "single"]
    word: type[Word] | None = REGISTRY.get(head.split("(")[0])
    name = (
        next((n for n, f in fields_of(word).items() if f.term is not None and f.term.kind == kind), "") if word else ""
    )
    inner = _with(call, own)
    return inner if word is not None and name in word.order[:1] else f"{name}={inner}"


def _with(call: str, arguments: list[str]) -> str:
    """A call with more arguments."""
    if not arguments:
        return call
    if not call.endswith(")"):
        return f"{call}({', '.join(arguments)})"
    between = "" if call.endswith("()") else ", "
    return f"{call[:-1]}{between}{', '.join(arguments)})"
