"""Laws called outside a study, on the columns of a table."""

from __future__ import annotations

import pytest
from scalingdsl.spec.errors import SpecError
from scalingdsl.spec.requests.table_law import BEST, read_table_law

COLUMNS = ("params", "tokens", "D", "loss", "final")


@pytest.mark.parametrize(
    ("written", "law", "variables"),
    [
        ("power", "power", (("x", "D"),)),
        ("power(x=params)", "power", (("x", "params"),)),
        ("chinchilla", "chinchilla", (("N", "N"), ("D", "D"))),
        ("chinchilla(params*2, tokens)", "chinchilla", (("N", "params*2"), ("D", "tokens"))),
        ('power("Model Size")', "power", (("x", '"Model Size"'),)),
        ("E + A*D^-alpha", "E + A*D^-alpha", (("D", "D"),)),
        ("E + A*N^-alpha", "E + A*N^-alpha", (("N", "N"),)),
        ("best", BEST, (("N", "N"), ("D", "D"))),
        ("best(D)", BEST, (("x", "D"),)),
    ],
)
def test_variables_are_columns_or_expressions_over_them(
    written: str, law: str, variables: tuple[tuple[str, str], ...]
) -> None:
    request = read_table_law(written, COLUMNS)
    assert (request.law, request.variables, request.loss) == (law, variables, "loss")


def test_what_a_call_settles() -> None:
    request = read_table_law(
        "power(D, loss=final/2, E=params, beta=.3, objective=huber-raw(1e-2), bootstrap=50)", COLUMNS
    )
    assert (request.loss, request.fixed) == ("final/2", (("E", "params"), ("beta", "0.3")))
    assert (request.objective, request.delta, request.bootstrap) == ("huber-raw", 0.01, 50)


@pytest.mark.parametrize(
    ("written", "code"),
    [
        ("powr(D)", "SCL101"),
        ("3", "SCL203"),
        ("power(", "SCL004"),
        ("power({N, D})", "SCL203"),
        ("power(D, N)", "SCL106"),
        ("power(D, E=-1)", "SCL208"),
        ("power(D, group=2%)", "SCL402"),
        ("power(D, share=E)", "SCL402"),
        ("power(D, objective=hubr)", "SCL405"),
        ("best(E=2)", "SCL402"),
    ],
)
def test_mistakes_have_the_codes_of_studies(written: str, code: str) -> None:
    with pytest.raises(SpecError) as caught:
        read_table_law(written, COLUMNS)
    assert [d.code for d in caught.value.diagnostics] == [code]
