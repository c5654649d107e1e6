"""Each of Triton's kernels against float64, over odd shapes: on a GPU, else in the interpreter."""

from __future__ import annotations

import math
import random

import pytest
import torch
from scalingdsl.engine.train.families.attention import rotary
from scalingdsl.engine.train.kernels.gpu import tile_sizes as tiles
from torch import Tensor
from torch.nn.functional import cross_entropy, gelu, layer_norm, scaled_dot_product_attention

from .triton_here import DEVICE, far, needs_triton

pytestmark = [needs_triton, pytest.mark.slow]

COUNT = 32
#: Errors of sums in float32 against float64; on a GPU products are of three tf32 ones.
CLOSE = 1e-6
DRAWN = random.Random(17)
#: Models, tokens of each, and width: odd ones, powers of two, and those that need a second tile.
ROWS = [(DRAWN.randint(1, 3), DRAWN.choice([1, 5, 21, 64, 70]), DRAWN.choice([2, 6, 16, 48, 65])) for _ in range(COUNT)]


def drawn(*shape: int) -> Tensor:
    return torch.randn(*shape, device=DEVICE)


def nothing(*shape: int) -> Tensor:
    """What a kernel is to fill."""
    return torch.full(shape, float("nan"), device=DEVICE)


def dots() -> dict[str, object]:
    import triton.language as tl

    return {"NARROW": tl.float32, "DOT": tl.float32, "PRECISION": "tf32x3"}


