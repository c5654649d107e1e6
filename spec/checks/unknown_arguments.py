"""Arguments that a word does not take: what is written for them here, or where they belong."""

from __future__ import annotations

import itertools
import re
from collections.abc import Iterator, Mapping
from dataclasses import replace
from typing import Any

from ..diagnostics.concepts import missing
from ..diagnostics.suggest import (
    ELSEWHERE,
    article,
    called_elsewhere,
    denied,
    filled,
    forms,
    listing,
    meant_by,
    similar,
    sure,
)
from ..errors import Diagnostic, Edit, Fix
from ..expressions.canonical_tree import text
from ..plan.coerce import TRUTHS, all_called, called, unlike
from ..resolve.columns import quantity_meant
from ..source import Span
from ..syntax import ast
from ..syntax.visit import calls_in
from ..vocabulary.base import KINDS, REGISTRY, Kind, Word
from ..vocabulary.functions import FUNCTIONS
from ..vocabulary.parameters import fields_of, rest_of, typed
from ..vocabulary.settings import SETTINGS
from .axis_rules import of_size
from .parameter_values import accepts, value_here

#: Parameters that a message lists as what may be said.
LISTED = 12
#: Parameters of many words, which come last where values are given in order.
_OF_EVERY = ("length", "seed", "eval_walks", "eval_seed")
#: Words that a message lists as those which have a parameter.
MOST_OTHERS = 4
#: Ends of names of files that hold numbers of other tools.
BINARY = (".bin", ".npy", ".npz", ".pt", ".pkl", ".arrow", ".tfrecord", ".h5", ".idx", ".memmap")
#: Characters between two arguments.
FURTHEST = 12

#: What is said on the command line, not in a study.
_OF_THE_COMMAND = {
    **dict.fromkeys(("device", "cuda", "gpu", "gpus", "accelerator"), "run --device cuda"),
    **dict.fromkeys(("workers", "num_workers", "n_jobs", "processes"), "run --workers 4"),
    **dict.fromkeys(("out", "output", "output_dir", "save_dir", "log_dir"), "run --out FOLDER"),
}

#: Names that mean other things of other words, and so say nothing of where they belong.
_OF_MANY = {
    *("dim", "size", "n", "m", "p", "k", "seed", "rate", "units", "model_size", "d", "start", "path", "name", "text"),
}


