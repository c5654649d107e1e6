"""Slips in how a statement is put together: its first word, brackets, commas, `where`, and its end."""

from __future__ import annotations

from ...diagnostics.suggest import listing, similar
from ...errors import Diagnostic, Fix, Label
from ...source import Span
from ..scanner import CLOSER, STATEMENTS, Lexeme
from ..statement_examples import EXAMPLES
from .error_context import COMPONENTS, SyntaxErrorContext

#: Words of other languages for our statements.
_SYNONYMS = {
    "model": "models",
    **dict.fromkeys(("dataset", "source"), "data"),
    **dict.fromkeys(("training", "optimizer", "optimiser"), "train"),
    **dict.fromkeys(("assert", "claim", "require"), "expect"),
    **dict.fromkeys(("import", "include"), "use"),
    **dict.fromkeys(("def", "var", "const"), "let"),
    "law": "fit",
    "name": "title",
    "limit": "budget",
}

_WHERE = "train tokens in [1M..64M]  where tokens > N"


def meant_statement(word: str) -> str | None:
    """The statement that a word which begins none was meant for."""
    low = word.lower()
    return low if low in STATEMENTS else _SYNONYMS.get(low) or similar(word, STATEMENTS)


def unknown_statement(error: SyntaxErrorContext) -> Diagnostic | None:
    """`modles width in [..]`; `width in [..]` in column 1."""
    found = error.found
    if error.start != "statement" or error.index > 0 or found.kind in ("close", ""):
        return None
    continues = found.text in ("tune", "panel", "where", "in", "along", "and", "or", ",") or (
        found.kind == "name"
        and error.at(1).text in ("in", "along", "=", "&")
        and similar(found.text, STATEMENTS) is None
    )
    if continues:
        return error.diagnostic(
            "SCL020",
            f"no statement begins with `{found.text}`",
            helps=("to go on with the statement above, indent the line",),
            fixes=error.fix((found.start, found.start, "  "), sure=False),
            read=False,
        )
    helps: tuple[str, ...] = (f"statements begin with {listing(STATEMENTS, 'or')}",)
    fixes: tuple[Fix, ...] = ()
    if found.kind == "name" and (meant := meant_statement(found.text)):
        low = found.text.lower()
        why = "a statement with a similar name exists"
        if low == meant:
            why = "words of the language are in small letters"
        elif _SYNONYMS.get(low) == meant and similar(found.text, STATEMENTS) != meant:
            why = "the statement for that is another word"
        helps = (f"{why}: `{meant}`",)
        fixes = error.replaced(meant, sure=False)
    message = f"no statement begins with `{found.text}`"
    return error.diagnostic("SCL003", message, helps=helps, fixes=fixes, read=False)


def closes_nothing(error: SyntaxErrorContext) -> Diagnostic | None:
    """`er(n=512))`, `[1..2)`."""
    found, opener = error.found, error.opener
    if found.kind != "close":
        return None
    if opener is None:
        message, helps = f"`{found.text}` closes nothing", ("remove it, or open a bracket before it",)
        return error.diagnostic("SCL005", message, helps=helps, fixes=error.replaced(""), read=False)
    closer = CLOSER[opener.text]
    if found.text == closer or closer not in error.accepts:
        return None
    if any(CLOSER[error.lexemes[i].text] == found.text for i in error.open[:-1]):
        return _unclosed(error, opener)
    label = Label(error.span_of(opener), f"this `{opener.text}` is open")
    message, helps = f"`{found.text}` does not close `{opener.text}`", (f"write `{closer}`",)
    return error.diagnostic("SCL005", message, labels=(label,), helps=helps, fixes=error.replaced(closer))


def not_closed(error: SyntaxErrorContext) -> Diagnostic | None:
    """`walk(er(n=512, p=.02)` and then another line, another statement, or nothing."""
    opener = error.opener
    if opener is None or not error.never_closed or CLOSER[opener.text] not in error.accepts:
        return None
    if error.found.kind not in ("name", "open", "") or (error.found.text and error.previous.kind in ("mark", "open")):
        return None
    return _unclosed(error, opener)


def _unclosed(error: SyntaxErrorContext, opener: Lexeme) -> Diagnostic:
    closer, at = CLOSER[opener.text], error.previous.end
    return error.diagnostic(
        "SCL004",
        f"`{opener.text}` is never closed: `{closer}` is missing",
        span=Span(at, at, error.source.name),
        labels=(Label(error.span_of(opener), f"this `{opener.text}` is still open"),),
        helps=(f"close {error.reading} with `{closer}`",),
        fixes=error.fix((at, at, closer), sure=not error.found.text),
    )


