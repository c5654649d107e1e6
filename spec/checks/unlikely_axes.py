"""Axes and amounts that are possible and unlikely to be meant: what is warned of in the roles and places they have."""

from __future__ import annotations

import math
import re
from collections.abc import Container, Iterator, Sequence
from itertools import pairwise
from typing import Any

from ..diagnostics.collect import Fault
from ..diagnostics.suggest import listing
from ..errors import Diagnostic, Edit, Fix
from ..expressions.canonical_tree import text
from ..expressions.sweeps import constant
from ..plan.study_plan import StudyPlan
from ..resolve.components import Alternative, Sweep
from ..resolve.lower import all_sweeps
from ..syntax import ast
from ..syntax.numbers import short, text_of
from ..syntax.visit import calls_in, free_names, map_children
from ..vocabulary.base import REGISTRY
from ..vocabulary.parameters import fields_of, typed
from ..vocabulary.settings import SETTINGS
from ..vocabulary.words.families import Family
from ..vocabulary.words.training import HIGHEST_RATE
from .axis_rules import ALONG, named_axes, seeds_of_graphs
from .component_rules import Components


def one_seed(components: Components) -> Iterator[Diagnostic]:
    """`seed = 3` is the seed of that number, and reads like three of them."""
    for define in (d for o in components.values() for d in o.defines):
        given = define.value
        if define.name == "seed" and isinstance(given, ast.Number) and given.text in "23456789":
            few = ", ".join(map(str, range(int(given.text))))
            message = f"`seed = {given.text}` is one run a point with the seed of that number, not {given.text} seeds"
            helps = (f"for so many seeds write `seed in {{{few}}}`", "for one, `seed = 0` is understood by everyone")
            yield Diagnostic("SCL217", message, define.span, severity="warning", helps=helps)


def shared_seeds(components: Components) -> Iterator[Diagnostic]:
    """Seeds of a graph listed beside those of training: they are one axis, and no graph is trained twice."""
    swept = [s for s in all_sweeps(components) if s.names == ("seed",) and len(s.points.points) > 1]
    trained = next((s for s in swept if s.part == "train"), None)
    if trained is not None and swept[0].part == "data" and (apart := seeds_of_graphs(components, swept[0])):
        n = len(swept[0].points.points)
        message = f"the graph and training share one axis `seed`: its {n} values are {n} graphs, each trained once"
        one = f"or, for one run on each graph, leave `seed in {text(trained.values)}` out"
        yield Diagnostic("SCL217", message, trained.span, severity="warning", helps=(*apart, one))


def doubled_seeds(components: Components) -> Iterator[Diagnostic]:
    """`seed in [1..4]` doubles as every range does, where seeds are counted; `[1..2]` is the same either way."""
    for sweep in all_sweeps(components):
        given, points = sweep.values, [p[0] for p in sweep.points.points]
        if sweep.names != ("seed",) or not isinstance(given, ast.Range) or given.grid is not None:
            continue
        first, last = points[0], constant(given.stop)
        if isinstance(first, int) and points[-1] == last and len(points) < last - first + 1:
            counted = f"[{first}..{last} step 1]"
            message = f"`{text(given)}` doubles: its seeds are {listing(map(str, points))}"
            helps = (
                f"write `seed in {counted}` for every seed from one end to the other",
                f"or `seed in {{{', '.join(map(str, points))}}}` for these",
            )
            fixes = (Fix((Edit(given.span, counted),), "maybe-incorrect"),)
            yield Diagnostic("SCL217", message, given.span, severity="warning", helps=helps, fixes=fixes)


#: Values of one axis from which a step was meant to be longer, and those that are offered in their place.
MANY, OFFERED = 500, 50


def short_steps(components: Components) -> Iterator[Diagnostic]:
    """`tokens in [100k..1M step 100]`: a step without the magnitude of its ends has a thousand values where ten are
    meant; `times 1.001` and `count 1000` have as many. Points along a run cost one run, and models that are not trained
    next to nothing.
    """
    models = components.get("models")
    if models is None or not any(map(_is_trained, models.alternatives)):
        return
    for sweep in all_sweeps(components):
        given, n = sweep.values, len(sweep.points.points)
        if sweep.names == ("seed",) or sweep.along or n < MANY:
            continue
        if not isinstance(given, ast.Range) or given.by is None:
            continue
        ends = f"{sweep.name} in [{text(given.start)}..{text(given.stop)}"
        helps: tuple[str, ...] = (f"write `{ends} count 10]` for ten",)
        low, high, by = constant(given.start), constant(given.stop), constant(given.by)
        for unit, factor in (("k", 1e3), ("M", 1e6), ("G", 1e9)) if given.grid == "step" else ():
            few = int((high - low) / (by * factor)) + 1
            if 1 < few <= OFFERED and isinstance(given.by, ast.Number) and given.by.text.isdigit():
                helps = (f"write `{ends} step {given.by.text}{unit}]`, which has {few}",)
                break
        message = f"`{text(given)}` has {n:,} values, and each of them is trained"
        yield Diagnostic("SCL312", message, given.span, severity="warning", helps=helps)


