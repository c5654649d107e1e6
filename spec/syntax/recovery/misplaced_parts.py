"""Parts of the language one step from their place: `where` in a law's parentheses, a statement's word in a `let`, a
list inside a range, `==` before `within`.
"""

from __future__ import annotations

import re

from ...errors import Diagnostic, SpecError
from .. import parse_tables
from ..numbers import number, text_of
from ..scanner import CLOSER, STATEMENTS, Lexeme, lexemes
from .error_context import SIGNS, SyntaxErrorContext

#: Statements whose parts may have a condition.
LAWS = ("fit", "optimum", "let")
#: Statements whose items may have a condition, and what an item is.
_ITEMS = {"fit": "law", "optimum": "optimum", "expect": "claim"}
#: Values that a list written out has at most.
MOST = 24


def where_in_parentheses(error: SyntaxErrorContext) -> Diagnostic | None:
    """`fit chinchilla(where tokens > 1M)`, `fit chinchilla(E=1.7, where N > 1M)`, `fit chinchilla(N > 1M)`."""
    opener = error.open[-1] if error.open else 0
    if not opener or error.lexemes[opener].text != "(" or error.callee is None or error.keyword not in LAWS:
        return None
    at, word = error.index, True
    if error.found.text != "where":
        at = error.index - 1
        word = error.lexemes[at].text == "where"
        sized = error.found.text in SIGNS and error.words.get(error.lexemes[at].text, "fit") in ("", "train", "models")
        if not (word or (sized and at == error.item[0])):
            return None
    close = error.closing(opener)
    if close is None or close <= at + 1:
        return None
    end = close - 1
    depth = 0
    for i in range(at, close):
        depth += {"open": 1, "close": -1}.get(error.lexemes[i].kind, 0)
        if error.lexemes[i].text == "," and depth == 0:
            return None
    text = error.source.text
    condition = text[error.lexemes[at].start : error.lexemes[end].end]
    condition = condition if word else f"where {condition}"
    before = error.lexemes[at - 1]
    start = before.start if before.text in (",", "(") else before.end
    start = len(text[:start].rstrip()) if before.text == "(" else start
    rest = "" if before.text == "(" else ")"
    fixes = error.fix((start, error.lexemes[close].end, f"{rest} {condition}"), sure=word)
    last = at - 2 if before.text == "," else at - 1
    law = error.shown(opener - 1, opener - 1) if not rest else f"{error.shown(opener - 1, last)})"
    span = error.span_of(error.lexemes[at], error.lexemes[end])
    message = "a condition stands behind its law, not in the parentheses"
    return error.diagnostic("SCL012", message, span=span, helps=(f"write `{law} {condition}`",), fixes=fixes)


def where_before_its_item(error: SyntaxErrorContext) -> Diagnostic | None:
    """`fit where width > 16 chinchilla`, `expect where width > 16: loss < 2`: laws and claims stand first."""
    words, text = error.lexemes, _without_comments(error)
    if error.keyword not in _ITEMS or len(words) < 4 or words[1].text != "where":
        return None
    for i in range(3, len(words)):
        condition = text[words[2].start : words[i - 1 - (words[i - 1].text in (",", ":"))].end]
        # Every item has a condition of its own.
        items = [words[i:]] if error.keyword == "expect" else _items(words[i:])
        said = ", ".join(f"{text[one[0].start : one[-1].end]} where {condition}" for one in items if one)
        meant = f"{error.keyword} {' '.join(said.split())}"
        if all(items) and parse_tables.unread(meant, "statement") < 0:
            rest = error.source.text[words[i - 1].end :]
            moved = (words[1].start, words[i - 1].end + len(rest) - len(rest.lstrip()), "")
            fixes = error.fix(moved, *((one[-1].end, one[-1].end, f" where {condition}") for one in items))
            span = error.span_of(words[1], words[i - 1])
            message = f"a condition stands behind its {_ITEMS[error.keyword]}"
            return error.diagnostic("SCL012", message, span=span, helps=(f"write `{meant}`",), fixes=fixes)
    return None


def _without_comments(error: SyntaxErrorContext) -> str:
    """The text of the study, every place as it is, with blanks for the comments of the statement."""
    text = error.source.text
    for x in lexemes(text, error.chunk.start, error.chunk.end):
        if x.kind == "comment":
            text = text[: x.start] + " " * len(x.text) + text[x.end :]
    return text


def _items(words: tuple[Lexeme, ...]) -> list[tuple[Lexeme, ...]]:
    """What stands between commas outside of brackets."""
    items, depth, begin = [], 0, 0
    for i, word in enumerate(words):
        depth += {"open": 1, "close": -1}.get(word.kind, 0)
        if word.text == "," and depth == 0:
            items.append(words[begin:i])
            begin = i + 1
    return [*items, words[begin:]]


