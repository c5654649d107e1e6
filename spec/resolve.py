"""From a parsed file to one study: `use` as a patch, `let` put in where it is named, `--set` in place of a `let`.

`use` brings in another file's statements, which this file patches: its heads, bindings, conditions and lets replace
those of the same name; fits, optima and claims add up. A `let` names a value and makes no axis. Lets that name a fit
or an optimum keep their name, because claims call the fit by it; every other let is replaced by its value.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path, PurePath
from typing import Any, Literal

from . import ast
from .errors import Diagnostic, Label, SpecError
from .faults import Report
from .names import listing, similar
from .quantity import number
from .source import Source, Span
from .vocabulary.base import REGISTRY
from .walk import relocated, transform

Part = Literal["data", "models", "train"]
PARTS: tuple[Part, ...] = ("data", "models", "train")


#: Codes that judge the value or the unit of a number, or the points of a range.
JUDGES_VALUES = frozenset({"SCL202", "SCL207", "SCL208", "SCL304", "SCL305", "SCL306", "SCL307", "SCL308"})


@dataclass
class Merged:
    """The statements of a study by what they are, `use` already applied."""

    title: ast.Title | None = None
    lets: dict[str, ast.Let] = field(default_factory=dict)
    parts: dict[Part, ast.Body] = field(default_factory=dict)
    #: Where each part begins, for messages.
    spans: dict[Part, Span] = field(default_factory=dict)
    fits: tuple[ast.Item, ...] = ()
    optima: tuple[ast.Item, ...] = ()
    claims: tuple[ast.Expect, ...] = ()
    budget: tuple[ast.Item, ...] = ()
    report: tuple[ast.Item, ...] = ()


# --- files ------------------------------------------------------------------------------------------------------------


class Files:
    """Reads study files below the study's folder or a given root; keeps their texts and everything found."""

    def __init__(self, base: Path, roots: tuple[Path, ...] = (), at_hand: bool = False) -> None:
        self.base = base
        self.roots = roots
        #: Whether texts and tables must be there, as they must be to train or to fit.
        self.at_hand = at_hand
        self.sources: dict[str, Source] = {}
        #: Name of a source -> the folder its relative paths start from.
        self.folders: dict[str, Path] = {}
        self.found: list[Diagnostic] = []
        self.errors = 0
        #: First words of statements that could not be read: what depends on them is not judged.
        self.broken: set[str] = set()
        #: Where numbers stand whose letters mean nothing.
        self.unreadable: list[Span] = []

    def report(self, diagnostic: Diagnostic) -> None:
        """Keep a finding; none about a value that what stands for an unreadable number would have."""
        if diagnostic.code in JUDGES_VALUES and any(span in diagnostic.span for span in self.unreadable):
            return
        self.found.append(diagnostic)
        self.errors += diagnostic.severity == "error"

    def parse(self, source: Source, folder: Path) -> ast.Study:
        """The tree of a file; its syntax errors are reported."""
        from .parse import parse_study

        self.sources[source.name] = source
        self.folders[source.name] = folder
        study, diagnostics = parse_study(source)
        if diagnostics:
            from .mistakes import lost

            self.broken |= lost(source, diagnostics)
        for d in diagnostics:
            self.report(d)
        read: ast.Study = self.readable(study)
        return read

    def readable(self, node: Any) -> Any:
        """A tree whose numbers can be read: one whose letters mean nothing is reported, and stands for 1."""

        def read(part: Any) -> Any:
            if not isinstance(part, ast.Number):
                return part
            try:
                number(part.text)
            except SpecError as error:
                self.report(replace(error.diagnostics[0], span=part.span))
                self.unreadable.append(part.span)
                return replace(part, text="1")
            return part

        return transform(node, read)

    def inside(self, path: Path) -> bool:
        """Whether a path stays below the study's folder or a root."""
        return any(path.is_relative_to(root) for root in (self.base, *self.roots))


def merge(study: ast.Study, folder: Path, files: Files, chain: tuple[Path, ...] = ()) -> Merged:
    """One file's statements over those of the files it uses."""
    base = Merged()
    for statement in study.statements:
        if isinstance(statement, ast.Use):
            used = _used(statement, folder, files, chain)
            if used is not None:
                base = _patch(base, used)
    return _patch(base, _own(study, files.report))


def _used(statement: ast.Use, folder: Path, files: Files, chain: tuple[Path, ...]) -> Merged | None:
    path = (folder / statement.path).resolve()
    # What a file that cannot be used would have given cannot be judged.
    unjudged = ("let", "data", "models", "train", "fit", "optimum")
    if not files.inside(path):
        files.broken.update(unjudged)
        files.report(
            Diagnostic(
                "SCL501",
                f'"{statement.path}" lies outside the study\'s folder',
                statement.span,
                helps=("move the file beside the study, or allow its folder with `--data-root`",),
            )
        )
        return None
    if path in chain:
        files.report(Diagnostic("SCL502", f'"{statement.path}" uses itself', statement.span))
        return None
    try:
        text = path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        files.broken.update(unjudged)
        why = "cannot be read" if path.exists() else "does not exist"
        near = similar(path.name, [p.name for p in _siblings(path)])
        helps = (f'a file with a similar name exists: "{near}"',) if near else ()
        notes = (str(error),) if why == "cannot be read" else ()
        files.report(Diagnostic("SCL503", f'"{statement.path}" {why}', statement.span, helps=helps, notes=notes))
        return None
    source = Source(text, _shown(path, files))
    return merge(files.parse(source, path.parent), path.parent, files, (*chain, path))


