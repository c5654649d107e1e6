"""What is said in one statement and belongs to another, or is said by leaving out: parameters on a line of their own,
bounds behind `fit`, a value with a name on a line of its own, statements that take others back.
"""

from __future__ import annotations

import re

from ....errors import Diagnostic
from ...scanner import STATEMENTS
from ..error_context import COMPONENTS, SIGNS, SyntaxErrorContext

#: Options of a law.
_OF_LAWS = ("bootstrap", "objective", "share", "group", "n_boot", "n_bootstrap", "draws")
#: Words that take a statement back.
_TAKES_BACK = (
    "remove",
    "drop",
    "delete",
    "del",
    "rm",
    "exclude",
    "undo",
    "clear",
    "disable",
    "skip",
    "omit",
    "ignore",
    "unset",
    "without",
    "no",
)
#: Statements of another study that `none` leaves out.
_LEFT_OUT = ("fit", "expect", "budget")
_ALSO = {
    **{f"{word}s": word for word in _LEFT_OUT},
    **dict.fromkeys(("claims", "claim", "expectations"), "expect"),
    "laws": "fit",
}
_HELD = re.compile(r"(?:fit|law|laws|model)\.([A-Za-z_]\w*)\s*=\s*([\w.]+)\s*$")
_FIT = re.compile(r"(?m)^fit\s+(?P<law>[A-Za-z_]\w*)(?P<inner>\([^()\n]*\))?")


def parameter_on_a_line(error: SyntaxErrorContext) -> Diagnostic | None:
    """`fit.alpha = 0.34` on a line of its own: it stands in the law's parentheses."""
    text = error.source.text
    given = _HELD.match(text[error.chunk.start : error.chunk.end])
    if given is None or error.start != "statement" or error.words.get(given[1]) in COMPONENTS:
        return None
    name, value, start, stop = given[1], given[2], error.chunk.start, error.chunk.end
    message = f"`{name}` is a parameter of a law, and is held in its parentheses"
    span = error.span_from(start, stop)
    law = _FIT.search(text)
    if law is None:
        return error.diagnostic("SCL001", message, span=span, helps=(f"write `fit chinchilla({name}={value})`",))
    inside = ", ".join(x for x in ((law["inner"] or "()")[1:-1], f"{name}={value}") if x)
    written = f"{law['law']}({inside})"
    edits = ((start, stop, ""), (law.start("law"), law.end(), written))
    fixes = error.fix(*edits, sure=False) if law.end() < start else ()
    return error.diagnostic("SCL001", message, span=span, helps=(f"write `fit {written}`",), fixes=fixes, read=False)


def bounds_in_brackets(error: SyntaxErrorContext) -> Diagnostic | None:
    """`fit chinchilla(alpha=[0, 1])`, `fit chinchilla(alpha=(0, 1))`: a parameter has no bounds."""
    opener = error.open[-1] if error.open else 0
    if error.keyword != "fit" or len(error.open) < 2 or error.lexemes[opener].text not in "[(":
        return None
    before, name = error.lexemes[opener - 1], error.lexemes[opener - 2]
    close = error.closing(opener)
    if before.text != "=" or name.kind != "name" or close is None or name.text in _OF_LAWS or error.found.text != ",":
        return None
    bound = error.source.text[name.start : error.lexemes[close].end]
    message = f"`{name.text}` is held at one number or fitted, and has no bounds"
    low, high = sorted(numbers) if len(numbers := _numbers(error, opener, close)) == 2 else (0.0, 1.0)
    helps = (
        f"leave `{bound}` out, or hold it: `{name.text}={(low + high) / 2:.3g}`",
        f"what is expected of it is a claim: `expect {name.text} in [{low:g}..{high:g}]`",
    )
    span = error.span_of(name, error.lexemes[close])
    return error.diagnostic("SCL016", message, span=span, helps=helps, read=False)


