"""Losses over the true law: against brute force, and the sampled against the exhaustive."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import pytest
import torch
from scalingdsl.engine.hardware.block_sizes import EVALUATION_LOGITS
from scalingdsl.engine.sources import Evaluation, NextLaw, open_source
from scalingdsl.engine.train import training_loop
from scalingdsl.engine.train.evaluate_loss import batch_size, evaluate, measured, models_at_once
from scalingdsl.engine.train.families.reference_transformer import ReferenceTransformer
from scalingdsl.engine.train.families.transformer import StackedTransformer, transformer_layout
from scalingdsl.engine.train.measures import all_measures
from scalingdsl.engine.train.training_loop import init_generator
from scalingdsl.spec.vocabulary.words.families import Transformer
from scalingdsl.spec.vocabulary.words.graphs import ErdosRenyi
from scalingdsl.spec.vocabulary.words.sources import Walk
from scalingdsl.spec.vocabulary.words.training import Constant

from ..make import make_run
from .test_launches import Count
from .watched import train

MODEL = Transformer(width=16)
SMALL = Walk(graph=ErdosRenyi(n=6, edges=9, seed=1), kappa=1, length=4, eval_walks=400)


def drawn(vocab: int, scale: float = 1.2) -> torch.Tensor:
    """A model far from uniform, as a row of parameters."""
    layout = transformer_layout(MODEL, vocab)
    row = torch.zeros(1, layout.stride)
    layout.init_(row[0], init_generator(5))
    return row * scale


def loss_of(source: Walk, row: torch.Tensor) -> tuple[float, float, float]:
    stream = open_source(source)
    found = stream.evaluation()
    batch = batch_size(stream.vocab, stream.length, len(found.tokens))
    judge = StackedTransformer(MODEL, stream.vocab, stream.length, batch, row, None, "fp32")
    with torch.no_grad():
        (got,) = evaluate(judge, found, stream.entropy_rate, batch)
    assert got.excess is not None
    return got.loss, got.excess, got.standard_error


def brute_force(source: Walk, row: torch.Tensor) -> float:
    """Mean over time of E[-log q(next | context)], by enumerating every walk of the chain."""
    stream = open_source(source)
    chain, start = stream.chain, stream.start_law
    net = ReferenceTransformer(MODEL, stream.vocab, row[0])
    matrix = np.zeros((chain.n, chain.n))
    matrix[chain.rows, chain.indices] = chain.probability
    total = 0.0
    walks = [((v,), start[v]) for v in range(chain.n) if start[v] > 0]
    for _ in range(source.length):
        contexts = torch.tensor([walk for walk, _ in walks])
        with torch.no_grad():
            log_q = net(contexts)[:, -1].double().log_softmax(-1).numpy()
        total -= sum(p * matrix[walk[-1]] @ log_q[i] for i, (walk, p) in enumerate(walks))
        walks = [((*w, v), p * matrix[w[-1], v]) for w, p in walks for v in np.flatnonzero(matrix[w[-1]])]
    return total / source.length


def test_exhaustive_evaluation_is_brute_force() -> None:
    row = drawn(6)
    loss, excess, error = loss_of(SMALL.model_copy(update={"exhaustive": True}), row)
    assert loss == pytest.approx(brute_force(SMALL, row), abs=1e-6)
    assert excess == pytest.approx(loss - open_source(SMALL).entropy_rate, abs=1e-12)
    assert excess > 0.1
    assert error == 0


@pytest.mark.parametrize("seed", range(5))
def test_sampled_evaluation_lies_within_four_standard_errors(seed: int) -> None:
    row = drawn(6)
    exact, _, _ = loss_of(SMALL.model_copy(update={"exhaustive": True}), row)
    loss, _, error = loss_of(SMALL.model_copy(update={"eval_seed": seed}), row)
    assert 0 < error < 0.1
    assert abs(loss - exact) < 4 * error


def test_batches_of_the_evaluation_do_not_matter() -> None:
    source = SMALL.model_copy(update={"eval_walks": 10})
    stream = open_source(source)
    row, found = drawn(6), stream.evaluation()
    results = []
    for batch in (10, 4, 3):
        judge = StackedTransformer(MODEL, stream.vocab, stream.length, batch, row, None, "fp32")
        with torch.no_grad():
            results.append(evaluate(judge, found, stream.entropy_rate, batch)[0].loss)
    assert results == pytest.approx([results[0]] * 3, abs=1e-6)


def test_a_source_without_a_law_is_judged_on_its_tokens() -> None:
    stream = open_source(SMALL)
    found = stream.evaluation()
    row = drawn(6)
    judge = StackedTransformer(MODEL, stream.vocab, stream.length, 400, row, None, "fp32")
    blind = type(found)(found.tokens)
    with torch.no_grad():
        (got,) = evaluate(judge, blind, None, 400)
        logits = ReferenceTransformer(MODEL, 6, row[0])(found.tokens[:, :-1])
    want = torch.nn.functional.cross_entropy(logits.flatten(0, 1).double(), found.tokens[:, 1:].flatten())
    assert got.loss == pytest.approx(float(want), abs=1e-6)
    assert got.excess is None
    exact, _, error = loss_of(SMALL, row)
    assert abs(got.loss - exact) < 5 * (got.standard_error + error)


def test_a_large_vocabulary_is_evaluated_in_parts() -> None:
    assert batch_size(50_257, 100, 256) == 1
    assert batch_size(512, 32, 256) * 512 * 32 <= 2**20
    assert batch_size(6, 4, 400) == 400


def test_the_loss_of_a_record_is_its_final_evaluation() -> None:
    run = make_run(steps=20)
    (record,) = train([run]).values()
    final = record.final
    assert record.status == "done"
    assert final is not None
    assert final.step == run.steps
    assert final.excess_loss is not None
    assert final.entropy_rate == open_source(run.source).entropy_rate
    assert final.loss == pytest.approx(final.entropy_rate + final.excess_loss, abs=1e-12)
    assert 0 < final.standard_error < 0.5
    assert math.isfinite(record.seconds)
    assert record.source_digest == open_source(run.source).digest
    assert {"torch", "processor", "threads", "gemm", "device", "precision"} <= set(record.provenance)


# --- several models at once -------------------------------------------------------------------------------------------


def operations(models: int, vocab: int = 64, length: int = 16) -> int:
    """Operations of an evaluation of models together, as on a GPU."""
    row = torch.zeros(models, transformer_layout(MODEL, vocab).stride, device="meta")
    judge = StackedTransformer(MODEL, vocab, length, 3, row, None, "fp32")
    law = NextLaw(torch.zeros(vocab, 5, dtype=torch.int64), torch.zeros(vocab, 5, dtype=torch.float64), torch.zeros(1))
    found = Evaluation(torch.zeros(7, length + 1, dtype=torch.int64), law).to("meta")
    with torch.no_grad():
        measured(judge, found, 3, models, all_measures())  # views are made in the first one
        with Count() as counted:
            measured(judge, found, 3, models, all_measures())
    return counted.calls


def test_models_together_take_the_operations_of_one_and_no_number_is_read_back() -> None:
    """Device meta has none to give; models are copied side by side where a batch is not whole."""
    assert operations(20) < operations(1) + 10


@pytest.mark.parametrize("batch", [400, 160])
def test_a_model_beside_others_has_the_numbers_of_one_alone(batch: int) -> None:
    stream = open_source(SMALL)
    found = stream.evaluation()
    rows = torch.cat([drawn(6, scale) for scale in (0.5, 1.0, 1.5)])
    model = MODEL.model_copy(update={"width": 16})
    with torch.no_grad():
        judge = StackedTransformer(model, stream.vocab, stream.length, batch, rows, None, "fp32")
        together = evaluate(judge, found, stream.entropy_rate, batch, len(rows))
        for row, loss in zip(rows, together):
            judge = StackedTransformer(model, stream.vocab, stream.length, batch, row[None], None, "fp32")
            (alone,) = evaluate(judge, found, stream.entropy_rate, batch)
            assert loss.loss == alone.loss
            assert loss.standard_error == pytest.approx(alone.standard_error, rel=1e-12)
            assert {k: value for k, (value, _) in loss.others.items()} == {
                k: value for k, (value, _) in alone.others.items()
            }


def test_rows_that_are_due_at_a_step_are_evaluated_together(monkeypatch: pytest.MonkeyPatch) -> None:
    """As many as suit a device; on a CPU each alone."""
    monkeypatch.setenv("SCALINGDSL_KERNELS", "torch")
    runs = [make_run(steps=4, seed=seed, marks=(2, 4), schedule=Constant()) for seed in range(3)]
    alone, asked = train(runs), []

    def watched(*how: Any, **more: Any) -> Any:
        asked.append(how[-1])
        return evaluate(*how, **more)

    monkeypatch.setattr(training_loop, "evaluate", watched)
    monkeypatch.setattr(training_loop, "models_at_once", lambda *how: 2)
    together = train(runs)
    assert asked == [2, 2] * 2  # three models twice, two at a time
    for key, record in alone.items():
        for mine, its in zip(together[key].measurements, record.measurements, strict=True):
            assert (mine.step, mine.loss, mine.values) == (its.step, its.loss, its.values)
    assert models_at_once(64, 16, 8, 100, "cpu") == 1
    assert models_at_once(512, 32, 256, 1024, "cuda") == EVALUATION_LOGITS["cuda"] // (512 * 32 * 256) > 1
    assert models_at_once(6, 4, 400, 100, "cuda") == 100
