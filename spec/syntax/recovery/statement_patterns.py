"""Slips in how a statement is put together: its first word, brackets, commas, `where`, and its end."""

from __future__ import annotations

import itertools
import re

from ...diagnostics.concepts import missing
from ...diagnostics.suggest import listing, similar, sure
from ...errors import Diagnostic, Label
from ...source import Span
from ..scanner import CLOSER, STATEMENTS, WORDS, Lexeme
from ..statement_examples import EXAMPLES, USUAL_VALUES
from .error_context import COMPONENTS, SIGNS, TUNED, SyntaxErrorContext

_WHERE = "train tokens in [1M..64M]  where tokens > N"


#: Words before what a statement names, which are left out.
_FILLERS = ("with", "using", "from", "on", "by", "the", "a", "an", "of", "is", "are", "as", "use", "to", "that", "be")


def filler(error: SyntaxErrorContext) -> Diagnostic | None:
    """`train with adamw(...)`, `data from text("book.txt")`, `fit the chinchilla`, `fit a power(N)`."""
    if error.index not in (2, 3) or error.open or error.keyword in (None, "expect", "let") or len(error.lexemes) < 3:
        return None
    word, following = error.lexemes[1:3]
    if word.text.lower() not in _FILLERS or following.kind not in ("name", "string", "number", "open"):
        return None
    if word.text in ("a", "an") and following.text not in error.words:
        return None  # `a` may be a name of the study's own
    if following.text in (*WORDS, "=") or (error.index == 3 and error.found.text in ("in", "along", "=", "&")):
        return None
    fixes = error.fix((word.start, following.start, ""))
    message = f"no `{word.text}` stands after `{error.keyword}`"
    helps = (f"leave it out: `{error.keyword} {error.shown(2, len(error.lexemes) - 1)}`",)
    span = error.span_of(word)
    return error.diagnostic("SCL001", message, span=span, helps=helps, fixes=fixes, read=False)


def word_before_axis(error: SyntaxErrorContext) -> Diagnostic | None:
    """`average seed in {0, 1}`, `sweep width in [16..64]`, `for lr in {...}`: an axis needs no word before it."""
    found, previous = error.found, error.previous
    if error.keyword not in COMPONENTS or error.open or found.kind != "name" or error.at(1).text not in ("in", "along"):
        return None
    if previous.kind != "name" or "in" not in error.accepts or error.index < 2:
        return None
    searched = found.text == TUNED and previous.text.lower() not in ("average", "mean", "replicate", "repeat", "with")
    axis = error.shown(error.index, min(error.end_of_binding(), len(error.lexemes) - 1))
    helps = [f"leave `{previous.text}` out: `{axis}`"]
    fixes = error.fix((previous.start, found.start, ""), sure=previous.text.lower() in _BEFORE_AXES and not searched)
    if searched or previous.text.lower() in _SEARCHES:
        helps = [f"write `tune {axis}`, which keeps the best value"]
        fixes = error.fix((previous.start, previous.end, "tune"), sure=False)
    elif previous.text.lower() in _PANELS:
        helps = [f"write `panel {axis}`, for a fit at each value"]
        fixes = error.fix((previous.start, previous.end, "panel"), sure=False)
    if previous.text.lower() in ("average", "mean", "replicate", "repeat"):
        helps.append("seeds are averaged without a word, and `tune` keeps the best value")
    message = f"`{previous.text}` is no word before an axis"
    return error.diagnostic("SCL001", message, span=error.span_of(previous), helps=tuple(helps), fixes=fixes)


#: Characters of a statement that are looked through for a condition.
MOST_READ = 1000
#: Words for the roles of axes elsewhere.
_SEARCHES = (
    *("search", "optimize", "optimise", "best", "select", "pick", "argmin", "hyper", "hyperparameter", "tuned"),
    *("maximize", "minimize", "tuning", "try", "choose", "find", "hparam"),
)
_PANELS = (
    "facet",
    "group",
    "by",
    "per",
    "split",
    "stratify",
    "hue",
    "separate",
    "each",
    "compare",
    "factor",
    "condition",
)
_BEFORE_AXES = ("average", "mean", "replicate", "repeat", "sweep", "vary", "grid", "for", "over", "axis", "with", "and")


