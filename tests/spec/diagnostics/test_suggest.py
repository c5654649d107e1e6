"""Near misses."""

from __future__ import annotations

import pytest
from scalingdsl.spec.diagnostics.suggest import listing, similar


@pytest.mark.parametrize(
    ("typed", "meant"),
    [("widht", "width"), ("lenght", "length"), ("mup", "muP"), ("warm_up", "warmup"), ("leyers", "layers")],
)
def test_a_slip_is_recognised(typed: str, meant: str) -> None:
    assert similar(typed, ["width", "length", "muP", "SP", "warmup", "layers", "heads", "lr"]) == meant


@pytest.mark.parametrize(
    ("typed", "meant"),
    [
        ("learning_rate", "lr"),
        ("lr_max", "lr"),
        ("d_model", "width"),
        ("n_layers", "layers"),
        ("n_heads", "heads"),
        ("batch_size", "batch"),
    ],
)
def test_names_of_other_tools_are_known(typed: str, meant: str) -> None:
    assert similar(typed, ["width", "layers", "heads", "lr", "batch", "base_width"]) == meant
    assert similar(typed, ["graph", "p"]) is None


@pytest.mark.parametrize("typed", ["x", "graph", "m", "zzz", ""])
def test_nothing_is_suggested_for_nothing_alike(typed: str) -> None:
    assert similar(typed, ["width", "length", "muP", "lr"]) is None


def test_the_name_itself_is_no_suggestion() -> None:
    assert similar("width", ["width"]) is None


def test_listing() -> None:
    assert listing([]) == ""
    assert listing(["a"]) == "`a`"
    assert listing(["a", "b", "c"], last="or") == "`a`, `b` or `c`"
