"""Slips in values and conditions: ranges, sweeps, comparisons, and the sign between a name and its value."""

from __future__ import annotations

import re
from dataclasses import replace

from ...errors import Diagnostic, Label
from ..numbers import multiplied
from ..scanner import CLOSER, STATEMENTS, WORDS
from ..statement_examples import EXAMPLES, with_factors
from .error_context import ARITHMETIC, COMPONENTS, SIGNS, SyntaxErrorContext


def wrong_sign(error: SyntaxErrorContext) -> Diagnostic | None:
    """`data: walk(...)`, `n: 512`, `lr == 3`, `where param = muP`, `{a = 1}`, `let x in {1, 2}`, `let x := 3`."""
    found, previous = error.found, error.previous

    def instead(message: str, meant: str, name: str) -> Diagnostic:
        start = previous.end if meant == ":" else found.start
        fixes = error.fix((start, found.end, meant))
        return error.diagnostic("SCL015", message, helps=(f"write `{name}`",), fixes=fixes)

    name = previous.text if previous.kind != "close" else error.shown(_opened(error), error.index - 1)
    if error.index == 1 and error.keyword and error.keyword != "let" and found.text in ("=", ":", "=="):
        return _sign_after_keyword(error)
    if previous.kind == "name" and "=" in error.accepts:
        if found.text == ":" and error.at(1).text == "=" and error.at(1).start == found.end:
            return _given(error, "a value is given with `=`, not `:=`", 1)
        if found.text == "<" and error.at(1).text == "-" and error.at(1).start == found.end:
            return _given(error, "a value is given with `=`, not `<-`", 1)
        if error.keyword == "let" and found.text == ":" and error.at(1).kind == "name" and error.at(2).text == "=":
            value = error.shown(error.index + 3, len(error.lexemes) - 1)
            fixes = error.fix((previous.end, error.at(1).end, ""))
            helps = (f"write `let {previous.text} = {value}`",)
            span = error.span_of(found, error.at(1))
            return error.diagnostic("SCL015", "a let has no type", span=span, helps=helps, fixes=fixes)
        if found.text == ":" and (error.keyword not in COMPONENTS or error.open):
            return _given(error, "a value is given with `=`, not `:`")
        if found.text == "in" and error.keyword == "let":
            return _given(error, "`let` names a value with `=`; `in` makes an axis, elsewhere")
        if (
            error.keyword == "let"
            and not error.open
            and error.index == 2
            and found.kind in ("name", "number", "string")
        ):
            value = error.shown(error.index, len(error.lexemes) - 1)
            between = "= " if error.source.text[previous.end : found.start] else " = "
            fixes = error.fix((found.start, found.start, between))
            if found.text in ("be", "is", "as", "to"):
                value, fixes = error.shown(error.index + 1, len(error.lexemes) - 1), error.replaced("=")
            message = f"`=` is missing between `{name}` and its value"
            return error.diagnostic("SCL015", message, helps=(f"write `let {name} = {value}`",), fixes=fixes)
    if found.text == "==" and previous.kind == "name" and not error.open and "==" not in error.accepts:
        return _given(error, "`==` compares; a value is given with `=`")
    if found.text == "=" and previous.kind == "name" and ":" in error.accepts:
        return instead("a label in a set takes `:`, not `=`", ":", f"{name}: ...")
    if found.text == "=" and "==" in error.accepts:
        value = (
            error.at(1).text
            if error.at(1).kind in ("number", "name", "string") and error.at(2).kind != "open"
            else "..."
        )
        return instead("`=` gives a value; `==` compares", "==", f"{name} == {value}")
    if found.text == "=" and "in" in error.accepts:
        role = next((x.text for x in reversed(error.lexemes[: error.index]) if x.text in ("tune", "panel")), "tune")
        message = f"`{role}` is said of an axis, so it takes `in` and several values"
        several = error.at(1).text in ("{", "[")
        last = error.closing(error.index + 1) if several else None
        values = error.shown(error.index + 1, last) if last is not None else "{..., ...}"
        fixes = error.replaced("in") if several else ()
        return error.diagnostic("SCL009", message, helps=(f"write `{role} {name} in {values}`",), fixes=fixes)
    return None


