"""Desugars a component: sweeps in or behind its alternatives are lifted out of the calls and become axes.

`walk(er(n=512, p=.02), kappa={0, 1})` becomes the call `walk(graph=er(n=512, p=.02), kappa=kappa)` and a sweep `kappa`.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Any

from ..diagnostics.collect import Report
from ..diagnostics.suggest import SAID, letter
from ..errors import Diagnostic, Edit, Fix, Label
from ..expressions.canonical_tree import in_order, text
from ..expressions.sweeps import Points, read
from ..plan.run_grid import Role
from ..source import Span
from ..syntax import ast
from ..syntax.numbers import text_of
from ..syntax.statement_examples import USUAL_VALUES
from ..syntax.visit import as_call, map_children
from ..vocabulary.base import KINDS, REGISTRY, Part, Word
from ..vocabulary.parameters import fields_of, typed
from ..vocabulary.settings import parameter_of
from ..vocabulary.words.families import Transformer
from ..vocabulary.words.training import AdamW
from .table_sugar import spread_tables
from .use_statements import bound_names

#: The parameter of a teacher that may be tuned.
RATE = "lr"
#: Parameter of a table that names the columns of a sweep of which the best is kept.
KEPT = "best_over"


@dataclass(frozen=True)
class Sweep:
    """One `in` or `along`, or a swept argument."""

    names: tuple[str, ...]
    role: Role
    points: Points
    along: bool
    part: Part
    span: Span
    #: The values as typed.
    values: ast.Value

    @property
    def name(self) -> str:
        """The axis's name."""
        return "&".join(self.names)

    @property
    def stands(self) -> dict[str, Mapping[str, Any]]:
        """Name -> label -> the tree it stands for."""
        return dict(zip(self.names, self.points.stands, strict=False))


@dataclass(frozen=True)
class Alternative:
    """One alternative of a component."""

    label: str
    call: ast.Call
    #: Sweeps inside the call.
    sweeps: tuple[Sweep, ...]
    span: Span


@dataclass(frozen=True)
class Component:
    """One component."""

    part: Part
    alternatives: tuple[Alternative, ...]
    #: Whether the alternatives are an axis of their own, named after the component.
    listed: bool
    #: Sweeps behind the head.
    sweeps: tuple[Sweep, ...]
    #: Definitions behind the head that are no parameter of it: settings and the study's own variables.
    defines: tuple[ast.Define, ...]
    where: ast.Test | None
    span: Span


def desugar(part: Part, body: ast.Body, span: Span, report: Report) -> Component:
    """A component without its sugar; what is wrong with its shape is reported."""
    entries, listed = spread_tables(*_labelled_calls(part, body, span, report), report)
    alternatives: tuple[Alternative, ...] = ()
    for label, call in entries:
        inside: list[Sweep] = []
        lifted = _lift_sweeps(part, call, inside, report)
        alternatives += (Alternative(label, lifted, tuple(inside), call.span),)
    sweeps: list[Sweep] = []
    defines: list[ast.Define] = []
    for binding in body.bindings:
        if isinstance(binding, ast.Kept):
            alternatives = _kept(binding, alternatives, report)
            continue
        if _is_bound(binding, alternatives, listed, report) and len(bound_names(binding)) < 2:
            continue  # of axes that move together the others are given here
        if isinstance(binding, ast.Define) and not isinstance(binding.value, ast.Range | ast.Set):
            if not any(argument_path(b.call, binding.name) is not None for b in alternatives):
                defines.append(binding)
            alternatives = tuple(_bind_argument(b, binding) for b in alternatives)
            continue
        sweep = _sweep(part, binding, report)
        sweeps.append(sweep)
        for name in sweep.names:
            read = ast.Define(name, ast.Name(name, span=binding.span), span=binding.span, name_span=binding.span)
            alternatives = tuple(_bind_argument(b, read) for b in alternatives)
    for alternative in alternatives:
        by_name = {n: s for s in (*sweeps, *alternative.sweeps) for n in s.names}
        for diagnostic in _swept_teachers(alternative.call, by_name, alternative.call):
            report(diagnostic)
    return Component(part, alternatives, listed, tuple(sweeps), tuple(defines), body.where, span)


