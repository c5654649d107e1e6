"""Profiles of machines that are not at hand, and `plan --machine`."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest
from click.testing import CliRunner
from scalingdsl.engine.cli import main
from scalingdsl.engine.planning.machines import MACHINES, Machine, estimate, machine_named, teachers_of
from scalingdsl.engine.planning.packing import make_packs, predicted_seconds
from scalingdsl.engine.train import kernels
from scalingdsl.spec import check
from scalingdsl.spec.plan.run_grid import Run

STUDY = """
data walk(er(n=512, p=.02), length=50)
models transformer  width in {width}
train adamw(batch=100, precision={precision})  tokens = 1M  seed in {{0, 1}}
"""
LADDER = """
let corpus = text("corpus.txt", tokenizer=bpe(512), length=50)
let teacher = lm(corpus, width=256, tokens=10M, tune lr in {.003, .01})
data {hot: sample(teacher, temperature=2), cold: sample(teacher)}
models transformer  width in {64, 128}
train adamw(batch=100)  tokens = 1M
"""


def runs(text: str) -> tuple[Run, ...]:
    plan = check("study.scl", text=text).plan
    assert plan is not None
    return tuple(plan.runs())


def study(width: str = "{64, 256}", precision: str = "fp32") -> tuple[Run, ...]:
    return runs(STUDY.format(width=width, precision=precision))


@pytest.mark.parametrize("machine", MACHINES.values(), ids=lambda m: m.name)
def test_profiles_are_whole(machine: Machine) -> None:
    assert set(machine.peak) == {"fp32", "tf32", "bf16"}
    assert machine.source
    assert machine.bandwidth > 1e12


def test_hours_are_those_of_the_packs_that_it_would_train() -> None:
    h100, found = MACHINES["h100"], study()
    cost = estimate(found, h100)
    packs = make_packs(found, workers=1, device="cuda", rate=h100.rate)
    wanted = {pack.runs[0].model.features: predicted_seconds(pack, h100.rate) for pack in packs}
    assert cost.by_width == pytest.approx(wanted)
    assert cost.wall_seconds == pytest.approx(sum(wanted.values()))
    flops = {width: sum(run.flops for run in found if run.model.features == width) for width in wanted}
    assert cost.shares == pytest.approx({width: flops[width] / (66.9e12 * s) for width, s in wanted.items()})
    assert 0 < cost.shares[64] < cost.shares[256] < 0.8
    assert cost.teachers == 0
    assert estimate(study(precision="bf16"), h100).wall_seconds < cost.wall_seconds


def test_a_teacher_is_counted_once_at_each_of_its_rates() -> None:
    found = runs(LADDER)
    (teacher,) = teachers_of(found)
    assert len(teacher.tried) == 2
    h100 = MACHINES["h100"]
    seconds = estimate(found, h100).teachers
    at_peak = 2 * 10e6 * teacher.model.flops_per_token(512, 50) / 66.9e12
    assert at_peak < seconds < 100 * at_peak
    longer = estimate(runs(LADDER.replace("tokens=10M", "tokens=20M")), h100).teachers
    assert longer == pytest.approx(2 * seconds, rel=1e-3)


def test_what_does_not_fit_is_said() -> None:
    assert estimate(study(), MACHINES["a100"]).fits
    assert not estimate(study(width="{32768}"), MACHINES["h100"]).fits


def test_a_name_is_looked_up_and_suggested() -> None:
    assert machine_named("H100") is MACHINES["h100"]
    with pytest.raises(LookupError, match=r"no machine 'h10' among h100, h200, a100; a similar name exists: h100"):
        machine_named("h10")
    with pytest.raises(LookupError, match=r"no machine 'laptop' among h100, h200, a100$"):
        machine_named("laptop")


def test_plan_shows_hours_and_what_they_assume(tmp_path: Path) -> None:
    path = tmp_path / "study.scl"
    path.write_text(STUDY.format(width="{64, 256}", precision="tf32"))
    out = ("--out", str(tmp_path / "runs"))
    shown = CliRunner().invoke(main, ["plan", str(path), "--machine", "h100", *out])
    assert shown.exit_code == 0
    assert "NVIDIA H100 SXM, 80 GB, peak 495 TFLOP/s in tf32, memory at 3.35 TB/s" in shown.stdout
    assert re.search(r"predicted, not measured, to reach [\d.]+% at width 64, [\d.]+% at width 256 of", shown.stdout)
    assert "of one h100 predicted" in shown.stdout
    found = json.loads(CliRunner().invoke(main, ["plan", str(path), "--machine", "h100", "--json", *out]).stdout)
    assert 0 < found["machine"]["utilisation"]["64"] < found["machine"]["utilisation"]["256"] < 1
    assert found["machine"]["bandwidth"] == 3.35e12
    assert found["predicted_seconds"] == pytest.approx(found["machine"]["predicted_seconds"], abs=0.1)
    assert "packs" not in found
    wrong = CliRunner().invoke(main, ["plan", str(path), "--machine", "h10"])
    assert wrong.exit_code == 2
    assert "a similar name exists: h100" in wrong.stderr


def test_memory_of_another_machine_does_not_depend_on_the_steps_of_this_one(monkeypatch: pytest.MonkeyPatch) -> None:
    found = []
    for choice in ("native", "torch"):
        monkeypatch.setenv(kernels.CHOICE, choice)
        found.append(estimate(study(), MACHINES["h100"]).memory_bytes)
    assert found[0] == found[1]
