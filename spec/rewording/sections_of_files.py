"""The statements that the sections of a file in another tool's format come to, and what of them comes to none."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from ..diagnostics.concepts import missing
from ..diagnostics.suggest import called_elsewhere, listing
from ..errors import SpecError
from ..source import Source
from ..syntax.parser import parse_study
from ..syntax.recovery.foreign.words import meant_statement
from ..syntax.scanner import STATEMENTS
from ..vocabulary.base import PARTS, REGISTRY
from ..vocabulary.parameters import typed
from ..vocabulary.words.text import public
from .claims.loose_claims import claims, laws
from .constructs import parts
from .loose.loose_reading import reworded, understood

#: The name of the lines of a section that give no name a value.
BARE = ""
#: Names that are listed of those left out without a reason.
LISTED = 6
#: Sections that say nothing of their own, and those whose entries belong wherever their names do.
_AROUND = (
    "study",
    "experiment",
    "config",
    "sweep",
    "parameters",
    "hyperparameters",
    "params",
    "run",
    "settings",
    "hydra",
    "sweeper",
    "defaults",
    "gin",
    "search_space",
    "space",
    "grid",
    "hparams",
    "args",
    "options",
    "exp",
)
_FILE = re.compile(r"[\w./-]+\.(?:txt|md|jsonl|gz)")
#: The name of a data set, alone or with its owner, and what such a name is given to.
_DATA_SET = re.compile(r"[A-Za-z][\w-]*(?:/[\w-]+)?")
_NAMES_DATA = ("name", "dataset", "dataset_name", "source", "corpus", "text", "path", "type", "task")
_AXIS = re.compile(r"(?:(?:tune|panel)\s+)?\w+(?:\s*&\s*\w+)*\s*(?:\bin\b|\balong\b|=)")


def reads(statement: str) -> bool:
    """True for a text that the grammar takes."""
    try:
        return not parse_study(Source(statement))[1]
    except SpecError:
        return False


def statement_of(name: str) -> str:
    """The statement that a section's name means; empty for another name."""
    low = name.lower()
    return low if low in STATEMENTS else (meant_statement(low) or "") if len(low) > 2 and low not in _AROUND else ""