def _sign_after_keyword(error: SyntaxErrorContext) -> Diagnostic:
    """`data: walk(...)`, `fit = chinchilla`, and a whole tree of YAML behind `models:`."""
    found, previous = error.found, error.previous
    text = error.source.text
    apart = previous.end < found.start or text[found.end : found.end + 1].isspace()
    end = found.end
    if apart and previous.end < found.start and text[found.end : found.end + 1] == " ":
        end += 1
    fixes = error.fix((found.start, end, "" if apart else " "))
    below = "\n" in text[found.end : error.at(1).start]
    if not error.at(1).text or (below and error.at(2).text == ":"):
        fixes = error.fix((found.start, end, ""), sure=False) if error.keyword in COMPONENTS else ()
    helps: tuple[str, ...] = (f"leave the `{found.text}` out",)
    if not below and error.at(1).text:
        rest = error.shown(error.index + 1, len(error.lexemes) - 1)
        helps = (f"leave the `{found.text}` out: `{error.keyword} {rest}`",)
    notes: tuple[str, ...] = ()
    if found.text == ":":
        first, second = EXAMPLES[error.keyword or "data"]
        notes = (f"this reads as YAML; here a `{error.keyword}` statement is written `{first}` or `{second}`",)
    said = error.diagnostic(
        "SCL015", f"no `{found.text}` stands after `{error.keyword}`", helps=helps, fixes=fixes, read=False
    )
    return replace(said, notes=notes)


def _opened(error: SyntaxErrorContext) -> int:
    """Index at which the call or group that was just closed begins."""
    opener = error.opening(error.index - 1)
    assert opener is not None, "what was read so far is closed in order"
    return opener - 1 if opener and error.calls(opener - 1) else opener


def _given(error: SyntaxErrorContext, message: str, more: int = 0) -> Diagnostic:
    """Something else than `=` between a name and its value: the lexeme found, and so many more."""
    following = error.at(1 + more)
    after = error.shown(error.index + 1 + more, error.item[1]) if following.text and error.open else "..."
    if error.keyword == "let" and not error.open and following.text:
        after = error.shown(error.index + 1 + more, len(error.lexemes) - 1)
    if following.kind in ("name", "number", "string") and not error.open and error.keyword != "let":
        after = following.text
    let = "let " if error.keyword == "let" else ""
    spaced = "=" if error.within == "call" else " = "
    helps = (f"write `{let}{error.previous.text}{spaced}{after}`",)
    fixes = error.fix((error.found.start, error.at(more).end, "="))
    return error.diagnostic("SCL015", message, helps=helps, fixes=fixes)


def option_outside(error: SyntaxErrorContext) -> Diagnostic | None:
    """`fit chinchilla, objective=huber(1e-3)`; `fit chinchilla bootstrap=100`."""
    found, previous = error.found, error.previous
    if error.keyword not in ("fit", "optimum") or error.open:
        return None
    if found.text in ("to", "on", "against") and error.words.get(error.at(1).text) == "":
        return _measured_as_option(error)
    name = previous if found.text == "=" else found
    at = error.index - (found.text == "=")
    if found.text in ("with", "using", "by") and error.at(2).text == "=":
        name, at = error.at(1), error.index + 1
    if name.kind != "name" or error.lexemes[at + 1 : at + 2] == () or error.lexemes[at + 1].text != "=" or at < 2:
        return None
    before = at - 1 - (error.lexemes[at - 1].text in (",", "with", "using", "by"))
    first = before
    while first > 1 and error.lexemes[first - 1].text != ",":
        first -= 1
    last = _end_of_value(error, at + 2)
    option = f"{name.text}={error.shown(at + 2, last)}"
    while (apart := [x.text for x in error.lexemes[last + 1 : last + 4]])[2:] == ["="] or apart[1:2] == ["="]:
        another = last + 1 + (apart[0] == ",")
        last = _end_of_value(error, another + 2)
        option += f", {error.lexemes[another].text}={error.shown(another + 2, last)}"
    law, closer = error.shown(first, before), error.lexemes[before]
    if closer.text == ")":
        inner = "" if error.lexemes[before - 1].text == "(" else ", "
        meant = f"{law[:-1]}{inner}{option})"
    elif closer.kind == "name" and first == before:
        meant = f"{law}({option})"
    else:
        return None
    fixes = error.fix((error.lexemes[first].start, error.lexemes[last].end, meant))
    message = f"what is said of a law, as here by `{name.text}`, stands in its parentheses"
    span = error.span_of(name, error.lexemes[last])
    return error.diagnostic("SCL015", message, span=span, helps=(f"write `{meant}`",), fixes=fixes)


