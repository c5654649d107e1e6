"""Arguments and axes that belong to another word of the study, put there: the nearest that is right.

`walk(er(512), p=.02)`, `transformer(context=128)`, `data ...  batch in {8, 16}`: the word around, a word inside or one
of another statement takes it, by this name or by one that other tools have for it.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from itertools import pairwise
from typing import NamedTuple

from ..diagnostics.concepts import missing
from ..diagnostics.suggest import called_elsewhere, filled, forms, meant_by
from ..errors import Diagnostic, Edit, Fix
from ..resolve.components import DEFAULTS
from ..source import Source, Span
from ..syntax.scanner import Chunk, Lexeme, lexemes, scan
from ..vocabulary.base import KINDS, PARTS, REGISTRY, Word
from ..vocabulary.choices import CHOICES
from ..vocabulary.parameters import fields_of, typed
from ..vocabulary.settings import SETTINGS
from ..vocabulary.words.sources import SequenceSource
from .placed import statement_of, value_end

#: Findings that are looked at, places that are tried of one, characters of a study, and of a statement that is shown.
MOST, MOST_PLACES, LONGEST, SHOWN = 8, 5, 20_000, 200
#: Findings about names that the word around them has not, and what their helps begin with where it is known by another.
OF_NAMES = ("SCL104", "SCL109")
_CALLED = re.compile(r"that is called `(\w+)`$")
_WRITTEN = re.compile(r"write `(\w+(?:=| in )[^`]+)`(?:: [^`]*)?$")
_OWN = re.compile(
    r"leave `[^`]*` out(?:: `\w+` |$)|that is called|a \w+ with a similar name|write `\w+=|N follows|where |"
    r"for (?:so many|the seed)"
)
#: The setting that counts passes, the tokens of one, and the amounts of which one has to be said beside it.
PASSES, PASS = "epochs", "unique = 20k"
_AMOUNT = re.compile(r"\b(?:unique|tokens|steps|compute|samples)\s*(?:=|in\b|along\b)")
Check = Callable[[str], Sequence[Diagnostic]]


class Argument(NamedTuple):
    """An argument or an axis as it is typed, with the place that goes with it."""

    name: str
    sign: str
    value: str
    #: With the comma that goes with it, and without.
    start: int
    end: int
    first: int
    last: int
    role: str = ""

    def whole(self, file: str) -> Span:
        """Its place, without a comma."""
        return Span(self.first, self.last, file)


def moved(found: Sequence[Diagnostic], text: str, file: str, check: Check) -> tuple[Diagnostic, ...]:
    """The findings, those about an argument that belongs to another word with the statements that have it there."""
    if len(text) > LONGEST:
        return tuple(found)
    before = _errors(found)
    kept = list(found)
    moves: list[tuple[Diagnostic, str]] = []
    about = [d for d in found if d.severity == "error" and d.code in OF_NAMES and d.span.file == file]
    for said in about[:MOST]:
        if (arg := _argument(said, text)) is None:
            continue
        swept = arg.sign != "=" or arg.value[:1] in "[{"
        if swept and not said.fixes and (named := _CALLED.match(next(iter(said.helps), ""))):
            kept[kept.index(said)] = _renamed(said, arg, named[1], text, file)
            continue
        if not said.fixes and (code := _WRITTEN.match(next(iter(said.helps), ""))):
            fix = Fix((Edit(arg.whole(file), code[1]),), "maybe-incorrect")
            kept[kept.index(said)] = replace(said, fixes=(fix,))
            kept = [d for d in kept if d.code in OF_NAMES or d.span not in arg.whole(file)]
            continue
        if any(_OWN.match(h) for h in said.helps[:1]):
            continue
        if _setting(arg.name, missing(arg.name) is not None) == PASSES and (source := _fresh(text)):
            given = f"{arg.name}{arg.sign if arg.sign == '=' else f' {arg.sign} '}{arg.value}"
            helps = (f"leave `{given}` out: `{source}` draws fresh data for as long as a run trains",)
            fix = Fix((Edit(Span(arg.start, arg.end, file), ""),), "maybe-incorrect")
            kept[kept.index(said)] = replace(said, helps=helps, fixes=(fix,))
            continue
        for called, edits in list(_places(arg, said, text))[:MOST_PLACES]:
            new = text
            for start, end, put in sorted(edits, reverse=True):
                new = new[:start] + put + new[end:]
            after = _errors(check(new))
            if after[said.code, said.message] >= before[said.code, said.message] or after - before:
                continue
            kept[kept.index(said)] = told = _told(said, called, edits, text, new, file)
            moves.append((told, new))
            break
    return _together(kept, moves, text, lambda new: not _errors(check(new)) - before)


def _errors(found: Sequence[Diagnostic]) -> Counter[tuple[str, str]]:
    return Counter((d.code, d.message) for d in found if d.severity == "error")


def _together(
    kept: Sequence[Diagnostic], moves: Sequence[tuple[Diagnostic, str]], text: str, right: Callable[[str], bool]
) -> tuple[Diagnostic, ...]:
    """The findings; of several that change one statement each shows it as it is with all of them moved."""
    every_edit = (e for d, _ in moves for e in d.fixes[0].edits)
    edits = sorted(((e.span.start, e.span.end, e.text) for e in every_edit), key=lambda e: e[:2])
    if len(moves) < 2 or any(a[1] > b[0] for a, b in pairwise(edits)):
        return tuple(kept)
    new = text
    for start, end, put in reversed(edits):
        new = new[:start] + put + new[end:]
    if not right(new):
        return tuple(kept)
    old, every = _lines(text), _lines(new)
    again: dict[int, Diagnostic] = {}
    for told, alone in moves:
        lines = _lines(alone)
        if len({len(old), len(every), len(lines)}) > 1 or not re.match(
            r"write `(?:data|models|train)\b", told.helps[0]
        ):
            continue
        shown = [line for line, was, mine in zip(every, old, lines, strict=True) if mine != was]
        if all(len(line) <= SHOWN for line in shown):
            again[id(told)] = replace(told, helps=_to_write(shown))
    return tuple(again.get(id(d), d) for d in kept)


def _lines(text: str) -> list[str]:
    """The statements of a study, each on one line."""
    return [re.sub(r"\s*\n\s*", "  ", text[c.start : c.end]) for c in scan(Source(text)).chunks]


def _to_write(lines: Sequence[str]) -> tuple[str, ...]:
    return tuple(f"{'and ' if i else 'write '}`{line}`" for i, line in enumerate(lines))


def _renamed(said: Diagnostic, arg: Argument, name: str, text: str, file: str) -> Diagnostic:
    """The finding about an axis that is called otherwise, with its name as the only change."""
    at = text.index(arg.name, said.span.start)
    value = re.sub(r"[\"']?\b(\w[\w-]*)\b[\"']?", lambda m: CHOICES.get(m[1].lower(), m[0]), arg.value)
    edits = [Edit(Span(at, at + len(arg.name), file), name)]
    if value != arg.value:
        edits.append(Edit(Span(arg.last - len(arg.value), arg.last, file), value))
    fix = Fix(tuple(edits), "maybe-incorrect")
    shown = _axis(arg._replace(value=value), name)
    return replace(said, helps=(f"write `{shown}`",), fixes=(fix,))


def _argument(said: Diagnostic, text: str) -> Argument | None:
    """The argument that a finding is about; None where it is no name with a value."""
    chunk = statement_of(text, said.span.start)
    if chunk is None:
        return None
    pieces = [x for x in lexemes(text, chunk.start, chunk.end) if x.kind != "comment"]
    at = next((i for i, x in enumerate(pieces) if x.start == said.span.start), None)
    if at is not None and pieces[at].text in ("tune", "panel"):
        at += 1
    if at is None or at + 2 >= len(pieces) or pieces[at].kind != "name":
        return None
    if pieces[at + 1].text not in ("=", "in", "along"):
        return None
    last = value_end(pieces, at + 2) - 1
    role = pieces[at - 1].text if pieces[at - 1].text in ("tune", "panel") else ""
    first = at - 1 if role else at
    whole = start, end = pieces[first].start, pieces[last].end
    value = text[pieces[at + 2].start : end]
    if pieces[first - 1].text == ",":
        start = pieces[first - 1].start
    elif last + 1 < len(pieces) and pieces[last + 1].text == ",":
        end = pieces[last + 2].start if last + 2 < len(pieces) else pieces[last + 1].end
    elif pieces[first - 1].text == "(" and last + 1 < len(pieces) and pieces[last + 1].text == ")":
        start, end = pieces[first - 1].start, pieces[last + 1].end
    else:
        start = pieces[first - 1].end
    return Argument(pieces[at].text, pieces[at + 1].text, value, start, end, *whole, role)


def _places(arg: Argument, said: Diagnostic, text: str) -> Iterator[tuple[str, list[tuple[int, int, str]]]]:
    """What it is called elsewhere in the study, and the edits that move it there: the nearest word first."""
    there = (arg.start, arg.end, "")
    own = statement_of(text, said.span.start)
    calls = [(chunk, call) for chunk in scan(Source(text)).chunks for call in _calls(text, chunk)]
    calls.sort(key=lambda pair: (pair[0] != own, abs(pair[1].start - said.span.start)))
    exact = missing(arg.name) is not None
    own_call = next((call for _, call in calls if call.holds(said.span.start)), None)
    lacks = own_call is not None and any(form in REGISTRY[own_call.word].lacks for form in forms(arg.name))
    own_takes = own_call is not None and _taken(REGISTRY[own_call.word], arg.name, exact)
    for chunk, call in calls if not own_takes else ():  # nearest is the word that it stands in, by another name
        word = REGISTRY[call.word]
        if call.holds(said.span.start) or arg.start <= call.start < arg.end:
            continue
        if not (name := _taken(word, arg.name, exact)):
            continue
        if "=" in name:
            if lacks or (exact and "{" not in name):
                continue  # what is said of it fits better
            written = filled(name, arg.value)
            name = written.split("=")[0]
            if name not in call.given:
                yield name, [there, call.put(written)]
            continue
        edit = call.given.get(name)
        if edit is not None and lacks:
            continue  # what is said of it fits better
        swept = arg.sign != "=" or arg.value[:1] in "[{"
        if edit is not None:
            yield name, [there, (*edit, arg.value)] if not swept else [there, (*call.whole(name), _axis(arg, name))]
        elif swept:
            yield name, [there, _behind(text, chunk, _axis(arg, name))]
        else:
            yield name, [there, call.put(f"{name}={arg.value}")]
    yield from _settings(arg, own, text, there)


def _settings(
    arg: Argument, own: Chunk | None, text: str, there: tuple[int, int, str]
) -> Iterator[tuple[str, list[tuple[int, int, str]]]]:
    """A setting of training, or a parameter of the word that a statement has where it names none."""
    heads = [(text[c.start : c.end].split(maxsplit=1)[0], c) for c in scan(Source(text)).chunks]
    # A setting stands behind the parentheses that it was in.
    chunks = {head: c for head, c in heads if c != own or head == "train"}
    exact = missing(arg.name) is not None
    for part in PARTS:
        default = DEFAULTS[part]
        name = _setting(arg.name, exact) if part == "train" else ""
        if not name and default and not _names_one(text, chunks.get(part), part):
            name = _taken(REGISTRY[default], arg.name, exact)
        if not name:
            continue
        axis = _axis(arg, name)
        if name == PASSES and not _AMOUNT.search(text):
            axis = f"{PASS}  {axis}"
        if (chunk := chunks.get(part)) is None:
            yield name, [there, (len(text.rstrip()), len(text), f"\n{part} {axis}\n")]
        elif (given := _bound(text, chunk, name)) is not None:
            yield name, [there, (*given, axis)]
        else:
            yield name, [there, _behind(text, chunk, axis)]


def _fresh(text: str) -> str:
    """The source of the data, if it never runs out."""
    heads = [c for c in scan(Source(text)).chunks if text[c.start : c.end].split(maxsplit=1)[0] == "data"]
    words = [REGISTRY[call.word] for chunk in heads for call in _calls(text, chunk)][:1]
    ended = (not issubclass(word, SequenceSource) or "unique" in fields_of(word) for word in words)
    return words[0].word if len(heads) == 1 and words and not any(ended) else ""


def _names_one(text: str, chunk: Chunk | None, part: str) -> bool:
    """True for a statement with a head."""
    kind = KINDS[part]  # type: ignore[index]
    return chunk is not None and any(
        x.kind == "name" and x.text in REGISTRY and REGISTRY[x.text].kind == kind
        for x in lexemes(text, chunk.start, chunk.end)
    )


def _setting(name: str, exact: bool) -> str:
    return name if name in SETTINGS else "" if exact else meant_by(name, SETTINGS) or ""


def _taken(word: type[Word], name: str, exact: bool) -> str:
    """The parameter of a word that has this name, here or elsewhere; one of a word or a file only under its own."""
    if name in typed(word):
        return name
    if name in SETTINGS or called_elsewhere(name, SETTINGS):
        return ""
    exact = exact and name.lower() not in word.also
    meant = "" if exact else (meant_by(name, typed(word), word.also) or "").removesuffix("={}")
    if meant in SETTINGS:
        return ""
    if "=" in meant:
        return meant
    return meant if meant in typed(word) and fields_of(word)[meant].shape not in ("term", "str") else ""


class _Call(NamedTuple):
    """A word of the language as it is called in a statement: its parentheses, and where its own arguments stand."""

    word: str
    start: int
    open: int | None
    close: int
    arguments: dict[str, tuple[int, int, int]]

    def holds(self, at: int) -> bool:
        """True for the call that an argument at a place is one of, and not of a word inside or around."""
        return any(first == at for first, _, _ in self.arguments.values())

    @property
    def given(self) -> dict[str, tuple[int, int]]:
        """Places of the values that are given by name."""
        return {name: (value, last) for name, (_, value, last) in self.arguments.items()}

    def whole(self, name: str) -> tuple[int, int]:
        first, _, last = self.arguments[name]
        return first, last

    def put(self, code: str) -> tuple[int, int, str]:
        """The edit that adds an argument."""
        if self.open is None:
            return self.close, self.close, f"({code})"
        empty = self.open + 1 == self.close
        return self.close, self.close, code if empty else f", {code}"


def _calls(text: str, chunk: Chunk) -> Iterator[_Call]:
    pieces = [x for x in lexemes(text, chunk.start, chunk.end) if x.kind != "comment"]
    if not pieces or pieces[0].text not in (*PARTS, "let"):
        return
    for i, x in enumerate(pieces):
        if x.kind != "name" or x.text not in REGISTRY:
            continue
        follows = pieces[i + 1].text if i + 1 < len(pieces) else ""
        if follows in ("=", "in", "along", ":") or REGISTRY[x.text].kind in ("law", "optimum", "block", "function"):
            continue
        if follows != "(":
            yield _Call(x.text, x.start, None, x.end, {})
            continue
        close = _closer(pieces, i + 1)
        if close is None:
            continue
        yield _Call(x.text, x.start, pieces[i + 1].start, pieces[close].start, _arguments(pieces, i + 2, close))


def _arguments(pieces: Sequence[Lexeme], first: int, close: int) -> dict[str, tuple[int, int, int]]:
    """First character, that of the value and the one after the last, of every argument with a name."""
    found: dict[str, tuple[int, int, int]] = {}
    depth = 0
    order = list(REGISTRY[pieces[first - 2].text].order)
    for i in range(first, close):
        depth += {"open": 1, "close": -1}.get(pieces[i].kind, 0)
        placed = pieces[i - 1].text == "," if i > first else True
        if depth == 0 and placed and order and pieces[i].kind == "number":
            found[order.pop(0)] = (pieces[i].start, pieces[i].start, pieces[value_end(pieces, i) - 1].end)
        named = pieces[i].kind == "name" and pieces[i + 1].text in ("=", "in", "along")
        if depth == 0 and named and i + 2 < close:
            last = value_end(pieces, i + 2) - 1
            found[pieces[i].text] = (pieces[i].start, pieces[i + 2].start, pieces[last].end)
    return found


def _closer(pieces: Sequence[Lexeme], opener: int) -> int | None:
    depth = 0
    for i in range(opener, len(pieces)):
        depth += {"open": 1, "close": -1}.get(pieces[i].kind, 0)
        if depth == 0:
            return i
    return None


def _bound(text: str, chunk: Chunk, name: str) -> tuple[int, int] | None:
    """The place of an axis or a value of this name behind a statement's head."""
    pieces = [x for x in lexemes(text, chunk.start, chunk.end) if x.kind != "comment"]
    for i in range(1, len(pieces) - 2):
        if pieces[i].text == name and pieces[i + 1].text in ("=", "in", "along"):
            return pieces[i].start, pieces[value_end(pieces, i + 2) - 1].end
    return None


