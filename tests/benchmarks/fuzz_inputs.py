"""Generated inputs: sound ones with bytes, tokens or values changed, and text drawn from the grammar of studies."""

from __future__ import annotations

import contextlib
import copy
import functools
import json
import random
import re
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from scalingdsl.engine.store.sealed_json import sealed
from scalingdsl.spec.resolve.study_files import WORDS
from scalingdsl.spec.syntax import parse_tables

#: An input, drawn.
Make = Callable[[random.Random], bytes]
#: Bytes of an input at most.
LONGEST = 100_000
#: Texts that are put into inputs: what readers of numbers, names and structure stumble over.
PIECES = (
    b"1e308", b"-1", b"0", b"1e-308", b"nan", b"inf", b"NaN", b"1e999999", b"9" * 400, b"\x00", b"\xff\xfe", b"\r\n",
    b"(" * 50, b"[" * 200, b"{" * 200, b'"', b"'", b"\\", b",", b";", b"\n", b"#", b"..", b" in ", b" where ", b"null",
    b"true", b"[]", b"{}", b"\xe2\x80\xae", b"\x1b[31m", b"=cmd|' /C calc'!A0", b"../../etc/passwd", b"%s%n", b"1M",
    b"\xf0\x9f\x98\x80", b"a" * 3000, b"- ", b"0x10", b"1_000", b"e", b"+", b"*", b"/", b"&", b":", b"=",
)  # fmt: skip
#: Values that are put into JSON in the place of others.
VALUES: tuple[Any, ...] = (
    None, True, False, 0, 1, -1, 2**31, 2**63, 10**400, -0.0, 1e308, 1e-308, float("nan"), float("inf"), "", "0", "-1",
    "NaN", "../../etc/passwd", "/dev/zero", "\x00", "\x1b[31m", "\ud800", "\u202e", "a" * 3000, "er", "(" * 60, "1 / 0",
    "x > ", [], [[]], {}, {"": None}, {"word": "er"}, {"word": "transformer", "layers": -1}, [0] * 300, [None, None],
)  # fmt: skip
#: Names, numbers and texts that stand in generated studies beside those of the language.
NAMES = ("a", "x", "late", "er", "kappa", "N", "D", "C", "loss", "width", "muP", "true", "false", "cosine")
NUMBERS = (
    "0", "1", "2", "3", "8", "64", ".01", ".5", "1e-3", "1.5", "1M", "64k", "512", "2%", "1e308", "1e-308", "200steps",
    "5PFLOP", "30min", "1e999999", "0.1k", "3x", "99999999999999999999",
)  # fmt: skip
TEXTS = ('""', '"t.csv"', '"a b"', '"../x.csv"', '"corpus.txt"', '"\x1b[31m"', '"E + A*N^-a"', '"N"')
_TOKEN = re.compile(r'[A-Za-z_]\w*|\.?\d[\w.]*%?|"[^"\n]*"|\s+|\.\.|[<>=!]=|.', re.S)


def mutated(seeds: Sequence[bytes], rng: random.Random) -> bytes:
    """A sound input after one to six mutations of its bytes."""
    data = bytearray(rng.choice(seeds))
    for _ in range(rng.choice((1, 1, 1, 2, 3, 6))):
        place = rng.randrange(len(data) + 1)
        end = min(len(data), place + rng.choice((1, 1, 2, 8, 40)))
        match rng.randrange(9):
            case 0 if data:
                data[min(place, len(data) - 1)] ^= 1 << rng.randrange(8)
            case 1:
                del data[place:end]
            case 2:
                data[place:place] = rng.choice(PIECES)
            case 3:
                data[place:end] = rng.choice(PIECES)
            case 4:
                data[place:place] = data[place:end] * rng.choice((1, 2, 30))
            case 5:
                other = rng.choice(seeds)
                begin = rng.randrange(len(other) + 1)
                data[place:end] = other[begin : begin + rng.choice((4, 20, 200))]
            case 6:
                del data[place:]
            case 7:
                lines = data.split(b"\n")
                rng.shuffle(lines)
                data = bytearray(b"\n".join(lines))
            case _:
                data[place:end] = rng.randbytes(rng.choice((1, 4)))
    return bytes(data[:LONGEST])


# --- JSON -------------------------------------------------------------------------------------------------------------


