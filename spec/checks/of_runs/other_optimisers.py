"""Optimisers that cannot train the models of a study, and what is written in their place."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace

from ...expressions.canonical_tree import text
from ...plan.coerce import called
from ...plan.grid import Grid
from ...plan.study_plan import StudyPlan
from ...resolve.components import DEFAULTS
from ...syntax import ast
from ...vocabulary.base import REGISTRY
from ...vocabulary.words.training import GradientOptimiser, Optimiser

#: What a recipe calls its optimiser.
_NAMING = ("optimiser", "optimizer", "optim")


def trains_elsewhere(grid: Grid) -> bool:
    """True where what stands for `train` is for a trainer of the person's own."""
    word = REGISTRY.get(grid.calls["train"].name)
    return word is not None and issubclass(word, Optimiser) and word.elsewhere


def as_optimiser(every: Iterable[Grid]) -> str:
    """The help that writes out what a trainer of one's own is given for the optimisers that it names."""
    calls = {grid.labels.get("train", ""): grid.calls["train"] for grid in every}
    each = {label: _named(call) for label, call in calls.items()}
    written = ", ".join(f"{label}: {code}" if label else code for label, (code, _) in each.items())
    lost = dict.fromkeys(said for _, outs in each.values() for said in outs)
    return "; ".join((f"write `train {{{written}}}`" if "" not in each else f"write `train {written}`", *lost))


def _named(recipe: ast.Call) -> tuple[str, tuple[str, ...]]:
    """What is given to a trainer as the optimiser that it names takes it, and what is said of the rest."""
    from ..arguments.translated_calls import as_word

    names = {a.name: text(a.value).strip('"').lower() for a in recipe.named if a.name in _NAMING}
    word = next((called(name, "optimiser") or name for name in names.values()), "")
    head = REGISTRY.get(word.partition("(")[0])
    head = head if head is not None and issubclass(head, GradientOptimiser) else REGISTRY[DEFAULTS["train"]]
    rest = tuple(a for a in recipe.args if not (isinstance(a, ast.Define) and a.name in names))
    return as_word(head, replace(recipe, args=rest))


def untaught(grid: Grid, plan: StudyPlan) -> tuple[str, str]:
    """An optimiser that can make nothing of the models, and which could; beside others that can it is left out."""
    family, optimiser = grid.calls["models"].name, grid.calls["train"].name
    fitting = [w for w, t in REGISTRY.items() if issubclass(t, Optimiser) and grid.family.taught_by(t)]
    does = "is solved in closed form" if grid.family.solved else "is trained"
    steps = issubclass(word := REGISTRY[optimiser], Optimiser) and word.takes_steps
    has = "has none for it" if grid.family.solved else "trains no network" if steps else "takes no step"
    way = " or ".join(f"`train {word}`" for word in (fitting if grid.family.solved else fitting[:1]))
    label = grid.labels.get("train", optimiser)
    others = [a.call.split("(")[0] for a in plan.train if a.call.split("(")[0] in fitting]
    shown = f"{label}: {optimiser}(...)" if label != optimiser else text(grid.calls["train"])
    way = f"leave `{shown}` out, and what is said of `{label}`" if others else f"write {way}"
    if not others and not grid.family.solved:
        from ..arguments.translated_calls import as_word

        written, lost = as_word(REGISTRY[fitting[0]], grid.calls["train"])
        way = "; ".join((f"write `train {written}`", *lost))
    return f"`{family}` {does}, and `{optimiser}` {has}", way
