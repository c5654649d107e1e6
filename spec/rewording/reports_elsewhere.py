"""Figures that other tools draw on request: `report loss vs N`, `report plot(loss ~ C), latex`."""

from __future__ import annotations

import re
from collections.abc import Iterator

from ..vocabulary.base import REGISTRY
from .constructs import Construct, Statement

_DRAWN = re.compile(r"\b(?:vs\.?|versus|against|as a function of|scatter|log-?log)\b|~|\bplots?\s*\(", re.IGNORECASE)


def figures(statement: Statement) -> Iterator[Construct]:
    """Figures asked for by what stands on their axes: every law has its own."""
    text = statement.text.rstrip()
    first = re.match(r"report\s*", text)
    if first is None or _DRAWN.search(text) is None:
        return
    kept = [w for w in re.findall(r"\w+", text[first.end() :]) if w in REGISTRY and REGISTRY[w].kind == "block"]
    said = "figures are not asked for by their axes: every law is drawn over its cells in every report"
    blocks = "more is asked for by name, such as `report slices, curves`"
    written = f"report {', '.join(dict.fromkeys(kept))}" if kept else ""
    helps = (f"write `{written}`: {blocks}" if kept else f"leave the line out; {blocks}",)
    yield Construct(0, len(text), said, written, helps, code="SCL024")


FINDERS = (figures,)
