"""What a lenient reading of claims and fits is made of."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any, NamedTuple


class UnreadError(Exception):
    """A claim that this grammar does not take either. Always caught."""


class Num(NamedTuple):
    """A number as it is typed."""

    text: str


class Text(NamedTuple):
    """A text without its quotes."""

    text: str


class Sel(NamedTuple):
    """A place: a name with a value."""

    name: str
    value: Any


class Call(NamedTuple):
    """What stands in brackets behind a name."""

    args: tuple[Any, ...]


class Path(NamedTuple):
    """Names, brackets and places that say together what is asked for, in the order they stand."""

    atoms: tuple[Any, ...]


class Bin(NamedTuple):
    """Two values and a sign between them."""

    sign: str
    left: Any
    right: Any


class Neg(NamedTuple):
    """A value with a minus."""

    value: Any


class Group(NamedTuple):
    """A value in parentheses."""

    value: Any


class Bars(NamedTuple):
    """A value between bars."""

    value: Any


class Order(NamedTuple):
    """Sides in an order, `sign` between each and the next."""

    sides: tuple[Any, ...]
    signs: tuple[str, ...]
    #: `better` or `worse` where that is what was said.
    merit: str = ""


class Between(NamedTuple):
    """A value in an interval, or out of it."""

    value: Any
    low: Any
    high: Any
    inside: bool = True


class OneOf(NamedTuple):
    """A value among several."""

    value: Any
    values: tuple[Any, ...]
    inside: bool = True


class Near(NamedTuple):
    """Two values near each other; `width` is None where nothing says how near, `ratio` for a factor between them."""

    value: Any
    target: Any
    width: Any
    equal: bool = True
    ratio: bool = False


class Moves(NamedTuple):
    """A value that falls or rises along an axis; `Same` where it does neither."""

    value: Any
    axis: str
    sign: str


class Bare(NamedTuple):
    """A value alone, which may say something by its name, as `isclose(alpha, .34)`."""

    value: Any


class Not(NamedTuple):
    """A condition turned round."""

    condition: Any


class Joined(NamedTuple):
    """Conditions joined by `and`, `or` or `implies`."""

    how: str
    conditions: tuple[Any, ...]


class At(NamedTuple):
    """A condition at some cells only: what restricts it, as conditions or places."""

    condition: Any
    where: Any


@dataclass
class Heard:
    """What was said otherwise than the language says it, by its kind, in the order it stands."""

    kinds: list[str] = field(default_factory=list)

    def add(self, kind: str) -> None:
        """One more of a kind."""
        if kind not in self.kinds:
            self.kinds.append(kind)


def place_of(where: Any) -> Any:
    """A place for a condition that names one, `width == 64`."""
    match where:
        case Near(Path((str(name),)), value, None, True):
            return Sel(name, value)
    return where


def percent(width: Any) -> Any:
    """A share as a percentage."""
    if isinstance(width, Num) and not width.text.endswith("%"):
        try:
            return Num(f"{float(width.text) * 100:.6g}%")
        except ValueError:
            return width
    return width
