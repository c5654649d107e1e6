"""Arguments by place: a value where none is taken without a name, and numbers in another order than is taken."""

from __future__ import annotations

import itertools
from collections.abc import Callable
from dataclasses import replace
from typing import Any

from ...diagnostics.suggest import letter, listing
from ...errors import Diagnostic, Edit, Fix
from ...expressions.canonical_tree import text
from ...plan.coerce import called
from ...source import Span
from ...syntax import ast
from ...syntax.numbers import number
from ...syntax.visit import as_call, calls_in
from ...vocabulary.base import Word
from ...vocabulary.parameters import fields_of, typed
from ..axis_rules import of_size
from ..parameter_values import accepts, kind_of

#: Parameters of many words, which come last where values are given in order.
_OF_EVERY = ("length", "seed", "eval_walks", "eval_seed")
#: Tokens of a sequence below which a number is hardly its length.
FEWEST_TOKENS = 4


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
    placed = before is not None and _by_place(before)
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
    if not helps and (place := _of_word(word, arg, call)):
        written = f"{place}={text(arg)}" if arg.span in call.span else f"{place}=..."
        helps = (f"give it by its name, `{written}`: {fields_of(word)[place].description}",)
        fixes = (Fix((Edit(arg.span, written),), "maybe-incorrect"),) if arg.span in call.span else ()
    if not helps and (several := _as_set(word, arg, args, call)):
        helps = (f"write `{several}`",)
        fixes = (Fix((Edit(call.span, several),), "maybe-incorrect"),) if call.span.end > call.span.start else ()
    if isinstance(arg, ast.Name) and not helps:
        takers = [n for n, f in fields_of(word).items() if arg.id in f.choices]
        takers += [n for n, f in fields_of(word).items() if f.term is not None and kind_of(arg.id) == f.term.kind]
        flag = arg.id in typed(word) and fields_of(word)[arg.id].shape == "bool"
        helps = (f"write `{takers[0]}={arg.id}`",) if takers else (f"write `{arg.id}=true`",) if flag else ()
    first = fields_of(word).get(word.order[0]) if word.order else None
    if not helps and isinstance(arg, ast.String) and first is not None and first.many:
        paths = [a for a in (x.value if isinstance(x, ast.Define) else x for x in args) if isinstance(a, ast.String)]
        each = ", ".join(f"{letter(i)}: {word.word}({text(p)})" for i, p in enumerate(paths))
        one = f'files that are one text stand in a folder, `{word.word}("books")`, or fit a pattern'
        helps = (f"{one}; for runs on each, write `{{{each}}}`",)
    if not helps and isinstance(arg, ast.String) and "width=" in (model := called(arg.value.lower(), word.kind)):
        helps = (f"write `{model}`",)
    if not helps and isinstance(arg, ast.String):
        helps = of_size("N", (word.word,)) or ("leave it out, or say by name what it is",)
    if not helps and (free := _next_free(word, arg, call)):
        helps = (f"write `{free}={text(arg)}`: `{free}` is the {fields_of(word)[free].description}",)
    message = f"`{word.word}` takes no value in this place"
    span = arg.span if arg.span in call.span else call.span  # a let stands elsewhere
    return Diagnostic("SCL106", message, span, notes=(takes,), helps=helps, fixes=fixes)


def _of_word(word: type[Word], arg: Any, call: ast.Call) -> str:
    """The one parameter, not given yet, that takes a word of the kind of such a value."""
    kind, given = kind_of(arg.name) if isinstance(arg, ast.Call) else None, {a.name for a in call.named}
    free = [n for n, f in fields_of(word).items() if f.term is not None and f.term.kind == kind and n not in given]
    return free[0] if len(free) == 1 else ""


def _as_set(word: type[Word], arg: Any, args: list[Any], call: ast.Call) -> str:
    """`walk(er(...), ba(...))`: words of one kind where one is taken are alternatives, in braces."""
    term = fields_of(word)[word.order[0]].term if word.order else None
    first = args[0].value if isinstance(args[0], ast.Define) else args[0]
    if term is None or not isinstance(arg, ast.Call) or not isinstance(first, ast.Call):
        return ""
    values = [a.value if isinstance(a, ast.Define) else a for a in args]
    several = [v for v in values if isinstance(v, ast.Call) and kind_of(v.name) == term.kind]
    takes = [n for n in word.order if (other := fields_of(word)[n].term) is not None and other.kind == term.kind]
    if len(takes) > 1:  # a mixture of two takes a mixture for one of them
        nested = f"{word.word}({', '.join(text(v) for v in several[:-1])})"
        return f"{word.word}({nested}, {text(several[-1])})" if len(several) == len(takes) + 1 else ""
    rest = "".join(f", {a.name}={text(a.value)}" for a in call.named if a.value not in several)
    return f"{word.word}({{{', '.join(text(v) for v in several)}}}{rest})" if len(several) > 1 else ""


