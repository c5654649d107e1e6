"""What a user writes is shown as written: checked by reading the Markdown back with a CommonMark reader."""

from __future__ import annotations

import html
import re

import pytest
from hypothesis import given
from hypothesis import strategies as st
from markdown_it import MarkdownIt
from scalingdsl.engine.report.report_model import Code, Strong
from scalingdsl.engine.report.to_markdown import escape
from scalingdsl.spec.diagnostics.snippet import printable

READER = MarkdownIt("commonmark", {"html": False}).enable(["table", "strikethrough"])


def read(markdown: str) -> str:
    """The text that a reader of the rendered Markdown sees."""
    return html.unescape(re.sub(r"<[^>]*>", "", READER.render(markdown))).strip("\n")


@pytest.mark.parametrize(
    ("text", "escaped"),
    [
        ("0.53 (0.48 to 0.58)", "0.53 (0.48 to 0.58)"),
        ("Random walks on an Erdos-Renyi graph", "Random walks on an Erdos-Renyi graph"),
        ("a *b* _c_ `d`", r"a \*b\* \_c\_ \`d\`"),
        ("<script>x</script>", r"\<script>x\</script>"),
        ("[click](http://x)", r"\[click\](http://x)"),
        ("0.8 [0.77, 0.83] of entropy_rate", "0.8 [0.77, 0.83] of entropy_rate"),
        ("_x_ ![y]", r"\_x\_ \![y]"),
        ("a | b", r"a \| b"),
        ("# no heading", r"\# no heading"),
        ("> no quote", r"\> no quote"),
        (">99.9 %", r"\>99.9 %"),
        ("p > 2", "p > 2"),
        ("- no item", r"\- no item"),
        ("-5", "-5"),
        ("1. no list", r"1\. no list"),
        ("2.5", "2.5"),
        ("two\nlines", "two lines"),
        ("&amp; $x$ ~y~", r"\&amp; \$x\$ \~y\~"),
    ],
)
def test_what_markdown_would_interpret_gets_a_backslash(text: str, escaped: str) -> None:
    assert escape(text) == escaped


def test_code_and_verdicts() -> None:
    assert escape(Code("beta in [0.5..1]")) == "`beta in [0.5..1]`"
    assert escape(Code("a`b")) == "``a`b``"
    assert escape(Code("`")) == "`` ` ``"
    assert escape(Code("a|b")) == r"`a\|b`"
    assert escape(Code("")) == ""
    assert escape(Strong("failed *now*", "bad")) == r"**failed \*now\***"


PLAIN = st.text(st.characters(exclude_categories=["Cc", "Cs", "Zl", "Zp"]), max_size=40)


@given(PLAIN)
def test_any_text_reads_back_as_it_was_written(text: str) -> None:
    assert read(str(escape(text))) == printable(" ".join(text.split()))


@given(PLAIN, PLAIN)
def test_any_text_stays_in_its_table_cell(first: str, second: str) -> None:
    table = f"| a | b |\n|---|---|\n| {escape(first)} | {escape(Code(second))} |\n"
    rendered = READER.render(table)
    cells = re.findall(r"<td>(.*?)</td>", rendered, flags=re.DOTALL)
    shown = [html.unescape(re.sub(r"<[^>]*>", "", c)) for c in cells]
    assert len(shown) == 2
    assert shown == [printable(" ".join(text.split())) for text in (first, second)]
