"""What a lenient reading asks for, written as the language asks for it."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Any

from ..claims.names_elsewhere import (
    OPTIMAL,
)
from ..claims.selectors import some_compute
from ..plan.study_plan import FitRequest, OptimumRequest
from ..requests.provides import Request, counterpart, of_request
from ..requests.request_types import method_of, parameters
from ..syntax.numbers import number
from ..vocabulary.base import REGISTRY
from ..vocabulary.functions import FUNCTIONS, FUNCTIONS_ELSEWHERE, REDUCTIONS
from ..vocabulary.quantities import canonical, run_quantities, statistics
from .claim_nodes import (
    Bars,
    Bin,
    Call,
    Group,
    Neg,
    Num,
    Path,
    Sel,
    Text,
    UnreadError,
)
from .sorted_words import Asked, SortedWords
from .study_names import SIZED


class Numbers(SortedWords):
    """Writes numbers in the names of a study."""

    def number(self, node: Any, loss: bool = False) -> str:
        """A number; with `loss`, labels and places alone are losses there."""
        if loss and self._is_request(node):
            self.guessed = True
            self.heard.add("merit")
            return f"mse({self._request(node).name})"
        match node:
            case Num(text):
                number(text)  # that it is one
                return text
            case Neg(value):
                return f"-{factor(self.number(value))}"
            case Group(value):
                return f"({self.number(value)})"
            case Bars(value):
                return f"abs({self.number(value)})"
            case Bin(sign, left, right):
                one, two = self._both_sides(left, right, loss)
                return f"{one} {sign} {two}" if sign in "+-" else f"{one}{sign}{two}"
            case Text(text) if re.fullmatch(r"[A-Za-z_]\w*", text):
                return self._path(Path((text,)), loss)
            case Path():
                return self._path(node, loss)
        raise UnreadError("no number")

    def _both_sides(self, left: Any, right: Any, loss: bool) -> tuple[str, str]:
        """Both sides of a sign; `D_opt/N_opt at C=1PFLOP` asks both at the place behind the second."""
        match left, right:
            case Path((str(alone),)), Path((str(), "optimum")):
                left = Path((alone, "optimum"))
        try:
            return self.number(left, loss), self.number(right, loss)
        except UnreadError:
            match left, right:
                case Path((*first,)), Path((*_, Call(places))) if all(isinstance(p, Sel) for p in places):
                    return self.number(Path((*first, Call(places))), loss), self.number(right, loss)
            raise

    def _path(self, path: Path, loss: bool) -> str:
        match path.atoms:
            case (str(name), Call(args)) if (made := self._function(name, args)) is not None:
                return made
            case (Call((inner,)), *rest) if rest and not isinstance(inner, Path):
                if (reduction := self._only_reduction(rest)) is not None:
                    return f"{reduction}({self.number(inner)})"
                raise UnreadError("a member of a sum")
            case (str(name), Call((inner, *chosen))) if self._reduction(name) and not isinstance(inner, Path | Sel):
                places = self._arguments(self._sorted(Path((Call(tuple(chosen)),))))
                return f"{self._reduction(name)}({', '.join((self.number(inner), *places))})"
        asked = self._sorted(path)
        match path.atoms:
            case (str(name), Call((_, _, *_))) if self._reduction(name):
                asked.outside = True
        return self._written(asked, loss)

    def _function(self, name: str, args: Sequence[Any]) -> str | None:
        """A function of numbers; None where it is none here."""
        several = len(args) > 1 and all(isinstance(a, Path) and self._quantity_alone(a) for a in args)
        if several and self._reduction(name) in ("mean", "spread"):
            said = [self.number(a) for a in args]
            if self._reduction(name) == "mean":
                return f"({' + '.join(said)})/{len(said)}"
            self.guessed = self.guessed or name not in REDUCTIONS  # the standard deviation is another number
            return f"(max({', '.join(said)}) - min({', '.join(said)}))"
        if name in FUNCTIONS and not (self._reduction(name) and len(args) == 1):
            if any(isinstance(a, Sel) for a in args) or not args:
                return None
            if name in REDUCTIONS and any(self._is_label(a) for a in args):
                return None
            return f"{name}({', '.join(self.number(a) for a in args)})"
        if name.lower() in FUNCTIONS_ELSEWHERE and name not in REGISTRY and len(args) == 1 and name not in self.fits:
            inner = self.number(args[0])
            return FUNCTIONS_ELSEWHERE[name.lower()].format(inner, inner, inner)
        return None

    def _only_reduction(self, atoms: Sequence[Any]) -> str | None:
        match atoms:
            case [str(name)] | [str(name), Call(())]:
                return self._reduction(name) or None
        return None

    def _written(self, asked: Asked, loss: bool) -> str:
        owners = self.owners
        if len(asked.requests) > 1 or asked.values:
            raise UnreadError("of several")
        quantities = list(dict.fromkeys(asked.quantities))
        request = asked.requests[0] if asked.requests else None
        tuned = [q for q in quantities if owners.tuned(q)]
        if (asked.best or len(quantities) > 1) and tuned:
            quantities = tuned[:1]
        if asked.best and (asked.sized or {*quantities} <= {*OPTIMAL.values()}) and not tuned:
            asked.sized = asked.sized or quantities
            return self._optimal(asked, request)
        if len(quantities) > 1 and "loss" in quantities:
            quantities.remove("loss")
        if len(quantities) > 1:
            raise UnreadError("several quantities")
        if asked.exponent and not quantities:
            quantities, request = self._exponent(asked, request)
        if not quantities:
            if request is not None and (asked.predicted or asked.places or asked.numbers):
                return self._predicted(asked, request)
            if asked.predicted:
                return self._predicted(asked, self._surface())
            if len(asked.sized) == 1 and not (asked.labels or asked.places or asked.numbers or asked.reductions):
                return asked.sized[0]
            if not (loss and (asked.labels or asked.places or asked.numbers)):
                raise UnreadError("nothing asked")
            quantities = ["loss"]
            self.guessed = True
        quantity = quantities[0]
        if quantity == "holdout" and self.kept:
            self.kept.clear()
            self.guessed = True
            self.heard.add("held out")
        if quantity in ("loss", "L") and (asked.predicted or request is not None) and request is None:
            request = self._surface() if asked.predicted else None
        if quantity in ("loss", "L") and isinstance(request, FitRequest):
            if not asked.places and not asked.numbers:  # the losses that it was fitted to
                request = None
            else:
                return self._predicted(asked, request)
        if self.predict and quantity == "loss" and request is None and {"N"} & {canonical(n) for n, _ in asked.places}:
            self.heard.add("predicted")
            self.guessed = True
            return self._predicted(asked, self._surface())
        request = self._owner(quantity, request, asked)
        if isinstance(request, FitRequest) and request.where is not None:
            self.conditions.add(request.where)
        if isinstance(request, OptimumRequest) and quantity in method_of(request).curves and asked.requests:
            asked.sized = [quantity]
            return self._optimal(asked, request)
        if request is not None and quantity not in of_request(request):
            same = counterpart(quantity, request)
            if same is None:
                raise UnreadError("not given")
            quantity = same
        return self._reduced(quantity, request, asked)

    def _reduced(self, quantity: str, request: Request | None, asked: Asked) -> str:
        places = self._arguments(asked)
        several = request is not None and sum(quantity in of_request(r) for r in self._every()) > 1
        named = several or places or asked.requests or quantity in statistics()
        inner = [request.name] if request is not None and named else []
        if len(asked.reductions) > 1:
            raise UnreadError("two reductions")
        outer = places if asked.outside else []
        given = [*inner, *(() if asked.outside else places)]
        text = f"{quantity}({', '.join(given)})" if given else quantity
        return f"{asked.reductions[0]}({', '.join((text, *outer))})" if asked.reductions else text

    def _arguments(self, asked: Asked) -> list[str]:
        """Labels and places, each axis once."""
        places: dict[str, str] = {}
        for name, value in asked.places:
            axis = self._axis(name)
            if places.setdefault(axis, value) != value:
                raise UnreadError("two places")
        for text in asked.numbers:
            typed = number(text).value
            found = [
                axis
                for axis, points in self.owners.axes.items()
                if axis not in places
                and points.role not in ("tune", "replicate", "median")
                and any(typed == p for point in points.points for p in point)
            ]
            if len(found) != 1:
                raise UnreadError("of no axis")
            places[found[0]] = text
        return [*dict.fromkeys(asked.labels), *(f"{name}={value}" for name, value in places.items())]

    def _predicted(self, asked: Asked, request: Request | None) -> str:
        if request is None or asked.reductions or asked.quantities not in ([], ["loss"], ["L"]):
            raise UnreadError("no prediction")
        if isinstance(request, OptimumRequest):
            raise UnreadError("an optimum")
        sizes = {SIZED.get(n.lower(), canonical(n)): v for n, v in asked.places}
        wanted = [canonical(q) for q in request.quantities]
        for q, text in zip([w for w in wanted if w not in sizes], asked.numbers, strict=False):
            sizes[q] = text
        if not {*wanted} <= sizes.keys():
            raise UnreadError("sizes")
        at = [f"{q}={sizes.pop(q)}" for q in wanted]
        rest = [f"{self._axis(n)}={v}" for n, v in sizes.items()]
        return f"L({', '.join((request.name, *asked.labels, *rest, *at))})"

    def _optimal(self, asked: Asked, request: Request | None) -> str:
        """`N_opt(1e21)`, `optimal D at C=1e21`: a curve of an optimum."""
        if not isinstance(request, OptimumRequest):
            there = list(self.optima.values())
            if isinstance(request, FitRequest):
                there = [o for o in there if o.fit == request.name]
            if not there:
                raise UnreadError("which optimum")
            self.guessed = self.guessed or len(there) > 1
            request = there[0]
        at = next((v for n, v in asked.places if canonical(n) == "C"), asked.numbers[0] if asked.numbers else "")
        if not (at or asked.places):
            self.guessed = True
            self.heard.add("at what compute")
            at = some_compute(self.owners.axes)
        wanted = [s for s in asked.sized if s != "C"] or asked.sized
        if not at or len(wanted) != 1 or asked.reductions:
            raise UnreadError("at what compute")
        return f"{wanted[0]}({request.name}, C={at})"

    def _exponent(self, asked: Asked, request: Request | None) -> tuple[list[str], Request | None]:
        """The exponent of a law: in the size that is named, or its only one."""
        there: list[Request] = [request] if request is not None else list(self.fits.values())
        wanted = asked.sized[:1]
        for one in sorted(there, key=lambda r: not isinstance(r, FitRequest) or len(r.quantities)):
            if isinstance(one, OptimumRequest):
                if wanted in (["N"], ["D"]):
                    return [{"N": "a", "D": "b"}[wanted[0]]], one
                continue
            quantities = [canonical(q) for q in one.quantities]
            own = [p for p in parameters(one) if p in ("alpha", "beta", "gamma")]
            if wanted and len(quantities) == 1 and quantities[0] == wanted[0] and own:
                return own[:1], one
            if wanted and len(quantities) > 1 and wanted[0] in ("N", "D"):
                name = {"N": "alpha", "D": "beta"}[wanted[0]]
                return [name if name in own else own[0]] if own else [], one
            if not wanted and len(own) == 1 and len(there) == 1:
                return own, one
        raise UnreadError("which exponent")

    def _owner(self, quantity: str, request: Request | None, asked: Asked) -> Request | None:
        """The fit or optimum that a quantity is of; None for one of cells, or where it goes without saying."""
        if self.owners.measures(quantity) and not (request is not None and quantity in of_request(request)):
            return None
        if quantity in self.owners.axes:
            return None
        if request is not None:
            return request
        giving: list[Request] = [r for r in self._every() if quantity in of_request(r)]
        sized = [s for s in asked.sized if s != quantity]
        if sized:
            fits = [r for r in self.fits.values() if [canonical(q) for q in r.quantities] == sized[:1]]
            if len(fits) == 1:
                return fits[0]
            joint: list[Request] = [r for r in giving if isinstance(r, FitRequest) and sized[0] in r.quantities]
            giving = joint or giving
        if len(giving) > 1:
            surfaces: list[Request] = [r for r in giving if isinstance(r, FitRequest) and len(r.quantities) > 1]
            giving = surfaces if len(surfaces) == 1 else giving
            self.guessed = True
        if len(giving) != 1:
            if quantity in run_quantities() or quantity in self.owners.known:
                return None
            raise UnreadError("of which fit")
        return giving[0]


def factor(text: str) -> str:
    """A text as a factor of a product."""
    return f"({text})" if re.search(r"\s[-+]\s", re.sub(r"\([^()]*\)", "", text)) else text
