"""Slips in how a statement is put together: its first word, brackets, commas, `where`, and its end."""

from __future__ import annotations

import re

from ...errors import Diagnostic, Label
from ...files.tables import ENDINGS
from ..scanner import STATEMENTS, WORDS
from ..statement_examples import USUAL_VALUES
from .error_context import COMPONENTS, TUNED, SyntaxErrorContext

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


#: Words for points on the way of one run, and the amounts that grow along it.
_ON_THE_WAY = ("branch", "branches", "branching", "checkpoint", "checkpoints", "intermediate", "snapshots", "fork")
_AMOUNTS = ("tokens", "steps", "compute")


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
    elif previous.text.lower() in _ON_THE_WAY and found.text in _AMOUNTS:
        along = axis.replace(" in ", " along ", 1)
        helps = [f"points on the way of one run are written `{along}`"]
        fixes = error.fix((previous.start, error.at(1).end, f"{found.text} along"), sure=False)
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
            name, body = error.previous.text, error.shown(closer + 2, len(error.lexemes) - 1)
            given = error.shown(error.index + 1, closer - 1)
            behind = error.source.text[error.chunk.end :]
            called = {*re.findall(rf"\b{re.escape(name)}\((\w+)\)", behind)}
            message = "a `let` names a value, and no function"
            if len(called) == 1 and given.isidentifier() and not body.endswith("...") and called != {given}:
                (meant,) = called
                body = re.sub(rf"\b{given}\b(?!\s*=[^=])", meant, body)
                helps = (f"write `let {name} = {body}`, and `{name}` in place of `{name}({meant})`",)
                return error.diagnostic("SCL001", message, helps=helps)
            helps = (f"write `let {name} = {body}`",)
            fixes = error.fix((found.start, error.lexemes[closer].end, ""), sure=False)
            return error.diagnostic("SCL001", message, helps=helps, fixes=fixes)
        return error.diagnostic("SCL001", "a `let` names a value, and no function", helps=helps)
    return None


#: First words that name a graph.
_GRAPHS = ("graph", "edges", "edgelist", "edge_list", "graph_file", "adjacency")
#: First words before a file that is written.
_WRITTEN = ("save", "out", "output", "outputs", "outfile", "log", "export", "write", "dump", "report", "results", "to")


def _source_of(file: str, word: str = "") -> str:
    """The source that a file is, by its name and the word before it: `text("book.txt")`."""
    if word in _GRAPHS:
        return f'walk(edges("{file}"))'
    table = word == "table" or file.rsplit(".", 1)[-1].lower() in ENDINGS
    return f'{"table" if table else "text"}("{file}")'


def file_without_statement(error: SyntaxErrorContext) -> Diagnostic | None:
    """`table "runs.csv"`, `graph g.txt`, `corpus = "book.txt"`, in a study that names no data otherwise."""
    found, text = error.found, error.source.text
    if error.start != "statement" or error.index or found.kind != "name" or found.text in STATEMENTS:
        return None
    word = found.text.lower()
    named = re.compile(r"""\s*[:=]?\s*(["']?)([\w./-]+\.(?!scl\b)[A-Za-z]\w*)\1\s*$""").match(
        text[: error.chunk.end], found.end
    )
    if named is None or word in _WRITTEN or re.search(r"(?m)^data\b", text):
        return None
    source = _source_of(named[2], word)
    fixes = error.fix((found.start, named.end(2) + len(named[1]), f"data {source}"), sure=False)
    message = f"no statement begins with `{found.text}`, and what is learned or fitted is said by `data`"
    return error.diagnostic("SCL003", message, helps=(f"write `data {source}`",), fixes=fixes, read=False)


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
    meant = _source_of(found.text[1:-1])
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
