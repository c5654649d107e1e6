"""Words, parameters and their values, as far as they can be judged where they stand."""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Mapping
from dataclasses import replace
from types import MappingProxyType
from typing import Any

from ..diagnostics.collect import Fault, Report
from ..diagnostics.suggest import UNSET, listing, meant_by, similar
from ..errors import Diagnostic, Edit, Fix, Label
from ..expressions.canonical_tree import text
from ..expressions.sweeps import constant
from ..plan.coerce import check_units, coerce, column_text, unlike, word_of
from ..resolve.components import Alternative, Component, Sweep
from ..resolve.scope import shape_of
from ..syntax import ast
from ..syntax.numbers import number, short
from ..syntax.visit import as_call, calls_in, free_names
from ..vocabulary.base import KINDS, REGISTRY, Kind, Part, Word
from ..vocabulary.parameters import Field, fields_of, rest_of, typed
from ..vocabulary.settings import SETTINGS, parameter_of
from ..vocabulary.words.families import Family
from .axis_rules import of_size, unanswered
from .parameter_values import begun_by, check_value, drawn, example_of, kind_of, nowhere, value_here

#: Values without a name, where none is taken, that are told of a call: each is looked at beside all others.
MOST_MISPLACED = 20
#: Findings about a value alone, which leave the others of its call to be judged.
OF_VALUES = ("SCL202", "SCL203", "SCL206", "SCL207", "SCL208")
#: Values of a range that are written out as a list.
MOST_LISTED = 12


def check_words(
    components: Mapping[Part, Component],
    report: Report,
    broken: Collection[str] = (),
    lets: Mapping[str, ast.Let] = MappingProxyType({}),
) -> None:
    """Every alternative of every component. A `broken` one may lack parameters that could not be read."""
    for part, component in components.items():
        settings = [s for s in component.sweeps if set(s.names) & set(SETTINGS)]
        for alternative in component.alternatives:
            sweeps = {name: s for s in (*component.sweeps, *alternative.sweeps) for name in s.names}
            misspelt = _misspelt(part, alternative, sweeps, components, lets)
            call, whole = alternative.call, part not in broken
            told = report
            if call.name not in REGISTRY:
                told = _beside_others(component, alternative, report)
                told = _of_data(components, told) if part == "models" else told
            check_call(call, KINDS[part], sweeps, told, settings=True, whole=whole, misspelt=misspelt)
            settings += [s for s in alternative.sweeps if set(s.names) & set(SETTINGS)]
            given_elsewhere = {*sweeps, *(d.name for o in components.values() for d in o.defines)}
            own = ((a, typed(REGISTRY[c.name])) for c in calls_in(call) if c.name in REGISTRY for a in c.named)
            for arg in (a for a, known in own if a.name in known):
                if arg.value == ast.Name(arg.name) and arg.name not in given_elsewhere and arg.name not in lets:
                    message = f"`{arg.name}={arg.name}` gives it no value: nothing else is called so"
                    helps = (f"write `let {arg.name} = ...` with its value, or the value itself",)
                    report(Diagnostic("SCL103", message, arg.value.span, helps=helps))
        words = [call for b in component.alternatives for call in calls_in(b.call) if call.name in REGISTRY]
        given = {a.name for call in words for a in call.named if a.name in typed(REGISTRY[call.name])}
        for sweep in settings:
            for name in sweep.names:
                if name in SETTINGS and name not in given:  # `seed` and the like, unless they are a parameter here
                    _check_points(SETTINGS[name], sweep, name, "train", report)


def _beside_others(component: Component, alternative: Alternative, report: Report) -> Report:
    """Reports that a word is unknown with the alternative to leave out, where the nearest word is there beside it: in
    its place that would be compared with itself.
    """
    others = {b.call.name for b in component.alternatives if b is not alternative}

    def told(said: Diagnostic) -> None:
        call, label = alternative.call, alternative.label
        meant, _, why = next(iter(said.helps), "").partition("`: there is no ")
        if why and meant.removeprefix("write `").partition("(")[0] in others:
            shown = f"{label}: {call.name}(...)" if label else f"{call.name}(...)"
            claims = f", and what is said of `{label}`" if label else ""
            said = replace(said, helps=(f"leave `{shown}` out{claims}: there is no {why}",), fixes=())
        report(said)

    return told


