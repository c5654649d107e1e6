"""Whole steps of Triton's kernels, against torch's; what a record says of them; whom a model's bits depend on."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
import torch
from scalingdsl.engine.hardware import block_sizes
from scalingdsl.engine.planning.gpu_rate import TRITON_UPDATE
from scalingdsl.engine.sources import open_source
from scalingdsl.engine.train import step_runner
from scalingdsl.engine.train.families.transformer import StackedTransformer, transformer_layout
from scalingdsl.engine.train.families.triton_stack import TritonTransformer
from scalingdsl.engine.train.kernels import CHOICE, by_triton, gpu
from scalingdsl.engine.train.optimisers import optimiser
from scalingdsl.engine.train.pack_state import State
from scalingdsl.engine.train.step_runner import Eager, Recorded
from scalingdsl.engine.train.training_loop import init_generator
from scalingdsl.spec.errors import UsageError
from scalingdsl.spec.plan.run_grid import Run
from scalingdsl.spec.vocabulary.words.families import Transformer
from scalingdsl.spec.vocabulary.words.graphs import ErdosRenyi
from scalingdsl.spec.vocabulary.words.sources import Walk
from scalingdsl.spec.vocabulary.words.training import AdamW

from ...make import make_run
from ..watched import Watched, final_params, same, stop_after, train
from .triton_here import DEVICE, far, needs_triton

ROOT = Path(__file__).parents[4]
MODELS = {
    "narrow": (Transformer(width=16, base_width=8, layers=1), 37, 7, 3),
    "heads, no tie": (Transformer(width=24, heads=2, layers=2, tied=False), 20, 16, 1),
    "SP, odd MLP": (Transformer(width=6, mlp=1.5, param="SP"), 70, 5, 2),
}
SMALL = Transformer(width=4, layers=1)
SOURCE = Walk(graph=ErdosRenyi(n=9, p=0.5), length=3, eval_walks=2)


@pytest.fixture
def triton(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(CHOICE, gpu.CHOICE)
    monkeypatch.setattr("scalingdsl.engine.train.training_loop.FIRST_STEPS", 2)


def small_runs(count: int, steps: int = 4) -> list[Run]:
    return [
        make_run(SMALL, source=SOURCE, seed=i % 2, steps=steps - i, batch=2, lr=0.01 * (i + 1), decay=0.1 * i)
        for i in range(count)
    ]


@needs_triton
@pytest.mark.slow
@pytest.mark.parametrize("shape", MODELS)
def test_a_step_is_torchs(shape: str) -> None:
    """Gradients, losses and logits."""
    model, vocab, length, batch = MODELS[shape]
    torch.manual_seed(0)
    layout = transformer_layout(model, vocab)
    params = 0.2 * torch.randn(2, layout.stride, device=DEVICE)
    theirs, mine = torch.zeros_like(params), torch.zeros_like(params)
    mine[:, : layout.n_params] = float("nan")  # every gradient is to be filled
    if not model.tied:
        layout.view(mine, "embed").zero_()
    tokens = torch.randint(vocab, (1, 2, batch, length + 1), device=DEVICE)
    one = StackedTransformer(model, vocab, length, batch, params, theirs, "fp32")
    other = TritonTransformer(model, layout, vocab, length, batch, params, mine, "fp32")
    close = 1e-6
    with torch.no_grad():
        chunks = one.chunk(tokens), other.chunk(tokens)
        one.step(chunks[0], 0)
        other.step(chunks[1], 0)
        for slot in layout.slots:
            assert far(layout.view(mine, slot.name), layout.view(theirs, slot.name)) < close, slot.name
        assert far(other.losses(chunks[1]), one.losses(chunks[0])) < close
        assert same(mine[:, layout.n_params :], theirs[:, layout.n_params :])
        judge = TritonTransformer(model, layout, vocab, length, batch, params, None, "fp32")
        found = judge.logits(tokens[0, 0, :, :-1])
        rows = (StackedTransformer(model, vocab, length, batch, row[None], None, "fp32") for row in params)
        exact = torch.cat([row.logits(tokens[0, 0, :, :-1]).clone() for row in rows])
        assert far(found, exact) < close


@needs_triton
@pytest.mark.slow
def test_bfloat16_is_near_float32() -> None:
    """On a GPU as near as torch's; the interpreter cuts off where a GPU rounds, an error thrice as large."""
    model, vocab, length, batch = MODELS["heads, no tie"]
    torch.manual_seed(0)
    layout = transformer_layout(model, vocab)
    params = 0.2 * torch.randn(2, layout.stride, device=DEVICE)
    tokens = torch.randint(vocab, (1, 2, batch, length + 1), device=DEVICE)
    exact, theirs, mine = (torch.zeros_like(params) for _ in range(3))
    with torch.no_grad():
        for stack in (
            StackedTransformer(model, vocab, length, batch, params, exact, "fp32"),
            StackedTransformer(model, vocab, length, batch, params, theirs, "bf16"),
            TritonTransformer(model, layout, vocab, length, batch, params, mine, "bf16"),
        ):
            stack.step(stack.chunk(tokens), 0)
    assert 0 < far(mine, exact) < (1.5 if DEVICE == "cuda" else 5) * far(theirs, exact) < 0.03


