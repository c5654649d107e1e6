"""Texts as other languages write them: in triple quotes, over several lines, joined; and remarks as statements."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from ..syntax.recovery.foreign.words import REMARKS, meant_statement
from ..syntax.scanner import STATEMENTS
from .constructs import Construct, Statement

#: Words of remarks that mean a statement where no text follows them, or where the study has no title.
_DOUBTFUL = ("description", "hypothesis", "claim")
_TRIPLE = r"(?P<quote>\"\"\"|''')(?P<inside>(?:(?!(?P=quote)).)*)(?P=quote)"
_PIECE = r"\"[^\"\n]*\"|'[^'\n]*'"
_WORD = re.compile(r"(?P<word>[A-Za-z_]\w*)[ \t]*[:=]?[ \t]*(?P<open>\(\s*)?")
_WHOLE = re.compile(rf"[frbu]?{_TRIPLE}", re.DOTALL)
_OPEN = re.compile(r"\"(?P<inside>[^\"\n]*(?:\n(?![ \t]*(?:#|$))[^\"\n]*){1,8})\"(?=[ \t]*(?:#|\n|$))")
_JOINED = re.compile(rf"(?P<first>{_PIECE})(?P<rest>(?:\s*(?P<sign>[+,.&\\]|)\s*(?:{_PIECE}))+)")
_BLOCK = re.compile(r"[|>][-+]?[ \t]*(?P<inside>(?:\n[ \t]+[^\n]*)+)")
_ALONE = re.compile(rf"(?P<text>{_PIECE})[ \t]*(?=#|\n|$)")
_PROSE = re.compile(r"(?P<text>[^\n]*\S)[ \t]*(?=\n|$)")
_TRIPLED = re.compile(r"(?P<quote>\"\"\"|''')(?P<inside>[^\"'\n]+)(?P=quote)")
#: Characters of a title that is one line; what is longer is a title and remarks below it.
LONGEST_TITLE = 100


def _lines(text: str) -> list[str]:
    """The lines of a text, without quotes inside it and marks at their ends that join them."""
    found = (line.strip().rstrip("\\").strip().replace('"', "'") for line in text.split("\n"))
    return [line for line in found if line]


def _titled(lines: Sequence[str]) -> str:
    """A title of one line; what is too long for it is in comments below."""
    whole = " ".join(lines)
    if len(whole) <= LONGEST_TITLE and not any(line.endswith((".", "?", "!")) for line in lines[:-1]):
        return f'title "{whole}"'
    return "\n".join((f'title "{lines[0]}"', *(f"# {line}" for line in lines[1:])))


def texts_of_lines(statement: Statement) -> Iterator[Construct]:
    """`title \"\"\"Walks ...\"\"\"`, `title "Walks," + " on a ring"`, `title |`: a title is one text of one line."""
    study, start = statement.study, statement.start
    head = _WORD.match(study, start)
    if head is None or head["word"] in {*STATEMENTS} - {"title"}:
        return
    remark = _remark(head["word"], study)
    if head["word"] != "title" and meant_statement(head["word"]) != "title" and not remark:
        return
    at = head.end()
    found = _WHOLE.match(study, at) or _OPEN.match(study, at) or _BLOCK.match(study, at)
    joined = _JOINED.match(study, at) if found is None else None
    if found is not None:
        lines = _lines(found["inside"])
        if any(re.match(rf"(?:{'|'.join(STATEMENTS)})\b[^.?!]*$", line) for line in lines[1:]):
            return
    elif joined is not None:
        pieces = [piece[1:-1] for piece in re.findall(_PIECE, joined[0])]
        by = {"+": "", "&": "", ",": ", "}.get(joined["sign"], " ")
        lines = [re.sub(r"\s+", " ", by.join(pieces)).strip()]
    elif remark and (line := (_ALONE if head["word"] in _DOUBTFUL else _PROSE).match(study, at)):
        found, lines = line, [line["text"].strip().strip("\"'")]
    else:
        return
    end = (found or joined).end()  # type: ignore[union-attr]
    if head["open"] and (closer := re.compile(r"\s*\)").match(study, end)):
        end = closer.end()
    if not lines:
        return
    if remark:
        written = "\n".join(f"# {line}" for line in (f"{head['word']}: {lines[0]}", *lines[1:]))
        said = "what is said of a study besides its title stands in comments, behind `#`"
    else:
        written, said = _titled(lines), "a title is one text on one line"
    code = "SCL003" if remark else "SCL001" if found is None else "SCL006"
    helps = [f"write `{line}`" if i == 0 else f"and `{line}`" for i, line in enumerate(written.split("\n"))]
    yield Construct(0, end - start, said, written, tuple(helps), code=code)


def _remark(word: str, study: str) -> bool:
    """True for a word of remarks, in a study that has its title in another statement, or that means none."""
    if word in _DOUBTFUL:
        return meant_statement(word) != "title" or re.search(r"(?m)^title\b", study) is not None
    return word.lower() in REMARKS


def tripled_quotes(statement: Statement) -> Iterator[Construct]:
    """`text(\"\"\"book.txt\"\"\")`."""
    for found in _TRIPLED.finditer(statement.text):
        written = f'"{found["inside"].strip()}"'
        yield Construct(found.start(), found.end(), "a text stands in one pair of quotes", written, code="SCL007")


FINDERS = (texts_of_lines, tripled_quotes)