def unknown_parameter(word: type[Word], arg: ast.Define, names: Mapping[str, Any], call: ast.Call) -> Diagnostic:
    """A parameter that the word does not have, with what is written for it: another name, another form, or nothing."""
    known = typed(word)
    low = arg.name.lower()
    beside = {a.name: text(a.value) for a in call.named if a is not arg}
    swept = names[arg.name].values if arg.value == ast.Name(arg.name) and arg.name in names else arg.value
    exact = word.also.get(low, "")
    found = exact or meant_by(arg.name, known, word.also) or ""
    renamed = found.removesuffix("={}")
    if renamed in known and not (accepts(word, renamed, swept, names) or value_here(fields_of(word)[renamed], swept)):
        exact = found = renamed = ""  # it is something else
    meant = renamed if renamed in known else None
    written = "" if meant else filled(found, text(swept), beside)
    given = next((n for n in (part.split("=")[0] for part in written.split(", ")) if n in beside), "")
    joined = _joined(written, found, arg, call) if "=" in written else None
    written = "" if given or joined else written
    why = lacking(word, arg.name, text(swept))
    if why and not (exact or called_elsewhere(arg.name, known)):
        meant, written = None, ""
    near = meant or (None if written or why or of_size(arg.name, (word.word,)) else _similar(word, arg, names))
    if near and not meant and not sure(arg.name, near, known) and _elsewhere(arg, word, True):
        near = None  # it is a parameter of something else
    turned = "" if meant or written or low in word.lacks else _turned(word, arg)
    alone = arg.name_span.end - arg.name_span.start == len(arg.name)
    fixes: tuple[Fix, ...] = ()
    helps: tuple[str, ...]
    if turned:
        helps = (f"write `{turned}`",)
        fixes = (Fix((Edit(arg.span, turned),), "maybe-incorrect"),) if alone else ()
    elif near:
        helps = (f"that is called `{near}`" if meant else f"a parameter with a similar name exists: `{near}`",)
        # A name that stands in the text on its own can be replaced.
        takes = accepts(word, near, arg.value, names)
        listed = meant is not None and (near == exact.removesuffix("={}") or called_elsewhere(arg.name, known) == near)
        certain = alone and takes and (listed or sure(arg.name, near, known))
        fixes = (Fix((Edit(arg.name_span, near),)),) if certain else ()
        if alone and takes and meant and not certain:
            fixes = (Fix((Edit(arg.name_span, near),), "maybe-incorrect"),)
        if not takes and (value := value_here(fields_of(word)[near], arg.value)):
            helps = (f"write `{near}={value}`",)
            fixes = (Fix((Edit(arg.span, f"{near}={value}"),), "maybe-incorrect"),) if alone else ()
    elif joined is not None:
        helps, fixes = joined
    elif written and "=" in written:
        helps = _instead(word, written)
        helps = (f"{helps[0]}: {why}", *helps[1:]) if why else helps
        fixes = (Fix((Edit(arg.span, written),), "maybe-incorrect"),) if alone else ()
    elif size := of_size(arg.name, (word.word,)):
        helps = size
    else:
        helps = _amount_twice(arg, names) if word.kind == "optimiser" else ()
        fixes = left_out(arg, call) if helps and alone else ()
        helps = helps or _elsewhere(arg, word, bool(why))
        if not helps and given and found:
            helps = (f"leave `{_given(arg)}` out: `{given}` is given, and says the same",)
            fixes = left_out(arg, call) if alone else ()
        elif not helps and why:
            helps = (f"leave `{_given(arg)}` out: {why}",)
            fixes = left_out(arg, call) if alone else ()
        if not helps and (of_kind := _of_kind(word, arg, call)):
            helps = (f"that is called `{of_kind}`",)
            fixes = (Fix((Edit(arg.name_span, of_kind),), "maybe-incorrect"),) if alone else ()
        helps = helps or _by_meaning(word, arg.name)
        if not helps:
            helps = (*_of_others(word, arg.name), _nothing_like(word, arg))
            fixes = left_out(arg, call) if alone else ()
    notes = (
        (f"its parameter{'s are' if len(known) > 1 else ' is'} {listing(known)}",)
        if known
        else ("it has no parameters",)
    )
    message = f"`{word.word}` has no parameter `{arg.name}`"
    return Diagnostic("SCL104", message, arg.name_span, notes=notes, helps=helps, fixes=fixes)


def lacking(word: type[Word], name: str, value: str = "") -> str | None:
    """What is said of a parameter that the field gives to such a word, and that there is not here."""
    said = next((word.lacks[form] for form in forms(name) if form in word.lacks), None)
    return said.replace("{}", value) if said else missing(name)


def _similar(word: type[Word], arg: ast.Define, names: Mapping[str, Any]) -> str | None:
    """The parameter nearest in spelling, if its value may be the one that is given, or the name is a slip of it."""
    near = similar(arg.name, typed(word))
    if near is None or denied(arg.name, (near,)):
        return None
    fits = accepts(word, near, arg.value, names) or value_here(fields_of(word)[near], arg.value)
    return near if fits or sure(arg.name, near, typed(word)) else None


def _of_kind(word: type[Word], arg: ast.Define, call: ast.Call) -> str:
    """The first parameter that is not given and wants a word, where the value is a word of its kind."""
    kind = kind_of(arg.value.name) if isinstance(arg.value, ast.Call) else None
    given = {a.name for a in call.named} | {(meant_by(a.name, typed(word), word.also) or "") for a in call.named}
    free = ((n, f.term) for n, f in fields_of(word).items() if f.term is not None and n not in given)
    return next((name for name, term in free if kind and term is not None and term.kind == kind), "")