@needs_triton
@pytest.mark.slow
def test_a_head_of_several_blocks(monkeypatch: pytest.MonkeyPatch) -> None:
    """Blocks of two models, of one, and of a part of one's tokens give the same gradients."""
    model, vocab, length, batch = MODELS["narrow"]
    layout = transformer_layout(model, vocab)
    torch.manual_seed(1)
    params = 0.2 * torch.randn(3, layout.stride, device=DEVICE)
    tokens = torch.randint(vocab, (1, 3, batch, length + 1), device=DEVICE)
    found = []
    for limit, least in ((2**27, 128), (2 * vocab * 21, 128), (vocab, 11)):
        monkeypatch.setitem(block_sizes.HEAD_LOGITS, "cuda", limit)
        monkeypatch.setattr(block_sizes, "HEAD_TOKENS", least)
        grads = torch.zeros_like(params)
        stack = TritonTransformer(model, layout, vocab, length, batch, params, grads, "fp32")
        chunk = stack.chunk(tokens)
        stack.step(chunk, 0)
        found.append((grads, chunk.prob))
    assert same(found[0][0], found[1][0])
    assert far(found[2][0], found[0][0]) < 1e-6
    assert same(found[0][1], found[1][1])
    assert far(found[2][1], found[0][1]) < 1e-6  # a part of one's tokens is another tile


@needs_triton
@pytest.mark.slow
def test_a_replay_is_the_step_and_its_order_is_made_once_a_chunk(triton: None, monkeypatch: pytest.MonkeyPatch) -> None:
    """Of three steps: two as one, and one."""
    monkeypatch.setattr(step_runner, "SEVERAL", 2)
    monkeypatch.setattr(step_runner, "MANY", 3)
    words = [AdamW(decay=0.1, clip=0.5), AdamW(beta1=0.5, beta2=0.9, eps=1e-4), AdamW(clip=1e9)]
    stream = open_source(SOURCE)
    layout = transformer_layout(SMALL, stream.vocab)
    ends = []
    for kind in (Eager, Recorded):
        state = State(4, layout.stride, DEVICE, AdamW.moments)
        for row in range(4):
            layout.init_(state.params[row], init_generator(row))
        stack = TritonTransformer(
            SMALL, layout, stream.vocab, stream.length, 2, state.params, state.grads, "fp32"
        )  # fmt: skip
        update = optimiser(words[0], layout, state)
        steps = Eager(stack, update) if kind is Eager else Recorded(stack, update, state)
        tokens = stream.batch(torch.arange(3), torch.arange(6).expand(3, -1), DEVICE)
        tokens = tokens.unflatten(1, (3, 2)).transpose(0, 1)
        with torch.no_grad():
            taken = steps.take(steps.ready(tokens, words, np.full((3, 3), 0.02)))
        ends.append((*taken, state.params[:3].clone(), state.steps[:3].clone()))
    assert all(torch.equal(a, b) for a, b in zip(*ends))


@needs_triton
@pytest.mark.slow
def test_bits_depend_on_no_companion_row_or_stop(triton: None, tmp_path: Path) -> None:
    runs = small_runs(3)
    whole = final_params(runs)
    alone = final_params([runs[2]])
    permuted = final_params([runs[i] for i in (2, 1)])
    refilled = final_params(runs, slots=2)
    assert final_params(runs[:2], checkpoints=tmp_path, stop=stop_after(1), chunk_steps=2) == {}
    resumed = final_params([runs[1], runs[0]], slots=1, checkpoints=tmp_path)
    for found in (alone, permuted, refilled, resumed):
        assert all(same(params, whole[key]) for key, params in found.items())


