"""Studies of models that are solved, not trained: their sizes, identity, axes, and what is refused."""

from __future__ import annotations

import pytest
from scalingdsl.spec import StudyPlan
from scalingdsl.spec.syntax.numbers import canonical_number
from scalingdsl.spec.vocabulary.words.percolation import Nearest, Percolation

from .support import STUDIES, checked, n_cells, plan_of

DATA = "data percolation(largest=1M)  seed in {0, 1}\n"
MODELS = "models {bysize: nearest(cells in [1..64]), bydata: nearest(samples in [1..64])}\n"


def codes(text: str) -> list[str]:
    return [d.code for d in checked(text).errors]


@pytest.fixture(scope="module")
def trial() -> StudyPlan:
    return plan_of((STUDIES / "f_percolation.scl").read_text())


def test_the_trial_study_plans_as_counted(trial: StudyPlan) -> None:
    runs = list(trial.runs())
    assert (len(runs), n_cells(trial, runs)) == (260, 26)
    assert [(a.name, a.role) for a in trial.axes] == [
        ("models", "panel"), ("seed", "replicate"), ("cells", "sweep"), ("samples", "sweep"),
    ]  # fmt: skip
    assert [f.name for f in trial.fits] == ["tailN", "tailD", "brill(N)", "brill(D)"]
    assert [t.call for t in trial.train] == ["solved"]


def test_a_model_has_one_size(trial: StudyPlan) -> None:
    for run in trial.runs():
        cells, samples = run.value("cells"), run.value("samples")
        assert (run.n_total, run.n_tokens) == (cells or 0, samples or 0)
        assert (run.steps, run.flops, run.flops_6nd) == (1, 0.0, 0.0)


def test_a_run_is_its_data_its_model_and_its_seed(trial: StudyPlan) -> None:
    keys = {run.key for run in trial.runs()}
    text = (STUDIES / "f_percolation.scl").read_text()
    trained = text.replace("let tailN", "train adamw(lr=.1, batch=16)  steps = 7\nlet tailN", 1)
    assert {run.key for run in plan_of(trained).runs()} == keys
    other = plan_of(text.replace("largest=1M", "largest=2M"))
    assert not keys & {run.key for run in other.runs()}


def test_conditions_keep_what_is_defined() -> None:
    kept = plan_of(DATA + MODELS.rstrip() + "  where N >= 30 or D >= 30\nfit power(N, E=0)")
    assert {(run.n_total, run.n_tokens) for run in kept.runs()} == {(32, 0), (64, 0), (0, 32), (0, 64)}
    none = plan_of(DATA + MODELS.rstrip() + "  where D < 100\nfit power(D, E=0)")
    assert all(run.n_total == 0 for run in none.runs())


def test_the_critical_probability_need_not_be_written() -> None:
    plain = next(iter(plan_of(DATA + "models nearest(cells=8)").runs()))
    written = next(iter(plan_of(DATA.replace("largest", "p=1/199, largest") + "models nearest(cells=8)").runs()))
    assert plain.key == written.key
    assert isinstance(plain.source, Percolation)
    assert plain.source.p is not None
    assert canonical_number(plain.source.p * 199) == canonical_number(1)
    assert plain.source.n_clusters == 57


@pytest.mark.parametrize(
    ("text", "code"),
    [
        (DATA.replace("largest", "p=.1, largest") + "models nearest(cells=8)", "SCL209"),
        (DATA.replace("largest", "p=.001, largest") + "models nearest(cells=8)", "SCL209"),
        (DATA.replace("1M", "100") + "models nearest(cells=8)", "SCL209"),
        (DATA.replace("1M", "1000") + "models nearest(cells=8)", "SCL209"),
        (DATA.replace("1M", "30M, embed=100") + "models nearest(cells=8)", "SCL209"),
        (DATA + "models nearest", "SCL107"),
        (DATA + "models nearest(cells=8, samples=8)", "SCL209"),
        (DATA + MODELS + "fit brill", "SCL107"),
        (DATA + MODELS + "fit brill(C)", "SCL401"),
        (DATA + MODELS + "fit brill(N, alpha=1)", "SCL402"),
        (DATA + MODELS + "fit brill(N, c=0)", "SCL208"),
        (DATA + MODELS + "fit brill(N, dim=3.5)", "SCL208"),
        (DATA + MODELS + "fit brill(N, c=4, c=2)", "SCL113"),
        (DATA + MODELS + "expect hill(models) > 0", "SCL426"),
        ("data walk(er(n=64, p=.2))\nmodels transformer(width in {16, 32})\nexpect hill(data) > 0", "SCL426"),
    ],
)
def test_what_does_not_go_together(text: str, code: str) -> None:
    assert codes(text) == [code]


def test_a_closed_form_takes_numbers_and_has_no_parameters() -> None:
    plan = plan_of(DATA + MODELS + "fit brill(N), brill(N, c=4), brill(D, dim=3, c=4)")
    assert [fit.fixed for fit in plan.fits] == [(), (("c", "4"),), (("c", "4"), ("dim", "3"))]
    notes = [n for d in checked(DATA + MODELS + "fit brill(N, alpha=1)").errors for n in d.notes]
    assert notes[:2] == ["it has no parameters", "its numbers are `c` and `dim`"]


def test_one_of_both_sizes_is_all_that_a_law_in_both_can_have() -> None:
    assert codes(DATA + MODELS + "fit chinchilla") == ["SCL412"]
    assert codes(DATA + "models nearest(cells in [1..64])\nfit power(D)") == ["SCL412"]


def test_a_family_says_what_it_learns_from() -> None:
    assert codes("data walk(er(n=64, p=.2))\nmodels nearest(cells=8)") == ["SCL316"]
    assert codes(DATA + "models transformer(width in {16, 32})") == ["SCL316"]


def test_sizes_of_a_family_that_is_solved() -> None:
    assert (Nearest(cells=7).n_total(0), Nearest(cells=7).n_samples) == (7, 0)
    assert (Nearest(samples=7).n_total(0), Nearest(samples=7).n_samples) == (0, 7)


def test_a_perceptron_has_both_sizes_and_takes_steps() -> None:
    study = DATA.replace("1M)", "1M, embed=10)") + "models mlp(width in {4, 8}, samples in {100, 200})\n"
    plan = plan_of(study + "train adamw(batch=50, tune lr in {.01, .1})  epochs = 5\nfit chinchilla(E=0, B=1, beta=1)")
    assert [t.call for t in plan.train] == ["adamw(lr=lr, batch=50)"]
    runs = list(plan.runs())
    assert len({run.key for run in runs}) == len(runs) == 16
    first = runs[0]
    assert (first.n_total, first.n_body, first.n_tokens, first.steps) == (69, 29, 100, 10)
    assert first.flops == 10 * 50 * (3 * 2 * (40 + 16 + 4) - 2 * 40)
    assert {run.steps for run in plan_of(study).runs()} == {2000}
    assert [t.call for t in plan_of(study).train] == ["adamw"]


def test_a_neighbour_beside_a_perceptron_takes_no_steps() -> None:
    plan = plan_of(
        DATA.replace("1M)", "1M, embed=10)") + "models {net: mlp(width=4), near: nearest}  samples in {100, 200}\n"
        "train adamw(tune lr in {.01, .1})  steps = 100"
    )
    near = [run for run in plan.runs() if run.value("models") == "near"]
    assert len(near) == 4
    assert {(run.steps, run.flops) for run in near} == {(1, 0.0)}
