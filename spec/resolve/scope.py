"""The names that a study brings along, for its laws, conditions and claims to ask by."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from ..plan.run_grid import REDUCED
from ..syntax import ast
from ..syntax.visit import as_call, calls_in
from ..vocabulary.base import REGISTRY, DataShape, Part
from ..vocabulary.functions import PCA, SHARE
from ..vocabulary.parameters import typed
from ..vocabulary.quantities import measured_by_families
from ..vocabulary.words.families import Family
from ..vocabulary.words.sources import Source
from .components import KEPT, Component
from .lower import Lowered


def shape_of(call: ast.Call) -> DataShape | None:
    """What a source gives; None for a word that is no source, or a part that is none."""
    word = REGISTRY.get(call.name)
    if word is None or not issubclass(word, Source):
        return None
    if not word.shaped_by:
        return word.shape
    first = word.order[:1] == (word.shaped_by,)
    named = (arg.value for arg in call.args if isinstance(arg, ast.Define) and arg.name == word.shaped_by)
    inner = next(named, None) or (call.args[0] if first and call.args else None)
    part = None if inner is None or isinstance(inner, ast.Axis) else as_call(inner)
    return None if part is None else shape_of(part)


def facts_of(sources: Iterable[ast.Call]) -> frozenset[str]:
    """Numbers of what the study's sources draw that claims may ask for."""
    calls = tuple(sources)
    words = [REGISTRY.get(call.name) for call in calls]
    own = frozenset(f for w in words if w is not None and issubclass(w, Source) for f in w.facts)
    columns = ((arg.name, arg.value) for call in calls for arg in call.named)
    return own | {f"{SHARE}_{name}" for name, value in columns if isinstance(value, ast.Call) and value.name == PCA}


def letters_of(components: Mapping[Part, Component]) -> dict[str, str]:
    """Letters of other texts, and names that the study gives them, for the parameters of its sources: `s` of a
    hierarchy is its `branch`.
    """
    calls = [(part, c) for part, o in components.items() for b in o.alternatives for c in calls_in(b.call)]
    calls = [(part, call) for part, call in calls if call.name in REGISTRY]
    own = {name for _, call in calls for name in typed(REGISTRY[call.name])}
    found: dict[str, str] = {}
    for call in (call for part, call in calls if part == "data"):
        word = REGISTRY[call.name]
        given = [arg.name for arg in call.named]
        for name in (*(one for one in word.also if len(one) == 1), *given):
            meant = word.also.get(name.lower(), "").removesuffix("={}")
            if meant in typed(word) and name not in own:
                found.setdefault(name, meant)
    return found


def tuned_columns(sources: Iterable[ast.Call]) -> tuple[str, ...]:
    """Columns of the study's tables of which the best is kept: `table("sweep.csv", best_over="lr, batch")`."""
    given = (arg.value for call in sources for arg in call.named if arg.name == KEPT)
    texts = [value.value for value in given if isinstance(value, ast.String)]
    return tuple(dict.fromkeys(name for text in texts for piece in text.split(",") if (name := piece.strip())))


def measures_of(components: Mapping[Part, Component]) -> tuple[str, ...]:
    """Numbers that the study's models measure beside the loss."""
    calls = (b.call for b in components["models"].alternatives) if "models" in components else ()
    words = [REGISTRY.get(call.name) for call in calls]
    found = {name for w in words if w is not None and issubclass(w, Family) for name in w.may_measure()}
    return tuple(name for name in measured_by_families() if name in found)


def known_names(components: Mapping[Part, Component], lowered: Lowered) -> frozenset[str]:
    """Names a law may be read in beside the quantities of a run: axes, definitions, parameters in use, columns."""
    names = {name for axis in lowered.axes for name in axis.names} | {name for name, _ in lowered.definitions}
    names |= {name for sweep in lowered.unused for name in sweep.names}
    calls = (call for o in components.values() for b in o.alternatives for call in calls_in(b.call))
    for call in calls:
        names |= {arg.name for arg in call.named}
        names |= set(typed(REGISTRY[call.name]) if call.name in REGISTRY else ())
    return frozenset(names)


def reduced_names(lowered: Lowered) -> frozenset[str]:
    """Names of the axes that cells are reduced over."""
    return frozenset(name for axis in lowered.axes if axis.role in REDUCED for name in axis.names)


def parameter_names() -> frozenset[str]:
    """Parameters of everything that a run is made of."""
    kinds = ("source", "graph", "family", "optimiser")
    return frozenset(name for word in REGISTRY.values() if word.kind in kinds for name in typed(word))
