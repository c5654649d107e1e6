"""What `fit` and `optimum` ask for: laws in the study's own quantities, and ways to compute-optimal sizes."""

from __future__ import annotations

import itertools
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from typing import Any

from . import ast
from .bounds import misplaced
from .called import fits_called
from .canon import text
from .errors import Diagnostic, Label
from .faults import Fault, Report
from .lets import Lets
from .names import listing, similar
from .ownlaw import is_own_law, own_law, read_own_law
from .plan import FitRequest, OptimumRequest
from .source import Span
from .sweeps import constant
from .terms import word_of
from .vocabulary.base import REGISTRY
from .vocabulary.laws import OBJECTIVES, Law
from .vocabulary.optima import OptimumMethod
from .walk import free_names

#: Numbers of a run that a law can be read in, besides the study's axes and parameters.
RUN_QUANTITIES = ("N", "N_body", "D", "C", "tokens", "steps", "epochs", "unique", "compute", "flops")
#: What a fit's loss can be.
LOSSES = ("loss", "excess")
#: What cells have, besides their axes and sizes: losses, and numbers of the source.
MEASURED = (*LOSSES, "entropy_rate", "standard_error")
OPTIONS = ("loss", "objective", "bootstrap", "group", "share")


@dataclass(frozen=True)
class Asked:
    """A request and where it stands."""

    request: FitRequest
    span: Span
    where: ast.Test | None = None
    #: Whether an optimum asked for it rather than `fit`.
    implied: bool = False
    #: The law's call; None for a law written out.
    call: ast.Call | None = None


@dataclass(frozen=True)
class AskedOptimum:
    """An optimum and where it stands."""

    request: OptimumRequest
    span: Span
    where: ast.Test | None = None


@dataclass
class Requests:
    """Fits and optima of a study."""

    fits: dict[str, Asked] = field(default_factory=dict)
    optima: dict[str, AskedOptimum] = field(default_factory=dict)


def law_of(request: FitRequest) -> type[Law]:
    """The declaration of a fit's law."""
    word = REGISTRY.get(request.law) or own_law(request.law, tuple(v for v, _ in request.variables))
    assert issubclass(word, Law)
    return word


def parameters(request: FitRequest) -> tuple[str, ...]:
    """The parameters of a fit, fixed ones included."""
    return law_of(request).parameters(tuple(quantity for _, quantity in request.variables))


def free_parameters(request: FitRequest) -> tuple[str, ...]:
    """The parameters that a fit has to find."""
    fixed = {name for name, _ in request.fixed}
    return tuple(name for name in parameters(request) if name not in fixed)


def method_of(request: OptimumRequest) -> type[OptimumMethod]:
    """The declaration of an optimum's method."""
    method = REGISTRY[request.method]
    assert issubclass(method, OptimumMethod)
    return method


def read_requests(
    fits: tuple[ast.Item, ...], optima: tuple[ast.Item, ...], lets: Lets, known: frozenset[str], report: Report
) -> Requests:
    """Every fit and optimum of a study. `known` are its axes, parameters and columns."""
    out = Requests()
    for item in fits:
        try:
            for asked in _fits(item, lets, known):
                _add(out, asked, report)
        except Fault as fault:
            report(fault.diagnostic)
    for item in optima:
        try:
            for found in _optima(item, lets, known, out):
                before = out.optima.setdefault(found.request.name, found)
                if before is not found:
                    _twice("optimum", found, before, report)
        except Fault as fault:
            report(fault.diagnostic)
    return out


def _add(out: Requests, asked: Asked, report: Report) -> None:
    before = out.fits.setdefault(asked.request.name, asked)
    if before is not asked:
        helps = ("name one of them with a `let`, and fit that",) if before.request != asked.request else ()
        _twice("fit", asked, before, report, helps)


def _twice(
    what: str, again: Asked | AskedOptimum, before: Asked | AskedOptimum, report: Report, helps: tuple[str, ...] = ()
) -> None:
    message = f"the {what} `{again.request.name}` is asked for twice"
    report(Diagnostic("SCL410", message, again.span, labels=(Label(before.span, "first here"),), helps=helps))


# --- fits -------------------------------------------------------------------------------------------------------------


def _let_item(value: Any, where: ast.Test | None, lets: Lets) -> tuple[str | None, Any, ast.Test | None]:
    """The let an item names, what it stands for, and its condition."""
    if isinstance(value, ast.Name) and lets.kind(value.id) is not None:
        lets.used.add(value.id)
        let = lets.lets[value.id]
        if let.where is not None and where is not None:
            raise Fault("SCL112", f"`{value.id}` has a condition already", where.span, helps=("join them with `and`",))
        name, inner, condition = _let_item(let.value, let.where or where, lets)
        return value.id, inner if name else lets.value(value.id), condition
    return None, lets.put_in(value), where


