"""Memory on a GPU as planning has it, against what a pack holds on device meta, which goes the ways of a GPU."""

from __future__ import annotations

import gc
from pathlib import Path
from typing import Any

import pytest
import torch
from scalingdsl.engine.hardware.block_sizes import HEAD_LOGITS
from scalingdsl.engine.hardware.devices import gpu_driver, gpu_memory
from scalingdsl.engine.pack import Pack
from scalingdsl.engine.planning.costs import cost_at
from scalingdsl.engine.planning.packing import DEFAULT_RATE, bytes_per_slot, predicted_bytes, slots_for
from scalingdsl.engine.train.families.transformer import StackedTransformer, transformer_layout
from scalingdsl.engine.train.pack_state import State
from scalingdsl.spec import load
from scalingdsl.spec.plan.run_grid import Run
from torch.utils._python_dispatch import TorchDispatchMode
from torch.utils._pytree import tree_leaves

STUDY = """
data walk(er(n={vocab}, p=.05), length={length})
models transformer(layers={layers}, width={width})
train adamw(batch={batch})  steps = 1000  seed in [0..{last} step 1]
"""
ROWS = 4


class Largest(TorchDispatchMode):
    """The bytes of the largest tensor that an operation made."""

    def __init__(self) -> None:
        super().__init__()
        self.bytes = 0

    def __torch_dispatch__(self, func: Any, types: Any, args: Any = (), kwargs: Any = None) -> Any:
        out = func(*args, **(kwargs or {}))
        given = {t.untyped_storage()._cdata for t in tensors_of((args, kwargs))}
        made = [t.untyped_storage() for t in tensors_of(out)]
        self.bytes = max([self.bytes, *(storage.nbytes() for storage in made if storage._cdata not in given)])
        return out


def tensors_of(tree: Any) -> list[torch.Tensor]:
    return [leaf for leaf in tree_leaves(tree) if isinstance(leaf, torch.Tensor)]


def alive() -> int:
    """Bytes of all tensors on device meta."""
    gc.collect()
    found = [t for t in gc.get_objects() if issubclass(type(t), torch.Tensor) and t.device.type == "meta"]
    return sum({t.untyped_storage()._cdata: t.untyped_storage().nbytes() for t in found}.values())


def held(run: Run) -> int:
    """The most bytes of a pack's tensors: all that it keeps, the state once more while a step is recorded, and the
    largest temporary of a step.
    """
    model, vocab, length, batch = run.model, run.sequences.vocab, run.sequences.length, run.stepping.batch
    layout = transformer_layout(model, vocab)
    before = alive()
    state = State(ROWS, layout.stride, "meta", run.stepping.moments)
    stack = StackedTransformer(model, vocab, length, batch, state.params, state.grads, "fp32")
    chunk = stack.chunk(torch.zeros(1, ROWS, batch, length + 1, dtype=torch.int64, device="meta"))
    stack.step(chunk, 0)  # views are made in the first step
    with Largest() as temporary:
        stack.step(chunk, 0)
    again = sum(t.untyped_storage().nbytes() for t in state.tensors())
    return alive() - before + again + temporary.bytes


@pytest.mark.slow
@pytest.mark.parametrize(
    ("width", "layers", "batch", "length", "vocab"),
    [(64, 2, 8, 64, 128), (256, 2, 4, 256, 128), (128, 3, 2, 512, 128), (128, 2, 8, 50, 600), (512, 2, 4, 64, 64)],
)
def test_memory_of_a_row(width: int, layers: int, batch: int, length: int, vocab: int) -> None:
    """What a row takes is what a pack takes beside the block of logits that rows share."""
    run = study(width, layers, batch, length, vocab)[0]
    logits = 4 * min(HEAD_LOGITS["cpu"], ROWS * batch * length * vocab)  # meta has the block of a CPU
    assert ROWS * bytes_per_slot(run, "cuda") == pytest.approx(held(run) - logits, rel=0.1)


def test_what_a_device_holds_bounds_its_packs() -> None:
    """Where nothing did, a pack of wide models was planned with more memory than any GPU has."""
    runs = study(512, 12, 32, 64, 600)
    assert predicted_bytes(Pack("wide", runs, slots_for(runs, None, "cuda")), "cuda") > 80e9
    slots = slots_for(runs, 20 * 10**9, "cuda")
    assert 1 < slots < 128
    assert predicted_bytes(Pack("wide", runs, slots), "cuda") <= 20e9


def test_the_driver_says_how_much_is_free(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A program in the place of the driver's, with its form of output."""
    program = tmp_path / "nvidia-smi"
    program.write_text("#!/bin/sh\necho '0, GPU-aa, 81000'\necho '1, GPU-bb, 40000'\necho '2, GPU-cc, 1000'\n")
    program.chmod(0o755)
    monkeypatch.setenv("PATH", f"{tmp_path}:/usr/bin:/bin")
    for visible, free in (("0", 81000), ("0,1", 40000), ("GPU-bb", 40000), ("GPU-aa,GPU-cc", 1000), ("MIG-x", 1000)):
        monkeypatch.setenv("CUDA_VISIBLE_DEVICES", visible)
        assert gpu_memory() == free * 2**20
    monkeypatch.setenv("CUDA_VISIBLE_DEVICES", "1")
    runs = study(512, 12, 32, 64, 600)
    packs = cost_at(runs, "cuda", 1, DEFAULT_RATE).packs
    assert max(predicted_bytes(pack, "cuda") for pack in packs) <= 0.9 * 40000 * 2**20
    assert max(pack.slots for pack in packs) > 1
    program.write_text("#!/bin/sh\necho 'NVIDIA-SMI has failed'\nexit 9\n")
    assert gpu_memory() is None
    monkeypatch.setenv("PATH", "/nonexistent")
    assert gpu_memory() is None


def study(width: int, layers: int, batch: int, length: int, vocab: int) -> tuple[Run, ...]:
    text = STUDY.format(width=width, layers=layers, batch=batch, length=length, vocab=vocab, last=199)
    return tuple(load("s.scl", text=text).runs())


def test_the_driver_says_its_version_once(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    program = tmp_path / "nvidia-smi"
    monkeypatch.setenv("PATH", f"{tmp_path}:/usr/bin:/bin")
    monkeypatch.delenv("CUDA_VISIBLE_DEVICES", raising=False)
    for said, version in (("echo '0, GPU-aa, 570.86'; echo '1, GPU-bb, 570.86'", "570.86"), ("exit 9", "")):
        program.write_text(f"#!/bin/sh\n{said}\n")
        program.chmod(0o755)
        gpu_driver.cache_clear()
        assert gpu_driver() == version
        program.unlink()
        assert gpu_driver() == version
    gpu_driver.cache_clear()
