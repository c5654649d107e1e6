"""Runs on more of a text than there is, and those unlikely to be meant: read over and over, steps without end, or of
another kind than the law that is fitted to them.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ..diagnostics.collect import Fault
from ..diagnostics.suggest import listing
from ..errors import Diagnostic
from ..expressions.canonical_tree import text
from ..plan.panel_axes import value_of
from ..plan.study_plan import FitRequest, StudyPlan
from ..plan.survey import Cell, Survey
from ..requests.request_types import Requests, law_of
from ..source import Span
from ..syntax.numbers import short, text_of
from ..syntax.visit import calls_in
from ..vocabulary.base import Part
from ..vocabulary.parameters import fields_of
from ..vocabulary.quantities import curves
from ..vocabulary.words.laws import Law
from ..vocabulary.words.sources import SequenceSource
from ..vocabulary.words.training import GradientOptimiser
from .fit_rules import FRESH, cells_where
from .of_runs.amounts_meant import that_suit
from .of_runs.said_amounts import Typed
from .run_rules import given_at

if TYPE_CHECKING:
    from ..files.small_texts import Small

#: Passes over a text beyond which more teach hardly anything (arXiv:2305.16264: half is gone after 16).
MANY_PASSES = 40
#: Steps of a run that no machine takes in days: a small model takes some thousands a second.
MANY_STEPS = 1_000_000_000
#: Parameters of a model that no device trains, and bytes of each: its weight, gradient and two moments in float32.
MOST_PARAMETERS, STATE_BYTES = 100_000_000_000, 16


def passes_over_texts(requests: Requests, found: Survey, base: Path) -> Iterator[Diagnostic]:
    """A law of N and D takes every token for a new one; a text that is read over and over has few."""
    for fit in requests.fits.values():
        request = fit.request
        if request.quantities != ("N", "D") or fit.implied or request.loss in curves():
            continue
        try:
            cells = cells_where(fit.where, tuple(found.cells.values()))
        except Fault:
            continue
        passes, tokens, cell = max(
            ((_passes(cell, base), cell.asked_tokens, cell) for cell in cells),
            key=lambda m: m[:2],
            default=(0.0, 0, None),
        )
        if cell is not None and passes > MANY_PASSES:
            message = (
                f"`{request.name}` takes tokens that are seen again for new ones, and the longest run here makes some "
                f"{short(round(passes))} passes over its text"
            )
            once = short(float(f"{tokens / passes:.1g}"))
            step = cell.grid.value("step_tokens").at(dict(cell.first))
            parts = sorted({max(1, round(float(f"{tokens / passes / part:.1g}") / step)) for part in (8, 4, 2)})
            fresh = ", ".join(text_of(part * step) for part in parts)
            helps = (
                f"train on less, a pass being some {once} tokens, or take more text",
                f"what passes are worth is the law `repeated(U=unique)`, with `unique in {{{fresh}}}` behind `train`",
            )
            yield Diagnostic("SCL438", message, fit.span, severity="warning", helps=helps)


#: How near N and D lie to each other where a penalty that is not tuned makes losses larger.
NEAR = 2.0


def laws_of_other_runs(plan: StudyPlan, requests: Requests, found: Survey) -> Iterator[Diagnostic]:
    """Laws on runs that they are not of: tokens that are never seen again, noise, a penalty that is not the best, or
    nothing left to learn.
    """
    kept = {name for axis in plan.axes if axis.role == "tune" for name in axis.names}
    for fit in requests.fits.values():
        request = fit.request
        if fit.implied or request.loss in curves():
            continue
        try:
            cells = cells_where(fit.where, tuple(found.cells.values()))
        except Fault:
            continue
        law = law_of(request)
        told = [*_never_again(request, law, cells), *_otherwise(request, law, cells, kept)]
        if told:
            (message, *notes), helps = zip(*told, strict=True)
            yield Diagnostic("SCL438", message, fit.span, "warning", notes=tuple(notes), helps=helps)
        nothing = [why for cell in cells if (why := cell.model.leaves_nothing(cell.source, cell.optimiser))]
        if nothing and "N" in request.quantities:
            known = f"{len(nothing)} of the {len(cells)} cells of `{request.name}` have no loss left to learn"
            more = 10 * max(cell.n_total for cell in cells)
            helps = (f"take more of them, such as `{cells[0].source.order[0]}={more}`, or smaller models",)
            yield Diagnostic("SCL438", f"{known}: {nothing[0]}", fit.span, severity="warning", helps=helps)


def _never_again(request: FitRequest, law: type[Law], cells: Sequence[Cell]) -> Iterator[tuple[str, str]]:
    """A law of what tokens are worth that are seen again, where hardly any are."""
    distinct = dict(request.variables).get(law.distinct, "")
    passes = [
        cell.asked_tokens / unique
        for cell in cells
        if isinstance(unique := value_of(cell, distinct), int | float) and unique > 0
    ]
    if passes and max(passes) < FRESH:
        message = f"`{request.name}` tells what tokens are worth that are seen again, and no run here sees many twice"
        yield message, "make several passes: write `epochs in {1, 2, 4, 8}` behind `train`, beside `unique`"


def _otherwise(
    request: FitRequest, law: type[Law], cells: Sequence[Cell], kept: Collection[str]
) -> Iterator[tuple[str, str]]:
    """A law of losses without noise, or at the best of some parameter, on others."""
    for name in law.without:
        given = {value_of(cell, name) for cell in cells} - {None}
        if given and all(given):
            message = f"`{request.name}` is a law without `{name}`, and every cell has some"
            yield message, f"leave `{name}={short(max(given))}` out, or fit a law with a floor"
    sizes = [(value_of(cell, "N"), value_of(cell, "D")) for cell in cells]
    near = [n for n, d in sizes if isinstance(n, int) and isinstance(d, int) and d < NEAR * n < NEAR**2 * d]
    for name in law.tuned if near else ():
        given = {value_of(cell, name) for cell in cells} - {None}
        if len(given) == 1 and name not in kept:
            message = (
                f"`{request.name}` is of the best `{name}` of each cell, and here it is {short(given.pop())} in all"
            )
            yield message, f"write `tune {name} in [1e-8..0.1 times 10]`: near N = D one that is too small costs most"


def more_than_texts_hold(
    found: Survey, texts: Mapping[tuple[str, str, str, str], tuple[Small, str]], spans: Mapping[str, Span]
) -> Iterator[Diagnostic]:
    """More tokens to draw from than a text has left once a part is held out."""
    asked: dict[Any, tuple[int, Cell]] = {}
    for cell in found.cells.values():
        sources: tuple[Any, ...] = (cell.source, getattr(cell.source, "text", None))
        text = next((s for s in sources if hasattr(s, "split") and hasattr(s, "unique")), None)
        if text is None:
            continue
        unique = text.unique or _drawn_from(cell)
        if unique > asked.get(text, (0, cell))[0]:
            asked[text] = unique, cell
    told: set[str] = set()
    for text, (unique, cell) in sorted(asked.items(), key=lambda pair: -pair[1][0]):
        read, mark = texts.get((text.path, text.field, text.encoding, text.separator), (None, ""))
        if read is None or text.path in told:
            continue
        lack = read.holds_less(unique, mark, bool(text.field), text.split)
        if lack is not None:
            told.add(text.path)
            given = given_at(cell.grid.calls["data"], text.word, "unique")
            span = given or spans.get("unique") or spans.get("epochs") or cell.grid.calls["data"].span
            message = f'"{text.path}": {lack.why}'
            few = 10 ** (max(2, len(str(lack.most))) - 2)
            helps: tuple[str, ...] = ("take a longer text",)
            if lack.most and (given is not None or "unique" in spans):
                most = f"`unique={short(lack.most // few * few)}` at most"
                if len({_drawn_from(one) for one in found.cells.values()}) > 1:
                    parts = (lack.most // part // few * few for part in (4, 2, 1))
                    most = f"`unique in {{{', '.join(map(short, parts))}}}`"
                helps = (f"a longer text, or {most}",)
                if lack.whole:
                    helps = ("take a longer text, of documents that differ", f"of one as long as this draw from {most}")
            notes = (lack.whole,) if lack.whole else ()
            yield Diagnostic("SCL504", message, span, notes=notes, helps=helps)


def _drawn_from(cell: Cell) -> int:
    """Tokens that a run draws from as it is trained; 0 where it takes all there are."""
    if not (cell.grid.gives("unique") or cell.grid.gives("epochs")):
        return 0
    value = cell.grid.value("unique").at(dict(cell.first))
    return round(value) if isinstance(value, int | float) and value == value else 0


def _passes(cell: Cell, base: Path) -> float:
    """Passes of a run over its text, at least; 0 where how much there is to read is not plain from the file's size."""
    source = cell.source
    path, split = getattr(source, "path", ""), getattr(source, "split", None)
    if split is None or getattr(source, "unique", None) or value_of(cell, "epochs") is not None:
        return 0.0
    file = base / path
    if file.suffix not in (".txt", ".md") or not file.is_file():
        return 0.0
    return cell.asked_tokens / max(1.0, file.stat().st_size * (1 - float(split)))  # no token is less than a byte


