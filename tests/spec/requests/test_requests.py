"""What `fit`, `optimum`, `budget` and `report` ask for."""

from __future__ import annotations

from typing import Any

import pytest
from scalingdsl.spec.plan.study_plan import FitRequest
from scalingdsl.spec.requests.provides import of_fit
from scalingdsl.spec.requests.request_types import free_parameters, parameters

from ..support import STUDY, messages, plan_of

GRID = STUDY + "train adamw()  tokens in [250k..4M]\n"


@pytest.mark.parametrize(
    ("item", "expected"),
    [
        ("chinchilla", {"name": "chinchilla", "variables": (("N", "N"), ("D", "D"))}),
        ("chinchilla()", {"name": "chinchilla"}),
        ("chinchilla(N=N_body)", {"name": "chinchilla(N=N_body)", "variables": (("N", "N_body"), ("D", "D"))}),
        ("power(N)", {"law": "power", "variables": (("x", "N"),)}),
        ("power(x=width)", {"name": "power(x=width)", "variables": (("x", "width"),)}),
        ("power(N, E=0)", {"name": "power(N, E=0)", "fixed": (("E", "0"),)}),
        ("power(D, E=entropy_rate)", {"fixed": (("E", "entropy_rate"),)}),
        ("chinchilla(share=(E, beta))", {"shared": ("E", "beta")}),
        ("chinchilla(share=E)", {"shared": ("E",)}),
        (
            "chinchilla(objective=huber(1e-3))",
            {"name": "chinchilla(objective=huber(0.001))", "objective": "huber", "delta": 1e-3},
        ),
        ("power(N, objective=huber-raw)", {"objective": "huber-raw", "delta": None}),
        ("power(N, objective=huber-raw(.1))", {"objective": "huber-raw", "delta": 0.1}),
        ("power(N, objective=log-mse)", {"objective": "log-mse"}),
        ('power(N, objective="log-mse")', {"objective": "log-mse"}),
        ("power(D, group=2%, bootstrap=4k)", {"group": 0.02, "bootstrap": 4000}),
        ("power(N, loss=excess)", {"loss": "excess"}),
        ("power(N) where width > 16", {"name": "power(N)", "where": "width > 16"}),
    ],
)
def test_fits(item: str, expected: dict[str, Any]) -> None:
    (fit,) = plan_of(GRID + f"fit {item}").fits
    assert {k: getattr(fit, k) for k in expected} == expected


def test_a_set_of_arguments_is_a_fit_each() -> None:
    fits = plan_of(GRID + "fit power({N, N_body, D}), power(N, E={0, entropy_rate})").fits
    assert [f.name for f in fits] == [
        "power(N)",
        "power(N_body)",
        "power(D)",
        "power(N, E=0)",
        "power(N, E=entropy_rate)",
    ]


def test_parameters_are_named_after_the_variable() -> None:
    fits = {f.name: parameters(f) for f in plan_of(GRID + "fit power({N, D, C}), exponential(D), chinchilla").fits}
    assert fits == {
        "power(N)": ("E", "A", "alpha"),
        "power(D)": ("E", "B", "beta"),
        "power(C)": ("E", "K", "gamma"),
        "exponential(D)": ("E", "A", "rate"),
        "chinchilla": ("E", "A", "alpha", "B", "beta"),
    }


def test_fixed_parameters_are_not_free() -> None:
    fit = FitRequest(name="power(N, E=0)", law="power", variables=(("x", "N"),), fixed=(("E", "0"),))
    assert free_parameters(fit) == ("A", "alpha")
    assert of_fit(fit) == ("E", "A", "alpha", "mse", "rmse", "rmse_log", "r2", "n", "holdout", "validation")


def test_an_optimum_brings_its_fit() -> None:
    plan = plan_of(GRID + "fit power(N)\noptimum surface(chinchilla(N=N_body)) where C > 1e12")
    assert [f.name for f in plan.fits] == ["power(N)", "chinchilla(N=N_body)"]
    (found,) = plan.optima
    assert (found.name, found.method, found.fit, found.where) == (
        "surface(chinchilla(N=N_body))", "surface", "chinchilla(N=N_body)", "C > 1T",
    )  # fmt: skip


def test_an_optimum_by_its_let() -> None:
    plan = plan_of(
        GRID
        + "let law = chinchilla where width > 16\nlet best = surface(law)\nfit law\noptimum best\nexpect a(best) < .9"
    )
    assert [(o.name, o.fit) for o in plan.optima] == [("best", "law")]
    assert plan.claims[0].test == "a(best) < 0.9"


def test_a_law_with_nothing_free_is_a_curve_and_needs_no_cells() -> None:
    assert plan_of(STUDY + "train adamw() tokens = 1M\nfit power(D, E=2, B=400, beta=.3)").fits[0].law == "power"


def test_budget_and_report() -> None:
    plan = plan_of(GRID + "budget 30min, 5PFLOP\nreport markdown, runs")
    assert (plan.budget.seconds, plan.budget.flops, plan.report) == (1800, 5e15, ("markdown", "runs"))
    assert plan_of(GRID).report == ("markdown",)


@pytest.mark.parametrize(
    ("study", "found"),
    [
        (
            "data walk(er(n=512, p=.02))\nmodels width in {32, 64}\ntrain adamw()  tokens in [1M..4M]\nfit power(N)",
            ["4:5 SCL414 `power(N)` has 3 parameters to find in 2 cells"],
        ),
        (
            "data walk(er(n=512, p=.02), kappa={0, 1})\n"
            "models width in {32, 64}\n"
            "train adamw()  tokens = 1M\n"
            "fit power(N, share=(E, A))",
            ["4:14 SCL412"],
        ),
        (
            "data walk(er(n=512, p=.02))\nmodels width in [32..256]\ntrain adamw()  tokens = 1M\nfit chinchilla",
            ["4:5 SCL412 `chinchilla` is a law in D, and D is the same in all its cells"],
        ),
        (
            "data walk(er(n=512, p=.02))\n"
            "models width in [32..256]\n"
            "train adamw()  tokens = 20*N\n"
            "fit chinchilla, power(N), power(C)",
            ["4:5 SCL413 `chinchilla` cannot tell N and D apart: every cell lies on one line of log N and log D"],
        ),
        (
            "data walk(er(n=512, p=.02))\n"
            "models width in [32..256]\n"
            "train adamw()  tokens in [250k..2M]  tune lr in {.01, .03, .1}\n"
            "fit chinchilla where width > 200",
            ["4:5 SCL412 `chinchilla` is a law in N, and N is the same in all its cells"],
        ),
    ],
)
def test_fits_on_the_cells_they_will_see(study: str, found: list[str]) -> None:
    said = messages(study)
    if found[0].endswith("SCL412"):
        assert said == [], said  # shared parameters count once over both panels: 2 + 1 * 2 parameters in 4 cells
    else:
        assert said == found


def test_tuned_and_averaged_axes_make_no_cells() -> None:
    text = STUDY + "train adamw()  tokens = 1M  tune lr in [1e-3..1e-1 count 9]  seed in [0..9 step 1]\nfit power(lr)"
    assert messages(text) == ["4:11 SCL401 `lr` is no quantity of a run"]
