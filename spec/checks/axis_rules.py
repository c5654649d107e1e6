"""Axes and definitions: each is used, has one meaning, and is in a role that it can have."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from ..diagnostics.concepts import missing
from ..diagnostics.suggest import called_elsewhere, filled, listing, similar, sure
from ..errors import Diagnostic, Edit, Fix, Label
from ..expressions.canonical_tree import text
from ..plan.coerce import said_of_call
from ..resolve.components import Component, Sweep
from ..resolve.lower import Lowered, all_sweeps, names_read
from ..source import Span
from ..syntax import ast
from ..syntax.numbers import number, text_of
from ..syntax.visit import as_call, calls_in
from ..vocabulary.base import KINDS, REGISTRY, Part, Word
from ..vocabulary.parameters import fields_of, rest_of, typed
from ..vocabulary.quantities import QUANTITIES, amounts
from ..vocabulary.settings import SETTINGS
from ..vocabulary.words.families import Family
from .component_rules import Components, has_unknown_words

#: Names of how long a run takes, which no run is measured by.
TIMES = ("time", "hours", "minutes", "seconds", "duration", "wall_time", "walltime", "wallclock", "train_time")


def unused_axes(components: Components, lowered: Lowered) -> Iterator[Diagnostic]:
    """An axis that no parameter, setting or expression answers to: a misspelt name, or one in the wrong place."""
    for sweep in lowered.unused if not has_unknown_words(components) else ():
        for name in sweep.names:
            message = f"nothing uses the axis `{name}`"
            if sweep.part == "train" and name.lower() in TIMES:
                notes = ("a run ends by its size, which is the same on every machine; `budget 2h` bounds a study",)
                helps = ("write `compute in [4GFLOP..64GFLOP times 4]`",)
                models = components["models"].alternatives if "models" in components else ()
                if any(getattr(REGISTRY.get(b.call.name), "solved", False) for b in models):
                    helps = (f"write `steps along {text(sweep.values)}`, the time of what is solved",)
                yield Diagnostic("SCL109", message, sweep.span, notes=notes, helps=helps)
                continue
            yield unanswered(name, sweep.span, sweep.part, components, message, len(sweep.names) == 1)
    yield from _of_runs(components, lowered)


#: Sizes of a run that follow from others, so that no axis of that name sets them.
FOLLOWING = ("N", "N_body", "flops", "D", "C")


def _of_runs(components: Components, lowered: Lowered) -> Iterator[Diagnostic]:
    """An axis that is called as a size of a run is, and read by a formula as if it were that."""
    words = [
        REGISTRY[c.name]
        for o in components.values()
        for b in o.alternatives
        for c in calls_in(b.call)
        if c.name in REGISTRY
    ]
    for sweep in all_sweeps(components) if not has_unknown_words(components) else ():
        for name in sweep.names:
            own = any(name in typed(w) or rest_of(w) is not None for w in words)
            own = own or any(w.kind == KINDS[sweep.part] and name.lower() in w.also for w in words)
            if name in FOLLOWING and sweep not in lowered.unused and sweep.part != "data" and not own:
                message = f"`{name}` follows from the sizes of a run, and no axis sets it"
                sized = {b.call.name for b in components["models"].alternatives} if "models" in components else set()
                if helps := of_size(name, sized & {*REGISTRY}):
                    yield Diagnostic("SCL109", message, sweep.span, helps=helps)
                    continue
                yield unanswered(name, sweep.span, sweep.part, components, message, len(sweep.names) == 1)


def unused_definitions(components: Components) -> Iterator[Diagnostic]:
    """A definition that nothing reads and no parameter answers to."""
    definitions = {d.name: d.value for o in components.values() for d in o.defines}
    read: set[str] = set()
    for o in components.values():
        for b in o.alternatives:
            read |= names_read(b.call, definitions)
        if o.where is not None:
            read |= names_read(o.where, definitions)
    for name in definitions:
        if name in SETTINGS:
            read |= names_read(definitions[name], definitions)
    for part, o in components.items():
        for d in o.defines:
            if d.name not in read and d.name not in SETTINGS and not has_unknown_words(components):
                yield unanswered(d.name, d.name_span, part, components, f"nothing uses `{d.name}`", True)


def unanswered(name: str, span: Span, part: Part, components: Components, message: str, alone: bool) -> Diagnostic:
    """The finding about a name that nothing answers to, with the name that may have been meant."""
    words = {b.call.name for b in components[part].alternatives if b.call.name in REGISTRY}
    known = [p for w in sorted(words) for p in typed(REGISTRY[w])]
    setting = part == "train" and called_elsewhere(name, SETTINGS) is not None
    for other, component in components.items() if not setting else ():
        for inner in (c for b in component.alternatives for c in calls_in(b.call) if other != part):
            word = REGISTRY.get(inner.name)
            if word is not None and (found := name if name in typed(word) else called_elsewhere(name, typed(word))):
                there = f"`{found}` is a parameter of `{inner.name}`: write it after `{other}`"
                return Diagnostic("SCL109", message, span, helps=(there,))
    settings = [*SETTINGS] if part == "train" else []
    define = next((d for d in components[part].defines if d.name_span == span), None)
    if define is not None and (none := said_of_call(define.value)):
        way = f"leave `{text(define).replace(' = ', '=')}` out: {none}"
        gone = Fix((Edit(define.span, ""),), "maybe-incorrect")
        return Diagnostic("SCL109", message, span, helps=(way,), fixes=(gone,))
    others = {n for n in ALONG if n in {d.name for d in components[part].defines} | named_axes(components)}
    if define is not None and name in FOLLOWING and others:
        way = f"leave `{text(define)}` out: it follows from `{min(others)}` by itself"
        gone = Fix((Edit(define.span, ""),), "maybe-incorrect")
        return Diagnostic("SCL109", message, span, helps=(way,), fixes=(gone,))
    if (otherwise := _called_otherwise(name, span, part, components, words, message)) is not None:
        return otherwise
    if (helps := of_size(name, words) or _value_of_word(name, part, components)) != ():
        helps = _as_widths(name, span, components) or helps
        return Diagnostic("SCL109", message, span, helps=helps)
    near = similar(name, [*known, *settings])
    elsewhere = near is not None and called_elsewhere(name, [near])
    if not elsewhere and (why := missing(name)) is not None:
        defined = [d.span for d in components[part].defines if d.name_span == span]
        fixes = (Fix((Edit(defined[0], ""),), "maybe-incorrect"),) if defined else ()
        return Diagnostic("SCL109", message, span, helps=(f"leave it out: {why}",), fixes=fixes)
    if near is None:
        own = (f"{listing(sorted(words))} has the parameters {listing(known)}",) if words and known else ()
        notes = (*own, *((f"settings of training are {listing(settings)}",) if settings else ()))
        helps = (f"write it after `train`: `train {_setting(name)} ...`",) if _setting(name) else ()
        if (
            not helps
            and part == "train"
            and any(w in name.lower() for w in ("ratio", "per", "factor", "mult", "times"))
        ):
            helps = (f"say what it is for: `tokens = {name}*N`, in place of other amounts",)
        helps = helps or (f"use it in a formula, or leave `{name}` out",)
        return Diagnostic("SCL109", message, span, notes=notes, helps=helps)
    swept = next((s for s in components[part].sweeps if s.span == span), None)
    given = [a for b in components[part].alternatives for a in b.call.named if a.name == near]
    given = [a for a in given if a.value != ast.Name(a.name)]  # what is swept stands there by its name
    if given and swept is not None and alone:
        edits = (Edit(span, near), *(e for a in given for e in _without(a, components[part])))
        axis = f"{near} in {text(swept.values)}"
        helps = (f"write `{axis}`, and leave `{text(given[0]).replace(' ', '')}` out",)
        fixes = (Fix(edits, "maybe-incorrect"),)
        return Diagnostic("SCL109", message, span, helps=helps, fixes=fixes)
    certain = alone and span.end - span.start == len(name) and sure(name, near, [*known, *settings])
    fixes = (Fix((Edit(span, near),)),) if certain else ()
    said = "that is called" if called_elsewhere(name, [near]) else "a parameter with a similar name exists:"
    kind = "a setting with a similar name exists:" if near in settings and said != "that is called" else said
    if near == "seed" and name not in ("random_seed", "rng_seed", "manual_seed", "random_state"):
        return _seeds(span, message, components, fixes)
    return Diagnostic("SCL109", message, span, helps=(f"{kind} `{near}`",), fixes=fixes)


def _without(arg: ast.Define, component: Component) -> tuple[Edit, ...]:
    """The edit that takes an argument out of its call, with the comma beside it."""
    for call in (b.call for b in component.alternatives):
        args = sorted(call.args, key=lambda a: a.span)
        if arg in args:
            at, span = args.index(arg), arg.span
            start = args[at - 1].span.end if at else span.start
            end = args[1].span.start if not at and len(args) > 1 else span.end
            return (Edit(Span(start, end, span.file), ""),)
    return ()


#: Parts of names that say what of a run a seed is for; here one seed is that of all of it.
_SEEDED = ("init", "data", "model", "weight", "torch", "np", "numpy", "global", "shuffle", "walk", "batch", "order")


def _called_otherwise(
    name: str, span: Span, part: Part, components: Components, words: set[str], message: str
) -> Diagnostic | None:
    """The finding about a parameter of another tool behind the word that has it under another name or as another value,
    a ratio that nothing reads, or a seed of a part of a run; None for every other name.
    """
    given = next((d for d in components[part].defines if d.name_span == span), None)
    swept = next((s for s in components[part].sweeps if s.span == span), None)
    low = name.lower()
    if given is not None:
        for word in sorted(words):
            also = REGISTRY[word].also.get(low, "")
            own = {a.name: text(a.value) for b in components[part].alternatives for a in b.call.named}
            written = filled(also, text(given.value), own) if "=" in also else ""
            if written and written.split("=")[0] not in own:
                fixes = (Fix((Edit(given.span, written.replace(", ", "  ")),), "maybe-incorrect"),)
                return Diagnostic(
                    "SCL109", message, span, helps=(f"write `{written.replace(', ', '  ')}`",), fixes=fixes
                )
    if swept is not None and part == "train" and low in ("ratio", "ratios", "factor", "multiplier", "r", "tpp"):
        stated = [n for n in ALONG if n in {d.name for d in components[part].defines} | named_axes(components)]
        beside_it = [s for s in components[part].sweeps if s.names == (*stated,)]
        defined = [d for d in components[part].defines if [d.name] == stated]
        if beside_it or defined:
            written = f"{beside_it[0].name} in {text(beside_it[0].values)}" if beside_it else text(defined[0])
            span_of = beside_it[0].span if beside_it else defined[0].span
            end = beside_it[0].values.span.end if beside_it else span_of.end
            fixes = (Fix((Edit(Span(span_of.start, end, span.file), f"tokens = {name}*N"),), "maybe-incorrect"),)
            helps = (f"write `tokens = {name}*N` in place of `{written}`: so many tokens for each parameter",)
            return Diagnostic("SCL109", message, span, helps=helps, fixes=fixes)
        instead = f", in place of {listing(stated)}" if stated else ""
        at = swept.values.span.end
        beside = (Fix((Edit(Span(at, at, span.file), f"  tokens = {name}*N"),), "maybe-incorrect"),)
        helps = (f"write `tokens = {name}*N` beside it{instead}: so many tokens for each parameter",)
        return Diagnostic("SCL109", message, span, helps=helps, fixes=() if stated else beside)
    if part == "train" and "_seed" in low and low.split("_")[0] in _SEEDED and (given or swept):
        other = any(s.names == ("seed",) for s in all_sweeps(components)) or any(
            n != name and "_seed" in n for n in (*(d.name for d in components[part].defines), *named_axes(components))
        )
        notes = ("`seed` is that of first weights and of data in one",)
        if other and not (swept and swept is _first_seed(components[part])):
            shown = f"{name} in {text(swept.values)}" if swept else f"{name} = {text(given.value)}" if given else name
            whole = Span(span.start, swept.values.span.end, span.file) if swept else given.span if given else span
            fixes = (Fix((Edit(whole, ""),), "maybe-incorrect"),)
            return Diagnostic("SCL109", message, span, notes=notes, helps=(f"leave `{shown}` out",), fixes=fixes)
        return Diagnostic(
            "SCL109",
            message,
            span,
            notes=notes,
            helps=("that is called `seed`",),
            fixes=(Fix((Edit(span, "seed"),), "maybe-incorrect"),),
        )
    return None


def named_axes(components: Components) -> set[str]:
    """Names of all axes of a study."""
    return {name for sweep in all_sweeps(components) for name in sweep.names}


def _first_seed(component: Component) -> Sweep | None:
    """The first of several axes of seeds."""
    return next((s for s in component.sweeps if s.name.endswith("seed")), None)


def _setting(name: str) -> str | None:
    return name if name in SETTINGS else called_elsewhere(name, SETTINGS)


def of_size(name: str, words: Iterable[str]) -> tuple[str, ...]:
    """The help for a sweep over N: a model's size follows from its parameters."""
    if name not in ("N", "N_body") and name.lower().replace("_", "") not in QUANTITIES["N"].headers:
        return ()
    for word in sorted(words):
        if issubclass(REGISTRY[word], Family):
            needed = [n for n, f in fields_of(REGISTRY[word]).items() if f.required and f.shape == "int"]
            if needed:
                return (f"N follows from the parameters of `{word}`: sweep `{needed[0]} in [32..256]`",)
    return ()


