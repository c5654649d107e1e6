"""Losses by position: means that add up to the loss, and those of a model that knows some positions better."""

from __future__ import annotations

import numpy as np
import pytest
import torch
from scalingdsl.engine.sources import open_source
from scalingdsl.engine.train.evaluate_loss import batch_size, evaluate
from scalingdsl.engine.train.families.transformer import StackedTransformer
from scalingdsl.engine.train.measures.loss_by_position import by_position, ends_of

from .test_evaluate_loss import MODEL, SMALL, brute_force, drawn


def test_neighbours_are_taken_together_evenly_in_the_logarithm() -> None:
    assert ends_of(16) == (1, 2, 3, 4, 5, 6, 7, 8, 10, 12, 14, 16)
    assert ends_of(13) == (1, 2, 3, 4, 5, 6, 7, 8, 10, 12, 13)
    assert ends_of(1) == (1,)
    assert len(ends_of(1024)) == 36


def test_positions_add_up_to_the_loss_of_all() -> None:
    row = drawn(6)
    for source in (SMALL, SMALL.model_copy(update={"exhaustive": True})):
        stream = open_source(source)
        found = stream.evaluation()
        batch = batch_size(stream.vocab, stream.length, len(found.tokens))
        judge = StackedTransformer(MODEL, stream.vocab, stream.length, batch, row, None, "fp32")
        with torch.no_grad():
            (plain,) = evaluate(judge, found, stream.entropy_rate, batch)
            (got,) = evaluate(judge, found, stream.entropy_rate, batch, positions=True)
        # Asking for positions moves nothing else.
        assert not plain.positions
        assert (plain.loss, plain.excess, plain.others) == (got.loss, got.excess, got.others)
        assert got.positions["ends"] == (1, 2, 3, 4)
        assert np.mean(got.positions["excess"]) == pytest.approx(got.excess, rel=1e-5)
        if source.exhaustive:
            # Every context with its probability: the cross-entropy itself, here also by enumeration.
            assert np.mean(got.positions["loss"]) == pytest.approx(brute_force(source, row), abs=1e-5)
            assert got.positions["loss_error"] == (0, 0, 0, 0)


def test_means_and_errors_are_those_of_sequences() -> None:
    above = torch.tensor([[4.0, 2, 1, 1, 1, 1, 1, 1, 0.4, 0.6], [2.0, 0, 1, 1, 1, 1, 1, 1, 0.2, 0.2]]).double()
    entropy = torch.full_like(above, 0.5)
    found = by_position(above, entropy, None)
    assert found["ends"] == (1, 2, 3, 4, 5, 6, 7, 8, 10)
    assert found["excess"] == (3, 1, 1, 1, 1, 1, 1, 1, pytest.approx(0.35))
    assert found["loss"] == tuple(pytest.approx(x + 0.5) for x in found["excess"])
    # Of two sequences: half their difference, for the standard deviation is that over the root of two.
    assert found["excess_error"][0] == pytest.approx(1.0)
    assert found["excess_error"][-1] == pytest.approx(0.15)
    without = by_position(above, None, None)
    assert without["loss"] == found["excess"]
    assert "excess" not in without
