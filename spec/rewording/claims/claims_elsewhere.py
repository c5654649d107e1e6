"""Claims as tests of programs and queries write them: `approx(...)`, `.toBeCloseTo`, `GROUP BY`."""

from __future__ import annotations

import re
from collections.abc import Iterator

from ...diagnostics.collect import Fault
from ...errors import SpecError
from ...expressions.sweeps import read
from ...syntax.numbers import short, text_of
from ...syntax.parser import parse_value
from ..constructs import NUMBER, Construct, Statement, closing, parts
from .claims_tested import LAW, TESTS

#: What is near enough where nothing is said.
NEAR = "5%"
_MODULES = r"(?:[A-Za-z_]\w*\.)*"
_APPROX = re.compile(
    rf"(?:==?|~|≈|\bis\b|\bequals?\b)\s*{_MODULES}(?:approx|Approx|about|near|roughly|approximately)\s*(?=\()"
)
_CLOSE = re.compile(
    rf"(?:\bself\.)?{_MODULES}\b(?:isclose|is_close|allclose|assert_allclose|assert_close|almost_equal|assertAlmostEqual|"
    r"assert_almost_equal|assert_approx_equal|assertAlmostEquals|expect_equal|all_close|assertEqual|expect_near|"
    r"EXPECT_NEAR|ASSERT_NEAR|all_equal|within_abs)\s*(?=\()"
)
_ORDERED = {
    **dict.fromkeys(("assertless", "assertlessthan", "expect_lt", "tobelessthan", "below", "lt", "lessthan"), "<"),
    **dict.fromkeys(("is_less_than", "islessthan", "less_than", "be_lt", "under"), "<"),
    **dict.fromkeys(("assertgreater", "expect_gt", "tobegreaterthan", "above", "gt", "greaterthan", "exceeds"), ">"),
    **dict.fromkeys(("is_greater_than", "isgreaterthan", "greater_than", "be_gt", "over"), ">"),
    **dict.fromkeys(("assertlessequal", "expect_lte", "tobelessthanorequal", "le", "lte", "atmost", "at_most"), "<="),
    **dict.fromkeys(("assertgreaterequal", "expect_gte", "tobegreaterthanorequal", "ge", "gte", "atleast"), ">="),
    "at_least": ">=",
}
_EQUAL = ("equals", "eq", "tobe", "toequal", "equal", "is", "tobecloseto", "closeto", "close_to", "approx", "is_close")
_REDUCED = {
    **dict.fromkeys(("mean", "avg", "average", "nanmean"), "mean"),
    "median": "median",
    **dict.fromkeys(("min", "amin", "minimum"), "min"),
    **dict.fromkeys(("max", "amax", "maximum"), "max"),
    **dict.fromkeys(("std", "stdev", "stddev", "var", "ptp", "range", "sd"), "spread"),
}
_DROPPED = (
    "item",
    "value",
    "values",
    "tolist",
    "to_numpy",
    "numpy",
    "result",
    "estimate",
    "point",
    "all",
    "any",
    "iloc",
)


def tolerances(statement: Statement) -> Iterator[Construct]:
    """`== pytest.approx(0.34, abs=0.05)`, `np.isclose(alpha, 0.34, atol=.05)`, `assertAlmostEqual(a, b, places=2)`."""
    text = statement.text
    said = "how near a number is to another says `within`"
    for found in _APPROX.finditer(text):
        end = closing(text, found.end())
        if end is None:
            continue
        value, *options = parts(text[found.end() + 1 : end - 1])
        written = f"within {_tolerance(value, options)} of {value}"
        first = len(text[: found.start()].rstrip())
        left = re.sub(r"^\w+\s+", "", text[:first]).strip()
        yield Construct(found.start(), end, said, written, (f"write `{left} {written}`",), code="SCL023")
    for found in _CLOSE.finditer(text):
        end = closing(text, found.end())
        given = parts(text[found.end() + 1 : end - 1]) if end is not None else []
        if end is None or len(given) < 2:
            continue
        one, two, *options = given
        equal = "equal" in found[0].lower() and "almost" not in found[0].lower()
        written = f"{one} within {NEAR if equal and not options else _tolerance(two, options)} of {two}"
        keyword = "expect " if found.start() == 0 and not re.match(r"expect\b(?!_)", text) else ""
        tail = re.compile(r"\s*==\s*True\b").match(text, end)
        yield Construct(
            found.start(),
            tail.end() if tail else end,
            said,
            keyword + written,
            (f"write `expect {written}`",),
            code="SCL023",
        )