def _measured_as_option(error: SyntaxErrorContext) -> Diagnostic | None:
    """`fit chinchilla to excess`."""
    first, closer, measured = max(error.item[0], 1), error.previous, error.at(1)
    law = error.shown(first, error.index - 1)
    if closer.text != ")" and closer.kind != "name":
        return None
    inner = "" if error.at(-2).text == "(" else ", "
    meant = f"{law[:-1]}{inner}loss={measured.text})" if closer.text == ")" else f"{law}(loss={measured.text})"
    helps: tuple[str, ...] = (f"write `{meant}`",)
    if measured.text == "loss":
        meant, helps = law, ("leave it out: laws are fitted to the loss",)
    fixes = error.fix((error.lexemes[first].start, measured.end, meant))
    message = f"no `{error.found.text}` stands after a law: what it is fitted to is its option `loss`"
    span = error.span_of(error.found, measured)
    return error.diagnostic("SCL015", message, span=span, helps=helps, fixes=fixes)


def _end_of_value(error: SyntaxErrorContext, first: int) -> int:
    """Last lexeme of the value that begins at the first: to the next comma, `where` or `NAME =` outside brackets."""
    depth = 0
    for i in range(first, len(error.lexemes)):
        depth += {"open": 1, "close": -1}.get(error.lexemes[i].kind, 0)
        following = [x.text for x in error.lexemes[i + 1 : i + 3]]
        if depth == 0 and following and (following[0] in (",", "where") or following[1:] == ["="]):
            return i
    return len(error.lexemes) - 1


#: Names of the loss in formulas.
_OF_LOSSES = re.compile(r"^(?:[lLyE]|err(?:or)?|ce|nll|y_hat|f)$|loss|entropy", re.IGNORECASE)


#: One quantity to a power, without a factor.
_POWER = re.compile(r"[A-Za-z_]\w*\s*\^\s*\(?\s*-?\s*[\w.]+\s*\)?")


def law_with_a_side(error: SyntaxErrorContext) -> Diagnostic | None:
    """`fit L = E + A*N^-alpha`, `fit loss ~ E + A/N^alpha`, `fit L(N, D) = ...`."""
    previous, following = error.previous, error.at(1)
    if error.keyword != "fit" or error.found.text not in ("=", "~", ":") or error.open or not following.text:
        return None
    first = max(error.item[0], 1)
    if error.found.text == ":" or not ((previous.kind == "name" and error.index - 1 == first) or previous.text == ")"):
        return None
    if previous.text == ")" and (_opened(error) != first or error.lexemes[first].kind != "name"):
        return None
    left = error.shown(first, error.index - 1)
    logs = re.findall(r"\blog(?:10|2)?\((\w+)\)", error.source.text[error.found.end : error.chunk.end])
    factors = [name for name in logs if name in ("A", "B", "K", "a", "b", "k", "c", "A0", "C0")]
    logs = [name for name in logs if name not in factors]
    if logs and re.match(r"(?:log(?:10|2)?|ln)\(", left):
        exponents = dict(zip(("N", "D"), ("alpha", "beta"), strict=True))
        law = "*".join(["A", *(f"{name}^-{exponents.get(name, f'a{i}')}" for i, name in enumerate(logs))])
        meant = f"law({law}, objective=log-mse)"
        fixes = error.fix((error.lexemes[first].start, error.lexemes[-1].end, meant), sure=False)
        message = "a line in logarithms is a power law, which is written as such"
        floor = "chinchilla" if len(logs) > 1 else f"power({logs[0]})"
        ways = (f"write `fit {meant}`, which is least squares of the log loss", f"or, with a floor, `fit {floor}`")
        return error.diagnostic("SCL015", message, helps=ways, fixes=fixes, read=False)
    end = _end_of_value(error, error.index + 1)
    right = error.shown(error.index + 1, end)
    if re.fullmatch(r"[A-Za-z_]\w*", left) and not _OF_LOSSES.search(left) and re.fullmatch(r"\w+\([^()]+\)", right):
        written = f"{right[:-1]}, loss={left})"
        span = (error.lexemes[first].start, error.lexemes[end].end, written)
        message = f"what a law is fitted to is its `loss`, and no left side of `{error.found.text}`"
        helps = (f"write `fit {written}`",)
        return error.diagnostic("SCL015", message, helps=helps, fixes=error.fix(span, sure=False), read=False)
    if _OF_LOSSES.search(left) and "(" not in left and (law := with_factors(right)):
        span = (error.lexemes[first].start, error.lexemes[end].end, law)
        message = "a law is written with its parameters, and without a left side"
        return error.diagnostic(
            "SCL015", message, helps=(f"write `fit {law}`",), fixes=error.fix(span, sure=False), read=False
        )
    if error.found.text == "~" and _POWER.fullmatch(right):
        span = (error.lexemes[first].start, error.lexemes[end].end, f"A*{right}")
        message = "what goes as a power is that power times a factor, which is a parameter too"
        helps = (f"write `fit A*{right}`",)
        return error.diagnostic("SCL015", message, helps=helps, fixes=error.fix(span, sure=False), read=False)
    helps = (f"leave `{left} {error.found.text}` out: `fit {right}`",)
    fixes = error.fix((error.lexemes[first].start, following.start, ""))
    message = f"a law is what stands on the right of `{error.found.text}`"
    return error.diagnostic("SCL015", message, helps=helps, fixes=fixes)