def _fits(item: ast.Item, lets: Lets, known: frozenset[str]) -> Iterator[Asked]:
    name, value, where = _let_item(item.value, item.where, lets)
    condition = None if where is None else lets.put_in(where)
    if is_own_law(value):
        own = read_own_law(value, name or text(value), {*RUN_QUANTITIES, *known})
        yield Asked(own if condition is None else own.changed(where=text(condition)), item.value.span, condition)
        return
    calls = list(spread_call(value))
    for call in calls:
        word = word_of(call.name, "law", call.name_span)
        assert issubclass(word, Law)
        label = name if name is not None and len(calls) == 1 else text(call)
        request = read_fit(call, word, label, known)
        if condition is not None:
            request = request.changed(where=text(condition))
        yield Asked(request, item.value.span, condition, call=call)


def spread_call(value: Any) -> Iterator[ast.Call]:
    """`power({N, D})` is `power(N)` and `power(D)`."""
    if isinstance(value, ast.Name):
        yield ast.Call(value.id, span=value.span, name_span=value.span)
        return
    if not isinstance(value, ast.Call):
        raise Fault("SCL203", f"`{text(value)}` is no law", value.span)
    ways: list[list[Any]] = []
    for arg in value.args:
        inner = arg.value if isinstance(arg, ast.Define) else arg
        if isinstance(inner, ast.Set):
            ways.append(
                [replace(arg, value=e.value) if isinstance(arg, ast.Define) else e.value for e in inner.entries]
            )
        elif (
            isinstance(inner, ast.Range)
            or not isinstance(arg, ast.Define | ast.Node)
            or isinstance(arg, ast.Axis | ast.Path)
        ):
            raise Fault("SCL203", f"`{value.name}` takes no sweep here", arg.span)
        else:
            ways.append([arg])
    for args in itertools.product(*ways):
        yield replace(value, args=tuple(args))


def read_fit(call: ast.Call, law: type[Law], name: str, known: frozenset[str]) -> FitRequest:
    """A law's arguments as a request; `Fault` where one is not understood."""
    variables: dict[str, str] = {}
    fixed: list[tuple[str, str]] = []
    options: dict[str, Any] = {}
    named: list[ast.Define] = []
    spare = list(law.order)
    for arg in call.args:
        if isinstance(arg, ast.Define):
            named.append(arg)
        elif not spare:
            helps = tuple(f"write `{law.word}({v}=...)`" for v in law.variables[:1])
            raise Fault("SCL106", f"`{law.word}` takes no value in this place", arg.span, helps=helps)
        else:
            variables[spare.pop(0)] = _quantity(arg, law, known)
    for arg in named:
        if arg.name in law.variables and arg.name not in variables:
            variables[arg.name] = _quantity(arg.value, law, known)
    missing = [v for v in law.variables if v not in variables]
    if law.variables == ("x",) and missing:
        helps = (f"write `{law.word}(N)`, `{law.word}(D)` or another quantity",)
        raise Fault("SCL107", f"`{law.word}` needs the quantity it is a law in", call.span, helps=helps)
    for v in missing:
        if v not in RUN_QUANTITIES and v not in known:
            helps = (f"write `{law.word}({v}=unique)`, with the quantity that `{v}` is",)
            raise Fault("SCL107", f"`{law.word}` needs the quantity that its `{v}` is", call.span, helps=helps)
        variables[v] = v
    quantities = tuple(variables[v] for v in law.variables)
    params = law.parameters(quantities)
    for arg in named:
        if arg.name in law.variables:
            continue
        if arg.name in OPTIONS:
            options.update(_option(arg, params))
        elif arg.name in params:
            fixed.append((arg.name, _fixing(arg, law, known)))
        elif arg.name in law.settings:
            fixed.append((arg.name, _setting(arg, law)))
        else:
            raise _unknown_argument(arg, law, params)
    both = [p for p in options.get("shared", ()) if p in dict(fixed)]
    if both:
        raise Fault("SCL403", f"`{both[0]}` is both fixed and shared", call.span)
    if len({n for n, _ in fixed}) < len(fixed):
        raise Fault("SCL113", "a parameter is fixed twice", call.span)
    return FitRequest(
        name=name,
        law=law.word,
        variables=tuple((v, variables[v]) for v in law.variables),
        fixed=tuple(sorted(fixed)),
        **options,
    )


