"""One diagnostic for each statement that does not fit the grammar.

A statement that cannot be parsed is first shown to the patterns of the slips that people make; only what none of them
recognises gets the general message.
"""

from __future__ import annotations

from collections.abc import Callable

from ...errors import Diagnostic
from . import bracket_patterns as bracket
from . import claim_patterns as claim
from . import comparison_patterns as comparison
from . import lexical_patterns as lexical
from . import member_patterns as member
from . import misplaced_parts as misplaced
from . import number_patterns as number
from . import range_patterns as ranges
from . import statement_patterns as statement
from . import value_patterns as value
from .error_context import SyntaxErrorContext, describe_expected, describe_lexeme
from .foreign import statements as foreign
from .foreign import told_elsewhere as elsewhere

#: Says what was meant where the parser got stuck; None where another slip was made.
Pattern = Callable[[SyntaxErrorContext], Diagnostic | None]

#: In the order they are tried: what explains the others comes first.
PATTERNS: tuple[Pattern, ...] = (
    foreign.pasted,
    foreign.comment_of_another,
    foreign.for_loop,
    elsewhere.parameter_on_a_line,
    elsewhere.statement_taken_back,
    elsewhere.value_with_a_name,
    foreign.override,
    foreign.value_without_statement,
    foreign.word_without_statement,
    statement.file_without_statement,
    foreign.unknown_statement,
    lexical.string_not_closed,
    elsewhere.condition_on_the_next_line,
    elsewhere.several_in_a_let,
    elsewhere.bounds_in_brackets,
    elsewhere.bounds_behind_a_law,
    elsewhere.call_in_a_call,
    lexical.interpolation,
    lexical.marked_text,
    lexical.typographic_quotes,
    lexical.escaped_sign,
    lexical.other_quotes,
    misplaced.where_in_parentheses,
    misplaced.where_before_its_item,
    misplaced.statement_in_let,
    misplaced.list_in_range,
    misplaced.axes_in_pairs,
    misplaced.function_of_settings,
    misplaced.remark_under_title,
    misplaced.written_otherwise,
    misplaced.joined_by_and,
    misplaced.equal_and_within,
    number.superscript,
    number.point_at_end,
    number.grouped_digits,
    number.number_in_pieces,
    member.attribute,
    member.subscript,
    comparison.interval_of_another,
    claim.claim_in_words,
    member.at_a_size,
    value.option_outside,
    elsewhere.parameter_with_bounds,
    value.law_with_a_side,
    comparison.compared_in_words,
    lexical.latex,
    comparison.absolute_bars,
    lexical.not_in_quotes,
    value.matrix_in_line,
    bracket.semicolon_in_brackets,
    lexical.foreign_operator,
    ranges.dots_elsewhere,
    ranges.colon_range,
    lexical.unknown_character,
    statement.runs_on,
    statement.dashed_item,
    statement.condition_ends,
    statement.labelled_item,
    statement.conditional_value,
    statement.spacing_as_axis,
    statement.values_missing,
    ranges.step_outside,
    lexical.two_words,
    statement.filler,
    lexical.word_as_name,
    bracket.half_open,
    bracket.closes_nothing,
    bracket.label_with_digit,
    bracket.set_left_open,
    value.wrong_sign,
    value.product_without_sign,
    statement.source_without_word,
    statement.axis_after_where,
    value.compared_axis,
    statement.several_lets,
    lexical.misspelt_in,
    statement.word_before_axis,
    ranges.in_missing,
    ranges.range_in_words,
    ranges.range_ends,
    ranges.range_without_brackets,
    ranges.listed_without_braces,
    value.sweep_arithmetic,
    statement.where_misplaced,
    bracket.not_closed,
    claim.condition_in_words,
    claim.claims_in_a_row,
    value.comparison_in_call,
    value.comparison_goes_on,
    value.names_in_parentheses,
    bracket.comma_between_bindings,
    lexical.misspelt_word,
    statement.joined_alternatives,
    bracket.comma_in_condition,
    bracket.comma_missing,
    bracket.comma_at_end,
    claim.words_in_claim,
)


def diagnose(error: SyntaxErrorContext) -> Diagnostic:
    """The one diagnostic of a statement that cannot be parsed."""
    for pattern in PATTERNS:
        if (found := pattern(error)) is not None:
            return found
    message = f"expected {describe_expected(error.accepts, error.keyword)}, found {describe_lexeme(error.found)}"
    return error.diagnostic("SCL001", message, helps=(error.examples,))
