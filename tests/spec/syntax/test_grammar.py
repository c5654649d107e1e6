"""The grammar has no conflict and no colliding words, and the kept tables are of this grammar."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from lark import Lark
from scalingdsl.spec.source import Source
from scalingdsl.spec.syntax import parse_tables
from scalingdsl.spec.syntax.scanner import BEFORE_NAMES, RESERVED, STATEMENTS, WORDS, lexemes, scan
from scalingdsl.spec.syntax.statement_examples import EXAMPLES

STUDIES = sorted(Path(__file__).parents[1].joinpath("studies").glob("*.scl"))


@pytest.fixture(scope="module")
def strict() -> Lark:
    """The grammar built so that any conflict or collision is an error."""
    return parse_tables.build(strict=True)


def test_the_kept_tables_are_of_this_grammar_and_of_the_pinned_lark() -> None:
    """If this fails: `python -m tests.spec.syntax.make_tables` writes them anew."""
    made_from = json.loads(parse_tables.TABLES.read_text(encoding="utf-8"))["made_from"]
    assert made_from["grammar"] == parse_tables.made_from()["grammar"]
    pins = Path(__file__).parents[3].joinpath("constraints.txt").read_text(encoding="utf-8").splitlines()
    assert f"lark=={made_from['lark']}" in pins


@pytest.mark.parametrize("path", STUDIES, ids=lambda p: p.stem)
def test_the_kept_tables_parse_like_the_grammar(path: Path, strict: Lark) -> None:
    text = path.read_text(encoding="utf-8")
    for chunk in scan(Source(text)).chunks:
        statement = text[chunk.start : chunk.end]
        assert parse_tables.parser().parse(statement, start="statement") == strict.parse(statement, start="statement")


def test_without_tables_of_this_grammar_the_parser_is_built(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(parse_tables, "made_from", lambda: {"grammar": "another", "lark": "0"})
    parser = parse_tables.parser.__wrapped__()
    assert parser.parse("fit chinchilla", start="statement").data == "listing"


def test_words_of_the_scanner_are_those_of_the_grammar() -> None:
    keywords = {t.name.lower() for t in parse_tables.parser().terminals if t.priority == 2}
    assert keywords == {*STATEMENTS, *WORDS, *BEFORE_NAMES}
    assert keywords - RESERVED == {"data", "models", "train", *BEFORE_NAMES}


@pytest.mark.parametrize("word", [*STATEMENTS, *WORDS])
def test_keywords_are_whole_words(word: str) -> None:
    """`gridwidth` is one name, and `fitchinchilla` no `fit`."""
    tree = parse_tables.parser().parse(f"models {word}_1 in [1..2]  {word}er = 3  width{word} = 4", start="statement")
    names = [str(t) for t in tree.scan_values(lambda t: t is not None and t.type == "NAME")]
    assert names == [f"{word}_1", f"{word}er", f"width{word}"]


@pytest.mark.parametrize("what", EXAMPLES)
def test_examples_in_messages_parse(what: str) -> None:
    for example in EXAMPLES[what]:
        start = "statement" if what in STATEMENTS else "test" if what in ("test", "where") else "value"
        assert parse_tables.parser().parse(example.removeprefix("where "), start=start)


def test_numbers_as_the_scanner_and_the_grammar_see_them() -> None:
    text = "let x = {.02, 0.5, 12, 1e-4, 5E+6, 64k, 1.5M, 2%, 30min, 1e18FLOP, [.1..0.9], [1...5], [32..512]}"
    tree = parse_tables.parser().parse(text, start="statement")
    seen = [str(t) for t in tree.scan_values(lambda t: t is not None and t.type == "NUMBER")]
    assert seen == [x.text for x in lexemes(text) if x.kind == "number"]
    assert seen[-6:] == [".1", "0.9", "1", ".5", "32", "512"]
