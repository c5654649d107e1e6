"""Roles of axes that are said apart from them: `layers in {2, 4}  width in [16..128]  panel=layers`."""

from __future__ import annotations

import re
from collections.abc import Iterator

from ...vocabulary.base import PARTS
from ..constructs import Construct, Statement, closing

#: Words of other tools for an axis with figures or laws of its own at each value.
_PANELS = r"panels?|facet(?:_by|_col|_row|_wrap|_grid|s)?|hue|colou?r|group(?:_?by|s)?|stratify|split_by|by"
_APART = re.compile(
    rf"(?:^|(?<=[\s,]))(?P<word>{_PANELS}|tune|tuned|median)(?:\s*[=:]\s*|[ \t]+|\s*\(\s*)"
    r"[\[{(\"']*(?P<name>[A-Za-z_]\w*)[\"'\]})]*(?=\s*(?:$|,|[A-Za-z_]))(?!\s+(?:in|along)\b)"
)
_SWEPT = r"(?<![\w&])(?P<role>(?:tune|panel|median)\s+)?{name}\s+(?:in|along)\s+(?=[{{\[])"


def roles_apart(statement: Statement) -> Iterator[Construct]:
    """`panel=layers`, `facet_by=layers`, `tune lr` behind an axis of that name: the word stands before the axis."""
    text = statement.text
    for found in _APART.finditer(text) if statement.keyword in PARTS else ():
        axis = re.search(_SWEPT.format(name=found["name"]), text)
        end = closing(text, axis.end()) if axis else None
        if axis is None or end is None or axis["role"] or axis.start() <= found.start() < end:
            continue
        role = found["word"] if found["word"] == "median" else "tune" if found["word"].startswith("tune") else "panel"
        written = f"{role} {text[axis.start() : end]}"
        before = re.search(r"[\s,]*$", text[: found.start()])
        start = before.start() if before else found.start()
        said = f"`{role}` stands before its axis, which is written once"
        helps = (f"write `{written}`, and leave `{found[0].strip()}` out",)
        more = ((axis.start(), axis.start(), f"{role} "),)
        yield Construct(start, found.end(), said, "", helps, more, code="SCL024")