def several_lets(error: SyntaxErrorContext) -> Diagnostic | None:
    """`let a = 1, b = 2`; `let f(x) = x^2`."""
    found = error.found
    if error.keyword != "let" or error.open:
        return None
    if found.text == "," and error.at(1).kind == "name" and error.at(2).text == "=":
        fixes = error.fix((found.start, error.at(1).start, "\nlet "))
        helps = (f"write `let {error.shown(error.index + 1, len(error.lexemes) - 1)}` on a line of its own",)
        return error.diagnostic("SCL008", "a `let` gives one name", helps=helps, fixes=fixes)
    if found.text == "(" and error.index == 2:
        helps = (f"write the expression where `{error.previous.text}` would be called",)
        closer = error.closing(error.index)
        if closer is not None and closer + 2 < len(error.lexemes) and error.lexemes[closer + 1].text == "=":
            body = error.shown(closer + 2, len(error.lexemes) - 1)
            helps = (f"write `let {error.previous.text} = {body}`",)
            fixes = error.fix((found.start, error.lexemes[closer].end, ""), sure=False)
            message = "a `let` names a value, and no function"
            return error.diagnostic("SCL001", message, helps=helps, fixes=fixes)
        return error.diagnostic("SCL001", "a `let` names a value, and no function", helps=helps)
    return None


#: How the names of tables end; other files are texts.
_TABLES = ("csv", "tsv", "jsonl", "json", "parquet", "ndjson")


def source_without_word(error: SyntaxErrorContext) -> Diagnostic | None:
    """`data "book.txt"`, `data "runs.csv"`."""
    found = error.found
    if error.keyword == "data" and error.index == 2 and found.kind == "string" and error.previous.text in error.words:
        meant = f"{error.previous.text}({found.text})"
        fixes = error.fix((error.previous.start, found.end, meant))
        message = f"the arguments of `{error.previous.text}` stand in parentheses"
        return error.diagnostic("SCL005", message, helps=(f"write `data {meant}`",), fixes=fixes)
    if error.keyword != "data" or error.index != 1 or found.kind not in ("string", "quoted") or found.unclosed:
        return None
    word = "table" if found.text.strip("\"'").rsplit(".", 1)[-1].lower() in _TABLES else "text"
    meant = f'{word}("{found.text[1:-1]}")'
    fixes = error.fix((found.start, found.end, meant))
    message = "a file is a text, a table or another source, and the word for it stands before its name"
    return error.diagnostic("SCL001", message, helps=(f"write `data {meant}`",), fixes=fixes)


def axis_after_where(error: SyntaxErrorContext) -> Diagnostic | None:
    """`models ... where width > 16  width in [16..64]`."""
    found = error.found
    if error.keyword not in COMPONENTS or error.open or error.within != "where":
        return None
    role = found.text in ("tune", "panel")
    if not role and not (found.kind == "name" and error.at(1).text in ("in", "along", "=", "&")):
        return None
    where = max(i for i in range(error.index) if error.lexemes[i].text == "where")
    start, end = error.lexemes[where].start, error.chunk.end
    condition = error.source.text[start : error.previous.end]
    fixes = error.fix((start, found.start, ""), (end, end, f"  {condition}"))
    message = "a condition stands behind the last axis and definition"
    label = Label(error.span_from(start, error.previous.end), "the condition")
    helps = (f"move `{error.shown(where, error.index - 1)}` to the end of the statement",)
    return error.diagnostic("SCL012", message, labels=(label,), helps=helps, fixes=fixes)


def condition_ends(error: SyntaxErrorContext) -> Diagnostic | None:
    """`where width > 16 or`, and nothing more."""
    found, previous = error.found, error.previous
    if found.text or previous.text not in ("and", "or") or error.open:
        return None
    before = error.lexemes[error.index - 2]
    fixes = error.fix((before.end, previous.end, ""), sure=False)
    message = f"nothing follows `{previous.text}`"
    helps = (f"leave `{previous.text}` out, or write the other condition behind it",)
    return error.diagnostic("SCL001", message, span=error.span_of(previous), helps=helps, fixes=fixes)


def labelled_item(error: SyntaxErrorContext) -> Diagnostic | None:
    """`fit name: chinchilla`: names are given by lets."""
    found, previous = error.found, error.previous
    if found.text != ":" or previous.kind != "name" or error.keyword not in ("fit", "optimum") or error.open:
        return None
    if error.index < 2 or error.at(1).kind != "name":
        return None
    value = error.shown(error.index + 1, error.item[1])
    helps = (f"name it before: `let {previous.text} = {value}`, and write `{error.keyword} {previous.text}`",)
    return error.diagnostic("SCL015", f"what follows `{error.keyword}` takes no label", helps=helps)


