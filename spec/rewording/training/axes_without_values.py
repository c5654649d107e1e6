"""Parameters that are to be tuned, without the values to try: `lr=tune`, `tune(lr, batch)`, `tune lr over 3 values`."""

from __future__ import annotations

import re
from collections.abc import Iterator

from ...diagnostics.suggest import ELSEWHERE
from ...syntax.numbers import text_of
from ...syntax.statement_examples import USUAL_VALUES
from ...vocabulary.base import REGISTRY
from ...vocabulary.parameters import fields_of
from ..constructs import Construct, Statement

_NAME = r"(?:learning[ \t_-]?rate|batch[ \t_-]?size|weight[ \t_-]?decay|[A-Za-z_]\w*)"
_ASKED = re.compile(
    rf"\b(?P<value>{_NAME})[ \t]*[=:][ \t]*"
    r"[\"']?(?:tuned?|tuning|sweep|swept|search|searched|grid_?search|best|optimal)[\"']?(?![\w(.\"']|[ \t]+of\b)"
    rf"|\b(?:auto_?)?tuned?[ \t]*(?:=[ \t]*|\([ \t]*)(?P<several>{_NAME}(?:[ \t]*,[ \t]*{_NAME})*)"
    r"[ \t]*(?P<closed>\)?)(?![\w(.=]|[ \t]*(?:\bin\b|=))"
    rf"|\btuned?[ \t]+(?:the[ \t]+)?(?P<one>{_NAME})"
    r"(?:[ \t]+(?:over|with|among|at|by)[ \t]+(?:\d+|a|few|several|some|the)"
    r"(?:[ \t]+(?:values?|points?|rates?|trials?|grid|usual))*|[ \t]+automatically)?"
    r"(?=[ \t]*(?:,[ \t]*(?:tune\b|\w+[ \t]*=)|[);\n#]|$)"
    r"|[ \t]+(?:tune\b|panel\b|where\b|[A-Za-z_]\w*[ \t]*(?:in\b|along\b|[=&])))"
)
#: What is told of by itself, as an axis without values.
_PLAIN = re.compile(r"tune[ \t]+[A-Za-z_]\w*")
#: Amounts of which the most is the best, and what nobody tunes.
_NEVER = ("tokens", "steps", "compute", "seed", "param")
_USUAL_RATE = 0.02


def axes_without_values(statement: Statement) -> Iterator[Construct]:
    """`adamw(lr=tune)`, `tune lr`, `tune=lr`: the values that are tried stand behind the name."""
    for found in _ASKED.finditer(statement.text) if statement.keyword in ("train", "models") else ():
        asked = found["value"] or found["several"] or found["one"]
        inside = statement.text.count("(", 0, found.start()) > statement.text.count(")", 0, found.start())
        plain = _PLAIN.fullmatch(found[0]) is not None and not inside
        if plain or bool(found["closed"]) != ("(" in found[0]):
            continue
        names = [_here(name) for name in re.split(r"[ \t]*,[ \t]*", asked)]
        swept = [f"tune {name} in {values}" for name in names if (values := _usual(name, statement.text))]
        if len(swept) < len(names):
            continue
        written = (", " if inside else "  ").join(swept)
        said = "the best of several values is kept by `tune`, behind whose name they stand"
        yield Construct(found.start(), found.end(), said, written, (f"write `{written}`, say",), code="SCL017")


def _here(name: str) -> str:
    plain = re.sub(r"[ \t-]+", "_", name.strip())
    return ELSEWHERE.get(plain.lower(), plain)


def _usual(name: str, text: str) -> str:
    """Values of a parameter to try; of a rate, around that of the optimiser. Empty for a name without any."""
    words = (REGISTRY[w] for w in re.findall(r"[A-Za-z_]\w*", text) if w in REGISTRY)
    rate = next((fields_of(w)["lr"].default for w in words if w.kind == "optimiser" and "lr" in fields_of(w)), None)
    if name == "lr" and isinstance(rate, float) and rate != _USUAL_RATE:
        return f"{{{', '.join(text_of(float(f'{rate * by:.1g}')) for by in (1 / 3, 1, 3))}}}"
    return USUAL_VALUES.get(name, "") if name not in _NEVER else ""


FINDERS = (axes_without_values,)
