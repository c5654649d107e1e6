"""A law's call in `fit`: what its variables are, which parameters it holds, how it is fitted."""

from __future__ import annotations

import itertools
import re
from collections.abc import Iterator, Set
from dataclasses import replace
from typing import Any

from ..diagnostics.collect import Fault
from ..diagnostics.concepts import missing
from ..diagnostics.suggest import filled, listing, nearest, similar, sure
from ..errors import Diagnostic, Edit, Fix
from ..expressions.canonical_tree import text
from ..expressions.sweeps import constant
from ..plan.study_plan import FitRequest
from ..syntax import ast
from ..syntax.numbers import text_of
from ..syntax.visit import free_names
from ..vocabulary.base import REGISTRY
from ..vocabulary.parameters import fields_of
from ..vocabulary.quantities import (
    QUANTITIES,
    amounts,
    curve_variables,
    curves,
    losses,
    names,
    positions,
    run_quantities,
)
from ..vocabulary.words.laws import OBJECTIVES, Law, Parameter, is_parameter
from .options_of_laws import EACH, KNOWN, OBJECTIVES_ELSEWHERE, OPTIONS, TABLE_OPTIONS, read_option

#: The law in both sizes that is offered in place of one in each.
TWO_VARIABLES = "chinchilla"
#: Options of a law by the names that others have for them, as they are written here.
OPTIONS_ELSEWHERE = {
    **dict.fromkeys(("delta", "huber", "huber_delta"), "objective=huber({})"),
    **dict.fromkeys(("criterion", "cost", "method"), "objective=huber"),
    **dict.fromkeys(("draws", "n_bootstrap", "samples", "resamples", "n_boot"), "bootstrap={}"),
    **dict.fromkeys(("target", "y", "metric", "observable"), "loss=excess"),
    **dict.fromkeys(("shared", "tie", "common"), "share={}"),
}
#: What asks elsewhere for a law at each value of something.
BY_EACH = ("by", "groupby", "group_by", "panel", "panels", "facet", "hue", "color", "colour", "per", "over", "strata")
#: What says elsewhere that residuals are those of the log loss.
IN_LOGARITHMS = ("log", "logs", "log_space", "logspace", "in_log", "log_scale", "logscale", "use_log", "log_fit")
LOG_OBJECTIVE = 'objective="log-mse"'
#: The parameters of a model without its embeddings, and what they are called elsewhere.
BODY = "N_body"
WITHOUT_EMBEDDINGS = (
    *("nonembedding", "nonembed", "nonemb", "nonembeddingparams", "nonembeddingparameters", "nonembedded", "nnonemb"),
    *("withoutembeddings", "noembeddings", "bodyparams", "nnonembedding", "nonembparams", "paramsnonembedding"),
)


def spread_call(value: Any) -> Iterator[ast.Call]:
    """`power({N, D})` is `power(N)` and `power(D)`."""
    if isinstance(value, ast.Name):
        yield ast.Call(value.id, span=value.span, name_span=value.span)
        return
    if not isinstance(value, ast.Call):
        helps = ("write a law's name, such as `chinchilla` or `power(D)`",)
        fixes: tuple[Fix, ...] = ()
        if isinstance(value, ast.String) and value.value.split("(")[0].strip() in REGISTRY:
            helps = (f"leave the quotes out: `{value.value}`",)
            fixes = (Fix((Edit(value.span, value.value),), "maybe-incorrect"),)
        raise Fault("SCL203", f"`{text(value)}` is no law", value.span, helps=helps, fixes=fixes)
    ways: list[list[Any]] = []
    for arg in value.args:
        inner = arg.value if isinstance(arg, ast.Define) else arg
        if isinstance(inner, ast.Range | ast.Axis) or _bounds(arg):
            raise _bounded(value, arg)
        if isinstance(arg, ast.Define) and isinstance(inner, ast.Set) and all(e.label for e in inner.entries):
            held = ", ".join(f"{e.label}={text(e.value)}" for e in inner.entries)
            rest = "".join(f"{text(a)}, ".replace(" = ", "=") for a in value.args if a is not arg)
            helps = (f"write `{value.name}({rest}{held})`",)
            raise Fault("SCL402", "a parameter is held by its own name", arg.span, helps=helps)
        one_each = [entry.value for entry in inner.entries] if isinstance(inner, ast.Set) else [inner]
        ways.append([replace(arg, value=one) for one in one_each] if isinstance(arg, ast.Define) else one_each)
    for args in itertools.product(*ways):
        yield replace(value, args=tuple(args))


