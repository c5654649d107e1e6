"""The slips people make, recognised one by one.

Each function looks at where the parser got stuck and says what was meant, or returns None where it is not the one.
"""

from __future__ import annotations

from collections.abc import Callable

from ...errors import Diagnostic
from . import lexical_patterns as text
from . import statement_patterns as shape
from . import value_patterns as values
from .error_context import Stuck

Slip = Callable[[Stuck], Diagnostic | None]

#: In the order they are tried: what explains the others comes first.
SLIPS: tuple[Slip, ...] = (
    shape.unknown_statement,
    text.string_not_closed,
    text.other_quotes,
    text.point_at_end,
    text.number_in_pieces,
    text.not_in_quotes,
    text.foreign_operator,
    text.unknown_character,
    shape.runs_on,
    text.word_as_name,
    shape.closes_nothing,
    values.wrong_sign,
    values.law_with_a_side,
    text.misspelt_in,
    values.in_missing,
    values.range_ends,
    values.range_without_brackets,
    values.sweep_arithmetic,
    shape.where_misplaced,
    shape.not_closed,
    values.comparison_in_call,
    values.comparison_goes_on,
    shape.comma_between_bindings,
    text.misspelt_word,
    shape.comma_missing,
    shape.comma_at_end,
)
