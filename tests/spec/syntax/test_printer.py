"""The printer gives back what the parser reads, and the formatter is idempotent and loses no comment."""

from __future__ import annotations

import random
from pathlib import Path

import pytest
from hypothesis import given, settings
from scalingdsl.spec.source import Source
from scalingdsl.spec.syntax import ast
from scalingdsl.spec.syntax.parser import parse_study, parse_test, parse_value
from scalingdsl.spec.syntax.printer import print_study, to_text
from scalingdsl.spec.syntax.scanner import lexemes

from . import trees

STUDIES = sorted(Path(__file__).parents[1].joinpath("studies").glob("*.scl"))


def read(text: str) -> ast.Study:
    study, diagnostics = parse_study(Source(text))
    assert diagnostics == ()
    return study


def check_format(text: str) -> str:
    """Format `text`; the tree, the comments in their order, and the formatted text itself stay as they are."""
    study = read(text)
    shown = print_study(study)
    again = read(shown)
    assert again == study
    assert [c.text for c in again.comments] == [c.text for c in study.comments]
    assert print_study(again) == shown
    return shown


@pytest.mark.parametrize("path", STUDIES, ids=lambda p: p.stem)
def test_studies_print_and_parse_back(path: Path) -> None:
    shown = check_format(path.read_text(encoding="utf-8"))
    assert max(map(len, shown.splitlines())) <= 120
    study = read(shown)
    assert read("\n".join(map(to_text, study.statements))) == study


@pytest.mark.slow
@given(trees.studies)
@settings(max_examples=120, deadline=None, derandomize=True)
def test_any_tree_prints_and_parses_back(study: ast.Study) -> None:
    assert read(to_text(study)) == study
    assert read(print_study(study)) == study


@given(trees.values)
@settings(max_examples=150, deadline=None, derandomize=True)
def test_any_value_prints_and_parses_back(value: ast.Value) -> None:
    assert parse_value(to_text(value)) == value


@given(trees.tests)
@settings(max_examples=150, deadline=None, derandomize=True)
def test_any_condition_prints_and_parses_back(test: ast.Test) -> None:
    assert parse_test(to_text(test)) == test