def _in_turn(word: type[Word], arg: Any, call: ast.Call) -> str:
    """The parameter that a value without a name is, all such of the call being given in the order of the reference."""
    given = {a.name for a in call.named}
    given |= {n for group in word.one_of for n in group if given & {*group}}
    free = [n for n in typed(word) if n not in given and n not in word.order and n not in _OF_EVERY]
    free.sort(key=lambda n: not fields_of(word)[n].required)
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
    numbers = sorted((a for a in call.args if isinstance(a, ast.Number)), key=lambda a: a.span)
    needed = [n for n in typed(word) if n not in given and fields_of(word)[n].required]
    taken: dict[str, ast.Number] = {}
    for one in sorted(numbers, key=lambda a: -float(number(a.text).value)):  # what has no default is large
        if place := next((n for n in needed if n not in taken and accepts(word, n, one, {})), ""):
            taken[place] = one
    for one in numbers:
        own = [n for n in typed(word) if n not in _OF_EVERY]
        alone = len(numbers) == 1 or bool(word.order)
        small = not alone or float(number(one.text).value) < FEWEST_TOKENS
        names = (*own, *_OF_EVERY) if small else (*_OF_EVERY, *own)
        there = [n for n in names if n in typed(word) and n not in given and n not in needed]
        mine = next((n for n, value in taken.items() if value is one), "")
        found = mine or next((n for n in there if accepts(word, n, one, {})), "")
        if one is arg:
            return found
        given.add(found)
    return ""


def exchanged(word: type[Word], call: ast.Call) -> Diagnostic | None:
    """Values of several kinds in another order than is taken: `ngram(3, book)`, `walk(32, er(...))`; each goes to what
    takes its kind.
    """
    placed = [a for a in call.named if a.name in word.order and _by_place(a)]
    values = [*(a.value for a in placed), *(a for a in call.args if not isinstance(a, ast.Binding))]
    if len(values) < 2 or all(_fits(word, a.name, a.value) or _is_number(word, a) for a in placed):
        return None
    swept = any(a.value == ast.Name(a.name) for inner in calls_in(call) for a in inner.named)
    if swept or all(isinstance(v, ast.Number) for v in values):
        return None
    named = [a for a in call.named if a not in placed]
    places: dict[str, Any] = {}
    for value in sorted(values, key=lambda v: isinstance(v, ast.Number)):  # the others have one place each
        place = _place(word, value, {*(a.name for a in named), *places})
        if place is None:
            return None
        places[place[0]] = place[1]
    if all(a.name in places and text(a.value) in text(places[a.name]) for a in placed):
        return None  # each stands where it belongs
    first = [typed_so(places[n]) for i, n in enumerate(word.order) if n in places and set(word.order[:i]) <= {*places}]
    rest = [f"{n}={typed_so(v)}" for n, v in places.items() if n not in word.order[: len(first)]]
    written = f"{word.word}({', '.join((*first, *rest, *(f'{a.name}={typed_so(a.value)}' for a in named)))})"
    takes = f"{listing(word.order)} in this order" if len(word.order) > 1 else f"`{word.order[0]}` first"
    message = f"`{word.word}` takes {takes}, and all else by name"
    fixes = (Fix((Edit(call.span, written),), "maybe-incorrect"),)
    return Diagnostic("SCL106", message, call.span, helps=(f"write `{written}`",), fixes=fixes)


def _is_number(word: type[Word], arg: ast.Define) -> bool:
    """True where a number stands for one, whatever its bounds."""
    return isinstance(arg.value, ast.Number) and fields_of(word)[arg.name].shape in ("int", "float")


def turned(word: type[Word], call: ast.Call, flaw: Callable[[ast.Call], bool]) -> Diagnostic | None:
    """Numbers given by position that only go together in another order: `regular(3, 100)`."""
    placed = [a for a in call.named if a.name in word.order and _by_place(a) and isinstance(a.value, ast.Number)]
    right = []
    for values in itertools.permutations([a.value for a in placed]) if 1 < len(placed) < 4 else ():
        put = dict(zip((a.name for a in placed), values, strict=True))
        fits = all(accepts(word, n, v, {}) for n, v in put.items())
        args = (replace(a, value=put[a.name]) if isinstance(a, ast.Define) and a in placed else a for a in call.args)
        tried = replace(call, args=tuple(args))
        if fits and not flaw(tried):
            right.append(tried)
    if len(right) != 1:
        return None
    written = typed_so(right[0])
    fixes = (Fix((Edit(call.span, written),), "maybe-incorrect"),)
    message = f"`{word.word}` takes its numbers in the order {listing(word.order)}"
    return Diagnostic("SCL106", message, call.span, helps=(f"write `{written}`",), fixes=fixes)