def _kept(binding: ast.Kept, alternatives: tuple[Alternative, ...], report: Report) -> tuple[Alternative, ...]:
    """Tables with `tune lr, batch` behind them as tables with `best_over="lr, batch"`."""
    words = [REGISTRY.get(b.call.name) for b in alternatives]
    if binding.role != "tune" or not words or not all(word is not None and KEPT in typed(word) for word in words):
        name, *others = binding.names
        usual = USUAL_VALUES.get(name, "{...}")
        helps: tuple[str, ...] = (f"write its values behind it: `{binding.role} {name} in {usual}`",)
        if words and all(word is not None and KEPT in typed(word) for word in words):
            column = f'`{name}="{name}"` in `table(...)`'
            helps = (*helps, f"or name a column of texts, {column}: each of them has laws of its own")
        if others:
            helps += (f"axes are written one after another, without commas: `{binding.role} {others[0]} in ...`",)
        report(Diagnostic("SCL001", f"`{binding.role} {name}` has no values", binding.span, helps=helps))
        return alternatives
    again = [arg for b in alternatives if (arg := argument(b.call, KEPT)) is not None]
    if again and isinstance(again[0].value, ast.String):
        both = f"{again[0].value.value}, {', '.join(binding.names)}"
        message = "the columns of which the best is kept are listed once"
        helps = (f"write `tune {both}`, or what one of the two says alone",)
        labels = (Label(again[0].span, "first here"),)
        report(Diagnostic("SCL113", message, binding.span, labels=labels, helps=helps))
        return alternatives
    named = ast.String(", ".join(binding.names), span=binding.names_span)
    best = ast.Define(KEPT, named, span=binding.span, name_span=binding.names_span)
    return (
        alternatives
        if _is_bound(best, alternatives, True, report)
        else tuple(_bind_argument(b, best) for b in alternatives)
    )


def _one(source: ast.Call, teacher: ast.Call, name: str, value: str, sweeps: Mapping[str, Sweep]) -> str:
    """A source as it is typed, with one value in its teacher, whose rates are tuned."""
    from ..syntax.printer import to_text

    def argument(arg: Any) -> Any:
        if not isinstance(arg, ast.Define):
            return map_children(arg, put)
        if arg.name == RATE and arg.value == ast.Name(RATE) and RATE in sweeps:
            return ast.Axis((RATE,), sweeps[RATE].values, "tune")
        if arg.name_span == arg.value.span and arg.name != name:
            return put(arg.value)  # by its place
        return replace(arg, value=put(arg.value))

    def put(node: Any) -> Any:
        if node is teacher:
            given = (replace(a, value=ast.Name(value)) if a.name == name else a for a in node.named)
            node = replace(node, args=tuple(given))
        if not isinstance(node, ast.Call):
            return node
        return replace(node, args=tuple(map(argument, sorted(node.args, key=lambda a: a.span))))

    return to_text(put(source))


def _swept_teachers(call: ast.Call, sweeps: Mapping[str, Sweep], whole: ast.Call) -> Iterator[Diagnostic]:
    """Sweeps of a teacher's own parameters: they would be those of the students, whose axes have the same names."""
    word = REGISTRY.get(call.name)
    for arg in call.named:
        if isinstance(arg.value, ast.Call):
            yield from _swept_teachers(arg.value, sweeps, whole)
        elif word is not None and word.kind == "teacher" and arg.value == ast.Name(arg.name) and arg.name in sweeps:
            sweep = sweeps[arg.name]
            helps = ("list several teachers, such as `data {a: sample(lm(...)), b: sample(lm(...))}`",)
            if arg.name == RATE and len(sweep.names) == 1:
                helps = (f"to have the best of several, write `tune {arg.name} in {text(sweep.values)}`",)
            elif isinstance(sweep.values, ast.Set) and len(sweep.names) == 1:
                values = [text(entry.value) for entry in sweep.values.entries]
                each = (f"{arg.name}{v}: {_one(whole, call, arg.name, v, sweeps)}" for v in values if v.isalnum())
                helps = (f"list a teacher for each: `data {{{', '.join(each)}}}`",)
            message = f"`{arg.name}` of `{call.name}` is one value: a teacher is trained once"
            yield Diagnostic("SCL203", message, sweep.span, helps=helps)


def _is_bound(binding: ast.Binding, alternatives: tuple[Alternative, ...], listed: bool, report: Report) -> bool:
    """True where every alternative says this itself; behind a list of them, a binding is for those that do not."""
    for name in bound_names(binding):
        there = [arg for b in alternatives if (arg := argument(b.call, name)) is not None]
        if there and (len(there) == len(alternatives) or not listed):
            labels = (Label(there[0].span, "first given here"),)
            first = f"`{name}={text(there[0].value)}`" if not isinstance(there[0].value, ast.Name) else "the first"
            gives = ": the axis gives its values" if isinstance(binding, ast.Axis) else ", or the second"
            helps = (f"leave {first} out{gives}",)
            report(Diagnostic("SCL113", f"`{name}` is given twice", binding.span, labels=labels, helps=helps))
            return True
    return False


