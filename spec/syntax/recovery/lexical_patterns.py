"""Slips in how things are spelt: texts, numbers, single characters, operators and words."""

from __future__ import annotations

import re
from difflib import SequenceMatcher

from ...diagnostics.suggest import ELSEWHERE, similar
from ...errors import Diagnostic, Fix
from ...source import Span
from ..scanner import WORDS, Lexeme
from ..wellformed import reserved
from .error_context import COMPONENTS, SyntaxErrorContext

#: Characters that look like one of ours, or are one elsewhere.
_MEANT = {
    **dict.fromkeys("−–—", "-"),
    **dict.fromkeys("×·", "*"),
    "÷": "/",
    "…": "..",
    "≤": "<=",
    "≥": ">=",
    "≠": "!=",
    **dict.fromkeys("“”„‘’", '"'),
    **dict(zip("，；：＝（）", ",;:=()", strict=True)),
    "\u00a0": " ",
    **dict.fromkeys("µμ", "mu"),
    "α": "alpha",
    "β": "beta",
    "γ": "gamma",
    "κ": "kappa",
    "ρ": "rho",
    "∈": "in",
    "∧": "and",
    "∨": "or",
    "¬": "not",
    "|": "or",
    "!": "not",
}
_PATH = re.compile(r"[A-Za-z0-9_./\\-]+")


def string_not_closed(error: SyntaxErrorContext) -> Diagnostic | None:
    """`title "Walks`."""
    found, previous = error.found, error.previous
    if not found.unclosed or (previous.kind == "string" and previous.end == found.start):
        return None
    end = found.start + len(found.text.rstrip())
    helps: tuple[str, ...] = ('a text ends with `"` on the line it begins on',)
    fixes: tuple[Fix, ...] = ()
    if error.keyword in ("title", None) and re.match(r'"\s*\w', found.text) and error.index:
        kept = found.start + len(found.text.rstrip().rstrip("'’”"))
        helps = (f'write `title {error.source.text[found.start : kept]}"`',)
        fixes = error.fix((kept, end, '"'), sure=False)
    return error.diagnostic(
        "SCL006",
        'a text is not closed: `"` is missing on this line',
        span=Span(found.start, end, error.source.name),
        helps=helps,
        fixes=fixes,
        read=False,
    )


def escaped_sign(error: SyntaxErrorContext) -> Diagnostic | None:
    r"""`within 5\% of entropy_rate`: a sign with a backslash, as in LaTeX."""
    found = error.found
    sign = error.source.text[found.start + 1 : found.start + 2]
    if found.text != "\\" or sign not in ("%", "_", "&", "#", "$") or sign == "":
        return None
    fixes = error.fix((found.start, found.end, ""))
    message = f"`{sign}` stands by itself: no `\\` is written before it"
    return error.diagnostic("SCL002", message, helps=(f"write `{sign}`",), fixes=fixes)


def other_quotes(error: SyntaxErrorContext) -> Diagnostic | None:
    """`text('corpus.txt')`."""
    found = error.found
    if found.kind != "quoted":
        return None
    meant = f'"{found.text[1:-1]}"'
    fixes = error.replaced(meant) if '"' not in found.text else ()
    return error.diagnostic("SCL007", "texts stand in double quotes", helps=(f"write `{meant}`",), fixes=fixes)


def interpolation(error: SyntaxErrorContext) -> Diagnostic | None:
    """`walk(${graph})`, `er(n=$n)`, `width in {{widths}}`: names of another tool's templates."""
    found = error.found
    marked = re.compile(r"\$\{\s*([A-Za-z_]\w*(?:\.\w+)*)\s*\}|\$([A-Za-z_]\w*)(?![\w$^])")
    template = marked.match(error.source.text, found.start, error.chunk.end)
    if found.text != "$" or template is None or "name" not in error.accepts:
        return None
    if template[2] and "$" in error.source.text[template.end() : error.chunk.end]:
        return None  # a formula between two marks
    name = (template[1] or template[2]).rsplit(".", 1)[-1]
    fixes = error.fix((found.start, template.end(), name), sure="." not in template[0])
    span = Span(found.start, template.end(), error.source.name)
    message = f"`{template[0]}` is a name of another tool's templates: here a name stands by itself"
    return error.diagnostic("SCL002", message, span=span, helps=(f"write `{name}`",), fixes=fixes)


