"""Where statements begin and end, whatever is wrong in them."""

from __future__ import annotations

import pytest
from scalingdsl.spec.source import Source
from scalingdsl.spec.syntax.scanner import scan


@pytest.mark.parametrize(
    ("text", "statements"),
    [
        ("", []),
        (" \n\t\n# only a comment\n", []),
        (";;;", []),
        ("data a; fit b", ["data a", "fit b"]),
        ("data a\nfit b\n", ["data a", "fit b"]),
        ("data a\r\nfit b\r\n", ["data a", "fit b"]),
        ("\ufeffdata a\nfit b", ["data a", "fit b"]),
        ("  data a\n  width in b\nfit c", ["data a\n  width in b", "fit c"]),
        ("data a\n\n  width in b\n", ["data a\n\n  width in b"]),
        ("data a\n# in between\n  width in b\n", ["data a\n# in between\n  width in b"]),
        ("data a # ; no (end\nfit b", ["data a", "fit b"]),
        ('title "a; (b # c"\nfit b', ['title "a; (b # c"', "fit b"]),
        ("title 'a; (b'\nfit b", ["title 'a; (b'", "fit b"]),
        ("data f(\n a,\nb\n)\nfit c", ["data f(\n a,\nb\n)", "fit c"]),
        ("data {\ntext: a,\nmodels: b\n}\nfit c", ["data {\ntext: a,\nmodels: b\n}", "fit c"]),
        ("expect f(\ndata=a)\nfit c", ["expect f(\ndata=a)", "fit c"]),
        # a bracket that is never closed ends with its statement
        ("data f(a\nfit c", ["data f(a", "fit c"]),
        ("data f(a; fit c", ["data f(a", "fit c"]),
        ("data f(a\n  b\nmodels c\nfit d", ["data f(a\n  b", "models c", "fit d"]),
        ("data f(a\nfits c\nfit d", ["data f(a\nfits c", "fit d"]),
        ("data f(g{a)\nfit c", ["data f(g{a)", "fit c"]),
        ("data a)\nfit c", ["data a)", "fit c"]),
        # and so does a text; the brackets it may have eaten are forgotten
        ('title "a\nfit b', ['title "a', "fit b"]),
        ('data f("a)\nwidht b\nfit c', ['data f("a)', "widht b", "fit c"]),
    ],
)
def test_statements(text: str, statements: list[str]) -> None:
    scanned = scan(Source(text))
    assert [text[c.start : c.end] for c in scanned.chunks] == statements


def test_comments_know_their_place() -> None:
    text = "# own\ndata a # trailing\n  # indented\n  width in b; # after\nfit c# close\n"
    assert [(c.text, c.place) for c in scan(Source(text)).comments] == [
        ("# own", "own"),
        ("# trailing", "trailing"),
        ("# indented", "indented"),
        ("# after", "trailing"),
        ("# close", "trailing"),
    ]


def test_blank_lines_count_once_a_run() -> None:
    text = "data a\n\n\nfit b\n \t\nfit c\n"
    assert [text[:b].count("\n") + 1 for b in scan(Source(text)).blanks] == [2, 5]


@pytest.mark.parametrize(("text", "depth"), [("data a", 0), ("data f(g([x]))", 3), ("data f)(", 1), ("((((", 4)])
def test_depth_of_brackets(text: str, depth: int) -> None:
    assert scan(Source(text)).chunks[0].depth == depth
