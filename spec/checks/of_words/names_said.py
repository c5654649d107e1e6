"""Graphs, models and optimisers that a title names, and the study has another."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence

from ...diagnostics.suggest import listing
from ...errors import Diagnostic
from ...plan.survey import Cell
from ...vocabulary.base import REGISTRY, Kind
from .counts_said import inside
from .remarks import Remark

#: Kinds of words that titles name, and what they are called.
KINDS: dict[Kind, str] = {"graph": "a graph", "family": "a model", "optimiser": "an optimiser"}
#: Words of a title that set things against each other, each of which is there.
_AGAINST = re.compile(r"\b(?:against|versus|vs)\b", re.IGNORECASE)
_MUP = re.compile(r"\bmuP\b|\bμP\b")
_SP = re.compile(r"\b[Uu]nder SP\b|\bSP (?:against|versus|vs)\b|\b(?:against|versus|vs\.?) SP\b")


def names_said(said: Iterable[Remark], cells: Sequence[Cell]) -> Iterator[Diagnostic]:
    """`title "Walks on a Barabasi-Albert graph"` over `er(...)`: either of both is a slip."""
    title = next((remark for remark in said if remark.noun == "title"), None)
    if title is None or not (title.plain or _AGAINST.search(title.text)):
        return
    used = {id(whole): whole for c in cells for whole in (c.source, c.model, c.optimiser)}.values()
    there = {term.word: term.kind for whole in used for term in inside(whole)}
    for kind, noun in KINDS.items():
        own = sorted(word for word, of in there.items() if of == kind)
        named = {
            word: found[0]
            for word, known in sorted(REGISTRY.items())
            if known.kind == kind and known.spoken and (found := re.search(known.spoken, title.text))
        }
        lacking = [word for word in named if word not in own]
        spoken = own and all(REGISTRY[word].spoken for word in own)
        if not lacking or not spoken or (len(lacking) < len(named) and not _AGAINST.search(title.text)):
            continue
        message = f"the title names {noun} that the study has not, {named[lacking[0]]}: it has {listing(own)}"
        helps = (f"write `{lacking[0]}` for it, or say {listing(own)} in the title",)
        yield Diagnostic("SCL456", message, title.place(named[lacking[0]]), severity="warning", helps=helps)
    yield from _parametrisations(title, cells)


def _parametrisations(title: Remark, cells: Sequence[Cell]) -> Iterator[Diagnostic]:
    """muP in a title over models under SP alone, and the reverse."""
    there = {str(p) for c in cells if (p := getattr(c.model, "param", None))}
    named = {name: found for name, sign in (("muP", _MUP), ("SP", _SP)) if (found := sign.search(title.text))}
    lacking = [name for name in named if name not in there]
    if there and lacking and (len(lacking) == len(named) or _AGAINST.search(title.text)):
        both = len(lacking) < len(named)
        message = f"the title names {lacking[0]}, and every model here is under {min(there)}"
        way = f"param in {{{', '.join(sorted({*there, *lacking}, reverse=True))}}}" if both else f"param={lacking[0]}"
        helps = (f"write `{way}`, or say {min(there)} in the title",)
        yield Diagnostic("SCL456", message, title.place(named[lacking[0]][0]), severity="warning", helps=helps)
