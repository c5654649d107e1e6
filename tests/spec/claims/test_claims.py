"""Claims: quantities found where they come from, selections checked, claims that test nothing."""

from __future__ import annotations

import pytest

from ..support import DATA, STUDY, checked, messages, plan_of

FITTED = (
    STUDY + "train adamw()  tokens in [250k..2M]  tune lr in {.01, .03, .1}\n"
    "fit chinchilla, power(N), power(D)\n"
    "optimum surface(chinchilla)\n"
)
PANELS = (
    "data {one: walk(er(n=512, p=.02)), two: walk(ba(n=512))}\n"
    "models transformer(param={SP, muP})  width in [32..256]\nfit power(N)\n"
)


@pytest.mark.parametrize(
    ("claim", "resolved"),
    [
        ("alpha(power(N)) in [.2..1.1]", "alpha(power(N)) in [0.2..1.1]"),
        ("a within 2% of .5", "a(surface(chinchilla)) within 2% of 0.5"),
        ("gamma > b/4", "gamma(surface(chinchilla)) > b(surface(chinchilla))/4"),
        ("beta(chinchilla) > beta(power(D), width=64)", "beta(chinchilla) > beta(power(D), width=64)"),
        ("mean(alpha(power(N))) > .1", "mean(alpha(power(N))) > 0.1"),
        ("spread(E(power(D))) < .5", "spread(E(power(D))) < 0.5"),
        ("loss < 6 and entropy_rate > 1", "loss < 6 and entropy_rate > 1"),
        (
            "loss(width=64, tokens=1M) < loss(width=32, tokens=1M)",
            "loss(tokens=1M, width=64) < loss(tokens=1M, width=32)",
        ),
        ("L(surface(chinchilla), C=3PFLOP) < 4", "L(surface(chinchilla), C=3PFLOP) < 4"),
        ("L(surface(chinchilla), C=50GFLOP) < 4", "L(surface(chinchilla), C=50GFLOP) < 4"),
        ("E(chinchilla) within .01 of entropy_rate", "E(chinchilla) within 0.01 of entropy_rate"),
        ("max(alpha(power(N), tokens=1M), .1) < 1", "max(alpha(power(N), tokens=1M), 0.1) < 1"),
        ("not rmse(chinchilla) > 2%", "not rmse(chinchilla) > 0.02"),
    ],
)
def test_quantities_are_written_out(claim: str, resolved: str) -> None:
    (found,) = plan_of(FITTED + f"expect {claim}").claims
    assert found.test == resolved


def test_a_bare_quantity_of_several_fits_is_that_of_the_law_in_n_and_d_with_a_warning() -> None:
    text = FITTED + "expect beta in [.1..1]"
    assert plan_of(text).claims[0].test == "beta(chinchilla) in [0.1..1]"
    assert messages(text) == ["6:8 ~SCL425 `beta` is read as `beta(chinchilla)`, the law in N and D"]


def test_labels_select() -> None:
    text = (
        PANELS
        + "expect mean(alpha(power(N)), one) > mean(alpha(power(N)), data=two)\nexpect alpha(muP) > .1 where width > 32"
    )
    claims = plan_of(text).claims
    assert claims[0].test == "mean(alpha(power(N)), one) > mean(alpha(power(N)), data=two)"
    assert (claims[1].test, claims[1].where) == ("alpha(power(N), muP) > 0.1", "width > 32")


