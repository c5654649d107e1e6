"""Values of axes and of parameters as other tools write them: lists made by a rule, draws, choices by a condition."""

from __future__ import annotations

import re
from collections.abc import Iterator

from ..errors import SpecError
from ..syntax.numbers import number, text_of
from ..vocabulary.base import KINDS, PARTS, REGISTRY
from .constructs import NUMBER, Construct, Statement, closing, parts, value_end
from .listed_elsewhere import DRAWS, FUNCTIONS, space_of, spacing, swept, values_of, whole
from .training.values_by_label import TUNED, of_alternatives

#: Steps of a range up to which a third number is one.
MOST_STEPS = 1_000
_GIVEN = re.compile(
    r"(?P<role>\b(?:tune|panel)\s+)?\b(?P<name>[A-Za-z_]\w*)\s*(?P<sign>\bin\b|\balong\b|=(?!=)|~|∈|:=|<-|:(?!=))\s*"
)
_MADE = re.compile(rf"\bfor\b|\b(?:{'|'.join(FUNCTIONS)})\s*\(|\.\^|\*\*\s*[\[(]|\^\s*\(\s*-?\d+\s*:|\$\(\s*seq\b")
#: `{2^k : k = 4..7}`, `{2^k | k in [4..7]}`: a set by its rule, as mathematics has it.
_BUILT = re.compile(
    r"[\[{]\s*([^\[\]{}:|\n]+?)\s*(?::|\||,?\s*for)\s*([a-z_]\w*)\s*(?:=|in|∈)\s*[\[{(]?\s*(\d+)\s*"
    r"(?:\.\.+|:|,\s*(?:\.\.+|…)\s*,|…|to)\s*(\d+)\s*[\])}]?\s*[\]}]"
)
_STEPPED = re.compile(
    rf"[\[{{(]?\s*(?P<one>{NUMBER})\s*(?:\.\.+=?|:)\s*(?P<two>{NUMBER})\s*"
    rf"(?:\.\.+|:|[\])]\s*\.\s*step(?:_by|By)?\s*\()\s*(?P<three>{NUMBER})\s*(?P<close>[\]}})])?"
)
_DOTTED = re.compile(
    rf"(?P<open>[\[{{(])?\s*(?P<list>{NUMBER}(?:\s*,\s*{NUMBER})*)\s*(?P<before>,)?\s*(?:\.\.+|…|⋯)\s*(?P<after>,)?\s*"
    rf"(?P<last>{NUMBER})\s*(?P<close>[\]}})])?"
)


def made_lists(statement: Statement) -> Iterator[Construct]:
    """`[2**k for k in range(4, 8)]`, `np.logspace(-4, -1, 4)`, `loguniform(1e-3, 1e-1)`, `2.^(4:7)`."""
    text, behind = statement.text, 0
    for given in _GIVEN.finditer(text) if statement.keyword in (*PARTS, "let", "") else ():
        start = given.end()
        if given.start() < behind:
            continue
        if shell := re.compile(r"\$\(\s*seq\s+([\d.]+)\s+([\d.]+)\s+([\d.]+)\s*\)").match(text, start):
            end, typed = shell.end(), f"seq({shell[1]}, {shell[3]}, {shell[2]})"
        elif built := _BUILT.match(text, start):
            end, typed = built.end(), f"[{built[1]} for {built[2]} in _count({built[3]}, {built[4]})]"
        else:
            end = value_end(text, start)
            typed = text[start:end]
        if settings := space_of(typed):
            typed = settings
        if not _MADE.search(typed) or (numbers := values_of(typed)) is None:
            continue
        behind, name = end, given["name"]
        function = next((f for f in re.findall(r"(\w+)\s*\(", typed) if f in FUNCTIONS), "")
        drawn = any(f in DRAWS for f in re.findall(r"\w+", typed))
        sweep = swept(numbers, whole(name))
        role = given["role"] or ("tune " if drawn and name == TUNED else "")
        inside = text.count("(", 0, start) > text.count(")", 0, start)
        if statement.keyword == "let":
            written, shown = f"{name} = {sweep}", f"let {name} = {sweep}"
        elif not statement.keyword and given.start() == 0 and given["sign"] in ("<-", ":="):
            written = shown = f"let {name} = {sweep}"
        else:
            sign = (
                " along " if given["sign"] == "along" else " in " if role or not inside or given["sign"] != "=" else "="
            )
            written = shown = f"{role}{name}{sign}{sweep}"
        said = f"`{function}` is no word of sweeps: an axis lists its values, or is a range"
        helps: tuple[str, ...] = (f"write `{shown}`",)
        if re.search(r"\bfor\b", typed):
            said = "no list is made by `for` here: an axis lists its values, or is a range"
        elif drawn:
            said = f"nothing is drawn at random here, as by `{function}`: an axis has every one of its values"
        elif settings:
            said = "an axis has no settings: it lists its values, or is a range"
        elif not function:
            said = "no list is made by a formula here: an axis lists its values, or is a range"
        yield Construct(given.start(), end, said, written, helps)


