"""Laws written out in a study."""

from __future__ import annotations

import pytest
from scalingdsl.spec import check
from scalingdsl.spec.plan.study_plan import FitRequest
from scalingdsl.spec.requests.request_types import free_parameters

GRID = """
data walk(er(n=64, p=.2), length=16)
models transformer(layers=1, heads=1, param=muP)  width in [16..128]
train adamw  tokens in [20k..160k]
"""


def findings(rest: str) -> list[str]:
    """Codes and messages of a study that ends so."""
    found = check("study.scl", text=GRID + rest)
    return [f"{d.code} {d.message}" for d in found.diagnostics if d.severity == "error"]


def fits(rest: str) -> dict[str, FitRequest]:
    """The fits of a valid study."""
    found = check("study.scl", text=GRID + rest)
    assert found.plan is not None, found.diagnostics
    return {f.name: f for f in found.plan.fits}


def test_an_expression_is_a_law_of_its_quantities() -> None:
    found = fits("fit E + A*N^-alpha + B*D^-beta")
    (request,) = found.values()
    assert request.law == request.name == "E + A*N^-alpha + B*D^-beta"
    assert request.variables == (("N", "N"), ("D", "D"))
    assert free_parameters(request) == ("E", "A", "alpha", "B", "beta")


def test_axes_are_variables_too() -> None:
    (request,) = fits("fit E + A*exp(-rate*log(width))").values()
    assert request.variables == (("width", "width"),)
    assert free_parameters(request) == ("E", "A", "rate")


def test_a_let_names_it_for_claims_conditions_and_optima() -> None:
    found = fits(
        "let mine = E + A*N^-alpha + B*D^-beta\n"
        "let small = mine where width < 128\n"
        "fit mine, small\n"
        "optimum surface(mine)\n"
        "expect alpha(mine) within .2 of alpha(small)\n"
    )
    assert set(found) == {"mine", "small"}
    assert found["small"].where == "width < 128"
    assert found["small"].law == found["mine"].law


def test_a_let_of_arithmetic_that_no_fit_names_stays_a_number() -> None:
    found = check("study.scl", text=GRID.replace("16..128", "16..2*most") + "let most = 32 + 32\nfit power(N)")
    assert found.plan is not None
    assert found.plan.axes[0].points[-1] == (128,)


@pytest.mark.parametrize(
    ("law", "message"),
    [
        ("E + A*sin(N)", "SCL203 `sin(N)` has no place in a law"),
        ("E + A", "SCL203 `E + A` is no law: it has no variable"),
        ("N + D", "SCL203 `N + D` is no law: it has no parameter to fit"),
        ("E + max(A, N)", "SCL203 `max(A, N)` has no place in a law"),
        ('E + "N"', 'SCL203 `"N"` has no place in a law'),
    ],
)
def test_what_is_no_law(law: str, message: str) -> None:
    assert findings(f"fit {law}") == [message]


def test_claims_about_what_it_does_not_have() -> None:
    (found,) = findings("let mine = E + A*N^-alpha\nfit mine\nexpect beta(mine) < 1")
    assert found.startswith("SCL426 `mine` gives no `beta`")


def test_more_parameters_than_cells_is_found_before_anything_is_trained() -> None:
    (found,) = findings("fit E + A*N^-alpha + F*N^-phi where tokens < 30k")
    assert found == "SCL414 `E + A*N^-alpha + F*N^-phi` has 5 parameters to find in 4 cells"
