"""A lenient grammar of claims: members, subscripts, signs and words of other languages, read for what they say.

claims   several conditions, and how they are joined
relation two sides and what is said of them: an order, an interval, a nearness
path     a quantity with all that is said of it, in whatever order: `chinchilla.alpha`, `loss[width=64].mean()`
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any, NamedTuple, TypeVar

from .claim_pieces import Piece, pieces_of

T = TypeVar("T")


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


#: Words between a side and what is said of it.
_IS = {"is", "are", "be", "being", "lies", "lie", "stays", "stay", "remains", "remain", "comes", "falls", "should",
       "must", "will", "shall", "to", "always", "clearly", "strictly", "much", "far", "out", "was", "were", "ends",
       "up", "go", "fall", "exactly"}  # fmt: skip
_SIGNIFICANT = {"significantly", "significant", "statistically", "reliably", "robustly", "credibly", "confidently"}
_GREATER = {"greater", "larger", "bigger", "higher", "more", "steeper", "above", "over", "exceeds", "exceed", "beyond",
            "gt", "exceeding"}  # fmt: skip
_LESS = {"less", "smaller", "lower", "fewer", "below", "under", "beneath", "shallower", "lt"}
_BETTER = {"better", "beats", "beat", "outperforms", "outperform", "superior", "wins", "dominates", "preferred"}
_WORSE = {"worse", "loses", "inferior"}
_NEARLY = {"about", "approx", "approximately", "around", "near", "close", "roughly", "nearly", "circa", "ca"}
_EQUAL = {"equals", "equal", "same", "matches", "match", "identical", "agrees"}
_DIFFERS = {"differs", "differ", "different", "distinct", "unequal"}
_OPEN = {"(": ")", "[": "]", "{": "}"}
_ENDS = {")", "]", "}", ",", ";", "\n", ":"}
_FALLING = {"decreasing", "falling", "nonincreasing", "monotone", "monotonic", "shrinking", "improving"}
_RISING = {"increasing", "rising", "growing", "nondecreasing"}
_FALLS = {"decreases", "decrease", "falls", "drops", "shrinks", "improves", "declines", "diminishes"}
_RISES = {"increases", "increase", "rises", "grows", "worsens"}
_MONOTONICALLY = {"monotonically", "monotonous", "steadily", "strictly", "is", "always", "are"}
_KEYWORDS = {"and", "or", "not", "implies", "then", "if", "where", "in", "within", "between", "for", "with", "when",
             "unless", "outside", "inside", "at", "of", "by", "than", "xor", "iff"}  # fmt: skip
_VERBS = (
    {"scales", "scale", "follows"}
    | _IS
    | _GREATER
    | _LESS
    | _BETTER
    | _WORSE
    | _NEARLY
    | _EQUAL
    | _DIFFERS
    | _SIGNIFICANT
)
#: Claims and brackets in them that are read.
MOST, DEEPEST = 12, 12


class Reader:
    """Reads one claim."""

    def __init__(self, claim: str, heard: Heard) -> None:
        self.pieces: list[Piece] = pieces_of(claim)
        self.i = 0
        self.heard = heard
        self.depth = 0
        signs = {p.typed for p in self.pieces if p.typed != p.text and p.kind != "number"}
        if signs & {"&&", "||", "!", "∧", "∨", "¬"}:
            heard.add("joined")

    # --- pieces -------------------------------------------------------------------------------------------------------

    def at(self, ahead: int = 0) -> Piece:
        """A piece ahead; one without text behind the last."""
        place = self.i + ahead
        return self.pieces[place] if 0 <= place < len(self.pieces) else Piece("end", "", 0, "")

    def is_(self, *texts: str, ahead: int = 0) -> bool:
        """True where one of these stands ahead, names in any letters."""
        piece = self.at(ahead)
        return piece.kind in ("name", "sign") and (piece.text in texts or piece.text.lower() in texts)

    def take(self, *texts: str) -> bool:
        """Go over one of these, if it stands there."""
        if self.is_(*texts):
            self.i += 1
            return True
        return False

    def need(self, *texts: str) -> None:
        """Go over one of these; `UnreadError` where another thing stands there."""
        if not self.take(*texts):
            raise UnreadError(f"no {texts}")

    def _articles(self) -> None:
        """Go over articles; `a` and `A` are quantities where no name follows."""
        while self.at().text in ("the", "an", "that") or (
            self.at().text == "a" and self.at(1).kind == "name" and not self._verb_at(1)
        ):
            self.i += 1

    def _verb_at(self, ahead: int) -> bool:
        self.i += ahead
        found = self._verb()
        self.i -= ahead
        return found

    def tries(self, rule: Callable[[], T]) -> T | None:
        """What a rule reads, or None with nothing gone over."""
        at, kinds = self.i, list(self.heard.kinds)
        try:
            return rule()
        except UnreadError:
            self.i, self.heard.kinds = at, kinds
            return None

    # --- claims -------------------------------------------------------------------------------------------------------

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

    def _deeper(self) -> None:
        self.depth += 1
        if self.depth > DEEPEST:
            raise UnreadError("too deep")

    # --- what is said around a relation -------------------------------------------------------------------------------

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
                    where = tuple(_place_of(w) for w in where)
                if where is not None:
                    if word != "where":
                        self.heard.add("where")
                    condition = At(condition, where)
                    continue
                self.i = at
            return condition

    def _surety(self) -> bool:
        """`(p < .05)`, `with 95% confidence`, `at p < .01`, `significantly`, `at the 5% level`, `(95% CI)`."""
        if self.take(*_SIGNIFICANT):
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
        while self.at().kind == "name" and not (self.is_(*_KEYWORDS) or self._verb()):
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
        self._articles()
        if self.at().kind == "name" and self.is_("=", "==", "is", "of", ahead=1) and not self.is_(*_KEYWORDS):
            name, sign = self.at().text, self.at(1).text
            self.i += 2
            value = self._sum()
            return Sel(name, value) if sign != "==" else Near(Path((name,)), value, None)
        if self.at().kind == "name" and self.at(1).kind == "number" and not self.is_(*_KEYWORDS):
            name = self.at().text
            self.i += 1
            return Sel(name, self._sum())
        relation = self._relation()
        if isinstance(relation, Bare):
            if isinstance(relation.value, Path):
                return relation.value
            raise UnreadError("no place")
        return relation

    # --- relations ----------------------------------------------------------------------------------------------------

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
        sign = ">" if self.is_(*_FALLING) else "<"
        self.need(*_FALLING, *_RISING)
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
        negated = False
        if self.take("does", "do"):
            negated = self.take("not")
        elif self.take("doesn", "don") and self.take("'"):
            negated = self.take("t")
        if negated:
            self.need("depend", "change", "vary")
            self.take("on", "with", "across", "in", "by")
            return Moves(left, self._axis_name(), self._moving("=="))
        while self.take(*_MONOTONICALLY):
            pass
        if self.take("independent", "unaffected", "invariant"):
            self.take("of", "by", "to", "under", "from")
            return Moves(left, self._axis_name(), self._moving("=="))
        if self.take("depends"):
            self.take("on")
            return Moves(left, self._axis_name(), self._moving("!="))
        sign = ">" if self.is_(*_FALLING, *_FALLS) else "<"
        self.need(*_FALLING, *_FALLS, *_RISING, *_RISES)
        while self.take(*_MONOTONICALLY):
            pass
        return Moves(left, self._along(), self._moving(sign))

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

    def _fail(self) -> Any:
        raise UnreadError("no side")

    def _verb(self) -> bool:
        """True where something is said of what stands before."""
        if self.depth == 0 and self.is_(")") and self.i + 1 < len(self.pieces):
            return self._verb_at(1)
        piece = self.at()
        if piece.kind == "sign":
            return piece.text in ("<", "<=", ">", ">=", "==", "=", "!=", "~", "+-")
        return piece.kind == "name" and (
            piece.text.lower() in _VERBS | {"in", "within", "between", "outside", "inside", "lies", "goes"}
            or (piece.text == "not" and self.is_("in", "within", "equal", "between", ahead=1))
            or (self.is_("at", "no") and self.is_("least", "most", "more", "less", ahead=1))
        )

    def _said_of(self, left: Any) -> Any:
        sides, signs, merit = [left], [], ""
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
                sides.append(self._side())
                signs.append(how)
                continue
            if signs:
                raise UnreadError("a chain of other things")
            return self._other(left, how)
        return Order(tuple(sides), tuple(signs), merit) if signs else Bare(left)

    def _side(self) -> Any:
        self._articles()
        return self._sum()

    def _sureness(self) -> bool:
        self.need(*_SIGNIFICANT)
        return True

    def _compared(self) -> str:
        """The comparison that stands here: a sign, `in`, `within`, `~`, or `better`."""
        if self.is_("goes") and not self.is_("as", "like", ahead=1):
            self.i += 1
        while self.is_(*_IS, *_SIGNIFICANT) and not (self.is_("to") and self.is_("within", ahead=1)):
            if self.is_(*_SIGNIFICANT):
                self.heard.add("judged")
            self.i += 1
        negated = self.take("not")
        if self.take("<", "<=", ">", ">=", "!="):
            return self._turned(self.at(-1).text, negated)
        if self.take("=", "=="):
            self.take("=")
            return "!=" if negated else "=" if self.at(-1).text == "=" else "=="
        if self.take("scales", "scale", "goes", "follows", "~", *_NEARLY):
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
            return "<=" if word in _GREATER else ">=" if word in _LESS else self._fail()
        if self.is_(*_GREATER) or self.is_(*_LESS):
            sign = ">" if self.is_(*_GREATER) else "<"
            self.i += 1
            self.take("than")
            if self.take("or"):
                self.need("equal")
                self.take("to", "than")
                sign += "="
            return self._turned(sign, negated)
        if self.is_(*_BETTER) or self.is_(*_WORSE):
            merit = "better" if self.is_(*_BETTER) else "worse"
            self.i += 1
            while self.take("than", "to", "fit", "over", "against", "fits"):
                pass
            self.heard.add("merit")
            return merit
        if self.take(*_EQUAL):
            self.take("to", "as", "with")
            return "!=" if negated else "=="
        if self.take(*_DIFFERS):
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
            case (*_, str(name), Call((first, *rest))) if name.lower() in _NEARLY:
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
            if self.is_(_OPEN[opener]):
                break
            found.append(self._sum())
        self.need(_OPEN[opener])
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
            if self.at().kind not in ("number", "name") or self.is_(*_KEYWORDS):
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

    # --- values -------------------------------------------------------------------------------------------------------

    def _number(self) -> Any:
        sign = self.take("-")
        if self.at().kind != "number":
            raise UnreadError("no number")
        self.i += 1
        number = Num(self.at(-1).text)
        return Neg(number) if sign else number

    def _sum(self) -> Any:
        left = self._product()
        while self.is_("+", "-") and self.at().kind == "sign":
            sign = self.at().text
            self.i += 1
            left = Bin(sign, left, self._product())
        return left

    def _product(self) -> Any:
        left = self._signed()
        while self.is_("*", "/"):
            sign = self.at().text
            self.i += 1
            left = Bin(sign, left, self._signed())
        return left

    def _signed(self) -> Any:
        if self.take("-"):
            return Neg(self._signed())
        self.take("+")
        base = self._primary()
        return Bin("^", base, self._signed()) if self.take("^") else base

    def _primary(self) -> Any:
        piece = self.at()
        if piece.kind == "number":
            self.i += 1
            return Num(piece.text)
        if piece.text == "|":
            self._deeper()
            self.i += 1
            inner = self._sum()
            self.need("|")
            self.depth -= 1
            self.heard.add("bars")
            return Bars(inner)
        if piece.text == "(":
            self._deeper()
            self.i += 1
            inner = self._sum()
            self.need(")")
            self.depth -= 1
            return self._asked(Path((Call((inner,)),))) if self.is_(".") else Group(inner)
        if piece.kind == "text":
            self.i += 1
            return Text(piece.text.strip("\"'"))
        if piece.kind == "name" and piece.text.lower() not in _KEYWORDS:
            return self._asked(Path(()))
        raise UnreadError(piece.text)

    def _asked(self, path: Path) -> Any:
        """A path: a name, and all that is said of it."""
        atoms: list[Any] = list(path.atoms)
        first = True
        while True:
            piece = self.at()
            if piece.kind == "name" and (first or self._belongs(atoms)):
                if not first:
                    self.heard.add("beside")
                atoms.append(piece.text)
                self.i += 1
            elif piece.text in ("(", "[", "{") and not first and self._touches():
                atoms.append(Call(self._arguments()))
                if piece.text != "(":
                    self.heard.add("brackets")
            elif piece.text == "." and self.at(1).kind == "name" and not first:
                self.i += 1
                self.heard.add("members")
                atoms.append(self.at().text)
                self.i += 1
            elif piece.text == "." and self.at(1).kind == "number" and not first:
                self.i += 1
                atoms.append(Call((Num(self.at().text),)))
                self.i += 1
                self.heard.add("members")
            elif piece.text == "'" and self.is_("s", ahead=1):
                self.i += 2
                self.heard.add("members")
                if self.at().kind != "name":
                    raise UnreadError("no member")
                atoms.append(self.at().text)
                self.i += 1
            elif piece.text == "@" and not first:
                self.i += 1
                self.heard.add("at")
                if self.at().text in _OPEN:
                    atoms.append(Call(self._arguments()))
                else:
                    atoms.append(Call((self._argument(),)))
            elif not first and self.is_("of", "from", "for", "under", "by") and (
                more := self.tries(self._of)
            ) is not None:  # fmt: skip
                self.heard.add("of words")
                atoms.append(Call((more,)))
            elif not first and self.is_("at", "for", "with", "when", "given", "on") and (
                places := self.tries(self._places)
            ) is not None:  # fmt: skip
                self.heard.add("at")
                atoms.append(Call(places))
            else:
                break
            first = False
        if not atoms:
            raise UnreadError("nothing asked")
        return Path(tuple(atoms))

    def _touches(self) -> bool:
        """True for a bracket right behind a name, or behind one space and another bracket."""
        before, piece = self.at(-1), self.at()
        return before.start + len(before.typed) == piece.start or (piece.text == "(" and before.kind == "name" and (
            self.tries_ahead(self._arguments)
        ))  # fmt: skip

    def tries_ahead(self, rule: Callable[[], Any]) -> bool:
        """True where a rule reads what stands ahead; nothing is gone over."""
        at, kinds = self.i, list(self.heard.kinds)
        found = self.tries(rule) is not None
        self.i, self.heard.kinds = at, kinds
        return found

    def _belongs(self, atoms: Sequence[Any]) -> bool:
        """True for a name beside what is asked that says more of it: `mean loss`, `chinchilla alpha`."""
        low = self.at().text.lower()
        return bool(atoms) and low not in _KEYWORDS | _VERBS | {"x", "times", "fold", "to", "no", "at", "but", "has"}

    def _of(self) -> Any:
        """`alpha of chinchilla`: what follows is a path."""
        self.i += 1
        self._articles()
        if self.at().kind != "name" or self.is_(*_KEYWORDS, *_VERBS) or self.is_("=", "==", ahead=1):
            raise UnreadError("no owner")
        if self.at(1).kind == "number" or self.is_("<", "<=", ">", ">=", "in", "!=", ahead=1):
            if self.is_("of", "from", "under", "by", ahead=-1):
                return Path((self.at().text, *self._over()))
            raise UnreadError("a place")
        return self._asked(Path(()))

    def _over(self) -> tuple[Any, ...]:
        self.i += 1
        return ()

    def _places(self) -> tuple[Any, ...]:
        """`at width=64 and tokens=1M`, `at width 64`, `at (muP, 64)`."""
        self.i += 1
        self._articles()
        if self.at().text == "(":
            return self._arguments()
        found = [self._place()]
        while self.is_(",", "and") and (more := self.tries(self._next_place)) is not None:
            found.append(more)
        return tuple(found)

    def _next_place(self) -> Any:
        self.i += 1
        return self._place()

    def _place(self) -> Any:
        if self.at().kind != "name" or self.is_(*_KEYWORDS):
            raise UnreadError("no place")
        name = self.at().text
        self.i += 1
        if not self.take("=", "==", "is", "of") and self.at().kind != "number":
            raise UnreadError("no place")
        value = self._signed()
        if self._verb() and not self.is_("<", "<=", ">", ">=", "=", "==", "~", "in", "within", "is", "should", "!="):
            raise UnreadError("a condition")
        return Sel(name, value)

    def _arguments(self) -> tuple[Any, ...]:
        """What stands in brackets of any kind."""
        self._deeper()
        opener = self.at().text
        self.i += 1
        found: list[Any] = []
        while not self.is_(_OPEN[opener]):
            found.append(self._argument())
            if not self.take(",", "|", ";"):
                break
        if found and not self.is_(_OPEN[opener]) and (self._verb() or not self.at().text):
            self.heard.add("closed")
        else:
            self.need(_OPEN[opener])
        self.depth -= 1
        return tuple(found)

    def _argument(self) -> Any:
        if self.at().kind in ("name", "text") and self.is_("=", "==", ":", ahead=1):
            name = self.at().text.strip("\"'")
            self.i += 2
            if self.at().text in ("[", "{"):
                raise UnreadError("a sweep")
            return Sel(name, self._sum())
        if self.is_("where", "at", "for", "with"):
            self.i += 1
            return self._argument()
        return self._sum()


def _place_of(where: Any) -> Any:
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