def marked_text(error: SyntaxErrorContext) -> Diagnostic | None:
    """`title f"Walks on {n} nodes"`, `text(r"book.txt")`: a letter before a text, as in Python."""
    found, text = error.found, error.at(1)
    if found.text.lower() not in ("f", "r", "b", "u", "fr", "rf") or text.kind != "string" or text.start != found.end:
        return None
    filled = "f" in found.text.lower() and "{" in text.text
    fixes = error.fix((found.start, found.end, ""), sure=not filled)
    helps = (f"leave the `{found.text}` out" + (", and write the values themselves for what is in braces" * filled),)
    message = f"a text is plain: no `{found.text}` stands before it"
    return error.diagnostic("SCL001", message, helps=helps, fixes=fixes)


def typographic_quotes(error: SyntaxErrorContext) -> Diagnostic | None:
    """`title “My study”`."""
    found = error.found
    quoted = re.compile('[“”„‟«»‘’‚`]([^“”„‟«»‘’‚`"\\n]*)[“”„‟«»‘’‚`]').match(
        error.source.text, found.start, error.chunk.end
    )
    if found.kind != "bad" or quoted is None:
        return None
    text = quoted[1].strip()
    meant = f'"{text}"'
    name = (
        bool(re.fullmatch(r"[A-Za-z_]\w*", text))
        and error.keyword not in ("title", "use")
        and "string" in error.accepts
    )
    fixes = error.fix((found.start, quoted.end(), meant), sure=not name)
    helps: tuple[str, ...] = (f"write `{meant}`",)
    if name:
        helps = (*helps, f"or `{text}`, if it is a name")
    span = Span(found.start, quoted.end(), error.source.name)
    return error.diagnostic("SCL007", "texts stand in double quotes", span=span, helps=helps, fixes=fixes)


def two_words(error: SyntaxErrorContext) -> Diagnostic | None:
    """`E within 2% of entropy rate`, `learning rate = .01`, `batch size=8`."""
    at = error.index
    if not 0 < at < len(error.lexemes):
        return None
    if error.found.text == "(" and error.at(-2).kind == "name":
        at -= 1  # the second was taken for the name of an axis
    found, previous = error.lexemes[at], error.lexemes[at - 1]
    if not at or found.kind != "name" or previous.kind != "name":
        return None
    joined = f"{previous.text}_{found.text}"
    glued = f"{previous.text}{found.text}"
    meant = glued if glued in error.words else joined if joined in error.words else ELSEWHERE.get(joined.lower())
    if meant is None or meant not in error.words:
        return None
    span = error.span_of(previous, found)
    fixes = error.fix((previous.start, found.end, meant))
    message = f"`{previous.text} {found.text}` is two words, and a name is one"
    return error.diagnostic("SCL001", message, span=span, helps=(f"write `{meant}`",), fixes=fixes)