def _of_data(components: Mapping[Part, Component], report: Report) -> Report:
    """Reports that a model is unknown with one that learns from the study's data, where the one that it is called can
    not.
    """
    from .component_rules import SHAPES

    data = components.get("data")
    shapes = {shape_of(b.call) for b in data.alternatives} if data is not None else set()

    def told(said: Diagnostic) -> None:
        meant = re.match(r"write `(\w+)", next(iter(said.helps), ""))
        family = REGISTRY.get(meant[1]) if meant is not None else None
        if family is not None and issubclass(family, Family) and len(shapes) == 1:
            (shape,) = shapes
            if shape is not None and not family.learns(shape):
                fitting = [w for w, t in REGISTRY.items() if issubclass(t, Family) and t.learns(shape)]
                wanted = " or ".join(SHAPES[s] for s in family.shapes or (family.learns_from,))
                ways = f"`{family.word}` learns from {wanted}; from {SHAPES[shape]} learn {listing(sorted(fitting))}"
                said = replace(said, helps=(ways,), fixes=())
        report(said)

    return told


def check_call(
    call: ast.Call,
    kind: Kind,
    sweeps: Mapping[str, Sweep],
    report: Report,
    *,
    settings: bool = False,
    whole: bool = True,
    misspelt: Callable[[str], Diagnostic | None] = lambda name: None,
    outer: ast.Call | None = None,
) -> None:
    """A word, its parameters, and the values they are given.

    `whole` tells that all that was given could be read; `misspelt` gives the finding about an axis that was meant for
    the named parameter, so that one mistake is not two findings; `outer` is the call that this one is a value in.
    """
    try:
        word = word_of(call.name, kind, call.name_span)
    except Fault as fault:
        from .arguments.translated_calls import of_a_name, unknown_inside, written_out

        said = of_a_name(written_out(fault.diagnostic, call, kind, sweeps), call, kind)
        report(said)
        for d in unknown_inside(call) if call.name not in REGISTRY and not said.fixes else ():
            report(d)
        return
    fields, rest, before = fields_of(word), rest_of(word), report
    found: list[Diagnostic] = []
    report = found.append
    without_name = 0
    before_it: dict[str, ast.Define] = {}
    for again in call.named:
        one = before_it.setdefault(again.name, again)
        if one is not again and again.span.start != one.span.start:
            labels = (Label(one.span, "first given here"),)
            both = [v for a in (one, again) for v in _values_of(a, sweeps)]
            compared = f"{again.name}={{{', '.join(dict.fromkeys(both))}}}"
            helps = (f"leave one of the two out, or compare them: `{compared}`",)
            if not all(both) or len({*both}) == 1:
                helps = (f"leave one of the two out: `{text(again)}`, or the first",)
            report(Diagnostic("SCL113", f"`{again.name}` is given twice", again.span, labels=labels, helps=helps))
    for arg in call.args:
        if not isinstance(arg, ast.Define):
            without_name += 1
            if without_name <= MOST_MISPLACED:
                from .arguments.argument_places import misplaced

                report(misplaced(word, arg, call))
        elif isinstance(arg.value, ast.Group) and (sides := _sides(word, arg, call)) is not None:
            report(sides)
            whole = False
        elif (field := parameter_of(word, arg.name)) is not None:
            _check_argument(field, arg, word, sweeps, report, call)
        elif rest is not None and arg.name not in fields:
            try:
                column_text(arg.value)
            except Fault as fault:
                report(fault.diagnostic)
        elif not (settings and arg.name in SETTINGS):
            from .arguments.unknown_parameters import unknown_parameter

            report(unknown_parameter(word, arg, sweeps, call, outer))
    if found:
        from .arguments.argument_places import exchanged, out_of_order

        if (turned := out_of_order(word, call)) is not None:
            return before(turned)
        from .arguments.flattened_calls import flattened

        if (inner := flattened(word, call, sweeps)) is not None:
            return before(inner)
        if (turned := exchanged(word, call)) is not None:
            by_place = ("SCL106", *OF_VALUES)
            found = [turned, *(d for d in found if d.code not in by_place)]
            whole = False
    if whole and all(d.code != "SCL106" for d in found):
        _check_given(word, call, report, misspelt, sweeps)
    if not found and _is_constant(call, sweeps):
        try:
            nowhere().whole(call, kind).at({})
        except Fault as fault:
            if fault.diagnostic.code == "SCL209":  # parameters that do not go together
                from .arguments.argument_places import turned as in_turn
                from .arguments.read_as import flaw

                report(in_turn(word, call, lambda tried: flaw(tried, kind) is not None) or fault.diagnostic)
    elif found and whole and all(d.code in OF_VALUES for d in found):
        from .arguments.read_as import conflicts

        found += conflicts(call, kind, word, found, lambda tried: _is_constant(tried, sweeps))
    told = {(d.span.file, d.span.start) for d in found if d.code == "SCL104"}
    for d in found:
        # An axis inside the parentheses is a parameter too: misspelt, it is one mistake.
        if d.code != "SCL109" or (d.span.file, d.span.start) not in told:
            before(d)


