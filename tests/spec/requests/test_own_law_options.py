"""A law written out takes the options of a law, and holds parameters: `law(E + A*N^-alpha, objective=lad, E=1.7)`."""

from __future__ import annotations

import pytest
from scalingdsl.spec.errors import SpecError
from scalingdsl.spec.requests.table_law import read_table_law

from ..support import checked, plan_of

COLUMNS = ("N", "D", "loss", "acc")


def test_options_are_those_of_a_law() -> None:
    found = read_table_law("law(E + A*N^-alpha, objective=huber(1e-2), bootstrap=50, loss=acc/2)", COLUMNS)
    assert found.law == "E + A*N^-alpha"
    assert (found.objective, found.delta, found.bootstrap, found.loss) == ("huber", 1e-2, 50, "acc/2")
    assert found.variables == (("N", "N"),)


def test_parameters_are_held_by_name() -> None:
    assert read_table_law("law(E + A*N^-alpha, E=1.7)", COLUMNS).fixed == (("E", "1.7"),)


def test_without_options_it_is_the_expression() -> None:
    bare, called = (read_table_law(text, COLUMNS) for text in ("E + A*N^-alpha", "law(E + A*N^-alpha)"))
    assert called == bare.model_copy(update={"name": called.name})


WRONG = {
    "law()": "SCL107",
    "law(E + A*N^-alpha, D)": "SCL107",
    "law(E + A*N^-alpha, objectiv=lad)": "SCL402",
    "law(E + A*N^-alpha, objective=least)": "SCL405",
    "law(E + A*N^-alpha, bootstrap=-1)": "SCL208",
    "law(E + A*N^-alpha, E=1, E=2)": "SCL113",
    "law(E + A*N^-alpha, E=1, A=2, alpha=1)": "SCL203",
}


@pytest.mark.parametrize("text", WRONG)
def test_what_is_wrong_is_said(text: str) -> None:
    with pytest.raises(SpecError) as error:
        read_table_law(text, COLUMNS)
    assert [d.code for d in error.value.diagnostics] == [WRONG[text]]


STUDY = """
data walk(er(n=64, p=.2), length=16)
models transformer(layers=1, heads=1, param=muP)  width in [16..128]
train adamw  tokens in [20k..160k]
let mixed = E + A*N^-alpha + B*D^-beta
let robust = law(mixed, objective=lad, bootstrap=100, share=alpha)
fit mixed, robust, law(a + b*log(D), loss=excess)
expect alpha(robust) > 0
"""


def test_a_let_gives_an_expression_options_and_claims_its_name() -> None:
    plain, robust, straight = plan_of(STUDY).fits
    assert plain.law == robust.law
    assert (robust.name, robust.objective, robust.bootstrap, robust.shared) == ("robust", "lad", 100, ("alpha",))
    assert (straight.law, straight.loss) == ("a + b*log(D)", "excess")


def test_what_a_parameter_is_held_at_is_known_of_the_runs() -> None:
    found = checked(STUDY.replace("share=alpha", "E=elsewhere"))
    assert "SCL401" in {d.code for d in found.diagnostics}