def _quantity(node: Any, law: type[Law], known: frozenset[str]) -> str:
    if not isinstance(node, ast.Name):
        raise Fault(
            "SCL203", f"a variable of `{law.word}` is a quantity such as `N` or `D`, not `{text(node)}`", node.span
        )
    if node.id not in RUN_QUANTITIES and node.id not in known:
        near = similar(node.id, [*RUN_QUANTITIES, *known])
        helps = (f"a quantity with a similar name exists: `{near}`",) if near else ()
        notes = (f"quantities of a run are {listing(RUN_QUANTITIES)}, its axes and its parameters",)
        raise Fault("SCL401", f"`{node.id}` is no quantity of a run", node.span, notes=notes, helps=helps)
    if law.readable and node.id not in law.readable:
        message = f"`{law.word}` is a law in {listing(law.readable, last='or')}, and says nothing about `{node.id}`"
        raise Fault("SCL401", message, node.span)
    return node.id


def _fixing(arg: ast.Define, law: type[Law], known: frozenset[str]) -> str:
    """The expression a parameter is fixed to; a number lies where the parameter can."""
    allowed = {*RUN_QUANTITIES, *known, "entropy_rate"}
    for name in free_names(arg.value):
        if name not in allowed:
            near = similar(name, allowed)
            helps = (f"a quantity with a similar name exists: `{near}`",) if near else ()
            raise Fault(
                "SCL401", f"`{name}` is no quantity that `{arg.name}` can be fixed to", arg.value.span, helps=helps
            )
    if not any(free_names(arg.value)):
        _check_bounds(arg, law)
    return text(arg.value)


def _check_bounds(arg: ast.Define, law: type[Law]) -> None:
    """`Fault` where a parameter is fixed to a number that it cannot have."""
    wrong = misplaced(arg.name, law.word, constant(arg.value))
    if wrong is not None:
        raise Fault("SCL208", wrong, arg.value.span)


def _setting(arg: ast.Define, law: type[Law]) -> str:
    """The number that a closed form is given."""
    given, value = law.settings[arg.name], constant(arg.value)
    if not given.low <= value <= given.high or (given.whole and value != int(value)):
        kind = "a whole number" if given.whole else "a number"
        wanted = f"{kind} from {given.low:g} to {given.high:,.7g}"
        raise Fault("SCL208", f"`{arg.name}` of `{law.word}` is {wanted}", arg.value.span)
    return text(arg.value)


def _unknown_argument(arg: ast.Define, law: type[Law], params: tuple[str, ...]) -> Fault:
    near = similar(arg.name, [*params, *law.settings, *law.variables, *OPTIONS])
    helps = (f"an argument with a similar name exists: `{near}`",) if near else ()
    variables = () if law.variables == ("x",) else (f"its variables are {listing(law.variables)}",)
    own = (f"its parameters are {listing(params)}",) if params else ("it has no parameters",)
    given = (f"its numbers are {listing(law.settings)}",) if law.settings else ()
    notes = (*own, *given, *variables, f"its options are {listing(OPTIONS)}")
    return Fault("SCL402", f"`{law.word}` has no argument `{arg.name}`", arg.name_span, notes=notes, helps=helps)


def _option(arg: ast.Define, params: tuple[str, ...]) -> dict[str, Any]:
    node = arg.value
    match arg.name:
        case "loss":
            if isinstance(node, ast.Name) and node.id in LOSSES:
                return {"loss": node.id}
            raise Fault(
                "SCL404",
                f"`{text(node)}` is no loss that is measured",
                node.span,
                notes=(f"measured are {listing(LOSSES)}",),
            )
        case "objective":
            objective, delta = _objective(node)
            return {"objective": objective, "delta": delta}
        case "bootstrap":
            draws = constant(node)
            if not isinstance(draws, int) or not 0 <= draws <= 100_000:
                raise Fault("SCL208", "`bootstrap` is a whole number of draws up to 100,000", node.span)
            return {"bootstrap": draws}
        case "group":
            tolerance = constant(node)
            if not 0 <= tolerance < 1:
                raise Fault("SCL208", "`group` is a tolerance below 100%, such as `2%`", node.span)
            return {"group": float(tolerance)}
    items = node.items if isinstance(node, ast.Group) else (node,)
    shared = tuple(i.id for i in items if isinstance(i, ast.Name))
    wrong = [s for s in shared if s not in params]
    if len(shared) < len(items) or wrong:
        what = f"`{wrong[0]}`" if wrong else f"`{text(node)}`"
        notes = (f"its parameters are {listing(params)}",) if params else ("it has no parameters",)
        raise Fault("SCL403", f"{what} is no parameter of this law", node.span, notes=notes)
    return {"shared": shared}