def _misspelt(
    part: Part,
    alternative: Alternative,
    sweeps: Mapping[str, Sweep],
    components: Mapping[Part, Component],
    lets: Mapping[str, ast.Let],
) -> Callable[[str], Diagnostic | None]:
    known = typed(REGISTRY[alternative.call.name]) if alternative.call.name in REGISTRY else {}

    def of(parameter: str) -> Diagnostic | None:
        for name, sweep in sweeps.items():
            if name not in known and (similar(name, known) == parameter or of_size(name, (alternative.call.name,))):
                message = f"nothing uses the axis `{name}`"
                return unanswered(name, sweep.span, part, components, message, len(sweep.names) == 1)
        if parameter in lets:
            value, word = lets[parameter].value, alternative.call.name
            sign = "in" if isinstance(value, ast.Range | ast.Set) else "="
            helps = (
                f"a `let` names a value and sets nothing: write `{parameter} {sign} {text(value)}` after `{part}`",
            )
            return Diagnostic("SCL107", f"`{word}` needs `{parameter}`", alternative.call.span, helps=helps)
        return None

    return of


def _check_given(
    word: type[Word],
    call: ast.Call,
    report: Report,
    misspelt: Callable[[str], Diagnostic | None],
    sweeps: Mapping[str, Sweep],
) -> None:
    """Parameters without a default are given, and of those that exclude each other exactly one."""
    given = {a.name: a for a in call.named}
    meant = {
        part.split("=")[0]
        for n in given
        if n not in typed(word)
        for part in (meant_by(n, typed(word), word.also) or similar(n, typed(word)) or "").split(", ")
    }
    meant |= {begun_by(word, n.lower(), given) for n in given if n not in typed(word)}
    for name, field in fields_of(word).items():
        if name in given or name in meant or not field.required:
            continue
        if (instead := misspelt(name)) is not None:
            report(instead)
            continue
        example = example_of(field, word, given)
        swept = field.shape == "int" and word.kind != "teacher" and name not in word.values and example.isdigit()
        notes, helps = (f"`{name}`: {field.description}",), (f"write `{name}={example}`",)
        if swept:
            values = f"{name} in [{int(example) // 8}..{example}]"
            helps = (f"{helps[0]}, or sweep it: `{values}`",)
            if word.kind == "family":
                helps = (f"write `{values}` for several sizes, or `{name}={example}` for one",)
        report(Diagnostic("SCL107", f"`{word.word}` needs `{name}`", call.span, notes=notes, helps=helps))
    for group in word.one_of:
        there = [name for name in group if name in given]
        if not there:
            helps = (f"write {listing((f'{name}={_example(fields_of(word)[name])}' for name in group), last='or')}",)
            report(Diagnostic("SCL107", f"`{word.word}` needs {listing(group, last='or')}", call.span, helps=helps))
        elif len([name for name in there if text(given[name].value).lower() not in UNSET]) > 1:
            message = f"`{word.word}` takes {listing(group, last='or')}, and here are {listing(there)}"
            from .arguments.unknown_parameters import left_out

            helps = (f"leave {listing(there[1:])} out, or {listing(there[:1])}",)
            second, apart = given[there[1]], ""
            if word.kind == "family" and all(given[name].value == ast.Name(name) for name in there):
                each = []
                for name in there:
                    kept = (a for a in call.named if a.name not in there or a.name == name)
                    each.append(f"by_{name}: {word.word}({', '.join(_typed(a, sweeps) for a in kept)})")
                apart = f"for runs over each of them write `models {{{', '.join(each)}}}`"
            ways, fixes = ((apart, *helps), ()) if apart else (helps, left_out(second, call))
            report(Diagnostic("SCL209", message, second.span, helps=ways, fixes=fixes))


