"""Lists of numbers as programs make them: `[2**k for k in range(4, 8)]`, `logspace(-4, -1, 4)`, `seq(16, 64, by=16)`.

They are worked out from their syntax tree, a few functions of numbers and lists alone: nothing is run.
"""

from __future__ import annotations

import ast
import itertools
import math
import operator
import re
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from ..syntax.numbers import short, text_of
from ..vocabulary.base import REGISTRY
from ..vocabulary.parameters import fields_of
from ..vocabulary.settings import SETTINGS

#: Most numbers of a list, steps of its making, and the greatest power.
MOST, LARGEST, STEPS = 200, 1e30, 5_000
#: Values that are listed one by one; more of them that are evenly spaced are a range.
LISTED = 8
#: Values that a distribution, or a range of no given number, comes to.
DRAWN = 5
_SIGNS: Mapping[type, Callable[[Any, Any], Any]] = {
    ast.Add: operator.add,
    ast.Sub: operator.sub,
    ast.Mult: operator.mul,
    ast.Div: operator.truediv,
    ast.FloorDiv: operator.floordiv,
    ast.Mod: operator.mod,
    ast.Pow: operator.pow,
    ast.BitXor: operator.pow,
    ast.LShift: operator.lshift,
}
_COMPARED: Mapping[type, Callable[[Any, Any], Any]] = {
    ast.Lt: operator.lt,
    ast.LtE: operator.le,
    ast.Gt: operator.gt,
    ast.GtE: operator.ge,
    ast.Eq: operator.eq,
    ast.NotEq: operator.ne,
    ast.In: lambda one, many: one in many,
}
_NUMBERS: Mapping[str, Callable[..., Any]] = {
    **{f: getattr(math, f) for f in ("log", "log2", "log10", "exp", "sqrt", "floor", "ceil")},
    "int": int,
    "float": float,
    "round": round,
    "abs": abs,
    "min": min,
    "max": max,
    "pow": pow,
}
#: Functions that draw between two ends, of which an axis has evenly spaced values.
DRAWS = (
    *("loguniform", "log_uniform", "uniform", "quniform", "qloguniform", "randint", "lograndint", "suggest_float"),
    *(
        "suggest_int",
        "suggest_loguniform",
        "suggest_uniform",
        "log_uniform_values",
        "reciprocal",
        "normal",
        "lognormal",
    ),
    *("suggest_discrete_uniform", "randn", "rand"),
)
#: Functions whose values are those that they are given.
LISTS = (
    *("list", "set", "tuple", "array", "c", "choice", "choices", "grid_search", "categorical", "suggest_categorical"),
    *("grid", "sorted", "asarray", "tensor", "vector", "sample_from", "values", "as_numeric"),
)
SPACES = ("range", "arange", "linspace", "logspace", "geomspace", "seq", "map", "seq_len", "np_range", "xrange")
#: What the number of values between two ends is called.
COUNTS = ("num", "n", "length_out", "size", "steps", "length", "samples", "num_samples", "n_samples", "n_trials")
FUNCTIONS = (*DRAWS, *LISTS, *SPACES, "filter", "rev", "round", "int", "rep", "astype")


class UnreadError(Exception):
    """What is written makes no list of numbers that is known here. Never leaves this module."""


def values_of(typed: str) -> list[float] | None:
    """The numbers that a text of another language lists; None where it lists none that is known."""
    plain = re.sub(r"\b[A-Za-z_][\w.]*\.(?=[A-Za-z_]\w*\s*\()", "", typed)  # modules
    plain = re.sub(r"\b(\w+)\.(out|by)\s*=", r"\1_\2=", plain).replace("^", "**").replace("true", "True")
    plain = re.sub(r"(?<=[\d)])\s*\.(?=\s*(?:\*\*|\*))", "", plain)
    plain = re.sub(r"(?<![\w.])(\d+(?:\.\d+)?|\.\d+)([kMB])\b", lambda m: f"{m[1]}e{_POWERS[m[2]]}", plain)
    plain = re.sub(r"\((-?\d+):(-?\d+)\)", r"_count(\1, \2)", plain)
    try:
        found = _Reader().value(ast.parse(plain.strip(), mode="eval").body, {})
        numbers = [float(x) for x in found]
    except (SyntaxError, UnreadError, ValueError, TypeError, ArithmeticError, RecursionError, MemoryError):
        return None
    right = 0 < len(numbers) <= MOST and all(math.isfinite(x) for x in numbers)
    return numbers if right else None


