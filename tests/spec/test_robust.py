"""No text at all makes the language fall over: a study or diagnostics, and every place lies in the text."""

from __future__ import annotations

import random
from pathlib import Path

import pytest
from scalingdsl.spec import check
from scalingdsl.spec.diagnostics.render import render
from scalingdsl.spec.errors import Diagnostic
from scalingdsl.spec.source import Source
from scalingdsl.spec.syntax.parser import parse_study
from scalingdsl.spec.syntax.printer import print_study
from scalingdsl.spec.syntax.scanner import Lexeme, lexemes

pytestmark = pytest.mark.slow

STUDIES = [p.read_text(encoding="utf-8") for p in sorted(Path(__file__).parent.joinpath("studies").glob("*.scl"))]
LETTERS = "abN019 \n\t;#\"'[](){},.:=<>+-*/^&%_é日\u202e\x00\r"
WORDS = [
    "data",
    "models",
    "train",
    "in",
    "[1..2]",
    "{1, 2}",
    "fit",
    "where",
    "and",
    "(",
    ")",
    "x",
    "=",
    "..",
    ";",
    "let",
]
WORDS += ["let", "expect", "tune", "5.", "walk(er(9,.5))", "N", "'", '"', "\n"]


def check_places(found: tuple[Diagnostic, ...], sources: dict[str, Source]) -> None:
    for d in found:
        for span in (d.span, *(x.span for x in d.labels), *(e.span for f in d.fixes for e in f.edits)):
            assert 0 <= span.start <= span.end <= len(sources[span.file].text), d


def check_text(text: str, shown: bool = False) -> None:
    source = Source(text, "x.scl")
    study, found = parse_study(source)
    check_places(found, {"x.scl": source})
    if shown and found:
        for output_format in ("full", "concise", "json", "github"):
            assert render(found, {"x.scl": source}, output_format)
    if shown and not found:
        printed = print_study(study)
        again, _ = parse_study(Source(printed))
        assert again == study
        assert print_study(again) == printed


def mutated(text: str, pieces: list[Lexeme], chance: random.Random) -> str:
    """The text with one piece left out, doubled, misspelt, or exchanged for another."""
    piece, other = chance.choice(pieces), chance.choice(pieces)
    word = piece.text
    k = chance.randrange(len(word))
    instead = chance.choice(
        ["", f"{word} {word}", f"{word[:k]}{word[k + 1 : k + 2]}{word[k]}{word[k + 2 :]}", other.text]
    )
    return text[: piece.start] + instead + text[piece.end :]


@pytest.mark.parametrize("part", range(20))
def test_mutations_of_good_studies(part: int) -> None:
    """2,000 in all; every twentieth goes through the whole checker too, every tenth through printer and renderer."""
    chance = random.Random(part)
    for i in range(100):
        text = STUDIES[(part + i) % len(STUDIES)]
        changed = mutated(text, list(lexemes(text)), chance)
        check_text(changed, shown=i % 10 == 0)
        if i % 20 == 0:
            result = check("x.scl", text=changed, name="x.scl", max_runs=2_000)
            check_places(result.diagnostics, result.sources)
            assert result.plan is not None or result.errors


@pytest.mark.parametrize("part", range(10))
def test_random_texts(part: int) -> None:
    """10,000 in all, of letters and of words."""
    chance = random.Random(1000 + part)
    for i in range(1_000):
        some, most, glue = (LETTERS, 60, "") if i % 2 else (WORDS, 20, " ")
        text = glue.join(chance.choice(some) for _ in range(chance.randrange(most)))
        check_text(text, shown=i % 50 == 0)
        if i % 25 == 0:
            result = check("x.scl", text=text, name="x.scl", max_runs=2_000)
            check_places(result.diagnostics, result.sources)


@pytest.mark.parametrize(
    "text",
    [
        "let x = " + "(" * 20_000,
        "let x = " + ")" * 20_000,
        "let x = " + "(" * 20_000 + "]" * 20_000,
        "let x = 1" + "+1" * 5_000,
        "let x = " + "-" * 20_000 + "1",
        "let x = {" + "1, " * 5_000 + "}",
        '"' * 20_000,
        "a." * 20_000,
        "data a\n" * 2_000,
        "data a b\n" * 500,
        "\n" * 50_000 + "#" * 50_000,
        "models transformer width in {8}" + " tune a in {1} b = , c in }" * 1_000,
    ],
    ids=lambda text: text[:12],
)
@pytest.mark.timeout(20)
def test_long_texts_take_no_quadratic_time(text: str) -> None:
    check_text(text, shown=True)


@pytest.mark.parametrize(
    ("text", "wrong"),
    [
        (
            "data walk(er(9, .5))\nmodels width in [16..64]\nfit power(N), power(D)\n"
            "expect mean(2)*rmse(power(N)) < rmse(power(D))",
            False,
        ),
        (
            "data walk(er(512, .02), length=64)\nmodels transformer(length=64)  width in [16..64]\n"
            "train tokens in [1M..4M]\nfit chinchilla\nmodels transformer  width in [16..64]",
            True,
        ),
    ],
)
def test_studies_that_fell_over(text: str, wrong: bool) -> None:
    assert bool(check(text=text).errors) is wrong


@pytest.mark.parametrize("text", ["fit E fixed at 1.7", "fit with D held at 2M where width > 16"])
def test_statements_that_hold_nothing_are_told(text: str) -> None:
    result = check("x.scl", text=f"data walk(er(n=512, p=.02))\nmodels width in [16..64]\n{text}\n", name="x.scl")
    assert result.errors
    check_places(result.diagnostics, result.sources)