def _siblings(path: Path) -> Iterable[Path]:
    return path.parent.glob("*") if path.parent.is_dir() else ()


def _shown(path: Path, files: Files) -> str:
    """The name of a used file: from the same folder as the study's own name."""
    folder = PurePath(next(iter(files.sources))).parent
    try:
        return (folder / path.relative_to(files.base)).as_posix()
    except ValueError:
        return str(path)


# --- one file ---------------------------------------------------------------------------------------------------------


def _own(study: ast.Study, report: Report) -> Merged:
    """This file's own statements; two of one name are an error."""
    out = Merged()
    for s in study.statements:
        match s:
            case ast.Title():
                if out.title is not None:
                    _twice(report, "SCL110", "the study has two titles", s.span, out.title.span)
                out.title = s
            case ast.Let(name):
                if name in out.lets:
                    _twice(report, "SCL111", f"`{name}` is defined twice", s.name_span, out.lets[name].name_span)
                else:
                    out.lets[name] = s
            case ast.Component(kind, body):
                out.spans.setdefault(kind, s.span)
                out.parts[kind] = _joined(out.parts.get(kind), body, kind, report)
            case ast.Listing(kind, items):
                name = {"fit": "fits", "optimum": "optima"}.get(kind, kind)
                setattr(out, name, (*getattr(out, name), *items))
            case ast.Expect():
                out.claims = (*out.claims, s)
    return out


def _joined(first: ast.Body | None, more: ast.Body, kind: str, report: Report) -> ast.Body:
    """Two statements of one kind in one file: what the second adds, never what it repeats."""
    if first is None:
        first = ast.Body(None, span=more.span)
    if first.head is not None and more.head is not None:
        _twice(report, "SCL112", f"`{kind}` is given twice", more.head.span, first.head.span)
    seen = {name: b for b in first.bindings for name in bound(b)}
    kept = list(first.bindings)
    for b in more.bindings:
        again = [name for name in bound(b) if name in seen]
        if again:
            _twice(report, "SCL113", f"`{again[0]}` is given twice", b.span, seen[again[0]].span)
            continue
        seen.update(dict.fromkeys(bound(b), b))
        kept.append(b)
    if first.where is not None and more.where is not None:
        _twice(report, "SCL112", f"`{kind}` has two conditions", more.where.span, first.where.span)
    return ast.Body(first.head or more.head, tuple(kept), first.where or more.where, span=first.span)


def bound(binding: ast.Binding) -> tuple[str, ...]:
    """The names a binding gives."""
    return (binding.name,) if isinstance(binding, ast.Define) else binding.names


def _twice(report: Report, code: str, message: str, here: Span, before: Span) -> None:
    report(Diagnostic(code, message, here, labels=(Label(before, "first given here"),)))


# --- a patch over what is used ----------------------------------------------------------------------------------------


def _patch(base: Merged, own: Merged) -> Merged:
    """`own` over `base`: same names replaced, fits and claims added up."""
    parts = dict(base.parts)
    for kind, body in own.parts.items():
        parts[kind] = _patched(parts[kind], body) if kind in parts else body
    return Merged(
        title=own.title or base.title,
        lets={**base.lets, **own.lets},
        parts=parts,
        spans={**base.spans, **own.spans},
        fits=_added(base.fits, own.fits),
        optima=_added(base.optima, own.optima),
        claims=_added(base.claims, own.claims),
        budget=own.budget or base.budget,
        report=own.report or base.report,
    )


def _added(base: tuple[Any, ...], own: tuple[Any, ...]) -> tuple[Any, ...]:
    return (*base, *(o for o in own if o not in base))


def _patched(base: ast.Body, own: ast.Body) -> ast.Body:
    given = {name: b for b in own.bindings for name in bound(b)}
    names = set(given)
    bindings: list[ast.Binding] = []
    for b in base.bindings:
        again = [given[name] for name in bound(b) if name in given]
        bindings += [n for n in again or [b] if n not in bindings]
    bindings += [b for b in own.bindings if b not in bindings]
    head = own.head or _without(base.head, names)
    return ast.Body(head, tuple(bindings), own.where or base.where, span=own.span)


def _without(head: Any, names: set[str]) -> Any:
    """The used head less the arguments that the patch gives anew."""
    if isinstance(head, ast.Call):
        return replace(
            head, args=tuple(a for a in head.args if not (isinstance(a, _BINDINGS) and names & set(bound(a))))
        )
    if isinstance(head, ast.Set):
        return replace(head, entries=tuple(replace(e, value=_without(e.value, names)) for e in head.entries))
    return head


