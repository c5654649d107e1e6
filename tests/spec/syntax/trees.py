"""Strategies for syntax trees as the parser makes them: parenthesised where the grammar needs it, and nowhere deep."""

from __future__ import annotations

from hypothesis import strategies as st
from scalingdsl.spec.syntax import ast
from scalingdsl.spec.syntax.scanner import RESERVED

names = st.one_of(
    st.sampled_from(
        ["N", "D", "width", "tokens", "lr", "seed", "data", "chinchilla", "power", "E", "alpha", "x1", "_y"]
    ),
    st.from_regex(r"[A-Za-z_][A-Za-z0-9_]{0,6}", fullmatch=True).filter(lambda s: s not in RESERVED),
)
numbers = st.one_of(
    st.sampled_from(["0", "7", "0.02", "1e-4", "64k", "2%", "30min", "1.5M", "5e-6", "2e", "1E5x"]),
    st.from_regex(r"[0-9]{1,3}(\.[0-9]{1,2})?(e[+-]?[0-9])?[A-Za-z%]{0,2}", fullmatch=True),
).map(ast.Number)
texts = st.text(st.characters(exclude_characters='"\n', exclude_categories=["Cs"]), max_size=6)
strings = texts.map(ast.String)
some_names = names.map(ast.Name)
atoms = st.one_of(numbers, some_names, strings)


def grouped(node: ast.Node, *loose: type[ast.Node]) -> ast.Node:
    """The node, in parentheses if it is one of the `loose` kinds."""
    return ast.Group((node,)) if isinstance(node, loose) else node


_SUMS = ("+", "-")


def _binary(op: str, left: ast.Node, right: ast.Node) -> ast.Binary:
    def tight(node: ast.Node, ops: tuple[str, ...], negated: bool = True) -> ast.Node:
        bare = (isinstance(node, ast.Binary) and node.op in ops) or (isinstance(node, ast.Negate) and negated)
        return node if bare or not isinstance(node, ast.Binary | ast.Negate) else ast.Group((node,))

    if op in _SUMS:
        return ast.Binary(op, tight(left, ("+", "-", "*", "/", "^")), tight(right, ("*", "/", "^")))
    if op in ("*", "/"):
        return ast.Binary(op, tight(left, ("*", "/", "^")), tight(right, ("^",)))
    return ast.Binary(op, grouped(left, ast.Binary, ast.Negate), tight(right, ("^",)))


def _expressions(children: st.SearchStrategy[ast.Node]) -> st.SearchStrategy[ast.Node]:
    values = st.one_of(children, ranges(children), sets(children))
    return st.one_of(
        st.builds(_binary, st.sampled_from("+-*/^"), children, children),
        children.map(lambda n: ast.Negate(ast.Group((n,)) if isinstance(n, ast.Binary) and n.op != "^" else n)),
        st.builds(ast.Call, names, st.lists(st.one_of(values, bindings(values)), max_size=3).map(tuple)),
        st.lists(children, min_size=1, max_size=3).map(lambda items: ast.Group(tuple(items))),
    )


def ranges(ends: st.SearchStrategy[ast.Node]) -> st.SearchStrategy[ast.Range]:
    """`[a..b]` in its four forms."""
    plain = st.builds(ast.Range, ends, ends)
    stepped = st.builds(ast.Range, ends, ends, st.sampled_from(["step", "times", "count"]), ends)
    return st.one_of(plain, stepped)


def sets(items: st.SearchStrategy[ast.Node]) -> st.SearchStrategy[ast.Set]:
    """`{...}`, labelled or not."""
    entries = st.builds(ast.Entry, st.one_of(st.none(), names), items)
    return st.lists(entries, min_size=1, max_size=3).map(lambda e: ast.Set(tuple(e)))


def bindings(values: st.SearchStrategy[ast.Node]) -> st.SearchStrategy[ast.Node]:
    """`name = value`, `role names in value`, `role names along value`."""
    several = st.lists(names, min_size=1, max_size=2).map(tuple)
    roles = st.sampled_from([None, "tune", "panel"])
    return st.one_of(
        st.builds(ast.Define, names, values),
        st.builds(ast.Axis, several, values, roles, st.booleans()),
    )


expressions = st.recursive(atoms, _expressions, max_leaves=8)
values = st.one_of(expressions, ranges(expressions), sets(expressions))

_SIGNS = st.sampled_from(["<", "<=", ">", ">=", "==", "!="])
relations = st.one_of(
    expressions,
    st.builds(ast.Chain, expressions, st.lists(st.tuples(_SIGNS, expressions), min_size=1, max_size=2).map(tuple)),
    st.builds(ast.Inside, expressions, values),
    st.builds(ast.Near, expressions, expressions, expressions),
)


def _conditions(children: st.SearchStrategy[ast.Node]) -> st.SearchStrategy[ast.Node]:
    return st.one_of(
        st.builds(lambda a, b: ast.Or(a, grouped(b, ast.Or)), children, children),
        st.builds(lambda a, b: ast.And(grouped(a, ast.Or), grouped(b, ast.Or, ast.And)), children, children),
        children.map(lambda a: ast.Not(grouped(a, ast.Or, ast.And))),
    )


tests = st.recursive(relations, _conditions, max_leaves=3)
_where = st.one_of(st.none(), tests)
_items = st.lists(st.builds(ast.Item, values, _where), min_size=1, max_size=3).map(tuple)
_heads = st.one_of(some_names, expressions.filter(lambda n: isinstance(n, ast.Call)), sets(expressions))
_kept = st.builds(ast.Kept, st.lists(names, min_size=1, max_size=3).map(tuple), st.sampled_from(["tune", "panel"]))
_more = st.lists(st.one_of(bindings(values), _kept), min_size=1, max_size=3).map(tuple)
_bodies = st.one_of(st.builds(ast.Body, _heads, st.just(()), _where), st.builds(ast.Body, st.none(), _more, _where))

statements = st.one_of(
    texts.map(ast.Title),
    texts.map(ast.Use),
    st.builds(ast.Let, names, st.one_of(values, tests), _where),
    st.builds(ast.Component, st.sampled_from(["data", "models", "train"]), _bodies),
    st.builds(ast.Component, st.sampled_from(["data", "models"]), st.builds(ast.Body, _heads, _more, _where)),
    st.builds(ast.Listing, st.sampled_from(["fit", "optimum", "budget", "report"]), _items),
    st.builds(ast.Expect, tests, _where),
)
studies = st.lists(statements, max_size=4).map(lambda s: ast.Study(tuple(s)))
