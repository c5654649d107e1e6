"""From a checked component to the plan. Defaults are filled in here and nowhere else."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from ..expressions.canonical_tree import text
from ..expressions.sweeps import spread
from ..plan import run_grid
from ..plan.run_grid import PlanAxis
from ..plan.templates import Stands, Template, Templates
from ..syntax import ast
from ..syntax.visit import free_names
from ..vocabulary.base import PARTS, REGISTRY, Part
from ..vocabulary.quantities import amounts
from ..vocabulary.settings import SETTINGS
from ..vocabulary.words.families import Family
from ..vocabulary.words.sources import Source
from .components import Alternative, Component, Sweep, argument

#: Tokens that a study trains on where it does not say, as it would be written.
DEFAULT_TOKENS = ("150k", "600k")


@dataclass(frozen=True)
class Lowered:
    """The grid of a plan."""

    axes: tuple[PlanAxis, ...]
    alternatives: dict[Part, tuple[run_grid.Alternative, ...]]
    definitions: tuple[tuple[str, str], ...]
    where: tuple[str, ...]
    #: What the texts above are made from.
    templates: Templates
    #: Sweeps that no alternative and no definition answers to.
    unused: tuple[Sweep, ...]
    #: Names of the axes that say which data a run sees.
    data_axes: frozenset[str] = frozenset()

    def panelled(self, variables: set[str]) -> Iterator[PlanAxis]:
        """The axes; those of names are panels, as are those that say which data a run sees, unless a law is in them."""
        for axis in self.axes:
            which = axis.named or (axis.name in self.data_axes and not variables & set(axis.names))
            yield axis.changed(role="panel") if which and axis.role == "sweep" else axis


def names_read(node: Any, definitions: Mapping[str, Any]) -> set[str]:
    """Names that a value reads, through the study's definitions."""
    found: set[str] = set()
    waiting = list(free_names(node))
    while waiting:
        name = waiting.pop()
        if name not in found:
            found.add(name)
            if name in definitions:
                waiting.extend(free_names(definitions[name]))
    return found


def all_sweeps(components: Mapping[Part, Component]) -> Iterator[Sweep]:
    """Every sweep of a study in the order of its components: those of the alternatives, then those behind the head."""
    for part in PARTS:
        if part in components:
            for alternative in components[part].alternatives:
                yield from alternative.sweeps
            yield from components[part].sweeps


def given_names(call: ast.Call) -> set[str]:
    """Names that a call's own arguments read as themselves (`lr=lr`): its swept arguments, nested ones too."""
    found: set[str] = set()
    for arg in call.named:
        if arg.value == ast.Name(arg.name):
            found.add(arg.name)
        elif isinstance(arg.value, ast.Call):
            found |= given_names(arg.value)
    return found


def lower_grid(components: Mapping[Part, Component]) -> Lowered:
    """Axes, alternatives, definitions and conditions of a plan."""
    definitions = {d.name: d.value for o in components.values() for d in o.defines}
    owners, unused = _owners(components, definitions)
    axes = _axes(components, unused)
    fresh = "train" in components and not (all_on_points(components) or all_elsewhere(components))
    if fresh and not _amounts(components, definitions):
        low, high = map(ast.Number, DEFAULT_TOKENS)
        default = spread(ast.Range(low, high), lambda d: None)
        axes.append(PlanAxis(names=("tokens",), points=tuple((x,) for x in default)))
        for alternative in components["train"].alternatives:
            owners.setdefault(("train", alternative.label), set()).add("tokens")
    by_name = {axis.name: axis for axis in axes}
    alternatives: dict[Part, tuple[run_grid.Alternative, ...]] = dict.fromkeys(PARTS, ())
    templates: dict[Part, tuple[Template, ...]] = dict.fromkeys(PARTS, ())
    for part, o in components.items():
        alternatives[part] = tuple(
            _alternative(b, o, sorted(owners.get((part, b.label), ()), key=list(by_name).index), by_name)
            for b in o.alternatives
        )
        templates[part] = tuple(Template(b.call, _stands((*o.sweeps, *b.sweeps))) for b in o.alternatives)
    conditions = tuple(o.where for part in PARTS if part in components and (o := components[part]).where is not None)
    return Lowered(
        axes=tuple(axes),
        alternatives=alternatives,
        definitions=tuple((name, text(node)) for name, node in definitions.items()),
        where=tuple(text(node) for node in conditions),
        templates=Templates(templates, definitions, conditions, _stands(all_sweeps(components))),
        unused=tuple(unused),
        data_axes=_data_axes(components),
    )


def all_tables(components: Mapping[Part, Component]) -> bool:
    """True where the data are measurements made elsewhere, so that nothing is trained."""
    alternatives = components["data"].alternatives if "data" in components else ()
    return bool(alternatives) and all(_is_table(alternative) for alternative in alternatives)


def all_on_points(components: Mapping[Part, Component]) -> bool:
    """True where every model of a study learns from points, so that D is its own."""
    words = _families(components)
    return bool(words) and all(word.learns_from == "points" for word in words)


def all_elsewhere(components: Mapping[Part, Component]) -> bool:
    """True where trainers of the person's own train every model of a study, on as much as they like unless it says."""
    words = _families(components)
    return bool(words) and all(word.learns_from == "elsewhere" for word in words)


