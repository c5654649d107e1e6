"""Sets of alternatives and of axes that move together, as other languages list them.

`{adamw, sgd}(lr=.02)`, `{a: lr=.01, b: lr=.1}`, `{"AdamW": adamw(...)}`, `{no-warmup: ...}`, `(batch, lr) in {...}`,
`zip(batch, lr) in {...}`, `batch & lr in {4: .01, 8: .02}`.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import NamedTuple

from ...plan.coerce import called, unlike
from ...resolve.components import DEFAULTS
from ...syntax.scanner import RESERVED
from ...vocabulary.base import KINDS, PARTS, REGISTRY, Part
from ...vocabulary.parameters import typed
from ...vocabulary.settings import SETTINGS
from ..constructs import NUMBER, Construct, Statement, closing, parts

_HEAD = re.compile(r"(?P<part>data|models|train)(?P<gap>[ \t]*[:=]?[ \t]*\n?[ \t]*)(?=[{\[(])")
_LABEL = re.compile(
    r"(?:(?P<quote>[\"'])(?P<quoted>[^\"']*\w[^\"']*)(?P=quote)|(?P<label>[A-Za-z0-9_][\w .+-]*?))\s*"
    r"(?P<sign>:|=>|->|=(?!=))\s*(?P<rest>.+)",
    re.DOTALL,
)


class Alternative(NamedTuple):
    """One alternative of a set: its label, if it has one, and what it is."""

    label: str
    call: str


def listed_alternatives(statement: Statement) -> Iterator[Construct]:
    """A set of alternatives behind the word of a statement, whose labels or arguments are written otherwise here."""
    text = statement.text
    head = _HEAD.match(text)
    if head is None or statement.mended:
        return
    part: Part = head["part"]  # type: ignore[assignment]
    start = head.end()
    end = closing(text, start)
    if end is None:
        return
    shared, stop = "", end
    if text[end : end + 1] == "(" and (after := closing(text, end)) is not None:
        shared, stop = text[end + 1 : after - 1].strip(), after
    name = re.compile(r"[ \t]*(?P<name>[A-Za-z_]\w*)(?=[ \t]*(?:$|\n|[A-Za-z_]\w*\s*(?:in|=|along)))").match(text, stop)
    items = parts(text[start + 1 : end - 1])
    if name is not None and all(re.fullmatch(rf"(?:\w+\s*:\s*)?{NUMBER}", i) for i in items):
        if _owns(part, name["name"]):
            values = f"{{{', '.join(items)}}}"
            written = f"{DEFAULTS.get(part, '')}  {name['name']} in {values}".strip()
            said = f"a set behind `{part}` has words in it: values of `{name['name']}` are an axis"
            yield Construct(start, name.end(), said, written, (f"write `{part} {written}`",), code="SCL021")
        return
    lets = _lets(statement.study)
    found = [_alternative(part, item, shared, lets) for item in items]
    if len(items) < 2 or any(one is None for one in found):
        return
    given = [one for one in found if one is not None]
    if _plain(_set(given)) == _plain(text[start:stop]):
        return  # but for its labels it is written as it should be, and those are told by themselves
    alternatives = _labelled(given)
    written = _set(alternatives)
    heads = [m[0] for item in items if (m := re.search(r"[A-Za-z_]\w*(?=\s*(?:\(|$))", item))]
    why = tuple(dict.fromkeys(said for head in heads if (said := unlike(head, KINDS[part]))))
    said = f"alternatives of `{part}` stand in braces, each with a name for its label and a word with its parameters"
    yield Construct(start, stop, said, written, (f"write `{part} {written}`", *why), code="SCL021")


_SHARED = re.compile(
    r"(?:(?:tune|panel|median)\s+)?(?P<name>[A-Za-z_]\w*(?:\s*&\s*[A-Za-z_]\w*)*)\s*(?P<sign>in\b|along\b|=(?!=))\s*(?P<value>.+)",
    re.DOTALL,
)


def axes_among_alternatives(statement: Statement) -> Iterator[Construct]:
    """`{small: transformer(layers=1), deep: transformer(layers=4), width in {16, 32}}`: what all of them share."""
    text = statement.text
    head = _HEAD.match(text)
    end = closing(text, head.end()) if head is not None and text[head.end()] == "{" else None
    if head is None or end is None or statement.mended:
        return
    part: Part = head["part"]  # type: ignore[assignment]
    items = [
        piece
        for item in parts(text[head.end() + 1 : end - 1])
        for piece in re.split(r"(?<=[\w)])\s*\n\s*(?=(?:\w+\s*:|\w+\s*\(|(?:(?:tune|panel)\s+)?\w+\s+in\b))", item)
    ]
    shared = [found for item in items if (found := _SHARED.fullmatch(item)) and _owned(part, found)]
    lets = _lets(statement.study)
    rest = [_alternative(part, item, "", lets) for item in items if not any(item == found[0] for found in shared)]
    given = [one for one in rest if one is not None]
    if not shared or not given or len(given) < len(rest):
        return
    behind = [
        found[0]
        if found["sign"] != "="
        else f"{found['name']} {'in' if found['value'][0] in '[{' else '='} {found['value']}"
        for found in shared
    ]
    written = "  ".join((_set(_labelled(given)), *behind))
    said = f"an axis or a value that all alternatives of `{part}` share stands behind the braces"
    yield Construct(head.end(), end, said, written, (f"write `{part} {written}`",), code="SCL021")


def _owned(part: Part, found: re.Match[str]) -> bool:
    """True for axes of parameters of a part, where the same behind a `:` would be labels."""
    return all(_owns(part, name.strip()) for name in found["name"].split("&"))


def _set(alternatives: list[Alternative]) -> str:
    return f"{{{', '.join(f'{a.label}: {a.call}' if a.label else a.call for a in alternatives)}}}"


def _plain(text: str) -> str:
    """A text without spaces, and without the comma that may stand behind the last of several."""
    return re.sub(r",(?=[}\])])", "", re.sub(r"\s", "", text))


def _owns(part: Part, name: str) -> bool:
    return name in SETTINGS or any(name in typed(w) for w in REGISTRY.values() if w.kind == KINDS[part])


def _word(part: Part, name: str) -> str:
    """The word of a part that a name is, or that others call so, with what that sets; empty where there is none."""
    if name in REGISTRY and REGISTRY[name].kind == KINDS[part]:
        return name
    return called(name, KINDS[part]) or ""


def _lets(study: str) -> frozenset[str]:
    """Names that a study gives to values."""
    return frozenset(re.findall(r"(?m)^let\s+(\w+)", study))


def _alternative(part: Part, item: str, shared: str, lets: frozenset[str] = frozenset()) -> Alternative | None:
    """One item of a set, with the arguments that all of them share; None where it is not understood.

    Names of `lets` stand for words.
    """
    label, rest = "", item.strip()
    named = _LABEL.fullmatch(rest)
    label_typed = (named["quoted"] or named["label"]) if named else ""
    if named and not (named["sign"] == "=" and _owns(part, label_typed)):
        label, rest = re.sub(r"\W+", "_", label_typed).strip("_"), named["rest"].strip()
    word = re.match(r"[A-Za-z_]\w*", rest)
    if word is None:
        return None
    if word[0] in lets:
        return Alternative(label, rest)
    if meant := _word(part, word[0]):
        behind = rest[word.end() :].strip()
        if behind and not (behind[0] in "({" and closing(behind, 0) == len(behind)):
            return None
        head, _, own = meant.partition("(")
        given = [p for p in (behind[1:-1].strip(), own.rstrip(")"), shared) if p]
        call = f"{head}({', '.join(given)})" if given else head
        return Alternative(label or ("" if word[0] == head else word[0]), call)
    bare = rest.strip("{}() ")
    first = re.match(r"([A-Za-z_]\w*)\s*[=:]\s*(?!=)", bare)
    if first is not None and label and _owns(part, first[1]):
        meant = _word(part, label) or (DEFAULTS.get(part, "") if part != "data" else "")
        if not meant:
            return None
        inside = re.sub(r"\b([A-Za-z_]\w*)\s*:\s*", r"\1=", bare)
        return Alternative(label, f"{meant.split('(')[0]}({', '.join(p for p in (inside, shared) if p)})")
    return None


def _labelled(found: list[Alternative]) -> list[Alternative]:
    """Alternatives whose labels are told apart, and none of which is a word of the language."""
    kept: list[Alternative] = []
    for label, call in found:
        plain = label or call.split("(")[0]
        if plain in RESERVED or plain[:1].isdigit() or (plain in REGISTRY and plain != call.split("(")[0]):
            label = f"{plain}_" if not plain[:1].isdigit() else f"_{plain}"
        taken = [one.label or one.call.split("(")[0] for one in kept]
        if any(one.call == call for one in kept) and unlike(label, "family"):
            continue  # the nearest of both is one
        if (label or plain) in taken:
            label = next(f"{plain}{n}" for n in range(2, 99) if f"{plain}{n}" not in taken)
        kept.append(Alternative(label, call))
    return kept


_TOGETHER = re.compile(
    r"(?P<role>\b(?:tune|panel)\s+)?(?:\bzip\s*)?[\[({]\s*(?P<names>[A-Za-z_]\w*(?:\s*[,&]\s*[A-Za-z_]\w*)+)\s*[\])}]\s*(?:in|=|along)\s*"
    r"(?:zip\s*(?=\())?(?=[{\[(])|(?P<bare>\b[A-Za-z_]\w*(?:\s*,\s*[A-Za-z_]\w*)+)\s+in\s+(?:zip\s*(?=\())?(?=[{\[(]\s*[\[(])"
    r"|(?P<joined>\b[A-Za-z_]\w*(?:\s*&\s*[A-Za-z_]\w*)+)\s*(?:in|=)\s*(?:zip\s*(?=\())?(?=[{\[(])"
)


def joint_axes(statement: Statement) -> Iterator[Construct]:
    """`(batch, lr) in {(4, .01), (8, .02)}`, `batch & lr in {4: .01, 8: .02}`, `zip(batch, lr) in ...`."""
    text = statement.text
    for found in _TOGETHER.finditer(text) if statement.keyword in PARTS else ():
        if statement.mended and "zip" not in found[0]:
            continue
        names = [n.strip() for n in re.split(r"[,&]", found["names"] or found["bare"] or found["joined"])]
        end = closing(text, found.end())
        if end is None:
            continue
        points = _points(text[found.end() + 1 : end - 1], len(names), "zip" in found[0][len(found[0]) // 2 :])
        if points is None and found["bare"] is None and "zip" not in found[0]:
            points, end = _side_by_side(text, found.end(), len(names))
        if points is None:
            continue
        written = f"{found['role'] or ''}{' & '.join(names)} in {{{', '.join(f'({p})' for p in points)}}}"
        if _plain(written) == _plain(text[found.start() : end]):
            continue
        said = "axes that move together are joined by `&`, and each of their points stands in parentheses"
        yield Construct(found.start(), end, said, written, (f"write `{written}`",), code="SCL009")


_ZIPPED = re.compile(r"(?P<role>\b(?:tune|panel)\s+)?\b(?:zip|together|joint|paired)\s*(?=\()")
_ONE_OF_THEM = re.compile(r"\s*(?P<name>[A-Za-z_]\w*)\s*(?:\bin\b|=|:)\s*[\[({](?P<values>[^\[\](){}]*)[\])}]\s*")


def zipped_axes(statement: Statement) -> Iterator[Construct]:
    """`zip(width in {16, 32}, layers in {1, 2})`, `zip(width=[16, 32], layers=[1, 2])`: one axis of two quantities."""
    text = statement.text
    for found in _ZIPPED.finditer(text) if statement.keyword in PARTS else ():
        end = closing(text, found.end())
        axes = [_ONE_OF_THEM.fullmatch(p) for p in parts(text[found.end() + 1 : end - 1])] if end else []
        given = [(m["name"], parts(m["values"])) for m in axes if m is not None and ".." not in m["values"]]
        if end is None or len(given) < 2 or len(given) < len(axes) or len({len(values) for _, values in given}) > 1:
            continue
        points = zip(*(values for _, values in given), strict=True)
        listed = ", ".join(f"({', '.join(point)})" for point in points)
        written = f"{found['role'] or ''}{' & '.join(name for name, _ in given)} in {{{listed}}}"
        said = "axes that move together are joined by `&`, and each of their points stands in parentheses"
        yield Construct(found.start(), end, said, written, (f"write `{written}`",), code="SCL009")


def _points(inside: str, n: int, columns: bool) -> list[str] | None:
    """Points of so many axes: tuples, pairs with a colon, or a list of values for each axis."""
    items = parts(inside)
    if (
        len(items) > 1
        and all(re.fullmatch(r"[^\s()\[\]{}:]+\s*(?::|->|=>)\s*[^\s()\[\]{}:]+", i) for i in items)
        and n == 2
    ):
        return [", ".join(v.strip() for v in re.split(r":|->|=>", i)) for i in items]
    lists = [parts(i[1:-1]) for i in items if i[:1] in "([{" and closing(i, 0) == len(i)]
    if len(lists) != len(items):
        return None
    columns = columns or all(len(one) > n for one in lists)
    if columns and len(lists) == n and len({len(one) for one in lists}) == 1:
        return [", ".join(point) for point in zip(*lists, strict=True)]
    return [", ".join(one) for one in lists] if all(len(one) == n for one in lists) else None


_AND = re.compile(r"\s*(?:,|&|;|\band\b)?\s*(?=[{\[(])")


def _side_by_side(text: str, start: int, n: int) -> tuple[list[str] | None, int]:
    """Points of so many axes from a list of values for each, one after the other, and the end of the last."""
    lists: list[list[str]] = []
    end = start
    while len(lists) < n:
        at = begun.end() if lists and (begun := _AND.match(text, end)) else end
        stop = closing(text, at) if text[at : at + 1] in ("{", "[", "(") else None
        if stop is None:
            return None, start
        lists.append(parts(text[at + 1 : stop - 1]))
        end = stop
    plain = all(re.fullmatch(r"[\w.%+-]+", value) and ".." not in value for one in lists for value in one)
    if not plain or len({len(one) for one in lists}) > 1 or len(lists[0]) < 2:
        return None, start
    return [", ".join(point) for point in zip(*lists, strict=True)], end


_CROSSED = re.compile(
    r"(?P<role>\b(?:tune|panel)\s+)?(?:[\[(]\s*)?(?P<names>\b[A-Za-z_]\w*(?:\s*(?:[,&×*]|\bx\b|\band\b)\s*[A-Za-z_]\w*)+)\s*[\])]?\s*"
    r"(?:\bin\b|=(?!=)|∈)\s*(?P<made>(?:itertools\.)?(?:product|grid|cross|meshgrid|cartesian|outer)\s*(?=\())?"
)
_TIMES = re.compile(r"\s*(?:[×*,]|\bx\b|\bcross\b|\bby\b|\btimes\b)\s*(?=[{\[])")


def _of_sweeps(text: str, at: int) -> bool:
    """True for a bracket that holds sweeps, `{{.01, .03}, [4..16]}`, and not points."""
    end = closing(text, at) if text[at : at + 1] in ("{", "[", "(") else None
    items = parts(text[at + 1 : end - 1]) if end else []
    return len(items) > 1 and all(i[0] == "{" or (i[0] == "[" and ".." in i) for i in items)


def crossed_axes(statement: Statement) -> Iterator[Construct]:
    """`lr & batch in {.01, .03} x {4, 8}`, `(lr, batch) in product({.01, .03}, {4, 8})`: each axis by itself."""
    text = statement.text
    for found in _CROSSED.finditer(text) if statement.keyword in PARTS else ():
        names = [n.strip() for n in re.split(r"[,&×*]|\bx\b|\band\b", found["names"])]
        start = found.end()
        stop = closing(text, start) if found["made"] or _of_sweeps(text, start) else None
        at = start + 1 if stop is not None else start
        sets: list[str] = []
        while text[at : at + 1] and text[at] in "{[" and (end := closing(text, at)) is not None:
            whole = text[at:end]
            sets.append(whole if whole[0] == "{" or ".." in whole else f"{{{whole[1:-1].strip()}}}")
            more = _TIMES.match(text, end)
            at = more.end() if more and len(sets) < len(names) else end
            if more is None or at == end:
                break
        if len(sets) != len(names) or (stop is not None and text[at : stop - 1].strip()):
            continue
        counts = {len(parts(one[1:-1])) if ".." not in one else 0 for one in sets}
        if "&" in found["names"] and not found["made"] and len(counts - {0}) == len(counts) == 1:
            crossed = any(sign in text[found.end() : stop or at] for sign in "×*") or " x " in text[found.end() : at]
            if not crossed:
                continue  # what `&` joins moves together
        written = "  ".join(f"{found['role'] or ''}{name} in {one}" for name, one in zip(names, sets, strict=True))
        said = "axes that are tried in every combination stand one by one"
        yield Construct(found.start(), stop or at, said, written, (f"write `{written}`",), code="SCL009")


_CHOSEN_BY = re.compile(
    r"(?P<part>data|models|train)\s+(?P<head>[A-Za-z_]\w*\s+)?(?:tune\s+|panel\s+)?"
    r"(?P<axis>optimi[sz]ers?|optim|opt|algorithms?|algo|solver|models?|arch|architectures?|family|net|network|sources?|dataset|"
    r"datasets|corpus|corpora)\s*(?:\bin\b|=|:|∈)\s*(?=\{)"
)


def axes_of_words(statement: Statement) -> Iterator[Construct]:
    """`train optimizer in {adamw, lion}`: the words that a statement is of stand in a set behind it."""
    found = _CHOSEN_BY.match(statement.text)
    end = closing(statement.text, found.end()) if found else None
    if found is None or end is None:
        return
    part: Part = found["part"]  # type: ignore[assignment]
    items = parts(statement.text[found.end() + 1 : end - 1])
    headed = found["head"] and not _word(part, found["head"].strip())
    if headed or any(_alternative(part, item, "") is None for item in items):
        return
    start = found.end("part") + 1
    written = f"{part} {statement.text[found.end() : end]}"
    said = f"what `{part}` is of has no name of its own: alternatives are a set behind it"
    yield Construct(start, found.end(), said, "", (f"write `{written}`",), code="SCL021")


_OF_POINTS = re.compile(
    rf"(?P<names>(?:\b[A-Za-z_]\w*[ \t]+)?\b[A-Za-z_]\w*)[ \t]*(?:\bin\b|=(?!=)|:)[ \t]*"
    rf"(?=[\[{{(]\s*(?:[\[(]|{NUMBER}\s*(?::|->|=>)\s*{NUMBER}))"
)
#: What moves together with an axis most often, where its points list two values.
_BESIDE = {"width": "layers", "layers": "width", "lr": "batch", "batch": "lr"}


def points_of_two(statement: Statement) -> Iterator[Construct]:
    """`width layers in {(16, 1), (32, 2)}`, `width in {(16, 1), (32, 2)}`, `width: {16: 1, 32: 2}`."""
    text = statement.text
    for found in _OF_POINTS.finditer(text) if statement.keyword in PARTS else ():
        end = closing(text, found.end())
        points = _points(text[found.end() + 1 : end - 1], 2, False) if end else None
        *first, last = found["names"].split()
        if text[: found.start()].rstrip().endswith("&"):
            continue  # joined already
        if end is None or points is None or last not in _BESIDE or not all(re.match(NUMBER, p) for p in points):
            continue
        known = first if first and any(first[0] in typed(w) for w in REGISTRY.values()) else []
        names = [*known, last] if known else [last, _BESIDE[last]]
        start = found.start() if known else found.start() + found["names"].rindex(last)
        written = f"{' & '.join(names)} in {{{', '.join(f'({p})' for p in points)}}}"
        said = "axes that move together are joined by `&`, and each of their points stands in parentheses"
        helps = (f"write `{written}`" + ("" if known else f", if the second of each is `{names[1]}`"),)
        yield Construct(start, end, said, written, helps, code="SCL009")


_NAME, _SIGN = r"[\"']?[A-Za-z_]\w*[\"']?", r"\s*(?::|=|as\b|->)\s*"
_BEHIND = rf"{NUMBER}{_SIGN}{_NAME}"
_BEFORE = rf"{_NAME}{_SIGN}{NUMBER}"
_TURNED = re.compile(rf"[\[{{(]\s*(?P<items>{_BEHIND}(?:\s*,\s*{_BEHIND})*)\s*,?\s*[\])}}]")
_NAMED = re.compile(rf"[\[{{(]\s*(?P<items>{_BEFORE}(?:\s*,\s*{_BEFORE})+)\s*,?\s*[\])}}]")


def labels_of_values(statement: Statement) -> Iterator[Construct]:
    """`width in {16: small, 64: large}`, `lr in {low=.01, high=.1}`: a label stands before its value, with a colon."""
    text = statement.text
    for pattern in (_TURNED, _NAMED) if statement.keyword in (*PARTS, "let") and not statement.mended else ():
        for found in pattern.finditer(text):
            before = text[: found.start()].rstrip()
            axis = re.search(r"(?:(?:tune|panel)\s+)?([A-Za-z_]\w*)\s*(?:in|=|along)$", before)
            if axis is None:
                continue
            pairs = [re.split(r"\s*(?::|=|\bas\b|->)\s*", i, maxsplit=1) for i in parts(found["items"])]
            if any(len(p) != 2 for p in pairs):
                continue
            ordered = [(b.strip("\"'"), a) if pattern is _TURNED else (a.strip("\"'"), b) for a, b in pairs]
            written = f"{{{', '.join(f'{label}: {value}' for label, value in ordered)}}}"
            if _plain(written) == _plain(found[0]):
                continue
            said = "a value has its label before it, with a colon between"
            yield Construct(found.start(), found.end(), said, written, (f"write `{axis[0]} {written}`",), code="SCL015")


_OR = re.compile(
    r"(?P<part>train|models)\s+"
    r"(?P<items>[A-Za-z_]\w*(?:\([^()]*\))?(?:\s+(?:or|vs\.?|versus)\s+[A-Za-z_]\w*(?:\([^()]*\))?)+)(?=\s|$)"
)


def either_of(statement: Statement) -> Iterator[Construct]:
    """`train adamw or sgd(lr=.1)`, `models transformer vs lstm`: a set of both."""
    found = _OR.match(statement.text)
    if found is None:
        return
    part: Part = found["part"]  # type: ignore[assignment]
    items = re.split(r"\s+(?:or|vs\.?|versus)\s+", found["items"])
    given = [one for item in items if (one := _alternative(part, item, "")) is not None]
    if len(given) == len(items):
        written = _set(_labelled(given))
        said = f"alternatives of `{part}` are a set, in braces"
        yield Construct(found.start("items"), found.end(), said, written, (f"write `{part} {written}`",), code="SCL021")


_ASSIGNED = re.compile(
    r"train\s+(?P<items>[A-Za-z_]\w*\s*=\s*[A-Za-z_]\w*(?:\([^()]*\))?(?:\s*,?\s+[A-Za-z_]\w*\s*=\s*[A-Za-z_]\w*\([^()]*\))+)"
)


def assigned_alternatives(statement: Statement) -> Iterator[Construct]:
    """`train low = adamw(lr=.01), high = adamw(lr=.04)`: a set, with labels before a colon."""
    found = _ASSIGNED.match(statement.text)
    if found is None:
        return
    items = [i.strip(" ,") for i in re.split(r"\s*,?\s+(?=[A-Za-z_]\w*\s*=\s*[A-Za-z_]\w*\()", found["items"])]
    given = [one for item in items if (one := _alternative("train", item, "")) is not None]
    if len(given) == len(items) > 1 and all(one.label for one in given):
        written = _set(_labelled(given))
        said = "alternatives of `train` are a set, in braces, each with its label before a colon"
        yield Construct(found.start("items"), found.end(), said, written, (f"write `train {written}`",), code="SCL021")


FINDERS = (
    either_of,
    assigned_alternatives,
    axes_among_alternatives,
    crossed_axes,
    axes_of_words,
    joint_axes,
    zipped_axes,
    points_of_two,
    labels_of_values,
    listed_alternatives,
)