def _typed(arg: ast.Define, sweeps: Mapping[str, Sweep]) -> str:
    """An argument, or an axis, as it is written in parentheses."""
    if arg.value == ast.Name(arg.name) and arg.name in sweeps:
        return f"{arg.name} in {text(sweeps[arg.name].values)}"
    return f"{arg.name}={text(arg.value)}"


def _example(field: Field) -> str:
    """A number that a parameter takes."""
    return ".02" if field.shape == "float" else "2048"


def _check_argument(
    field: Field, arg: ast.Define, word: type[Word], sweeps: Mapping[str, Sweep], report: Report, call: ast.Call
) -> None:
    """One argument against its declaration, where it can be known before the grid is."""
    node = arg.value
    name = node.id if isinstance(node, ast.Name) else ""
    name = node.value if isinstance(node, ast.String) and field.shape in ("int", "float", "warmup") else name
    unset = name.lower() in UNSET and name not in (*sweeps, *field.choices)
    unset |= name.lower() in ("true", "false") and field.shape in ("int", "float", "term", "choice", "warmup")
    if unset and (field.term is None or kind_of(name) is None):
        from .arguments.unknown_parameters import left_out

        message = f"`{name}` is no value: a parameter that is left out has its default"
        found = name.lower() == "auto" and word.kind == "optimiser"
        tuned = f"; the best of several values is kept by `tune {arg.name} in {{...}}`" if found else ""
        helps = (f"leave `{arg.name}={text(node)}` out{tuned}",)
        if name.lower() == "true" and not field.default and field.shape == "float":
            helps = (f"write a number, such as `{arg.name}={0.9 if field.high == 1 else 0.1}`",)
            report(Diagnostic("SCL103", f"`{name}` is no number", node.span, helps=helps))
            return
        if none := value_here(field, node):
            fixes = (Fix((Edit(node.span, none),), "maybe-incorrect"),)
            usual = f"`{field.default.word}`" if isinstance(field.default, Word) else f"{field.default:g}"
            message = f"`{name}` is no value: what is left out has its default, {usual}"
            helps = (f"for none of it write `{arg.name}={none}`",)
            report(Diagnostic("SCL103", message, node.span, helps=helps, fixes=fixes))
            return
        if field.shape == "warmup" and name.lower() in ("none", "null", "no", "off", "false"):
            message = f"`{name}` is no value: a warm-up of nothing is one of 0%"
            fixes = (Fix((Edit(node.span, "0%"),), "maybe-incorrect"),)
            report(Diagnostic("SCL103", message, node.span, helps=(f"write `{arg.name}=0%`",), fixes=fixes))
            return
        report(Diagnostic("SCL103", message, node.span, helps=helps, fixes=left_out(arg, call)))
        return
    if field.shape == "warmup" and isinstance(node, ast.Number):
        given = number(node.text)
        share = f"{given.value * 100:.6g}%"
        if given.unit == "" and 0 < given.value < 1:
            message = f"`{arg.name}={node.text}` is read as {share} of the steps"
            fixes = (Fix((Edit(node.span, share),)),)
            helps = (f"write `{arg.name}={share}`",)
            report(Diagnostic("SCL218", message, node.span, severity="warning", helps=helps, fixes=fixes))
    if isinstance(node, ast.Name) and node.id == arg.name and arg.name in sweeps:
        _check_points(field, sweeps[arg.name], arg.name, word.word, report)
        return
    if field.shape == "term":
        inner = as_call(node)
        if inner is None:
            message = f"`{field.name}` of `{word.word}` wants {field.wanted}, not `{text(node)}`"
            report(_no_word(field, node, message))
        elif not (isinstance(node, ast.Name) and node.id in sweeps):
            assert field.term is not None
            check_call(inner, field.term.kind, sweeps, report, outer=call)
        return
    try:
        check_value(field, node, word.word, sweeps)
    except Fault as fault:
        from .arguments.read_as import read_as

        report(read_as(fault.diagnostic, word, arg, call))