def _as_widths(name: str, span: Span, components: Components) -> tuple[str, ...]:
    """The help for numbers of parameters that are given as an axis: the widths that have about as many."""
    from ..plan.widths_of_sizes import as_widths

    models, sources = ([b.call for b in components[p].alternatives] if p in components else [] for p in _LEARNT)
    swept = (s.values for o in components.values() for s in o.sweeps if s.span == span)
    defined = (d.value for o in components.values() for d in o.defines if d.name_span == span)
    values = next(iter((*swept, *defined)), None) if of_size(name, (call.name for call in models)) else None
    alone = values is not None and len(models) == len(sources) == 1
    widths = as_widths(values, models[0], sources[0]) if alone else ""
    return (f"N follows from the parameters of a model: write `{widths}`, which have about as many",) if widths else ()


#: What learns, and what it learns from.
_LEARNT: tuple[Part, Part] = ("models", "data")


def _value_of_word(name: str, part: Part, components: Components) -> tuple[str, ...]:
    """The help where a component's word is given like a value: `train optimizer=adamw`."""
    for define in components[part].defines:
        word = as_call(define.value)
        if (
            define.name == name
            and word is not None
            and word.name in REGISTRY
            and REGISTRY[word.name].kind == KINDS[part]
        ):
            return (f"write `{part} {text(define.value)}`",)
    for sweep in components[part].sweeps:
        entries = [e.value for e in sweep.values.entries] if isinstance(sweep.values, ast.Set) else []
        words = [as_call(e) for e in entries]
        if sweep.names == (name,) and words and all(w is not None and _of_part(w.name, part) for w in words):
            return (f"write `{part} {{{', '.join(map(text, entries))}}}`",)
    return ()


