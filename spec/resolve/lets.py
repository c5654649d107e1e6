"""`let` put in where it is named, and `--set` in place of a let's value.

A `let` names a value and makes no axis. Lets that name a fit or an optimum keep their name, because claims call the fit
by it; every other let is replaced by its value.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from ..diagnostics.collect import Report
from ..diagnostics.suggest import listing, nearest
from ..errors import Diagnostic, SpecError
from ..expressions.canonical_tree import text
from ..source import Source, Span
from ..syntax import ast
from ..syntax.visit import map_children, relocated
from ..vocabulary.base import REGISTRY
from .study_files import Files
from .use_statements import Merged


def apply_settings(merged: Merged, settings: Mapping[str, str], files: Files) -> None:
    """`--set NAME=VALUE` in place of a let's value."""
    from ..syntax.parser import parse_test, parse_value

    for name, typed in settings.items():
        source = Source(typed, f"--set {name}")
        files.sources[source.name] = source
        place = Span(0, len(typed), source.name)
        if name not in merged.lets:
            known = (
                f"the lets of this study are {listing(sorted(merged.lets))}" if merged.lets else "this study has no let"
            )
            helps = nearest("a let", name, merged.lets)
            files.report(Diagnostic("SCL114", f"`{name}` is no let of this study", place, notes=(known,), helps=helps))
            continue
        try:
            try:
                value: Any = parse_value(typed)
            except SpecError:
                value = parse_test(typed)
        except SpecError as error:
            message = f"`{typed}` is no value for `{name}`"
            notes = tuple(d.message for d in error.diagnostics)
            helps = tuple(h for d in error.diagnostics for h in d.helps[:1]) or ("write it as behind `let`",)
            files.report(Diagnostic("SCL115", message, place, notes=notes, helps=helps))
            continue
        merged.lets[name] = replace(merged.lets[name], value=files.readable(relocated(value, place)))


def kind_of(value: Any, lets: Mapping[str, ast.Let]) -> str:
    """The kind of a let's word, or "value" for anything that is no declared word."""
    seen: set[str] = set()
    while True:
        name = value.id if isinstance(value, ast.Name) else value.name if isinstance(value, ast.Call) else None
        if name is None:
            return "value"
        if name in REGISTRY:
            return REGISTRY[name].kind
        if name not in lets or name in seen:
            return "value"
        seen.add(name)
        value = lets[name].value


#: Kinds of lets that keep their name, because quantities are asked of them by it.
NAMED_KINDS = ("law", "optimum")


#: How deep lets may name one another, and the nodes that one may come to.
DEEPEST, LARGEST = 64, 10_000


