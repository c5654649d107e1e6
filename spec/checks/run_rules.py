"""Rules about the runs a study comes to: how many, how long, how they warm up."""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator, Mapping, Sequence, Set

from ..diagnostics.suggest import listing
from ..errors import Diagnostic, Edit, Fix
from ..expressions.canonical_tree import text
from ..plan.expand import grids, product
from ..plan.run_grid import REPEATED
from ..plan.study_plan import StudyPlan
from ..plan.survey import Cell, Survey
from ..plan.templates import Templates
from ..plan.token_identities import IDENTITIES, problem, problem_elsewhere, problem_on_points
from ..resolve.components import Sweep
from ..source import Span
from ..syntax import ast
from ..syntax.numbers import short, short_compute, text_of
from ..syntax.visit import calls_in
from ..vocabulary.base import REGISTRY, Doubt, Part, Scalar, Term
from ..vocabulary.parameters import fields_of
from ..vocabulary.quantities import amounts as given_amounts
from ..vocabulary.quantities import curves
from ..vocabulary.words.graphs import Graph
from ..vocabulary.words.sources import SequenceSource
from ..vocabulary.words.training import GradientOptimiser
from .of_runs.amounts_meant import beyond_conditions, for_each_parameter
from .of_runs.other_optimisers import as_optimiser, trains_elsewhere, untaught
from .of_runs.said_amounts import Typed, as_in_use, counted_otherwise, times_as_much

#: Tokens of a step that a batch counted in tokens would come to.
MOST_IN_STEP = 100_000
#: Times that a token is seen on average below which it is not learned, and those that are well enough.
FEWEST_SEEN, SEEN = 10, 100
#: Sequences a step above which tokens are meant.
MANY_SEQUENCES = 16_384
#: Steps of a run below which it is hardly trained.
FEWEST_STEPS = 10
#: Steps that the shortest run takes with a batch that is offered.
FEW_STEPS = 20
#: Values of a tuned axis of which one lies between others.
FEWEST_TUNED = 3


def too_many(plan: StudyPlan, most: int, sweeps: Iterable[Sweep], span: Span) -> Iterator[Diagnostic]:
    """The product of the axes, counted before anything is expanded; the longest sweep is where it is shown."""
    n, way = product(plan)
    if n > most:
        longest = max(sweeps, key=lambda s: len(s.points.points), default=None)
        place = span if longest is None else longest.values.span
        message = f"this study has {n:,} points, more than {most:,}"
        helps = ("sweep less, or allow it with `--max-runs`",)
        yield Diagnostic("SCL312", message, place, notes=(way,), helps=helps)


