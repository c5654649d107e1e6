"""Budgets in other measures, money and memory, or in words: each told with the time or compute that is written here."""

from __future__ import annotations

import re
from collections.abc import Iterator

from ...errors import SpecError
from ...syntax.numbers import number, short_compute
from ..constructs import NUMBER, Construct, Statement

_TIME = re.compile(
    r"(?P<h>\d+)\s*(?:h|hr|hrs|hours?|:)\s*(?:and\s+)?(?P<m>\d{1,2})\s*(?:m|min|mins|minutes?|h)?(?![\w.])|"
    r"(?P<d>\d+)\s*(?:d|days?)\s*(?:and\s+)?(?P<dh>\d{1,2})\s*(?:h|hr|hrs|hours?)(?!\w)"
)
_LIMIT = re.compile(
    r"(?:max(?:imum)?[_ ]?)?(?:time|wall(?:[_ -]?(?:time|clock))?|compute|runtime|cost|limit)"
    r"(?:[ _-]?(?:limit|budget|cap|max))?"
    rf"\s*(?:[:=]|of|<=?)?\s*(?P<n>{NUMBER})\s*(?P<unit>h|min|d|s|[kMGTPE]?FLOPs?)?"
)
_SPOKEN = re.compile(
    rf"budget\s+(?:of\s+|max(?:imum)?\s+|at most\s+|up to\s+|under\s+|<=?\s*|about\s+)*(?P<n>{NUMBER})\s*"
    r"(?:[gcGC][pP][uU][- ]?)?(?P<unit>hours?|hrs?|h|minutes?|mins?|min|days?|d)\b(?P<rest>[^\n,]*)"
)
_MONEY = re.compile(
    r"(?:[$€£¥]\s*\d[\d.,]*\s*[kM]?|\d[\d.,]*[kM]?\s*(?:[$€£¥]|(?:USD|EUR|dollars?|euros?|bucks|cents|credits)\b))"
)
_MEMORY = re.compile(r"\d[\d.]*\s*[kKMGT]i?B(?:ytes)?(?:\s+(?:of\s+)?(?:memory|ram|RAM|vram|VRAM|disk))?\b")
_AMOUNT = re.compile(r"\d[\d.]*[kMBT]?\s*(?:tokens|steps|iterations|epochs|samples|sequences|iters)\b")
_JOINED = re.compile(rf"budget\s+(?P<one>{NUMBER})\s*(?:or|and|&|\+|/|\||plus)\s*(?P<two>{NUMBER})")
_RUNS = re.compile(r"\d[\d.]*k?\s*(?:runs|trials|models|cells|experiments)\b")

_NAMED = re.compile(r"budget\s*\(?\s*(?P<items>[A-Za-z_]\w*\s*[:=](?!=)[^()]*?)\s*\)?\s*")
_ITEM = re.compile(r"(?P<name>[A-Za-z_]\w*)\s*[:=]\s*[\"']?(?P<n>\d*\.?\d+(?:[eE]\d+)?)\s*(?P<unit>[A-Za-z]*)[\"']?")
#: The unit of a number whose name tells it: parts of such names.
_UNITS = (
    (("hour", "hours", "hrs", "hr", "h"), "h"),
    (("minute", "minutes", "mins", "min"), "min"),
    (("second", "seconds", "secs", "sec", "s"), "s"),
    (("day", "days", "d"), "d"),
    (("pflop", "pflops"), "PFLOP"),
    (("tflop", "tflops"), "TFLOP"),
    (("flop", "flops", "compute"), "FLOP"),
)
_TIMED = {"time", "walltime", "wall", "runtime", "limit", "max", "timeout", "duration"}


def _named(items: str) -> str:
    """Limits by name, `gpus=1, hours=2`, as `budget` lists them; empty where none is a time or compute."""
    found = []
    for piece in items.split(","):
        item = _ITEM.fullmatch(piece.strip())
        parts = re.findall(r"[a-z]+", item["name"].lower()) if item else []
        own = next((unit for names, unit in _UNITS if {*names} & {*parts}), "")
        if item is not None and (own or (item["unit"] and {*parts} & _TIMED)):
            found.append(f"{item['n']}{item['unit'] or own}")
    return ", ".join(found)