def _bounded(call: ast.Call, first: Any) -> Fault:
    """The finding about parameters that are given an interval, at the first of them."""
    held: list[Any] = [a for a in call.args if isinstance(a, ast.Axis) or _bounds(a)]
    if first not in held:
        each = (f"write a fit for each, such as `{call.name}(N), {call.name}(D)`",)
        return Fault("SCL203", f"`{call.name}` takes no sweep here", first.span, helps=each)
    one = len(held) == 1
    named = [(a.names[0] if isinstance(a, ast.Axis) else a.name, a) for a in held]
    names = listing(name for name, _ in named)
    message = f"{names} {'is' if one else 'are'} found, or held at a number: none has bounds"
    out, hold = listing(map(_typed, held)), ", ".join(f"{name}={_middle(a)}" for name, a in named)
    claims = " and ".join(_claimed(*one) for one in named)
    helps = (
        f"leave {out} out, or hold {'it' if one else 'them'}: `{hold}`",
        f"what is expected of {'it' if one else 'them'} is a claim: `expect {claims}`",
    )
    return Fault("SCL203", message, first.span, helps=helps)


def _typed(arg: Any) -> str:
    return text(arg).replace(" = ", "=")


def _ends(value: Any) -> tuple[Any, ...]:
    """Both ends of `[0..2]` and of `(0, 2)`, which bound a parameter; none of anything else."""
    if isinstance(value, ast.Range):
        return (value.start, value.stop)
    return value.items if isinstance(value, ast.Group) and len(value.items) == 2 and not any(free_names(value)) else ()


def _bounds(arg: Any) -> bool:
    """True for a parameter of laws with two ends as its value."""
    return isinstance(arg, ast.Define) and is_parameter(arg.name) and bool(_ends(arg.value))


def _claimed(name: str, arg: Any) -> str:
    """What bounds of a parameter come to as a claim."""
    ends = _ends(arg.value) if isinstance(arg, ast.Define) else ()
    return f"{name} in [{text(ends[0])}..{text(ends[1])}]" if ends else text(arg)


def _middle(arg: Any) -> str:
    """A number amid the values of an axis."""
    values = arg.values if isinstance(arg, ast.Axis) else arg.value
    try:
        ends = [constant(end) for end in _ends(values)] or [0.0, 1.0]
    except Fault:
        ends = [0.0, 1.0]
    return f"{sum(ends) / 2:.3g}"


#: Names that a law may read beside the quantities of a run; None leaves all names, and expressions, to the table.
Known = frozenset[str] | None


def read_fit(call: ast.Call, law: type[Law], name: str, known: Known) -> FitRequest:
    """A law's arguments as a request; `Fault` where one is not understood."""
    seen: set[str] = set()
    for arg in call.named:
        if arg.name in seen:
            helps = (f"leave one of the two out: `{text(arg).replace(' = ', '=')}`, or the first",)
            raise Fault("SCL113", f"`{arg.name}` is given twice", arg.span, helps=helps)
        seen.add(arg.name)
    variables, rest = _variables(call, law, known)
    declared = {p.name: p for p in law.params_in(tuple(variables.values()))}
    params = tuple(declared)
    fixed: list[tuple[str, str]] = []
    options: dict[str, Any] = {}
    words = TABLE_OPTIONS if known is None else OPTIONS
    faults: list[Fault] = []
    for arg in rest:
        try:
            if arg.name == "loss" and known is None:
                options["loss"] = text(arg.value)
            elif arg.name in words:
                options.update(read_option(arg, params, known or ()))
            elif arg.name in params:
                fixed.append((arg.name, _fixing(arg, declared[arg.name], law, known, call)))
            elif arg.name in law.settings:
                value = constant(arg.value, KNOWN)
                _refuse(law.settings[arg.name].misplaced(arg.name, law.word, value), arg)
                fixed.append((arg.name, text(arg.value)))
            else:
                raise _unknown_argument(arg, call, law, params, words, known or frozenset())
        except Fault as fault:
            faults.append(fault)
    if faults:
        faults[0].also = tuple(fault.diagnostic for fault in faults[1:])
        raise faults[0]
    both = [p for p in options.get("shared", ()) if p in dict(fixed)]
    if both:
        helps = (f"leave it out of `share`: a fixed `{both[0]}` is the same everywhere",)
        raise Fault("SCL403", f"`{both[0]}` is both fixed and shared", call.span, helps=helps)
    request = FitRequest(
        name=name, law=law.word, variables=tuple(variables.items()), fixed=tuple(sorted(fixed)), **options
    )
    if known is not None:
        _on_curves(request, call, known)
    return request