def _tolerance(value: str, options: list[str]) -> str:
    """How near, by the options of a function that compares: a number, or a percentage."""
    named = {k.strip(): v.strip() for k, _, v in (o.partition("=") for o in options) if v}
    plain = [o for o in options if "=" not in o and re.fullmatch(NUMBER, o)]
    for name in ("abs", "atol", "abs_tol", "delta", "tol", "tolerance", "eps", "margin", "absolute"):
        if name in named:
            return named[name]
    for name in ("rel", "rtol", "rel_tol", "relative", "r"):
        if name in named and re.fullmatch(NUMBER, named[name]) and named[name][-1] in "%0123456789":
            return _percent(named[name])
    places = named.get("places") or named.get("decimal") or named.get("digits") or named.get("numDigits")
    if places is None and plain and plain[0].isdigit() and 0 < int(plain[0]) < 9:
        places = plain[0]
    if places is not None and places.isdigit():
        return text_of(float(f"{0.5 * 10.0 ** -int(places):.3g}"))
    return plain[0] if plain else NEAR


def _percent(number: str) -> str:
    return number if number.endswith("%") else f"{float(number) * 100:.6g}%"


_MARGIN = re.compile(
    rf"(?P<sign>[<>]=?)\s*(?P<at>{NUMBER})\s*(?:\+/-|\+-|-\+|±|\\pm)\s*(?P<by>{NUMBER})(?=\s*(?:$|and\b|or\b|where\b))"
)


def margins(statement: Statement) -> Iterator[Construct]:
    """`alpha > .2 +/- .05`: a bound is one number."""
    for found in _MARGIN.finditer(statement.text) if statement.keyword == "expect" else ():
        left = re.sub(r"^expect\s+", "", statement.text[: found.start()]).strip()
        said = f"a bound is one number, and has no `+/-`: {_OF_SCATTER}"
        written = f"{found['sign']} {found['at']}"
        helps = (f"write `{left} {written}`", f"or how near it is: `{left} within {found['by']} of {found['at']}`")
        yield Construct(found.start(), found.end(), said, written, helps, code="SCL023")


_OF_SCATTER = "every claim is judged with the scatter of what it compares"


def methods(statement: Statement) -> Iterator[Construct]:
    """`loss(width=64).mean()`, `alpha(chinchilla).within(.05).of(.34)`, `expect(E).toBeLessThan(2)`."""
    text = statement.text
    for call in re.finditer(r"[A-Za-z_]\w*\s*(?=\()", text) if statement.keyword == "expect" else ():
        end = closing(text, call.end())
        if end is None or not re.compile(r"\.[A-Za-z_]").match(text, end):
            continue
        start, inner = call.start(), text[call.start() : end]
        if call[0].strip() in ("expect", "assert_that", "assertThat", "check", "verify") and start == 0:
            start, inner = 0, text[call.end() + 1 : end - 1].strip()
        chain = _chain(text, end)
        made = _chained(inner, chain, statement)
        if made is None:
            continue
        written, said = made
        stop = chain[-1][2]
        prefix = "expect " if start == 0 else ""
        yield Construct(start, stop, said, prefix + written, (f"write `{written}`",), code="SCL023")


def _chain(text: str, at: int) -> list[tuple[str, list[str] | None, int]]:
    """The members behind a place: their names, what each is called with, and where it ends."""
    found: list[tuple[str, list[str] | None, int]] = []
    while more := re.compile(r"\.([A-Za-z_]\w*)\s*").match(text, at):
        end = closing(text, more.end()) if text[more.end() : more.end() + 1] == "(" else None
        given = None if end is None else parts(text[more.end() + 1 : end - 1])
        at = end if end is not None else more.end() - (len(more[0]) - len(more[0].rstrip()))
        found.append((more[1], given, at))
    return found