def _labelled_calls(part: Part, body: ast.Body, span: Span, report: Report) -> tuple[list[tuple[str, ast.Call]], bool]:
    """The labelled alternatives of a head."""
    head = body.head
    if head is None:
        return [_default(part, span)], False
    if not isinstance(head, ast.Set):
        call = as_call(head)
        return ([] if call is None else [(call.name, call)]), False
    found: list[tuple[str, ast.Call]] = []
    places: dict[str, Span] = {}
    for i, entry in enumerate(head.entries):
        call = as_call(entry.value)
        if call is None and part == "data" and isinstance(entry.value, ast.String):
            file = entry.value
            entry = replace(entry, label=entry.label or letter(i))
            call = _of_file(entry, file, report)
        if call is None:
            message = f"`{text(entry.value)}` is no {SAID.get(KINDS[part], KINDS[part])}"
            helps = (f"name each alternative: `{part} {{first: ..., second: ...}}`",)
            report(Diagnostic("SCL203", message, entry.value.span, helps=helps))
            continue
        label = entry.label or text(entry.value)
        if label in places:
            message = f"two alternatives of `{part}` are called `{label}`"
            helps = (f"give each a label of its own, such as `{label}2: {text(entry.value)}`",)
            report(Diagnostic("SCL118", message, entry.span, labels=(Label(places[label], "the first"),), helps=helps))
            continue
        places[label] = entry.span
        found.append((label, call))
    return found, True


def _of_file(entry: ast.Entry, file: ast.String, report: Report) -> ast.Call:
    """`data {a: "runs.csv"}`: a file as what reads it."""
    from ..files.tables import ENDINGS  # of what is wrong alone

    word = "table" if file.value.rsplit(".", 1)[-1].lower() in ENDINGS else "text"
    meant = f"{entry.label}: {word}({text(file)})"
    message = "a file is a text, a table or another source, and the word for it stands before its name"
    fixes = (Fix((Edit(entry.span, meant),)),)
    report(Diagnostic("SCL203", message, file.span, helps=(f"write `{meant}`",), fixes=fixes))
    return ast.Call(word, (entry.value,), span=entry.value.span, name_span=entry.value.span)


def _default(part: Part, span: Span) -> tuple[str, ast.Call]:
    """The default of a head: a transformer, trained with AdamW."""
    word = DEFAULTS[part]
    return word, ast.Call(word, span=span, name_span=span)


#: What stands for a head that is not given.
DEFAULTS: Mapping[Part, str] = {"data": "", "models": Transformer.word, "train": AdamW.word}
#: The role and names of the one axis that a teacher may have.
_RATES = ("tune", ("lr",))


def _lift_sweeps(part: Part, call: ast.Call, sweeps: list[Sweep], report: Report) -> ast.Call:
    """The call with every swept argument replaced by its axis's name."""
    word = REGISTRY.get(call.name)
    ordered = in_order(word, call.args) if word is not None else call.args
    taught = word is not None and word.kind == "teacher"
    args: list[Any] = []
    for arg in ordered:
        if taught and isinstance(arg, ast.Axis) and (arg.role, arg.names) == _RATES:
            args.append(_teacher_rates(arg, report))
        elif (drawn := _drawn(word, arg)) is not None:
            args.append(drawn)
        elif isinstance(arg, ast.Axis) or (isinstance(arg, ast.Define) and isinstance(arg.value, ast.Range | ast.Set)):
            sweep = _sweep(part, arg, report)
            for name in bound_names(arg):
                args.append(ast.Define(name, ast.Name(name, span=arg.span), span=arg.span, name_span=arg.span))
            sweeps.append(sweep)
        elif isinstance(arg, ast.Define):
            args.append(replace(arg, value=_lift_inside(part, arg.value, sweeps, report)))
        else:
            args.append(_lift_inside(part, arg, sweeps, report))
    return replace(call, args=tuple(args))


