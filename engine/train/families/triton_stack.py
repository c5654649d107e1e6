"""Stacks of transformers whose steps are Triton's kernels: about fifty launches a step of two blocks.

The mathematics is that of `transformer.py`. What follows a product is done by the product's own program: gains, GELU
and its slope, the residual's sum. Attention keeps nothing but what it reads. Cross-entropy turns logits into their
gradient in place, and the embedding's gradient is added up along one sort of a chunk's tokens.

Axes: S step of a chunk, P packed model, B batch, T time, N = B T, M width, F hidden, V vocabulary.
"""

from __future__ import annotations

from dataclasses import dataclass

import torch
from scalingdsl.spec.vocabulary.words.families import Transformer
from torch import Tensor

from ..kernels.gpu import DOTS, NAMES, capability, interpreted
from ..kernels.gpu import tile_sizes as tiles
from ..parameter_layout import Layout
from ..parametrization import NORM_EPS, scales
from ..precision import compute_dtype
from .attention import rotary
from .output_head import block_size, blocks, mean_losses


@dataclass
class Chunk:
    """Several steps' data."""

    #: [S, P, B, T+1] int64.
    tokens: Tensor
    #: [S, P, N] int32: each model's input tokens by value, equal ones as they come.
    order: Tensor
    #: [S, P, N] float32: the probability given to each target, filled in as steps are taken.
    prob: Tensor


@dataclass(frozen=True)
class _Matrix:
    """A matrix of every model: where the first begins, and the distances between models, rows and columns."""

    data: Tensor
    model: int
    row: int
    col: int = 1

    @property
    def T(self) -> _Matrix:
        """The transposed one."""
        return _Matrix(self.data, self.model, self.col, self.row)


def _activation(t: Tensor) -> _Matrix:
    """[P, N, C] as matrices."""
    return _Matrix(t, t.stride(0), t.stride(1))


class _Set:
    """What the backward pass of a block needs."""

    def __init__(self, rows: int, n: int, m: int, f: int, like: Tensor, dtype: torch.dtype) -> None:
        def made(*shape: int, dtype: torch.dtype = torch.float32) -> Tensor:
            return torch.zeros(rows, *shape, device=like.device, dtype=dtype)

        self.attn_hat, self.attn_rstd, self.mlp_hat, self.mlp_rstd = made(n, m), made(n), made(n, m), made(n)
        self.qkv, self.mixed = made(n, 3 * m, dtype=dtype), made(n, m, dtype=dtype)
        self.act, self.slope = made(n, f, dtype=dtype), made(n, f, dtype=dtype)


