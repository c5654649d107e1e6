"""Norms of rows of M features: forward, where the first also looks up embeddings and the last applies its gain, and
backward onto the residual's gradient.
"""

from __future__ import annotations

from .triton_language import jit, tl


@jit
def norm(
    x,
    hat,
    rstd,
    out,
    gain,
    tokens,
    table,
    stride,
    n,
    length,
    embed_scale,
    gain_scale,
    eps,
    EMBED: tl.constexpr,
    GAIN: tl.constexpr,
    M: tl.constexpr,
    WIDE: tl.constexpr,
    ROWS: tl.constexpr,
):
    """hat = (x - mean) rstd of the n rows of model `program_id(1)`, all [P, n, M].

    EMBED: x is first made, rows of `table` (one of every model, `stride` apart) times `embed_scale`, of the first
    `length` of every `length + 1` of `tokens`. GAIN: `out` is hat times `gain` (`stride` apart) times `gain_scale`.
    """
    p = tl.program_id(1).to(tl.int64)
    r = tl.program_id(0) * ROWS + tl.arange(0, ROWS)
    j = tl.arange(0, WIDE)
    known = r < n
    inside = known[:, None] & (j[None, :] < M)
    at = (p * n + r)[:, None] * M + j[None, :]
    if EMBED:
        token = tl.load(tokens + p * (n // length) * (length + 1) + r + r // length, mask=known, other=0)
        v = tl.load(table + p * stride + token[:, None] * M + j[None, :], mask=inside, other=0.0) * embed_scale
        tl.store(x + at, v, mask=inside)
    else:
        v = tl.load(x + at, mask=inside, other=0.0)
    c = tl.where(inside, v - (tl.sum(v, 1) / M)[:, None], 0.0)
    s = tl.rsqrt(tl.sum(c * c, 1) / M + eps)
    h = c * s[:, None]
    tl.store(hat + at, h, mask=inside)
    tl.store(rstd + p * n + r, s, mask=known)
    if GAIN:
        by = tl.load(gain + p * stride + j, mask=j < M, other=0.0) * gain_scale
        tl.store(out + at, h * by[None, :], mask=inside)


@jit
def norm_backward(
    dhat,
    hat,
    rstd,
    dx,
    gain,
    stride,
    n,
    gain_scale,
    GAIN: tl.constexpr,
    ADD: tl.constexpr,
    M: tl.constexpr,
    WIDE: tl.constexpr,
    ROWS: tl.constexpr,
):
    """dx = or += rstd (d - mean(d) - hat mean(d hat)); d is dhat, or dhat times `gain` times `gain_scale`."""
    p = tl.program_id(1).to(tl.int64)
    r = tl.program_id(0) * ROWS + tl.arange(0, ROWS)
    j = tl.arange(0, WIDE)
    known = r < n
    inside = known[:, None] & (j[None, :] < M)
    at = (p * n + r)[:, None] * M + j[None, :]
    d = tl.load(dhat + at, mask=inside, other=0.0).to(tl.float32)
    if GAIN:
        d *= (tl.load(gain + p * stride + j, mask=j < M, other=0.0) * gain_scale)[None, :]
    h = tl.load(hat + at, mask=inside, other=0.0)
    s = tl.load(rstd + p * n + r, mask=known, other=0.0)
    g = (d - (tl.sum(d, 1) / M)[:, None] - h * (tl.sum(d * h, 1) / M)[:, None]) * s[:, None]
    if ADD:
        g += tl.load(dx + at, mask=inside, other=0.0)
    tl.store(dx + at, g, mask=inside)


@jit
def gain_backward(
    dh, hat, dgain, stride, n: tl.constexpr, scale, M: tl.constexpr, ROWS: tl.constexpr, COLS: tl.constexpr
):
    """dgain = scale times the sum over n rows of dh hat, rows in blocks in order."""
    p = tl.program_id(1).to(tl.int64)
    j = tl.program_id(0) * COLS + tl.arange(0, COLS)
    each = tl.zeros((ROWS, COLS), tl.float32)
    for start in range(0, n, ROWS):
        r = start + tl.arange(0, ROWS)
        inside = (r < n)[:, None] & (j < M)[None, :]
        at = (p * n + r)[:, None] * M + j[None, :]
        d = tl.load(dh + at, mask=inside, other=0.0).to(tl.float32)
        each += d * tl.load(hat + at, mask=inside, other=0.0)
    tl.store(dgain + p * stride + j, tl.sum(each, 0) * scale, mask=j < M)


@jit
def unfold(
    dmatrix, matrix, gain, dgain, stride, M: tl.constexpr, C: tl.constexpr, ROWS: tl.constexpr, COLS: tl.constexpr
):
    """From the gradient of gain times matrix, [M, C] at `dmatrix`, those of the gain and, in place, of the matrix; all
    in rows of parameters `stride` apart.
    """
    p = tl.program_id(1).to(tl.int64) * stride
    r = tl.program_id(0) * ROWS + tl.arange(0, ROWS)
    known = r < M
    by = tl.load(gain + p + r, mask=known, other=0.0)
    each = tl.zeros((ROWS, COLS), tl.float32)
    for start in range(0, C, COLS):
        j = start + tl.arange(0, COLS)
        inside = known[:, None] & (j < C)[None, :]
        at = p + r[:, None] * C + j[None, :]
        d = tl.load(dmatrix + at, mask=inside, other=0.0)
        each += d * tl.load(matrix + at, mask=inside, other=0.0)
        tl.store(dmatrix + at, d * by[:, None], mask=inside)
    tl.store(dgain + p + r, tl.sum(each, 1), mask=known)
