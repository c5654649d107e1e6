"""Every word, sweep form and claim form of the language stands in a study of the documentation, which is tested."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from functools import cache
from importlib import resources
from typing import Any

import pytest
from lark import Lark
from scalingdsl.spec import check
from scalingdsl.spec.source import Source
from scalingdsl.spec.syntax import scanner
from scalingdsl.spec.syntax.numbers import LETTERS, MAGNITUDES
from scalingdsl.spec.vocabulary import REGISTRY, clauses
from scalingdsl.spec.vocabulary.base import OWN
from scalingdsl.spec.vocabulary.functions import ASYMMETRY, CELL_FUNCTIONS, CURVES, REDUCTIONS
from scalingdsl.spec.vocabulary.law_options import LAW_OPTIONS
from scalingdsl.spec.vocabulary.quantities import QUANTITIES
from scalingdsl.spec.vocabulary.reference import GRAMMAR_MARK, facts, with_grammar
from scalingdsl.spec.vocabulary.settings import SETTINGS
from scalingdsl.spec.vocabulary.words.laws import OBJECTIVES

from .pages import PAGES, ROOT, blocks_of

LANGUAGE = ROOT / "docs" / "language.md"


@cache
def statements() -> tuple[str, ...]:
    """Every statement of every study of the documentation."""
    found = []
    for page in PAGES:
        for block in blocks_of(page):
            if block.language == "scl" and block.says("status") is None:
                source = Source(block.text, str(block))
                found += [block.text[chunk.start : chunk.end] for chunk in scanner.scan(source).chunks]
    return tuple(found)


#: What the grammar takes and the checker refuses, so that no study can show it.
REFUSED = ("train", "let w = [16..64] where width > 16", "let w = {16, 64} where width > 16")


def read(texts: Iterable[str]) -> tuple[set[str], set[Any], set[Any]]:
    """What the tokens of statements say, the rules of the grammar that they take, and all rules."""
    grammar = resources.files("scalingdsl.spec.syntax").joinpath("grammar.lark").read_text(encoding="utf-8")
    parser: Any = Lark(grammar, parser="lalr", start="statement")
    taken: set[Any] = set()

    def watched(rule: Any, build: Callable[..., Any]) -> Callable[..., Any]:
        def called(children: Any) -> Any:
            taken.add(rule)
            return build(children)

        return called

    callbacks = parser.parser.parser.parser.callbacks
    for rule, build in list(callbacks.items()):
        callbacks[rule] = watched(rule, build)
    said = set()
    for statement in texts:
        parser.parse(statement)
        said |= set(re.findall(r"[A-Za-z_]\w*|[\d.][\w.%]*", statement))
    return said, taken, set(callbacks)


def test_every_rule_of_the_grammar_is_taken() -> None:
    _, taken, rules = read(statements())
    assert sorted(map(str, rules - taken - read(REFUSED)[1])) == []


@pytest.mark.parametrize("statement", REFUSED)
def test_what_no_study_shows_is_refused(statement: str) -> None:
    study = f"data walk(er(n=512, p=.02)); models width in [16..64]; fit power(N)\n{statement}\n"
    assert check("study.scl", text=study).errors


def test_every_word_is_said() -> None:
    said, _, _ = read(statements())
    words = {word for word, term in REGISTRY.items() if term.package == OWN}
    tables = (clauses.STATEMENTS, clauses.CLAUSES, SETTINGS, LAW_OPTIONS, CELL_FUNCTIONS, REDUCTIONS, CURVES)
    names = words.union(*tables, QUANTITIES, (name for name, _, _ in facts()), (ASYMMETRY,))
    assert sorted(names - said) == []


def test_every_objective_is_said() -> None:
    text = "\n".join(statements())
    assert [name for name in OBJECTIVES if f"={name}" not in text and f'="{name}"' not in text] == []


def test_every_unit_is_said_and_every_magnitude_told() -> None:
    said, _, _ = read(statements())
    units = [
        letters for letters in LETTERS if letters not in MAGNITUDES and letters.removesuffix("FLOP") not in MAGNITUDES
    ]
    page = LANGUAGE.read_text(encoding="utf-8")
    numbers = [token for token in said if token[0].isdigit() or token[0] == "."]
    assert [m for m in MAGNITUDES if f"`{m}" not in page and f" {m}" not in page] == []
    assert [u for u in units if not any(n.endswith(u) for n in numbers) and f"`{u}`" not in page] == []


def test_the_grammar_on_the_page_is_that_of_the_parser() -> None:
    page = LANGUAGE.read_text(encoding="utf-8")
    assert GRAMMAR_MARK in page
    assert page == with_grammar(page), "python -m scalingdsl.spec.vocabulary.reference docs/reference.md"
