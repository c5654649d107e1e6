"""The names of a study as others write them: its fits and optima, its axes and their values."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

from ..claims.names_elsewhere import ELSEWHERE_REDUCED
from ..claims.resolve_names import Owners
from ..claims.selectors import ENDS
from ..diagnostics.suggest import ELSEWHERE, edits, similar
from ..plan.study_plan import FitRequest
from ..requests.provides import Request
from ..syntax.numbers import short
from ..syntax.scanner import RESERVED
from ..vocabulary.base import REGISTRY
from ..vocabulary.choices import CHOICES
from ..vocabulary.functions import FUNCTIONS, REDUCTIONS
from ..vocabulary.quantities import QUANTITIES, canonical, run_quantities, statistics
from .claim_nodes import (
    Bin,
    Call,
    Heard,
    Neg,
    Num,
    Path,
    Sel,
    Text,
    UnreadError,
)

#: Letters and words for how steep a law is, by the size it is in.
SIZED = {"n": "N", "params": "N", "parameters": "N", "size": "N", "d": "D", "tokens": "D", "data": "D", "c": "C",
          "compute": "C", "flops": "C", "samples": "D"}  # fmt: skip


class StudyNames:
    """Finds what names of a statement stand for in a study."""

    def __init__(self, owners: Owners, heard: Heard, predict: bool = False) -> None:
        self.owners = owners
        self.heard = heard
        #: Whether losses at sizes are those that a law predicts there.
        self.predict = predict
        #: Whether something stands in the text that was not said, or that may be another thing.
        self.guessed = False
        #: Conditions on cells that stood in the parentheses of a quantity.
        self.kept: list[Any] = []
        #: The conditions of the fits that are asked.
        self.conditions: set[str] = set()
        fits = [f.request for f in owners.requests.fits.values()]
        self.fits = {plain(f.name): f for f in fits}
        self.optima = {plain(o.request.name): o.request for o in owners.requests.optima.values()}

    def _quantity_of(self, word: str) -> bool:
        return word in self.owners.quantities() or word in self.owners.labels.axes

    def _alternative(self, word: str) -> tuple[str, str] | None:
        """The axis and the value of the one alternative that is a word with its parameters, and has no label."""
        known = self.owners.labels.axes
        found = [label for label in known if label.startswith(f"{word}(")]
        return (known[found[0]][0], found[0]) if len(found) == 1 and word not in known else None

    def _same_letters(self, low: str) -> str:
        """The name of the study that is this one but for small and capital letters."""
        if len(low) < 2:
            return ""
        every = {*self.owners.quantities(), *self.owners.labels.axes, *self.fits, *self.optima, *statistics()}
        found = [n for n in every if n.lower() == low]
        return found[0] if len(found) == 1 else ""

    def _near_name(self, word: str) -> str | None:
        if len(word) < 4:
            return None
        every = {*self.owners.quantities(), *self.owners.labels.axes, *self.fits, *self.optima, *statistics()}
        every |= {f.law for f in self.fits.values()} | {*REDUCTIONS}
        near = similar(word, every)
        return near if near and edits(word.lower(), near.lower()) <= (1 if len(near) < 6 else 2) else None

    def _named(self, word: str, after: Any) -> Request | None:
        """The fit or optimum that a word, with what stands in brackets behind it, names."""
        if isinstance(after, Call):
            inner = ", ".join(shown(a) for a in after.args)
            whole = plain(f"{word}({inner})")
            if whole in self.fits or whole in self.optima:
                return self.fits.get(whole) or self.optima[whole]
        if word in self.owners.quantities() and word not in self.fits:
            return None
        named: dict[str, Request] = {**self.fits, **self.optima}
        there = [r for n, r in named.items() if n == word or n.startswith(f"{word}(")]
        exact = [r for r in there if r.name == word]
        found = exact or there
        if isinstance(after, Call) and len(found) > 1:
            sizes = {SIZED.get(shown(a).lower(), shown(a)) for a in after.args}
            found = [r for r in found if isinstance(r, FitRequest) and {canonical(q) for q in r.quantities} & sizes]
        return found[0] if len(found) == 1 else None

    def _of_law(self, call: Call) -> bool:
        """True where what stands in brackets behind a law are its variables."""
        return all(SIZED.get(shown(a).lower()) or shown(a) in self.owners.axes for a in call.args)

    def _whole(self, name: str, call: Call) -> bool:
        """True where a name with what stands in brackets behind it is a fit as it was written."""
        return plain(f"{name}({', '.join(shown(a) for a in call.args)})") in self.fits

    def _is_request(self, node: Any) -> bool:
        return self._request_or_none(node) is not None

    def _request(self, node: Any) -> Request:
        found = self._request_or_none(node)
        if found is None:
            raise UnreadError("no fit")
        return found

    def _request_or_none(self, node: Any) -> Request | None:
        match node:
            case Path((str(name),)):
                return self._named(name, None)
            case Path((str(name), Call() as call)) if call.args and (self._of_law(call) or self._whole(name, call)):
                return self._named(name, call)
        return None

    def _gives(self, quantity: str) -> bool:
        return quantity in self.owners.quantities()

    def _every(self) -> Iterator[Request]:
        yield from self.fits.values()
        yield from self.optima.values()

    def _surface(self) -> Request | None:
        fits = [f for f in self.fits.values() if {"N", "D"} >= {*f.quantities} and len(f.quantities) == 2]
        return fits[0] if fits else None

    def _axis(self, name: str) -> str:
        """The axis or size that a place names."""
        if name in self.owners.axes or name in run_quantities():
            return name
        low = name.lower()
        for axis in self.owners.axes:
            if axis.lower() == low or axis == low.removesuffix("s"):
                return axis
        meant = ELSEWHERE.get(low, "")
        if meant in self.owners.axes:
            return meant
        if low in SIZED:
            return SIZED[low]
        if name in ("data", "models", "train"):
            return name
        near = similar(name, self.owners.axes)
        if near is None or len(name) < 4:
            raise UnreadError(f"no axis {name}")
        self.guessed = True
        return near

    def _sel_value(self, name: str, value: Any) -> str:
        axis = self._end_axis(name)
        match value:
            case Path((str(word),)) if word.lower() in ENDS and axis in self.owners.axes and self._values(axis):
                return self._end(axis, ENDS[word.lower()])
            case Path((str(word), Call((Path((str(own),)),)))) if (
                word.lower() in ENDS and own in (name, axis) and axis in self.owners.axes and self._values(axis)
            ):  # `tokens == max(tokens)`
                return self._end(axis, ENDS[word.lower()])
        return self._value(value)

    def _end_axis(self, name: str) -> str:
        """The axis that a place names, or the one that a size follows from, whose last value is the largest size."""
        try:
            axis = self._axis(name)
        except UnreadError:
            return name
        if axis in self.owners.axes:
            return axis
        ways = {"N": ("width", "layers"), "D": ("tokens", "steps", "samples")}.get(canonical(axis), ())
        return next((a for a in ways if a in self.owners.axes), axis)

    def _place_value(self, name: str, value: Any) -> str:
        return self._sel_value(name, value)

    def _value(self, value: Any) -> str:
        """A value of an axis: a number, or a label in the letters of the study."""
        match value:
            case Path((str(word),)) | Text(word):
                known = self.owners.labels.axes
                same = [label for label in known if label.lower() == word.lower()]
                if word in known or same:
                    return word if word in known else same[0]
                if (chosen := CHOICES.get(word.lower())) in known:
                    self.guessed = True  # such as `bf16` for `fp16`, which may be what is missing
                    return str(chosen)
                return word
            case Path((str(word), Call())):
                return f"{word}({', '.join(shown(a) for a in value.atoms[1].args)})"
            case Num(text):
                return text
        return shown(value)

    def _values(self, axis: str) -> list[float]:
        points = self.owners.axes[axis]
        place = points.names.index(axis)
        return sorted(float(p[place]) for p in points.points if not isinstance(p[place], str))

    def _end(self, axis: str, last: bool) -> str:
        values = self._values(axis) if axis else []
        if not values:
            raise UnreadError("no end")
        return short(values[-1] if last else values[0])

    def _main_axis(self) -> str:
        return next((a for a in self.owners.axes if a != "seed" and self._values(a) and not self.owners.tuned(a)), "")

    def _noisy(self, text: str) -> bool:
        """True for a number that is estimated."""
        if any(re.search(rf"\({re.escape(r.name)}[,)]", text) for r in self._every()):
            return True
        for name in re.findall(r"[A-Za-z_]\w*(?=\(|\b)", re.sub(r"\w+=[^,()]+", "", text)):
            if name in REGISTRY or name in FUNCTIONS or name in RESERVED:
                continue
            known = QUANTITIES.get(canonical(name))
            if name in self.owners.axes or name in self.owners.labels.axes:
                continue
            if known is not None and (known.of == "run" or (not known.noisy)):
                continue
            return True
        return False

    def _is_label(self, node: Any) -> bool:
        match node:
            case Path((str(name),)):
                return self.owners.labels.may_be(name) and name not in self.owners.axes
        return False

    @staticmethod
    def _reduction(name: str) -> str:
        low = name.lower()
        return low if low in REDUCTIONS else ELSEWHERE_REDUCED.get(low, "")


def plain(name: str) -> str:
    return re.sub(r"\s", "", name)


def law_called(word: str) -> str:
    """The law that others call so."""
    low = word.lower()
    if low in REGISTRY and REGISTRY[low].kind == "law":
        return low
    return next((t.called[low].split("(")[0] for t in REGISTRY.values() if t.kind == "law" and low in t.called), "")


def shown(node: Any) -> str:
    """An argument as it is typed."""
    match node:
        case Num(text) | Text(text):
            return text
        case Sel(name, value):
            return f"{name}={shown(value)}"
        case Path(atoms):
            found = ""
            for atom in atoms:
                found += atom if isinstance(atom, str) else f"({', '.join(shown(a) for a in atom.args)})"
            return found
        case Neg(value):
            return f"-{shown(value)}"
        case Bin(sign, left, right):
            return f"{shown(left)}{sign}{shown(right)}"
    return "?"