def _turned(word: type[Word], arg: ast.Define) -> str:
    """`undirected=true`, `no_tying=true`: the parameter that the name denies, with the other truth value."""
    truths = {n for n, f in fields_of(word).items() if f.shape == "bool" and n in typed(word)}
    named = {**{n: n for n in truths}, **{n: w.removesuffix("={}") for n, w in word.also.items()}, **ELSEWHERE}
    name = denied(arg.name, {n for n, meant in named.items() if meant in truths})
    value = TRUTHS.get(text(arg.value).lower().strip('"'), "true" if arg.value == ast.Name(arg.name) else "")
    return f"{named[name]}={'false' if value == 'true' else 'true'}" if name and value else ""


def _of_others(word: type[Word], name: str) -> tuple[str, ...]:
    """The words of the same kind that have the parameter."""
    there = [w for w, t in REGISTRY.items() if t.kind == word.kind and name in typed(t) and name not in _OF_MANY]
    return (f"`{name}` is a parameter of {listing(there)}",) if 0 < len(there) <= MOST_OTHERS else ()


def _amount_twice(arg: ast.Define, names: Mapping[str, Any]) -> tuple[str, ...]:
    """The help for a second amount of training, by another tool's name for it."""
    setting = called_elsewhere(arg.name, SETTINGS)
    amounts = ("tokens", "steps", "compute", "epochs")
    stated = next((n for n in amounts if n in names), None)
    if setting not in amounts or stated is None:
        return ()
    return (f"leave `{_given(arg)}` out: `{stated}` says how long a run trains",)


def _joined(
    written: str, word_also: str, arg: ast.Define, call: ast.Call
) -> tuple[tuple[str, ...], tuple[Fix, ...]] | None:
    """The help and the change for a setting of a word that is given as well: `schedule=cosine, min_lr_ratio=0.1`.

    `word_also` is the form of what is written, before the value was put in. None where nothing else gives that, or
    where it gives another word, or a plain value of its own.
    """
    name, _, meant = written.partition("=")
    before = next((a for a in call.named if a is not arg and _own_name(a.name, name)), None)
    if before is None:
        return None
    out = left_out(arg, call)
    if "(" not in meant and "{*" not in word_also:
        return None
    if "(" not in meant:
        edits = (Edit(before.span, written), *(out[0].edits if out else ()))
        helps = (f"write `{written}`, and leave `{_given(arg)}` out",)
        return helps, (Fix(edits, "maybe-incorrect"),) if out and ", " not in written else ()
    word, _, inside = meant.removesuffix(")").partition("(")
    given = before.value.value if isinstance(before.value, ast.String) else text(before.value)
    if given.split("(")[0] not in (word, *(old for old, new in REGISTRY[word].called.items() if new == word)):
        return None
    more = given.removesuffix(")").partition("(")[2]
    put = f"{name}={word}({', '.join(p for p in (more, inside) if p)})"
    edits = (Edit(before.span, put), *(out[0].edits if out else ()))
    helps = (f"write `{put}`, and leave `{_given(arg)}` out",)
    return helps, (Fix(edits, "maybe-incorrect"),) if out else ()


def _own_name(name: str, meant: str) -> bool:
    return name == meant or called_elsewhere(name, [meant]) == meant


def _given(arg: ast.Define) -> str:
    """An argument as it is given; of one that is swept its name."""
    return arg.name if arg.value == ast.Name(arg.name) else f"{arg.name}={text(arg.value)}"


def _nothing_like(word: type[Word], arg: ast.Define) -> str:
    """The help for a parameter that nothing here is like: what may be said in its place."""
    known = typed(word)
    there = f": what can be said of `{word.word}` is {listing(known)}" if 0 < len(known) <= LISTED else ""
    return f"leave `{_given(arg)}` out{there or ', for nothing here answers to it'}"