def endless_runs(plan: StudyPlan, found: Survey, spans: Mapping[Part, Span], typed: Typed) -> Iterator[Diagnostic]:
    """Runs of more steps than any machine takes, as by the compute of large models on small ones, and models that no
    device has room for.
    """
    trained = [
        cell
        for cell in found.cells.values()
        if isinstance(cell.source, SequenceSource) and isinstance(cell.optimiser, GradientOptimiser)
    ]
    largest = max((cell.n_total for cell in trained), default=0)
    if largest > MOST_PARAMETERS:
        room = f"{largest * STATE_BYTES / 1e12:.2g} TB"
        message = f"the largest model has {_rounded(largest)} parameters, and trains in some {room} of one device"
        helps = ("train smaller ones: `scalingdsl plan` tells what runs take in memory and time",)
        yield Diagnostic("SCL222", message, spans["models"], severity="warning", helps=helps)
    longest = max(trained, key=lambda cell: cell.steps, default=None)
    if longest is None or longest.steps < MANY_STEPS:
        return
    n, tokens = value_of(longest, "N"), longest.asked_tokens
    each = f", {_rounded(tokens / n)} for each parameter" if isinstance(n, int) and n else ""
    message = f"the longest run takes {_rounded(longest.steps)} steps, on {_rounded(tokens)} tokens{each}"
    ways = that_suit(plan, found, typed) or ("train less, or larger models: `scalingdsl plan` tells what runs cost",)
    yield Diagnostic("SCL222", message, spans["train"], severity="warning", helps=ways)


