"""Studies in the format of another tool, TOML, JSON, YAML, ini or Python: told once, and written anew as a whole."""

from __future__ import annotations

import ast
import json
import re
import tomllib
from collections.abc import Callable, Iterator, Sequence
from typing import Any

from ..diagnostics.concepts import missing
from ..diagnostics.suggest import ELSEWHERE, called_elsewhere
from ..errors import Diagnostic, Edit, Fix
from ..source import Span
from ..syntax.recovery.foreign.words import meant_statement
from ..syntax.scanner import STATEMENTS
from ..syntax.statement_examples import EXAMPLES
from ..vocabulary.base import PARTS, REGISTRY
from ..vocabulary.parameters import typed
from ..vocabulary.settings import SETTINGS
from .around.loops_around import loops_around
from .constructs import Construct, Statement
from .loose.loose_reading import reworded
from .other_programs import programs, trainer_of, unfolded
from .sections_of_files import Sections, ini, once, opened, scalar, statement_of

#: Characters of a text that is looked at.
LONGEST = 20_000
_HEADING = re.compile(r"(?m)^\[+[\w.\" -]+\]+[ \t]*(?:#.*)?$")
_KEY = re.compile(r"(?m)^[A-Za-z_\"'][\w\"'./ -]*:(?:[ \t]|$)")
_CHILD = re.compile(r"(?m)^[ \t]+(?:-[ \t]+\S|[\w\"'./-]+:(?:[ \t]|$))")
_ASSIGNED = re.compile(r"([A-Za-z_]\w*)\s*=\s*[^=\s(][^(]*")
_STATEMENT = re.compile(rf"(?m)^(?:{'|'.join(STATEMENTS)})[ \t]+[\w\"{{]")
_FRONT = re.compile(r"\s*---[ \t]*\n(?P<said>(?:[^\n:]+:[^\n]*\n|[ \t]*\n)*)---[ \t]*(?:\n|$)")
Check = Callable[[str], Sequence[Diagnostic]]


def whole_format(text: str, file: str, check: Check) -> Diagnostic | None:
    """The one finding about a text that is a study in the format of another tool; None for any other text."""
    if len(text) > LONGEST:
        return None
    first = len(text) - len(text.lstrip())
    span = Span(first, first + len(text[first:].split("\n", 1)[0].rstrip()), file)
    if (front := _front_matter(text, span)) is not None:
        return front
    if (looped := loops_around(text, span, check)) is not None:
        return looped
    found = _tree(text)
    if found is None:
        return _in_blocks(text, span, check)
    name, tree = found
    sections = Sections.of(opened(tree))
    statements = once(sections.statements)
    message = f"this is {name}, and a study is a text of statements, each on a line of its own"
    if not statements:
        helps: tuple[str, ...] = (f"write statements such as `{EXAMPLES['data'][0]}` and `{EXAMPLES['models'][0]}`",)
        if called := trainer_of(text):
            helps += (_TRAINER.format(called),)
        return Diagnostic("SCL003", message, span, helps=helps)
    new = "\n".join(statements) + "\n"
    helps = tuple(f"{'and ' if i else 'write '}`{line}`" for i, line in enumerate(statements))
    left = [d for d in check(new) if d.severity == "error"]
    wrong = any(d.code < "SCL1" for d in left)
    helps += tuple(f"{d.message}: {d.helps[0]}" for d in left if d.helps and d.code[:4] in ("SCL1", "SCL2"))
    helps += sections.said()
    fixes = () if wrong else (Fix((Edit(Span(0, len(text), file), new),), "maybe-incorrect"),)
    if called := trainer_of(text):
        helps += (_TRAINER.format(called),)
    return Diagnostic("SCL003", message, span, helps=helps, fixes=fixes)


#: What is said of a program that a text calls.
_TRAINER = "or let your own program train, with `models external(N=...)`: `scalingdsl run FILE --trainer '{}'`"


def _front_matter(text: str, span: Span) -> Diagnostic | None:
    """`---`, lines of names and values, `---`, and then a study."""
    found = _FRONT.match(text)
    if found is None or not _STATEMENT.search(text, found.end()):
        return None
    lines: list[str] = []
    for line in found["said"].split("\n"):
        name, _, value = line.partition(":")
        if line.strip():
            titled = meant_statement(name.strip().lower()) == "title" or name.strip().lower() == "title"
            lines.append(f'title "{value.strip().strip(chr(34))}"' if titled else f"# {line.strip()}")
    helps = tuple(f"{'and ' if i else 'write '}`{line}`" for i, line in enumerate(lines))
    fix = Fix((Edit(Span(0, found.end(), span.file), "".join(f"{line}\n" for line in lines)),), "maybe-incorrect")
    message = "a study has no front matter: it begins with its first statement"
    return Diagnostic("SCL003", message, span, helps=helps or ("leave it out",), fixes=(fix,))


