"""Statements of other languages and tools: what is written for them here, or where that is said instead."""

from __future__ import annotations

import re

from ....diagnostics.concepts import missing
from ....diagnostics.suggest import ELSEWHERE, similar
from ....errors import Diagnostic, Edit, Fix
from ....source import Span
from ...scanner import STATEMENTS, WORDS, scan
from ...statement_examples import EXAMPLES
from ...wellformed import data_of_table
from ..error_context import COMPONENTS, TUNED, SyntaxErrorContext
from .words import NO_STATEMENTS, SENDS, SYNONYMS, WORKERS, drawn_elsewhere, meant_statement, with_its_own


def comment_of_another(error: SyntaxErrorContext) -> Diagnostic | None:
    """`// note`, `/* note */`, `-- note`, `% note`, `<!-- note -->`, on a line of its own or behind a statement."""
    found, index = error.found, error.index
    if found.text == "/" == error.previous.text and error.previous.end == found.start:
        found, index = error.previous, index - 1  # the first of two was taken for a division
    rest = error.source.text[found.start :].split("\n", 1)[0].rstrip()
    sign = next((s for s in ("//", "/*", "<!--", "--", "%", '"""', "'''", "*") if rest.startswith(s)), None)
    if sign is None or error.start != "statement" or (sign == "--" and re.match(r"--\w", rest)):
        return None
    if index and (sign not in ("//", "/*") or error.open):
        return None
    divided = error.lexemes[index + 2 :][:1]
    if index and index < error.index and divided:
        apart = found.start > error.lexemes[index - 1].end and rest[len(sign) :][:1].isspace()
        known = divided[0].text in error.words or divided[0].kind != "name"  # `N // 2`, not `N // a note`
        if not apart or (known and len(rest.split()) == 2):
            return None
    if index and sign == "/*" and (inner := re.match(r"/\*.*?\*/(?=\s*\S)", rest)) is not None:
        end = found.start + inner.end()
        fixes = error.fix((found.start, end, ""), sure=False)
        helps = ("leave it out, or put it behind `#` at the end of the line",)
        message = "a comment goes on to the end of its line"
        span = Span(found.start, end, error.source.name)
        return error.diagnostic("SCL023", message, span=span, helps=helps, fixes=fixes, read=False)
    text = re.sub(r"^(//+|/\*+|<!--|--+|%+|\"\"\"|'''|\*+)\s*|\s*(\*+/|-->|\"\"\"|''')$", "", rest)
    said = f"# {text}".rstrip()
    end = found.start + len(rest)
    formula = sign == "*" and not rest[1:2].isspace()  # `;*D^-beta`
    whole = sign not in ("/*", "<!--", '"""', "'''") or bool(re.search(r"(\*/|-->|.\"\"\"|.''')$", rest))
    helps = (f"write `{said}`" if whole else _each_line(text),)
    fixes = error.fix((found.start, end, said), sure=False)
    if whole and not formula:
        fixes = (Fix(fixes[0].edits),)
    span = Span(found.start, min(end, error.chunk.end), error.source.name)
    return error.diagnostic(
        "SCL023", f"comments begin with `#`, not `{sign}`", span=span, helps=helps, fixes=fixes, read=False
    )


def _each_line(text: str) -> str:
    """The help for a comment of several lines, which begins with a text."""
    return f"begin each of its lines with `#`, as in `# {text}`" if text else "begin each of its lines with `#`"


