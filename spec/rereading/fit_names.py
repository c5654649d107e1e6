"""What a lenient reading of `fit` asks for, written as the language writes it, in the names of the study."""

from __future__ import annotations

import re
from collections.abc import Collection, Sequence
from typing import Any

from ..claims.resolve_names import Owners
from ..claims.selectors import ENDS
from ..diagnostics.suggest import edits, similar
from ..requests.law_call import OPTIONS_ELSEWHERE
from ..requests.options_of_laws import OBJECTIVES_ELSEWHERE
from ..syntax.numbers import number
from ..vocabulary.base import REGISTRY
from ..vocabulary.functions import DIFFERENTIABLE, FUNCTIONS_ELSEWHERE
from ..vocabulary.law_options import LAW_OPTIONS
from ..vocabulary.quantities import QUANTITIES, canonical, losses, run_quantities
from ..vocabulary.words.laws import OBJECTIVES
from ..vocabulary.words.laws import Law as Declared
from .claim_names import Said
from .claim_nodes import Bin, Call, Group, Heard, Near, Neg, Not, Num, Path, Sel, Text, UnreadError
from .fit_grammar import Law
from .study_names import SIZED

#: The floor of a law by the names that others have for it.
_FLOORS = ("offset", "floor", "irreducible", "irreducible_loss", "c", "l_inf", "linf", "e0", "l0", "intercept", "bias",
           "asymptote", "constant", "const", "entropy", "e_inf", "baseline")  # fmt: skip
_NOTHING = ("none", "no", "false", "null", "off", "zero", "0")
_FREE = ("free", "true", "fit", "fitted", "auto", "yes", "learned")
#: Words that say nothing more of a law.
_PLAIN = ("loss", "losses", "data", "the", "least", "squares", "objective", "regression", "robust", "nonlinear", "a",
          "an", "cells", "all", "points", "run", "runs", "log", "space", "criterion", "noise", "weights")  # fmt: skip


def _together(laws: Sequence[str]) -> list[str]:
    """Laws, those that are one at several values of a size made one: `power(N) where D in {500k, 1M}`."""
    found: dict[tuple[str, str], list[str]] = {}
    for law in laws:
        at = re.fullmatch(r"(.+) where (\w+) == ([\w.]+)", law)
        found.setdefault((at[1], at[2]) if at else (law, ""), []).append(at[3] if at else "")
    kept = {False: "{} where {} == {}", True: "{} where {} in {{{}}}"}
    return [
        kept[len(values) > 1].format(law, name, ", ".join(values)) if name else law
        for (law, name), values in found.items()
    ]


