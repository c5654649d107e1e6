"""A lenient grammar of `fit`: laws with what is said of them in words, as other tools call them, or as mathematics."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from .claim_grammar import Reader
from .claim_nodes import Call, Near, Neg, Not, Num, Order, Path, Sel, UnreadError

#: Words for what a law is fitted to, and words between a law and what is said of it.
_LOSSES = ("loss", "l", "y", "val_loss", "final_loss", "losses", "test_loss")
_AGAINST = ("vs", "versus", "against", "~", "on", "over", "in", "by", "with")
_ONLY = ("where", "if", "when", "whenever", "only", "given", "provided", "for", "at", "on", "with", "over", "using",
         "|", "in", "subject", "st", "such", "restricted", "filter", "select")  # fmt: skip
_EXCEPT = ("except", "without", "excluding", "exclude", "omitting", "dropping", "leaving", "ignoring", "minus")
_EACH = ("by", "per", "each", "across", "grouped", "group", "every", "separately", "panel")
_HELD = ("holding", "fixing", "fix", "fixed", "hold", "held", "keeping", "assuming", "setting")
_NUMBERS = ("bootstrap", "bootstraps", "draws", "resamples", "replicates")
#: Words for how runs end, by which none is chosen.
_ENDED = {"runs", "run", "converged", "diverged", "finished", "completed", "cells", "that", "have", "are", "valid",
          "nan", "finite", "failed", "successful", "did", "all", "which"}  # fmt: skip
#: Laws of a statement that are read.
MOST = 8


@dataclass
class Law:
    """One law: its name with what stands in its brackets, or a formula, and what is said of it behind."""

    name: str = ""
    args: list[Any] = field(default_factory=list)
    #: Whether it is of the logarithm of the loss.
    logged: bool = False
    formula: Any = None
    conditions: list[Any] = field(default_factory=list)
    #: Names that stand alone behind it, with what stands before them: `with huber`, `by width`.
    words: list[str] = field(default_factory=list)


class FitReader(Reader):
    """Reads one `fit`."""

    def laws(self) -> list[Law]:
        """The laws, one or several."""
        while self.take(":", "the", "a", "model", "models", "laws", "both", "curve", "function"):
            pass
        opener = self.at().text if self.is_("[", "{") else ""
        if opener:
            self.i += 1
            self.heard.add("laws in brackets")
        found = [self._law()]
        while self.at().text and not (opener and self.is_("]", "}")):
            if not self.take(",", ";", "\n", "&", "and", "plus"):
                raise UnreadError(self.at().text)
            while self.take(",", ";", "\n", "&", "and", "plus", "fit", "also", "then"):
                pass
            if not self.at().text:
                break
            self.take("with", "where") if self.is_("=", ahead=2) else None
            option = self.tries(self._option)
            if option is not None:
                self.heard.add("option outside")
                found[-1].args.append(option)
                continue
            condition = self.tries(self._loose_condition) if found[-1].conditions else None
            if condition is not None:
                found[-1].conditions.append(condition)
                continue
            found.append(self._law())
            if len(found) > MOST:
                raise UnreadError("too many")
        if opener:
            self.need("]", "}")
        if self.at().text:
            raise UnreadError(self.at().text)
        return found

    def _option(self) -> Any:
        """`E=1.7` behind a comma."""
        if self.at().kind != "name" or not self.is_("=", ahead=1):
            raise UnreadError("no option")
        name = self.at().text
        self.i += 2
        return Sel(name, self._option_value())

    def _loose_condition(self) -> Any:
        relation = self._place_or_condition()
        if isinstance(relation, Path):
            raise UnreadError("a law")
        return relation

    def _law(self) -> Law:
        law = self.tries(self._of_function) or self.tries(self._against) or self._plain()
        while self.at().text and not self.is_(",", ";", "\n", "&", "and", "plus", "]", "}"):
            self._said_behind(law)
        return law

    def _of_function(self) -> Law:
        """`lambda N, D: ...`, `L(N, D) = ...`, `law = ...`, `loss ~ ...`."""
        if self.take("lambda", "function", "def"):
            while not self.is_(":"):
                if not self.at().text:
                    raise UnreadError("no formula")
                self.i += 1
            self.need(":")
            self.heard.add("formula alone")
            return self._plain()
        self.take("law", "model", "formula")
        if self.at().kind != "name":
            raise UnreadError("no name")
        logged = self.at().text.lower() in ("log", "ln", "log10", "log_loss", "logloss")
        self.i += 1
        if self.at().text == "(":
            self._arguments()
        self.need("=", "~", "==")
        law = self._plain()
        law.logged = logged
        if not logged:
            self.heard.add("formula alone")
        return law

    def _against(self) -> Law:
        """`loss vs N with power`, `loss as a function of D using power`."""
        self.need(*_LOSSES)
        if self.take("as"):
            self.take("a")
            self.need("function")
            self.need("of")
        else:
            self.need(*_AGAINST)
        variables = [self._variable()]
        while self.is_(",", "and") and (more := self.tries(self._next_variable)) is not None:
            variables.append(more)
        law = Law()
        if self.take("with", "using", "by", "via", "as", "to", ":"):
            self._articles()
            law = self._plain()
        elif not self.at().text:
            law.name = "power" if len(variables) == 1 else "chinchilla"
        self.heard.add("variables inside")
        law.args = [*variables, *law.args] if len(variables) == 1 and not law.args else law.args
        return law

    def _variable(self) -> Any:
        if self.at().kind != "name":
            raise UnreadError("no variable")
        self.i += 1
        return Path((self.at(-1).text,))

    def _next_variable(self) -> Any:
        self.i += 1
        return self._variable()

    def _plain(self) -> Law:
        """A law by its name, or a formula."""
        self._articles()
        if self.at().kind == "text":
            self.i += 1
            return Law(self.at(-1).text.strip("\"'"))
        at, kinds = self.i, list(self.heard.kinds)
        named = self.tries(self._named_law)
        if named is not None and not self.is_("+", "-", "*", "/", "^"):
            return named
        after = self.i
        self.i, self.heard.kinds = at, kinds
        formula = self.tries(self._sum)
        if formula is None or (isinstance(formula, Path) and named is not None):
            if named is None:
                raise UnreadError("no law")
            self.i = after
            return named
        return Law(formula=formula)

    def _named_law(self) -> Law:
        if self.at().kind != "name":
            raise UnreadError("no law")
        law = Law(self.at().text)
        self.i += 1
        while self.at().text == "." and self.at(1).kind == "name":
            self.i += 1
            law.name = self.at().text
            self.i += 1
            self.heard.add("modules")
        while self.at().kind == "name" and self.at().text.lower() in ("law", "model", "curve", "form", "fit"):
            self.i += 1
        if self.at().text in ("(", "["):
            law.args = self._law_arguments()
        return law

    def _law_arguments(self) -> list[Any]:
        self._deeper()
        closer = ")" if self.at().text == "(" else "]"
        self.i += 1
        found: list[Any] = []
        while not self.is_(closer):
            if self.is_("where", "if", "when", "|") and self.i:
                self.i += 1
                self.heard.add("condition behind")
                found.append(("where", self._loose_condition()))
            else:
                found.append(self._law_argument())
            if self.is_("|", "where", "if", "when"):
                continue
            if not self.take(",", ";"):
                break
        if not self.is_(closer) and not self.at().text:
            self.heard.add("closed")
        else:
            self.need(closer)
        self.depth -= 1
        return found

    def _law_argument(self) -> Any:
        if self.at().kind in ("name", "text") and self.is_("=", ":", ahead=1):
            name = self.at().text.strip("\"'")
            self.i += 2
            return Sel(name, self._option_value())
        value = self._sum()
        if self.is_("<", "<=", ">", ">=", "==", "!=", "in", "within"):
            self.heard.add("condition behind")
            return ("where", self._said_of(value))
        return value

    def _option_value(self) -> Any:
        """A number, a name, or several in brackets."""
        if self.at().text in ("[", "(", "{"):
            return Call(self._value_list())
        value = self._sum()
        if self.is_("-") and self.at(1).kind == "name":  # `huber-raw` was read as a difference
            raise UnreadError("a difference")
        return value

    def _said_behind(self, law: Law) -> None:
        """What is said of a law behind it."""
        if self.at().text == "[":  # `power(D)[width=256]`
            law.args += self._law_arguments()
            self.heard.add("condition behind")
            return
        if self.take(*_HELD):
            self.take("at", "with", "to")
            law.args.append(self._held())
            self.heard.add("option inside")
            return
        if self.take(*_EXCEPT):
            self._articles()
            self.take("out", "for", "where")
            if self.take("offset", "floor", "constant", "intercept", "e"):
                law.args.append(Sel("E", Num("0")))
                self.heard.add("option inside")
                return
            law.conditions += [Not(c) for c in self._condition_list()]
            self.heard.add("condition behind")
            return
        if self.is_(*_EACH) or (self.is_("for") and self.is_("each", "every", ahead=1)):
            while self.is_(*_EACH, "for", "value", "of", "by", "in"):
                self.i += 1
            self._articles()
            if self.at().kind != "name":
                raise UnreadError("each what")
            self.i += 1
            self.heard.add("panels")
            return
        if (variables := self.tries(self._read_in)) is not None:
            law.args += variables
            self.heard.add("variables inside")
            return
        word = self.at().text.lower()
        if not self.take(*_ONLY, "to", "under", "via", "minimising", "minimizing", "sharing", "shared"):
            if self.at().text == "(":
                raise UnreadError("brackets")
            if (held := self.tries(self._held)) is not None:
                law.args.append(held)
                self.heard.add("option inside")
                return
            raise UnreadError(self.at().text)
        while self.take("that", "to", "the", "those", "cells", "runs", "data", "only", "where", "with", "all", "fixed"):
            pass
        if self.at().kind == "number" and self.is_(*_NUMBERS, ahead=1):
            law.args.append(Sel("bootstrap", Num(self.at().text)))
            self.i += 2
            self.heard.add("option inside")
            return
        if word in ("sharing", "shared") or self.take("sharing", "shared"):
            names = [self._variable()]
            while self.is_(",", "and") and (more := self.tries(self._next_variable)) is not None:
                names.append(more)
            law.args.append(Sel("share", Call(tuple(names))))
            self.heard.add("option inside")
            return
        at = self.i
        if word != "where" and (alone := self.tries(self._alone)) is not None:
            law.words += alone
            self.heard.add("option inside")
            return
        self.i = at
        found = self._condition_list()
        for one in found:
            match one:
                case Sel():
                    law.args.append(one)
                case Near(Path((str(name),)), value, None, True) if word != "where":
                    law.args.append(Sel(name, value))
                case Path((*names,)) | Not(Path((*names,))) if {*names} <= _ENDED:
                    self.heard.add("ended")
                case Path():
                    raise UnreadError("a condition")
                case _:
                    law.conditions.append(one)
        kept = bool(law.conditions) or not any(isinstance(one, Sel | Near) for one in found)
        self.heard.add("condition behind" if kept else "option inside")

    def _read_in(self) -> list[Any]:
        """`power in N and D`, `exponential over tokens`: the quantities of a law."""
        self.need("in", "of", "over", "against", "vs", "on", "for")
        self._articles()
        found = [self._variable()]
        while self.is_(",", "and") and (more := self.tries(self._next_variable)) is not None:
            found.append(more)
        if self.at().text and not self.is_(",", ";", "\n", "where", "with", "using", "if", "and"):
            raise UnreadError("a condition")
        return found

    def _alone(self) -> list[str]:
        """`with huber`, `with no offset`, `using least squares`, `to loss`."""
        found: list[str] = []
        ends = ("where", "and", "for", "on", "if", "when", "with", "using", "at", "holding", "without")
        while self.at().kind == "name" and not self.is_(*ends):
            found.append(self.at().text.lower())
            self.i += 1
        if not found or not (not self.at().text or self.is_(",", ";", "\n", *ends)):
            raise UnreadError("more than a word")
        return found

    def _held(self) -> Any:
        """`E at 1.7`, `E = 1.7`, `alpha to 0.5`, `E=entropy_rate`."""
        if self.at().kind != "name":
            raise UnreadError("nothing held")
        name = self.at().text
        self.i += 1
        if not self.take("=", "==", "at", "to", "is", ":", "fixed") and self.at().kind != "number":
            raise UnreadError("no number")
        self.take("at", "to")
        value = self._sum()
        if not isinstance(value, Num | Neg | Path) or isinstance(value, Order):
            raise UnreadError("no number")
        return Sel(name, value)