def _instead(word: type[Word], written: str) -> tuple[str, ...]:
    """The help that says what is written instead, with the meaning of a parameter that measures another way."""
    name = written.split("=")[0]
    field = fields_of(word).get(name)
    meaning = () if field is None else (f"`{name}` is the {field.description}",)
    return (f"write `{written}`", *(meaning if len(typed(word)) == 1 else ()))


def _by_meaning(word: type[Word], name: str) -> tuple[str, ...]:
    """The parameters whose meaning has a part of a name in it, and of a few parameters all, each with its meaning."""
    parts = [part for part in name.lower().split("_") if len(part) > 3]
    fields = {n: f.description for n, f in fields_of(word).items() if n in typed(word) and f.description}
    meant = [n for n, said in fields.items() if any(part in said.lower().split() for part in parts)]
    shown = meant or (list(fields) if len(fields) <= 2 else [])
    return tuple(f"`{n}` is the {fields[n].removeprefix('the ')}" for n in shown[:2])


def _elsewhere(arg: ast.Define, word: type[Word], said: bool = False) -> tuple[str, ...]:
    """Where something belongs that is no parameter here: another statement, or the command line.

    `said` tells that it is known as something that the language has not: then only a parameter of its very name is
    meant.
    """
    name, value = arg.name, text(arg.value)
    if name.lower() in _OF_THE_COMMAND:
        return (f"where a study runs is no part of it: `scalingdsl {_OF_THE_COMMAND[name.lower()]}`",)
    setting = name if name in SETTINGS else called_elsewhere(name, SETTINGS)
    for part, kind in KINDS.items() if name.lower() not in _OF_MANY else ():
        for other in REGISTRY.values():
            meant = name if name in typed(other) else None if said else called_elsewhere(name, typed(other))
            fits = meant and accepts(other, meant, arg.value, {})
            if other.kind == kind and kind != word.kind and fits and not (setting and part == "data"):
                what = f"`{meant}` is a parameter of {article(kind)} such as `{other.word}`"
                return (f"{what}: write `{meant}={value}` after `{part}`",)
    return (f"write `{setting} = {value}` after `train` and its optimiser",) if setting else ()


def left_out(arg: ast.Define, call: ast.Call) -> tuple[Fix, ...]:
    """The fix that leaves an argument out, with the comma before or behind it."""
    args = sorted((a for a in call.args if a.span in call.span), key=lambda a: a.span)
    if arg not in args:
        return ()
    at = args.index(arg)
    span = arg.span
    if at:
        span = Span(args[at - 1].span.end, span.end, span.file)
    elif len(args) > 1:
        span = Span(span.start, args[1].span.start, span.file)
    between = (span.end - span.start) - (arg.span.end - arg.span.start)
    # More than a comma and a line between: something stands there that could not be read.
    return (Fix((Edit(span, ""),), "maybe-incorrect"),) if between <= FURTHEST else ()