def pasted(error: SyntaxErrorContext) -> Diagnostic | None:
    """Marks around a study that was copied: a fence of Markdown, a prompt, JSON, a heading, the signs of a diff."""
    if error.start != "statement" or error.index:
        return None
    found, text = error.found, error.source.text[error.found.start : error.chunk.end]
    line = text.split("\n", 1)[0]
    span = Span(found.start, found.start + len(line.rstrip()), error.source.name)

    def said(message: str, help_: str, fixes: tuple[Fix, ...] = ()) -> Diagnostic:
        return error.diagnostic("SCL003", message, span=span, helps=(help_,), fixes=fixes, read=False)

    if line.startswith(("```", "~~~")):
        fixes = error.fix((found.start, span.end, ""))
        return said("this is the fence of a code block, and no part of the study", "leave the line out", fixes)
    if found.text == "{" and re.match(r"\{\s*(\"|'|\})", text):
        return said(
            "this looks like JSON, and a study is written in statements",
            f"write a statement a line, names without quotes: `{EXAMPLES['data'][0]}`, `{EXAMPLES['models'][0]}`",
        )
    if re.match(r"\[+[\w.\" -]+\]+\s*$", line):
        return said(
            "this is the heading of a section, and a study has statements alone",
            "leave the line out, and write what belongs to it after `data`, `models` or `train`",
        )
    if re.match(r"(<<<<<<<|=======|>>>>>>>)(\s|$)", line):
        fixes = error.fix((found.start, span.end, ""), sure=False)
        return said(
            "this is a conflict that git has left in the file", "keep one of its sides, and leave the line out", fixes
        )
    words = "|".join(STATEMENTS)
    if prompt := re.match(
        rf"(>>>|\.\.\.|\$|>|In \[\d+\]:|\d+[:.|)](?=\s*\w)|[-+](?=\s*({words})\b)|\d+(?=\s+({words})\b)|[-+*] )"
        r"\s*(?=\w)",
        line,
    ):
        after = re.split(r"\W", line[prompt.end() :], maxsplit=1)[0]
        sure = after in STATEMENTS
        fixes = error.fix((found.start, found.start + prompt.end(), ""), sure=sure) if sure else ()
        help_ = f"leave `{prompt[0].strip()}` out"
        return said(f"no statement begins with `{prompt[0].strip()}`", help_, fixes)
    if re.match(r"@\w|#!|%%?\w|!\w|\\\w", line):
        return said(
            f"no statement begins with `{found.text}`",
            "leave the line out: a study has neither decorators nor commands, only statements such as `data ...`",
        )
    return None


#: Keys of other tools' files by which a component is named.
_NAMING = ("name", "type", "kind", "class", "model", "arch", "family", "optimizer", "optimiser", "dataset", "source")


def override(error: SyntaxErrorContext) -> Diagnostic | None:
    """`model.width=16,32,64` and `--width 16`, as command lines set what a file says."""
    if error.start != "statement" or error.index > 1 or (error.index == 1 and error.found.text != "."):
        return None
    found = error.lexemes[0]
    line = error.source.text[found.start :].split("\n", 1)[0].split("#")[0].rstrip()
    given = re.match(r"(?:--|\+\+?)?(?:[A-Za-z_]\w*\.)*([A-Za-z_]\w*)(?:\s*=\s*|\s+)(\S.*)$", line)
    if given is None or not re.match(r"--|\+|[A-Za-z_]\w*\.", line):
        return None
    name, value = given[1], given[2]
    span = Span(found.start, found.start + len(line), error.source.name)
    message = "this reads as an option of a command, and here it belongs to a statement"
    word = re.match(r"[A-Za-z_]\w*(?=\s*(\(.*\))?$)", value)
    if name.lower() in _NAMING and word and error.words.get(word[0]) == found.text:
        meant = f"{found.text} {value}"  # `models.name = transformer`
        helps = (f"write `{meant}`, without `{name}`",)
        fixes = error.fix((found.start, span.end, meant), sure=False)
        return error.diagnostic("SCL003", message, span=span, helps=helps, fixes=fixes, read=False)
    keyword = error.words.get(name) or error.words.get(ELSEWHERE.get(name.lower(), ""))
    keyword = keyword or (found.text if found.text in COMPONENTS else "train")
    name = name if name in error.words else ELSEWHERE.get(name.lower(), name)
    several = re.fullmatch(r"[\w.%+-]+(\s*,\s*[\w.%+-]+)+", value)
    listed = re.fullmatch(r"[\[({](.*)[\])}]", value)
    if listed and "," in value and ".." not in value:
        value, several = listed[1].strip(), several or listed
    swept = several or value.startswith(("[", "{"))
    meant = f"{keyword} {name} in {f'{{{value}}}' if several else value}" if swept else f"{keyword} {name} = {value}"
    fixes = error.fix((found.start, span.end, meant), sure=name in error.words)
    return error.diagnostic("SCL003", message, span=span, helps=(f"write `{meant}`",), fixes=fixes, read=False)