def _behind(text: str, chunk: Chunk, code: str) -> tuple[int, int, str]:
    """The edit that adds an axis or a definition to a statement, before its condition."""
    pieces = list(lexemes(text, chunk.start, chunk.end))
    at = next((i for i, x in enumerate(pieces) if x.text == "where"), None)
    end = pieces[at - 1].end if at else max((x.end for x in pieces if x.kind != "comment"), default=chunk.end)
    return end, end, f"  {code}"


def _axis(arg: Argument, name: str) -> str:
    swept = arg.sign == "=" and arg.value[:1] in "[{"
    said = f"{name} {'in' if swept else arg.sign} {arg.value}"
    return f"{arg.role} {said}" if arg.role else said


def _told(
    said: Diagnostic, called: str, edits: Sequence[tuple[int, int, str]], text: str, new: str, file: str
) -> Diagnostic:
    """The finding with the statements that change, as they are written then."""
    old = Counter(text[c.start : c.end] for c in scan(Source(text)).chunks)
    lines = [new[c.start : c.end] for c in scan(Source(new)).chunks]
    changed = [line for line in lines if not old[line]]
    shown = [re.sub(r"\s*\n\s*", "  ", line) for line in changed]
    fix = Fix(tuple(Edit(Span(a, b, file), put) for a, b, put in edits), "maybe-incorrect")
    helps = _to_write(shown)
    if len(shown) == 1 and len(edits) == 2 and edits[1][0] == edits[1][1] and edits[1][2].startswith("  "):
        more = ", with the number of tokens that a pass has" if PASS in edits[1][2] else ""
        helps = (f"write `{edits[1][2].strip()}` behind the parentheses{more}",)
    if len(edits) == 2 and edits[1][2] == text[edits[1][0] : edits[1][1]]:
        helps = (f"leave it out, for `{called}` is given already" + "".join(f": `{one}`" for one in shown[:1]),)
    if any(len(line) > SHOWN for line in shown):
        helps = (f"it is `{called}` of another word: apply the fix to move it there",)
    return replace(said, helps=helps, fixes=(fix,))
