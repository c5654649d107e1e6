"""Identity: what a study and a run are, whatever way they are written."""

from __future__ import annotations

import hashlib
import json
from pathlib import Path

import pytest
from scalingdsl.spec import StudyPlan, load
from scalingdsl.spec.syntax.numbers import canonical_number
from scalingdsl.spec.vocabulary.identity import digest

from .support import ONE_LINE, STUDIES, STUDY, plan_of

WALKS = (STUDIES / "walks.scl").read_text()
ROOT = Path(__file__).parents[2]
#: Of each study: its plan's digest, the number of its runs, a hash of their keys.
IDENTITIES: dict[str, list[str | int]] = json.loads(Path(__file__).with_name("digests.json").read_text())


@pytest.mark.parametrize(
    ("text", "plan", "first"),
    [
        (ONE_LINE, "ff1dd5ddaa4b5050", "1999ac7dd7798249"),
        (WALKS, "c1624a001c5f6594", "37d48c90335a0127"),
        ((STUDIES / "k_branches.scl").read_text(), "fee13b23842b57a0", "d6c28a1f64d178dd"),
        ((STUDIES / "m_shapes.scl").read_text(), "1daa7915f941182a", "743c1806cb90983d"),
    ],
    ids=["one line", "walks", "branches", "shapes"],
)
def test_digests_are_golden(text: str, plan: str, first: str) -> None:
    """A change here says that stored results no longer belong to these studies: raise NUMERICS_VERSION or undo it."""
    found = plan_of(text)
    assert (found.digest, next(found.runs()).key) == (plan, first)


@pytest.mark.parametrize("name", IDENTITIES)
def test_every_run_of_every_study_is_what_it_was(name: str) -> None:
    """A change here says that stored results no longer belong to these studies: raise NUMERICS_VERSION or undo it."""
    plan = load(ROOT / name)
    keys = [run.key for run in plan.runs()] if plan.data else []
    assert [plan.digest, len(keys), hashlib.sha256("".join(keys).encode()).hexdigest()[:24]] == IDENTITIES[name]


def test_the_identity_of_every_shipped_study_is_known() -> None:
    shipped = {path.relative_to(ROOT).as_posix() for path in (ROOT / "studies").rglob("*.scl")}
    assert shipped == {name for name in IDENTITIES if name.startswith("studies/")}


def test_order_comments_and_spelling_do_not_matter() -> None:
    statements = WALKS.strip().split("\n\n")
    other = "# turned round\n" + "\n".join(reversed(statements))
    other = (
        other.replace("250k..4M", "0.25M..4000k")
        .replace(".003, .01", "3e-3, 1e-2")
        .replace("warmup=2%)", "warmup=.02)  # a comment")
    )
    other = other.replace("kappa=0, length=50", "length=50, kappa=0.0").replace(
        "er(n=512, p=.02, seed=0)", "er(512, .02, seed=0)"
    )
    assert other != WALKS
    assert plan_of(other).digest == plan_of(WALKS).digest
    assert {r.key for r in plan_of(other).runs()} == {r.key for r in plan_of(WALKS).runs()}


def test_lets_and_their_values_are_one() -> None:
    with_let = "let p = 2%\n" + STUDY.replace(".02", "p")
    assert plan_of(with_let).digest == plan_of(STUDY).digest


@pytest.mark.parametrize(
    "change",
    [
        (".02", ".03"),
        ("[32..256]", "[32..512]"),
        ("models", "train adamw(clip=2)\nmodels"),
        ("data", "fit power(N)\ndata"),
    ],
)
def test_what_changes_the_meaning_changes_the_digest(change: tuple[str, str]) -> None:
    assert plan_of(STUDY.replace(*change)).digest != plan_of(STUDY).digest


def test_files_count_by_content_not_by_name(tmp_path: Path) -> None:
    edges = "".join(f"{i} {(i + 1) % 9}\n" for i in range(9))
    (tmp_path / "one.txt").write_text(edges)
    (tmp_path / "two.txt").write_text(edges)
    (tmp_path / "three.txt").write_text(edges + "0 4\n")

    def study(name: str) -> StudyPlan:
        return plan_of(f'data walk(edges("{name}.txt"))\nmodels width=64', tmp_path)

    assert study("one").digest == study("two").digest != study("three").digest
    assert next(study("one").runs()).key == next(study("two").runs()).key != next(study("three").runs()).key


@pytest.mark.parametrize("name", ["one_line", "walks", "k_branches", "m_shapes"])
def test_a_plan_survives_json(name: str) -> None:
    plan = plan_of((STUDIES / f"{name}.scl").read_text())
    again = StudyPlan.model_validate_json(plan.model_dump_json())
    assert again == plan
    assert again.digest == plan.digest
    assert [r.key for r in again.runs()] == [r.key for r in plan.runs()]


def test_numbers_agree_to_twelve_digits() -> None:
    assert canonical_number(2.0) == canonical_number(2) == 2
    assert canonical_number(0.1 + 0.2) == canonical_number(0.3)
    assert digest({"a": 2.0, "b": [1]}) == digest({"b": [1.0], "a": 2})
    assert json.dumps(canonical_number(1e300)) == "1e+300"
