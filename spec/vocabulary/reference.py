"""The reference page, read off the vocabulary: every word with its parameters, units, bounds, defaults and source.

`docs/reference.md` is written by `python -m scalingdsl.spec.vocabulary.reference docs/reference.md`; without a file
the page is printed.
"""

from __future__ import annotations

import math
import sys
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

from . import REGISTRY
from .base import OWN, Kind, Term, Word
from .functions import FUNCTIONS
from .parameters import Field, fields_of
from .plugins import package_of
from .quantities import QUANTITIES, statistics
from .words.laws import Law, Parameter
from .words.optima import OptimumMethod
from .words.training import Warmup

#: Kinds in the order of the page, with their headings and what each is for.
KINDS: tuple[tuple[Kind, str, str], ...] = (
    ("source", "Sources", "What `data` can name."),
    ("graph", "Graphs", "What `walk` can walk on."),
    ("tokenizer", "Tokenizers", "How `text` becomes tokens."),
    ("teacher", "Teachers", "What `sample` can draw from."),
    ("family", "Models", "What `models` can name."),
    ("optimiser", "Training", "What `train` can name."),
    ("schedule", "Schedules", "What `schedule=` can name."),
    ("law", "Laws", f"What `fit` can name. Every fit gives {', '.join(f'`{s}`' for s in statistics())} too."),
    ("optimum", "Optima", "What `optimum` can name."),
    ("block", "Reports", "What `report` can name."),
)
_PLACES = {"rest": "by any name", "warmup": "steps or %"}


def page() -> str:
    """The whole page, in Markdown."""
    lines = [
        "# Reference",
        "",
        "Every word of the language, as its declaration states it. This page is made by `python -m",
        "scalingdsl.spec.vocabulary.reference docs/reference.md`; what it says is changed in `spec/vocabulary/`.",
        "",
    ]
    known = {kind for kind, _, _ in KINDS}
    others = sorted({term.kind for term in REGISTRY.values() if term.package == OWN} - known)
    for kind, heading, what in (*KINDS, *((kind, f"{kind.capitalize()}s", "") for kind in others)):
        words = sorted(word for word, term in REGISTRY.items() if term.kind == kind and term.package == OWN)
        if words:
            lines += [f"## {heading}", "", *([what, ""] if what else [])]
            if kind == OptimumMethod.kind:
                lines += _parameters(OptimumMethod.params)
            for word in words:
                lines += _word(REGISTRY[word])
    lines += [
        "## Quantities",
        "",
        "What conditions and claims compare, beside axes, parameters of runs and of fits.",
        "",
    ]
    lines += ["| quantity | of a | in | meaning |", "|---|---|---|---|"]
    lines += [f"| `{q.name}` | {q.of} | {q.unit or '–'} | {q.meaning} |" for q in QUANTITIES.values()]
    lines += ["", "## Functions", "", "What expressions can call.", ""]
    lines += [", ".join(f"`{name}`" for name in sorted(FUNCTIONS)), ""]
    return "\n".join(lines).rstrip() + "\n"


def word_page(word: str) -> str:
    """The text of `explain` about a word: that of the page, its kind and the package that declares it."""
    term = REGISTRY[word]
    return "\n".join((*_word(term), f"Kind: {term.kind}. Package: {package_of(word)}.")) + "\n"


def _word(term: type[Word]) -> Iterator[str]:
    yield from (f"### `{term.word}`", "", _prose(term.__doc__ or ""), "")
    if issubclass(term, Law):
        yield from (f"`{term.formula}`", "") if term.formula else ()
        yield from (_law(term), "")
        yield from _parameters(term.params)
        yield from _settings(term)
    if issubclass(term, OptimumMethod):
        curves = f"; curves {', '.join(f'`{c}`' for c in term.curves)} at `C=`" if term.curves else ""
        argument = " Its argument is a fit." if term.needs_fit else ""
        yield from (f"Gives {', '.join(f'`{p}`' for p in term.parameters())}{curves}.{argument}", "")
    fields = [f for f in fields_of(term).values() if not f.derived]
    if fields:
        yield from ("| parameter | takes | default | meaning |", "|---|---|---|---|")
        yield from (_row(f) for f in fields)
        yield ""
    if term.order:
        yield from (f"By position: {', '.join(f'`{name}`' for name in term.order)}.", "")
    for group in term.one_of:
        yield from (f"Exactly one of {', '.join(f'`{name}`' for name in group)} is given.", "")
    if term.reference:
        yield from (f"Source: {term.reference}.", "")


