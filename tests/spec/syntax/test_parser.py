"""Text to tree: the language, statement by statement."""

from __future__ import annotations

from pathlib import Path

import pytest
from scalingdsl.spec.errors import SpecError
from scalingdsl.spec.source import Source
from scalingdsl.spec.syntax import ast
from scalingdsl.spec.syntax.ast import (
    And,
    Axis,
    Binary,
    Body,
    Call,
    Chain,
    Component,
    Define,
    Entry,
    Expect,
    Group,
    Inside,
    Item,
    Let,
    Listing,
    Name,
    Near,
    Negate,
    Not,
    Number,
    Or,
    Range,
    Set,
    String,
    Title,
    Use,
)
from scalingdsl.spec.syntax.parser import parse_study, parse_test, parse_value
from scalingdsl.spec.syntax.visit import children

STUDIES = sorted(Path(__file__).parents[1].joinpath("studies").glob("*.scl"))
N, D, a, b, c, x = (Name(s) for s in "NDabcx")
one, two, three = (Number(s) for s in "123")


@pytest.mark.parametrize(
    ("text", "tree"),
    [
        ('title "Walks"', Title("Walks")),
        ('title "# no; comment ("', Title("# no; comment (")),
        ('use "er.scl"', Use("er.scl")),
        ("let x = 1", Let("x", one)),
        ("let x = [1..2]", Let("x", Range(one, two))),
        ("let x = a > 1", Let("x", Chain(a, ((">", one),)))),
        ("let x = a where b > 1", Let("x", a, Chain(b, ((">", one),)))),
        ("data a", Component("data", Body(a))),
        ("data f(1)", Component("data", Body(Call("f", (one,))))),
        ("data {a, b}", Component("data", Body(Set((Entry(None, a), Entry(None, b)))))),
        ("models x in [1..2]", Component("models", Body(None, (Axis(("x",), Range(one, two)),)))),
        (
            "models a x in {1} b = 2 where c",
            Component("models", Body(a, (Axis(("x",), Set((Entry(None, one),))), Define("b", two)), c)),
        ),
        ("train where c", Component("train", Body(None, (), c))),
        ("train tune x in {1}", Component("train", Body(None, (Axis(("x",), Set((Entry(None, one),)), "tune"),)))),
        ("train panel x in {1}", Component("train", Body(None, (Axis(("x",), Set((Entry(None, one),)), "panel"),)))),
        ("data a tune x", Component("data", Body(a, (ast.Kept(("x",)),)))),
        ("data a tune x, y where c", Component("data", Body(a, (ast.Kept(("x", "y")),), c))),
        ("data a panel x", Component("data", Body(a, (ast.Kept(("x",), "panel"),)))),
        ("train x along [1..2]", Component("train", Body(None, (ast.Axis(("x",), Range(one, two), along=True),)))),
        (
            "train a & b in {(1, 2), (2, 3)}",
            Component(
                "train",
                Body(
                    None, (Axis(("a", "b"), Set((Entry(None, Group((one, two))), Entry(None, Group((two, three)))))),)
                ),
            ),
        ),
        ("fit a", Listing("fit", (Item(a),))),
        ("fit a, b where c", Listing("fit", (Item(a), Item(b, c)))),
        ("optimum surface(a)", Listing("optimum", (Item(Call("surface", (a,))),))),
        ("budget 30min", Listing("budget", (Item(Number("30min")),))),
        ("report a, b", Listing("report", (Item(a), Item(b)))),
        ("expect a < 1", Expect(Chain(a, (("<", one),)))),
        ("expect a where b", Expect(a, b)),
    ],
)
def test_statements(text: str, tree: ast.Statement) -> None:
    study, diagnostics = parse_study(Source(text))
    assert diagnostics == ()
    assert study == ast.Study((tree,))


@pytest.mark.parametrize(
    ("text", "tree"),
    [
        (".02", Number("0.02")),
        ("64k", Number("64k")),
        ("1e-4", Number("1e-4")),
        ("2%", Number("2%")),
        ('"a b"', String("a b")),
        ("[.1..0.9]", Range(Number("0.1"), Number("0.9"))),
        ("[32..512]", Range(Number("32"), Number("512"))),
        ("[1e-4..1e-2 count 5]", Range(Number("1e-4"), Number("1e-2"), "count", Number("5"))),
        ("[1..2 step 3]", Range(one, two, "step", three)),
        ("[1..2 times 3]", Range(one, two, "times", three)),
        ("{1, 2,}", Set((Entry(None, one), Entry(None, two)))),
        ("{a: 1, data: 2}", Set((Entry("a", one), Entry("data", two)))),
        ("{a: {1}, b: [1..2]}", Set((Entry("a", Set((Entry(None, one),))), Entry("b", Range(one, two))))),
        ("f()", Call("f")),
        (
            "f(1, x=2, tune x in {1},)",
            Call("f", (one, Define("x", two), Axis(("x",), Set((Entry(None, one),)), "tune"))),
        ),
        ("f(data=a)", Call("f", (Define("data", a),))),
        ("(a)", Group((a,))),
        ("(a, b)", Group((a, b))),
        ("(a > 1)", Group((Chain(a, ((">", one),)),))),
        ("1 + 2*3", Binary("+", one, Binary("*", two, three))),
        ("1 - 2 - 3", Binary("-", Binary("-", one, two), three)),
        ("a/b/c", Binary("/", Binary("/", a, b), c)),
        ("a^b^c", Binary("^", a, Binary("^", b, c))),
        ("-a^2", Negate(Binary("^", a, two))),
        ("a^-2", Binary("^", a, Negate(two))),
        ("a*-b", Binary("*", a, Negate(b))),
        ("--a", Negate(Negate(a))),
        ("(a + b)*c", Binary("*", Group((Binary("+", a, b),)), c)),
    ],
)
def test_values(text: str, tree: ast.Value) -> None:
    assert parse_value(text) == tree


