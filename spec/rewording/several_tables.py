"""Several tables at once, as dictionaries, lists and joins of data frames have them."""

from __future__ import annotations

import re
from collections.abc import Iterator

from ..diagnostics.suggest import letter
from .constructs import Construct, Statement
from .loose_tables import FILE

#: A file with its label, and what may stand between several of them.
_ONE_FILE = re.compile(rf"(?:(?P<label>[\"']?\w+[\"']?)\s*[:=]\s*)?(?:[\w.]+\(\s*)?(?:path\s*=\s*)?{FILE}")
_AROUND_FILES = re.compile(r"(?:[\w.]+\s*(?=[(\[])|[-+*|&,;(){}\[\]\s])*")
_AXES = re.compile(r"\s+(?:where|tune|panel)\b")


def several_tables(statement: Statement) -> Iterator[Construct]:
    """`data {"ours": "a.csv", "theirs": "b.csv"}`, `data table(["a.csv", "b.csv"])`, `data pd.concat(...)`."""
    first = re.match(r"data\s+", statement.text)
    behind = _AXES.search(statement.text)
    head = statement.text[first.end() : behind.start() if behind else None].rstrip() if first else ""
    if "beside" in head or len(re.findall(FILE, head)) < 2:
        return
    labelled: dict[str, str] = {}
    for one in _ONE_FILE.finditer(head):
        label, file = (one["label"] or "").strip("\"'"), one[one.lastindex or 0]
        stem = re.sub(r"\W+", "_", file.rsplit("/", 1)[-1].rsplit(".", 1)[0])
        own = label if label and label != "path" else stem if stem[:1].isalpha() else letter(len(labelled))
        labelled[own if own not in labelled else letter(len(labelled))] = file
    rest = _ONE_FILE.sub("", head)
    alike = all(own in re.findall(r"(\w+)[\"']?\s*[:=]", head) for own in labelled)
    written = f"{{{', '.join(f'{own}: table({chr(34)}{file}{chr(34)})' for own, file in labelled.items())}}}"
    if len(labelled) < 2 or not _AROUND_FILES.fullmatch(rest) or "".join(written.split()) == "".join(head.split()):
        return
    start = len(statement.text) - len(statement.text[first.end() if first else 0 :])
    if alike:
        said, helps = "a table is one file, and several stand in braces with a label each", f"write `data {written}`"
    else:
        said = "a table is one file"
        helps = f"put the rows of all into one file; or, for laws of each, write `data {written}`"
    end = start + len(head) if alike else len(statement.text.rstrip())
    yield Construct(start, end, said, written if alike else None, (helps,), code="SCL106")


FINDERS = (several_tables,)
