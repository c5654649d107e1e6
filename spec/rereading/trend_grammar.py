"""What falls, rises or stays the same along an axis: `loss decreases with tokens`, `beta does not depend on kappa`."""

from __future__ import annotations

from typing import Any

from .claim_nodes import (
    Call,
    Moves,
    Near,
    Path,
    Sel,
    UnreadError,
)
from .claim_words import (
    FALLING,
    FALLS,
    MONOTONICALLY,
    RISES,
    RISING,
)
from .comparison_grammar import ComparisonReader


class TrendReader(ComparisonReader):
    """Reads how a number goes with another."""

    def _moves(self) -> Any:
        """`decreasing loss in tokens`, `monotonically decreasing loss`."""
        while self.take("monotonically", "strictly"):
            pass
        sign = ">" if self.is_(*FALLING) else "<"
        self.need(*FALLING, *RISING)
        if self.at().kind != "name":
            raise UnreadError("what falls")
        return Moves(Path((self.at().text,)), self._along(), self._moving(sign))

    def _moved(self, left: Any) -> Any:
        """`loss decreases with tokens`, `beta does not depend on kappa`, `kappa has no effect on beta`."""
        if self.take("has", "have"):
            self.need("no")
            self.take("significant", "measurable")
            self.need("effect", "influence", "impact", "bearing")
            self.need("on")
            if not (isinstance(left, Path) and len(left.atoms) == 1):
                raise UnreadError("what has no effect")
            return Moves(self._sum(), left.atoms[0], self._moving("=="))
        if (same := self.tries(lambda: self._same_at(left))) is not None:
            return same
        negated = False
        if self.take("does", "do"):
            negated = self.take("not")
        elif self.take("doesn", "don") and self.take("'"):
            negated = self.take("t")
        if negated:
            self.need("depend", "change", "vary")
            self.take("on", "with", "across", "in", "by")
            return Moves(left, self._axis_name(), self._moving("=="))
        while self.take(*MONOTONICALLY):
            pass
        if self.take("constant", "stable", "flat", "unchanged", "fixed"):
            self.need("across", "over", "with", "in", "along", "for")
            axis = self._axis_name()
            if self.take("for", "at", "of"):
                left = Path((*left.atoms, Call((self._sum(),)))) if isinstance(left, Path) else left
            return Moves(left, axis, self._moving("=="))
        if self.take("independent", "unaffected", "invariant"):
            self.take("of", "by", "to", "under", "from")
            return Moves(left, self._axis_name(), self._moving("=="))
        if self.take("depends"):
            self.take("on")
            return Moves(left, self._axis_name(), self._moving("!="))
        sign = ">" if self.is_(*FALLING, *FALLS) else "<"
        self.need(*FALLING, *FALLS, *RISING, *RISES)
        while self.take(*MONOTONICALLY):
            pass
        return Moves(left, self._along(), self._moving(sign))

    def _same_at(self, left: Any) -> Any:
        """`best lr for muP is the same at width 16 and width 128`."""
        self.need("is", "are", "stays", "remains")
        self.take("the")
        self.need("same", "equal", "identical", "constant", "unchanged")
        self.need("at", "for", "between", "across", "in")
        first = self._place()
        self.need("and", ",", "as")
        self.take("at", "for")
        if isinstance(first, Sel) and self.at().kind == "number":
            second: Any = Sel(first.name, self._number())
        else:
            second = self._place()
        if not isinstance(left, Path):
            raise UnreadError("what is the same")
        self.heard.add("at")
        return Near(Path((*left.atoms, Call((first,)))), Path((*left.atoms, Call((second,)))), None)

    def _moving(self, sign: str) -> str:
        self.heard.add("monotone" if sign in "<>" else "same")
        return sign

    def _along(self) -> str:
        """The axis along which something falls, with what is said of it; empty where none is named."""
        if self.at().kind == "name" and self.is_("in", "with", "along", "as", "over", "when", "for", "by", ahead=1):
            self.i += 1
        if not self.take("in", "with", "along", "as", "over", "when", "for", "by"):
            return ""
        name = self._axis_name()
        while self.take("grows", "increases", "rises", "goes", "up", "increasing", "growing", "gets", "larger"):
            pass
        return name

    def _axis_name(self) -> str:
        self._articles()
        self.take("increasing", "growing", "more", "larger", "number", "of")
        if self.at().kind != "name":
            raise UnreadError("no axis")
        self.i += 1
        return self.at(-1).text