def stepped_ranges(statement: Statement) -> Iterator[Construct]:
    """`16..128..16`, `{16:16:128}`, `(16..128).step(16)`: the third number is what the range goes on by."""
    text = statement.text
    for found in _STEPPED.finditer(text) if statement.keyword in (*PARTS, "let", "") else ():
        try:
            one, two, three = (number(found[k]).value for k in ("one", "two", "three"))
        except SpecError:
            continue
        middle = two < three and three - one >= two
        end, by = (found["three"], found["two"]) if middle else (found["two"], found["three"])
        if re.match(r"\s*[(,]", text[found.end() :]) or (not middle and (two - one) / max(three, 1e-9) > MOST_STEPS):
            continue  # more is said of it, or the third number is how many there are
        if min(one, two, three) < 0 or number(end).value <= one or number(by).value <= 0:
            continue
        start, stop = _brackets(text, found.start("one"), found.end())
        sweep = f"[{found['one']}..{end} step {by}]"
        if re.match(r"\s*\.\s*\w+\(\)", text[stop:]):
            continue
        said = "a range has two ends, `[a..b]`, and says in a word how it goes on"
        yield Construct(start, stop, said, sweep, (f"write `{_axis(text, start)}{sweep}`",), code="SCL011")


def dotted_lists(statement: Statement) -> Iterator[Construct]:
    """`[16, 32, .., 128]`, `{16, ..., 128}`, `[16, 32..128]`: a list that goes on in dots is a range."""
    text = statement.text
    for found in _DOTTED.finditer(text) if statement.keyword in (*PARTS, "let", "") else ():
        values = [v.strip() for v in found["list"].split(",")]
        if len(values) == 1 and not (found["before"] and found["after"]):
            continue
        try:
            numbers = [number(v).value for v in (*values, found["last"])]
        except SpecError:
            continue
        if re.match(r"\s*(?:step|times|count|,)\b|\s*,", text[found.end() :]):
            continue  # more follows than its end
        start, stop = _brackets(text, found.start("list"), found.end())
        goes_on = spacing(numbers)
        if numbers[0] <= 0 and not goes_on.startswith(" step"):
            continue
        sweep = f"[{values[0]}..{found['last']}{goes_on}]"
        said = "a list names every value, and one that goes on evenly is a range"
        helps: tuple[str, ...] = (f"write `{_axis(text, start)}{sweep}`",)
        if not goes_on and len(numbers) == 3 and numbers[2] > 2 * numbers[1]:  # 32, 64, ..., 256
            evenly = f"[{values[0]}..{found['last']} step {text_of(numbers[1] - numbers[0])}]"
            helps = (f"{helps[0]}, which doubles", f"or `{_axis(text, start)}{evenly}`, for steps of one size")
        yield Construct(start, stop, said, sweep, helps, code="SCL011")


