"""Numbers as people write them: `64k`, `1.5M`, `2%`, `30min`, `200steps`, `5PFLOP`.

The parser keeps the letters with the digits; here they are judged. Magnitudes are decimal. A unit is one of

    ""  none     "%"  percent (the value is already divided by 100)     "s"  time, in seconds
    "steps"  optimiser steps     "tokens"  tokens     "FLOP"  compute
"""

from __future__ import annotations

import re
from functools import lru_cache
from typing import NamedTuple

from ..errors import Diagnostic, Edit, Fix, SpecError
from ..source import Span

MAGNITUDES = {"k": 1e3, "M": 1e6, "B": 1e9, "G": 1e9, "T": 1e12, "P": 1e15, "E": 1e18, "Z": 1e21}
SECONDS = {"s": 1.0, "min": 60.0, "h": 3600.0, "d": 86400.0}
#: Units that take a magnitude before them.
COUNTED = {"steps": "steps", "step": "steps", "tokens": "tokens", "token": "tokens", "FLOP": "FLOP", "FLOPs": "FLOP"}


def _power(scale: float) -> str:
    return f"{scale:g}".replace("e+0", "e").replace("e+", "e")


#: Every magnitude and unit as it is written behind a number, and what it says.
LETTERS = {
    **{letter: f"times {_power(scale)}" for letter, scale in MAGNITUDES.items()},
    "%": "per cent: `2%` is .02",
    **{letter: f"a time, of {seconds:g} s each" for letter, seconds in SECONDS.items()},
    **{letter: f"an amount in {unit}, with a magnitude or without" for letter, unit in COUNTED.items()},
    **{f"{m}FLOP": f"an amount in FLOP, times {_power(scale)}" for m, scale in MAGNITUDES.items()},
}

#: How each unit is written, for messages.
EXAMPLES = {
    "": "a plain number",
    "%": "a percentage such as `2%`",
    "s": "a time such as `30min`",
    "steps": "steps such as `200steps`",
    "tokens": "tokens such as `2M`",
    "FLOP": "compute such as `5PFLOP`",
}

_SHAPE = re.compile(r"((?:\d+(?:\.\d+)?|\.\d+)(?:[eE][+-]?\d+)?)([A-Za-z%]*)")


class Quantity(NamedTuple):
    """A value and the unit it was given in."""

    value: float
    unit: str


@lru_cache(maxsize=4096)
def number(text: str) -> Quantity:
    """The value and unit of a number; `SpecError` (SCL201) where the letters mean nothing."""
    shape = _SHAPE.fullmatch(text)
    if shape is None:
        raise _unreadable(text, text)
    digits, letters = shape.groups()
    value = float(digits)
    if value == float("inf"):
        helps = ("write a number below 1e308",)
        raise SpecError([Diagnostic("SCL201", f"`{text}` is too large a number", Span(0, len(text)), helps=helps)])
    scale, unit = _suffix(text, letters)
    return Quantity(canonical_number(value * scale), unit)


def _suffix(text: str, letters: str) -> tuple[float, str]:
    """Scale and unit of the letters after the digits."""
    if letters == "%":
        return 0.01, "%"
    if letters in SECONDS:
        return SECONDS[letters], "s"
    if letters == "" or letters in MAGNITUDES:
        return MAGNITUDES.get(letters, 1.0), ""
    for name, unit in COUNTED.items():
        magnitude = letters.removesuffix(name)
        if magnitude != letters and (magnitude == "" or magnitude in MAGNITUDES):
            return MAGNITUDES.get(magnitude, 1.0), unit
    raise _unreadable(text, letters)


