"""Rules about fits: what a law sees has to vary, in as many cells as it has parameters, and not all on one line."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from functools import reduce
from typing import NamedTuple

from ..claims.claim_conditions import Claim
from ..claims.claimed_ranges import exchanged, multiple
from ..claims.references import references
from ..claims.selectors import LISTED
from ..diagnostics.collect import Fault
from ..diagnostics.suggest import called_elsewhere, listing
from ..errors import Diagnostic
from ..expressions.canonical_tree import text
from ..plan.coerce import literals
from ..plan.compile_expression import condition
from ..plan.grid import Grid
from ..plan.panel_axes import panel_axes, value_of
from ..plan.point_values import Value
from ..plan.run_grid import PlanAxis
from ..plan.study_plan import FitRequest, StudyPlan
from ..plan.survey import Cell, Survey
from ..requests.request_types import LocatedFit, Requests, free_parameters
from ..source import Span
from ..syntax import ast
from ..syntax.numbers import number, short, text_of
from ..syntax.parser import parse_value
from ..syntax.visit import disjuncts, free_names, identifiers_in
from ..vocabulary.base import REGISTRY
from ..vocabulary.parameters import fields_of
from ..vocabulary.quantities import (
    amounts,
    curves,
    known_exactly,
    losses,
    measured_by_families,
    run_quantities,
)
from ..vocabulary.words.families import Family
from ..vocabulary.words.sources import SequenceSource, Source
from ..vocabulary.words.training import GradientOptimiser
from .identifiable import two_levels
from .lines_of_cells import nearly_on_a_line, on_a_line, told_of_lines
from .told_apart import FLOOR, RATE_OF_DATA, beside_a_floor, renamed
from .values_there import in_cells, values_there

#: Roles of axes that a law does not see, and what they do.
KEPT_APART = {"tune": "keeps one value, the best, of each cell", "panel": "gives each value a fit of its own"}
#: The parameter that studies tune, or compare fits at.
RATE = "lr"
#: The sizes of which a solved model has one.
SIZES = ("N", "D")
#: Passes over the data up to which its tokens are as good as new.
FRESH = 1.5
#: How far below what is known a floor may be held, and above.
NEARLY = 0.9


class Panel(NamedTuple):
    """The cells of one fit."""

    point: tuple[tuple[str, object], ...]
    cells: tuple[Cell, ...]


def check_fits(
    plan: StudyPlan, requests: Requests, found: Survey, claims: Iterable[Claim] = ()
) -> Iterator[Diagnostic]:
    """Every fit on the cells of the study; what a claim cannot be told from is said of the claim."""
    asked = {ref.request.name for claim in claims for ref in references(claim.tree) if ref.request is not None}
    for fit in requests.fits.values():
        yield from _check(plan, fit, requests, tuple(found.cells.values()), fit.request.name in asked)


def _check(
    plan: StudyPlan, fit: LocatedFit, requests: Requests, cells: tuple[Cell, ...], asked: bool
) -> Iterator[Diagnostic]:
    request = fit.request
    if request.loss in curves():
        yield from _of_curve(fit, cells)
        return
    if plan.by_position(request):
        yield from _of_positions(fit, cells)
        return
    if not free_parameters(request):
        return  # a curve that is drawn, not fitted
    quantities = request.quantities
    if request.loss not in (*losses(), *measured_by_families()):
        message = f"`{request.loss}` is known before anything runs, and a law is fitted to what is measured"
        ways = ("leave `loss=` out, or write `loss=excess`",)
        yield Diagnostic("SCL404", message, fit.span, notes=(f"measured are {listing(losses())}",), helps=ways)
        return
    if not beside_a_floor(fit, requests):
        yield from _held_floor(fit, cells)
    try:
        there = cells_where(fit.where, cells)
    except Fault as fault:
        # A loss or a rank of it is not known yet; anything else will not be known later either.
        if fault.diagnostic.code not in ("SCL103", "SCL105"):
            yield fault.diagnostic
        return
    if not there:
        span = fit.where.span if fit.where is not None else fit.span
        helps = values_there(fit.where, in_cells(cells))
        if between := exchanged(fit.where):
            helps = (f"its ends are exchanged: between them is `{between}`", *helps)
        yield Diagnostic("SCL411", f"no cell satisfies the condition of `{request.name}`", span, helps=helps)
        return
    if fit.where is not None and len(there) == len(cells) > 1:
        message = f"every cell satisfies the condition of `{request.name}`, so it leaves nothing out"
        helps = values_there(fit.where, in_cells(cells), every=True)
        together = reduce(ast.And, disjuncts(fit.where))
        if together != fit.where and 0 < len(cells_where(together, cells)) < len(cells):
            helps = (f"to leave some out join both by `and`: write `where {text(together)}`",)
        shares = [n for n in literals(fit.where) if number(n.text).unit == "%"]
        if shares:
            helps = (
                f"{shares[0].text} is {number(shares[0].text).value:g} here, and no share of what there is",
                *helps,
            )
        if text(fit.where) in plan.where:
            helps = ("the study's own condition is the same, and keeps the others out of it: leave it out there",)
        yield Diagnostic("SCL440", message, fit.where.span, severity="warning", helps=helps)
    known = tuple(c for c in there if all(value_of(c, q) is not None for q in quantities))
    if not known:
        missing = [q for q in quantities if all(value_of(c, q) is None for c in there)]
        if missing and all(c.grid.gives(missing[0]) for c in there):
            yield _does_not_vary(fit, missing[0], plan, there, cells)
        elif missing and not any(c.grid.on_points for c in there):
            message = f"`{request.name}` is a law in {missing[0]}, and no run of this study has it"
            meant = missing[0].upper() if missing[0].upper() in run_quantities() else None
            helps = (f"write `{meant}`",) if meant and meant != missing[0] else ()
            if missing[0] in ("N", "C", "flops") and all(c.grid.elsewhere for c in there):
                helps = (_size_of(there[0].grid),)
            notes = (f"quantities of a run are {listing(run_quantities())}",) if not helps else ()
            if not helps and request.law not in REGISTRY:
                law = parse_value(request.law)
                free = next(letter for letter in "uvwghsqz" if letter not in {*free_names(law)})
                other = text(renamed(law, missing[0], free))
                helps = (f"`{missing[0]}` is a parameter of the study: for one to fit write `{other}`",)
            yield Diagnostic("SCL401", message, fit.span, notes=notes, helps=helps)
        else:
            yield _absent(fit, [q for q in SIZES if len({value_of(c, q) for c in there} - {None}) > 1])
        return
    if request.loss in measured_by_families() and not any(request.loss in c.model.measures for c in known):
        who = [w for w, f in REGISTRY.items() if issubclass(f, Family) and request.loss in f.measures]
        message = f"no run that `{request.name}` is fitted to measures `{request.loss}`"
        helps = (f"fit what these runs measure, `loss`, or take models that measure it: {listing(who, last='or')}",)
        yield Diagnostic("SCL404", message, fit.span, notes=(f"it is measured of {listing(who)}",), helps=helps)
        return
    if unknown := _unknown_floor(fit, known):
        yield unknown
        return
    panels = panels_of(plan, request, known)
    still = [q for q in quantities if all(len({value_of(c, q) for c in p.cells}) < 2 for p in panels)]
    if still:
        yield _does_not_vary(fit, still[0], plan, known, cells)
    elif len(quantities) == 2 and all(on_a_line(p.cells, quantities) for p in panels):
        yield told_of_lines(fit, plan, known)
    else:
        yield from _repeats(fit, known)
        found = list(_few_points(fit, panels))
        yield from found
        if not found and quantities == ("N", "D") and all(nearly_on_a_line(p.cells, quantities) for p in panels):
            yield told_of_lines(fit, plan, known, nearly=True)
        elif not (found or asked or request.shared) and request.group is None:
            yield from two_levels(fit, plan, known, [panel.cells for panel in panels])


def _unknown_floor(fit: LocatedFit, cells: tuple[Cell, ...]) -> Diagnostic | None:
    """A law of what lies above the entropy rate, or with that as its floor, on sources whose law nobody knows."""
    read = {name for _, held in fit.request.fixed for name in free_names(parse_value(held))}
    asked = next((name for name in (fit.request.loss, *sorted(read)) if name in known_exactly()), "")
    sources = [cell.source for cell in cells]
    if not asked or any(s.exact or not isinstance(s, SequenceSource) for s in sources) or cells[0].grid.elsewhere:
        return None
    word, own = sources[0].word, fit.request.name
    named, own = own, text(fit.call) if own.isidentifier() and fit.call is not None else own
    message = f"the entropy rate of `{word}` is not known, so no run has {'it' if asked in read else f'its `{asked}`'}"
    kept = [one for one in _arguments(own) if asked not in one and one.replace(" ", "") != f"{FLOOR}=0"]
    helps: tuple[str, ...] = ("leave it out: fit the loss itself, whose floor is found",)
    if asked in own and not isinstance(parse_value(own), ast.Call):
        found = re.sub(rf"\b{asked}\b", FLOOR, own)
        helps = (f"write `{found}`, whose floor is found",)
    elif asked in own:
        law = f"{own.split('(')[0]}({', '.join(kept)})".replace("()", "")
        helps = (f"write `{law}`" if own == named or "(" in named else f"write `let {named} = {law}`",)
    counted = [w for w, t in REGISTRY.items() if getattr(t, "exact", False) and "text" in getattr(t, "order", ())]
    if counted and "path" in sources[0].order:
        helps = (*helps, f"or learn from what has one: `data {counted[0]}({word}(...))`")
    return Diagnostic("SCL404", message, fit.span, helps=helps)


def _arguments(own: str) -> list[str]:
    """The arguments of a fit as it is written."""
    call = parse_value(own)
    return [text(arg).replace(" = ", "=") for arg in call.args] if isinstance(call, ast.Call) else []


def of_tuned(said: Diagnostic, axes: Iterable[PlanAxis]) -> Diagnostic:
    """The finding about what a law is fitted to, where that is a tuned axis, whose best values claims ask for."""
    axes = tuple(axes)
    name = said.message.split("`")[1] if said.code == "SCL404" and "is no loss" in said.message else ""
    if not any(name in axis.names and axis.role == "tune" for axis in axes):
        return said
    sized = [axis for axis in axes if axis.role == "sweep" and not axis.named and len(axis.points) > 1]
    message = f"`{name}` is tuned: its best values are no measurement that a law is fitted to"
    helps: tuple[str, ...] = (f"ask for the best one in claims, `{name}(...)`, and draw it by `report tuned`",)
    if sized:
        low, high = (text_of(float(point[0])) for point in (sized[0].points[0], sized[0].points[-1]))
        moved = f"{name}({sized[0].names[0]}={high})/{name}({sized[0].names[0]}={low})"
        helps = (f"claim how the best one moves, `expect {moved} in [0.1..1]`, and draw it by `report tuned`",)
    return replace(said, message=message, notes=(), helps=helps, fixes=())


def _of_curve(fit: LocatedFit, cells: tuple[Cell, ...]) -> Iterator[Diagnostic]:
    """A law of a curve of sources: one of the study's has it."""
    curve = fit.request.loss
    if any(curve in cell.source.curves for cell in cells):
        return
    has = sorted(w for w, s in REGISTRY.items() if issubclass(s, Source) and curve in s.curves)
    own = sorted({c for cell in cells for c in cell.source.curves})
    there = f"its sources have {listing(own)}" if own else "its sources have none"
    message = f"no source of this study has the curve `{curve}`"
    notes = (f"{listing(has)} {'have' if len(has) > 1 else 'has'} it", there)
    helps = (
        (f"fit one that they have: `loss={own[0]}`",)
        if own
        else (f"take a source that has it, such as `{has[0]}`",)
        if has
        else ()
    )
    yield Diagnostic("SCL404", message, fit.span, notes=notes, helps=helps)


