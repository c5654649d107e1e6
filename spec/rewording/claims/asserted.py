"""Claims as tests and macros of programs state them: `def test_floor(): assert ...`, `@assert a ≈ b rtol=.02`."""

from __future__ import annotations

import re
from collections.abc import Iterator

from ..constructs import NUMBER, Construct, Statement, parts

#: How far apart two numbers may be where that is not said.
USUAL = "5%"
_TESTS = re.compile(
    r"(?:async\s+)?def\s+\w*(?:test|check|verify)\w*\s*\([^()]*\)\s*(?:->\s*\w+\s*)?:[ \t]*\n(?P<body>.+)$", re.DOTALL
)
_MACRO = re.compile(r"@(?:assert|test|check|expect)\s+")
_TOLERANCE = rf"(?P<how>rel|abs|rtol|atol|rel_tol|abs_tol)\s*=\s*(?P<by>{NUMBER})"
_QUANTITY = r"[^,()]+(?:\((?:[^()]|\([^()]*\))*\))?"
_NEAR = (
    re.compile(rf"(?P<a>.+?)\s*==\s*(?:\w+\.)?approx\(\s*(?P<b>{_QUANTITY})\s*(?:,\s*{_TOLERANCE}\s*)?\)$"),
    re.compile(
        rf"(?:\w+\.)?(?:isapprox|isclose|allclose)\(\s*(?P<a>{_QUANTITY})\s*,\s*(?P<b>{_QUANTITY})\s*(?:[,;]\s*{_TOLERANCE}\s*)?\)$"
    ),
    re.compile(rf"(?P<a>.+?)\s*≈\s*(?P<b>.+?)(?:\s*[,;]?\s+{_TOLERANCE})?$"),
)


def claimed_so(asserted: str) -> str:
    """What is asserted, without its message, as a claim says it."""
    said = parts(asserted.strip())
    plain = said[0] if said and all(re.fullmatch(r"[frb]?[\"'].*", one) for one in said[1:]) else asserted.strip()
    for near in _NEAR:
        if (found := near.fullmatch(plain)) is not None:
            by = found["by"] or USUAL
            if found["by"] and found["how"].startswith("r") and found["by"][-1].isdigit():
                by = f"{100 * float(found['by']):g}%"
            return f"{found['a'].strip()} within {by} of {found['b'].strip()}"
    return plain


def tests(statement: Statement) -> Iterator[Construct]:
    """`def test_floor():` and lines of `assert` in it: each is a claim."""
    found = _TESTS.match(statement.text.rstrip())
    lines = [line.strip() for line in found["body"].split("\n") if line.strip()] if found is not None else []
    lines = [line for line in lines if not line.startswith(("#", '"""', "'''"))]
    if not lines or not all(line.startswith("assert ") for line in lines):
        return
    claims = [f"expect {claimed_so(line.removeprefix('assert '))}" for line in lines]
    said = "a claim is a statement of its own, and no function"
    helps = tuple(f"{'and ' if i else 'write '}`{claim}`" for i, claim in enumerate(claims))
    yield Construct(0, len(statement.text.rstrip()), said, "\n".join(claims), helps, code="SCL003")


def macros(statement: Statement) -> Iterator[Construct]:
    """`@assert E(chinchilla) ≈ entropy_rate rtol=0.02`, and so behind `expect`."""
    text = statement.text.rstrip()
    macro = _MACRO.match(text)
    own = re.match(r"(?:expect|assert)\s+", text) if re.search(rf"≈.*{_TOLERANCE}", text) else None
    first = macro or own
    if first is None or "\n" in text:
        return
    claim = f"expect {claimed_so(text[first.end() :])}"
    said = "a claim is `expect`, and how near two numbers are says `within`"
    yield Construct(0, len(text), said, claim, (f"write `{claim}`",), code="SCL003" if macro else "SCL023")


FINDERS = (tests, macros)