def for_loop(error: SyntaxErrorContext) -> Diagnostic | None:
    """`for width in [16..64]:`."""
    if (
        error.start != "statement"
        or error.index
        or error.found.text.lower() not in ("for", "foreach", "while", "repeat")
    ):
        return None
    name, sign = error.at(1), error.at(2)
    example = "models width in [16..64]"
    if name.kind == "name" and sign.text in ("in", "="):
        line = error.source.text[name.start :].split("\n", 1)[0].split("#")[0].rstrip().removesuffix(":").rstrip()
        if re.search(r"in\s*[\[{(]", line):
            values = re.sub(r"in\s*[\[(]([^.\])]*)[\])]$", r"in {\1}", line)
            example = f"{error.words.get(name.text) or 'train'} {values}"
    message = "a study has no loops: every axis is gone through by itself"
    rest = error.source.text[error.found.start : error.chunk.end]
    if fit := re.search(r"[:,\s](?:do\s+)?(fit\s+[^\n:{}]+?)\s*(?:;?\s*(?:done|end))?\s*$", rest):
        message = "a law has a fit of its own at each value of an axis that it does not read"
        fixes = error.fix((error.found.start, error.chunk.end, fit[1]), sure=False)
        return error.diagnostic("SCL003", message, helps=(f"write `{fit[1]}`",), fixes=fixes, read=False)
    return error.diagnostic("SCL003", message, helps=(f"an axis is a sweep: `{example}`",), read=False)


def word_without_statement(error: SyntaxErrorContext) -> Diagnostic | None:
    """`transformer(layers=2)`, `walk(er(...))`, `lr = .01` in column 1: known words, and no statement before them."""
    found = error.found
    if error.start != "statement" or error.index or found.kind != "name" or found.text in STATEMENTS:
        return None
    role = found.text in ("tune", "panel")
    keyword = error.words.get(error.at(1).text if role else found.text)
    if (
        not keyword
        or (role and keyword not in COMPONENTS)
        or (keyword in COMPONENTS and keyword == _above(error))
        or (error.at(1).text == "=" and error.at(3).text == "(")
    ):
        return None
    if role and (data := data_of_table(error.source)) is not None:
        shown = error.shown(0, len(error.lexemes) - 1)
        helps: tuple[str, ...] = (f"write `{shown}` behind the table, or on a line below it that begins with blanks",)
        fixes = error.fix((found.start, found.start, "  "))
        if _above(error) != "data":
            fixes = error.fix((data.end, data.end, f"  {shown}"), (found.start, error.chunk.end, ""))
        message = f"`{found.text}` stands behind the table, in `data`"
        return error.diagnostic("SCL003", message, helps=helps, fixes=fixes, read=False)
    if role or error.at(1).text in ("in", "along", "=", "&", "(", "") or keyword not in COMPONENTS:
        message = f"`{found.text}` stands after `{keyword}`"
        shown = error.shown(0, len(error.lexemes) - 1)
        fixes = error.fix((found.start, found.start, f"{keyword} "))
        return error.diagnostic("SCL003", message, helps=(f"write `{keyword} {shown}`",), fixes=fixes, read=False)
    return None


def value_without_statement(error: SyntaxErrorContext) -> Diagnostic | None:
    """`seed 42`, `batch 16` in column 1: a parameter with its value, which stands in the statement that it is of."""
    found, source = error.found, error.source
    keyword = error.words.get(found.text)
    if error.start != "statement" or error.index or error.at(1).kind != "number" or error.at(2).text:
        return None
    if not keyword or found.text in STATEMENTS:
        return None
    said = f"{found.text} = {error.at(1).text}"
    there = [c for c in scan(source).chunks if re.match(rf"{keyword}\b", source.text[c.start : c.end])]
    fixes = error.fix((found.start, error.at(1).start, f"{keyword} {found.text} = "), sure=False)
    helps = (f"write `{keyword} {said}`",)
    if there:
        last = there[-1]
        edits = ((last.end, last.end, f"  {said}"), (found.start, error.at(1).end, ""))
        fixes = (Fix(tuple(Edit(Span(a, b, source.name), t) for a, b, t in edits), "maybe-incorrect"),)
        helps = (f"write `{said}` behind `{keyword}`",)
    message = f"`{found.text}` stands after `{keyword}`, with `=` before its value"
    return error.diagnostic("SCL003", message, helps=helps, fixes=fixes, read=False)


