"""Settings on lines of their own among statements, as a configuration or a command has them: `n_embd = 384`."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import NamedTuple

from ...source import Source
from ...syntax.scanner import STATEMENTS, scan
from ...vocabulary.base import PARTS
from ...vocabulary.settings import SETTINGS
from ..constructs import Construct, Statement
from ..sections_of_files import Sections, ini, once, opened, reads

#: Lines of settings up to which each is told by itself.
FEW = 1
_LINE = re.compile(
    r"(?m)^[+~]{0,2}(?P<name>[A-Za-z_][\w.]*)[ \t]*[:=](?![=:])[ \t]*(?P<value>[^\s=][^\n]*?)[ \t]*(?:#[^\n]*)?$"
)
#: A formula in the size of a model.
_FORMULA = re.compile(r"[\d.]+[ \t]*\*[ \t]*N")
_HEADING = re.compile(r"(?m)^\[+[\w.\"]+\]+[ \t]*$")
#: What other tools put values in by: a name, a product of two, and anything else, which is left out.
_NAME, _PRODUCT = re.compile(r"\$\{(\w+)\}"), re.compile(r"\$\{(?:multiply|mul|prod):\s*([\w.]+)\s*,\s*([\w.]+)\s*\}")
_TEMPLATE = re.compile(r"\$\{|\{\{")


class _Put(NamedTuple):
    """A statement, and where it goes: the end of one that it goes on with, or None."""

    line: str
    behind: int | None


def assigned_lines(statement: Statement) -> Iterator[Construct]:
    """`n_layer = 6`, `n_embd = 384`, `learning_rate = 1e-3`, a line each; `models.width=16,32`, `+train.lr=.01`."""
    study = statement.study
    lines = [found for found in _LINE.finditer(study) if _is_setting(found, study)]
    if _HEADING.search(study):
        return  # sections, which say what their lines are of
    if len(lines) <= FEW or lines[0].start() != statement.start or "\n" in statement.text.strip():
        return
    given = {m: _PRODUCT.sub(r"\1*\2", _NAME.sub(r"\1", m["value"])) for m in lines}
    left = [f"`{m['name']}={m['value']}` is left out" for m, value in given.items() if _TEMPLATE.search(value)]
    known = {m: value for m, value in given.items() if not _TEMPLATE.search(value)}
    own = [f"train {a} = {v}" for m, v in known.items() if (a := _amount(m["name"])) and _FORMULA.fullmatch(v)]
    plain = [f"{m['name']} = {v}" for m, v in known.items() if not (_amount(m["name"]) and _FORMULA.fullmatch(v))]
    sections = Sections.of(opened(ini("\n".join(plain))))
    rest = study
    for found in reversed(lines):
        rest = rest[: found.start()] + " " * len(found[0]) + rest[found.end() :]
    put = [_placed(line, rest) for line in once([*sections.statements, *own])]
    placed = [one for one in put if one is not None]
    if not placed or len(placed) < len(put):
        return
    alone = "\n".join(one.line for one in placed if one.behind is None)
    at = statement.start
    more = [(m.start() - at, m.end() - at, "") for m in lines[1:]]
    more += [(one.behind - at, one.behind - at, one.line) for one in placed if one.behind is not None]
    helps = [f"{'and ' if i else 'write '}{_shown(one, rest)}" for i, one in enumerate(placed)]
    said = "settings stand in the statements that they are of, and not on lines of their own"
    every = (*helps, *sections.said(), *left)
    yield Construct(0, len(lines[0][0].rstrip()), said, alone, every, tuple(more), code="SCL003")


def _amount(name: str) -> str:
    """The amount of training that a name with points ends with; empty for any other."""
    last = name.rsplit(".", 1)[-1]
    return last if last in SETTINGS else ""


def _is_setting(found: re.Match[str], study: str) -> bool:
    """True for a line that gives a value to a name which no other line reads."""
    name = found["name"]
    if name in STATEMENTS or found["value"].count("(") != found["value"].count(")") or found["value"][-1:] in "([{\\":
        return False
    return len(re.findall(rf"(?<![\w.]){re.escape(name)}(?![\w.])", study)) == 1


def _placed(line: str, study: str) -> _Put | None:
    """Where a statement goes in a study that may have one of its part; None where both cannot be one."""
    word, _, rest = line.partition(" ")
    there = [c for c in scan(Source(study)).chunks if re.match(rf"{word}\b", study[c.start : c.end])]
    if not there or word not in PARTS:
        return _Put(line, None) if not there or word == "fit" else None
    chunk = there[-1]
    before = study[chunk.start : chunk.end]
    if reads(f"{before}  {rest}"):
        return _Put(f"\n  {rest}", chunk.end)
    return None


def _shown(one: _Put, study: str) -> str:
    if one.behind is None:
        return f"`{one.line}`"
    start = max(c.start for c in scan(Source(study)).chunks if c.end == one.behind)
    return f"`{one.line.strip()}` behind `{study[start : one.behind].split()[0]}`"


FINDERS = (assigned_lines,)