def _brackets(text: str, start: int, end: int) -> tuple[int, int]:
    """The place with the brackets right around it."""
    opener = len(text[:start].rstrip()) - 1
    rest = re.compile(r"\s*[\])}]+").match(text, end)
    closed = text[end - 1] in "])}"
    if opener >= 0 and text[opener] in "[{(" and not re.search(r"\w$", text[:opener]):
        if closed:
            return opener, end
        if rest:
            return opener, end + rest.end() - rest.start()
    return start, end - 1 if closed and opener >= 0 and text[opener] not in "[{(" else end


def _axis(text: str, start: int) -> str:
    """The name before a value, with its sign."""
    before = re.search(r"((?:tune |panel )?[A-Za-z_]\w*)\s*(in|along|=|:|∈)\s*$", text[:start])
    if before is None:
        return ""
    return f"{before[1]} {before[2] if before[2] in ('in', 'along') else 'in'} "


# --- values by a condition --------------------------------------------------------------------------------------------

_CHOSEN = (
    re.compile(
        r"(?P<yes>[^,;()\n?]+?|[\[{(][^\n]*?[\]})])\s+if\s+(?P<test>[^,;\n]+?)\s+else\s+(?P<no>[\[{(].*?[\]})]|[^\s,;)]+)"
    ),
    re.compile(r"\(?(?P<test>[^,;()\n?]+?)\)?\s*\?\s*(?P<yes>[^,;()\n:]+?)\s*:\s*(?P<no>[\[{(].*?[\]})]|[^\s,;)]+)"),
    re.compile(r"if\s+(?P<test>[^,;\n]+?)\s+then\s+(?P<yes>[^,;\n]+?)\s+else\s+(?P<no>[\[{(].*?[\]})]|[^\s,;)]+)"),
    re.compile(
        r"case\s+when\s+(?P<test>[^,;\n]+?)\s+then\s+(?P<yes>\S+)\s+else\s+(?P<no>\S+)(?:\s+end)?", re.IGNORECASE
    ),
)
_CHOOSES = re.compile(r"(?:np\.|torch\.|pd\.)?\b(?:where|ifelse|if|iif|If|cond|select|switch|when)\s*(?=\()")
_TEST = re.compile(
    rf"\(?\s*(?P<axis>[A-Za-z_]\w*)\s*(?P<sign>==|!=|<=|>=|<|>|=|is)\s*(?P<at>[A-Za-z_]\w*|{NUMBER})\s*\)?"
)
_TURNED = {"==": "!=", "!=": "==", "<": ">=", ">": "<=", "<=": ">", ">=": "<"}


def chosen_values(statement: Statement) -> Iterator[Construct]:
    """`lr = .02 if width < 64 else .01`, `width > 64 ? .01 : .02`, `np.where(param == SP, .01, .02)`."""
    text = statement.text
    for given in _GIVEN.finditer(text) if statement.keyword in (*PARTS, "") else ():
        start = given.end()
        if given["sign"] not in ("in", "=", ":", "~"):
            continue
        found = _chosen_at(text, start)
        if found is None:
            continue
        end, test, yes, no = found
        asked = re.fullmatch(r"\(?(?:\w+\s*(?:==|is|=)\s*)?[\"']?(?P<one>[A-Za-z_]\w*)[\"']?\)?", test.strip())
        own = of_alternatives(text, given["name"], {asked["one"]: yes}, no) if asked else None
        if own is not None:
            start, stop, alternatives = own
            said = "a value has no condition: each alternative has its own, in its parentheses"
            way = f"write `{statement.keyword} {alternatives}`, and leave `{text[given.start() : end]}` out"
            yield Construct(given.start(), end, said, "", (way,), ((start, stop, alternatives),), code="SCL023")
            return
        made = _by_condition(statement, given["name"], (given["role"] or "").strip(), test, yes, no)
        if made is None:
            continue
        written, condition, said = made
        more: tuple[tuple[int, int, str], ...] = ()
        helps: tuple[str, ...] = (f"write `{written}{condition}`",)
        if condition:
            earlier = re.search(r"\bwhere\b", text[end:])
            more = ((len(text), len(text), f" and ({condition.strip()[6:]})" if earlier else condition),)
            if text.count("(", 0, start) > text.count(")", 0, start):
                helps = (f"write `{written}`, and `{condition.strip()}` at the end of the statement",)
        yield Construct(given.start(), end, said, written, helps, more, code="SCL023")
        return