def unknown_statement(error: SyntaxErrorContext) -> Diagnostic | None:
    """`modles width in [..]`; `width in [..]` in column 1; `graph = er(...)`."""
    found = error.found
    if error.start != "statement" or error.index > 0 or found.kind in ("close", ""):
        return None
    message = f"no statement begins with `{found.text}`"
    above = _above(error)
    named = found.kind == "name" and found.text not in WORDS
    named = named and (found.text in error.words or similar(found.text, STATEMENTS) is None)
    if named and error.at(1).text in ("=", ":") and error.at(2).text:
        one = error.at(1).text == ":" and error.at(2).text == "="
        value = error.shown(3 if one else 2, len(error.lexemes) - 1)
        let = f"let {found.text} = {value}"
        if error.at(1).text == "=" and (error.at(2).text == "{" or re.match(r"[A-Z]\w*$", error.at(2).text)):
            why = "this reads as Python, and a study is written in statements"
            helps = (f"write them a line each: `{EXAMPLES['data'][0]}`, `{EXAMPLES['models'][0]}`",)
            return error.diagnostic("SCL003", f"{message}: {why}", helps=helps, read=False)
        called = error.at(4 if one else 3).text == "("
        if (called and above != error.words.get(found.text)) or (
            above not in COMPONENTS and found.text not in error.words
        ):
            if error.at(1).text == ":" and not one:
                return _elsewhere(error, message)
            fixes = error.fix(
                (found.start, found.end, f"let {found.text}"), (error.at(1).start, error.at(2 if one else 1).end, "=")
            )
            said = "a name is given with `let`"
            return error.diagnostic("SCL003", message, helps=(f"{said}: `{let}`",), fixes=fixes, read=False)
    continues = found.text in ("tune", "panel", "where", "in", "along", "and", "or", ",") or (
        named and error.at(1).text in ("in", "along", "=", "&")
    )
    if continues:
        return _continued(error, message, above)
    return _elsewhere(error, message)


def _continued(error: SyntaxErrorContext, message: str, above: str) -> Diagnostic:
    """A line that can only go on with the statement above."""
    found = error.found
    between = error.source.text[: found.start].rstrip(" \t")
    fixes = error.fix((found.start, found.start, "  "), sure=False)
    if above and found.text != "where":
        fixes = (Fix(fixes[0].edits),)
    helps: tuple[str, ...] = ("to go on with the statement above, indent the line",)
    if not above:
        helps = (f"write what it belongs to before it: `{_component(error)} {error.shown(0, len(error.lexemes) - 1)}`",)
        fixes = ()
    if between.endswith(";"):
        helps = ("a `;` ends a statement: leave it out to go on",)
        fixes = (Fix((Edit(Span(len(between) - 1, found.start, error.source.name), "  "),), "maybe-incorrect"),)
    if found.text == "where" and above in COMPONENTS and not between.endswith(";"):
        fixes = (Fix(fixes[0].edits),) if fixes else ()
    elif found.text == "where":
        helps = (*helps, "a condition stands behind what it is about: `fit chinchilla where width > 16`")
    return error.diagnostic("SCL020", message, helps=helps, fixes=fixes, read=False)


def _component(error: SyntaxErrorContext) -> str:
    return error.words.get(error.at(1).text if error.found.text in ("tune", "panel") else error.found.text) or "train"