def _rounded(value: float) -> str:
    return short(float(f"{value:.2g}"))


#: What all steps of a run together must move a weight by, for it to learn: weights begin at about 1/sqrt(width).
LEAST_MOVED = 1e-3


def still_weights(plan: StudyPlan, found: Survey) -> Iterator[Diagnostic]:
    """A rate so low that no run moves its weights anywhere, under optimisers whose steps are bounded by the rate."""
    if any("lr" in axis.names for axis in plan.axes):
        return
    trained = [c for c in found.cells.values() if isinstance(c.optimiser, GradientOptimiser) and c.optimiser.bounded]
    longest: dict[int, Cell] = {}
    for cell in trained:
        moved = max(longest.get(id(cell.grid), cell), cell, key=lambda c: c.optimiser.lr * c.steps)  # type: ignore[attr-defined]
        longest[id(cell.grid)] = moved
    for cell in longest.values():
        rate = cell.optimiser.lr  # type: ignore[attr-defined]
        span = given_at(cell.grid.calls["train"], cell.optimiser.word, "lr")
        if span is not None and rate * cell.steps < LEAST_MOVED:
            together = f"all {cell.steps:,} steps of the longest run together move a weight by {rate * cell.steps:.1g}"
            message = f"a rate of {rate:g} is too low to learn: {together} at most"
            usual = fields_of(type(cell.optimiser))["lr"].default
            yield Diagnostic(
                "SCL218", message, span, severity="warning", helps=(f"write a rate such as `lr={usual:g}`",)
            )


