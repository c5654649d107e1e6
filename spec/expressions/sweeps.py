"""The points of a sweep: `[a..b]` doubles, `step` adds, `times` multiplies, `count` spaces in log; `{x, y}` lists."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import count
from typing import Any, NoReturn

from ..constants import MOST_POINTS
from ..diagnostics.collect import Fault, Report
from ..diagnostics.suggest import listing
from ..errors import Diagnostic, Edit, Fix
from ..syntax import ast
from ..syntax.numbers import canonical_number, short, text_of
from ..vocabulary.base import Scalar
from ..vocabulary.functions import FUNCTIONS
from ..vocabulary.quantities import names
from .canonical_tree import named, text
from .evaluate import Algebra

#: Counts from here on are told by their power of ten.
COUNTED = 10**15
#: Seeds that are listed one by one.
MOST_SEEDS = 8
#: Points that a help lists one by one, at most.
MOST_LISTED = 16
#: Relative slack with which a range reaches its end.
SLACK = 1e-9
#: How near a factor with some of its digits, such as 3.16 for the root of ten, comes to the end that it is meant for.
ROUNDED = 5e-3

#: Words for a value that is left to chance.
CHANCE = ("random", "rand", "randint", "any", "auto", "time", "none", "null")


@dataclass(frozen=True)
class Points:
    """The values of an axis: one tuple a point, and what its labels stand for."""

    points: tuple[tuple[Scalar, ...], ...]
    named: bool = False
    #: Label -> the tree it stands for, with its place; a dictionary for each name of the axis.
    stands: tuple[Mapping[str, Any], ...] = ()


def constant(node: ast.Test | ast.Value, said: str = "the values of a sweep are") -> Any:
    """The value of an expression of numbers alone; `Fault` where it needs more. `said` is what has to be known."""

    def unknown(part: ast.Name | ast.Call) -> Fault:
        if isinstance(part, ast.Call) and part.name in FUNCTIONS:
            one = FUNCTIONS[part.name]
            count = str(one.fewest) if one.fewest == one.most else f"{one.fewest} or more"
            helps = (f"it takes {count}: {one.meaning}",)
            return Fault("SCL205", f"`{part.name}` does not take these arguments", part.span, helps=helps)
        name = part.id if isinstance(part, ast.Name) else part.name
        helps = (f"name the factor and define the rest, such as `ratio in {{5, 20}}  tokens = ratio*{name}`",)
        if part is node and isinstance(part, ast.Name) and name not in names(size=True):
            helps = (f"write the number, or give it that name: `let {name} = ...`",)
            if name.lower() in CHANCE:
                helps = ("write a number in its place, such as that behind the others: seeds are numbers too",)
        message = f"`{name}` is not a number; {said} known before any run"
        return Fault("SCL301", message, part.span, helps=helps)

    def no_name(part: ast.Name) -> NoReturn:
        raise unknown(part)

    try:
        value = Algebra[Any](no_name, unknown).value(node)
    except (ArithmeticError, TypeError, ValueError):
        raise Fault("SCL204", f"`{text(node)}` has no value", node.span, helps=("write a number",)) from None
    if isinstance(value, bool) or not isinstance(value, int | float) or not math.isfinite(value):
        helps = ("leave the quotes out: a number has none",) if isinstance(value, str) and value[:1].isdigit() else ()
        raise Fault("SCL204", f"`{text(node)}` is not a number", node.span, helps=helps)
    return canonical_number(value)


def read(names: tuple[str, ...], values: ast.Value, report: Report) -> Points | None:
    """The points of a sweep, or None after reporting why it has none."""
    try:
        if isinstance(values, ast.Range):
            if len(names) > 1:
                message = f"`{' & '.join(names)}` move together, so each point lists {len(names)} values"
                helps = (f"write `{{({', '.join('1' * len(names))}), ...}}`",)
                raise Fault("SCL302", message, values.span, helps=helps)
            return Points(tuple((x,) for x in spread(values, report)))
        if isinstance(values, ast.Set):
            return _listed(names, values, report)
    except OverflowError:
        message = f"`{text(values)}` spans more than numbers can hold"
        report(Diagnostic("SCL304", message, values.span, helps=("write smaller ends",)))
        return None
    except Fault as fault:
        report(_factored(names[0], values, fault.diagnostic))
        return None
    report(_no_sweep(names, values))
    return None


def _factored(name: str, values: ast.Value, said: Diagnostic) -> Diagnostic:
    """The finding about `tokens in {5*N, 20*N, 80*N}` with its factors as the axis; any other as it is."""
    entries = [entry.value for entry in values.entries] if isinstance(values, ast.Set) else []
    if isinstance(values, ast.Range) and values.grid is None:
        entries = [values.start, values.stop]
    factors: list[str] = []
    of: set[str] = set()
    for entry in entries if said.code == "SCL301" else ():
        match entry:
            case ast.Binary("*", ast.Number(factor), ast.Name(id)) | ast.Binary("*", ast.Name(id), ast.Number(factor)):
                factors, of = [*factors, factor], of | {id}
            case ast.Name(id):
                factors, of = [*factors, "1"], of | {id}
            case _:
                return said
    if len(of) != 1:
        return said
    swept = f"[{'..'.join(factors)}]" if isinstance(values, ast.Range) else f"{{{', '.join(factors)}}}"
    meant = f"ratio in {swept}  {name} = ratio*{of.pop()}"
    return replace(said, helps=(f"name the factor and define the rest: write `{meant}`",))


def _no_sweep(names: tuple[str, ...], values: ast.Value) -> Diagnostic:
    """Something else behind `in`, with what is written for it where that can be told."""
    meant, certain = "", False
    helps: tuple[str, ...]
    fixes: tuple[Fix, ...] = ()
    match values:
        case ast.Group(items):
            meant, certain = f"{{{', '.join(text(i) for i in items)}}}", True
        case ast.Number(count) | ast.Call(args=(*_, ast.Number(count))) if (
            names == ("seed",)
            and (isinstance(values, ast.Number) or not made_by(values))
            and count.isdigit()
            and 1 < int(count) <= MOST_POINTS
        ):
            meant = so_many(int(count))
            helps = (f"write `seed in {meant}` for {count} seeds", f"or `seed = {count}` for the one of that number")
            fixes = (Fix((Edit(values.span, meant),), "maybe-incorrect"),)
            return Diagnostic("SCL303", f"`{text(values)}` is no sweep", values.span, helps=helps, fixes=fixes)
        case ast.Number() | ast.Name() | ast.Binary() | ast.String():
            meant = f"{{{text(values)}}}"
        case ast.Call():
            meant = made_by(values)
    helps = ("after `in` stands a range such as `[32..512]` or a list such as `{32, 64}`",)
    if meant:
        helps = (f"write `{' & '.join(names)} in {meant}`",)
        fixes = (Fix((Edit(values.span, meant),), "machine-applicable" if certain else "maybe-incorrect"),)
    return Diagnostic("SCL303", f"`{text(values)}` is no sweep", values.span, helps=helps, fixes=fixes)


def so_many(count: int) -> str:
    """The sweep over so many seeds."""
    return f"{{{', '.join(map(str, range(count)))}}}" if count <= MOST_SEEDS else f"[0..{count - 1} step 1]"


#: The largest exponent of ten that a number has.
LARGEST_EXPONENT = 300
#: Functions of other languages that list their values.
LISTS = ("choice", "choices", "list", "set", "tuple", "values", "grid", "grid_search", "categorical", "array", "c")


def made_by(call: ast.Call) -> str:
    """The values that a call of another language's function lists; empty where it lists none."""
    plain = [a for a in call.args if not isinstance(a, ast.Binding)]
    if len(plain) == 1 and isinstance(plain[0], ast.Call):
        return made_by(plain[0])
    by = next((a.value for a in call.named if a.name in ("by", "step", "stride")), None)
    if by is not None and len(plain) == 2:
        return f"[{text(plain[0])}..{text(plain[1])} step {text(by)}]"
    if made := _made_by(call.name.lower(), tuple(plain)):
        return made
    inside = [a.value if isinstance(a, ast.Define) else a for a in call.args]
    listed = [a for a in inside if isinstance(a, ast.Set | ast.Range)]
    return text(listed[0]) if len(listed) == 1 else ""


