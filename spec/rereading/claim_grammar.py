"""A lenient grammar of claims: signs and words of other languages, read for what they say.

claims   several conditions, and how they are joined
relation two sides and what is said of them: an order, an interval, a nearness
"""

from __future__ import annotations

from typing import Any

from ..vocabulary.base import REGISTRY
from .claim_nodes import (
    At,
    Bare,
    Between,
    Bin,
    Call,
    Group,
    Joined,
    Moves,
    Near,
    Not,
    Num,
    OneOf,
    Order,
    Path,
    Sel,
    UnreadError,
    percent,
    place_of,
)
from .claim_words import (
    BETTER,
    DIFFERS,
    EQUAL,
    FALLING,
    FALLS,
    GREATER,
    IS,
    KEYWORDS,
    LESS,
    MONOTONICALLY,
    NEARLY,
    OPEN,
    RISES,
    RISING,
    SIGNIFICANT,
    WORSE,
)
from .number_grammar import NumberReader

#: Claims of a statement that are read.
MOST = 12


class Reader(NumberReader):
    """Reads one claim."""

    def claims(self) -> list[Any]:
        """Conditions, one or several in a row."""
        self._lead()
        found = [self._implied()]
        while self.at().text:
            if not self.take(",", ";", "\n", "&"):
                raise UnreadError(self.at().text)
            while self.take(",", ";", "\n", "&", "and", "expect"):
                pass
            if self.at().text:
                self.heard.add("several")
                found.append(self._implied())
            if len(found) > MOST:
                raise UnreadError("too many")
        return found

    def _lead(self) -> None:
        """What is said before a claim."""
        if self.at().kind == "text" and self.is_(":", ahead=1):
            self.i += 2
        while self.take(":", "that", "we", "to", "expect", "claim", "assert"):
            pass

    def _implied(self) -> Any:
        if self.take("if", "when", "whenever"):
            self.heard.add("implies")
            first = self._either()
            self.need("then", ",", ":")
            self.take("then")
            return Joined("implies", (first, self._implied()))
        if (quantified := self.tries(self._quantified)) is not None:
            return quantified
        first = self._either()
        if self.take("implies", "=>"):
            self.heard.add("implies")
            return Joined("implies", (first, self._implied()))
        if self.take("unless"):
            self.heard.add("implies")
            return Joined("or", (self._either(), first))
        return first

    def _quantified(self) -> Any:
        """`for all tokens: ...`, `for every width, ...`."""
        self.need("for", "at", "in")
        self.need("all", "every", "each", "any")
        while self.at().kind == "name" and not self.is_(":", ","):
            self.i += 1
        if self.take("in"):
            self._value_list()
        self.need(":", ",", ".")
        self.heard.add("everywhere")
        return self._implied()

    def _either(self) -> Any:
        found = [self._both()]
        while self.take("or"):
            found.append(self._both())
        return found[0] if len(found) == 1 else Joined("or", tuple(found))

    def _both(self) -> Any:
        found = [self._one()]
        while self.is_("and", "but"):
            self.i += 1
            found.append(self._one())
        return found[0] if len(found) == 1 else Joined("and", tuple(found))

    def _one(self) -> Any:
        if self.take("not"):
            return Not(self._one())
        if self.take("either", "both"):
            return self._one()
        if self.at().text == "(" and (inner := self.tries(self._grouped)) is not None:
            return self._restricted(inner)
        return self._restricted(self._relation())

    def _grouped(self) -> Any:
        self._deeper()
        self.need("(")
        inner = self._implied()
        self.need(")")
        self.depth -= 1
        if isinstance(inner, Bare) or self._verb() or self.is_(*"+-*/^"):
            raise UnreadError("a value in parentheses")
        return inner if not isinstance(inner, Joined) else Group(inner)

    def _restricted(self, condition: Any) -> Any:
        """A condition with what follows it: where it holds, how sure it is."""
        while True:
            if self.depth == 0 and self.take(")", "]"):
                self.heard.add("closed")
                continue
            if self.tries(self._surety):
                self.heard.add("judged")
                continue
            if self.tries(self._everywhere):
                self.heard.add("everywhere")
                continue
            if self.is_("where", "for", "when", "if", "at", "with", "given") and self.at(1).text:
                word = self.at().text.lower()
                at = self.i
                self.i += 1
                where = self.tries(self._condition_list)
                if word != "where" and where is not None:  # there `==` keeps cells
                    where = tuple(place_of(w) for w in where)
                if where is not None:
                    if word != "where":
                        self.heard.add("where")
                    condition = At(condition, where)
                    continue
                self.i = at
            return condition

    def _surety(self) -> bool:
        """`(p < .05)`, `with 95% confidence`, `at p < .01`, `significantly`, `at the 5% level`, `(95% CI)`."""
        if self.take(*SIGNIFICANT):
            return True
        open_ = self.take("(")
        if not open_:
            self.take(",")
            self.take("with", "at", "by", "to")
        self.take("the", "a", "an")
        if self.is_("p", "pvalue", "p_value", "pval") and self.is_("<", "<=", "=", "==", "of", ahead=1):
            self.i += 2
            self._number()
        elif self.at().kind == "number" and (
            self.is_("confidence", "ci", "level", "significance", "sure", "probability", ahead=1)
        ):
            self.i += 1
            while self.at().kind == "name" and not self.is_("and", "or", "where"):
                self.i += 1
        elif self.take("confidence", "significance", "probability"):
            self.take("level", "interval")
            self.take("=", "of", ">", ">=", "<")
            self._number()
        elif self.at().kind == "number" and open_ and self.is_("sigma", "σ", ahead=1):
            self.i += 2
        else:
            raise UnreadError("surety")
        if open_:
            self.need(")")
        return True

    def _everywhere(self) -> bool:
        """`for all widths`, `in every panel`, `everywhere`."""
        if self.take("everywhere", "always", "throughout", "overall"):
            return True
        self.take(",")
        self.need("for", "in", "at", "over", "across", "with", "on")
        self.need("all", "every", "each", "any")
        self.take("the", "of", "values")
        while self.at().kind == "name" and not (self.is_(*KEYWORDS) or self._verb()):
            self.i += 1
        return True

    def _condition_list(self) -> Any:
        """Conditions on cells, or places of them."""
        found = [self._place_or_condition()]
        while self.is_(",", "and", "or"):
            how = self.at().text
            at = self.i
            self.i += 1
            more = self.tries(self._place_or_condition)
            if more is None:
                self.i = at
                break
            if how == "or":
                found[-1] = Joined("or", (found[-1], more))
            else:
                found.append(more)
        return tuple(found)

    def _place_or_condition(self) -> Any:
        if self.take("not"):
            return Not(self._place_or_condition())
        if self.at().kind == "name" and self.at(1).text in ("and", "or", ",", ""):
            self.i += 1
            return Path((self.at(-1).text,))
        self._articles()
        if self.at().kind == "name" and self.is_("=", "==", "is", "of", ahead=1) and not self.is_(*KEYWORDS):
            name, sign = self.at().text, self.at(1).text
            self.i += 2
            value = self._sum()
            return Sel(name, value) if sign != "==" else Near(Path((name,)), value, None)
        if self.at().kind == "name" and self.at(1).kind == "number" and not self.is_(*KEYWORDS):
            name = self.at().text
            self.i += 1
            return Sel(name, self._sum())
        relation = self._relation()
        if isinstance(relation, Bare):
            if isinstance(relation.value, Path):
                return relation.value
            raise UnreadError("no place")
        return relation

    def _relation(self) -> Any:
        if (moves := self.tries(self._moves)) is not None:
            return moves
        self._articles()
        left = self._sum()
        if (moves := self.tries(lambda: self._moved(left))) is not None:
            return moves
        many = [left]
        while self.is_(",", "and") and (more := self.tries(self._another)) is not None:
            many.append(more)
        if len(many) > 1:
            at = self.i
            found = []
            for one in many:
                self.i = at
                found.append(self._said_of(one))
            self.heard.add("distributed")
            return Joined("and", tuple(found))
        return self._said_of(left)

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

    def _another(self) -> Any:
        """One more side that the same is said of: `alpha, beta in [.2...6]`."""
        self.i += 1
        side = self._sum()
        if not (self.is_(",", "and") or self._verb()) or not isinstance(side, Path):
            raise UnreadError("no side")
        if self.is_(",", "and"):
            at = self.i
            self.tries(self._another) or self._fail()
            self.i = at
        return side

    def _condition_of(self, value: Any) -> Any:
        self.heard.add("where")
        return self._said_of(value)

    def _said_of(self, left: Any) -> Any:
        sides: list[Any] = [left]
        signs: list[str] = []
        merit = ""
        if (more := self.tries(lambda: self._by_so_much(left))) is not None:
            return more
        about = str(left.atoms[0]) if isinstance(left, Path) else ""
        law = about in ("fit", "law") or getattr(REGISTRY.get(about), "kind", "") == "law"  # and no loss or model
        if law and self.is_("converges", "converged", "succeeds") and not self.at(1).text:
            self.i += 1
            self.heard.add("fits well")
            return Order((Path(("r2", Call((left,)))), Num("0.95")), (">",))
        if isinstance(left, Path) and self.is_("fits", "describes", "works", "holds") and not self.at(3).text:
            self.i += 1
            self.take("the", "data", "very")
            self.need("well", "good", "data")
            self.heard.add("fits well")
            return Order((Path(("r2", Call((left,)))), Num("0.95")), (">",))
        while True:
            if self.tries(self._sureness):
                self.heard.add("judged")
            if not self._verb():
                break
            if self.take(")"):
                self.heard.add("closed")
            typed = self.at().text
            how = self._compared()
            if how in ("better", "worse"):
                merit, how = how, "<" if how == "better" else ">"
            if how in ("<", "<=", ">", ">="):
                if typed not in ("<", "<=", ">", ">="):
                    self.heard.add("signs")
                if not self.at().text and signs:
                    self.heard.add("unfinished")
                    break
                sides.append(self._side())
                signs.append(how)
                continue
            if signs:
                raise UnreadError("a chain of other things")
            return self._other(left, how)
        order = Order(tuple(sides), tuple(signs), merit) if signs else Bare(left)
        return self.tries(lambda: self._margin(order)) or order

    def _margin(self, order: Any) -> Any:
        """`loss(muP) < loss(SP) by at least 0.05`, `by 5%`."""
        self.need("by", "with")
        self.take("a", "margin", "of")
        self.take("at", "more", "over", "a")
        self.take("least", "than")
        self.take("margin", "of")
        self.take("of")
        width = self._number()
        if not isinstance(order, Order) or len(order.signs) != 1 or not isinstance(width, Num):
            raise UnreadError("a margin of nothing")
        one, two = order.sides if order.signs[0] in ("<", "<=") else order.sides[::-1]
        self.heard.add("margin")
        if width.text.endswith("%"):
            share = Num(f"{1 - float(width.text[:-1]) / 100:.6g}")
            return Order((one, Bin("*", share, two)), ("<",))
        return Order((Bin("-", two, one), width), (">",))

    def _by_so_much(self, left: Any) -> Any:
        """`alpha(muP) is 20% larger than alpha(SP)`, `is at least 2x larger than`."""
        while self.take("is", "are", "be", "at", "least", "more", "than"):
            pass
        by = self._number()
        times = self.take("x", "times", "fold")
        if not isinstance(by, Num) or not (times or by.text.endswith("%")) or not self.is_(*GREATER, *LESS):
            raise UnreadError("no multiple")
        greater = self.is_(*GREATER)
        self.i += 1
        self.need("than")
        share = float(by.text.rstrip("%")) if times else 1 + (1 if greater else -1) * float(by.text[:-1]) / 100
        share = 1 / share if times and not greater else share
        self.heard.add("margin")
        return Order((left, Bin("*", Num(f"{share:.6g}"), self._side())), (">" if greater else "<",))

    def _side(self) -> Any:
        self._articles()
        return self._sum()

    def _sureness(self) -> bool:
        self.need(*SIGNIFICANT)
        return True

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
        width = self._sum()
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

    def _only_interval(self) -> tuple[Any, Any]:
        found = self._interval()
        if self.is_("of", "from"):
            raise UnreadError("a width")
        return found