@dataclass
class Sections:
    """What the sections of a file come to."""

    statements: list[str] = field(default_factory=list)
    #: Names and lines that are in no statement.
    left: list[str] = field(default_factory=list)
    #: What is said of texts that are meant by name.
    texts: list[str] = field(default_factory=list)

    @classmethod
    def of(cls, tree: Any) -> Sections:
        """The statements of a tree of names and values, each of which the grammar takes, and all that is left out."""
        found = cls()
        for line in dict.fromkeys(found._statements(tree)):
            (found.statements if reads(line) else found.left).append(line)
        return found

    def said(self) -> tuple[str, ...]:
        """What is told of texts by name, and of what is left out, with a reason where there is one."""
        why: dict[str, list[str]] = {}
        for name in dict.fromkeys(self.left):
            why.setdefault(missing(name.partition(" ")[0].rsplit(".", 1)[-1]) or "", []).append(name)
        return (*self.texts, *(_left_out(names, reason) for reason, names in sorted(why.items(), reverse=True)))

    def _statements(self, tree: Any) -> Iterator[str]:
        if not isinstance(tree, Mapping):
            return
        rest: dict[str, Any] = {}
        order = {word: i for i, word in enumerate(STATEMENTS)}
        for name, value in sorted(tree.items(), key=lambda pair: order.get(statement_of(str(pair[0])), len(order))):
            word = statement_of(str(name))
            if str(name).lower() in _AROUND and isinstance(value, Mapping):
                yield from self._statements(value)
            elif not word:
                rest[str(name)] = value
            elif word in PARTS:
                found = list(self._part(word, value))
                if not (found or isinstance(value, Mapping)):
                    self.left.append(str(value) if missing(str(value)) else str(name))
                yield from found
            elif word == "fit":
                found = [f"fit {', '.join(_leaves(value))}"]
                found = found if reads(found[0]) else list(laws(", ".join(_leaves(value))))[:1]
                self.left += [] if found else [str(name)]
                yield from found
            elif word == "expect":
                for leaf in _leaves(value):
                    own = f"expect {leaf}"
                    one = own if reads(own) else next((c for c in claims(leaf, "") if reads(c)), "")
                    yield from [one] if one else []
                    self.left += [] if one else [leaf]
            elif word in ("title", "use"):
                yield f'{word} "{" ".join(_leaves(value))}"'
            else:
                yield f"{word} {', '.join(_leaves(value))}"
        yield from self._entries("", rest)

    def _part(self, word: str, value: Any) -> Iterator[str]:
        """The statements of a section about data, models or training."""
        if isinstance(value, Mapping):
            bare = value.get(BARE, [])
            heads = [line for line in bare if not _AXIS.match(line)]
            yield from self._lines(word, heads)
            named = _graphed(word, {k: v for k, v in value.items() if k != BARE})
            whole = reworded(_said(named), word, {}) or reworded(_said(named), "", {}) if named else None
            yield from whole or self._entries(word, named)
            yield from self._lines(word, [line for line in bare if line not in heads])
        elif word == "data" and isinstance(value, str) and _FILE.fullmatch(value):
            yield f'data text("{value}")'
        else:
            yield from reworded(_said(value), word, {}) or reworded(_said(value), "", {}) or self._text(word, value)

    def _lines(self, word: str, lines: Sequence[str]) -> Iterator[str]:
        """Lines without a name, which are written as they are where the grammar takes them so."""
        for line in lines:
            own = f"{word} {line}"
            found = [own] if word and reads(own) else reworded(line, word, {}) or reworded(line, "", {})
            self.left += [] if found else [line]
            yield from found or ()

    def _text(self, word: str, value: Any) -> Iterator[str]:
        """The text that a data set's name stands for."""
        if word == "data" and isinstance(value, str) and _DATA_SET.fullmatch(value) and not missing(value):
            written, way = public(value)
            self.texts.append(f"and have the text of `{value}` there, from a file of yours or {way}")
            yield f"data {written}"

    def _entries(self, word: str, entries: Mapping[str, Any]) -> Iterator[str]:
        """Names and values one by one, those that are understood as one."""
        known: dict[str, list[str]] = {}
        for name, value in entries.items():
            if name == BARE:
                yield from self._lines(word, value)
                continue
            one = f"{name}: {_said(value)}"
            length = name if name == "length" else called_elsewhere(name, ("length",))
            if found := (reworded(one, word, {}) or reworded(one, "", {})):
                known[one] = found
            elif length and word in ("", "data"):
                yield f"data {length} = {_said(value)}"
            elif found := list(self._inner(word, name, value)):
                yield from found
            elif not (understood(one, word) or understood(one, "")):
                self.left.append(name)
        joined = reworded(", ".join(known), word, {}) if word and len(known) > 1 else None
        yield from joined or (line for lines in known.values() for line in lines)

    def _inner(self, word: str, name: str, value: Any) -> Iterator[str]:
        """What stands inside a name that means no statement; one of which nothing is understood is left out whole."""
        if not isinstance(value, Mapping):
            yield from self._text(word, value) if name.lower() in _NAMES_DATA else ()
            return
        inner = Sections()
        found = list(inner._entries(word, value))
        if found:
            self.left += [f"{name}.{one}" for one in inner.left]
            self.texts += inner.texts
        yield from found


def _graphed(word: str, named: Mapping[str, Any]) -> Mapping[str, Any]:
    """The settings of data, with the graph that is meant where its nodes and edges alone are given."""
    given = {name.lower() for name in named}
    nodes, edges = given & {"n", "nodes", "n_nodes", "num_nodes"}, given & {"p", "prob", "edges"}
    others = any("graph" in name for name in given) or any(isinstance(v, Mapping) for v in named.values())
    drawn = next(w for w, t in REGISTRY.items() if t.kind == "graph" and {"n", "p", "edges"} <= {*typed(t)})
    return {**named, "graph": drawn} if word == "data" and nodes and edges and not others else named


