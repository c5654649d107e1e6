"""What a study is predicted to cost, and the measuring of the machine behind it."""

from __future__ import annotations

from dataclasses import astuple
from pathlib import Path

import pytest
from scalingdsl.engine.hardware import devices, machine_load
from scalingdsl.engine.hardware.devices import default_workers, device_named, gpus, worker_environment
from scalingdsl.engine.pack import Pack
from scalingdsl.engine.planning import calibration
from scalingdsl.engine.planning.calibration import Calibrated, calibrated, fit, measure, recall, remember
from scalingdsl.engine.planning.costs import MOST_PACKS, cost_elsewhere, makespan, predict, shares
from scalingdsl.engine.planning.packing import DEFAULT_RATE, Rate, step_seconds
from scalingdsl.spec import load
from scalingdsl.spec.errors import UsageError

STUDY = """
data walk(er(n=64, p=.2), length=16)
models transformer(layers=1, heads=1, width in {8, 16, 32})
train adamw(batch=BATCH)  tokens in [4k..32k]  seed in {0, 1}
"""


def packs(batch: int) -> list[Pack]:
    runs = tuple(load("s.scl", text=STUDY.replace("BATCH", str(batch))).runs())
    return [Pack("p", runs[:1], 1), Pack("q", runs[:6], 6)]


@pytest.fixture(autouse=True)
def own_cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """No test reads or writes the user's cache."""
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))


@pytest.mark.parametrize(
    ("seconds", "workers", "wanted"),
    [([], 2, 0), ([4, 3, 2], 1, 9), ([4, 3, 2], 2, 5), ([5, 1, 1, 1], 2, 5), ([1, 1], 8, 1)],
)
def test_each_worker_takes_the_next_pack_as_it_becomes_free(seconds: list[float], workers: int, wanted: float) -> None:
    assert makespan(seconds, workers) == wanted


def test_a_prediction_adds_up() -> None:
    runs = list(load("s.scl", text=STUDY.replace("BATCH", "4")).runs())
    cost = predict(runs, device="cpu", workers=2)
    assert sum(len(pack.runs) for pack in cost.packs) == len(runs) == len(cost.run_seconds)
    assert sum(cost.run_seconds.values()) == pytest.approx(sum(cost.pack_seconds))
    assert sum(cost.pack_seconds) / 2 <= cost.wall_seconds
    assert sum(shares(cost.packs[0], 7.0).values()) == pytest.approx(7.0)
    assert predict([], device="cpu", workers=2).wall_seconds == 0


def test_thousands_of_runs_trained_elsewhere_are_dealt_out_to_so_many_packs() -> None:
    text = (
        'data dataset("none")\nmodels external(N=8*width)  width in {8, 16}\ntrain  tokens=4k  seed in [0..1499 step 1]'
    )
    runs = tuple(load("s.scl", text=text).runs())
    known = {run.key: run.flops for run in runs}
    cost = cost_elsewhere(runs, known, workers=2)
    assert len(cost.packs) == MOST_PACKS < len(runs)
    assert sorted(run.key for pack in cost.packs for run in pack.runs) == sorted(known)
    assert sum(s for s in cost.pack_seconds if s is not None) == pytest.approx(sum(known.values()))
    few = cost_elsewhere(runs[:5], {}, workers=2)
    assert [len(pack.runs) for pack in few.packs] == [1] * 5
    assert few.pack_seconds == (None,) * 5


def test_nothing_is_measured_for_a_study_that_is_over_at_once() -> None:
    def measuring(load: float | None) -> None:
        raise AssertionError("it measures")

    runs = list(load("s.scl", text=STUDY.replace("BATCH", "4")).runs())
    predict(runs, device="cpu", workers=1, measuring=measuring)


def test_the_rate_behind_exact_timings_is_found() -> None:
    """Four constants from six packs that differ in width, batch and slots."""
    true = Rate(operation=1e-5, flop=2e-11, element=2e-9, parameter=5e-9)
    own = [pack for batch in (2, 8, 64) for pack in packs(batch)]
    own += [Pack("w", pack.runs[-1:], 1) for pack in own]
    found = fit(own, [step_seconds(pack.runs[0], pack.slots, true) for pack in own])
    for pack in own:
        exact = step_seconds(pack.runs[0], pack.slots, true)
        assert step_seconds(pack.runs[0], pack.slots, found) == pytest.approx(exact, rel=1e-3)


def test_constants_stay_within_a_factor_of_a_typical_machine() -> None:
    own = packs(4)
    found = fit(own, [1e-9 for _ in own])
    for one, typical in zip(astuple(found), astuple(DEFAULT_RATE)):
        assert one >= typical / calibration.FACTOR * 0.999


def test_a_rate_is_kept_for_its_machine_device_and_workers() -> None:
    assert recall("cpu", 2) is None
    remember("cpu", 2, Calibrated(DEFAULT_RATE))
    remember("cpu", 1, Calibrated(Rate(flop=1e-13), load=8.5))
    assert recall("cpu", 2) == Calibrated(DEFAULT_RATE)
    assert recall("cpu", 1) == Calibrated(Rate(flop=1e-13), load=8.5)
    assert recall("cuda", 1) is None


