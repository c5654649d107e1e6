"""Programs around a training script, for what they say of a study: command lines, loops of a shell, Makefiles, rules.

Options and variables are read into one tree of names and values, which is said in statements as a file of settings is.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
from typing import Any

from ..diagnostics.concepts import missing
from ..errors import Diagnostic
from ..syntax.preserved import lost
from ..syntax.recovery.foreign.words import meant_statement
from ..syntax.scanner import STATEMENTS
from ..vocabulary.base import KINDS, PARTS, REGISTRY
from .constructs import Construct, Statement, closing, parts
from .loose.loose_reading import reworded

#: Lines that call a program, with what stands before it.
_CALLS = re.compile(
    r"(?m)^[ \t]*(?:(?:shell|command|run|cmd|script)[ \t]*[:=][ \t]*[\"']*|[$>!%@-][ \t]*)?(?:[A-Z_]+=\S*[ \t]+)*"
    r"(?P<call>(?:python3?|torchrun|accelerate|deepspeed|srun|poetry[ \t]run|uv[ \t]run|nohup|composer|\./[\w/.-]+"
    r"|\w+\.py)"
    r"[ \t](?:[^\n]|\\\n)*)"
)
_VARIABLE = re.compile(r"(?m)^[ \t]*(?:export[ \t]+)?(?P<name>[A-Za-z_]\w*)[ \t]*[:?]?=[ \t]*(?P<value>[^\n=]+)$")
_LOOP = re.compile(
    r"(?m)^[ \t]*(?:for|foreach)[ \t]+\(?(?P<name>\w+)[ \t]+in[ \t]+(?P<values>[^\n;:]+?)[ \t]*\)?(?:;|:|\bdo\b|$)"
)
_EXPANDED = re.compile(r"\b(?:expand|foreach|product)\b[^\n]*")
_NAMED = re.compile(r"(?P<name>[A-Za-z_]\w*)[ \t]*=[ \t]*(?P<value>\[[^\]]*\]|\([^)]*\))")
_REFERENCE = re.compile(r"\$?[({]+\s*(?:wildcards\.|params\.|matrix\.)?(?P<one>\w+)\s*[)}]+|\$(?P<two>\w+)|\$\*")
_PLAIN = re.compile(r"[-+]?[\w.%/+-]+")
#: What tells the kind of a file, and what it is called.
KINDS_OF_FILES = (
    (re.compile(r"(?m)^rule\s+\w+\s*:"), "a Snakefile"),
    (re.compile(r"(?m)^\.PHONY|^[\w./%-]+:(?:[ \t][^\n]*)?\n\t|\$\(\w+\)"), "a Makefile"),
    (re.compile(r"(?m)^#!|^\s*(?:done|fi|do)\s*$|;\s*do\b|^#SBATCH"), "a script of a shell"),
)
#: Options that say nothing of a study.
_NOTHING = {"m", "multirun", "config", "config_name", "nproc_per_node", "nnodes", "c", "config_path", "module"}


def programs(text: str) -> tuple[str, dict[str, Any]] | None:
    """What a text that calls a training program is, and the settings that it gives; None for any other text."""
    calls = [re.sub(r"\\\n", " ", found["call"]) for found in _CALLS.finditer(text)]
    if not calls:
        return None
    given = {found["name"]: listed(found["value"]) for found in _VARIABLE.finditer(text)}
    for found in _EXPANDED.finditer(text):
        given |= {named["name"]: listed(named["value"]) for named in _NAMED.finditer(found[0])}
    looped = {found["name"]: _resolved(listed(found["values"]), given) for found in _LOOP.finditer(text)}
    tree: dict[str, Any] = {}
    for call in calls:
        for name, values in options_of(call):
            plain = name.rsplit(".", 1)[-1].replace("-", "_")
            if plain in _NOTHING:
                continue
            values = _resolved(values, given | looped, plain)
            if values:
                tree[plain] = values if len(values) > 1 else values[0]
    for name, values in given.items():
        low = name.lower()
        if len(values) > 1 and not {low, low.removesuffix("s")} & {*tree}:
            tree[low] = values
    kind = next((said for sign, said in KINDS_OF_FILES if sign.search(text)), "")
    return (kind or "a command for a shell", tree) if kind or tree else None


def trainer_of(text: str) -> str:
    """The first program that a text calls, with places for the values of its options; empty where it has none."""
    found = _CALLS.search(text)
    if found is None:
        return ""
    call = re.sub(r"\\\n", " ", found["call"])
    head = re.match(r"[^-\n]*?\.py\b|\S+(?:[ \t]+[^-\s]\S*)?", call)
    names = [name for name, values in options_of(call) if values]
    options = " ".join(f"--{name} {{{name.rsplit('.', 1)[-1].replace('-', '_')}}}" for name in names)
    return f"{head[0].strip()} {options}".strip() if head and names else ""


def options_of(call: str) -> Iterator[tuple[str, list[str]]]:
    """Options of a command line with their values: `--width 16 32`, `--lr=.01`, `model.width=16,32`."""
    pieces = re.findall(r"\"[^\"]*\"|'[^']*'|\[[^\]]*\]|\{[^}]*\}|\S+", call)
    i = 0
    while i < len(pieces):
        piece = pieces[i].rstrip("\\;")
        i += 1
        found = re.match(r"(?:--?|\+\+?)?([A-Za-z][\w.-]*)(?:=(.*))?$", piece)
        marked = piece.startswith("-")
        if found is None or (not marked and found[2] is None):
            continue
        if found[2] is not None:
            inside = found[2] or (pieces[i] if i < len(pieces) else "")
            yield found[1], listed(inside)
            continue
        values: list[str] = []
        while i < len(pieces) and not re.match(r"--?[A-Za-z]|[A-Za-z][\w.]*=|[;&|]", pieces[i]):
            values += listed(pieces[i])
            i += 1
        yield found[1], values


def listed(text: str) -> list[str]:
    """The values that a variable or an option lists."""
    inside = text.strip().strip("\"'").strip()
    if re.fullmatch(r"[\[({].*[\])}]", inside) and not _REFERENCE.fullmatch(inside):
        inside = inside[1:-1]
    counted = re.fullmatch(r"\$?\(?\{?\s*(?:seq\s+)?(-?\d+)(?:\.\.|\s+)(\d+)\s*\}?\)?", inside)
    if counted and ("seq" in inside or ".." in inside):
        return [str(k) for k in range(int(counted[1]), min(int(counted[2]), int(counted[1]) + 30) + 1)]
    if _REFERENCE.search(inside):
        return [inside]
    return [v.strip("\"'") for v in re.split(r"[,\s]+", inside) if v.strip("\"'")]


def _resolved(values: Sequence[str], known: dict[str, list[str]], name: str = "") -> list[str]:
    """The values, with those of a variable in its place; none where it is not known."""
    found: list[str] = []
    for value in values:
        if (reference := _REFERENCE.search(value)) is None:
            found += [value] if _PLAIN.fullmatch(value) else []
            continue
        wanted = (reference["one"] or reference["two"] or name).lower()
        ways = (wanted, f"{wanted}s", name, f"{name}s")
        found += next((v for way in ways for k, v in known.items() if k.lower() == way and v != [value]), [])
    return found


# --- blocks -----------------------------------------------------------------------------------------------------------

_WORD = re.compile(r"([A-Za-z_]\w*)\s*[:=]?\s*(.*)$", re.DOTALL)
_INDENTED = re.compile(rf"(?m)^[ \t]+(?:{'|'.join(STATEMENTS)})\b[ \t]*[=:{{]?[ \t]*\S|^[}}\])]+[;,]?[ \t]*$")


def unfolded(text: str, check: Callable[[str], Sequence[Diagnostic]]) -> list[str] | None:
    """The statements of a study that stand in blocks, by braces or further in; None where that is not all there is."""
    if not _INDENTED.search(text) or not re.search(r"(?m)[{:][ \t]*$|^[})\]]", text):
        return None
    found: list[str] = []
    for raw in text.split("\n"):
        line = re.sub(r"\s+#.*$", "", raw.strip()).strip()
        if not line or line.startswith("#") or re.fullmatch(r"[}\]);,]+", line):
            continue
        opens = line.endswith(("{", ":"))
        line = re.sub(r"\s*(?:[{:]|[;,])$", "", line)
        word = _WORD.match(line)
        first = word[1] if word else ""
        meant = first.lower() if first.lower() in STATEMENTS else meant_statement(first) or ""
        if word is None or not meant:
            if found and not opens:
                found[-1] += f"\n  {line}"
            elif not opens:
                return None
            continue
        rest = word[2].strip()
        if opens and (not rest or first.lower() not in STATEMENTS):
            title = re.search(r"\"[^\"\n]+\"", rest)
            if title:
                found.append(f"title {title[0]}")
            elif first.lower() in PARTS:
                found.append(first.lower())
            continue
        inside = re.fullmatch(r"\{\s*(?!\w+\s*:)(.*?)\s*\}?", rest, re.DOTALL)
        if inside and meant in PARTS:
            rest = re.sub(r"\s*[;,]\s*(?=\w+\s*(?:=|in\b))", "  ", inside[1])
        if meant == "title" and not rest.startswith('"'):
            rest = f'"{rest}"'
        found.append(f"{meant} {rest}")
    new = "\n".join(found) + "\n"
    if len(found) < 2 or any(d.severity == "error" and d.code < "SCL1" for d in check(new)):
        return None
    left = [x for x in lost(text, new) if re.search(r"\d|\"", x)]
    return None if left else found


# --- statements of other languages ------------------------------------------------------------------------------------

_QUERY = re.compile(
    r"select\s+(?P<laws>.+?)\s+from\s+(?P<table>table\([^()]*\)|\"[^\"]+\"|'[^']+'|[\w./-]+)"
    r"(?:\s+where\s+(?P<where>.+?))?(?:\s+(?:group|order)\s+by\s+(?P<by>[\w, ]+))?\s*;?\s*$",
    re.IGNORECASE | re.DOTALL,
)


def queries(statement: Statement) -> Iterator[Construct]:
    """`SELECT chinchilla FROM "runs.csv" WHERE tokens >= 1e9`: a table, and laws fitted to some of its rows."""
    found = _QUERY.match(statement.text)
    if found is None:
        return
    table = (
        found["table"] if found["table"].startswith("table(") else f'table("{found["table"].strip(chr(34) + chr(39))}")'
    )
    laws = [p for p in parts(found["laws"]) if p.split("(")[0] in REGISTRY and REGISTRY[p.split("(")[0]].kind == "law"]
    where = re.sub(r"(?<![<>=!])=(?!=)", "==", found["where"] or "").replace("<>", "!=")
    where = re.sub(r"\b(AND|OR|NOT)\b", lambda m: m[1].lower(), where)
    condition = f" where {where}" if where else ""
    lines = [f"data {table}", f"fit {', '.join(laws) if laws else 'chinchilla'}{condition}"]
    said = "this is SQL: a table is named by `data`, and laws with their condition by `fit`"
    helps = tuple(f"{'and ' if i else 'write '}`{line}`" for i, line in enumerate(lines))
    yield Construct(0, len(statement.text.rstrip()), said, "\n".join(lines), helps, code="SCL003")


_BLOCK = re.compile(
    r"(?:(?P<name>[A-Za-z_]\w*)\s*(?::\s*\w+\s*)?=\s*)?(?P<call>[A-Za-z_][\w.]*)?\s*(?P<open>[({])", re.DOTALL
)
_SETTINGS = re.compile(r"arg|config|cfg|param|option|setting|setup|dict|kwargs|trainer|namespace", re.IGNORECASE)


def settings_blocks(statement: Statement) -> Iterator[Construct]:
    """`args = TrainingArguments(learning_rate=2e-2, ...)`, `config = {"lr": .02}`: settings stand in statements."""
    found = _BLOCK.match(statement.text)
    if found is None or not (found["name"] or found["call"]) or (found["call"] or "") in REGISTRY:
        return
    if not _SETTINGS.search(f"{found['name'] or ''} {found['call'] or ''}"):
        return
    if (found["name"] or found["call"]) in STATEMENTS:
        return
    end = closing(statement.text, found.start("open"))
    if end is None or statement.text[end:].strip():
        return
    made, left = said_of(parts(statement.text[found.start("open") + 1 : end - 1]))
    if not made:
        return
    others = statement.study[: statement.start] + statement.study[statement.start + len(statement.text) :]
    there = [line for line in made if re.search(rf"(?m)^{line.split()[0]}\b", others)]
    said = "a study has no objects of settings: they stand in statements"
    if there:
        helps = ("leave it out", *(f"and write its settings in yours, as in `{line}`" for line in made), *left)
        yield Construct(0, len(statement.text.rstrip()), said, "", helps, code="SCL003")
        return
    helps = (*(f"{'and ' if i else 'write '}`{line}`" for i, line in enumerate(made)), *left)
    yield Construct(0, len(statement.text.rstrip()), said, "\n".join(made), helps, code="SCL003")


def said_of(settings: Sequence[str]) -> tuple[list[str], tuple[str, ...]]:
    """The statements that settings such as `learning_rate=2e-2` come to, and what is said of those left out."""
    known: list[str] = []
    left: list[str] = []
    for one in settings:
        name = re.match(r"[\"']?([\w.-]+)", one)
        why = missing(name[1].rsplit(".", 1)[-1]) if name else None
        if why is None and any(reworded(one, part, {}) for part in ("", *PARTS)):
            known.append(one)
        elif name:
            left.append(f"`{' '.join(one.split())}` is left out" + (f": {why}" if why else ""))
    joined = ", ".join(known)
    ways = (reworded(joined, part, {}) for part in ("", "train", "models", "data"))
    return next((list(way) for way in ways if way), []), tuple(left)


_LABELLED = re.compile(r"(?P<label>[A-Za-z_]\w*)\s*[:=]\s*(?P<call>(?P<word>[A-Za-z_]\w*)\s*(?:\(.*\))?)$", re.DOTALL)


def labelled(statement: Statement) -> Iterator[Construct]:
    """`data: sparse = walk(...), dense = walk(...)`: alternatives with labels stand in a set."""
    text = statement.text.rstrip()
    head = re.match(r"(\w+)\s*[:=]?\s*", text)
    if head is None or statement.keyword not in PARTS:
        return
    items = parts(text[head.end() :], ",\n")
    pairs = [_LABELLED.match(item.strip()) for item in items]
    kind = KINDS[statement.keyword]
    if len(pairs) < 2 or any(p is None or p["word"] not in REGISTRY or REGISTRY[p["word"]].kind != kind for p in pairs):
        return
    listed = ", ".join(f"{p['label']}: {p['call']}" for p in pairs if p is not None)
    written = f"{statement.keyword} {{{listed}}}"
    said = f"several alternatives of `{statement.keyword}` are a set: each has its label and `:`, in braces"
    yield Construct(0, len(text), said, written, (f"write `{written}`",), code="SCL015")


_READ = re.compile(
    r"(?:(?:pathlib\.)?Path|io\.open|open|codecs\.open|gzip\.open)\(\s*([\"'][^\"'\n]+[\"'])[^()\n]*\)(?:\s*\.\s*\w+\(\s*\))*"
)


def read_files(statement: Statement) -> Iterator[Construct]:
    """`data open("book.txt").read()`: a text is named by its path, and read by the source."""
    for found in _READ.finditer(statement.text) if statement.keyword == "data" else ():
        path = f'"{found[1][1:-1]}"'
        inside = statement.text[: found.start()].rstrip().endswith("(")
        word = next(w for w, t in REGISTRY.items() if t.kind == "source" and t.instead and "path" in t.order)
        written = path if inside else f"{word}({path})"
        said = "a file is named by its path, and read by the source that it stands in"
        yield Construct(found.start(), found.end(), said, written, (f"write `{written}`",), code="SCL022")


_COMMAND = re.compile(
    r"(?:train|models)\s+(?P<head>(?:\w+\s*\(\s*)?(?P<quote>[\"'])(?P<command>[^\"'\n]*?(?:\b(?:python3?|torchrun|accelerate|srun|bash)\s"
    r"|\.py\b|\.sh\b)[^\"'\n]*)(?P=quote)(?:\s*\))?)"
)
_OWN = re.compile(
    r"(?m)^models\b[ \t]*(?:[A-Za-z_]\w*[ \t]*(?:\([^()]*\))?(?=[ \t]*$|[ \t]+\w+[ \t]+in\b))?[ \t]*"
    r"(?P<axes>[^\n]*)$"
)


def commands(statement: Statement) -> Iterator[Construct]:
    """`train external("python train.py --lr {lr}")`: the command of one's own program is said to `run`."""
    found = _COMMAND.match(statement.text)
    if found is None:
        return
    said = "a study holds no command: the program that trains its models is said to `run`"
    helps = [f"leave it out, and write `scalingdsl run STUDY --trainer '{found['command']}'`"]
    sized, more = "external(N=12*layers*width^2, layers=2)", []
    models = _OWN.search(statement.study) if statement.keyword == "train" else None
    if models is not None and "external" not in models[0]:
        axes = f"  {models['axes']}" if models["axes"].strip() else "  width in [64..512]"
        more.append((models.start() - statement.start, models.end() - statement.start, f"models {sized}{axes}"))
        helps.append(f"and `models {sized}{axes}`, with the size of your models")
    data = re.search(r"(?m)^data\b(?!.*\bdataset\s*\()[^\n]*", statement.study)
    if data is not None and data[0].count("(") == data[0].count(")"):
        file = re.search(r"[\"']([\w-]+)[^\"'\n]*[\"']", data[0])
        written = f'data dataset("{file[1] if file else "mine"}")'
        more.append((data.start() - statement.start, data.end() - statement.start, written))
        helps.append(f"and `{written}`, by whatever name the program knows them")
    put = sized if statement.keyword == "models" else ""
    behind = re.compile(r"\s*,\s*").match(statement.text, found.end())
    if behind is not None and "(" in found["head"]:  # further arguments, which stay
        put, end = found["head"].split("(")[0] + "(", behind.end()
    else:
        end = found.end()
    yield Construct(found.start("head"), end, said, put, tuple(helps), tuple(more), code="SCL102")


FINDERS = (read_files, queries, labelled, settings_blocks, commands)
