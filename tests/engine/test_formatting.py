"""Numbers as people read them, as tables of (number, text)."""

from __future__ import annotations

import pytest
from scalingdsl.engine import formatting

NAN = float("nan")


@pytest.mark.parametrize(
    ("function", "value", "text"),
    [
        (formatting.magnitude, 512, "512"),
        (formatting.magnitude, 249_856, "250k"),
        (formatting.magnitude, 999_936, "1M"),
        (formatting.magnitude, 1_048_576, "1.05M"),
        (formatting.magnitude, 2.1e9, "2.1B"),
        (formatting.magnitude, 950, "950"),
        (formatting.magnitude, 12_345, "12.3k"),
        (formatting.magnitude, 3e15, "3P"),
        (formatting.magnitude, NAN, "–"),
        (formatting.axis_value, 250_000, "250k"),
        (formatting.axis_value, 1_024_000, "1.024M"),
        (formatting.axis_value, 0.003, "0.003"),
        (formatting.axis_value, 64, "64"),
        (formatting.axis_value, "muP", "muP"),
        (formatting.size, 1_200_000_000, "1.2 GB"),
        (formatting.size, 340_000_000, "340 MB"),
        (formatting.integer, 106_880.0, "106,880"),
        (formatting.integer, NAN, "–"),
        (formatting.plain, 0.003, "0.003"),
        (formatting.plain, 64.0, "64"),
        (formatting.plain, 250_000.0, "250k"),
        (formatting.plain, "a|b", "a|b"),
        (formatting.plain, None, "–"),
        (formatting.percent, 1.0, "100 %"),
        (formatting.percent, 0.9996, ">99.9 %"),
        (formatting.percent, 0.975, "97.5 %"),
        (formatting.percent, 0.0001, "<0.1 %"),
        (formatting.percent, 0.0, "0 %"),
        (formatting.percent, None, "–"),
        (formatting.duration, 0.83, "0.8 s"),
        (formatting.duration, 43.4, "43 s"),
        (formatting.duration, 59.8, "1 min 00 s"),
        (formatting.duration, 552, "9 min 12 s"),
        (formatting.duration, 11_040, "3 h 04 min"),
        (formatting.duration, 3600 * 1239.6, "1,240 h"),
        (formatting.duration, NAN, "–"),
        (formatting.significant, 0.01204, "0.0120"),
        (formatting.significant, 2.389e-7, "2.39e-7"),
        (formatting.significant, 0.0, "0"),
        (formatting.significant, 99.96, "100"),
        (formatting.significant, -1.5, "-1.50"),
    ],
)
def test_single_numbers(function: object, value: object, text: str) -> None:
    assert function(value) == text  # type: ignore[operator]


def test_counts_ranges_and_units() -> None:
    assert formatting.prefixed(3.214e15, "FLOP") == "3.21 PFLOP"
    assert formatting.prefixed(NAN, "FLOP") == "–"
    assert [formatting.counted(n, "run") for n in (0, 1, 1200)] == ["no runs", "1 run", "1,200 runs"]
    assert formatting.span([14_416, 459_392, NAN]) == "14.4k to 459k"
    assert formatting.span([14_416.0]) == "14.4k"
    assert formatting.span([]) == "–"
