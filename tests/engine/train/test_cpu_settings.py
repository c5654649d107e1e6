"""Settings of the processor: made once, recorded, and true fp32 whatever the route."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from itertools import count

import pytest
import torch
from scalingdsl.engine.train import cpu_settings

from ...benchmarks.ways import gemm_peak

SCRIPT = """
import json, threading, torch
from scalingdsl.engine.train import cpu_settings as cpu
before = cpu.provenance()
said = cpu.prepare(threads=1)
seen = []
def look():
    cpu.settle_thread()
    seen.append((torch.get_num_threads(), float(torch.tensor([1e-39]) * 1.0)))
look()
thread = threading.Thread(target=look)
thread.start()
thread.join()
print(json.dumps([before, said, cpu.prepare(threads=4), cpu.provenance(), seen]))
"""


@pytest.mark.slow
def test_prepare_in_a_fresh_process() -> None:
    done = subprocess.run(
        [sys.executable, "-c", SCRIPT],
        capture_output=True,
        text=True,
        check=True,
        env={**os.environ, "OMP_NUM_THREADS": "2"},
    )
    before, said, again, recorded, seen = json.loads(done.stdout)
    assert said == again == recorded
    assert set(said) == set(before) == {"torch", "processor", "threads", "allocator", "denormals", "gemm"}
    assert said["threads"] == "1"
    assert said["gemm"] in ("default", "onednn")
    for threads, tiny in seen:
        assert threads == 1
        assert (tiny == 0) == (said["denormals"] == "flushed")
    if sys.platform == "linux" and os.confstr("CS_GNU_LIBC_VERSION"):
        assert said["allocator"] == "glibc, memory kept"


needs_onednn = pytest.mark.skipif(not torch.backends.mkldnn.is_available(), reason="this build of torch has no oneDNN")


@needs_onednn
def test_the_probe_sees_what_is_not_fp32() -> None:
    before = torch.backends.mkldnn.matmul.fp32_precision
    error = cpu_settings.onednn_error()
    # Either true fp32, or reduced precision plainly told apart from it: bfloat16 errs by 1e-3.
    assert error < cpu_settings.FP32_ERROR or error > 1e-4
    assert torch.backends.mkldnn.matmul.fp32_precision == before, "the switch is put back"


@needs_onednn
def test_the_other_route_is_for_wide_models_and_one_product_at_a_time(monkeypatch: pytest.MonkeyPatch) -> None:
    def mode() -> str:
        return str(torch.backends.mkldnn.matmul.fp32_precision)

    before = mode()
    monkeypatch.setattr(cpu_settings, "_prepared", {**cpu_settings.provenance(), "gemm": "onednn"})
    assert cpu_settings.product(mode, cpu_settings.ONEDNN_WIDTH, 2048)() == "bf16"
    assert cpu_settings.product(mode, cpu_settings.ONEDNN_WIDTH - 1, 2048)() == before
    assert cpu_settings.product(mode, cpu_settings.ONEDNN_WIDTH, 8)() == before
    assert mode() == before
    assert "gemm onednn" in cpu_settings.numerics_mode()
    monkeypatch.setattr(cpu_settings, "_prepared", {**cpu_settings.provenance(), "gemm": "default"})
    assert cpu_settings.product(mode, cpu_settings.ONEDNN_WIDTH, 2048)() == before


@needs_onednn
def test_both_routes_agree_to_fp32(monkeypatch: pytest.MonkeyPatch) -> None:
    a, b = torch.randn(3, 70, 50), torch.randn(3, 50, 90)
    plain = torch.bmm(a, b)
    monkeypatch.setattr(cpu_settings, "_prepared", {**cpu_settings.provenance(), "gemm": "onednn"})
    error = (cpu_settings.product(torch.bmm, 64, 2048)(a, b) - plain).abs().max() / plain.abs().max()
    assert error < cpu_settings.FP32_ERROR or cpu_settings.onednn_error() > cpu_settings.FP32_ERROR


@needs_onednn
@pytest.mark.parametrize("error", [0.0, 1e-3])
def test_a_peak_in_fp32_is_taken_by_no_route_that_is_not(error: float, monkeypatch: pytest.MonkeyPatch) -> None:
    """Where a processor takes lower precision as soon as it may, of which the error tells, the second is left out."""
    modes = []
    switch = torch.backends.mkldnn.matmul
    before = switch.fp32_precision
    monkeypatch.setattr(cpu_settings, "onednn_error", lambda: error)
    monkeypatch.setattr(torch, "mm", lambda a, b, out: modes.append(switch.fp32_precision))
    clock = count()
    assert gemm_peak(lambda: float(next(clock))) > 0
    assert set(modes) == ({before} if error else {before, "bf16"})
    assert switch.fp32_precision == before


def test_the_mode_names_what_moves_bits() -> None:
    mode = cpu_settings.numerics_mode()
    assert torch.__version__ in mode
    assert "denormals" in mode
