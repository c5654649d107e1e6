"""Labels and names that say which of two is the larger, of values that are the other way round."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from itertools import combinations
from typing import Any, NamedTuple

from ...errors import Diagnostic
from ...expressions.canonical_tree import text
from ...expressions.sweeps import constant
from ...resolve.components import Component
from ...resolve.lower import all_sweeps
from ...syntax import ast
from ...vocabulary.base import Part


class _Pair(NamedTuple):
    """Words for the lesser and the greater of two, and the parameters that they are said of; none for all."""

    low: tuple[str, ...]
    high: tuple[str, ...]
    of: tuple[str, ...] = ()


_SIZES = ("width", "layers", "n", "items", "samples", "side", "batch", "symbols", "heads")
_PAIRS = (
    _Pair(("small", "tiny", "little"), ("large", "big", "huge"), _SIZES),
    _Pair(("narrow",), ("wide",), ("width",)),
    _Pair(("shallow",), ("deep",), ("layers", "depth")),
    _Pair(("short",), ("long",), ("length", "tokens", "steps")),
    _Pair(("sparse",), ("dense",), ("p", "degree", "m", "k", "edges")),
    _Pair(("slow",), ("fast",), ("lr",)),
    _Pair(("cold",), ("hot",), ("temperature",)),
)
#: Pairs that are said of any number.
_ENDS = (_Pair(("low", "lo", "min", "lower"), ("high", "hi", "max", "upper")), _Pair(("few",), ("many",)))
_ALL = (*_PAIRS, *_ENDS)
#: Parameters that make another draw of the same.
_DRAWS = ("seed", "eval_seed")


def labels_out_of_order(components: Mapping[Part, Component]) -> Iterator[Diagnostic]:
    """`{small: transformer(width=128), large: transformer(width=32)}`, and values of an axis labelled so."""
    for component in components.values():
        named = [b for b in component.alternatives if b.label]
        for one, other in combinations(named, 2):
            wrong = _reversed(one.label or "", other.label or "", _numbers(one.call), _numbers(other.call))
            if wrong is not None:
                yield _told(*wrong, one.span)
    for sweep in all_sweeps(components):
        entries = sweep.values.entries if isinstance(sweep.values, ast.Set) and len(sweep.names) == 1 else ()
        for a, b in combinations([e for e in entries if e.label and isinstance(e.value, ast.Number)], 2):
            here, there = ({sweep.name: constant(e.value)} for e in (a, b))
            if (wrong := _reversed(a.label or "", b.label or "", here, there)) is not None:
                yield _told(*wrong, sweep.span)


def names_out_of_order(lets: Iterable[ast.Let]) -> Iterator[Diagnostic]:
    """`let low = .1`, `let high = .01`."""
    numbers = [let for let in lets if isinstance(let.value, ast.Number)]
    for one, other in combinations(numbers, 2):
        here, there = ({"": constant(let.value)} for let in (one, other))
        if (wrong := _reversed(one.name, other.name, here, there, _ENDS)) is not None:
            yield _told(*wrong, one.span)


def _told(low: str, high: str, name: str, typed: tuple[str, str], span: Any) -> Diagnostic:
    first, second = (f"{name}={value}" if name else value for value in typed)
    message = f"`{low}` has `{first}`, and `{high}` `{second}`"
    whose = f"the values of `{name}`" if name else "their values"
    return Diagnostic("SCL218", message, span, severity="warning", helps=(f"exchange the two names, or {whose}",))


def _reversed(
    one: str, other: str, here: Mapping[str, Any], there: Mapping[str, Any], pairs: Iterable[_Pair] = _ALL
) -> tuple[str, str, str, tuple[str, str]] | None:
    """The lesser and the greater of two by their labels, and in which parameter they are not; None where they are, or
    differ in another as well.
    """
    for pair in pairs:
        for low, high, less, more in ((one, other, here, there), (other, one, there, here)):
            if not _says(low, high, pair) or less.keys() != more.keys():
                continue
            apart = [path for path in less if less[path] != more[path] and path.rsplit(".", 1)[-1] not in _DRAWS]
            plain = [path.rsplit(".", 1)[-1] for path in apart]
            known = all(isinstance(v[path], float) for v in (less, more) for path in apart)
            said = all(not pair.of or name in pair.of for name in plain)
            if apart and known and said and all(less[path] > more[path] for path in apart):
                return low, high, plain[0], (f"{less[apart[0]]:g}", f"{more[apart[0]]:g}")
    return None


def _says(low: str, high: str, pair: _Pair) -> bool:
    """True for two labels that differ in the words of a pair alone: `small` and `large`, `lr_low` and `lr_high`."""
    one, two = low.lower().split("_"), high.lower().split("_")
    apart = [(a, b) for a, b in zip(one, two, strict=False) if a != b]
    return len(one) == len(two) and len(apart) == 1 and apart[0][0] in pair.low and apart[0][1] in pair.high


def _numbers(call: ast.Call, path: str = "") -> dict[str, Any]:
    """Arguments of a call and of those inside it: numbers, and else their text."""
    found: dict[str, Any] = {f"{path}word": call.name}
    for arg in call.named:
        if isinstance(arg.value, ast.Call):
            found |= _numbers(arg.value, f"{path}{arg.name}.")
        else:
            number = isinstance(arg.value, ast.Number) and arg.value.text[-1:].isdigit()
            found[f"{path}{arg.name}"] = float(constant(arg.value)) if number else text(arg.value)
    return found