def _chained(
    inner: str, chain: list[tuple[str, list[str] | None, int]], statement: Statement
) -> tuple[str, str] | None:
    """What a quantity with members behind it comes to, and what is said of them."""
    written, near = inner, ""
    said = (
        "a quantity has no members: what is made of it, and where it is asked, stands around and inside its parentheses"
    )
    for name, given, _ in chain:
        low = name.lower()
        if low in _REDUCED:
            written = f"{_REDUCED[low]}({written})"
        elif low in TESTS or low in ("ci", "interval", "conf_int", "lower", "upper", "stderr", "se", "low", "high"):
            return None
        elif low in ("within", "to_be_within", "be_within") and given:
            near = given[0]
        elif low in ("of", "away_from") and given and near:
            written, near, said = (
                f"{written} within {near} of {given[0]}",
                "",
                "a claim is written with signs and words",
            )
        elif low in ("between", "tobebetween", "in_range", "isbetween", "is_between") and given and len(given) == 2:
            written, said = f"{written} in [{given[0]}..{given[1]}]", "a claim is written with signs and words"
        elif low in _ORDERED and given:
            written, said = f"{written} {_ORDERED[low]} {given[0]}", "a claim is written with signs and words"
        elif low in _EQUAL and given:
            written = f"{written} within {_tolerance(given[0], given[1:])} of {given[0]}"
            said = "a claim is written with signs and words"
        elif low in ("at", "where", "sel", "loc", "query", "filter", "for_", "select") and given:
            written = _selected(written, ", ".join(given))
        elif given is None and re.search(
            rf"\b{re.escape(name)}\s*:|[{{,]\s*{re.escape(name)}\b|\s(?:as|named|called)\s+{re.escape(name)}\b",
            statement.study,
        ):
            written = _selected(written, name)
        elif low not in (*_DROPPED, "to", "be", "not_to", "should", "has", "and_", "which"):
            return None
    return (written, said) if not near else None


def _selected(call: str, chosen: str) -> str:
    """A quantity with more selectors in its parentheses."""
    chosen = chosen.replace("==", "=").strip("\"'")
    if not call.endswith(")"):
        return f"{call}({chosen})"
    return f"{call[:-1]}{'' if call.endswith('()') else ', '}{chosen})"


def messages(statement: Statement) -> Iterator[Construct]:
    """`expect alpha > .3, "alpha is off"`: a text behind a claim."""
    found = re.search(r"\s*,\s*(?:msg\s*=\s*)?[fr]?(\"[^\"\n]*\"|'[^'\n]*')\s*$", statement.text)
    if statement.keyword == "expect" and found is not None and not _open(statement.text, found.start()):
        note = found[1].strip("\"'")
        said = "a claim has no message of its own: the report says what was found"
        yield Construct(
            found.start(), found.end(), said, f"  # {note}", (f"write it behind a `#`: `# {note}`",), code="SCL015"
        )


def _open(text: str, at: int) -> bool:
    return sum(text.count(c, 0, at) for c in "([{") > sum(text.count(c, 0, at) for c in ")]}")


_GROUPED = re.compile(
    r"\b(?:GROUP\s+BY|ORDER\s+BY|PARTITION\s+BY|OVER\s*\(|HAVING|LIMIT\s+\d)\b.*$", re.IGNORECASE | re.DOTALL
)
_PLAIN = re.compile(r"\b(?P<agg>[A-Za-z]+)\s*\((?P<inner>[^()]*(?:\([^()]*\))?)\)\s*(?P<rest>[<>]=?\s*\S+)")