#: Letters behind numbers as they are written elsewhere, and what is written for them.
_WRITTEN = {
    **dict.fromkeys(("K", "thousand", "kilo"), "k"),
    **dict.fromkeys(("mio", "Mio", "mil", "mln", "mn", "MM", "million", "mega"), "M"),
    **dict.fromkeys(("b", "bn", "Bn", "billion", "Mrd", "giga"), "B"),
    **dict.fromkeys(("t", "tn", "trillion"), "T"),
    **dict.fromkeys(("sec", "secs", "second", "seconds", "S"), "s"),
    **dict.fromkeys(("mins", "minute", "minutes", "Min"), "min"),
    **dict.fromkeys(("hr", "hrs", "hour", "hours", "H"), "h"),
    **dict.fromkeys(("day", "days", "D"), "d"),
    **dict.fromkeys(("pct", "percent", "pc"), "%"),
    **dict.fromkeys(("it", "its", "iter", "iters", "iterations", "updates", "stps"), "steps"),
    **dict.fromkeys(("tok", "toks", "tk"), "tokens"),
    **{
        f"{m}{unit}": f"{m}FLOP"
        for m in ("", *MAGNITUDES)
        for unit in ("FLOPS", "flop", "flops", "Flop", "Flops", "FLOP/s")
    },
    **{f"{m}tok": f"{m}tokens" for m in MAGNITUDES},
    **{f"{m}F": f"{m}FLOP" for m in MAGNITUDES},
}
_WRITTEN |= {
    f"{spelt}{unit}{ending}": f"{letter}FLOP"
    for spelt, letter in (
        ("kilo", "k"),
        ("mega", "M"),
        ("giga", "G"),
        ("tera", "T"),
        ("peta", "P"),
        ("exa", "E"),
        ("zetta", "Z"),
    )
    for unit in ("flop", "FLOP", "Flop")
    for ending in ("", "s", "S")
}
#: Powers of two that data are counted in elsewhere, and units that are a time of so much compute a second.
_BINARY = {"Ki": 2**10, "Mi": 2**20, "Gi": 2**30, "KiB": 2**10, "MiB": 2**20}
_SPEED = re.compile(
    r"(?P<scale>[kMGTPEZ]|kilo|mega|giga|tera|peta|exa|zetta)(?:FLOP|flop|F|f)?[sS]?(?:/s)?[-_ ]?"
    r"(?P<unit>days?|hours?|hrs?|h|d)",
    re.IGNORECASE,
)
_SECONDS_OF = {"d": 86_400.0, "h": 3_600.0}
#: Letters that may be any of several.
_EITHER = {"m": ("M", "min"), "e": ("e-4",)}
#: Units of losses elsewhere, in small letters: all losses are in nats.
BITS, NATS = ("bit", "bits", "bpb", "bpc", "bpt"), ("nat", "nats")
#: Units of what no number of a study is given in.
_BYTES = re.compile(r"[kKMGT]i?[Bb](ytes)?|[Bb]ytes?")


def written_here(letters: str) -> str:
    """What is written for letters behind a number, or a word for them, of another language; empty for none known."""
    return _WRITTEN.get(letters, "")


def compute_of(digits: str, letters: str) -> str:
    """Compute given as a speed times a time, `0.1 PF-days`, as the language writes it, `8.64EFLOP`; else empty."""
    speed = _SPEED.fullmatch(letters)
    if speed is None:
        return ""
    scale = speed["scale"] if len(speed["scale"]) == 1 else _SPELT[speed["scale"].lower()]
    flops = (
        float(digits)
        * MAGNITUDES.get(scale, MAGNITUDES.get(scale.upper(), 1.0))
        * _SECONDS_OF[speed["unit"][0].lower()]
    )
    letter = next((m for m in ("E", "P", "T", "G", "M", "k") if flops >= MAGNITUDES[m]), "")
    return f"{flops / MAGNITUDES.get(letter, 1.0):.6g}{letter}FLOP"


#: Hours of devices, `2GPUh`, which are hours here, a study being run on one machine.
_OF_DEVICES = re.compile(
    r"(?:gpu|tpu|cpu|npu|device|machine|node|core|accelerator)s?(?P<unit>h|hrs?|hours?|d|days?)", re.IGNORECASE
)
_SPELT = {"kilo": "k", "mega": "M", "giga": "G", "tera": "T", "peta": "P", "exa": "E", "zetta": "Z"}