def _left_out(names: Sequence[str], reason: str) -> str:
    """What is said of names and lines that are in no statement."""
    shown = [f"`{name}`" for name in names[:LISTED]]
    more = [f"{len(names) - LISTED} more"] if len(names) > LISTED else []
    verb = "is" if len(names) == 1 else "are"
    return f"{listing([*shown, *more], mark='')} {verb} left out{f': {reason}' if reason else ''}"


def _said(value: Any) -> str:
    """A value in one line, `name: value` and lists in square brackets."""
    if isinstance(value, Mapping):
        return ", ".join(f"{k}: {_said(v)}" for k, v in value.items())
    if isinstance(value, list):
        return f"[{', '.join(_said(v) for v in value)}]"
    return str(value)


def _leaves(value: Any) -> list[str]:
    if isinstance(value, Mapping):
        return [leaf for v in value.values() for leaf in _leaves(v)]
    if isinstance(value, list):
        return [leaf for v in value for leaf in _leaves(v)]
    return [str(value)]


def once(statements: Sequence[str]) -> list[str]:
    """The statements, those of one part that have a head and those that have none in one."""
    found: list[str] = []
    for line in statements:
        word, _, rest = line.partition(" ")
        same = next((i for i, one in enumerate(found) if one.split(" ", 1)[0] == word and word in PARTS), None)
        joined = f"{found[same]}  {rest}" if same is not None else ""
        if same is not None and reads(joined):
            found[same] = joined
        else:
            found.append(line)
    return found


def opened(tree: Any) -> Any:
    """A tree whose names have no points, `model.width` being `width` of `model`, and whose lists of names are lists."""
    if isinstance(tree, list):
        items = [opened(item) for item in tree]
        if items and all(isinstance(item, dict) for item in items) and len({k for i in items for k in i}) == len(items):
            return {k: v for item in items for k, v in item.items()}
        return items
    if not isinstance(tree, dict):
        listed = isinstance(tree, str) and re.fullmatch(r"[\w.+-]+(?:\s*,\s*[\w.+-]+)+", tree.strip())
        return [v.strip() for v in tree.split(",")] if listed else tree
    found: dict[str, Any] = {}
    for name, value in tree.items():
        *above, last = re.split(r"[./]", str(name))
        place = found
        for one in above[-1:]:
            inner = place.setdefault(one, {})
            place = inner if isinstance(inner, dict) else place
        value = opened(value)
        if isinstance(value, dict) and isinstance(place.get(last), dict):
            place[last] |= value
        else:
            place[last] = value
    return found


def ini(text: str) -> dict[str, Any]:
    tree: dict[str, Any] = {}
    section: dict[str, Any] = tree
    for line in text.split("\n"):
        line = re.split(r"\s[#;]", line)[0].strip()
        if heading := re.fullmatch(r"\[+\"?([\w. -]+?)\"?\]+", line):
            section = tree.setdefault(heading[1], {})
        elif given := re.match(r"([\w.-]+)\s*[=:](?!=)\s*(.*)$", line):
            values = [scalar(v) for v in re.split(r"\s*,\s*", given[2].strip("[]{}")) if v]
            section[given[1]] = values if len(values) > 1 else values[0] if values else ""
        elif line and line[0] not in "#;[":
            section.setdefault(BARE, []).append(line)
    return tree


def scalar(text: str) -> Any:
    """A value of YAML or ini: a list or a mapping in brackets, or the text as it is typed."""
    text = re.sub(r"\$\{[^{}]*[,:]-?\s*([\w.]+)\}", r"\1", text.strip())
    if text.startswith("[") and text.endswith("]"):
        return [scalar(p) for p in parts(text[1:-1])]
    if text.startswith("{") and text.endswith("}"):
        pairs = (p.partition(":") for p in parts(text[1:-1]))
        return {key.strip().strip("\"'"): scalar(value) for key, _, value in pairs}
    return text.strip("\"'")