def misplaced(word: type[Word], arg: Any, call: ast.Call) -> Diagnostic:
    """A value without a name, where none is taken: of a list, of a number with a comma in it, or of no parameter."""
    names = listing(word.order)
    takes = f"only {names} can be given without a name" if word.order else "every parameter is given by name"
    helps: tuple[str, ...] = ()
    fixes: tuple[Fix, ...] = ()
    args = sorted(call.args, key=lambda a: a.span)
    at = args.index(arg)
    before = next((a for a in reversed(args[:at]) if isinstance(a, ast.Define)), None)
    run = args[args.index(before) + 1 : at + 1] if before is not None else []
    numbers = before is not None and all(isinstance(a, ast.Number) for a in (before.value, *run))
    placed = before is not None and before.name_span.end - before.name_span.start != len(before.name)
    if placed and numbers:
        every = [a.value if isinstance(a, ast.Define) else a for a in args]
        if len({text(a) for a in every}) == 1 and "dim" in word.order:
            helps = (f"write `{word.word}({text(arg)}, dim={len(every)})`",)
        elif named := _in_turn(word, arg, call):
            said = fields_of(word)[named].description
            helps = (f"write `{named}={text(arg)}`, if that is meant: `{named}` is the {said}",)
            fixes = (Fix((Edit(arg.span, f"{named}={text(arg)}"),), "maybe-incorrect"),)
        else:
            helps = ("leave it out, or say by name what it is",)
        message = f"`{word.word}` takes no value in this place"
        return Diagnostic("SCL106", message, arg.span, notes=(takes,), helps=helps, fixes=fixes)
    if before is not None and numbers:
        more = itertools.takewhile(lambda a: isinstance(a, ast.Number), args[at + 1 :])
        values = ", ".join(text(a) for a in (before.value, *run, *more))
        helps = (f"several values are listed in braces: `{before.name}={{{values}}}`",)
    if not helps and (several := _as_set(word, arg, args, call)):
        helps = (f"write `{several}`",)
        fixes = (Fix((Edit(call.span, several),), "maybe-incorrect"),) if call.span.end > call.span.start else ()
    if isinstance(arg, ast.Name) and not helps:
        takers = [n for n, f in fields_of(word).items() if arg.id in f.choices]
        takers += [n for n, f in fields_of(word).items() if f.term is not None and kind_of(arg.id) == f.term.kind]
        helps = (f"write `{takers[0]}={arg.id}`",) if takers else ()
    first = fields_of(word).get(word.order[0]) if word.order else None
    if not helps and isinstance(arg, ast.String) and first is not None and first.many:
        paths = [a for a in (x.value if isinstance(x, ast.Define) else x for x in args) if isinstance(a, ast.String)]
        each = ", ".join(f"{'abcdefgh'[i % 8]}: {word.word}({text(p)})" for i, p in enumerate(paths))
        one = f'files that are one text stand in a folder, `{word.word}("books")`, or fit a pattern'
        helps = (f"{one}; for runs on each, write `{{{each}}}`",)
    if not helps and isinstance(arg, ast.String):
        helps = of_size("N", (word.word,)) or ("leave it out, or say by name what it is",)
    if not helps and (free := _next_free(word, arg, call)):
        helps = (f"write `{free}={text(arg)}`: `{free}` is the {fields_of(word)[free].description}",)
    message = f"`{word.word}` takes no value in this place"
    return Diagnostic("SCL106", message, arg.span, notes=(takes,), helps=helps, fixes=fixes)


def _as_set(word: type[Word], arg: Any, args: list[Any], call: ast.Call) -> str:
    """`walk(er(...), ba(...))`: words of one kind where one is taken are alternatives, in braces."""
    term = fields_of(word)[word.order[0]].term if word.order else None
    first = args[0].value if isinstance(args[0], ast.Define) else args[0]
    if term is None or not isinstance(arg, ast.Call) or not isinstance(first, ast.Call):
        return ""
    values = [a.value if isinstance(a, ast.Define) else a for a in args]
    several = [v for v in values if isinstance(v, ast.Call) and kind_of(v.name) == term.kind]
    rest = "".join(f", {a.name}={text(a.value)}" for a in call.named if a.value not in several)
    return f"{word.word}({{{', '.join(text(v) for v in several)}}}{rest})" if len(several) > 1 else ""


def _in_turn(word: type[Word], arg: Any, call: ast.Call) -> str:
    """The parameter that a value without a name is, all such of the call being given in the order of the reference."""
    given = {a.name for a in call.named}
    given |= {n for group in word.one_of for n in group if given & {*group}}
    free = [n for n in typed(word) if n not in given and n not in word.order and n not in _OF_EVERY]
    free += [n for n in _OF_EVERY if n in typed(word) and n not in given]
    for one in sorted((a for a in call.args if not isinstance(a, ast.Define)), key=lambda a: a.span):
        taken = next((n for n in free if accepts(word, n, one, {})), "")
        if one is arg:
            return taken
        if taken:
            free = free[free.index(taken) + 1 :]
    return ""