def _prose(text: str) -> str:
    """A docstring as one paragraph for each of its own."""
    paragraphs = [" ".join(part.split()) for part in text.split("\n\n")]
    return "\n\n".join(p.replace("|", "\\|").replace("<", "\\<") for p in paragraphs if p)


def _law(law: type[Law]) -> str:
    given = "" if law.params else "no parameters; "
    delta = "" if law.delta is None or "huber" not in law.objective else f", threshold {law.delta:g}"
    return f"Variables {', '.join(f'`{v}`' for v in law.variables)}; {given}objective `{law.objective}`{delta}."


def _parameters(params: Iterable[Parameter]) -> Iterator[str]:
    """A law's parameters as a table."""
    rows = [f"| `{p.name}` | {p.kind}{_between(*p.bounds)} | {p.meaning} |" for p in params]
    yield from ("| fitted | is a | meaning |", "|---|---|---|", *rows, "") if rows else ()


def _between(low: float | None, high: float | None, above: bool, below: bool = False, form: str = ",g") -> str:
    parts = [] if low in (None, -math.inf) else [f"{'>' if above else '>='} {low:{form}}"]
    parts += [] if high in (None, math.inf) else [f"{'<' if below else '<='} {high:{form}}"]
    return f", {' and '.join(parts)}" if parts else ""


def _settings(law: type[Law]) -> Iterator[str]:
    """The numbers of a closed form, as a table like that of any parameters."""
    if law.settings:
        yield from ("| number | takes | default | meaning |", "|---|---|---|---|")
        for name, given in law.settings.items():
            takes = f"{'whole number' if given.whole else 'number'}, >= {given.low:g} and <= {given.high:,.7g}"
            yield f"| `{name}` | {takes} | `{given.default:g}` | {given.meaning} |"
        yield ""


def _row(field: Field) -> str:
    default = "required" if field.required else _default(field.default)
    if field.required and field.shape == "rest":
        default = "none"
    meaning = field.description.replace("|", "\\|") or "–"
    return f"| `{field.name}` | {_takes(field)} | {default} | {meaning} |"


def _takes(field: Field) -> str:
    """Type, unit and bounds in a few words."""
    if field.shape == "choice":
        return " or ".join(f"`{c}`" for c in field.choices)
    if field.shape == "term":
        return f"a {field.term.kind}" if field.term is not None else "a value"
    words = {"int": "whole number", "float": "number", "bool": "`true` or `false`", "str": "text in quotes", **_PLACES}
    said = ("files, folder or pattern" if field.many else "file") if field.file else words[field.shape]
    unit = f", {field.unit}" if field.unit else ""
    return f"{said}{unit}{_between(field.low, field.high, field.above, field.below, ',')}"


def _default(value: Any) -> str:
    if value is None:
        return "none"
    if isinstance(value, bool):
        return f"`{str(value).lower()}`"
    if isinstance(value, Term):
        return f"`{value.word}`"
    if isinstance(value, Warmup):
        return f"`{value.steps}steps`" if value.steps is not None else f"`{100 * (value.fraction or 0):g}%`"
    if isinstance(value, float):
        return f"`{value:g}`"
    return f"`{value}`" if value not in ("", ()) else "none"


def main(arguments: list[str]) -> None:
    """Write the page to the file that is named, or print it."""
    if arguments:
        Path(arguments[0]).write_text(page(), encoding="utf-8")
    else:
        sys.stdout.write(page())


if __name__ == "__main__":
    main(sys.argv[1:])
