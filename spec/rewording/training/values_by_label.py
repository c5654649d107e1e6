"""Values of each label: `lr = {SP: .005, muP: .02}[param]`, `lr(muP) = .02`, `lr = .02 for muP, .005 for SP`."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from itertools import pairwise

from ...vocabulary.base import PARTS
from ..constructs import NUMBER, Construct, Statement, closing, parts

#: What is tuned where it is given by label, so that every cell has the value that conditions leave it.
TUNED = "lr"
_LABEL = r"[\"']?[A-Za-z_]\w*[\"']?|\d[\w.]*"
_NAME = r"(?P<name>[A-Za-z_]\w*)"
_LOOKED = re.compile(rf"{_NAME}\s*=\s*(?:dict\s*)?(?=[{{(])")
_KEY = re.compile(r"\s*(?:\[\s*(?P<axis>[A-Za-z_]\w*)\s*\]|\.get\s*\(\s*(?P<got>[A-Za-z_]\w*)[^()]*\))")
_SWITCH = re.compile(rf"{_NAME}\s*=\s*(?:switch|match|case|cases|case_when|choose|lookup|select|pick|map|by)\s*(?=\()")
_PAIR = re.compile(rf"(?P<label>{_LABEL})\s*(?::|=|=>|->)\s*(?P<value>{NUMBER})")
_GIVEN = re.compile(
    rf"\b{_NAME}[ \t]*[\[(][ \t]*(?:(?P<axis>[A-Za-z_]\w*)[ \t]*==?[ \t]*)?(?P<label>{_LABEL})[ \t]*[\])][ \t]*=(?!=)"
    rf"[ \t]*(?P<value>{NUMBER})[ \t]*[,;]?"
)
_FOR = re.compile(
    rf"{_NAME}\s*(?:=|in)\s*\{{?\s*(?P<pairs>{NUMBER}\s*(?:for|if|when|with|under|on|@)\s+(?:{_LABEL})"
    rf"(?:\s*(?:,|;|and|,\s*and)\s*{NUMBER}\s*(?:for|if|when|with|under|on|@)\s+(?:{_LABEL}))+)\s*\}}?"
)
_ONE = re.compile(rf"(?P<value>{NUMBER})\s*(?:for|if|when|with|under|on|@)\s+(?P<label>{_LABEL})")
_SETS = re.compile(r"(?P<name>[A-Za-z_]\w*)\s*(?:=|\bin\b|(?<=data)|(?<=models)|(?<=train))\s*(?=\{)")


def values_by_label(statement: Statement) -> Iterator[Construct]:
    """Values that a dictionary, a switch or a line for each gives by the label of an alternative or an axis."""
    if statement.keyword not in PARTS:
        return
    text = statement.text
    for start, end, name, axis, values in (*_looked_up(text), *_switched(text), *_for_each(text), *_one_by_one(text)):
        if len(values) < 2 or not all(re.fullmatch(NUMBER, v) for v in values.values()):
            continue
        if (own := of_alternatives(text, name, values)) is not None:
            at, stop, alternatives = own
            said = "each alternative has its own values, in its parentheses"
            way = f"write `{statement.keyword} {alternatives}`, and leave `{text[start:end].strip()}` out"
            yield Construct(start, end, said, "", (way,), ((at, stop, alternatives),), code="SCL023")
            return
        axis = axis or _axis_of(statement.study, values)
        if not axis:
            continue
        ordered = sorted(dict.fromkeys(values.values()), key=lambda v: float(re.sub(r"[A-Za-z%]+$", "", v) or 0))
        written = f"{'tune ' if name == TUNED else ''}{name} in {{{', '.join(ordered)}}}"
        each = " or ".join(f"({axis} == {label} and {name} == {value})" for label, value in values.items())
        inside = text.count("(", 0, start) > text.count(")", 0, start)
        earlier = re.search(r"\bwhere\b", text[end:])
        where = f" and ({each})" if earlier else f"  where {each}"
        said = "a study has one grid for all of its runs, and `where` says which of them are left"
        helps = (f"write `{written}{where}`",)
        if inside or earlier:
            helps = (f"write `{written}`, and `{where.strip()}` at the end of the statement",)
        yield Construct(start, end, said, written, helps, ((len(text), len(text), where),), code="SCL023")
        return


#: Where a value is given, to what, by which axis, and what for each label.
_Found = tuple[int, int, str, str, dict[str, str]]


def _looked_up(text: str) -> Iterator[_Found]:
    for found in _LOOKED.finditer(text):
        end = closing(text, found.end())
        key = _KEY.match(text, end) if end else None
        if key is not None and end is not None and (values := _pairs(text[found.end() + 1 : end - 1])):
            yield found.start(), key.end(), found["name"], key["axis"] or key["got"], values


def _switched(text: str) -> Iterator[_Found]:
    for found in _SWITCH.finditer(text):
        end = closing(text, found.end())
        given = parts(text[found.end() + 1 : end - 1]) if end else []
        if end is None or len(given) < 2 or not given[0].isidentifier():
            continue
        rest = parts(given[1][1:-1]) if len(given) == 2 and given[1][:1] in "{(" else given[1:]
        values = _pairs(", ".join(rest))
        if not values and len(rest) % 2 == 0:
            values = {label.strip("\"'"): value for label, value in zip(rest[::2], rest[1::2], strict=True)}
        yield found.start(), end, found["name"], given[0], values


def _for_each(text: str) -> Iterator[_Found]:
    for found in _FOR.finditer(text):
        values = {one["label"].strip("\"'"): one["value"] for one in _ONE.finditer(found["pairs"])}
        yield found.start(), found.end(), found["name"], "", values


def _one_by_one(text: str) -> Iterator[_Found]:
    given = [*_GIVEN.finditer(text)]
    if len(given) < 2 or len({one["name"] for one in given}) > 1:
        return
    if any(text[a.end() : b.start()].strip(" \t\n,;") for a, b in pairwise(given)):
        return
    values = {one["label"].strip("\"'"): one["value"] for one in given}
    yield given[0].start(), given[-1].end(), given[0]["name"], given[0]["axis"] or "", values


def _pairs(text: str) -> dict[str, str]:
    """Labels and their values; nothing where one of them is another thing."""
    found = [_PAIR.fullmatch(one) for one in parts(text)]
    return {} if None in found else {one["label"].strip("\"'"): one["value"] for one in found if one}


def _axis_of(study: str, values: Mapping[str, str]) -> str:
    """The axis, or the part with alternatives, that has all of these labels."""
    for found in _SETS.finditer(study):
        end = closing(study, found.end())
        entries = parts(study[found.end() + 1 : end - 1]) if end else []
        if {*values} <= {re.split(r"\s*:|\(", entry)[0].strip() for entry in entries}:
            return found["name"]
    return ""


def of_alternatives(text: str, name: str, values: Mapping[str, str], other: str = "") -> tuple[int, int, str] | None:
    """The place of a statement's set of alternatives and what is written there, where labels of theirs have `values`
    and those without have the `other` one.
    """
    head = re.match(r"\w+\s*(?=\{)", text)
    end = closing(text, head.end()) if head else None
    if head is None or end is None or not all(re.fullmatch(NUMBER, v) for v in (*values.values(), other) if v):
        return None
    entries = [
        re.fullmatch(r"(?:(\w+)\s*:\s*)?(\w+)(?:\((.*)\))?", e, re.DOTALL)
        for e in parts(text[head.end() + 1 : end - 1])
    ]
    named = {one for e in entries if e for one in (e[1], e[2]) if one}
    if None in entries or not {*values} <= named:
        return None
    written = []
    for label, word, inside in (e.groups() for e in entries if e):
        value = values.get(label) or values.get(word) or other
        own = f"{name}={value}" if value else ""
        written.append(f"{label or word}: {word}({', '.join(x for x in (inside, own) if x)})")
    return head.end(), end, f"{{{', '.join(written)}}}"


FINDERS = (values_by_label,)