@pytest.mark.parametrize("seed", range(60))
def test_comments_anywhere_are_kept(seed: int) -> None:
    """Comments and newlines strewn between any two pieces of a study."""
    chance = random.Random(seed)
    text = STUDIES[seed % len(STUDIES)].read_text(encoding="utf-8")
    out, end, comments = [], 0, 0
    for piece in lexemes(text):
        gap = text[end : piece.start]
        inside = end > 0 and "\n" not in gap and not out[-1].endswith(";")
        if chance.random() < 0.15 and piece.kind != "comment" and inside:
            comments += 1
            before = chance.choice([" ", "\n", "\n  ", "\n\n   "])
            gap = f"{before}# remark {comments}\n{chance.choice(['   ', '# another, from column 1 ' + chr(10) + '  '])}"
        out += [gap, piece.text]
        end = piece.end
    strewn = "".join(out) + "\n"
    assert read(strewn) == read(text)
    check_format(strewn)


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("", ""),
        ("\n\n", ""),
        ("# only this", "# only this\n"),
        ("fit   chinchilla,power( N )", "fit chinchilla, power(N)\n"),
        ("models width in [.1..0.9]", "models width in [0.1..0.9]\n"),
        ("train lr=.003*( width / 256 )^-.5", "train lr = 0.003*(width/256)^-0.5\n"),
        ("train a(x=1+2,y=-3)", "train a(x=1 + 2, y=-3)\n"),
        ("data a;;fit b;", "data a\nfit b\n"),
        ("\n\n\ndata a\n\n\n\nfit b\n\n\n", "data a\n\nfit b\n"),
        ("data a # one\n# two\nfit b#three\n#four", "data a  # one\n# two\nfit b  #three\n#four\n"),
        (
            "train adamw()\n  tokens in [1..2]\n  # tune lr in {1}\n\n  # apart\nfit b",
            "train adamw()\n  tokens in [1..2]\n  # tune lr in {1}\n\n# apart\nfit b\n",
        ),
        ("train adamw() # why\n tokens in [1..2]", "train adamw()  # why\n  tokens in [1..2]\n"),
        ("data {a: b, # one\n c: d # two\n }", "data {\n  a: b,  # one\n  c: d,  # two\n}\n"),
        ("data f( # nothing\n)", "data f(\n  # nothing\n)\n"),
        ("fit a, # one\n b # two\n where c", "fit a,  # one\n  b\n    where\n      # two\n      c\n"),
        ("expect a > 3 and # why\n b > 4", "expect a > 3  # why\n  and b > 4\n"),
        ("let x =\n  # why\n  3", "let x =\n  # why\n  3\n"),
        ("data # why\n f(x)", "data\n  # why\n  f(x)\n"),
        ("let t = not (a and b or c) and d", "let t = not (a and b or c) and d\n"),
        ("train tune   a&b in {(1,2),(3,4)}  where a<b<=3", "train tune a & b in {(1, 2), (3, 4)}  where a < b <= 3\n"),
        (
            "expect " + " and ".join(f"alpha_{i}(chinchilla) > {i}" for i in range(5)),
            "expect alpha_0(chinchilla) > 0\n" + "".join(f"  and alpha_{i}(chinchilla) > {i}\n" for i in range(1, 5)),
        ),
    ],
)
def test_canonical_form(text: str, shown: str) -> None:
    assert check_format(text) == shown


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("train adamw()\n tokens in [1..2]\n seed in {0}", "train adamw()\n  tokens in [1..2]\n  seed in {0}\n"),
        ("train adamw() tokens in [1..2]\n seed in {0}", "train adamw()  tokens in [1..2]\n  seed in {0}\n"),
        (
            "train adamw()\n tokens in [1..2] seed in {0} # b\n tune lr in {1} x = 1",
            "train adamw()\n  tokens in [1..2]  seed in {0}  # b\n  tune lr in {1}  x = 1\n",
        ),
        ("models width in [1..2]\n where width > 1", "models width in [1..2]\n  where width > 1\n"),
        ("fit a,\n b, c where d", "fit a,\n  b, c where d\n"),
        ("fit a, b\n where d", "fit a,\n  b\n    where d\n"),
        ("expect a > 1 and b > 2\n and c > 3", "expect a > 1 and b > 2\n  and c > 3\n"),
        ("data {\n a: b, c: d}", "data {\n  a: b,\n  c: d,\n}\n"),
        ("data {a: b,\n c: d\n}", "data {a: b, c: d}\n"),
        ("let t = a(\n1)", "let t = a(\n  1,\n)\n"),
        (
            f"models width in [1..2] {'depth in [1..2] ' * 7}\n seed in {{0}} heads = 1",
            "models width in [1..2]\n" + "  depth in [1..2]\n" * 7 + "  seed in {0}  heads = 1\n",
        ),
    ],
)
def test_lines_stay_broken_where_the_author_broke_them(text: str, shown: str) -> None:
    assert check_format(text) == shown


@pytest.mark.parametrize(
    ("tree", "shown"),
    [
        (ast.Binary("*", ast.Number("2"), ast.Binary("+", ast.Name("a"), ast.Name("b"))), "2*(a + b)"),
        (ast.Binary("-", ast.Name("a"), ast.Binary("-", ast.Name("b"), ast.Name("c"))), "a - (b - c)"),
        (ast.Binary("^", ast.Binary("^", ast.Name("a"), ast.Name("b")), ast.Name("c")), "(a^b)^c"),
        (ast.Binary("^", ast.Name("a"), ast.Binary("^", ast.Name("b"), ast.Name("c"))), "a^b^c"),
        (ast.Negate(ast.Binary("+", ast.Name("a"), ast.Number(".5"))), "-(a + 0.5)"),
        (ast.Not(ast.And(ast.Name("a"), ast.Name("b"))), "not (a and b)"),
        (ast.And(ast.Or(ast.Name("a"), ast.Name("b")), ast.Name("c")), "(a or b) and c"),
        (ast.Binary("*", ast.Chain(ast.Name("a"), (("<", ast.Name("b")),)), ast.Number("2")), "(a < b)*2"),
    ],
)
def test_parentheses_where_precedence_needs_them(tree: ast.Node, shown: str) -> None:
    assert to_text(tree) == shown
