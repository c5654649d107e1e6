"""Where the text that a help says to type goes: the places that it may stand for, the likeliest first."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Sequence
from functools import lru_cache
from typing import NamedTuple

from ..diagnostics.suggest import ASK, CHOOSE
from ..errors import Diagnostic
from ..source import Source
from ..syntax.preserved import same
from ..syntax.scanner import STATEMENTS, Chunk, Lexeme, lexemes, scan
from ..vocabulary.quantities import amounts

#: Places that are tried of one text, and lexemes of a statement up to which they are looked for.
MOST, LONGEST = 6, 400
#: A text that is no code to type as it stands: one with a gap, or words for what a person fills in.
_GAP = re.compile(r"\.\.\.|\bNAME\b|\bSTUDY\b|\bFILE\b|\bFOLDER\b|^scalingdsl |^run |^--|^#")
#: Words before a text that say it is to be typed, and those that say it is to go.
_TYPED = re.compile(
    r"(?:\b(?:write|add|say|use|or|is called|is|to|such as|choose)\b(?: [\w ]{0,24})?:? ?|: |^(?:and )?)$"
)
_NAMED = re.compile(r"(?:\b(?:write|say|is called)|\bexists:) $")
#: What begins an example, and a list of the values of axes.
_LISTS = ("for example", ASK, CHOOSE)
_GOES = re.compile(r"\b(?:leave|remove|drop)\b(?: the)? $")


class Change(NamedTuple):
    """One way to do what a help says: the study with it, and where that changed, first character and one after."""

    text: str
    start: int
    end: int


class Asked(NamedTuple):
    """What a help asks for: texts to type, one of which is enough, with what goes with it; and a text to leave out."""

    typed: tuple[str, ...] = ()
    beside: tuple[str, ...] = ()
    gone: str = ""

    def __bool__(self) -> bool:
        return bool(self.typed or self.gone)


def asked(help_: str) -> Asked:
    """What a help asks for; nothing where it explains, or gives an example."""
    found = re.split(r"`([^`]*)`", help_)
    if help_.startswith(_LISTS) or re.match(r"`[^`]*` is left out", help_):
        return Asked()
    typed: list[str] = []
    beside: list[str] = []
    for i, (lead, code) in enumerate(zip(found[::2], found[1::2], strict=False)):
        if i == 0 and _GOES.search(lead):
            return Asked(gone=code.split(" = ...")[0])
        if _GAP.search(code) or not code.strip():
            continue
        if typed and re.search(r"\band (?:write |then |add )?$", lead):
            behind = re.search(rf"`{re.escape(code)}` behind `(data|models|train)`", help_)
            beside.append(f"{behind[1]} {code}" if behind else code)
        elif (_NAMED if re.fullmatch(r"[A-Za-z_]\w*", code) else _TYPED).search(lead):
            typed.append(code)
    return Asked(tuple(typed), tuple(beside))


def changes(code: str, said: Diagnostic, text: str) -> Iterator[Change]:
    """The study with a text put where the finding is, in every way that a reader may take."""
    chunk = statement_of(text, said.span.start)
    first = re.match(r"\w+", code)
    keyword = first[0] if first and first[0] in STATEMENTS else ""
    end = len(text.rstrip())
    if chunk is None:
        yield _put(text, end, end, f"\n{code}\n")
        return
    if keyword:
        yield from _statements(code, keyword, chunk, text)
        code = code[len(keyword) :].strip()
    if code:
        yield _put(text, said.span.start, said.span.end, code)
    pieces = [x for x in lexemes(text, chunk.start, chunk.end) if x.kind != "comment"]
    if len(pieces) > LONGEST or not code:
        return
    for start, stop in (*_given(code, said, pieces), *_ranges(code, said, pieces)):
        yield _put(text, start, stop, code)
    if keyword:
        return
    yield from _named(code, said, pieces, text)
    if re.fullmatch(r"[;,()\]}]|and|or|in", code):
        yield _put(text, said.span.start, said.span.start, f"{code} ")
        yield _put(text, said.span.end, said.span.end, code)
        return
    if re.match(r"\w+ (?:in|=|along) ", code):
        for start, stop in _clauses(code, text, chunk):
            yield _put(text, start, stop, code)
    yield _put(text, chunk.end, chunk.end, f"  {code}")
    for at in _closers(said, pieces):
        yield _put(text, at, at, code if text[:at].rstrip().endswith("(") else f", {code}")
    if re.match(r"\w+=", code):
        for one in scan(Source(text)).chunks:
            close = text.rfind(")", one.start, one.end)
            if close >= 0 and one != chunk:
                yield _put(text, close, close, code if text[:close].rstrip().endswith("(") else f", {code}")
    for one in scan(Source(text)).chunks:
        for start, stop in _there(code, text, one) if one != chunk else ():
            yield _put(text, start, stop, code)
    if re.match(r"\w+ (?:in|=|along) ", code):
        for one in scan(Source(text)).chunks:
            if re.match(r"(?:models|train)\b", text[one.start : one.end]) and one != chunk:
                for start, stop in _clauses(code, text, one):
                    yield _put(text, start, stop, code)
                yield _put(text, one.end, one.end, f"  {code}")


def _given(code: str, said: Diagnostic, pieces: Sequence[Lexeme]) -> Iterator[tuple[int, int]]:
    """The arguments of this name in the finding's place: `n=255` of `regular(n=255, degree=5)`, where `n=256` is."""
    name = re.match(r"([A-Za-z_]\w*)=", code)
    for i, x in enumerate(pieces[:-2]) if name else ():
        inside = said.span.start < x.start and x.end <= said.span.end
        if name and inside and x.text == name[1] and pieces[i + 1].text in ("=", "in"):
            yield x.start, pieces[value_end(pieces, i + 2) - 1].end


