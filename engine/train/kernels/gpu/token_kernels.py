"""The two ends of a model that touch the vocabulary: cross-entropy in place, and the gradient of the embedding."""

from __future__ import annotations

from .triton_language import jit, tl


@jit
def cross_entropy(logits, tokens, prob, first, length, share, V: tl.constexpr, BLOCK: tl.constexpr):
    """Of one token: logits [.., V] to the gradient of `share` times its loss, and the probability of its target.

    Rows of logits and of `prob` are those from row `first` on of the whole pack's [P N]; the target of a row is the
    token after it among the `length + 1` of its sequence.
    """
    r = tl.program_id(0).to(tl.int64)
    row = logits + r * V
    whole = first + r
    y = tl.load(tokens + whole + whole // length + 1)
    most, total = float("-inf"), 0.0
    for start in range(0, V, BLOCK):
        j = start + tl.arange(0, BLOCK)
        x = tl.load(row + j, mask=j < V, other=float("-inf")).to(tl.float32)
        new = tl.maximum(most, tl.max(x))
        total = total * tl.exp(most - new) + tl.sum(tl.exp(x - new))
        most = new
    right = tl.exp(tl.load(row + y).to(tl.float32) - most) / total
    tl.store(prob + whole, right)
    for start in range(0, V, BLOCK):
        j = start + tl.arange(0, BLOCK)
        x = tl.load(row + j, mask=j < V, other=float("-inf")).to(tl.float32)
        q = tl.exp(x - most) / total
        tl.store(row + j, (q - tl.where(j == y, 1.0, 0.0)) * share, mask=j < V)


@jit
def embedding_backward(
    dx,
    tokens,
    order,
    dtable,
    stride,
    n,
    length,
    scale,
    ADD: tl.constexpr,
    M: tl.constexpr,
    ROWS: tl.constexpr,
    COLS: tl.constexpr,
):
    """Rows of `dx` [P, n, M] times `scale`, added up by their tokens into rows of `dtable` (`stride` apart): += or =.

    `order` [P, n] int32 lists the rows by token, equal ones as they come. The program of a token's first row adds up
    all of that token's, so many at a time; programs of others have nothing to do.
    """
    p = tl.program_id(2).to(tl.int64)
    i = tl.program_id(0)
    sequences = tokens + p * (n // length) * (length + 1)
    order += p * n
    row = tl.load(order + i)
    token = tl.load(sequences + row + row // length)
    before = tl.load(order + i - 1, mask=i > 0, other=0)
    if (i == 0) | (tl.load(sequences + before + before // length) != token):
        j = tl.program_id(1) * COLS + tl.arange(0, COLS)
        sums = tl.zeros((COLS,), tl.float32)
        at, more = i, 1
        while more > 0:
            k = at + tl.arange(0, ROWS)
            rows = tl.load(order + k, mask=k < n, other=0)
            mine = (k < n) & (tl.load(sequences + rows + rows // length) == token)
            inside = mine[:, None] & (j[None, :] < M)
            sums += tl.sum(tl.load(dx + (p * n + rows)[:, None] * M + j[None, :], mask=inside, other=0.0), 0)
            at += ROWS
            more = tl.where(tl.sum(mine.to(tl.int32)) == ROWS, 1, 0)
        to = dtable + p * stride + token * M + j
        sums *= scale
        if ADD:
            sums += tl.load(to, mask=j < M, other=0.0)
        tl.store(to, sums, mask=j < M)
