"""Parameters and FLOPs: the closed forms of the vocabulary against what is there and what is done."""

from __future__ import annotations

import itertools

import pytest
import torch
from scalingdsl.engine.train.families.reference_transformer import ReferenceTransformer
from scalingdsl.engine.train.families.transformer import StackedTransformer, transformer_layout
from scalingdsl.engine.train.flops import CountFlops
from scalingdsl.spec.vocabulary.words.families import Transformer

SHAPES = [
    *(
        Transformer(width=width, layers=layers, tied=tied, param=param)
        for (width, layers), (tied, param) in itertools.product(
            [(8, 1), (16, 2), (24, 3), (64, 2), (128, 1)], [(True, "muP"), (False, "SP")]
        )
    ),
    Transformer(width=16, grams=3),
    *(
        Transformer(width=32, heads=h, mlp=m, tied=t)
        for h, m, t in itertools.product([1, 4], [1, 2.5, 8], [True, False])
    ),
]


def test_there_are_enough_shapes() -> None:
    assert len(set(SHAPES)) >= 20


@pytest.mark.parametrize("model", SHAPES, ids=str)
def test_parameters(model: Transformer) -> None:
    vocab = 23
    layout = transformer_layout(model, vocab)
    net = ReferenceTransformer(model, vocab, torch.zeros(layout.n_params))
    assert model.n_total(vocab) == sum(p.numel() for p in net.parameters()) == layout.n_params
    matrices = {id(net.embed.weight), id(net.head.weight)}
    assert model.n_body == sum(p.numel() for p in net.parameters() if id(p) not in matrices)
    assert layout.groups[0].start == 0
    assert all(a.stop == b.start for a, b in itertools.pairwise(layout.groups))
    assert layout.stride % 16 == 0
    assert layout.stride % model.width == 0


@pytest.mark.slow
@pytest.mark.parametrize("rows", [1, 3])
@pytest.mark.parametrize("model", SHAPES, ids=str)
def test_flops(model: Transformer, rows: int) -> None:
    vocab, length, batch = 23, 6, 2
    layout = transformer_layout(model, vocab)
    params = torch.zeros(rows, layout.stride)
    stack = StackedTransformer(model, vocab, length, batch, params, torch.zeros_like(params), "fp32")
    with torch.no_grad():
        chunk = stack.chunk(torch.zeros(1, rows, batch, length + 1, dtype=torch.int64))
        with CountFlops() as counted:
            stack.step(chunk, 0)
    assert counted.total == rows * batch * length * model.flops_per_token(vocab, length)