def values_missing(error: SyntaxErrorContext) -> Diagnostic | None:
    """`tune lr`, `width in`: an axis without values."""
    found, previous = error.found, error.previous
    ends = not found.text or (error.at(1).text in ("in", "along", "=") or found.text in ("tune", "panel", "where"))
    if error.keyword not in COMPONENTS or error.open or not ends or error.index < 2:
        return None
    sign = previous.text in ("in", "along", "=")
    name = error.at(-2) if sign else previous
    role = error.at(-3 if sign else -2)
    if name.kind != "name" or not (sign or role.text in ("tune", "panel")) or name.text in ("tune", "panel"):
        return None
    if error.words.get(name.text) not in (None, *COMPONENTS) or (role.text in COMPONENTS and not sign):
        return None
    if role.text in COMPONENTS and previous.text == "along" and found.kind == "name":
        return None
    usual = USUAL_VALUES.get(name.text, "{..., ...}")
    word = previous.text if sign and previous.text != "=" else "in"
    meant = f"{role.text + ' ' if role.text in ('tune', 'panel') else ''}{name.text} {word} {usual}"
    at = previous.end
    fixes = error.fix((name.end, at, f" {word} {usual}"), sure=False) if "..." not in usual else ()
    message = f"`{name.text}` has no values"
    helps = (f"say which: `{meant}`",)
    return error.diagnostic("SCL009", message, span=error.span_of(name), helps=helps, fixes=fixes)


def conditional_value(error: SyntaxErrorContext) -> Diagnostic | None:
    """`lr = 0.02 if width < 48 else 0.01`, `width < 48 ? 0.02 : 0.01`: a formula takes the place of a condition."""
    if error.keyword not in (*COMPONENTS, "let"):
        return None
    rest = error.source.text[error.lexemes[0].start : min(error.chunk.end, error.lexemes[0].start + MOST_READ)]
    number = r"[\d.]+(?:e[+-]?\d+)?"
    chosen = re.search(rf"(\w+)\s*=\s*({number})\s+if\s+(\w+)\s*[<>]=?\s*({number})\s+else\s+({number})", rest)
    if (
        error.keyword not in (*COMPONENTS, "let")
        or chosen is None
        or "else" not in rest[error.found.start - error.lexemes[0].start :]
    ):
        return None
    name, first, axis, at, other = chosen.groups()
    start = error.lexemes[0].start + chosen.start(2)
    end = error.lexemes[0].start + chosen.end()
    meant = f"min({first}, {first}*{at}/{axis})" if first >= other else f"max({first}, {first}*{axis}/{at})"
    fixes = error.fix((start, end, meant), sure=False)
    message = "a value has no `if`: a formula changes with the sizes of a run"
    span = error.span_from(start, end)
    return error.diagnostic(
        "SCL023", message, span=span, helps=(f"write `{name} = {meant}`, for instance",), fixes=fixes
    )


def spacing_as_axis(error: SyntaxErrorContext) -> Diagnostic | None:
    """`step in {100, 200}`: a word of ranges where an amount of training is meant."""
    found = error.found
    if found.text != "step" or error.keyword != "train" or error.open or error.at(1).text not in ("in", "=", "along"):
        return None
    fixes = error.replaced("steps")
    message = "`step` is how a range goes on, and no axis"
    return error.diagnostic("SCL009", message, helps=("write `steps`",), fixes=fixes)


def dashed_item(error: SyntaxErrorContext) -> Diagnostic | None:
    """Axes a line each behind dashes, as in YAML; a dash behind a value is taken for a minus."""
    if error.keyword not in COMPONENTS:
        return None
    text = error.source.text
    for at in (error.index, error.index - 1):  # the word behind a minus is read before the error
        if not 0 < at < len(error.lexemes):
            continue
        dash, outside = error.lexemes[at], not [i for i in error.open if i < at]
        line = text.rfind("\n", 0, dash.start) + 1
        item = re.compile(r"-[ \t]+(?=[a-z_]\w*[ \t]+(?:in|along|[a-z_]\w*[ \t]+in)\b|[a-z_]\w*[ \t]*=)")
        dashed = item.match(text, dash.start, error.chunk.end)
        if dash.text == "-" and dashed and outside and line > 0 and not text[line : dash.start].strip():
            rest = text[dashed.end() : error.chunk.end].split("\n", 1)[0].strip()
            fixes = error.fix((dash.start, dashed.end(), ""), sure=False)
            message = "items of a statement need no dash"
            span = error.span_of(dash)
            return error.diagnostic("SCL015", message, span=span, helps=(f"write `{rest}`",), fixes=fixes)
    return None


