"""Claims in words about what laws and best values do: `power law holds`, `best lr is the same at all widths`."""

from __future__ import annotations

import re
from collections.abc import Iterator
from itertools import pairwise

from ...syntax.numbers import number
from ..constructs import NUMBER, Construct, Statement
from .claims_elsewhere import axis_values

_WELL = r"(?:holds?|fits?(?:\s+well)?|is good|works|to hold|is satisfied)"
_HOLDS = re.compile(
    rf"expect\s+(?:(?:a|the)\s+)?(?:(?P<law>power[ -]?law|scaling law|law)(?:\s+(?:scaling|fit))?(?:\s+{_WELL})?"
    rf"|(?P<own>chinchilla|kaplan|tied|exponential)(?:\s+law|\s+fit)?\s+{_WELL})\s*$",
    re.IGNORECASE,
)
_CONVERGED = re.compile(r"\bconverged\s*\(\s*(?P<law>\w+(?:\([^()]*\))?)\s*\)(?:\s*==\s*true)?")
_STILL = re.compile(
    r"expect\s+(?:(?:the\s+)?(?:best|optimal|tuned)\s+)?(?P<name>lr|batch|decay|beta2)\s+(?:is|are|stays?|remains?)?\s*"
    r"(?:the\s+)?(?:same|constant|equal|unchanged|transfers?|independent|invariant)\s*"
    r"(?:(?:at|across|over|for|of|with|to)\s+)?(?:all\s+|the\s+|every\s+|each\s+)?(?P<axis>width|depth|size|model)?s?\s*$"
)
_SLOPE = re.compile(
    rf"\bslope\s*\(\s*log\(\s*loss\s*\)\s*,\s*log\(\s*(?P<of>[NDC])\s*\)\s*\)(?:\s*(?P<sign>[<>]=?)\s*-\s*(?P<n>{NUMBER}))?"
)


def laws_that_hold(statement: Statement) -> Iterator[Construct]:
    """`expect power law`, `expect converged(chinchilla)`: how well a law fits is a number."""
    text = statement.text
    found = _HOLDS.match(text.rstrip())
    if found is not None:
        law = _law((found["law"] or found["own"]).lower(), statement.study)
        said = "a claim compares numbers, and how well a law fits is one of them"
        helps: tuple[str, ...] = (f"write `expect rmse_log({law}) < 5%`",)
        if law.startswith("power("):
            other = law.replace("power", "exponential", 1)
            helps += (f"or, against another form that is fitted too, `expect validation({law}) < validation({other})`",)
        yield Construct(0, len(text.rstrip()), said, f"expect rmse_log({law}) < 5%", helps, code="SCL023")
    for one in _CONVERGED.finditer(text) if statement.keyword == "expect" else ():
        said = "whether a fit converged is said beside it, and is no number"
        written = f"rmse_log({one['law']}) < 5%"
        way = (f"claim how well it fits: write `{written}`",)
        yield Construct(one.start(), one.end(), said, written, way, code="SCL023")


def _law(named: str, study: str) -> str:
    """The fit of a study that a claim in words means, as it is written."""
    fits = re.findall(r"\b(?:power|exponential)\(\s*\w+\s*\)|\b(?:chinchilla|kaplan|tied)\b", study)
    kind = "power(" if named.startswith("power") else named
    return next((f for f in fits if f.startswith(kind)), next(iter(fits), "chinchilla")).replace(" ", "")


def best_that_stays(statement: Statement) -> Iterator[Construct]:
    """`expect best lr is the same at all widths`: the best at the largest over that at the smallest."""
    found = _STILL.match(statement.text.rstrip())
    values = axis_values(statement.study, "width") if found is not None else []
    if found is not None and len(values) > 1:
        name = found["name"]
        tried = [number(v).value for v in axis_values(statement.study, name)]
        step = min((b / a for a, b in pairwise(sorted(tried)) if a > 0), default=2.0) if len(tried) > 1 else 2.0
        between = f"[{0.9 / step:.2g}..{1.1 * step:.2g}]" if len(tried) > 1 else "[0.5..2]"
        written = f"expect {name}(width={values[-1]})/{name}(width={values[0]}) in {between}"
        said = "a claim compares numbers: the best value of one size and that of another"
        yield Construct(0, len(statement.text.rstrip()), said, written, (f"write `{written}`",), code="SCL023")


def slopes(statement: Statement) -> Iterator[Construct]:
    """`slope(log(loss), log(N)) < -.1`: the exponent of a law, which has the minus."""
    for found in _SLOPE.finditer(statement.text) if statement.keyword == "expect" else ():
        law = _law("power", statement.study)
        name = {"N": "alpha", "D": "beta", "C": "gamma"}[found["of"]]
        fitted = law if law.startswith("power(") else law.split("(")[0]
        written = f"{name}({fitted})"
        if found["n"]:
            written += f" {found['sign'].translate(str.maketrans('<>', '><'))} {found['n']}"
        said = "the slope in logarithms is a law's exponent, above 0 where losses fall"
        yield Construct(found.start(), found.end(), said, written, (f"write `{written}`",), code="SCL023")


FINDERS = (laws_that_hold, best_that_stays, slopes)
