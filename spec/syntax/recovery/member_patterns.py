"""What is asked of a fit or a module as other languages ask it: `chinchilla.alpha`, `fit["E"]`, `loss at N=1B`."""

from __future__ import annotations

import re

from ...errors import Diagnostic
from ...source import Span
from .error_context import COMPONENTS, SIGNS, SyntaxErrorContext

_FILES = (
    "txt",
    "csv",
    "tsv",
    "json",
    "jsonl",
    "parquet",
    "gz",
    "scl",
    "zip",
    "zst",
    "md",
    "html",
    "xlsx",
    "npy",
    "dat",
    "edges",
)
#: What makes one number of several, behind a second point.
_REDUCED = ("mean", "median", "min", "max", "spread")
#: Modules whose functions are called by their name here, if they are there at all.
_MODULES = (
    "np",
    "numpy",
    "math",
    "torch",
    "jnp",
    "jax",
    "random",
    "optim",
    "nn",
    "tune",
    "ray",
    "hydra",
    "scipy",
    "sp",
    "nx",
    "networkx",
    "pd",
    "pandas",
    "tf",
    "sklearn",
    "transformers",
)
_QUOTES = "\"'"


def attribute(error: SyntaxErrorContext) -> Diagnostic | None:
    """`chinchilla.alpha > 0`, `fit.E`, `torch.optim.adamw(...)`."""
    found, previous, following = error.found, error.previous, error.at(1)
    if found.text != "." or previous.kind != "name" or following.kind != "name":
        return None
    if previous.end != found.start or following.start != found.end or following.text.lower() in _FILES:
        return None
    first, last = error.index - 1, error.index + 1
    while error.lexemes[last + 1 : last + 3] and error.lexemes[last + 1].text == "." and last + 2 < len(error.lexemes):
        last += 2
    end = error.lexemes[last].end
    span = error.span_of(previous, error.lexemes[last])
    name, owner = error.lexemes[last].text, previous.text
    shown = error.shown(first, last)
    named = owner in error.words or owner in _MODULES or re.search(rf"(?m)^let\s+{owner}\b", error.source.text)
    if not named and re.search(r"(?m)^use\s+\"", error.source.text):
        return _of_another_study(error, span, name)
    if error.keyword in ("expect", "optimum") and error.at(last - error.index + 1).text != "(":
        meant = f"{name}({owner})"
        if last - first == 4 and name in _REDUCED:
            meant = f"{name}({error.lexemes[last - 2].text}({owner}))"
        message = f"`{shown}` has a point, and what a fit gives is asked of it by name"
        fixes = error.fix((previous.start, end, meant))
        return error.diagnostic("SCL001", message, span=span, helps=(f"write `{meant}`",), fixes=fixes)
    if owner in _MODULES:
        fixes = error.fix((previous.start, error.lexemes[last].start, ""), sure=False)
        helps = (f"write `{name}` alone: there are no modules here",)
        message = f"`{shown}` has a point, and a name of the language has none"
        return error.diagnostic("SCL001", message, span=span, helps=helps, fixes=fixes)
    message = f"`{shown}` has a point, and a name of the language has none"
    fixes = error.fix((previous.start, end, name), sure=False)
    return error.diagnostic("SCL001", message, span=span, helps=(f"write `{name}` alone",), fixes=fixes)


def _of_another_study(error: SyntaxErrorContext, span: Span, name: str) -> Diagnostic:
    """`pilot.chinchilla`, `pilot.tokens`: what a study that is used says is of this one, which has its own cells."""
    shown = error.source.text[span.start : span.end]
    message = f"`{shown}` has a point: what another study says is of this one, by its own name"
    if name in COMPONENTS:
        helps: tuple[str, ...] = ("leave it out: what another study says of it holds here by itself",)
        return error.diagnostic("SCL001", message, span=span, helps=helps, read=False)
    if error.keyword in (*COMPONENTS, "let"):
        helps = (f"write `{name}`, if it is a `let` there; an axis names all of its values, which are written out",)
        fixes = error.fix((span.start, span.end, name), sure=False) if error.open else ()
        return error.diagnostic("SCL001", message, span=span, helps=helps, fixes=fixes, read=False)
    helps = (f"write `{name}`, which is asked of this study's fits and cells",)
    if error.words.get(name) == "fit":
        helps = (
            f"write `{name}`, which is fitted to all cells of this study",
            f"what it is of the other's cells alone, a condition says: `let before = {name} where ...`",
        )
    fixes = error.fix((span.start, span.end, name), sure=False)
    return error.diagnostic("SCL001", message, span=span, helps=helps, fixes=fixes, read=False)


def subscript(error: SyntaxErrorContext) -> Diagnostic | None:
    """`chinchilla["alpha"] > 0`, `fit[0]`."""
    found, previous, inside = error.found, error.previous, error.at(1)
    if found.text != "[" or previous.kind != "name" or previous.end != found.start:
        return None
    if error.keyword not in ("expect", "fit", "optimum"):
        return None
    last = error.closing(error.index)
    if last is not None and inside.kind == "name" and error.at(2).text in ("=", "=="):
        chosen = error.shown(error.index + 1, last - 1).replace("==", "=")
        meant = f"{previous.text}({chosen})"
        fixes = error.fix((previous.start, error.lexemes[last].end, meant))
        span = error.span_of(found, error.lexemes[last])
        what = "where a quantity is asked for" if error.keyword == "expect" else f"what is said of `{previous.text}`"
        message = f"{what} stands in parentheses, not in square brackets"
        return error.diagnostic("SCL005", message, span=span, helps=(f"write `{meant}`",), fixes=fixes)
    if error.keyword != "expect" or error.at(2).text != "]" or inside.kind not in ("string", "quoted", "name"):
        return None
    meant = f"{inside.text.strip(_QUOTES)}({previous.text})"
    if error.words.get(previous.text) == "":  # of cells, and so at one of their labels
        meant = f"{previous.text}({inside.text.strip(_QUOTES)})"
    span = error.span_of(previous, error.at(2))
    fixes = error.fix((previous.start, error.at(2).end, meant))
    message = "what a fit gives is asked of it by name, not by a subscript"
    return error.diagnostic("SCL001", message, span=span, helps=(f"write `{meant}`",), fixes=fixes)


def at_a_size(error: SyntaxErrorContext) -> Diagnostic | None:
    """`expect loss at N=1B < 2`: what a quantity is asked at stands in its parentheses."""
    found, previous = error.found, error.previous
    if error.keyword != "expect" or found.text.lower() not in ("at", "for", "with", "when", "where", "on"):
        return None
    if previous.kind != "name" or error.at(1).kind != "name" or error.at(2).text not in ("=", "==") or error.open:
        return None
    if error.lexemes[error.index - 2].text not in ("expect", "and", "or", "not", *SIGNS):
        return None
    last, i = error.at(3), 3
    while error.at(i + 1).text in (",", "and") and error.at(i + 3).text in ("=", "=="):
        i += 4
        last = error.at(i)
    chosen = error.source.text[error.at(1).start : last.end].replace("==", "=").replace(" and ", ", ")
    meant = f"{previous.text}({chosen})"
    fixes = error.fix((previous.start, last.end, meant))
    span = error.span_of(found, last)
    message = "where a quantity is asked for stands in its parentheses"
    return error.diagnostic("SCL024", message, span=span, helps=(f"write `{meant}`",), fixes=fixes)
