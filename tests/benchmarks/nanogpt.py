"""The loop a researcher would write: a nanoGPT-style nn.Module, eager, with torch's default AdamW, one model at a time.

After github.com/karpathy/nanoGPT (MIT): fused qkv projection, `scaled_dot_product_attention`, pre-norm, GELU MLP, tied
head; rotary positions as in Hugging Face's GPT-NeoX, which arXiv:2601.10684 uses.
"""

from __future__ import annotations

import torch
from torch import Tensor, nn
from torch.nn import functional as nnf


class SelfAttention(nn.Module):
    def __init__(self, width: int, heads: int, length: int) -> None:
        super().__init__()
        self.heads = heads
        self.qkv = nn.Linear(width, 3 * width, bias=False)
        self.proj = nn.Linear(width, width, bias=False)
        k = width // heads
        angle = torch.arange(length)[:, None] / 10_000 ** (torch.arange(0, k, 2) / k)
        self.register_buffer("cos", torch.cat([angle, angle], -1).cos())
        self.register_buffer("sin", torch.cat([angle, angle], -1).sin())

    def forward(self, x: Tensor) -> Tensor:
        b, t, m = x.shape
        q, k, v = (z.view(b, t, self.heads, -1).transpose(1, 2) for z in self.qkv(x).split(m, dim=2))
        q = q * self.cos + half_turn(q) * self.sin
        k = k * self.cos + half_turn(k) * self.sin
        y = nnf.scaled_dot_product_attention(q, k, v, is_causal=True)
        return self.proj(y.transpose(1, 2).contiguous().view(b, t, m))


def half_turn(x: Tensor) -> Tensor:
    a, b = x.chunk(2, -1)
    return torch.cat([-b, a], -1)


class Block(nn.Module):
    def __init__(self, width: int, heads: int, length: int) -> None:
        super().__init__()
        self.norm_1 = nn.LayerNorm(width, bias=False)
        self.attn = SelfAttention(width, heads, length)
        self.norm_2 = nn.LayerNorm(width, bias=False)
        self.up = nn.Linear(width, 4 * width, bias=False)
        self.gelu = nn.GELU()
        self.down = nn.Linear(4 * width, width, bias=False)

    def forward(self, x: Tensor) -> Tensor:
        x = x + self.attn(self.norm_1(x))
        return x + self.down(self.gelu(self.up(self.norm_2(x))))


class GPT(nn.Module):
    def __init__(self, vocab: int, width: int, layers: int, heads: int, length: int) -> None:
        super().__init__()
        self.embed = nn.Embedding(vocab, width)
        self.blocks = nn.ModuleList(Block(width, heads, length) for _ in range(layers))
        self.norm = nn.LayerNorm(width, bias=False)
        self.head = nn.Linear(width, vocab, bias=False)
        self.head.weight = self.embed.weight
        for p in self.parameters():
            if p.dim() > 1:
                nn.init.normal_(p, std=0.02)

    def logits(self, tokens: Tensor) -> Tensor:
        x = self.embed(tokens)
        for block in self.blocks:
            x = block(x)
        return self.head(self.norm(x))

    def forward(self, tokens: Tensor, targets: Tensor) -> Tensor:
        logits = self.logits(tokens)
        return nnf.cross_entropy(logits.view(-1, logits.size(-1)), targets.reshape(-1))

    def optimiser(self, lr: float, fused: bool | None = None) -> torch.optim.AdamW:
        """AdamW as torch makes it by default, or its fused kernel."""
        matrices = [p for p in self.parameters() if p.dim() > 1]
        gains = [p for p in self.parameters() if p.dim() == 1]
        groups = [{"params": matrices, "weight_decay": 0.01}, {"params": gains, "weight_decay": 0.0}]
        return torch.optim.AdamW(groups, lr=lr, betas=(0.9, 0.95), fused=fused)


def train_step(net: nn.Module, opt: torch.optim.AdamW, tokens: Tensor) -> None:
    """One step on sequences [B, T+1], as such loops have it."""
    loss = net(tokens[:, :-1], tokens[:, 1:])
    opt.zero_grad(set_to_none=True)
    loss.backward()
    nn.utils.clip_grad_norm_(net.parameters(), 1.0)
    opt.step()
