"""A lenient grammar of claims: signs and words of other languages, read for what they say.

claims   several conditions, and how they are joined
relation two sides and what is said of them: an order, an interval, a nearness
"""

from __future__ import annotations

import re
from typing import Any

from ..vocabulary.base import REGISTRY
from .claim_nodes import (
    At,
    Bare,
    Bin,
    Call,
    Group,
    Joined,
    Near,
    Not,
    Num,
    Order,
    Path,
    Sel,
    UnreadError,
    place_of,
)
from .claim_words import (
    GREATER,
    KEYWORDS,
    LESS,
    SIGNIFICANT,
)
from .trend_grammar import TrendReader

#: Names that claims are given.
_NAME = re.compile(
    r"(?:[hcpqt]|claim|hyp\w*|pred\w*|test|exp\w*|assert\w*|result|finding|conjecture|null|main)_?\w?\d*", re.I
)
#: Claims of a statement that are read.
MOST = 12


class Reader(TrendReader):
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
        called = self.at().kind == "text" or (self.at().kind == "name" and _NAME.fullmatch(self.at().text))
        if called and (self.is_(":", ahead=1) or (self.is_("=", ahead=1) and self._ordered())):
            self.i += 2
            self.heard.add("named")
        while self.take(":", "that", "we", "to", "expect", "claim", "assert"):
            pass

    def _ordered(self) -> bool:
        """True where a claim has a sign of order, so that an `=` before it gives a name."""
        return any(piece.text in ("<", ">", "<=", ">=") for piece in self.pieces)

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
                at, unsigned = self.i, self.at(2).kind == "number"
                self.i += 1
                where = self.tries(self._condition_list)
                if word != "where" and where is not None:  # there `==` keeps cells
                    where = tuple(place_of(w) for w in where)
                if where is not None:
                    if word != "where":
                        self.heard.add("where")
                    elif unsigned:  # `where tokens 400k`, of which some sign is missing
                        self.heard.add("unsigned")
                    condition = At(condition, where)
                    continue
                self.i = at
            return condition

    def _surety(self) -> bool:
        """`(p < .05)`, `with 95% confidence`, `at p < .01`, `significantly`, `at the 5% level`, `(95% CI)`, at 95%."""
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
        elif self.at().text in ("95%", "0.95", ".95") and (not self.at(1).text or self.is_("and", "or", ahead=1)):
            self.i += 1
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

    def _sureness(self) -> bool:
        self.need(*SIGNIFICANT)
        return True
