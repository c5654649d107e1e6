"""What names the bits of a run on a GPU, told of GPUs that are not at hand."""

from __future__ import annotations

from pathlib import Path
from types import SimpleNamespace

import pytest
import torch
from scalingdsl.engine.sources import open_source
from scalingdsl.engine.train import cpu_settings, numerics, training_loop

from ..make import SOURCE, make_run
from .watched import final_params, pack, stop_after

GPU = torch.device("cuda")


@pytest.fixture(autouse=True)
def a100(monkeypatch: pytest.MonkeyPatch) -> None:
    its = SimpleNamespace(name="NVIDIA A100", major=8, minor=0)
    monkeypatch.setattr(torch.cuda, "get_device_properties", lambda device: its)
    monkeypatch.setattr(torch.version, "cuda", "12.8")
    monkeypatch.setattr(torch.backends.cudnn, "version", lambda: 91002)
    monkeypatch.setattr(numerics, "gpu_driver", lambda: "570.86")


def test_a_record_names_the_gpu_its_libraries_and_its_driver() -> None:
    assert numerics.gpu_facts(GPU) == {"gpu": "NVIDIA A100, compute capability 8.0", "cuda": "CUDA 12.8, cuDNN 91002"}
    assert numerics.driver_fact(GPU) == {"driver": "570.86"}
    assert numerics.gpu_facts(torch.device("cpu")) == numerics.driver_fact(torch.device("cpu")) == {}


def test_the_mode_of_a_gpu_names_all_that_moves_bits_and_nothing_of_its_host(monkeypatch: pytest.MonkeyPatch) -> None:
    def mode(precision: str = "fp32", kernels: str = "torch") -> str:
        return numerics.numerics_mode(GPU, precision, kernels)

    first = mode()
    assert all(word in first for word in ("A100", "8.0", "12.8", "91002", torch.__version__, "fp32"))
    with monkeypatch.context() as elsewhere:
        elsewhere.setattr(cpu_settings, "numerics_mode", lambda: "another host")
        elsewhere.setattr(numerics, "gpu_driver", lambda: "580.01")
        assert mode() == first
    others = {mode("tf32"), mode(kernels="triton")}
    its = SimpleNamespace(name="NVIDIA H100", major=9, minor=0)
    for where, name, value in (
        (torch.cuda, "get_device_properties", lambda device: its),
        (torch.version, "cuda", "13.0"),
        (torch.backends.cudnn, "version", lambda: 92000),
        (torch, "__version__", "2.14.0"),
    ):
        with monkeypatch.context() as elsewhere:
            elsewhere.setattr(where, name, value)
            others.add(mode())
    assert len(others - {first}) == 6


def test_a_run_that_goes_on_in_a_pack_of_another_size_says_so(tmp_path: Path) -> None:
    """On a GPU, where the number of rows may choose another kernel; on a CPU it moves no bit."""
    run = make_run(steps=60)
    final_params([run, make_run(steps=60, seed=1)], checkpoints=tmp_path, stop=stop_after(2), chunk_steps=10)
    found = []
    for device in ("cpu", "cuda"):
        trainer = training_loop.Trainer(pack([run]), open_source(SOURCE), "cpu", tmp_path)
        trainer.device = torch.device(device)
        found.append(trainer.begin(run).mixed)
    assert found == [[], ["packs of 2 slots"]]
