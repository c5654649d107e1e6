"""Every optimiser beside AdamW: a row's bits depend neither on who else is there nor on a stop; what updates are."""

from __future__ import annotations

from pathlib import Path

import pytest
import torch
from scalingdsl.engine.planning.packing import bytes_per_slot, pack_class
from scalingdsl.engine.sources import open_source
from scalingdsl.engine.train.optimisers.matrix_functions import eigen, inverse_root, orthogonal
from scalingdsl.engine.train.pack_state import State
from scalingdsl.engine.train.parameter_layout import LINE
from scalingdsl.spec.plan.run_grid import Run
from scalingdsl.spec.vocabulary.words.families import Transformer
from scalingdsl.spec.vocabulary.words.optimisers import Lion, Muon, Scion, Shampoo, Soap
from scalingdsl.spec.vocabulary.words.training import GradientOptimiser, Sgd

from ...make import make_run
from ..test_identity import SHAPES
from ..watched import Watched, final_params, same, stop_after, train

WORDS = [Sgd(lr=0.1, momentum=0.9), Lion(lr=0.002), Muon(), Scion(), Soap(lr=0.01, every=3), Shampoo(every=3)]
each = pytest.mark.parametrize("word", WORDS, ids=lambda word: word.word)


def members(word: GradientOptimiser, shape: str, count: int, steps: int) -> list[Run]:
    """Runs that differ in seed, rate and decay."""
    model, source, batch = SHAPES[shape]
    return [
        make_run(
            model,
            source=source,
            seed=i % 3,
            steps=steps,
            word=word.changed(batch=batch, lr=word.lr * 1.3**i, decay=0.01 * i),  # type: ignore[attr-defined]
        )
        for i in range(count)
    ]


@each
@pytest.mark.parametrize("shape", ["narrow", "odd"])
def test_alone_and_packed_and_permuted(word: GradientOptimiser, shape: str) -> None:
    runs = members(word, shape, 4, 12)
    packed = final_params(runs)
    permuted = final_params([runs[i] for i in (3, 1, 0)])
    for run in runs:
        alone = final_params([run])[run.key]
        assert same(alone, packed[run.key])
        assert run.key not in permuted or same(alone, permuted[run.key])


@each
def test_stop_and_resume_in_another_pack(word: GradientOptimiser, tmp_path: Path) -> None:
    runs = members(word, "narrow", 3, 40)
    whole = final_params(runs)
    assert final_params(runs, checkpoints=tmp_path, stop=stop_after(3), chunk_steps=5) == {}
    first = final_params([runs[2]], checkpoints=tmp_path)
    rest = final_params([runs[1], runs[0]], checkpoints=tmp_path)
    assert all(same(whole[run.key], {**first, **rest}[run.key]) for run in runs)


@each
def test_refilled_rows(word: GradientOptimiser) -> None:
    model, source, batch = SHAPES["narrow"]
    runs = [make_run(model, source=source, seed=n, steps=n, word=word.changed(batch=batch)) for n in (30, 20, 10, 7)]
    refilled = final_params(runs, slots=2)
    assert all(same(final_params([run])[run.key], refilled[run.key]) for run in runs)


@each
def test_an_infinity_stays_in_its_row(word: GradientOptimiser) -> None:
    runs = members(word, "narrow", 3, 30)
    whole = final_params(runs)
    trainer = Watched(runs, chunk_steps=5)

    def poison() -> bool:
        for row, member in enumerate(trainer.rows):
            if member.run.key == runs[1].key and member.step >= 8:
                trainer.state.params[row, 5] = float("inf")
        return False

    records = {r.key: r for r in trainer.train(lambda made: None, poison, 1e9)}
    assert [records[run.key].status for run in runs] == ["done", "diverged", "done"]
    assert all(same(whole[run.key], trainer.finals[run.key]) for run in (runs[0], runs[2]))


@each
def test_every_one_learns(word: GradientOptimiser) -> None:
    run = make_run(steps=300, word=word.changed(batch=8))
    record = train([run])[run.key]
    entropy = open_source(run.source).entropy_rate
    assert entropy is not None
    assert record.measurements[-1].loss < entropy + 0.8