class Lets:
    """The lets of a study, put in where they are named; remembers which were used."""

    def __init__(self, lets: Mapping[str, ast.Let], report: Report, own_laws: frozenset[str] = frozenset()) -> None:
        self.lets = lets
        #: Lets that stand for a law written out as an expression.
        self.own_laws = own_laws
        self.report = report
        self.used: set[str] = set()
        self._values: dict[tuple[str, bool], Any] = {}
        self._cyclic: set[str] = set()
        self._open: list[str] = []
        #: Nodes that a let's value has once every let is put in, and those of what is being walked.
        self._sizes: dict[tuple[str, bool], int] = {}
        self._size = 0
        #: Whether a let was refused for its size: what names it is not judged.
        self.too_large = False

    def kind(self, name: str) -> str | None:
        """The kind of a let, or None where the name is no let."""
        if name in self.own_laws:
            return "law"
        return kind_of(self.lets[name].value, self.lets) if name in self.lets else None

    def value(self, name: str, named: bool = False) -> Any:
        """A let's value with the lets inside it put in; with `named`, lets of fits and optima stay names."""
        if (name, named) not in self._values:
            if name in self._open:
                self._report_cycle(name)
                return ast.Name(name, span=self.lets[name].span)
            if len(self._open) >= DEEPEST:
                return self._refuse(name, f"lets that name one another are nested more than {DEEPEST} deep")
            self._open.append(name)
            outer, self._size = self._size, 0
            self._values[name, named] = self.inline(self.lets[name].value, named=named)
            self._open.pop()
            self._sizes[name, named], self._size = self._size, outer
            if self._sizes[name, named] > LARGEST:
                said = (
                    f"`{name}` holds {self._sizes[name, named]:,} parts once every let is put in, more than {LARGEST:,}"
                )
                self._values[name, named] = self._refuse(name, said)
                self._sizes[name, named] = 1
        self._size += self._sizes.get((name, named), 1)
        return self._values[name, named]

    def _refuse(self, name: str, message: str) -> Any:
        """What stands for a let that is too large; it is said once."""
        let = self.lets[name]
        if not self.too_large:
            self.report(Diagnostic("SCL123", message, let.name_span, helps=("write what it comes to in fewer steps",)))
        self.too_large = True
        return ast.Name(name, span=let.span)

    def _report_cycle(self, name: str) -> None:
        ring = self._open[self._open.index(name) :]
        if self._cyclic & set(ring):
            return
        self._cyclic.update(ring)
        way = " -> ".join(f"`{n}`" for n in (*ring, name))
        helps = (f"give `{ring[-1]}` a value that reads none of them, such as a number",)
        self.report(
            Diagnostic("SCL116", f"`{name}` is defined by itself: {way}", self.lets[name].name_span, helps=helps)
        )

    def spoken(self, report: Report) -> Report:
        """Reports that call a value by its name where a help writes it out, but for what is said of that value."""

        def told(said: Diagnostic) -> None:
            found = ((name, self._values.get((name, False))) for name in self.used if said.helps or said.fixes)
            from ..syntax.printer import to_text

            calls = [(n, v) for n, v in found if isinstance(v, ast.Call) and v.args]
            whole = {shown(v): n for n, v in calls for shown in (text, to_text)}
            for value in sorted(whole, key=len, reverse=True):
                if said.span not in self.lets[whole[value]].span:
                    said = _called(said, value, whole[value])
            report(said)

        return told

    def inline(self, node: Any, *, keep: frozenset[str] = frozenset(), named: bool = False) -> Any:
        """`node` with lets replaced by their values.

        `keep` are names that stand for something nearer, such as labels. With `named`, lets of fits and optima stay
        names.
        """
        return self._walk(node, keep, named, inner=False)

    def _walk(self, node: Any, keep: frozenset[str], named: bool, inner: bool) -> Any:
        self._size += 1
        match node:
            case ast.Name(id):
                if id in self.lets and id not in keep:
                    self.used.add(id)
                    if named and self.kind(id) in NAMED_KINDS:
                        return node
                    return _parenthesised(self.value(id, named), inner)
                return node
            case ast.Call(name, args):
                new = tuple(self._walk(a, keep, named, False) for a in args)
                if name in self.lets and name not in keep and name not in REGISTRY:
                    self.used.add(name)
                    value = self.value(name, named)
                    if isinstance(value, ast.Call):
                        return replace(value, args=(*value.args, *new), span=node.span)
                    if isinstance(value, ast.Name):
                        return ast.Call(value.id, new, span=node.span, name_span=value.span)
                return replace(node, args=new)
        return map_children(node, lambda child: self._walk(child, keep, named, inner=isinstance(node, _OPERATORS)))


#: Nodes in which a larger value falls apart unless it stands in parentheses.
_OPERATORS = ast.Binary | ast.Negate | ast.Or | ast.And | ast.Not | ast.Range | ast.Chain | ast.Inside | ast.Near


def _called(said: Diagnostic, whole: str, name: str) -> Diagnostic:
    """A finding whose helps and changes have a name in place of what it stands for."""
    helps = tuple(h if f"`{whole}`" in h else h.replace(whole, name) for h in said.helps)
    fixes = tuple(
        fix._replace(edits=tuple(e._replace(text=e.text.replace(whole, name)) for e in fix.edits)) for fix in said.fixes
    )
    return replace(said, helps=helps, fixes=fixes)


def _parenthesised(value: Any, inner: bool) -> Any:
    """A value in parentheses where it would otherwise fall apart inside a larger expression."""
    atoms = ast.Number | ast.String | ast.Name | ast.Call | ast.Group | ast.Range | ast.Set
    return ast.Group((value,), span=value.span) if inner and not isinstance(value, atoms) else value