def statement_in_let(error: SyntaxErrorContext) -> Diagnostic | None:
    """`let early = fit chinchilla where ...`, `let g = data walk(...)`: a let names a value."""
    words = error.lexemes
    if error.keyword != "let" or len(words) < 5 or words[2].text != "=" or words[3].text not in STATEMENTS:
        return None
    word, name, value = words[3], words[1].text, error.source.text[words[4].start : words[-1].end]
    if error.index not in (3, 4) or word.text in ("title", "use", "let"):
        return None
    span = error.span_of(word)
    if word.text in ("expect", "budget", "report", "title", "use"):
        fixes = error.fix((words[0].start, word.start, ""), sure=False)
        message = f"`{word.text}` is a statement of its own, and has no name"
        return error.diagnostic("SCL001", message, span=span, helps=(f"write `{word.text} {value}`",), fixes=fixes)
    named = rf"\b{name}\b" if word.text in ("fit", "optimum") else ""
    asked = re.search(rf"(?m)^\s*{word.text}\b[^\n]*{named}", error.source.text) is not None
    edits = [(word.start, words[4].start, "")]
    below = error.source.text.find("\n", error.chunk.end) + 1
    edits += [(below, below, f"{word.text} {name}\n")] if below and not asked else []
    message = f"a `let` names what follows `{word.text}`, without the word"
    helps = (f"write `let {name} = {value}`" + ("" if asked else f", and `{word.text} {name}` on a line of its own"),)
    return error.diagnostic("SCL001", message, span=span, helps=helps, fixes=error.fix(*edits))


def list_in_range(error: SyntaxErrorContext) -> Diagnostic | None:
    """`[16..64 step 16, 128]`, `{16..64, 128}`, `[16, 32..128]`: all values are known, and are listed."""
    opener = next((i for i in reversed(error.open) if error.lexemes[i].text in "[{"), None)
    if opener is None or error.found.text not in (",", ".."):
        return None
    bracket = error.lexemes[opener].text
    close = next((i for i in range(error.index, len(error.lexemes)) if error.lexemes[i].text == CLOSER[bracket]), None)
    if close is None:
        return None
    inside = error.source.text[error.lexemes[opener].end : error.lexemes[close].start]
    if "," not in inside or ".." not in inside or "..." in inside:
        return None
    values: list[float] = []
    unit = ""
    for item in inside.split(","):
        some = _values(item.strip(), values)
        if some is None or (values and some[0] <= values[-1]):
            return None  # `[16..64, 3]` says how many
        values += some
        unit = unit or _unit(item)
    if not 1 < len(values) <= MOST:
        return None
    said = f"{{{', '.join(_shown(v, unit) for v in values)}}}"
    fixes = error.fix((error.lexemes[opener].start, error.lexemes[close].end, said), sure=False)
    span = error.span_of(error.lexemes[opener], error.lexemes[close])
    message = "a sweep is a range or a list, and this is both"
    return error.diagnostic("SCL011", message, span=span, helps=(f"write `{said}`",), fixes=fixes)


_RANGE = re.compile(r"(?P<low>\S+?)\s*\.\.\s*(?P<high>\S+?)(?:\s+(?P<grid>step|times|count)\s+(?P<by>\S+))?")


def _values(item: str, before: list[float]) -> list[float] | None:
    """The values of a number, or of a range; one that goes on from two numbers goes on as they do."""
    try:
        found = _RANGE.fullmatch(item)
        if found is None:
            return [float(number(item).value)]
        low, high = float(number(found["low"]).value), float(number(found["high"]).value)
        by = float(number(found["by"]).value) if found["by"] else 0.0
    except SpecError:
        return None
    if found["grid"] == "count" or high <= low:
        return None
    added = found["grid"] == "step"
    if not found["grid"] and before:
        added, by = (low - before[-1] == before[-1], 0.0)
        if low != 2 * before[-1]:
            added, by = True, low - before[-1]
        added = added and by > 0
    factor = by if found["grid"] == "times" else 2.0
    if (added and by <= 0) or (not added and (factor <= 1 or low <= 0)):
        return None
    some = [low]
    while len(some) <= MOST and (nxt := some[-1] + by if added else some[-1] * factor) <= high * (1 + 1e-9):
        some.append(nxt)
    return some


def _unit(item: str) -> str:
    found = re.search(r"\d(?:FLOP|steps|tokens|%|s|min|h|d)\b", item)
    return found[0][1:] if found and found[0][1:] == "%" else ""


def _shown(value: float, unit: str) -> str:
    return text_of(100 * value) + "%" if unit else text_of(value)