def _made_by(name: str, args: tuple[Any, ...]) -> str:
    """The sweep that a function of another language makes: `range(3)`, `logspace(-4, -2, 5)`, `choice([...])`."""
    try:
        given = [constant(a) for a in args if not isinstance(a, ast.Set | ast.Range)]
    except Fault:
        return ""
    listed = [a for a in args if isinstance(a, ast.Set)]
    if listed and not given:
        return text(listed[0])
    if name in ("range", "arange") and 1 <= len(given) <= 3 and all(isinstance(g, int) for g in given):
        points = range(*given)
        if 0 < len(points) <= 8:
            return f"{{{', '.join(map(str, points))}}}"
        return f"[{points.start}..{points[-1]} step {points.step}]" if points else ""
    if name in ("logspace", "geomspace", "loguniform", "log_uniform", "linspace", "uniform", "loguniform_values"):
        low, high, *rest = (*given, None, None) if len(given) < 2 else given
        if low is None or high is None:
            return ""
        if name == "logspace" and not 0 < low < high <= 1 and max(abs(low), abs(high)) <= LARGEST_EXPONENT:
            low, high = 10.0**low, 10.0**high
        count = rest[0] if rest and isinstance(rest[0], int) else 5
        if name == "linspace" and count > 1:
            return f"[{text_of(low)}..{text_of(high)} step {text_of((high - low) / (count - 1))}]"
        return f"[{text_of(low)}..{text_of(high)} count {count}]"
    if name in LISTS:
        return f"{{{', '.join(text_of(g) for g in given)}}}" if given else ""
    return ""


