"""Decoder-only transformers of one shape, stacked: forward and backward written out over buffers made once.

Why by hand: small models are bound by the number of operations and by memory traffic, not by arithmetic. Writing the
backward pass out halves the operations of autograd, lets every result land in a buffer that already exists (no
allocation, so no page faults, a memory need known exactly, and a step that a CUDA graph can capture), and leaves a
row's arithmetic independent of its companions.

The model itself is written out plainly in `reference_transformer.py`, which tests hold this one to.

Axes: S step of a chunk, P packed model, B batch, T time, N = B T, M width, H heads, K head features, F hidden, V
vocabulary.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import partial
from typing import Any

import torch
from scalingdsl.spec.errors import EngineError
from scalingdsl.spec.vocabulary.words.families import Transformer
from torch import Tensor

from ..cpu_settings import product
from ..kernels import by_triton, suits
from ..kernels.gpu import in_tiles
from ..parameter_layout import Layout, layout
from ..parametrization import NORM_EPS, Scales, scales
from ..precision import compute_dtype
from . import gram_heads
from .attention import Attention, is_square, score_columns
from .compiled_stack import NativeTransformer
from .output_head import FusedHead, block_size, mean_losses
from .registry import implements
from .triton_stack import TritonTransformer

#: Elements that torch's vectorised loops take at once on a CPU, at most; what is left over goes through a scalar loop
#: whose last bits differ. There, models whose activations are no multiple of this are not run side by side.
LANES = 64

_gelu: Any = torch._C._nn.gelu
_norm_backward = torch.ops.aten.native_layer_norm_backward.default
_gelu_backward = torch.ops.aten.gelu_backward.grad_input


def transformer_layout(model: Transformer, vocab: int) -> Layout:
    """Gains first, then vocabulary-by-width matrices, then hidden ones; every size is a multiple of the width."""
    s = scales(model)
    d, f = model.width, model.hidden
    norms = [f"{name}.{i}" for i in range(model.layers) for name in ("norm_attn", "norm_mlp")] + ["norm_out"]
    vocabs = ["embed"] if model.tied else ["embed", "head"]
    hidden: list[tuple[str, tuple[int, ...], float | None]] = []
    for i in range(model.layers):
        hidden += [
            (f"qkv.{i}", (d, 3 * d), s.std),
            (f"attn_out.{i}", (d, d), s.std_residual),
            (f"up.{i}", (d, f), s.std),
            (f"down.{i}", (f, d), s.std_residual),
        ]
    hidden += gram_heads.matrices(model, s.std_residual)
    return layout(
        [
            ("vectors", False, [(name, (d,), None) for name in norms]),
            ("vocabulary", True, [(name, (vocab, d), s.std) for name in vocabs]),
            ("hidden", True, hidden),
        ],
        unit=d,
    )


@dataclass
class Chunk:
    """Several steps' data in the form the kernels read."""

    #: [S, P, N] int64: row of the token's embedding in the storage seen as [P n / M, M].
    inputs: Tensor
    #: [S, P, N, 1] int64: the token to predict.
    targets: Tensor
    #: [S, P, N, 1] float32: the probability given to it, filled in as steps are taken.
    prob: Tensor


@dataclass
class _Normed:
    """A norm and the matrix that reads it, for a number of rows.

    The gain is multiplied into the matrix, h (g W) for (g h) W: the matrix has fewer entries than there are activations
    to multiply, and nothing but the normalised input is kept.
    """

    #: [P, M, 1], and matrix and gradient [P, M, C].
    gain: Tensor
    matrix: Tensor
    #: Normalised input in float32 and, where that is another, in the compute type; 1 / standard deviation.
    hat: Tensor
    h: Tensor
    rstd: Tensor
    folded: Tensor
    dgain: Tensor | None
    dmatrix: Tensor | None

    def __post_init__(self) -> None:
        self.h_T, self.folded_T = self.h.transpose(1, 2), self.folded.transpose(1, 2)

    def fold(self) -> Tensor:
        """g W."""
        return torch.mul(self.matrix, self.gain, out=self.folded)

    def unfold(self) -> None:
        """From the gradient of g W those of g and of W."""
        assert self.dgain is not None
        assert self.dmatrix is not None
        torch.mul(self.dmatrix, self.matrix, out=self.folded)
        torch.sum(self.folded, -1, dtype=torch.float32, out=self.dgain)
        self.dmatrix.mul_(self.gain)


