"""Block sizes of data, of the output head and of attention scores."""

from __future__ import annotations

#: Tokens that a chunk of steps may have: on a GPU, where drawing data is some hundred launches however many they are,
#: as many as memory bears, of two chunks.
CHUNK_TOKENS = {"cpu": 2**20, "cuda": 2**24}
#: Logits in a block of the head: 1 MiB of float32, the second-level cache of a core; on a GPU enough to fill it.
HEAD_LOGITS = {"cpu": 2**18, "cuda": 2**27}
#: Logits of an evaluation at hand at once, 8 MiB of float64; on a GPU those of several models, enough to fill it.
EVALUATION_LOGITS = {"cpu": 2**20, "cuda": 2**26}
#: Tokens in a block at least, however large the vocabulary: every block adds to the gradient of the whole head.
HEAD_TOKENS = 128
#: The longest context, in features of a head, whose square of attention scores torch's steps write out on a CPU and
#: keep for the backward pass. At 64 tokens and heads of 64 features steps are 1.02 to 1.05 times as fast for it; at
#: heads of 16, where scores are most of what there is to read and write, 0.95 times.
CPU_SQUARE = 2
#: The longest context whose square of scores is written out on a GPU, where fused kernels add up gradients in whatever
#: order they come to them.
GPU_SQUARE = 512


def head_tokens(n_tokens: int, vocab: int, device: str) -> int:
    """Tokens of one model, of `n_tokens` in all, whose logits are at hand at once."""
    return min(n_tokens, max(HEAD_TOKENS, HEAD_LOGITS.get(device, HEAD_LOGITS["cpu"]) // vocab))
