"""Calls of words that others know by another name, written out for the word that is meant, their arguments as given."""

from __future__ import annotations

import itertools
import re
from collections.abc import Iterator, Mapping
from dataclasses import replace
from types import MappingProxyType
from typing import Any

from ...diagnostics.concepts import missing
from ...diagnostics.suggest import called_elsewhere, filled, meant_by, similar, sure
from ...errors import Diagnostic, Edit, Fix
from ...expressions.canonical_tree import text
from ...plan.coerce import all_called, called, unlike
from ...resolve.columns import quantity_meant
from ...syntax import ast
from ...syntax.visit import calls_in
from ...vocabulary.base import REGISTRY, Kind, Word
from ...vocabulary.functions import FUNCTIONS
from ...vocabulary.parameters import fields_of, rest_of, typed
from ...vocabulary.settings import SETTINGS
from ..parameter_values import accepts, drawn, value_here
from .argument_places import typed_so
from .unknown_parameters import lacking, of_kind

#: Ends of names of files that hold numbers of other tools.
BINARY = (".bin", ".npy", ".npz", ".pt", ".pkl", ".arrow", ".tfrecord", ".h5", ".idx", ".memmap")

#: A model that a program of one's own trains, as an example has it, and the least that it is told.
OF_A_TRAINER = "external(N=12*layers*width^2, layers=18, width in {64, 128, 256})"
_SIZED_BY = {"layers": "layers=18", "width": "width in {64, 128, 256}"}


def _for_a_trainer(call: ast.Call, sweeps: Mapping[str, Any]) -> str:
    """The example of a model of one's own trainer, with what is given of sizes in place of its own."""
    given = {}
    for arg in call.named:
        name = arg.name if arg.name in _SIZED_BY else called_elsewhere(arg.name, _SIZED_BY)
        if name:
            own = replace(arg, name=name)
            swept = sweeps.get(arg.name) if arg.value == ast.Name(arg.name) else None
            given[name] = f"{name} in {text(swept.values)}" if swept is not None else text(own).replace(" = ", "=")
    sizes = ", ".join((_SIZED_BY | given).values())
    return f"external(N=12*layers*width^2, {sizes})"


def written_out(said: Diagnostic, call: ast.Call, kind: Kind, sweeps: Mapping[str, Any]) -> Diagnostic:
    """The finding about a word that others call otherwise, with what is written for it, its arguments as given."""
    meant = called(call.name, kind)
    readings = [m for m in all_called(call.name, kind) if m.partition("(")[0] in REGISTRY and "`" not in m]
    if len(readings) > 1:
        meant = min(readings, key=lambda m: _unread(REGISTRY[m.partition("(")[0]], call, sweeps))
    head, _, sample = meant.partition("(")
    if said.code == "SCL102":
        return replace(said, helps=tuple(h.replace(f"{call.name}(...)", as_typed(call, sweeps)) for h in said.helps))
    if not meant and call.args and said.helps and '("graph.txt")' in said.helps[0]:
        inside = ", ".join(f"{a.name}={text(a.value)}" if isinstance(a, ast.Define) else text(a) for a in call.args)
        return replace(said, helps=(said.helps[0].replace('("graph.txt")', f"({inside})"),))
    if call.name in REGISTRY or head not in REGISTRY or "`" in meant:
        first = next((a.value for a in call.args if isinstance(a, ast.String)), "")
        if first and "NAME" in meant:  # a public text by its name
            short, helps = first.rsplit("/", 1)[-1], said.helps
            helps = tuple(h.replace("OWNER/NAME", first).replace("NAME", short) for h in helps)
            return replace(said, helps=helps)
        return replace(said, helps=tuple(h.replace(OF_A_TRAINER, _for_a_trainer(call, sweeps)) for h in said.helps))
    word = REGISTRY[head]
    placed = [arg for arg in call.args if not isinstance(arg, ast.Define)]
    given = [
        typed_so(arg)
        for arg, name in itertools.zip_longest(placed, word.order[: len(placed)])
        if arg is not None
        and not (
            name and isinstance(arg, ast.String) and (not accepts(word, name, arg, {}) or arg.value.endswith(BINARY))
        )
    ]
    parts = [part for part in sample.removesuffix(")").split(", ") if part]
    beside = dict(part.split("=") for part in parts if re.fullmatch(r"\w+=\w+", part))
    own, behind, lost = _translated(word, call, sweeps, beside)
    if places := {int(i) for i in re.findall(r"\{(\d)\}", meant)}:  # each value takes a place of its own
        whole = len(placed) == 1 + max(places)
        values = [text(arg) for arg in placed] if whole else ["512", "2048", ".05", ".005"]
        parts = [part.format(*values) for part in parts] if whole or not own else []
        given = []
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