def _objective(node: Any) -> tuple[str, float | None]:
    """The name and threshold of `huber(1e-3)`, `huber-raw`, `lad`; a hyphen reads as a minus, and is put back."""
    head = node
    prefix = ""
    if isinstance(node, ast.Binary) and node.op == "-" and isinstance(node.left, ast.Name):
        prefix, head = f"{node.left.id}-", node.right
    if isinstance(node, ast.String):
        return _known_objective(node.value, node), None
    if isinstance(head, ast.Name):
        return _known_objective(prefix + head.id, node), None
    if isinstance(head, ast.Call) and len(head.args) == 1:
        arg = head.args[0]
        value: Any = arg.value if isinstance(arg, ast.Define) and arg.name == "delta" else arg
        name = _known_objective(prefix + head.name, node)
        if not name.startswith("huber"):
            raise Fault("SCL405", f"`{name}` has no threshold", node.span, helps=(f"write `{name}`",))
        delta = constant(value)
        if delta <= 0:
            raise Fault("SCL208", "the threshold of a Huber objective is above 0", node.span)
        return name, float(delta)
    raise Fault("SCL405", f"`{text(node)}` is no objective", node.span, notes=(f"it is one of {listing(OBJECTIVES)}",))


def _known_objective(name: str, node: Any) -> str:
    if name in OBJECTIVES:
        return name
    near = similar(name, OBJECTIVES)
    helps = (f"an objective with a similar name exists: `{near}`",) if near else ()
    raise Fault(
        "SCL405", f"`{name}` is no objective", node.span, notes=(f"it is one of {listing(OBJECTIVES)}",), helps=helps
    )


# --- optima -----------------------------------------------------------------------------------------------------------


def _optima(item: ast.Item, lets: Lets, known: frozenset[str], out: Requests) -> Iterator[AskedOptimum]:
    value: Any = item.value
    name, where = None, item.where
    if isinstance(value, ast.Name) and lets.kind(value.id) == "optimum":
        lets.used.add(value.id)
        name, where, value = value.id, lets.lets[value.id].where or where, lets.lets[value.id].value
    condition = None if where is None else lets.put_in(where)
    written = None if condition is None else text(condition)
    for call in spread_call(lets.put_in(value, named=True)):
        method = word_of(call.name, "optimum", call.name_span)
        assert issubclass(method, OptimumMethod)
        fit = _fit_of(method, call, lets, known, out)
        request = OptimumRequest(name=name or text(call), method=method.word, fit=fit, where=written)
        yield AskedOptimum(request, item.span, condition)


def _fit_of(
    method: type[OptimumMethod], call: ast.Call, lets: Lets, known: frozenset[str], out: Requests
) -> str | None:
    """The name of the fit that a method reads, where it reads one."""
    if not method.needs_fit:
        if call.args:
            raise Fault("SCL106", f"`{method.word}` takes no value", call.args[0].span)
        return None
    if len(call.args) != 1 or isinstance(call.args[0], ast.Axis | ast.Path):
        helps = (f"write `{method.word}(chinchilla)`",)
        raise Fault("SCL107", f"`{method.word}` needs one fit", call.span, helps=helps)
    arg = call.args[0]
    return _surface_fit(arg.value if isinstance(arg, ast.Define) else arg, lets, known, out).request.name


def _surface_fit(node: Any, lets: Lets, known: frozenset[str], out: Requests) -> Asked:
    """The fit an optimum reads; one that `fit` does not list is added, for it is needed all the same."""
    name = text(node)
    listed = fits_called(node, (a for a in out.fits.values() if not a.implied or a.request.name == name))
    if len(listed) > 1:
        calls = listing((a.request.name for a in listed), last="or")
        raise Fault("SCL424", f"`{name}` may be any of several fits", node.span, helps=(f"write {calls}",))
    asked = listed[0] if listed else None
    if asked is None:
        found = list(_fits(ast.Item(node, span=node.span), lets, known))
        if len(found) != 1:
            raise Fault("SCL107", "an optimum reads one fit", node.span)
        asked = replace(found[0], implied=True)
        out.fits[asked.request.name] = asked
    if len(law_of(asked.request).variables) != 2:
        raise Fault(
            "SCL406",
            f"`{name}` is a law in one quantity, and a surface needs one in N and D",
            node.span,
            helps=("write `surface(chinchilla)`",),
        )
    return asked
