"""Axes whose values stand in words, in mathematics or in marks of other languages.

`tokens from 125k to 1M doubling`, `steps in 100 -> 800 step x2`, `lr in 10^{-3, -2, -1}`, `4 values from .001 to .1`,
`[125k..1M, log, 4]`, `compute in [10 GFLOP/s..80 GFLOP/s]`.
"""

from __future__ import annotations

import math
import re
from collections.abc import Iterator

from ...diagnostics.suggest import ELSEWHERE
from ...errors import SpecError
from ...syntax.parser import parse_value
from ...syntax.scanner import RESERVED, STATEMENTS
from ...vocabulary.base import KINDS, PARTS, REGISTRY
from ...vocabulary.parameters import typed
from ...vocabulary.settings import SETTINGS
from ..constructs import Construct, Statement
from ..listed_elsewhere import whole
from .scaled_sweeps import scaled_sweep
from .sweep_words import read_sweep

#: Steps of one, of a range whose whole numbers are listed.
MOST_COUNTED = 8
#: Parameters whose values are listed, for no rule leads from one to the next.
SHARED = ("warmup",)
#: The axis of which the best value is kept.
TUNED = "lr"
_GIVEN = re.compile(
    r"(?P<role>\b(?:tune|panel|median)\s+)?(?<![\w.])(?P<name>[A-Za-z_]\w*)[ \t]*"
    r"(?P<sign>\bin\b|\balong\b|=(?!=)|:(?!=)|∈|~|(?=\s(?:from|between|ranging|ranges|over|every)\s)|(?=[ \t]\d))[ \t]*"
)


def worded_sweeps(statement: Statement) -> Iterator[Construct]:
    """`tokens from 125k to 1M doubling`, `steps in 100 -> 800`, `lr in 10^{-3, -2}`, `let rates = .01, .03`."""
    if statement.keyword not in (*PARTS, "let"):
        return
    text, behind = statement.text, 0
    for given in _GIVEN.finditer(text):
        name, sign = given["name"], given["sign"]
        if given.start() < behind or name in (*RESERVED, *STATEMENTS) or not _known(name, statement.keyword):
            continue
        scaled = scaled_sweep(text, given.end(), _whole(name))
        found = scaled or read_sweep(text, given.end(), _whole(name))
        if found is None or not _ends(text, given.end() + found.length):
            continue
        end = given.end() + found.length
        shown = text[given.end() : end]
        if statement.mended and not _UNIT_ONCE.match(shown):
            continue
        plain = sign in ("in", "along", "=")
        if sign == ":" and re.fullmatch(r"\[[^\[\]]*,[^\[\]]*\]", shown):
            continue  # a line of another format, which is read as a whole
        if name in SHARED and ".." in found.text:
            found = found._replace(text="{" + ", ".join(re.split(r"\.\.", found.text.strip("[]"))) + "}")
        if found.text[0] not in "[{" or (plain and not scaled and _grammatical(shown)):
            continue
        found = found._replace(text=_one_by_one(found.text, name == "seed", ":" in shown))
        behind = end
        here = ELSEWHERE.get(name.lower(), name) if not _own(name) else name
        if statement.keyword == "let":
            written = f"{name} = {found.text}"
        else:
            inside = text.count("(", 0, given.start()) > text.count(")", 0, given.start())
            sign = "along" if sign == "along" else "in"
            role = given["role"] or ("tune " if here == TUNED else "")
            written = f"{role}{here}{'=' if inside and not role else f' {sign} '}{found.text}"
        said = "an axis takes `in`, and a list in braces or a range in square brackets"
        if scaled:
            said = "a sweep stays whole: its values are written as they come out"
        elif statement.keyword == "let":
            said = "several values stand in braces, and a range in square brackets"
        shown = f"let {written}" if statement.keyword == "let" else written
        yield Construct(given.start(), end, said, written, (f"write `{shown}`",), code="SCL010" if scaled else "SCL011")


def _one_by_one(range_: str, seeds: bool, colon: bool) -> str:
    """The whole numbers from one end of a plain range to the other, where they are counted: seeds, and `1:4`."""
    ends = re.fullmatch(r"\[(\d+)\.\.(\d+)\]", range_)
    if ends is None:
        return range_
    low, high = int(ends[1]), int(ends[2])
    doubles = bool(low) and math.log2(high / low).is_integer()
    if high - low <= MOST_COUNTED and (seeds or colon or not doubles):
        return f"{{{', '.join(map(str, range(low, high + 1)))}}}"
    return f"{range_[:-1]} step 1]" if seeds else range_


def _own(name: str) -> bool:
    return name in SETTINGS or any(name in typed(w) for w in REGISTRY.values())


def _known(name: str, keyword: str) -> bool:
    """True for a parameter, a setting, what others call so, and any name of a `let`."""
    if keyword == "let" or name in SETTINGS:
        return True
    meant = ELSEWHERE.get(name.lower(), name)
    if meant in SETTINGS:
        return True
    kinds = {KINDS[keyword], "graph", "schedule", "teacher"}  # type: ignore[index]
    return any(meant in typed(w) or name in typed(w) for w in REGISTRY.values() if w.kind in kinds)


def _whole(name: str) -> bool:
    return whole(ELSEWHERE.get(name.lower(), name))


def _ends(text: str, at: int) -> bool:
    """True where a binding may end: the statement, or its argument, ends there, or a name comes with its own value."""
    rest = text[at:].lstrip(" \t")
    return (
        not rest
        or re.match(
            r"[\n#;)\]}]|,\s*[A-Za-z_]|where\b|(?:tune|panel|median)\b|[A-Za-z_]\w*\s*(?:in\b|along\b|=|&|:|\d)", rest
        )
        is not None
    )


#: A range whose unit stands behind its second end alone, and is that of both.
_UNIT_ONCE = re.compile(
    r"[\[{(]?\s*[\d.]+\s*(?:\.\.|-|to|:)\s*[\d.]+[ \t]+(?:[kMGTPEZ]?FLOPs?|tokens|million|billion|thousand|[kMGB])"
    r"\s*[\])}]?\Z"
)


def _grammatical(shown: str) -> bool:
    if re.search(r"\d[xX]\b", shown):
        return False
    try:
        parse_value(shown)
    except SpecError:
        return False
    return True