def matrix_in_line(error: SyntaxErrorContext) -> Diagnostic | None:
    """`markov([[.9, .1], [.4, .6]])`, `edges([(0, 1), (1, 2)])`: what is long stands in a file."""
    if error.keyword not in ("data", "let") or error.opener is None or error.found.text not in ("[", "("):
        return None
    opener = error.open[-1]
    outer = next(
        (i for i in error.open if error.lexemes[i].text in ("[", "{") and error.lexemes[i - 1].text == "("), None
    )
    if error.lexemes[opener].text not in ("[", "{") or outer is None:
        return None
    word, last = error.lexemes[outer - 2], error.closing(outer)
    numbers = [x.text for x in error.lexemes[outer : last if last is not None else len(error.lexemes)]]
    pairs = error.found.text == "(" or all(x.isdigit() for x in numbers if x[:1].isdigit() or x[:1] == ".")
    file = "graph.txt" if pairs else "matrix.csv"
    rows = "an edge a line, as in `0 1`" if pairs else "a row a line, as in `0.9,0.1`"
    rest = error.shown(last + 1, error.closing(outer - 1) or last) if last is not None and not pairs else ")"
    meant = f'{"edges" if pairs else word.text}("{file}"{rest}'
    span = error.span_of(error.lexemes[outer], error.lexemes[last] if last is not None else error.found)
    fixes = error.fix((error.lexemes[outer].start, span.end, f'"{file}"'), sure=False)
    message = "a matrix or a list of edges stands in a file of its own"
    return error.diagnostic(
        "SCL011", message, span=span, helps=(f"put it there, {rows}, and write `{meant}`",), fixes=fixes, read=False
    )


def names_in_parentheses(error: SyntaxErrorContext) -> Diagnostic | None:
    """`(width, layers) in {(16, 1), (32, 2)}`, `width, layers in {...}`."""
    if error.keyword not in COMPONENTS or error.open:
        return None
    opened = error.found.text == "("
    rest = error.source.text[error.found.start if opened else error.previous.start : error.chunk.end]
    pattern = r"\(\s*(\w+(?:\s*[,&]\s*\w+)+)\s*\)(?=\s*in\b)" if opened else r"(\w+(?:\s*,\s*\w+)+)(?=\s+in\s*\{\s*\()"
    names = re.match(pattern, rest)
    if names is None or (not opened and error.found.text != ","):
        return None
    meant = " & ".join(re.findall(r"\w+", names[1]))
    start = error.found.start if opened else error.previous.start
    fixes = error.fix((start, start + names.end(), meant))
    values = error.shown(
        next((i for i in range(error.index, len(error.lexemes)) if error.lexemes[i].text == "in"), error.index),
        len(error.lexemes) - 1,
    )
    message = "axes that move together are joined by `&`"
    span = error.span_from(start, start + names.end())
    return error.diagnostic("SCL009", message, span=span, helps=(f"write `{meant} {values}`",), fixes=fixes)


#: What a number stands before as its factor, in formulas of sizes.
FACTORS = ("N", "N_body", "D", "width", "layers", "sqrt", "log", "exp")