def _of_part(word: str, part: Part) -> bool:
    return word in REGISTRY and REGISTRY[word].kind == KINDS[part]


def _seeds(span: Span, message: str, components: Components, fixes: tuple[Fix, ...]) -> Diagnostic:
    """`seeds in {0, 1}` is a slip; `seeds = 3` may be three seeds, or the one of number three."""
    for component in components.values():
        for define in component.defines:
            if define.name_span == span:
                given = define.value
                n = int(number(given.text).value) if isinstance(given, ast.Number) and given.text.isdigit() else 3
                few = ", ".join(map(str, range(n))) if 1 < n <= 8 else ""
                meant = f"seed in {{{few}}}" if few else f"seed in [0..{max(n, 2) - 1} step 1]"
                helps = (f"for so many seeds write `{meant}`", f"for the seed of that number, `seed = {text(given)}`")
                more = (Fix((Edit(define.span, meant),), "maybe-incorrect"),)
                return Diagnostic("SCL109", message, span, helps=helps, fixes=more)
    return Diagnostic("SCL109", message, span, helps=("that is called `seed`",), fixes=fixes)


#: Amounts that grow along a run.
ALONG = ("tokens", "steps", "compute")


def along_runs(components: Components) -> Iterator[Diagnostic]:
    """Only an amount of training grows along a run: every other axis has runs of its own."""
    formulas = {d.name: d.value for o in components.values() for d in o.defines if d.name in ALONG}
    for sweep in all_sweeps(components):
        read = set().union(*(names_read(value, {}) for value in formulas.values())) if formulas else set()
        if sweep.along and not {*sweep.names} & ({*ALONG} | read):
            name = " & ".join(sweep.names)
            message = f"`{name}` does not grow along a run, as only {listing(ALONG)} do"
            helps: tuple[str, ...] = (f"write `{name} in {text(sweep.values)}`: each value has runs of its own",)
            unique = next((d.value for o in components.values() for d in o.defines if d.name == "unique"), None)
            if name == "epochs" and isinstance(unique, ast.Number) and not sweep.points.named:
                once = number(unique.text).value
                ends = ", ".join(text_of(p[0] * once) for p in sweep.points.points if isinstance(p[0], int | float))
                passes = (
                    f"write `tokens along {{{ends}}}` beside `unique = {unique.text}`: a loss at the end of each pass"
                )
                helps = (passes, f"or `{name} in {text(sweep.values)}`: each value has runs of its own")
            values = sweep.values.span
            apart = sweep.span.file == values.file and sweep.span.end < values.start
            fixes = (Fix((Edit(Span(sweep.span.end, values.start, values.file), " in "),)),) if apart else ()
            yield Diagnostic("SCL219", message, sweep.span, helps=helps, fixes=fixes)