@needs_triton
@pytest.mark.slow
@pytest.mark.filterwarnings("ignore::RuntimeWarning")  # NumPy's, of infinities in the interpreter
def test_an_infinity_stays_in_its_row(triton: None) -> None:
    runs = small_runs(3)
    whole, trainer = final_params(runs), Watched(runs, chunk_steps=1)

    def poison() -> bool:
        for row, member in enumerate(trainer.rows):
            if member.run.key == runs[1].key and member.step == 1:
                trainer.state.params[row, 5] = float("inf")
        return False

    records = {r.key: r for r in trainer.train(lambda made: None, poison, 1e9)}
    assert records[runs[1].key].status == "diverged"
    assert all(same(whole[run.key], trainer.finals[run.key]) for run in (runs[0], runs[2]))


@needs_triton
@pytest.mark.slow
def test_records_name_the_kernels_and_losses_are_torchs(triton: None, monkeypatch: pytest.MonkeyPatch) -> None:
    (run,) = small_runs(1)
    record = train([run])[run.key]
    assert record.provenance["kernels"] == "triton, fp32 by three tf32 products"
    monkeypatch.setenv(CHOICE, "torch")
    assert record.final.loss == pytest.approx(train([run])[run.key].final.loss, rel=1e-6)


@needs_triton
def test_long_contexts_and_wide_heads_are_torchs(triton: None) -> None:
    assert gpu.in_tiles(Transformer(width=128, heads=2), 64)
    assert not gpu.in_tiles(Transformer(width=128, heads=2), 65)
    assert not gpu.in_tiles(Transformer(width=128, heads=1), 64)


def test_kernels_that_are_asked_for_and_not_there_are_told(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(CHOICE, "triton")
    monkeypatch.setattr(gpu, "find_spec", lambda name: None)
    monkeypatch.delenv(gpu.INTERPRETER, raising=False)
    assert not by_triton("cpu")
    with pytest.raises(UsageError, match=r"there is no Triton here: pip install 'scalingdsl\[gpu-kernels\]'"):
        by_triton("cuda")


@pytest.mark.slow
def test_nothing_imports_triton_where_it_is_not_asked_for() -> None:
    code = "import sys; import scalingdsl.engine.train.training_loop; sys.exit('triton' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0


@needs_triton
@pytest.mark.slow
def test_attention_spills_no_registers(tmp_path: Path) -> None:
    """Forward and backward in float32 at 64 tokens and 64 features, compiled for two kinds of GPU."""
    code = (
        "from tests.benchmarks.machine_code import Transformer, compiled, launches;"
        "made = {c: set(launches(Transformer(width=64), 20, 64, 2, capability=c)) for c in (80, 90)};"
        "print([compiled(l, c)['spilled'] for c in made for l in made[c] if l.kernel.startswith('attention')])"
    )
    environment = {k: v for k, v in os.environ.items() if k != gpu.INTERPRETER} | {"TRITON_CACHE_DIR": str(tmp_path)}
    said = subprocess.run(
        [sys.executable, "-c", code], env=environment, capture_output=True, text=True, check=True, cwd=ROOT
    ).stdout  # fmt: skip
    assert said.strip() == "[0, 0, 0, 0]"


@needs_triton
@pytest.mark.slow
def test_a_step_of_two_blocks_is_fifty_launches() -> None:
    """In a process of its own, where kernels are not for the interpreter; as many as planning reckons with."""
    assert gpu.cost(Transformer(width=16), 20).launches + TRITON_UPDATE[0] == 50
    code = (
        "from tests.benchmarks.machine_code import Transformer, launches;"
        "print(len(launches(Transformer(width=16), 20, 8, 2)), len(launches(Transformer(width=16), 20, 8, 2, rows=7)))"
    )
    environment = {k: v for k, v in os.environ.items() if k != gpu.INTERPRETER}
    said = subprocess.run(
        [sys.executable, "-c", code], env=environment, capture_output=True, text=True, check=True, cwd=ROOT
    ).stdout  # fmt: skip
    assert said.split() == ["50", "50"]
