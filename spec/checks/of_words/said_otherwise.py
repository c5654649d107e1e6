"""What the title and the comments of a study say of it, and it does not."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from ...claims.claim_conditions import Claim
from ...errors import Diagnostic
from ...plan.study_plan import StudyPlan
from ...plan.survey import Cell
from ...resolve.use_statements import Merged
from ...source import Source
from .counts_said import counts_said
from .labels_said import names_out_of_order
from .names_said import names_said
from .order_said import order_said, students_said
from .remarks import remarks
from .shares_said import shares_said


def said_otherwise(
    source: Source, merged: Merged, plan: StudyPlan, claims: Sequence[Claim], cells: Sequence[Cell]
) -> Iterator[Diagnostic]:
    """Numbers, shares and orders in words, of which the study has others."""
    yield from names_out_of_order(merged.lets.values())
    said = tuple(remarks(source, merged.title))
    if said:
        bodies = [body for body in merged.parts.values() if body is not None]
        yield from counts_said(said, plan, cells)
        yield from names_said(said, cells)
        yield from shares_said(said, bodies, {name: let.value for name, let in merged.lets.items()})
        yield from order_said(said, claims)
        yield from students_said(said, cells)