def _there(code: str, text: str, chunk: Chunk) -> Iterator[tuple[int, int]]:
    """The call of this word, or the argument of this name, in a statement: `er(n=9, seed=s)`, where `er(n=9)` is."""
    pieces = [x for x in lexemes(text, chunk.start, chunk.end) if x.kind != "comment"]
    wanted = re.match(r"(\w+)(\(|=)", code)
    for i, x in enumerate(pieces[:-2]) if wanted else ():
        if wanted and (x.text, pieces[i + 1].text) == (wanted[1], wanted[2]):
            yield x.start, pieces[value_end(pieces, i if wanted[2] == "(" else i + 2) - 1].end


def _named(code: str, said: Diagnostic, pieces: Sequence[Lexeme], text: str) -> Iterator[Change]:
    """A name in place of the one that the finding begins with, where what follows it in the code stands there too."""
    wanted = list(lexemes(code))
    at = next((i for i, x in enumerate(pieces) if x.start >= said.span.start), None)
    if at is None or not wanted or pieces[at].kind != "name" or wanted[0].kind != "name":
        return
    if [x.text for x in pieces[at + 1 : at + len(wanted)]] == [x.text for x in wanted[1:]]:
        yield _put(text, pieces[at].start, pieces[at].end, wanted[0].text)


def _statements(code: str, keyword: str, chunk: Chunk, text: str) -> Iterator[Change]:
    """A statement in place of the one that is wrong, of those of its kind, or behind them all."""
    there = text[chunk.start : chunk.end]
    same = [c for c in scan(Source(text)).chunks if re.match(rf"{keyword}\b", text[c.start : c.end])]
    if keyword == "let":
        same = [c for c in same if text[c.start : c.end].split("=")[0] == code.split("=")[0]] or same
    end = len(text.rstrip())
    if re.match(rf"{keyword}\b", there):
        yield _put(text, chunk.start, chunk.end, code)
        others = [c for c in same if c != chunk]
        if others:
            less = _put(text, chunk.start, chunk.end, code)
            yield _cut(less, [c for c in others if c.start > chunk.start], less.end - less.start - len(there), others)
        yield _put(text, chunk.end, chunk.end, f"\n{code}")
        return
    yield _put(text, end, end, f"\n{code}\n")
    yield _put(text, chunk.start, chunk.end, code)
    for one in same[-2:]:
        put = _put(text, one.start, one.end, code)
        yield put
        yield _cut(
            put, [chunk] if chunk.start > one.start else [], put.end - put.start - (one.end - one.start), [chunk]
        )


def _cut(change: Change, behind: Sequence[Chunk], shift: int, gone: Sequence[Chunk]) -> Change:
    """The change, with other statements left out besides."""
    text, start = change.text, change.start
    for one in sorted(gone, reverse=True):
        by = shift if one in behind else 0
        text = text[: one.start + by] + text[one.end + by :]
        start -= 0 if one in behind else one.end - one.start
    return Change(text, start, start + change.end - change.start)


def without(code: str, said: Diagnostic, text: str) -> Iterator[Change]:
    """The study without a text, and without the comma that parts it from its neighbours."""
    chunk = statement_of(text, said.span.start)
    wanted = [same(x) for x in lexemes(code)]
    if chunk is None or not wanted:
        return
    pieces: list[Lexeme] = []
    spans: list[tuple[int, int]] = []
    for first, last in ((chunk.start, chunk.end), (0, len(text))):
        pieces = [x for x in lexemes(text, first, last) if x.kind != "comment"]
        keys = [same(x) for x in pieces]
        n = len(wanted)
        spans = [(i, i + n) for i in range(len(pieces) - n + 1) if keys[i : i + n] == wanted]
        if spans:
            break
    spans.sort(key=lambda s: abs(pieces[s[0]].start - said.span.start))
    for i, j in spans[:1]:
        more = j
        if more < len(pieces) and pieces[more].text in ("=", "in") and len(wanted) == 1:
            more = value_end(pieces, more + 1)
        start, end = pieces[i].start, pieces[more - 1].end
        around = statement_of(text, start)
        if around is not None and (
            start == around.start or (end == around.end and i and pieces[i - 1].start == around.start)
        ):
            yield _put(text, around.start, around.end, "")
            continue
        if i and pieces[i - 1].text == ",":
            start = pieces[i - 1].start
        elif more < len(pieces) and pieces[more].text == ",":
            end = pieces[more].end
        elif i and more < len(pieces) and pieces[i - 1].text == "(" and pieces[more].text == ")":
            start, end = pieces[i - 1].start, pieces[more].end
        yield _put(text, start, end, "")
        if (start, end) != (pieces[i].start, pieces[more - 1].end):
            yield _put(text, pieces[i].start, pieces[more - 1].end, "")