def _elsewhere(error: SyntaxErrorContext, message: str) -> Diagnostic:
    """A first word that is none of ours."""
    found = error.found
    low = found.text.lower()
    if low in ("import", "from") and (low == "import" or any(x.text == "import" for x in error.lexemes)):
        whole = error.source.text[found.start : error.chunk.end].rstrip()
        fixes = error.fix((found.start, error.chunk.end, ""))
        span = error.span_from(found.start, found.start + len(whole))
        why = "this is Python, and a study needs no imports"
        if error.at(1).kind not in ("string", "quoted") and not whole.endswith(".scl"):
            return error.diagnostic(
                "SCL003", f"{message}: {why}", span=span, helps=("leave the line out",), fixes=fixes, read=False
            )
    if low == "import" and error.at(1).kind == "name" and "." not in (x.text for x in error.lexemes[2:3]):
        low = "from"
    if low == "output" and error.at(1).kind in ("string", "quoted"):
        low = "out"
    if low == "save" and error.at(1).text.lower() in ("best", "model", "models", "weights", "last", "all"):
        low = "checkpoint"
    if low in SENDS and error.at(1).text.lower() in NO_STATEMENTS:
        low = error.at(1).text.lower()
    if low in NO_STATEMENTS and low not in STATEMENTS and found.kind == "name":
        why, helps = NO_STATEMENTS[low]
        rest = error.source.text[error.at(1).start : error.chunk.end] if error.at(1).text else ""
        if low in ("filter", "when", "if") and re.search(r"[<>=]|\bin\b", rest) and not re.search(r"[:{]", rest):
            helps = (f"indent it, to go on with the statement above: `where {rest}`",)
            fixes = error.fix((found.start, error.at(1).start, "  where "), sure=False)
            return error.diagnostic("SCL003", f"{message}: {why}", helps=helps, fixes=fixes, read=False)
        helps = (
            _swept(error)
            or drawn_elsewhere(low, rest, error.source.text)
            or with_its_own(low, rest, error.source.text)
            or tuple(_at_sizes(error, text) for text in helps)
        )
        if low == "defaults" and (base := re.search(r"-\s*(?!_self_)([\w/]+)\s*$", rest, re.MULTILINE)):
            helps = tuple(h.replace("base.scl", f"{base[1]}.scl") for h in helps)
        if low in WORKERS and error.at(1).kind == "number":
            helps = tuple(h.replace("--device cuda", f"--workers {error.at(1).text}") for h in helps)
        fixes = (
            error.fix((found.start, error.chunk.end, ""), sure=False) if helps[0].startswith("leave the line") else ()
        )
        return error.diagnostic("SCL003", f"{message}: {why}", helps=helps, fixes=fixes, read=False)
    helps = (
        "`data` says what is learned from, `models` what learns, `train` how and how long, `fit` which laws, `expect` "
        "what should hold",
        "others are `title`, `use`, `let`, `optimum`, `budget` and `report`; what is no statement goes behind `#`",
    )
    fixes = ()
    if (claim := _parameter_said(error)) is not None:
        return claim
    if re.match(r"[\w -]+:\s*(\n|$)", error.source.text[found.start : error.chunk.end]) and not meant_statement(
        found.text
    ):
        message = f"{message}: this reads as the configuration of another tool"
        return error.diagnostic("SCL003", message, helps=(_swept(error) or helps), read=False)
    if found.kind == "name" and meant_statement(found.text) is None and (lacks := _lacking(error)):
        fixes = error.fix((found.start, error.chunk.end, ""), sure=False)
        helps = (f"leave the line out: {lacks}",)
        return error.diagnostic("SCL003", message, helps=helps, fixes=fixes, read=False)
    if found.kind == "name" and (meant := meant_statement(found.text)):
        why = "a statement with a similar name exists"
        if low == meant:
            why = "words of the language are in small letters"
        elif SYNONYMS.get(low) == meant and similar(found.text, STATEMENTS) != meant:
            why = "the statement for that is another word"
        helps = (f"{why}: `{meant}`",)
        fixes = error.replaced(meant, sure=low == meant or SYNONYMS.get(low) == meant or _slip(low, meant))
    return error.diagnostic("SCL003", message, helps=helps, fixes=fixes, read=False)


def _lacking(error: SyntaxErrorContext) -> str | None:
    """What is said of a thing that the field has and the language has not, where a line begins with its name."""
    first, second = error.found.text, error.at(1).text
    tried = (f"{first} {second}", first) if error.at(1).kind == "name" else (first,)
    return next((said for name in tried if (said := missing(name))), None)


