"""A law written out with its numbers is the law."""

from __future__ import annotations

import math

import numpy as np
import pytest
from scalingdsl.engine.fits import Points, fit_law, forms, predict
from scalingdsl.engine.fits.custom.symbolic import value_of
from scalingdsl.engine.fits.forms import form
from scalingdsl.engine.fits.formula import formula, python_formula
from scalingdsl.spec.syntax.parser import parse_value
from scalingdsl.spec.syntax.visit import free_names

#: Values of parameters by kind, such that no law overflows.
TYPICAL = {
    "level": 1.7,
    "ceiling": 6.0,
    "coefficient": 3.0,
    "exponent": 0.4,
    "rate": 0.7,
    "location": 2.0,
    "shape": 0.5,
}

N, D = (grid.ravel() for grid in np.meshgrid(np.geomspace(1e6, 1e9, 5), np.geomspace(1e8, 1e11, 5)))
LOSS = 1.7 + 400 * N**-0.34 + 410 * D**-0.28
BOTH, ONE = {"N": N, "D": D}, {"D": D}


@pytest.mark.parametrize(
    ("law", "variables"),
    [
        *(
            (law, BOTH)
            for law in (
                "chinchilla",
                "tied",
                "kaplan",
                "interaction",
                "overtraining",
                "E + A*(N/1M)^-alpha + B*D^-beta",
            )
        ),
        *((law, ONE) for law in ("power", "m1", "m2", "m3", "broken", "exponential", "sigmoid")),
    ],
)
def test_python_computes_what_the_law_predicts(law: str, variables: dict[str, np.ndarray]) -> None:
    fit = fit_law(law, Points(variables, LOSS), bootstrap=0)
    written = python_formula(fit)
    assert written is not None
    at = {"N": 3e8, "D": 5e9}
    expected = float(predict(fit, {name: np.array([at[name]]) for name in variables})[0])
    assert eval(written, {"exp": math.exp}, at) == pytest.approx(expected, rel=1e-12)  # noqa: S307 - our own text


def test_a_formula_reads_as_studies_write_it() -> None:
    fit = fit_law("chinchilla", Points(BOTH, LOSS), bootstrap=0)
    assert formula(fit, digits=2) == "1.7 + 4e+02*N^-0.34 + 4.1e+02*D^-0.28"


@pytest.mark.parametrize(("law", "variables"), [("maloney", BOTH), ("m4", ONE), ("kernel", BOTH)])
def test_a_law_that_no_formula_states_has_none(law: str, variables: dict[str, np.ndarray]) -> None:
    assert formula(fit_law(law, Points(variables, LOSS), bootstrap=0)) is None


@pytest.mark.parametrize("word", sorted(word for word, law in forms().items() if law.law.expression))
def test_every_declared_expression_is_the_law(word: str) -> None:
    law = form(word)
    params = {p.name: np.float64(TYPICAL[p.kind]) for p in law.parameters}
    rng = np.random.default_rng(0)
    variables = {name: rng.uniform(1.5, 9.0, 20) for name in law.variables}
    tree = parse_value(law.law.expression)
    np.testing.assert_allclose(law.value(variables, params), value_of(tree, {**variables, **params}), rtol=1e-12)
    assert set(free_names(tree)) == {*variables, *params}