# --- update -----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("case", range(COUNT))
def test_adamw_is_torchs(case: int) -> None:
    from scalingdsl.engine.train.kernels.gpu import update_kernels as k

    rng = random.Random(case)
    torch.manual_seed(case)
    models, n = rng.randint(1, 3), rng.choice([3, 50, 2047, 2048, 2049, 5000])
    stride = n + rng.choice([0, 16])
    w, g, m, v = (drawn(models, stride) for _ in range(4))
    v, steps = v.abs(), torch.tensor([rng.choice([0.0, 5.0, 1000.0]) for _ in range(models)], device=DEVICE)
    cuts = sorted({0, *(rng.randint(0, n - 1) for _ in range(2))})
    groups = [(start, rng.uniform(0.1, 1.0), float(i > 0)) for i, start in enumerate(cuts)]
    numbers = [
        (rng.uniform(0, 0.1), rng.uniform(0, 0.2), rng.choice([0.0, 0.9]), rng.choice([0.95, 0.999]),
         10 ** -rng.uniform(3, 9), rng.choice([0.5, 1e9]))
        for _ in range(models)
    ]  # fmt: skip
    exact = []
    for p, (rate, decay, beta1, beta2, eps, clip) in enumerate(numbers):
        parts = [slice(a, b) for a, b in zip(cuts, [*cuts[1:], n])]
        leaves = [torch.nn.Parameter(w[p, s].double()) for s in parts]
        for leaf, s in zip(leaves, parts):
            leaf.grad = g[p, s].double()
        options = [
            {"params": [leaf], "lr": rate * times, "weight_decay": decay * decays}
            for leaf, (_, times, decays) in zip(leaves, groups)
        ]
        optimiser = torch.optim.AdamW(options, betas=(beta1, beta2), eps=eps)
        for leaf, s in zip(leaves, parts):
            state = {"step": steps[p].cpu().clone(), "exp_avg": m[p, s].double(), "exp_avg_sq": v[p, s].double()}
            optimiser.state[leaf] = state
        torch.nn.utils.clip_grad_norm_(leaves, clip)
        optimiser.step()
        exact.append(torch.cat([leaf.detach() for leaf in leaves]))
    before = steps.clone()
    span = tiles.update_span(n)
    parts_n = -(-n // span)
    partial, norms = nothing(models, parts_n), nothing(models)
    k.squares[(parts_n, models)](g, partial, steps, n, stride, parts_n, SPAN=span, BLOCK=tiles.UPDATE_BLOCK)
    k.adamw[(-(-n // tiles.UPDATE_BLOCK), models)](
        w, g, m, v, partial, norms, steps, torch.tensor(numbers, dtype=torch.float64, device=DEVICE),
        torch.tensor(groups, dtype=torch.float64, device=DEVICE), n, stride, parts_n, 1e-6,
        GROUPS=len(groups), PARTS=tiles.power_of_two(parts_n), BLOCK=tiles.UPDATE_BLOCK,
    )  # fmt: skip
    assert torch.equal(steps, before + 1)
    assert far(norms, g[:, :n].double().norm(dim=1)) < CLOSE
    assert far(w[:, :n], torch.stack(exact)) < CLOSE


def test_a_gradient_that_is_not_finite_spoils_its_own_row_alone() -> None:
    from scalingdsl.engine.train.kernels.gpu import update_kernels as k

    w, g, m, v = (drawn(2, 64) for _ in range(4))
    v, g[0, 3] = v.abs(), float("nan")
    steps, partial, norms, before = torch.zeros(2, device=DEVICE), nothing(2, 1), nothing(2), w.clone()
    numbers = torch.tensor([(0.1, 0.1, 0.9, 0.95, 1e-8, 1.0)] * 2, dtype=torch.float64, device=DEVICE)
    groups = torch.tensor([(0, 1.0, 1.0)], dtype=torch.float64, device=DEVICE)
    k.squares[(1, 2)](g, partial, steps, 64, 64, 1, SPAN=2048, BLOCK=2048)
    k.adamw[(1, 2)](w, g, m, v, partial, norms, steps, numbers, groups, 64, 64, 1, 1e-6, GROUPS=1, PARTS=1, BLOCK=2048)
    assert norms[0].isnan()
    assert norms[1].isfinite()
    assert w[0].isnan().all()
    assert w[1].isfinite().all()
    assert not torch.equal(w[1], before[1])


# --- norms ------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("models", "n", "m"), ROWS)
def test_norms_and_their_gradients(models: int, n: int, m: int) -> None:
    from scalingdsl.engine.train.kernels.gpu import norm_kernels as k

    torch.manual_seed(n * m)
    length = next(t for t in (7, 5, 4, 1) if n % t == 0)
    stride, vocab, wide = m * 20 + 16, 11, tiles.power_of_two(m)
    rows = tiles.norm_rows(wide)
    grid = (-(-n // rows), models)
    params = drawn(models, stride)
    table, gain = params[:, : vocab * m], params[:, 12 * m :]
    tokens = torch.randint(vocab, (models, n // length, length + 1), device=DEVICE)
    x, hat, rstd, out = nothing(models, n, m), nothing(models, n, m), nothing(models, n), nothing(models, n, m)
    options = {"M": m, "WIDE": wide, "ROWS": rows}
    k.norm[grid](
        x, hat, rstd, out, gain, tokens, table, stride, n, length, 3.0, 0.7, 1e-5, EMBED=True, GAIN=True, **options
    )  # fmt: skip
    looked_up = torch.stack(
        [table[p].view(vocab, m)[tokens[p, :, :-1].reshape(-1)].double() for p in range(models)]
    ).requires_grad_()
    exact = layer_norm(looked_up * 3.0, (m,), eps=1e-5)
    by = gain[:, None, :m].double()
    assert far(x, looked_up.detach() * 3) < CLOSE
    assert far(hat, exact.detach()) < 20 * CLOSE  # two features may differ by little
    assert far(out, (exact * by * 0.7).detach()) < 20 * CLOSE

    d, before = drawn(models, n, m), drawn(models, n, m)
    (exact * by * 0.7).backward(d.double())
    dx, dgain = before.clone(), nothing(models, stride)
    k.norm_backward[grid](d, hat, rstd, dx, gain, stride, n, 0.7, GAIN=True, ADD=True, **options)
    whole = looked_up.grad / 3.0
    assert float((dx - before - whole).norm() / (whole.norm() + before.norm())) < 20 * CLOSE
    cols = min(tiles.SUM_COLS, wide)
    k.gain_backward[(-(-m // cols), models)](d, hat, dgain, stride, n, 0.7, M=m, ROWS=tiles.SUM_ROWS, COLS=cols)
    assert far(dgain[:, :m], (d.double() * exact.detach()).sum(1) * 0.7) < 20 * CLOSE
    assert dgain[:, m:].isnan().all()


@pytest.mark.parametrize(("models", "m", "c"), [(p, m, n) for p, n, m in ROWS])
def test_unfolding_gives_gradients_of_gain_and_matrix(models: int, m: int, c: int) -> None:
    from scalingdsl.engine.train.kernels.gpu import norm_kernels as k

    torch.manual_seed(m * c)
    stride = m + m * c + 16
    params, grads = drawn(models, stride), drawn(models, stride)
    matrix, d = (t[:, m : m + m * c].view(models, m, c).double() for t in (params, grads))
    want = d * params[:, :m, None].double(), (d * matrix).sum(-1)
    rows = min(tiles.SUM_ROWS, tiles.power_of_two(m))
    k.unfold[(-(-m // rows), models)](
        grads[:, m:], params[:, m:], params, grads, stride, M=m, C=c, ROWS=rows, COLS=tiles.SUM_COLS
    )  # fmt: skip
    assert far(grads[:, m : m + m * c].view(models, m, c), want[0]) < CLOSE
    assert float((grads[:, :m].double() - want[1]).norm() / (d.norm() * matrix.norm())) < CLOSE


# --- attention --------------------------------------------------------------------------------------------------------

HEADS = [
    (DRAWN.choice([1, 2, 7, 15, 16, 17, 31, 33, 50, 63, 64]), DRAWN.choice([1, 3]), DRAWN.choice([2, 6, 8, 16, 34, 64]))
    for _ in range(COUNT)
]  # fmt: skip


@pytest.mark.parametrize(("length", "heads", "features"), HEADS)
def test_attention_and_its_gradients(length: int, heads: int, features: int) -> None:
    """Backward in the blocks of queries that each kind of GPU takes."""
    from scalingdsl.engine.train.kernels.gpu import attention_kernels as k

    torch.manual_seed(length * features)
    m, items = heads * features, 2
    qkv = drawn(items, length, 3 * m)
    turn = rotary(features, length, torch.device(DEVICE))
    exactly = turn.to(torch.complex128)
    leaf = qkv.double().requires_grad_()
    q, key, value = (z.view(items, length, heads, features).transpose(1, 2) for z in leaf.chunk(3, -1))

    def turned(z: Tensor) -> Tensor:
        pairs = torch.view_as_complex(z.contiguous().view(items, heads, length, features // 2, 2))
        return torch.view_as_real(pairs * exactly).flatten(-2)

    mixed = scaled_dot_product_attention(turned(q), turned(key), value, is_causal=True, scale=0.3)
    exact = mixed.transpose(1, 2).reshape(items, length, m)
    dout = drawn(items, length, m)
    exact.backward(dout.double())
    tile, wide = tiles.attention_tile(length, features)
    how = {"T": length, "M": m, "H": heads, "K": features, "TILE": tile, "FEATURES": wide, **dots()}
    cos, sin = turn.real.contiguous(), turn.imag.contiguous()
    out, mine = nothing(items, length, m), qkv.clone()
    k.attention[(items * heads,)](mine, out, cos, sin, 0.3, **how)
    assert far(out, exact.detach()) < CLOSE
    assert leaf.grad is not None
    for queries in {tiles.attention_queries(tile, capability) for capability in (80, 90)}:
        grads = mine.clone()
        k.attention_backward[(items * heads,)](grads, dout, cos, sin, 0.3, QUERIES=queries, **how)
        assert far(grads, leaf.grad) < CLOSE


# --- both ends --------------------------------------------------------------------------------------------------------

#: Vocabularies that are a block, less, a little more, several.
VOCABULARIES = [
    (DRAWN.choice([1, 2, 3]), DRAWN.choice([3, 8]), DRAWN.choice([2, 37, 2048, 2049, 5000])) for _ in range(COUNT)
]


@pytest.mark.parametrize(("models", "length", "vocab"), VOCABULARIES)
def test_cross_entropy_in_place(models: int, length: int, vocab: int) -> None:
    from scalingdsl.engine.train.kernels.gpu import token_kernels as k

    torch.manual_seed(vocab)
    tokens = torch.randint(vocab, (models, 2, length + 1), device=DEVICE)
    logits, prob = 4 * drawn(models, 2 * length, vocab), nothing(models, 2 * length)
    leaf, targets = logits.double().requires_grad_(), tokens[..., 1:].reshape(models, -1)
    (cross_entropy(leaf.flatten(0, 1), targets.flatten(), reduction="sum") / 5).backward()
    first = (models - 1) * 2 * length  # the last model alone, as a block of it
    block = min(tiles.ENTROPY_BLOCK, tiles.power_of_two(vocab))
    k.cross_entropy[(2 * length,)](logits[-1], tokens, prob, first, length, 1 / 5, V=vocab, BLOCK=block)
    assert leaf.grad is not None
    assert far(logits[-1], leaf.grad[-1]) < CLOSE
    want = torch.softmax(leaf.detach(), -1).gather(2, targets[..., None])[..., 0]
    assert far(prob[-1], want[-1]) < CLOSE
    assert prob[:-1].isnan().all()


@pytest.mark.parametrize(("models", "n", "m"), ROWS)
def test_gradients_of_embeddings_are_added_up_by_token(models: int, n: int, m: int) -> None:
    from scalingdsl.engine.train.kernels.gpu import token_kernels as k

    torch.manual_seed(n * m)
    length = next(t for t in (7, 5, 4, 1) if n % t == 0)
    vocab = random.Random(n * m).choice([1, 3, 40])
    tokens = torch.randint(vocab, (models, n // length, length + 1), device=DEVICE)
    inputs = tokens[..., :-1].reshape(models, n)
    order = torch.sort(inputs, dim=-1, stable=True).indices.int()
    dx, table = drawn(models, n, m), drawn(models, vocab * m + 16)
    want = table[:, : vocab * m].double().clone()
    for p in range(models):
        want[p].view(vocab, m).index_add_(0, inputs[p], 1.5 * dx[p].double())
    cols = min(128, tiles.power_of_two(m))
    k.embedding_backward[(n, -(-m // cols), models)](
        dx, tokens, order, table, vocab * m + 16, n, length, 1.5, ADD=True, M=m, ROWS=tiles.TOKEN_ROWS, COLS=cols
    )  # fmt: skip
    assert far(table[:, : vocab * m], want) < CLOSE


# --- products ---------------------------------------------------------------------------------------------------------

SIZES = [
    (DRAWN.randint(1, 2), DRAWN.choice([1, 16, 70, 130]), DRAWN.choice([3, 17, 64, 129]), DRAWN.choice([1, 16, 33, 90]))
    for _ in range(COUNT)
]  # fmt: skip


@pytest.mark.parametrize(("models", "rows", "cols", "depth"), SIZES)
def test_products_with_what_stands_around_them(models: int, rows: int, cols: int, depth: int) -> None:
    from scalingdsl.engine.train.kernels.gpu import product_kernels as k

    torch.manual_seed(rows * cols + depth)
    a, gains = drawn(models, rows, depth), drawn(models, depth + depth * cols)
    b = gains[:, depth:].view(models, depth, cols)
    scale = 1 / math.sqrt(depth)
    a *= scale
    tile = tiles.product_tile(rows, cols, depth)
    how = {"BR": tile.BR, "BC": tile.BC, "BK": tile.BK, **dots()}
    c, slope = nothing(models, rows, cols), nothing(models, rows, cols)
    stride = gains.shape[1]
    k.product[(tile.programs(rows, cols), models)](
        a, gains[:, depth:], c, slope, gains, rows, cols, rows * depth, depth, 1, stride, cols, 1, rows * cols, cols,
        stride, depth=depth, GAIN="depth", FINISH="gelu", ADD=False, **how,
    )  # fmt: skip
    leaf = torch.bmm(a.double(), b.double() * gains[:, :depth, None].double()).requires_grad_()
    exact = gelu(leaf)
    exact.sum().backward()
    assert leaf.grad is not None
    assert far(c, exact.detach()) < CLOSE
    assert far(slope, leaf.grad) < CLOSE

    tile = tiles.product_tile(rows, depth, cols)
    how = {"BR": tile.BR, "BC": tile.BC, "BK": tile.BK, **dots()}
    before, by = drawn(models, rows, depth), drawn(models, rows, depth)
    da = before.clone()
    k.product[(tile.programs(rows, depth), models)](  # (C B^T) gain, times, added
        c, gains[:, depth:], da, by, gains, rows, depth, rows * cols, cols, 1, stride, 1, cols, rows * depth, depth,
        stride, depth=cols, GAIN="cols", FINISH="times", ADD=True, **how,
    )  # fmt: skip
    want = before + (c.double() @ b.double().mT) * gains[:, None, :depth].double() * by.double()
    assert far(da, want) < CLOSE

    tile = tiles.product_tile(depth, cols, rows)
    how = {"BR": tile.BR, "BC": tile.BC, "BK": tile.BK, **dots()}
    db = nothing(models, depth, cols)
    k.product[(tile.programs(depth, cols), models)](  # A^T C
        a, c, db, db, db, depth, cols, rows * depth, 1, depth, rows * cols, cols, 1, depth * cols, cols, 0,
        depth=rows, GAIN="", FINISH="", ADD=False, **how,
    )  # fmt: skip
    want = a.double().mT @ c.double()
    assert float((db - want).norm() / (a.norm() * c.norm())) < CLOSE
