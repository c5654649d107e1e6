"""The output head and its cross-entropy, fused: probabilities of a block of tokens live only until their gradient is
taken.

Logits of all tokens at once would be the largest tensor of a small model by far. Here a block of them is multiplied
out, turned into probabilities in place, read at the targets, made into the gradient p - 1[target], and used; no
log-probabilities are stored. A block holds whole models, or part of the tokens of one, as a function of the shape
alone, so that a model's sums are the same in every pack.

Axes: P packed model, N = batch times time, M width, V vocabulary.
"""

from __future__ import annotations

from dataclasses import dataclass

import torch
from torch import Tensor

from ...hardware.block_sizes import HEAD_LOGITS, head_tokens
from ..cpu_settings import product
from ..parameter_layout import LINE

#: Smallest probability of a target that the reported training loss tells apart (float32's smallest normal number).
TINY = 1.2e-38


def mean_losses(prob: Tensor) -> Tensor:
    """Mean losses in nats, float64 [S, P], of the probabilities given to targets, whose tokens are the last two axes;
    one of probability 0 counts as 87 nats.
    """
    return -prob.clamp_min(TINY).log().double().mean((-2, -1))


@dataclass(frozen=True)
class Block:
    """Models `rows` and tokens `tokens` of each."""

    rows: slice
    tokens: slice
    first: bool


def blocks(rows: int, n_tokens: int, vocab: int, device: str) -> list[Block]:
    """Blocks that `rows` models of `n_tokens` tokens are cut into."""
    limit = HEAD_LOGITS.get(device, HEAD_LOGITS["cpu"])
    if n_tokens * vocab <= limit:
        # On a CPU, models whose logits would not begin on a cache line of their own are not put side by side.
        even = device != "cpu" or n_tokens * vocab % LINE == 0
        together = limit // (n_tokens * vocab) if even else 1
        return [Block(slice(r, min(r + together, rows)), slice(0, n_tokens), True) for r in range(0, rows, together)]
    size = head_tokens(n_tokens, vocab, device)
    parts = range(0, n_tokens, size)
    return [Block(slice(r, r + 1), slice(t, min(t + size, n_tokens)), t == 0) for r in range(rows) for t in parts]


def block_size(rows: int, n_tokens: int, vocab: int, device: str) -> int:
    """Logits in the largest block."""
    cut = blocks(rows, n_tokens, vocab, device)
    return vocab * max((b.rows.stop - b.rows.start) * (b.tokens.stop - b.tokens.start) for b in cut)


class FusedHead:
    """Loss and gradients of `logits = h E^T` for the first `rows` models, over views made once."""

    def __init__(
        self,
        h_PNM: Tensor,
        dh_PNM: Tensor,
        weight_PVM: Tensor,
        dweight_PVM: Tensor,
        scratch: Tensor,
        wide: Tensor | None,
    ) -> None:
        """Views of all arguments are kept; `scratch` holds a block of logits in the compute type, `wide` one in float32
        if that is another.
        """
        rows, n_tokens, width = h_PNM.shape
        vocab = weight_PVM.shape[1]
        self._scale = 1 / n_tokens
        self._bmm, self._baddbmm = (product(op, width, n_tokens) for op in (torch.bmm, torch.baddbmm))
        self._parts = []
        for block in blocks(rows, n_tokens, vocab, h_PNM.device.type):
            r, t = block.rows, block.tokens
            shape = (r.stop - r.start, t.stop - t.start, vocab)
            size = shape[0] * shape[1] * vocab
            logits = scratch[:size].view(shape)
            prob = logits if wide is None else wide[:size].view(shape)
            minus_one = torch.full((*shape[:2], 1), -1.0, device=h_PNM.device)
            tensors = (h_PNM[r, t], dh_PNM[r, t], weight_PVM[r], weight_PVM[r].transpose(1, 2), dweight_PVM[r])
            self._parts.append((block, logits, logits.transpose(1, 2), prob, minus_one, *tensors))

    def __call__(self, target_PN1: Tensor, prob_PN1: Tensor) -> None:
        """Probability of each target into `prob_PN1`; gradients of the mean loss of each model into dh and dweight."""
        for block, logits, logits_T, prob, minus_one, h, dh, weight, weight_T, dweight in self._parts:
            target = target_PN1[block.rows, block.tokens]
            self._bmm(h, weight_T, out=logits)
            if prob is logits:
                torch.softmax(logits, -1, out=logits)
            else:
                torch.softmax(logits, -1, dtype=torch.float32, out=prob)
            torch.gather(prob, 2, target, out=prob_PN1[block.rows, block.tokens])
            prob.scatter_add_(2, target, minus_one)
            if prob is not logits:
                logits.copy_(prob)
            self._baddbmm(dh, logits, weight, beta=0, alpha=self._scale, out=dh)
            self._baddbmm(dweight, logits_T, h, beta=0 if block.first else 1, alpha=self._scale, out=dweight)