def spread(node: ast.Range, report: Report) -> list[Scalar]:
    """The points of a range; an end that is not reached is a warning, a descending range a `Fault`."""
    start, stop = constant(node.start), constant(node.stop)
    if start > stop:
        raise _descending(node, start, stop)
    told = False
    match node.stop:
        case ast.Binary("*" | "+" as sign, ast.Number() as low, ast.Number() as factor) if (
            node.grid is None
            and factor.span.start - low.span.end > 1
            and 0 < start < constant(low) < stop
            and (sign == "*" or constant(factor) < constant(low))
        ):
            spacing = {"*": "times", "+": "step"}[sign]
            message = f"`{text(node.stop)}` is the end of this range, {short(stop)}"
            ends = (
                f"for a range to {text(low)} write `[{text(node.start)}..{text(low)} {spacing} {text(factor)}]`",
                f"or write the end out, `[{text(node.start)}..{text_of(stop)}]`",
            )
            report(Diagnostic("SCL218", message, node.stop.span, severity="warning", helps=ends))
            told = True
    if node.grid == "count":
        return _counted(node, start, stop)
    if node.grid == "step":
        by = constant(node.by) if node.by is not None else 1
        if by <= 0:
            step = (stop - start) / 8 or 1
            helps: tuple[str, ...] = (
                f"a step is above 0: write `[{text_of(start)}..{text_of(stop)} step {text_of(step)}]`",
            )
            raise Fault("SCL304", f"a step of {text_of(by)} never reaches {text_of(stop)}", node.span, helps=helps)
        steps = math.floor((stop - start) / by * (1 + SLACK) + SLACK)
        _limit(node, steps + 1)
        found = [canonical_number(start + i * by) for i in range(steps + 1)]
        after = canonical_number(start + (steps + 1) * by)
    else:
        by = constant(node.by) if node.grid == "times" and node.by is not None else 2
        if by <= 1 or start <= 0:
            what = f"a factor of {text_of(by)}" if by <= 1 else f"a start of {text_of(start)}"
            whole = isinstance(start, int) and isinstance(stop, int)
            step = max(1, (stop - start) // 8) if whole else (stop - start) / 5
            helps = (f"write `[{text_of(start)}..{text_of(stop)} step {text_of(step)}]`: `step` adds",)
            if start == 0 < stop and by > 1 and (node.grid == "times" or not whole):
                first, grid = (_above_zero(stop, by), f"times {text_of(by)}") if node.grid else (stop / 100, "count 5")
                above = f"write `[{text_of(canonical_number(first))}..{text_of(stop)} {grid}]`: it begins above 0"
                helps = (above, *helps) if node.grid else (*helps, above)
            elif start == 0 and stop > 4:
                helps = (*helps, f"write `[{text_of(step)}..{text_of(stop)} step {text_of(step)}]`: it begins above 0")
            if spaced := _spacing_in_end(node):
                helps = (f"write `{spaced}` to go on so from point to point",)
            message = f"{what} never reaches {text_of(stop)} by multiplying"
            raise Fault("SCL304", message, node.span, helps=helps if by > 1 else ("multiply by more than 1",))
        exact = math.log(stop / start) / math.log(by)
        met = round(exact)
        rounded = by % 1 != 0 and met > 0 and abs(start * by**met / stop - 1) <= ROUNDED
        steps = met if rounded else math.floor(exact + SLACK)
        _limit(node, steps + 1)
        found = [canonical_number(stop if rounded and i == met else start * by**i) for i in range(steps + 1)]
        after = canonical_number(start * by ** (steps + 1))
    last = found[-1]
    if stop - last > SLACK * max(abs(stop), abs(after)):
        message = f"the range stops at {short(last)}, before its end {short(stop)}"
        way = f" {node.grid} {text(node.by)}" if node.grid is not None and node.by is not None else ""
        ways = [f"`[{text(node.start)}..{text_of(end)}{way}]`" for end in (last, after)]
        helps = (f"write {ways[0]} or {ways[1]}: these ends are reached",)
        if len(found) == 2:  # of three values a law is told
            helps = (f"write {ways[1]}: this end is reached",)
        if node.grid == "times" and len(found) == 1 and node.by is not None:
            added = f"[{text(node.start)}..{text(node.stop)} step {text(node.by)}]"
            helps = (f"`times` multiplies: to add write `{added}`",)
        elif node.grid == "step" and len(found) == 1 and 0 < start < start * by <= stop:
            factors = f"[{text(node.start)}..{text(node.stop)} times {text_of(by)}]"
            helps = (f"`step` adds: to multiply write `{factors}`",)
        if told:
            return list(found)
        if spaced := _spacing_in_end(node):
            message = f"the range ends at `{text(node.stop)}`, {short(stop)}, and stops at {short(last)} before it"
            helps = (f"write `{spaced}` to go on so from point to point", helps[0].replace("write", "or", 1))
        report(Diagnostic("SCL307", message, node.span, severity="warning", helps=helps))
    return list(found)


def _spacing_in_end(node: ast.Range) -> str:
    """`[32..256 +32]` as the range in such steps, which has its end; empty where it has not."""
    end = node.stop
    if node.grid is not None or not isinstance(end, ast.Binary) or end.op not in ("+", "*", "/"):
        return ""
    if not isinstance(end.left, ast.Number):
        return ""
    first, last, by = constant(node.start), constant(end.left), constant(end.right)
    if by <= 0 or not first < last or (end.op == "*" and (by <= 1 or first <= 0)):
        return ""
    n = math.log(last / first) / math.log(by) if end.op == "*" else (last - first) / by
    met = n > 1 - SLACK and abs(n - round(n)) < 1e-6
    grid = "times" if end.op == "*" else "step"
    return f"[{text(node.start)}..{text(end.left)} {grid} {text(end.right)}]" if met else ""


def _above_zero(stop: float, by: float) -> float:
    """Where a range that multiplies begins in place of 0: at 1 or some factors below its end, a few of them."""
    few = max(3, min(8, round(math.log(1000) / math.log(by))))
    factors = math.floor(math.log(stop) / math.log(by) + SLACK) if stop > 1 else few
    return float(f"{stop / by ** min(max(1, factors), few):.12g}")


def _counted(node: ast.Range, start: float, stop: float) -> list[Scalar]:
    by = constant(node.by) if node.by is not None else 0
    if not isinstance(by, int) or by < 1 or (by == 1 and start != stop):
        message = f"`count {text_of(by)}` points cannot span a range"
        raise Fault("SCL304", message, node.span, helps=("count at least 2",))
    if start <= 0:
        step = (stop - start) / max(1, by - 1)
        whole = isinstance(start, int) and isinstance(stop, int)
        first = 1 if whole else stop / 1000
        ways = [f"[{text_of(first)}..{text_of(stop)} count {by}]"] * (not whole and stop > first)
        if whole and start == 0 and stop >= by > 1 and by <= MOST_LISTED:
            listed = dict.fromkeys(round(stop ** (i / (by - 1))) for i in range(by))
            ways = [f"{{{', '.join(map(text_of, listed))}}}"]
        ways += [f"[{text_of(start)}..{text_of(stop)} step {text_of(step)}]"] * (not whole or float(step).is_integer())
        helps = tuple(f"{'or' if i else 'write'} `{way}`" for i, way in enumerate(ways)) or ("begin above 0",)
        raise Fault("SCL304", f"log-spaced points cannot start at {text_of(start)}", node.span, helps=helps)
    _limit(node, by)
    if by == 1:
        return [canonical_number(start)]
    ratio = stop / start
    if not math.isfinite(ratio * start):
        raise OverflowError
    inner = (start * ratio ** (i / (by - 1)) for i in range(1, by - 1))
    return [canonical_number(x) for x in (start, *inner, stop)]


def _limit(node: ast.Range, n: int) -> None:
    if n > MOST_POINTS:
        count = f"{n:,}" if n < COUNTED else f"about {float(n):.0e}"
        ends = f"{text(node.start)}..{text(node.stop)}"
        start = constant(node.start)
        helps: tuple[str, ...] = (f"write `[{ends} count 8]` for eight of them",)
        if node.grid == "step" and node.by is not None and start > 0:
            by = constant(node.by)
            way = "" if by == 2 else f" times {text(node.by)}" if by > 1 else ""
            helps = (f"`step` adds; to multiply write `[{ends}{way}]`", f"or `[{ends} count 8]` for eight of them")
        raise Fault("SCL306", f"this range has {count} points, more than {MOST_POINTS:,}", node.span, helps=helps)


def _descending(node: ast.Range, start: float, stop: float) -> Fault:
    low, high = text(node.start), text(node.stop)
    message = f"the range falls from {short(start)} to {short(stop)}, and a range rises"
    if spaced := _spacing_in_end(node):
        return Fault("SCL305", message, node.span, helps=(f"write `{spaced}`",))
    fault = Fault("SCL305", message, node.span, helps=(f"write `[{high}..{low}]`",))
    edits = (Edit(node.start.span, high), Edit(node.stop.span, low))
    fault.diagnostic = replace(fault.diagnostic, fixes=(Fix(edits, "maybe-incorrect"),))
    return fault


def _listed(names: tuple[str, ...], node: ast.Set, report: Report) -> Points:
    if names == ("seed",) and all(_by_chance(e.value) for e in node.entries):
        meant = so_many(max(2, len(node.entries)))
        fault = Fault("SCL303", "seeds are numbers, and none is drawn", node.span, helps=(f"write `seed in {meant}`",))
        fault.diagnostic = replace(fault.diagnostic, fixes=(Fix((Edit(node.span, meant),), "maybe-incorrect"),))
        raise fault
    points: dict[tuple[Scalar, ...], None] = {}
    stands: tuple[dict[str, Any], ...] = tuple({} for _ in names)
    labelled = False
    for entry in node.entries:
        parts = entry.value.items if isinstance(entry.value, ast.Group) and len(names) > 1 else (entry.value,)
        if len(parts) != len(names):
            message = f"a point of `{' & '.join(names)}` lists {len(names)} values, this one {len(parts)}"
            flat = [text(e.value) for e in node.entries if not isinstance(e.value, ast.Group)]
            whole = len(flat) == len(node.entries) and len(flat) % len(names) == 0
            points_shown = [flat[i : i + len(names)] for i in range(0, len(flat), len(names))]
            shown = ", ".join(f"({', '.join(p)})" for p in points_shown)
            example = f"({', '.join('12345678'[: len(names)])})"
            meant = shown if whole else f"{example}, ..."
            helps: tuple[str, ...] = (f"write `{' & '.join(names)} in {{{meant}}}`",)
            if isinstance(entry.value, ast.Group) and len(parts) > len(names):
                kept = ", ".join(text(part) for part in parts[: len(names)])
                helps = (f"write `({kept})`, or give what the others are a name: `{' & '.join(names)} & ... in`",)
            whole_ones = [e.value.items for e in node.entries if isinstance(e.value, ast.Group)]
            whole_ones = [items for items in whole_ones if len(items) == len(names)]
            if len(parts) < len(names) and whole_ones:
                given = [*map(text, parts), *_going_on(parts, whole_ones)]
                given[0] = given[0].strip("()")
                helps = (f"give it a value of {listing(names[len(parts) :])} too, such as `({', '.join(given)})`",)
            raise Fault("SCL302", message, entry.value.span, helps=helps)
        if entry.label is not None and len(names) == 1:
            stands[0][entry.label] = named(parts[0])
            point: tuple[Scalar, ...] = (entry.label,)
            labelled = True
        else:
            point = tuple(_member(*member) for member in zip(parts, stands, strict=True))
            labelled = labelled or any(isinstance(p, str) for p in point)
        if point in points and names == ("seed",) and isinstance(point[0], int):
            raise _one_seed_again(node, point[0])
        if point in points:
            shown = ", ".join(f"`{p}`" if isinstance(p, str) else short(p) for p in point)
            report(Diagnostic("SCL308", f"{shown} is listed twice", entry.value.span, helps=("leave the second out",)))
            continue
        points[point] = None
    return Points(tuple(points), labelled, stands)


def _going_on(parts: Sequence[Any], whole_ones: Sequence[Sequence[Any]]) -> list[str]:
    """The values that a point lacks: as many times its first as in all whole points, or those of the last of these."""
    found = []
    for place in range(len(parts), len(whole_ones[-1])):
        meant = text(whole_ones[-1][place])
        numbers = [
            n.text
            for n in (parts[0], *(n for one in whole_ones for n in (one[0], one[place])))
            if isinstance(n, ast.Number)
        ]
        if len(numbers) == 2 * len(whole_ones) + 1 and all(n.isdigit() and int(n) for n in numbers):
            first, *others = map(int, numbers)
            ratios = {a / b for a, b in zip(others[::2], others[1::2], strict=True)}
            if len(whole_ones) > 1 and len(ratios) == 1 and (value := first / ratios.pop()).is_integer() and value:
                meant = f"{value:.0f}"
        found.append(meant)
    return found


def _one_seed_again(node: ast.Set, seed: int) -> Fault:
    """Repeats that are given one seed: those after the first have the next that are free."""
    given = [constant(e.value) for e in node.entries]
    free = count(int(max(given)) + 1)
    seeds = [text_of(next(free) if v in given[:i] else v) for i, v in enumerate(given)]
    meant = f"{{{', '.join(seeds)}}}"
    again = next(e.value.span for i, e in enumerate(node.entries) if constant(e.value) in given[:i])
    times = "twice" if given.count(seed) == 2 else f"{given.count(seed)} times"
    message = f"the seed {seed} is listed {times}, and runs of one seed are one run"
    fault = Fault("SCL308", message, again, helps=(f"for so many repeats write `seed in {meant}`",))
    fault.diagnostic = replace(fault.diagnostic, fixes=(Fix((Edit(node.span, meant),), "maybe-incorrect"),))
    return fault


def _by_chance(node: Any) -> bool:
    """True for a word or a call that leaves a value to chance."""
    name = node.id if isinstance(node, ast.Name) else node.name if isinstance(node, ast.Call) else ""
    return name.lower() in CHANCE


def _member(node: Any, stands: dict[str, Any]) -> Scalar:
    """One value of a listed sweep: a number, or the label of anything else."""
    if isinstance(node, ast.Group) and len(node.items) == 1:
        node = node.items[0]
    if isinstance(node, ast.Range | ast.Set):
        helps = ("write every value in one list, or give each sweep an axis of its own",)
        raise Fault("SCL309", "a sweep cannot stand inside a sweep", node.span, helps=helps)
    if isinstance(node, ast.String):
        stands[node.value] = node
        return node.value
    if isinstance(node, ast.Name):
        stands[node.id] = node
        return node.id
    if isinstance(node, ast.Call) and node.name not in FUNCTIONS:
        label = text(node)
        stands[label] = named(node)
        return label
    value: Scalar = constant(node)
    return value
