"""Causal attention of short contexts with rotary positions, from the projections' own layout and back to it.

One program takes a head of a sequence as one tile, the backward pass its queries in blocks of so many rows as registers
hold. Nothing is kept between the passes: scores are computed again, from queries and keys as the forward pass leaves
them in their place, scaled and turned by their positions, the even features of a head before the odd ones, since
positions turn them as pairs.
"""

from __future__ import annotations

from .triton_language import jit, tl


@jit
def _tile(base, t, j, stride, T: tl.constexpr, K: tl.constexpr):
    """Features j, of K, of tokens t: [tokens, features], in float32."""
    inside = (t[:, None] < T) & (j[None, :] < K)
    return tl.load(base + t[:, None] * stride + j[None, :], mask=inside, other=0.0).to(tl.float32)


@jit
def _dot(a, b, sums, NARROW: tl.constexpr, DOT: tl.constexpr, PRECISION: tl.constexpr):
    """sums + a b, of factors in the compute type."""
    return tl.dot(a.to(NARROW).to(DOT), b.to(NARROW).to(DOT), sums, input_precision=PRECISION)


@jit
def _turn(
    base,
    cos,
    sin,
    scale,
    T: tl.constexpr,
    M: tl.constexpr,
    K: tl.constexpr,
    TILE: tl.constexpr,
    FEATURES: tl.constexpr,
):
    """Leave queries and keys of one head as the other functions read them."""
    t, j = tl.arange(0, TILE), tl.arange(0, FEATURES // 2)
    c, s = _tile(cos, t, j, K // 2, T, K // 2), _tile(sin, t, j, K // 2, T, K // 2)
    qe, qo = _tile(base, t, 2 * j, 3 * M, T, K), _tile(base + 1, t, 2 * j, 3 * M, T, K)
    ke, ko = _tile(base + M, t, 2 * j, 3 * M, T, K), _tile(base + M + 1, t, 2 * j, 3 * M, T, K)
    tl.debug_barrier()  # all have read what is now written over
    to = base + t[:, None] * 3 * M + j[None, :]
    inside = (t[:, None] < T) & (j[None, :] < K // 2)
    tl.store(to, (qe * c - qo * s) * scale, mask=inside)
    tl.store(to + K // 2, (qe * s + qo * c) * scale, mask=inside)
    tl.store(to + M, ke * c - ko * s, mask=inside)
    tl.store(to + M + K // 2, ke * s + ko * c, mask=inside)
    tl.debug_barrier()


@jit
def _weights(
    base,
    rows,
    T: tl.constexpr,
    M: tl.constexpr,
    K: tl.constexpr,
    TILE: tl.constexpr,
    QUERIES: tl.constexpr,
    FEATURES: tl.constexpr,
    NARROW: tl.constexpr,
    DOT: tl.constexpr,
    PRECISION: tl.constexpr,
):
    """Softmax over the past [QUERIES, TILE] of the tokens `rows`; zero for those from T on."""
    t, j = tl.arange(0, TILE), tl.arange(0, FEATURES)
    queries, keys = _tile(base, rows, j, 3 * M, T, K), _tile(base + M, t, j, 3 * M, T, K)
    scores = _dot(queries, tl.trans(keys), tl.zeros((QUERIES, TILE), tl.float32), NARROW, DOT, PRECISION)
    past = (rows[:, None] >= t[None, :]) & (rows[:, None] < T)
    scores = tl.where(rows[:, None] >= t[None, :], scores, float("-inf"))
    weights = tl.where(past, tl.exp(scores - tl.max(scores, 1)[:, None]), 0.0)
    return weights / tl.maximum(tl.sum(weights, 1), 1.0)[:, None]  # the largest is 1


@jit
def attention(
    qkv,
    out,
    cos,
    sin,
    scale,
    T: tl.constexpr,
    M: tl.constexpr,
    H: tl.constexpr,
    K: tl.constexpr,
    TILE: tl.constexpr,
    FEATURES: tl.constexpr,
    NARROW: tl.constexpr,
    DOT: tl.constexpr,
    PRECISION: tl.constexpr,
):
    """One head of one sequence: `qkv` [P B, T, 3M] to `out` [P B, T, M]; `cos` and `sin` [T, K / 2]. Queries and keys
    are left turned.
    """
    item = tl.program_id(0).to(tl.int64)
    base, to = qkv + item // H * T * 3 * M + item % H * K, out + item // H * T * M + item % H * K
    _turn(base, cos, sin, scale, T, M, K, TILE, FEATURES)
    t, j = tl.arange(0, TILE), tl.arange(0, FEATURES)
    weights = _weights(base, t, T, M, K, TILE, TILE, FEATURES, NARROW, DOT, PRECISION)
    values = _tile(base + 2 * M, t, j, 3 * M, T, K)
    mixed = _dot(weights, values, tl.zeros((TILE, FEATURES), tl.float32), NARROW, DOT, PRECISION)
    tl.store(to + t[:, None] * M + j[None, :], mixed, mask=(t[:, None] < T) & (j[None, :] < K))


@jit
def _turned_back(base, d0, d1, cos, sin, scale, t, half, T: tl.constexpr, M: tl.constexpr, K: tl.constexpr):
    """Write gradients of queries or keys of tokens t, from those of what they were turned to, in halves."""
    c, s = _tile(cos, t, half, K // 2, T, K // 2), _tile(sin, t, half, K // 2, T, K // 2)
    to = base + t[:, None] * 3 * M + 2 * half[None, :]
    inside = (t[:, None] < T) & (half[None, :] < K // 2)
    tl.store(to, (d0 * c + d1 * s) * scale, mask=inside)
    tl.store(to + 1, (d1 * c - d0 * s) * scale, mask=inside)


@jit
def attention_backward(
    qkv,
    dout,
    cos,
    sin,
    scale,
    T: tl.constexpr,
    M: tl.constexpr,
    H: tl.constexpr,
    K: tl.constexpr,
    TILE: tl.constexpr,
    QUERIES: tl.constexpr,
    FEATURES: tl.constexpr,
    NARROW: tl.constexpr,
    DOT: tl.constexpr,
    PRECISION: tl.constexpr,
):
    """Gradients of queries, keys and values in the place of what `attention` left there, from those of the outputs
    [P B, T, M].

    Barriers keep what one product reads out of registers until the one before it is done, and let nothing be written
    over that is still read.
    """
    item = tl.program_id(0).to(tl.int64)
    base, above = qkv + item // H * T * 3 * M + item % H * K, dout + item // H * T * M + item % H * K
    t, j, half = tl.arange(0, TILE), tl.arange(0, FEATURES), tl.arange(0, FEATURES // 2)
    dvalues = tl.zeros((TILE, FEATURES), tl.float32)
    dk0, dk1 = tl.zeros((TILE, FEATURES // 2), tl.float32), tl.zeros((TILE, FEATURES // 2), tl.float32)
    for first in range(0, TILE, QUERIES):
        rows = first + tl.arange(0, QUERIES)
        weights = _weights(base, rows, T, M, K, TILE, QUERIES, FEATURES, NARROW, DOT, PRECISION)
        tl.debug_barrier()
        d = _tile(above, rows, j, M, T, K)
        dvalues = _dot(tl.trans(weights), d, dvalues, NARROW, DOT, PRECISION)
        tl.debug_barrier()
        d, values = _tile(above, rows, j, M, T, K), _tile(base + 2 * M, t, j, 3 * M, T, K)
        dweights = _dot(d, tl.trans(values), tl.zeros((QUERIES, TILE), tl.float32), NARROW, DOT, PRECISION)
        dscores = weights * (dweights - tl.sum(weights * dweights, 1)[:, None])
        tl.debug_barrier()
        q0, q1 = _tile(base, rows, half, 3 * M, T, K // 2), _tile(base + K // 2, rows, half, 3 * M, T, K // 2)
        dk0 = _dot(tl.trans(dscores), q0, dk0, NARROW, DOT, PRECISION)
        dk1 = _dot(tl.trans(dscores), q1, dk1, NARROW, DOT, PRECISION)
        tl.debug_barrier()
        k0, k1 = _tile(base + M, t, half, 3 * M, T, K // 2), _tile(base + M + K // 2, t, half, 3 * M, T, K // 2)
        none = tl.zeros((QUERIES, FEATURES // 2), tl.float32)
        dq0, dq1 = _dot(dscores, k0, none, NARROW, DOT, PRECISION), _dot(dscores, k1, none, NARROW, DOT, PRECISION)
        _turned_back(base, dq0, dq1, cos, sin, scale, rows, half, T, M, K)
    tl.debug_barrier()
    _turned_back(base + M, dk0, dk1, cos, sin, 1.0, t, half, T, M, K)
    tl.store(base + 2 * M + t[:, None] * 3 * M + j[None, :], dvalues, mask=(t[:, None] < T) & (j[None, :] < K))