def _sides(word: type[Word], arg: ast.Define, call: ast.Call) -> Diagnostic | None:
    from .arguments.argument_places import sides_in_a_tuple

    return sides_in_a_tuple(word, arg, call)


def _no_word(field: Field, node: Any, message: str) -> Diagnostic:
    """Something else where a word is wanted: a word in quotes, or the name of a file that a word reads."""
    helps: tuple[str, ...] = ()
    fixes: tuple[Fix, ...] = ()
    if isinstance(node, ast.String) and field.term is not None:
        readers = [w for w, t in REGISTRY.items() if t.kind == field.term.kind and _reads_file(t)]
        low = node.value.lower()
        called = [t.called[low] for t in REGISTRY.values() if t.kind == field.term.kind and low in t.called]
        if called:
            why = f": {said}" if (said := unlike(low, field.term.kind)) else ""
            helps = (f"write `{field.name}={called[0]}`{why}",)
            fixes = (Fix((Edit(node.span, called[0]),), "maybe-incorrect"),)
        elif kind_of(node.value) == field.term.kind:
            helps = (f"leave the quotes out: `{field.name}={node.value}`",)
            fixes = (Fix((Edit(node.span, node.value),)),)
        elif "." not in node.value and len(every := [w for w, t in REGISTRY.items() if t.kind == field.term.kind]) <= 9:
            only = REGISTRY[every[0]].sample if len(every) == 1 else ""
            helps = (f"write `{only}`",) if only else (f"write {listing(every, last='or')}, without quotes",)
        elif readers and ("." in node.value or "/" in node.value):
            helps = (f"write `{readers[-1] if field.term.kind == 'source' else readers[0]}({text(node)})`",)
            fixes = (Fix((Edit(node.span, helps[0].split("`")[1]),), "maybe-incorrect"),)
    if between := drawn(field, node):
        helps = (f"write `{field.name}={between}`, drawn anew each time",)
        fixes = (Fix((Edit(node.span, between),), "maybe-incorrect"),)
    return Diagnostic("SCL203", message, node.span, helps=helps, fixes=fixes)


def _reads_file(word: type[Word]) -> bool:
    return bool(word.order) and fields_of(word)[word.order[0]].file


def _check_points(field: Field, sweep: Sweep, name: str, owner: str, report: Report) -> None:
    """Every point of a swept parameter: those that do not fit where they stand, of a range the first."""
    place = sweep.names.index(name)
    stands = sweep.stands.get(name, {})
    try:
        check_units(sweep.values, field, owner)
    except Fault as fault:
        report(fault.diagnostic)
        return
    for point in sweep.points.points:
        value = point[place]
        if field.shape == "warmup" and not isinstance(value, str) and (listed := _labelled_warmups(sweep)):
            message = f"values of `{name}` on an axis have labels, beside their steps or percentages"
            helps = (f"write `{name} in {{{listed}}}`",)
            values = sweep.values.span
            fixes = (Fix((Edit(values, f"{{{listed}}}"),), "maybe-incorrect"),)
            report(Diagnostic("SCL203", message, values, helps=helps, fixes=fixes))
            return
        node = stands.get(value) if isinstance(value, str) else None
        if field.shape == "term" and node is not None:
            call = as_call(node)
            if call is not None and field.term is not None:
                check_call(call, field.term.kind, {}, report)
                continue
        try:
            if node is None:
                coerce(value, field, owner, sweep.values.span)
            elif field.shape in ("int", "float"):
                coerce(constant(node), field, owner, node.span)
            else:
                check_value(field, node, owner, {})
        except Fault as fault:
            report(_whole(_from_first_step(fault.diagnostic, sweep, name), sweep, name))
            if node is None:
                return  # of numbers, which stand in one place, one is enough