@each
def test_its_state_is_as_large_as_declared(word: GradientOptimiser) -> None:
    run = make_run(Transformer(width=24), steps=4, word=word.changed(batch=4))
    trainer = Watched([run])
    layout, state = trainer.layout, trainer.state
    declared = word.state_size(run.n_total, run.model.matrices(run.sequences.vocab))
    assert tuple(run.model.matrices(run.sequences.vocab)) == layout.shapes
    kept = sum(part.shape[1] for part in (*state.moments.values(), *state.beside.values()))
    assert declared <= kept <= declared + len(state.moments) * LINE * layout.unit
    assert bytes_per_slot(run, "cpu") >= 4 * (2 * run.n_total + declared)


def test_models_whose_steps_are_made_of_other_operations_are_not_stacked() -> None:
    one, other, faster = (make_run(word=word) for word in (Muon(), Muon(iterations=3), Muon(lr=0.1)))
    assert pack_class(one) == pack_class(faster) != pack_class(other)


@pytest.mark.parametrize("shape", [(24, 24), (16, 48), (48, 16)])
def test_an_orthogonal_factor(shape: tuple[int, int]) -> None:
    """Singular values of 0.68 to 1.13 on whatever has a condition of a hundred, and the directions of the matrix."""
    generator = torch.Generator().manual_seed(0)
    u, _, vt = torch.linalg.svd(torch.randn(2, *shape, generator=generator), full_matrices=False)
    sizes = torch.logspace(0, -2, min(shape))
    found = orthogonal((u * sizes) @ vt, 5)
    values = torch.linalg.svdvals(found)
    assert 0.65 < float(values.min()) < float(values.max()) < 1.25
    turned = u.mT @ found @ vt.mT
    assert (turned - torch.diag_embed(turned.diagonal(dim1=1, dim2=2))).abs().max() < 1e-3


def test_eigenbases_and_roots() -> None:
    generator = torch.Generator().manual_seed(1)
    g = torch.randn(3, 12, 30, generator=generator)
    square = g @ g.mT
    values, vectors = eigen(square)
    torch.testing.assert_close(vectors.mT @ square @ vectors, torch.diag_embed(values), rtol=1e-5, atol=1e-4)
    torch.testing.assert_close(vectors.mT @ vectors, torch.eye(12).expand(3, 12, 12), rtol=0, atol=1e-5)
    root = inverse_root(square, 0.25, 1e-6)
    torch.testing.assert_close(root @ root @ square @ root @ root, torch.eye(12).expand(3, 12, 12), rtol=0, atol=1e-4)
    assert not inverse_root(torch.zeros(4, 4), 0.25, 1e-6).any()
    assert torch.isfinite(eigen(torch.full((4, 4), float("nan")))[1]).all()


def test_soap_turns_into_the_eigenbasis_of_its_squares() -> None:
    run = make_run(steps=31, word=Soap(lr=0.01, batch=32, every=10))
    kept: list[State] = []
    trainer = Watched([run])
    for _ in trainer.train(lambda made: None, lambda: bool(kept.append(trainer.state)), 1e9):
        pass
    state, begins = kept[-1], 0
    for m, _ in trainer.layout.shapes:
        square, turn = (state.beside[name][0, begins : begins + m * m].view(m, m) for name in ("left", "left_turn"))
        turned = turn.T @ square @ turn
        off = turned - torch.diag(turned.diagonal())
        assert float(off.norm()) < 1e-4 * float(turned.norm())
        begins += m * m


def test_the_first_step_of_shampoo_is_orthogonal() -> None:
    """Of one gradient U S V' its update is U V', where directions are above the floor."""
    g = torch.randn(10, 10, generator=torch.Generator().manual_seed(2)).double()
    u, _, vt = torch.linalg.svd(g)
    found = inverse_root(g @ g.T, 0.25, 1e-12) @ g @ inverse_root(g.T @ g, 0.25, 1e-12)
    torch.testing.assert_close(found, u @ vt, rtol=0, atol=1e-6)
