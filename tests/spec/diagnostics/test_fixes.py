"""Fixes applied to a text."""

from __future__ import annotations

import pytest
from scalingdsl.spec import check
from scalingdsl.spec.diagnostics.fixes import SAFE, UNSAFE, edits_of, mend
from scalingdsl.spec.errors import Applicability, Diagnostic, Edit, Fix
from scalingdsl.spec.source import Source, Span
from scalingdsl.spec.syntax.parser import parse_study


def finding(start: int, end: int, text: str, sure: Applicability = "machine-applicable", file: str = "x") -> Diagnostic:
    return Diagnostic("SCL001", "m", Span(start, end, file), fixes=(Fix((Edit(Span(start, end, file), text),), sure),))


def test_fixes_are_applied_together_where_they_do_not_touch() -> None:
    found = [finding(0, 1, "A"), finding(4, 5, "EE"), finding(2, 2, "-"), finding(1, 3, "gone")]
    assert mend("abcde", "x", found) == ("Ab-cdEE", 3)


def test_only_what_is_allowed_and_only_in_this_file() -> None:
    found = [finding(0, 1, "A", "maybe-incorrect"), finding(2, 3, "C"), finding(4, 5, "E", file="other")]
    assert mend("abcde", "x", found) == ("abCde", 1)
    assert mend("abcde", "x", found, UNSAFE) == ("AbCde", 2)
    assert edits_of(finding(0, 1, "A", "has-placeholders"), UNSAFE) == ()
    assert SAFE < UNSAFE


@pytest.mark.parametrize(
    ("wrong", "right"),
    [
        ("data walk(er(n=512 p=.02))", "data walk(er(n=512, p=.02))"),
        ("fit chinchilla power(N)", "fit chinchilla, power(N)"),
        ("fit chinchilla and power(N)", "fit chinchilla, power(N)"),
        ("data walk(er(n=512)", "data walk(er(n=512))"),
        ("data walk(er(n=512)))", "data walk(er(n=512))"),
        ("models width in {1, 2)", "models width in {1, 2}"),
        ("models width in [1, 2, 3]", "models width in {1, 2, 3}"),
        ("models width in [1 to 2]", "models width in [1..2]"),
        ("models width in 32..512", "models width in [32..512]"),
        ("models width in {32..512}", "models width in [32..512]"),
        ("models width in [1..8, step 2]", "models width in [1..8 step 2]"),
        ("models width in [.1...9]", "models width in [.1..0.9]"),
        ("models width in [1..2], layers in {1}", "models width in [1..2]  layers in {1}"),
        ("data er(n: 512)", "data er(n= 512)"),
        ("let x == 3", "let x = 3"),
        ("let x: 3", "let x= 3"),
        ("models {a = b}", "models {a: b}"),
        ("fit a where b = c", "fit a where b == c"),
        ("let x = N**2", "let x = N^2"),
        ("expect a && b", "expect a and b"),
        ("expect a || b", "expect a or b"),
        ("expect !b", "expect not b"),
        ("title 'a'", 'title "a"'),
        ("title On walks", 'title "On walks"'),
        ("use er.scl", 'use "er.scl"'),
        ("data text(corpus.txt)", 'data text("corpus.txt")'),
        ("train lr = 5.", "train lr = 5.0"),
        ("budget 30 min", "budget 30min"),
        ("train steps = 1_000", "train steps = 1000"),
        ("train lr = 1 – 2", "train lr = 1 - 2"),
        ("expect a WITHIN 2% of b", "expect a within 2% of b"),
        ("train x alng [1..2]", "train x along [1..2]"),
        ("fit chinchilla,", "fit chinchilla"),
    ],
)
def test_certain_fixes_make_the_statement_parse(wrong: str, right: str) -> None:
    text = wrong
    for _ in range(3):
        _, found = parse_study(Source(text))
        text, _ = mend(text, "<study>", found)
    assert text.replace("  ", " ") == right.replace("  ", " ")
    assert parse_study(Source(text))[1] == ()


def test_a_name_is_mended_only_where_its_value_fits() -> None:
    text = "data walk(er(n=512, p=.02))\nmodels width in [32..64]\ntrain adamw(betas=(.9, .95), learning_rate=.1)"
    found = check("study.scl", text=text, name="study.scl").diagnostics
    mended, applied = mend(text, "study.scl", found)
    assert (applied, mended.splitlines()[-1]) == (1, "train adamw(betas=(.9, .95), lr=.1)")


def test_an_equal_sign_in_a_claim_is_mended_only_if_asked_for() -> None:
    text = "expect beta = .3 where kind = a"
    _, found = parse_study(Source(text))
    assert mend(text, "<study>", found) == ("expect beta = .3 where kind == a", 1)
    assert mend(text, "<study>", found, UNSAFE)[0] == "expect beta within 5% of .3 where kind == a"
