"""Points of sweeps."""

from __future__ import annotations

from itertools import pairwise
from typing import Any

import pytest
from scalingdsl.spec.errors import Diagnostic
from scalingdsl.spec.expressions.canonical_tree import text
from scalingdsl.spec.expressions.sweeps import Points, read
from scalingdsl.spec.syntax.parser import parse_value


def points(text: str, *names: str) -> tuple[Points | None, list[Diagnostic]]:
    found: list[Diagnostic] = []
    return read(names or ("x",), parse_value(text), found.append), found


def values(text: str) -> list[Any]:
    read_, found = points(text)
    assert read_ is not None, found
    return [p[0] for p in read_.points]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("[32..512]", [32, 64, 128, 256, 512]),
        ("[.1..0.8]", [0.1, 0.2, 0.4, 0.8]),
        ("[250k..4M]", [250_000, 500_000, 1_000_000, 2_000_000, 4_000_000]),
        ("[64..1024 step 480]", [64, 544, 1024]),
        ("[0..9 step 3]", [0, 3, 6, 9]),
        ("[.1..0.3 step .1]", [0.1, 0.2, 0.3]),
        ("[1e-4..1e-1 times 10]", [1e-4, 1e-3, 1e-2, 1e-1]),
        ("[1..100 times 3.16]", [1, 3.16, 9.9856, 31.554496, 100]),
        ("[2..4 times 1.4142]", [2, 2.8284, 4]),
        ("[1..1000 count 4]", [1, 10, 100, 1000]),
        ("[16..128 count 4]", [16, 32, 64, 128]),
        ("[5..5]", [5]),
        ("[2*16..4*16]", [32, 64]),
        ("{1, 2k, 3%}", [1, 2000, 0.03]),
        ("{max(1, 2), 2^3}", [2, 8]),
        ("{SP, muP}", ["SP", "muP"]),
        ('{"a.txt"}', ["a.txt"]),
    ],
)
def test_points(text: str, expected: list[Any]) -> None:
    assert values(text) == expected


def test_counted_points_are_log_spaced_with_both_ends() -> None:
    found = values("[5e-6..0.1 count 14]")
    assert len(found) == 14
    assert (found[0], found[-1]) == (5e-6, 0.1)
    ratios = [b / a for a, b in pairwise(found)]
    assert max(ratios) == pytest.approx(min(ratios), rel=1e-9)


def test_calls_are_named_by_their_canonical_text_and_labels_by_themselves() -> None:
    read_, _ = points("{er(64, p=.1), small: er(n=32, p=.2)}")
    assert read_ is not None
    assert read_.named
    assert [p[0] for p in read_.points] == ["er(n=64, p=0.1)", "small"]
    assert text(read_.stands[0]["small"]) == "er(n=32, p=0.2)"


@pytest.mark.parametrize("typed", ["1d", "3h", "0.5min", "20ksteps", "5GFLOP", "1.5Mtokens"])
def test_canonical_numbers_are_read_again(typed: str) -> None:
    once = text(parse_value(typed))
    assert text(parse_value(once)) == once


def test_joint_points() -> None:
    read_, found = points("{(64, 2), (128, 4)}", "width", "layers")
    assert read_ is not None
    assert (read_.points, found) == (((64, 2), (128, 4)), [])


@pytest.mark.parametrize(
    ("text", "code", "message"),
    [
        ("[512..32]", "SCL305", "the range falls from 512 to 32, and a range rises"),
        ("[0..8]", "SCL304", "a start of 0 never reaches 8 by multiplying"),
        ("[1..8 step 0]", "SCL304", "a step of 0 never reaches 8"),
        ("[1..8 times 1]", "SCL304", "a factor of 1 never reaches 8 by multiplying"),
        ("[1..8 count 1]", "SCL304", "`count 1` points cannot span a range"),
        ("[0..8 count 3]", "SCL304", "log-spaced points cannot start at 0"),
        ("[1..1M step 1]", "SCL306", "this range has 1,000,000 points, more than 100,000"),
        ("{1, [2..4]}", "SCL309", "a sweep cannot stand inside a sweep"),
        ("{20*N}", "SCL301", "`N` is not a number; the values of a sweep are known before any run"),
        ("{1/0}", "SCL204", "`1/0` has no value"),
        ("64", "SCL303", "`64` is no sweep"),
    ],
)
def test_what_is_no_sweep_says_why(text: str, code: str, message: str) -> None:
    read_, found = points(text)
    assert read_ is None
    assert [(d.code, d.message) for d in found] == [(code, message)]


@pytest.mark.parametrize(
    ("text", "message", "help_"),
    [
        ("[32..300]", "the range stops at 256, before its end 300", "`[32..256]` or `[32..512]`"),
        ("[1..10 step 4]", "the range stops at 9, before its end 10", "`[1..9 step 4]` or `[1..13 step 4]`"),
        (
            "[1e-4..1e1 times 3]",
            "the range stops at 5.9049, before its end 10",
            "`[0.0001..5.9049 times 3]` or `[0.0001..17.7147 times 3]`",
        ),
    ],
)
def test_an_end_that_is_not_reached_is_a_warning_with_the_nearest_ends(text: str, message: str, help_: str) -> None:
    read_, found = points(text)
    assert read_ is not None
    assert [(d.code, d.severity, d.message) for d in found] == [("SCL307", "warning", message)]
    assert found[0].helps == (f"write {help_}: these ends are reached",)


@pytest.mark.parametrize(
    ("text", "help_"),
    [
        ("[32..256+32]", "write `[32..256 step 32]` to go on so from point to point"),
        ("[100k..1M*10^.5]", "write `[100k..1M times 10^0.5]` to go on so from point to point"),
        ("[0..4 +1]", "write `[0..4 step 1]` to go on so from point to point"),
        ("[32..256 / 32]", "write `[32..256 step 32]`"),
    ],
)
def test_a_spacing_that_stands_in_the_end_of_a_range_is_told(text: str, help_: str) -> None:
    _, found = points(text)
    assert [d.helps[0] for d in found] == [help_]


@pytest.mark.parametrize("text", ["[16..256*4]", "[16..2*128]", "[16+16..256]", "[10^2..10^4 times 10]", "[8..7 + 1]"])
def test_an_end_that_is_worked_out_and_reached_is_silent(text: str) -> None:
    assert points(text)[1] == []


def test_a_value_listed_twice_is_an_error_and_kept_once() -> None:
    read_, found = points("{1, 2, 1.0}")
    assert read_ is not None
    assert [p[0] for p in read_.points] == [1, 2]
    assert [d.code for d in found] == ["SCL308"]


def test_a_falling_range_offers_its_ends_swapped() -> None:
    _, found = points("[512..32]")
    assert [(e.span.start, e.text) for e in found[0].fixes[0].edits] == [(1, "32"), (6, "512")]


def test_huge_ranges_are_counted_not_listed() -> None:
    _, found = points("[1..1e18 step 1]")
    assert found[0].code == "SCL306"


def test_a_long_list_is_read_at_once() -> None:
    """Looking each value up among all before it would take minutes."""
    expected = list(range(5_000))
    assert values("{" + ", ".join(map(str, expected)) + "}") == expected