def _on_curves(request: FitRequest, call: ast.Call, known: frozenset[str]) -> None:
    """`Fault` where a law is read in what a curve of a source runs along, and is not fitted to that, or the reverse."""
    along = QUANTITIES[request.loss].along if request.loss in curves() else ""
    if along and set(request.quantities) != {along}:
        other = next(quantity for quantity in request.quantities if quantity != along)
        message = f"`{request.loss}` runs along `{along}`, and `{call.name}` is read in `{other}` here"
        word = call.name if len(request.quantities) == 1 else "power"
        helps = (f"write `{word}({along}, loss={request.loss})`",)
        raise Fault("SCL401", message, call.span, helps=helps)
    within = [quantity for quantity in request.quantities if quantity in positions() and quantity not in known]
    if within and not along:
        _within_sequences(request, call, within[0])
        return
    stray = [quantity for quantity in request.quantities if quantity in curve_variables() and quantity not in known]
    if stray and not along:
        there = names(of="curve", along=stray[0])
        message = f"`{stray[0]}` is what {listing(there)} of a source run along, and a run's `{request.loss}` does not"
        given = ", ".join(text(a).replace(" = ", "=") for a in call.args)
        helps = (f"say which: `{call.name}({given}, loss={there[0]})`",)
        raise Fault("SCL401", message, call.span, helps=helps)


def _within_sequences(request: FitRequest, call: ast.Call, position: str) -> None:
    """`Fault` where a law in the position in a sequence is also one in another quantity, or is fitted to what nothing
    measures by position.
    """
    others = [quantity for quantity in request.quantities if quantity != position]
    if others:
        message = f"`{call.name}` is read in `{others[0]}` too, and a law of positions is one of each cell"
        helps = (f"write `power({position})`, whose parameters can be compared between cells",)
        raise Fault("SCL401", message, call.span, helps=helps)
    if request.loss not in losses():
        message = f"`{request.loss}` is not measured by position"
        notes = (f"by position are known {listing(losses())}",)
        helps = (f"write `{call.name}({position})`",)
        raise Fault("SCL404", message, call.span, notes=notes, helps=helps)


def _variables(call: ast.Call, law: type[Law], known: Known) -> tuple[dict[str, str], list[ast.Define]]:
    """The quantity that each variable is read in, in the law's order, and the arguments that name no variable."""
    given: dict[str, str] = {}
    named = call.named
    spare = list(law.order)
    for arg in call.args:
        if isinstance(arg, ast.Define):
            continue
        if not spare:
            raise _too_many(call, arg, law, known)
        given[spare.pop(0)] = _quantity(arg, law, known, call)
    for arg in named:
        if arg.name in law.variables and arg.name not in given:
            given[arg.name] = _quantity(arg.value, law, known, call)
    for v in law.variables:
        if v not in given:
            given[v] = _unsaid(v, call, law, known)
    return {v: given[v] for v in law.variables}, [arg for arg in named if arg.name not in law.variables]


