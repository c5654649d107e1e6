"""Figures that other tools draw on request: `report loss vs N`, `report plot(loss ~ C), latex`."""

from __future__ import annotations

import re
from collections.abc import Iterator

from ..diagnostics.suggest import listing
from ..vocabulary.base import REGISTRY
from .constructs import Construct, Statement, parts

_DRAWN = re.compile(r"\b(?:vs\.?|versus|against|as a function of|scatter|log-?log)\b|~|\bplots?\s*\(", re.IGNORECASE)


def figures(statement: Statement) -> Iterator[Construct]:
    """Figures asked for by what stands on their axes: every law has its own."""
    text = statement.text.rstrip()
    first = re.match(r"report\s*", text)
    if first is None or _DRAWN.search(text) is None:
        return
    blocks_here = {w: t for w, t in REGISTRY.items() if t.kind == "block"}
    kept = [w for w in re.findall(r"\w+", text[first.end() :]) if w in blocks_here]
    others = [p.lower() for p in parts(text[first.end() :]) if p.isidentifier() and p not in blocks_here]
    kept += [
        meant
        for p in others
        for t in blocks_here.values()
        if (meant := t.called.get(p, "").split("`")[0]) in blocks_here
    ]
    said = "figures are not asked for by their axes: every law is drawn over its cells in every report"
    blocks = "more is asked for by name, such as `report slices, curves`"
    written = f"report {', '.join(dict.fromkeys(kept))}" if kept else ""
    helps = (f"write `{written}`: {blocks}" if kept else f"leave the line out; {blocks}",)
    yield Construct(0, len(text), said, written, helps, code="SCL024")


#: A file or a folder in quotes, and words that name no part of a report.
_QUOTED = re.compile(r"\"[^\"\n]*\"|'[^'\n]*'")


def parts_in_words(statement: Statement) -> Iterator[Construct]:
    """`report loss curves`, `report {exponents, curves}`, `report figures "figs/"`: parts by name, and commas."""
    text = statement.text.rstrip()
    first = re.match(r"report\s+", text)
    if first is None or "=" in text or re.fullmatch(r"report\s+\w+(?:\s*,\s*\w+)*", text) or _DRAWN.search(text):
        return
    rest = _QUOTED.sub("", text[first.end() :])
    words = re.findall(r"[A-Za-z_]\w*", rest)
    kept = list(dict.fromkeys(w for w in words if w in REGISTRY and REGISTRY[w].kind == "block"))
    others = [w for w in words if w not in kept and w not in ("and", "with", "the", "all", "only", "as", "to", "in")]
    if not words or re.search(r"[^\w\s,{}()+&]", rest) or (not kept and not _QUOTED.search(text)):
        return
    written = f"report {', '.join(kept)}" if kept else ""
    said = "`report` lists what the report has besides, by name and with commas between"
    out = listing(others)
    helps = [f"write `{written}`" + (f": {out} {'is' if len(others) == 1 else 'are'} no part of its own" * bool(out))]
    if not kept:
        helps = ["leave the line out: every law has its figures by itself"]
    if _QUOTED.search(text):
        helps.append("the folder is given on the command line: `scalingdsl run --out FOLDER`")
    yield Construct(0, len(text), said, written, tuple(helps), code="SCL024")


FINDERS = (figures, parts_in_words)
