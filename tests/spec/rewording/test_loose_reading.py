"""What statements say, however they are written; and what is not understood is not offered."""

from __future__ import annotations

import pytest
from scalingdsl.spec.rewording.claims.loose_claims import claims, laws
from scalingdsl.spec.rewording.loose.loose_reading import reworded
from scalingdsl.spec.rewording.loose.phrases import phrased


@pytest.mark.parametrize(
    ("typed", "part", "written"),
    [
        (
            "train with adamw at lr 0.02 for 100k to 800k tokens",
            "train",
            "train adamw(lr=0.02)  tokens in [100k..800k]",
        ),
        ("train:\n  optimizer: adamw\n  lr: 0.02\n  steps: 200", "train", "train adamw(lr=0.02)  steps = 200"),
        ('train {"lr": [0.01, 0.03], "seeds": 3}', "train", "train tune lr in {0.01, 0.03}  seed in {0, 1, 2}"),
        (
            "models transformers with two layers and widths 16, 32",
            "models",
            "models transformer(layers=2)  width in {16, 32}",
        ),
        ("random walks on an Erdos-Renyi graph with 512 nodes and p = .02", "data", "data walk(er(n=512, p=.02))"),
        ("train compute in {4, 16} GFLOP", "train", "train compute in {4GFLOP, 16GFLOP}"),
        ("train adamw  along tokens in [1k..8k]", "train", "train adamw  tokens along [1k..8k]"),
    ],
)
def test_what_is_said_is_written_anew(typed: str, part: str, written: str) -> None:
    assert reworded(typed, part, {}) == [written]


@pytest.mark.parametrize(
    ("typed", "part"),
    [
        ("train adamw until it is good", "train"),
        ("train adamw 3 4", "train"),
        ("models transformer(layers=2), mlp  width in [16..64]", "models"),
        ("train lr", "train"),
        ("train tune lr = 0.02", "train"),
    ],
)
def test_what_is_not_understood_is_not_offered(typed: str, part: str) -> None:
    assert reworded(typed, part, {}) is None


def test_claims_and_laws_in_words() -> None:
    assert "expect alpha in [0.3..0.5]" in claims("alpha to be between 0.3 and 0.5", "")
    assert "expect loss(width=64) < loss(width=16)" in claims("loss decreases with width", "models width in [16..64]")
    assert list(laws("the chinchilla law to all runs")) == ["fit chinchilla"]
    assert list(laws("chinchilla and something")) == []
    assert "fit chinchilla  where width != 16" in phrased("fit chinchilla ignoring width == 16", "fit")
