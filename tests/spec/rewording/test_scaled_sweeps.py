"""Sweeps that numbers are calculated with, as the values that come out."""

from __future__ import annotations

import pytest
from scalingdsl.spec.rewording.training.scaled_sweeps import scaled_sweep

WORKED_OUT = {
    "16*{1, 2, 4, 8}": "[16..128]",
    "[1..4]*64": "{64, 128, 256}",
    "2^[6..12 step 1]": "[64..4096]",
    "100k*2^{0, 1, 2, 3}": "[100k..800k]",
    "10^[-3..-1]": "{0.001, 0.01, 0.1}",
    "[100k..800k]/2": "[50k..400k]",
    "{32, 64} + 16": "{48, 80}",
    "{1, 2, 4}*2%": "{0.02, 0.04, 0.08}",
    "1GFLOP*{1, 4, 16}": "{1GFLOP, 4GFLOP, 16GFLOP}",
    "10^[10..12 step 0.5] FLOP": "[10GFLOP..1TFLOP count 5]",
    "sqrt({1e10, 4e10})": "{100k, 200k}",
}


@pytest.mark.parametrize("said", WORKED_OUT)
def test_it_is_worked_out(said: str) -> None:
    found = scaled_sweep(said, 0, whole=False)
    assert found is not None
    assert (found.text, found.length) == (WORKED_OUT[said], len(said))


@pytest.mark.parametrize("said", ["{1, 2, 4}", "[16..64]", "N*{1, 2}", "{1, 2}*[16..64]", "2*8", "{1k, 2k}*1FLOP*1s"])
def test_what_is_one_or_is_no_numbers_is_left(said: str) -> None:
    assert scaled_sweep(said, 0, whole=False) is None


def test_sizes_that_are_not_whole_are_left() -> None:
    assert scaled_sweep("{1, 2}/3", 0, whole=True) is None