def product_without_sign(error: SyntaxErrorContext) -> Diagnostic | None:
    """`fit E + A N^-alpha`, `let lr = 2 width`, `lr=0.02 (width/64)^-0.5`."""
    found, previous = error.found, error.previous
    if error.keyword in COMPONENTS:
        return _factor_behind_number(error)
    arithmetic = any(x.text in ARITHMETIC for x in error.lexemes[max(error.item[0], 1) : error.index])
    if found.kind not in ("name", "open") or previous.kind not in ("name", "number", "close") or not arithmetic:
        return None
    if found.text in ("[", "{", *STATEMENTS, *WORDS) or error.at(1).text in ("=", "in"):
        return None
    if error.keyword not in ("fit", "let"):
        return None
    fixes = error.fix((previous.end, found.start, "*"))
    helps = (f"write `{previous.text}*{found.text}`",)
    return error.diagnostic("SCL008", "a product has its sign, `*`", helps=helps, fixes=fixes)


def _factor_behind_number(error: SyntaxErrorContext) -> Diagnostic | None:
    """`lr=0.02 (width/64)^-0.5`, `lr = 0.02 sqrt(64/width)`, `lr = 2 width  seed in ...`: a name read before."""
    goes_on = error.found.text in ("(", "/", "^", "*") or error.at(1).text in ("=", "in", "along", "&")
    at = error.index - (error.previous.text in FACTORS and goes_on)
    if at < 3 or at >= len(error.lexemes):
        return None
    name, sign, number, factor = error.lexemes[at - 3 : at + 1]
    following = error.lexemes[at + 1].text if at + 1 < len(error.lexemes) else ""
    binding = following in ("=", "in", "along", "&")
    if sign.text != "=" or number.kind != "number" or binding or factor.text not in ("(", *FACTORS):
        return None
    last = error.item[1] if error.open else _end_of_formula(error, at)
    fixes = error.fix((number.end, factor.start, "*"), sure=False)
    helps = (f"write `{name.text} = {number.text}*{error.shown(at, last)}`",)
    return error.diagnostic("SCL008", "a product has its sign, `*`", helps=helps, fixes=fixes)


def _end_of_formula(error: SyntaxErrorContext, at: int) -> int:
    """Index of the last lexeme of a formula, whose operand at `at` may be a call or stand in parentheses."""
    texts = [x.text for x in error.lexemes]
    while True:
        while at + 1 < len(texts) and texts[at] in ("-", "+"):
            at += 1
        opens = at if texts[at] == "(" else at + 1 if texts[at + 1 : at + 2] == ["("] else None
        closes = error.closing(opens) if opens is not None else None
        at = at if closes is None else closes
        if at + 2 >= len(texts) or texts[at + 1] not in ARITHMETIC:
            return at
        at += 2


def compared_axis(error: SyntaxErrorContext) -> Diagnostic | None:
    """`models ... width >= 16`: an axis takes `in`, a condition `where`."""
    found, previous = error.found, error.previous
    if found.text not in SIGNS or previous.kind != "name" or error.keyword not in COMPONENTS or error.open:
        return None
    if "in" not in error.accepts or found.text == "==":
        return None
    condition = f"where {previous.text} {found.text} {error.at(1).text}"
    helps = (f"write `{previous.text} in [...]` for an axis", f"or `{condition}` for a condition on another")
    fixes = error.fix((previous.start, previous.start, "where "), sure=False)
    message = f"`{found.text}` compares, and an axis takes `in`"
    return error.diagnostic("SCL009", message, helps=helps, fixes=fixes)


