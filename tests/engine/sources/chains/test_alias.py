"""Alias tables give each slot exactly its probability."""

from __future__ import annotations

import numpy as np
from hypothesis import given
from hypothesis import strategies as st
from scalingdsl.engine.sources.chains.alias import alias_tables


def implied(indptr: np.ndarray, keep: np.ndarray, alias: np.ndarray) -> np.ndarray:
    """Probability that each slot is the outcome."""
    even = np.repeat(1 / np.diff(indptr), np.diff(indptr))
    found: np.ndarray = even * keep
    np.add.at(found, alias, even * (1 - keep))
    return found


@given(st.lists(st.lists(st.floats(1e-9, 1e3), min_size=1, max_size=40), min_size=1, max_size=12))
def test_tables_give_back_the_rows(rows: list[list[float]]) -> None:
    indptr = np.cumsum([0, *map(len, rows)])
    probability = np.concatenate([np.array(row) / np.sum(row) for row in rows])
    keep, alias = alias_tables(indptr, probability)
    assert ((keep >= 0) & (keep <= 1 + 1e-12)).all()
    row = np.repeat(np.arange(len(rows)), np.diff(indptr))
    assert np.array_equal(row[alias], row)
    np.testing.assert_allclose(implied(indptr, keep, alias), probability, atol=1e-12)


def test_rows_without_slots_are_passed_over() -> None:
    indptr = np.array([0, 0, 2, 2, 5, 5])
    probability = np.array([0.25, 0.75, 0.2, 0.7, 0.1])
    keep, alias = alias_tables(indptr, probability)
    np.testing.assert_allclose(implied(indptr[[0, 2, 5]], keep, alias), probability, atol=1e-15)


def test_a_long_row_among_short_ones() -> None:
    probability = np.concatenate([np.arange(1, 5001.0) / np.arange(1, 5001.0).sum(), [0.5, 0.5], [1.0]])
    indptr = np.array([0, 5000, 5002, 5003])
    np.testing.assert_allclose(implied(indptr, *alias_tables(indptr, probability)), probability, atol=1e-12)