def reads_sequences(cell: Cell) -> bool:
    """True where a model is trained on sequences, step by step, so that its loss is known by position in them."""
    return cell.model.trained and not cell.grid.on_points and not cell.grid.elsewhere


def _of_positions(fit: LocatedFit, cells: tuple[Cell, ...]) -> Iterator[Diagnostic]:
    """A law of losses by position: some model of the study reads sequences."""
    if not any(map(reads_sequences, cells)):
        message = f"`{fit.request.name}` is a law of positions in sequences, and no model here is trained on any"
        notes = ("models trained here on text, walks and the like have a loss at each position",)
        yield Diagnostic("SCL404", message, fit.span, notes=notes)


def _held_floor(fit: LocatedFit, cells: tuple[Cell, ...]) -> Iterator[Diagnostic]:
    """A floor that is held at a number far from the entropy rate, which is known of every source."""
    held = dict(fit.request.fixed).get(FLOOR)
    if held == RATE_OF_DATA and fit.request.loss == "excess":
        own = fit.request.name
        message = f"`{own}` holds its floor at the entropy rate, which `excess` has taken off already"
        asked = f"{FLOOR}={held}"
        helps: tuple[str, ...] = (f"hold it at 0: write `{own.replace(asked, 'E=0') if asked in own else 'E=0'}`",)
        yield Diagnostic("SCL439", message, fit.span, severity="warning", helps=helps)
    if held is None or fit.request.loss != "loss":
        return
    rates = [cell.source.least_entropy for cell in {id(c.source): c for c in cells}.values()]
    least, most = min(rates), max(rates)
    base, factor = multiple(parse_value(held))
    if least <= 0 or factor is None or (base is not None and text(base) != RATE_OF_DATA):
        return
    # A multiple of each source's own rate is off by the same factor in all.
    below = factor < NEARLY if base is not None else factor < NEARLY * least
    above = factor > 1 / NEARLY if base is not None else factor > most / NEARLY
    if below or above:
        own = fit.request.name
        value = factor * (least if below else most) if base is not None else factor
        reason = "no loss here lies below" if below else "losses come down to"
        message = (
            f"`{own}` holds its floor at {short(float(f'{value:.3g}'))}, and {reason} {least if below else most:.3g}"
        )
        asked = f"{FLOOR}={held}"
        ways = (f"{FLOOR}={RATE_OF_DATA}", f"{FLOOR}=0, loss=excess")
        helps = tuple(f"write `{own.replace(asked, way)}`" for way in ways)
        helps = (
            helps if asked in own else (f"hold it at `{FLOOR}=entropy_rate`, or fit `loss=excess`, whose floor is 0",)
        )
        yield Diagnostic(
            "SCL439", message, fit.span, severity="warning", helps=(" or ".join(helps).replace("or write", "or"),)
        )


