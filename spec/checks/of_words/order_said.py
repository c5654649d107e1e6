"""Which of two is better or larger by a comment, beside a claim or sizes that have it the other way round."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from typing import Any

from ...claims.claim_conditions import Claim
from ...claims.references import QuantityRef, selected
from ...errors import Diagnostic
from ...expressions.canonical_tree import text
from ...plan.survey import Cell
from ...syntax import ast
from ...vocabulary.quantities import losses
from .remarks import Remark

#: Words for the side with more of something, and for that with less.
_MORE = r"(?:larger|bigger|wider|deeper|longer|large|big|wide|deep|long|more)"
_LESS = r"(?:smaller|narrower|shallower|shorter|small|narrow|shallow|short|fewer|less)"
#: What is said of the better, or the worse, of two losses.
_BETTER = (
    r"(?:beats?|outperforms?|wins?|(?:is|are|does|do|work|works) better|better than|helps?|(?:a )?lower loss(?:es)?)"
)
_WORSE = r"(?:loses?|(?:is|are|does|do) worse|worse than|hurts?|(?:a )?higher loss(?:es)?)"
#: What is said of the larger, or the smaller, of two numbers.
_ABOVE = r"(?:above|exceeds?|(?:larger|greater|higher|steeper|more) than)"
_BELOW = r"(?:below|(?:smaller|lower|less) than)"
#: Words that ask, or turn round what is said.
_OPEN = re.compile(
    r"\b(?:not|no|nor|never|neither|if|whether|does|should|unless|until|but|than expected)\b|n't|\?", re.I
)
_TURNED = {"<": ">", "<=": ">=", ">": "<", ">=": "<="}
_SMALL_STUDENTS = re.compile(
    r"\b(?:smaller than (?:the|their|its) teacher|small(?:er)? students?|(?:larger?|big(?:ger)?) teachers?)\b",
    re.I,
)


def order_said(said: Sequence[Remark], claims: Iterable[Claim]) -> Iterator[Diagnostic]:
    """`# bigger is better` over `expect loss(width=16) < loss(width=96)`: one of both is the wrong way round."""
    for claim in claims:
        match claim.tree:
            case ast.Chain(first, ((op, second),)) if op in _TURNED:
                sides = [[*selected(side)] for side in (first, second)]
            case _:
                continue
        if any(len(refs) != 1 for refs in sides):
            continue
        left, right = (refs[0] for refs in sides)
        for remark in said:
            if remark.beside is None or claim.span not in remark.beside or _OPEN.search(remark.text):
                continue
            lower = _lower(remark.text, left, right)
            if lower is None or (lower is left) == (op in ("<", "<=")):
                continue
            (sign, other), written = claim.test.rest[0], claim.test.first  # type: ignore[union-attr]
            turned = f"{text(written)} {_TURNED[sign]} {text(other)}"
            higher = text((right if lower is left else left).written)
            message = f"the comment puts `{text(lower.written)}` below `{higher}`, and the claim above it"
            yield Diagnostic("SCL456", message, claim.span, severity="warning", helps=(f"write `{turned}`",))


def _lower(words: str, left: QuantityRef, right: QuantityRef) -> QuantityRef | None:
    """The side that a comment calls lower; None where it names neither for certain."""
    names = _apart(left, right)
    if names is None:
        return None
    better = left.name == right.name and left.name in losses()
    low, high = (_BETTER, _WORSE) if better else (_BELOW, _ABOVE)
    for said, is_low in ((low, True), (high, False)):
        found = re.search(rf"\b{said}\b", words, re.IGNORECASE)
        if found is None:
            continue
        before = [i for i, name in enumerate(names) if re.search(rf"\b{name}\b", words[: found.start()], re.IGNORECASE)]
        after = [i for i, name in enumerate(names) if re.search(rf"\b{name}\b", words[found.end() :], re.IGNORECASE)]
        if len(before) != 1 or after == before:
            return None
        return (left, right)[before[0] if is_low else 1 - before[0]]
    return None


def _apart(left: QuantityRef, right: QuantityRef) -> tuple[str, str] | None:
    """Patterns of what each of two quantities is called, where one thing tells them apart."""
    if left.name != right.name:
        return (re.escape(left.name), re.escape(right.name)) if left.selectors == right.selectors else None
    one, two = ({(s.name, s.value) for s in ref.selectors} for ref in (left, right))
    if len(one - two) != 1 or len(two - one) != 1:
        return None
    ((name, here),), ((other, there),) = one - two, two - one
    if name != other:
        return None
    if isinstance(here, str) and isinstance(there, str):
        return re.escape(here), re.escape(there)
    if (
        isinstance(here, str)
        or isinstance(there, str)
        or name not in ("width", "layers", "N", "D", "tokens", "samples")
    ):
        return None
    return (_MORE, _LESS) if here > there else (_LESS, _MORE)


def students_said(said: Sequence[Remark], cells: Sequence[Cell]) -> Iterator[Diagnostic]:
    """Small students in words, each of which is larger than its teacher."""
    taught = [(c.model, teacher) for c in cells if (teacher := getattr(c.source, "teacher", None)) is not None]
    pairs = [(_width(model), teacher.width) for model, teacher in taught if _width(model)]
    if not pairs or len(pairs) < len(cells) or any(own <= of for own, of in pairs):
        return
    if any(getattr(model, "layers", 0) < teacher.layers for model, teacher in taught):
        return
    remark = next((r for r in said if _SMALL_STUDENTS.search(r.text) and not _OPEN.search(r.text)), None)
    if remark is not None:
        most, widest = max(own for own, _ in pairs), max(of for _, of in pairs)
        message = f"the {remark.noun} has the teacher larger than its students, and it is smaller than all of them"
        notes = (f"its width is {widest}, and theirs {min(own for own, _ in pairs)} and more",)
        helps = (f"give the teacher a width above theirs, such as `width={2 * most}`",)
        yield Diagnostic("SCL456", message, remark.span, severity="warning", notes=notes, helps=helps)


def _width(model: Any) -> int:
    return int(getattr(model, "width", 0) or 0)