def _too_many(call: ast.Call, arg: Any, law: type[Law], known: Known) -> Fault:
    """A value for which a law has no variable: `power(N, D)`, `chinchilla(N, D)`."""
    given = [a.id for a in call.args if isinstance(a, ast.Name)]
    helps: tuple[str, ...]
    choices = {
        choice: own for w in REGISTRY.values() for own, about in fields_of(w).items() for choice in about.choices
    }
    if chosen := next((name for name in given if name in choices and name not in law.parameters(law.variables)), None):
        own_law = law.word if law.variables != ("x",) else f"{law.word}({given[0]})"
        where = f"{own_law} where {choices[chosen]} == {chosen}"
        helps = (f"which cells it is fitted to is said behind it: `{where}`",)
        return Fault("SCL106", f"`{chosen}` is no quantity that `{law.word}` is a law in", arg.span, helps=helps)
    if law.variables == ("x",):
        apart = ", ".join(f"{law.word}({name})" for name in given)
        helps = (f"write `{apart}`", f"or, for one law in both, `{TWO_VARIABLES}`")
        return Fault("SCL106", f"`{law.word}` is a law in one quantity", arg.span, helps=helps)
    helps = (f"leave the parentheses out: `{law.word}`",)
    own = [p.name for p in law.params_in(law.variables)]
    if isinstance(arg, ast.Name) and arg.id in own:
        helps = (f"leave `{arg.id}` out, for it is fitted, or hold it at a number: `{arg.id}=0.5`",)
        return Fault("SCL106", f"`{arg.id}` is a parameter of `{law.word}`, and takes a value", arg.span, helps=helps)
    named = OBJECTIVES_ELSEWHERE.get(arg.id.lower(), arg.id) if isinstance(arg, ast.Name) else ""
    if named in OBJECTIVES:
        message = f"`{named}` is an objective, and named as one"
        return Fault("SCL106", message, arg.span, helps=(f"write `{law.word}(objective={named})`",))
    if isinstance(arg, ast.Number):
        message = f"the parameters of `{law.word}` have names: a number alone is of none"
        held = [f"`{law.word}({one}={arg.text})`" for one in (*own, *law.settings)]
        fitted = "leave them out, for they are fitted, or hold one by its name" if own else "name what it is"
        return Fault("SCL106", message, arg.span, helps=(f"{fitted}: {held[0]}",) if held else ())
    if given == ["C"] and law.variables == ("N", "D"):
        helps = ("a law in compute is `power(C)`", f"or leave the parentheses out: `{law.word}` is in N and D")
    elif given and tuple(given) != law.variables and {*given} <= {*run_quantities(), *(known or ())}:
        helps = (f"name them: `{law.word}({', '.join(f'{v}={g}' for v, g in zip(law.variables, given))})`",)
    message = f"`{law.word}` takes no value in this place: it is a law in {listing(law.variables)}"
    return Fault("SCL106", message, arg.span, helps=helps)


def of_what_is_asked(said: Diagnostic, asked: Set[str]) -> Diagnostic:
    """The finding about a law without its variable, with the one whose exponent or factor claims ask for."""
    word = re.match(r"`(\w+)` needs the quantity it is a law in", said.message)
    law = REGISTRY.get(word[1]) if word else None
    if law is None or not issubclass(law, Law):
        return said
    own = {q: {*law.parameters((q,))} for q in ("N", "D", "C")}
    meant = [q for q in own if asked & (own[q] - {n for other in own if other != q for n in own[other]})]
    if not meant:
        return said
    written = f"{law.word}({meant[0]})" if len(meant) == 1 else f"{law.word}({{{', '.join(meant)}}})"
    return replace(said, helps=(f"write `{written}`, whose parameters are asked for",))


def _unsaid(variable: str, call: ast.Call, law: type[Law], known: Known) -> str:
    """The quantity of a variable that the call does not say: the one of its own name, or `Fault`."""
    if law.variables == ("x",):
        helps: tuple[str, ...] = (f"write `{law.word}(N)`, in parameters", f"write `{law.word}(D)`, in tokens")
        raise Fault("SCL107", f"`{law.word}` needs the quantity it is a law in", call.span, helps=helps)
    if known is not None and variable not in run_quantities() and variable not in known:
        if (usual := law.usual.get(variable)) in known:
            return str(usual)
        helps = (f"write `{law.word}({variable}={usual})`",)
        notes: tuple[str, ...] = ()
        if usual in amounts():
            swept = f"`train {usual} in {{50k, 100k, 200k}}  epochs in {{1, 2, 4}}`, with a text"
            notes = (f"it varies in {swept}; of what is drawn, as walks are, nothing is seen twice",)
            helps = (f"where nothing is seen twice write `fit {TWO_VARIABLES}`",)
        message = f"`{law.word}` needs the quantity that its `{variable}` is"
        raise Fault("SCL107", message, call.span, notes=notes, helps=helps)
    return variable


