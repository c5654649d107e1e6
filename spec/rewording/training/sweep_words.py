"""A sweep in words, in mathematics or in marks of other languages, as it is written here.

Where it begins and ends, how it goes on, how many values there are. Every number that is typed is in what is written;
what is not understood as a whole is none.
"""

from __future__ import annotations

import math
import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import NamedTuple

from ...errors import SpecError
from ...syntax.numbers import compute_of, number, text_of, written_here
from ...syntax.scanner import STATEMENTS
from ...vocabulary.settings import SETTINGS
from ..listed_elsewhere import spacing, swept
from ..loose.loose_values import NUMERALS

_WORDS = {
    "to": "to until through till upto up thru → -> => – — − ⋯ … ... .. ..= ..< ~ : - downto down",
    "from": "from between starting beginning ranging begin start low lo min minimum",
    "end": "end stop high hi max maximum ending",
    "step": "step by every stride increment increments inc stepsize delta adding plus",
    "times": "times factor factors multiply multiplying multiplied ratio multiples multiplier base multiplicative "
    "multiplicatively *",
    "count": "count num n points values trials samples sizes settings numbers levels budgets npoints choices options "
    "amounts rates lengths grid",
    "log": "log logarithmic logarithmically geometric geometrically logspace logspaced log10 log2 geomspace "
    "exponentially exponential loguniform log_uniform logscale log-spaced logrange",
    "even": "linear linearly evenly equally uniform uniformly linspace arithmetic even lin equidistant",
    "two": "doubling double doubles doubled octaves octave twofold twice powers_of_2 powers_of_two",
    "three": "tripling triple triples threefold",
    "four": "quadrupling quadruple fourfold",
    "ten": "tenfold decades decade powers_of_10 powers_of_ten",
    "less": "halving halves halved falling descending decreasing decreased backwards",
    "list": ", ; | / and or & then",
    "dots": "etc",
    "per": "per each",
    "fill": "in with of a an the at spaced spacing apart time size all over scale on range ranges rising increasing "
    "ascending inclusive including both ends interval spread space evenly-spaced sweep growing going go goes set "
    "list is be are as one two using values? by_a until_reaching along across its",
}


_KIND = {word: kind for kind, words in _WORDS.items() for word in words.split()}


_FACTORS = {"two": 2, "three": 3, "four": 4, "ten": 10}


_SMALL = {**{word: str(n) for word, n in NUMERALS.items()}, "nine": "9"}


_NUMBER = r"(?:\d+(?:_\d+)+|\d{1,3}(?:,\d{3})+(?![\d,])|\d+(?:\.\d+)?|\.\d+)(?:[eE][+-−]?\d+)?"


_TOKEN = re.compile(
    rf"""(?P<space>\s+|\#[^\n]*)
      | (?P<number>{_NUMBER})
      | (?P<word>[A-Za-z_]\w*(?:-spaced)?)
      | (?P<sign>\.\.[.=<]?|->|=>|\*\*|[^\s\w])
    """,
    re.VERBOSE,
)


#: What is written behind a number for its unit or magnitude, a space before it or none.
_UNIT = re.compile(
    r"(?P<gap>[ \t]?)(?P<unit>%|(?:[kMGTPEZ]|kilo|mega|giga|tera|peta|exa|zetta)?(?:FLOPs?|flops?|FLOPS|Flops?)(?:/s)?"
    r"(?:[-·* ]?(?:days?|hours?|d|h)\b)?|PF[-_ ]?(?:days?|hours?)|[A-Za-z]+)(?![\w(])"
)


#: A power whose exponent is a sweep, and the exponent of a single one.
_POWERS = re.compile(
    rf"(?:(?P<factor>{_NUMBER}[kMB]?)\s*[*×x]\s*)?"
    r"(?P<base>\d+(?:\.\d+)?)\s*(?:\^|\*\*)\s*(?P<open>[\[{(])(?P<inside>[^\[\](){}\n]+)[\]})]"
)


_POWER = re.compile(rf"(?:({_NUMBER})\s*[×·*x]\s*)?(\d+)\s*(?:\^|\*\*)\s*\(?([-−+]?\d{{1,3}})\)?(?![\w.])")


_POWERS_OF = re.compile(r"powers\s+of\s+(two|ten|2|10)\b")


_STEPS_OF = re.compile(r"(?:steps?|increments?|strides?)\s+(?:of\b|size\b|=|:)?\s*(?=[\d.])")


_IN_STEPS = re.compile(r"(?:in|with|using|over)\s+\Z")


#: Most values of a list that is made of powers, and of a count.
MOST = 40
#: The greatest power of a list of them.
GREATEST_POWER = 60