def _in_blocks(text: str, span: Span, check: Check) -> Diagnostic | None:
    """The finding about statements in blocks, by braces or further in than column 1."""
    statements = unfolded(text, check)
    if statements is None:
        return None
    helps = tuple(f"{'and ' if i else 'write '}`{' '.join(s.split())}`" for i, s in enumerate(statements))
    message = "a study has no blocks: its statements stand below each other, each from column 1 on"
    fix = Fix((Edit(Span(0, len(text), span.file), "\n".join(statements) + "\n"),), "maybe-incorrect")
    return Diagnostic("SCL003", message, span, helps=helps, fixes=(fix,))


_ITEMS = re.compile(
    r"(?P<word>data|models|train|fit|optimum|report|budget|expect)[ \t]*:?[ \t]*"
    r"(?P<items>(?:\n[ \t]*-[ \t]+[^\n]+(?:\n[ \t]+(?!-[ \t])[^\n]+)*)+)\s*$"
)


def listed_items(statement: Statement) -> Iterator[Construct]:
    """`models` and, a line each, `- transformer: {layers: 2, width: [16, 32]}`: alternatives as in YAML."""
    found = _ITEMS.match(statement.text)
    if found is None:
        return
    if found["word"] not in PARTS:
        given = [line.strip()[1:].strip() for line in found["items"].split("\n") if line.strip()]
        one = f"\n{found['word']} " if found["word"] == "expect" else ", "
        written = f"{found['word']} {one.join(given)}"
        said = "this is a list of YAML: items stand in one line, parted by commas"
        helps = tuple(f"{'and ' if i else 'write '}`{line}`" for i, line in enumerate(written.split("\n")))
        yield Construct(0, len(statement.text.rstrip()), said, written, helps, code="SCL015")
        return
    items, rest = _yaml([line for line in found["items"].split("\n") if line.strip()], 0)
    heads = [_call(item) for item in items] if isinstance(items, list) and not rest else []
    if not heads or not all(heads):
        return
    labels = [head.split("(")[0] for head in heads]
    labels = [name if labels.count(name) == 1 else f"{name}{i + 1}" for i, name in enumerate(labels)]
    listed = heads[0] if len(heads) == 1 else f"{{{', '.join(map(': '.join, zip(labels, heads, strict=True)))}}}"
    said = "this is a list of YAML: alternatives stand in a set, each with its parameters in parentheses"
    end = len(statement.text.rstrip())
    written = f"{found['word']} {listed}"
    yield Construct(0, end, said, written, (f"write `{written}`",), code="SCL015")


def _call(item: Any) -> str:
    """A word with its parameters, of an item such as `transformer: {layers: 2}` or `name: transformer, layers: 2`."""
    if isinstance(item, str):
        return item
    if not isinstance(item, dict) or not item:
        return ""
    word, inner = next(iter(item.items()))
    if word in ("name", "type", "kind", "model", "source", "class", "_target_") and isinstance(inner, str):
        word, inner = inner, {k: v for k, v in item.items() if k != word}
    if not isinstance(inner, dict):
        return ""
    known = typed(REGISTRY[word]) if word in REGISTRY else ()
    named = {k if k in known else called_elsewhere(str(k), known) or k: v for k, v in inner.items()}
    args = [f"{k} in {{{', '.join(map(str, v))}}}" if isinstance(v, list) else f"{k}={v}" for k, v in named.items()]
    return f"{word}({', '.join(args)})" if args else str(word)


def _tree(text: str) -> tuple[str, Any] | None:
    """The format of a text and what it says; None for one that is of no other tool."""
    plain = text.strip()
    if plain.startswith("{") and re.match(r"\{\s*[\"']\w+[\"']\s*:", plain):
        try:
            return "JSON", json.loads(re.sub(r",(?=\s*[}\]])", "", plain.replace("'", '"')))
        except ValueError:
            return "JSON", {}
    headings = _HEADING.findall(text)
    if headings and not _STATEMENT.search(text):
        try:
            return "TOML", tomllib.loads(text)
        except tomllib.TOMLDecodeError:
            return "an ini file", ini(text)
    if not _STATEMENT.search(text) and (program := programs(text)) is not None:
        return program
    lines = [line for line in text.split("\n") if line.strip() and not line.lstrip().startswith("#")]
    names = [m[1] for line in lines if (m := _ASSIGNED.fullmatch(line.rstrip()))]
    if len(lines) > 2 and len(names) == len(lines) and 3 * sum(map(_of_training, names)) >= 2 * len(names):
        return "a configuration of names and values", ini(text)
    if len(_KEY.findall(text)) > 1 and _CHILD.search(text) and not _STATEMENT.search(text):
        lines = [line.split(" #")[0].rstrip() for line in text.split("\n")]
        tree, rest = _yaml([line for line in lines if line.strip() and not line.lstrip().startswith(("#", "---"))], 0)
        return ("YAML", tree) if isinstance(tree, dict) and not rest else None
    return _python(text) if re.search(r"(?m)^(?:import|from)\s|^\w+(?:\.\w+)*\(|^\w+\s*=\s*[\w.]+\(", text) else None