def _repeats(fit: LocatedFit, cells: tuple[Cell, ...]) -> Iterator[Diagnostic]:
    """A law of N and D takes every token for a new one; where many are seen again, that is said."""
    passes = [value for c in cells if isinstance(value := value_of(c, "epochs"), int | float)]
    if fit.request.quantities != ("N", "D") or fit.implied or not passes or max(passes) <= FRESH:
        return
    name = fit.request.name
    message = f"`{name}` takes tokens that are seen again for new ones, and runs here make up to {max(passes):g} passes"
    apart = "" if fit.where is not None else f"`{name} where epochs == 1`, or "
    helps = (f"write {apart}`repeated(U=unique)`, which knows them apart",)
    yield Diagnostic("SCL438", message, fit.span, severity="warning", helps=helps)


def _size_of(grid: Grid) -> str:
    """The help for models trained elsewhere that say no size."""
    given = {a.name for a in grid.calls["models"].named} | {*grid.by_name} | {*grid.definitions}
    deep, wide = (
        next((n for n in sorted(given) if n == own or called_elsewhere(n, (own,))), usual)
        for own, usual in (("layers", "2"), ("width", "512"))
    )
    sized = f"N = 12*{deep}*{wide}^2" if {deep, wide} & given else "N = ..."
    return f"say how large its models are: behind `{grid.calls['models'].name}` write `{sized}`"


