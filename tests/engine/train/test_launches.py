"""Operations of a step as on a GPU, counted on device meta: steps ask only whether they are on a CPU."""

from __future__ import annotations

from typing import Any

import pytest
import torch
from scalingdsl.engine.train.families.transformer import StackedTransformer, transformer_layout
from scalingdsl.spec.vocabulary.words.families import Transformer
from torch.utils._python_dispatch import TorchDispatchMode


class Count(TorchDispatchMode):
    """How many operations were called."""

    def __init__(self) -> None:
        super().__init__()
        self.calls = 0

    def __torch_dispatch__(self, func: Any, types: Any, args: Any = (), kwargs: Any = None) -> Any:
        self.calls += 1
        return func(*args, **(kwargs or {}))


def operations(rows: int, heads: int, length: int, vocab: int) -> int:
    """Operations of one step of a pack."""
    model = Transformer(width=32, layers=2, heads=heads)
    layout = transformer_layout(model, vocab)
    params = torch.zeros(rows, layout.stride, device="meta")
    stack = StackedTransformer(model, vocab, length, 3, params, torch.zeros_like(params), "fp32")
    chunk = stack.chunk(torch.zeros(1, rows, 3, length + 1, dtype=torch.int64, device="meta"))
    stack.step(chunk, 0)  # views are made in the first step
    with Count() as counted:
        stack.step(chunk, 0)
    return counted.calls


@pytest.mark.parametrize(("heads", "length", "vocab"), [(2, 50, 70), (4, 7, 37)])
def test_a_pack_takes_as_many_launches_as_one_model(heads: int, length: int, vocab: int) -> None:
    """Sizes that are no multiple of what vector loops of a CPU take at once are nothing to a GPU."""
    assert operations(8, heads, length, vocab) == operations(1, heads, length, vocab)