def semicolon_in_brackets(error: SyntaxErrorContext) -> Diagnostic | None:
    """`{100k; 200k}`, `er(n=512; p=.02)`."""
    found = error.found
    if found.text not in (";", "|") or not error.open or error.within not in ("set", "call"):
        return None
    closer = error.closing(error.open[-1])
    if closer is None:
        return None
    semicolons = [x for x in error.lexemes[error.index : closer] if x.text == found.text]
    fixes = error.fix(*((x.start, x.end, ",") for x in semicolons))
    shown = error.shown(error.open[-1], closer).replace(f" {found.text}", ",").replace(found.text, ",")
    helps = (f"write `{shown}`",)
    return error.diagnostic("SCL008", f"a comma stands between values, not `{found.text}`", helps=helps, fixes=fixes)


def joined_alternatives(error: SyntaxErrorContext) -> Diagnostic | None:
    """`models transformer(...) or mlp(...)`, `data a and b`, `models a | b`."""
    found = error.found
    if error.keyword not in COMPONENTS or error.open or found.text not in ("or", "and", "|", "&", "+", "vs", "versus"):
        return None
    if error.at(1).kind != "name" or error.at(2).text in ("in", "along", "="):
        return None
    following = error.index + 1
    last = error.closing(following + 1) if error.at(2).text == "(" else following
    if last is None:
        return None
    meant = f"{{{error.shown(1, error.index - 1)}, {error.shown(following, last)}}}"
    fixes = error.fix((error.lexemes[1].start, error.lexemes[last].end, meant), sure=False)
    helps = (f"write `{error.keyword} {meant}`",)
    return error.diagnostic("SCL021", "several alternatives are a set, in braces", helps=helps, fixes=fixes)


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


def label_with_digit(error: SyntaxErrorContext) -> Diagnostic | None:
    """`models {1L: transformer(layers=1), 2L: ...}`: such a label is a number with a unit."""
    if error.found.text != ":" or error.within != "set" or error.previous.kind != "number":
        return None
    if error.previous.text.isdigit() and error.at(2).text != "(":
        return None
    inside = error.lexemes[error.open[-1] : error.closing(error.open[-1])]
    typed = [a.text for a, b in itertools.pairwise(inside) if a.kind == "number" and b.text == ":"]
    edits: list[tuple[int, int, str]] = []
    for label in dict.fromkeys(typed):
        letters = re.fullmatch(r"(\d+)([A-Za-z]*)", label)
        if letters is None:
            return None
        name = f"{letters[2] or 'v'}{letters[1]}"
        behind = r"(?!\w)" if letters[2] else r"(?=\s*:)"
        for place in re.finditer(rf"(?<![\w.]){label}{behind}", error.source.text):
            if not letters[2] and not error.lexemes[error.open[-1]].start < place.start() < error.chunk.end:
                continue
            edits.append((place.start(), place.end(), name))
    edits.sort()
    helps = (f"write {listing(dict.fromkeys(new for _, _, new in edits))}, wherever they stand",)
    message = f"a label begins with a letter, and `{error.previous.text}` with a digit"
    span = error.span_of(error.previous)
    return error.diagnostic("SCL017", message, span=span, helps=helps, fixes=error.fix(*edits, sure=False), read=False)