def _next_free(word: type[Word], arg: Any, call: ast.Call) -> str:
    """The first parameter that is not given yet and takes a value, of those that are given by name."""
    given = {a.name for a in call.named} | {*word.order}
    for name in ("length", *typed(word)):
        if name in typed(word) and name not in given and isinstance(arg, ast.Number) and accepts(word, name, arg, {}):
            return name
    return ""


def out_of_order(word: type[Word], call: ast.Call) -> Diagnostic | None:
    """Numbers given by position that fit their parameters in one other order alone: `ws(256, .1, 10)`."""
    placed = [a for a in call.named if a.name in word.order and a.name_span.end - a.name_span.start != len(a.name)]
    placed = [a for a in placed if isinstance(a.value, ast.Number)]
    if (turned := _sides(word, placed, call)) is not None:
        return turned
    if not 1 < len(placed) < 5 or all(accepts(word, a.name, a.value, {}) for a in placed):
        return None
    orders = {
        tuple(text(v) for v in values): values
        for values in itertools.permutations([a.value for a in placed])
        if all(accepts(word, a.name, v, {}) for a, v in zip(placed, values, strict=True))
    }
    typed_so = [text(a.value) for a in placed]
    moves = sorted((sum(a != b for a, b in zip(order, typed_so, strict=True)), order) for order in orders)
    if not moves or [m for m, _ in moves].count(moves[0][0]) != 1:
        return None  # several orders are as near
    values = orders[moves[0][1]]
    places = {a.name: v for a, v in zip(placed, values, strict=True)}
    inside = ", ".join(f"{name}={text(value)}" for name, value in places.items())
    behind = "".join(
        f", {a.name}={text(a.value)}" for a in call.named if a.name not in places and a.value != ast.Name(a.name)
    )
    written = f"{word.word}({inside}{behind})"
    message = f"`{word.word}` takes its numbers in the order {listing(word.order)}"
    span = Span(min(a.span.start for a in placed), max(a.span.end for a in placed), call.span.file)
    edits = tuple(Edit(a.span, text(v)) for a, v in zip(placed, values, strict=True) if text(a.value) != text(v))
    return Diagnostic("SCL106", message, span, helps=(f"write `{written}`",), fixes=(Fix(edits, "maybe-incorrect"),))


def _sides(word: type[Word], placed: list[ast.Define], call: ast.Call) -> Diagnostic | None:
    """`lattice(32, 32)`: the side of each direction, where a side and the number of directions are wanted."""
    more = [a for a in call.args if isinstance(a, ast.Number)]
    sides = [*(a.value for a in placed), *more]
    if "dim" not in word.order or len(placed) != 2 or len({text(v) for v in sides}) != 1:
        return None
    if accepts(word, "dim", placed[1].value, {}):
        return None
    written = f"{word.word}({text(sides[0])}, dim={len(sides)})"
    message = f"`{word.word}` takes the nodes of one side, and the number of directions"
    end = max(v.span.end for v in sides)
    span = Span(placed[0].span.start, end, call.span.file)
    edit = Edit(Span(placed[1].span.start, end, call.span.file), f"dim={len(sides)}")
    return Diagnostic("SCL106", message, span, helps=(f"write `{written}`",), fixes=(Fix((edit,), "maybe-incorrect"),))


