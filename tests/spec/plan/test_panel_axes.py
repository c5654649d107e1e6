"""Which axes move what, and so which are panels."""

from __future__ import annotations

import pytest
from scalingdsl.spec.plan.panel_axes import cell_axis_names, moved_by, panel_axes

from ..support import DATA, STUDY, plan_of

PATH = STUDY + "train adamw(schedule=wsd, warmup=10steps)  tokens along [1M..4M]  tune lr in {.01, .03}"
RATIO = STUDY + "train adamw()  ratio in {20, 50}  tokens = ratio*N"
BUDGETS = STUDY + "train adamw()  compute in [1TFLOP..4TFLOP]"
SHAPES = (
    DATA + "models transformer(layers=width/aspect)  width in [64..256]  panel aspect in {32, 64}\n"
    "train adamw()  tokens in [1M..4M]"
)
HEADS = (
    DATA + "models transformer(heads in {1, 2})  width in [64..256]\ntrain adamw()  tokens in [1M..4M]  seed in {0, 1}"
)
JOINT = DATA + "models transformer()  width & layers in {(32, 1), (64, 2)}\ntrain adamw()  tokens in [1M..4M]"
GRAPHS = "data walk(er(n={128, 256}, p=.1), kappa={0, 1})\nmodels width in [32..64]\ntrain adamw()  tokens in [1M..4M]"
DIAGONAL = STUDY + "train adamw()  tokens in [1M..8M]  where tokens == width*31250"


@pytest.mark.parametrize(
    ("study", "quantity", "axes"),
    [
        (STUDY, "N", {"width"}),
        (STUDY, "N_body", {"width"}),
        (STUDY, "D", {"tokens"}),
        (STUDY, "C", {"width", "tokens"}),
        (STUDY, "width", {"width"}),
        (STUDY, "layers", set()),
        (RATIO, "D", {"ratio", "width"}),
        (RATIO, "N", {"width"}),
        (BUDGETS, "N", {"width"}),
        (BUDGETS, "D", {"width", "compute"}),
        (BUDGETS, "C", {"compute"}),
        (SHAPES, "N", {"width"}),
        (HEADS, "N", {"width"}),
        (JOINT, "N", {"width", "layers"}),
        (PATH, "D", {"tokens"}),
        (PATH, "C", {"tokens", "width"}),
        (GRAPHS, "N", {"width"}),
        (GRAPHS, "D", {"tokens"}),
        (DIAGONAL, "N", {"width", "tokens"}),
    ],
)
def test_what_moves_a_quantity(study: str, quantity: str, axes: set[str]) -> None:
    plan = plan_of(study)
    assert moved_by(list(plan.runs()), plan, quantity) == axes


@pytest.mark.parametrize(
    ("study", "variables", "panels"),
    [
        (STUDY, ("N", "D"), ()),
        (STUDY, ("N",), ("tokens",)),
        (STUDY, ("D",), ("width",)),
        (BUDGETS, ("N",), ("compute",)),
        (BUDGETS, ("D",), ("width",)),
        (BUDGETS, ("C",), ()),
        (STUDY, ("C",), ()),
        (RATIO, ("N",), ("ratio",)),
        (RATIO, ("D",), ("width",)),
        (SHAPES, ("N", "D"), ("aspect",)),
        (HEADS, ("N",), ("heads", "tokens")),
        (GRAPHS, ("N", "D"), ("n", "kappa")),
        (STUDY + "train adamw()  tokens = 20*N", ("D",), ()),
    ],
)
def test_every_other_axis_is_a_panel(study: str, variables: tuple[str, ...], panels: tuple[str, ...]) -> None:
    plan = plan_of(study)
    assert panel_axes(list(plan.runs()), plan, variables) == panels


def test_an_axis_of_the_data_is_seen_by_a_law_in_it() -> None:
    assert [(a.name, a.role) for a in plan_of(GRAPHS).axes][:2] == [("n", "panel"), ("kappa", "panel")]
    text = GRAPHS.replace("{128, 256}", "[128..512]") + "\nfit power(n)"
    assert [(a.name, a.role) for a in plan_of(text).axes][:2] == [("n", "sweep"), ("kappa", "panel")]


def test_cells_leave_out_what_is_tuned_and_averaged() -> None:
    assert cell_axis_names(plan_of(HEADS)) == ("heads", "width", "tokens")
    assert cell_axis_names(plan_of(PATH)) == ("width", "tokens")
