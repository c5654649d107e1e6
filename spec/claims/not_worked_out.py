"""What claims ask for elsewhere and nothing here works out: ranks, derivatives, crossings, sizes at a loss, times; and
what is claimed in its place.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from math import prod
from typing import Any

from ..diagnostics.suggest import listing
from ..expressions.canonical_tree import text
from ..plan.run_grid import PlanAxis
from ..plan.study_plan import FitRequest
from ..requests.request_types import free_parameters
from ..syntax import ast
from ..syntax.numbers import short
from ..vocabulary.quantities import canonical

_RELATED = re.compile(r"corr(?:elation)?|spearman\w*|pearson\w*|kendall\w*|rho|tau|cor|trend|linearity|mutual_info\w*")
_QUANTILES = re.compile(
    r"(?:quantile|percentile|pct|prctile|nanquantile|iqr|mad|mode|decile|median_abs\w*|mean_abs\w*)\d*|p\d{1,2}|q\d{1,2}"
)
_TESTED = re.compile(
    r"(?:ks|chi2?|f|t|z|runs|dm|levene|bartlett|breusch|hosmer|reset)_?test\w*|shapiro\w*|normaltest|anderson\w*|"
    r"durbin\w*|ljung\w*|jarque\w*|lack_of_fit|autocorr\w*|goodness_of_fit|(?:n_?)?d(?:of|f)|reduced_chi2?|redchi2?"
)
_JOINT = re.compile(
    r"cov(?:ariance)?(?:_matrix)?|vif|condition_number|cond|collinearity|hessian|fisher\w*|identifiab\w*"
)
_COUNTED = re.compile(r"count|sum|total|len|number|num|share_of|fraction|frac|proportion|any|all|nunique")
#: Functions of two numbers by the sign that stands for them.
_PAIRED = {
    **dict.fromkeys(("ratio", "quotient", "relative", "div", "divide"), "/"),
    **dict.fromkeys(("difference", "diff", "delta", "subtract", "gap", "change"), " - "),
    **dict.fromkeys(("product", "times", "multiply"), "*"),
}
_GAINED = re.compile(r"(?:relative_|percent_|loss_)?(?:improvement|gain|reduction|decrease|drop|benefit|effect)")
_CROSSINGS = re.compile(r"(?:cross|intersect)\w*|break_?even|overtakes?|equal_loss|parity")
_REACHED = re.compile(
    r"(?P<size>tokens?|data|params?|parameters|compute|flops|steps|time|samples|size|n|d|c)_?(?:needed|required)?_?"
    r"(?:to|for|until|at)_?(?:reach|hit|get|attain|achieve)?_?(?:loss|target|threshold|accuracy)?"
    r"|speed_?up|savings?|(?:sample_|data_|compute_)?(?:efficiency|multiplier)|inverse|invert|required_\w+"
)
_STEEP = re.compile(
    r"d_?(?:log_?)?(?:loss|l)(?:_d?\w+)?|deriv\w*|diff|gradient|grad|elasticity|local_slope|dlog_?[ndcl]|d[ndc]"
)
_ENDED = re.compile(
    r"(?:n_|num_|any_)?(?:diverge\w*|nans?|nan_count|unstable|stable|stability|failed|failures|crashed)|is_?(?:nan|finite)"
)
_TIMED = re.compile(
    r"(?:wall_?|run_?|training_?|train_?|total_?)?(?:time|duration|seconds|minutes|hours)|elapsed|latency|throughput|mfu|"
    r"memory|vram"
)
#: The size that is meant by the first letter of what is to be found for a loss.
_SIZED = {"t": "D", "d": "D", "s": "D", "p": "N", "n": "N", "c": "C", "f": "C"}


def instead(
    name: str, chosen: Sequence[Any], axes: Mapping[str, PlanAxis], fits: Mapping[str, FitRequest]
) -> tuple[str, ...]:
    """What is claimed in place of something that is not worked out; nothing for any other name.

    Args:
        name: As it is asked for.
        chosen: What stands in its parentheses.
        axes: Those of the study.
        fits: Its fits.
    """
    low = name.lower()
    named = [text(c) for c in chosen if not isinstance(c, ast.Define)]
    law, request = next(iter(fits.items()), ("", None))
    if _QUANTILES.fullmatch(low):
        of = named[0] if named else "loss"
        return (f"no quantile is worked out: `median({of})`, `min({of})`, `max({of})` and `spread({of})` are",)
    if _TESTED.fullmatch(low) and law:
        said = "whether a law misses by more than the noise of its seeds is tested by itself, and the report says so"
        return (f"{said}; how far it misses: write `expect rmse_log({law}) < 2%`",)
    both = len(named) > 1 and all(n in {p for r in fits.values() for p in free_parameters(r)} for n in named)
    if _JOINT.fullmatch(low) or (both and _RELATED.fullmatch(low)):
        return ("how parameters go together is no claim: the covariance of each fit stands in `fits.json`",)
    if _RELATED.fullmatch(low):
        ways = [f"claim an order: write `expect {order}`"] if (order := _order(axes, named)) else []
        ways += [f"or how well a law describes the losses: write `expect r2({law}) > 0.95`"] if law else []
        return tuple(ways)
    if _COUNTED.fullmatch(low) and named:
        of = _first_side(chosen)
        each = f"`mean({of})` is" if low in ("sum", "total") else f"`median({of})` and `min({of})` are"
        return (f"nothing is counted or added up: a claim is about each cell and fit, and {each} one number of all",)
    if (sign := _PAIRED.get(low)) and len(named) == 2:
        return (f"write `{named[0]}{sign}{named[1]}`",)
    if _GAINED.fullmatch(low) and named and (order := _order(axes, named)):
        return (f"how far a loss falls is told by two of them: write `expect {order}`",)
    if _CROSSINGS.fullmatch(low):
        return _crossing(chosen, axes)
    if _REACHED.fullmatch(low) and low not in axes:
        ends = _ends(axes, _SIZED.get(low[0], "")) or _ends(axes, "")
        wanted = next((text(c.value) for c in chosen if isinstance(c, ast.Define) and c.name == "loss"), "")
        wanted = wanted or next((text(c) for c in chosen if isinstance(c, ast.Number)), "")
        at = f"loss({ends[0]}={short(ends[1][-1])})" if ends else "loss"
        said = "no law is turned round: claim the loss that is reached there"
        return (f"{said}: write `expect {at} < {wanted}`" if wanted else f"{said}, `{at} < ...`",)
    if _STEEP.fullmatch(low) and request is not None:
        own = [f"`{q}({law})`" for q in free_parameters(request) if q in ("alpha", "beta", "gamma")]
        return (f"how steeply a loss falls is an exponent: claim {listing(own, last='or', mark='')}",) if own else ()
    if _ENDED.fullmatch(low):
        cells = prod(len(a.points) for a in _unique(axes) if a.role in ("sweep", "panel") and "seed" not in a.names)
        counted = next((f for f, r in fits.items() if len(r.variables) == 2 and r.where is None), "")
        said = "a cell whose runs diverged enters no fit, and the report names them"
        return (f"{said}: write `expect n({counted}) >= {cells}`" if counted else said,)
    if _TIMED.fullmatch(low):
        return ("what a study may take is no claim: write `budget 1h`, or `budget 5PFLOP`",)
    return ()


def _unique(axes: Mapping[str, PlanAxis]) -> Iterable[PlanAxis]:
    return {a.names: a for a in axes.values()}.values()


def _first_side(chosen: Sequence[Any]) -> str:
    """What is counted: the quantity that a condition in parentheses is about."""
    one = chosen[0] if chosen else None
    while isinstance(one, ast.Group) and len(one.items) == 1:
        one = one.items[0]
    return text(one.first if isinstance(one, ast.Chain) else one) if one is not None else "loss"


def _ends(axes: Mapping[str, PlanAxis], size: str) -> tuple[str, list[float]] | None:
    """The axis of numbers that a size moves along, and its values."""
    for name, axis in axes.items():
        place = axis.names.index(name)
        values = sorted(float(p[place]) for p in axis.points if not isinstance(p[place], str))
        fits = not size or canonical(name) == size or (size == "N" and name == "width")
        if axis.role == "sweep" and name not in ("seed", "lr") and len(values) > 1 and fits:
            return name, values
    return None


def _order(axes: Mapping[str, PlanAxis], named: Sequence[str]) -> str:
    """The order of the losses at the least, the middle and the greatest value of an axis that is named."""
    sizes = [s for s in ("N", "D") if any(re.search(rf"\b{s}\b", n) for n in named)]
    own = next((a for a in axes if any(re.search(rf"\b{a}\b", n) for n in named)), "")
    found = _ends({own: axes[own]}, "") if own else _ends(axes, sizes[0] if sizes else "")
    if found is None:
        return ""
    axis, values = found
    shown = dict.fromkeys((values[-1], values[len(values) // 2], values[0]))
    return " < ".join(f"loss({axis}={short(v)})" for v in shown)


def _crossing(chosen: Sequence[Any], axes: Mapping[str, PlanAxis]) -> tuple[str, ...]:
    """Where two curves cross: their order at both ends of an axis."""
    found, labels = _ends(axes, "D") or _ends(axes, ""), [text(c) for c in chosen if isinstance(c, ast.Name)]
    if found is None or len(labels) != 2:
        return ("no crossing is worked out: claim the order on each side of it",)
    axis, values = found
    one, two = (f"mean(loss({label}, {axis}={{}}))" for label in labels)
    low, high = (short(v) for v in (values[0], values[-1]))
    sides = f"{one.format(low)} < {two.format(low)} and {one.format(high)} > {two.format(high)}"
    return (f"no crossing is worked out: claim the order on each side of it: write `expect {sides}`",)