def _from_first_step(said: Diagnostic, sweep: Sweep, name: str) -> Diagnostic:
    """The finding about the 0 that a range in steps begins with, which its first step can take the place of."""
    given = sweep.values
    if said.code != "SCL208" or not isinstance(given, ast.Range) or given.grid != "step":
        return said
    if not isinstance(given.start, ast.Number) or number(given.start.text).value:
        return said
    written = f"[{text(given.by)}..{text(given.stop)} step {text(given.by)}]"
    fixes = (Fix((Edit(given.span, written),), "maybe-incorrect"),)
    return replace(said, helps=(f"begin with the first step: write `{name} in {written}`",), fixes=fixes)


def _whole(said: Diagnostic, sweep: Sweep, name: str) -> Diagnostic:
    """The finding about a range some of whose values are no whole numbers, with the list of those nearest to them.

    Widths are multiples of four, so that heads divide them.
    """
    points = [point[0] for point in sweep.points.points if len(point) == 1]
    if said.code != "SCL207" or not isinstance(sweep.values, ast.Range) or len(points) > MOST_LISTED:
        return said
    by = 4 if name == "width" and min(v for v in points if not isinstance(v, str)) >= 16 else 1
    values = [by * round(v / by) for v in points if not isinstance(v, str)]
    listed = f"{{{', '.join(short(v) for v in dict.fromkeys(values))}}}"
    fixes = (Fix((Edit(sweep.values.span, listed),), "maybe-incorrect"),)
    return replace(said, helps=(f"write `{listed}`, whole numbers near those",), fixes=fixes)


def _values_of(arg: ast.Define, sweeps: Mapping[str, Sweep]) -> list[str]:
    """The values that an argument gives, as text; an empty one for a range."""
    values: Any = arg.value
    if isinstance(values, ast.Name) and values.id == arg.name and arg.name in sweeps:
        values = sweeps[arg.name].values
    if isinstance(values, ast.Set):
        return [text(entry.value) for entry in values.entries]
    return [""] if isinstance(values, ast.Range) else [text(values)]


def _labelled_warmups(sweep: Sweep) -> str:
    """The values of a warm-up on an axis with labels, without which an axis holds plain numbers."""
    given = sweep.values
    ends = [given.start, given.stop] if isinstance(given, ast.Range) else []
    values = [e.value for e in given.entries] if isinstance(given, ast.Set) else ends
    plain = [v.text if isinstance(v, ast.Number) else "" for v in values]
    if not all(plain):
        return ""
    typed_so = [
        v
        if v[-1] in "%s" or v.endswith("step")
        else f"{100 * number(v).value:.6g}%"
        if number(v).value < 1
        else f"{v}steps"
        for v in plain
    ]
    labels = [re.sub(r"\W+", "_", f"w{v.removesuffix('%').removesuffix('steps')}") for v in typed_so]
    return ", ".join(f"{label}: {value}" for label, value in zip(labels, typed_so, strict=True))


def _shape(call: ast.Call, name: str) -> str:
    field = parameter_of(REGISTRY[call.name], name) or fields_of(REGISTRY[call.name]).get(name)
    return field.shape if field is not None else ""


def _is_constant(call: ast.Call, sweeps: Mapping[str, Sweep]) -> bool:
    """True for a value that is the same at every point: it reads no axis and no other name."""
    return not any(name in sweeps for name in free_names(call)) and all(
        not list(free_names(a.value)) or _shape(call, a.name) in ("bool", "choice", "term")
        for a in call.named
        if a.name not in SETTINGS
    )
