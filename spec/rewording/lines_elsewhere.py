"""Lines and heads of other tools: options of a command, `as NAME`, imports, loops, assignments."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from ..checks.arguments.translated_calls import written_out
from ..diagnostics.concepts import missing
from ..errors import Diagnostic, SpecError
from ..plan.coerce import called, unlike
from ..syntax import ast
from ..syntax.parser import parse_value
from ..syntax.scanner import STATEMENTS, lexemes
from ..syntax.tree_builder import with_leading_zero
from ..vocabulary.base import KINDS, PARTS, REGISTRY, Kind
from .around.command_options import command_options, options_of_parts
from .constructs import Construct, Statement, closing, parts
from .listed_elsewhere import LISTED, whole

_NAMED = re.compile(r"\s+(?:as|AS|named|called|=>|->|=:)\s+(?P<label>[A-Za-z_]\w*)(?=\s*(?:$|\n|;|\s[A-Za-z_]|,))")


def named_heads(statement: Statement) -> Iterator[Construct]:
    """`data walk(...) as sparse`, `fit chinchilla as main`: labels stand in a set, names of laws in a `let`."""
    text, keyword = statement.text, statement.keyword
    found = _NAMED.search(text)
    if found is None:
        return
    label = found["label"]
    if keyword in PARTS and text.startswith(keyword):
        head = text[len(keyword) : found.start()].strip()
        others = [
            (m["head"].strip(), m["label"])
            for m in re.finditer(
                rf"(?m)^{keyword}\s+(?P<head>[^\n]*?)\s+(?:as|AS|named|called|=>|->|=:)\s+(?P<label>[A-Za-z_]\w*)\b",
                statement.study,
            )
        ]
        if not head or "{" in head or re.search(r"\s(?:in|along)\s", head):
            return
        listed = f"{{{', '.join(f'{name}: {one}' for one, name in others or [(head, label)])}}}"
        first = not others or others[0] == (head, label)
        said = f"a label stands in a set: `{keyword}` names its alternatives there"
        if not first:
            yield Construct(
                0, len(text.rstrip()), said, "", (f"write them all in one: `{keyword} {listed}`",), code="SCL021"
            )
            return
        start = len(keyword) + len(text[len(keyword) :]) - len(text[len(keyword) :].lstrip())
        yield Construct(start, found.end(), said, listed, (f"write `{keyword} {listed}`",), code="SCL021")
    elif keyword in ("fit", "optimum") and text.startswith(keyword) and "#" not in text:
        items = parts(text[len(keyword) :])
        aliases = {item: m for item in items if (m := _NAMED.search(item)) is not None}
        lets = [f"let {m['label']} = {item[: m.start()].strip()}" for item, m in aliases.items()]
        if not lets:
            return
        written = ", ".join(m["label"] + item[m.end() :] if (m := aliases.get(item)) else item for item in items)
        said = f"what follows `{keyword}` takes no name: a `let` gives it one"
        helps = (f"write {' and '.join(f'`{one}`' for one in lets)} before it, and `{keyword} {written}`",)
        before = "".join(f"{one}\n" for one in lets)
        start = text.index(items[0], len(keyword))
        yield Construct(start, len(text.rstrip()), said, written, helps, ((0, 0, before),), code="SCL015")


def assigned_statements(statement: Statement) -> Iterator[Construct]:
    """`main = fit chinchilla`: a law has its name by a `let`."""
    found = re.match(
        r"(?:let\s+(?=\w+\s*=\s*(?:fit|optimum)\s*\()|(?!let\b))(?P<name>[A-Za-z_]\w*)\s*(?:=|<-|:=)\s*(?P<word>fit|optimum|data|models|train|expect)\b[\s(]+(?P<rest>[^\n]+?)\)?\s*$",
        statement.text,
    )
    if found is None or found["name"] in STATEMENTS:
        return
    name, word, rest = found["name"], found["word"], found["rest"]
    rest = rest if rest.count("(") == rest.count(")") else rest + ")"
    if word in ("fit", "optimum"):
        said = "a law has its name by a `let`, and is fitted by that"
        written = f"let {name} = {rest}"
        if not re.search(rf"(?m)^{word}\b[^\n]*\b{name}\b", statement.study):
            written = f"{written}\n{word} {name}"
        helps: tuple[str, ...] = (f"write `let {name} = {rest}`, and `{word} {name}`",)
    else:
        said = "a statement is no value, and has no name"
        written, helps = f"{word} {rest}", (f"write `{word} {rest}`",)
    yield Construct(0, len(statement.text.rstrip()), said, written, helps, code="SCL003")


def named_values(statement: Statement) -> Iterator[Construct]:
    """`g <- ba(n=256, m=4)`, `graph := er(512, .02)`: a value has its name by a `let`."""
    found = re.match(r"(?P<name>[A-Za-z_]\w*)\s*(?:<-|:=)\s*(?P<value>\S[^\n]*?)\s*$", statement.text)
    if found is None or found["name"] in STATEMENTS or statement.keyword:
        return
    value = found["value"]
    if counted := re.fullmatch(r"\(?(\d+)\s*:\s*(\d+)\)?", value):
        first, last = int(counted[1]), int(counted[2])
        value = f"[{first}..{last} step 1]"
        if 0 <= last - first < LISTED:
            value = f"{{{', '.join(map(str, range(first, last + 1)))}}}"
    written = f"let {found['name']} = {value}"
    yield Construct(0, found.end(), "a value has its name by a `let`, and `=`", written, code="SCL003")


_IMPORT = re.compile(
    r"(?:from\s+[\w.]+\s+import\b|import\s+(?!\")[\w.{*]|use\s+(?!\")(?![\w./-]+\.scl\b)[A-Za-z_][\w.:/]*(?:\s*\(|\s*$|\s*::|\s*,|\s+only\b)|using\s+[A-Z]\w*|"
    r"library\s*\(|require\s*\(|@?include\s+(?!\")\S+$|#include)"
)


#: What is imported elsewhere, and is no study.
_LIBRARIES = ("scalingdsl", "scaling", "numpy", "torch", "np", "pandas", "std", "stdlib", "scl", "jax", "scipy", "math")


def imports(statement: Statement) -> Iterator[Construct]:
    """`use scalingdsl.graphs (er, ba)`, `from scalingdsl import *`, `library(scaling)`: every word is there."""
    named = re.fullmatch(r"(?:use|include|extends|inherit)\s+([A-Za-z_][\w-]*)", statement.text.strip())
    if named and named[1] not in (*_LIBRARIES, *REGISTRY):
        written = f'use "{named[1]}.scl"'
        said = "another study is used by its path in double quotes"
        yield Construct(0, len(statement.text.rstrip()), said, written, code="SCL022")
        return
    if _IMPORT.match(statement.text):
        said = "nothing is imported: every word of the language is there"
        helps = ('leave the line out; to go on from another study, `use "base.scl"`',)
        if file := re.search(r"[\w./-]+\.scl\b", statement.text):
            yield Construct(
                0,
                len(statement.text.rstrip()),
                "another study is used by its path in double quotes",
                f'use "{file[0]}"',
                code="SCL022",
            )
            return
        yield Construct(0, len(statement.text.rstrip()), said, "", helps, code="SCL003")


_PLACES = re.compile(
    r"\s*,?\s*\b(?:on|using|with|via|across|in)\s+(?:(?:a|the|one|two|four|eight|\d+)\s*x?\s*)?(?:nvidia\s+)?"
    r"(?:gpus?|cuda(?::\d+)?|cpus?|tpus?|mps|[ahv]\d{2,3}s?|workers?|cores?|nodes?|slurm|parallel|threads?|processes|jobs)\b"
    r"(?:\s*(?:,|and|with)\s*\d+\s*(?:workers?|cores?|gpus?|jobs|threads?|processes|nodes?))?(?=\s*(?:$|\n|;))",
    re.IGNORECASE,
)


def places(statement: Statement) -> Iterator[Construct]:
    """`train adamw(lr=.02) on gpu with 4 workers`: where a study runs is said to the command."""
    for found in _PLACES.finditer(statement.text) if statement.keyword in (*PARTS, "budget", "fit") else ():
        low = found[0].lower()
        device = (
            " --device cuda" if re.search(r"gpu|cuda|[ahv]\d{2,3}", low) else " --device cpu" if "cpu" in low else ""
        )
        workers = re.search(r"(\d+)\s*(?:workers?|cores?|jobs|threads?|processes)", low)
        slurm = " --executor slurm" if "slurm" in low else ""
        command = f"scalingdsl run STUDY{device}{f' --workers {workers[1]}' if workers else ''}{slurm}"
        said = "where a study runs is no part of it"
        yield Construct(
            found.start(), found.end(), said, "", (f"leave it out, and say it to the command: `{command}`",)
        )


_BLOCK = re.compile(
    r"(?P<word>for|foreach|if|while|elif|with)\s+(?P<test>[^\n]*?)\s*(?::|\{|\bdo\b|\bthen\b)[ \t]*(?:\n|(?=\S))"
    r"(?P<body>.*)$",
    re.DOTALL,
)
_LOOP = re.compile(r"\(?\s*(?:auto |int |let |var )?(?P<name>[A-Za-z_]\w*)\s*(?:in|=|of|∈)\s*(?P<values>.+?)\)?$")


def loops(statement: Statement) -> Iterator[Construct]:
    """`for lr in [0.01, 0.02]:` with `train adamw(lr=lr)` in it: the axis stands where its values go."""
    text = statement.text
    block = _BLOCK.match(text.rstrip())
    loop = _LOOP.match(block["test"]) if block and block["word"] in ("for", "foreach") else None
    body = re.sub(r"\n\s*\}?\s*$", "", block["body"]).strip() if block else ""
    if loop is None or not re.match(rf"(?:{'|'.join(STATEMENTS)})\b", body) or "\n" in body:
        return
    name = loop["name"]
    from .listed_elsewhere import swept, values_of

    numbers = values_of(loop["values"])
    sweep = swept(numbers, whole(name)) if numbers else re.sub(r"^[\[(](.*)[\])]$", r"{\1}", loop["values"])
    role = "tune " if name == "lr" else ""
    named = re.compile(rf"\b(\w+)\s*=\s*{name}\b")
    put = (
        named.sub(lambda m: f"{role}{m[1]} in {sweep}", body, count=1)
        if named.search(body)
        else f"{body}  {role}{name} in {sweep}"
    )
    said = "a study has no loops: an axis goes through its values by itself"
    yield Construct(0, len(text.rstrip()), said, put, (f"write `{put}`",), code="SCL003")


_BESIDES = re.compile(
    r"(?:\s{2,}|\s*,\s*|\s+(?:and|,)\s+|(?<=[\])}\w])\s+)(?P<all>(?:with|using|without|no|and|plus|use|enable|enabling|until|till|"
    r"save|saving|keep|write|log|logging|evaluate|evaluating|eval|validate|checkpoint|checkpointing|stop|stopping|track|"
    r"report|early|resume|restart|send|print)\b[^\n;=\[\]{}()]*?)(?=\s*$|\s{2,})",
    re.IGNORECASE | re.MULTILINE,
)


def said_besides(statement: Statement) -> Iterator[Construct]:
    """`train adamw ... with early stopping`, `save checkpoints every 100 steps`: what the language has not."""
    text = statement.text
    query = re.match(r"\w+\s+select\b", text, re.IGNORECASE)
    for found in _BESIDES.finditer(text) if statement.keyword in (*PARTS, "fit") and not query else ():
        words = re.findall(r"[A-Za-z][\w-]*", found["all"])
        tried = [" ".join(words[i : i + n]) for n in (3, 2, 1) for i in range(len(words) - n + 1)]
        why = next((w for t in tried if (w := missing(t, statement.keyword == "fit"))), None)
        if (
            why is None
            or (len(words) > 1 and words[1] in REGISTRY)
            or text.count("(", 0, found.start()) > text.count(")", 0, found.start())
        ):
            continue
        said = f"`{' '.join(found['all'].split())}` says nothing here"
        yield Construct(found.start(), found.end(), said, "", (f"leave it out: {why}",))


_CALL = re.compile(r"(?<=[\s,])(?P<name>[A-Za-z_]\w*)\s*(?=\()")


def called_besides(statement: Statement) -> Iterator[Construct]:
    """`train adamw  early_stopping(patience=3)`: a call, behind a head, of what the language has not."""
    text = statement.text
    for found in _CALL.finditer(text) if statement.keyword in PARTS else ():
        before = text[: found.start()]
        end = closing(text, found.end())
        if end is None or found["name"] in REGISTRY or len(before.split()) < 2 or before.count("(") > before.count(")"):
            continue
        if (why := missing(found["name"])) is not None and not re.search(r"(?:\bin|\balong|[=,:{\[])\s*$", before):
            typed_so = " ".join(text[found.start() : end].split())
            said = f"`{typed_so}` says nothing here"
            yield Construct(found.start(), end, said, "", (f"leave it out: {why}",))


def short_minutes(statement: Statement) -> Iterator[Construct]:
    """`budget 90m`: of a time, `m` are minutes."""
    for found in re.finditer(r"\b(\d+(?:\.\d+)?)m\b", statement.text) if statement.keyword == "budget" else ():
        said = "minutes are `min`: `m` is no unit"
        written = f"{found[1]}min"
        yield Construct(found.start(), found.end(), said, written, (f"write `{written}`",), code="SCL201")


def short_millions(statement: Statement) -> Iterator[Construct]:
    """`tokens in [.5m..4m]`: of what is no time, `m` are millions."""
    for piece in lexemes(statement.text) if statement.keyword in (*PARTS, "fit", "optimum") else ():
        if piece.kind == "number" and (found := re.fullmatch(r"(\d*\.?\d+)m", piece.text)):
            said = "millions are `M`: `m` is no magnitude and no unit"
            written = f"{with_leading_zero(found[1])}M"
            yield Construct(piece.start, piece.end, said, written, (f"write `{written}`",), code="SCL201")


_MODULE = re.compile(
    r"(?<![\w\".])(?P<modules>(?:[A-Za-z_]\w*\.)+)(?P<name>[A-Za-z_]\w*)(?=\s*(?:\(|$|\s{2}))", re.MULTILINE
)


_SCALE = re.compile(
    r"(?<=[\]}])[ \t]*,?[ \t]*\(?(?:(?:on|in|with|at|evenly|equally)[ \t]+)*(?:a[ \t]+)?"
    r"(?:log|logarithmic(?:ally)?|geometric(?:ally)?)(?:[ \t-]*(?:scale|space|spacing|spaced|axis|steps))?\)?"
    r"(?=[ \t]*(?:$|\n|;|[A-Za-z_]\w*[ \t]*(?:in\b|=)))",
    re.MULTILINE,
)


def scales(statement: Statement) -> Iterator[Construct]:
    """`tokens in [125k..1M] on log scale`: a range doubles, and so is evenly spaced in the logarithm."""
    for found in _SCALE.finditer(statement.text) if statement.keyword in PARTS else ():
        said = f"`{found[0].strip(' ,()')}` says nothing here: a range doubles, and so is even in the logarithm"
        yield Construct(found.start(), found.end(), said, "", (f"leave `{found[0].strip(' ,()')}` out",))


_QUOTED = re.compile(r"(?:data|models|train)[ \t]*[:=]?[ \t]*(?P<word>([\"'])(?P<name>[A-Za-z][\w-]*)\2)(?=\s|$)")


def quoted_heads(statement: Statement) -> Iterator[Construct]:
    """`models "gpt2"`, `train "adamw"`: a word stands without quotes."""
    found = _QUOTED.match(statement.text)
    kind = next((KINDS[part] for part in PARTS if part == statement.keyword), None)
    if found is not None and kind is not None and (meant := called(found["name"], kind)) and '"' not in meant:
        why = unlike(found["name"], kind)
        helps = (f"write `{statement.keyword} {meant}`{f': {why}' if why else ''}",)
        said = "what a statement is of is a word, which has no quotes"
        sized = re.search(r"\b(?:in|along)\b|=", statement.text) or statement.keyword != "models"
        yield Construct(found.start("word"), found.end("word"), said, meant if sized else None, helps, code="SCL101")


_BUILT = re.compile(
    r"(?P<maker>[A-Za-z_]\w*)\s*\.\s*(?:from_config|from_pretrained|from_name|build|create)\s*\(\s*(?P<inner>[A-Za-z_]\w*)\s*(?=\()"
)


def built_models(statement: Statement) -> Iterator[Construct]:
    """`models AutoModelForCausalLM.from_config(GPT2Config(n_layer=2))`: the word with what is inside of both."""
    found = _BUILT.search(statement.text) if statement.keyword == "models" else None
    end = closing(statement.text, found.end()) if found else None
    if found is None or end is None or statement.text[end : end + 1] != ")":
        return
    meant = called(found["inner"], "family") or called(found["maker"], "family")
    if meant and "(" not in meant:
        said = f"`{found['maker']}` is a name of another library, and a model is a word with its parameters"
        helps = (f"write `{meant}{statement.text[found.end() : end]}`: every model begins at random weights",)
        yield Construct(found.start(), found.end(), said, meant, helps, ((end, end + 1, ""),), code="SCL101")


def modules(statement: Statement) -> Iterator[Construct]:
    """`train torch.optim.AdamW(lr=.003)`: the word is its last name, as it is written here."""
    text = statement.text
    for found in _MODULE.finditer(text) if statement.keyword in (*PARTS, "let") else ():
        before = text[: found.start()].rstrip()
        kinds: tuple[Kind, ...] = ("graph", "schedule", "tokenizer")
        if before == statement.keyword:
            kinds = (KINDS[statement.keyword],)  # type: ignore[index]
        meant = next((m for kind in kinds if (m := called(found["name"], kind))), "")
        plain = meant.split("(")[0]
        quoted = text.count('"', 0, found.start()) % 2
        end = closing(text, found.end()) if text[found.end() : found.end() + 1] == "(" else None
        if not plain and not quoted and end is not None and found["modules"].split(".")[0] in _GRAPHS:
            file = f"{found['name'].removesuffix('_graph')}.txt"
            said = f"`{found[0]}` is no graph that this version draws: any can be brought as a file, an edge a line"
            made = f"`nx.write_edgelist(G, {chr(34)}{file}{chr(34)}, data=False)` there"
            saved = (f"save it by {made}, and write `edges({chr(34)}{file}{chr(34)})`",)
            yield Construct(found.start(), end, said, None, saved, code="SCL101")
        if not plain or quoted:
            continue
        written = meant if meant != plain and text[found.end() : found.end() + 1] != "(" else plain
        said = f"`{found[0]}` is a name of another library: words of the language have no modules"
        helps = _as_call(text[found.start("name") : end], kinds) if end is not None else ()
        if end is not None and helps:
            yield Construct(found.start(), end, said, helps[0].split("`")[1], helps, code="SCL101")
            continue
        shown = f"{written}{text[found.end() : end]}" if end is not None and end - found.end() < 40 else written
        yield Construct(found.start(), found.end(), said, written, (f"write `{shown}`",), code="SCL101")


#: Libraries of graphs, by the names they are imported under.
_GRAPHS = ("nx", "networkx", "ig", "igraph")


def _as_call(typed: str, kinds: Sequence[Kind]) -> tuple[str, ...]:
    """The help that writes a call by another's name for a word, its arguments as the word takes them, and what is left
    out; () where that is not plain.
    """
    try:
        call = parse_value(typed)
    except SpecError:
        return ()
    kind = next((k for k in kinds if isinstance(call, ast.Call) and called(call.name, k)), None)
    if kind is None or not isinstance(call, ast.Call) or call.name in REGISTRY:
        return ()
    helps = written_out(Diagnostic("SCL101", "", call.span), call, kind, {}).helps
    return helps if helps and helps[0].startswith("write `") else ()


FINDERS = (
    scales,
    said_besides,
    called_besides,
    short_minutes,
    short_millions,
    built_models,
    quoted_heads,
    modules,
    imports,
    options_of_parts,
    command_options,
    places,
    assigned_statements,
    named_heads,
    loops,
)