def cells_where(where: ast.Test | None, cells: tuple[Cell, ...]) -> tuple[Cell, ...]:
    """Cells that a condition keeps; `Fault` where that cannot be told."""
    if where is None:
        return cells
    tests: dict[int, Value] = {}
    found = []
    for cell in cells:
        if id(cell.grid) not in tests:
            tests[id(cell.grid)] = condition(where, cell.grid)
        if tests[id(cell.grid)].at(cell.first):
            found.append(cell)
    return tuple(found)


def panels_of(plan: StudyPlan, request: FitRequest, cells: tuple[Cell, ...]) -> list[Panel]:
    """Cells apart by the axes that the law does not see."""
    apart = set(panel_axes(cells, plan, request.quantities))
    found: dict[tuple[tuple[str, object], ...], list[Cell]] = {}
    for cell in cells:
        found.setdefault(tuple((k, v) for k, v in cell.point if k in apart), []).append(cell)
    return [Panel(point, tuple(members)) for point, members in found.items()]


def _absent(fit: LocatedFit, have: Sequence[str]) -> Diagnostic:
    """A law in a size that solved models do not have; `have` are those that vary in some."""
    quantities = fit.request.quantities
    lacking = "them both" if len(quantities) > 1 else "one"
    law = fit.request.law if len(quantities) == 1 and fit.request.law in REGISTRY else "power"
    each = f"{{{', '.join(have)}}}" if len(have) > 1 else "".join(have)
    helps = (f"write `{law}({each})`" + ", a fit for each of the two" * (len(have) > 1),)
    helps = helps if each else ("sweep a size of the models, and fit a law in it",)
    message = f"`{fit.request.name}` is a law in {' and '.join(quantities)}, and no model of this study has {lacking}"
    notes = ("a model that is solved has one size, N or D; of the other there is no end",)
    return Diagnostic("SCL412", message, fit.span, notes=notes, helps=helps)


