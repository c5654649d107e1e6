"""The documentation of a diagnostic code as text, from `catalogue`."""

from __future__ import annotations

from collections.abc import Iterable

from ..errors import Code, UsageError
from .catalogue.syntax_codes import CODES
from .suggest import similar


def find(code: str, words: Iterable[str] = ()) -> Code:
    """The documentation of a code, written as `SCL004`, `scl004` or `4`; or a near miss among `words`.

    Raises:
        UsageError: There is no such code.
    """
    name = code.strip().upper()
    if name.removeprefix("SCL").isdecimal():
        name = f"SCL{int(name.removeprefix('SCL')):03d}"
    if name not in CODES:
        known = tuple(words)
        what = "word" if known else "code"
        near = similar(code, known) if known else similar(name, CODES)
        hint = f"; a similar {what} exists: {near}" if near else ""
        others = "docs/reference.md has all words" if known else "`scalingdsl explain` lists all codes"
        raise UsageError(f"no {what} is called {code!r}{hint}. {others}")
    return CODES[name]


def explain(code: str) -> str:
    """A page about a code: title, explanation, a study that provokes it, the study mended."""
    from textwrap import fill

    found = find(code)
    return (
        f"{found.code}: {found.title}\n\n{fill(found.explanation, width=88)}\n\n"
        f"Wrong:\n\n{_indented(found.wrong)}\n\nRight:\n\n{_indented(found.right)}\n"
    )


def overview() -> str:
    """Every code with its title, a line each."""
    return "".join(f"{code}  {CODES[code].title}\n" for code in sorted(CODES))


def _indented(study: str) -> str:
    return "\n".join(f"    {line}".rstrip() for line in study.rstrip("\n").split("\n"))
