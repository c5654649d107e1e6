"""Claims and conditions in words: `loss decreases with N`, `if width > 16 then ...`, `when`, several in a row."""

from __future__ import annotations

import re

from ...errors import Diagnostic
from .comparison_patterns import left_side
from .error_context import SyntaxErrorContext

#: Words before a condition.
_CONDITIONS = ("when", "if", "for", "given", "provided", "while", "whenever", "subject", "on", "at", "with")
#: How a claim says in words what changes with what.
_MOVES = {
    **dict.fromkeys(("decreases", "decrease", "falls", "fall", "drops", "shrinks", "improves", "goes"), "<"),
    **dict.fromkeys(("increases", "increase", "rises", "rise", "grows", "grow", "scales", "worsens"), ">"),
}


def claim_in_words(error: SyntaxErrorContext) -> Diagnostic | None:
    """`loss decreases with N`, `if width > 16 then loss < 3`, `∀ width: loss < 3`, `width not in {16}`."""
    found, previous, text = error.found, error.previous, error.source.text
    if found.text == "not" and error.at(1).text == "in" and previous.kind in ("name", "close"):
        left = left_side(error)
        start = error.source.text.rfind(left, 0, found.start)
        if start >= 0:
            fixes = error.fix((start, error.at(1).end, f"not {left} in"))
            values = re.match(r"\s*(\{[^{}]*\}|\[[^\[\]]*\])", text[error.at(1).end : error.chunk.end])
            helps = (f"write `not {left} in {values[1] if values else '...'}`",)
            span = error.span_of(found, error.at(1))
            return error.diagnostic(
                "SCL023", "`not` stands before what it turns round", span=span, helps=helps, fixes=fixes
            )
    if error.keyword != "expect":
        if error.within == "where" and found.text in ("is", "isnt", "does") and error.at(1).text == "not":
            fixes = error.fix((found.start, error.at(1).end, "!="))
            helps = (f"write `{left_side(error)} != {error.at(2).text}`",)
            span = error.span_of(found, error.at(1))
            return error.diagnostic("SCL023", "`!=` compares, not `is not`", span=span, helps=helps, fixes=fixes)
        if error.within == "where" and found.text in ("is", "equals", "eq", "be") and error.at(1).text:
            fixes = error.replaced("==")
            helps = (f"write `{left_side(error)} == {error.at(1).text}`",)
            return error.diagnostic("SCL023", f"`==` compares, not `{found.text}`", helps=helps, fixes=fixes)
        return None
    if found.text in _MOVES:
        sign = _MOVES[found.text]
        left = re.split(r"\W", left_side(error))[0]
        cells = f"`{left}(width=64) {sign} {left}(width=32)`"
        helps = (f"compare two cells, such as {cells}, or claim an exponent: `alpha > 0.2`",)
        span = error.span_from(found.start, error.chunk.end)
        return error.diagnostic("SCL023", "a claim compares numbers", span=span, helps=helps)
    whole = text[error.lexemes[0].end : error.chunk.end].strip()
    if then := re.match(r"(?:if|when|for)\s+(.+?)\s*(?:\bthen\b|,|:)\s*(.+)$", whole, re.DOTALL):
        condition = re.sub(r"^all\s+", "", then[1])
        meant = f"expect {then[2]} where {condition}" if re.search(r"[<>=]| in ", condition) else f"expect {then[2]}"
        fixes = error.fix((error.lexemes[0].start, error.chunk.end, meant))
        span = error.span_from(error.lexemes[1].start, error.chunk.end)
        return error.diagnostic(
            "SCL024",
            "a condition follows the claim, after `where`",
            span=span,
            helps=(f"write `{meant}`",),
            fixes=fixes,
        )
    if every := re.match(r"∀\s*\w+\s*[:,.]?\s*", text[found.start : error.chunk.end]):
        fixes = error.fix((found.start, found.start + every.end(), ""))
        message = "a claim is about every cell and panel that it does not leave out"
        span = error.span_from(found.start, found.start + every.end())
        return error.diagnostic("SCL002", message, span=span, helps=("leave this out",), fixes=fixes)
    return None


