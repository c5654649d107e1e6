"""One unit or power of ten for all values of a list or range: `{1, 2, 4} M`, `[1..64] TFLOP`, `{1, 3}e-3`."""

from __future__ import annotations

import re
from collections.abc import Iterator

from ...errors import SpecError
from ...syntax.numbers import compute_of, number, text_of, written_here
from ...vocabulary.base import PARTS
from ..constructs import Construct, Statement

_LISTED = re.compile(
    r"[{\[](?P<inside>[^{}\[\]]*\d[^{}\[\]]*)[}\]][ \t]*"
    r"(?:(?P<power>[eE][+-]?\d+)|[*×][ \t]*(?P<factor>10\s*(?:\^|\*\*)\s*-?\d+|\d+e-?\d+)"
    r"|(?P<unit>%|[A-Za-z]+(?:[-_ ]?days?|[-_ ]?h(?:ours?)?|/s)?))"
    r"(?!\s*(?:in\b|along\b|[=&:(]))(?=\s*(?:$|[\n#;)]|[A-Za-z_]))"
)
_EACH = re.compile(
    r"[{\[](?P<inside>[^{}\[\]]*\d[ \t]*(?P<unit>[kMGTPEZ][A-Za-z]*[-_ ](?:days?|hours?|h|d))[^{}\[\]]*)[}\]]"
)
#: A number of a list, and not how far its points lie apart.
_NUMBER = re.compile(r"(?:(?<=\.\.)|(?<![\w.]))(?<!count )(?<!times )(?:\d+(?:\.\d+)?|\.\d+)(?:[eE][+-]?\d+)?(?![\w%])")
_WITH_UNIT = re.compile(r"(?<![\w.])(?P<digits>(?:\d+(?:\.\d+)?|\.\d+)(?:[eE][+-]?\d+)?)[ \t]*")


def units_of_all(statement: Statement) -> Iterator[Construct]:
    """`{1, 2, 4} M`: each value has its unit beside it."""
    if statement.keyword not in PARTS:
        return
    for found in _LISTED.finditer(statement.text):
        inside = _NUMBER.sub(lambda n, found=found: _scaled(n[0], found), found["inside"])
        if "?" not in inside and inside != found["inside"]:
            opener, closer = found[0][0], "}" if found[0][0] == "{" else "]"
            inside = re.sub(r",\s*", ", ", inside)
            yield _told(found, f"{opener}{inside}{closer}", "each value of a list or range has its unit beside it")
    for found in _EACH.finditer(statement.text):
        unit = found["unit"]
        each = re.compile(rf"{_WITH_UNIT.pattern}{re.escape(unit)}")
        inside = each.sub(lambda n, unit=unit: compute_of(n["digits"], unit) or "?", found["inside"])
        if "?" not in inside:
            yield _told(found, found[0].replace(found["inside"], inside), "compute is counted in FLOP")


def _told(found: re.Match[str], written: str, said: str) -> Construct:
    return Construct(found.start(), found.end(), said, written, (f"write `{written}`",), code="SCL013")


def _scaled(digits: str, found: re.Match[str]) -> str:
    """A number with what stands behind its list; `?` where that is no unit."""
    if found["power"] or found["factor"]:
        power = re.sub(r"\s|\^|\*\*", "", found["factor"] or "").replace("10", "e", 1) if found["factor"] else ""
        power = found["power"] or (power if power.startswith("e") else "")
        return text_of(float(f"{digits}{power}")) if power and not re.search("[eE]", digits) else "?"
    unit = found["unit"]
    if compute := compute_of(digits, unit):
        return compute
    for letters in (written_here(unit), unit):
        try:
            if letters and (letters in ("k", "M", "B", "G", "T", "%", "steps", "tokens") or letters.endswith("FLOP")):
                number(f"{digits}{letters}")
                return f"{digits}{letters}"
        except SpecError:
            continue
    return "?"


FINDERS = (units_of_all,)