def sweep_arithmetic(error: SyntaxErrorContext) -> Diagnostic | None:
    """`{20, 50}*N`, `2*[1..8]`."""
    found, previous = error.found, error.previous
    if found.text in ARITHMETIC and previous.text in ("}", "]"):
        first = error.opening(error.index - 1)
        last = error.index - 1
    elif found.text in ("{", "[") and previous.text in ARITHMETIC:
        first = error.index
        last = error.closing(error.index) or error.index
    else:
        return None
    if first is None:
        return None
    sweep = error.shown(first, last)
    sign = found.text if found.text in ARITHMETIC else previous.text
    behind = found.text == sign
    at = last + 2 if behind else first - 2
    factor, beyond = error.lexemes[at : at + 1], error.lexemes[(at + 1 if behind else at - 1) :][:1]
    apart = not beyond or beyond[0].text not in ARITHMETIC
    if sign == "*" and at > 0 and factor and apart and (each := multiplied(sweep, factor[0].text)):
        low, high = (error.lexemes[first], factor[0]) if behind else (factor[0], error.lexemes[last])
        fixes = error.fix((low.start, high.end, each), sure=False)
        span = error.span_of(low, high)
        message = f"a sweep stays whole: `*` cannot reach into `{sweep}`"
        return error.diagnostic("SCL010", message, span=span, helps=(f"write `{each}`",), fixes=fixes)
    given = next((i for i in range(first - 1, 0, -1) if error.word(i) in ("in", "along", "=")), None)
    way = f"ratio in {sweep}  tokens = ratio*N"
    if error.keyword not in COMPONENTS:
        way = ""
    elif given is not None:
        before = error.shown(given + 1, first - 1) if given + 1 < first else ""
        end = _end_of_formula(error, last)
        after = error.shown(last + 1, end) if end > last else ""
        one = not re.search(r"[\[{]", before + after)
        way = f"ratio in {sweep}  {error.word(given - 1)} = {f'{before}ratio{after}' if one else '...'}"
    return error.diagnostic(
        "SCL010",
        f"a sweep stays whole: `{sign}` cannot reach into `{sweep}`",
        span=error.span_of(found if found.text == sign else previous),
        labels=(
            Label(error.span_of(error.lexemes[first], error.lexemes[last]), "this is a sweep, an axis of its own"),
        ),
        helps=(
            f"give the axis a name and calculate with that: write `{way}`"
            if way
            else "write its values as they come out",
        ),
    )


def comparison_in_call(error: SyntaxErrorContext) -> Diagnostic | None:
    """`rank(loss > 5)`, `{a > 1}`."""
    found, opener = error.found, error.opener
    if opener is None or (opener.text == "(" and error.callee is None):
        return None
    if found.text not in (*SIGNS, "and", "or", "not", "within", "in") or found.text in error.accepts:
        return None
    if found.text == "in" and error.within != "call":
        return None
    if found.text == "==" and error.within == "call" and error.item[0] == error.index - 1:
        return _given(error, "`==` compares; an argument is given with `=`")
    where = {"call": "inside a call", "range": "in a range", "set": "in a set"}[error.within]
    word = "a comparison" if found.text in SIGNS or found.text in ("within", "in") else f"`{found.text}`"
    item = error.shown(*error.item)
    helps = (f"put the condition in parentheses of its own: `{error.callee}(({item}))`",)
    if found.text == "and" and re.fullmatch(r"[\w.]+ = [\w.]+(?: and [\w.]+ ==? [\w.]+)+", item):
        helps = (
            f"what is selected is parted by commas: `{error.callee}({item.replace(' and ', ', ').replace('==', '=')})`",
        )
    if error.within != "call":
        helps = ("a condition stands after `where` or `expect`, or in parentheses",)
    return error.diagnostic("SCL016", f"{word} {where} needs parentheses", helps=helps)


def comparison_goes_on(error: SyntaxErrorContext) -> Diagnostic | None:
    """`0 < x in [1..2]`; `x > {1, 2}`."""
    found, previous = error.found, error.previous
    if found.text in ("in", "within") and ("and" in error.accepts or error.accepts >= SIGNS):
        message = f"`{found.text}` cannot follow another comparison"
        helps = (f"join two conditions by `and`: `0 < x and x {found.text} ...`",)
        return error.diagnostic("SCL016", message, helps=helps)
    if found.text in SIGNS and "and" in error.accepts:
        message = f"`{found.text}` cannot follow `in` or `within`"
        return error.diagnostic("SCL016", message, helps=("join two conditions by `and`",))
    if found.text in CLOSER and found.text != "(" and previous.text in SIGNS:
        message = "a comparison takes single values, not a range or a set"
        helps = ("for membership write `in`: `x in [1..2]`, `x in {1, 2}`",)
        last, name = error.closing(error.index), error.lexemes[error.index - 2]
        before = error.lexemes[error.index - 3].text if error.index > 2 else ""
        if last is None or name.kind != "name" or previous.text not in ("==", "!=") or before not in _BEGINS:
            return error.diagnostic("SCL016", message, helps=helps)
        meant = f"{'not ' if previous.text == '!=' else ''}{name.text} in {error.shown(error.index, last)}"
        fixes = error.fix((name.start, error.lexemes[last].end, meant), sure=False)
        return error.diagnostic("SCL016", message, helps=(f"write `{meant}`",), fixes=fixes)
    return None


#: Words that a condition begins behind.
_BEGINS = ("where", "expect", "and", "or", "(")