def _put(text: str, start: int, end: int, new: str) -> Change:
    return Change(text[:start] + new + text[end:], start, start + len(new))


def _clauses(code: str, text: str, chunk: Chunk) -> Iterator[tuple[int, int]]:
    """The axis or definition of a statement that has the name of the one to be typed, with its role."""
    pieces = [x for x in lexemes(text, chunk.start, chunk.end) if x.kind != "comment"]
    name = code.split()[0]
    for i in range(1, len(pieces) - 1):
        alike = pieces[i].text == name or {pieces[i].text, name} <= {*amounts()}
        if alike and pieces[i + 1].text in ("in", "=", "along"):
            first = i - (pieces[i - 1].text in ("tune", "panel", "median"))
            yield pieces[first].start, pieces[value_end(pieces, i + 2) - 1].end


def statement_of(text: str, at: int) -> Chunk | None:
    """The statement around a place, or the last before it."""
    chunks = [c for c in _chunks_of(text) if c.start <= at]
    return chunks[-1] if chunks else None


@lru_cache(maxsize=8)
def _chunks_of(text: str) -> tuple[Chunk, ...]:
    """Statements of a text, about which many findings ask one after another."""
    return tuple(scan(Source(text)).chunks)


def _ranges(code: str, said: Diagnostic, pieces: Sequence[Lexeme]) -> list[tuple[int, int]]:
    """Pieces around the finding that read most like the text: of what it shares, the most, and the least besides."""
    wanted = [x.text for x in lexemes(code)]
    if not wanted:
        return []
    here = [
        i for i, x in enumerate(pieces) if x.end > said.span.start and x.start < max(said.span.end, said.span.start + 1)
    ]
    low, high = (here[0], here[-1]) if here else (len(pieces) - 1, len(pieces) - 1)
    starts = {i for i in range(1, low + 1) if pieces[i].text == wanted[0]} | {max(1, low), max(1, low - 1)}
    starts |= {i for i in range(1, low + 1) if pieces[i - 1].text in ("(", ",", "=", "in", "{", "[", ":") or i == 1}
    starts |= {i for i in range(1, min(low + 1, len(pieces) - 1)) if pieces[i + 1].text in ("in", "along", "=")}
    ends = {j for j in range(high, len(pieces)) if pieces[j].text == wanted[-1]} | {high}
    ends |= {j for j in range(high, len(pieces)) if j + 1 == len(pieces) or pieces[j + 1].text in (")", ",", "}", "]")}
    ends |= {value_end(pieces, i) - 1 for i in (low, max(1, low - 1))}
    ends |= {j for j in range(high + 1, len(pieces)) if pieces[j].text == pieces[low].text}
    found: list[tuple[float, int, int]] = []
    asked = Counter(wanted)
    for i in starts:
        for j in ends:
            if i > low or j < high or j >= len(pieces) or not _balanced(pieces[i : j + 1]):
                continue
            there = Counter(x.text for x in pieces[i : j + 1])
            shared = sum((there & asked).values())
            cost = (sum(there.values()) - shared) + (len(wanted) - shared) + 0.01 * (j - i)
            found.append((cost, i, j))
    if len(wanted) == 1:
        near = (x for x in pieces if x.start >= said.span.start and x.end <= said.span.end)
        found += [(-1.0, pieces.index(x), pieces.index(x)) for x in near if x.text.lower() == wanted[0].lower()]
    best = [(pieces[i].start, pieces[j].end) for _, i, j in sorted(found)]
    return [p for p in best if p != (said.span.start, said.span.end)][:MOST]


def _balanced(pieces: Sequence[Lexeme]) -> bool:
    depth = 0
    for x in pieces:
        depth += {"open": 1, "close": -1}.get(x.kind, 0)
        if depth < 0:
            return False
    return depth == 0


def value_end(pieces: Sequence[Lexeme], at: int) -> int:
    """One past the last piece of the value that begins at a place."""
    depth, i = 0, at
    while i < len(pieces):
        if pieces[i].kind == "close" and depth == 0:
            return i
        depth += {"open": 1, "close": -1}.get(pieces[i].kind, 0)
        i += 1
        goes_on = i < len(pieces) and (pieces[i].text in "*/^+-(" or pieces[i - 1].text in "*/^+-")
        if depth == 0 and not goes_on:
            return i
    return i


def _closers(said: Diagnostic, pieces: Sequence[Lexeme]) -> list[int]:
    """Places before the brackets that close around, or right behind, the finding: the innermost first."""
    found, depth = [], 0
    for x in pieces:
        if x.end <= said.span.start:
            continue
        depth += {"open": 1, "close": -1}.get(x.kind, 0)
        if x.text == ")" and depth <= 0:
            found.append(x.start)
    return found[:2]
