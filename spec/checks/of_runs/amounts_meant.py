"""Amounts of training that were meant in another measure: for each parameter, in millions, of larger models."""

from __future__ import annotations

import math
import re
from collections.abc import Sequence
from itertools import pairwise
from statistics import geometric_mean

from ...plan.study_plan import StudyPlan
from ...plan.survey import Survey
from ...source import Span
from ...syntax import ast
from ...syntax.numbers import number, short_compute, text_of
from ...syntax.visit import conjuncts
from .said_amounts import Typed, scaled

#: Tokens for each parameter above which no ratio goes, those that few have, and those that suit a model.
MOST_A_PARAMETER, MANY_A_PARAMETER, USUAL_A_PARAMETER = 1000, 100, 20
#: Values of an amount that are written out.
MOST_LISTED = 8
#: Points by which an axis is told to go on at most.
MOST_FURTHER = 12
_TOKENS = re.compile(
    r"tokens (?P<sign>=|in|along) (?P<value>[\d.]+|[\[{][^A-Za-z]*(?:(?:step|times|count)[^A-Za-z]*)?[\]}])"
)


def for_each_parameter(found: Survey, typed: Typed) -> tuple[tuple[str, ...], Span | None]:
    """The helps for `tokens = 20` and where it stands, where no run is one step long: so many for each parameter."""
    span, code = typed.get("tokens", (None, ""))
    asked = max((cell.asked_tokens for cell in found.cells.values()), default=0)
    plain = _TOKENS.fullmatch(code)
    if plain is None or asked > MOST_A_PARAMETER:
        return (), None
    written = f"tokens = {plain['value']}*N"
    if plain["sign"] != "=":
        written = f"ratio in {plain['value']}  tokens = ratio*N"
    ways = [f"for so many tokens for each parameter write `{written}`"]
    if asked < MANY_A_PARAMETER:
        ways += [f"or `{millions}` for millions"] if (millions := scaled(code, "tokens", 1e6)) else []
    else:
        ways += [f"or `{steps}` for so many steps"] if (steps := scaled(code, "steps", 1)) else []
        ways += [f"or `{thousands}` for thousands of tokens"] if (thousands := scaled(code, "tokens", 1e3)) else []
    return tuple(ways), span


def that_suit(plan: StudyPlan, found: Survey, typed: Typed) -> tuple[str, ...]:
    """The help that names amounts for models of the size there are, in the ratios of those that are typed."""
    sizes = [cell.n_total for cell in found.cells.values() if cell.n_total]
    name = next((n for n in ("compute", "tokens") if n in typed), "")
    axis = next((a for a in plan.axes if a.names == (name,)), None)
    values = _values(axis.points if axis is not None else (), typed.get(name, (None, ""))[1])
    if not sizes or not values:
        return ()
    n = geometric_mean(sizes)
    wanted = USUAL_A_PARAMETER * n * (6 * n if name == "compute" else 1)
    scale = 10.0 ** round(math.log10(wanted / geometric_mean(values)))
    shown = [(short_compute if name == "compute" else text_of)(float(f"{v * scale:.3g}")) for v in values]
    listed = f"in {{{', '.join(shown)}}}" if len(shown) > 1 else f"= {shown[0]}"
    return (f"for models of some {_rounded(n)} parameters write `{name} {listed}`",)


def _values(points: Sequence[tuple[object, ...]], code: str) -> list[float]:
    """Values of an axis, or the number of a definition; none where there are too many or some is no number."""
    listed = [point[0] for point in points]
    if not listed and (one := re.fullmatch(r"\w+ = ([\d.]+(?:e\+?\d+)?)", code)):
        listed = [float(one[1])]
    numbers = [float(v) for v in listed if isinstance(v, int | float) and v > 0]
    return numbers if 0 < len(numbers) == len(listed) <= MOST_LISTED else []


def _rounded(value: float) -> str:
    return text_of(float(f"{value:.2g}"))


def beyond_conditions(plan: StudyPlan, tests: Sequence[ast.Test]) -> tuple[str, ...]:
    """The helps for a condition that none of an axis's values satisfies: `tokens > 4M`, of tokens up to 2M."""
    for part in (part for test in tests for part in conjuncts(test)):
        match part:
            case ast.Chain(ast.Name(name), ((sign, ast.Number(typed)),)) if sign[0] in "<>":
                bound = number(typed).value
            case _:
                continue
        axis = next((a for a in plan.axes if a.names == (name,)), None)
        values = sorted(_values(axis.points if axis is not None else (), ""))
        above = sign.startswith(">")
        if len(values) < 2 or bound <= 0 or (above and values[-1] > bound) or (not above and values[0] < bound):
            continue
        inner = values[len(values) // 2 - 1] if above else values[len(values) // 2]
        kept = f"write `{name} {sign} {text_of(inner)}`"
        ends = f"`{name}` goes from {text_of(values[0])} to {text_of(values[-1])}"
        ratio = values[1] / values[0]
        if ratio <= 1:
            return (f"{ends}: {kept}",)
        further = math.log(bound / values[-1] if above else values[0] / bound) / math.log(ratio)
        if not all(math.isclose(b / a, ratio) for a, b in pairwise(values)) or further > MOST_FURTHER:
            return (f"{ends}: {kept}",)
        by = ratio ** (math.floor(further) + 2)
        low, high = (values[0], values[-1] * by) if above else (values[0] / by, values[-1])
        spaced = "" if ratio == 2 else f" times {text_of(ratio)}"
        return (f"{ends}: {kept}", f"or go further, `{name} in [{text_of(low)}..{text_of(high)}{spaced}]`")
    return ()
