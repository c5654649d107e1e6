"""Values that a program looks up, `cfg.layers`, `cfg["layers"]`, `sizes[1]`, `[16..256][::2]`, and what it keeps them
in: classes, records, parsers of arguments. Here a value is written where it belongs.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from functools import lru_cache

from ...errors import SpecError
from ...expressions.sweeps import read
from ...syntax.parser import parse_value
from ...vocabulary.base import PARTS, REGISTRY
from ...vocabulary.parameters import typed
from ..constructs import Construct, Statement, closing, parts
from ..listed_elsewhere import swept
from ..loose.loose_reading import reworded

#: A name that something is given, in a study or in another language.
_ASSIGNED = re.compile(
    r"(?m)^(?:let\s+|const\s+|var\s+)?(?P<name>[A-Za-z_]\w*)[ \t]*(?::[ \t]*[\w\[\], .]+)?[ \t]*(?:=|<-|:=)[ \t]*"
    r"(?P<made>[A-Za-z_][\w.]*)?[ \t]*(?P<open>[\[{(])"
)
_FIELD = re.compile(r"[\"']?(?P<name>[A-Za-z_]\w*)[\"']?\s*(?::|=|=>)\s*(?P<value>[^:=]+)")
_CLASS = re.compile(r"(?m)^(?:class|struct|record|type)\s+(?P<name>\w+)[^\n]*\n(?P<body>(?:[ \t]+[^\n]*\n|[ \t]*\n)*)")
_OF_CLASS = re.compile(r"(?m)^[ \t]+(?P<name>\w+)[ \t]*(?::[ \t]*[\w\[\], .|]+)?=[ \t]*(?P<value>[^\n#]+)")
_ARGUMENT = re.compile(r"add_argument\(\s*[\"']--?(?P<name>[\w-]+)[\"'][^\n]*?default\s*=\s*(?P<value>[^,)\n]+)")
_USED = re.compile(
    r"(?<![\w.\"'*])(?P<name>[A-Za-z_]\w*)(?:(?:\.(?P<field>[A-Za-z_]\w*)(?![\w.(\"])"
    r"|(?:\.get\(|\[)\s*[\"'](?P<key>\w+)[\"'][^\])\n]*[\])]))"
)
_SPREAD = re.compile(r"\*\*\s*(?P<name>[A-Za-z_]\w*)")
#: The name of an object in place of the arguments of a word.
_GIVEN_WHOLE = re.compile(r"\b(?P<word>\w+)\(\s*(?P<name>[A-Za-z_]\w*)\s*(?=[,)])")
#: A list, or the name of one, and the places of it that are taken.
_PLACES = re.compile(r"(?:(?<![\w.\]})])(?P<name>[A-Za-z_]\w*)|(?<=[\]}]))\[\s*(?P<at>-?\d*\s*(?::\s*-?\d*\s*){0,2})\]")


@lru_cache(maxsize=8)
def _settings(study: str) -> dict[str, dict[str, str]]:
    """The fields that objects of a program hold, by name: dictionaries, records, classes, parsed arguments."""
    classes = {
        found["name"]: {f["name"]: f["value"].strip() for f in _OF_CLASS.finditer(found["body"])}
        for found in _CLASS.finditer(study)
    }
    objects = dict(classes)
    arguments = {f["name"].replace("-", "_"): f["value"].strip() for f in _ARGUMENT.finditer(study)}
    for found in _ASSIGNED.finditer(study):
        end = closing(study, found.start("open"))
        if end is None or found["made"] in REGISTRY:  # a word of the language with its parameters
            continue
        given = [_FIELD.fullmatch(one) for one in parts(study[found.end() : end - 1])]
        fields = {f["name"]: f["value"].strip() for f in given if f is not None}
        made = found["made"] or ""
        if made.endswith("parse_args"):
            fields = {**arguments, **fields}
        objects[found["name"]] = {**classes.get(made, {}), **fields}
    return objects


def looked_up(statement: Statement) -> Iterator[Construct]:
    """`layers=cfg.layers`, `heads=cfg["heads"]`, `transformer(**cfg)` where the study says what `cfg` holds."""
    if statement.keyword not in PARTS:
        return
    objects = _settings(statement.study)
    said = "a study has no objects of settings: a value stands where it belongs"
    for found in _USED.finditer(statement.text):
        value = objects.get(found["name"], {}).get(found["field"] or found["key"])
        if value is not None and re.fullmatch(r"[\w.%-]+|[\"'][^\"'\n]*[\"']", value):
            value = value.strip("\"'")
            before = re.search(r"[A-Za-z_]\w*\s*=\s*$", statement.text[: found.start()])
            shown = f"{before[0].strip() if before else ''}{value}"
            yield Construct(found.start(), found.end(), said, value, (f"write `{shown}`",))
    for found in _SPREAD.finditer(statement.text):
        if fields := objects.get(found["name"]):
            written = _as_arguments(fields, statement)
            yield Construct(found.start(), found.end(), said, written, (f"write `{written}`",))
    for found in _GIVEN_WHOLE.finditer(statement.text):
        word, fields = REGISTRY.get(found["word"]), objects.get(found["name"], {})
        own = {name: value for name, value in fields.items() if word is not None and name in typed(word)}
        other = {name for name in own if re.search(rf"\b{name}\s+(?:in|along)\b", statement.text)}
        free = {name: value for name, value in own.items() if name not in other}
        if free:
            written = _as_arguments(free, statement)
            yield Construct(found.start("name"), found.end("name"), said, written, (f"write `{written}`",))


def _as_arguments(fields: Mapping[str, str], statement: Statement) -> str:
    """Fields as arguments of a word: as they are, or as they are written here where those are known."""
    plain = ", ".join(f"{name}={value}" for name, value in fields.items())
    made = reworded(plain, statement.keyword, {}) or []
    whole = rf"{statement.keyword} \w+\((?P<all>[^()]*(?:\([^()]*\)[^()]*)*)\)"
    inside = re.fullmatch(whole, made[0]) if len(made) == 1 else None
    return inside["all"] if inside is not None else plain


_OBJECT = re.compile(
    r"(?:(?:class|struct|record)\s+\w+|@dataclass\b"
    r"|\w+\s*=\s*(?:collections\.|typing\.|dataclasses\.)?(?:namedtuple|NamedTuple|make_dataclass|TypedDict)\s*\("
    r"|\w+\s*=\s*(?:argparse\.)?ArgumentParser\s*\(|\w+\.add_argument\s*\()"
)
_MADE = re.compile(r"(?P<name>[A-Za-z_]\w*)\s*=\s*[A-Za-z_][\w.]*\([^\n]*\)\s*\Z")


def objects_of_settings(statement: Statement) -> Iterator[Construct]:
    """`class Config:`, `Config = namedtuple(...)`, `args = parser.parse_args()`: a study has none of these."""
    text = statement.text.rstrip()
    made = _MADE.match(text)
    held = made is not None and re.search(rf"\b{made['name']}(?:\.\w|\[[\"'])|\*\*\s*{made['name']}\b", statement.study)
    if _OBJECT.match(text) or held:
        said = "a study is no program: it has neither classes nor objects, and a value stands where it belongs"
        yield Construct(
            0, len(text), said, "", ("leave it out, and write its values in the statements",), code="SCL003"
        )


def numbers_in(text: str) -> list[float] | None:
    """The numbers of a list or a range; None where it holds others."""
    text = text.strip()
    if closing(text, 0) != len(text):
        return None
    try:
        plain = text if ".." in text else f"{{{text[1:-1]}}}"
        points = read(("x",), parse_value(plain), lambda _: None)
    except SpecError:
        return None
    numbers = [x for (x,) in points.points if not isinstance(x, str)] if points is not None else []
    return [float(x) for x in numbers] or None


def some_of_a_list(statement: Statement) -> Iterator[Construct]:
    """`width in [16..256][::2]`, `width in sizes[1:]`, `width = sizes[0]`: a sweep names the values that it has."""
    text = statement.text
    for found in _PLACES.finditer(text) if statement.keyword in PARTS else ():
        start = found.start()
        if found["name"]:
            let = re.search(rf"(?m)^(?:let\s+)?{found['name']}\s*=\s*([\[{{(][^\n]*[\]}})])", statement.study)
            numbers = numbers_in(let[1]) if let else None
        else:
            opened = [i for i in range(start) if text[i] in "[{(" and closing(text, i) == start]
            start = opened[0] if opened else start
            numbers = numbers_in(text[start : found.start()]) if opened else None
        at = [int(x) if x.strip() else None for x in found["at"].split(":")] if found["at"].strip() else []
        if numbers is None or not at:
            continue
        try:
            kept = numbers[slice(*at)] if len(at) > 1 else [numbers[at[0] or 0]]
        except (IndexError, ValueError):
            continue
        if not kept:
            continue
        before = re.search(r"(?P<name>[A-Za-z_]\w*)\s*(?P<sign>in|along|=)\s*$", text[:start])
        listed = swept(sorted(kept))
        alone = len(kept) == 1 and (before is None or before["sign"] == "=")
        written = listed.strip("{}") if alone else listed
        said = "no part is taken of a list: a sweep names the values that it has"
        shown = f"{before['name']} {before['sign']} {written}" if before else written
        yield Construct(start, found.end(), said, written, (f"write `{shown}`",), code="SCL011")


_TUNED = re.compile(r"\btune\s+(?P<name>\w+)\s+in\s+(?:\{[^{}]*\}|\[[^\[\]]*\])(?P<where>\s+where\s+[^\n;]+)?")


def best_of_others(statement: Statement) -> Iterator[Construct]:
    """`tune lr in {...} where width == 32` and `lr = best(lr, width=32) where width > 32`: what runs find sets none."""
    for tuned in _TUNED.finditer(statement.text) if statement.keyword == "train" else ():
        name = tuned["name"]
        taken = re.search(
            rf"\b{name}\s*=\s*(?:best|arg_?min|optimal|optimum|tuned|transfer)\w*(?:\([^\n()]*\))?"
            r"(?:[ \t]+where[ \t]+[^\n;]+)?",
            statement.text[tuned.end() :],
        )
        if taken is None:
            continue
        start, end = (tuned.end() + at for at in taken.span())
        kept = statement.text[tuned.start() : tuned.start("where") if tuned["where"] else tuned.end()]
        more = ((tuned.start("where"), tuned.end("where"), ""),) if tuned["where"] else ()
        said = f"what runs find sets no other run: `{name}` is tuned at every size by itself"
        helps = (
            f"write `{kept}` alone, without `{taken[0].strip()}`"
            f"{', and without its condition' if more else ''}: `report tuned` shows if one value is best at all sizes",
        )
        yield Construct(start, end, said, "", helps, more, code="SCL012")


FINDERS = (objects_of_settings, looked_up, some_of_a_list, best_of_others)
