"""A GPT in plain PyTorch, in one file: characters of Python's own library, AdamW, a cosine, checkpoints. SP or muP.

    python train.py --width 64 --lr 0.01 --tokens 200000 --out run

It knows nothing of who runs it; that its last line is JSON with its loss is all that a study asks of it.
"""

import argparse
import json
import math
import os
import sysconfig
from pathlib import Path

import torch
from torch import nn
from torch.nn import functional

parser = argparse.ArgumentParser()
parser.add_argument("--data", default="stdlib", help="a text, or the standard library of Python")
parser.add_argument("--width", type=int, default=64)
parser.add_argument("--layers", type=int, default=2)
parser.add_argument("--heads", type=int, default=4)
parser.add_argument("--param", choices=("SP", "muP"), default="muP")
parser.add_argument("--base", type=int, default=32, help="width at which muP equals SP")
parser.add_argument("--block", type=int, default=64)
parser.add_argument("--batch", type=int, default=16)
parser.add_argument("--tokens", type=int, default=200_000)
parser.add_argument("--lr", type=float, default=0.01)
parser.add_argument("--seed", type=int, default=0)
parser.add_argument("--save-every", type=int, default=50)
parser.add_argument("--out", type=Path, default=Path("out"))
args = parser.parse_args()

# --- data: characters, nine parts to train on, one to evaluate on -----------------------------------------------------

LETTERS = [chr(code) for code in range(32, 127)] + ["\n"]
CODES = {letter: code for code, letter in enumerate(LETTERS)}
library = sorted(Path(sysconfig.get_paths()["stdlib"]).glob("*.py"))[:60]
files = library if args.data == "stdlib" else [Path(args.data)]
text = "".join(file.read_text(encoding="utf-8", errors="replace") for file in files)
data = torch.tensor([CODES[letter] for letter in text if letter in CODES])
split = len(data) * 9 // 10
train_data, test_data = data[:split], data[split:]


def batch(source, draw):
    """`args.batch` windows of a text."""
    starts = torch.randint(len(source) - args.block - 1, (args.batch,), generator=draw)
    windows = torch.stack([source[start : start + args.block + 1] for start in starts.tolist()])
    return windows[:, :-1], windows[:, 1:]


# --- model ------------------------------------------------------------------------------------------------------------


class Block(nn.Module):
    """Attention, then an MLP."""

    def __init__(self, width, heads, scale):
        super().__init__()
        self.heads, self.scale = heads, scale
        self.norm1, self.norm2 = nn.LayerNorm(width), nn.LayerNorm(width)
        self.qkv, self.out = nn.Linear(width, 3 * width, bias=False), nn.Linear(width, width, bias=False)
        self.up, self.down = nn.Linear(width, 4 * width, bias=False), nn.Linear(4 * width, width, bias=False)

    def forward(self, x):
        b, t, d = x.shape
        q, k, v = (
            part.view(b, t, self.heads, d // self.heads).transpose(1, 2)
            for part in self.qkv(self.norm1(x)).split(d, dim=2)
        )
        y = functional.scaled_dot_product_attention(q, k, v, is_causal=True, scale=self.scale)
        x = x + self.out(y.transpose(1, 2).reshape(b, t, d))
        return x + self.down(functional.gelu(self.up(self.norm2(x))))


class GPT(nn.Module):
    """Token and position embeddings, blocks, a head. Under muP logits are divided by the width over the base."""

    def __init__(self, width, layers, heads, mult):
        super().__init__()
        scale = math.sqrt(args.base / heads) / (width / heads) if mult > 1 else (width / heads) ** -0.5
        self.token, self.place = nn.Embedding(len(LETTERS), width), nn.Embedding(args.block, width)
        self.blocks = nn.ModuleList(Block(width, heads, scale) for _ in range(layers))
        self.norm, self.head = nn.LayerNorm(width), nn.Linear(width, len(LETTERS), bias=False)
        self.mult = mult
        for name, p in self.named_parameters():
            if p.dim() == 2:
                wide = name.startswith("blocks")
                nn.init.normal_(p, std=p.shape[1] ** -0.5 if wide else 0.02)
        nn.init.zeros_(self.head.weight)

    def forward(self, tokens, targets):
        x = self.token(tokens) + self.place.weight[: tokens.shape[1]]
        for block in self.blocks:
            x = block(x)
        logits = self.head(self.norm(x)) / self.mult
        return functional.cross_entropy(logits.flatten(0, 1), targets.flatten())


torch.manual_seed(args.seed)
mult = args.width / args.base if args.param == "muP" else 1.0
model = GPT(args.width, args.layers, args.heads, mult)
hidden = [p for name, p in model.named_parameters() if name.startswith("blocks") and p.dim() == 2]
others = [p for name, p in model.named_parameters() if not (name.startswith("blocks") and p.dim() == 2)]
groups = [{"params": hidden, "mult": 1 / mult}, {"params": others, "mult": 1.0}]
optimiser = torch.optim.AdamW(groups, lr=args.lr, betas=(0.9, 0.95), weight_decay=0.0)

# --- training ---------------------------------------------------------------------------------------------------------

steps = max(1, round(args.tokens / (args.batch * args.block)))
warmup = max(1, steps // 10)
draw = torch.Generator().manual_seed(args.seed + 1)
begin, checkpoint = 0, args.out / "checkpoint.pt"
args.out.mkdir(parents=True, exist_ok=True)
if checkpoint.exists():
    saved = torch.load(checkpoint, weights_only=True)
    model.load_state_dict(saved["model"])
    optimiser.load_state_dict(saved["optimiser"])
    draw.set_state(saved["draw"])
    begin = saved["step"]
    print(f"going on from step {begin}", flush=True)


@torch.no_grad()
def evaluate():
    """Mean loss over the same windows for every run."""
    model.eval()
    fixed = torch.Generator().manual_seed(0)
    losses = [model(*batch(test_data, fixed)).item() for _ in range(16)]
    model.train()
    return sum(losses) / len(losses)


for step in range(begin, steps):
    share = min(1.0, (step + 1) / warmup) * 0.5 * (1 + math.cos(math.pi * step / steps))
    for group in optimiser.param_groups:
        group["lr"] = args.lr * group["mult"] * share
    loss = model(*batch(train_data, draw))
    optimiser.zero_grad(set_to_none=True)
    loss.backward()
    nn.utils.clip_grad_norm_(model.parameters(), 1.0)
    optimiser.step()
    if step % 20 == 0:
        print(f"iter {step}: loss {loss.item():.4f}", flush=True)
    if (step + 1) % args.save_every == 0:
        state = {"model": model.state_dict(), "optimiser": optimiser.state_dict(), "draw": draw.get_state()}
        torch.save({**state, "step": step + 1}, args.out / "checkpoint.new")
        os.replace(args.out / "checkpoint.new", checkpoint)

print(json.dumps({"loss": evaluate(), "tokens": steps * args.batch * args.block, "step": steps}))
