"""Numbers that a title or comment gives with what they count, of which the study has another."""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Iterator, Sequence
from typing import Any, NamedTuple

from ...diagnostics.suggest import listing
from ...errors import Diagnostic
from ...plan.panel_axes import value_of
from ...plan.study_plan import StudyPlan
from ...plan.survey import Cell
from ...syntax.numbers import text_of
from ...vocabulary.base import Term
from ...vocabulary.words.graphs import Graph
from .remarks import Remark

WORDS = {
    w: i
    for i, w in enumerate(
        ["two", "three", "four", "five", "six", "seven", "eight", "nine", "ten", "eleven", "twelve"], 2
    )
}
_ONE = rf"(?:\d{{1,3}}(?:,\d{{3}})+|\d+(?:\.\d+)?(?:e-?\d+)?[kM]?|\.\d+|{'|'.join(WORDS)})\b"
_NUMBERS = rf"(?<![\w.,/^*=-])((?:{_ONE}(?:,? (?:and|or|to) |, ?|-|/))*{_ONE})"
#: Words that may stand between a number and what it counts.
_KINDS = r"(?:(?:random|independent|different|distinct|training|model|hidden|attention|learning)[ -])*"
_BATCH = rf"\bbatch(?:es)?(?: size)?(?: of)? {_NUMBERS}(?!\w*[ -]?tok)"
_RATIO = rf"{_NUMBERS} tokens (?:per|a|for each|to a) param"
_LENGTH = rf"\b(?:sequences|walks|windows|contexts?)(?: length)? of {_NUMBERS}(?: tokens)?"
_HELD = rf"(?:\bhold(?:s|ing)? out (?=\S+ ?%)|(?=\S+ ?% (?:is |are )?held out)){_NUMBERS} ?%"
_RATE = rf"\b(?:learning rate|lr)(?: of| is)? {_NUMBERS}"
_DECAY = rf"\bweight decay(?: of| is)? {_NUMBERS}"
_SIDES = re.compile(
    r"\b(?P<a>\d+)(?: by | ?x ?| ?× ?)(?P=a)(?P<b>(?:(?: by | ?x ?| ?× ?)(?P=a))?)(?![\d.])", re.IGNORECASE
)
#: Words of a comment up to which it is of one thing; a title is of the study whatever its length.
SHORT = 9
#: How far a round number may lie from what it stands for, `1k` for 1024.
ROUND = 0.03
#: Ratios of tokens to parameters up to which a study is of some.
FEW_RATIOS = 8
#: Nodes up to which machines may be meant.
MACHINES = 16


class _Counted(NamedTuple):
    """What is counted: its name, its numbers in the study, and how another is written."""

    name: str
    found: Callable[[StudyPlan, Sequence[Cell]], Collection[float]]
    way: str = ""
    #: The number up to which something else may be counted.
    above: float = 1.0
    #: How it is said with its numbers, where those do not stand before its name.
    pattern: str = ""


def counts_said(said: Sequence[Remark], plan: StudyPlan, cells: Sequence[Cell]) -> Iterator[Diagnostic]:
    """`title "Mean of five seeds"` over three seeds: either of both is a slip. Long comments are not read."""
    for remark in said:
        if remark.noun == "comment" and len(remark.text.split()) > SHORT:
            continue
        for counted in COUNTED:
            pattern = counted.pattern or rf"{_NUMBERS}[ -]{_KINDS}{counted.name}\b"
            found = re.search(pattern, remark.text, re.IGNORECASE)
            if found is None or not remark.plain_without(found[0]):
                continue
            numbers = [_value(n) for n in re.findall(_ONE, found[1], re.IGNORECASE)]
            there = sorted({*counted.found(plan, cells)}) if len(numbers) == 1 and numbers[0] > counted.above else []
            if there and not any(_is(numbers[0], n) for n in there):
                shown = listing((text_of(n) for n in there[:4]), mark="")
                message = f"the {remark.noun} says {text_of(numbers[0])} {counted.name}, and the study has {shown}"
                here = f"say {shown} in the {remark.noun}"
                ways = (counted.way.format(n=text_of(numbers[0]), last=text_of(numbers[0] - 1)), f"or {here}")
                helps = ways if counted.way else (here,)
                yield Diagnostic("SCL456", message, remark.place(found[0]), severity="warning", helps=helps)
        yield from _sides(remark, cells)


def _sides(remark: Remark, cells: Sequence[Cell]) -> Iterator[Diagnostic]:
    """`8 by 8` in words, and a lattice of other sides."""
    lattices = {(g.word, g.side, g.dim) for g in _graphs(cells) if hasattr(g, "side") and hasattr(g, "dim")}
    found = _SIDES.search(remark.text)
    if found is None or len(lattices) != 1:
        return
    (word, own, directions), side, dim = lattices.pop(), int(found["a"]), 3 if found["b"] else 2
    if (own, directions) != (side, dim):
        has = f"{own} nodes along each of {directions} directions"
        message = f"the {remark.noun} says {found[0].strip()}, and the {word} has {has}"
        helps = (f"write `{word}({side}, dim={dim})`, or say in the {remark.noun} what there is",)
        yield Diagnostic("SCL456", message, remark.place(found[0].strip()), severity="warning", helps=helps)


def inside(term: Any) -> Iterator[Term]:
    """A term and all that it is made of."""
    if isinstance(term, Term):
        yield term
        for _, value in term:
            yield from inside(value)