def condition_in_words(error: SyntaxErrorContext) -> Diagnostic | None:
    """`fit chinchilla when width > 16`, `expect loss < 2 for N=1M`."""
    found, following = error.found, error.at(1)
    if (
        found.text.lower() not in _CONDITIONS
        or "where" not in error.accepts
        or following.kind not in ("name", "open", "number")
    ):
        return None
    if error.open:
        return None
    if following.text in ("all", "each", "every", "any") and error.keyword == "expect":
        span = error.span_from(found.start, error.chunk.end)
        fixes = error.fix((error.previous.end, error.chunk.end, ""), sure=False)
        message = "a claim is about every cell and panel that it does not leave out"
        return error.diagnostic("SCL024", message, span=span, helps=("leave this out",), fixes=fixes)
    significance = following.text.lower() in ("p", "pvalue", "p_value") and found.text.lower() in ("with", "at")
    if significance and error.keyword == "expect" and error.at(2).text in ("<", "<="):
        span = error.span_from(found.start, error.chunk.end)
        fixes = error.fix((error.previous.end, error.chunk.end, ""), sure=False)
        message = "a claim needs no level of significance: its verdict takes the 95% interval of what it compares"
        return error.diagnostic("SCL024", message, span=span, helps=("leave this out",), fixes=fixes)
    words = error.found
    if following.text in ("that", "to"):
        words, following = following, error.at(2)
    rest = error.source.text[words.end : error.chunk.end].split("\n", 1)[0].strip()
    if error.keyword in ("fit", "optimum"):
        rest = error.source.text[words.end : error.lexemes[error.item[1]].end].strip()
    if error.keyword == "fit" and not re.search(r"[<>=]|\b(?:in|within|between)\b", rest):
        return None  # no condition
    edits = [(found.start, words.end, "where")]
    equal = next((x for x in error.lexemes[error.index :] if x.text == "="), None)
    if equal is not None:
        rest = rest.replace("=", "==", 1)
        edits.append((equal.start, equal.end, "=="))
    sure = found.text.lower() in ("when", "if", "whenever", "while") and equal is None
    helps = (f"write `where {rest}`",)
    message = f"a condition follows `where`, not `{found.text}`"
    return error.diagnostic("SCL024", message, helps=helps, fixes=error.fix(*edits, sure=sure))


def claims_in_a_row(error: SyntaxErrorContext) -> Diagnostic | None:
    """`expect alpha > .1, beta > .2`; `expect: alpha > .1`."""
    found = error.found
    if error.keyword != "expect" or found.text != "," or error.open or not error.accepts & {"and", "or"}:
        return None
    if not error.at(1).text:
        fixes = error.fix((error.previous.end, found.end, ""))
        message = "a claim ends without a comma"
        return error.diagnostic("SCL008", message, helps=("leave the comma out",), fixes=fixes)
    message = "a statement has one claim: two are joined by `and`, or are two statements"
    rest = error.shown(error.index + 1, len(error.lexemes) - 1) if error.at(1).text else "..."
    helps = (f"write `and {rest}`, or `expect {rest}` on a line of its own",)
    fixes = error.fix((error.previous.end, found.end, " and"))
    return error.diagnostic("SCL008", message, helps=helps, fixes=fixes)


def words_in_claim(error: SyntaxErrorContext) -> Diagnostic | None:
    """`expect chinchilla converges`, `expect loss(width=16) crosses loss(width=64)`: no comparison of numbers."""
    if error.keyword != "expect" or error.open or error.found.kind not in ("name", "mark") or error.index < 2:
        return None
    if error.found.kind == "mark" and error.found.text != ":":
        return None
    message = f"a claim compares numbers by signs, and `{error.found.text}` is none"
    helps = (
        "a fitted number and a range: `expect alpha(chinchilla) in [0.3..0.5]`",
        "two losses: `expect loss(width=64) < loss(width=16)`",
        "two laws: `expect rmse_log(chinchilla) < rmse_log(tied)`",
    )
    return error.diagnostic("SCL001", message, helps=helps)
