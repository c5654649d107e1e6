"""One model in a loop on a device, as the strongest rivals of a pack have it: eager, compiled, and the whole step in
one CUDA graph.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from itertools import cycle

import torch
from torch import nn

from .nanogpt import GPT, train_step

#: Batches that a loop goes round, and steps before one is captured.
BATCHES, WARM_UP = 8, 3


@contextmanager
def factors(precision: str, device: str) -> Iterator[None]:
    """Products in float32 on a GPU as `precision` has them."""
    if device != "cuda":
        yield
        return
    before = torch.backends.cuda.matmul.fp32_precision
    torch.backends.cuda.matmul.fp32_precision = "tf32" if precision == "tf32" else "ieee"
    try:
        yield
    finally:
        torch.backends.cuda.matmul.fp32_precision = before


class _Autocast(nn.Module):
    """A model whose products are in bfloat16."""

    def __init__(self, net: GPT, device: str) -> None:
        super().__init__()
        self.net, self._device = net, device

    def forward(self, tokens: torch.Tensor, targets: torch.Tensor) -> torch.Tensor:
        with torch.autocast(self._device, torch.bfloat16):
            loss: torch.Tensor = self.net(tokens, targets)
        return loss


def single(
    way: str, width: int, batch: int, length: int, vocab: int, layers: int, precision: str, device: str
) -> Callable[[], None]:
    """A function that takes one step of one model.

    Args:
        way: `eager` by torch's default AdamW, `compiled` by its fused one, `graphed`, compiled and captured.
    """
    torch.manual_seed(0)
    plain = GPT(vocab, width, layers, max(1, width // 64), length).to(device)
    net: nn.Module = _Autocast(plain, device) if precision == "bf16" else plain
    data = torch.randint(vocab, (BATCHES, batch, length + 1), device=device)
    turn = cycle(data)
    if way == "eager":
        opt = plain.optimiser(1e-3)
        return lambda: train_step(net, opt, next(turn))
    opt = plain.optimiser(1e-3, fused=True)
    net = torch.compile(net, dynamic=False)
    if way == "compiled":
        return lambda: train_step(net, opt, next(turn))
    for group in opt.param_groups:
        group["capturable"] = True
    tokens = data[0].clone()

    def step() -> None:
        opt.zero_grad(set_to_none=False)
        net(tokens[:, :-1], tokens[:, 1:]).backward()
        nn.utils.clip_grad_norm_(plain.parameters(), 1.0)
        opt.step()

    aside = torch.cuda.Stream()
    aside.wait_stream(torch.cuda.current_stream())
    with torch.cuda.stream(aside):
        for _ in range(WARM_UP):
            step()
    torch.cuda.current_stream().wait_stream(aside)
    graph = torch.cuda.CUDAGraph()
    with torch.cuda.graph(graph):
        step()

    def replay() -> None:
        tokens.copy_(next(turn))
        graph.replay()

    return replay