def sizing(quantity: str) -> set[str]:
    """Names that a size follows from: the whole numbers of models, or the amounts of training."""
    families = (word for word in REGISTRY.values() if issubclass(word, Family))
    whole = {name for word in families for name, field in fields_of(word).items() if field.shape == "int"}
    return {"N": whole, "D": {*amounts()}}.get(quantity, set())


def _drawn_from(cell: Cell) -> str:
    """Amounts of distinct tokens up to the one that is written, which there is, in whole steps; some, where none is."""
    if not cell.grid.gives("unique"):
        return "{10k, 20k, 40k}"
    most, step = (cell.grid.value(name).at(dict(cell.first)) for name in ("unique", "step_tokens"))
    fewer = {max(1, round(most * share / step)) * step for share in (0.25, 0.5)}
    values = sorted({*fewer, most})
    shown = (short(v) if number(short(v)).value == v else f"{v:.12g}" for v in values)
    return f"{{{', '.join(shown)}}}" if len(values) > len(fewer) > 1 and values[-1] == most else "{10k, 20k, 40k}"


#: Axes of sizes where a study gives none.
WIDTHS, TOKENS = "width in [32..256]", "tokens in [1M..16M]"


def _around(cell: Cell, names: Sequence[str]) -> str:
    """An axis by doubling from a quarter of the one number that a study gives, past it; empty where it gives none."""
    for name in names:
        value = cell.grid.value(name).at(dict(cell.first)) if cell.grid.gives(name) else None
        if isinstance(value, int | float) and value >= 32 and value % 4 == 0:
            return f"{name} in [{text_of(value / 4)}..{text_of(value * (2 if name == 'width' else 4))}]"
    return ""


def _does_not_vary(
    fit: LocatedFit, quantity: str, plan: StudyPlan, cells: Sequence[Cell], every: Sequence[Cell]
) -> Diagnostic:
    """The finding about a size of a law that is one in all of its `cells`, of `every` one that there is."""
    swept = [axis.name for axis in plan.axes if axis.role == "sweep"]
    notes = (f"the study sweeps {listing(swept)}",) if swept else ("the study sweeps nothing",)
    helps: tuple[str, ...] = {
        "N": (f"sweep what a model's size follows from, such as `{_around(cells[0], ('width',)) or WIDTHS}`",),
        "D": (f"sweep how long runs train, such as `{_around(cells[0], ('tokens', 'steps')) or TOKENS}`",),
        "unique": (f"sweep what they draw from, such as `unique in {_drawn_from(cells[0])}`",),
    }.get(quantity, ())
    if quantity == "D" and cells[0].grid.gives("unique"):
        helps = (f"sweep what they draw from, such as `unique in {_drawn_from(cells[0])}`",)
    if fit.where is not None and len({value_of(c, quantity) for c in every}) > 1:
        condition = text(fit.where)
        helps = (
            *(h for h in helps if "unique" in h),
            f"its condition leaves one: keep more, or leave `where {condition}` out",
        )
        others = [q for q in fit.request.quantities if q != quantity]
        if len(others) == 1 and len({value_of(c, others[0]) for c in cells}) > 1:
            helps = (*helps, f"or write `power({others[0]}) where {condition}`, a law in the other alone")
    apart = [axis for axis in plan.axes if axis.role in KEPT_APART and sizing(quantity) & {*axis.names}]
    if apart:
        helps = tuple(
            _numbers_alone(a) if a.named else f"write `{_plain(a)}` without `{a.role}`, which {KEPT_APART[a.role]}"
            for a in apart
        )
    message = f"`{fit.request.name}` is a law in {quantity}, and {quantity} is the same in all its cells"
    return Diagnostic("SCL412", message, fit.span, notes=notes, helps=helps)