def where_misplaced(error: SyntaxErrorContext) -> Diagnostic | None:
    """Two `where`s; `power(N where D > 3)`."""
    if error.found.text != "where" or "where" in error.accepts:
        return None
    if error.open:
        example = "fit power(N) where D > 1M" if error.keyword == "fit" else _WHERE
        helps = (f"move it after the closing bracket: `{example}`",)
        return error.diagnostic("SCL012", "`where` stands after a whole item, not inside brackets", helps=helps)
    earlier = error.earlier_where
    if earlier is None or "number" in error.accepts or "name" in error.accepts:
        return None
    return error.diagnostic(
        "SCL012",
        "a second `where`: an item takes one",
        labels=(Label(error.span_of(earlier), "the first `where`"),),
        helps=("join the two conditions by `and`",),
        fixes=error.replaced("and", sure=False),
    )


def runs_on(error: SyntaxErrorContext) -> Diagnostic | None:
    """`data walk(g) models width in [..]`: the next statement without a `;` or a new line."""
    for lexeme, index in ((error.found, error.index), (error.previous, error.index - 1)):
        if lexeme.text not in STATEMENTS or index < 1 or error.open or error.start != "statement":
            continue
        if lexeme is error.previous and error.lexemes[index - 1].kind == "mark":
            continue
        if lexeme is error.found and "name" in error.accepts and lexeme.text in COMPONENTS:
            continue
        before = error.lexemes[index - 1].end
        newline = "\n" in error.source.text[before : lexeme.start]
        start = error.source.text.rfind("\n", 0, lexeme.start) + 1 if newline else before
        return error.diagnostic(
            "SCL019",
            f"`{lexeme.text}` begins a statement, but the one before it has not ended",
            span=error.span_of(lexeme),
            helps=("begin the line in its first column" if newline else "put `;` or a new line before it",),
            fixes=error.fix((start, lexeme.start, "" if newline else "; "), sure=False),
        )
    return None


def comma_between_bindings(error: SyntaxErrorContext) -> Diagnostic | None:
    """`models width in [..], layers in {..}`; `train lr = 1e-3, 3e-3`; `data a, b`."""
    if error.found.text != "," or error.open or error.keyword not in COMPONENTS:
        return None
    following = error.at(1).text
    if following in ("tune", "panel", "where") or error.at(2).text in ("in", "along", "=", "&"):
        message = "axes and definitions are not separated by commas outside parentheses"
        return error.diagnostic("SCL021", message, helps=("leave the comma out",), fixes=error.replaced(" "))
    name, sign = error.at(-3), error.at(-2)
    if following and (name.kind, sign.text) == ("name", "="):
        helps = (f"several values make an axis: `{name.text} in {{{error.shown(error.index - 1, error.index + 1)}}}`",)
        return error.diagnostic("SCL021", f"`{name.text} = ...` gives one value", helps=helps)
    example = EXAMPLES["data"][1] if error.keyword == "data" else f"{error.keyword} {{first: ..., second: ...}}"
    helps = (f"several alternatives are a set: `{example}`",)
    return error.diagnostic("SCL021", f"`{error.keyword}` takes one value, or a set of them", helps=helps)


def comma_missing(error: SyntaxErrorContext) -> Diagnostic | None:
    """`er(n=512 p=.02)`, `fit chinchilla power(N)`."""
    found, previous = error.found, error.previous
    if "," not in error.accepts or found.kind not in ("name", "number", "string", "open") or found.unclosed:
        return None
    if found.text == "and" and not error.at(1).text:
        return None
    if error.keyword == "budget" and previous.kind == "number" and found.kind == "name":
        return None  # `3 gpu-hours` is one limit, in a unit that we do not have
    first, last = error.item
    if found.text == "and":
        fixes = error.fix((previous.end, found.end, ","))
        after = error.shown(error.index + 1, max(last, error.index + 1))
        instead = f"write `{error.shown(first, error.index - 1)}, {after}`"
        return error.diagnostic("SCL008", "items are separated by commas, not `and`", helps=(instead,), fixes=fixes)
    helps: tuple[str, ...] = (f"write `{error.shown(first, error.index - 1)}, {error.shown(error.index, last)}`",)
    of_another = error.keyword == "optimum" and not error.open and previous.kind == found.kind == "name"
    fixes = error.fix((previous.end, previous.end, ","))
    if of_another:
        meant = f"{previous.text}({found.text})"
        helps = (f"write `{meant}`, if `{found.text}` is what `{previous.text}` is of", f"or {helps[0]}")
        fixes = error.fix((previous.end, found.end, f"({found.text})"), sure=False)
    return error.diagnostic("SCL008", f"a comma is missing before `{found.text}`", helps=helps, fixes=fixes)


def comma_at_end(error: SyntaxErrorContext) -> Diagnostic | None:
    """`fit chinchilla,` and `f(, x)`."""
    found, previous = error.found, error.previous
    if previous.text != ",":
        return None
    if not found.text and not error.open:
        span, fixes = error.span_of(previous), error.fix((previous.start, previous.end, ""))
        helps = (f"leave it out, or go on: {error.examples}",)
        return error.diagnostic("SCL001", "nothing follows the comma", span=span, helps=helps, fixes=fixes)
    if found.text == ",":
        return error.diagnostic("SCL001", "nothing stands between two commas", fixes=error.replaced(""))
    return None
