"""A member's bits depend on nobody: not on its pack, its row, when it joined, or whether it was stopped on the way."""

from __future__ import annotations

from pathlib import Path

import pytest
import torch
from scalingdsl.engine.sources import open_source
from scalingdsl.engine.train import cpu_settings, step_runner
from scalingdsl.engine.train.kernels import KINDS
from scalingdsl.spec.plan.run_grid import Run
from scalingdsl.spec.vocabulary.words.families import Transformer
from scalingdsl.spec.vocabulary.words.graphs import ErdosRenyi
from scalingdsl.spec.vocabulary.words.sources import Walk
from scalingdsl.spec.vocabulary.words.training import Constant, Warmup, WarmupStableDecay

from ..make import make_run
from .watched import InTurn, Replayed, Watched, final_params, same, stop_after

#: Shapes whose element counts are, and are not, multiples of what vectorised loops take at once; several heads; no tie;
#: a vocabulary that needs more than one block of logits; wide enough for the processor's other GEMM.
SHAPES = {
    "narrow": (Transformer(width=16), Walk(graph=ErdosRenyi(n=40, p=0.15), length=8, eval_walks=4), 4),
    "odd": (Transformer(width=6, mlp=1.5), Walk(graph=ErdosRenyi(n=37, p=0.2), length=7, eval_walks=4), 3),
    "heads": (
        Transformer(width=64, heads=4, tied=False),
        Walk(graph=ErdosRenyi(n=64, p=0.2), length=16, eval_walks=4),
        2,
    ),
    "wide": (
        Transformer(width=64, heads=2, layers=1),
        Walk(graph=ErdosRenyi(n=64, p=0.2), length=64, eval_walks=4),
        16,
    ),
    "blocks": (Transformer(width=8, layers=1), Walk(graph=ErdosRenyi(n=9000, p=0.002), length=8, eval_walks=2), 4),
}


def members(shape: str, count: int, steps: int) -> list[Run]:
    """Runs of one shape that differ in seed, rate, decay, clip, schedule and warm-up."""
    model, source, batch = SHAPES[shape]
    schedules = [{}, {"schedule": Constant()}, {"schedule": WarmupStableDecay()}, {"warmup": Warmup(steps=30)}]
    return [
        make_run(
            model,
            source=source,
            seed=i % 3,
            steps=steps,
            batch=batch,
            lr=0.003 * 1.5**i,
            decay=0.01 * i,
            clip=1.0 / (1 + i % 2),
            **schedules[i % 4],
        )
        for i in range(count)
    ]