_BINDINGS = (ast.Define, ast.Axis, ast.Path)


# --- lets -------------------------------------------------------------------------------------------------------------


def apply_settings(merged: Merged, settings: Mapping[str, str], files: Files) -> None:
    """`--set NAME=VALUE` in place of a let's value."""
    from .parse import parse_test, parse_value

    for name, typed in settings.items():
        source = Source(typed, f"--set {name}")
        files.sources[source.name] = source
        place = Span(0, len(typed), source.name)
        if name not in merged.lets:
            near = similar(name, merged.lets)
            known = (
                f"the lets of this study are {listing(sorted(merged.lets))}" if merged.lets else "this study has no let"
            )
            helps = (f"a let with a similar name exists: `{near}`",) if near else ()
            files.report(Diagnostic("SCL114", f"`{name}` is no let of this study", place, notes=(known,), helps=helps))
            continue
        try:
            try:
                value: Any = parse_value(typed)
            except SpecError:
                value = parse_test(typed)
        except SpecError as error:
            message = f"`{typed}` is no value for `{name}`"
            files.report(Diagnostic("SCL115", message, place, notes=tuple(d.message for d in error.diagnostics)))
            continue
        merged.lets[name] = replace(merged.lets[name], value=files.readable(relocated(value, place)))


def kind_of(value: Any, lets: Mapping[str, ast.Let], seen: frozenset[str] = frozenset()) -> str:
    """What a let's value is: the kind of its word, or "value" for anything that is no declared word."""
    name = value.id if isinstance(value, ast.Name) else value.name if isinstance(value, ast.Call) else None
    if name is None:
        return "value"
    if name in REGISTRY:
        return REGISTRY[name].kind
    if name in lets and name not in seen:
        return kind_of(lets[name].value, lets, seen | {name})
    return "value"


#: Kinds of lets that keep their name, because quantities are asked of them by it.
NAMED_KINDS = ("law", "optimum")


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
            self._open.append(name)
            self._values[name, named] = self.put_in(self.lets[name].value, named=named)
            self._open.pop()
        return self._values[name, named]

    def _report_cycle(self, name: str) -> None:
        ring = self._open[self._open.index(name) :]
        if self._cyclic & set(ring):
            return
        self._cyclic.update(ring)
        way = " -> ".join(f"`{n}`" for n in (*ring, name))
        self.report(Diagnostic("SCL116", f"`{name}` is defined by itself: {way}", self.lets[name].name_span))

    def put_in(self, node: Any, *, keep: frozenset[str] = frozenset(), named: bool = False) -> Any:
        """`node` with lets replaced by their values.

        `keep` are names that stand for something nearer, such as labels. With `named`, lets of fits and optima stay
        names.
        """
        return self._walk(node, keep, named, inner=False)

    def _walk(self, node: Any, keep: frozenset[str], named: bool, inner: bool) -> Any:
        match node:
            case ast.Name(id):
                if id in self.lets and id not in keep:
                    self.used.add(id)
                    if named and self.kind(id) in NAMED_KINDS:
                        return node
                    return _held(self.value(id, named), inner)
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
            case ast.Binary(_, left, right) | ast.Or(left, right) | ast.And(left, right):
                return replace(
                    node, left=self._walk(left, keep, named, True), right=self._walk(right, keep, named, True)
                )
            case ast.Negate(operand) | ast.Not(operand):
                return replace(node, operand=self._walk(operand, keep, named, True))
            case ast.Group(items):
                return replace(node, items=tuple(self._walk(i, keep, named, False) for i in items))
            case ast.Range(start, stop, _, by):
                start, stop = (self._walk(n, keep, named, True) for n in (start, stop))
                return replace(
                    node, start=start, stop=stop, by=None if by is None else self._walk(by, keep, named, True)
                )
            case ast.Set(entries):
                return replace(
                    node, entries=tuple(replace(e, value=self._walk(e.value, keep, named, False)) for e in entries)
                )
            case ast.Chain(first, rest):
                rest = tuple((op, self._walk(e, keep, named, True)) for op, e in rest)
                return replace(node, first=self._walk(first, keep, named, True), rest=rest)
            case ast.Inside(value, where):
                where = self._walk(where, keep, named, False)
                return replace(node, value=self._walk(value, keep, named, True), where=where)
            case ast.Near(value, tolerance, target):
                value, tolerance, target = (self._walk(n, keep, named, True) for n in (value, tolerance, target))
                return replace(node, value=value, tolerance=tolerance, target=target)
            case ast.Define(_, value):
                return replace(node, value=self._walk(value, keep, named, False))
            case ast.Axis(_, values) | ast.Path(_, values):
                return replace(node, values=self._walk(values, keep, named, False))
        return node


def _held(value: Any, inner: bool) -> Any:
    """A value in parentheses where it would otherwise fall apart inside a larger expression."""
    atoms = ast.Number | ast.String | ast.Name | ast.Call | ast.Group | ast.Range | ast.Set
    return ast.Group((value,), span=value.span) if inner and not isinstance(value, atoms) else value