def test_a_rate_learns_from_a_study_within_bounds() -> None:
    calibration.correct("cpu", 2, 0.5)
    assert recall("cpu", 2) is None
    remember("cpu", 2, Calibrated(DEFAULT_RATE))
    calibration.correct("cpu", 2, 0.75)
    learnt = recall("cpu", 2)
    assert learnt is not None
    assert astuple(learnt.rate) == pytest.approx([0.75 * constant for constant in astuple(DEFAULT_RATE)])
    calibration.correct("cpu", 2, 50)
    again = recall("cpu", 2)
    assert again is not None
    assert astuple(again.rate) == pytest.approx([2 * constant for constant in astuple(learnt.rate)])


@pytest.mark.parametrize("text", ["", "[]", '{"format_version": 1}', '{"format_version": 1, "rates": {}}'])
def test_a_damaged_cache_is_measured_again(text: str) -> None:
    path = calibration.cache_file()
    path.parent.mkdir(parents=True)
    path.write_text(text)
    assert recall("cpu", 2) is None
    remember("cpu", 2, Calibrated(DEFAULT_RATE))
    assert recall("cpu", 2) == Calibrated(DEFAULT_RATE)


def test_a_rate_is_measured_once_and_again_only_when_asked_with_the_load_it_was_taken_under(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    rates = iter([Rate(flop=1e-12), Rate(flop=2e-12)])
    said: list[float | None] = []
    monkeypatch.setattr(calibration, "measure_together", lambda device, workers: next(rates))
    monkeypatch.setattr(calibration, "other_load", lambda: 8.5 if not said else None)
    under_load = Calibrated(Rate(flop=1e-12), 8.5)
    assert [calibrated("cpu", 2, said.append) for _ in range(2)] == [under_load, under_load]
    assert said == [8.5]
    assert calibrated("cpu", 2, said.append, anew=True) == recall("cpu", 2) == Calibrated(Rate(flop=2e-12))
    assert said == [8.5, None]


@pytest.mark.parametrize(("load", "cores", "busy"), [(0.4, 2, None), (1.5, 2, 1.5), (1.5, 16, None)])
def test_where_the_system_counts_ticks_cores_are_watched_for_a_moment(
    monkeypatch: pytest.MonkeyPatch, load: float, cores: int, busy: float | None
) -> None:
    ticks = iter([(1000, 9000), (1000 + round(100 * load / cores), 9100)])
    monkeypatch.setattr(machine_load, "_ticks", lambda: next(ticks))
    monkeypatch.setattr(machine_load.os, "cpu_count", lambda: cores)
    monkeypatch.setattr(machine_load, "WATCHED_S", 0)
    found = machine_load.other_load()
    assert found == (None if busy is None else pytest.approx(busy, abs=0.1))


@pytest.mark.parametrize(("load", "cores", "busy"), [(0.4, 2, None), (1.5, 2, 1.5), (1.5, 16, None)])
def test_a_machine_is_busy_when_others_use_more_than_half_of_it(
    monkeypatch: pytest.MonkeyPatch, load: float, cores: int, busy: float | None
) -> None:
    monkeypatch.setattr(machine_load.os, "getloadavg", lambda: (load, 0.0, 0.0))
    monkeypatch.setattr(machine_load.os, "cpu_count", lambda: cores)
    monkeypatch.setattr(machine_load, "_ticks", lambda: None)
    assert machine_load.other_load() == busy


def test_measuring_trains_for_a_moment(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(calibration, "SIZES", {"cpu": ((8, 4, 1, "fp32"), (8, 4, 4, "fp32"))})
    assert all(constant > 0 for constant in astuple(measure("cpu")))


# --- devices ----------------------------------------------------------------------------------------------------------


def test_a_device_that_is_named_is_taken(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CUDA_VISIBLE_DEVICES", "0")
    monkeypatch.setattr(devices, "version", lambda name: "2.0.0")
    assert device_named("cuda") == device_named("auto") == "cuda"
    assert device_named("cpu") == "cpu"


@pytest.mark.parametrize(
    ("torch", "visible", "why"),
    [("2.0.0+cpu", "0", "built for the CPU"), ("2.0.0", "", "no NVIDIA device"), ("2.0.0", "-1", "no NVIDIA device")],
)
def test_a_device_that_is_not_there_is_refused(
    monkeypatch: pytest.MonkeyPatch, torch: str, visible: str, why: str
) -> None:
    monkeypatch.setenv("CUDA_VISIBLE_DEVICES", visible)
    monkeypatch.setattr(devices, "version", lambda name: torch)
    assert device_named("auto") == "cpu"
    with pytest.raises(UsageError, match=why):
        device_named("cuda")


def test_workers_have_one_thread_and_a_gpu_each(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CUDA_VISIBLE_DEVICES", "3,5")
    assert gpus() == ("3", "5")
    assert default_workers("cuda") == 2
    assert [worker_environment("cuda", n)["CUDA_VISIBLE_DEVICES"] for n in range(3)] == ["3", "5", "3"]
    assert worker_environment("cpu", 1)["CUDA_VISIBLE_DEVICES"] == "3,5"
    assert worker_environment("cpu", 1)["OMP_NUM_THREADS"] == "1"
    for none in ("", "-1", "-1,0"):
        monkeypatch.setenv("CUDA_VISIBLE_DEVICES", none)
        assert gpus() == ()
        assert default_workers("cuda") == 1
    monkeypatch.setenv("CUDA_VISIBLE_DEVICES", "2,-1,3")
    assert gpus() == ("2",)