def as_word(word: type[Word], call: ast.Call) -> tuple[str, tuple[str, ...]]:
    """What is written for a call of another word in this one, and what is said of arguments that it has not."""
    given = ast.Call(word.word, tuple(a for a in call.named), span=call.span)
    own, _, lost = _translated(word, given, {})
    return f"{word.word}({', '.join(own)})" if own else word.word, lost


def _unread(word: type[Word], call: ast.Call, sweeps: Mapping[str, Any]) -> tuple[int, int]:
    """Arguments that are left out where a call is of a word, and those that it does not know by their names."""
    known = (a.name in typed(word) or a.name.lower() in word.also for a in call.named)
    return len(_translated(word, call, sweeps)[2]), sum(not there for there in known)


def as_typed(call: ast.Call, sweeps: Mapping[str, Any]) -> str:
    """A call with its arguments in the order in which they are typed, those by position without a name."""
    shown = []
    fields = fields_of(REGISTRY[call.name])
    for arg in sorted(call.args, key=lambda a: a.span):
        named = isinstance(arg, ast.Define) and arg.name_span.end - arg.name_span.start == len(arg.name)
        value = text(arg.value if isinstance(arg, ast.Define) else arg)
        if isinstance(arg, ast.Define) and arg.name in fields:
            value = drawn(fields[arg.name], arg.value) or value
        if isinstance(arg, ast.Define) and arg.value == ast.Name(arg.name) and arg.name in sweeps:
            value = text(sweeps[arg.name].values)
        shown.append(f"{arg.name}={value}" if isinstance(arg, ast.Define) and named else value)
    return f"{call.name}({', '.join(shown)})"


def _translated(
    word: type[Word], call: ast.Call, sweeps: Mapping[str, Any], sample: Mapping[str, str] = MappingProxyType({})
) -> tuple[list[str], list[str], tuple[str, ...]]:
    """The named arguments of a call as a word takes them, settings of a run that stand behind it, what is left out.

    Arguments of calls inside it that are of no word, as in `Model(Config(layers=2))`, are its own.
    """
    own: list[str] = []
    behind: list[str] = []
    lost: list[str] = []
    inner = [a for a in call.args if isinstance(a, ast.Call) and a.name not in REGISTRY and a.name not in FUNCTIONS]
    named = [*call.named, *(a for one in inner for a in one.named)]
    beside = {**sample, **{a.name: text(a.value) for a in named}}
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
        renamed = renamed or ("" if also or why else of_kind(word, arg, call))
        if not renamed and not also and not why and (near := similar(name, known)) and sure(name, near, known):
            renamed = near
        if renamed and renamed not in {part.split("=")[0] for part in own}:
            swept = sweeps.get(name) if arg.value == ast.Name(name) else None
            if swept is not None:
                role = f"{swept.role} " if swept.role in ("tune", "panel") else ""
                own.append(f"{role}{renamed} in {text(swept.values)}")
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
            if why and why.partition(";")[0] in unlike(call.name, word.kind):
                continue  # said of the word itself
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


def of_a_name(said: Diagnostic, call: ast.Call, kind: Kind) -> Diagnostic:
    """A word that is not known, without parentheses and like none: a name may have been meant that has no `let`."""
    sample = next((w.sample for w in REGISTRY.values() if w.kind == kind and w.sample), "")
    if kind not in ("graph", "source") or call.args or call.span != call.name_span or said.fixes or not sample:
        return said
    if not said.helps or not said.helps[0].endswith((f'("{call.name}.txt")`', f'("{call.name.lower()}.txt")`')):
        return said
    named = f"for a name of yours write `let {call.name} = {sample}` above, with what it stands for"
    return replace(said, helps=(named, f"or, for a file, {said.helps[0].partition('write ')[2]}"))