def _by_place(arg: ast.Define) -> bool:
    return arg.name_span == arg.span


def _place(word: type[Word], value: Any, given: set[str]) -> tuple[str, Any] | None:
    """The parameter that takes a value, and the value as it takes it: a file of a text as that text."""
    fields = fields_of(word)
    required = [n for n in typed(word) if fields[n].required]
    own = [n for n in (*word.order, *typed(word)) if n not in _OF_EVERY]
    small = isinstance(value, ast.Number) and float(number(value.text).value) < FEWEST_TOKENS
    names = (*required, *own, *_OF_EVERY) if small else (*required, *word.order, *_OF_EVERY, *own)
    there = [n for n in names if n in typed(word) and n not in given]
    if found := next((n for n in there if _fits(word, n, value)), ""):
        return found, value
    texts = (n for n in there if (term := fields[n].term) is not None and term.kind == "source")
    if isinstance(value, ast.String) and (found := next(texts, "")):
        return found, ast.Call("text", (value,))
    return None


def typed_so(node: Any) -> str:
    """A value as it is typed, those that have no name without one."""
    if not isinstance(node, ast.Call):
        return node.text if isinstance(node, ast.Number) else text(node)
    shown = [
        typed_so(a) if not isinstance(a, ast.Define) else f"{'' if _by_place(a) else f'{a.name}='}{typed_so(a.value)}"
        for a in sorted(node.args, key=lambda a: a.span)
    ]
    return f"{node.name}({', '.join(shown)})" if shown else node.name


def _fits(word: type[Word], name: str, value: Any) -> bool:
    """True where a value is of the kind that a parameter takes."""
    term = fields_of(word)[name].term
    if term is None:
        return not isinstance(value, ast.Call | ast.Name) and accepts(word, name, value, {})
    inner = as_call(value)
    return inner is not None and kind_of(inner.name) == term.kind


def out_of_order(word: type[Word], call: ast.Call) -> Diagnostic | None:
    """Numbers given by position that fit their parameters in one other order alone: `ws(256, .1, 10)`."""
    placed = [a for a in call.named if a.name in word.order and _by_place(a) and isinstance(a.value, ast.Number)]
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


def sides_in_a_tuple(word: type[Word], arg: ast.Define, call: ast.Call) -> Diagnostic | None:
    """`lattice(dim=(16, 16))`, `lattice(side=(8, 8, 8))`: the nodes of every direction, which are equal here."""
    items = arg.value.items if isinstance(arg.value, ast.Group) else ()
    inside = [v for v in items if isinstance(v, ast.Number)]
    if "dim" not in word.order or not inside or len(inside) < len(items):
        return None
    largest = max(inside, key=lambda v: number(v.text).value)
    given = {a.name for a in call.named if a is not arg}
    written = ", ".join(
        one for one in (f"{word.order[0]}={largest.text}", f"dim={len(inside)}") if one.split("=")[0] not in given
    )
    equal = len({text(v) for v in inside}) == 1
    message = f"`{word.word}` takes the nodes of one side, and the number of directions"
    if not equal:
        message = f"every side of a `{word.word}` has as many nodes"
    fixes = (Fix((Edit(arg.span, written),), "maybe-incorrect"),)
    return Diagnostic("SCL203", message, arg.span, helps=(f"write `{written}`",), fixes=fixes)


def _sides(word: type[Word], placed: list[ast.Define], call: ast.Call) -> Diagnostic | None:
    """`lattice(32, 32)`, `lattice(20, 30)`: the side of each direction, where one and their number are wanted."""
    more = [a for a in call.args if isinstance(a, ast.Number)]
    sides = [*(a.value for a in placed), *more]
    numbers = [v for v in sides if isinstance(v, ast.Number)]
    if "dim" not in word.order or len(placed) != 2 or len(numbers) < len(sides):
        return None
    if accepts(word, "dim", placed[1].value, {}):
        return None
    largest = text(max(numbers, key=lambda v: number(v.text).value))
    written = f"{word.word}({largest}, dim={len(sides)})"
    message = f"`{word.word}` takes the nodes of one side, and the number of directions"
    if len({text(v) for v in sides}) > 1:
        message = f"every side of a `{word.word}` has as many nodes, and the second number is that of directions"
    end = max(v.span.end for v in sides)
    span = Span(placed[0].span.start, end, call.span.file)
    edit = Edit(Span(placed[0].span.start, end, call.span.file), f"{largest}, dim={len(sides)}")
    return Diagnostic("SCL106", message, span, helps=(f"write `{written}`",), fixes=(Fix((edit,), "maybe-incorrect"),))