def _chosen_at(text: str, start: int) -> tuple[int, str, str, str] | None:
    if (call := _CHOOSES.match(text, start)) and (end := closing(text, call.end())) is not None:
        given = parts(text[call.end() + 1 : end - 1])
        return (end, *given) if len(given) == 3 else None  # type: ignore[return-value]
    for pattern in _CHOSEN:
        if found := pattern.match(text, start):
            return found.end(), found["test"], found["yes"].strip(), found["no"].strip()
    return None


def _by_condition(
    statement: Statement, name: str, role: str, test: str, yes: str, no: str
) -> tuple[str, str, str] | None:
    """What is written for one of two values by a condition, the condition behind it, and what is said."""
    condition = _TEST.fullmatch(test.strip())
    if condition is None:
        return None
    axis, at = condition["axis"], condition["at"].strip("\"'")
    sign = {"=": "==", "is": "=="}.get(condition["sign"], condition["sign"])
    sides = [[v for v in re.split(r"\s*,\s*", s.strip("[](){} ")) if v] for s in (yes, no)]
    if any(not re.fullmatch(NUMBER, v) for side in sides for v in side) or not all(sides):
        return None
    numeric = re.fullmatch(NUMBER, at) is not None
    if all(len(side) == 1 for side in sides) and numeric and sign in ("<", "<=", ">", ">=") and role != "tune":
        low, high = (sides[0][0], sides[1][0]) if sign in ("<", "<=") else (sides[1][0], sides[0][0])
        first = f"{at}" if sign in ("<", ">=") else text_of(number(at).value + 1)
        difference = number(high).value - number(low).value
        change = f"{'+' if difference > 0 else '-'} {text_of(float(f'{abs(difference):.6g}'))}"
        said = "a value has no condition: a formula changes it with the sizes of a run"
        return (
            f"{name} = {low} {change}*min(1, floor({axis}/{first}))"
            if not _inside(statement, name)
            else (f"{name}={low} {change}*min(1, floor({axis}/{first}))"),
            "",
            said,
        )
    values = sorted({v: number(v).value for side in sides for v in side}.items(), key=lambda pair: pair[1])
    listed = f"{{{', '.join(v for v, _ in values)}}}"
    one, two = (_among(name, side, [v for v, _ in values]) for side in sides)
    other = f"{axis} {_TURNED[sign]} {at}"
    where = f"  where ({axis} {sign} {at}{one}) or ({other}{two})"
    kept = role or ("tune" if name == TUNED else "")
    said = "a study has one grid for all of its runs, and `where` says which of them are left"
    return f"{kept + ' ' if kept else ''}{name} in {listed}", where, said


def _inside(statement: Statement, name: str) -> bool:
    at = re.search(rf"\b{name}\s*[=:]", statement.text)
    return at is not None and statement.text.count("(", 0, at.start()) > statement.text.count(")", 0, at.start())


def _among(name: str, side: list[str], every: list[str]) -> str:
    """The condition that a value is one of some, with its `and`; empty where they are all there are."""
    if set(side) == set(every):
        return ""
    return f" and {name} == {side[0]}" if len(side) == 1 else f" and {name} in {{{', '.join(side)}}}"


# --- blocks -----------------------------------------------------------------------------------------------------------

_BLOCKS = re.compile(r"\b(?:\w+\.)*(?:sbm|stochastic_block_model|planted_partition_graph)\s*(?=\()")