def _quantity(node: Any, law: type[Law], known: Known, call: ast.Call | None = None) -> str:
    if known is None and not law.readable:
        return text(node)
    if not isinstance(node, ast.Name):
        message = f"a variable of `{law.word}` is a quantity such as `N` or `D`, not `{text(node)}`"
        helps: tuple[str, ...] = (f"write `{law.word}(N)` for instance",)
        read = [name for name in free_names(node) if name in run_quantities() or name in (known or ())]
        if {*read} == {"N", "D"} and isinstance(node, ast.Binary) and node.op == "*":
            helps = (f"write `{law.word}(C)`: C is 6 N D",)
        elif read and isinstance(node, ast.Binary):
            helps = (f"a law of it is written out: `fit E + A*({text(node)})^-alpha`",)
        if call is not None and node.span not in call.span:  # what a let put in its place
            message = f"a let has the name of a quantity, so `{call.name}` would be a law in `{text(node)}`"
            helps = (f"call it otherwise: `let n_ = {text(node)}`, for `N` and `D` are sizes of every run",)
        raise Fault("SCL203", message, node.span, helps=helps)
    if known is not None and node.id not in (*run_quantities(), *curve_variables()) and node.id not in known:
        low = node.id.lower().replace("_", "")
        meant = "steps" if low == "time" else next((q.name for q in QUANTITIES.values() if low in q.headers), "")
        near = (
            (f"write `{law.word}({meant})`",)
            if meant
            else ()
            if is_parameter(node.id)
            else nearest("a quantity", node.id, [*run_quantities(), *known])
        )
        others = [a.id for a in call.args if isinstance(a, ast.Name) and a is not node] if call else []
        usual = next((n for n in (*others, "x") if n in known and n not in losses()), "N")
        alone = "it has one variable: " if others and law.variables == ("x",) else ""
        helps = near or (f"{alone}write `{law.word}({usual})` for instance",)
        given = next((a for a in call.args if isinstance(a, ast.Define) and a.value is node), None) if call else None
        if call is not None and given is not None and not near and law.variables != ("x",):
            helps = (f"leave `{given.name}={node.id}` out: the law then reads its usual quantity",)
            if low in WITHOUT_EMBEDDINGS and given.name == "N":
                inside = (f"N={BODY}" if a is given else text(a).replace(" = ", "=") for a in call.args)
                helps = (f"write `{law.word}({', '.join(inside)})`, the parameters without embeddings",)
        notes = (f"quantities of a run are {listing(run_quantities())}, its axes and its parameters",)
        raise Fault("SCL401", f"`{node.id}` is no quantity of a run", node.span, notes=notes, helps=helps)
    if law.readable and node.id not in law.readable:
        message = f"`{law.word}` is a law in {listing(law.readable, last='or')}, and says nothing about `{node.id}`"
        raise Fault("SCL401", message, node.span, helps=(f"write `{law.word}({law.readable[0]})`",))
    return node.id


#: What says elsewhere that a parameter is found.
_FREE = ("none", "free", "null", "na", "nan", "auto", "fit", "fitted", "vary", "estimate", "learned", "default", "true")


def _fixing(arg: ast.Define, parameter: Parameter, law: type[Law], known: Known, call: ast.Call) -> str:
    """The expression a parameter is fixed to; a number lies where the parameter can."""
    if isinstance(arg.value, ast.Call) and len(arg.value.args) == 1 and isinstance(arg.value.args[0], ast.Number):
        ways = (f"write `{arg.name}={text(arg.value.args[0])}`, which holds it there",)
        raise Fault("SCL301", f"`{arg.name}` is held at a number as it stands", arg.value.span, helps=ways)
    if isinstance(arg.value, ast.Name) and arg.value.id.lower() in _FREE:
        ways = (f"leave `{_typed(arg)}` out: what is given no number is found",)
        raise Fault("SCL401", f"`{arg.name}` is held at a number, or found", arg.value.span, helps=ways)
    allowed = {*run_quantities(), *(known or ()), "entropy_rate"}
    for name in free_names(arg.value):
        if known is not None and name not in allowed:
            message = f"`{name}` is no quantity that `{arg.name}` can be fixed to"
            own = law.params_in(law.variables)
            if any(p.name == name for p in own):
                raise Fault("SCL401", message, arg.value.span, helps=_one_for_both(law, arg, name, call))
            near = (
                nearest("a quantity", name, allowed)
                if (one := similar(name, allowed)) and sure(name, one, allowed)
                else ()
            )
            ways = (f"hold it at a number, or at what the cells know: `{arg.name}=entropy_rate`",)
            raise Fault("SCL401", message, arg.value.span, helps=near or ways)
    if not any(free_names(arg.value)):
        value = float(constant(arg.value))
        turned = parameter.kind == "exponent" and parameter.misplaced(law.word, -value) is None
        way = f"write `{arg.name}={text_of(-value)}`: the law itself has the minus" if turned else ""
        _refuse(parameter.misplaced(law.word, value), arg, way)
    return text(arg.value)


