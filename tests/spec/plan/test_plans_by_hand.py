"""Plans that no checker made: of another version, or written by a hand. They are refused in words."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from scalingdsl.spec import load
from scalingdsl.spec.errors import SpecError
from scalingdsl.spec.plan.study_plan import StudyPlan

TEXT = (
    "data walk(er(n=64, p=.1)); models transformer(layers=2, heads=1) width in [16..64]; train adamw(lr=.01) tokens=64k"
)


def body() -> dict[str, Any]:
    return load("a.scl", text=TEXT).model_dump(mode="json")


def call(kind: str, text: str) -> Callable[[dict[str, Any]], None]:
    def change(plan: dict[str, Any]) -> None:
        plan[kind][0]["call"] = text

    return change


def shorten(plan: dict[str, Any]) -> None:
    plan["axes"][0]["points"][1] = []


@pytest.mark.parametrize(
    ("change", "said"),
    [
        (call("models", "transdormer(layers=2)"), "`transdormer` is no model"),
        (call("data", "walk(craph=er(n=64, p=0.1))"), "`walk` has no parameter `craph`"),
        (call("models", "transformer(width=width, layers=2, heads=1)-1"), "is no call"),
        (call("data", "- walk(graph=er(n=64, p=0.1))"), "is no call"),
        (call("models", "transformer(idth=width)"), "has no parameter `idth`"),
        (call("models", "transformer(width=-1, layers=2, heads=1)"), "wants a whole number of at least"),
        (call("models", "transformer(width=w, layers=2, heads=1)"), "has no value here"),
        (shorten, "argument 2 is shorter"),
    ],
)
def test_a_plan_that_cannot_be_carried_out_is_refused(change: Callable[[dict[str, Any]], None], said: str) -> None:
    plan = body()
    change(plan)
    with pytest.raises(SpecError, match=said):
        list(StudyPlan.model_validate(plan).runs())