#: What searches of hyperparameters call the ends of a space, how far apart its values are, how many, and all of them.
_SPACE = {
    **dict.fromkeys(("min", "low", "lower", "start", "from", "minimum"), "low"),
    **dict.fromkeys(("max", "high", "upper", "stop", "to", "end", "maximum"), "high"),
    **dict.fromkeys(("step", "q", "stride", "by"), "by"),
    **dict.fromkeys(("num", "count", "n", "points", "steps", "num_points"), "n"),
    **dict.fromkeys(("values", "choices", "options", "grid", "choice"), "values"),
    **dict.fromkeys(("distribution", "dist", "type", "sampling", "scale", "prior", "space", "log"), "how"),
}
_SETTING = re.compile(r"\s*[\"']?(?P<name>[A-Za-z_]\w*)[\"']?\s*[:=]\s*(?P<value>\[[^\[\]]*\]|[^,\[\]{}]+)(?:,|$)")


def space_of(typed: str) -> str:
    """`{distribution: log_uniform_values, min: 1e-3, max: .1}` as the call that draws so; empty for anything else."""
    inside = typed.strip()[1:-1] if re.fullmatch(r"\{[^{}]*\}", typed.strip()) else ""
    found = list(_SETTING.finditer(inside))
    said = {_SPACE.get(m["name"].lower(), ""): m["value"].strip(" \"'") for m in found}
    if "" in said or len(said) != len(found) or "".join(m[0] for m in found) != inside:
        return ""
    if said.keys() <= {"values", "how"} and said.get("values", "").startswith("["):
        return f"list({said['values']})"
    if not {"low", "high"} < said.keys() or "values" in said:
        return ""
    ends = f"{said['low']}, {said['high']}"
    logs = "log" in said.get("how", "").lower() or said.get("how", "").lower() == "true"
    if "by" in said and not logs:
        return f"seq({ends}, {said['by']})"
    if "n" in said:
        return f"{'geomspace' if logs else 'linspace'}({ends}, {said['n']})"
    return f"{'loguniform' if logs else 'uniform'}({ends})"


_POWERS = {"k": 3, "M": 6, "B": 9}


def swept(numbers: Sequence[float], whole: bool = False) -> str:
    """The sweep over so many numbers, as the language writes it: a list of few, a range of many."""
    given = list(dict.fromkeys(float(round(x)) if whole or x == round(x) else float(f"{x:.6g}") for x in numbers))
    plain = all(float(f"{x:.3g}") == x for x in given)
    if len(given) <= LISTED and (plain or whole) and not _doubles(given):
        return f"{{{', '.join(_shown(x) for x in given)}}}"
    ends = f"{_shown(given[0])}..{_shown(given[-1])}"
    if _doubles(given):
        return f"[{ends}]"
    steps = [b - a for a, b in itertools.pairwise(given)]
    if min(steps) > 0 and max(steps) - min(steps) < 1e-6 * max(steps):
        return f"[{ends} step {_shown(steps[0])}]"
    if min(given) > 0 and given == sorted(given):
        factors = [b / a for a, b in itertools.pairwise(given)]
        if max(factors) / min(factors) < 1.001:
            return f"[{ends} count {len(given)}]"
    return f"{{{', '.join(_shown(x) for x in given)}}}"


