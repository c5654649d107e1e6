"""References of claims: those of a plan's text are those of the study, by one rule for bare names."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from scalingdsl.spec import pipeline
from scalingdsl.spec.claims.claim_conditions import Claim
from scalingdsl.spec.claims.plan_references import claim_references
from scalingdsl.spec.claims.references import QuantityRef, Reduction, Selector, Unresolved, references, written
from scalingdsl.spec.plan.run_grid import PlanAxis
from scalingdsl.spec.plan.study_plan import ClaimText, StudyPlan
from scalingdsl.spec.syntax.printer import to_text

from ..support import STUDIES, STUDY, checked, plan_of

FITTED = (
    STUDY + "train adamw()  tokens in [250k..2M]  tune lr in {.01, .03}\n"
    "fit chinchilla, power(N), power(D), tail where tokens > 250k\n"
    "let tail = exponential(D)\n"
    "optimum surface(chinchilla)\n"
)
LABELLED = (
    "data {one: walk(er(n=512, p=.02)), two: walk(ba(n=512))}\n"
    "models transformer(param={SP, muP})  width in [32..256]\nfit power(N)\n"
)
CLAIMS = [
    "alpha(power(N)) in [.2..1.1]",
    "alpha(power(N), tokens=1M) > 20%",
    "beta within 2% of .5 and rate > .1",
    "b(surface(chinchilla)) > gamma(surface)/4",
    "mean(alpha(power(N))) + 1e-3*2 > .1",
    "max(alpha(power(N), tokens=1M), .1) < 1 < 2",
    "loss(width=64, tokens=1M) < loss(width=32, tokens=1M)",
    "loss(chinchilla, N=1M, D=20M) < 9",
    "loss < 6 and entropy_rate(width=64) > 1",
    "L(surface(chinchilla), C=3PFLOP) < 4",
    "(E(chinchilla)) within .01 of entropy_rate",
    "lr(width=64) >= .01",
    "N*loss > 10*width",
    "not rmse(tail) > 2%",
    "n(power(D)) in {4, 5}",
]


def resolved(text: str, monkeypatch: pytest.MonkeyPatch, folder: Path | None = None) -> tuple[StudyPlan, list[Any]]:
    """The plan of a study, and the trees that its claims were checked with."""
    trees: list[Any] = []
    read = pipeline.read_claim

    def kept(*args: Any) -> Claim | None:
        claim = read(*args)
        if claim is not None:
            trees.append(claim.tree)
        return claim

    monkeypatch.setattr(pipeline, "read_claim", kept)
    plan = checked(text, folder).plan
    if plan is None:
        pytest.skip("in words that are not there yet")
    return plan, trees[: len(plan.claims)]  # a study with a fix is checked again with the fix in it


def stored(plan: StudyPlan) -> StudyPlan:
    """The plan as a results folder gives it back."""
    return StudyPlan.model_validate_json(plan.model_dump_json())


@pytest.mark.parametrize("claim", CLAIMS)
def test_a_stored_plan_has_the_references_of_its_study(claim: str, monkeypatch: pytest.MonkeyPatch) -> None:
    plan, trees = resolved(FITTED + f"expect {claim}", monkeypatch)
    found = claim_references(stored(plan))
    assert [c.tree for c in found] == trees
    assert [to_text(written(tree)) for tree in trees] == [c.test for c in plan.claims]
    assert not [tree for tree in trees if isinstance(tree, Unresolved)]


@pytest.mark.parametrize(
    "claim", ["mean(alpha(power(N)), one) > alpha(muP, two)", "loss(one) < min(loss(two, SP))", "alpha(data=one) > .1"]
)
def test_labels_of_a_stored_plan_select(claim: str, monkeypatch: pytest.MonkeyPatch) -> None:
    plan, trees = resolved(LABELLED + f"expect {claim}", monkeypatch)
    assert [c.tree for c in claim_references(stored(plan))] == trees


@pytest.mark.parametrize("path", sorted(STUDIES.glob("*.scl")), ids=lambda path: path.stem)
def test_studies_round_trip(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    plan, trees = resolved(path.read_text(encoding="utf-8"), monkeypatch, path.parent)
    assert [c.tree for c in claim_references(stored(plan))] == trees


def ref(claim: str, **changes: Any) -> QuantityRef:
    """The first quantity of a claim that was never checked, such as one of an older plan."""
    plan = plan_of(FITTED).changed(claims=(ClaimText(test=claim),), **changes)
    (found,) = claim_references(plan)
    return next(references(found.tree))


def test_a_bare_name_is_that_of_the_only_fit_or_of_the_only_law_in_n_and_d() -> None:
    """The rule of the study, also for text that leaves it open."""
    assert ref("rate > 1").request == plan_of(FITTED).fits[3]
    assert ref("beta > .1").request == plan_of(FITTED).fits[0]
    assert ref("N > 1").kind == "size"
    assert ref("gamma > 1").kind == "optimum"


def test_what_stands_for_nothing_says_why() -> None:
    for claim, reason in (
        ("E(power) > 1", "`power` may be any of several fits: write `power(N)` or `power(D)`"),
        ("hill > 1", "nothing in this study gives `hill`"),
        ("beta(power(C)) > 1", "this study has no fit `power(C)`"),
    ):
        (found,) = claim_references(plan_of(FITTED).changed(claims=(ClaimText(test=claim),)))
        assert isinstance(found.tree.first, Unresolved)
        assert found.tree.first.reason.startswith(reason)


def test_a_claim_in_words_of_a_later_version_is_kept_as_text() -> None:
    (found,) = claim_references(plan_of(FITTED).changed(claims=(ClaimText(test="loss ~ 3"),)))
    assert isinstance(found.tree, Unresolved)
    assert to_text(written(found.tree)) == '"loss ~ 3"'


def test_selectors_and_sizes_are_told_apart() -> None:
    found = ref("loss(chinchilla, N=1M, D=20M) < 9")
    assert (found.kind, found.selectors) == ("fit", ())
    assert found.at == (Selector("D", 20_000_000), Selector("N", 1_000_000))
    found = ref("loss(N=1M, width=64) < 9")
    assert (found.kind, found.at) == ("measured", ())
    assert found.selectors == (Selector("N", 1_000_000), Selector("width", 64))


def test_a_reduction_keeps_what_it_selects() -> None:
    plan = plan_of(FITTED).changed(claims=(ClaimText(test="mean(alpha(power(N)), tokens=1M) > 1"),))
    (found,) = claim_references(plan)
    reduction = found.tree.first
    assert isinstance(reduction, Reduction)
    assert reduction.selectors == (Selector("tokens", 1_000_000),)
    assert isinstance(reduction.quantity, QuantityRef)


def test_a_table_that_measures_more_has_its_own_numbers(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    rows = "\n".join(f"{n},{2 + n**-0.3},{0.5 + n / 1e6},{kind}" for n in (1000, 2000, 4000, 8000) for kind in "ab")
    (tmp_path / "t.csv").write_text(f"N,loss,accuracy,kind\n{rows}\n")
    study = 'data table("t.csv", accuracy="accuracy", kind="kind")\nfit power(N)\n'
    claims = "expect accuracy(a) > .5\nexpect alpha(power(N), kind=b) > mean(alpha(power(N)), a)"
    plan, trees = resolved(study + claims, monkeypatch, tmp_path)
    kind = PlanAxis(names=("kind",), role="panel", points=(("a",), ("b",)), named=True)
    assert [c.tree for c in claim_references(stored(plan), (kind,))] == trees
    assert [r.kind for tree in trees for r in references(tree)] == ["measured", "fit", "fit"]