def _is_trained(b: Alternative) -> bool:
    """True for models that an optimiser trains step by step."""
    word = REGISTRY.get(b.call.name)
    return word is not None and issubclass(word, Family) and word.trained and not word.solved


#: How many times all other rates one is that is above any usual one and likely mistyped, `1e2` among `1e-3` and `3e-2`.
FAR_ABOVE = 100.0


def outlying_rates(components: Components) -> Iterator[Diagnostic]:
    """`tune lr in {1e-3, 3e-3, 1e2}`: a rate far above all others, at which nothing can train."""
    for sweep in all_sweeps(components):
        rates = sorted({p[0] for p in sweep.points.points if isinstance(p[0], int | float)})
        if sweep.names != ("lr",) or len(rates) < 3 or rates[-1] <= HIGHEST_RATE or rates[-2] > HIGHEST_RATE:
            continue
        if rates[-1] >= FAR_ABOVE * rates[-2]:
            others = f"{text_of(rates[0])} to {text_of(rates[-2])}"
            message = f"a rate of {text_of(rates[-1])} is far above the others, {others}"
            helps = (f"leave it out, or mend it: `{_nearer(rates[-1], rates[:-1])}` for instance",)
            yield Diagnostic("SCL218", message, sweep.values.span, severity="warning", helps=helps)


def _nearer(rate: float, others: Sequence[float]) -> str:
    """A rate with another power of ten: that of the other sign where it lies among the others, or a step from them."""
    turned = rate * 10.0 ** (-2 * math.floor(math.log10(rate)))
    if others[0] < turned < others[-1] and not any(math.isclose(turned, o) for o in others):
        return text_of(float(f"{turned:.6g}"))
    typical = math.log(max(b / a for a, b in pairwise(others)))
    ways = [float(f"{rate * 10.0**k:.6g}") for k in range(-12, 13)]
    apart = {w: min(abs(math.log(w / o)) for o in others) for w in ways}
    far = {w: round(abs(a - typical), 3) + abs(math.log(w / rate)) / 1e6 for w, a in apart.items() if a > 0.01}
    return text_of(min(far, key=lambda w: far[w]))


#: How many times a rate the next one is, where the lower is likely mistyped, `3e-8` beside `3e-3` and `1e-2`.
FAR_BELOW = 1000.0
#: A factor between the least and the greatest of tuned rates within which all train alike.
SAME_RATES = 1.25


def rates_out_of_line(components: Components) -> Iterator[Diagnostic]:
    """`tune lr in {3e-8, 1e-2, 3e-2}`, a rate far below all others; `{.01, .0101, .0102}`, nearly one rate."""
    for sweep in all_sweeps(components):
        rates = sorted({float(p[0]) for p in sweep.points.points if isinstance(p[0], int | float) and p[0] > 0})
        if sweep.names != ("lr",) or len(rates) < 2:
            continue
        if sweep.role == "tune" and rates[-1] < SAME_RATES * rates[0]:
            message = (
                f"the rates tried are within {100 * (rates[-1] / rates[0] - 1):.2g}% of each other, and train alike"
            )
            around = math.sqrt(rates[0] * rates[-1])
            tried = ", ".join(text_of(float(f"{around * by:.2g}")) for by in (1 / 3, 1, 3))
            helps = (f"try rates a factor of 2 or 3 apart, such as `tune lr in {{{tried}}}`",)
            yield Diagnostic("SCL215", message, sweep.values.span, severity="warning", helps=helps)
        elif len(rates) > 2 and rates[1] >= FAR_BELOW * rates[0] and rates[-1] * rates[0] < rates[1] ** 2 / FAR_ABOVE:
            others = f"{text_of(rates[1])} to {text_of(rates[-1])}"
            message = f"a rate of {text_of(rates[0])} is far below the others, {others}"
            helps = (f"leave it out, or mend it: `{_nearer(rates[0], rates[1:])}` for instance",)
            yield Diagnostic("SCL218", message, sweep.values.span, severity="warning", helps=helps)