_ROLES = ("tune", "panel", "median")


class Read(NamedTuple):
    """A sweep as the language writes it, and how much of the text it takes."""

    text: str
    length: int


class UnreadError(Exception):
    """What stands there is no sweep that is understood. Never leaves this module."""


@dataclass
class _Heard:
    """What was heard of a sweep, in the order it stood."""

    numbers: list[str] = field(default_factory=list)
    #: What stands between one number and the next: a range goes on, or a list.
    between: list[str] = field(default_factory=list)
    step: str = ""
    times: str = ""
    count: str = ""
    log: bool = False
    even: bool = False
    falling: bool = False
    dots: bool = False
    decades: bool = False
    began: bool = False


def read_sweep(text: str, at: int = 0, whole: bool = False) -> Read | None:
    """The sweep that begins at a place of a text; None where none is understood. With `whole`, of whole numbers."""
    try:
        powers = _POWERS.match(text, at)
        if powers is not None and (listed := _listed_powers(powers)) is not None:
            return Read(swept(listed, all(x == int(x) for x in listed)), powers.end() - at)
        heard, end = _hear(text, at)
        return Read(_written(heard, whole), end - at)
    except (UnreadError, SpecError, ArithmeticError, ValueError):
        return None


def _listed_powers(found: re.Match[str]) -> list[float] | None:
    """The numbers of `10^{-3, -2, -1}`, `2^[17..20]`."""
    ends = re.fullmatch(
        r"\s*([-−]?\d+)\s*(?:\.\.+|:|to|…)\s*([-−]?\d+)\s*(?:(?:step|by|,|:)\s*([1-9]\d?))?\s*", found["inside"]
    )
    if ends is not None:
        low, high = (int(e.replace("−", "-")) for e in ends.groups()[:2])
        exponents: Sequence[float] = range(min(low, high), max(low, high) + 1, int(ends[3] or 1))
    else:
        parts = [p.strip().replace("−", "-") for p in found["inside"].split(",")]
        if not all(re.fullmatch(r"-?\d+(?:\.\d+)?", p) for p in parts) or len(parts) < 2:
            return None
        exponents = [float(p) for p in parts]
    if max(abs(exponents[0]), abs(exponents[-1])) > GREATEST_POWER:
        return None
    if not 1 < len(exponents) <= MOST or max(abs(x) for x in exponents) > GREATEST_POWER:
        return None
    factor = number(found["factor"].replace("_", "").replace(",", "")).value if found["factor"] else 1.0
    return sorted(factor * float(found["base"]) ** x for x in exponents)


def _hear(text: str, at: int) -> tuple[_Heard, int]:
    """All that is said of a sweep from a place on, and where that ends."""
    heard = _Heard()
    i, end, depth = at, at, 0
    pending = kind = ""
    while i < len(text):
        if power := _POWER.match(text, i):
            factor = float((power[1] or "1").replace("_", "").replace(",", ""))
            value = text_of(factor * float(power[2]) ** int(power[3].replace("−", "-")))
            pending, kind, i = _number(heard, value, pending, kind), "", power.end()
            end = i
            continue
        token = _TOKEN.match(text, i)
        if token is None:
            break
        if token["space"]:
            if "\n" in token[0] and depth == 0 and re.match(r"\s*\w+\s*(?:=|in\b|along\b)", text[i:]):
                break
            i = token.end()
            continue
        if token["number"]:
            value, i, more = _with_unit(text, token)
            if more:
                setattr(heard, more, value)
                kind = ""
            else:
                pending, kind = _number(heard, value, pending, kind), ""
            end = i
            continue
        typed = token[0]
        low = typed.lower()
        if typed in "[({":
            if typed == "[" and depth == 0 and heard.numbers:
                raise UnreadError  # some of the values
            depth += 1
            i = token.end()
            continue
        if typed in "])}":
            if depth == 0:
                break
            depth -= 1
            i = end = token.end()
            continue
        if low in _SMALL and re.match(r"\s+(?:values|points|sizes|steps|levels|settings|rates)\b", text[token.end() :]):
            pending, kind = _number(heard, _SMALL[low], pending, kind), ""
            i = end = token.end()
            continue
        if (glued := re.fullmatch(r"[xX×](\d+(?:\.\d+)?)", typed)) is not None:
            heard.times, pending, kind = glued[1], "", ""
            i = end = token.end()
            continue
        if depth == 0 and _begins(text, token):
            break
        if of := _POWERS_OF.match(text, i):
            heard.times = {"two": "2", "ten": "10"}.get(of[1], of[1])
            i = end = of.end()
            continue
        if steps := _STEPS_OF.match(text, i):
            pending, i = "step", steps.end()
            continue
        meant = _KIND.get(low) or ("times" if typed in ("x", "X", "×") else "")
        behind = _TOKEN.match(text, token.end() + len(text[token.end() :]) - len(text[token.end() :].lstrip(" ")))
        if typed == "-" and behind is not None and behind["number"] and not heard.numbers:
            value, i, _ = _with_unit(text, behind)
            pending, kind = _number(heard, f"-{value}", pending, kind), ""
            end = i
            continue
        if typed == "-" and kind == "list" and behind is not None and behind["number"]:
            value, i, _ = _with_unit(text, behind)
            pending, kind = _number(heard, f"-{value}", pending, kind), ""
            end = i
            continue
        if typed == "." and heard.dots:
            i = end = token.end()
            continue
        if typed == "=" and (pending or heard.began):
            i = token.end()
            continue
        if not meant:
            break
        i = token.end()
        if meant not in ("list", "fill"):
            end = i
        if meant in ("step", "times", "count"):
            pending = _keyword(heard, meant, pending, text, i)
        elif meant in _FACTORS and not (meant == "ten" and kind == "per"):
            heard.times = str(_FACTORS[meant])
        elif meant == "ten":
            heard.decades = True
        elif meant == "log":
            heard.log = True
        elif meant == "even":
            heard.even = True
        elif meant == "less":
            heard.falling = True
            heard.times = heard.times or ("2" if low.startswith("halv") else "")
        elif meant == "dots" or (typed in ("...", "…", "..", "⋯") and kind == "list"):
            heard.dots = True
            kind = "list"
        elif meant == "from":
            heard.began = True
        elif meant in ("to", "end"):
            kind = "below" if typed == "..<" else "to"
        elif meant == "list":
            kind = "to" if heard.began and low == "and" else kind or "list"
        elif meant == "per":
            pending, kind = _keyword(heard, "count", pending, "", 0), "per"
    if depth or not heard.numbers:
        raise UnreadError
    return heard, end