def two_roles(components: Components) -> Iterator[Diagnostic]:
    """Axes of one name are one axis, so they have one role."""
    first: dict[str, Sweep] = {}
    for sweep in all_sweeps(components):
        before = first.setdefault(sweep.name, sweep)
        if before.role != sweep.role:
            roles = {"tune": "tuned", "panel": "a panel", "replicate": "averaged", "sweep": "swept"}
            roles |= {"median": "reduced to its median"}
            one, two = roles[before.role], roles[sweep.role]
            message = f"the axis `{sweep.name}` is {one} in one place and {two} in another"
            helps = (f"say the same of both, or name one of them otherwise: `{sweep.name}2 in ...`",)
            yield Diagnostic("SCL315", message, sweep.span, labels=(Label(before.span, "first here"),), helps=helps)


def shared_names(components: Components) -> Iterator[Diagnostic]:
    """A name means one thing: no definition beside an axis, none in two joint axes, no two sweeps of two parts."""
    axes: dict[str, Sweep] = {}
    taught = {
        a.name
        for o in components.values()
        for b in o.alternatives
        for call in calls_in(b.call)
        if call.name in REGISTRY and REGISTRY[call.name].kind == "teacher"
        for a in call.named
    }
    for sweep in all_sweeps(components):
        for name in sweep.names:
            before = axes.setdefault(name, sweep)
            if before.names != sweep.names:
                message = f"`{name}` moves alone in one axis and together with others in another"
                helps = (f"keep one of the two: `{name}` alone, or together with the others",)
                yield Diagnostic("SCL113", message, sweep.span, labels=(Label(before.span, "first here"),), helps=helps)
            elif before.part != sweep.part and before.points.points != sweep.points.points and name not in taught:
                message = f"two axes are called `{name}`, one in `{before.part}` and one in `{sweep.part}`"
                helps = (f"name one of them, such as `{name}2 in ...`, and give `{name}={name}2` where it belongs",)
                ways = seeds_of_graphs(components, before) if name == "seed" and before.part == "data" else ()
                labels = (Label(before.span, "first here"),)
                yield Diagnostic("SCL113", message, sweep.span, labels=labels, helps=ways or helps)
    defined: dict[str, ast.Define] = {}
    for o in components.values():
        for d in o.defines:
            if d.name in axes:
                message = f"`{d.name}` is both swept and defined"
                helps = (f"leave `{d.name} = {text(d.value)}` out: the axis gives its values",)
                labels = (Label(axes[d.name].span, "swept here"),)
                yield Diagnostic("SCL113", message, d.name_span, labels=labels, helps=helps)
            elif d.name in defined:
                labels = (Label(defined[d.name].name_span, "first given here"),)
                helps = (f"leave one of the two out: `{d.name} = {text(d.value)}`, or the first",)
                yield Diagnostic("SCL113", f"`{d.name}` is given twice", d.name_span, labels=labels, helps=helps)
            else:
                defined[d.name] = d
    for name in sorted({*amounts()} & {*axes, *defined}):
        values = axes[name].values if name in axes else defined[name].value
        span = axes[name].span if name in axes else defined[name].name_span
        home = axes[name].part if name in axes else next(p for p, o in components.items() if defined[name] in o.defines)
        typed_so = f"{name} {'in' if name in axes else '='} {text(values)}"
        yield from _also_of_a_word({p: o for p, o in components.items() if p != home}, name, typed_so, span)