#: Labels that other tools give the ends of a range. Two values are called `low` and `high` here too.
ENDS = ({"min", "max"}, {"start", "stop"}, {"from", "to"})


def labelled_ends(components: Components, named: Container[str]) -> Iterator[Diagnostic]:
    """A list of two numbers called as the ends of a range are, whose labels nothing asks for.

    Args:
        components: Those of the study.
        named: Names in its fits, lets, conditions and claims.
    """
    for values in (sweep.values for sweep in all_sweeps(components) if isinstance(sweep.values, ast.Set)):
        ends = {e.label: e.value for e in values.entries}
        if {*ends} not in ENDS or any(label in named for label in ends):
            continue
        low, high = ends.values()
        if isinstance(low, ast.Number) and isinstance(high, ast.Number) and 0 < constant(low) < constant(high):
            between = f"{text(low)}..{text(high)}"
            message = f"`{text(values)}` lists two labelled values, and is no range"
            doubled, counted = f"[{between}]", f"[{between} count 5]"
            meant = doubled if math.log2(constant(high) / constant(low)).is_integer() else counted
            helps = (f"write `{meant}`" + (", which doubles" if meant == doubled else f", or `{doubled}` to double"),)
            fixes = (Fix((Edit(values.span, meant),), "maybe-incorrect"),)
            yield Diagnostic("SCL303", message, values.span, helps=helps, fixes=fixes)


def luckiest_seed(components: Components) -> Iterator[Diagnostic]:
    """A tuned seed is the one with the least loss, which is chance and no measurement."""
    for sweep in all_sweeps(components):
        if sweep.role == "tune" and sweep.names == ("seed",):
            message = "`tune seed` keeps the luckiest seed of each cell, and tells no scatter"
            helps = (f"write `seed in {text(sweep.values)}`, over which cells are averaged",)
            yield Diagnostic("SCL217", message, sweep.span, severity="warning", helps=helps)


def bases_of_widths(components: Components) -> Iterator[Diagnostic]:
    """`base_width=width` over several widths: at its base muP is the standard parametrisation, so all of them are."""
    models = components.get("models")
    for b in models.alternatives if models is not None else ():
        axes = [s for s in (*models.sweeps, *b.sweeps) if len(s.points.points) > 1]  # type: ignore[union-attr]
        at = [(s, s.names.index("width")) for s in axes if "width" in s.names]
        widths = [w for s, i in at for p in s.points.points if isinstance(w := p[i], int | float)]
        for arg in b.call.named:
            if arg.name == "base_width" and widths and _follows_width(arg.value):
                message = "a base that follows the width makes rates equal at every width, as under `param=SP`"
                least = f"`base_width={short(min(widths))}`"
                helps = (f"give the one width that rates are meant for, such as {least}, or leave it out for 64",)
                yield Diagnostic("SCL218", message, arg.span, severity="warning", helps=helps)


def _follows_width(value: ast.Value) -> bool:
    """True of the width and what is in proportion to it; `min(width, 64)` stops somewhere."""
    return {*free_names(value)} == {"width"} and not list(calls_in(value))


def rates_by_hand(components: Components) -> Iterator[Diagnostic]:
    """A rate that falls as 1/width, under a parametrisation that lets it fall so already."""
    models, train = components.get("models"), components.get("train")
    if models is None or train is None:
        return
    given = [a for b in train.alternatives for a in b.call.named if a.name == "lr"]
    by_hand = [
        a for a in given if isinstance(a.value, ast.Binary) and re.search(r"/ ?(?:sqrt\()?\(?width\b", text(a.value))
    ]
    words = [REGISTRY[b.call.name] for b in models.alternatives if b.call.name in REGISTRY]
    scaled = [w for w in words if "base_width" in typed(w)]
    plain = any(
        a.name == "param" and text(a.value) != fields_of(w)["param"].default
        for w in scaled
        for b in models.alternatives
        for a in b.call.named
    )
    for arg in by_hand if scaled and not plain else ():
        message = "the rate falls with the width twice: muP scales it by itself"
        own = {*free_names(arg.value)} - {"width"}
        if len(own) == 1 and text(arg.value).startswith(name := own.pop()):
            helps = (f"write `lr = {name}`, one rate for all widths", "or take `param=SP`, which scales nothing")
            yield Diagnostic("SCL218", message, arg.value.span, severity="warning", helps=helps)
            continue
        bases = [a.value for b in models.alternatives for a in b.call.named if a.name == "base_width"]
        base = bases[0] if bases and isinstance(bases[0], ast.Number) else ast.Number("64")
        try:
            rate = text_of(float(f"{constant(_at_width(arg.value, base)):.3g}"))
        except Fault:
            rate = "0.02"
        helps = (f"write one rate for all widths, `lr={rate}`", "or take `param=SP`, which scales nothing")
        yield Diagnostic("SCL218", message, arg.value.span, severity="warning", helps=helps)


