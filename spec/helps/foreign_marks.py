"""Comments of other languages and names joined by `-`, wherever they stand: found before anything is read, and tried.

A mark is taken for one where the study with another in its place has fewer errors. What takes its place is as long as
it was, so that every other finding keeps its place.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence

from ..diagnostics.suggest import ELSEWHERE
from ..errors import Applicability, Diagnostic, Edit, Fix
from ..source import Span
from ..syntax.recovery.foreign.words import meant_statement
from ..syntax.scanner import STATEMENTS
from ..vocabulary.base import REGISTRY
from ..vocabulary.settings import SETTINGS

#: Marks that are told one by one, and characters of a study up to which they are looked for.
MOST, LONGEST = 12, 20_000
_MARK = re.compile(
    r'"[^"\n]*"|#[^\n]*'
    r"|(?P<block>/\*.*?\*/)"
    r"|(?P<name>[A-Za-z]\w*(?:-[A-Za-z]\w*)+)"
    r"|(?<!\S)(?P<mark>--(?=\s|$)|//+|%+(?=\s)|;+)[ \t]*(?P<said>[^\n]*)",
    re.DOTALL,
)


def foreign_marks(
    text: str, file: str, check: Callable[[str], Sequence[Diagnostic]], found: Sequence[Diagnostic]
) -> tuple[str, tuple[Diagnostic, ...]]:
    """The text with comments and names of its own in place of others', and a finding about each."""
    told: list[Diagnostic] = []
    if len(text) > LONGEST:
        return text, ()
    errors = sum(d.severity == "error" for d in found)
    for match in list(_MARK.finditer(text))[: 4 * MOST]:
        if len(told) >= MOST or not _may_be(match, text):
            continue
        put = _named(match["name"]) if match["name"] else _blank(match)
        if not put:
            continue
        tried = text[: match.start()] + put + text[match.end() :]
        after = [d for d in check(tried) if d.severity == "error"]
        known = bool(match["name"]) and len(after) <= errors and not any(_on(d, match) for d in after)
        if len(after) < errors or known:
            text, errors = tried, len(after)
            told.append(_joined(match, put.strip(), file) if match["name"] else _told(match, file))
    return text, tuple(told)


def _may_be(match: re.Match[str], text: str) -> bool:
    """True for a mark with words behind it; a sign of division or a per cent has a number before it."""
    if match["name"]:
        return not re.search(r"(?<!\S)--?\Z", text[: match.start()])  # an option of a command
    if match["block"]:
        return True
    if not match["mark"] or not re.search(r"[A-Za-z]{2}|^$", match["said"]):
        return False
    first = re.match(r"\w+", match["said"])
    if match["mark"].startswith(";") and first and (first[0] in STATEMENTS or meant_statement(first[0])):
        return False
    return not (match["mark"].startswith("%") and re.search(r"\d[ \t]*$", text[: match.start()]))


def _on(said: Diagnostic, match: re.Match[str]) -> bool:
    """True for a finding that a name is unknown, or cannot be read."""
    return said.code < "SCL3" and said.span.start < match.end() and match.start() < said.span.end


def _named(name: str) -> str:
    """The word or name of a parameter that a name joined by `-` is without it, as long as it was; else empty."""
    known = {*REGISTRY, *SETTINGS, *ELSEWHERE}
    ways = (name.replace("-", ""), name.replace("-", "_"))
    found = next((way for way in ways if way.lower() in known or way in known), "")
    return found.ljust(len(name)) if found else ""


def _joined(match: re.Match[str], name: str, file: str) -> Diagnostic:
    span = Span(match.start(), match.end(), file)
    message = f"a name holds no `-`, which takes away: `{match[0]}` is no word"
    return Diagnostic("SCL002", message, span, helps=(f"write `{name}`",), fixes=(Fix((Edit(span, name),)),))


def _blank(match: re.Match[str]) -> str:
    """What stands for a comment while the study is read, as long as it is."""
    if not match["block"]:
        return "#" + match[0][1:]
    return re.sub(r"[^\n]", " ", match[0])


def _told(match: re.Match[str], file: str) -> Diagnostic:
    if match["block"]:
        lines = [line.strip(" \t*/") for line in match[0].split("\n")]
        lines = [line for line in lines if line]
        whole = "\n" not in match.string[: match.start()].rstrip(" \t")[-1:] and bool(
            match.string[: match.start()].rsplit("\n", 1)[-1].strip()
        )
        behind = match.string[match.end() :].split("\n", 1)[0].strip()
        said, sign = "\n".join(f"# {line}" for line in lines), "/*"
        if behind:
            span = Span(match.start(), match.end(), file)
            fixes = (Fix((Edit(span, ""),), "maybe-incorrect"),)
            message = "a comment goes on to the end of its line"
            helps: tuple[str, ...] = ("leave it out, or put it behind `#` at the end of the line",)
            return Diagnostic("SCL023", message, span, helps=helps, fixes=fixes)
        if whole and len(lines) > 1:
            said = "# " + " ".join(lines)
    else:
        sign, words = match["mark"], match["said"].rstrip()
        said = f"# {words}".rstrip()
    line = match.string[: match.start()].rsplit("\n", 1)[-1]
    within = line.count("(") > line.count(")") and line.rstrip()[-1:] not in (",", "(", "{", "[")
    sure: Applicability = "maybe-incorrect" if within else "machine-applicable"
    span = Span(match.start(), match.start() + len(match[0].rstrip()), file)
    helps = tuple(f"{'and ' if i else 'write '}`{line}`" for i, line in enumerate(said.split("\n")))
    return Diagnostic(
        "SCL023", f"comments begin with `#`, not `{sign}`", span, helps=helps, fixes=(Fix((Edit(span, said),), sure),)
    )
