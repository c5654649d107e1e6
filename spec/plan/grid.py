"""Everything a run's numbers follow from, for one choice of alternatives: names, each a `Value` of the point."""

from __future__ import annotations

from collections.abc import Mapping
from operator import itemgetter
from typing import Any

from ..diagnostics.collect import Fault
from ..expressions.canonical_tree import text
from ..source import Span
from ..syntax import ast
from ..syntax.ast import NOWHERE
from ..syntax.numbers import number
from ..syntax.visit import as_call
from ..vocabulary.base import KINDS, REGISTRY, Scalar, Term
from ..vocabulary.functions import FUNCTIONS
from ..vocabulary.parameters import Field, fields_of, others_of, rest_of
from ..vocabulary.quantities import amounts, run_quantities
from ..vocabulary.settings import SETTINGS, parameter_of
from ..vocabulary.words.families import Family
from ..vocabulary.words.training import GradientOptimiser, Optimiser
from .coerce import build_term, check_units, coerce, coerce_warmup, column_text, word_of
from .compile_expression import compiled
from .point_values import Point, Value, fixed, memoised
from .run_grid import Alternative, PlanAxis
from .run_quantities import DERIVATIONS
from .templates import Stands

#: What says how long runs train, in place of an amount that says it by itself.
_AMOUNT = {"tokens": "`tokens = 20*N`, or `compute in [10GFLOP..640GFLOP]`", "": "`tokens in [125k..1M]`"}


