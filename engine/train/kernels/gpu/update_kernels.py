"""AdamW in two launches for a pack: sums of squares, then clipping, moments, decay and update in one pass."""

from __future__ import annotations

from .triton_language import jit, tl


@jit
def squares(grads, partial, steps, n, stride, parts, SPAN: tl.constexpr, BLOCK: tl.constexpr):
    """partial[p, i]: sum of squares of span i of row p, of n numbers; one more step in `steps`."""
    i, p = tl.program_id(0), tl.program_id(1)
    row = grads + p.to(tl.int64) * stride
    each = tl.zeros((BLOCK,), tl.float32)
    for start in range(0, SPAN, BLOCK):
        at = i * SPAN + start + tl.arange(0, BLOCK)
        g = tl.load(row + at, mask=at < n, other=0.0)
        each += g * g
    tl.store(partial + p * parts + i, tl.sum(each))
    if i == 0:
        tl.store(steps + p, tl.load(steps + p) + 1.0)


@jit
def adamw(
    params,
    grads,
    exp_avg,
    exp_avg_sq,
    partial,
    norms,
    steps,
    numbers,
    groups,
    n,
    stride,
    parts,
    norm_eps,
    GROUPS: tl.constexpr,
    PARTS: tl.constexpr,
    BLOCK: tl.constexpr,
):
    """One row's update from its squares and its step.

    numbers: float64 [P, 6], rate, decay, beta1, beta2, eps, clip. groups: float64 [GROUPS, 3], where a group of
    parameters starts, what multiplies its rate, and 1 where it decays.
    """
    i, p = tl.program_id(0), tl.program_id(1)
    k = tl.arange(0, PARTS)
    norm = tl.sqrt(tl.sum(tl.load(partial + p * parts + k, mask=k < parts, other=0.0)))
    mine = numbers + p * 6
    rate, decay = tl.load(mine), tl.load(mine + 1)
    beta1, beta2 = tl.load(mine + 2), tl.load(mine + 3)
    eps, clip = tl.load(mine + 4).to(tl.float32), tl.load(mine + 5).to(tl.float32)
    t = tl.load(steps + p).to(tl.float64)
    # beta^t in float64; a beta of 0 has no logarithm.
    fix1 = 1.0 - tl.where(beta1 > 0.0, tl.exp(t * tl.log(tl.where(beta1 > 0.0, beta1, 1.0))), 0.0)
    fix2 = 1.0 - tl.where(beta2 > 0.0, tl.exp(t * tl.log(tl.where(beta2 > 0.0, beta2, 1.0))), 0.0)
    over = (norm + norm_eps) / clip
    scale = tl.where(over <= 1.0, 1.0, over)  # NaN stays
    at = i * BLOCK + tl.arange(0, BLOCK)
    inside = at < n
    here = p.to(tl.int64) * stride + at
    times, shrink = tl.zeros((BLOCK,), tl.float32), tl.full((BLOCK,), 1.0, tl.float32)
    for j in tl.static_range(GROUPS):
        start = tl.load(groups + 3 * j).to(tl.int32)
        step = rate * tl.load(groups + 3 * j + 1)
        times = tl.where(at >= start, (-step / fix1).to(tl.float32), times)
        shrink = tl.where(at >= start, (1.0 - step * decay * tl.load(groups + 3 * j + 2)).to(tl.float32), shrink)
    g = tl.load(grads + here, mask=inside, other=0.0) / scale
    m = tl.load(exp_avg + here, mask=inside, other=0.0) * beta1.to(tl.float32) + g * (1.0 - beta1).to(tl.float32)
    v = tl.load(exp_avg_sq + here, mask=inside, other=0.0) * beta2.to(tl.float32)
    v += g * g * (1.0 - beta2).to(tl.float32)
    w = tl.load(params + here, mask=inside, other=0.0) * shrink
    w += times * (m / (tl.sqrt(v) / tl.sqrt(fix2).to(tl.float32) + eps))
    tl.store(exp_avg + here, m, mask=inside)
    tl.store(exp_avg_sq + here, v, mask=inside)
    tl.store(params + here, w, mask=inside)
    if i == 0:
        tl.store(norms + p, norm)