def _also_of_a_word(components: Components, name: str, typed_so: str, span: Span) -> Iterator[Diagnostic]:
    """An amount that a study says, and one of its words as a number of its own: runs would draw from the one, and be as
    long as the other says.
    """
    calls = (b.call for o in components.values() for b in o.alternatives)
    for arg in (a for call in calls for a in call.named if a.name == name and a.value != ast.Name(name)):
        labels = (Label(arg.span, "first given here"),)
        helps = (f"leave `{name}={text(arg.value)}` out, or `{typed_so}`",)
        yield Diagnostic("SCL113", f"`{name}` is given twice", span, labels=labels, helps=helps)


def seeds_of_graphs(components: Components, swept: Sweep) -> tuple[str, ...]:
    """The help that gives the seeds of the one graph of a study an axis of their own; () for other data."""
    calls = [
        c
        for b in components["data"].alternatives
        for c in calls_in(b.call)
        if REGISTRY.get(c.name, Word).kind == "graph"
    ]
    given = [c for c in calls if any((a.name, a.value) == ("seed", ast.Name("seed")) for a in c.named)]
    if len(given) != 1:
        return ()
    apart = text(given[0]).replace("seed=seed", "seed=graph_seed")
    axis = f"graph_seed in {text(swept.values)}"
    return (f"to train each graph with every seed write `{apart}`, and `{axis}` behind `data`",)


def median_of_seeds(components: Components) -> Iterator[Diagnostic]:
    """Medians are over runs of one setting, which seeds alone tell apart."""
    for sweep in all_sweeps(components):
        if sweep.role == "median" and sweep.names != ("seed",):
            message = f"`median {sweep.name}` is over runs of one setting, and values of `{sweep.name}` are settings"
            values = text(sweep.values)
            helps = (f"write `median seed in ...` for medians over seeds, and `{sweep.name} in {values}` for an axis",)
            yield Diagnostic("SCL220", message, sweep.span, helps=helps)
