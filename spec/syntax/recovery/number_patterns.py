"""Numbers as they are written elsewhere: `100,000`, `1 000`, `0,5`, `2 percent`, `1_000`, `5.`, `30 min`, `N²`."""

from __future__ import annotations

import re

from ...diagnostics.concepts import missing
from ...diagnostics.suggest import similar
from ...errors import Diagnostic
from ..numbers import BITS, NATS, compute_of
from ..scanner import Lexeme
from .error_context import SyntaxErrorContext

#: What may stand after a number, and so never stands alone.
_UNITS = frozenset(("%", "s", "min", "h", "d", *"kMBGTPE", "FLOP", "FLOPs", "steps", "tokens")) | frozenset(
    f"{magnitude}{unit}" for magnitude in "kMBGTPE" for unit in ("FLOP", "FLOPs")
)
#: Units and magnitudes as they are written out, and how we write them.
WRITTEN_OUT = {
    **dict.fromkeys(("second", "seconds", "sec", "secs"), "s"),
    **dict.fromkeys(("minute", "minutes", "mins"), "min"),
    **dict.fromkeys(("hour", "hours", "hr", "hrs"), "h"),
    **dict.fromkeys(("day", "days"), "d"),
    **dict.fromkeys(("percent", "pct", "percentage"), "%"),
    **dict.fromkeys(("thousand", "K"), "k"),
    **dict.fromkeys(("million", "millions", "mio", "Mio", "mln"), "M"),
    **dict.fromkeys(("billion", "billions", "bn", "Mrd"), "B"),
    **dict.fromkeys(("trillion", "trillions"), "T"),
    **dict.fromkeys(("step", "iterations", "iters", "updates"), "steps"),
    **dict.fromkeys(("tok", "toks", "token"), "tokens"),
    **{f"{m}FLOPS": f"{m}FLOP" for m in ("", *"kMBGTPE")},
    **{f"{m}flops": f"{m}FLOP" for m in ("", *"kMBGTPE")},
}
_DIGITS = re.compile(r"\d+(\.\d+)?|\.\d+")
_FLOAT = re.compile(r"(?:\d+(?:\.\d+)?|\.\d+)(?:e[-+]?\d+)?")
#: `3.2 bits per byte`, `2 nats/token`.
_LOSS = re.compile(
    rf"(?P<digits>\d+(?:\.\d+)?|\.\d+)\s*(?P<unit>{'|'.join((*BITS, *NATS))})\b"
    r"(?:\s*(?:per|/|a|an)[\s-]*(?:byte|token|char(?:acter)?|word|symbol)s?\b)?",
    re.IGNORECASE,
)
_GROUPED = re.compile(r"\d{1,3}(,\d{3})+(\.\d+)?(?![\d,])")
_SUPERSCRIPTS = str.maketrans("⁰¹²³⁴⁵⁶⁷⁸⁹⁻", "0123456789-")


def grouped_digits(error: SyntaxErrorContext) -> Diagnostic | None:
    """`[100,000..400,000]`, `{1 000}`."""
    found, previous = error.found, error.previous
    if found.text != "," or previous.kind != "number" or previous.end != found.start:
        return None
    start = previous.start
    number = _GROUPED.match(error.source.text, start, error.chunk.end)
    if number is None or number.end() <= found.end:
        return None
    edits, shown = [], number[0].replace(",", "")
    until = error.source.text.find("]", start) if error.within == "range" else number.end()
    for match in _GROUPED.finditer(error.source.text, start, max(until, number.end())):
        edits.append((match.start(), match.end(), match[0].replace(",", "")))
    end = number.end()
    span = error.span_from(start, end)
    helps = (f"write `{shown}`, or with a magnitude such as `{_short(int(float(shown)))}`",)
    fixes = error.fix(*edits)
    return error.diagnostic("SCL013", "a number holds no comma", span=span, helps=helps, fixes=fixes)


#: Digits of a whole number for which another way to write it is shown, and powers of ten that a float may hold.
MOST_DIGITS, LARGEST_POWER = 18, 300.0