@dataclass
class _Layer:
    """Weights and saved activations of one block, for a number of rows; matrices also transposed, `_T`."""

    attn: _Normed
    mlp: _Normed
    out_w: Tensor
    down_w: Tensor
    up: Tensor
    act: Tensor
    attention: Attention
    #: What attention gave, [P, N, M].
    mixed: Any = field(default=None, init=False)

    def __post_init__(self) -> None:
        self.out_w_T, self.down_w_T = self.out_w.transpose(1, 2), self.down_w.transpose(1, 2)
        self.act_T = self.act.transpose(1, 2)


class _Buffers:
    """Working memory for P rows; `layers` sets of what the backward pass needs, one set in all where there is none."""

    def __init__(
        self,
        model: Transformer,
        vocab: int,
        length: int,
        batch: int,
        rows: int,
        training: bool,
        like: Tensor,
        dtype: torch.dtype,
    ) -> None:
        n, m, f = batch * length, model.width, model.hidden

        def wide(*shape: int) -> Tensor:
            return torch.zeros(rows, *shape, device=like.device)

        def narrow(*shape: int) -> Tensor:
            return torch.zeros(rows, *shape, device=like.device, dtype=dtype)

        def normed(columns: int) -> dict[str, Tensor]:
            hat = wide(n, m)
            h = hat if dtype == torch.float32 else narrow(n, m)
            size = m * columns
            # Rows begin on cache lines (see layout.py).
            folded = narrow(-(-size // LANES) * LANES)[:, :size].view(rows, m, columns)
            return {"hat": hat, "h": h, "rstd": wide(n, 1), "folded": folded}

        sets = range(model.layers if training else 1)
        self.attn, self.mlp = [normed(3 * m) for _ in sets], [normed(f) for _ in sets]
        self.hidden = [{"up": narrow(n, f), "act": narrow(n, f)} for _ in sets]
        square = is_square(length, m // model.n_heads, like.device, dtype)
        squares = {"weights": (n, model.n_heads * score_columns(length, like.device))} if square else {}
        kept = dict.fromkeys(("q", "k", "v", "mixed"), (n, m)) | squares
        self.kept = [{name: narrow(*shape) for name, shape in kept.items()} for _ in sets]
        self.scratch = {f"d{name}": narrow(*shape) for name, shape in squares.items() if training}
        self.scratch["heads"] = narrow(n, m)
        self.means = gram_heads.room(model, wide, n)
        self.qkv = narrow(n, 3 * m)
        self.x, self.hat, self.rstd, self.h = wide(n, m), wide(n, m), wide(n, 1), narrow(n, m)
        self.mean, self.tmp = wide(n, 1), wide(n, m)
        self.mixed = narrow(n, m) if dtype != torch.float32 else None
        if training:
            self.dx, self.dh, self.dmlp = wide(n, m), narrow(n, m), narrow(n, f)
            self.zero, self.one = wide(n, 1), wide(n, 1).fill_(1.0)
            size = block_size(rows, n, vocab, like.device.type)
            self.logits = torch.zeros(size, device=like.device, dtype=dtype)
            self.prob = torch.zeros(size, device=like.device) if dtype != torch.float32 else None
        else:
            self.logits = torch.zeros(rows, n, vocab, device=like.device, dtype=dtype)


class _Views:
    """`rows` rows of everything from row `first` on: the forward and the backward pass."""

    def __init__(self, stack: StackedTransformer, first: int, rows: int) -> None:
        self.stack, self.rows = stack, rows
        self.place = slice(first, first + rows)
        model, b, s = stack.model, stack.buffers, stack.scales
        self.n = stack.batch * stack.length
        weights, shift = stack.weights, stack.shift
        self.bmm, self.baddbmm = (product(op, model.width, self.n) for op in (torch.bmm, torch.baddbmm))

        def view(storage: Tensor, name: str, begins: int = 0) -> Tensor:
            return stack.layout.view(storage[self.place], name, begins)

        def normed(name: str, matrix: str, saved: dict[str, Tensor]) -> _Normed:
            dgain = None if stack.grads is None else view(stack.grads, name)
            dmatrix = None if stack.grads is None else view(stack.low_grads, matrix, shift)
            gain = view(stack.params, name)[:, :, None]
            return _Normed(gain, view(stack.params, matrix), **_first(rows, saved), dgain=dgain, dmatrix=dmatrix)

        self.layers, self.qkv = [], b.qkv[:rows]
        for i in range(model.layers):
            at = i % len(b.kept)
            kept, scratch = _first(rows, b.kept[at]), _first(rows, b.scratch)
            layer = _Layer(
                attn=normed(f"norm_attn.{i}", f"qkv.{i}", b.attn[at]),
                mlp=normed(f"norm_mlp.{i}", f"up.{i}", b.mlp[at]),
                out_w=view(weights, f"attn_out.{i}", shift),
                down_w=view(weights, f"down.{i}", shift),
                **_first(rows, b.hidden[at]),
                attention=Attention(self.qkv, kept, scratch, model.n_heads, stack.length, s.scores, self.bmm),
            )
            self.layers.append(layer)
        self.matched = gram_heads.GramHeads(
            model,
            partial(view, stack.params),
            None if stack.grads is None else partial(view, stack.grads),
            [mean[:rows] for mean in b.means],
            stack.length,
            self.bmm,
            self.baddbmm,
        )
        self.gain = view(stack.params, "norm_out")[:, None]
        self.x, self.hat, self.rstd, self.h = b.x[:rows], b.hat[:rows], b.rstd[:rows], b.h[:rows]
        self.mean, self.tmp = b.mean[:rows], b.tmp[:rows]
        self.mixed = None if b.mixed is None else b.mixed[:rows]
        self.flat_x = self.x.view(rows * self.n, model.width)
        self.head_w = view(weights, "embed" if model.tied else "head", shift)
        self.head_w_T = self.head_w.transpose(1, 2)
        if stack.grads is not None:
            self._bind_gradients(view, shift)

    def _bind_gradients(self, view: Any, shift: int) -> None:
        stack, rows, b = self.stack, self.rows, self.stack.buffers
        assert stack.grads is not None
        grads, low = stack.grads, stack.low_grads
        self.dx, self.dh, self.dmlp = b.dx[:rows], b.dh[:rows], b.dmlp[:rows]
        self.zero, self.one = b.zero[:rows], b.one[:rows]
        self.flat_dx = self.dx.view(rows * self.n, -1)
        names = range(stack.model.layers)
        self.douts = [view(low, f"attn_out.{i}", shift) for i in names]
        self.ddowns = [view(low, f"down.{i}", shift) for i in names]
        self.dgain = view(grads, "norm_out")
        self.dembed = None if stack.model.tied else view(grads, "embed")
        dhead = view(low, "embed" if stack.model.tied else "head", shift)
        self.head = FusedHead(self.h, self.dh, self.head_w, dhead, b.logits, b.prob)

    # --- forward --------------------------------------------------------------------------------------------------

    def forward(self, inputs: Tensor) -> None:
        """Residual stream and final norm for `inputs` [P, N], rows of embeddings in the storage."""
        stack = self.stack
        if stack.shadow is not None:
            stack.shadow[self.place].copy_(stack.params[self.place, stack.shift :])
        torch.index_select(stack.table, 0, inputs.reshape(-1), out=self.flat_x)
        if stack.scales.embedding != 1.0:
            self.x.mul_(stack.scales.embedding)
        self.matched.forward(inputs, self.x)
        for layer in self.layers:
            self._read(layer.attn, self.qkv)
            layer.mixed = layer.attention.forward()
            self._add_product(layer.mixed, layer.out_w)
            self._read(layer.mlp, layer.up)
            _gelu(layer.up, out=layer.act)
            self._add_product(layer.act, layer.down_w)
        self._norm(self.hat, self.rstd)
        gain = self.gain if stack.scales.logits == 1.0 else self.gain * stack.scales.logits
        torch.mul(self.hat, gain, out=self.h)

    def _norm(self, hat: Tensor, rstd: Tensor) -> None:
        """hat = (x - mean) * rstd. By parts: torch's own kernel takes twice as long on rows this short."""
        torch.mean(self.x, -1, keepdim=True, out=self.mean)
        torch.sub(self.x, self.mean, out=hat)
        torch.linalg.vector_norm(hat, dim=-1, keepdim=True, out=rstd)
        rstd.square_().mul_(1 / self.x.shape[-1]).add_(NORM_EPS).rsqrt_()
        hat.mul_(rstd)

    def _read(self, normed: _Normed, out: Tensor) -> None:
        """out = gain * hat @ matrix."""
        self._norm(normed.hat, normed.rstd)
        if normed.h is not normed.hat:
            normed.h.copy_(normed.hat)
        self.bmm(normed.h, normed.fold(), out=out)

    def _add_product(self, a: Tensor, weight: Tensor) -> None:
        """x += a @ weight."""
        if self.mixed is None:
            self.baddbmm(self.x, a, weight, out=self.x)
        else:
            self.x.add_(self.bmm(a, weight, out=self.mixed))

    # --- backward -------------------------------------------------------------------------------------------------

    def gradients(self, inputs: Tensor, targets: Tensor, prob: Tensor) -> None:
        """Gradients of each model's mean loss into the gradient storage; probabilities of the targets into `prob`."""
        stack = self.stack
        self.forward(inputs)
        self.head(targets, prob)
        scale = stack.scales.logits
        gain = self.gain if scale == 1.0 else self.gain * scale
        torch.mul(self.dh, self.hat, out=self.tmp)
        torch.sum(self.tmp, 1, out=self.dgain)
        torch.mul(self.dh, gain, out=self.tmp)
        torch.mul(self._norm_backward(self.tmp, self.hat), self.rstd, out=self.dx)
        if scale != 1.0:
            self.dgain.mul_(scale)
        for i in reversed(range(len(self.layers))):
            self._mlp_backward(self.layers[i], self.ddowns[i])
            self._attention_backward(self.layers[i], self.douts[i])
        if stack.shadow is not None:
            assert stack.grads is not None
            stack.grads[self.place, stack.shift :].copy_(stack.low_grads[self.place])
        self.matched.backward(self.dx)
        if self.dembed is not None:
            self.dembed.zero_()
        if stack.scales.embedding != 1.0:
            self.dx.mul_(stack.scales.embedding)
        rows = inputs.reshape(-1)
        if self.dx.device.type == "cpu":
            stack.grad_table.index_add_(0, rows, self.flat_dx)
        else:
            # Sorted, where index_add_ would add in whatever order the GPU comes to it.
            stack.grad_table.index_put_((rows,), self.flat_dx, accumulate=True)

    def _norm_backward(self, dhat: Tensor, hat: Tensor) -> Tensor:
        """The gradient of a norm's input, over `rstd`.

        With the normalised input, mean 0 and scale 1 in place of the input's, rstd remains to be multiplied.
        """
        d: Tensor
        d, _, _ = _norm_backward(dhat, hat, hat.shape[-1:], self.zero, self.one, None, None, [True, False, False])
        return d

    def _read_backward(self, normed: _Normed, dout: Tensor) -> None:
        """Gradients of gain and matrix; that of the input is added to `dx`."""
        self.bmm(normed.h_T, dout, out=normed.dmatrix)
        self.bmm(dout, normed.folded_T, out=self.dh)
        normed.unfold()
        dhat = self.dh if self.mixed is None else self.tmp.copy_(self.dh)
        self.dx.addcmul_(self._norm_backward(dhat, normed.hat), normed.rstd)

    def _low_dx(self) -> Tensor:
        """The residual's gradient in the compute type."""
        return self.dx if self.mixed is None else self.mixed.copy_(self.dx)

    def _mlp_backward(self, layer: _Layer, ddown: Tensor) -> None:
        dx = self._low_dx()
        self.bmm(layer.act_T, dx, out=ddown)
        self.bmm(dx, layer.down_w_T, out=self.dmlp)
        _gelu_backward(self.dmlp, layer.up, grad_input=self.dmlp)
        self._read_backward(layer.mlp, self.dmlp)

    def _attention_backward(self, layer: _Layer, dout: Tensor) -> None:
        dx = self._low_dx()
        self.bmm(layer.mixed.transpose(1, 2), dx, out=dout)
        self.bmm(dx, layer.out_w_T, out=self.dh)
        layer.attention.backward(self.dh)
        self._read_backward(layer.attn, self.qkv)


def _first(rows: int, tensors: dict[str, Tensor]) -> dict[str, Tensor]:
    return {name: tensor[:rows] for name, tensor in tensors.items()}


class StackedTransformer:
    """P transformers over storage `params` [P, n], with gradients if `grads` is given."""

    kernels = "torch"

    def __init__(
        self,
        model: Transformer,
        vocab: int,
        length: int,
        batch: int,
        params: Tensor,
        grads: Tensor | None,
        precision: str,
    ) -> None:
        self.model, self.vocab, self.length, self.batch = model, vocab, length, batch
        self.params, self.grads = params, grads
        self.layout = transformer_layout(model, vocab)
        self.scales: Scales = scales(model)
        dtype = compute_dtype(precision)
        gains = self.layout.groups[0]
        # In a narrower type, matrices have a copy, `shadow`, and gradients of their own; gains stay float32.
        self.shift = 0 if dtype == torch.float32 else gains.stop
        self.shadow = None if dtype == torch.float32 else params[:, self.shift :].to(dtype)
        self.weights = params if self.shadow is None else self.shadow
        self.low_grads: Any = grads if self.shadow is None or grads is None else torch.zeros_like(self.shadow)
        self.table = params.view(-1, model.width)
        self.grad_table: Any = None if grads is None else grads.view(-1, model.width)
        n_tokens = batch * length
        sizes = (model.width, model.hidden, model.n_heads * length, *gram_heads.squares(model, length))
        even = params.device.type != "cpu" or all(n_tokens * size % LANES == 0 for size in sizes)
        #: Models run side by side.
        self.together = len(params) if even else 1
        self.buffers = _Buffers(model, vocab, length, batch, self.together, grads is not None, params, dtype)
        rows = torch.arange(len(params), device=params.device) * self.layout.stride + self.layout.slot("embed").start
        self.first_row = rows // model.width
        self._views: dict[tuple[int, int], _Views] = {}

    def views(self, first: int, rows: int) -> _Views:
        """Views of `rows` rows from `first` on, made once."""
        place = first, rows
        if place not in self._views:
            self._views[place] = _Views(self, *place)
        return self._views[place]

    def chunk(self, tokens: Tensor) -> Chunk:
        """See `Stack.chunk`."""
        steps, rows = tokens.shape[:2]
        inputs = (tokens[..., :-1] + self.first_row[:rows, None, None]).reshape(steps, rows, -1)
        targets = tokens[..., 1:].reshape(steps, rows, -1, 1)
        return Chunk(inputs, targets, torch.zeros(targets.shape, device=tokens.device))

    def step(self, chunk: Chunk, at: int) -> None:
        """See `Stack.step`."""
        rows = chunk.inputs.shape[1]
        for first in range(0, rows, self.together):
            views = self.views(first, min(self.together, rows - first))
            views.gradients(chunk.inputs[at, views.place], chunk.targets[at, views.place], chunk.prob[at, views.place])

    def losses(self, chunk: Chunk) -> Tensor:
        """See `Stack.losses`."""
        return mean_losses(chunk.prob)

    def logits(self, tokens: Tensor) -> Tensor:
        """See `Forward.logits`, for rows that are run side by side."""
        views = self.views(0, len(self.params))
        views.forward(tokens.reshape(1, -1) + self.first_row[:, None])
        views.bmm(views.h, views.head_w_T, out=self.buffers.logits)
        return self.buffers.logits.flatten(0, 1).float()


Transformers = StackedTransformer | NativeTransformer | TritonTransformer


@implements(Transformer)
class TransformerFamily:
    """Makes stacked transformers for the training loop."""

    layout = staticmethod(transformer_layout)

    @staticmethod
    def stack(
        model: Transformer, vocab: int, length: int, batch: int, params: Tensor, grads: Tensor, precision: str
    ) -> Transformers:
        """See `Family.stack`."""
        return _transformers(model, vocab, length, batch, params, grads, precision)

    @staticmethod
    def forward(
        model: Transformer, vocab: int, length: int, batch: int, params: Tensor, precision: str
    ) -> Transformers:
        """See `Family.forward`."""
        return _transformers(model, vocab, length, batch, params, None, precision)


def _transformers(
    model: Transformer, vocab: int, length: int, batch: int, params: Tensor, grads: Tensor | None, precision: str
) -> Transformers:
    """By compiled steps where there are such, by Triton's where they are asked for; neither knows n-grams."""
    _check_heads(model)
    gram_heads.check_precision(model, precision)
    if by_triton(params.device.type) and in_tiles(model, length):
        layout = transformer_layout(model, vocab)
        return TritonTransformer(model, layout, vocab, length, batch, params, grads, precision)
    if suits(model, length, params.device.type, precision):
        return NativeTransformer(model, transformer_layout(model, vocab), vocab, length, batch, params, grads)
    return StackedTransformer(model, vocab, length, batch, params, grads, precision)


def _check_heads(model: Transformer) -> None:
    d_head, left = divmod(model.width, model.n_heads)
    if left or d_head % 2:
        raise EngineError(f"a width of {model.width} has no even head size with {model.n_heads} heads")