@pytest.mark.parametrize(
    ("claim", "found"),
    [
        ("gama > 1", "6:8 SCL426 nothing in this study gives `gama`"),
        ("rho(chinchilla) > 1", "6:8 SCL426 `chinchilla` gives no `rho`"),
        ("beta(power(N)) > 1", "6:8 SCL426 `power(N)` gives no `beta`"),
        ("hill(data) < .5", "6:8 SCL426 nothing in this study gives `hill`"),
        ("alpha(power(C)) > 1", "6:14 SCL427 this study has no fit `power(C)`"),
        ("alpha(power(N), widht=64) > 1", "6:24 SCL428 `widht` is no axis of this study"),
        ("beta(power(D), width=65) > 1", "6:29 SCL429 `width` is nowhere `65`"),
        ("beta(power(D), muP) > 1", "6:23 SCL428 `muP` selects nothing"),
        ("loss(width=65) > 1", "6:19 SCL429 `width` is nowhere `65`"),
        ("1 < 2", "6:8 SCL420 `1 < 2` asks nothing of the results"),
        ("a(best) < 1", "6:10 SCL427 this study has no fit `best`"),
        ("E(power(N))", "6:8 SCL421 `E(power(N))` is a value, and a claim is something that can be true or false"),
        ("a in [1..0]", "6:13 SCL423 no number lies in an interval that falls from 1 to 0"),
        ("a in [0..1 step .1]", "6:13 SCL422 an interval has two ends and nothing more"),
        ("a in .5", "6:13 SCL422 after `in` stands an interval such as `[0.3..0.5]`, not `0.5`"),
        ("alpha(chinchilla) > 0", "6:8 ~SCL430 `alpha(chinchilla) > 0` holds whatever is found"),
        ("alpha(chinchilla) > 8", "6:8 ~SCL430 `alpha(chinchilla) > 8` fails whatever is found"),
        ("beta(chinchilla) in [-1..9]", "6:8 ~SCL430 `beta(chinchilla) in [-1..9]` holds whatever is found"),
        ("mse(chinchilla) < 0", "6:8 ~SCL430 `mse(chinchilla) < 0` fails whatever is found"),
        ("n(chinchilla) > 500", "6:8 ~SCL430 `n(chinchilla) > 500` fails whatever is found"),
        ("b <= 1", "6:8 ~SCL430 `b(surface(chinchilla)) <= 1` holds whatever is found"),
        ("mse(chinchilla) > -1 or loss < 2", "6:8 ~SCL430 `mse(chinchilla) > -1 or loss < 2` holds whatever is found"),
    ],
)  # fmt: skip
def test_what_is_said_about_claims(claim: str, found: str) -> None:
    assert messages(FITTED + f"expect {claim}") == [found]


def test_a_quantity_of_several_one_variable_laws_is_an_error_that_lists_them() -> None:
    text = STUDY + "fit power(N), power(D)\nexpect E > 1"
    assert messages(text) == ["4:8 SCL424 several fits have `E`"]


def test_a_fit_that_cannot_be_read_says_nothing_about_its_claims() -> None:
    assert messages(STUDY + "fit chinchila\nexpect beta > .1") == [
        "3:5 SCL101 `chinchila` is no law that this version knows"
    ]


@pytest.mark.parametrize(
    ("claim", "code"),
    [
        ("mean(loss, N=900M) > 3", "SCL429"),
        ("loss(N=900M) > 3", "SCL429"),
        ("lr(N=900M) > .02", "SCL429"),
        ("mean(alpha(power(N)), width=64) > 1", "SCL428"),
    ],
)
def test_selections_are_judged_wherever_they_stand(claim: str, code: str) -> None:
    """Those of a bare name in a reduction too, and those of a tuned value."""
    (said,) = messages(FITTED + f"expect {claim}")
    assert said.split()[1] == code


@pytest.mark.parametrize("asked", ["wsd(decay=20%)", "schedule=wsd", "schedule=wsd(decay=10%)"])
def test_a_word_with_parameters_is_chosen_as_a_value_of_its_axis(asked: str) -> None:
    train = "train adamw(schedule={cosine, wsd(decay=20%)}, warmup=9steps)  seed in {0, 1}\n"
    study = f"{DATA}models width in {{16, 32}}\n{train}"
    (said,) = checked(f"{study}expect mean(loss({asked})) < 3").diagnostics
    assert "schedule=wsd(decay=0.2)" in said.helps[0]
    assert messages(f"{study}expect mean(loss(schedule=wsd(decay=0.2))) < 3") == []
