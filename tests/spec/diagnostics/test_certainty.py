"""Fixes called certain are right: none is offered that another mistake comes of."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from scalingdsl.spec import check
from scalingdsl.spec.diagnostics.certainty import tried
from scalingdsl.spec.diagnostics.fixes import edits_of, mend
from scalingdsl.spec.errors import Diagnostic, Edit, Fix
from scalingdsl.spec.source import Span

STUDY = "data walk(er(n=512, p=.02))\nmodels width in [16..64]\ntrain tokens in [100k..400k]\nfit chinchilla\n"


def finding(word: str, text: str, new: str) -> Diagnostic:
    at = Span(text.index(word), text.index(word) + len(word), "x")
    return Diagnostic("SCL001", f"{word} is wrong", at, fixes=(Fix((Edit(at, new),)),))


def looked_at(text: str) -> list[Diagnostic]:
    """A checker that refuses three words; `bad` becomes `worse` where it is exchanged for it."""
    return [finding(word, text, {"bad": "worse"}.get(word, "good")) for word in ("bad", "worse", "odd") if word in text]


def split(text: str) -> list[tuple[int, int]]:
    """One statement a word."""
    return [(match.start(), match.end()) for match in re.finditer(r"\w+", text)]


def test_a_fix_that_makes_a_mistake_is_not_certain_and_the_others_stay() -> None:
    text = "bad, but odd"
    bad, odd = tried(looked_at(text), text, "x", looked_at, split)
    assert (edits_of(bad), bool(edits_of(odd))) == ((), True)
    assert mend(text, "x", (bad, odd)) == ("bad, but good", 1)


def test_a_fix_that_leaves_its_mistake_is_not_certain() -> None:
    (found,) = tried([finding("odd", "odd", "so odd")], "odd", "x", looked_at, split)
    assert edits_of(found) == ()


@pytest.mark.parametrize(("new", "certain"), [("good", False), ("good # so", True)])
def test_a_fix_that_drops_a_comment_is_not_certain(new: str, certain: bool) -> None:
    (found,) = tried([finding("odd # so", "odd # so", new)], "odd # so", "x", lambda text: [], split)
    assert bool(edits_of(found)) == certain


def test_a_fix_of_another_file_is_left_alone() -> None:
    (found,) = tried([finding("odd", "odd", "good")], "odd", "y", looked_at, split)
    assert edits_of(found)


@pytest.mark.parametrize(("word", "certain"), [("widht", True), ("params", False)])
def test_fixes_of_files_that_are_used_are_tried_there(tmp_path: Path, word: str, certain: bool) -> None:
    tmp_path.joinpath("base.scl").write_text(STUDY.replace("width", word))
    (found,) = (
        d for d in check(tmp_path / "x.scl", text='use "base.scl"\n', name="x.scl").diagnostics if d.code == "SCL109"
    )
    assert (found.span.file, bool(edits_of(found))) == ("base.scl", certain)


@pytest.mark.parametrize(
    "line",
    [
        "expect alpha in [0.3, 0.5]",
        "expect chinchilla.alpha > 0.1",
        "fit chinchilla, objective=huber(1e-3)",
        "train adamw(warmup=2 percent)",
        "models params in [1M..16M]",
        "train seeds = 3",
        "train seed in {0..2}",
        "train batch in {8; 16}",
        "title “My study”",
    ],
)
def test_what_is_mended_is_valid_or_left_alone(line: str) -> None:
    text = STUDY + line + "\n"
    for _ in range(5):
        found = check("x.scl", text=text, name="x.scl").diagnostics
        before = sum(d.severity == "error" for d in found)
        text, applied = mend(text, "x.scl", found)
        if not applied:
            break
        after = check("x.scl", text=text, name="x.scl").diagnostics
        assert sum(d.severity == "error" for d in after) < before


@pytest.mark.parametrize(
    ("statement", "certain"),
    [
        ("fit E + A*N^-alpha B*D^-beta", False),  # A and B would be one
        ("fit E + 2 A*N^-alpha", True),
        ("let own = E + q*(log(N)) - m)^2\nfit own", False),
        ("fit E + A A*N^-alpha", False),
        ("fit power(N), power(D))", True),
        ("expect loss < 4 where width 32", False),
        ("expect loss < 4 where width = 32", True),
        ("expect min(loss) < min(loss(width=16) + .1", False),
        ("expect min(loss) < min(loss(width=16)", True),
    ],
)
def test_a_fix_is_certain_where_one_thing_can_be_meant(statement: str, certain: bool) -> None:
    text = f"{STUDY}{statement}\n"
    found = check("x.scl", text=text, name="x.scl").diagnostics
    assert [bool(edits_of(d)) for d in found if d.fixes] == [certain], found