def _unreadable(text: str, letters: str) -> SpecError:
    from ..diagnostics.suggest import nearest

    known = [*MAGNITUDES, *SECONDS, *COUNTED, *(f"{m}{unit}" for m in MAGNITUDES for unit in COUNTED), "%"]
    digits = text.removesuffix(letters)
    notes = (f"magnitudes are {', '.join(MAGNITUDES)}; units are %, s, min, h, d, steps, tokens and FLOP",)
    message = f"`{letters}` in `{text}` is no magnitude and no unit"
    fixes: tuple[Fix, ...] = ()
    if letters in _WRITTEN:
        meant = digits + _WRITTEN[letters]
        helps: tuple[str, ...] = (f"write `{meant}`",)
        fixes = (Fix((Edit(Span(0, len(text)), meant),)),)
    elif digits and (compute := compute_of(digits, letters)):
        helps = (f"compute is counted in FLOP: write `{compute}`",)
        fixes = (Fix((Edit(Span(0, len(text)), compute),), "maybe-incorrect"),)
    elif letters in _BINARY:
        meant = f"{float(digits) * _BINARY[letters]:.12g}"
        helps = (f"magnitudes are powers of ten: write `{meant}`",)
        fixes = (Fix((Edit(Span(0, len(text)), meant),), "maybe-incorrect"),)
    elif letters == "e":
        helps = (f"an exponent is missing: `{digits}e-4` for instance",)
    elif letters.lower() in BITS:
        meant = f"{digits}*log(2)"
        helps = (f"losses are in nats, of which a bit is log(2): write `{meant}`",)
        fixes = (Fix((Edit(Span(0, len(text)), meant),), "maybe-incorrect"),)
    elif letters.lower() in NATS:
        helps = (f"losses are in nats: write `{digits}`",)
        fixes = (Fix((Edit(Span(0, len(text)), digits),)),)
    elif letters in _EITHER:
        helps = (" or ".join(f"`{digits}{meant}`" for meant in _EITHER[letters]),)
        helps = (f"write {helps[0]}, whichever is meant",)
    elif _BYTES.fullmatch(letters):
        helps = (f"data are counted in tokens: `{digits}{letters[0].replace('K', 'k')}`, where a byte is a token",)
        helps = helps if letters[0] in "kKMGT" else (f"data are counted in tokens: `{digits}`",)
    elif hours := _OF_DEVICES.fullmatch(letters):
        helps = (f"time is counted on the machine that runs the study: write `{digits}{hours['unit'][0].lower()}`",)
    elif letters in ("x", "X", "times"):
        helps = ("a ratio is an axis of its own, as in `ratio in [10..40]  tokens = ratio*N`",)
    elif letters in ("epoch", "epochs", "ep"):
        helps = (f"passes are a plain number, `epochs = {digits}`, beside `unique`; a warm-up is in steps or per cent",)
    elif len(letters) == 1 and letters.isupper():  # a size of a run, written right after its factor elsewhere: 20N
        helps = (f"a product has its sign: `{digits}*{letters}`",)
    elif letters.lower() in ("w", "wk", "week", "weeks", "y", "year", "years", "month", "months"):
        days = {"w": 7, "m": 30, "y": 365}[letters[0].lower()]
        helps = (f"write days: `{float(digits) * days:g}d`",)
    else:
        helps = nearest("a unit", letters, known) or (f"write the number alone, `{digits}`, or with one of these",)
    return SpecError([Diagnostic("SCL201", message, Span(0, len(text)), notes=notes, helps=helps, fixes=fixes)])


def canonical_number(value: float) -> int | float:
    """A number to 12 significant digits, whole ones as integers: `2%` and `.02` agree, and `3*1e-4` is `.0003`."""
    rounded = float(f"{value:.12g}")
    return int(rounded) if rounded.is_integer() and abs(rounded) < 2**53 else rounded


def is_number(text: str) -> bool:
    """True for the digits of a number, with its unit, `100M`."""
    try:
        number(text)
    except SpecError:
        return False
    return True


def text_of(value: float) -> str:
    """The canonical text of a number, which reads back as the same value: `250k`, `1.5M`, `8192`, `0.003`, `1e18`."""
    value = canonical_number(value)
    if isinstance(value, int):
        for letter in "PTBMk":
            short_digits = f"{value / MAGNITUDES[letter]:.4g}"
            if abs(value) >= max(MAGNITUDES[letter], 10_000) and float(short_digits) * MAGNITUDES[letter] == value:
                return short_digits + letter
        return str(value)
    text = repr(value)
    return text if "e" not in text else text.replace("e+", "e").replace("e-0", "e-")


def short(value: float) -> str:
    """A number for people: `4M`, `250k`, `0.003`."""
    for letter in "TBMk":
        if abs(value) >= MAGNITUDES[letter]:
            return f"{float(f'{value / MAGNITUDES[letter]:.4g}'):g}{letter}" if value < 1e16 else f"{value:.4g}"
    return f"{value:.6g}"


def short_compute(flops: float) -> str:
    """Compute for people: `5PFLOP`."""
    for letter in "ZEPTGMk":
        if flops >= MAGNITUDES[letter]:
            return f"{flops / MAGNITUDES[letter]:.3g}{letter}FLOP"
    return f"{flops:.3g}FLOP"


_TYPED = re.compile(r"(?:(?<![\w.])|(?<=\.\.))(?:\d+(?:\.\d+)?|(?<!\.)\.\d+)(?:[eE][+-]?\d+)?[A-Za-z%]*")
_OF_SPACING = re.compile(r"(?:times|count)\s+\Z")


def multiplied(sweep: str, by: str) -> str:
    """A list or range of numbers as text, each times a number; empty where one of both is none."""
    if re.search(r"[A-Za-z_]\w*\s*[:(]", sweep):
        return ""
    try:
        factor = number(by).value
        spacing = {m.start() for m in _TYPED.finditer(sweep) if _OF_SPACING.search(sweep, 0, m.start())}
        return _TYPED.sub(lambda m: m[0] if m.start() in spacing else text_of(number(m[0]).value * factor), sweep)
    except SpecError:
        return ""
