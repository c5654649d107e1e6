"""Batched matrix products with what stands before and behind them.

A tile of C is added up by one program over the whole depth, blocks in order: its bits depend on the tile alone, where a
library takes another kernel for another number of products.
"""

from __future__ import annotations

from .triton_language import jit, tl


@jit
def product(
    a,
    b,
    c,
    other,
    gain,
    rows,
    cols,
    a_model,
    a_row,
    a_col,
    b_model,
    b_row,
    b_col,
    c_model,
    c_row,
    g_model,
    depth: tl.constexpr,
    GAIN: tl.constexpr,
    FINISH: tl.constexpr,
    ADD: tl.constexpr,
    NARROW: tl.constexpr,
    DOT: tl.constexpr,
    PRECISION: tl.constexpr,
    BR: tl.constexpr,
    BC: tl.constexpr,
    BK: tl.constexpr,
):
    """C [rows, cols] = or += A [rows, depth] B [depth, cols] for each model, factors rounded to the type NARROW, sums
    in float32.

    DOT is the type that the product takes, NARROW itself but in the interpreter, which knows no products in bfloat16.
    GAIN "depth" multiplies rows of B by `gain` [depth], "cols" columns of C by `gain` [cols], "" nothing. FINISH
    "gelu": GELU of the sums, its slopes to `other`; "times": times `other`, laid out as C; "": the sums.
    """
    model = tl.program_id(1).to(tl.int64)
    across = tl.cdiv(cols, BC)
    i = (tl.program_id(0) // across * BR + tl.arange(0, BR)).to(tl.int64)
    j = (tl.program_id(0) % across * BC + tl.arange(0, BC)).to(tl.int64)
    a += model * a_model + i[:, None] * a_row
    b += model * b_model + j[None, :] * b_col
    sums = tl.zeros((BR, BC), tl.float32)
    for start in range(0, depth, BK):
        d = start + tl.arange(0, BK)
        x = tl.load(a + d[None, :].to(tl.int64) * a_col, mask=(i[:, None] < rows) & (d[None, :] < depth), other=0.0)
        y = tl.load(b + d[:, None].to(tl.int64) * b_row, mask=(j[None, :] < cols) & (d[:, None] < depth), other=0.0)
        if GAIN == "depth":
            y = y * tl.load(gain + model * g_model + d, mask=d < depth, other=0.0)[:, None]
        sums = tl.dot(x.to(NARROW).to(DOT), y.to(NARROW).to(DOT), sums, input_precision=PRECISION)
    if GAIN == "cols":
        sums *= tl.load(gain + model * g_model + j, mask=j < cols, other=0.0)[None, :]
    inside = (i[:, None] < rows) & (j[None, :] < cols)
    at = model * c_model + i[:, None] * c_row + j[None, :]
    if FINISH == "gelu":
        cdf = 0.5 * (1.0 + tl.erf(sums * 0.7071067811865476))
        slope = cdf + sums * 0.3989422804014327 * tl.exp(-0.5 * sums * sums)
        tl.store(other + at, slope, mask=inside)
        sums = sums * cdf
    if FINISH == "times":
        sums *= tl.load(other + at, mask=inside, other=0.0).to(tl.float32)
    if ADD:
        sums += tl.load(c + at, mask=inside, other=0.0)
    tl.store(c + at, sums, mask=inside)
