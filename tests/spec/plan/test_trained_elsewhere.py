"""Runs of models that a trainer of the person's own trains: sizes as declared, identity by what is declared."""

from __future__ import annotations

import pytest
from scalingdsl.spec import check
from scalingdsl.spec.plan.run_grid import Run
from scalingdsl.spec.plan.study_plan import StudyPlan
from scalingdsl.spec.vocabulary import identity

STUDY = """
data dataset("books", vocab=100)
models external(N=12*layers*width^2 + vocab*width, layers=2, param={SP, muP})  width in {64, 32}
train  lr in {.01, .03}  tokens in {1M, 2M}  seed in {0, 1}
"""


def planned(text: str) -> StudyPlan:
    checked = check(text=text)
    assert checked.plan is not None
    assert not checked.errors, [d.message for d in checked.errors]
    return checked.plan


def runs(text: str) -> list[Run]:
    return list(planned(text).runs())


def test_sizes_are_what_the_study_declares() -> None:
    found = runs(STUDY)
    assert len(found) == 32
    run = next(r for r in found if r.value("width") == 64 and r.value("tokens") == 1_000_000)
    n = 12 * 2 * 64**2 + 100 * 64
    assert (run.n_total, run.n_body, run.n_tokens, run.asked_tokens, run.steps) == (n, 0, 1_000_000, 1_000_000, 1)
    assert run.flops == run.flops_6nd == 6 * n * 1_000_000
    assert dict(run.model.other_values()) == {"layers": 2, "param": "SP", "width": 64}
    assert dict(run.optimiser.other_values()) == {"lr": 0.01}


@pytest.mark.parametrize(
    ("train", "models", "tokens", "steps", "flops"),
    [
        ("steps = 100", "batch=8, length=64", 51_200, 100, 6 * 32**2 * 51_200),
        ("tokens = 51200", "batch=8, length=64", 51_200, 100, 6 * 32**2 * 51_200),
        ("steps = 100", "batch=8", 0, 100, 0),
        ("epochs = 3", "batch=8", 30_000, 1, 6 * 32**2 * 30_000),
        ("compute = 6144000", "batch=8", 1_000, 1, 6_144_000),
        ("tokens = 1k", "batch=8, token_flops=10*N", 1_000, 1, 10 * 32**2 * 1_000),
        ("batch = 8", "heads=2", 0, 1, 0),
    ],
)
def test_amounts_follow_from_what_is_given(train: str, models: str, tokens: int, steps: int, flops: float) -> None:
    unique = ", unique=10k" if "epochs" in train else ""
    (run,) = runs(f'data dataset("x"{unique})\nmodels external(N=width^2, width=32, {models})\ntrain {train}\n')
    assert (run.n_tokens, run.steps, run.flops) == (tokens, steps, flops)


def test_the_order_of_statements_and_the_engine_are_no_part_of_a_run(monkeypatch: pytest.MonkeyPatch) -> None:
    data, models, train = STUDY.strip().splitlines()
    keys = {run.key for run in runs(STUDY)}
    models = models.replace("layers=2, ", "").replace("width in", "layers = 2  width in")
    assert {run.key for run in runs("\n".join((train, models, data)))} == keys
    monkeypatch.setattr(identity, "NUMERICS_VERSION", 99)
    assert {run.key for run in runs(STUDY)} == keys


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ('"books"', '"other books"'),
        ("vocab=100", "vocab=101"),
        ("layers=2", "layers=3"),
        ("lr in {.01, .03}", "lr in {.02, .04}"),
        ("{1M, 2M}", "{3M, 4M}"),
        ("{0, 1}", "{2, 3}"),
        ("param={SP, muP}", 'param={SP, muP}, version="2"'),
        ("train ", "train batch=8 "),
    ],
)
def test_everything_declared_is_part_of_a_run(old: str, new: str) -> None:
    assert old in STUDY
    assert not {run.key for run in runs(STUDY)} & {run.key for run in runs(STUDY.replace(old, new))}


def test_a_plan_is_the_same_read_back() -> None:
    plan = planned(STUDY)
    again = StudyPlan.model_validate_json(plan.model_dump_json())
    assert again.digest == plan.digest
    assert [run.key for run in again.runs()] == [run.key for run in plan.runs()]


@pytest.mark.parametrize(
    ("old", "new", "code", "said"),
    [
        ("train ", "train adamw ", "SCL310", "`adamw` is this version's own"),
        ("N=12*layers", "flops=6, N=12*layers", "SCL104", "no parameter `flops`"),
        ("N=12*layers*width^2 + vocab*width", "N=width/7", "SCL207", "whole number"),
        ("layers=2", "layers=2, out=3", "SCL209", "`out` is told to every trainer"),
        ("layers=2", "layers=2, schedule=wsd(decay=.2)", "SCL203", "is for your trainer"),
        ("vocab*width", "vokab*width", "SCL103", "`vokab` has no value"),
        (", vocab=100", "", "SCL103", "no vocabulary"),
        ('dataset("books", vocab=100)', "walk(er(64, .2))", "SCL316", "that a trainer of your own reads"),
        ('"books"', '"-books"', "SCL209", "begins with `-`"),
        ("seed in {0, 1}", "seed in {0, 1} steps=3", "SCL310", "both say how long"),
    ],
)
def test_mistakes_are_told(old: str, new: str, code: str, said: str) -> None:
    assert old in STUDY
    found = check(text=STUDY.replace(old, new)).errors
    assert [d.code for d in found][:1] == [code], [(d.code, d.message) for d in found]
    assert said in found[0].message


def test_models_trained_here_take_no_recipe() -> None:
    found = check(
        text="data walk(er(64, .2))\nmodels width in [8..32]\ntrain recipe(lr=.1) tokens in [1M..4M]\n"
    ).errors
    assert [d.code for d in found] == ["SCL310"]
    assert "`transformer` is trained here" in found[0].message


def test_laws_conditions_and_claims_read_parameters() -> None:
    study = STUDY.replace("{64, 32}", "[8..64]").replace("{1M, 2M}", "[1M..8M]").replace("lr in", "tune lr in")
    found = check(
        text=study
        + "fit power(width), power(D) where layers == 2 and width > 16\nexpect mean(beta(power(D))) in [.1..0.9]\n"
        + "expect lr(param=muP, width=64, D=1M) > 0.005\n"
    )
    assert [d.code for d in found.errors] == [], [(d.code, d.message) for d in found.diagnostics]


def test_what_curves_of_sources_run_along_are_names_of_parameters() -> None:
    (run,) = runs(
        'data dataset("x")\nmodels external(N=width^2, width=32, rank=4, context=64)\ntrain steps=10 batch=2\n'
    )
    assert run.model.other_values()["rank"] == 4