def _keyword(heard: _Heard, meant: str, pending: str, text: str, at: int) -> str:
    """The word for how a sweep goes on: the number before it is the count, or that behind it belongs to it."""
    if meant == "count" and re.match(r"\s*(?:=|:)?\s*\d", text[at:]) is None and heard.numbers and not heard.count:
        heard.count = heard.numbers.pop()
        if heard.between:
            heard.between.pop()
        return ""
    return meant


def _number(heard: _Heard, value: str, pending: str, kind: str) -> str:
    """One more number; nothing is pending after it."""
    if kind == "below" and value.isdigit():
        value, kind = str(int(value) - 1), "to"
    if pending == "step" and re.match(r"\d", value):
        heard.step = value
    elif pending == "times":
        heard.times = value
    elif pending == "count":
        heard.count = value
    else:
        if heard.numbers:
            heard.between.append(kind or "list")
        heard.numbers.append(value)
    return ""


def _with_unit(text: str, token: re.Match[str]) -> tuple[str, int, str]:
    """A number with its unit as it is written here, where that ends, and `times` for a factor, `10x`, or `count`."""
    digits = re.sub(r"[_,](?=\d)", "", token["number"]).replace("−", "-")
    unit = _UNIT.match(text, token.end())
    if unit is None:
        return digits, token.end(), ""
    letters, spaced = unit["unit"], bool(unit["gap"])
    if letters in ("x", "X"):
        follows = re.compile(r"\s*(?:\d|10\s*\^)").match(text, unit.end())
        return (digits, token.end(), "") if follows else (digits, unit.end(), "times")
    speed = letters.replace("/s", "") if letters.endswith("/s") else letters
    if compute := compute_of(digits, letters):
        return compute, unit.end(), ""
    if letters in ("steps", "step") and spaced:
        if _IN_STEPS.search(text, 0, token.start()) and digits.isdigit():
            return digits, unit.end(), "count"
        if re.match(r"\s*[\dxX×*=]", text[unit.end() :]):
            return digits, token.end(), ""
    for said in (speed, written_here(speed)):
        try:
            if said:
                number(digits + said)
                known = not spaced or len(said) > 1 or said in ("%", "k", "M", "B", "T", "K")
                if known:
                    return digits + said, unit.end(), ""
        except SpecError:
            continue
    if not spaced:
        raise UnreadError
    return digits, token.end(), ""


def _begins(text: str, token: re.Match[str]) -> bool:
    """True for a word with which the next part of a statement begins."""
    if not token["word"]:
        return False
    after = text[token.end() :]
    if token[0] in (*_ROLES, "where") or token[0] in STATEMENTS:
        return True
    if re.match(r"\s*(?:\bin\b|\balong\b|&|=(?!=)|:(?!=)|∈)\s*(?![\d.]+\s*[\])}])", after):
        return _KIND.get(token[0].lower()) not in ("step", "times", "count", "from", "end") or token[0] in SETTINGS
    return False


