"""How long a GPU is said to take: by launches, bytes and arithmetic, and not by what a processor takes."""

from __future__ import annotations

from dataclasses import asdict, replace
from itertools import pairwise
from pathlib import Path

import pytest
from scalingdsl.engine.hardware import devices
from scalingdsl.engine.pack import Pack
from scalingdsl.engine.planning import calibration
from scalingdsl.engine.planning.calibration import Calibrated, fit_gpu, recall, remember
from scalingdsl.engine.planning.costs import predict
from scalingdsl.engine.planning.gpu_rate import TYPICAL_GPU, GpuRate, Work
from scalingdsl.engine.planning.machines import MACHINES
from scalingdsl.engine.planning.packing import (
    DEFAULT_RATE,
    evaluation_seconds,
    gpu_step,
    make_packs,
    predicted_bytes,
    predicted_seconds,
    step_seconds,
)  # fmt: skip
from scalingdsl.engine.train import kernels
from scalingdsl.spec import load
from scalingdsl.spec.plan.run_grid import Run

STUDY = """
data walk(er(n={vocab}, p=.02), length={length})
models transformer(layers=2, width={width})
train adamw(batch={batch}, precision={precision})  steps = {steps}  seed in [0..{last} step 1]
"""
H200 = MACHINES["h200"].rate
#: Milliseconds of a step of a pack, summed kernel by kernel over a step traced on device meta, for an H200: each the
#: longer of its bytes and of its FLOPs at what tiles of its shape reach, and a gap. No GPU has measured any of it.
BY_KERNEL = {
    (16, 32, 64, 128, "fp32"): 4.0,
    (32, 32, 64, 128, "fp32"): 5.6,
    (64, 32, 64, 128, "fp32"): 9.1,
    (128, 32, 64, 128, "fp32"): 24,
    (256, 32, 64, 128, "fp32"): 75,
    (512, 32, 64, 128, "fp32"): 256,
    (64, 8, 32, 42, "fp32"): 1.1,
    (64, 32, 64, 128, "bf16"): 5.8,
    (256, 32, 64, 128, "bf16"): 26,
    (512, 32, 64, 128, "bf16"): 71,
}


def runs(
    width: int = 64, batch: int = 32, length: int = 64, slots: int = 8, precision: str = "fp32", steps: int = 1000
) -> tuple[Run, ...]:
    text = STUDY.format(
        vocab=512, width=width, batch=batch, length=length, precision=precision, steps=steps, last=slots - 1
    )
    return tuple(load("s.scl", text=text).runs())


@pytest.fixture(autouse=True)
def own_cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """No test reads or writes the user's cache."""
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))


def test_products_take_the_longer_of_bytes_and_arithmetic_and_all_else_its_bytes() -> None:
    rate = GpuRate(launch=1e-6, byte=1e-12, fp32=1e-14, tf32=1e-15, bf16=1e-16)
    by_bytes = Work(100, passed=3e9, multiplied=2e9, flops=1e9, precision="fp32", width=20)
    assert rate.seconds(by_bytes) == pytest.approx(1e-4 + 3e-3 + 2e-3)
    by_flops = replace(by_bytes, flops=1e12)  # at 20 features products reach half of what wide ones do
    assert rate.seconds(by_flops) == pytest.approx(1e-4 + 3e-3 + 2 * 1e-2)
    assert rate.seconds(replace(by_flops, precision="tf32", width=100)) == pytest.approx(1e-4 + 3e-3 + 2e-3)


@pytest.mark.parametrize("shape", BY_KERNEL, ids=str)
def test_steps_take_what_their_kernels_add_up_to(shape: tuple[int, int, int, int, str]) -> None:
    """By the rate of a processor they took 33 to 650 times as long."""
    width, batch, length, slots, precision = shape
    run = runs(width, batch, length, 2, precision)[0]
    assert 1e3 * step_seconds(run, slots, H200) == pytest.approx(BY_KERNEL[shape], rel=0.35)
    assert 1e3 * step_seconds(run, slots, DEFAULT_RATE) > 30 * BY_KERNEL[shape]


def test_a_pack_takes_as_many_launches_as_one_model_and_narrower_numbers_less_time() -> None:
    one, many = (gpu_step(runs()[0], slots) for slots in (1, 50))
    assert one.launches == many.launches
    assert many.flops == pytest.approx(50 * one.flops)
    for width in (64, 512):
        found = [step_seconds(runs(width, precision=p)[0], 128, H200) for p in ("fp32", "tf32", "bf16")]
        assert found == sorted(found, reverse=True)
    machines = [step_seconds(runs(512)[0], 128, MACHINES[name].rate) for name in ("a100", "h100", "h200")]
    assert all(a > b for a, b in pairwise(machines))