def json_mutated(text: bytes, rng: random.Random) -> Any:
    """The value of a JSON text with one to three values in it replaced, left out, doubled or moved."""
    whole = json.loads(text)
    for _ in range(rng.choice((1, 1, 2, 3))):
        holder, place = None, None
        here = whole
        while isinstance(here, dict | list) and here and (holder is None or rng.random() < 0.8):
            holder, place = here, rng.choice(list(here) if isinstance(here, dict) else range(len(here)))
            here = here[place]
        if holder is None:
            return copy.deepcopy(rng.choice(VALUES))
        match rng.randrange(5):
            case 0:
                del holder[place]
            case 1 if isinstance(here, int | float):
                holder[place] = here * rng.choice((-1, 0, 2, 1e300)) if abs(here) < 1e6 else str(here)
            case 2 if isinstance(holder, list):
                holder += [here] * rng.choice((1, 2, 40))
            case 3:
                other = rng.choice(list(whole.values()) if isinstance(whole, dict) and whole else [None])
                holder[place] = json.loads(json.dumps(other))
            case _:
                holder[place] = copy.deepcopy(rng.choice(VALUES))
    return whole


def of_json(text: bytes, *, seal: bool = False) -> Make:
    """Changed JSON: in its bytes, or in its values; with `seal` under a checksum that fits, as a stranger would."""
    content = {name: value for name, value in json.loads(text).items() if name != "checksum"}
    plain = json.dumps(content).encode()

    def make(rng: random.Random) -> bytes:
        if rng.random() < 0.25:
            return mutated((text,), rng)
        value = json_mutated(plain, rng)
        if seal and isinstance(value, dict):
            with contextlib.suppress(ValueError):  # NaN is no number of JSON's
                value = sealed(value)
        return json.dumps(value).encode()

    return make


# --- studies ----------------------------------------------------------------------------------------------------------


@functools.cache
def _names() -> tuple[str, ...]:
    return (*NAMES, *WORDS)


@functools.cache
def _rules() -> tuple[Mapping[str, list[tuple[str, ...]]], Mapping[str, str]]:
    """What each symbol of the grammar may become, the shortest first, and the words that stand for themselves."""
    lark = parse_tables.build()
    rules: dict[str, list[tuple[str, ...]]] = {}
    for rule in lark.rules:
        rules.setdefault(rule.origin.name, []).append(tuple(symbol.name for symbol in rule.expansion))
    words = {t.name: t.pattern.value.split("(?!")[0] for t in lark.terminals if t.name not in _DRAWN}
    depth: dict[str, int] = {}
    while len(depth) < len(rules):
        for name, ways in rules.items():
            known = [1 + max((depth.get(s, 99) for s in way if s in rules), default=0) for way in ways]
            if min(known) < 99:
                depth[name] = min(known)
    for ways in rules.values():
        ways.sort(key=lambda way: max((depth[s] for s in way if s in rules), default=0))
    return rules, words


_DRAWN: Mapping[str, Callable[[random.Random], str]] = {
    "NAME": lambda rng: rng.choice(_names()),
    "NUMBER": lambda rng: rng.choice(NUMBERS),
    "STRING": lambda rng: rng.choice(TEXTS),
}


def generated(rng: random.Random, start: str = "statement", deepest: int = 9) -> str:
    """Text that the grammar takes for a `statement`, a `test` or a `value`."""
    rules, words = _rules()
    found: list[str] = []
    waiting = [(start, deepest)]
    while waiting:
        symbol, left = waiting.pop()
        if symbol in rules:
            ways = rules[symbol]
            way = rng.choice(ways) if left > 0 else ways[0]
            waiting += [(part, left - 1) for part in reversed(way)]
        else:
            found.append(_DRAWN[symbol](rng) if symbol in _DRAWN else words[symbol].replace("\\", ""))
    return " ".join(found)


def study(seeds: Sequence[str], rng: random.Random) -> str:
    """A sound study with its bytes or its tokens changed, or with statements drawn from the grammar in it."""
    way = rng.random()
    if way < 0.25:
        return mutated(tuple(seed.encode() for seed in (rng.choice(seeds),)), rng).decode(errors="replace")
    text = rng.choice(seeds)
    if way < 0.65:
        tokens = _TOKEN.findall(text)
        for _ in range(rng.choice((1, 1, 2, 4))):
            place = rng.randrange(len(tokens) + 1)
            match rng.randrange(4):
                case 0:
                    del tokens[place : place + 1]
                case 1:
                    tokens[place:place] = tokens[rng.randrange(len(tokens) + 1) :][: rng.choice((1, 3, 9))]
                case 2:
                    tokens[place : place + 1] = [f" {generated(rng, 'value', 4)} "]
                case _:
                    drawn = _DRAWN[rng.choice(("NAME", "NAME", "NUMBER", "STRING"))](rng)
                    tokens[place : place + 1] = [drawn]
        return "".join(tokens)
    lines = text.split("\n") if way < 0.85 else []
    for _ in range(rng.choice((1, 2, 4))):
        lines.insert(rng.randrange(len(lines) + 1), generated(rng))
    return "\n".join(lines)