def axes_in_pairs(error: SyntaxErrorContext) -> Diagnostic | None:
    """`width in {16, 32} & layers in {1, 2}`: axes that go together are named together, their values in pairs."""
    if error.found.text not in ("&", "and") or error.keyword not in ("data", "models", "train") or error.open:
        return None
    text = error.source.text
    one = _LISTED_BEFORE.search(text[error.chunk.start : error.found.start])
    two = _LISTED.match(text, error.found.end)
    if one is None or two is None:
        return None
    left, right = ([v.strip() for v in m["values"].split(",") if v.strip()] for m in (one, two))
    names = f"{one['name']} & {two['name']}"
    start, end = error.chunk.start + one.start("name"), two.end()
    span = error.span_from(start, end)
    if len(left) != len(right):
        message = f"`&` pairs values, and `{one['name']}` has {len(left)} and `{two['name']}` {len(right)}"
        helps = (f"list as many of each: `{names} in {{({left[0]}, {right[0]}), ({left[-1]}, {right[-1]})}}`",)
        return error.diagnostic("SCL011", message, span=span, helps=helps)
    said = f"{names} in {{{', '.join(f'({a}, {b})' for a, b in zip(left, right, strict=True))}}}"
    fixes = error.fix((start, end, said), sure=False)
    message = "axes that go together are named together, and their values stand in pairs"
    ways = (f"write `{said}`", "without the `&`, every value of one goes with every value of the other")
    return error.diagnostic("SCL011", message, span=span, helps=ways, fixes=fixes)


_LISTED = re.compile(r"\s*(?P<name>[A-Za-z_]\w*)\s+in\s+\{(?P<values>[^{}()]*)\}")
_LISTED_BEFORE = re.compile(r"(?P<name>[A-Za-z_]\w*)\s+in\s+\{(?P<values>[^{}()]*)\}\s*\Z")


def function_of_settings(error: SyntaxErrorContext) -> Diagnostic | None:
    """`lr=lambda width: 0.02*64/width`: a formula of other settings needs no function around it."""
    at = next((i for i in (error.index - 1, error.index) if 0 <= i < len(error.lexemes) and _is(error, i)), None)
    if at is None:
        return None
    text = error.source.text
    head = re.compile(r"(?:lambda\s+[\w, ]*:|fn\s*\([\w, ]*\)\s*=>|\\\s*\w+\s*->)\s*").match(
        text, error.lexemes[at].start
    )
    if head is None:
        return None
    fixes = error.fix((head.start(), head.end(), ""))
    first = next((i for i, x in enumerate(error.lexemes) if x.start >= head.end()), error.index)
    last = error.end_of(first)
    name = error.shown(at - 2, at - 1) if at > 1 and error.lexemes[at - 1].text == "=" else ""
    said = f"{name.replace(' ', '')}{error.shown(first, last)}"
    message = "a formula of other settings stands by itself: no function is written"
    span = error.span_from(head.start(), head.end())
    return error.diagnostic("SCL001", message, span=span, helps=(f"write `{said}`",), fixes=fixes)


def _is(error: SyntaxErrorContext, index: int) -> bool:
    return error.lexemes[index].text in ("lambda", "fn")


def remark_under_title(error: SyntaxErrorContext) -> Diagnostic | None:
    """A line of prose below the title, indented: it goes on with the statement, and is a remark."""
    found, text = error.found, error.source.text
    if error.keyword != "title" or error.index < 2 or found.kind not in ("name", "number"):
        return None
    line = text.rfind("\n", 0, found.start) + 1
    if text[line : found.start].strip():
        return None
    rest = text[found.start :].split("\n", 1)[0].rstrip()
    fixes = error.fix((found.start, found.start, "# "))
    span = error.span_from(found.start, found.start + len(rest))
    message = "a title is one text: what stands below it is a remark, and those begin with `#`"
    return error.diagnostic("SCL022", message, span=span, helps=(f"write `# {rest}`",), fixes=fixes, read=False)


