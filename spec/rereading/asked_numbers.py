"""What a lenient reading asks for, written as the language asks for it."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from ..claims.resolve_names import (
    ELSEWHERE_MEASURED,
    ELSEWHERE_REDUCED,
    EXPONENTS,
    JUDGED,
    OPTIMAL,
    PREDICTING,
    THRESHOLDS,
)
from ..claims.selectors import ENDS, some_compute
from ..plan.study_plan import FitRequest, OptimumRequest
from ..requests.provides import Request, counterpart, of_request
from ..requests.request_types import method_of, parameters
from ..syntax.numbers import number
from ..vocabulary.base import REGISTRY
from ..vocabulary.functions import FUNCTIONS, FUNCTIONS_ELSEWHERE, REDUCTIONS
from ..vocabulary.quantities import canonical, run_quantities, statistics
from .claim_nodes import (
    Bars,
    Between,
    Bin,
    Call,
    Group,
    Neg,
    Num,
    OneOf,
    Order,
    Path,
    Sel,
    Text,
    UnreadError,
)
from .study_names import SIZED, StudyNames, law_called

#: Measurements that only tables have by that name.
_CALLED = {"excess_loss": "excess", "kl": "excess"}
#: Kinds of words of which a study without alternatives has one, so that nothing is chosen by it.
ALONE = ("family", "optimiser", "source", "graph")
#: Names of the places where results are kept elsewhere, which say nothing of what is asked.
_HELD = (
    "fit fits result results res params param parameters popt coef coefs coefficients estimates estimate value values "
    "self model_fit output outputs summary metrics metric df stats best_fit law laws fitted final study report item "
    "scaling run runs scalars get law_params exponents measured point x attrs theta data cell cells models model "
    "estimated true"
)
_HOLDERS = frozenset(_HELD.split())
#: Words for the best, and for what is best.
_BEST = frozenset(("best", "optimal", "opt", "optimum", "argmin", "argmax", "star", "tuned"))
#: Parameters of papers' laws as they are called here.
_OF_PAPERS = {
    "nc": "N_c",
    "dc": "D_c",
    **dict.fromkeys(("l_inf", "linf", "l0", "e0", "c_inf", "floor", "irreducible", "intercept", "offset"), "E"),
}


@dataclass
class Asked:
    """What one path says, sorted by what it is."""

    reductions: list[str] = field(default_factory=list)
    quantities: list[str] = field(default_factory=list)
    requests: list[Request] = field(default_factory=list)
    labels: list[str] = field(default_factory=list)
    places: list[tuple[str, str]] = field(default_factory=list)
    numbers: list[str] = field(default_factory=list)
    values: list[str] = field(default_factory=list)
    sized: list[str] = field(default_factory=list)
    best: bool = False
    judged: bool = False
    exponent: bool = False
    predicted: bool = False
    #: Whether places were chosen beside what is reduced, and not inside it.
    outside: bool = False


class Numbers(StudyNames):
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

    def _quantity_alone(self, path: Path) -> bool:
        """True for what is a number by itself, and chooses no cells of another."""
        first = path.atoms[0] if path.atoms else None
        return isinstance(first, str) and self._gives(first) and (len(path.atoms) > 1 or first not in self.owners.axes)

    def _only_reduction(self, atoms: Sequence[Any]) -> str | None:
        match atoms:
            case [str(name)] | [str(name), Call(())]:
                return self._reduction(name) or None
        return None

    def _sorted(self, path: Path) -> Asked:
        asked = Asked()
        self._sort(path.atoms, asked)
        return asked

    def _sort(self, atoms: Sequence[Any], asked: Asked) -> None:
        i = 0
        while i < len(atoms):
            atom = atoms[i]
            after = atoms[i + 1] if i + 1 < len(atoms) else None
            if isinstance(atom, str):
                i += self._word(atom, after, asked)
            elif isinstance(atom, Call):
                for one in atom.args:
                    self._sort_argument(one, asked)
            else:
                raise UnreadError("no name")
            i += 1

    def _sort_argument(self, one: Any, asked: Asked) -> None:
        match one:
            case Sel("axis" | "over" | "dim" | "ddof" | "key" | "by", _):
                return
            case Sel("data" | "models" | "train" as name, value) if name not in self.owners.axes:
                label = self._value(value)
                if label not in self.owners.labels.axes:
                    raise UnreadError("no label")
                asked.labels.append(label)
            case Sel("step" | "epoch" | "iteration" | "iter" | "checkpoint" | "t", Path((str(end),))) if end in ENDS:
                self.guessed = True
                self.heard.add("run's end")
            case Sel(name, value):
                asked.places.append((name, self._sel_value(name, value)))
            case Num(text):
                asked.numbers.append(text)
            case Text("0"):
                held = [a for a, p in self.owners.axes.items() if any(0 in point for point in p.points) and a != "seed"]
                if held:
                    asked.numbers.append("0")
                elif asked.quantities and self._main_axis():
                    asked.places.append((self._main_axis(), self._end(self._main_axis(), False)))
                    self.guessed = True
            case Text(text):
                self._word(text, None, asked)
            case Path((str(word),)) if word.lower() in ENDS and self._main_axis():
                asked.places.append((self._main_axis(), self._end(self._main_axis(), ENDS[word.lower()])))
                self.guessed = True
            case Path(atoms):
                self._sort(atoms, asked)
            case Order() | Between() | OneOf():
                self.kept.append(one)
            case _:
                asked.values.append(self.number(one))

    def _word(self, word: str, after: Any, asked: Asked) -> int:
        """Sort one word; the atoms behind it that it takes."""
        owners, low = self.owners, word.lower()
        if (request := self._named(word, after)) is not None:
            asked.requests.append(request)
            if isinstance(after, Call):
                sizes = [a for a in after.args if isinstance(a, Sel)]
                for one in sizes:
                    self._sort_argument(one, asked)
                if sizes or (after.args and all(isinstance(a, Num) for a in after.args)):
                    asked.predicted = True
                if all(isinstance(a, Num) for a in after.args):
                    asked.numbers += [a.text for a in after.args]
                elif not sizes and not self._of_law(after):
                    for one in after.args:
                        self._sort_argument(one, asked)
            return int(isinstance(after, Call))
        if (unnamed := self._alternative(word)) is not None and asked.quantities:
            asked.places.append(unnamed)
            return int(isinstance(after, Call))
        alone = word in REGISTRY and REGISTRY[word].kind in ALONE and not self._quantity_of(word)
        if alone and asked.quantities and owners.axes:  # a study that trains
            if any(label.startswith(f"{word}(") for label in owners.labels.axes):
                raise UnreadError(f"which {word}")
            self.guessed = True
            self.heard.add("one of it")
            return int(isinstance(after, Call))
        if word in REGISTRY and REGISTRY[word].kind in ("law", "optimum") and not self._quantity_of(word):
            raise UnreadError(f"no fit {word}")
        placed = isinstance(after, Call) and len(after.args) == 1 and not isinstance(after.args[0], Sel)
        if placed and asked.quantities and word in owners.axes and not owners.tuned(word):  # `loss.width(64)`
            asked.places.append((word, self._sel_value(word, after.args[0])))
            return 1
        if word in _CALLED and owners.measures(_CALLED[word]):
            word = _CALLED[word]
        if asked.exponent and canonical(word) in ("N", "D", "C"):
            asked.sized.append(canonical(word))
            return 0
        if word in owners.quantities() or owners.measures(word) or word in statistics():
            if word in owners.axes and asked.best and not owners.tuned(word):
                raise UnreadError(f"{word} is not tuned")
            asked.quantities.append(word)
        elif (self._reduction(word) or low in ENDS) and low not in _BEST:
            if not self._reduction(word):
                asked.places.append((self._main_axis(), str(self._end(self._main_axis(), ENDS[low]))))
                self.guessed = True
            else:
                if low not in REDUCTIONS:
                    self.guessed = self.guessed or ELSEWHERE_REDUCED[low] == "spread"
                asked.reductions.append(self._reduction(word))
        elif low in _BEST:
            asked.best = True
        elif owners.labels.may_be(word) and not owners.labels.open:
            asked.labels.append(word)
        elif word in run_quantities() or low in SIZED:
            asked.sized.append(canonical(word) if word in run_quantities() else SIZED[low])
        elif low in _HOLDERS:
            pass
        elif low in EXPONENTS:
            asked.exponent = True
        elif low in PREDICTING or word == "L":
            asked.predicted = True
        elif low in JUDGED or low in ("lower", "upper", "low", "high", "ci95", "lower_bound", "upper_bound", "hdi"):
            asked.judged = True
            self.heard.add("judged")
            if low in THRESHOLDS:
                self.heard.add("threshold")
        elif low in OPTIMAL and self.optima:
            asked.best = True
            if "/" in OPTIMAL[low]:
                raise UnreadError("a ratio")
            asked.sized.append(OPTIMAL[low])
        elif low in _OF_PAPERS and self._gives(_OF_PAPERS[low]):
            asked.quantities.append(_OF_PAPERS[low])
        elif low in ELSEWHERE_MEASURED and re.fullmatch(r"\w+", ELSEWHERE_MEASURED[low]):
            asked.quantities.append(ELSEWHERE_MEASURED[low])
            self.guessed = True
        elif (law := law_called(word)) and (request := self._named(law, after)) is not None:
            asked.requests.append(request)
        elif (same := self._same_letters(low)) and same != word:
            return self._word(same, after, asked)
        elif "_" in word and self._parted(word, asked):
            pass
        elif (near := self._near_name(word)) is not None:
            self.guessed = True
            self.heard.add("misspelt")
            return self._word(near, after, asked)
        else:
            raise UnreadError(f"what {word} is")
        return 0

    def _parted(self, word: str, asked: Asked) -> bool:
        """True for a name of several that are known, joined by `_`: `alpha_chinchilla`, `min_loss`, `best_lr`."""
        names = [p for p in word.split("_") if p]
        tried = Asked(best=asked.best)
        guessed = self.guessed
        try:
            for one in names:
                if one in ("n", "d", "c"):
                    one = one.upper()
                self._word(one, None, tried)
        except UnreadError:
            self.guessed = guessed
            return False
        for name in ("reductions", "quantities", "requests", "labels", "places", "sized"):
            getattr(asked, name).extend(getattr(tried, name))
        asked.best |= tried.best
        asked.exponent |= tried.exponent
        asked.judged |= tried.judged
        self.heard.add("joined names")
        return True

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
