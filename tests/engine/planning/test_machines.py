"""Profiles of machines that are not at hand, and `plan --machine`."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from click.testing import CliRunner
from scalingdsl.engine.cli import main
from scalingdsl.engine.planning.machines import MACHINES, SHARES, Machine, estimate, machine_named, teachers_of
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
    assert machine.shares[0][0] == 1
    assert list(machine.shares) == sorted(machine.shares)
    assert all(0 < share < 1 for _, share in machine.shares)


@pytest.mark.parametrize(("width", "share"), [(1, 0.01), (63, 0.01), (64, 0.03), (127, 0.03), (512, 0.2), (9999, 0.4)])
def test_a_width_belongs_to_the_class_below_it(width: int, share: float) -> None:
    assert MACHINES["h100"].share(width) == share


def test_hours_are_flops_over_the_assumed_rate() -> None:
    h100, found = MACHINES["h100"], study()
    cost = estimate(found, h100)
    wanted = {
        width: sum(run.flops for run in found if run.model.width == width) / (66.9e12 * h100.share(width))
        for width in (64, 256)
    }
    assert cost.by_width == pytest.approx(wanted)
    assert cost.wall_seconds == pytest.approx(sum(wanted.values()))
    assert cost.teachers == 0
    faster = estimate(study(precision="bf16"), h100)
    assert cost.wall_seconds / faster.wall_seconds == pytest.approx(989.4 / 66.9)


def test_a_teacher_is_counted_once_at_each_of_its_rates() -> None:
    found = runs(LADDER)
    (teacher,) = teachers_of(found)
    h100 = MACHINES["h100"]
    per_token = teacher.model.flops_per_token(512, 50)
    assert estimate(found, h100).teachers == pytest.approx(2 * 10e6 * per_token / (66.9e12 * 0.12))


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
    assert "NVIDIA H100 SXM, 80 GB, peak 495 TFLOP/s in tf32" in shown.stdout
    assert "assumed to reach 3% at width 64, 12% at width 256 of it" in shown.stdout
    assert "of one h100 predicted" in shown.stdout
    found = json.loads(CliRunner().invoke(main, ["plan", str(path), "--machine", "h100", "--json", *out]).stdout)
    assert found["machine"]["utilisation"] == {str(w): dict(SHARES)[w] for w in (64, 256)}
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