_NUMBER = r"(?:\d+(?:\.\d+)?|\.\d+)(?:[eE][+-]?\d+)?[A-Za-z%]*"
#: What stands in a claim, or in a law's parentheses, otherwise written: the message, what it reads like, the mend.
_WRITTEN_SO = (
    (
        "expect",
        "a remark goes behind `#`",
        re.compile(r"(?<![A-Za-z_])\((?P<said>[A-Za-z](?:[^()]|\([^()]*\))*)\)[ \t]*(?=\n|\Z)"),
        "# {said}",
    ),
    ("expect", "where a quantity is asked for stands in one pair of parentheses", re.compile(r"\)\s*\("), ", "),
    ("expect", "a claim compares by `<` or `>`: how much less is a number", re.compile(r"<<|>>(?!>)"), "{sign}"),
    (
        "expect",
        "`within` says how near, and takes the place of `in`",
        re.compile(rf"in\s+(?P<aim>{_NUMBER})\s*\+\s*/?\s*-\s*(?P<by>{_NUMBER})"),
        "within {by} of {aim}",
    ),
    (
        "fit",
        "which cells a law is fitted to is a condition, with `==`",
        re.compile(
            r"(?P<word>where|and)\s+(?P<name>[NDC]|tokens|width|layers|batch|lr)\s+(?:is\s+)?(?:fixed|held|set)\s+"
            rf"(?:to|at)\s+(?P<value>{_NUMBER})"
        ),
        "{word} {name} == {value}",
    ),
    (
        "fit",
        "a parameter that is held has its value behind `=`",
        re.compile(rf"(?P<name>[A-Za-z_]\w*)\s+(?:fixed|held|set)\s+(?:to|at)\s+(?P<value>{_NUMBER}|[A-Za-z_]\w*)"),
        "{name}={value}",
    ),
    (
        "train",
        "the word `tune` stands before the axis",
        re.compile(r"(?P<name>[A-Za-z_]\w*)\s+tuned\s+(?:in|over)\b"),
        "tune {name} in",
    ),
)


def written_otherwise(error: SyntaxErrorContext) -> Diagnostic | None:
    """A remark in parentheses, `L(law)(N=1M)`, `<<`, `in 0.3 +/- 0.1`, `E fixed to 2`, `lr tuned in {...}`."""
    text, end = error.source.text, error.chunk.end
    for keyword, message, pattern, meant in _WRITTEN_SO:
        if keyword != error.keyword:
            continue
        for i in range(max(1, error.index - 3), min(error.index + 1, len(error.lexemes))):
            found = pattern.match(text, error.lexemes[i].start, end)
            if found is None or found.end() < error.found.start:
                continue
            said = meant.format(**found.groupdict(), sign=found[0][:1])
            fixes = error.fix((found.start(), found.end(), said))
            if fixes[0].applicability != "machine-applicable":
                continue
            if meant == "{sign}":
                fixes = error.fix((found.start(), found.end(), said), sure=False)
            span = error.span_from(found.start(), found.end())
            shown = (
                said if len(said) > 2 else text[error.lexemes[1].start : found.start()] + said + text[found.end() : end]
            )
            return error.diagnostic("SCL023", message, span=span, helps=(f"write `{shown.strip()}`",), fixes=fixes)
    return None


def joined_by_and(error: SyntaxErrorContext) -> Diagnostic | None:
    """`fit chinchilla & power(D)`: items are separated by commas."""
    if error.found.text != "&" or error.keyword not in ("fit", "optimum", "report", "budget") or error.open:
        return None
    if any(x.text == "where" for x in error.lexemes[: error.index]):
        return None
    fixes = error.fix((error.previous.end, error.found.end, ","))
    text = error.source.text[error.lexemes[0].start : error.lexemes[-1].end]
    said = text.replace(" & ", ", ").replace("&", ",")
    message = "items are separated by commas, not `&`"
    return error.diagnostic("SCL008", message, helps=(f"write `{said}`",), fixes=fixes)


def equal_and_within(error: SyntaxErrorContext) -> Diagnostic | None:
    """`alpha == 0.4 within 10%`, `alpha = 0.4 within 0.05`: how near, and to what."""
    found = error.found
    if found.text not in ("within", "=", "~=", "+-") or error.keyword != "expect":
        return None
    words = error.lexemes
    at = error.index
    sign: int | None
    near: int | None
    if found.text == "=":
        sign, near = at, next((i for i in range(at, len(words)) if words[i].text == "within"), None)
    else:
        sign, near = next((i for i in range(at - 1, 0, -1) if words[i].text in ("==", "=", "and", "or")), None), at
    if sign is None or near is None or words[sign].text not in ("==", "=") or near + 1 >= len(words):
        return None
    end = next((i for i in range(near, len(words)) if words[i].text in ("and", "or", "where")), len(words))
    first = next((i + 1 for i in range(sign - 1, 0, -1) if words[i].text in ("and", "or")), 1)
    tolerance, target = words[near + 1 : end], words[sign + 1 : near]
    if len(tolerance) not in (1, 2) or not target or any(x.text in (*SIGNS, "of", "in") for x in (*tolerance, *target)):
        return None
    text = error.source.text
    value = text[words[first].start : words[sign - 1].end]
    width, aim = text[tolerance[0].start : tolerance[-1].end], text[target[0].start : target[-1].end]
    said = f"{value} within {width} of {aim}"
    fixes = error.fix((words[first].start, words[end - 1].end, said))
    span = error.span_of(words[sign], words[end - 1])
    message = f"`within` says how near, and takes the place of `{words[sign].text}`"
    return error.diagnostic("SCL016", message, span=span, helps=(f"write `{said}`",), fixes=fixes)