def _written(heard: _Heard, whole: bool) -> str:
    """The sweep that was heard."""
    values, between = heard.numbers, heard.between
    if heard.dots and len(values) > 2:
        return _going_on(values)
    if len(values) == 1 and heard.step:
        return f"[{heard.step}..{values[0]} step {heard.step}]"  # in steps of its first value
    ranged = between.count("to")
    if len(values) == 3 and not ranged and (heard.log or heard.even) and not heard.count:
        heard.count, values, between, ranged = values[2], values[:2], ["to"], 1
    if len(values) == 3 and between == ["to", "list"] and (heard.log or heard.even):
        if heard.count or heard.step or heard.times:
            raise UnreadError
        heard.count, values, between = values[2], values[:2], ["to"]
    if len(values) == 3 and between == ["to", "to"] and not (heard.step or heard.times or heard.count):
        one, two, three = (number(v).value for v in values)
        middle = two < three and three - one >= two
        if not middle and _small(values[2]) and (two - one) / three > MOST * MOST:
            power = math.log(two / one) / math.log(three)
            factor = power > 1.5 and math.isclose(power, round(power), rel_tol=1e-6)
            heard.times, heard.count = (values[2], "") if factor else ("", values[2])
        else:
            heard.step = values[1] if middle else values[2]
        values, between, ranged = [values[0], values[2] if middle else values[1]], ["to"], 1
        if (heard.step and number(heard.step).value <= 0) or number(values[1]).value <= one:
            raise UnreadError
    spaced = heard.step or heard.times or heard.count or heard.log or heard.even
    if len(values) == 2 and not ranged and (spaced or heard.began):
        between, ranged = ["to"], 1
    if len(values) == 2 and ranged == 1:
        return _range(heard, values[0], values[1], whole)
    if ranged or len(values) < 2 or spaced or heard.began:
        raise UnreadError
    for v in values:
        number(v.lstrip("-"))
    return f"{{{', '.join(values)}}}"


def _small(value: str) -> bool:
    return value.isdigit() and 2 <= int(value) <= MOST


def _alike(low: str, high: str) -> tuple[str, str]:
    """Both ends with the magnitude and the unit of the one that has one, where the other is plain and small."""
    for one, other in ((low, high), (high, low)):
        letters = re.search(r"[A-Za-z%]+$", other)
        if letters and one[-1:].isdigit() and "e" not in one.lower() and float(one) < 1000:
            unit = number(other).unit
            scaled = number(other).value >= float(one) if one == low else True
            if unit or scaled:
                return (one + letters[0], other) if one == low else (other, one + letters[0])
    return low, high


def _range(heard: _Heard, low: str, high: str, whole: bool) -> str:
    low, high = _alike(low, high)
    first, last = number(low.lstrip("-")), number(high.lstrip("-"))
    a, b = (-x.value if t.startswith("-") else x.value for x, t in ((first, low), (last, high)))
    if a == b or (first.unit != last.unit and first.unit and last.unit):
        raise UnreadError
    if a > b:
        low, high, a, b = high, low, b, a
    high = f"0{high}" if high[0] == "." else high
    if heard.decades and heard.count:
        heard.count = str(round(int(heard.count) * math.log10(b / a)) + 1)
        heard.log = True
    if heard.times:
        factor = float(heard.times)
        if factor <= 1 or a <= 0:
            raise UnreadError
        return f"[{low}..{high}]" if factor == 2 else f"[{low}..{high} times {heard.times}]"
    if heard.step and not heard.count:
        return f"[{low}..{high} step {heard.step}]"
    if heard.count:
        if not _small(heard.count):
            raise UnreadError
        if heard.even or a <= 0:
            n = int(heard.count)
            if whole or heard.even or a <= 0:
                return swept([a + (b - a) * k / (n - 1) for k in range(n)], whole)
        return f"[{low}..{high} count {heard.count}]"
    if a <= 0:
        if not (float(a).is_integer() and float(b).is_integer()):
            raise UnreadError
        return swept([float(x) for x in range(int(a), int(b) + 1)], True) if b - a <= 8 else f"[{low}..{high} step 1]"
    return f"[{low}..{high}]"


def _going_on(values: list[str]) -> str:
    """The range of a list that goes on in dots."""
    numbers = [number(v).value for v in values]
    if numbers != sorted(numbers) or numbers[0] <= 0:
        raise UnreadError
    return f"[{values[0]}..{values[-1]}{spacing(numbers)}]"
