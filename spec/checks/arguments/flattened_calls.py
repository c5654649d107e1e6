"""Arguments of a word that belongs inside another, given to the outer one: `walk(n=512, p=.02)`, `walk(er, n=512)`."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from ...diagnostics.suggest import listing, meant_by
from ...errors import Diagnostic, Edit, Fix
from ...expressions.canonical_tree import text
from ...resolve.components import Sweep
from ...syntax import ast
from ...vocabulary.base import REGISTRY, Word
from ...vocabulary.parameters import fields_of, typed


def flattened(word: type[Word], call: ast.Call, sweeps: Mapping[str, Sweep]) -> Diagnostic | None:
    """The finding about a call that lacks a word, or all that is said of one, and has its parameters in its place."""
    given = sorted((a for a in call.args if isinstance(a, ast.Define)), key=lambda a: a.span.start)
    other = [a for a in given if a.name not in typed(word)]
    if not other or len(given) < len(call.args):
        return None
    for field in (f for f in fields_of(word).values() if f.required and f.term):
        placed = next((a for a in given if a.name == field.name), None)
        words = [w for w in REGISTRY.values() if field.term is not None and issubclass(w, field.term)]
        if placed is not None:
            words = [w for w in words if w.word == text(placed.value).removesuffix("()")]
        for inner, written in ((w.word, _written(w, other, sweeps)) for w in words):
            if written:
                rest = "".join(f", {_said(a, a.name, sweeps)}" for a in given if a not in other and a is not placed)
                meant = f"{word.word}({written}{rest})"
                names = listing(a.name for a in other)
                message = (
                    f"{names} {'is' if len(other) == 1 else 'are'} of `{inner}`, which stands inside `{word.word}`"
                )
                fix = Fix((Edit(call.span, meant),), "maybe-incorrect")
                return Diagnostic("SCL107", message, call.span, helps=(f"write `{meant}`",), fixes=(fix,))
    return None


def _written(inner: type[Word], given: list[ast.Define], sweeps: Mapping[str, Sweep]) -> str:
    """A word with all that is given, where it takes that and needs no more; else empty."""
    fields = fields_of(inner)
    names = [a.name if a.name in fields else (meant_by(a.name, fields, inner.also) or "") for a in given]
    needed = {name for name, field in fields.items() if field.required}
    chosen = all(_one_of(group, names) for group in inner.one_of)
    if not chosen or len({*names}) < len(names) or not needed <= {*names} <= {*fields}:
        return ""
    if len(given) == 1 and fields[names[0]].file:
        return f"{inner.word}({text(given[0].value)})"
    return f"{inner.word}({', '.join(_said(a, name, sweeps) for a, name in zip(given, names, strict=True))})"


def _one_of(group: Iterable[str], names: list[str]) -> bool:
    return len({*group} & {*names}) == 1


def _said(given: ast.Define, name: str, sweeps: Mapping[str, Sweep]) -> str:
    """An argument as it is written, `p=0.02` or `n in {128, 512}`."""
    if given.value == ast.Name(given.name) and given.name in sweeps:
        return f"{name} in {text(sweeps[given.name].values)}"
    return f"{name}={text(given.value)}"
