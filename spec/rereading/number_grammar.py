"""A lenient grammar of the numbers that claims compare: members, subscripts, places in words.

A path is a quantity with all that is said of it: `chinchilla.alpha`, `loss[width=64].mean()`, `alpha of chinchilla`.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, TypeVar

from .claim_nodes import Bars, Bin, Call, Group, Heard, Neg, Num, Path, Sel, Text, UnreadError
from .claim_pieces import Piece, pieces_of
from .claim_words import FALLING, FALLS, KEYWORDS, OPEN, RISES, RISING, VERBS

T = TypeVar("T")
#: Brackets in claims that are read.
DEEPEST = 12


class NumberReader:
    """Reads the numbers of a claim: what is asked, with all that is said of it, in whatever order it stands."""

    def __init__(self, claim: str, heard: Heard) -> None:
        self.pieces: list[Piece] = pieces_of(claim)
        self.i = 0
        self.heard = heard
        self.depth = 0
        signs = {p.typed for p in self.pieces if p.typed != p.text and p.kind != "number"}
        if signs & {"&&", "||", "!", "∧", "∨", "¬"}:
            heard.add("joined")

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

    def tries_ahead(self, rule: Callable[[], Any]) -> bool:
        """True where a rule reads what stands ahead; nothing is gone over."""
        at, kinds = self.i, list(self.heard.kinds)
        found = self.tries(rule) is not None
        self.i, self.heard.kinds = at, kinds
        return found

    def _deeper(self) -> None:
        self.depth += 1
        if self.depth > DEEPEST:
            raise UnreadError("too deep")

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
            piece.text.lower() in VERBS | {"in", "within", "between", "outside", "inside", "lies", "goes"}
            or (piece.text == "not" and self.is_("in", "within", "equal", "between", ahead=1))
            or (self.is_("at", "no") and self.is_("least", "most", "more", "less", ahead=1))
        )

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
        while self.is_("*", "/") or self._multiplied(left):
            sign = self.at().text if self.is_("*", "/") else "*"
            self.i += self.is_("*", "/")
            left = Bin(sign, left, self._signed())
        return left

    def _multiplied(self, left: Any) -> bool:
        """True for `2 beta(power(D))`, a number of times what stands right behind it."""
        name = self.at()
        plain = isinstance(left, Num) and left.text.replace(".", "", 1).isdigit()
        if not plain or name.kind != "name" or self.is_(*KEYWORDS, *VERBS, "x", "times", "fold", "sigma", "seeds"):
            return False
        if not (self.is_("(", "[", ahead=1) or self.is_("<", "<=", ">", ">=", ahead=1) or not self.at(1).text):
            return False
        self.heard.add("product")
        return True

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
        if piece.kind == "name" and piece.text.lower() not in KEYWORDS:
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
            elif not first and self.is_("over", "across", "along") and self.is_("of", ahead=2):
                self.i += 2  # `min over width of loss`
                self.heard.add("everywhere")
            elif piece.text in ("(", "[", "{") and not first and self._touches():
                atoms.append(Call(tuple(self._indexed(a) if piece.text == "[" else a for a in self._arguments())))
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
                if self.at().text in OPEN:
                    atoms.append(Call(self._arguments()))
                else:
                    atoms.append(Call((self._argument(),)))
            elif not first and self.tries(self._at_optimum):
                self.heard.add("at")
                atoms.append("optimum")
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

    def _indexed(self, argument: Any) -> Any:
        """`loss[-1]` and `loss[0]` are the last and the first."""
        match argument:
            case Neg(Num("1")):
                self.heard.add("index")
                return Path(("last",))
            case Num("0"):
                return Text("0")
        return argument

    def _touches(self) -> bool:
        """True for a bracket right behind a name, or behind one space and another bracket."""
        before, piece = self.at(-1), self.at()
        return before.start + len(before.typed) == piece.start or (piece.text == "(" and before.kind == "name" and (
            self.tries_ahead(self._arguments)
        ))  # fmt: skip

    def _belongs(self, atoms: Sequence[Any]) -> bool:
        """True for a name beside what is asked that says more of it: `mean loss`, `chinchilla alpha`."""
        low = self.at().text.lower()
        others = {"x", "times", "fold", "to", "no", "at", "but", "has", "have", "does", "do", "doesn", "don", "depends"}
        moves = FALLING | RISING | FALLS | RISES | {"independent", "unaffected", "invariant", "constant"}
        moves |= {"stable", "flat", "unchanged", "fits", "describes", "holds", "converges", "converged", "succeeds"}
        return bool(atoms) and low not in KEYWORDS | VERBS | others | moves

    def _of(self) -> Any:
        """`alpha of chinchilla`: what follows is a path."""
        self.i += 1
        self._articles()
        if self.at().kind != "name" or self.is_(*KEYWORDS, *VERBS) or self.is_("=", "==", ahead=1):
            raise UnreadError("no owner")
        if self.at(1).kind == "number" or self.is_("<", "<=", ">", ">=", "in", "!=", ahead=1):
            if self.is_("of", "from", "under", "by", ahead=-1):
                return Path((self.at().text, *self._over()))
            raise UnreadError("a place")
        return self._asked(Path(()))

    def _over(self) -> tuple[Any, ...]:
        self.i += 1
        return ()

    def _at_optimum(self) -> bool:
        """`D/N at the optimum`: of the best sizes."""
        self.need("at", "in")
        self._articles()
        self.take("compute")
        self.take("-")
        self.need("optimum", "optimal", "optimality", "optima")
        self.take("point", "model", "allocation")
        return True

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
        if self.at().kind == "number" and self.at().text.upper().endswith("FLOP"):
            self.i += 1
            return Sel("C", Num(self.at(-1).text))
        if self.at().kind != "name" or self.is_(*KEYWORDS):
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
        while not self.is_(OPEN[opener]):
            found.append(self._argument())
            if not (self.take(",", "|", ";") or self.is_("where")):
                break
        if found and not self.is_(OPEN[opener]) and (self._verb() or not self.at().text):
            self.heard.add("closed")
        else:
            self.need(OPEN[opener])
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
        if self.at().kind == "name" and self.at(1).kind == "number" and self.is_(",", ")", "]", ahead=2):
            name = self.at().text  # `loss(width 256)`
            self.i += 2
            self.heard.add("at")
            return Sel(name, Num(self.at(-1).text))
        value = self._sum()
        if self.is_("<", "<=", ">", ">=", "!=", "in"):
            return self.tries(lambda: self._closed_condition(value)) or value
        return value

    def _closed_condition(self, value: Any) -> Any:
        condition = self._condition_of(value)
        if not self.is_(",", ")", "]", "}"):
            raise UnreadError("a bracket is missing")
        return condition

    def _condition_of(self, value: Any) -> Any:
        """A condition in the parentheses of a quantity, `beta(power(D), width >= 128)`."""
        raise UnreadError("a condition")