def matrices_of_blocks(statement: Statement) -> Iterator[Construct]:
    """`sbm([100, 100], [[.1, .01], [.01, .1]])`: blocks are equal, with one probability within and one between."""
    text = statement.text
    call = _BLOCKS.search(text) if statement.keyword in ("data", "let") else None
    end = closing(text, call.end()) if call else None
    if call is None or end is None:
        return
    kept: list[str] = []
    matrix: list[list[float]] = []
    sizes: list[float] = []
    for one in parts(text[call.end() + 1 : end - 1]):
        value = re.sub(r"^\w+\s*=\s*", "", one)
        rows = [values_of(f"[{row[1:-1]}]") for row in parts(value[1:-1])] if value[:2] in ("[[", "((", "{{") else []
        if rows and all(row is not None and len(row) == len(rows) for row in rows):
            matrix = [row for row in rows if row is not None]
        elif value[:1] in "[({" and (numbers := values_of(f"[{value[1:-1]}]")) and "p_" not in one:
            sizes = numbers
        else:
            kept.append(one)
    if not matrix:
        return
    n = len(matrix)
    within = sum(row[i] for i, row in enumerate(matrix)) / n
    between = sum(x for i, row in enumerate(matrix) for j, x in enumerate(row) if i != j) / max(1, n * (n - 1))
    own = [f"n={text_of(round(sum(sizes)))}"] if sizes else []
    kept = [k for k in kept if not re.match(r"(?:blocks|directed|selfloops|sparse)\b", k)]
    chances = [f"p_in={text_of(float(f'{within:.4g}'))}", f"p_out={text_of(float(f'{between:.4g}'))}"]
    nodes = [k for k in kept if not re.match(r"seed\b", k)]
    blocks = len(sizes) or n
    written = f"sbm({', '.join([*own, *nodes, f'blocks={blocks}', *chances, *(k for k in kept if k not in nodes)])})"
    said = "blocks are of one size, and edges have one probability within them and one between"
    yield Construct(call.start(), end, said, written, (f"write `{written}`",), code="SCL104")


# --- values that change along a run -----------------------------------------------------------------------------------

_CHANGES = re.compile(
    rf"\b(?P<name>[A-Za-z_]\w*)\s*=\s*(?P<one>{NUMBER})\s*(?:->|=>|→|to(?=\s*{NUMBER}\s*(?:at|after|over|by)\b))\s*(?P<two>{NUMBER})"
    rf"(?P<rest>\s*(?:->|→|at|after|over|from|@|by)\s*(?:step\s*)?{NUMBER}(?:\s*(?:->|→|at|after|@)\s*{NUMBER})*)*"
)


def changing_values(statement: Statement) -> Iterator[Construct]:
    """`batch=4->32 at 50%`, `lr=.01 -> .001`: a parameter is the same all along a run, but for the schedule."""
    for found in _CHANGES.finditer(statement.text) if statement.keyword in PARTS else ():
        name, one, two = found["name"], found["one"], found["two"]
        written = f"{name}={two}"
        helps: tuple[str, ...] = (f"write `{written}`", f"or, for runs with each of them, `{name}={{{one}, {two}}}`")
        if found.string.startswith("models") and not found["rest"]:
            written = f"{name} in [{one}..{two}]"
            said = "a range of values is an axis, and has `..` between its ends"
            yield Construct(found.start(), found.end(), said, written, (f"write `{written}`",), code="SCL011")
            continue
        if name == TUNED:
            written = f"{name}={one}"
            helps = (f"write `{written}`, and how it falls as the schedule, `schedule=cosine` or `schedule=wsd`",)
        said = f"`{name}` is the same all along a run, and does not go from {one} to {two}"
        yield Construct(found.start(), found.end(), said, written, helps)


_MEMBER = re.compile(
    r"\b(?P<name>[A-Za-z_]\w*)\s*(?:∈|\\in\b|:=|element of)\s*(?P<open>[\[({])(?P<inside>[^\[\](){}\n]*)[\])}]"
)