def _drawn(word: type[Word] | None, arg: Any) -> ast.Define | None:
    """A range as the value of a parameter that wants a word which draws numbers, of which it makes no axis."""
    if isinstance(arg, ast.Axis) and len(arg.names) == 1:
        arg = ast.Define(arg.names[0], arg.values, span=arg.span, name_span=arg.names_span)
    if not (isinstance(arg, ast.Define) and isinstance(arg.value, ast.Range) and word is not None):
        return None
    term = fields_of(word)[arg.name].term if arg.name in fields_of(word) else None
    return arg if term is not None and term.kind == "function" else None


def _teacher_rates(binding: ast.Axis, report: Report) -> ast.Define:
    """A teacher's tuned rates as its own parameter: they are settled inside the teacher, and no axis of the study."""
    points = read(binding.names, binding.values, report) or Points(())
    for value in (value for (value,) in points.points if isinstance(value, str)):
        report(Diagnostic("SCL204", f"`{value}` is no rate", binding.values.span, helps=("write numbers alone",)))
    rates = " ".join(text_of(float(value)) for (value,) in points.points if not isinstance(value, str))
    return ast.Define("rates", ast.String(rates, span=binding.values.span), span=binding.span, name_span=binding.span)


def _lift_inside(part: Part, value: Any, sweeps: list[Sweep], report: Report) -> Any:
    """Sweeps inside nested values, such as the graph of a walk."""
    if isinstance(value, ast.Call) and value.name in REGISTRY:
        return _lift_sweeps(part, value, sweeps, report)
    return value


def _of_seeds(values: ast.Value, report: Report) -> Report:
    """Seeds are counted, and none are doubled: of a range that stops before its end, the one in steps first."""

    def said(d: Diagnostic) -> None:
        if d.code == "SCL307" and isinstance(values, ast.Range) and values.grid is None:
            counted = f"[{text(values.start)}..{text(values.stop)} step 1]"
            d = replace(d, helps=(f"write `{counted}` for every seed from one end to the other", *d.helps))
        report(d)

    return said


def _sweep(part: Part, binding: ast.Binding, report: Report) -> Sweep:
    names = bound_names(binding)
    values = binding.value if isinstance(binding, ast.Define) else binding.values
    # A sweep that cannot be read is still the parameter's value, so that nothing else is said of it.
    points = read(names, values, _of_seeds(values, report) if names == ("seed",) else report) or Points(())
    typed_role = None if isinstance(binding, ast.Define) else binding.role
    role: Role = typed_role or ("replicate" if names == ("seed",) else "sweep")
    span = binding.name_span if isinstance(binding, ast.Define) else binding.names_span
    return Sweep(names, role, points, isinstance(binding, ast.Axis) and binding.along, part, span, values)


def argument_path(call: ast.Call, name: str) -> tuple[str, ...] | None:
    """The path to the value that a binding behind the head belongs to: `()` for the head itself, or None.

    A parameter of the head comes first; else one of exactly one nested value, such as the `p` of a walk's graph.
    """
    word = REGISTRY.get(call.name)
    if word is not None and parameter_of(word, name) is not None:
        return ()
    nested = ((a.name, a.value) for a in call.named if isinstance(a.value, ast.Call) and a.value.name in REGISTRY)
    found = [(own, *inner) for own, value in nested if (inner := argument_path(value, name)) is not None]
    return found[0] if len(found) == 1 else None


def argument(call: ast.Call, name: str) -> ast.Define | None:
    """The argument of a call, or of the value inside it that the name belongs to, where it is given."""
    for step in argument_path(call, name) or ():
        inner: Any = next(a.value for a in call.named if a.name == step)
        call = inner
    return next((a for a in call.named if a.name == name), None)


def _bind_argument(alternative: Alternative, binding: ast.Define) -> Alternative:
    """The alternative with one more argument, if it has such a parameter and does not give it yet."""
    path = argument_path(alternative.call, binding.name)
    if path is None or argument(alternative.call, binding.name) is not None:
        return alternative
    return replace(alternative, call=_insert_argument(alternative.call, binding, path))


def _insert_argument(call: ast.Call, binding: ast.Define, path: tuple[str, ...]) -> ast.Call:
    """The call with one more argument, at the end of the path."""
    if not path:
        return replace(call, args=in_order(REGISTRY[call.name], (*call.args, binding)))
    place = next(i for i, arg in enumerate(call.args) if isinstance(arg, ast.Define) and arg.name == path[0])
    outer: Any = call.args[place]
    inner = replace(outer, value=_insert_argument(outer.value, binding, path[1:]))
    return replace(call, args=(*call.args[:place], inner, *call.args[place + 1 :]))
