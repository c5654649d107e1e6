"""Places of a sequence that follow what its last tokens are: what memories of n-grams and heads that match them read.

Axes: T time, twice: i the place that is read, j the place that is looked at.
"""

from __future__ import annotations

from collections.abc import Iterator

import torch
from torch import Tensor


def matches(tokens: Tensor, most: int) -> Iterator[Tensor]:
    """For n = 0 to `most`, bool [..., T, T]: at (i, j), j <= i, True where the n tokens before j are those up to i.

    So the token at j is one that followed, earlier in the sequence, what the next one follows; of n = 0 all did.

    Args:
        tokens: [..., T], whatever tells them apart.
        most: The largest n.
    """
    length = tokens.shape[-1]
    past = torch.ones(length, length, dtype=torch.bool, device=tokens.device).tril_()
    found = past.expand(*tokens.shape, length)
    yield found
    if not most:
        return
    last = torch.zeros(*tokens.shape, length, dtype=torch.bool, device=tokens.device)
    last[..., 1:] = tokens[..., :, None] == tokens[..., None, :-1]
    last &= past
    for n in range(1, most + 1):
        if n == 1:
            found = last
        else:
            longer = torch.zeros_like(last)
            longer[..., 1:, 1:] = last[..., 1:, 1:] & found[..., :-1, :-1]
            found = longer
        yield found
