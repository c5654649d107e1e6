"""Comparisons as people write them: signs, words for them, intervals, lists, and how near a number is to another."""

from __future__ import annotations

from typing import Any

from .claim_nodes import (
    Between,
    Call,
    Near,
    Num,
    OneOf,
    Path,
    Sel,
    UnreadError,
    percent,
)
from .claim_words import (
    BETTER,
    DIFFERS,
    EQUAL,
    ERRORS,
    GREATER,
    IS,
    KEYWORDS,
    LESS,
    NEARLY,
    OPEN,
    SIGNIFICANT,
    WORSE,
)
from .number_grammar import NumberReader


class ComparisonReader(NumberReader):
    """Reads what is said of one side of a claim."""

    def _side(self) -> Any:
        self._articles()
        return self._sum()

    def _compared(self) -> str:
        """The comparison that stands here: a sign, `in`, `within`, `~`, or `better`."""
        if self.is_("goes") and not self.is_("as", "like", ahead=1):
            self.i += 1
        while self.is_(*IS, *SIGNIFICANT) and not (self.is_("to") and self.is_("within", ahead=1)):
            if self.is_(*SIGNIFICANT):
                self.heard.add("judged")
            self.i += 1
        skipped = self.at(-1).text.lower() in ("is", "are", "be")
        if skipped and self.at().kind == "number" and (self.is_("+-", ",", "and", ahead=1) or not self.at(1).text):
            return "=="
        negated = self.take("not")
        if self.take("<", "<=", ">", ">=", "!="):
            return self._turned(self.at(-1).text, negated)
        if self.take("=", "=="):
            self.take("=")
            return "!=" if negated else "=" if self.at(-1).text == "=" else "=="
        if self.take("scales", "scale", "goes", "follows", "~", *NEARLY):
            while self.take("to", "equal", "equals", "at", "=", "~", "as", "like", "with"):
                pass
            self.heard.add("near")
            return "~"
        if self.is_("+-"):
            return "+-"
        if self.take("at", "no"):
            word = self.at().text.lower()
            before = self.at(-1).text.lower()
            self.i += 1
            self.take("than")
            if before == "at":
                return ">=" if word == "least" else "<=" if word == "most" else self._fail()
            return "<=" if word in GREATER else ">=" if word in LESS else self._fail()
        if self.is_(*GREATER) or self.is_(*LESS):
            sign = ">" if self.is_(*GREATER) else "<"
            self.i += 1
            self.take("than")
            if self.take("or"):
                self.need("equal")
                self.take("to", "than")
                sign += "="
            return self._turned(sign, negated)
        if self.is_(*BETTER) or self.is_(*WORSE):
            merit = "better" if self.is_(*BETTER) else "worse"
            self.i += 1
            while self.take("than", "to", "fit", "over", "against", "fits"):
                pass
            self.heard.add("merit")
            return merit
        if self.take(*EQUAL):
            self.take("to", "as", "with")
            return "!=" if negated else "=="
        if self.take(*DIFFERS):
            self.take("from", "to", "than")
            return "!="
        if self.take("in", "between", "inside"):
            self.take("the", "a")
            self.take("range", "interval", "band")
            self.take("of", "from", "between")
            return "out" if negated else "in"
        if self.take("outside"):
            self.take("of", "the")
            return "out"
        if self.take("within"):
            return "away" if negated else "within"
        raise UnreadError(self.at().text)

    @staticmethod
    def _turned(sign: str, negated: bool) -> str:
        if not negated:
            return sign
        return {"<": ">=", "<=": ">", ">": "<=", ">=": "<", "!=": "=="}[sign]

    def _other(self, left: Any, how: str) -> Any:
        if how in ("in", "out"):
            return self._in(left, how == "in")
        if how in ("within", "away"):
            return self._within(left, how == "within")
        if how == "+-":
            raise UnreadError("a tolerance of nothing")
        if how in ("=", "~"):
            self.heard.add("near")
        target = self._side()
        if isinstance(target, Path) and (given := self._approx(target)) is not None:
            return Near(left, given[0], given[1], how != "!=")
        return Near(left, target, self.tries(self._tolerance), how != "!=")

    def _approx(self, target: Path) -> tuple[Any, Any] | None:
        """`approx(0.34, abs=.05)` behind `==`."""
        match target.atoms:
            case (*_, str(name), Call((first, *rest))) if name.lower() in NEARLY:
                width = next((a.value for a in rest if isinstance(a, Sel)), rest[0] if rest else None)
                rel = any(isinstance(a, Sel) and a.name.lower().startswith("r") for a in rest)
                return first, percent(width) if rel else width
        return None

    def _tolerance(self) -> Any:
        """`+- 0.05`, `(5%)`, `to within 2%`, `up to 5%`, `with tolerance 0.1`, `, rtol=0.1`."""
        open_ = self.take("(", "[")
        self.take(",")
        rel = False
        if self.take("+-"):
            pass
        elif self.is_("to", "within", "up", "with", "by", "give", "plus", "tol", "tolerance", "rtol", "rel", "abs",
                      "atol", "rel_tol", "abs_tol", "error", "accuracy", "precision", "margin"):  # fmt: skip
            while self.is_("to", "within", "up", "with", "by", "a", "an", "the", "give", "or", "take", "plus", "minus",
                           "tol", "tolerance", "rtol", "rel", "abs", "atol", "rel_tol", "abs_tol", "error", "accuracy",
                           "precision", "margin", "of", "relative", "absolute", "=", "+-", "<"):  # fmt: skip
                rel = rel or self.at().text.lower() in ("rtol", "rel", "rel_tol", "relative")
                self.i += 1
        elif not open_ or self.at().kind != "number":
            raise UnreadError("no tolerance")
        width = self._number()
        while self.take("tolerance", "error", "accuracy", "or", "so", "relative", "absolute", "tol"):
            rel = rel or self.at(-1).text.lower() == "relative"
        if open_:
            self.need(")", "]")
        self.heard.add("near")
        return percent(width) if rel else width

    def _in(self, left: Any, inside: bool) -> Any:
        found = self.tries(self._interval)
        if found is not None:
            return Between(left, *found, inside)
        values = self.tries(self._value_list)
        if values is not None:
            return OneOf(left, values, inside)
        target = self._sum()
        width = self._tolerance()
        return Near(left, target, width, inside)

    def _interval(self) -> tuple[Any, Any]:
        """Two ends with or without brackets of any kind, and what parts them."""
        opener = self.at().text if self.is_("(", "[", "]", "{") else ""
        if opener:
            self.i += 1
        low = self._difference_free()
        sign = self.at().text
        if not self.take("..", ",", "to", "and", "-", ":", ";", "<"):
            raise UnreadError("no interval")
        high = self._difference_free()
        if opener:
            self.need(")", "]", "}", "[")
        if opener in ("{",) and sign == ",":
            raise UnreadError("a list")
        if opener != "[" or sign != "..":
            self.heard.add("interval")
        return low, high

    def _difference_free(self) -> Any:
        """An end of an interval: no difference, for `-` may part the ends."""
        return self._product()

    def _value_list(self) -> tuple[Any, ...]:
        opener = self.at().text
        self.need("{", "[", "(")
        found = [self._sum()]
        while self.take(","):
            if self.is_(OPEN[opener]):
                break
            found.append(self._sum())
        self.need(OPEN[opener])
        if opener != "{":
            self.heard.add("list")
        return tuple(found)

    def _within(self, left: Any, inside: bool) -> Any:
        self._articles()
        if self.take("factor"):
            self.take("of")
            factor = self._number()
            self.take("of", "from", "to")
            self.heard.add("factor")
            return Near(left, self._sum(), factor, inside, ratio=True)
        self.take("+-")
        self.take("range", "interval")
        if (found := self.tries(self._only_interval)) is not None:
            self.heard.add("interval")
            return Between(left, *found, inside)
        if self.tries(self._standard_errors):
            self.heard.add("judged")
            width = None
        else:
            width = self._sum()
            self.take("error", "errors", "tolerance")
        if isinstance(width, Num) and self.is_("x", "times", "fold"):
            self.i += 1
            self.take("of", "from", "to")
            self.heard.add("factor")
            return Near(left, self._sum(), width, inside, ratio=True)
        if not self.take("of", "from", "to", "around", "near", "about", "+-"):
            if self.at().kind not in ("number", "name") or self.is_(*KEYWORDS):
                raise UnreadError("no target")
            self.heard.add("of")
        target = self._sum()
        if isinstance(target, Num) and target.text.endswith("%") and not (
            isinstance(width, Num) and width.text.endswith("%")
        ):  # fmt: skip
            self.heard.add("turned")
            width, target = target, width
        return Near(left, target, width, inside)

    def _standard_errors(self) -> bool:
        """`2 sigma`, `one standard error`, `2*se(alpha)`, `its uncertainty`: so many errors of an estimate."""
        bare = not self.take("one", "two", "three")
        self.take("its", "the", "their")
        if self.at().kind == "number" and not self.at().text.endswith("%"):
            self.i += 1
            bare = False
        self.take("*")
        if not (self.take(*ERRORS) or (bare and self.take("error", "errors", "uncertainty", "noise"))):
            raise UnreadError("standard errors")
        while self.take("error", "errors", "deviation", "deviations", "bar", "bars"):
            pass
        if self.is_("("):
            self._sum()
        return True

    def _only_interval(self) -> tuple[Any, Any]:
        found = self._interval()
        if self.is_("of", "from"):
            raise UnreadError("a width")
        return found
