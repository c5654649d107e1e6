"""Named arguments that a word does not take: what is written for them here, or where they belong."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from ...diagnostics.concepts import missing
from ...diagnostics.suggest import (
    ELSEWHERE,
    UNSURE,
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
from ...errors import Diagnostic, Edit, Fix
from ...expressions.canonical_tree import text
from ...expressions.sweeps import so_many
from ...plan.coerce import said_of_call
from ...source import Span
from ...syntax import ast
from ...syntax.visit import free_names
from ...vocabulary.base import KINDS, REGISTRY, Word
from ...vocabulary.choices import TRUTHS
from ...vocabulary.parameters import fields_of, typed
from ...vocabulary.settings import SETTINGS
from ..axis_rules import of_size
from ..parameter_values import accepts, begun_by, kind_of, value_here

#: Parameters that a message lists as what may be said.
LISTED = 12
#: Words that a message lists as those which have a parameter.
MOST_OTHERS = 4
#: Characters between two arguments.
FURTHEST = 12

#: What is written for a parameter where a part of it is for the person to say.
INVENTED = ("p_in={}, p_out=0.005", "p_in=0.05, p_out={}", "base_width=64")
#: Values of a switch that is off.
_DENIED = ("false", "0", "no", "off", "none")
#: What shares of a rate are of.
RATE = "lr"
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


def unknown_parameter(
    word: type[Word], arg: ast.Define, names: Mapping[str, Any], call: ast.Call, outer: ast.Call | None = None
) -> Diagnostic:
    """A parameter that the word does not have, with what is written for it: another name, another form, or nothing;
    `outer` is the call that such a word is a value of.
    """
    known = typed(word)
    low = arg.name.lower()
    beside = {a.name: text(a.value) for a in call.named if a is not arg}
    swept = names[arg.name].values if arg.value == ast.Name(arg.name) and arg.name in names else arg.value
    unread = isinstance(arg.value, ast.Number) and arg.value.span.end - arg.value.span.start > len(arg.value.text)
    exact = word.also.get(low, "") if not unread else ""
    another = ELSEWHERE.get(low, "") not in ("", *known)  # the name of a parameter of another word
    found = exact or ("" if unread or another else meant_by(arg.name, known, word.also)) or ""
    renamed = found.removesuffix("={}")
    one = _first(swept)
    if renamed in known and not (accepts(word, renamed, one, names) or value_here(fields_of(word)[renamed], one)):
        exact = found = renamed = ""  # it is something else
    if not found and (begun := begun_by(word, low, beside)):
        found = renamed = begun
    meant = renamed if renamed in known else None
    around = {a.name: text(a.value) for a in outer.named if a.name == RATE} if outer is not None else {}
    written = "" if meant else _each(found, swept, beside) or filled(found, text(swept), {**around, **beside})
    given = next((n for n in (part.split("=")[0] for part in written.split(", ")) if n in beside), "")
    joined = _joined(written, found, arg, call) if "=" in written else None
    written = "" if given or joined else written
    why = lacking(word, arg.name, text(swept))
    if written and "{" not in found and text(swept).lower().strip('"') in _DENIED:
        written, why = "", f"`{found}` is said where it is wanted"
    if why and not (exact or called_elsewhere(arg.name, known)):
        meant, written = None, ""
    near = meant or (None if written or given or why or of_size(arg.name, (word.word,)) else _similar(word, arg, names))
    if near and not meant and not sure(arg.name, near, known) and _elsewhere(arg, word, True):
        near = None  # it is a parameter of something else
    turned = "" if meant or written or low in word.lacks else _turned(word, arg)
    alone = arg.name_span.end - arg.name_span.start == len(arg.name)
    fixes: tuple[Fix, ...] = ()
    helps: tuple[str, ...]
    read = arg.value != ast.Name(arg.name) and any(arg.name in free_names(a.value) for a in call.named if a is not arg)
    if read and alone:
        own = f"{arg.name} = {text(arg.value)}"
        helps = (f"a name of the study's own stands behind the parentheses: write `{own}` there",)
        behind = Edit(Span(call.span.end, call.span.end, call.span.file), f"  {own}")
        fixes = tuple(Fix((*out.edits, behind), "maybe-incorrect") for out in left_out(arg, call))
    elif near == "seed" and low.endswith("seeds") and text(arg.value).isdigit():
        several = so_many(int(text(arg.value)))
        helps = (f"for so many write `seed in {several}`", f"or `seed={text(arg.value)}` for the one of that number")
        fixes = (Fix((Edit(arg.span, f"seed in {several}"),), "maybe-incorrect"),) if alone else ()
    elif turned:
        helps = (f"write `{turned}`",)
        fixes = (Fix((Edit(arg.span, turned),), "maybe-incorrect"),) if alone else ()
    elif near and (none := said_of_call(arg.value)):
        helps = (f"leave `{_given(arg)}` out: {none}",)
        fixes = left_out(arg, call) if alone else ()
    elif near and meant and near in beside:
        helps = (f"leave `{_given(arg)}` out: that is called `{near}`, and is given as {beside[near]}",)
        fixes = left_out(arg, call) if alone else ()
    elif near:
        helps = (f"that is called `{near}`" if meant else f"a parameter with a similar name exists: `{near}`",)
        # A name that stands in the text on its own can be replaced.
        takes = accepts(word, near, arg.value, names)
        listed = meant is not None and (near == exact.removesuffix("={}") or called_elsewhere(arg.name, known) == near)
        listed = listed and low not in word.vague | UNSURE
        certain = alone and takes and (listed or (low not in word.vague and sure(arg.name, near, known)))
        fixes = (Fix((Edit(arg.name_span, near),)),) if certain else ()
        if alone and takes and meant and not certain:
            fixes = (Fix((Edit(arg.name_span, near),), "maybe-incorrect"),)
        if not takes and (value := value_here(fields_of(word)[near], arg.value)):
            helps = (f"write `{near}={value}`",)
            fixes = (Fix((Edit(arg.span, f"{near}={value}"),), "maybe-incorrect"),) if alone else ()
    elif joined is not None:
        helps, fixes = joined
    elif isinstance(swept, ast.Set | ast.Range) and (over := _OVER.fullmatch(found)) and "=" in written:
        own = f"`{word.word}(..., {over['name']}={arg.name}{over['by']})`"
        helps = (f"a factor is an axis of its own: {own}, with `{arg.name} in {text(swept)}` behind the parentheses",)
    elif written and ("=" in written or " in " in written):
        helps = _instead(word, written)
        if "{len}" in found and len({*re.findall(r"[\w.]+", text(swept))}) > 1:
            helps = (f"{helps[0]}: blocks are of one size", *helps[1:])
        alone = alone and found not in INVENTED
        if found in INVENTED:
            helps = (f"say it here by parameters of its own, such as `{written}`",)
        helps = (f"{helps[0]}: {why}", *helps[1:]) if why else helps
        fixes = (Fix((Edit(arg.span, written),), "maybe-incorrect"),) if alone else ()
    elif size := of_size(arg.name, (word.word,)):
        helps = size
    else:
        helps = _amount_twice(arg, names) if word.kind == "optimiser" else ()
        fixes = left_out(arg, call) if helps and alone else ()
        lacked = any(form in word.lacks for form in forms(arg.name))
        helps = helps or (_elsewhere(arg, word, bool(why)) if not lacked else ())
        instead = filled(found, text(swept), beside) if given and "(" in found else ""
        before = next((a for a in call.named if a.name == given), None)
        if not helps and instead and before is not None and _word_given(text(before.value)) != _word_given(instead):
            helps = (f"write `{instead}` in place of `{text(before).replace(' = ', '=')}`",)
            out = left_out(arg, call)
            fixes = (Fix((Edit(before.span, instead), *out[0].edits), "maybe-incorrect"),) if alone and out else ()
        if not helps and given and found:
            helps = (f"leave `{_given(arg)}` out: `{given}` is given, and says the same",)
            fixes = left_out(arg, call) if alone else ()
        elif not helps and why:
            helps = (f"leave `{_given(arg)}` out: {why}",)
            fixes = left_out(arg, call) if alone else ()
        if not helps and (name := of_kind(word, arg, call)):
            helps = (f"that is called `{name}`",)
            fixes = (Fix((Edit(arg.name_span, name),), "maybe-incorrect"),) if alone else ()
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


def _first(swept: Any) -> Any:
    """The first of the values of a sweep; of one value, itself."""
    if isinstance(swept, ast.Set) and swept.entries:
        return swept.entries[0].value
    return swept.start if isinstance(swept, ast.Range) else swept


#: A parameter as another one over what stands beside it: `p={}/n`.
_OVER = re.compile(r"(?P<name>\w+)=\{\}(?P<by>[*/]\w+)")


def _each(found: str, swept: Any, beside: Mapping[str, str]) -> str:
    """An axis whose every value is written otherwise, `p in {4/512, 8/512}`; empty where that takes no arithmetic."""
    form = _OVER.fullmatch(found)
    if form is None or not isinstance(swept, ast.Set | ast.Range):
        return ""
    by = re.sub(r"[A-Za-z_]\w*", lambda m: beside.get(m[0], m[0]), form["by"])
    if not re.fullmatch(r"[*/]\d+", by) or (isinstance(swept, ast.Set) and any(e.label for e in swept.entries)):
        return ""
    if isinstance(swept, ast.Set):
        return f"{form['name']} in {{{', '.join(f'{text(e.value)}{by}' for e in swept.entries)}}}"
    return f"{form['name']} in [{text(swept.start)}{by}..{text(swept.stop)}{by}]"


def _word_given(value: str) -> str:
    """The word that a value is, of `schedule=wsd(decay=20%)` the `wsd`."""
    return value.rpartition("=")[2] if "(" not in value else value.split("(")[0].rpartition("=")[2]


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


def of_kind(word: type[Word], arg: ast.Define, call: ast.Call) -> str:
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
    if "(" not in meant and not re.search(r"\{\*|/length", word_also):
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
    setting = name if name in SETTINGS else called_elsewhere(name, SETTINGS) if name.lower() not in _OF_MANY else None
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
    if len(args) < len(call.args) and (not at or arg.span.start - args[at - 1].span.end > len(", ")):
        return ()  # what stands beside it is a name, whose value stands elsewhere
    span = arg.span
    if at:
        span = Span(args[at - 1].span.end, span.end, span.file)
    elif len(args) > 1:
        span = Span(span.start, args[1].span.start, span.file)
    between = (span.end - span.start) - (arg.span.end - arg.span.start)
    # More than a comma and a line between: something stands there that could not be read.
    return (Fix((Edit(span, ""),), "maybe-incorrect"),) if between <= FURTHEST else ()
