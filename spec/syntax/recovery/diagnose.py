"""One diagnostic for each statement that does not fit the grammar.

A statement that cannot be parsed is first shown to the patterns of the slips that people make; only what none of them
recognises gets the general message.
"""

from __future__ import annotations

from collections.abc import Callable

from ...errors import Diagnostic
from . import lexical_patterns as lexical
from . import statement_patterns as statement
from . import value_patterns as value
from .error_context import SyntaxErrorContext, describe_expected, describe_lexeme

#: Says what was meant where the parser got stuck; None where another slip was made.
Pattern = Callable[[SyntaxErrorContext], Diagnostic | None]

#: In the order they are tried: what explains the others comes first.
PATTERNS: tuple[Pattern, ...] = (
    statement.unknown_statement,
    lexical.string_not_closed,
    lexical.other_quotes,
    lexical.point_at_end,
    lexical.number_in_pieces,
    lexical.not_in_quotes,
    lexical.foreign_operator,
    lexical.unknown_character,
    statement.runs_on,
    lexical.word_as_name,
    statement.closes_nothing,
    value.wrong_sign,
    value.law_with_a_side,
    lexical.misspelt_in,
    value.in_missing,
    value.range_ends,
    value.range_without_brackets,
    value.sweep_arithmetic,
    statement.where_misplaced,
    statement.not_closed,
    value.comparison_in_call,
    value.comparison_goes_on,
    statement.comma_between_bindings,
    lexical.misspelt_word,
    statement.comma_missing,
    statement.comma_at_end,
)


def diagnose(error: SyntaxErrorContext) -> Diagnostic:
    """The one diagnostic of a statement that cannot be parsed."""
    for pattern in PATTERNS:
        if (found := pattern(error)) is not None:
            return found
    message = f"expected {describe_expected(error.accepts, error.keyword)}, found {describe_lexeme(error.found)}"
    return error.diagnostic("SCL001", message, helps=(error.examples,))