@pytest.mark.parametrize(
    ("text", "tree"),
    [
        ("a", a),
        ("1 < a <= 2", Chain(one, (("<", a), ("<=", two)))),
        ("a == b", Chain(a, (("==", b),))),
        ("a != b", Chain(a, (("!=", b),))),
        ("a in [1..2]", Inside(a, Range(one, two))),
        ("a in {1, 2}", Inside(a, Set((Entry(None, one), Entry(None, two))))),
        ("a within 2% of b", Near(a, Number("2%"), b)),
        ("a within 1 of 2*b", Near(a, one, Binary("*", two, b))),
        ("a or b and c", Or(a, And(b, c))),
        ("a and b and c", And(And(a, b), c)),
        ("not a and b", And(Not(a), b)),
        ("not not a", Not(Not(a))),
        ("not (a or b)", Not(Group((Or(a, b),)))),
        ("3 < D/N < 300", Chain(three, (("<", Binary("/", D, N)), ("<", Number("300"))))),
    ],
)
def test_conditions(text: str, tree: ast.Test) -> None:
    assert parse_test(text) == tree


@pytest.mark.parametrize("path", STUDIES, ids=lambda p: p.stem)
def test_the_trial_studies_parse(path: Path) -> None:
    text = path.read_text(encoding="utf-8")
    study, diagnostics = parse_study(Source(text, "x.scl"))
    assert diagnostics == ()
    pending: list[ast.Node] = list(study.statements)
    while pending:
        node = pending.pop()
        assert 0 <= node.span.start < node.span.end <= len(text)
        assert node.span.file == "x.scl"
        for child in children(node):
            assert node.span.start <= child.span.start <= child.span.end <= node.span.end
            pending.append(child)


def test_spans_are_those_of_the_file() -> None:
    text = "data a\n\nmodels f(x=1,\n  tune y & z in {2})  w = 3 where w > 2"
    study, _ = parse_study(Source(text))
    body = study.statements[1].body  # type: ignore[union-attr]

    def shown(span: ast.Span) -> str:
        return text[span.start : span.end]

    assert shown(study.statements[1].span) == text[8:]
    assert shown(body.head.span) == "f(x=1,\n  tune y & z in {2})"
    assert shown(body.head.name_span) == "f"
    assert shown(body.head.args[1].span) == "tune y & z in {2}"
    assert shown(body.head.args[1].names_span) == "y & z"
    assert shown(body.bindings[0].name_span) == "w"
    assert shown(body.where.span) == "w > 2"


def test_good_statements_stay_beside_broken_ones() -> None:
    study, diagnostics = parse_study(Source("data a\nmodels widht [1..2]\nfit b c\nlet x = (1\nexpect a > 1"))
    assert [type(s).__name__ for s in study.statements] == ["Component", "Expect"]
    assert [d.code for d in diagnostics] == ["SCL009", "SCL008", "SCL004"]


def test_parsing_a_text_again_gives_the_same_object() -> None:
    assert parse_value("[1..8]") is parse_value("[1..8]")
    assert parse_test("a > 1") is parse_test("a > 1")


@pytest.mark.parametrize("text", ["", "# nothing", "1 +", "a; b", "data a", "a > 1 )"])
def test_what_is_no_condition_raises(text: str) -> None:
    with pytest.raises(SpecError) as caught:
        parse_test(text)
    (diagnostic,) = caught.value.diagnostics
    assert 0 <= diagnostic.span.start <= diagnostic.span.end <= len(text)


def test_deep_trees_are_refused_and_shallow_ones_are_not() -> None:
    for left, right in [("(", ")"), ("-", ""), ("1+", ""), ("f(", ")"), ("2^", ""), ("not ", "")]:
        parse_test(left * 30 + "1" + right * 30)
        with pytest.raises(SpecError, match="SCL018"):
            parse_test(left * 5_000 + "1" + right * 5_000)