def _doubles(given: Sequence[float]) -> bool:
    return len(given) > 3 and given[0] > 0 and all(b == 2 * a for a, b in itertools.pairwise(given))


def _shown(x: float) -> str:
    plain = text_of(int(x) if x == int(x) and abs(x) < 2**53 else x)
    return short(x) if abs(x) >= 10_000 and float(x) % 1000 == 0 else plain


class _Reader:
    """Works out a syntax tree of Python that is made of numbers, lists and the functions above."""

    def __init__(self) -> None:
        self.steps = 0

    def value(self, node: ast.AST, names: Mapping[str, Any]) -> Any:
        self.steps += 1
        if self.steps > STEPS:
            raise UnreadError
        match node:
            case ast.Constant(value=bool() | int() | float() | str() as value):
                return value
            case ast.Name(id=name) if name in names:
                return names[name]
            case ast.UnaryOp(op=ast.USub(), operand=inner):
                return -self.value(inner, names)
            case ast.BinOp(left=left, op=op, right=right) if type(op) in _SIGNS:
                return self._binary(type(op), self.value(left, names), self.value(right, names))
            case ast.Compare(left=left, ops=[op], comparators=[right]) if type(op) in _COMPARED:
                return _COMPARED[type(op)](self.value(left, names), self.value(right, names))
            case ast.List(elts=items) | ast.Tuple(elts=items) | ast.Set(elts=items):
                return self._bounded([self.value(item, names) for item in items])
            case ast.ListComp() | ast.SetComp() | ast.GeneratorExp():
                return self._bounded(list(self._made(node.elt, list(node.generators), names)))
            case ast.Lambda(args=args, body=body):
                own = [a.arg for a in args.args]
                return lambda *given: self.value(body, {**names, **dict(zip(own, given, strict=True))})
            case ast.Call(func=ast.Attribute(value=inner, attr="tolist" | "astype" | "list" | "round")):
                return self.value(inner, names)
            case ast.Call(func=ast.Name(id=name), args=args, keywords=keywords):
                given = [self.value(a, names) for a in args]
                return self._called(name, given, {k.arg: self.value(k.value, names) for k in keywords if k.arg})
        raise UnreadError

    def _made(self, element: ast.AST, loops: list[ast.comprehension], names: Mapping[str, Any]) -> Any:
        if not loops:
            yield self.value(element, names)
            return
        loop, *inner = loops
        if not isinstance(loop.target, ast.Name):
            raise UnreadError
        for one in self._bounded(list(self.value(loop.iter, names))):
            there = {**names, loop.target.id: one}
            if all(self.value(test, there) for test in loop.ifs):
                yield from self._made(element, inner, there)

    @staticmethod
    def _bounded(items: list[Any]) -> list[Any]:
        if len(items) > 100 * MOST:
            raise UnreadError
        return items

    def _binary(self, sign: type, one: Any, two: Any) -> Any:
        if isinstance(one, list) or isinstance(two, list):
            if sign is ast.Add and isinstance(one, list) and isinstance(two, list):
                return self._bounded(one + two)
            many = one if isinstance(one, list) else two
            return [self._binary(sign, *((x, two) if many is one else (one, x))) for x in many]
        if isinstance(one, str) or isinstance(two, str):
            raise UnreadError
        if sign in (ast.Pow, ast.BitXor, ast.LShift) and (abs(two) > 200 or abs(one) > 1e12):
            raise UnreadError
        return _SIGNS[sign](one, two)

    def _called(self, name: str, given: list[Any], named: Mapping[str, Any]) -> Any:
        low = name.lower()
        if low in _NUMBERS and given and not named:
            if len(given) == 1 and isinstance(given[0], list):
                return [_NUMBERS[low](x) for x in given[0]]
            return _NUMBERS[low](*given)
        if low == "map" and len(given) == 2 and callable(given[0]):
            return [given[0](x) for x in self._bounded(list(given[1]))]
        if low == "filter" and len(given) == 2 and callable(given[0]):
            return [x for x in self._bounded(list(given[1])) if given[0](x)]
        if low in LISTS:
            items = [x for x in (*given, *(v for v in named.values() if isinstance(v, list))) if not isinstance(x, str)]
            lists = [x for x in items if isinstance(x, list)]
            return lists[0] if lists else items
        if low == "_count":
            return self._bounded([*range(int(given[0]), int(given[1]) + 1)[: 100 * MOST + 1]])
        return self._bounded(_spaced(low, [x for x in given if not isinstance(x, str)], named))