def not_in_quotes(error: SyntaxErrorContext) -> Diagnostic | None:
    """`title Walks on graphs`, `use er.scl`, `text(corpus.txt)`."""
    found = error.found
    if not found.text:
        return None
    if error.index == 1 and error.keyword in ("title", "use"):
        rest = error.source.text[found.start : error.chunk.end].lstrip(":= \t")
        if not rest:
            return None
        if '"' in rest or "\n" in rest or found.kind in ("quoted", "string"):
            return None
        what = "a title" if error.keyword == "title" else "a file name"
        if error.keyword == "use" and " " in rest and not re.search(r"[./]", rest):
            return None
        span = Span(found.start, error.chunk.end, error.source.name)
        apart = " " if error.previous.end == found.start else ""
        fixes = error.fix((found.start, error.chunk.end, f'{apart}"{rest}"'))
        let = re.search(rf'(?m)^let\s+{re.escape(rest)}\s*=\s*("[^"\n]*")\s*(?:#.*)?$', error.source.text)
        if let is not None:
            fixes = error.fix((found.start, error.chunk.end, let[1]), sure=False)
            helps = (f"write `{error.keyword} {let[1]}`, for a let gives no texts",)
            return error.diagnostic("SCL022", f"{what} stands in double quotes", span=span, helps=helps, fixes=fixes)
        help_ = f'write `{error.keyword} "{rest}"`'
        return error.diagnostic("SCL022", f"{what} stands in double quotes", span=span, helps=(help_,), fixes=fixes)
    first = error.index
    while (
        first > 0
        and error.lexemes[first - 1].end == error.lexemes[first].start
        and _PATH.fullmatch(error.lexemes[first - 1].text)
    ):
        first -= 1
    path = _PATH.match(error.source.text, error.lexemes[first].start, error.chunk.end)
    if path is None or path.end() <= found.start or not re.search(r"[A-Za-z_][./\\]+[A-Za-z0-9_]|[./]/", path[0]):
        return None
    if not any(c in path[0] for c in ".\\"):
        return None
    return error.diagnostic(
        "SCL022",
        f"a file name stands in double quotes: `{path[0]}` is read as a name and more",
        span=Span(path.start(), path.end(), error.source.name),
        helps=(f'write `"{path[0]}"`',),
        fixes=error.fix((path.start(), path.end(), f'"{path[0]}"')),
    )


def foreign_operator(error: SyntaxErrorContext) -> Diagnostic | None:
    """`N**2`, `a && b`, `a || b`, `!a`, `// remark`."""
    found, previous, following = error.found, error.previous, error.at(1)
    doubled = previous.text == found.text and previous.end == found.start
    twice = following.text == found.text and following.start == found.end
    first = previous if doubled else found
    last = following if twice and not doubled else found
    span = error.span_of(first, last)

    def instead(message: str, meant: str, sure: bool = True) -> Diagnostic:
        fixes = error.fix((first.start, last.end, meant), sure=sure)
        return error.diagnostic("SCL023", message, span=span, helps=(f"write `{meant.strip()}`",), fixes=fixes)

    if found.text == "*" and doubled:
        return instead("a power is written `^`, not `**`", "^")
    if found.text == "&" and (doubled or twice or "and" in error.accepts):
        return instead(
            "conditions are joined by `and`, not `&&`" if doubled or twice else "conditions are joined by `and`", "and"
        )
    if found.text == "%" and following.text == "in" and error.at(2).text == "%":
        fixes = error.fix((found.start, error.at(2).end, "in"))
        span, helps = error.span_of(found, error.at(2)), ("write `in`",)
        return error.diagnostic(
            "SCL023", "one of several is told by `in`, not `%in%`", span=span, helps=helps, fixes=fixes
        )
    if found.text == "|" and error.keyword == "fit" and "where" not in [x.text for x in error.lexemes[: error.index]]:
        law = error.shown(max(error.item[0], 1), error.index - 1)
        fixes = error.fix((error.previous.end, error.lexemes[-1].end, ""), sure=False)
        helps = (f"leave it out: `fit {law}`; a condition stands behind `where`",)
        message = "an axis that a law does not read has a fit at each of its values by itself"
        return error.diagnostic("SCL002", message, helps=helps, fixes=fixes, read=False)
    if found.text == "|" and "or" in error.accepts:
        return instead("conditions are joined by `or`", "or")
    if found.text == "!" and "not" in error.accepts:
        return instead("a condition is turned round by `not`, not `!`", "not ")
    if found.text == "/" and doubled:
        return _floor_division(error)
    return None


