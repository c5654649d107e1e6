"""The shape of a model as compiled steps take it, and the part of a batch that goes through at once."""

from __future__ import annotations

import ctypes

from scalingdsl.spec.vocabulary.words.families import Transformer

from ...hardware.block_sizes import head_tokens

_INTEGERS = ("batch", "part", "length", "width", "heads", "hidden", "layers", "vocab", "block")
#: Tokens that go through a model at once, at least, and for each feature of its width: so few that their activations
#: stay in the caches, so many that reading the weights does not count. 256 tokens in place of 2,048 save a seventh of a
#: step at width 64; 512 save a thirtieth at 256.
PART_TOKENS, PART_WIDTHS = 256, 2


class Shape(ctypes.Structure):
    """`shape` of shape.h, which says what its fields are."""

    _fields_ = [
        *((name, ctypes.c_int64) for name in _INTEGERS),
        *((name, ctypes.c_float) for name in ("score_scale", "logit_scale", "embed_scale", "norm_eps")),
        *((name, ctypes.c_void_p) for name in ("cos", "sin", "places")),
    ]


def shape_of(model: Transformer, vocab: int, length: int, batch: int) -> Shape:
    """The sizes of a model, of its batches and of the parts they are taken in; scales and addresses are left open."""
    part = part_sequences(model.width, length, batch)
    return Shape(
        batch=batch,
        part=part,
        length=length,
        width=model.width,
        heads=model.n_heads,
        hidden=model.hidden,
        layers=model.layers,
        vocab=vocab,
        block=head_tokens(part * length, vocab, "cpu"),
    )


def part_sequences(width: int, length: int, batch: int) -> int:
    """Sequences of a batch that go through a model at once: a function of the shape alone, for the sake of the bits."""
    return min(batch, max(1, max(PART_TOKENS, PART_WIDTHS * width) // length))
