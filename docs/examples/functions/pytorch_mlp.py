"""A function that trains a perceptron in PyTorch on a random teacher, and tells its loss on the way.

scalingdsl run mlp.scl --trainer pytorch_mlp:train
"""

from collections.abc import Iterator
from itertools import pairwise

import torch
from torch import nn


def train(width: int, depth: int, lr: float, tokens: int, batch: int, seed: int) -> Iterator[dict[str, float]]:
    """Mean squared error on points that are held out, after each quarter of the training."""
    teacher = torch.Generator().manual_seed(0)
    first, second = torch.randn(8, 64, generator=teacher), torch.randn(64, 1, generator=teacher) / 8

    def points(n: int, draw: torch.Generator) -> tuple[torch.Tensor, torch.Tensor]:
        x = torch.randn(n, 8, generator=draw)
        return x, torch.tanh(x @ first) @ second

    torch.manual_seed(seed)
    sizes = [8, *[width] * depth]
    layers = [part for a, b in pairwise(sizes) for part in (nn.Linear(a, b), nn.ReLU())]
    model = nn.Sequential(*layers, nn.Linear(width, 1))
    optimiser = torch.optim.Adam(model.parameters(), lr=lr)
    held_out, wanted = points(2048, torch.Generator().manual_seed(1))
    draw = torch.Generator().manual_seed(seed + 2)
    steps = max(4, round(tokens / batch))
    for step in range(1, steps + 1):
        x, y = points(batch, draw)
        optimiser.zero_grad()
        nn.functional.mse_loss(model(x), y).backward()
        optimiser.step()
        if step * 4 // steps > (step - 1) * 4 // steps:
            with torch.no_grad():
                loss = nn.functional.mse_loss(model(held_out), wanted).item()
            yield {"loss": loss, "tokens": step * batch, "step": step}
