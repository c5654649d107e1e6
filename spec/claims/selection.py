"""Selection: which cells or panels the selectors of a quantity mean.

`kappa=1` and a bare `muP` name a value of an axis, which then drops out of the panel: what is left can be compared with
what another selection leaves. `N=1M`, where N is no axis, names the cells whose N is nearest, if it is near enough.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from math import isclose, log
from typing import Any, Protocol

from ..errors import ScalingDSLError
from ..vocabulary.base import Scalar
from .references import Selector

Panel = tuple[tuple[str, Scalar], ...]

#: A size that is no axis selects the nearest cells within this ratio.
NEAR = 0.02
#: Values of an axis are equal within this: they were typed, not computed.
TYPED = 1e-9


class UnansweredError(ScalingDSLError):
    """A condition or quantity that the cells have no value for. Always caught: its text is the reason shown."""


@dataclass(frozen=True)
class Entry:
    """A panel, the rows of the cell table behind it, and its place in whatever it is an entry of."""

    panel: Panel
    rows: Any = ()
    place: int = 0


class Sizes(Protocol):
    """The sizes of entries, as far as they are known."""

    def of(self, entries: Sequence[Entry], name: str) -> list[float | None]:
        """The one value of a quantity in each entry's cells, None where it has several or none; `UnansweredError`."""

    def moving(self, name: str) -> Iterable[str]:
        """Names of the axes that move the quantity."""


def select(entries: Sequence[Entry], selectors: Sequence[Selector], sizes: Sizes | None = None) -> list[Entry]:
    """The entries that every selector allows, without the axes that are thereby settled.

    Raises:
        UnansweredError: Nothing is selected; the text says what there is.
    """
    found = list(entries)
    for selector in selectors:
        if selector.name is None:
            found = _labelled(found, selector)
        elif any(selector.name in dict(entry.panel) for entry in found):
            found = _on_axis(found, selector.name, selector)
        elif sizes is not None and not isinstance(selector.value, str):
            found = _nearest(found, selector.name, float(selector.value), sizes)
        else:
            raise UnansweredError(f"there is nothing to select by `{selector}`")
    return found


def same(a: Scalar, b: Scalar) -> bool:
    """True for two axis values that are one."""
    if isinstance(a, str) or isinstance(b, str):
        return a == b
    return isclose(a, b, rel_tol=TYPED)


def nearest(values: Iterable[float | None], wanted: float) -> tuple[float, bool] | None:
    """The value nearest to the wanted one, and whether it is near; None where no value is a size."""
    known = [v for v in values if v is not None and v > 0 and wanted > 0]
    if not known:
        return None
    best = min(known, key=lambda v: (abs(log(v / wanted)), v))
    return best, abs(best / wanted - 1) <= NEAR


def _labelled(entries: list[Entry], selector: Selector) -> list[Entry]:
    axes = dict.fromkeys(name for entry in entries for name, value in entry.panel if value == selector.value)
    if not axes:
        raise UnansweredError(f"nothing here is labelled `{selector}`")
    if len(axes) > 1:
        raise UnansweredError(
            f"`{selector}` is a value of {' and of '.join(axes)}: write {next(iter(axes))}={selector}"
        )
    return _on_axis(entries, next(iter(axes)), selector)


def _on_axis(entries: list[Entry], name: str, selector: Selector) -> list[Entry]:
    kept = [e for e in entries if name in dict(e.panel) and same(dict(e.panel)[name], selector.value)]
    if not kept:
        raise UnansweredError(f"no cell or fit lies at {name}={Selector(None, selector.value)}")
    return [_without(entry, {name}) for entry in kept]


def _without(entry: Entry, names: set[str]) -> Entry:
    return replace(entry, panel=tuple(pair for pair in entry.panel if pair[0] not in names))


def _nearest(entries: list[Entry], name: str, wanted: float, sizes: Sizes) -> list[Entry]:
    """Entries whose cells all have one value of this quantity, that nearest to the wanted one."""
    values = sizes.of(entries, name)
    found = nearest(values, wanted)
    if found is None:
        raise UnansweredError(f"nothing here has one value of `{name}`")
    best, near = found
    if not near:
        raise UnansweredError(f"no cell has {name} within {NEAR:.0%} of {wanted:g}; the nearest has {best:g}")
    kept = [entry for entry, value in zip(entries, values, strict=True) if value is not None and same(value, best)]
    settled = {axis for axis in sizes.moving(name) if len({dict(entry.panel).get(axis) for entry in kept}) == 1}
    return [_without(entry, settled) for entry in kept]
