"""The reference page is what the vocabulary says, and says something of every word and parameter."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

import pytest
from scalingdsl.spec.syntax import scanner
from scalingdsl.spec.vocabulary import REGISTRY, clauses, glossary
from scalingdsl.spec.vocabulary.parameters import fields_of
from scalingdsl.spec.vocabulary.reference import page

DOCS = Path(__file__).parents[3] / "docs"


def test_the_committed_page_is_current() -> None:
    told = "if the change is meant: python -m scalingdsl.spec.vocabulary.reference docs/reference.md"
    assert (DOCS / "reference.md").read_text(encoding="utf-8") == page(), told


def test_every_word_is_on_the_page() -> None:
    assert sorted(re.findall(r"^### `(\w+)`$", page(), flags=re.MULTILINE)) == sorted(REGISTRY)


@pytest.mark.parametrize("word", sorted(REGISTRY))
def test_every_parameter_has_a_meaning(word: str) -> None:
    assert REGISTRY[word].__doc__
    assert [f.name for f in fields_of(REGISTRY[word]).values() if not f.description and not f.derived] == []


def test_the_page_is_made_by_its_command(tmp_path: Path) -> None:
    target = tmp_path / "page.md"
    subprocess.run([sys.executable, "-m", "scalingdsl.spec.vocabulary.reference", target], check=True)
    assert target.read_text(encoding="utf-8") == page()


def test_how_to_read_a_report_names_every_block() -> None:
    table = (DOCS / "how-to" / "read-a-report.md").read_text(encoding="utf-8")
    named = {
        word for row in re.findall(r"^\| (`.*?) \|", table, flags=re.MULTILINE) for word in re.findall(r"`(\w+)`", row)
    }
    assert named == {word for word, term in REGISTRY.items() if term.kind == "block"}


def test_every_word_of_the_grammar_is_declared() -> None:
    assert tuple(clauses.STATEMENTS) == scanner.STATEMENTS
    assert tuple(clauses.CLAUSES) == (*scanner.WORDS, *scanner.BEFORE_NAMES)


def test_every_name_that_is_explained_is_on_the_page() -> None:
    text = page()
    letters = set(glossary.LETTERS)
    assert [name for name in sorted(glossary.names() - letters) if f"`{name}`" not in text] == []