def _plain(axis: PlanAxis) -> str:
    """An axis of numbers, listed without its role."""
    points = [", ".join(map(_shown, point)) for point in axis.points]
    listed = ", ".join(points if len(axis.names) == 1 else (f"({point})" for point in points))
    return f"{' & '.join(axis.names)} in {{{listed}}}" if len(points) <= LISTED else f"{' & '.join(axis.names)} in ..."


def _numbers_alone(axis: PlanAxis) -> str:
    """The help for an axis of labelled values, each of which has a fit of its own."""
    stands = [value for _, value in axis.values]
    plain = all(re.fullmatch(r"[\d.]+[kMB]?", value) for value in stands)
    numbers = ", ".join(sorted(stands, key=lambda value: number(value).value) if plain else stands)
    return f"values with labels have a fit of their own each: write `{axis.name} in {{{numbers}}}`"


def separate_rates(
    plan: StudyPlan, requests: Requests, claims: Iterable[Claim], cells: tuple[Cell, ...], spans: Mapping[str, Span]
) -> Iterator[Diagnostic]:
    """An axis of learning rates that is not tuned gives each rate a fit of its own, which is hardly ever meant."""
    rates = [a for a in plan.axes if a.role == "sweep" and a.name == RATE and a.name in spans]
    if not rates or not requests.fits:
        return
    read = {name for claim in claims for name in identifiers_in(claim.test)}
    read |= {q for fit in requests.fits.values() for q in fit.request.quantities}
    read |= {name for fit in requests.fits.values() if fit.where is not None for name in free_names(fit.where)}
    for axis in rates:
        if axis.name not in read and any(isinstance(cell.optimiser, GradientOptimiser) for cell in cells):
            n = len(axis.points)
            values = f"{{{', '.join(map(_shown, (point[0] for point in axis.points)))}}}" if n <= LISTED else "..."
            message = f"`{axis.name}` is swept and not tuned, so each of its {n} values has fits of its own"
            helps = (
                f"write `tune {axis.name} in {values}` to keep the best rate of each cell",
                f"or `panel {axis.name} in {values}` where a fit at each rate is meant",
            )
            yield Diagnostic("SCL216", message, spans[axis.name], severity="warning", helps=helps)


def _shown(value: object) -> str:
    return text_of(value) if isinstance(value, int | float) else str(value)


def _few_points(fit: LocatedFit, panels: list[Panel]) -> Iterator[Diagnostic]:
    request = fit.request
    free = free_parameters(request)
    shared = [name for name in request.shared if name in free]
    if shared:
        # Panels are fitted together: the shared parameters count once.
        needed = len(shared) + (len(free) - len(shared)) * len(panels)
        panels = [Panel((), tuple(c for p in panels for c in p.cells))]
    else:
        needed = len(free)
    short = [p for p in panels if len(p.cells) < needed]
    if not short:
        return
    largest = max(len(p.cells) for p in panels)
    what = f"its parameters {listing(free)}" if len(free) > 1 else f"its parameter {listing(free)}"
    if len(short) == len(panels):
        message = f"`{request.name}` has {needed} parameters to find in {largest} cell{'s' * (largest != 1)}"
        notes = (f"{what} need at least as many cells; tuned and averaged axes make none",)
        helps = ("sweep more sizes, or fix a parameter, such as `E=entropy_rate`",)
        yield Diagnostic("SCL414", message, fit.span, notes=notes, helps=helps)
    else:
        names = [", ".join(f"{k} = {v}" for k, v in p.point) for p in short[:3]]
        yield Diagnostic(
            "SCL415",
            f"{len(short)} of the {len(panels)} fits of `{request.name}` have fewer cells than its {needed} parameters",
            fit.span,
            severity="warning",
            notes=(f"they will be listed as not fitted: {'; '.join(names)}{', ...' if len(short) > 3 else ''}",),
        )