def _one_for_both(law: type[Law], arg: ast.Define, other: str, call: ast.Call) -> tuple[str, ...]:
    """The law that a law is with two of its parameters made one, where there is such a law; else it written out."""
    parameter, beside = arg.name, [text(a).replace(" = ", "=") for a in _beside(arg, call)]
    joined = re.sub(rf"\b{other}\b", parameter, law.expression) if law.expression else ""
    for word in REGISTRY.values():
        if issubclass(word, Law) and joined and word.expression == joined:
            inside = f"({', '.join(beside)})" if beside else ""
            return (f"one `{parameter}` for both is a law of its own: `fit {word.word}{inside}`",)
    if joined and parameter != other:
        written = f"law({', '.join((joined, *beside))})" if beside else joined
        return (f"write the law out, with one `{parameter}` for both: `fit {written}`",)
    return ("leave it out",)


def _refuse(wrong: str | None, arg: ast.Define, way: str = "") -> None:
    """`Fault` where a law is given a number that it cannot have; `way` says what to type, where that is known."""
    if wrong is not None:
        helps = (way or f"write another number, or leave `{arg.name}` out",)
        raise Fault("SCL208", wrong, arg.value.span, helps=helps)


def _of_number(arg: ast.Define, law: type[Law]) -> str | None:
    """The law that a law is with so many of something: `broken(D, breaks=2)` is `broken2(D)`."""
    word = f"{law.word}{text(arg.value)}"
    return word if word in REGISTRY else law.word if text(arg.value) == "1" and f"{law.word}2" in REGISTRY else None


def _beside(arg: ast.Define, call: ast.Call) -> list[Any]:
    return [a for a in call.args if a is not arg]


def _unknown_argument(
    arg: ast.Define,
    call: ast.Call,
    law: type[Law],
    params: tuple[str, ...],
    options: tuple[str, ...],
    known: frozenset[str],
) -> Fault:
    low = arg.name.lower()
    helps = nearest("an argument", arg.name, [*params, *law.settings, *law.variables, *options])
    why = missing(arg.name, of_fits=True)
    if why or not helps:
        typed = arg.value.text if isinstance(arg.value, ast.Number) else text(arg.value)
        helps = (f"leave `{arg.name}={typed}` out{f': {why}' if why else ''}",)
    if (family := _of_number(arg, law)) is not None:
        helps = (f"write `{family}({', '.join(text(a) for a in _beside(arg, call))})`",)
    from .known_law import laws_with  # of what is wrong alone

    having = laws_with(arg.name, law)[:2]
    if having and arg.name not in params:
        inside = ", ".join(
            [text(a) for a in call.args if not isinstance(a, ast.Define)] + [f"{arg.name}={text(arg.value)}"]
        )
        ways = listing((f"{word}({inside})" for word in having), last="or")
        helps = (f"laws with it are others: write {ways}",)
    written, others = text(arg.value), [text(a).replace(" = ", "=") for a in _beside(arg, call)]
    if low in law.also:
        put = filled(law.also[low], written)
        helps = (f"write `{put}`",)
    elif low in law.lacks:
        helps = (f"leave `{arg.name}={written}` out: {law.lacks[low]}",)
    elif low in BY_EACH and law.variables:
        helps = (f"leave `{arg.name}={written}` out: {EACH}",)
    elif arg.name not in params and arg.name in (*run_quantities(), *known) and law.variables == ("x",):
        said = f"{law.word}({', '.join(others)}) where {arg.name} == {text(arg.value)}"
        helps = (f"which cells it is fitted to is said behind it: write `{said}`",)
    if low in IN_LOGARITHMS and written in ("true", "yes", "1", "on"):
        said = f"{law.word}({', '.join((*others, LOG_OBJECTIVE))})"
        helps = (f"residuals of the log loss are an objective: write `{said}`",)
    if low in OPTIONS_ELSEWHERE and low not in (*law.also, *law.lacks):
        helps = (f"write `{law.word}({OPTIONS_ELSEWHERE[low].format(written)})`",)
    variables = () if law.variables == ("x",) else (f"its variables are {listing(law.variables)}",)
    own = (f"its parameters are {listing(params)}",) if params else ("it has no parameters",)
    given = (f"its numbers are {listing(law.settings)}",) if law.settings else ()
    notes = (*own, *given, *variables, f"its options are {listing(options)}")
    return Fault("SCL402", f"`{law.word}` has no argument `{arg.name}`", arg.name_span, notes=notes, helps=helps)