def members(statement: Statement) -> Iterator[Construct]:
    """`width ∈ [16, 128]`, `layers ∈ {1, 2, 4}`: an interval of two ends is a range, what is in braces a list."""
    for found in _MEMBER.finditer(statement.text) if statement.keyword in PARTS else ():
        inside = [v.strip() for v in re.split(r",|\.\.+", found["inside"]) if v.strip()]
        ends = len(inside) == 2 and found["open"] != "{"
        plain = f"{{{', '.join(inside)}}}"
        if ".." in found["inside"] or "…" in found["inside"]:
            plain = f"[{found['inside'].strip()}]"
        sweep = f"[{inside[0]}..{inside[1]}]" if ends else plain
        helps: tuple[str, ...] = (f"write `{found['name']} in {sweep}`",)
        if ends:
            helps += (f"or, for these two values alone, `{found['name']} in {plain}`",)
        said = "an axis is written with `in`" + ", and a range with `..` between its ends" * ends
        yield Construct(found.start(), found.end(), said, f"{found['name']} in {sweep}", helps, code="SCL002")


_FACTORS = re.compile(
    r"(?P<role>\b(?:tune|panel)\s+)?\b(?P<name>[A-Za-z_]\w*)\s*(?:in|=|along)\s*(?:(?P<of>[A-Za-z_]\w*)\s*\*\s*)?"
    r"(?P<sweep>[\[{][^\[\]{}\n]*[\]}])(?:\s*\*?\s*(?P<by>[A-Za-z_]\w*)(?!\s*(?:in|along|=)\b))?"
)


def factors(statement: Statement) -> Iterator[Construct]:
    """`tokens in {5, 20, 80}*N`: the factors are the axis, and what they multiply stands in a formula."""
    for found in _FACTORS.finditer(statement.text) if statement.keyword in PARTS else ():
        of = found["of"] or found["by"]
        between = statement.text[found.end("sweep") : found.start("by")] if found["by"] else ""
        if not of or (found["by"] and "*" not in between) or (found["of"] and found["by"]):
            continue
        sweep = found["sweep"]
        if ".." not in sweep:
            sweep = f"{{{sweep[1:-1].strip()}}}"
        name = "ratio" if "ratio" not in statement.text else "factor"
        end = value_end(statement.text, found.start("by")) if found["by"] else found.end()
        of = statement.text[found.start("by") : end] if found["by"] else of
        written = f"{name} in {sweep}  {found['name']} = {name}*{of}"
        said = "a sweep stays whole: its values are multiplied in a formula"
        yield Construct(found.start(), end, said, written, (f"write `{written}`",), code="SCL010")


_KEPT = re.compile(
    r"\s*,?\s+(?P<word>if|when|whenever|only if|only when|unless|provided(?: that)?|such that|s\.t\.|"
    r"given(?: that)?|subject to|"
    r"filter(?:ed)?(?: by)?|restricted to|limited to)\s+(?P<test>[^\n;]*?(?:[<>=!]=?|\bin\b)[^\n;]*?)\s*$",
    re.MULTILINE,
)
#: Where an axis or a definition begins behind a condition, and a condition before the head of a statement.
_AXES = re.compile(r"\s+(?=(?:(?:tune|panel|median)\s+)?[A-Za-z_]\w*\s+(?:in|along)\s*[\[{]|[A-Za-z_]\w*\s*=(?!=))")
_FIRST = re.compile(r"^(?:data|models|train)\s+where\s+(?P<test>[^\n()]*?[<>=!]=?[^\n()]*?)\s+(?P<word>[A-Za-z_]\w*)\b")
_WITHIN = re.compile(r"\s+where\s+(?P<test>[^,()\[\]{}\n]*(?:[<>=!]=?|\bin\b)[^,()\n]*?)(?=\s*[,)])")


