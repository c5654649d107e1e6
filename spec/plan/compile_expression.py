"""Expressions and conditions as functions of the point: worked out once, asked for at every point of a grid."""

from __future__ import annotations

from typing import Any, NoReturn

from ..diagnostics.collect import Fault
from ..diagnostics.suggest import nearest
from ..errors import Edit, Fix
from ..expressions.canonical_tree import text
from ..expressions.evaluate import OPERATIONS, Algebra
from ..expressions.sweeps import made_by
from ..syntax import ast
from ..syntax.numbers import canonical_number
from ..syntax.visit import free_names, transform
from ..vocabulary.base import REGISTRY
from ..vocabulary.functions import FUNCTIONS, FUNCTIONS_ELSEWHERE
from .point_values import RunNames, Value, fixed, memoised


def compiled(node: Any, names: RunNames) -> Value:
    """An expression or condition as a function of the point."""
    return _Compiler(names).value(node)


def condition(node: Any, names: RunNames) -> Value:
    """A condition as a function of the point, kept like any other value."""
    inner = compiled(transform(node, lambda part: _numbered(part, names)), names)
    return memoised(inner.axes, lambda p: bool(inner.at(p)), node.span, f"`{text(node)}`")


def _numbered(part: Any, names: RunNames) -> Any:
    """A comparison with numbers in place of the labels that an axis in it gives them: `width == small`."""
    if not isinstance(part, ast.Chain | ast.Inside):
        return part
    stands = {label: tree for own in free_names(part) for label, tree in names.numbers(own).items()}
    return transform(part, lambda leaf: stands.get(leaf.id, leaf) if isinstance(leaf, ast.Name) else leaf)


class _Compiler(Algebra[Value]):
    """The algebra of functions of the point. `and` and `or` look at their second side only where it matters."""

    def __init__(self, names: RunNames) -> None:
        super().__init__(lambda node: names.value(node.id, node.span), _refusal)
        self.names = names

    def constant(self, value: Any) -> Value:
        return fixed(value)

    def label(self, node: ast.Name) -> Value:
        """A name that stands for nothing is a label."""
        return self.name(node) if self.names.knows(node.id) else self.constant(node.id)

    def call(self, node: ast.Call) -> Value:
        inner = super().call(node)
        return Value(inner.axes, lambda p: canonical_number(inner.at(p)))

    def apply(self, operation: str, *operands: Value) -> Value:
        axes = frozenset().union(*(v.axes for v in operands))
        function = OPERATIONS[operation]
        match operation, [v.at for v in operands]:
            case "and", [one, two]:
                return Value(axes, lambda p: one(p) and two(p))
            case "or", [one, two]:
                return Value(axes, lambda p: one(p) or two(p))
            case _, [one]:
                return Value(axes, lambda p: function(one(p)))
            case _, [one, two]:
                return Value(axes, lambda p: function(one(p), two(p)))
            case _, every:
                return Value(axes, lambda p: function(*[at(p) for at in every]))

    def leaf(self, node: Any) -> NoReturn:
        if isinstance(node, ast.Inside):
            inside = [text(item) for item in node.where.items] if isinstance(node.where, ast.Group) else []
            ways = (f"write `in {{{', '.join(inside)}}}`",) if inside else ()
            raise Fault("SCL303", "after `in` stands an interval or a list", node.where.span, helps=ways)
        helps: tuple[str, ...] = ("write one number or one name",)
        if isinstance(node, ast.Group):
            helps = (f"write `{' and '.join(text(item) for item in node.items)}`",)
        raise Fault("SCL203", f"`{text(node)}` is no value here", node.span, helps=helps)


def instead_of(node: ast.Call) -> tuple[tuple[str, ...], tuple[Fix, ...]]:
    """What is written for a call of another language's function, and the change to it; nothing where it is unknown."""
    if listed := made_by(node):
        fix = Fix((Edit(node.span, listed),), "maybe-incorrect")
        return (f"write `{listed}`: several values are listed in braces",), (fix,)
    labels = [a.value for a in node.args if isinstance(a, ast.String)]
    if node.name in ("c", "list", "vec", "set") and len(labels) == len(node.args) > 0:
        listed = f"{{{', '.join(label if label.isidentifier() else text(ast.String(label)) for label in labels)}}}"
        fix = Fix((Edit(node.span, listed),), "maybe-incorrect")
        return (f"write `{listed}`: several values are listed in braces",), (fix,)
    if (written := FUNCTIONS_ELSEWHERE.get(node.name.lower())) is not None:
        args = [text(a) for a in node.args]
        meant = written.format(", ".join(args), *args, *"xy")
        return (f"write `{meant}`",), (Fix((Edit(node.span, meant),), "maybe-incorrect"),)
    if (word := REGISTRY.get(node.name)) is not None:
        return (f"`{node.name}` is a {word.kind}, and a number stands here",), ()
    return nearest("a function", node.name, FUNCTIONS), ()


def _refusal(node: ast.Call) -> Fault:
    if node.name not in FUNCTIONS:
        helps, fixes = instead_of(node)
        return Fault("SCL105", f"`{node.name}` is no function of numbers", node.name_span, helps=helps, fixes=fixes)
    fewest, most = FUNCTIONS[node.name].fewest, FUNCTIONS[node.name].most
    count = str(fewest) if fewest == most else f"{fewest} or more"
    helps = (f"it is {FUNCTIONS[node.name].meaning}",)
    return Fault("SCL205", f"`{node.name}` takes {count} value{'s' * (count != '1')}", node.span, helps=helps)