#: How many times the usual rate of one optimiser is that of another whose rates are hardly its own.
FAR_RATES = 5.0


def one_rate_of_several(components: Components, asked: Container[str]) -> Iterator[Diagnostic]:
    """One rate, not tuned, of optimisers whose usual rates lie far apart, and that claims compare.

    Args:
        components: Those of the study.
        asked: Names in its claims.
    """
    train = components.get("train")
    if train is None or not train.listed or not any(b.label in asked for b in train.alternatives):
        return
    usual = {b.call.name: fields_of(REGISTRY[b.call.name])["lr"].default for b in train.alternatives if _has_rate(b)}
    given = [a for b in train.alternatives for a in b.call.named if a.name == "lr"]
    if len(given) < len(train.alternatives) or len({text(a.value) for a in given}) > 1 or not usual:
        return
    low, high = min(usual.values()), max(usual.values())
    if isinstance(given[0].value, ast.Number) and high >= FAR_RATES * low:
        of = listing(name for name, rate in usual.items() if rate == low)
        rest = listing(name for name, rate in usual.items() if rate != low)
        rates = f"{low:g} of {of} and {high:g} of {rest}"
        message = f"`{text(given[0]).replace(' = ', '=')}` is the rate of all, and usual are {rates}"
        several = f"[{low / 2:g}..{low / 2 * 2 ** math.ceil(math.log2(4 * high / low)):g} times 2]"
        helps = (
            f"write `tune lr in {several}` in its place, for the best rate of each",
            "or give each its own in its parentheses",
        )
        yield Diagnostic("SCL218", message, given[0].span, severity="warning", helps=helps)


def _has_rate(b: Alternative) -> bool:
    return b.call.name in REGISTRY and "lr" in fields_of(REGISTRY[b.call.name])


def _at_width(node: Any, at: ast.Number) -> Any:
    """An expression with a number for the width."""
    return at if node == ast.Name("width") else map_children(node, lambda part: _at_width(part, at))


def _sees_again(components: Components) -> bool:
    """True for runs on data of which there is an amount by itself."""
    calls = [c for o in components.values() for b in o.alternatives for c in calls_in(b.call)]
    given = {
        d.name for d in (*(d for o in components.values() for d in o.defines), *(d for c in calls for d in c.named))
    }
    return bool({"unique", "epochs", "samples"} & (given | named_axes(components)))


def tuned_amounts(components: Components) -> Iterator[Diagnostic]:
    """A tuned amount of fresh data: the longest run is the best, and tuning keeps that alone."""
    for sweep in all_sweeps(components) if not _sees_again(components) else ():
        if sweep.role == "tune" and {*sweep.names} & {*ALONG} and not _as_much(sweep):
            message = f"`tune {sweep.name}` keeps the best, and of fresh data the most is the best"
            helps = (f"write `{sweep.name} in {text(sweep.values)}`, for cells of every amount",)
            yield Diagnostic("SCL218", message, sweep.span, severity="warning", helps=helps)


def _as_much(sweep: Sweep) -> bool:
    """True for batches that move together with steps so that each run sees as much."""
    if {*sweep.names} != {"batch", "steps"} or sweep.points.named:
        return False
    return len({math.prod(map(float, point)) for point in sweep.points.points}) == 1


