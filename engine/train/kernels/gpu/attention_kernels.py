"""Causal attention of short contexts with rotary positions, from the projections' own layout and back to it.

One program takes a head of a sequence as one tile. Nothing is kept for the backward pass: scores are computed again.
Even and odd features of a head are held apart, since rotary positions turn them as pairs.
"""

from __future__ import annotations

from .triton_language import jit, tl


@jit
def _halves(base, t, stride, T: tl.constexpr, K: tl.constexpr, FEATURES: tl.constexpr):
    """Even and odd features [TILE, FEATURES / 2] of rows t."""
    j = tl.arange(0, FEATURES // 2)
    inside = (t[:, None] < T) & (2 * j[None, :] < K)
    at = t[:, None] * stride + 2 * j[None, :]
    even = tl.load(base + at, mask=inside, other=0.0).to(tl.float32)
    return even, tl.load(base + at + 1, mask=inside, other=0.0).to(tl.float32)


@jit
def _dot(a, b, sums, NARROW: tl.constexpr, DOT: tl.constexpr, PRECISION: tl.constexpr):
    """sums + a b, of factors in the compute type."""
    return tl.dot(a.to(NARROW).to(DOT), b.to(NARROW).to(DOT), sums, input_precision=PRECISION)


@jit
def _weights(
    q0,
    q1,
    k0,
    k1,
    t,
    T: tl.constexpr,
    TILE: tl.constexpr,
    NARROW: tl.constexpr,
    DOT: tl.constexpr,
    PRECISION: tl.constexpr,
):
    """Softmax over the past [TILE, TILE]; rows from T on are those of no token."""
    scores = _dot(q0, tl.trans(k0), tl.zeros((TILE, TILE), tl.float32), NARROW, DOT, PRECISION)
    scores = _dot(q1, tl.trans(k1), scores, NARROW, DOT, PRECISION)
    past = (t[:, None] >= t[None, :]) & (t[None, :] < T)
    scores = tl.where(past, scores, float("-inf"))
    weights = tl.where(past, tl.exp(scores - tl.max(scores, 1)[:, None]), 0.0)
    return weights / tl.sum(weights, 1)[:, None]


@jit
def _turned(
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
    """Scaled queries and keys of one head, turned by their places, as halves [TILE, FEATURES / 2], with the turns."""
    t, j = tl.arange(0, TILE), tl.arange(0, FEATURES // 2)
    turn = t[:, None] * (K // 2) + j[None, :]
    known = (t[:, None] < T) & (2 * j[None, :] < K)
    c, s = tl.load(cos + turn, mask=known, other=0.0), tl.load(sin + turn, mask=known, other=0.0)
    qe, qo = _halves(base, t, 3 * M, T, K, FEATURES)
    ke, ko = _halves(base + M, t, 3 * M, T, K, FEATURES)
    q0, q1 = (qe * c - qo * s) * scale, (qe * s + qo * c) * scale
    k0, k1 = ke * c - ko * s, ke * s + ko * c
    return t, j, known, c, s, q0, q1, k0, k1


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
    """One head of one sequence: `qkv` [P B, T, 3M] to `out` [P B, T, M]; `cos` and `sin` [T, K / 2]."""
    item = tl.program_id(0).to(tl.int64)
    base = qkv + item // H * T * 3 * M + item % H * K
    t, j, known, _c, _s, q0, q1, k0, k1 = _turned(base, cos, sin, scale, T, M, K, TILE, FEATURES)
    weights = _weights(q0, q1, k0, k1, t, T, TILE, NARROW, DOT, PRECISION)
    ve, vo = _halves(base + 2 * M, t, 3 * M, T, K, FEATURES)
    none = tl.zeros((TILE, FEATURES // 2), tl.float32)
    to = out + item // H * T * M + item % H * K + t[:, None] * M + 2 * j[None, :]
    tl.store(to, _dot(weights, ve, none, NARROW, DOT, PRECISION), mask=known)
    tl.store(to + 1, _dot(weights, vo, none, NARROW, DOT, PRECISION), mask=known)


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
    FEATURES: tl.constexpr,
    NARROW: tl.constexpr,
    DOT: tl.constexpr,
    PRECISION: tl.constexpr,
):
    """Gradients of queries, keys and values in their place, from those of the outputs [P B, T, M]."""
    item = tl.program_id(0).to(tl.int64)
    base = qkv + item // H * T * 3 * M + item % H * K
    t, j, known, c, s, q0, q1, k0, k1 = _turned(base, cos, sin, scale, T, M, K, TILE, FEATURES)
    weights = tl.where(t[:, None] < T, _weights(q0, q1, k0, k1, t, T, TILE, NARROW, DOT, PRECISION), 0.0)
    ve, vo = _halves(base + 2 * M, t, 3 * M, T, K, FEATURES)
    de, do = _halves(dout + item // H * T * M + item % H * K, t, M, T, K, FEATURES)
    dweights = _dot(de, tl.trans(ve), tl.zeros((TILE, TILE), tl.float32), NARROW, DOT, PRECISION)
    dweights = _dot(do, tl.trans(vo), dweights, NARROW, DOT, PRECISION)
    dscores = weights * (dweights - tl.sum(weights * dweights, 1)[:, None])
    none = tl.zeros((TILE, FEATURES // 2), tl.float32)
    to = base + t[:, None] * 3 * M + 2 * j[None, :]
    tl.store(to + 2 * M, _dot(tl.trans(weights), de, none, NARROW, DOT, PRECISION), mask=known)
    tl.store(to + 2 * M + 1, _dot(tl.trans(weights), do, none, NARROW, DOT, PRECISION), mask=known)
    dq0, dq1 = _dot(dscores, k0, none, NARROW, DOT, PRECISION), _dot(dscores, k1, none, NARROW, DOT, PRECISION)
    tl.store(to, (dq0 * c + dq1 * s) * scale, mask=known)
    tl.store(to + 1, (dq1 * c - dq0 * s) * scale, mask=known)
    back = tl.trans(dscores)
    dk0, dk1 = _dot(back, q0, none, NARROW, DOT, PRECISION), _dot(back, q1, none, NARROW, DOT, PRECISION)
    tl.store(to + M, dk0 * c + dk1 * s, mask=known)
    tl.store(to + M + 1, dk1 * c - dk0 * s, mask=known)