def none_trained(components: Mapping[Part, Component]) -> bool:
    """True where no model of a study takes steps."""
    words = _families(components)
    return bool(words) and not any(word.trained for word in words)


def _families(components: Mapping[Part, Component]) -> list[type[Family]]:
    words = [REGISTRY.get(b.call.name) for b in components["models"].alternatives] if "models" in components else []
    return [word if word is not None and issubclass(word, Family) else Family for word in words]


#: Data axes that say how much data there is; every other says which data.
DATA_AMOUNTS = frozenset({"unique", "samples"})


def _data_axes(components: Mapping[Part, Component]) -> frozenset[str]:
    """Axes of the source's parameters: another graph or another length is another law."""
    o = components.get("data")
    if o is None:
        return frozenset()
    own = [s for b in o.alternatives for s in b.sweeps]
    own += [s for s in o.sweeps if any(set(s.names) & given_names(b.call) for b in o.alternatives)]
    return frozenset(s.name for s in own if not DATA_AMOUNTS & set(s.names))


def _stands(sweeps: Iterable[Sweep]) -> Stands:
    return {name: trees for sweep in sweeps for name, trees in sweep.stands.items()}


def _amounts(components: Mapping[Part, Component], definitions: Mapping[str, Any]) -> set[str]:
    """The amounts a study gives, wherever it gives them."""
    names = {name for sweep in all_sweeps(components) for name in sweep.names} | set(definitions)
    for o in components.values():
        for alternative in o.alternatives:
            names |= {a.name for a in alternative.call.named}
    return names & set(amounts())


Owners = dict[tuple[Part, str], set[str]]


def _owners(components: Mapping[Part, Component], definitions: Mapping[str, Any]) -> tuple[Owners, list[Sweep]]:
    """The alternatives that each axis multiplies, and the sweeps that nothing answers to.

    A parameter's axis belongs to the alternatives that give the parameter; a setting's, such as `tokens`, to its
    component; the study's own variable to every alternative that reads it, and to all of `train` where a setting's
    definition does.
    """
    owners: Owners = {}
    unused: list[Sweep] = []
    settings = {name for d in definitions if d in SETTINGS for name in names_read(definitions[d], definitions)}
    for part, o in components.items():
        for alternative in o.alternatives:
            for sweep in alternative.sweeps:
                owners.setdefault((part, alternative.label), set()).add(sweep.name)
        for sweep in o.sweeps:
            found = [(part, b.label) for b in o.alternatives if set(sweep.names) & given_names(b.call)]
            if not found and set(sweep.names) & set(SETTINGS):
                home: Part = part if part == "train" or "train" not in components else "train"
                there = components[home].alternatives
                found = [(home, b.label) for b in there if not any(argument(b.call, name) for name in sweep.names)]
            if not found:
                found = [
                    (other, b.label)
                    for other, out in components.items()
                    for b in out.alternatives
                    if set(sweep.names) & names_read(b.call, definitions)
                ]
                if set(sweep.names) & settings and "train" in components:
                    found += [("train", b.label) for b in components["train"].alternatives]
            if not found:
                found = [(part, b.label) for b in o.alternatives if _is_table(b)]
            if not found:
                unused.append(sweep)
            for key in found:
                owners.setdefault(key, set()).add(sweep.name)
    return owners, unused


def _is_table(alternative: Alternative) -> bool:
    """True for a table, whose axes are its columns."""
    word = REGISTRY.get(alternative.call.name)
    return word is not None and issubclass(word, Source) and word.shape == "table"


def _axes(components: Mapping[Part, Component], unused: Iterable[Sweep]) -> list[PlanAxis]:
    """One axis a name: the alternatives of a component first, then sweeps in order; those of one name joined."""
    axes: dict[str, PlanAxis] = {}
    for part in PARTS:
        if part in components and components[part].listed:
            labels = tuple((b.label,) for b in components[part].alternatives)
            axes[part] = PlanAxis(names=(part,), points=labels, named=True)
    skipped = {id(s) for s in unused}
    for sweep in all_sweeps(components):
        if id(sweep) in skipped:
            continue
        known = axes.get(sweep.name)
        points = sweep.points.points
        values = {label: text(tree) for trees in sweep.points.stands for label, tree in trees.items()}
        along = sweep.along
        if known is not None:
            points = (*known.points, *(p for p in points if p not in known.points))
            values = {**dict(known.values), **values}
            along = along and known.along
        named = sweep.points.named or (known is not None and known.named)
        if known is not None and not named:
            points = tuple(sorted(points))
        axes[sweep.name] = PlanAxis(
            names=sweep.names,
            role=sweep.role if known is None else known.role,
            points=points,
            named=named,
            along=along,
            values=tuple(sorted(values.items())),
        )
    return list(axes.values())


def _alternative(
    alternative: Alternative, o: Component, owned: list[str], axes: Mapping[str, PlanAxis]
) -> run_grid.Alternative:
    sweeps = {s.name: s for s in (*o.sweeps, *alternative.sweeps)}
    own = {
        name: sweeps[name].points.points
        for name in owned
        if name in sweeps and sweeps[name].points.points != axes[name].points
    }
    return run_grid.Alternative(
        label=alternative.label,
        call=text(alternative.call),
        axes=tuple(owned),
        points=tuple(own.items()),
        along=tuple(name for name in owned if name in sweeps and sweeps[name].along),
    )
