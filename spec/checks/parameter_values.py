"""The values of parameters, each as far as it can be judged without the grid."""

from __future__ import annotations

import re
from collections.abc import Container, Mapping
from typing import Any

from ..diagnostics.collect import Fault
from ..errors import Edit, Fix
from ..expressions.canonical_tree import text
from ..plan.coerce import called, check_units, coerce, number_for, without_quotes
from ..plan.grid import Grid
from ..syntax import ast
from ..syntax.numbers import number
from ..syntax.visit import as_call, calls_in, free_names
from ..vocabulary.base import REGISTRY, Kind, Word
from ..vocabulary.choices import TRUTHS, choice_meant
from ..vocabulary.parameters import Field, fields_of, typed


def nowhere() -> Grid:
    """A grid without axes or components: what is the same at every point can be computed in it."""
    return Grid({}, {}, (), {}, {}, {})


def kind_of(name: str) -> Kind | None:
    """The kind of a word; None of what is none."""
    return REGISTRY[name].kind if name in REGISTRY else None


def accepts(word: type[Word], parameter: str, value: Any, names: Mapping[str, Any]) -> bool:
    """True where a value, or every one of a sweep, may be that of a parameter, as far as it can be told without the
    grid.
    """
    field = fields_of(word)[parameter]
    if isinstance(value, ast.Range | ast.Set):
        ends = (value.start, value.stop) if isinstance(value, ast.Range) else tuple(e.value for e in value.entries)
        return all(accepts(word, parameter, one, names) for one in ends)
    if field.shape == "term":
        return as_call(value) is not None
    try:
        check_value(field, value, word.word, names)
    except Fault:
        return False
    return True


def check_value(field: Field, node: Any, owner: str, names: Mapping[str, Any]) -> None:
    """`Fault` where a value that reads no other name does not fit its parameter."""
    check_units(node, field, owner, next((s.name for s in names.values() if getattr(s, "along", False)), ""))
    if field.shape == "str" and isinstance(node, ast.Name) and node.id not in names:
        message = f"`{field.name}` of `{owner}` wants {field.wanted}, not the name `{node.id}`"
        raise Fault("SCL203", message, node.span, helps=(f'write `"{node.id}"`',))
    if field.shape == "str" and isinstance(node, ast.Binary) and all(n not in names for n in free_names(node)):
        plain = text(node).replace(" ", "")
        message = f"`{field.name}` of `{owner}` wants {field.wanted}, and `{plain}` has none"
        fixes = (Fix((Edit(node.span, f'"{plain}"'),), "maybe-incorrect"),)
        raise Fault("SCL203", message, node.span, helps=(f'write `"{plain}"`',), fixes=fixes)
    if field.shape == "choice" and isinstance(node, ast.Call) and node.name in field.choices:
        args = [f"{a.name}={text(a.value)}" if isinstance(a, ast.Define) else text(a) for a in node.args]
        message = f"`{node.name}` is a value of `{field.name}` and takes none itself"
        helps = (f"write `{', '.join((f'{field.name}={node.name}', *args))}`, all in `{owner}`",)
        raise Fault("SCL106", message, node.span, helps=helps)
    if field.shape in ("bool", "choice") and isinstance(node, ast.Name):
        if node.id not in names:
            coerce(node.id, field, owner, node.span)
    elif part := _part_of_a_whole(field, node):
        message = f"`{field.name}` of `{owner}` is one share, and `{text(node)}` is two"
        fixes = (Fix((Edit(node.span, part),), "maybe-incorrect"),)
        notes = (f"`{field.name}`: {field.description}",)
        raise Fault("SCL208", message, node.span, notes=notes, helps=(f"write `{field.name}={part}`",), fixes=fixes)
    elif isinstance(node, ast.Group) and len(node.items) > 1 and (inner := _arguments(node)):
        message = f"the arguments of `{owner}` stand in its own parentheses alone"
        fixes = (Fix((Edit(node.span, inner),), "maybe-incorrect"),)
        raise Fault("SCL203", message, node.span, helps=(f"write `{inner}`",), fixes=fixes)
    elif not list(free_names(node)) or (isinstance(node, ast.Group) and len(node.items) > 1):
        value = nowhere().argument(field, node, owner)
        value.at({})


