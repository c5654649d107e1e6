"""Every name that has a meaning in studies, for `scalingdsl explain NAME`: words, clauses, parameters, quantities.

A name may have several: `min` is a function and a reduction, `width` a parameter of several models. What is said of
each is read off the declarations, as the reference page is.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

from ..syntax.numbers import LETTERS
from . import REGISTRY
from .clauses import CLAUSES, STATEMENTS
from .functions import ASYMMETRY, ASYMMETRY_MEANING, CELL_FUNCTIONS, CURVES, REDUCTIONS
from .law_options import LAW_OPTIONS
from .parameters import fields_of, typed
from .quantities import QUANTITIES
from .reference import facts, field_row, table, word_page
from .settings import SETTINGS
from .words.laws import OBJECTIVES, Law, Parameter
from .words.optima import OptimumMethod


class Meaning(NamedTuple):
    """One meaning of a name."""

    #: What the name is, such as `a clause`.
    what: str
    meaning: str
    example: str = ""


def names() -> frozenset[str]:
    """Every name that `meanings` or the vocabulary knows."""
    parameters = {name for word in REGISTRY.values() for name in typed(word)}
    fitted = {p.name for law in REGISTRY.values() for p in _fitted(law)}
    tables = (CLAUSES, STATEMENTS, LETTERS, SETTINGS, QUANTITIES, LAW_OPTIONS, OBJECTIVES, CURVES, REDUCTIONS)
    return frozenset(
        {*REGISTRY, *parameters, *fitted, *(f for f, _, _ in facts()), ASYMMETRY, *CELL_FUNCTIONS}.union(*tables)
    )


def meanings(name: str) -> Iterator[Meaning]:
    """What a name means where it is no word with a page of its own, and beside that."""
    if (clause := STATEMENTS.get(name)) is not None:
        yield Meaning("a statement", clause.meaning, clause.example)
    if (clause := CLAUSES.get(name)) is not None:
        yield Meaning("a clause", clause.meaning, clause.example)
    if name in LETTERS:
        yield Meaning("letters behind a number", LETTERS[name])
    if name in SETTINGS:
        yield Meaning("a setting of `train`", SETTINGS[name].description)
    if (quantity := QUANTITIES.get(name)) is not None:
        unit = f", in {quantity.unit}" if quantity.unit else ""
        yield Meaning(f"a quantity of a {quantity.of}{unit}", quantity.meaning)
    if (option := LAW_OPTIONS.get(name)) is not None:
        yield Meaning("an option of every law", option.meaning, option.example)
    if name in OBJECTIVES:
        yield Meaning("an objective", f"minimises {OBJECTIVES[name]}")
    if name in CURVES:
        yield Meaning("a quantity of a fit", CURVES[name].meaning)
    if name == ASYMMETRY:
        yield Meaning("a quantity of cells", ASYMMETRY_MEANING)
    if name in CELL_FUNCTIONS:
        yield Meaning("a function", CELL_FUNCTIONS[name].meaning)
    if name in REDUCTIONS:
        yield Meaning("a reduction", REDUCTIONS[name])
    yield from (Meaning(f"a fact of `{word}`", meaning, f"{name}(data)") for n, word, meaning in facts() if n == name)
    yield from _fitted_as(name)


def _fitted_as(name: str) -> Iterator[Meaning]:
    """A parameter of laws and optima, said once for all that mean the same by it."""
    found: dict[str, list[str]] = {}
    for word, law in REGISTRY.items():
        for parameter in _fitted(law):
            if parameter.name == name:
                found.setdefault(parameter.meaning, []).append(f"`{word}`")
    for meaning, words in found.items():
        yield Meaning(f"a fitted number of {', '.join(words)}", meaning)


def _fitted(word: type) -> tuple[Parameter, ...]:
    """Parameters of a law, those of another name in D and in C too, or the numbers of an optimum."""
    if issubclass(word, OptimumMethod):
        return word.params
    if not issubclass(word, Law):
        return ()
    ways = (("N",), ("D",), ("C",)) if word.order == ("x",) and not word.readable else (word.variables,)
    return tuple({p.name: p for way in ways for p in word.params_in(way)}.values())


def parameter_of(name: str) -> tuple[str, ...]:
    """Words that have a parameter of this name."""
    return tuple(word for word, term in REGISTRY.items() if name in typed(term))


def page(name: str) -> str:
    """All that is known of a name, in Markdown."""
    lines = [word_page(name)] if name in REGISTRY else [f"### `{name}`", ""]
    for one in meanings(name):
        example = f" For example `{one.example}`." if one.example else ""
        lines += [f"{one.what[0].upper()}{one.what[1:]}: {one.meaning}.{example}", ""]
    rows = [(f"`{word}`", *field_row(fields_of(REGISTRY[word])[name])) for word in parameter_of(name)]
    if rows:
        lines += [*table([("parameter of", "takes", "default", "meaning"), *rows]), ""]
    return "\n".join(lines).rstrip() + "\n"