def written_out(said: Diagnostic, call: ast.Call, kind: Kind, sweeps: Mapping[str, Any]) -> Diagnostic:
    """The finding about a word that others call otherwise, with what is written for it, its arguments as given."""
    meant = called(call.name, kind)
    readings = [m for m in all_called(call.name, kind) if m.partition("(")[0] in REGISTRY and "`" not in m]
    if len(readings) > 1:
        meant = min(readings, key=lambda m: _unread(REGISTRY[m.partition("(")[0]], call, sweeps))
    head, _, sample = meant.partition("(")
    if said.code == "SCL102":
        return replace(said, helps=tuple(h.replace(f"{call.name}(...)", _as_typed(call)) for h in said.helps))
    if not meant and call.args and said.helps and '("graph.txt")' in said.helps[0]:
        inside = ", ".join(f"{a.name}={text(a.value)}" if isinstance(a, ast.Define) else text(a) for a in call.args)
        return replace(said, helps=(said.helps[0].replace('("graph.txt")', f"({inside})"),))
    if call.name in REGISTRY or head not in REGISTRY or "`" in meant:
        first = next((a.value for a in call.args if isinstance(a, ast.String)), "")
        if first and "NAME" in meant:  # a public text by its name
            short, helps = first.rsplit("/", 1)[-1], said.helps
            helps = tuple(h.replace("OWNER/NAME", first).replace("NAME", short) for h in helps)
            return replace(said, helps=helps)
        return said
    word = REGISTRY[head]
    placed = [arg for arg in call.args if not isinstance(arg, ast.Define)]
    given = [
        text(arg)
        for arg, name in itertools.zip_longest(placed, word.order[: len(placed)])
        if arg is not None
        and not (
            name and isinstance(arg, ast.String) and (not accepts(word, name, arg, {}) or arg.value.endswith(BINARY))
        )
    ]
    own, behind, lost = _translated(word, call, sweeps)
    parts = [part for part in sample.removesuffix(")").split(", ") if part]
    if "{1}" in meant:  # both of two values take a place of their own
        values = given if len(given) == 2 else ["512", "2048"]
        parts, given = [] if own else [part.format(*values) for part in parts], []
    placed_here = {part.split("=")[0] for one in own for part in one.split(", ")} & {*word.order[:1]}
    more = [part for part in parts if re.match(r"\w+=", part) or not (given or placed_here)]
    given = (
        given[: len(word.order)]
        if not any(isinstance(a, ast.Call) for a in call.args)
        else [g for g in given if g.split("(")[0] in REGISTRY]
    )
    given = given[:1] if given and any("=" in part for part in more) else given
    if word.order and any(part.startswith(f"{word.order[0]}=") for part in more):
        given = []  # what is given is something else
    more = [part for part in more if part.split("=")[0] not in (*word.order[: len(given)],)]
    named = {part.split("=")[0] for one in own for part in one.split(", ")}
    more = [part for part in more if part.split("=")[0] not in named]
    unnamed = [part for part in more if not re.match(r"\w+=", part)]
    inside = ", ".join([*given, *unnamed, *own, *(part for part in more if part not in unnamed)])
    written = "  ".join([f"{head}({inside})" if inside else head, *behind])
    fixes = (Fix((Edit(call.span, written),), "maybe-incorrect"),) if call.span.end > call.span.start else ()
    why = f": {said_of}" if (said_of := unlike(call.name, kind)) else ""
    return replace(said, helps=(f"write `{written}`{why}", *lost), fixes=fixes)


def _unread(word: type[Word], call: ast.Call, sweeps: Mapping[str, Any]) -> tuple[int, int]:
    """Arguments that are left out where a call is of a word, and those that it does not know by their names."""
    known = (a.name in typed(word) or a.name.lower() in word.also for a in call.named)
    return len(_translated(word, call, sweeps)[2]), sum(not there for there in known)


def _as_typed(call: ast.Call) -> str:
    """A call with its arguments in the order in which they are typed, those by position without a name."""
    shown = []
    for arg in sorted(call.args, key=lambda a: a.span):
        named = isinstance(arg, ast.Define) and arg.name_span.end - arg.name_span.start == len(arg.name)
        value = text(arg.value if isinstance(arg, ast.Define) else arg)
        shown.append(f"{arg.name}={value}" if isinstance(arg, ast.Define) and named else value)
    return f"{call.name}({', '.join(shown)})"


