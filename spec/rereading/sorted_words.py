"""The words of what a lenient reading asks for, each sorted by what it is in the study."""

from __future__ import annotations

import re
from abc import ABC, abstractmethod
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from ..claims.names_elsewhere import (
    ELSEWHERE_MEASURED,
    ELSEWHERE_REDUCED,
    EXPONENTS,
    JUDGED,
    OPTIMAL,
    PREDICTING,
    THRESHOLDS,
)
from ..claims.selectors import ENDS
from ..requests.provides import Request
from ..vocabulary.base import REGISTRY
from ..vocabulary.functions import REDUCTIONS
from ..vocabulary.quantities import canonical, run_quantities, statistics
from .claim_nodes import (
    Between,
    Call,
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


class SortedWords(StudyNames, ABC):
    """Sorts words into quantities, fits, labels, places."""

    @abstractmethod
    def number(self, node: Any, loss: bool = False) -> str:
        """A number as it is written here."""

    def _quantity_alone(self, path: Path) -> bool:
        """True for what is a number by itself, and chooses no cells of another."""
        first = path.atoms[0] if path.atoms else None
        return isinstance(first, str) and self._gives(first) and (len(path.atoms) > 1 or first not in self.owners.axes)

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