def _floor_division(error: SyntaxErrorContext) -> Diagnostic:
    """`heads = width//16`, where a `//` behind a statement begins a comment elsewhere."""
    before = error.lexemes[error.index - 2] if error.index > 1 else error.previous
    left, right = before.text, error.at(1).text
    meant = f"floor({left}/{right})"
    whole = before.kind in ("name", "number") and error.at(1).kind in ("name", "number")
    fixes = error.fix((before.start, error.at(1).end, meant), sure=bool(error.open)) if whole and right else ()
    message = "a division is `/`, and `floor(...)` rounds it down: `//` is neither that nor a comment"
    span = error.span_of(error.previous, error.found)
    return error.diagnostic("SCL023", message, span=span, helps=(f"write `{meant}`",), fixes=fixes)


def unknown_character(error: SyntaxErrorContext) -> Diagnostic | None:
    """`@`, `–`, a no-break space."""
    found = error.found
    if found.kind != "bad":
        return None
    if found.text == "\\" and error.source.text[found.end :].split("\n", 1)[0].strip() == "":
        fixes = error.fix((found.start, found.end, ""))
        message = "a statement goes on in the next line as long as that is indented"
        return error.diagnostic("SCL002", message, helps=("leave the `\\` out",), fixes=fixes)
    meant = _MEANT.get(found.text)
    name = f"`{found.text}`" if found.text.isprintable() and not found.text.isspace() else f"U+{ord(found.text):04X}"
    if found.text == "\u00a0":
        name = "a no-break space (U+00A0)"
    if found.text == "'":
        return error.diagnostic(
            "SCL007", "texts stand in double quotes, closed on the same line", helps=(error.examples,)
        )
    if found.text in ("~", "≈") and "within" in error.accepts:
        helps = ("say how near it is: `within 5% of ...`",)
        return error.diagnostic("SCL002", f"{name} means nothing here", helps=helps)
    if meant is None:
        return error.diagnostic("SCL002", f"{name} means nothing here", helps=(error.examples,))
    if meant == "mu" and error.at(1).text == "P" and error.at(1).start == found.end:
        fixes = error.fix((found.start, error.at(1).end, "muP"))
        return error.diagnostic("SCL002", f"{name} means nothing here", helps=("write `muP`",), fixes=fixes)
    fixes = error.replaced(meant, sure=not meant.isalpha() or found.text in "∈∧∨¬αβγκρ")
    shown = "an ordinary space" if meant == " " else f"`{meant}`"
    return error.diagnostic("SCL002", f"{name} means nothing here", helps=(f"write {shown}",), fixes=fixes)


def misspelt_word(error: SyntaxErrorContext) -> Diagnostic | None:
    """`beta WITHIN 2% of 1`, `width alng [..]`."""
    found, following = error.found, error.at(1)
    if found.kind != "name" or (following.text == "(" and following.start == found.end):
        return None
    words = sorted(error.accepts & set(WORDS)) + (["times", "count"] if "step" in error.accepts else [])
    return _word(error, found, words)


def misspelt_in(error: SyntaxErrorContext) -> Diagnostic | None:
    """`tokens alng [..]`, `tnue lr in {..}`: the misspelt word was taken for a name, so the place is just after it."""
    previous = error.previous
    if previous.kind != "name" or (error.keyword not in COMPONENTS and error.within != "call"):
        return None
    if error.at(-2).kind == "name" and error.found.text in ("[", "{"):
        return _word(error, previous, ["along", "in"])
    if error.found.kind == "name":
        return _word(error, previous, ["panel", "tune", "where"])
    return None


def word_as_name(error: SyntaxErrorContext) -> Diagnostic | None:
    """`E in within 2% of 3`: after `in` the grammar took `within` for a name, for as a word a value would follow it."""
    previous = error.previous
    if previous.text not in WORDS or previous.text in ("tune", "panel") or "number" in error.accepts:
        return None
    return reserved(previous.text, error.span_of(previous))


