"""Statements inside of loops of another language, which go through the values of axes: told once, without the loops."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence

from ...errors import Diagnostic, Edit, Fix
from ...source import Span
from ...syntax.scanner import STATEMENTS
from ..listed_elsewhere import values_of
from ..other_programs import listed

#: Characters of a text that is looked at.
LONGEST = 20_000
_LOOP = re.compile(
    r"[ \t]*for(?:each)?\b[ \t]*\(?[ \t]*(?:let |var |const |int )?\$?(?P<name>[A-Za-z_]\w*)[ \t]*(?:\bin\b|=|\bof\b)"
    r"[ \t]*(?P<values>.+?)[ \t]*(?:;[ \t]*do|\bdo|:|\{)?[ \t]*"
)
_END = re.compile(r"[ \t]*(?:done|do|od|end|\}|end for|endfor)[;)]*[ \t]*")
_INNER = re.compile(rf"(?m)^[ \t]+(?:{'|'.join(STATEMENTS)})[ \t]+\S")
#: Names of axes whose values cells keep the best of.
_TUNED = ("lr",)
Check = Callable[[str], Sequence[Diagnostic]]


def loops_around(text: str, span: Span, check: Check) -> Diagnostic | None:
    """The finding about a study whose statements stand in loops over the values of axes; None for any other text."""
    if len(text) > LONGEST or not _INNER.search(text):
        return None
    values: dict[str, list[str]] = {}
    put: dict[str, str] = {}
    lines: list[str] = []
    for line in text.split("\n"):
        if (loop := _LOOP.fullmatch(line)) is not None and not line.lstrip().startswith("#"):
            numbers = values_of(loop["values"])
            values[loop["name"]] = [f"{v:g}" for v in numbers] if numbers else listed(loop["values"])
        elif not (values and _END.fullmatch(line)):
            lines.append(_without(line, values, put))
    closed = any(_END.fullmatch(line) for line in text.split("\n"))
    if len(values) == 1 and not closed:
        return None  # a statement in a loop, which is written anew by itself
    unused = [name for name in values if name not in put]
    if not values or not all(len(v) > 1 for v in values.values()) or unused:
        return None
    new = re.sub(rf"(?m)^[ \t]+(?=(?:{'|'.join(STATEMENTS)})[ \t]+\S)", "", "\n".join(lines))
    if any(d.severity == "error" and d.code < "SCL2" for d in check(new)):
        return None
    changed = [line.strip() for line in new.split("\n") if any(p in line for p in put.values())]
    message = "a study has no loops: an axis goes through its values by itself"
    helps = tuple(f"{'and ' if i else 'write '}`{line}`" for i, line in enumerate(changed))
    helps += ("and leave the lines of the loops out: every statement begins in column 1",)
    fix = Fix((Edit(Span(0, len(text), span.file), new),), "maybe-incorrect")
    at = next(i for i, line in enumerate(text.split("\n")) if _LOOP.fullmatch(line))
    start = sum(len(line) + 1 for line in text.split("\n")[:at])
    place = Span(start, start + len(text.split("\n")[at].rstrip()), span.file)
    return Diagnostic("SCL003", message, place, helps=helps, fixes=(fix,))


def _without(line: str, values: dict[str, list[str]], put: dict[str, str]) -> str:
    """A line with axes in place of the names that loops go through; `put` notes what each is written as."""
    for name, numbers in values.items():
        given = re.compile(rf"\b(\w+)[ \t]*=[ \t]*(?:\$\{{?{name}\}}?|{name}|\{{{name}\}})(?![\w.(])")

        def axis(found: re.Match[str], name: str = name, numbers: Sequence[str] = numbers) -> str:
            role = "tune " if found[1] in _TUNED else ""
            put[name] = f"{role}{found[1]} in {{{', '.join(numbers)}}}"
            return put[name]

        line = given.sub(axis, line)
    return line
