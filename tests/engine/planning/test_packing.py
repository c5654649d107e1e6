"""What is stacked with what, how many at once, and in which order."""

from __future__ import annotations

import itertools
import sys
from collections import Counter

import pytest
from scalingdsl.engine.pack import Pack
from scalingdsl.engine.planning import packing
from scalingdsl.engine.planning.packing import (
    Rate,
    drawing_seconds,
    make_packs,
    predicted_bytes,
    predicted_seconds,
    run_steps,
    step_seconds,
)
from scalingdsl.spec.plan.run_grid import Run
from scalingdsl.spec.vocabulary.words.families import Transformer
from scalingdsl.spec.vocabulary.words.graphs import ErdosRenyi
from scalingdsl.spec.vocabulary.words.optimisers import Muon, Soap
from scalingdsl.spec.vocabulary.words.sources import Fresh, Walk
from scalingdsl.spec.vocabulary.words.training import AdamW, Constant, WarmupStableDecay

from ..make import SOURCE, make_run


def grid(
    widths: tuple[int, ...], steps: tuple[int, ...], seeds: int = 2, rates: tuple[float, ...] = (0.01,)
) -> list[Run]:
    return [
        make_run(Transformer(width=w), steps=n, seed=s, lr=lr)
        for w, n, s, lr in itertools.product(widths, steps, range(seeds), rates)
    ]


def makespan(packs: tuple[Pack, ...], workers: int) -> float:
    free = [0.0] * workers
    for pack in packs:
        free[free.index(min(free))] += predicted_seconds(pack)
    return max(free)


@pytest.mark.parametrize("workers", [1, 2, 7])
def test_every_run_is_in_one_pack_with_its_like(workers: int) -> None:
    runs = grid((8, 16, 64), (10, 20, 40), rates=(0.01, 0.1))
    packs = make_packs(runs, workers=workers)
    assert Counter(r.key for p in packs for r in p.runs) == Counter(r.key for r in runs)
    for pack in packs:
        assert len({packing.pack_class(r) for r in pack.runs}) == 1
        assert 1 <= pack.slots <= len(pack.runs)
        assert [r.steps for r in pack.runs] == sorted((r.steps for r in pack.runs), reverse=True)
    seconds = [predicted_seconds(p) for p in packs]
    assert seconds == sorted(seconds, reverse=True)
    assert len({p.key for p in packs}) == len(packs)


def test_one_worker_gets_one_pack_a_class() -> None:
    assert len(make_packs(grid((8, 16), (10, 20), seeds=10), workers=1)) == 2


def test_what_differs_in_batch_length_source_or_precision_is_not_stacked() -> None:
    other = SOURCE.model_copy(update={"eval_seed": 1})
    runs = [make_run(), make_run(batch=8), make_run(precision="bf16"), make_run(source=other), make_run(seed=1, lr=0.5)]
    runs.append(make_run(schedule=Constant(), decay=0.5, clip=3.0, beta1=0.5))
    packs = make_packs(runs, workers=1)
    assert sorted(len(p.runs) for p in packs) == [1, 1, 1, 3]


@pytest.mark.parametrize("workers", [2, 3, 8])
@pytest.mark.parametrize(
    "runs",
    [
        grid((8, 16, 32, 64, 128), (500, 1000, 2000, 4000)),
        grid((256,), (500, 1000, 2000, 4000), seeds=1),
        grid((16,), (1000,), seeds=24),
        grid((64, 512), (1000, 8000), seeds=3),
    ],
    ids=["widths", "one-width", "one-cell", "far-apart"],
)
def test_workers_end_at_about_the_same_time(runs: list[Run], workers: int) -> None:
    packs = make_packs(runs, workers=workers)
    alone = max(predicted_seconds(packing.pack_of([r], 1)) for r in runs)
    fair = sum(predicted_seconds(p) for p in packs) / workers
    # A bin's fill is within a run of another's; nothing can end before the longest run does.
    assert makespan(packs, workers) <= max(1.35 * fair, 1.05 * alone)
    assert makespan(packs, workers) <= makespan(make_packs(runs, workers=1), workers) + 1e-9


def test_packs_are_the_same_whatever_the_order_of_the_runs() -> None:
    runs = grid((8, 16, 64), (10, 20, 40))
    assert make_packs(runs, workers=3) == make_packs(runs[::-1], workers=3)