def queries(statement: Statement) -> Iterator[Construct]:
    """`expect AVG(loss) < 3 GROUP BY width HAVING width >= 32`; `fit power(D) GROUP BY width`."""
    text = statement.text
    found = _GROUPED.search(text)
    if found is None or statement.keyword not in ("expect", "fit"):
        return
    start, clause = found.start(), found[0]
    kept = re.search(r"\b(?:HAVING|WHERE)\s+(.+?)(?=\bORDER\b|\bLIMIT\b|$)", clause, re.IGNORECASE | re.DOTALL)
    where = f" where {re.sub(r'(?<![<>=!])=(?!=)', '==', kept[1].strip())}" if kept else ""
    where = re.sub(r"\bAND\b", "and", re.sub(r"\bOR\b", "or", where))
    by = re.search(r"\bBY\s+([A-Za-z_]\w*)", clause, re.IGNORECASE)
    axis = by[1] if by else ""
    if statement.keyword == "fit":
        law = text[:start].rstrip()
        said = "a law has a fit of its own at each value of an axis that it does not read: nothing is grouped"
        helps: tuple[str, ...] = (
            f"write `{law}{where}`",
            "or, for an axis that moves its variables, `panel` before the axis",
        )
        put = where.strip()
        added: tuple[tuple[int, int, str], ...] = ()
        table = re.search(r"(?m)^data\s+table\([^()]*(?=\))", statement.study) if axis and not where else None
        if table is not None and not re.search(rf"\b{axis}\s*=", table[0]):
            at = table.end() - statement.start
            added = ((at, at, f', {axis}="{axis}"'),)
            helps = (f'leave it out, and name the column in the table, `{axis}="{axis}"`: each of its texts has a fit',)
        yield Construct(start, len(text), said, put, helps, added)
        return
    plain = _PLAIN.search(text[:start])
    reduced = _REDUCED.get(plain["agg"].lower(), "") if plain else ""
    more = ((plain.start("agg"), plain.end("agg"), reduced),) if plain and reduced else ()
    claim = (
        f"{reduced}({plain['inner']}) {plain['rest']}"
        if plain and reduced
        else re.sub(r"^\w+\s+", "", text[:start]).strip()
    )
    helps = (f"write `expect {claim}{where}`, over all that is left",)
    values = axis_values(statement.study, axis)
    if plain and reduced and axis and values and "(" not in plain["inner"]:
        each = [f"{reduced}({plain['inner']}({axis}={v})) {plain['rest']}" for v in values[-3:]]
        helps += (f"or, at single values of `{axis}`, `expect {' and '.join(each)}`",)
    said = "nothing is grouped in a claim: a reduction takes all the cells that `where` leaves"
    yield Construct(start, len(text), said, where.strip(), helps, more)


def axis_values(study: str, name: str) -> list[str]:
    """The values of an axis of numbers in a study's text, as a claim writes them."""
    given = re.search(rf"\b{re.escape(name)}\s+(?:in|along)\s+([\[{{][^\]}}]*[\]}}])", study) if name else None
    if given is None:
        return []
    try:
        points = read((name,), parse_value(given[1]), lambda d: None)
    except (SpecError, Fault):
        return []
    return [p[0] if isinstance(p[0], str) else short(p[0]) for p in points.points] if points else []


_FORETELLS = re.compile(
    rf"\b(?:predict|foretell|extrapolat|forecast|generali[sz]e)\w*\s*\(\s*(?P<law>{LAW}(?:\([^()]*\))?)"
    rf"\s*,[^()]*[<>][^()]*\)\s*(?:to\s+)?(?:within|<=?|by|to)\s*(?P<share>{NUMBER}%?)"
)
_MEMBER = re.compile(r"\boptimum\s*\(\s*(?P<law>[A-Za-z_]\w*)\s*\)\s*\.\s*(?P<name>[A-Za-z_]\w*)")


_ENDED = re.compile(
    r"expect\s+(?:that\s+)?(?:(?:no|none|all|every|each|any)\b[^<>=\n]*\b(?:runs?|models?|cells?|training|seeds?)\b"
    r"[^<>=\n]*|never\s+|(?:not|nothing)\s+)\b(?:diverg|converg|crash|fail|finish|nan|explod|stable|complet)\w*[^<>=\n]*$"
    r"|expect\s+(?:the\s+)?(?:loss(?:es)?|training|models?|runs?)\s+(?:(?:is|are|stays?|remains?|does|do|==?|!=)\s+)?(?:not\s+)?"
    r"(?:finite|nan|inf(?:inite)?|stable|converge[sd]?|diverge[sd]?)$",
    re.IGNORECASE,
)


def ended(statement: Statement) -> Iterator[Construct]:
    """`expect no run diverges`, `expect loss is finite`: the report says so, whatever is claimed."""
    if (found := _ENDED.match(statement.text.rstrip())) is not None:
        said = "whether a run diverged is no number that is compared"
        why = "counts as an infinite loss, enters no fit, and the report and the status of `run` tell it"
        yield Construct(0, found.end(), said, "", (f"leave the claim out: a run that diverges {why}",))


_TAKES = re.compile(
    r"expect\s+(?:[a-z]+\s+)?(?:wall[_ -]?)?(?:time|duration|runtime|memory|vram)\s*[<>]=?\s*"
    r"(?P<at>[\d.]+\s*[A-Za-z]+)",
    re.IGNORECASE,
)


