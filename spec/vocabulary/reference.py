"""The reference page, read off the vocabulary: every word with its parameters, units, bounds, defaults and source.

`docs/reference.md`, and the grammar at the end of `docs/language.md`, are written by `python -m
scalingdsl.spec.vocabulary.reference docs/reference.md`; without a file the page is printed.
"""

from __future__ import annotations

import math
import re
import sys
from collections.abc import Iterable, Iterator
from importlib import resources
from pathlib import Path
from typing import Any

from ..diagnostics.suggest import listing
from ..syntax.numbers import LETTERS
from . import REGISTRY
from .base import OWN, Kind, Term, Word
from .clauses import CLAUSES, STATEMENTS
from .functions import ASYMMETRY, ASYMMETRY_MEANING, CELL_FUNCTIONS, CURVES, REDUCTIONS
from .law_options import LAW_OPTIONS
from .parameters import Field, fields_of
from .plugins import package_of
from .quantities import QUANTITIES, Quantity, statistics
from .settings import SETTINGS
from .words.laws import OBJECTIVES, Law, Parameter
from .words.optima import OptimumMethod
from .words.sources import Source
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
_PLACES = {"rest": "text in quotes", "others": "number or text", "warmup": "steps or %"}


def page() -> str:
    """The whole page, in Markdown."""
    lines = [
        "# Reference",
        "",
        "Every word of the language, as its declaration states it; [The language](language.md) says how they are put",
        "together. `scalingdsl explain WORD` prints what stands here. This page is made by `python -m",
        "scalingdsl.spec.vocabulary.reference docs/reference.md`; what it says is changed in `spec/vocabulary/`.",
        "",
    ]
    for heading, what, rows in _tables_before():
        lines += _section(heading, what, rows)
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
    for heading, what, rows in _tables_after():
        lines += _section(heading, what, rows)
    return "\n".join(lines).rstrip() + "\n"


#: Rows of a table, the first one its heads.
Rows = list[tuple[str, ...]]


def _section(heading: str, what: str, rows: Rows) -> Iterator[str]:
    yield from (f"## {heading}", "", what, "")
    yield from table(rows)
    yield ""


def table(rows: Rows) -> Iterator[str]:
    """A Markdown table."""
    yield f"| {' | '.join(rows[0])} |"
    yield "|" + "---|" * len(rows[0])
    for row in rows[1:]:
        yield f"| {' | '.join(cell.replace('|', chr(92) + '|') for cell in row)} |"


def _tables_before() -> Iterator[tuple[str, str, Rows]]:
    """Words of the grammar, numbers, and settings of a run: what stands in studies before any other word."""
    heads = ("word", "for example", "meaning")
    yield (
        "Statements",
        "What begins a line; `;` parts statements on one line.",
        [heads, *((f"`{word}`", f"`{c.example}`", c.meaning) for word, c in STATEMENTS.items())],
    )
    yield (
        "Clauses",
        "Words with a meaning of their own inside a statement.",
        [heads, *((f"`{word}`", f"`{c.example}`", c.meaning) for word, c in CLAUSES.items())],
    )
    yield (
        "Numbers",
        "Letters right behind a number: a magnitude, a unit, or both, as in `64k`, `200steps`, `5PFLOP`, `30min`.",
        [("letters", "meaning"), *((f"`{letters}`", meaning) for letters, meaning in LETTERS.items())],
    )
    yield (
        "Settings",
        "What `train` sets that is no parameter of an optimiser, with `=` or on an axis. How long a run trains follows "
        "from the identities C = 6 N D, D = steps x batch x length and D = epochs x unique.",
        [("setting", "takes", "meaning"), *((f"`{s.name}`", _takes(s), s.description) for s in SETTINGS.values())],
    )