def _of_training(name: str) -> bool:
    """True for a name that a parameter or a setting has, here or elsewhere, or that says what a run is of."""
    low = name.lower()
    return (
        low in ELSEWHERE
        or low in SETTINGS
        or bool(statement_of(name) or missing(name))
        or any(low in typed(w) or low in w.also for w in REGISTRY.values())
    )


def _yaml(lines: list[str], depth: int) -> tuple[Any, list[str]]:
    """The value that begins with the first line, at this depth or deeper, and the lines behind it."""
    own = len(lines[0]) - len(lines[0].lstrip()) if lines else 0
    if not lines or own < depth:
        return "", lines
    if lines[0].lstrip().startswith("- "):
        items: list[Any] = []
        while lines and len(lines[0]) - len(lines[0].lstrip()) == own and lines[0].lstrip().startswith("- "):
            inner = lines[0].lstrip()[2:]
            if re.match(r"[\w\"']+:(?:\s|$)", inner):
                item, lines = _yaml([" " * (own + 2) + inner, *lines[1:]], own + 1)
            else:
                item, lines = scalar(inner), lines[1:]
            items.append(item)
        return items, lines
    tree: dict[str, Any] = {}
    while lines and len(lines[0]) - len(lines[0].lstrip()) == own:
        given = re.match(r"[\"']?([\w./ -]+?)[\"']?\s*:(?:\s+(.*))?$", lines[0].strip())
        if given is None:
            return tree, lines
        lines = lines[1:]
        if given[2]:
            tree[given[1]] = scalar(given[2])
        else:
            deeper = bool(lines) and (len(lines[0]) - len(lines[0].lstrip()) > own or lines[0].strip().startswith("- "))
            tree[given[1]], lines = _yaml(lines, own) if deeper else ("", lines)
    return tree, lines


def _python(text: str) -> tuple[str, Any] | None:
    """What a script of Python says in the arguments of its calls: `Study(data=...)`, `study.fit("chinchilla")`."""
    try:
        module = ast.parse(text)
    except (SyntaxError, ValueError, RecursionError):
        return None
    tree: dict[str, Any] = {}
    for node in module.body:
        value = getattr(node, "value", None)
        target = node.targets[0] if isinstance(node, ast.Assign) else None
        if isinstance(target, ast.Attribute) and statement_of(target.attr) and isinstance(value, ast.AST):
            tree[target.attr] = _plain(value)
            continue
        calls = [c for c in ast.walk(value) if isinstance(c, ast.Call)] if isinstance(value, ast.AST) else []
        for call in calls[:1]:
            name = call.func.attr if isinstance(call.func, ast.Attribute) else getattr(call.func, "id", "")
            given = {k.arg: _plain(k.value) for k in call.keywords if k.arg}
            if statement_of(name):
                plain = [_plain(a) for a in call.args]
                body = " ".join(map(str, [*plain, *(f"{k}={v}" for k, v in given.items())]))
                tree[name] = f"{tree[name]} {body}" if name in tree else body
            else:
                tree |= {key: v for key, v in given.items() if statement_of(key)}
                for key, value_ in given.items():
                    if not statement_of(key) and reworded(f"{key}: {value_}", "", {}):
                        tree.setdefault(key, value_)
                if name in ("Study", "study") and call.args:
                    tree.setdefault("title", _plain(call.args[0]))
        if isinstance(target, ast.Name) and statement_of(target.id) and calls and target.id not in tree:
            tree[target.id] = _plain(node.value)  # type: ignore[attr-defined]
    return ("Python", tree) if tree and (len(tree) > 1 or "import" in text) else None


def _plain(node: ast.AST) -> str:
    """A value of Python without its modules and quotes."""
    if isinstance(node, ast.Constant):
        return str(node.value)
    if isinstance(node, ast.ListComp | ast.GeneratorExp | ast.SetComp) and len(node.generators) == 1:
        name, values = (ast.unparse(part) for part in (node.generators[0].target, node.generators[0].iter))
        listed = re.sub(r"^\((.*)\)$", r"[\1]", values)
        return re.sub(rf"\b(\w+)={re.escape(name)}(?![\w.])", rf"\1={listed}", _plain(node.elt))
    return re.sub(r"\b[A-Za-z_]\w*\.(?=[A-Za-z_]\w*\()", "", ast.unparse(node)).replace("**", "^")