def conditions(statement: Statement) -> Iterator[Construct]:
    """`width in [16..128] if tokens < 500k`, `adamw(tune lr in {...} where width < 64)`: `where`, at the end."""
    text = statement.text
    if statement.keyword not in PARTS:
        return
    end = len(text.rstrip())
    earlier = re.search(r"\bwhere\b", text)
    found = _KEPT.search(text)
    outside = found is not None and text.count("(", 0, found.start()) == text.count(")", 0, found.start())
    if found is not None and outside and "else" not in found["test"] and not earlier:
        test = re.sub(r"(?<![<>=!])=(?!=)", "==", found["test"]).replace("&&", "and").replace("||", "or")
        test, *behind = _AXES.split(test, maxsplit=1)
        test = f"not ({test})" if found["word"] == "unless" else test
        said = f"a condition follows `where`, not `{found['word']}`"
        if behind:
            rest, stop = f"  {behind[0]}  where {test}", found.end()
            helps: tuple[str, ...] = (f"write `where {test}` at the end of the statement",)
            yield Construct(found.start(), stop, said, rest, helps, code="SCL024")
            return
        yield Construct(found.start(), found.end(), said, f"  where {test}", (f"write `where {test}`",), code="SCL024")
    for first in _FIRST.finditer(text):
        if first["word"] in REGISTRY and REGISTRY[first["word"]].kind == KINDS[statement.keyword]:
            said = "a condition stands at the end of a statement"
            helps = (f"write `where {first['test']}` at the end of the statement",)
            put = f"{statement.keyword} {first['word']}"
            more = ((end, end, f"  where {first['test']}"),)
            yield Construct(0, first.end(), said, put, helps, more, code="SCL012")
            return
    for inner in _WITHIN.finditer(text):
        if text.count("(", 0, inner.start()) > text.count(")", 0, inner.start()):
            test = inner["test"].strip()
            put = f" and {test}" if earlier and earlier.start() > inner.end() else f"  where {test}"
            said = "`where` stands at the end of a statement, and not inside parentheses"
            helps = (f"leave it out there, and write `where {test}` at the end of the statement",)
            yield Construct(inner.start(), inner.end(), said, "", helps, ((end, end, put),), code="SCL012")
            return


_SHARES = re.compile(
    rf"\b(?P<name>split|splits|val_split|test_split)\s*=\s*[\[({{]\s*(?P<shares>{NUMBER}(?:\s*[,/:]\s*{NUMBER})+)\s*[\])}}]"
)


def shares(statement: Statement) -> Iterator[Construct]:
    """`split=[.8, .1, .1]`: of a text one share is held out."""
    for found in _SHARES.finditer(statement.text) if statement.keyword == "data" else ():
        last = re.split(r"\s*[,/:]\s*", found["shares"].strip())[-1]
        percent = re.fullmatch(r"\d+", last) is not None and int(last) > 1
        written = f"split={last}%" if percent else f"split={last}"
        said = "`split` is the one share of a text that is held out, and runs train on the rest"
        yield Construct(found.start(), found.end(), said, written, (f"write `{written}`",), code="SCL011")


#: A number with a decimal comma, where it can be no list: in a range, or compared.
_COMMA = r"(?:0,\d+|\d+,(?!\d{3}(?!\d))\d+)"
_DECIMALS = re.compile(
    rf"(?P<range>\[\s*-?(?:{_COMMA}|\d+)\s*\.\.\s*-?(?:{_COMMA}|\d+)\s*\])|"
    rf"(?:[<>]=?\s*|\bwithin\s+|\bof\s+)(?P<compared>{_COMMA})(?![\w.,])"
)


def decimal_commas(statement: Statement) -> Iterator[Construct]:
    """`loss < 3,5`, `E in [1,5..2,0]`: a number has a point."""
    for found in _DECIMALS.finditer(statement.text):
        typed = found["range"] or found["compared"]
        if "," not in typed:
            continue
        said = f"a decimal has a point: `{re.findall(r'[0-9]+,[0-9]+', typed)[0]}` is two values"
        yield Construct(found.end() - len(typed), found.end(), said, typed.replace(",", "."), code="SCL013")


FINDERS = (
    decimal_commas,
    shares,
    members,
    factors,
    conditions,
    chosen_values,
    made_lists,
    changing_values,
    stepped_ranges,
    dotted_lists,
)