def limits(statement: Statement) -> Iterator[Construct]:
    """`expect training time < 1h and memory < 8GB`: what a study may take is its budget."""
    if (found := _TAKES.match(statement.text.rstrip())) is not None:
        given = re.fullmatch(r"([\d.]+)\s*(s|min|h|d)\w*", found["at"])
        written = f"budget {given[1]}{given[2]}" if given is not None else "budget 1h"
        said = "what a study may take is no claim, but a limit of its own"
        why = "; memory is what the machine has: `scalingdsl plan` tells what is needed"
        helps = (f"write `{written}`{why if 'mem' in statement.text.lower() else ''}",)
        yield Construct(0, len(statement.text.rstrip()), said, written, helps, code="SCL024")


def foretold(statement: Statement) -> Iterator[Construct]:
    """`predicts(chinchilla, D >= 1B) within 2%`, `optimum(chinchilla).a`."""
    text = statement.text
    for found in _FORETELLS.finditer(text) if statement.keyword == "expect" else ():
        written = f"holdout({found['law']}) < {found['share']}"
        said = "what the condition of a fit leaves out is its hold-out, whose error is a number of the fit"
        yield Construct(found.start(), found.end(), said, written, (f"write `expect {written}`",), code="SCL024")
    for found in _MEMBER.finditer(text) if statement.keyword == "expect" else ():
        written = f"{found['name']}(surface({found['law']}))"
        said = "the best sizes on a fitted law are `surface` of it, and what they give stands before the parentheses"
        added = f"optimum surface({found['law']})"
        helps = (f"write `{written}`", *(() if added in statement.study else (f"and `{added}`",)))
        yield Construct(found.start(), found.end(), said, written, helps, code="SCL023")


_COMPARED = re.compile(
    rf"\b(?P<one>{LAW}(?:\([^()]*\))?)\s+(?:(?:is|fits|does|works|performs|predicts|describes)\s+)?"
    r"(?:(?:much|far|significantly|clearly)\s+)?(?P<how>better|worse|beats?|outperforms?|wins(?: over| against)?|"
    r"preferred (?:to|over)|>>|≻|loses(?: to)?)\s*(?:fit\s+)?(?:than\s+)?"
    rf"(?P<two>{LAW}(?:\([^()]*\))?)(?!\w)"
)


def laws_compared(statement: Statement) -> Iterator[Construct]:
    """`expect chinchilla better than kaplan`: laws are compared by a number of theirs."""
    for found in _COMPARED.finditer(statement.text) if statement.keyword == "expect" else ():
        sign = ">" if re.match("worse|loses", found["how"]) else "<"
        written = f"validation({found['one']}) {sign} validation({found['two']})"
        said = "laws are compared by a number of theirs, such as their error on cells left out"
        helps = (
            f"write `{written}`",
            f"or, on the cells they are fitted to, `{written.replace('validation', 'rmse_log')}`",
        )
        yield Construct(found.start(), found.end(), said, written, helps, code="SCL023")


_SIZE_AT = re.compile(
    r"\b(?P<size>N|D|C|tokens|data|params|parameters|compute|flops)(?:_(?:needed|required|for|to|at|reach|loss|target))*\("
)
_SIZE_OF = {"t": "D", "d": "D", "p": "N", "n": "N", "c": "C", "f": "C"}


def sizes_at_a_loss(statement: Statement) -> Iterator[Construct]:
    """`C(surface(chinchilla), L=2.2) < 1e21`: no law is turned round, and what it foretells there is claimed."""
    text = statement.text
    for call in _SIZE_AT.finditer(text) if statement.keyword == "expect" else ():
        end = closing(text, call.end() - 1)
        given = parts(text[call.end() : end - 1]) if end else []
        losses = [m for one in given if (m := re.fullmatch(rf"(?:L|loss|target)\s*=\s*({NUMBER})", one))]
        bound = re.compile(rf"\s*(?P<sign>[<>]=?)\s*(?P<size>{NUMBER})").match(text, end) if end else None
        if bound is None or len(losses) != 1 or not re.match(r"[A-Za-z]", given[0]):
            continue
        rest = [one for one in given if one != losses[0][0]]
        at = ", ".join((*rest, f"{_SIZE_OF[call['size'][0].lower()]}={bound['size']}"))
        written = f"L({at}) {bound['sign']} {losses[0][1]}"
        said = "no law is turned round: the loss that it foretells at a size is compared"
        yield Construct(call.start(), bound.end(), said, written, (f"write `expect {written}`",), code="SCL024")


FINDERS = (
    sizes_at_a_loss,
    laws_compared,
    margins,
    tolerances,
    ended,
    limits,
    foretold,
    methods,
    queries,
    messages,
)
