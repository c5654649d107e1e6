"""A change is certain only where what it is for has one reading, and no number that is offered is invented."""

from __future__ import annotations

import pytest
from scalingdsl.spec.diagnostics.fixes import UNSAFE, edits_of

from ..support import checked

DATA = "data walk(er(n=512, p=.02))\n"
MODELS = "models transformer(layers=2)  width in [16..128]\n"
TRAIN = "train adamw  tokens in [100k..800k]\n"
FIT = "fit chinchilla\n"


@pytest.mark.parametrize(
    ("text", "written"),
    [
        (DATA + "models transformer  width in (16..128)\n" + TRAIN + FIT, "[16..128]"),
        (DATA + "models transformer  width in {16, 32, 64}  layers in {1..4}\n" + TRAIN + FIT, "{1, 2, 3, 4}"),
        ("data walk(ba(n=512, k=6))\n" + MODELS + TRAIN + FIT, "m"),
        ("data walk(ws(n=512, nei=3))\n" + MODELS + TRAIN + FIT, "k=2*3"),
        (
            DATA + MODELS + "train adamw(lr=.02, schedule=cosine(min=1e-3))  tokens in [100k..800k]\n" + FIT,
            "final=0.05",
        ),
        (DATA + MODELS + "train adamw(schedule=cosine(min_lr=1e-3))  tokens in [100k..800k]\n" + FIT, "final=0.001/lr"),
        (DATA + MODELS + "train adamw(l2=.1)  tokens in [100k..800k]\n" + FIT, "decay"),
        ("data walk(sbm(512, p=.1))\n" + MODELS + TRAIN + FIT, "such as `p_in=0.1, p_out=0.005`"),
    ],
)
def test_what_may_mean_two_things_is_not_certain(text: str, written: str) -> None:
    (said,) = checked(text).errors
    assert not edits_of(said)
    assert any(written in h for h in said.helps)
    assert "such as" not in written or not edits_of(said, UNSAFE)


@pytest.mark.parametrize(
    "text",
    [
        DATA + "models transformer  width in {16..128}\n" + TRAIN + FIT,
        DATA + "models transformer(n_layers=2)  width in [16..128]\n" + TRAIN + FIT,
        DATA + MODELS + TRAIN + FIT + "expect alpha in (.1..3)\n",
        "data walk(ws(n=512, degree=6))\n" + MODELS + TRAIN + FIT,
        DATA + MODELS + "train adamw(weight_decay=.1)  tokens in [100k..800k]\n" + FIT,
    ],
)
def test_what_means_one_thing_is_certain(text: str) -> None:
    (said,) = checked(text).errors
    assert edits_of(said)


def test_of_two_amounts_that_stays_which_laws_need() -> None:
    two = "train adamw  compute in [4GFLOP..64GFLOP times 4]  tokens = 20*N\n"
    (said,) = checked(DATA + MODELS + two + "fit power(C)\noptimum isoflop\n").errors
    assert said.helps == ("leave `tokens = 20*N` out: `isoflop` reads budgets of compute",)
    two = "train adamw  steps = 100  tokens = 200k\n"
    (said,) = checked(DATA + MODELS + two + "fit power(N)\n").errors
    assert said.helps == ("leave `steps = 100` out", "or leave `tokens = 200k` out: one follows from the other")


def test_a_law_for_a_label_is_kept_to_its_cells() -> None:
    data = "data {sparse: walk(er(n=512, p=.02)), dense: walk(er(n=512, p=.05))}\n"
    (said,) = checked(data + MODELS + TRAIN + "fit chinchilla for sparse\n").errors
    assert said.helps[0] == "write `fit chinchilla where data == sparse`"
    assert not checked(data + MODELS + TRAIN + "fit chinchilla where data == sparse\n").diagnostics