def test_wide_models_are_stacked_less_and_memory_limits_all() -> None:
    assert packing.cpu_slots(16, 256) > packing.cpu_slots(256, 256) >= packing.cpu_slots(1024, 256) == 1
    runs = grid((16,), (10,), seeds=30)
    roomy = make_packs(runs, workers=1)[0].slots
    fixed = predicted_bytes(Pack("", tuple(runs), 0), "cpu")
    tight = make_packs(runs, workers=1, memory_bytes=fixed + 3 * packing.bytes_per_slot(runs[0], "cpu"))[0].slots
    assert (roomy, tight) == (16, 3)
    assert make_packs(runs, workers=1, memory_bytes=1)[0].slots == 1
    assert make_packs(runs * 1, workers=1, device="cuda")[0].slots == 30


def test_predicted_time_follows_the_schedule_of_rows() -> None:
    """With a cost per parameter alone: row-steps add up, whatever the order of filling."""
    rate = Rate(operation=0, flop=0, element=0, parameter=1.0)
    runs = [make_run(steps=n) for n in (50, 40, 30, 20, 10)]
    for slots in (1, 2, 5):
        assert predicted_seconds(Pack("", tuple(runs), slots), rate) == pytest.approx(150 * runs[0].n_total)
    rate = Rate(operation=1.0, flop=0, element=0, parameter=0)
    alone = predicted_seconds(Pack("", tuple(runs), 1), rate)
    assert predicted_seconds(Pack("", tuple(runs), 5), rate) < alone / 2


def test_branches_count() -> None:
    path = make_run(steps=160, marks=(40, 80, 160), schedule=WarmupStableDecay(decay=0.25))
    assert run_steps(path) == 160 + 10 + 20
    assert run_steps(make_run(steps=160, marks=(40, 80, 160), schedule=Constant())) == 160


def test_thousands_of_runs_are_packed_quickly_and_without_torch() -> None:
    runs = grid((8, 16, 32, 64), tuple(range(10, 60)), seeds=5, rates=(0.01, 0.02))
    packs = make_packs(runs, workers=2)
    assert sum(len(p.runs) for p in packs) == 2000
    assert "torch" not in vars(packing)
    assert packing.__name__ in sys.modules


def test_packs_take_minutes_so_that_whoever_joins_finds_some() -> None:
    slow = Rate(flop=1e-6)
    runs = grid((16,), (1000,), seeds=64)
    (whole,) = make_packs(runs, workers=1, rate=Rate())
    packs = make_packs(runs, workers=1, rate=slow)
    assert predicted_seconds(whole, slow) > packing.MOST_PACK_S
    assert len(packs) > 1
    assert all(predicted_seconds(pack, slow) <= packing.MOST_PACK_S or len(pack.runs) <= pack.slots for pack in packs)
    assert sorted(run.key for pack in packs for run in pack.runs) == sorted(run.key for run in runs)


def test_updates_of_matrices_and_worlds_drawn_anew_take_their_time() -> None:
    """What they add is not measured with the model's own steps, and is the same whatever rate these have."""
    plain, muon, soap = (make_run(Transformer(width=32), word=word) for word in (AdamW(), Muon(), Soap()))
    matrices = plain.model.matrices(40)
    assert plain.stepping.update_seconds(matrices) == 0
    for run in (muon, soap):
        beside = step_seconds(run, 3) - step_seconds(plain.model_copy(update={"optimiser": AdamW()}), 3)
        assert beside == pytest.approx(3 * run.stepping.update_seconds(matrices))
        assert 1e-3 < run.stepping.update_seconds(matrices) < 4e-3
    world = Fresh(source=Walk(graph=ErdosRenyi(n=10, p=0.25)), length=100)
    runs = [make_run(source=world, seed=seed, steps=steps) for seed in (0, 1) for steps in (10, 40)]  # type: ignore[arg-type]
    assert drawing_seconds(runs) == pytest.approx(2 * 40 * 4 * 100 * world.draw_seconds)
    again = [run.model_copy(update={"source": world.changed(problems=20)}) for run in runs]
    assert drawing_seconds(again) == pytest.approx(2 * 20 * 100 * world.draw_seconds)
    assert drawing_seconds([plain]) == 0
