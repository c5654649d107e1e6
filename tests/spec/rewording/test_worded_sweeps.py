"""Sweeps as people say them, with all of their numbers."""

from __future__ import annotations

import pytest
from scalingdsl.spec.rewording.training.sweep_words import read_sweep

SAID = {
    "from 125k to 1M doubling": "[125k..1M]",
    "125k -> 1M": "[125k..1M]",
    "[125k..8M x4]": "[125k..8M times 4]",
    "125000:1000000:125000": "[125000..1000000 step 125000]",
    "[16 : 16 : 128]": "[16..128 step 16]",
    "16 to 128 in steps of 16": "[16..128 step 16]",
    "16 to 256 in 5 steps": "[16..256 count 5]",
    "five values between 1e-3 and 1e-1": "[1e-3..1e-1 count 5]",
    "[125k..1M, log, 4]": "[125k..1M count 4]",
    "0.001 to 0.1, 3 per decade": "[0.001..0.1 count 7]",
    "100..800 linear 8": "{100, 200, 300, 400, 500, 600, 700, 800}",
    "10^{-3, -2, -1}": "{0.001, 0.01, 0.1}",
    "2^[17..20]": "[131072..1048576]",
    "{100k, 200k, 400k, etc., 1.6M}": "[100k..1.6M]",
    "1 to 8 million": "[1M..8M]",
    "[0.01 PF-days..0.08 PF-days]": "[864PFLOP..6.912EFLOP]",
    "1M down to 125k": "[125k..1M]",
    "125k, 250k and 1M": "{125k, 250k, 1M}",
    "0 to 4": "{0, 1, 2, 3, 4}",
}


@pytest.mark.parametrize("said", SAID)
def test_it_is_read_with_its_numbers(said: str) -> None:
    read = read_sweep(said)
    assert read is not None
    assert (read.text, read.length) == (SAID[said], len(said))


@pytest.mark.parametrize("said", ["about 16 to 64", "[16, width, 64]", "16 to 64 but not 32 to 48", "many", "5 to 5"])
def test_what_is_not_understood_is_left(said: str) -> None:
    read = read_sweep(said)
    assert read is None or read.length < len(said)