def amounts(
    plan: StudyPlan, templates: Templates, span: Span, typed: Mapping[str, tuple[Span, str]], file: str, held: int = 0
) -> Iterator[Diagnostic]:
    """The length of a run is said exactly once; `held` are tokens that every text surely has.

    What the `file` of the study adds to that of one it uses is said as that one says it.
    """
    seen: set[str] = set()
    for grid in grids(plan, templates):
        source = grid.calls["data"]
        names = [name for name in given_amounts() if grid.gives(name)]
        word = REGISTRY.get(source.name)
        bound = word.bounded_by if word is not None and issubclass(word, SequenceSource) else "unique"
        repeats = word is not None and bound in fields_of(word)
        if grid.on_points:
            sampled = grid.gives("samples")
            wrong = problem_on_points(names, grid.steps, sampled)
            way = "give `steps` or `epochs`" if sampled else "give `steps`, or the model its `samples`"
            notes: tuple[str, ...] = ()
            if (
                wrong is not None
                and wrong not in seen
                and (counted := counted_otherwise(grid, grids(plan, templates), names, typed, sampled))
            ):
                seen.add(wrong)
                yield Diagnostic("SCL310", wrong, counted[0], helps=(counted[1],))
                continue
        elif grid.elsewhere != trains_elsewhere(grid):
            model, trained_by = grid.calls["models"].name, grid.calls["train"].name
            if grid.elsewhere:
                wrong = f"`{trained_by}` is this version's own, and a trainer of yours trains `{model}`"
                told = " ".join(f"{a.name}={text(a.value)}" for a in grid.calls["train"].named)
                way = f"write `{told}`, without an optimiser: it is what the trainer is given"
                way = way if told else f"leave `{trained_by}` out: a trainer of yours has its own"
                span = grid.calls["train"].span
            else:
                wrong = f"`{trained_by}` is what a trainer of yours is given, and `{model}` is trained here"
                way = as_optimiser(grids(plan, templates))
            notes = ()
        elif grid.elsewhere:
            wrong = problem_elsewhere(names, any(a.name == "unique" for a in source.named))
            notes = (f"what a run trains on follows from {', '.join(IDENTITIES[:2])} and {IDENTITIES[2]}",)
            way = f"give one of {listing(('tokens', 'steps', 'compute'), last='or')}, or nothing"
        else:
            wrong = problem(names, repeats and any(a.name == bound for a in source.named))
            if not repeats and {"epochs", "unique"} & set(names):
                wrong = f"`{source.name}` draws fresh data for as long as a run trains, so nothing is seen twice"
            notes = (f"what a run trains on follows from {', '.join(IDENTITIES[:2])} and {IDENTITIES[2]}",)
            way = f"give one of {listing(('tokens', 'steps', 'compute'), last='or')}"
            if set(names) == {"unique"}:
                way = "write `epochs = 1` beside it, for one pass, or `epochs in {1, 2, 4}`"
            if repeats and wrong is not None and "epochs" in names and len(names) == 1:
                amount, noun = ("1M", "tokens") if bound == "unique" else ("1000", bound)
                way = f"say how many {noun} are seen in a pass: `{source.name}(..., {bound}={amount})`"
                if held and bound == "unique":
                    size = f"= {_leading(held)}"
                    if any("D" in fit.quantities for fit in plan.fits) and any("epochs" in a.names for a in plan.axes):
                        size = f"in {{{_leading(held // 4)}, {_leading(held // 2)}, {_leading(held)}}}"
                    way = f"say how many {noun} are seen in a pass: write `unique {size}` beside it"
                span = typed["epochs"][0] if "epochs" in typed else span
        if not grid.taught and not grid.elsewhere and not trains_elsewhere(grid):
            wrong, way, notes = (*untaught(grid, plan), ())
            span = grid.calls["train"].span
        inside = [a for a in source.named if a.name in names and word is not None and a.name in word.also]
        if wrong is not None and wrong not in seen and inside and len(names) > 1:
            seen.add(wrong)
            written = word.also[inside[0].name].format(text(inside[0].value)) if word is not None else ""
            message = f"`{inside[0].name}` says how long a run trains, and is no parameter of `{source.name}`"
            fixes = (Fix((Edit(inside[0].span, written),), "maybe-incorrect"),)
            yield Diagnostic("SCL310", message, inside[0].span, helps=(f"write `{written}`",), fixes=fixes)
        elif wrong is not None and wrong not in seen:
            seen.add(wrong)
            there = [name for name in names if name in typed]
            twice = (
                [name for name in there if name in ("epochs", "unique")] if not repeats and not grid.on_points else []
            )
            if twice and not grid.elsewhere and len(twice) < len(there):
                helps: tuple[str, ...] = (f"leave `{typed[twice[0]][1]}` out",)
                if len(rest := [name for name in there if name not in twice]) > 1:
                    helps += (
                        f"and leave `{typed[rest[1]][1]}` out, or `{typed[rest[0]][1]}`: one follows from the other",
                    )
                yield Diagnostic("SCL310", wrong, typed[twice[0]][0], notes=notes, helps=helps)
            elif twice and twice == there == names:
                way = f"leave `{typed[twice[0]][1]}` out, or write how long runs are, `tokens in [125k..1M]`"
                if len(twice) > 1:
                    way = "say in place of both how long runs are, as in `tokens in [125k..1M]`"
                again = "what is seen again has an end, such as `data text(...)  unique in {10k, 20k}`"
                yield Diagnostic("SCL310", wrong, typed[twice[0]][0], notes=notes, helps=(way, again))
            elif len(there) > 1 and len(there) == len(names):
                (one, first), (other, second) = (typed[name] for name in there[:2])
                where = f' in "{one.file}"' if one.file != other.file else ""
                ways: tuple[str, ...] = (
                    f"leave `{second}` out",
                    f"or leave `{first}`{where} out: one follows from the other",
                )
                budgets = [o.method for o in plan.optima if o.method.startswith("isoflop")]
                if budgets and "compute" in there[:2]:
                    left = second if there[0] == "compute" else first
                    ways = (f"leave `{left}` out: `{budgets[0]}` reads budgets of compute",)
                    if where and typed[there[1]][0].file != file:
                        over = f'the `data` and `models` of "{typed[there[1]][0].file}" over into this study'
                        ways = (
                            f"take {over} in place of `use`, for `{budgets[0]}` reads budgets of compute",
                            f"or {ways[0]}",
                        )
                        there = there[::-1]
                elif same := as_in_use(grids(plan, templates), there, typed, file):
                    own = next(typed[name][0] for name in there if typed[name][0].file == file)
                    yield Diagnostic("SCL310", wrong, own, notes=notes, helps=same)
                    continue
                yield Diagnostic("SCL310", wrong, typed[there[1]][0], notes=notes, helps=ways)
            else:
                yield Diagnostic("SCL310", wrong, span, notes=notes, helps=(way,))