def _arguments(node: ast.Group) -> str:
    """What stands in parentheses that are one too many, `("runs.csv", N == "params")`; empty where it is a tuple."""
    found = []
    for item in node.items:
        match item:
            case ast.Chain(ast.Name(name), (("==", value),)):
                found.append(f"{name}={text(value)}")
            case ast.String():
                found.append(text(item))
    return ", ".join(found) if len(found) == len(node.items) and any("=" in one for one in found) else ""


def _part_of_a_whole(field: Field, node: Any) -> str:
    """The second of two parts that make up a whole, `0.9/0.1`, `80/20`, as a share; empty where it is no such thing,
    or a share as it stands, `2/8`.
    """
    if field.shape != "float" or field.high != 1 or not (isinstance(node, ast.Binary) and node.op == "/"):
        return ""
    if not (isinstance(node.left, ast.Number) and isinstance(node.right, ast.Number)):
        return ""
    one, other = (number(n.text).value for n in (node.left, node.right))
    return f"{100 * other / (one + other):g}%" if one >= other and f"{one + other:g}" in ("1", "10", "100") else ""


def drawn(field: Field, node: Any) -> str:
    """`states=[4..12]`, where a number is drawn anew each time, as the word that draws between two ends."""
    if field.term is None or field.term.kind != "function" or len(field.term.order) != 2:
        return ""
    if isinstance(node, ast.Range) and node.grid is None:
        return f"{field.term.word}({text(node.start)}, {text(node.stop)})"
    if isinstance(node, ast.Group) and len(node.items) == 2:
        return f"{field.term.word}({', '.join(map(text, node.items))})"
    return f"{field.term.word}({text(node)}, {text(node)})" if isinstance(node, ast.Number) else ""


def begun_by(word: type[Word], name: str, given: Container[str]) -> str:
    """The one parameter that has to be given, is not, and begins with what is typed: `d` of `dim`."""
    needed = [n for n, f in fields_of(word).items() if f.required and n not in given and n.startswith(name)]
    return needed[0] if len(needed) == 1 else ""


def value_here(field: Field, node: Any) -> str:
    """A value that other tools give to a parameter, as it is written here; empty where that is not known."""
    typed_so = node.value if isinstance(node, ast.String) else node.id if isinstance(node, ast.Name) else ""
    low = typed_so.lower().removeprefix("torch.").split("-")[0]
    if field.shape == "term" and field.term is not None and typed_so:
        if typed_so in REGISTRY and REGISTRY[typed_so].kind == field.term.kind:
            return typed_so
        return called(typed_so, field.term.kind)
    if field.shape == "choice":
        return choice_meant(low, field.choices)
    if field.shape == "bool":
        return TRUTHS.get(low, "")
    if low in ("none", "null", "no", "off", "false") and field.off:
        return field.off
    if isinstance(node, ast.String) and field.shape in ("int", "float"):
        return without_quotes(node.value)
    return ""


def example_of(field: Field, word: type[Word], given: Mapping[str, ast.Define]) -> str:
    """A value of a parameter that is missing, as it is typed beside those `given`."""
    if field.name in word.values:
        return word.values[field.name]
    if field.term is None:
        return '"file.csv"' if field.shape == "str" else number_for(field)
    for arg in given.values():
        call = as_call(arg.value)
        if call is not None and issubclass(REGISTRY.get(call.name, Word), field.term) and field.term.kind == "source":
            return _another(call)
    return next((w.sample for w in REGISTRY.values() if w.sample and issubclass(w, field.term)), "...")


def _another(call: ast.Call) -> str:
    """A source of the same tokens: what its teacher has read, another draw of its graph, another file."""
    inside = [c for c in calls_in(call) if c.name in REGISTRY]
    sources = [c for c in inside if REGISTRY[c.name].kind == "source" and c != call]
    whole = text(call)
    if sources:
        return text(sources[-1])
    for one in reversed(inside):
        if "seed" in typed(REGISTRY[one.name]):
            seeds = {a.name: text(a.value) for a in one.named}
            other = f"seed={int(seeds['seed']) + 1}" if seeds.get("seed", "").isdigit() else "seed=1"
            drawn_anew = re.sub(r"(?:, )?seed=[^,()]+", "", text(one))[:-1] + f", {other})"
            return whole.replace(text(one), drawn_anew)
    return re.sub(r'"[^"]*?(\.\w+)?"', r'"other\1"', whole)