def _translated(
    word: type[Word], call: ast.Call, sweeps: Mapping[str, Any]
) -> tuple[list[str], list[str], tuple[str, ...]]:
    """The named arguments of a call as a word takes them, settings of a run that stand behind it, what is left out.

    Arguments of calls inside it that are of no word, as in `Model(Config(layers=2))`, are its own.
    """
    own: list[str] = []
    behind: list[str] = []
    lost: list[str] = []
    inner = [a for a in call.args if isinstance(a, ast.Call) and a.name not in REGISTRY and a.name not in FUNCTIONS]
    named = [*call.named, *(a for one in inner for a in one.named)]
    beside = {a.name: text(a.value) for a in named}
    for arg in sorted(
        named, key=lambda a: fields_of(word)[a.name].shape != "term" if a.name in fields_of(word) else True
    ):
        name, value, low = arg.name, text(arg.value), arg.name.lower()
        known, also = typed(word), word.also.get(low, "")
        renamed = name if name in known else also.removesuffix("={}") if also.removesuffix("={}") in known else ""
        why, setting = lacking(word, name, value), name if name in SETTINGS else called_elsewhere(name, SETTINGS)
        renamed = renamed or ("" if also else called_elsewhere(name, known) or "")
        if not renamed and not also and not why:
            also = meant_by(name, known, word.also) or ""
            renamed = also.removesuffix("={}") if also.removesuffix("={}") in known else ""
        renamed = renamed or ("" if also or why else _of_kind(word, arg, call))
        if not renamed and not also and not why and (near := similar(name, known)) and sure(name, near, known):
            renamed = near
        if renamed and renamed not in {part.split("=")[0] for part in own}:
            swept = sweeps.get(name) if arg.value == ast.Name(name) else None
            if swept is not None:
                own.append(f"{renamed} in {text(swept.values)}")
            else:
                own.append(f"{renamed}={value_here(fields_of(word)[renamed], arg.value) or value}")
        elif also:
            own.append(filled(also, value, beside))
        elif setting and word.kind == "optimiser":
            behind.append(f"{setting} = {value}")
        elif rest_of(word) is not None:
            meant = quantity_meant(name, value.strip('"')) if value.startswith('"') else ""
            own.append(f"{meant or name}={value}")
        elif (place := _nested(word, name, own)) is not None:
            at, put = place
            own[at] = f"{own[at][:-1]}, {put}={value})" if own[at].endswith(")") else f"{own[at]}({put}={value})"
        else:
            lost.append(f"`{name}={value}` is left out: {why or f'`{word.word}` has nothing of the kind'}")
    return own, behind, tuple(lost)


def _nested(word: type[Word], name: str, own: list[str]) -> tuple[int, str] | None:
    """The argument that is a word which takes a parameter of this name, and its name there."""
    for at, part in enumerate(own):
        inner = REGISTRY.get(part.partition("=")[2].split("(")[0])
        if inner is None or fields_of(word).get(part.split("=")[0]) is None:
            continue
        also = inner.also.get(name.lower(), "").removesuffix("={}")
        put = name if name in typed(inner) else also if also in typed(inner) else called_elsewhere(name, typed(inner))
        if put:
            return at, put
    return None


def unknown_inside(call: ast.Call) -> Iterator[Diagnostic]:
    """Words that do not exist either, among the arguments of one that does not: each is named once."""
    seen: set[str] = set()
    for inner in calls_in(call):
        if inner is not call and inner.name not in REGISTRY and inner.name not in FUNCTIONS and inner.name not in seen:
            seen.add(inner.name)
            kinds: tuple[Kind, ...] = ("graph", "source", "tokenizer", "teacher", "schedule")
            meant = next(filter(None, (called(inner.name, kind) for kind in kinds)), "")
            why = missing(inner.name) or "every word there is stands in `scalingdsl explain`"
            helps = (f"write `{meant}`",) if meant else (why,)
            message = f"`{inner.name}` is nothing that this version knows"
            yield Diagnostic("SCL101", message, inner.name_span, helps=helps)


def kind_of(name: str) -> Kind | None:
    return REGISTRY[name].kind if name in REGISTRY else None
