"""Numbers as reports print them, as tables of (number, text)."""

from __future__ import annotations

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st
from scalingdsl.engine.formatting import magnitude, percent, plain, significant
from scalingdsl.engine.report import rounding

NAN, INF = float("nan"), float("inf")


@pytest.mark.parametrize(
    ("error", "places"),
    [
        (0.100, 2),
        (0.354, 2),
        (0.355, 1),
        (0.949, 1),
        (0.950, 1),
        (0.999, 1),
        (0.9996, 1),
        (1.2, 1),
        (36, -1),
        (120, -1),
    ],
)
def test_the_pdg_rule_keeps_two_digits_below_355_and_one_above(error: float, places: int) -> None:
    assert rounding.decimals(error) == places


@pytest.mark.parametrize(
    ("value", "low", "high", "expected"),
    [
        (0.531, 0.4812, 0.5833, ("0.53", "0.48 to 0.58")),
        (2.39091, 2.38793, 2.39902, ("2.3909", "2.3879 to 2.3990")),
        (0.8270, 0.8154, 0.8342, ("0.827", "0.815 to 0.834")),
        (477.8, 210.0, 1043.0, ("480", "210 to 1040")),
        (2.01, 2.0, 3.0, ("2.01", "2.00 to 3.00")),
        (12_345_678.0, 9_000_000.0, 15_000_000.0, ("1.23e7", "0.90e7 to 1.50e7")),
        (3.3e-6, 2.5e-6, 4.1e-6, ("3.3e-6", "2.5e-6 to 4.1e-6")),
        (0.0, -0.001, 0.0012, ("0.0000", "-0.0010 to 0.0012")),
        (-0.0004, -0.06, 0.06, ("0.00", "-0.06 to 0.06")),
        (1.5, 1.6, 1.9, ("1.50", "1.60 to 1.90")),
        (1.5, 1.5, 1.5, ("1.500", "–")),
        (1.5, None, None, ("1.500", "–")),
        (1.5, NAN, 2.0, ("1.500", "–")),
        (NAN, 1.0, 2.0, ("–", "–")),
        (INF, 1.0, 2.0, ("–", "–")),
    ],
)
def test_a_value_and_its_interval_end_at_the_same_decimal(
    value: float, low: float | None, high: float | None, expected: tuple[str, str]
) -> None:
    assert rounding.measured(value, low, high) == expected


@pytest.mark.parametrize(
    ("value", "error", "expected"),
    [
        (2.43121, 0.00117, ("2.4312", "0.0012")),
        (2.43121, 0.0082, ("2.431", "0.008")),
        (2.43121, NAN, ("2.4312", "–")),
        (2.43121, 0.0, ("2.4312", "–")),
        (NAN, 0.1, ("–", "–")),
        (2e-6, 3e-7, ("2.00e-6", "0.30e-6")),
    ],
)
def test_a_value_and_its_standard_error(value: float, error: float, expected: tuple[str, str]) -> None:
    assert rounding.with_error(value, error) == expected


@given(
    st.floats(allow_nan=True, allow_infinity=True),
    st.floats(allow_nan=True, allow_infinity=True),
    st.floats(allow_nan=True, allow_infinity=True),
)
def test_nothing_is_ever_printed_as_nan_or_infinity(value: float, low: float, high: float) -> None:
    low, high = min(low, high), max(low, high)
    texts = [*rounding.measured(value, low, high), *rounding.with_error(value, low)]
    texts += [show(value) for show in (significant, magnitude, percent, plain)]
    for text in texts:
        assert text
        assert not any(word in text for word in ("nan", "inf", "None"))


@given(st.floats(-1e6, 1e6), st.floats(0.01, 1e3), st.floats(0.01, 1e3))
def test_rounding_moves_no_number_by_more_than_a_seventh_of_the_longer_side(
    value: float, below: float, above: float
) -> None:
    low, high = value - below, value + above
    if not low < value < high:  # lost in the spacing of floats
        return
    text, interval = rounding.measured(value, low, high)
    shown = [float(text), *(float(x) for x in interval.split(" to "))]
    for number, printed in zip((value, low, high), shown):
        assert math.isclose(number, printed, rel_tol=1e-9, abs_tol=0.15 * max(below, above))
