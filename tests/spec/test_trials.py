"""The trial studies: those whose words exist plan with their known counts; the others say what does not exist."""

from __future__ import annotations

import re
import shutil
from collections import Counter
from pathlib import Path

import pytest
from scalingdsl.spec import StudyPlan
from scalingdsl.spec.plan.expand import product

from .support import PROSE, STUDIES, checked, n_cells, plan_of

WALK = "walk(er(n=512, p=.02), length=256)"
#: 18 MB: a study that repeats 16M tokens of a text is valid where the text may have as many.
LONG = PROSE * (18_000_000 // len(PROSE) + 1)


def study(name: str) -> str:
    """A trial study's text."""
    return (STUDIES / f"{name}.scl").read_text()


def counts(plan: StudyPlan) -> tuple[int, int, int]:
    """Points of the product, runs, cells."""
    runs = list(plan.runs())
    return product(plan)[0], len(runs), n_cells(plan, runs)


def test_one_line() -> None:
    assert counts(plan_of(study("one_line"))) == (15, 15, 15)


def test_walks() -> None:
    assert counts(plan_of(study("walks"))) == (240, 240, 20)


#: Points of the product, runs and cells of the studies that name a text, and the fits and optima they ask for.
OF_TEXT = {
    "b_ladder": ((1152, 1152, 96), ["power(N)", "power(D)"], []),
    "c_parametrisations": (
        (1320, 1080, 60),
        ["power(N)", "power(N_body)", "power(D)", "chinchilla", "network", "body"],
        ["surface(network)", "surface(body)"],
    ),
    "d_isoflop": ((465, 171, 57), ["chinchilla"], ["isoflop", "surface(chinchilla)"]),
    "j_repeated": ((216, 216, 72), ["repeated(U=unique)", "chinchilla"], []),
    "n_line": ((15, 15, 5), ["power(C)", "power(N)"], []),
}


@pytest.mark.parametrize("name", OF_TEXT)
def test_studies_of_a_text(name: str, tmp_path: Path) -> None:
    (tmp_path / "corpus.txt").write_text(LONG)
    plan = plan_of(study(name), tmp_path)
    assert (counts(plan), [f.name for f in plan.fits], [o.name for o in plan.optima]) == OF_TEXT[name]


def test_claims_of_the_text_studies_are_about_their_fits(tmp_path: Path) -> None:
    """A fit is found by its law's word alone where it is the only one; what is left to guess is written out."""
    (tmp_path / "corpus.txt").write_text(LONG)
    repeated = plan_of(study("j_repeated"), tmp_path)
    assert repeated.claims[1].test == "R_D(repeated(U=unique)) in [4..40]"
    ladder = plan_of(study("b_ladder"), tmp_path)
    assert ladder.claims[2].test == ("mean(alpha(power(N)), T2L) within 15% of mean(alpha(power(N)), data=text)")
    assert "tune" not in {a.role for a in ladder.axes if a.name in ("layers", "batch")}


def test_the_headline() -> None:
    plan = plan_of(study("a_headline"))
    assert [o.fit for o in plan.optima] == ["network"]
    assert counts(plan) == (2520, 2520, 60)
    assert [(a.name, a.role) for a in plan.axes] == [
        ("kappa", "panel"), ("width", "sweep"), ("tokens", "sweep"), ("lr", "tune"), ("seed", "tune"),
    ]  # fmt: skip


def test_branches_are_marks_of_their_trunks() -> None:
    plan = plan_of(study("k_branches"))
    assert counts(plan) == (224, 128, 56)
    runs = list(plan.runs())
    trunks = [r for r in runs if r.marks]
    assert len(trunks) == 16
    assert {len(r.marks) for r in trunks} == {7}
    assert {r.asked_marks for r in trunks} == {tuple(2**i * 1_000_000 for i in range(7))}
    assert all(r.marks[-1] == r.steps and r.value("train") == "wsd" and r.value("tokens") is None for r in trunks)


def test_widening_an_earlier_study(tmp_path: Path) -> None:
    shutil.copy(STUDIES / "walks.scl", tmp_path / "er.scl")
    plan = plan_of(study("l_widened"), tmp_path)
    assert plan.title == "Walks, four times further"
    assert counts(plan) == (504, 504, 42)
    assert [f.name for f in plan.fits] == ["chinchilla", "power(N)", "power(D)", "exponential(D)", "before"]
    before = {r.key for r in plan_of((tmp_path / "er.scl").read_text(), tmp_path).runs()}
    assert len(before & {r.key for r in plan.runs()}) == len(before) == 240


def test_width_and_depth_together() -> None:
    plan = plan_of(study("m_shapes"))
    assert counts(plan) == (180, 165, 55)


def test_on_a_line_a_law_in_both_is_refused(tmp_path: Path) -> None:
    wrong = checked(re.sub(r"data .*", f"data {WALK}", study("n_line")).replace("fit power(C)", "fit chinchilla"))
    assert [d.code for d in wrong.errors][:1] == ["SCL413"]


def test_a_table_alone(tmp_path: Path) -> None:
    rows = "".join(f"{n:g},{6 * n * 20e9:g},{2 + 400 / n**0.34:.4f}\n" for n in (1e8, 2e8, 4e8, 8e8, 2e9, 5e9))
    (tmp_path / "chinchilla.csv").write_text("Model Size,Training FLOP,loss\n" + rows)
    plan = plan_of(study("e_table"), tmp_path)
    assert (plan.models, plan.train, list(plan.runs())) == ((), (), [])
    assert product(plan)[0] == 0
    assert [(f.name, f.law, f.where, f.group) for f in plan.fits] == [
        ("law", "chinchilla", "rank(-loss) > 5", None),
        ("chinchilla(objective=huber(0.001))", "chinchilla", None, None),
        ("network", "network", "rank(-loss) > 5", None),
        ("kernel", "kernel", "rank(-loss) > 5", None),
        ("power(D, group=0.02)", "power", "rank(-loss) > 5", 0.02),
    ]
    assert [(o.fit, o.where) for o in plan.optima] == [("law", None), ("network", "1e19 < C < 1e22")]


def test_one_law_and_three_optimisers(tmp_path: Path) -> None:
    (tmp_path / "corpus.txt").write_text(PROSE)
    product, runs, cells = counts(plan_of(study("g_optimisers"), tmp_path))
    assert (product, runs, cells) == (192, 192, 48)


def test_features_and_samples_trade_places() -> None:
    plan = plan_of(study("h_features"))
    assert counts(plan) == (15_360, 15_360, 192)
    assert [f.name for f in plan.fits] == ["inN", "inT", "maloney"]


def test_clusters_are_solved() -> None:
    assert counts(plan_of(study("f_percolation"))) == (260, 260, 26)


def test_ngrams_are_neither_multiplied_by_rates_nor_by_seeds() -> None:
    """They read one sequence, and learn nothing: of 144 points 72 train networks, and 12 remain of 72."""
    plan = plan_of(study("i_automata"))
    assert counts(plan) == (144, 84, 24)
    by_model = Counter(type(run.model).__name__ for run in plan.runs())
    assert by_model == {"Transformer": 36, "Lstm": 36, "InContext": 12}
    problems = (1000, 2500, 5000, 10_000, 20_000, 40_000)
    assert {run.asked_tokens for run in plan.runs() if run.model.trained} == {20 * 400 * n for n in problems}
