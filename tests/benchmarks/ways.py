"""The ways of training that are compared. Each makes, from a shape, a function that trains for a moment and returns the
tokens trained; `python -m tests.benchmarks.ways WAY` serves one way in a process of its own (`measure.Worker`).

    plain     the loop a researcher would write: `nanogpt.py`, eager, torch's default AdamW, one model
    tuned     that loop with all that is to be had by settings: fused AdamW, the engine's allocator and denormals
    compiled  the tuned loop, its model under `torch.compile`
    jax       `slots` models in JAX: `jit(vmap(step))` with donated buffers (`jax_loop.py`), where JAX is installed
    vmapped   `slots` models by `torch.func`: one model under `vmap`, one fused AdamW for all, the engine's settings
    engine    a pack of `slots` members, the drawing of its data and the reading of its losses included
    torch     the same by torch's operations, not by steps compiled from C

`WAY:KIND` keeps a way to one kind of vectors, the engine by asking for its steps, others by what their libraries heed
(`LIMITS`). All but the engine find their data ready in memory.
"""

from __future__ import annotations

import json
import resource
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from scalingdsl.engine.train.kernels import CHOICE
from torch import Tensor

if TYPE_CHECKING:
    from scalingdsl.engine.train.training_loop import Trainer

LAYERS = 2
#: FLOPs of a step that takes a second or more of a core.
LONG_STEP = 10**11
#: Batches that the plain ways go round.
BATCHES = 8


@dataclass(frozen=True)
class Shape:
    """What is trained: models of a width on sequences of a length, `slots` at a time."""

    width: int
    batch: int
    length: int
    slots: int = 1
    device: str = "cpu"
    vocab: int = 512

    @property
    def tokens(self) -> int:
        """Tokens of one step of one model."""
        return self.batch * self.length

    @property
    def flops_per_token(self) -> int:
        """Matmul FLOPs of one trained token."""
        from scalingdsl.spec.vocabulary.words.families import Transformer

        return Transformer(width=self.width, layers=LAYERS).flops_per_token(self.vocab, self.length)


@dataclass
class Way:
    """One way on one shape."""

    train: Callable[[], int]
    #: Seconds of its own clock spent so far on drawing data.
    drawing: Callable[[], float] = lambda: 0.0


# --- the plain module -------------------------------------------------------------------------------------------------


