"""Losses of cells that are compared: over the same sizes, and on as many data, or it is told; nothing near them is."""

from __future__ import annotations

import pytest

from ..support import checked

DATA = "data walk(er(n=256, p=.04), length=32)\n"
PAIR = "models transformer(layers=2, param={SP, muP})  width in [16..256]"
TRAIN = "\ntrain adamw(batch=8)  tokens in {200k, 400k}  tune lr in {.01, .02, .04}  seed in {0, 1}\nfit power(N)\n"
WIDTHS = "models transformer  width in {32, 48, 64}\n"


def helps(text: str) -> list[str]:
    """What is offered for comparisons of cells in a valid study."""
    result = checked(text)
    assert result.plan is not None, result.diagnostics
    return [h for d in result.diagnostics if d.code == "SCL451" for h in d.helps]


@pytest.mark.parametrize(
    ("condition", "claim", "kept"),
    [
        ("  where param == muP or width <= 64", "mean(loss(muP)) < mean(loss(SP))", " where width <= 64"),
        ("  where param == muP or width >= 64", "mean(excess(muP)) < .9*mean(excess(SP))", " where width >= 64"),
        (
            "  where param == muP or width <= 64",
            "median(loss, muP) within 1% of median(loss, SP) where tokens > 200k",
            " where tokens > 200k and width <= 64",
        ),
        ("  where param == muP or width <= 64", "mean(loss(muP)) < mean(loss(SP)) where width <= 64", ""),
        ("  where param == muP or width <= 64", "loss(muP) < loss(SP)", ""),
        ("  where param == muP or width <= 64", "min(loss(muP)) < min(loss(SP))", ""),
        ("  where width <= 64", "mean(loss(muP)) < mean(loss(SP))", ""),
        ("  where width != 64 or param == SP", "mean(loss(muP, width=32)) < mean(loss(SP, width=32))", ""),
    ],
)
def test_means_over_other_sizes(condition: str, claim: str, kept: str) -> None:
    said = helps(DATA + PAIR + condition + TRAIN + f"expect {claim}")
    assert len(said) == bool(kept)
    if kept:
        mended = f"expect {claim.partition(' where')[0]}{kept}"
        assert f"`{mended}`" in said[0].replace("0.9", ".9")
        assert helps(DATA + PAIR + condition + TRAIN + mended) == []


def test_means_of_alternatives_with_sizes_of_their_own() -> None:
    models = "models {wide: transformer(layers=1, width in {32, 64, 128}), deep: transformer(width in {16, 32, 64})}"
    assert helps(DATA + models + TRAIN + "expect mean(loss(wide)) < mean(loss(deep))") == []


@pytest.mark.parametrize(
    ("train", "claim", "said"),
    [
        ("adamw  batch in {8, 64}  steps = 500", "mean(loss(batch=64)) < mean(loss(batch=8))", "tokens = 1.024M"),
        ("adamw  batch in {8, 64}  steps in {250, 500}", "loss(batch=8) - loss(batch=64) > .01", "{512k, 1.024M}"),
        ("adamw  batch in {8, 64}  steps = 500", "excess(batch=64)/excess(batch=8) < .9", "tokens = 1.024M"),
        ("{a: adamw(batch=8), b: muon(batch=32)}  steps = 500", "loss(b) < loss(a)", "tokens = 512k"),
        ("adamw  batch in {8, 64}  tokens = 500k", "mean(loss(batch=64)) < mean(loss(batch=8))", ""),
        ("adamw  batch in {8, 64}  steps = 500", "loss(batch=64) within 1% of loss(batch=8)", ""),
        ("adamw  batch in {8, 64}  steps = 500", "loss(batch=8) < loss(batch=64)", ""),
        ("adamw  steps in {250, 500}", "loss(steps=500) < loss(steps=250)", ""),
        ("{a: adamw, b: muon}  steps = 500", "loss(b) < loss(a)", ""),
    ],
)
def test_batches_at_as_many_steps(train: str, claim: str, said: str) -> None:
    found = helps(f"{DATA}{WIDTHS}train {train}  seed in {{0, 1}}\nfit power(N)\nexpect {claim}")
    assert len(found) == bool(said)
    assert all(said in way for way in found)