def set_left_open(error: SyntaxErrorContext) -> Diagnostic | None:
    """`train { a: adamw(...), b: muon(...),` and then `batch = 8` on a line of its own: the set ended before."""
    opener, comma, name = error.opener, error.at(-2), error.previous
    if error.keyword not in COMPONENTS or len(error.open) != 1 or error.open[-1] != 1 or not error.never_closed:
        return None
    if opener is None or opener.text != "{" or error.found.text not in ("=", "in", "along") or name.kind != "name":
        return None
    at = comma.end if comma.text == "," else error.at(-2).end
    if "\n" not in error.source.text[at : name.start]:
        return None
    return error.diagnostic(
        "SCL004",
        "`{` is never closed: `}` is missing",
        span=Span(at, at, error.source.name),
        labels=(Label(error.span_of(opener), "this `{` is still open"),),
        helps=(f"close the set with `}}` before `{name.text}`",),
        fixes=error.fix((at, at, "\n}"), sure=False),
    )


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
    if error.found.text not in (",", ";") or error.open or error.keyword not in COMPONENTS:
        return None
    following = error.at(1).text
    if error.within == "where" and error.at(1).kind in ("name", "number") and error.at(2).text in (*SIGNS, "in"):
        rest = error.shown(error.earlier(), error.index - 1)
        fixes = error.fix((error.previous.end, error.found.end, " and"))
        helps = (f"write `{rest} and {error.shown(error.index + 1, len(error.lexemes) - 1)}`",)
        return error.diagnostic("SCL012", "two conditions are joined by `and`", helps=helps, fixes=fixes)
    if following in ("tune", "panel", "where") or error.at(2).text in ("in", "along", "=", "&"):
        message = "axes and definitions are not separated by commas outside parentheses"
        return error.diagnostic("SCL021", message, helps=("leave the comma out",), fixes=error.replaced(" "))
    name, sign = error.at(-3), error.at(-2)
    if following and (name.kind, sign.text) == ("name", "="):
        helps = (f"several values make an axis: `{name.text} in {{{error.shown(error.index - 1, error.index + 1)}}}`",)
        return error.diagnostic("SCL021", f"`{name.text} = ...` gives one value", helps=helps)
    example = EXAMPLES["data"][1] if error.keyword == "data" else f"{error.keyword} {{first: ..., second: ...}}"
    helps = (f"several alternatives are a set: `{example}`",)
    after = error.closing(error.index + 2) if error.at(2).text == "(" else error.index + 1
    if error.at(1).kind == "name" and after is not None and all(x.text != "in" for x in error.lexemes[: error.index]):
        heads = f"{{{error.shown(1, error.index - 1)}, {error.shown(error.index + 1, after)}}}"
        fixes = error.fix((error.lexemes[1].start, error.lexemes[after].end, heads), sure=False)
        helps = (f"several alternatives are a set: `{error.keyword} {heads}`",)
        message = f"`{error.keyword}` takes one value, or a set of them"
        return error.diagnostic("SCL021", message, helps=helps, fixes=fixes)
    return error.diagnostic("SCL021", f"`{error.keyword}` takes one value, or a set of them", helps=helps)


def _behind_law(error: SyntaxErrorContext) -> Diagnostic:
    """`fit chinchilla holdout 20%`, `fit chinchilla weights 1/loss`: words behind a law that mean nothing there."""
    found = error.found
    law = error.shown(max(error.item[0], 1), error.index - 1)
    helps: tuple[str, ...] = (f"leave `{error.shown(error.index, len(error.lexemes) - 1)}` out: `fit {law}`",)
    if (why := missing(law, of_fits=True)) and max(error.item[0], 1) > 1:
        helps = (f"leave `{error.shown(error.item[0], len(error.lexemes) - 1)}` out: {why}",)
        message = f"`{law}` is no law"
        return error.diagnostic("SCL001", message, span=error.span_of(error.previous), helps=helps, read=False)
    if found.text in ("instead", "replacing", "rather") and re.search(r"(?m)^use\b", error.source.text):
        helps = (f"write `fit none`, which leaves the laws of the other study out, and `fit {law}`",)
        start = error.lexemes[0].start
        fixes = error.fix((start, error.lexemes[-1].end, f"fit none\nfit {law}"), sure=False)
        message = "the laws of a study that is used are added to: they are left out by a statement"
        return error.diagnostic("SCL001", message, helps=helps, fixes=fixes, read=False)
    if why := missing(found.text, of_fits=True):
        helps = (f"{helps[0]}; {why}",)
    if found.text.lower() in ("holdout", "held", "test", "validation", "train", "split", "validate", "crossval", "cv"):
        helps = (
            f"fit a part, and the rest is held out: `fit {law} where tokens <= 1M`",
            "and claim `holdout(...) < 5%`",
        )
    message = f"behind a law stands `where` with a condition, and not `{found.text}`"
    file = next((x.text for x in error.lexemes[error.index :] if x.kind in ("string", "quoted")), "")
    if "." in file:
        table = f'data table("{file[1:-1]}")'
        helps = (f"what is fitted is said by `data`: write `{table}`", f"and `fit {law}`")
        start = error.lexemes[0].start
        fixes = error.fix((start, error.lexemes[-1].end, f"{table}\nfit {law}"), sure=False)
        return error.diagnostic("SCL001", message, helps=helps, fixes=fixes, read=False)
    return error.diagnostic("SCL001", message, helps=helps, read=False)