def parameter_with_bounds(error: SyntaxErrorContext) -> Diagnostic | None:
    """`fit chinchilla(alpha=0.34 ± 0.05)`, `chinchilla(alpha < 1)`, `chinchilla(alpha ~ normal(.5, .1))`."""
    if error.keyword != "fit" or error.within != "call" or error.found.text not in ("±", "+-", "~", *SIGNS):
        return None
    first, last = error.item
    name = error.lexemes[first].text
    if error.found.text == "==" or error.lexemes[first].kind != "name" or name in ("objective", "loss", "bootstrap"):
        return None
    message = f"`{name}` is held at one number or fitted, and has neither bounds nor a prior"
    helps = (
        f"leave `{error.shown(first, last)}` out{_held(error, first, last)}",
        f"what is expected of it is a claim: `expect {_claimed(error, first, last)}`",
    )
    return error.diagnostic("SCL016", message, helps=helps, read=False)


def _claimed(error: SyntaxErrorContext, first: int, last: int) -> str:
    """A condition on a parameter as it is typed, where it is one."""
    whole = error.found.text in SIGNS and last - first == 2
    numbers = _numbers(error, first + 1, last)
    if whole or len(numbers) != 2 or error.found.text in SIGNS:
        return error.shown(first, last) if whole else f"{error.lexemes[first].text} in [0.3..0.5]"
    return f"{error.lexemes[first].text} within {numbers[1]:g} of {numbers[0]:g}"


def _held(error: SyntaxErrorContext, first: int, last: int) -> str:
    """The help that holds a parameter at the number around which it was to lie; nothing of one that is a bound."""
    numbers = _numbers(error, first + 1, last)
    middle = error.found.text not in SIGNS and numbers
    return f", or hold it: `{error.lexemes[first].text}={numbers[0]:g}`" if middle else ""


def _numbers(error: SyntaxErrorContext, first: int, last: int) -> list[float]:
    """The plain numbers from one lexeme to another."""
    given = (x.text for x in error.lexemes[first : last + 1])
    return [float(x) for x in given if re.fullmatch(r"\d*\.?\d+", x)]


def bounds_behind_a_law(error: SyntaxErrorContext) -> Diagnostic | None:
    """`fit E + A/N^alpha, alpha > 0`: a parameter has no bounds."""
    first, end = error.item
    if error.keyword != "fit" or error.open or error.found.text not in (*SIGNS, "in") or first != error.index - 1:
        return None
    name = error.previous.text
    if error.previous.kind != "name" or first < 3 or error.words.get(name) in COMPONENTS or error.earlier_where:
        return None
    stop = len(error.lexemes) - 1 if error.found.text == "in" else end
    bound = error.shown(first, stop)
    message = f"`{name}` has no bounds of yours: an exponent lies above 0, a factor is positive"
    least = re.search(r">=?\s*0$", bound)  # which it is whatever is found
    helps = (f"leave `{bound}` out{'' if least else f', or claim it: `expect {bound}`'}",)
    fixes = error.fix((error.lexemes[first - 1].start, error.lexemes[stop].end, ""), sure=False)
    return error.diagnostic("SCL016", message, helps=helps, fixes=fixes, read=False)


def statement_taken_back(error: SyntaxErrorContext) -> Diagnostic | None:
    """`remove expect`, `drop fit kaplan`: a study that uses another leaves its statements out by `none`."""
    words = error.lexemes
    if error.start != "statement" or error.index > 1 or len(words) < 2 or words[0].text.lower() not in _TAKES_BACK:
        return None
    plural = {f"{w}s": w for w in _LEFT_OUT} | {
        "claims": "expect",
        "claim": "expect",
        "laws": "fit",
        "expectations": "expect",
    }
    what = plural.get(words[1].text.lower(), words[1].text.lower())
    if what not in _LEFT_OUT:
        return None
    message = f"no statement begins with `{words[0].text}`"
    span = error.span_of(words[0], words[-1])
    if not re.search(r"(?m)^use\b", error.source.text):
        return error.diagnostic(
            "SCL003", message, span=span, helps=(f"leave the line out, and every `{what}`",), read=False
        )
    fixes = error.fix((words[0].start, words[-1].end, f"{what} none"), sure=False)
    helps = (f"write `{what} none`, which leaves all of the other study's out",)
    return error.diagnostic("SCL003", message, span=span, helps=helps, fixes=fixes, read=False)