def _leading(n: int) -> str:
    """A number's first digit, with what stands for the others."""
    digits = 10 ** (len(str(n)) - 1)
    return short(n // digits * digits)


def nothing_left(plan: StudyPlan, tests: Sequence[ast.Test], found: Survey, whole: Span) -> Iterator[Diagnostic]:
    """A condition that no point satisfies."""
    if found.n_runs == 0 and not found.faults:
        message = "no point of the grid satisfies the conditions, so there is nothing to train"
        helps = beyond_conditions(plan, tests)
        helps = helps or ("leave one of them out, or widen an axis until some point satisfies them all",)
        yield Diagnostic("SCL314", message, next((test.span for test in tests), whole), helps=helps)


def few_tuned(plan: StudyPlan, found: Survey, spans: Mapping[str, Span]) -> Iterator[Diagnostic]:
    """Of two values the best is always at an edge, so nobody can tell whether it is the best; not where conditions
    leave each cell one.
    """
    repeated = math.prod(len(axis.points) for axis in plan.axes if axis.role in REPEATED)
    along = math.prod(len(axis.points) for axis in plan.axes if axis.along)
    if plan.where and found.n_runs * along <= len(found.cells) * repeated:
        return
    for axis in plan.axes:
        values = [point[0] for point in axis.points]
        tuned = axis.role == "tune" and not axis.named and axis.name != "seed"  # seeds lie in no order
        if tuned and len(values) < FEWEST_TUNED and axis.name in spans:
            some = "one value" if len(values) == 1 else "two values"
            message = f"`{axis.name}` is tuned over {some}, so every best one lies at the edge"
            helps = (f"list three at least, such as `tune {axis.name} in {{{_around(values)}}}`",)
            yield Diagnostic("SCL215", message, spans[axis.name], severity="warning", helps=helps)


def _around(values: Sequence[Scalar]) -> str:
    """The values, and one more beyond the last."""
    numbers = [v for v in values if not isinstance(v, str)]
    ratio = numbers[-1] / numbers[0] if len(numbers) > 1 and numbers[0] else 3
    more = (
        [*numbers, float(f"{numbers[-1] * ratio:.2g}")]
        if len(numbers) > 1
        else [numbers[0] / 3, numbers[0], 3 * numbers[0]]
    )
    return ", ".join(text_of(float(f"{v:.3g}")) for v in more)


def rounded_tokens(found: Survey, span: Span, typed: Typed) -> Iterator[Diagnostic]:
    """D is rounded to whole steps; where that moves it by more than 1 %, the study should know.

    `typed` are the amounts that say how long runs are.
    """
    if found.rounded:
        off, wanted, trained = found.worst
        message = f"whole steps move D by more than 1% in {found.rounded:,} of {found.n_runs:,} runs"
        steps = found.fewest
        asked = f"{short(wanted)} tokens" if wanted >= 1 else "less than one token"
        moved = f"{short(trained)} ({off:.0%} off), {steps} step{'s' * (steps != 1)}"
        moved = f"{short(trained)}, a whole step" if wanted * 2 < trained and steps == 1 else moved
        notes = (f"the worst asks for {asked} and trains on {moved}",)
        helps: tuple[str, ...] = ("make D a multiple of batch x length, or the batch smaller",)
        step = trained // max(steps, 1)
        if steps < FEWEST_STEPS:
            times = 2 ** math.ceil(math.log2(100 / max(steps, 1)))
            batch = min((c.optimiser.batch for c in found.cells.values() if hasattr(c.optimiser, "batch")), default=1)
            longer = f"{short(times)} times as many tokens"
            ways = f"a batch {short(times)} times smaller gives 100 steps, and so do {longer}"
            ways = ways if batch >= times else f"100 steps take {longer}"
            helps = (f"a step takes {short(step)} tokens, batch x length: {ways}",)
        if wanted < step and step > MOST_IN_STEP:
            helps = (f"one step is {short(step)} tokens: `batch` counts sequences, so write a smaller one, `batch=8`",)
        elif wanted < step:
            needed = float(f"{100 * step * (1 + off) / trained:.1g}")
            times = f"some {short(needed)} times as many" if wanted >= 1 else f"some {short(needed)} times as much"
            amounts_typed = [name for name in ("tokens", "compute", "steps", "epochs", "unique") if name in typed]
            alone = len(amounts_typed) == 1 and amounts_typed[0] in ("tokens", "compute", "steps")
            longer = times_as_much(typed[amounts_typed[0]][1], needed) if alone else ""
            more = f"one step is {short(step)} tokens: " + (
                f"write `{longer}`, {times}, for 100 steps and more" if longer else f"ask for {times}"
            )
            batch = max((c.optimiser.batch for c in found.cells.values() if hasattr(c.optimiser, "batch")), default=1)
            smaller = 2 ** int(math.log2(max(1, wanted * batch / step / FEW_STEPS)))
            few = f"`batch={smaller}`, for {FEW_STEPS} steps and more in the shortest"
            less = f"one step is {short(step)} tokens, batch x length: write a smaller one, {few}"
            helps = (less, more) if smaller < batch and wanted * batch >= smaller * step * FEW_STEPS else (more,)
            meant, place = for_each_parameter(found, typed)
            helps, span = meant or helps, place or span
        yield Diagnostic("SCL212", message, span, severity="warning", notes=notes, helps=helps)


def long_warmup(found: Survey, span: Span) -> Iterator[Diagnostic]:
    """A run shorter than its warm-up never reaches its learning rate."""
    if found.cold:
        steps, warmup = found.coldest
        message = f"{found.cold:,} of {found.n_runs:,} runs end before their warm-up does"
        notes = (f"the shortest has {steps:,} steps and a warm-up of {warmup:,}",)
        helps = ("give the warm-up as a percentage, such as `warmup=2%`",)
        yield Diagnostic("SCL210", message, span, severity="warning", notes=notes, helps=helps)
        return
    ways = {
        (cell.steps, cell.optimiser.warmup.steps or 0)
        for cell in found.cells.values()
        if cell.grid.chosen["train"].along and not cell.model.solved
        if isinstance(cell.optimiser, GradientOptimiser) and cell.optimiser.schedule.decayed
    }
    first, warmup = min(((made, warm) for made, warm in ways if warm >= made), default=(0, 0))
    if first:
        message = f"a warm-up of {warmup:,} steps is not over at the first point on the way, after {first:,} steps"
        helps = (f"write a shorter one, such as `warmup={max(1, first // 10)}steps`",)
        yield Diagnostic("SCL210", message, span, severity="warning", helps=helps)


def paths(found: Survey, sweeps: Mapping[str, Sweep]) -> Iterator[Diagnostic]:
    """Points along one run's way mean something only where the rate there is that of a shorter run."""
    spans = {name: sweep.values.span for name, sweep in sweeps.items()}
    used = {c.optimiser.schedule for c in found.cells.values() if isinstance(c.optimiser, GradientOptimiser)}
    for cell in found.cells.values():
        along = cell.grid.chosen["train"].along
        if not along or not isinstance(cell.optimiser, GradientOptimiser) or cell.model.solved:
            continue
        span = spans.get(along[0], cell.grid.calls["train"].span)
        schedule, warmup = cell.optimiser.schedule, cell.optimiser.warmup
        if not schedule.extends:
            message = f"a point on the way of a {schedule.word} schedule is not the end of a shorter run"
            helps = ("use `schedule=wsd` or `schedule=constant`, or give each length its own run with `in`",)
            if along[0] in sweeps and any(other.extends for other in used):
                values, word = text(sweeps[along[0]].values), cell.grid.calls["train"].name
                kept = "".join(
                    f"{a.name}={text(a.value)}, "
                    for a in cell.grid.calls["train"].named
                    if a.name not in ("schedule", *along)
                )
                each = ", ".join(
                    f"{s.word}: {word}({kept}schedule={s.word}, {along[0]} {'along' if s.extends else 'in'} {values})"
                    for s in sorted(used, key=lambda s: s.extends)
                )
                helps = (f"make alternatives of them, each with its own axis: `train {{{each}}}`",)
            yield Diagnostic("SCL213", message, span, helps=helps)
        elif warmup.steps is None and warmup.fraction:
            part = f"a warm-up of {100 * warmup.fraction:.3g}%"
            message = f"{part} is taken of the whole way, so its early points warm up too long"
            fewest = min(c.steps for c in found.cells.values() if c.grid is cell.grid)
            helps = (f"give the warm-up in steps, such as `warmup={max(1, round(warmup.fraction * fewest))}steps`",)
            yield Diagnostic("SCL214", message, span, severity="warning", helps=helps)


def width_rules(found: Survey, spans: Mapping[Part, Span]) -> Iterator[Diagnostic]:
    """Under muP the learning rate depends on the width in a way of each optimiser's own, which has to be known."""
    lacking: dict[str, str] = {}
    for cell in found.cells.values():
        mult, optimiser = cell.model.width_mult, cell.optimiser
        if mult is not None and isinstance(optimiser, GradientOptimiser) and optimiser.width_rule(mult) is None:
            lacking[optimiser.word] = cell.model.word
    known = [w for w, t in REGISTRY.items() if issubclass(t, GradientOptimiser) and t.width_rule(1.0) is not None]
    for word, model in lacking.items():
        message = f"`{word}` has no rule for how its learning rate depends on the width under muP"
        notes = ("another optimiser's rule would make rates at other widths mean something else",)
        helps = (f"add `param=SP` to `{model}`, or train by {listing(sorted(known), last='or')}",)
        yield Diagnostic("SCL316", message, spans["train"], notes=notes, helps=helps)


def doubtful(plan: StudyPlan, found: Survey) -> Iterator[Diagnostic]:
    """Parameters that hardly do what they seem to, at every point of the study that is given them."""
    spans: dict[tuple[int, str, str], Span | None] = {}
    said: dict[Span, Doubt | None] = {}
    values: dict[Span, set[float]] = {}
    for cell in found.cells.values():
        held = (("data", cell.source), ("models", cell.model), ("train", cell.optimiser))
        inner = [(part, v) for part, whole in held for _, v in whole if isinstance(v, Term)]
        for part, value in (*held, *inner):
            doubts = {doubt.parameter: doubt for doubt in value.doubts()} if value.doubted else {}
            for name in value.doubted:
                key = (id(cell.grid), value.word, name)
                if key not in spans:
                    spans[key] = given_at(cell.grid.calls[part], value.word, name)
                if (span := spans[key]) is not None:
                    said[span] = doubts.get(name) if said.get(span, True) else None
                    if name == "lr":
                        values.setdefault(span, set()).add(getattr(value, name))
    tuned = {point[axis.names.index("lr")] for axis in plan.axes if "lr" in axis.names for point in axis.points}
    rates = {rate for rate in tuned if isinstance(rate, (int, float))}
    for span, doubt in said.items():
        among = len(rates) > 1 and span in values and values[span] <= rates
        if doubt is not None and not (among and min(rates) <= 1):
            helps = (_smaller(rates) if among else doubt.help,)
            yield Diagnostic("SCL218", doubt.message, span, severity="warning", helps=helps)


def _smaller(rates: Set[float]) -> str:
    """What is written for several rates that are all too high: the same in thousandths, or smaller units."""
    scale = 10.0 ** max(3, math.ceil(math.log10(max(rates) / 0.1)))
    return f"write small rates, such as `{{{', '.join(f'{rate / scale:g}' for rate in sorted(rates))}}}` for these"


def given_at(call: ast.Call, word: str, parameter: str) -> Span | None:
    """Where a parameter is given, in a call or in one inside it."""
    for inner in calls_in(call):
        for arg in inner.named:
            if inner.name == word and arg.name == parameter:
                return arg.span
    return None


def unfit_models(found: Survey) -> Iterator[Diagnostic]:
    """Parameters of a model that make no sense on the source it learns from."""
    seen: set[str] = set()
    for cell in found.cells.values():
        message = cell.model.unfit(cell.source)
        if message and message not in seen:
            seen.add(message)
            helps = ("change the parameter that is named, or leave it out for its default",)
            yield Diagnostic("SCL316", message, cell.grid.calls["models"].span, helps=helps)


def not_closed(found: Survey, spans: Mapping[Part, Span]) -> Iterator[Diagnostic]:
    """Steps whose effect has no closed form here: a rate that changes, or what an optimiser does beside it."""
    for cell in found.cells.values():
        optimiser = cell.optimiser
        if not cell.model.solved or not isinstance(optimiser, GradientOptimiser):
            continue
        if optimiser.schedule.decayed or not optimiser.schedule.extends or optimiser.warmup.of(cell.steps):
            message = f"`{cell.model.word}` is solved in closed form, and the rate of `{optimiser.word}` changes"
            helps = ("write `schedule=constant, warmup=0steps`",)
            yield Diagnostic("SCL310", message, cell.grid.calls["train"].span, helps=helps)
            return
        if reason := optimiser.not_solved():
            message = f"`{cell.model.word}` is solved in closed form, and {reason}"
            yield Diagnostic("SCL310", message, cell.grid.calls["train"].span, helps=("leave it out",))
            return


def isolated_nodes(found: Survey, spans: dict[Part, Span]) -> Iterator[Diagnostic]:
    """Random graphs with so few edges that some node is expected to have none; walks never reach it."""
    sources = {cell.source for cell in found.cells.values()}
    graphs = {value for source in sources for _, value in source if isinstance(value, Graph)}
    for graph in sorted(graphs, key=repr):
        lonely, degree = graph.isolated
        if lonely > 1:
            nodes = f"about {short(round(lonely))} of {graph.n_nodes:,} nodes"
            message = f"{nodes} have no edge at a mean degree of {degree:.3g}"
            notes = ("walks run on the largest connected component, and the vocabulary stays that of the whole graph",)
            enough = math.ceil(1.5 * math.log(graph.n_nodes))
            if degree < 1 and math.log(graph.n_nodes) < round(1 / degree) < graph.n_nodes / 2:
                enough = round(1 / degree)  # `1/(10*n)` is meant to be `10/n`
            joins = "a mean degree above the logarithm of the number of nodes joins nearly all of them"
            put = f"p={enough}/{graph.n_nodes}"
            if (edges := getattr(graph, "edges", None)) is not None:
                enough = edges if math.log(graph.n_nodes) < edges < graph.n_nodes / 2 else enough
                put = f"edges={enough * graph.n_nodes // 2}"
                joins = f"`edges` counts those of the whole graph, and {joins}"
            helps = (f"{joins}: write `{put}` for {enough} neighbours a node",)
            yield Diagnostic("SCL211", message, spans["data"], severity="warning", notes=notes, helps=helps)


def hardly_trained(plan: StudyPlan, found: Survey, spans: Mapping[Part, Span]) -> Iterator[Diagnostic]:
    """Runs of which even the longest takes a few steps, or sees each token of its source a few times, if ever.

    Laws of curves that a source has by itself ask for no training.
    """
    most = _most_steps(found)
    if plan.fits and all(fit.loss in curves() for fit in plan.fits):
        return
    if any(axis.role == "tune" and {*axis.names} & {*given_amounts(), "batch"} for axis in plan.axes):
        return  # cells have one of the amounts
    if most < FEWEST_STEPS and found.rounded:
        return  # that is said, with what a step takes
    if most < FEWEST_STEPS:
        message = f"the longest run takes {most} step{'s' * (most != 1)}"
        a_step = max(size for cell in found.cells.values() if (size := _step_tokens(cell)))
        times = float(f"{100 * a_step / max(1, *(c.asked_tokens for c in found.cells.values())):.1g}")
        helps = (f"train some {short(times)} times as long: a step takes {short(a_step)} tokens, batch x length",)
        yield Diagnostic("SCL222", message, spans["train"], severity="warning", helps=helps)
        return
    longest: dict[tuple[str, int], Cell] = {}
    for cell in found.cells.values():
        if isinstance(cell.source, SequenceSource) and isinstance(cell.optimiser, GradientOptimiser):
            key = (cell.source.word, cell.source.vocab)
            longest[key] = max(longest.get(key, cell), cell, key=lambda c: c.asked_tokens)
    for (word, vocab), cell in longest.items():
        tokens = cell.asked_tokens
        if tokens >= FEWEST_SEEN * vocab:
            continue
        graph = next((value for _, value in cell.source if isinstance(value, Graph) and value.chain), None)
        what = f"`{word}` has {vocab:,} tokens" if graph is None else f"`{graph.word}` has {vocab:,} nodes"
        message = f"{what}, and the longest run learns from {short(tokens)}, {tokens / vocab:.2g} for each"
        notes = ("what comes a few times or never is not learned",)
        smaller = graph.with_nodes(max(2, tokens // SEEN)) if graph is not None else ""
        least = float(f"{SEEN * vocab:.1g}")
        more = f"`tokens in [{short(least)}..{short(8 * least)}]` for longer runs"
        helps = (f"write `{smaller}` for fewer nodes, or {more}" if smaller else f"write {more}",)
        yield Diagnostic("SCL221", message, spans["data"], severity="warning", notes=notes, helps=helps)


def _most_steps(found: Survey) -> float:
    """Steps of the longest run on sequences; no end of them where there is none."""
    trained = (c for c in found.cells.values() if isinstance(c.source, SequenceSource))
    return max((c.steps for c in trained if isinstance(c.optimiser, GradientOptimiser)), default=math.inf)


def _step_tokens(cell: Cell) -> int:
    """Tokens of a step; 0 for a run that takes none, or not on sequences."""
    source, optimiser = cell.source, cell.optimiser
    if isinstance(source, SequenceSource) and isinstance(optimiser, GradientOptimiser):
        return optimiser.batch * source.length
    return 0


def batches_of_tokens(found: Survey, spans: Mapping[Part, Span]) -> Iterator[Diagnostic]:
    """A batch so large that it is hardly one of sequences: tokens are meant."""
    for cell in found.cells.values():
        source, optimiser = cell.source, cell.optimiser
        if not (isinstance(source, SequenceSource) and isinstance(optimiser, GradientOptimiser)):
            continue
        if optimiser.batch < MANY_SEQUENCES:
            return
        batch, tokens = optimiser.batch, optimiser.batch * source.length
        span = given_at(cell.grid.calls["train"], optimiser.word, "batch") or spans["train"]
        message = f"`batch` counts sequences: {short(batch)} of {source.length:,} tokens are {short(tokens)} a step"
        helps = (f"for {short(batch)} tokens a step write `batch={max(1, round(batch / source.length))}`",)
        yield Diagnostic("SCL218", message, span, severity="warning", helps=helps)
        return


def idle_passes(plan: StudyPlan, found: Survey, spans: Mapping[str, Span]) -> Iterator[Diagnostic]:
    """An axis of distinct tokens, of which no run sees any twice: its values make no difference."""
    for axis in plan.axes:
        if "unique" not in axis.names or len(axis.points) < 2 or axis.name not in spans:
            continue
        seen = [point[axis.names.index("unique")] for point in axis.points]
        # Those inside a source are what a teacher reads; labels stand for expressions.
        if any("unique" in source.call for source in plan.data) or any(isinstance(value, str) for value in seen):
            continue
        least = min(map(float, seen))
        most = max((cell.asked_tokens for cell in found.cells.values()), default=0)
        if 0 < most <= least:
            message = f"`unique` changes nothing: no run trains on more than {short(most)} tokens, and sees none twice"
            helps = (
                f"write `epochs in {{1, 2, 4}}` in place of `tokens`, or train longer, `tokens = {short(4 * least)}`",
            )
            yield Diagnostic("SCL218", message, spans[axis.name], severity="warning", helps=helps)


def compute_budget(plan: StudyPlan, found: Survey, span: Span) -> Iterator[Diagnostic]:
    """All runs together stay within the study's own limit."""
    limit = plan.budget.flops
    if limit is not None and found.flops > limit:
        message = f"{found.n_runs:,} runs take {short_compute(found.flops)}, and the budget is {short_compute(limit)}"
        scale = 10.0 ** (math.floor(math.log10(found.flops)) - 1)
        enough = short_compute(math.ceil(found.flops / scale) * scale)
        yield Diagnostic("SCL510", message, span, helps=(f"sweep less, or allow more: `budget {enough}` is enough",))
