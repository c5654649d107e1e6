"""The model as anyone would write it: one nn.Module, autograd, torch.optim.AdamW. What the engine is held to."""

from __future__ import annotations

import torch
from scalingdsl.engine.train.families.transformer import transformer_layout
from scalingdsl.engine.train.parametrization import scales
from scalingdsl.spec.plan.run_grid import Run
from scalingdsl.spec.vocabulary.words.families import Transformer
from scalingdsl.spec.vocabulary.words.training import AdamW
from torch import Tensor, nn
from torch.nn import functional as nnf


class Block(nn.Module):
    """Attention and MLP, each after a norm."""

    def __init__(self, model: Transformer) -> None:
        super().__init__()
        d, f = model.width, model.hidden
        self.heads, self.scale = model.n_heads, scales(model).scores
        self.norm_attn = nn.LayerNorm(d, bias=False)
        self.norm_mlp = nn.LayerNorm(d, bias=False)
        self.qkv = nn.Linear(d, 3 * d, bias=False)
        self.attn_out = nn.Linear(d, d, bias=False)
        self.up = nn.Linear(d, f, bias=False)
        self.down = nn.Linear(f, d, bias=False)

    def forward(self, x_BTM: Tensor) -> Tensor:
        b, t, m = x_BTM.shape
        q, k, v = self.qkv(self.norm_attn(x_BTM)).view(b, t, 3, self.heads, -1).permute(2, 0, 3, 1, 4)
        scores = rotate(q) @ rotate(k).transpose(-1, -2) * self.scale
        future = torch.ones(t, t, dtype=torch.bool).triu(1)
        out = scores.masked_fill(future, float("-inf")).softmax(-1) @ v
        x_BTM = x_BTM + self.attn_out(out.transpose(1, 2).reshape(b, t, m))
        return x_BTM + self.down(nnf.gelu(self.up(self.norm_mlp(x_BTM))))


def rotate(x_BHTK: Tensor) -> Tensor:
    """Rotary positions on pairs of neighbouring features, base 10,000."""
    t, k = x_BHTK.shape[-2:]
    angle = torch.arange(t, dtype=torch.float64)[:, None] * 10_000 ** (-torch.arange(0, k, 2, dtype=torch.float64) / k)
    cos, sin = angle.cos().float(), angle.sin().float()
    even, odd = x_BHTK[..., 0::2], x_BHTK[..., 1::2]
    return torch.stack([even * cos - odd * sin, even * sin + odd * cos], -1).flatten(-2)


class Plain(nn.Module):
    """The whole model, started from a row of the engine's parameters."""

    def __init__(self, model: Transformer, vocab: int, row: Tensor) -> None:
        super().__init__()
        self.model, self.scales = model, scales(model)
        self.embed = nn.Embedding(vocab, model.width)
        self.blocks = nn.ModuleList(Block(model) for _ in range(model.layers))
        self.norm_out = nn.LayerNorm(model.width, bias=False)
        self.head = nn.Linear(model.width, vocab, bias=False)
        if model.tied:
            self.head.weight = self.embed.weight
        with torch.no_grad():
            for slot in transformer_layout(model, vocab).slots:
                value = row[slot.start : slot.stop].view(slot.shape)
                name, _, block = slot.name.partition(".")
                weight = getattr(self.blocks[int(block)] if block else self, name).weight
                # The engine keeps hidden matrices as (in, out), nn.Linear as (out, in).
                weight.copy_(value.T if block and value.dim() == 2 else value)

    def forward(self, tokens_BT: Tensor) -> Tensor:
        x = self.embed(tokens_BT) * self.scales.embedding
        for block in self.blocks:
            x = block(x)
        return self.head(self.norm_out(x)) * self.scales.logits

    def optimiser(self, run: Run) -> torch.optim.AdamW:
        """AdamW with the parametrisation's rates; norm gains without decay."""
        o = run.optimiser
        gains, vocab, hidden = [], [], []
        for name, p in self.named_parameters():
            kind = gains if "norm" in name else vocab if name.startswith(("embed", "head")) else hidden
            kind.append(p)
        rates = AdamW.width_rule(self.model.width_mult or 1.0)
        groups = [
            {"params": gains, "mult": rates["vectors"], "weight_decay": 0.0},
            {"params": vocab, "mult": rates["vocabulary"], "weight_decay": o.decay},
            {"params": hidden, "mult": rates["hidden"], "weight_decay": o.decay},
        ]
        return torch.optim.AdamW(groups, lr=o.lr, betas=(o.beta1, o.beta2), eps=o.eps)


def plain_losses(run: Run, stream: object, row: Tensor, rates: list[float]) -> list[float]:
    """Training loss of each step of the plain loop on the run's own data."""
    net = Plain(run.model, stream.vocab, row)
    opt = net.optimiser(run)
    batch = run.optimiser.batch
    losses = []
    for step, rate in enumerate(rates):
        index = torch.arange(step * batch, (step + 1) * batch)[None]
        tokens = stream.batch(torch.tensor([run.seed]), index)[0]
        for group in opt.param_groups:
            group["lr"] = rate * group["mult"]
        loss = nnf.cross_entropy(net(tokens[:, :-1]).flatten(0, 1), tokens[:, 1:].flatten())
        opt.zero_grad()
        loss.backward()
        nn.utils.clip_grad_norm_(net.parameters(), run.optimiser.clip)
        opt.step()
        losses.append(float(loss.detach()))
    return losses