def _parameter_said(error: SyntaxErrorContext) -> Diagnostic | None:
    """`alpha ~ normal(0.5, 0.1)`, `beta > 0.3`, `E in [1..2]` in column 1: a claim without its word; no prior."""
    found, sign = error.found, error.at(1).text
    if found.text not in _PARAMETERS or sign not in ("~", ">", "<", ">=", "<=", "within", "==", "in"):
        return None
    line = error.source.text[found.start : error.chunk.end].split("\n", 1)[0].rstrip()
    span = Span(found.start, found.start + len(line), error.source.name)
    numbers = re.findall(r"[-\d.]+(?:e[-+]?\d+)?", line[line.find("(") :]) if "(" in line else []
    if sign == "~":
        meant = (
            f"{found.text} within {numbers[1]} of {numbers[0]}" if len(numbers) == 2 else f"{found.text} in [0.3..0.5]"
        )
        if "unif" in line and len(numbers) == 2:
            meant = f"{found.text} in [{numbers[0]}..{numbers[1]}]"
        message = "a fit has no priors; what is expected of a parameter is a claim"
    else:
        meant, message = line, f"no statement begins with `{found.text}`: a claim stands after `expect`"
    fixes = error.fix((found.start, span.end, f"expect {meant}"), sure=False)
    return error.diagnostic("SCL003", message, span=span, helps=(f"write `expect {meant}`",), fixes=fixes, read=False)


#: Parameters of laws and measured quantities that a claim may be about.
_PARAMETERS = ("alpha", "beta", "gamma", "E", "A", "B", "loss", "excess", "a", "b")


def _at_sizes(error: SyntaxErrorContext, text: str) -> str:
    """A help with the sizes that a prediction is asked at put in."""
    asked = re.findall(r"\b([NDC])\s*=\s*([\d.eE+]+\w*)", error.source.text[error.found.start : error.chunk.end])
    both = {"N": "1B", "D": "20B"}
    sizes = asked if any(name == "C" for name, _ in asked) else (both | dict(asked)).items()
    together = ",".join(f"{name}={value}" for name, value in sizes)
    return text.replace("{at:}", together).replace("{at}", together.replace(",", ", "))


def _swept(error: SyntaxErrorContext) -> tuple[str, ...]:
    """The axes that a sweep of another tool comes to: `lr: {values: [1e-3, 1e-2]}`, `width: {min: 16, max: 64}`."""
    text = error.source.text[error.found.start : error.chunk.end]
    found = []
    for name, values in re.findall(r"(\w+)[\"']?\s*:\s*\{?\s*[\"']?values[\"']?\s*:\s*\[([^\]\n]*)\]", text):
        found.append((name, f"in {{{values.strip()}}}"))
    pattern = (
        r"(\w+)[\"']?\s*:\s*\{?(?:\s*[\"']?distribution[\"']?\s*:\s*\S+)?"
        r"\s*[\"']?min[\"']?\s*:\s*([\w.+-]+),?\s*[\"']?max[\"']?\s*:\s*([\w.+-]+)"
    )
    for name, low, high in re.findall(pattern, text):
        found.append((name, f"in [{low}..{high} count 5]"))
    axes = []
    for typed, values in found:
        name = typed if typed in error.words else ELSEWHERE.get(typed.lower(), typed)
        keyword = error.words.get(name) or "train"
        axes.append(f"`{keyword} {'tune ' if name == TUNED else ''}{name} {values}`")
    return (f"write {' and '.join(axes)}",) if axes else ()


def _slip(typed: str, meant: str) -> bool:
    """True for letters left out, doubled or exchanged in a word that is long enough to be told."""
    return len(meant) > 3 and sorted(typed) == sorted(meant)


def _above(error: SyntaxErrorContext) -> str:
    """The word that the statement before this one begins with; empty where there is none."""
    starts = re.findall(rf"(?m)^({'|'.join(STATEMENTS)})\b", error.source.text[: error.chunk.start])
    return starts[-1] if starts else ""