def test_a_budget_on_a_gpu_is_held_to_a_gpu(monkeypatch: pytest.MonkeyPatch) -> None:
    """Two minutes of a typical one were hours before."""
    found = runs(256, slots=64, steps=2000)
    monkeypatch.setattr("scalingdsl.engine.planning.costs.torch_installed", lambda: False)  # measures nothing
    on_gpu, on_cpu = (predict(found, device=device, workers=1).wall_seconds for device in ("cuda", "cpu"))
    assert on_gpu is not None
    assert on_cpu is not None
    assert 100 < on_gpu < 600
    assert on_cpu > 30 * on_gpu


def test_packs_for_a_gpu_are_cut_by_its_own_time() -> None:
    """By a processor's rate they took hours, and were cut until each had a slot's worth of runs."""
    many = runs(64, slots=300, steps=1000)
    (pack,) = make_packs(many, workers=1, device="cuda")
    assert predicted_seconds(pack, TYPICAL_GPU) < 120
    assert len(make_packs(many, workers=1, device="cuda", rate=DEFAULT_RATE)) > 1


def test_the_rate_behind_exact_timings_is_found() -> None:
    true = GpuRate(launch=5e-6, byte=1 / 0.7e12, fp32=1 / 11e12, tf32=1 / 40e12, bf16=1 / 90e12)
    own = [
        Pack("p", runs(width, batch, 32, 2, precision)[:1], slots)
        for width, batch, slots, precision in calibration.SIZES["cuda"]
    ]
    found = fit_gpu(own, [step_seconds(pack.runs[0], pack.slots, true) for pack in own])
    for pack in own:
        exact = step_seconds(pack.runs[0], pack.slots, true)
        assert step_seconds(pack.runs[0], pack.slots, found) == pytest.approx(exact, rel=0.02)
    assert asdict(found) == pytest.approx(asdict(true), rel=0.05)


def test_a_gpus_rate_is_kept_for_that_gpu_and_its_steps(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    program = tmp_path / "nvidia-smi"
    monkeypatch.setenv("PATH", f"{tmp_path}:/usr/bin:/bin")
    monkeypatch.setenv("CUDA_VISIBLE_DEVICES", "0")
    known = Calibrated(replace(TYPICAL_GPU, launch=7e-6), load=None)

    def now(gpu: str, steps: str) -> Calibrated | None:
        program.write_text(f"#!/bin/sh\necho '0, GPU-aa, {gpu}'\n")
        program.chmod(0o755)
        monkeypatch.setenv(kernels.CHOICE, steps)
        calibration._machine.cache_clear()
        return recall("cuda", 1)

    assert now("NVIDIA H200", "torch") is None
    remember("cuda", 1, known)
    assert recall("cuda", 1) == known
    assert now("NVIDIA H200", "triton") is None
    assert now("NVIDIA A100", "torch") is None
    assert devices.gpu_name() == "NVIDIA A100"
    assert now("NVIDIA H200", "torch") == known
    calibration.correct("cuda", 1, 0.5)
    assert recall("cuda", 1) == Calibrated(GpuRate(**{k: v / 2 for k, v in asdict(known.rate).items()}))
    calibration._machine.cache_clear()


def test_tritons_steps_are_foretold_as_such(monkeypatch: pytest.MonkeyPatch) -> None:
    """Fewer launches, fewer bytes and less memory, where attention is one tile; contexts beyond it are torch's."""
    found = {}
    for steps in ("torch", "triton"):
        monkeypatch.setenv(kernels.CHOICE, steps)
        short, long = (runs(128, length=length)[0] for length in (64, 128))
        packs = [Pack("p", (run,), 1) for run in (short, long)]
        found[steps] = [
            (gpu_step(run, 64), predicted_bytes(pack, "cuda"), evaluation_seconds(run, H200))
            for run, pack in zip((short, long), packs)
        ]
    (short, long), (torchs, same) = found["triton"], found["torch"]
    assert long == same
    assert short[0].launches < torchs[0].launches / 4
    assert short[0].passed < 0.7 * torchs[0].passed
    assert short[0].precision == "tf32"
    assert short[0].flops > 3 * torchs[0].flops
    assert short[1] < torchs[1]