class TritonTransformer:
    """P transformers over storage `params` [P, n], with gradients if `grads` is given."""

    def __init__(
        self,
        model: Transformer,
        layout: Layout,
        vocab: int,
        length: int,
        batch: int,
        params: Tensor,
        grads: Tensor | None,
        precision: str,
    ) -> None:
        from ..kernels.gpu import attention_kernels, norm_kernels, product_kernels, token_kernels
        from ..kernels.gpu.triton_language import tl

        self.kernels = NAMES[precision]
        self._attention, self._norms, self._products, self._tokens = (
            attention_kernels,
            norm_kernels,
            product_kernels,
            token_kernels,
        )
        self._model, self._layout, self._vocab, self._length = model, layout, vocab, length
        self._params, self._grads = params, grads
        self._n = n = batch * length
        self._scales = scales(model)
        m, f, rows = model.width, model.hidden, len(params)
        dtype = compute_dtype(precision)
        narrow = tl.bfloat16 if precision == "bf16" else tl.float32
        self._dots = {
            "NARROW": narrow,
            "DOT": tl.float32 if interpreted() else narrow,
            "PRECISION": DOTS[precision],
        }
        turn = rotary(m // model.n_heads, length, params.device)
        self._cos, self._sin = turn.real.contiguous(), turn.imag.contiguous()
        training = grads is not None
        self._sets = [_Set(rows, n, m, f, params, dtype) for _ in range(model.layers if training else 1)]

        def made(*shape: int, dtype: torch.dtype = torch.float32) -> Tensor:
            return torch.zeros(rows, *shape, device=params.device, dtype=dtype)

        self._x, self._hat, self._rstd, self._h = made(n, m), made(n, m), made(n), made(n, m, dtype=dtype)
        if training:
            self._dx, self._dh, self._dmlp = made(n, m), made(n, m, dtype=dtype), made(n, f, dtype=dtype)
            size = block_size(rows, n, vocab, "cuda")
            self._logits = torch.zeros(size, device=params.device, dtype=dtype)
        else:
            self._logits = torch.zeros(rows * n * vocab, device=params.device)
        self._capability = capability(params.device)
        self._wide = tiles.power_of_two(m)
        self._norm_rows = tiles.norm_rows(self._wide)
        self._head = "embed" if model.tied else "head"

    # --- data -----------------------------------------------------------------------------------------------------

    def arrange(self, tokens: Tensor) -> Tensor:
        """See `Arranging.arrange`: the order of each model's inputs, [S, P, N] int32, by one sort."""
        inputs = tokens[..., :-1].reshape(*tokens.shape[:2], -1)
        return torch.sort(inputs, dim=-1, stable=True).indices.int()

    def chunk(self, tokens: Tensor, order: Tensor | None = None) -> Chunk:
        """See `Stack.chunk` and `Arranging.chunk`."""
        order = self.arrange(tokens) if order is None else order
        return Chunk(tokens.contiguous(), order, torch.zeros(order.shape, device=tokens.device))

    def losses(self, chunk: Chunk) -> Tensor:
        """See `Stack.losses`."""
        return mean_losses(chunk.prob[..., None])

    # --- launches -------------------------------------------------------------------------------------------------

    def _weights(self, name: str, columns: int) -> _Matrix:
        start = self._layout.slot(name).start
        return _Matrix(self._params[:, start:], self._layout.stride, columns)

    def _gradients(self, name: str, columns: int) -> _Matrix:
        assert self._grads is not None
        return _Matrix(self._grads[:, self._layout.slot(name).start :], self._layout.stride, columns)

    def _gain(self, name: str) -> Tensor:
        return self._params[:, self._layout.slot(name).start :]

    def _product(
        self,
        models: int,
        size: tuple[int, int, int],
        a: _Matrix,
        b: _Matrix,
        c: _Matrix,
        *,
        gain: Tensor | None = None,
        over: str = "",
        finish: str = "",
        other: Tensor | None = None,
        add: bool = False,
    ) -> None:
        """c [rows, cols] = or += a [rows, depth] b [depth, cols] of each model; see `product_kernels.product`."""
        rows, cols, depth = size
        tile = tiles.product_tile(rows, cols, depth, self._capability)
        self._products.product[(tile.programs(rows, cols), models)](
            a.data, b.data, c.data, c.data if other is None else other, c.data if gain is None else gain,
            rows, cols, a.model, a.row, a.col, b.model, b.row, b.col, c.model, c.row, self._layout.stride,
            depth=depth, GAIN=over, FINISH=finish, ADD=add, **self._dots,
            BR=tile.BR, BC=tile.BC, BK=tile.BK, num_warps=tile.warps,
        )  # fmt: skip

    def _norm(
        self, models: int, hat: Tensor, rstd: Tensor, tokens: Tensor | None = None, gain: Tensor | None = None
    ) -> None:
        """The norm of the residual; of embeddings that are looked up, or with `gain` times it to `h`."""
        m, s = self._model.width, self._scales
        table = self._gain("embed")
        self._norms.norm[(-(-self._n // self._norm_rows), models)](
            self._x, hat, rstd, self._h, table if gain is None else gain, table if tokens is None else tokens, table,
            self._layout.stride, self._n, self._length, s.embedding, s.logits, NORM_EPS,
            EMBED=tokens is not None, GAIN=gain is not None, M=m, WIDE=self._wide, ROWS=self._norm_rows,
        )  # fmt: skip

    def _norm_backward(self, models: int, hat: Tensor, rstd: Tensor, gain: Tensor | None = None) -> None:
        """From `dh`, the residual's gradient: added to it, or, of the last norm, which has a gain, begun."""
        self._norms.norm_backward[(-(-self._n // self._norm_rows), models)](
            self._dh, hat, rstd, self._dx, self._params if gain is None else gain, self._layout.stride, self._n,
            self._scales.logits, GAIN=gain is not None, ADD=gain is None, M=self._model.width, WIDE=self._wide,
            ROWS=self._norm_rows,
        )  # fmt: skip

    def _attend(self, models: int, qkv: Tensor, other: Tensor, backward: bool = False) -> None:
        """Attention of a block to `other`, or its gradients from there."""
        model, length = self._model, self._length
        features = model.width // model.n_heads
        tile, wide = tiles.attention_tile(length, features)
        kernel = self._attention.attention_backward if backward else self._attention.attention
        blocks = {"QUERIES": tiles.attention_queries(tile, self._capability)} if backward else {}
        kernel[(models * self._n // length * model.n_heads,)](
            qkv, other, self._cos, self._sin, self._scales.scores, T=length, M=model.width, H=model.n_heads, K=features,
            TILE=tile, FEATURES=wide, **self._dots, **blocks,
        )  # fmt: skip

    # --- forward --------------------------------------------------------------------------------------------------

    def _forward(self, models: int, tokens: Tensor) -> None:
        """Residual stream and final norm for `tokens` [P, B, T+1]."""
        n, m, f = self._n, self._model.width, self._model.hidden
        x = _activation(self._x)
        for i in range(self._model.layers):
            s = self._sets[i % len(self._sets)]
            self._norm(models, s.attn_hat, s.attn_rstd, None if i else tokens)
            self._product(
                models, (n, 3 * m, m), _activation(s.attn_hat), self._weights(f"qkv.{i}", 3 * m), _activation(s.qkv),
                gain=self._gain(f"norm_attn.{i}"), over="depth",
            )  # fmt: skip
            self._attend(models, s.qkv, s.mixed)
            self._product(models, (n, m, m), _activation(s.mixed), self._weights(f"attn_out.{i}", m), x, add=True)
            self._norm(models, s.mlp_hat, s.mlp_rstd)
            self._product(
                models, (n, f, m), _activation(s.mlp_hat), self._weights(f"up.{i}", f), _activation(s.act),
                gain=self._gain(f"norm_mlp.{i}"), over="depth", finish="gelu", other=s.slope,
            )  # fmt: skip
            self._product(models, (n, m, f), _activation(s.act), self._weights(f"down.{i}", m), x, add=True)
        self._norm(models, self._hat, self._rstd, gain=self._gain("norm_out"))

    def logits(self, tokens: Tensor) -> Tensor:
        """See `Forward.logits`."""
        models, m, v = len(self._params), self._model.width, self._vocab
        one_more = torch.cat([tokens, tokens[:, :1]], -1)  # kernels read sequences with their last target
        self._forward(models, one_more.expand(models, -1, -1).contiguous())
        logits = self._logits.view(models, self._n, v)
        head = self._weights(self._head, m).T
        self._product(models, (self._n, v, m), _activation(self._h), head, _activation(logits))
        return logits.flatten(0, 1)

    # --- backward -------------------------------------------------------------------------------------------------

    def step(self, chunk: Chunk, at: int) -> None:
        """See `Stack.step`."""
        tokens, order, prob = chunk.tokens[at], chunk.order[at], chunk.prob[at]
        models, m, f = len(tokens), self._model.width, self._model.hidden
        self._forward(models, tokens)
        self._output(models, tokens, prob)
        dx, dmlp, dh = (_activation(t) for t in (self._dx, self._dmlp, self._dh))
        n = self._n
        for i in reversed(range(self._model.layers)):
            s = self._sets[i]
            self._product(models, (f, m, n), _activation(s.act).T, dx, self._gradients(f"down.{i}", m))
            down = self._weights(f"down.{i}", m).T
            self._product(models, (n, f, m), dx, down, dmlp, finish="times", other=s.slope)
            self._read_backward(models, f"norm_mlp.{i}", f"up.{i}", f, s.mlp_hat, s.mlp_rstd, dmlp)
            self._product(models, (m, m, n), _activation(s.mixed).T, dx, self._gradients(f"attn_out.{i}", m))
            self._product(models, (n, m, m), dx, self._weights(f"attn_out.{i}", m).T, dh)
            self._attend(models, s.qkv, self._dh, backward=True)
            self._read_backward(
                models, f"norm_attn.{i}", f"qkv.{i}", 3 * m, s.attn_hat, s.attn_rstd, _activation(s.qkv)
            )
        if not self._model.tied:
            slot = self._layout.slot("embed")
            assert self._grads is not None
            self._grads[:models, slot.start : slot.stop].zero_()
        cols = min(128, self._wide)
        self._tokens.embedding_backward[(n, -(-m // cols), models)](
            self._dx, tokens, order, self._gradients("embed", m).data, self._layout.stride, n, self._length,
            self._scales.embedding, ADD=True, M=m, ROWS=tiles.TOKEN_ROWS, COLS=cols,
        )  # fmt: skip

    def _read_backward(
        self, models: int, gain: str, name: str, columns: int, hat: Tensor, rstd: Tensor, dout: _Matrix
    ) -> None:
        """Gradients of a gain and of the matrix that it is multiplied into; that of the input is added to `dx`."""
        n, m = self._n, self._model.width
        weights, gradients = self._weights(name, columns), self._gradients(name, columns)
        self._product(models, (m, columns, n), _activation(hat).T, dout, gradients)
        self._product(
            models, (n, m, columns), dout, weights.T, _activation(self._dh), gain=self._gain(gain), over="cols"
        )
        rows = min(tiles.SUM_ROWS, self._wide)
        self._norms.unfold[(-(-m // rows), models)](
            gradients.data, weights.data, self._gain(gain), self._gradients(gain, 1).data, self._layout.stride,
            M=m, C=columns, ROWS=rows, COLS=tiles.SUM_COLS,
        )  # fmt: skip
        self._norm_backward(models, hat, rstd)

    def _output(self, models: int, tokens: Tensor, prob: Tensor) -> None:
        """Probabilities of targets; gradients of the head, of the last gain and of the residual."""
        n, m, v = self._n, self._model.width, self._vocab
        head, dhead = self._weights(self._head, m), self._gradients(self._head, m)
        h, dh = _activation(self._h), _activation(self._dh)
        for block in blocks(models, n, v, "cuda"):
            r, t = block.rows, block.tokens
            count, size = r.stop - r.start, t.stop - t.start
            part = _activation(self._logits[: count * size * v].view(count, size, v))
            h_part, dh_part = (_Matrix(one.data[r, t], one.model, one.row) for one in (h, dh))
            weights, gradients = (_Matrix(one.data[r], one.model, one.row) for one in (head, dhead))
            self._product(count, (size, v, m), h_part, weights.T, part)
            self._tokens.cross_entropy[(count * size,)](
                part.data, tokens, prob, r.start * n + t.start, self._length, 1 / n,
                V=v, BLOCK=min(tiles.ENTROPY_BLOCK, tiles.power_of_two(v)),
            )  # fmt: skip
            self._product(count, (size, m, v), part, weights, dh_part)
            self._product(count, (v, m, size), part.T, h_part, gradients, add=not block.first)
        cols = min(tiles.SUM_COLS, self._wide)
        self._norms.gain_backward[(-(-m // cols), models)](
            self._dh, self._hat, self._gradients("norm_out", 1).data, self._layout.stride, n, self._scales.logits,
            M=m, ROWS=tiles.SUM_ROWS, COLS=cols,
        )  # fmt: skip
        self._norm_backward(models, self._hat, self._rstd, self._gain("norm_out"))