def _spaced(name: str, given: list[Any], named: Mapping[str, Any]) -> list[Any]:
    """Numbers between two ends."""
    ends = [named[k] for k in ("start", "low", "min", "from", "a", "stop", "high", "max", "to", "end") if k in named]
    low, high, *rest = [*given, *ends, None, None][: max(2, len(given) + len(ends))]
    step = next((named[k] for k in ("by", "step", "stride", "q") if k in named), None)
    count = next((named[k] for k in COUNTS if k in named), None)
    third = rest[0] if rest and rest[0] is not None else None
    if name in ("range", "arange", "xrange", "seq", "seq_len", "suggest_discrete_uniform") and count is None:
        step = step if step is not None else third if third is not None else 1
        if high is None:
            low, high = (1, low) if name in ("seq", "seq_len") else (0, low)
        if name in ("seq", "seq_len", "suggest_discrete_uniform"):
            high = high + step / 2
        if not step or (high - low) / step > 100 * MOST:
            raise UnreadError
        return [low + i * step for i in range(max(0, math.ceil((high - low) / step)))]
    if name in DRAWS and low is not None and high is not None and low < 0 and "log" in name:
        low, high = math.exp(low), math.exp(high)
    if low is None or high is None or not all(isinstance(x, int | float) for x in (low, high)):
        raise UnreadError
    n = count if count is not None else third
    n = int(n) if isinstance(n, int | float) and 1 < n <= MOST else DRAWN
    powers = name == "logspace" and max(abs(low), abs(high)) < 14 and not 0 < low < high <= 1  # ends, no exponents
    if powers:
        base = named.get("base", 10)
        low, high = float(base) ** low, float(base) ** high
    in_logs = powers or name in ("geomspace", "logspace") or (name in DRAWS and low > 0 and high > 4 * low)
    if in_logs:
        return [low * (high / low) ** (i / (n - 1)) for i in range(n)]
    if name not in SPACES and name not in DRAWS:
        raise UnreadError
    return [low + (high - low) * i / (n - 1) for i in range(n)]


def whole(name: str) -> bool:
    """True for a parameter or setting that takes whole numbers."""
    if name in SETTINGS:
        return SETTINGS[name].shape == "int"
    return any(fields_of(w)[name].shape == "int" for w in REGISTRY.values() if name in fields_of(w))


def spacing(numbers: list[float]) -> str:
    """How a list goes on that begins with some numbers and ends with the last one."""
    *first, last = numbers
    if len(first) < 2 or not first[0] < first[1]:
        return ""
    step, factor = first[1] - first[0], first[1] / first[0] if first[0] > 0 else 0.0
    even = len(first) > 2 and all(abs(b - a - step) < 1e-9 * step for a, b in itertools.pairwise(first))
    reaches = abs((last - first[0]) / step - round((last - first[0]) / step)) < 1e-9
    multiplies = False
    if factor > 1:
        x, steps = first[0], 0
        while x < last * (1 - 1e-9) and steps < 60:
            x, steps = x * factor, steps + 1
        multiplies = abs(x / last - 1) < 1e-9
    if even or (reaches and not multiplies):
        return f" step {text_of(step)}"
    return "" if factor == 2 else f" times {text_of(factor)}"