def _short(value: int) -> str:
    for size, letter in ((10**9, "B"), (10**6, "M"), (10**3, "k")):
        if value >= size and value % (size // 10) == 0:
            return f"{value / size:g}{letter}"
    return f"{value:g}"


def point_at_end(error: SyntaxErrorContext) -> Diagnostic | None:
    """`lr = 5.`"""
    found, previous, following = error.found, error.previous, error.at(1)
    if found.text != "." or previous.end != found.start or previous.kind != "number" or not previous.text.isdigit():
        return None
    if following.start == found.end and following.kind not in ("close", "mark", ""):
        return None
    shown = f"{previous.text}."
    return error.diagnostic(
        "SCL013",
        f"`{shown}` is not a number: digits follow the point",
        span=error.span_of(previous, found),
        helps=(f"write `{previous.text}` or `{shown}0`",),
        fixes=error.fix((found.end, found.end, "0")),
    )


def number_in_pieces(error: SyntaxErrorContext) -> Diagnostic | None:
    """`1_000`, `30 min`, `3 hours`, `2 %`, `100 000`, `2 percent`."""
    found, previous = error.found, error.previous
    number = error.at(-2)
    if previous.text.startswith("_") and number.kind == "number" and number.end == previous.start:
        return _underscored(error, number, previous)
    unit = WRITTEN_OUT.get(previous.text, previous.text)
    if number.kind == "number" and previous.kind == "name" and unit in _UNITS and number.end < previous.start:
        after = error.item[0] <= error.index - 3 and error.at(-3).text in ("=", "..", "[", "{", ",", "in")
        if after and _DIGITS.fullmatch(number.text) and found.text not in ("in", "along", "=", "&"):
            return _apart(error, number, previous, unit)
    if previous.kind != "number":
        return None
    if (loss := _LOSS.match(error.source.text, previous.start, error.chunk.end)) and loss.end() > found.start:
        meant = loss["digits"] if loss["unit"].lower() in NATS else f"{loss['digits']}*log(2)"
        of = "losses are in nats" + ", of which a bit is log(2)" * (meant != loss["digits"])
        fixes = error.fix((previous.start, loss.end(), meant), sure=False)
        span = error.span_from(previous.start, loss.end())
        return error.diagnostic("SCL013", of, span=span, helps=(f"write `{meant}`",), fixes=fixes)
    if found.kind == "number" and previous.end == found.start and found.text.startswith("."):
        span = error.span_of(previous, found)
        message = f"`{previous.text}{found.text}` is no number"
        power = re.fullmatch(r"(\d{1,9}(?:\.\d+)?)[eE]([+-]?\d+)", previous.text)
        if power is not None and abs(float(power[2] + found.text)) < LARGEST_POWER:
            factor = "" if float(power[1]) == 1 else f"{power[1]}*"
            meant = f"{factor}10^{power[2]}{found.text}"
            value = float(f"{float(power[1]) * 10 ** float(power[2] + found.text):.3g}")
            fixes = error.fix((previous.start, found.end, meant), sure=False)
            helps = (f"write `{meant}`, or `{value:g}`: behind `e` stands a whole number",)
            return error.diagnostic("SCL013", message, span=span, helps=helps, fixes=fixes)
        return error.diagnostic(
            "SCL013", message, span=span, helps=("a number has one point, before any exponent: `3.2e5`",)
        )
    if (
        error.keyword == "budget"
        and found.kind in ("number", "mark")
        and (several := _several_times(error)) is not None
    ):
        return several
    if previous.text.lower().endswith("x") and found.kind == "number" and previous.end == found.start:
        return _power_of_ten(error)
    if found.text.startswith("_") and previous.end == found.start:
        return _underscored(error, previous, found)
    if (
        found.text == "'"
        and re.match(r"'\d{3}", error.source.text[found.start :])
        and (divided := _divided(error, "'")) is not None
    ):
        return divided
    if (
        re.fullmatch(r"\d{3}", found.text)
        and re.fullmatch(r"\d{1,3}", previous.text)
        and error.within in ("call", "data", "train", "range")
        and (divided := _divided(error, " ")) is not None
    ):
        return divided
    spread = re.compile(r"[A-Za-z]+[-_/ ]?s?[-_ ]?(?:days?|hours?)\b").match(
        error.source.text, found.start, error.chunk.end
    )
    plain = spread is not None and error.keyword != "budget" and _FLOAT.fullmatch(previous.text)
    if spread is not None and plain and (compute := compute_of(previous.text, spread[0])):
        span = error.span_from(previous.start, spread.end())
        fixes = error.fix((previous.start, spread.end(), compute), sure=False)
        helps = (f"write `{compute}`",)
        return error.diagnostic("SCL013", "compute is counted in FLOP", span=span, helps=helps, fixes=fixes)
    if error.keyword == "budget" and found.kind == "name" and found.text not in _UNITS | WRITTEN_OUT.keys():
        return _other_limit(error)
    unit = WRITTEN_OUT.get(found.text, found.text)
    if unit not in _UNITS or not (_DIGITS.fullmatch(previous.text) or unit in ("steps", "tokens")):
        return None
    if error.within in ("where", "set", "range", "call") and error.at(1).text in ("in", "along", "=", "&"):
        return None  # an axis of that name
    last = found
    if unit in tuple("kMBT") and error.at(1).text in ("tokens", "token", "steps", "FLOP", "FLOPs"):
        unit, last = unit + WRITTEN_OUT.get(error.at(1).text, error.at(1).text), error.at(1)
    return _apart(error, previous, last, unit)


def _several_times(error: SyntaxErrorContext) -> Diagnostic | None:
    """`2h 30min`, `1:30:00`."""
    start = error.lexemes[1].start
    text = error.source.text
    if clock := re.compile(r"(\d+):(\d\d)(?::(\d\d))?").match(text, start, error.chunk.end):
        minutes, end = int(clock[1]) * 60 + int(clock[2]), clock.end()
    elif parts := re.compile(r"(\d+)\s*h\s*(\d+)\s*m(?:in)?\b").match(text, start, error.chunk.end):
        minutes, end = int(parts[1]) * 60 + int(parts[2]), parts.end()
    else:
        return None
    span, fixes = (
        error.span_from(start, end),
        error.fix((start, end, f"{minutes}min"), sure=bool(parts) if not clock else False),
    )
    return error.diagnostic(
        "SCL013", "a time is one number with its unit", span=span, helps=(f"write `{minutes}min`",), fixes=fixes
    )


def _other_limit(error: SyntaxErrorContext) -> Diagnostic | None:
    """`3 gpu-hours`, `30 minuts`, `$5`."""
    found, previous = error.found, error.previous
    last = error.lexemes[error.item[1]]
    typed = error.source.text[found.start : last.end]
    if _DIGITS.fullmatch(previous.text) and (compute := compute_of(previous.text, typed.strip())):
        span, fixes = error.span_of(previous, last), error.fix((previous.start, last.end, compute), sure=False)
        helps: tuple[str, ...] = (f"write `{compute}`",)
        return error.diagnostic("SCL013", "compute is counted in FLOP", span=span, helps=helps, fixes=fixes)
    near = similar(found.text, [*WRITTEN_OUT, "min"]) if last is found else None
    if near is not None:
        return _apart(error, previous, last, WRITTEN_OUT.get(near, near))
    hours = "hour" in typed.lower() or typed.lower() in ("gpuh", "gpu-h")
    helps = (
        f"write a time, `{previous.text}h`, or compute, `5PFLOP`"
        if hours
        else "write a time, `30min`, or compute, `5PFLOP`",
    )
    if why := missing(typed) or missing(found.text):
        helps = (f"{helps[0]}; {why}",) if "command" in why and not hours else helps
    message = f"a budget is a time or an amount of compute, and `{typed}` is neither"
    span = error.span_of(found, last)
    fixes = error.fix((previous.start, last.end, f"{previous.text}h"), sure=False) if hours else ()
    return error.diagnostic("SCL013", message, span=span, helps=helps, fixes=fixes)


def _apart(error: SyntaxErrorContext, number: Lexeme, last: Lexeme, unit: str) -> Diagnostic:
    whole = number.text + unit
    return error.diagnostic(
        "SCL013",
        f"`{unit}` stands right after its number",
        span=None if last is error.found else error.span_of(last),
        helps=(f"write `{whole}`, without a space",),
        fixes=error.fix((number.start, last.end, whole)),
    )


def _power_of_ten(error: SyntaxErrorContext) -> Diagnostic:
    """`3x10^-4`."""
    previous = error.previous
    digits = previous.text[:-1]
    power = re.compile(r"10\s*\^\s*([+-]?\d{1,4})(?!\d)").match(error.source.text, error.found.start, error.chunk.end)
    end = power.end() if power else error.found.end
    meant = f"{digits}e{int(power[1])}" if power else f"{digits}*{error.found.text}"
    span = error.span_from(previous.start, end)
    fixes = error.fix((previous.start, end, meant))
    message = "a product has its sign, `*`, and a power of ten is `1e3`"
    return error.diagnostic("SCL013", message, span=span, helps=(f"write `{meant}`",), fixes=fixes)


def _divided(error: SyntaxErrorContext, by: str) -> Diagnostic | None:
    """`1 000 000`; None where the digits do not stand so, or are more than any number's."""
    number = re.compile(rf"\d{{1,3}}({by}\d{{3}}){{1,9}}(?!{by}?\d)").match(error.source.text, error.previous.start)
    if number is None:
        return None
    digits = number[0].replace(by, "")
    name = "spaces" if by == " " else f"`{by}`"
    helps = (f"write `{digits}`, or with a magnitude such as `{_short(int(digits))}`",)
    fixes = error.fix((error.previous.start, number.end(), digits), sure=error.within != "set")
    span = error.span_from(error.previous.start, number.end())
    return error.diagnostic("SCL013", f"no {name} divide a number", span=span, helps=helps, fixes=fixes)


def _underscored(error: SyntaxErrorContext, number: Lexeme, rest: Lexeme) -> Diagnostic:
    whole = number.text + rest.text
    digits = whole.replace("_", "")
    example = _short(int(digits)) if digits.isdigit() and len(digits) <= MOST_DIGITS else "1M"
    helps = (f"write `{digits}`, or with a magnitude such as `{example}`",)
    fixes = error.fix((number.start, rest.end, digits)) if digits.isdigit() else ()
    return error.diagnostic("SCL013", "numbers hold no `_`", span=error.span_of(number, rest), helps=helps, fixes=fixes)


def superscript(error: SyntaxErrorContext) -> Diagnostic | None:
    """`N²`, `N⁻⁰`."""
    found = error.found
    digits = re.compile(r"[⁰¹²³⁴⁵⁶⁷⁸⁹⁻]+").match(error.source.text, found.start, error.chunk.end)
    if digits is None:
        return None
    meant = "^" + digits[0].translate(_SUPERSCRIPTS)
    fixes = error.fix((found.start, digits.end(), meant))
    helps = (f"write `{error.previous.text}{meant}`",)
    return error.diagnostic(
        "SCL002", f"`{digits[0]}` means nothing here: a power is written `^`", helps=helps, fixes=fixes
    )