class Grid:
    """One alternative each of data, models and train, and the axes that multiply them."""

    def __init__(
        self,
        chosen: Mapping[str, Alternative],
        calls: Mapping[str, ast.Call],
        axes: tuple[PlanAxis, ...],
        labels: Mapping[str, str],
        definitions: Mapping[str, ast.Test | ast.Value],
        stands: Stands,
    ) -> None:
        self.chosen = chosen
        self.calls = calls
        #: Axes of this choice, in the plan's order; the points are those of this choice.
        self.axes = axes
        #: `data`, `models`, `train` -> label, where the alternatives are an axis.
        self.labels = labels
        self.definitions = definitions
        #: Axis -> label -> what the label stands for.
        self.stands = stands
        self.by_name = {name: axis for axis in axes for name in axis.names}
        self._values: dict[str, Value] = {}
        self._open: list[str] = []
        self._terms: dict[str, Value] = {}
        self._building: set[str] = set()

    @property
    def on_points(self) -> bool:
        """True where the models learn from points, with sizes of their own."""
        return self.family.learns_from == "points"

    @property
    def trained(self) -> bool:
        """True where the optimiser decides what the models say."""
        return self.family.trained

    @property
    def taught(self) -> bool:
        """True where the optimiser can make something of the models."""
        return self.family.taught_by(self._optimiser)

    @property
    def steps(self) -> bool:
        """True where the models take steps."""
        return self.family.trained and self._optimiser.takes_steps

    @property
    def elsewhere(self) -> bool:
        """True where a trainer of the person's own trains the models, with sizes that the study declares."""
        return self.family.learns_from == "elsewhere"

    @property
    def draws_anew(self) -> bool:
        """True where every step has points of its own unless the model says how many samples there are."""
        return self.steps and self.family.draws_anew

    @property
    def _optimiser(self) -> type[Optimiser]:
        word = REGISTRY.get(self.calls["train"].name) if "train" in self.calls else None
        return word if word is not None and issubclass(word, Optimiser) else GradientOptimiser

    @property
    def family(self) -> type[Family]:
        """The family of the models."""
        word = REGISTRY.get(self.calls["models"].name) if "models" in self.calls else None
        return word if word is not None and issubclass(word, Family) else Family

    # --- names --------------------------------------------------------------------------------------------------------

    def knows(self, name: str) -> bool:
        """True where a name has a value here."""
        tables = (self.labels, self.by_name, self.definitions, DERIVATIONS)
        return any(name in table for table in tables) or self._parameter(name) is not None

    def value(self, name: str, span: Span = NOWHERE) -> Value:
        """The value of a name; `Fault` where it has none, or is its own."""
        if name not in self._values:
            if name in self._open:
                ring = (*self._open[self._open.index(name) :], name)
                way = " -> ".join(f"`{n}`" for n in ring)
                helps = (f"leave `{name} = ...` out: it follows from the rest",) if name in run_quantities() else ()
                if name in amounts() and name in self.definitions:
                    helps = (f"say how long runs train in place of it, such as {_AMOUNT.get(name, _AMOUNT[''])}",)
                    span = self.definitions[name].span
                raise Fault("SCL116", f"`{name}` is defined by itself: {way}", span, helps=helps)
            self._open.append(name)
            try:
                self._values[name] = self._find(name, span)
            finally:
                self._open.pop()
        return self._values[name]

    def _find(self, name: str, span: Span) -> Value:
        if name in self.labels:
            return fixed(self.labels[name])
        if name == "steps" and not self.steps:
            return DERIVATIONS[name](self)  # whatever is given for those beside it
        if name in self.by_name:
            return self._axis(name)
        if name == "tokens" and self.on_points and not self.trained:
            return DERIVATIONS[name](self)  # nothing is trained on what is given for those that are
        if name in self.definitions:
            return self._setting(name, self.definitions[name])
        if self.elsewhere and (declared := self._declared(name)) is not None:
            return declared  # sizes are what the study says
        if name in DERIVATIONS:
            return DERIVATIONS[name](self)
        found = self._parameter(name)
        if found is None:
            helps = (f"give it a value, `{name} = ...`, or several, `{name} in {{...}}`",)
            raise Fault("SCL103", f"`{name}` has no value here", span, helps=helps)
        return found

    def numbers(self, name: str) -> dict[str, ast.Number]:
        """The numbers that labels of an axis stand for."""
        stands = self.stands.get(name, {})
        return {label: tree for label, tree in stands.items() if isinstance(tree, ast.Number)}

    def _axis(self, name: str) -> Value:
        numbers = self.numbers(name)
        if not numbers:
            return Value(frozenset({name}), itemgetter(name))

        def at(point: Point) -> Any:
            here = point[name]
            return number(numbers[here].text).value if here in numbers else here

        return Value(frozenset({name}), at)

    def _parameter(self, name: str) -> Value | None:
        """A parameter of the model, the optimiser, the source or a value inside them, in this order."""
        for part in ("models", "train", "data"):
            if part in self.calls:
                found = self._field(part, self.calls[part], name)
                if found is not None:
                    return found
        return None

    def _declared(self, name: str) -> Value | None:
        """What the study itself says of a name."""
        typed = self._typed(name)
        return self._parameter(name) if typed is not None and name not in SETTINGS else None

    def _field(self, part: str, call: ast.Call, name: str) -> Value | None:
        word = REGISTRY.get(call.name)
        if word is None:
            return None
        field = fields_of(word).get(name) or parameter_of(word, name)
        if field is not None and field.shape not in ("rest", "others"):
            given = next((a.value for a in call.named if a.name == name), None)
            if given is not None and given != ast.Name(name):
                return self.argument(field, given, word.word)
            if field.shape == "scalar":
                return None  # of a name that another part may know
            if part and part not in self._building:  # the default, as the rest of the term settles it
                term = self.term(part)
                return Value(term.axes, lambda point: getattr(term.at(point), name))
            if not self._building and issubclass(word, Term):
                inner = self.whole(call, word.kind)
                return Value(inner.axes, lambda point: getattr(inner.at(point), name))
            return fixed(field.default)
        for arg in call.named:
            if isinstance(arg.value, ast.Call):
                found = self._field("", arg.value, name)
                if found is not None:
                    return found
        return None

    # --- terms --------------------------------------------------------------------------------------------------------

    def term(self, part: str) -> Value:
        """The source, model or optimiser."""
        if part not in self.calls:
            raise Fault("SCL103", f"there is no `{part}` here", NOWHERE)
        if part not in self._terms:
            self._building.add(part)
            self._terms[part] = self.whole(self.calls[part], KINDS[part])  # type: ignore[index]
            self._building.discard(part)
        return self._terms[part]

    def whole(self, call: ast.Call, kind: Any) -> Value:
        """A word with its arguments as one value."""
        word = word_of(call.name, kind, call.name_span)
        assert issubclass(word, Term), f"a {kind} has no value"
        fields = fields_of(word)
        rest, others = rest_of(word), others_of(word)
        parts: dict[str, Value] = {}
        open_parts: dict[str, Value] = {}
        columns: list[tuple[str, str]] = []
        for arg in call.args:
            if not isinstance(arg, ast.Define):
                helps = ("say by name what it is",)
                raise Fault("SCL106", f"`{word.word}` takes no value in this place", arg.span, helps=helps)
            if arg.name in fields and fields[arg.name].shape not in ("rest", "others"):
                parts[arg.name] = self.argument(fields[arg.name], arg.value, word.word)
            elif (field := parameter_of(word, arg.name)) is not None:
                open_parts[arg.name] = self.argument(field, arg.value, word.word)
            elif rest is not None:
                columns.append((arg.name, column_text(arg.value)))
            elif arg.name not in SETTINGS:
                helps = (f"leave `{arg.name}` out",)
                raise Fault("SCL104", f"`{word.word}` has no parameter `{arg.name}`", arg.name_span, helps=helps)
        axes = frozenset().union(*(v.axes for v in (*parts.values(), *open_parts.values())))
        extra: dict[str, Any] = {rest: tuple(sorted(columns))} if rest is not None and columns else {}

        def compute(point: Point) -> Term:
            if others is not None:
                extra[others] = tuple((name, open_parts[name].at(point)) for name in sorted(open_parts))
            return build_term(word, {name: value.at(point) for name, value in parts.items()} | extra, call.span)

        return memoised(axes, compute, call.span, f"`{word.word}`")

    def argument(self, field: Field, node: Any, owner: str) -> Value:
        """One argument of the word `owner` as a value of its parameter's type."""
        if isinstance(node, ast.Name) and node.id in self.by_name and self.by_name[node.id].values:
            return self._labelled(field, node, owner)
        match field.shape:
            case "term":
                call = as_call(node)
                if call is None:
                    helps = (f"name one: `scalingdsl explain {field.name}` lists them",)
                    raise Fault("SCL203", f"`{field.name}` of `{owner}` wants {field.wanted}", node.span, helps=helps)
                assert field.term is not None
                return self.whole(call, field.term.kind)
            case "bool" | "choice" if isinstance(node, ast.Name) and node.id not in self.by_name:
                return fixed(coerce(node.id, field, owner, node.span))
            case "scalar" if isinstance(node, ast.Name) and not self.knows(node.id):
                return fixed(node.id)
            case "scalar" if isinstance(node, ast.Call) and node.name not in FUNCTIONS:
                message = f"`{field.name}` of `{owner}` is for your trainer, and wants {field.wanted}"
                flat = ", ".join((f"{field.name}={node.name}", *(text(a) for a in node.args)))
                raise Fault("SCL203", message, node.span, helps=(f"write `{flat}`",))
            case "warmup":
                inner = compiled(node, self)

                def warm(point: Point) -> Any:
                    return coerce_warmup(node, lambda: inner.at(point), owner)

                return memoised(inner.axes, warm, node.span, f"`{field.name}`")
        check_units(node, field, owner)
        inner = compiled(node, self)

        def judged(point: Point) -> Any:
            return coerce(inner.at(point), field, owner, node.span, text(node))

        return memoised(inner.axes, judged, node.span, f"`{field.name}`")

    def _labelled(self, field: Field, node: ast.Name, owner: str) -> Value:
        """An argument whose axis lists names, labels or calls: each point is its own expression."""
        if node.id in self._open:
            message = f"`{node.id}` is defined by itself: a point of it reads `{node.id}`"
            raise Fault("SCL116", message, node.span, helps=("write the number in its place",))
        axis, stands = self.by_name[node.id], self.stands.get(node.id, {})
        place = axis.names.index(node.id)
        found: dict[Scalar, Value] = {}
        self._open.append(node.id)
        try:
            for label in dict.fromkeys(point[place] for point in axis.points):
                if isinstance(label, str) and label in stands:
                    found[label] = self.argument(field, stands[label], owner)
                else:
                    found[label] = fixed(coerce(label, field, owner, node.span))
        finally:
            self._open.pop()
        axes = frozenset({node.id}).union(*(v.axes for v in found.values()))
        return Value(axes, lambda p: found[p[node.id]].at(p))

    # --- amounts ------------------------------------------------------------------------------------------------------

    def gives(self, name: str) -> bool:
        """True where this choice gives a setting such as `tokens` or `seed`."""
        return name in self.by_name or name in self.definitions or self._typed(name) is not None

    def given(self, name: str) -> Value | None:
        """A setting where this choice gives it, else None."""
        if name in self.by_name or name in self.definitions:
            return self.value(name)
        node = self._typed(name)
        return None if node is None else self._setting(name, node)

    def _typed(self, name: str) -> Any:
        """The argument of a component that gives it."""
        given = (arg.value for call in self.calls.values() for arg in call.named if arg.name == name)
        return next((value for value in given if value != ast.Name(name)), None)  # `lr=lr` is the axis of that name

    def _setting(self, name: str, node: Any) -> Value:
        """A definition; one that sets how much a run trains, or its seed, is judged like a parameter."""
        inner = compiled(node, self)
        what = f"`{name} = {text(node)}`"
        if name not in SETTINGS:
            return memoised(inner.axes, inner.at, node.span, what)
        field = SETTINGS[name]
        check_units(node, field, "train")
        return memoised(inner.axes, lambda p: coerce(inner.at(p), field, "train", node.span), node.span, what)
