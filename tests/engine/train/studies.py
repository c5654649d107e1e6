"""Runs made by hand, and what the tests want to know of training them."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import torch
from scalingdsl.engine.pack import Pack
from scalingdsl.engine.sources import open_source
from scalingdsl.engine.store.record import RunRecord, described
from scalingdsl.engine.train import training_loop
from scalingdsl.spec.plan.run_grid import Run
from scalingdsl.spec.vocabulary.identity import digest
from scalingdsl.spec.vocabulary.words.families import Transformer
from scalingdsl.spec.vocabulary.words.graphs import ErdosRenyi
from scalingdsl.spec.vocabulary.words.sources import Walk
from scalingdsl.spec.vocabulary.words.training import AdamW

SOURCE = Walk(graph=ErdosRenyi(n=40, p=0.15), length=8, eval_walks=16)


def make_run(
    model: Transformer | None = None,
    *,
    source: Walk = SOURCE,
    seed: int = 0,
    steps: int = 200,
    marks: tuple[int, ...] = (),
    **optimiser: Any,
) -> Run:
    """A run as `plan.runs()` would give it."""
    model = model or Transformer(width=16)
    opt = AdamW(**{"batch": 4, "lr": 0.01, **optimiser})
    n_tokens = steps * opt.batch * source.length
    n_total = model.n_total(source.vocab)
    run = Run(
        key="-",
        point=(),
        source=source,
        model=model,
        optimiser=opt,
        seed=seed,
        steps=steps,
        n_tokens=n_tokens,
        asked_tokens=n_tokens,
        marks=marks,
        n_total=n_total,
        n_body=model.n_body,
        flops=float(n_tokens * model.flops_per_token(source.vocab, source.length)),
        flops_6nd=6.0 * n_total * n_tokens,
    )
    return Run(**{**{name: getattr(run, name) for name in Run.model_fields}, "key": digest(described(run))})


def pack(runs: Sequence[Run], slots: int | None = None) -> Pack:
    """The runs in this very order."""
    return Pack("test", tuple(runs), slots or len(runs))


def train(runs: Sequence[Run], slots: int | None = None, **how: Any) -> dict[str, RunRecord]:
    """Records by key."""
    made = training_loop.train_pack(pack(runs, slots), open_source(runs[0].source), **how)
    return {record.key: record for record in made}


class Watched(training_loop.Trainer):
    """A trainer that keeps the final parameters of every run."""

    def __init__(self, runs: Sequence[Run], slots: int | None = None, checkpoints: Path | None = None) -> None:
        super().__init__(pack(runs, slots), open_source(runs[0].source), "cpu", checkpoints)
        self.finals: dict[str, torch.Tensor] = {}

    def _vacate(self, row: int) -> None:
        self.finals[self.rows[row].name] = self.state.params[row].clone()
        super()._vacate(row)


def final_params(
    runs: Sequence[Run],
    slots: int | None = None,
    checkpoints: Path | None = None,
    stop: Callable[[], bool] = lambda: False,
) -> dict[str, torch.Tensor]:
    """Each run's parameters after its last step, by key (a branch's by key and mark)."""
    trainer = Watched(runs, slots, checkpoints)
    for _ in trainer.train(lambda made: None, stop, 1e9):
        pass
    return trainer.finals


def stop_after(chunks: int) -> Callable[[], bool]:
    """True from the given number of calls on."""
    calls = [0]

    def stop() -> bool:
        calls[0] += 1
        return calls[0] > chunks

    return stop