def tuned_batches(components: Components) -> Iterator[Diagnostic]:
    """A tuned batch at a number of steps that is the same for all: the largest sees the most data, and is the best."""
    defines = {d.name: d.value for o in components.values() for d in o.defines}
    axes = {name: s for s in all_sweeps(components) for name in s.names}
    steps, batch = defines.get("steps", axes.get("steps")), axes.get("batch")
    if steps is None or batch is None or batch.role != "tune" or _sees_again(components):
        return
    follows = not isinstance(steps, Sweep) and {"batch", *defines, *axes} & {*free_names(steps)}
    if follows or steps is batch or batch.points.named:
        return
    message = "`tune batch` keeps the best, and of so many steps the largest batch sees the most data"
    helps: tuple[str, ...] = ("say how much a run sees in place of `steps`, such as `tokens in [125k..1M]`",)
    place = batch.names.index("batch")
    values = sorted(float(p[place]) for p in batch.points.points)
    if isinstance(steps, ast.Number):
        alike = short(constant(steps) * values[len(values) // 2])
        helps = (f"write `steps = {alike}/batch`, for as many tokens with each",)
    yield Diagnostic("SCL218", message, batch.span, severity="warning", helps=helps)


def tokens_of_width(components: Components) -> Iterator[Diagnostic]:
    """`tokens = 20*width`: so many tokens for each feature, where N is meant."""
    for define in (d for o in components.values() for d in o.defines if d.name == "tokens"):
        value = define.value
        if isinstance(value, ast.Binary) and value.op == "*":
            sides = [text(value.left), text(value.right)]
            other = sides[sides[0] in SIZES_OF_MODELS] if {*sides} & {*SIZES_OF_MODELS} else ""
            if other.isdigit() and float(other) < MOST_A_PARAMETER:
                message = f"`{text(define)}` gives a few tokens for each feature of a model, and not for each parameter"
                helps = (f"write `tokens = {other}*N`",)
                fixes = (Fix((Edit(value.span, f"{other}*N"),), "maybe-incorrect"),)
                yield Diagnostic("SCL218", message, value.span, severity="warning", helps=helps, fixes=fixes)


#: Parameters of models that N grows with, and tokens for each parameter above which no ratio goes.
SIZES_OF_MODELS, MOST_A_PARAMETER = ("width", "layers"), 1000


def settings_in_sources(components: Components, plan: StudyPlan) -> Iterator[Diagnostic]:
    """An axis of a quantity of training in the parentheses of a source, which makes panels of it."""
    panels = {axis.name for axis in plan.axes if axis.role == "panel"} if plan.fits else set()
    for b in components["data"].alternatives if "data" in components else ():
        for sweep in b.sweeps:
            words = [REGISTRY[c.name] for c in calls_in(b.call) if c.name in REGISTRY]
            own = {*sweep.names} & {name for word in words for name in typed(word)}
            if sweep.role == "sweep" and sweep.name in panels and {*sweep.names} <= {*SETTINGS} and not own:
                axis = f"{sweep.name} {'along' if sweep.along else 'in'} {text(sweep.values)}"
                count = len(sweep.points.points)
                where = f"`{sweep.name}` in the parentheses of `{b.call.name}`"
                message = (
                    f"{where} is an axis of which data a run sees, so each of its {count} values has fits of its own"
                )
                helps = (f"write `{axis}` behind `train`, for one fit over all of them",)
                yield Diagnostic("SCL216", message, sweep.span, severity="warning", helps=helps)


#: The parameters of what has equal sides, in their order.
SIDES = ("side", "dim")


def exchanged_sides(components: Components) -> Iterator[Diagnostic]:
    """`lattice(2, 8)`: sides of two nodes in eight directions by their places, where eight by eight may be meant."""
    for b in components["data"].alternatives if "data" in components else ():
        for call in calls_in(b.call):
            order = REGISTRY[call.name].order if call.name in REGISTRY else ()
            placed = [a for a in call.named if a.name in order and isinstance(a.value, ast.Number)]
            if order != SIDES or any(a.name_span.end - a.name_span.start == len(a.name) for a in placed):
                continue
            numbers = [int(constant(a.value)) for a in placed]
            if len(numbers) == len(SIDES) and 2 == numbers[0] < numbers[1]:
                side, dim = numbers
                message = (
                    f"`{call.name}({side}, {dim})` has two nodes along each of {dim} directions, {side**dim:,} in all"
                )
                many = " by ".join([str(dim)] * side)
                helps = (
                    f"for {many} write `{call.name}({dim}, {side})`",
                    f"for {side**dim:,} nodes as they are, write `{call.name}(side={side}, dim={dim})`",
                )
                span = placed[0].span.to(placed[1].span)
                yield Diagnostic("SCL218", message, span, severity="warning", helps=helps)
