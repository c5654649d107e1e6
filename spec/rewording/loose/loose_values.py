"""Values as anyone writes them: `16 to 64 step 16`, `[0.01, 0.03]`, `{4, 16} GFLOP`, `100K`, a list behind dashes."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import NamedTuple

from ...errors import SpecError
from ...syntax.numbers import number
from ...syntax.scanner import Lexeme

#: What stands between the ends of a range; a dash does too where it touches a number.
TO = ("..", "to", "until", "through", "till", "upto", "–", "—", "→", "…", "..=")
#: Words before what a range goes on with.
SPACING = {
    **dict.fromkeys(("step", "by", "every", "stride"), "step"),
    **dict.fromkeys(("times", "x", "factor"), "times"),
    **dict.fromkeys(("count", "num", "points"), "count"),
}
#: What is written apart from a number and belongs to it.
UNITS = {
    **dict.fromkeys(("%", "percent", "pct"), "%"),
    **dict.fromkeys(("k", "K", "thousand"), "k"),
    **dict.fromkeys(("M", "million", "mio"), "M"),
    **dict.fromkeys(("B", "G", "billion", "bn"), "B"),
    **{f"{m}FLOP{s}": f"{m}FLOP" for m in ("", *"kMGTPE") for s in ("", "s", "S")},
}
BETWEEN = (",", ";", "|", "/", "and", "or", "&")
_CLOSERS = {"[": "]", "(": ")", "{": "}"}


class Value(NamedTuple):
    """One value as the language writes it."""

    text: str
    #: One value, several that are listed, or a range.
    kind: str
    #: Lexemes that it takes.
    length: int


#: Numbers in words.
NUMERALS = {"two": 2, "three": 3, "four": 4, "five": 5, "six": 6, "seven": 7, "eight": 8, "ten": 10}


def numerals(text: str) -> str:
    """A text with small numbers in digits."""
    return re.sub(rf"\b({'|'.join(NUMERALS)})\b", lambda m: str(NUMERALS[m[1].lower()]), text, flags=re.IGNORECASE)


def tidy(text: str) -> str:
    """Numbers as the language writes them: `100K` is `100k`, `1_000` is `1000`, `2×10^-3` is `2e-3`."""
    text = re.sub(r"(?<=\d)_(?=\d)", "", text)
    text = re.sub(
        r"(\d)\s*[×·*x]\s*10\s*(?:\^|\*\*)\s*\{?\(?([-−+]?\d{1,5})(?!\d)\)?\}?",
        lambda m: f"{m[1]}e{int(_minus(m[2]))}",
        text,
    )
    text = re.sub(r"\b10\s*(?:\^|\*\*)\s*\(?([-−]?\d{1,5})(?!\d)\)?", lambda m: f"1e{int(_minus(m[1]))}", text)
    text = re.sub(r"(?<=\d)K\b", "k", text)
    text = re.sub(r"(?<![\w,])(\d{1,3})((?:,\d{3})+)(?![\w,])", lambda m: m[1] + m[2].replace(",", ""), text)
    return re.sub(r"(?<=\d)\.(?=[\s,;)\]}]|$)", ".0", text)


def _minus(text: str) -> str:
    return text.replace("−", "-")


def value_at(pieces: Sequence[Lexeme], at: int, starts_name: Sequence[bool]) -> Value | None:
    """The value that begins at a lexeme, or None. `starts_name` marks the lexemes that name something."""
    first = pieces[at]
    if first.text in _CLOSERS:
        return _bracketed(pieces, at)
    if first.text == "-" and _numbered(pieces, at + 1) and _begins_line(pieces, at):
        return _dashed(pieces, at)
    one, i = _number(pieces, at)
    if one is None:
        return None
    glued = i + 1 < len(pieces) and pieces[i].text == "-" and pieces[i].end == pieces[i + 1].start
    if i + 1 < len(pieces) and (pieces[i].text.lower() in TO or glued):
        other, after = _number(pieces, i + 1)
        if other is not None:
            spaced, after = _spacing(pieces, after)
            return Value(f"[{_alike(one, other)}..{other}{spaced}]", "range", after - at)
    listed, last = [one], i
    while i + 1 < len(pieces) and pieces[i].text in BETWEEN:
        j = i + 1 + (pieces[i + 1].text in BETWEEN)
        more, after = _number(pieces, j) if j < len(pieces) else (None, j)
        if more is None or (after < len(pieces) and starts_name[after] and not _given(pieces, after + 1)):
            break
        listed, i, last = [*listed, more], after, after
    while last < len(pieces) and _numbered(pieces, last):
        more, after = _number(pieces, last)
        if more is None or (after < len(pieces) and starts_name[after] and not _given(pieces, after + 1)):
            break
        listed, last = [*listed, more], after
    if len(listed) > 1:
        return Value(f"{{{', '.join(listed)}}}", "set", last - at)
    return Value(one, "single", last - at)


def with_unit(value: Value, unit: str) -> Value | None:
    """Every number of a value with a unit behind it; None where one has a unit of its own."""
    numbers = re.findall(r"(?<![\w.])(?:\d+(?:\.\d+)?|\.\d+)(?:[eE][+-]?\d+)?[A-Za-z%]*", value.text)
    if any(n[-1:].isalpha() or n[-1:] == "%" for n in numbers):
        return None
    return value._replace(
        text=re.sub(r"(?:(?<=[\[{, ])|(?<=\.\.)|^)([\d.]*\d(?:e[+-]?\d+)?)(?=[\],} ]|\.\.|$)", rf"\1{unit}", value.text)
    )


def _given(pieces: Sequence[Lexeme], at: int) -> bool:
    """True where a value is given behind a name."""
    return at < len(pieces) and (pieces[at].text in ("=", ":", "in", "along", *_CLOSERS) or _numbered(pieces, at))


def _alike(one: str, other: str) -> str:
    """The first of two ends with the magnitude of the other, `100 to 800k`, where it would be the larger without."""
    letter = other[-1:] if other[-1:].isalpha() else ""
    if not letter or one[-1:].isalpha():
        return one
    return f"{one}{letter}"


def _numbered(pieces: Sequence[Lexeme], at: int) -> bool:
    return at < len(pieces) and pieces[at].kind == "number"


def _begins_line(pieces: Sequence[Lexeme], at: int) -> bool:
    return at == 0 or pieces[at - 1].end < pieces[at].start


def _number(pieces: Sequence[Lexeme], at: int) -> tuple[str | None, int]:
    """A number with what belongs to it, and the place behind it."""
    if (
        at < len(pieces)
        and pieces[at].text == "-"
        and _numbered(pieces, at + 1)
        and at
        and pieces[at - 1].text in ("[", ",", "(")
    ):
        inner, after = _number(pieces, at + 1)
        return (f"-{inner}", after) if inner is not None else (None, at)
    if not _numbered(pieces, at):
        return None, at
    text, after = pieces[at].text, at + 1
    if after < len(pieces) and pieces[after].text in UNITS and re.fullmatch(r"[\d.]+", text):
        text, after = text + UNITS[pieces[after].text], after + 1
    try:
        number(text)
    except SpecError:
        return None, at
    return text, after


def _spacing(pieces: Sequence[Lexeme], at: int) -> tuple[str, int]:
    """How a range goes on, with a leading space, and the place behind it."""
    i = at
    while i < len(pieces) and pieces[i].text.lower() in ("in", "steps", "of", ",", "with", "using", "factors"):
        i += 1
    word = SPACING.get(pieces[i].text.lower()) if i < len(pieces) else None
    if word is None and i > at and any(p.text == "steps" for p in pieces[at:i]):
        i, word = i - 1, "step"
    if word is None:
        return "", at
    i += 1
    while i < len(pieces) and pieces[i].text in ("=", "of"):
        i += 1
    by, after = _number(pieces, i)
    return (f" {word} {by}", after) if by is not None else ("", at)


def _dashed(pieces: Sequence[Lexeme], at: int) -> Value | None:
    """A list a line behind dashes."""
    values: list[str] = []
    i = at
    while i + 1 < len(pieces) and pieces[i].text == "-":
        one, after = _number(pieces, i + 1)
        if one is None:
            break
        values, i = [*values, one], after
    return _listed(values, i - at) if values else None


def _listed(values: Sequence[str], length: int) -> Value:
    """One value, or a set of several."""
    return Value(f"{{{', '.join(values)}}}", "set", length) if len(values) > 1 else Value(values[0], "single", length)


def _bracketed(pieces: Sequence[Lexeme], at: int) -> Value | None:
    """A list or a range in brackets of any kind."""
    closer = _CLOSERS[pieces[at].text]
    values: list[str] = []
    between, spaced, i = "", "", at + 1
    while i < len(pieces) and pieces[i].text != closer:
        text = pieces[i].text
        one, after = _number(pieces, i)
        named = i + 1 < len(pieces) and pieces[i + 1].text in (":", "=")
        if (
            one is None
            and not named
            and pieces[i].kind in ("name", "string", "quoted")
            and text.strip("\"'").isidentifier()
        ):
            one, after = text.strip("\"'"), i + 1
            if text.lower() in TO:
                between, i = "..", after
                continue
            if text in SPACING and len(values) == 2 and between:
                spaced, after = _spacing(pieces, i)
                if after == i:
                    return None  # what it goes on by is no number
                i = after
                continue
        if one is not None:
            values, i = [*values, one], after
        elif text in (*TO, ":"):
            between, i = "..", i + 1
        elif text in BETWEEN:
            i += 1
        elif text == "-" and values and _numbered(pieces, i + 1):
            between, i = "..", i + 1
        else:
            return None
    if i >= len(pieces) or not values or (len(values) == 1 and values[0].isidentifier()):
        return None
    length = i + 1 - at
    if between and len(values) == 2:
        return Value(f"[{_alike(*values)}..{values[1]}{spaced}]", "range", length)
    if between:
        return None
    return _listed(values, length)