def _tables_after() -> Iterator[tuple[str, str, Rows]]:
    """Options of laws, and all that conditions and claims may name and call."""
    yield (
        "Options of laws",
        "What every law takes in `fit`, beside its variables (`power(D)`, `chinchilla(N=N_body)`) and its parameters, "
        "fixed to a number or a quantity (`power(N, E=entropy_rate)`). On a table, outside a study, "
        + listing(name for name, option in LAW_OPTIONS.items() if option.of_tables)
        + " alone.",
        [
            ("option", "for example", "meaning"),
            *((f"`{name}`", f"`{option.example}`", option.meaning) for name, option in LAW_OPTIONS.items()),
        ],
    )
    yield (
        "Objectives",
        "What `objective=` can name; one with a hyphen in quotes or without.",
        [("objective", "minimises"), *((f"`{name}`", meaning) for name, meaning in OBJECTIVES.items())],
    )
    yield (
        "Quantities",
        "What conditions and claims compare, beside axes, parameters of runs and of fits. Those of a run follow from "
        "the study; those of a cell are measured (`loss`, `loss(width=64)`); those of a fit are asked of it "
        "(`mse(power(D))`).",
        [
            ("quantity", "of a", "in", "meaning"),
            *((f"`{q.name}`", _of(q), q.unit or "–", q.meaning) for q in QUANTITIES.values()),
        ],
    )
    yield (
        "Predictions",
        "What claims may ask of a fit besides its parameters and statistics.",
        [
            ("quantity", "meaning"),
            *((f"`{name}`", curve.meaning) for name, curve in CURVES.items()),
            (f"`{ASYMMETRY}`", ASYMMETRY_MEANING),
        ],
    )
    yield (
        "Facts",
        "Numbers of what a source drew, asked for as `hill(data)`.",
        [("fact", "of", "meaning"), *((f"`{n}`", f"`{word}`", meaning) for n, word, meaning in facts())],
    )
    yield (
        "Reductions",
        "What makes one number of the values of several panels or cells, in claims: `mean(alpha(power(N)))`.",
        [("reduction", "gives"), *((f"`{name}`", meaning) for name, meaning in REDUCTIONS.items())],
    )
    yield (
        "Functions",
        "What expressions can call; `rank` in conditions on cells and rows alone.",
        [("function", "gives"), *((f"`{name}`", function.meaning) for name, function in CELL_FUNCTIONS.items())],
    )


def facts() -> Iterator[tuple[str, str, str]]:
    """Numbers of what sources drew: name, source, meaning."""
    for word, term in REGISTRY.items():
        if issubclass(term, Source) and term.package == OWN:
            yield from ((name, word, meaning) for name, meaning in term.facts.items())


def _of(quantity: Quantity) -> str:
    return quantity.of if quantity.everywhere else f"{quantity.of}, where a table has it"


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
    fields = sorted((f for f in fields_of(term).values() if not f.derived), key=lambda f: f.shape == "others")
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
    others = {"rest": "any quantity, as `NAME=`", "others": "any other, as `NAME=`"}
    name = others.get(field.shape, f"`{field.name}`")
    return f"| {' | '.join((name, *field_row(field)))} |"


def field_row(field: Field) -> tuple[str, str, str]:
    """What a parameter takes, its default and its meaning."""
    default = "required" if field.required else _default(field.default)
    return _takes(field), default, field.description.replace("|", "\\|") or "–"


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


#: What stands above the grammar in a page that shows it.
GRAMMAR_MARK = "<!-- generated: grammar -->"


def grammar() -> str:
    """The rules of a statement, without those of its letters and without what only the parser is told."""
    text = resources.files(__package__).joinpath("../syntax/grammar.lark").read_text(encoding="utf-8")
    rules, _, letters = text.partition("// --- words")
    shown = [re.sub(r"^[?!]|\s*-> \w+$", "", line) for line in rules.splitlines() if not line.startswith("//")]
    shown += [line for line in letters.splitlines() if line.startswith(("NUMBER", "NAME", "STRING"))]
    return re.sub(r"\n{3,}", "\n\n", "\n".join(shown)).strip() + "\n"


def with_grammar(text: str) -> str:
    """A page with the grammar as it is in the block below its mark."""
    block = re.compile(rf"({GRAMMAR_MARK}\n```lark\n).*?(```\n)", re.DOTALL)
    return block.sub(lambda found: found[1] + grammar() + found[2], text)


def main(arguments: list[str]) -> None:
    """Write the page to the file that is named, or print it; the grammar in `language.md` beside it."""
    if not arguments:
        sys.stdout.write(page())
        return
    target = Path(arguments[0])
    target.write_text(page(), encoding="utf-8")
    beside = target.with_name("language.md")
    if beside.is_file():
        beside.write_text(with_grammar(beside.read_text(encoding="utf-8")), encoding="utf-8")


if __name__ == "__main__":
    main(sys.argv[1:])