@pytest.mark.slow
@pytest.mark.parametrize(
    ("kernels", "gemm"),
    [*((kind, "default") for kind in (*KINDS, "torch")), ("torch", "onednn")],
    indirect=["kernels"],
)
@pytest.mark.parametrize("shape", SHAPES)
def test_alone_and_packed_and_permuted(shape: str, gemm: str, kernels: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(cpu_settings, "_prepared", {**cpu_settings.provenance(), "gemm": gemm})
    steps = 200 if shape == "narrow" and gemm == "default" else 4 if shape == "wide" else 30
    runs = members(shape, 8, steps)
    packed = final_params(runs)
    permuted = final_params([runs[i] for i in (5, 2, 7, 0)])
    for run in runs if steps == 200 else runs[:3]:
        alone = final_params([run])[run.key]
        assert same(alone, packed[run.key])
        assert run.key not in permuted or same(alone, permuted[run.key])


def test_refilled_rows_and_compaction(kernels: str) -> None:
    """Nine runs of different lengths through three rows: rows are refilled, then closed up."""
    model, source, batch = SHAPES["narrow"]
    lengths = [200, 170, 130, 110, 90, 64, 40, 20, 10]
    runs = [make_run(model, source=source, seed=i, steps=n, batch=batch) for i, n in enumerate(lengths)]
    refilled = final_params(runs, slots=3)
    for run in runs:
        assert same(final_params([run])[run.key], refilled[run.key])


def test_stop_and_resume_in_another_pack(tmp_path: Path, kernels: str) -> None:
    runs = members("narrow", 5, 200)
    whole = final_params(runs)
    assert final_params(runs, checkpoints=tmp_path, stop=stop_after(4), chunk_steps=24) == {}
    assert len(list(tmp_path.glob("*.safetensors"))) == 5
    first = final_params([runs[3], runs[1]], checkpoints=tmp_path)
    rest = final_params([runs[0], runs[4], runs[2]], slots=2, checkpoints=tmp_path)
    for run in runs:
        assert same(whole[run.key], {**first, **rest}[run.key])
    assert list(tmp_path.iterdir()) == []


def test_many_stops(tmp_path: Path) -> None:
    """Stopped after every chunk: what is resumed was itself resumed."""
    runs = members("narrow", 3, 60)
    whole = final_params(runs)
    finals: dict[str, torch.Tensor] = {}
    for _ in range(100):
        left = [run for run in runs if run.key not in finals]
        if not left:
            break
        finals |= final_params(left, checkpoints=tmp_path, stop=stop_after(1), chunk_steps=7)
    assert all(same(whole[run.key], finals[run.key]) for run in runs)


def test_replays_in_any_pack_are_steps_in_turn(tmp_path: Path, kernels: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """As on a GPU, several steps a graph: packed, through fewer rows than runs, stopped and gone on with."""
    monkeypatch.setattr(step_runner, "SEVERAL", 4)
    monkeypatch.setattr(step_runner, "MANY", 9)
    runs = [*members("narrow", 2, 30), *members("narrow", 4, 14)[2:]]
    in_turn = final_params(runs, kind=InTurn)
    packed = final_params(runs, kind=Replayed, chunk_steps=9)
    refilled = final_params(runs, slots=3, kind=Replayed, chunk_steps=10)
    part = final_params(runs, checkpoints=tmp_path, stop=stop_after(2), kind=Replayed, chunk_steps=10)
    assert len(part) < 4
    resumed = {**part, **final_params(runs[::-1], slots=3, checkpoints=tmp_path, kind=Replayed, chunk_steps=11)}
    for found in (packed, refilled, resumed):
        assert all(same(in_turn[run.key], found[run.key]) for run in runs)


@pytest.mark.parametrize("kind", [Watched, Replayed], ids=["in turn", "replayed"])
def test_an_infinity_stays_in_its_row(kernels: str, kind: type[Watched]) -> None:
    runs = members("narrow", 4, 120 if kind is Watched else 30)
    whole = final_params(runs, kind=kind)
    trainer = kind(runs, chunk_steps=10)
    poisoned = runs[1]

    def poison() -> bool:
        for row, member in enumerate(trainer.rows):
            if member.run.key == poisoned.key and member.step >= 8:
                trainer.state.params[row, 5] = float("inf")
        return False

    records = {r.key: r for r in trainer.train(lambda made: None, poison, 1e9)}
    assert records[poisoned.key].status == "diverged"
    assert "no longer finite at step" in records[poisoned.key].message
    assert records[poisoned.key].measurements == ()
    for run in runs:
        if run.key != poisoned.key:
            assert records[run.key].status == "done"
            assert same(whole[run.key], trainer.finals[run.key])


def test_initial_parameters_depend_on_the_seed_alone() -> None:
    a, b, c = make_run(lr=0.01), make_run(lr=0.3), make_run(seed=1)
    trainer = Watched([c, a, b])
    for run in (c, a, b):
        trainer.begin(run)
    trainer._fill()
    assert same(trainer.state.params[1], trainer.state.params[2])
    assert not same(trainer.state.params[0], trainer.state.params[1])


def test_the_stream_is_read_in_order() -> None:
    """Sequence w is used at step w // batch, whatever the chunks."""
    run = make_run(steps=20)
    stream = open_source(run.source)
    trainer = Watched([run])
    trainer.begin(run)
    trainer._fill()
    trainer.rows[0].step = 6
    data = trainer._data(3)
    want = stream.batch(torch.tensor([run.seed]), torch.arange(24, 36)[None])
    assert torch.equal(data.flatten(0, 2), want[0])
