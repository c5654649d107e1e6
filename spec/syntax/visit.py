"""Walks over the syntax tree that need no knowledge of its rules."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace
from typing import Any

from ..source import Span
from . import ast


def names_in(node: Any) -> Iterator[ast.Name]:
    """Every name that stands for a value, in order; not the names of calls and arguments."""
    if isinstance(node, ast.Name):
        yield node
    for child in children(node):
        yield from names_in(child)


def calls_in(node: Any) -> Iterator[ast.Call]:
    """Every call of a tree, the outer before the inner."""
    if isinstance(node, ast.Call):
        yield node
    for child in children(node):
        yield from calls_in(child)


def free_names(node: Any) -> Iterator[str]:
    """The names of `names_in` as text."""
    for name in names_in(node):
        yield name.id


def identifiers_in(node: Any) -> Iterator[str]:
    """Every name of a value, and every name that an argument or selector is given by."""
    if isinstance(node, ast.Name):
        yield node.id
    if isinstance(node, ast.Define):
        yield node.name
    for child in children(node):
        yield from identifiers_in(child)


def conjuncts(test: ast.Test) -> Iterator[ast.Test]:
    """The parts of `a and b and c`, brackets around them removed; of any other test, itself."""
    if isinstance(test, ast.Group) and len(test.items) == 1:
        yield from conjuncts(test.items[0])
    elif isinstance(test, ast.And):
        yield from conjuncts(test.left)
        yield from conjuncts(test.right)
    else:
        yield test


def disjuncts(test: ast.Test) -> Iterator[ast.Test]:
    """The parts of `a or b or c`, brackets around them removed; of any other test, itself."""
    if isinstance(test, ast.Group) and len(test.items) == 1:
        yield from disjuncts(test.items[0])
    elif isinstance(test, ast.Or):
        yield from disjuncts(test.left)
        yield from disjuncts(test.right)
    else:
        yield test


def children(node: Any) -> Iterator[Any]:
    """The nodes directly below a node."""
    if isinstance(node, ast.Node):
        for name in type(node).__dataclass_fields__:
            value = getattr(node, name)
            if isinstance(value, ast.Node):
                yield value
            elif isinstance(value, tuple):
                yield from _flat(value)


def _flat(values: tuple[Any, ...]) -> Iterator[Any]:
    for value in values:
        if isinstance(value, ast.Node):
            yield value
        elif isinstance(value, tuple):
            yield from _flat(value)


def as_call(node: Any) -> ast.Call | None:
    """A word with or without parentheses as a call; None for anything else."""
    if isinstance(node, ast.Name):
        return ast.Call(node.id, span=node.span, name_span=node.span)
    return node if isinstance(node, ast.Call) else None


def relocated(node: Any, span: Span) -> Any:
    """The same tree with every span replaced."""
    return transform(node, lambda n: replace(n, span=span))


def transform(node: Any, change: Callable[[Any], Any]) -> Any:
    """A tree rebuilt from its leaves, each node passed through `change`."""
    return change(map_children(node, lambda child: transform(child, change)))


def map_children(node: Any, change: Callable[[Any], Any]) -> Any:
    """The node with those directly below it passed through `change`."""
    updates: dict[str, Any] = {}
    for name in type(node).__dataclass_fields__:
        old = getattr(node, name)
        if isinstance(old, ast.Node | tuple):
            new = _mapped(old, change)
            if new is not old:
                updates[name] = new
    return replace(node, **updates) if updates else node


def _mapped(value: Any, change: Callable[[Any], Any]) -> Any:
    if isinstance(value, ast.Node):
        return change(value)
    if not isinstance(value, tuple):
        return value
    new = tuple(_mapped(item, change) for item in value)
    return value if all(one is two for one, two in zip(new, value, strict=True)) else new
