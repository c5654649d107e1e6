"""References of a claim's quantities: leaves of its tree in place of the names and calls that were written.

    alpha(power(N), kappa=1) > 0.3   ->   QuantityRef("fit", "alpha", request=power(N), selectors=(kappa=1,)) > 0.3

They are settled once, by `operands.py`; the checks, the analysis and the report read them and look up no name.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from typing import Any, Literal

from ..expressions.canonical_tree import canonical
from ..requests.provides import Request
from ..source import Span
from ..syntax import ast
from ..syntax.ast import NOWHERE
from ..syntax.visit import children, map_children
from ..vocabulary.base import Scalar
from ..vocabulary.quantities import QUANTITIES

#: What a quantity is of: a fit, an optimum, a measurement of cells, a number of their sources, the value of a tuned
#: axis that was best, two cells with sizes exchanged; and what is known before any run: an axis, a size or parameter.
Kind = Literal["fit", "optimum", "measured", "property", "tuned", "asymmetry", "axis", "size"]


@dataclass(frozen=True)
class Selector:
    """`name=value`, or a bare label without a name."""

    name: str | None
    value: Scalar
    span: Span = field(default=NOWHERE, compare=False)
    #: Where its value stands.
    value_span: Span = field(default=NOWHERE, compare=False)

    def __str__(self) -> str:
        value = self.value if isinstance(self.value, str) else f"{self.value:g}"
        return value if self.name is None else f"{self.name}={value}"


class QuantityRef(ast.Node):
    """A quantity: what, of what, where."""

    kind: Kind
    #: Its own name; of an asymmetry, the measurement.
    name: str
    #: With the fit or optimum that it is of named in full.
    written: ast.Name | ast.Call
    request: Request | None = None
    selectors: tuple[Selector, ...] = ()
    #: Sizes or the compute that a law or an optimum is read at.
    at: tuple[Selector, ...] = ()
    #: The two sizes that an asymmetry exchanges.
    exchanged: tuple[str, ...] = ()

    @property
    def asks(self) -> bool:
        """True where only the results give it."""
        return self.kind not in ("axis", "size")

    @property
    def noisy(self) -> bool:
        """True where it is estimated with noise."""
        return self.asks and self.kind != "tuned" and (self.name not in QUANTITIES or QUANTITIES[self.name].noisy)


class Reduction(ast.Node):
    """One number of all panels or cells of a quantity: `mean(alpha(power(N)), muP)`."""

    word: str
    quantity: Any
    written: ast.Call
    selectors: tuple[Selector, ...] = ()


class Unresolved(ast.Node):
    """A name or call that stands for nothing here, and why; only in plans that this version would not make."""

    written: Any
    reason: str


def references(tree: Any) -> Iterator[QuantityRef]:
    """Every quantity in a tree."""
    if isinstance(tree, QuantityRef):
        yield tree
    elif isinstance(tree, Reduction):
        yield from references(tree.quantity)
    elif not isinstance(tree, Unresolved):
        for part in children(tree):
            yield from references(part)


def selected(tree: Any) -> Iterator[QuantityRef]:
    """Every quantity in a tree, with what a reduction right around it selects."""
    if isinstance(tree, Reduction) and isinstance(tree.quantity, QuantityRef) and tree.selectors:
        inner = tree.quantity
        args = inner.written.args if isinstance(inner.written, ast.Call) else ()
        whole = ast.Call(inner.name, (*args, *tree.written.args[1:]))
        yield replace(inner, selectors=(*inner.selectors, *tree.selectors), written=whole, span=tree.span)
    elif isinstance(tree, QuantityRef | Reduction | Unresolved):
        yield from references(tree)
    else:
        for part in children(tree):
            yield from selected(part)


def asks(tree: Any) -> bool:
    """True for a tree that needs the results."""
    return any(ref.asks for ref in references(tree))


def noisy(tree: Any) -> bool:
    """True for a tree whose value is estimated with noise."""
    return any(ref.noisy for ref in references(tree))


def written(tree: Any) -> Any:
    """The tree as it is written, with names and calls in place of references."""
    if isinstance(tree, QuantityRef | Reduction | Unresolved):
        return tree.written
    return map_children(tree, written)


def settled(tree: Any) -> Any:
    """The tree in canonical form, what was written too."""
    return canonical(_settled(tree))


def _settled(tree: Any) -> Any:
    match tree:
        case Reduction():
            return replace(tree, quantity=settled(tree.quantity), written=canonical(tree.written))
        case QuantityRef() | Unresolved():
            return replace(tree, written=canonical(tree.written))
    return map_children(tree, _settled)
