"""The transformer on one page, as anyone would write it: an nn.Module, autograd, torch.optim.AdamW, a loop.

Nothing here trains a study. It is what the stacked model of `transformer.py` and the compiled one mean, to be read from
top to bottom, and what tests hold them to: losses, gradients and steps.

The model (arXiv:2601.10684, section 2), with rotary positions, GELU, layer norms with a gain, and no biases at all:

    x = E[token];  for n = 1, ...  x += mean over j that follow these n tokens of E[token_j] W_n  (of the first x);
    for each block  x += attention(norm(x)),  x += mlp(norm(x));  logits = norm(x) E^T  or  norm(x) H^T

Axes: B batch, T time, M width, H heads, K head features, F hidden, V vocabulary.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import torch
from scalingdsl.spec.plan.run_grid import Run
from scalingdsl.spec.vocabulary.words.families import Transformer
from torch import Tensor, nn
from torch.nn import functional as nnf

from ..parametrization import scales
from . import gram_heads
from .transformer import transformer_layout


def rotate(x_BHTK: Tensor) -> Tensor:
    """Rotary positions: pairs of neighbouring features turned by angles that grow with time, base 10,000."""
    length, k = x_BHTK.shape[-2:]
    rates = 10_000 ** (-torch.arange(0, k, 2, dtype=torch.float64) / k)
    angle_TK = torch.arange(length, dtype=torch.float64)[:, None] * rates  # K/2 of them
    cos, sin = angle_TK.cos().float(), angle_TK.sin().float()
    even, odd = x_BHTK[..., 0::2], x_BHTK[..., 1::2]
    return torch.stack([even * cos - odd * sin, even * sin + odd * cos], -1).flatten(-2)


def followers(tokens_BT: Tensor, n: int) -> Tensor:
    """[B, T, T]: in row i equal shares of the places j <= i whose n tokens before are those up to i; sums 1 or 0."""
    length = tokens_BT.shape[1]
    grams_BGn = tokens_BT.unfold(1, n, 1)  # the one that ends at i is the (i - n + 1)st
    same_BGG = (grams_BGn[:, :, None] == grams_BGn[:, None]).all(-1).float()
    share_BTT = torch.zeros(len(tokens_BT), length, length)
    share_BTT[:, n - 1 :, n:] = same_BGG[:, :, :-1]
    share_BTT = share_BTT.tril()
    return share_BTT / share_BTT.sum(-1, keepdim=True).clamp_min(1)


class Block(nn.Module):
    """Causal attention, then an MLP, each added to what it reads."""

    def __init__(self, model: Transformer) -> None:
        super().__init__()
        m, f = model.width, model.hidden
        self.heads, self.scale = model.n_heads, scales(model).scores
        self.norm_attn = nn.LayerNorm(m, bias=False)
        self.qkv = nn.Linear(m, 3 * m, bias=False)
        self.attn_out = nn.Linear(m, m, bias=False)
        self.norm_mlp = nn.LayerNorm(m, bias=False)
        self.up = nn.Linear(m, f, bias=False)
        self.down = nn.Linear(f, m, bias=False)

    def forward(self, x_BTM: Tensor) -> Tensor:
        b, t, m = x_BTM.shape
        qkv = self.qkv(self.norm_attn(x_BTM)).view(b, t, 3, self.heads, -1)  # [B, T, 3, H, K]
        q_BHTK, k_BHTK, v_BHTK = qkv.permute(2, 0, 3, 1, 4)
        scores_BHTT = rotate(q_BHTK) @ rotate(k_BHTK).transpose(-1, -2) * self.scale
        future_TT = torch.ones(t, t, dtype=torch.bool).triu(1)
        out_BHTK = scores_BHTT.masked_fill(future_TT, float("-inf")).softmax(-1) @ v_BHTK
        x_BTM = x_BTM + self.attn_out(out_BHTK.transpose(1, 2).reshape(b, t, m))
        hidden_BTF = nnf.gelu(self.up(self.norm_mlp(x_BTM)))
        return x_BTM + self.down(hidden_BTF)


class ReferenceTransformer(nn.Module):
    """The whole model, started from a row of the engine's parameters."""

    def __init__(self, model: Transformer, vocab: int, row: Tensor) -> None:
        super().__init__()
        self.model, self.scales = model, scales(model)
        self.embed = nn.Embedding(vocab, model.width)
        self.blocks = nn.ModuleList(Block(model) for _ in range(model.layers))
        self.gram = nn.ModuleList(
            nn.Linear(model.width, model.width, bias=False) for _ in gram_heads.matrices(model, 0.0)
        )
        self.norm_out = nn.LayerNorm(model.width, bias=False)
        self.head = nn.Linear(model.width, vocab, bias=False)
        if model.tied:
            self.head.weight = self.embed.weight
        with torch.no_grad():
            for slot in transformer_layout(model, vocab).slots:
                value = row[slot.start : slot.stop].view(slot.shape)
                name, _, block = slot.name.partition(".")
                inside: Any = self.gram[int(block)] if name == "gram" else self.blocks[int(block)] if block else self
                weight = (inside if name == "gram" else getattr(inside, name)).weight
                # The engine keeps hidden matrices as (in, out), nn.Linear as (out, in).
                weight.copy_(value.T if block and value.dim() == 2 else value)

    def forward(self, tokens_BT: Tensor) -> Tensor:
        """Logits [B, T, V]."""
        x_BTM = embedded_BTM = self.embed(tokens_BT) * self.scales.embedding
        for n, matrix in enumerate(self.gram, 1):
            x_BTM = x_BTM + matrix(followers(tokens_BT, n) @ embedded_BTM)
        for block in self.blocks:
            x_BTM = block(x_BTM)
        logits: Tensor = self.head(self.norm_out(x_BTM)) * self.scales.logits
        return logits

    def optimiser(self, run: Run) -> torch.optim.AdamW:
        """AdamW with a rate for each group of parameters, by the parametrisation; norm gains without decay."""
        o: Any = run.optimiser
        groups: dict[str, list[nn.Parameter]] = {"vectors": [], "vocabulary": [], "hidden": []}
        for name, parameter in self.named_parameters():
            kind = "vectors" if "norm" in name else "vocabulary" if name.startswith(("embed", "head")) else "hidden"
            groups[kind].append(parameter)
        rates = type(o).width_rule(self.model.width_mult or 1.0)
        of_groups = [
            {"params": parameters, "mult": rates[kind], "weight_decay": 0.0 if kind == "vectors" else o.decay}
            for kind, parameters in groups.items()
        ]
        return torch.optim.AdamW(of_groups, lr=o.lr, betas=(o.beta1, o.beta2), eps=o.eps)


def reference_losses(run: Run, stream: Any, row: Tensor, rates: Sequence[float]) -> list[float]:
    """Training loss of each step of a plain loop on the run's own data, in nats a token.

    Args:
        run: A run of a transformer under AdamW.
        stream: Its source.
        row: Initial parameters, flat, as the engine keeps them.
        rates: The learning rate of each step.
    """
    assert isinstance(run.model, Transformer)
    optimiser: Any = run.optimiser
    net = ReferenceTransformer(run.model, stream.vocab, row)
    adamw = net.optimiser(run)
    losses = []
    for step, rate in enumerate(rates):
        sequences = torch.arange(step * optimiser.batch, (step + 1) * optimiser.batch)[None]
        tokens_BT = stream.batch(torch.tensor([run.seed]), sequences)[0]
        loss = nnf.cross_entropy(net(tokens_BT[:, :-1]).flatten(0, 1), tokens_BT[:, 1:].flatten())
        adamw.zero_grad()
        loss.backward()
        nn.utils.clip_grad_norm_(net.parameters(), optimiser.clip)
        for group in adamw.param_groups:
            group["lr"] = rate * group["mult"]
        adamw.step()
        losses.append(float(loss.detach()))
    return losses