def _value(said: str) -> float:
    if said.lower() in WORDS:
        return float(WORDS[said.lower()])
    return float(said.rstrip("kM").replace(",", "")) * {"k": 1e3, "M": 1e6}.get(said[-1], 1.0)


def _is(said: float, there: float) -> bool:
    """True where a number stands for another; large ones are rounded."""
    return said == there or (said % 100 == 0 and abs(said - there) <= ROUND * there)


def _of_terms(name: str) -> Callable[[StudyPlan, Sequence[Cell]], Collection[float]]:
    def found(_: StudyPlan, cells: Sequence[Cell]) -> Collection[float]:
        wholes = {id(whole): whole for c in cells for whole in (c.model, c.source)}.values()
        return {float(v) for whole in wholes for t in inside(whole) if isinstance(v := getattr(t, name, None), int)}

    return found


def _graphs(cells: Sequence[Cell]) -> set[Graph]:
    sources = {id(c.source): c.source for c in cells}.values()
    return {g for source in sources for g in inside(source) if isinstance(g, Graph)}


def _nodes(_: StudyPlan, cells: Sequence[Cell]) -> Collection[float]:
    sizes = [float(g.n_nodes) for g in _graphs(cells) if g.chain]
    return sizes if all(sizes) else ()


def _drawn(plan: StudyPlan, cells: Sequence[Cell]) -> Collection[float]:
    """Graphs, kinds of them, and values of the axes that they may be counted by; none where not all are drawn once."""
    graphs = _graphs(cells)
    endless = any(hasattr(c.source, "problems") for c in cells)
    if endless or not all(hasattr(g, "seed") for g in graphs) or not graphs:
        return ()
    axes = [len(a.points) for a in plan.axes if a.role == "panel" or "data" in a.names] if len(graphs) > 1 else []
    return {float(n) for n in (len(graphs), len({g.word for g in graphs}), *axes)}


def _seeds(plan: StudyPlan, cells: Sequence[Cell]) -> Collection[float]:
    return {float(len(a.points)) for a in plan.axes if any("seed" in name for name in a.names)} or {1.0}


def _axis(name: str) -> Callable[[StudyPlan, Sequence[Cell]], Collection[float]]:
    return lambda plan, _: {float(len(a.points)) for a in plan.axes if name in a.names}


def _batches(_: StudyPlan, cells: Sequence[Cell]) -> Collection[float]:
    return {float(b) for c in cells if isinstance(b := getattr(c.optimiser, "batch", None), int)}


def _passes(_: StudyPlan, cells: Sequence[Cell]) -> Collection[float]:
    return {float(v) for c in cells if isinstance(v := value_of(c, "epochs"), int | float)}


def _ratios(_: StudyPlan, cells: Sequence[Cell]) -> Collection[float]:
    """Tokens a parameter, rounded; none where there are many."""
    found = {float(f"{c.asked_tokens / c.n_total:.2g}") for c in cells if c.n_total}
    return found if len(found) <= FEW_RATIOS else ()


def _warmups(_: StudyPlan, cells: Sequence[Cell]) -> Collection[float]:
    shares = [w.fraction for c in cells if (w := getattr(c.optimiser, "warmup", None)) is not None]
    return {float(f"{100 * s:.6g}") for s in shares if s is not None} if None not in shares else ()


def _splits(_: StudyPlan, cells: Sequence[Cell]) -> Collection[float]:
    terms = {id(t): t for c in cells for t in inside(c.source)}.values()
    return {float(f"{100 * s:.6g}") for t in terms if isinstance(s := getattr(t, "split", None), float)}


def _given(name: str) -> Callable[[StudyPlan, Sequence[Cell]], Collection[float]]:
    """Numbers of a parameter of optimisers, where it is no axis."""

    def found(plan: StudyPlan, cells: Sequence[Cell]) -> Collection[float]:
        if any(name in axis.names for axis in plan.axes):
            return ()
        return {float(v) for c in cells if isinstance(v := getattr(c.optimiser, name, None), float | int)}

    return found


_rates, _decays = _given("lr"), _given("decay")
COUNTED = (
    _Counted("nodes", _nodes, "write `n={n}`", above=MACHINES),
    _Counted("seeds", _seeds, "write `seed in [0..{last} step 1]`"),
    _Counted(
        "graphs",
        _drawn,
        "a graph has a seed of its own: write `seed=graph_seed` in its parentheses, and "
        "`graph_seed in [0..{last} step 1]` behind `data`",
    ),
    _Counted("layers", _of_terms("layers"), "write `layers={n}`"),
    _Counted("heads", _of_terms("heads"), "write `heads={n}`"),
    _Counted("widths", _axis("width")),
    _Counted("rates", _axis("lr")),
    _Counted("epochs", _passes, "write `epochs = {n}`"),
    _Counted("passes", _passes, "write `epochs = {n}`"),
    _Counted("sequences in a batch", _batches, "write `batch={n}`", pattern=_BATCH),
    _Counted("tokens a parameter", _ratios, "write `tokens = {n}*N`", pattern=_RATIO),
    _Counted("tokens a sequence", _of_terms("length"), "write `length={n}`", pattern=_LENGTH),
    _Counted("% held out", _splits, "write `split={n}%`", pattern=_HELD),
    _Counted("for the rate", _rates, "write `lr={n}`", above=0, pattern=_RATE),
    _Counted("of weight decay", _decays, "write `decay={n}`", above=0, pattern=_DECAY),
    _Counted("% of warm-up", _warmups, "write `warmup={n}%`", pattern=rf"{_NUMBERS} ?% (?:of )?warm-?up"),
)