def idle_amounts(found: Survey, typed: Mapping[str, Span]) -> Iterator[Diagnostic]:
    """`train ridge  steps=500`: an amount of training where every model is solved, and none takes steps."""
    idle = [name for name in ("steps", "epochs", "tokens", "compute") if name in typed]
    if idle and found.cells and all(_takes_no_steps(c) for c in found.cells.values()):
        family, optimiser = min((c.model.word, c.optimiser.word) for c in found.cells.values())
        trained = any(c.model.trained for c in found.cells.values())
        why = f"`{family}` is solved, and `{optimiser}` takes no steps" if trained else f"`{family}` is not trained"
        helps = (f"leave `{idle[0]}` out: how much it learns from is `samples`",)
        if all(c.model.n_samples == 0 for c in found.cells.values() if not c.model.trained) and not trained:
            helps = (f"leave `{idle[0]}` out",)
        message = f"`{idle[0]}` has no effect: {why}"
        yield Diagnostic("SCL218", message, typed[idle[0]], severity="warning", helps=helps)


def _takes_no_steps(cell: Cell) -> bool:
    return not cell.model.trained or (cell.model.solved and not cell.optimiser.takes_steps)


def idle_weights(found: Survey) -> Iterator[Diagnostic]:
    """Edge weights that are all the same: an exponent between equal bounds, or a bound at the exponent 0."""
    walks: dict[int, list[Cell]] = {}
    for cell in found.cells.values():
        if getattr(cell.source, "kappa", None) is not None:
            walks.setdefault(id(cell.grid.calls["data"]), []).append(cell)
    for cells in walks.values():
        laws = {(w.kappa, w.k_min, w.k_max) for w in (cell.source for cell in cells)}  # type: ignore[attr-defined]
        call, word = cells[0].grid.calls["data"], cells[0].source.word
        exponents = {kappa for kappa, _, _ in laws}
        of_file = any(hasattr(getattr(cell.source, "graph", None), "path") for cell in cells)  # whose edges may weigh
        usual = fields_of(type(cells[0].source))["k_max"].default
        if exponents != {0} and all(low == high for _, low, high in laws):
            high = laws.pop()[2]
            message = f"every edge has the weight {high:,}, and `kappa` changes nothing"
            name, way = "kappa", f"leave `k_max={high}` out, for weights up to {usual}"
        elif exponents == {0} and any(low < high != usual for _, low, high in laws) and not of_file:
            message = "at `kappa=0` every edge has the same weight, and `k_max` changes nothing"
            name, way = "k_max", "write `kappa=1` beside it, for weights that differ, or leave it out"
        elif exponents == {0} and not of_file and not any(cell.source.symmetric for cell in cells):  # type: ignore[attr-defined]
            message = "at `kappa=0` every edge has the same weight both ways, and `symmetric=false` changes nothing"
            name, way = "symmetric", "write `kappa=1` beside it, for weights that differ, or leave it out"
        else:
            continue
        if (span := given_at(call, word, name)) is not None:
            yield Diagnostic("SCL218", message, span, severity="warning", helps=(way,))


def idle_copies(found: Survey) -> Iterator[Diagnostic]:
    """Copies of sources that lose nothing, each of them: `synthetic(pool, cut=100, generations=0)` is `pool`."""
    same = {id(cell.source): (by, cell) for cell in found.cells.values() if (by := cell.source.same_by) is not None}
    if not same or not all(by for by, _ in same.values()):
        return
    by, cell = next((pair for pair in same.values() if pair[0] != "source"), next(iter(same.values())))
    whole, word = cell.grid.calls["data"], cell.source.word
    call = next((c for c in calls_in(whole) if c.name == word), whole)
    span = given_at(whole, word, by) or call.span
    if by == "source":
        message = "this copy is its source: it loses nothing by `cut`, `temperature` or `seen`"
        helps = ("say what it loses, such as `temperature=0.8`, or `cut=5` for the likeliest 5 alone",)
    elif by == "real":
        message = "all of the data is drawn from the source itself, and nothing from a copy"
        helps = ("write a share such as `real=10%`",)
    else:
        lost = listing(f"{a.name}={text(a.value)}" for a in call.named if a.name in ("cut", "temperature", "seen"))
        message = f"`generations=0` is the source itself, in which {lost} changes nothing"
        helps = ("write `generations=1` for a copy, or more for copies of copies",)
    yield Diagnostic("SCL218", message, span, severity="warning", helps=helps)