def comma_in_condition(error: SyntaxErrorContext) -> Diagnostic | None:
    """`fit chinchilla where width > 16, tokens > 100k`."""
    found, previous = error.found, error.previous
    comma = error.at(-2)
    where = any(x.text == "where" for x in error.lexemes[: error.index])
    if found.text not in SIGNS or previous.kind != "name" or comma.text != "," or not where or error.open:
        return None
    fixes = error.fix((comma.start, previous.start, " and "))
    meant = f"and {error.shown(error.index - 1, len(error.lexemes) - 1)}"
    message = "conditions are joined by `and`, not by a comma"
    span = error.span_of(comma)
    return error.diagnostic("SCL012", message, span=span, helps=(f"write `{meant}`",), fixes=fixes)


def comma_missing(error: SyntaxErrorContext) -> Diagnostic | None:
    """`er(n=512 p=.02)`, `fit chinchilla power(N)`."""
    found, previous = error.found, error.previous
    if "," not in error.accepts or found.kind not in ("name", "number", "string", "open") or found.unclosed:
        return None
    if found.text == "and" and not error.at(1).text:
        return None
    if error.within == "call" and previous.text in error.words and previous.kind == "name" and error.at(1).text == "=":
        last = error.item[1]
        while last + 2 < len(error.lexemes) and error.lexemes[last + 1].text == ",":
            last = next(
                (i - 1 for i in range(last + 2, len(error.lexemes)) if error.lexemes[i].text in (",", ")")), last
            )
        meant = f"{previous.text}({error.shown(error.index, last)})"
        fixes = error.fix((previous.end, error.lexemes[last].end, f"({error.shown(error.index, last)})"), sure=False)
        message = f"the arguments of `{previous.text}` stand in parentheses"
        return error.diagnostic("SCL005", message, helps=(f"write `{meant}`",), fixes=fixes)
    laws = [word for word, statement in error.words.items() if statement == "fit"]
    stray = (
        bool(laws)
        and error.keyword == "fit"
        and not error.open
        and found.kind == "name"
        and found.text not in (*laws, "and")
    )
    near = similar(found.text, laws) if stray else None
    if stray and (near is None or not sure(found.text, near, laws)):
        return _behind_law(error)
    if error.keyword == "budget" and previous.kind == "number" and found.kind == "name":
        return None  # `3 gpu-hours` is one limit, in a unit that we do not have
    first, last = error.item
    if found.text == "and":
        fixes = error.fix((previous.end, found.end, ","))
        after = error.shown(error.index + 1, max(last, error.index + 1))
        instead = f"write `{error.shown(first, error.index - 1)}, {after}`"
        return error.diagnostic("SCL008", "items are separated by commas, not `and`", helps=(instead,), fixes=fixes)
    helps: tuple[str, ...] = (f"write `{error.shown(first, error.index - 1)}, {error.shown(error.index, last)}`",)
    row = _in_a_row(error)
    if len(row) > 2:
        listed = ", ".join(x.text for x in row)
        opener, closer = ("{", "}") if error.within == "set" else ("(", ")")
        fixes = error.fix(*((a.end, b.start, ", ") for a, b in itertools.pairwise(row)))
        span = error.span_of(row[0], row[-1])
        message = "commas are missing between the values"
        return error.diagnostic("SCL008", message, span=span, helps=(f"write `{opener}{listed}{closer}`",), fixes=fixes)
    of_another = error.keyword == "optimum" and not error.open and previous.kind == found.kind == "name"
    fixes = error.fix((previous.end, previous.end, ","))
    if of_another:
        meant = f"{previous.text}({found.text})"
        helps = (f"write `{meant}`, if `{found.text}` is what `{previous.text}` is of", f"or {helps[0]}")
        fixes = error.fix((previous.end, found.end, f"({found.text})"), sure=False)
    return error.diagnostic("SCL008", f"a comma is missing before `{found.text}`", helps=helps, fixes=fixes)


def _in_a_row(error: SyntaxErrorContext) -> list[Lexeme]:
    """The values without commas that are all there is in the brackets around the place."""
    if error.within not in ("set", "call") or not error.open:
        return []
    last = error.closing(error.open[-1])
    inside = list(error.lexemes[error.open[-1] + 1 : last]) if last is not None else []
    if len({x.kind for x in inside}) > 1:
        return []
    return inside if all(x.kind in ("number", "name") and x.text not in WORDS for x in inside) else []


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
