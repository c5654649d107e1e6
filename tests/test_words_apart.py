"""A family, optimiser, source, graph, law or block is known to its declaration and its implementation alone."""

from __future__ import annotations

import ast
from pathlib import Path

import pytest
from scalingdsl.spec.vocabulary import REGISTRY
from scalingdsl.spec.vocabulary.base import OWN

pytestmark = pytest.mark.slow

ROOT = Path(__file__).parents[1]
KINDS = ("family", "optimiser", "source", "graph", "law", "block")
#: Files that implement one word together.
TOGETHER = {
    "Transformer": ("engine/train/families/", "engine/train/kernels/", "engine/train/parametrization.py"),
    "Text": ("engine/sources/text/",),
}
#: What may name a word beside its declaration and its implementation.
ALLOWED = {
    ("engine/teachers/teacher.py", "AdamW"): "a teacher is declared to be trained by it",
    ("engine/teachers/decode.py", "Transformer"): "what a teacher is, read a token at a time",
    ("engine/report/blocks/theory.py", "Percolation"): "the block is about the theory of this source",
    ("spec/resolve/components.py", "Transformer"): "what `models` trains unless it says",
    ("spec/resolve/components.py", "AdamW"): "what it is trained by",
    ("spec/pipeline.py", "Solved"): "what stands for `train` where nothing is trained",
    ("spec/pipeline.py", "Recipe"): "what stands for it where a trainer of the person's own trains",
    ("spec/resolve/table_quantities.py", "Table"): "a study of a table is resolved by its columns",
}
#: Words that are English too, so that a text which is one of them says nothing.
ENGLISH = {
    "bigram", "config", "dataset", "edges", "external", "lattice", "mix", "recipe", "regular", "sample", "solved",
    "table", "text", "walk",
}  # fmt: skip


def modules() -> dict[str, ast.Module]:
    """Every module of both packages, by its path."""
    paths = [path for package in ("spec", "engine") for path in (ROOT / package).rglob("*.py")]
    return {path.relative_to(ROOT).as_posix(): ast.parse(path.read_text()) for path in sorted(paths)}


def implemented(tree: ast.Module) -> set[str]:
    """Classes that a module implements: those in calls of `implements`, or of a law's `register`."""
    calls = [node for node in ast.walk(tree) if isinstance(node, ast.Call)]
    marked = [call for call in calls if _called(call.func) in ("implements", "register")]
    looped = [node for node in ast.walk(tree) if isinstance(node, ast.For) if any(c in ast.walk(node) for c in marked)]
    return {node.id for part in (*marked, *looped) for node in ast.walk(part) if isinstance(node, ast.Name)}


def _called(function: ast.expr) -> str:
    return function.attr if isinstance(function, ast.Attribute) else getattr(function, "id", "")


def imported(tree: ast.Module) -> set[str]:
    """Classes that a module imports from the declarations."""
    froms = [node for node in ast.walk(tree) if isinstance(node, ast.ImportFrom) and node.module]
    return {alias.name for node in froms if "words" in str(node.module).split(".") for alias in node.names}


def test_words_are_named_by_their_declaration_and_implementation_alone() -> None:
    words = {word.__qualname__ for word in REGISTRY.values() if word.kind in KINDS and word.package == OWN}
    found = {
        (path, name)
        for path, tree in modules().items()
        if not path.startswith("spec/vocabulary/words/")
        for name in imported(tree) & words - implemented(tree)
        if not path.startswith(TOGETHER.get(name, "?"))
    }
    assert found == set(ALLOWED)


def test_words_are_spelt_by_their_declaration_alone() -> None:
    kinds = ("family", "optimiser", "source", "graph")
    words = {name for name, word in REGISTRY.items() if word.kind in kinds and word.package == OWN} - ENGLISH
    found = [
        f"{path}:{node.lineno} {node.value!r}"
        for path, tree in modules().items()
        if not path.startswith("spec/vocabulary/words/")
        for node in ast.walk(tree)
        if isinstance(node, ast.Constant) and isinstance(node.value, str) and node.value in words
    ]
    assert not found, "\n".join(found)


def test_heads_that_match_are_known_to_one_file() -> None:
    """A part that a family may have: the family asks it for its matrices, its room and what it adds."""
    found = {
        path
        for path, tree in modules().items()
        for node in ast.walk(tree)
        if isinstance(node, ast.Attribute) and node.attr == "grams"
    }
    assert found == {"spec/vocabulary/words/families.py", "engine/train/families/gram_heads.py"}