def plain(shape: Shape, fused: bool = False, compiled: bool = False) -> Way:
    """One model in a loop."""
    import torch

    from .nanogpt import GPT, train_step

    torch.manual_seed(0)
    net = GPT(shape.vocab, shape.width, LAYERS, max(1, shape.width // 64), shape.length).to(shape.device)
    opt = net.optimiser(1e-3, fused=fused)
    model = torch.compile(net, dynamic=False) if compiled else net
    data = torch.randint(shape.vocab, (BATCHES, shape.batch, shape.length + 1), device=shape.device)
    turn = iter(range(1 << 60))

    def train() -> int:
        train_step(model, opt, data[next(turn) % BATCHES])
        return shape.tokens

    return Way(train)


def vmapped(shape: Shape) -> Way:
    """Stacked parameters, gradients by `torch.func.grad` under `vmap`."""
    import torch
    from torch.func import functional_call, grad_and_value, stack_module_state, vmap
    from torch.nn.attention import SDPBackend, sdpa_kernel

    from .nanogpt import GPT

    nets = []
    for seed in range(shape.slots):
        torch.manual_seed(seed)
        nets.append(GPT(shape.vocab, shape.width, LAYERS, max(1, shape.width // 64), shape.length).to(shape.device))
    params, buffers = stack_module_state(nets)
    opt = torch.optim.AdamW(list(params.values()), lr=1e-3, betas=(0.9, 0.95), weight_decay=0.01, fused=True)
    size = (BATCHES, shape.slots, shape.batch, shape.length + 1)
    data = torch.randint(shape.vocab, size, device=shape.device)
    turn = iter(range(1 << 60))

    def loss(params: Any, buffers: Any, tokens: Tensor) -> Tensor:
        found: Tensor = functional_call(nets[0], (params, buffers), (tokens[:, :-1], tokens[:, 1:]))
        return found

    gradients = vmap(grad_and_value(loss))

    def train() -> int:
        now = {k: p.detach() for k, p in params.items()}
        with sdpa_kernel(SDPBackend.MATH):  # vmap runs the fused kernel item by item
            grads, _ = gradients(now, buffers, data[next(turn) % BATCHES])
        squares = sum((g.flatten(1) ** 2).sum(1) for g in grads.values())
        scale = (1 / (squares.sqrt() + 1e-6)).clamp_max(1.0)
        for name, p in params.items():
            p.grad = grads[name] * scale.view(-1, *[1] * (p.dim() - 1))
        opt.step()
        return shape.slots * shape.tokens

    return Way(train)


def jax(shape: Shape) -> Way:
    """Models stacked in JAX, on one thread."""
    import jax as library
    from jax import numpy as jnp

    from .jax_loop import stacked_state, train_step

    state = stacked_state(shape.slots, shape.vocab, shape.width, LAYERS)
    step = train_step(max(1, shape.width // 64))
    size = (BATCHES, shape.slots, shape.batch, shape.length + 1)
    data = library.random.randint(library.random.key(1), size, 0, shape.vocab, dtype=jnp.int32)
    turn = iter(range(1 << 60))

    def train() -> int:
        nonlocal state
        state = library.block_until_ready(step(state, data[next(turn) % BATCHES]))
        return shape.slots * shape.tokens

    return Way(train)


# --- the engine -------------------------------------------------------------------------------------------------------

#: Edges of a node of the graph, on average.
DEGREE = 10.24
_STUDY = """
data walk(er(n={vocab}, p={p:.3g}), length={length})
models transformer(layers={layers}, width={width})
train adamw(batch={batch})  steps = 100000000  seed in [0..{last} step 1]
"""


def engine(shape: Shape) -> Way:
    """A pack of runs that never end, chunk by chunk."""
    from scalingdsl.engine.train.precision import arithmetic

    trainer, drawn = _trainer(shape)

    def train() -> int:
        before = sum(member.step for member in trainer.rows)
        with arithmetic(trainer.precision, trainer.device):
            trainer._chunk()
        return (sum(member.step for member in trainer.rows) - before) * shape.tokens

    return Way(train, lambda: sum(drawn))


def _trainer(shape: Shape) -> tuple[Trainer, list[float]]:
    """A trainer with its rows filled, and the list that its seconds of drawing data go to."""
    from scalingdsl.engine.pack import Pack
    from scalingdsl.engine.sources import open_source
    from scalingdsl.engine.train import training_loop
    from scalingdsl.spec import load

    drawn: list[float] = []
    now = clock_of(shape.device)

    class Watched(training_loop.Trainer):
        def _data(self, count: int, after: int = 0) -> Tensor:
            begun = now()
            data = super()._data(count, after)
            drawn.append(now() - begun)
            return data

    text = _STUDY.format(
        vocab=shape.vocab, p=DEGREE / shape.vocab, length=shape.length, layers=LAYERS, width=shape.width,
        batch=shape.batch, last=shape.slots - 1,
    )  # fmt: skip
    runs = tuple(load("benchmark.scl", text=text).runs())
    pack, stream = Pack("benchmark", runs, shape.slots), open_source(runs[0].source)
    # A step of a wide model takes a minute: the first chunk, whose time tells how many steps the others have, is one.
    most = {"chunk_steps": 1} if shape.flops_per_token * shape.tokens > LONG_STEP else {}
    trainer = Watched(pack, stream, shape.device, None, **most)
    for run in runs:
        trainer.begin(run)
    trainer._fill()
    return trainer, drawn


#: Kind of compiled steps -> environment that keeps the libraries of other ways to the same instructions.
LIMITS = {
    "avx512": {},
    "avx2": {
        "ATEN_CPU_CAPABILITY": "avx2",
        "ONEDNN_MAX_CPU_ISA": "AVX2",
        "MKL_ENABLE_INSTRUCTIONS": "AVX2",
        "XLA_FLAGS": "--xla_cpu_max_isa=AVX2",
    },
    "generic": {
        "ATEN_CPU_CAPABILITY": "default",
        "ONEDNN_MAX_CPU_ISA": "SSE41",
        "MKL_ENABLE_INSTRUCTIONS": "SSE4_2",
        "XLA_FLAGS": "--xla_cpu_max_isa=SSE4_2",
    },
}
#: What keeps JAX to one thread.
JAX_THREAD = "--xla_cpu_multi_thread_eigen=false intra_op_parallelism_threads=1"


def environment(name: str) -> dict[str, str]:
    """What the process of a way, or of a way kept to one kind of vectors, has in its environment."""
    way, _, kind = name.partition(":")
    limits = dict(LIMITS.get(kind, {}))
    if way == "jax":
        limits["XLA_FLAGS"] = f"{limits.get('XLA_FLAGS', '')} {JAX_THREAD}"
    if way == "torch" or kind:
        limits[CHOICE] = "torch" if way == "torch" else kind
    return limits


WAYS: dict[str, Callable[[Shape], Way]] = {
    "plain": plain,
    "tuned": lambda shape: plain(shape, fused=True),
    "compiled": lambda shape: plain(shape, fused=True, compiled=True),
    "vmapped": vmapped,
    "jax": jax,
    "engine": engine,
    "torch": engine,
}


# --- measuring --------------------------------------------------------------------------------------------------------


def clock_of(device: str, wall: bool = False) -> Callable[[], float]:
    """Seconds: of this process on a CPU, which a busy machine moves little, unless `wall`; of the clock on a GPU, once
    it has done what it was given.
    """
    if device != "cuda":
        return time.perf_counter if wall else time.process_time
    import torch

    def now() -> float:
        torch.cuda.synchronize()
        return time.perf_counter()

    return now


def tokens_per_s(way: Way, seconds: float, now: Callable[[], float]) -> float:
    """The rate of a way over at least `seconds`, and two turns."""
    begun, count, tokens = now(), 0, 0
    while now() - begun < seconds or count < 2:
        tokens += way.train()
        count += 1
    return tokens / (now() - begun)


def gemm_peak(now: Callable[[], float], device: str = "cpu") -> float:
    """FLOP a second of fp32 products of large squares: on a CPU the faster of torch's two routes, of which the second
    merely permits lower precision and is left out where a processor takes it.
    """
    import torch
    from scalingdsl.engine.train.cpu_settings import FP32_ERROR, onednn_error

    size = 1024 if device == "cpu" else 8192
    a, b, c = (torch.randn(size, size, device=device) for _ in range(3))
    switch: Any = torch.backends.mkldnn.matmul
    before, best = switch.fp32_precision, 0.0
    true = device == "cpu" and torch.backends.mkldnn.is_available() and onednn_error() <= FP32_ERROR
    for mode in (before, "bf16") if true else (before,):
        switch.fp32_precision = mode
        torch.mm(a, b, out=c)
        begun = now()
        for _ in range(4):
            torch.mm(a, b, out=c)
        best = max(best, 4 * 2 * size**3 / (now() - begun))
    switch.fp32_precision = before
    return best


def serve(name: str) -> None:
    """Answer measurements on stdin until it ends: one JSON line `{shape, seconds, wall}` each.

    The answer has the `rate` in tokens a second, the share `drawing` of the time that went to data, the GEMM `peak` in
    FLOP a second, the seconds `first` that making the way and its first turn took, and the process's memory `rss`.
    """
    name = name.partition(":")[0]
    if name not in ("plain", "jax"):
        from scalingdsl.engine.train import cpu_settings

        cpu_settings.prepare(threads=1)
    known: dict[Shape, tuple[Way, float]] = {}
    for line in sys.stdin:
        ask = json.loads(line)
        shape, now = Shape(**ask["shape"]), clock_of(ask["shape"].get("device", "cpu"), ask["wall"])
        if shape not in known:
            known.clear()
            begun = time.perf_counter()
            way = WAYS[name](shape)
            way.train()
            known[shape] = way, time.perf_counter() - begun
            tokens_per_s(way, ask["seconds"] / 4, now)
        way, first = known[shape]
        drawn, begun = way.drawing(), now()
        rate = tokens_per_s(way, ask["seconds"], now)
        share = (way.drawing() - drawn) / (now() - begun)
        peak = gemm_peak(now, shape.device)
        rss = 1024 * resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
        print(json.dumps({"rate": rate, "drawing": share, "peak": peak, "first": first, "rss": rss}), flush=True)


if __name__ == "__main__":
    serve(sys.argv[1])
