"""Numbers with magnitudes and units."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from scalingdsl.spec.errors import SpecError
from scalingdsl.spec.syntax.numbers import number, short, short_compute, text_of


@pytest.mark.parametrize(
    ("text", "value", "unit"),
    [
        ("32", 32, ""),
        (".02", 0.02, ""),
        ("1e-4", 1e-4, ""),
        ("64k", 64_000, ""),
        ("1.5M", 1_500_000, ""),
        ("2B", 2e9, ""),
        ("3T", 3e12, ""),
        ("20P", 2e16, ""),
        ("2%", 0.02, "%"),
        ("30s", 30, "s"),
        ("30min", 1800, "s"),
        ("2h", 7200, "s"),
        ("1d", 86_400, "s"),
        ("200steps", 200, "steps"),
        ("2ksteps", 2000, "steps"),
        ("5Mtokens", 5_000_000, "tokens"),
        ("7FLOP", 7, "FLOP"),
        ("5PFLOP", 5e15, "FLOP"),
        ("1EFLOPs", 1e18, "FLOP"),
    ],
)
def test_values_and_units(text: str, value: float, unit: str) -> None:
    assert number(text) == (value, unit)


def test_whole_numbers_are_integers() -> None:
    assert isinstance(number("64k").value, int)
    assert isinstance(number("1.5M").value, int)
    assert isinstance(number(".5").value, float)


def test_percent_equals_fraction() -> None:
    assert number("2%").value == number(".02").value


@pytest.mark.parametrize("text", ["5Mio", "30mins", "2x", "1e999", "3PFLOPS"])
def test_letters_that_mean_nothing_are_an_error_with_a_code(text: str) -> None:
    with pytest.raises(SpecError) as caught:
        number(text)
    assert [d.code for d in caught.value.diagnostics] == ["SCL201"]


def test_a_near_unit_is_suggested() -> None:
    with pytest.raises(SpecError) as caught:
        number("30mins")
    assert caught.value.diagnostics[0].helps == ("write `30min`",)
    with pytest.raises(SpecError) as caught:
        number("30sps")
    assert caught.value.diagnostics[0].helps == ("a unit with a similar name exists: `steps`",)


@given(st.floats(min_value=1e-12, max_value=1e18, allow_nan=False))
def test_canonical_text_reads_back_to_twelve_digits(value: float) -> None:
    again = number(text_of(value)).value
    assert again == pytest.approx(value, rel=1e-11)
    assert text_of(again) == text_of(value)


@pytest.mark.parametrize(
    ("value", "text"), [(250_000, "250k"), (4e6, "4M"), (0.003, "0.003"), (1e9, "1B"), (96, "96"), (2e16, "2e+16")]
)
def test_short_for_people(value: float, text: str) -> None:
    assert short(value) == text


def test_compute_for_people() -> None:
    assert short_compute(5e15) == "5PFLOP"
    assert short_compute(12) == "12FLOP"
