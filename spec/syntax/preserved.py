"""What a change drops of a study: numbers, texts and names that stood in it and stand nowhere in what is put for it."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable
from string import ascii_letters

from ..errors import SpecError
from .numbers import number
from .scanner import STATEMENTS, WORDS, Lexeme, lexemes

#: Words that say how a thing is written, which another way of writing it says otherwise.
_OF_THE_LANGUAGE = {*STATEMENTS, *WORDS}


def same(piece: Lexeme) -> tuple[str, str]:
    """What tells a piece from others: a number's value, a text without its quotes, all else as it stands."""
    if piece.kind == "number":
        try:
            value, unit = number(piece.text)
        except SpecError:
            return "number", piece.text
        return "number", f"{value:.12g} {unit}"
    return ("text", piece.text.strip("\"'")) if piece.kind in ("string", "quoted") else (piece.kind, piece.text)


def lost(before: str, after: str) -> list[str]:
    """Numbers, texts and names of one text that the other has fewer of, in the order they stand; values, not spellings.

    A name is lost where nothing new stands in its place: the text that a change makes is as long as it was, or longer,
    where it calls a thing by another name.
    """
    old, new = (
        [(key, x) for key, x in _pieces(before) if x.text not in _OF_THE_LANGUAGE],
        Counter(key for key, x in _pieces(after) if x.text not in _OF_THE_LANGUAGE),
    )
    left: list[tuple[tuple[str, str], Lexeme]] = []
    for key, piece in old:
        if new[key] > 0:
            new[key] -= 1
        else:
            left.append((key, piece))
    digits = Counter(_digits(x) for key, x in _pieces(after) if key in new and new[key] > 0)
    for key, piece in list(left):
        if key[0] == "number" and digits[_digits(piece)] > 0:  # the same digits with another unit
            digits[_digits(piece)] -= 1
            left.remove((key, piece))
    renamed = sum(n for (kind, _), n in new.items() if kind == "name")
    found: list[Lexeme] = []
    for (kind, _), piece in left:
        if kind == "name" and renamed > 0:
            renamed -= 1
            continue
        found.append(piece)
    return _joined(before, found)


def _joined(text: str, pieces: Iterable[Lexeme]) -> list[str]:
    """Pieces of a text, those with nothing but marks between them as one."""
    spans: list[list[int]] = []
    for x in pieces:
        if spans and re.fullmatch(r"[^\w\n\"']*", text[spans[-1][1] : x.start]):
            spans[-1][1] = x.end
        else:
            spans.append([x.start, x.end])
    return [text[start:end] for start, end in spans]


def _digits(piece: Lexeme) -> str:
    return piece.text.rstrip("%" + ascii_letters) if piece.kind == "number" else ""


def _pieces(text: str) -> Iterable[tuple[tuple[str, str], Lexeme]]:
    for x in lexemes(text):
        if x.kind in ("number", "string", "quoted"):
            yield same(x), x
        elif x.kind == "name":
            yield ("name", x.text.lower().replace("_", "")), x