def _word(error: SyntaxErrorContext, typed: Lexeme, words: list[str]) -> Diagnostic | None:
    """`typed` where one of `words` was meant, if it resembles one."""
    meant = typed.text.lower() if typed.text.lower() in words else None
    near = meant or similar(typed.text, [w for w in words if len(w) > 2])
    if near is None or near == typed.text or SequenceMatcher(None, near, typed.text.lower()).ratio() < 0.75:
        return None
    helps = (f"{'words of the language are in small letters' if meant else 'a similar one exists'}: `{near}`",)
    message = f"`{typed.text}` is no word of the language"
    fixes = error.fix((typed.start, typed.end, near))
    return error.diagnostic("SCL024", message, span=error.span_of(typed), helps=helps, fixes=fixes)


#: Commands of LaTeX, and what is written here.
_LATEX = {
    **dict.fromkeys(("times", "cdot", "ast"), "*"),
    **dict.fromkeys(("le", "leq", "leqslant"), "<="),
    **dict.fromkeys(("ge", "geq", "geqslant"), ">="),
    **dict.fromkeys(("ne", "neq"), "!="),
    **dict.fromkeys(("approx", "sim", "simeq", "propto"), "~"),
    **dict.fromkeys(("left", "right", "quad"), ""),
    "land": "and",
    "lor": "or",
    "pm": "±",
    "ln": "log",
}


_MARKED = r"\\(?:hat|bar|tilde|mathrm|mathbf|mathit|text|vec|operatorname)\s*\{([^{}]*)\}"


def latex(error: SyntaxErrorContext) -> Diagnostic | None:
    r"""`\alpha > .3`, `$\alpha$`, `\frac{A}{N^\alpha}`, `N^{-alpha}`."""
    found, previous, text = error.found, error.previous, error.source.text
    if found.text == "{" and previous.text == "^":
        last = error.closing(error.index)
        if last is None:
            return None
        closer = error.lexemes[last]
        fixes = error.fix((found.start, found.end, "("), (closer.start, closer.end, ")"))
        helps = (f"write `^({error.shown(error.index + 1, last - 1)})`",)
        return error.diagnostic("SCL023", "an exponent stands in parentheses, not in braces", helps=helps, fixes=fixes)
    name = error.at(1)
    if found.text == "$" and error.keyword == "budget" and name.kind == "number":
        message = "a budget is a time or an amount of compute, not money"
        helps = ("write a time, `2h`, or compute, `5PFLOP`; what runs would take is said by `scalingdsl plan`",)
        span = error.span_of(found, name)
        return error.diagnostic("SCL002", message, span=span, helps=helps, read=False)
    if found.text == "$":
        fixes = error.fix((found.start, found.end, "")) if name.text != "{" else ()
        message = "`$` means nothing here: names and formulas need no marks"
        return error.diagnostic("SCL002", message, helps=("leave it out",), fixes=fixes)
    if found.text != "\\" or name.start != found.end or name.kind != "name":
        return None
    fraction = re.compile(r"\\[dt]?frac\{([^{}]*)\}\{([^{}]*)\}").match(text, found.start, error.chunk.end)
    end, meant = name.end, _LATEX.get(name.text, name.text)
    if inner := re.compile(_MARKED).match(text, found.start, error.chunk.end):
        end, meant = inner.end(), inner[1]
    if fraction is not None:
        simple = re.compile(r"[\w\\]+(\^\\?\w+)?")
        meant = "/".join(p if simple.fullmatch(p) else f"({p})" for p in map(str.strip, fraction.groups()))
        end = fraction.end()
    shown = meant.replace("\\", "")
    fixes = error.fix((found.start, end, meant))
    span = error.span_from(found.start, end)
    helps = (f"write `{shown}`",) if shown else ("leave it out",)
    return error.diagnostic("SCL002", f"`{text[found.start : end]}` is LaTeX", span=span, helps=helps, fixes=fixes)