def value_with_a_name(error: SyntaxErrorContext) -> Diagnostic | None:
    """`n = 512` on a line of its own, and `er(n=n)` below: a name is given by `let`."""
    words, text = error.lexemes, error.source.text
    if error.start != "statement" or error.index or len(words) < 3 or words[1].text != "=":
        return None
    name = words[0].text
    rest = text[: error.chunk.start] + text[error.chunk.end :]
    # A parameter that formulas read is set behind its word; one that is given as a value is a name.
    before = r"=(?!=)" if error.words.get(name) in COMPONENTS else r"(?:[=(,*/+^{\[-]|\bin\b)"
    used = re.search(rf"{before}\s*{re.escape(name)}\b(?!\s*(?:=|in\b|\())", rest)
    if words[0].kind != "name" or name in STATEMENTS or used is None:
        return None
    helps = (f"a name is given with `let`: `let {error.shown(0, len(words) - 1)}`",)
    fixes = error.fix((words[0].start, words[0].start, "let "))
    message = f"no statement begins with `{name}`"
    return error.diagnostic("SCL003", message, helps=helps, fixes=fixes, read=False)


def condition_on_the_next_line(error: SyntaxErrorContext) -> Diagnostic | None:
    """`where width > 16`, and below it `tokens > 250k`: conditions are joined by `and`."""
    between = error.source.text[error.previous.end : error.found.start]
    ends = error.previous.kind in ("number", "string", "close", "name")
    if "\n" not in between or error.open or not ends or error.found.kind != "name" or error.at(1).text not in SIGNS:
        return None
    if not (error.keyword == "expect" or error.earlier_where):
        return None
    fixes = error.fix((error.found.start, error.found.start, "and "))
    rest = error.shown(error.index, error.index + 2)
    message = "conditions are joined by `and`, on the next line too"
    return error.diagnostic("SCL012", message, helps=(f"write `and {rest}`",), fixes=fixes)


def several_in_a_let(error: SyntaxErrorContext) -> Diagnostic | None:
    """`let best = chinchilla, kaplan`: a name is of one value."""
    words = error.lexemes
    if error.keyword != "let" or error.found.text != "," or error.open or len(words) < 5 or words[2].text != "=":
        return None
    values = error.shown(3, len(words) - 1)
    if error.words.get(words[3].text) != "fit":
        return None
    helps = (
        f"list them where they are fitted: `fit {values}`",
        f"or name one: `let {words[1].text} = {words[3].text}`",
    )
    return error.diagnostic("SCL001", "a `let` names one value", helps=helps, read=False)


def call_in_a_call(error: SyntaxErrorContext) -> Diagnostic | None:
    """`fit power(N, power(D)`, `expect alpha(power(N) > .2`: the bracket is missing further in front."""
    opener = error.open[-1] if error.open else 0
    if not opener or error.callee is None or not error.never_closed:
        return None
    place = None
    if error.found.text in SIGNS and error.keyword == "expect" and len(error.open) == 1:
        place = error.previous.end
    elif error.keyword == "fit" and not error.found.text and error.words.get(error.callee) == "fit":
        inner = [i for i in range(opener + 1, error.index - 2) if error.lexemes[i].text == ","]
        laws = [
            i for i in inner if error.words.get(error.lexemes[i + 1].text) == "fit" and error.lexemes[i + 2].text == "("
        ]
        place = error.lexemes[laws[0]].start if laws else None
    if place is None:
        return None
    closed = f"{error.source.text[error.lexemes[opener - 1].start : place].rstrip()})"
    fixes = error.fix((place, place, ")"))
    return error.diagnostic(
        "SCL004",
        "`(` is never closed: `)` is missing",
        span=error.span_from(place, place),
        helps=(f"close it where its call ends: `{closed}`",),
        fixes=fixes,
    )