def budgets(statement: Statement) -> Iterator[Construct]:
    """`budget 1h30`, `budget 1:30`, `budget $10`, `budget 16GB`: a time, an amount of compute, or both."""
    text = statement.text
    limited = _LIMIT.fullmatch(text.strip()) if statement.keyword != "budget" else None
    if limited is not None:
        said = "what a study may cost is bounded by `budget`, a time or an amount of compute"
        written = f"budget {limited['n']}{limited['unit'] or ''}"
        yield Construct(0, len(text.rstrip()), said, written, (f"write `{written}`",), code="SCL003")
    if statement.keyword != "budget" or statement.mended:
        return
    spoken = _SPOKEN.fullmatch(text.strip())
    if spoken is not None and spoken["n"][-1].isdigit():
        unit = {"h": "h", "m": "min", "d": "d"}[spoken["unit"][0]]
        written = f"budget {spoken['n']}{unit}"
        if written != text.strip() and not re.search(r"\d", spoken["rest"].replace("100", "")):
            said = "`budget` lists a time, an amount of compute, or both"
            yield Construct(0, len(text.rstrip()), said, written, (f"write `{written}`",), code="SCL001")
            return
    named = re.fullmatch(
        rf"budget\s+(?P<name>(?:max_?)?(?:flops?|compute|time|hours?|C))\s*(?:[:=]|<=?|of)?\s*(?P<n>{NUMBER})",
        text.strip(),
        re.I,
    )
    if named is not None:
        value = number(named["n"])
        name = named["name"].lower().removeprefix("max").lstrip("_")
        hours = name.startswith("hour") and not value.unit
        written = f"budget {named['n']}h" if hours else f"budget {named['n']}"
        if not value.unit and name in ("flop", "flops", "compute", "c"):
            written = f"budget {short_compute(value.value).replace(' ', '')}"
        said = "a budget is an amount alone, and its unit says of what"
        yield Construct(0, len(text.rstrip()), said, written, (f"write `{written}`",), code="SCL001")
        return
    several = _NAMED.fullmatch(text)
    if several is not None and (listed := _named(several["items"])):
        said = "budgets are amounts alone, and their units say of what"
        yield Construct(0, len(text.rstrip()), said, f"budget {listed}", (f"write `budget {listed}`",), code="SCL001")
        return
    for found in _TIME.finditer(text):
        minutes = int(found["h"]) * 60 + int(found["m"]) if found["h"] else 0
        written = f"{minutes}min" if found["h"] else f"{int(found['d']) * 24 + int(found['dh'])}h"
        said = "a time is one number with one unit"
        joined = re.compile(r"\s+(?:or|and|plus|&)\s+(?=\d)").match(text, found.end())
        comma = ((joined.start(), joined.end(), ", "),) if joined else ()
        yield Construct(found.start(), found.end(), said, written, (f"write `{written}`",), comma, code="SCL013")
    if (both := _JOINED.fullmatch(text.strip())) is not None:
        written = f"budget {both['one']}, {both['two']}"
        said = "the limits of a budget have a comma between them, and all of them hold"
        yield Construct(0, len(text.rstrip()), said, written, (f"write `{written}`",), code="SCL008")
        return
    for pattern, what in (
        (_MONEY, "money"),
        (_MEMORY, "memory"),
        (_RUNS, "a number of runs"),
        (_AMOUNT, "how long runs are, which `train` says"),
    ):
        for found in pattern.finditer(text):
            start, end = found.span()
            before, after = text[:start].rstrip(), text[end:].lstrip()
            said = f"a budget is a time or an amount of compute, not {what}"
            more = {
                "a number of runs": " (`plan` says how many there are)",
                "memory": " (`plan` says what memory runs take)",
            }.get(what, "")
            if before.endswith(","):
                yield Construct(len(before) - 1, end, said, "", (f"leave `{found[0]}` out{more}",), code="SCL202")
            elif after.startswith(","):
                stop = end + len(text[end:]) - len(after) + 1
                yield Construct(start, stop, said, "", (f"leave `{found[0]}` out{more}",), code="SCL202")
            elif before == "budget" and not after:
                yield Construct(
                    start,
                    end,
                    said,
                    "2h",
                    ("write a time, `2h`, or compute, `5PFLOP`; what runs would take is said by `scalingdsl plan`",),
                    code="SCL202",
                )
            return


_TIME_OF_RUNS = re.compile(
    r"\b(?:max_?)?(?:wall_?(?:clock_?)?)?(?:time(?:_?limit|_?out|_?budget)?|hours|minutes|duration)\s*[=:]\s*"
    rf"(?P<n>{NUMBER})\s*(?P<unit>hours?|minutes?|min|h)?"
)


def limits_of_runs(statement: Statement) -> Iterator[Construct]:
    """`train adamw  time = 30min`: what a study may take is a statement of its own."""
    found = _TIME_OF_RUNS.search(statement.text) if statement.keyword == "train" else None
    if found is None or text_inside(statement.text, found.start()):
        return
    try:
        value = number(found["n"])
    except SpecError:
        return
    unit = (found["unit"] or ("h" if "hour" in found[0] else "min" if "minute" in found[0] else ""))[:3]
    unit = "h" if unit.startswith("h") else unit
    if (value.unit or unit) not in ("s", "min", "h", "d"):
        return
    limit = found["n"] if value.unit else f"{found['n']}{unit}"
    said = "a run has no time of its own: what the whole study may take is its `budget`"
    there = re.search(r"(?m)^budget\b", statement.study)
    helps = (f"leave `{found[0]}` out" + ("" if there else f", and write `budget {limit}` in a line of its own"),)
    at = len(statement.text)
    more = () if there else ((at, at, f"\nbudget {limit}"),)
    yield Construct(found.start(), found.end(), said, "", helps, more, code="SCL109")


def text_inside(text: str, at: int) -> bool:
    """True for a place inside of parentheses."""
    return text.count("(", 0, at) > text.count(")", 0, at)


FINDERS = (budgets, limits_of_runs)