class FitSaid(Said):
    """Writes laws in the names of a study."""

    def __init__(self, owners: Owners, heard: Heard, lets: Collection[str] = ()) -> None:
        super().__init__(owners, heard)
        self.lets = lets
        self.variables = {*run_quantities(), *owners.axes, *owners.known}

    def fit(self, laws: Sequence[Law]) -> str:
        """The laws of a statement; a condition of one is that of the ones before it."""
        return ", ".join(_together([self.law(law) for law in laws]))

    def law(self, law: Law) -> str:
        """One law with its condition."""
        conditions = [self._kept(c) for c in law.conditions]
        if law.logged:
            text = self._straight(law)
        elif law.formula is not None:
            held = {a.name: self._held(a.value) for a in law.args if isinstance(a, Sel)}
            text = self.formula(law.formula)
            if len(held) < len(law.args) or law.words or not {*held} <= {*re.findall(r"\w+", text)}:
                raise UnreadError("options of a formula")
            for name, value in held.items():
                text = re.sub(rf"\b{name}\b", value, text)
        else:
            text = self._named_as(law, conditions)
        return f"{text} where {' and '.join(conditions)}" if conditions else text

    def _straight(self, law: Law) -> str:
        """A line of the logarithm of the loss in that of a size, which is a power law without a floor."""
        sizes = set(re.findall(r"Path\(atoms=\('(?:log|ln|log10)', Call\(args=\(Path\(atoms=\('(\w+)',", str(law)))
        if law.name in ("log", "ln", "log10") and len(law.args) == 1 and isinstance(law.args[0], Path):
            sizes = {str(law.args[0].atoms[0])}
        if len(sizes) != 1 or re.search(r"Bin\(sign='[/^]'", str(law)):
            raise UnreadError("no line")
        self.heard.add("straight")
        self.guessed = True
        return f"power({self._variable(Path((sizes.pop(),)))}, E=0)"

    def _kept(self, node: Any) -> str:
        match node:
            case Sel(name, value):
                return self._equal(name, value)
            case Not(Sel(name, value)):
                return self._equal(name, value, "!=")
            case Not(Near(Path((str(name),)), value, None, equal)):
                return f"{self._axis(name)} {'!=' if equal else '=='} {self._place_value(name, value)}"
            case Not(inner):
                return f"not ({self._cells(inner)})"
        return self._cells(node)

    def _equal(self, name: str, value: Any, sign: str = "==") -> str:
        """A condition on one value; of the largest size, on the axis that it follows from."""
        last = isinstance(value, Path) and str(value.atoms[0]).lower() in ENDS
        axis = self._end_axis(name) if last else self._axis(name)
        return f"{axis} {sign} {self._place_value(name, value)}"

    def _named_as(self, law: Law, conditions: list[str]) -> str:
        if law.name in self.lets and law.args and all(isinstance(a, Sel) for a in law.args):
            own = (f"{a.name}={self._plain_value(a.value)}" for a in law.args)
            self.heard.add("option inside")
            return f"law({', '.join((law.name, *own))})"
        written = self._word_of(law.name)
        if " + " in written:
            return self._regression(written, law)
        if written not in REGISTRY:
            raise UnreadError("several laws")
        word = REGISTRY[written]
        assert issubclass(word, Declared)
        single = word.variables == ("x",)
        variables: list[str] = []
        options: dict[str, str] = {}
        if written == "power" and "E=0" in word.called.get(law.name.lower(), ""):
            self.heard.add("straight")
            self.guessed = True
            options["E"] = "0"
        params = {p.name for p in word.params} | set(word.settings)
        shared: list[str] = []
        for arg in law.args:
            match arg:
                case ("where", condition):
                    conditions.append(self._kept(condition))
                case Sel(name, value):
                    self._named_option(name, value, word, params, variables, options, conditions)
                case Path((str(name),)) if name in params | {"alpha", "beta"} and name not in self.variables:
                    shared.append(name)
                case Num() if single and variables:
                    raise UnreadError("a number")
                case _:
                    if (variable := self._variable(arg)) and variable not in variables:
                        variables.append(variable)
        if shared and (self.owners.labels.axes or "share" in options):
            there = options.get("share", "").strip("()").split(", ")
            every = [x for x in dict.fromkeys((*there, *shared)) if x]
            options["share"] = f"({', '.join(every)})" if len(every) > 1 else every[0]
            self.heard.add("shared")
            self.guessed = self.guessed or there == [""]
        elif shared:
            self.heard.add("fitted anyway")
        for one in law.words:
            self._said(one, law.words, options)
        breaks = next((v for k, v in options.items() if k in ("breaks", "n_breaks", "bends")), "")
        if breaks and f"{written}{breaks}" in REGISTRY:
            written = f"{written}{breaks}"
        options = {k: v for k, v in options.items() if k not in ("breaks", "n_breaks", "bends")}
        if not single and written in ("kernel", "network"):
            self.guessed = self.guessed or bool(variables) or law.name != written
            self.heard.add("no formula")
            variables = []
        if single and not variables:
            raise UnreadError("in what")
        if not single and variables and not {canonical(v) for v in variables} <= {"N", "D", "unique"}:
            raise UnreadError("a law of others")
        params = {p.name for p in word.params_in(tuple(variables) if single else word.variables)}
        options = {self._own(k, word, params, variables): v for k, v in options.items()}
        written_options = [f"{k}={v}" for k, v in options.items()]
        if single and len(variables) > 1:
            self.heard.add("one variable")
            inside = f"{{{', '.join(variables)}}}"
        else:
            inside = variables[0] if single else ""
        if written == "repeated":
            if "unique" not in {*self.owners.axes, *self.owners.known}:
                raise UnreadError("nothing is seen twice")
            inside = "" if "U" in options else "U=unique"
        given = [x for x in (inside, *written_options) if x]
        return f"{written}({', '.join(given)})" if given else written

    def _regression(self, formula: str, law: Law) -> str:
        """A line or a parabola, in the quantity that was named."""
        degree = next((int(a.text) for a in law.args if isinstance(a, Num) and a.text.isdigit()), 0)
        named = [a for a in law.args if not isinstance(a, Num | Sel)]
        if len(named) == 2 and formula == "a + b*log(N)" and not law.words:
            one, two = map(self._variable, named)
            self.guessed = True
            self.heard.add("formula alone")
            return f"a + b*log({one}) + c*log({two})"
        if len(named) > 1 or law.words or degree > 4:
            raise UnreadError("of several")
        size = self._variable(named[0]) if named else "N"
        self.guessed = True
        self.heard.add("formula alone")
        if degree and "^2" in formula:
            terms = [f"{'abcde'[k]}*log(N)^{k}" for k in range(degree + 1)]
            formula = " + ".join(["a", "b*log(N)", *terms[2:]][: degree + 1])
        return re.sub(r"\bN\b", size, formula)

    def _own(self, name: str, word: type[Declared], params: set[str], variables: Sequence[str]) -> str:
        """A parameter's own name in its law: the exponent of a law in D is its `beta`."""
        if name in params or name in LAW_OPTIONS or name in word.settings or name in word.variables:
            return name
        for quantity in QUANTITIES.values():
            if variables and quantity.name == canonical(variables[0]) and name in ("A", "alpha"):
                return quantity.parameters[0 if name == "A" else 1]
        raise UnreadError(f"what {name} is")

    def _word_of(self, name: str) -> str:
        """The law that a name stands for."""
        if name in REGISTRY and REGISTRY[name].kind == "law":
            return name
        low = re.sub(r"[\s-]", "_", name.lower())
        every = {w: t for w, t in REGISTRY.items() if t.kind == "law"}
        if low in every:
            return low
        bare = re.sub(r"_?(?:law|model|scaling|fit|curve|form|function)$|_?\d{4}$", "", low)
        for one in (low, bare, low.replace("_", "")):
            found = next((t.called[one] for t in every.values() if one in t.called), "")
            if found:
                self.heard.add("called")
                return found.split("(")[0] if found.split("(")[0] in every else found
            if one in every:
                self.heard.add("called")
                return one
        near = similar(name, every)
        if near and edits(low, near) <= (2 if len(near) > 5 else 1):
            self.heard.add("called")
            self.guessed = True
            return near
        raise UnreadError(f"no law {name}")

    def _variable(self, arg: Any) -> str:
        """The quantity that a law is read in; empty for the loss, which every law is fitted to."""
        match arg:
            case Path((str(name),)) | Text(name):
                pass
            case Path((str(log), Call((Path((str(name),)),)))) if log.lower() in ("log", "ln", "log10", "log2"):
                self.heard.add("logarithm")
            case _:
                raise UnreadError("no quantity")
        if name in self.variables:
            return name
        if canonical(name) in losses() or name.lower() in ("loss", "y", "l"):
            self.heard.add("to the loss")
            return ""
        found = self._size(name)
        if not found:
            raise UnreadError(f"no quantity {name}")
        self.heard.add("size")
        return found

    def _size(self, name: str) -> str:
        """The quantity of a run that others call so."""
        plain = name.lower().replace("_", "")
        for one in (plain, plain.removeprefix("num").removeprefix("n")):
            found = next((q.name for q in QUANTITIES.values() if one in q.headers and q.size), "")
            if found:
                return found
        if name.lower() in SIZED:
            return SIZED[name.lower()]
        return name.upper() if len(name) == 1 and name.upper() in QUANTITIES else ""

    def _named_option(
        self,
        name: str,
        value: Any,
        word: type[Declared],
        params: set[str],
        variables: list[str],
        options: dict[str, str],
        conditions: list[str],
    ) -> None:
        low = name.lower()
        if name in word.variables:
            if word.variables == ("x",):
                variables.append(self._variable(value))
            else:
                options[name] = self._variable(value) or "N"
                self.guessed |= "option inside" in self.heard.kinds  # a condition may be meant
        elif low in ("y", "target", "loss", "metric") and isinstance(value, Path) and len(value.atoms) == 1 and (
            value.atoms[0] in ("loss", "val_loss", "final_loss", "test_loss")
        ):  # fmt: skip
            self.heard.add("to the loss")
        elif low == "loss" and self._objective(value):
            options["objective"] = self._objective(value)
            self.heard.add("objective")
        elif low in ("objective", "criterion", "cost", "loss_fn", "loss_function"):
            written = self._objective(value)
            if not written:
                raise UnreadError("no objective")
            options["objective"] = written
        elif low in ("delta", "huber", "huber_delta"):
            options["objective"] = f"huber({self.number(value)})"
            self.heard.add("objective")
        elif low in ("share", "shared", "tie", "common"):
            options["share"] = self._shared(value)
            if options["share"] in ("all", "every", "everything", "true"):
                options["share"] = f"({', '.join(p.name for p in word.params_in(tuple(variables) or word.variables))})"
                self.guessed = True
        elif name in LAW_OPTIONS:
            options[name] = self._plain_value(value)
        elif low in OPTIONS_ELSEWHERE and "bootstrap" in OPTIONS_ELSEWHERE[low]:
            options["bootstrap"] = self.number(value)
        elif name in params or name in ("alpha", "beta", "gamma", "A", "B", "E"):
            options[name] = self._held(value)
        elif low in ("a", "b") and isinstance(value, Num) and {"alpha", "beta"} & params:
            self.guessed = True
            self.heard.add("small letters")
            exponent = number(value.text).value < 3
            options[{"a": "alpha", "b": "beta"}[low] if exponent else name.upper()] = self._held(value)
        elif low in ("exponent", "slope", "power", "index") and isinstance(value, Num | Neg):
            options["alpha"] = self._held(value.value if isinstance(value, Neg) else value)
            self.guessed = True
        elif low in ("breaks", "n_breaks", "bends", "n_bends"):
            options["breaks"] = self.number(value)
        elif low in _FLOORS:
            said = self._plain_value(value).lower()
            self.heard.add("floor")
            if said in _FREE:
                return
            options["E"] = "0" if said in _NOTHING else self._held(value)
        elif name in self.owners.axes or canonical(name) in ("N", "D", "C"):
            self.heard.add("condition behind")
            conditions.append(self._equal(name, value))
        else:
            raise UnreadError(f"what {name} is")

    def _objective(self, value: Any) -> str:
        """An objective as it is written here; empty for what is none."""
        match value:
            case Path((str(name),)) | Text(name):
                given = ""
            case Path((str(name), Call((Num(text),)))):
                given = f"({text})"
            case Path((str(name), Call((Sel(_, Num(text)),)))):
                given = f"({text})"
            case _:
                return ""
        low = name.lower().replace("-", "_")
        meant = OBJECTIVES_ELSEWHERE.get(low, name if name in OBJECTIVES else "")
        if not meant and low in ("rmse", "mse_loss", "l2_loss"):
            meant = "mse"
        return meant + given if meant in ("huber", "huber-raw") else meant

    def _shared(self, value: Any) -> str:
        items = value.args if isinstance(value, Call) else (value,)
        names = [
            i.atoms[0] if isinstance(i, Path) and len(i.atoms) == 1 else i.text if isinstance(i, Text) else ""
            for i in items
        ]
        if not all(names):
            raise UnreadError("what is shared")
        return names[0] if len(names) == 1 else f"({', '.join(names)})"

    def _plain_value(self, value: Any) -> str:
        match value:
            case Path((str(name),)) | Text(name):
                return name
            case Call(items):
                return f"({', '.join(self._plain_value(i) for i in items)})"
        return self.number(value)

    def _held(self, value: Any) -> str:
        match value:
            case Path((str(name),)) if name in (*self.variables, "entropy_rate"):
                return name
            case Num() | Neg(Num()):
                return self.number(value)
        raise UnreadError("held at what")

    def _said(self, one: str, words: Sequence[str], options: dict[str, str]) -> None:
        """A word behind a law: an objective, an option that it has anyway."""
        if (objective := self._objective(Path((one,)))) and one not in ("log",) and "objective" in options:
            pass
        elif objective and one not in ("log",):
            options["objective"] = "log-mse" if objective == "mse" and "log" in words else objective
        elif one in ("no", "without", "zero") or (one in _FLOORS and {"no", "zero"} & {*words}):
            if {*words} & {*_FLOORS}:
                options["E"] = "0"
        elif one in ("bootstrap", "bootstrapping"):
            self.heard.add("anyway")
        elif one == "excess":
            options["loss"] = "excess"
        elif one == "squares" or "squares" in words:
            options.setdefault("objective", "log-mse" if "log" in words else "mse")
        elif one not in _PLAIN:
            raise UnreadError(one)

    # --- formulas -----------------------------------------------------------------------------------------------------

    def formula(self, node: Any) -> str:
        """A law of the reader's own."""
        match node:
            case Num(text):
                number(text)
                return text
            case Neg(value):
                return f"-{self.formula(value)}"
            case Group(value):
                return f"({self.formula(value)})"
            case Bin("-", Path((str(law), Call((variable,)))), Path(("entropy_rate",))) if self._is_law(law):
                self.heard.add("excess")
                return f"{self._word_of(law)}({self._variable(variable)}, E=0, loss=excess)"
            case Bin("+", Path((str(law), Call((variable,)))), Path(("entropy_rate",))) if self._is_law(law):
                self.heard.add("floor")
                return f"{self._word_of(law)}({self._variable(variable)}, E=entropy_rate)"
            case Bin(sign, left, right):
                one, two = self.formula(left), self.formula(right)
                return f"{one} {sign} {two}" if sign in "+-" else f"{one}{sign}{two}"
            case Path((str(name),)):
                return self._letter(name)
            case Path((str(name), Call(args))) if name.lower() in ("logsumexp", "lse", "log_sum_exp"):
                self.heard.add("lse")
                self.guessed = True
                return " + ".join(f"exp({self.formula(a)})" for a in args)
            case Path((str(name), Call((inner,)))):
                low = name.lower()
                if low.split(".")[-1] in DIFFERENTIABLE:
                    return f"{low}({self.formula(inner)})"
                if low in FUNCTIONS_ELSEWHERE and FUNCTIONS_ELSEWHERE[low].startswith("log"):
                    return FUNCTIONS_ELSEWHERE[low].format(self.formula(inner))
            case Path((str("np" | "math" | "numpy" | "torch" | "jnp"), *rest)):
                return self.formula(Path(tuple(rest)))
        raise UnreadError("no formula")

    @staticmethod
    def _is_law(name: str) -> bool:
        return name in REGISTRY and REGISTRY[name].kind == "law"

    def _letter(self, name: str) -> str:
        if name in self.variables or len(name) < 3:
            return name
        size = self._size(name)
        if size:
            self.heard.add("size")
            self.guessed = True
        return size or name
