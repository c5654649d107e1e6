"""Studies that go on from others: several of them, parts left out, values and laws added to theirs."""

from __future__ import annotations

import re
from collections.abc import Iterator

from ...vocabulary.base import PARTS
from ..constructs import Construct, Statement, value_end

_ADDED = re.compile(r"(?P<name>[A-Za-z_]\w*)\s*\+=\s*")


def added_values(statement: Statement) -> Iterator[Construct]:
    """`models width += {128, 256}`, `fit += power(N)`: an axis names all of its values, fits are added."""
    found = _ADDED.search(statement.text)
    if found is None or statement.keyword not in (*PARTS, "fit", "expect", "optimum", "report"):
        return
    if found["name"] == statement.keyword:
        written = f"{statement.keyword} "
        said = f"what `{statement.keyword}` asks for is added to what there is by itself"
        shown = f"{written}{statement.text[found.end() :].strip()}"
        yield Construct(found.start(), found.end(), said, written, (f"write `{shown}`",), code="SCL015")
        return
    name, end = found["name"], value_end(statement.text, found.end())
    added = statement.text[found.end() : end].strip("{}[] ")
    said = "nothing is added to an axis: it names all of its values, those of another study too"
    helps = (f"write all of them: `{name} in {{..., {added}}}`",)
    yield Construct(found.start(), end, said, None, helps, code="SCL015")


_USED_WITH = re.compile(
    r"use\s+(?P<first>\"[^\"\n]+\")\s*(?:(?P<more>(?:(?:,|and|&|\+)\s*\"[^\"\n]+\"\s*)+)"
    r"|,?\s*as\s+(?P<named>[A-Za-z_]\w*)|,?\s*(?:except|without|minus|but\s+(?:no|not)|excluding|hiding)\s+(?P<what>fits?|laws?|claims?|expect|budget)s?)\s*\Z"
)


def other_studies(statement: Statement) -> Iterator[Construct]:
    """`use "a.scl", "b.scl"`, `use "base.scl" except fit`: a line each, and `fit none` leaves out; `as` is nothing."""
    found = _USED_WITH.match(statement.text)
    if found is None:
        return
    files = [found["first"], *re.findall(r"\"[^\"\n]+\"", found["more"] or "")]
    lines = [f"use {file}" for file in files]
    said = "a study is used in a line of its own"
    if what := found["what"]:
        lines.append(f"{'expect' if what[0] in 'ce' else 'budget' if what[0] == 'b' else 'fit'} none")
        said = "what another study asks for is left out by `none`, in a line of its own"
    elif found["named"]:
        said = "a study that is used has no name: what it says is said here, by its own names"
    helps = tuple(f"{'and ' if i else 'write '}`{line}`" for i, line in enumerate(lines))
    yield Construct(0, found.end(), said, "\n".join(lines), helps, code="SCL022")


_LESS = re.compile(
    r"fit\s+(?:none|not|no|without|except|minus|less|drop|remove|exclude|all\s+(?:but|except)|-|!)\s*[(:]?\s*(?P<laws>[A-Za-z][^;]*?)\)?\s*\Z"
)


def laws_left_out(statement: Statement) -> Iterator[Construct]:
    """`fit none kaplan`, `fit without kaplan`, `fit -kaplan`: all laws of another study are left out, or none."""
    found = _LESS.match(statement.text)
    if found is None or not re.search(r"(?m)^use\b", statement.study):
        return
    said = "the laws of a study that is used are left out together, by `fit none`"
    helps = ("write `fit none`, and behind a `fit` of its own each law that stays",)
    yield Construct(0, found.end(), said, "fit none", helps, code="SCL015")


_DEVICE = re.compile(r"use\s+\"?(?:cuda|gpu|gpus|mps|cpu|tpu|cuda:\d+)\"?\s*\Z", re.IGNORECASE)


def devices(statement: Statement) -> Iterator[Construct]:
    """`use cuda`: a device, where another study is named."""
    if _DEVICE.match(statement.text):
        said = "`use` names another study, and what a study is run on is no part of it"
        helps = ("leave the line out, and write `scalingdsl run --device cuda`",)
        yield Construct(0, len(statement.text), said, "", helps, code="SCL022")


FINDERS = (devices, other_studies, laws_left_out, added_values)
