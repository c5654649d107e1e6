"""How an edge list is written: what parts its fields, which of them are the ends, the weight, a time; its header."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from .lines import DELIMITERS, even_widths, number_of, split_at
from .raw_file import FileError

WANTED = "two node names and an optional weight"
#: Names of a header, lower case without what is said of nodes anyway, that are the two ends of an edge.
_ENDS = frozenset(
    {
        *(("source", "target"), ("from", "to"), ("src", "dst"), ("src", "dest"), ("src", "tgt"), ("src", "trg")),
        *(("1", "2"), ("0", "1"), ("a", "b"), ("u", "v"), ("i", "j"), ("x", "y"), ("start", "end"), ("head", "tail")),
        *(("tail", "head"), ("sender", "receiver"), ("sender", "recipient"), ("follower", "followee")),
        *(("follower", "following"), ("origin", "destination"), ("orig", "dest"), ("parent", "child"), ("in", "out")),
        *(("out", "in"), ("left", "right"), ("subject", "object"), ("citing", "cited"), ("first", "second")),
        *(("row", "col"), ("row", "column"), ("source", "destination"), ("begin", "end"), ("ego", "alter")),
        *(("von", "nach"), ("quelle", "ziel")),
    }
)
_OF_NODES = re.compile(r"nodes?|vert(?:ex|ices)|ids?|names?|labels?|users?|persons?|entit(?:y|ies)|[^a-z0-9]")
_WEIGHTS = frozenset({"weight", "weights", "w", "value", "count", "counts", "strength", "rating", "freq", "frequency"})
_TIMES = frozenset({"time", "times", "timestamp", "timestamps", "date", "datetime", "ts", "unixts", "year", "t"})
_TYPES = frozenset({"type", "kind", "directed"})
#: Columns that number the lines.
_NUMBERS = frozenset({"id", "index", "idx", "edge", "edgeid", "eid", "no", "nr", "row", "rowid", "key"})
#: A name of which two differ in the last letter or digit alone, and what two such may end in.
_STEM = re.compile(r"(.*[a-z].*?)[\s_.\-]*([12ab01xyij])", re.IGNORECASE)
#: Those who are nodes with others of their kind, or with what they read, buy and write.
_PEOPLE = (
    *("user", "person", "friend", "follow", "member", "author", "actor", "reader", "customer", "reviewer", "contact"),
    *("peer", "sender"),
)
_PAIRED = frozenset({("1", "2"), ("0", "1"), ("a", "b"), ("x", "y"), ("i", "j")})
#: What the names of two columns of names may end in, and names of nodes do not.
_OF_COLUMNS = re.compile(r".*(?:[\s_.\-]|(?<=[a-z])(?=[A-Z]))(?:[Ii][Dd]|[Nn]ame|[Nn]ode|[Kk]ey|[Ll]abel)")
#: Fields in quotes that blanks part, whatever is in the quotes.
_QUOTED = re.compile(r'"[^"]*"(?:[ \t]+(?:"[^"]*"|[^\s",;]+))+')
#: What may part the fields of an edge, most telling first.
_PARTING = (*(d for d in DELIMITERS if d is not None), "|", None)
_DATE = re.compile(r"\d{4}-\d\d-\d\d")
#: Seconds since 1970 of 1978 to 2100, and milliseconds.
_SECONDS = (2.5e8, 4.2e9)


#: Columns of a header of which each two are looked at.
MOST_NAMES = 200


@dataclass(frozen=True)
class EdgeFormat:
    """The fields of a line."""

    delimiter: str | None
    #: Fields of every line.
    width: int
    source: int
    target: int
    weight: int | None
    #: A column of `Directed` and `Undirected`.
    kind: int | None
    #: Whether numbers have decimal commas.
    comma: bool
    #: Whether the first line names the columns, as far as its words tell.
    header: bool
    #: What was guessed about columns.
    told: tuple[str, ...] = ()


def plain_name(name: str) -> str:
    """A column's name, lower case, letters and digits alone."""
    return "".join(c for c in name.lower() if c.isalnum())


def is_weight(name: str) -> bool:
    """True of a usual name of weights."""
    return plain_name(name) in _WEIGHTS


def ends_in(names: Sequence[str]) -> tuple[int, int] | None:
    """Places of the two ends among the names of a header; None where no two names are those of ends."""
    bare = [_OF_NODES.sub("", name.lower().lstrip("#% ")) for name in names]
    parts = [frozenset(re.findall(r"[a-z0-9]+", name.lower())) for name in names]
    if any(number_of(name) is not None for name in names):
        return None
    found = list(_pairs(bare))
    if not found and len(names) <= MOST_NAMES:  # `source_page`, `target_page`
        places = range(len(names))
        apart = [(i, j, "".join(parts[i] - parts[j]), "".join(parts[j] - parts[i])) for i in places for j in places]
        found = [(i, j) for i, j, one, two in apart if min(len(one), len(two)) > 1 and (one, two) in _ENDS]
    # Letters and digits are names of ends only where these stand first: else they may be names of nodes.
    found = [(i, j) for i, j in found if len(bare[i]) > 1 or (i, j) == (0, 1)]
    return min(found, key=lambda at: (at[0] > at[1], at), default=None)


def _pairs(names: Sequence[str]) -> Iterator[tuple[int, int]]:
    """Of each two names of ends, the first place of the one, and the first of the other behind it, or else at all."""
    places: dict[str, list[int]] = {}
    for i, name in enumerate(names):
        places.setdefault(name, []).append(i)
    for one, other in _ENDS:
        if one in places and other in places:
            first = places[one][0]
            yield first, next((place for place in places[other] if place > first), places[other][0])


def are_columns(a: str, b: str, nodes: Iterable[str]) -> bool:
    """True of two names that are those of columns by their likeness, `n1` and `n2` or `user_id` and `friend_id`, where
    no node is called so."""
    if _OF_COLUMNS.fullmatch(a) and _OF_COLUMNS.fullmatch(b):
        return not any(_OF_COLUMNS.fullmatch(node) for node in nodes)
    one, two = _STEM.fullmatch(a.lower()), _STEM.fullmatch(b.lower())
    if one is None or two is None or one.group(1) != two.group(1) or (one.group(2), two.group(2)) not in _PAIRED:
        return False
    return not any(node.lower().startswith(one.group(1)) for node in nodes)


def are_of_two_kinds(a: str, b: str) -> bool:
    """True of the names of two columns of which one names people alone, such as `userId` and `movieId`."""
    return sum(any(word in plain_name(name) for word in _PEOPLE) for name in (a, b)) == 1


def is_time(fields: Sequence[str]) -> bool:
    """True where all of these are dates or seconds since 1970."""
    if all(_DATE.match(field) for field in fields):
        return True
    numbers = [number_of(field) for field in fields]
    for scale in (1.0, 1e3):
        low, high = (scale * bound for bound in _SECONDS)
        if all(x is not None and low <= x <= high for x in numbers):
            return True
    return False


def edge_format(lines: Sequence[str], comment: str = "") -> EdgeFormat:
    """The format of an edge list.

    Args:
        lines: Its first lines that are no comments, without what networkx writes of an edge behind it.
        comment: The comment just before them, which may name the columns.

    Raises:
        FileError: Its lines have other fields than edges have.
    """
    rest = lines[1:] if len(lines) > 2 else lines[:1]
    delimiter = _delimiter(rest)
    rows = [split_at(line, delimiter) for line in rest]
    width = Counter(len(split_at(line, delimiter)) for line in lines).most_common(1)[0][0]
    names = split_at(lines[0], delimiter)
    if len(names) == width - 1 and ends_in(names):  # R leaves out the name of its column of row names
        names = ["", *names]
    places = ends_in(names) if len(names) == width else None
    nodes = {name for line in lines[1:] for name in split_at(line, delimiter)[:2]}
    if places is None and len(names) == width > 2 and not names[0] and are_columns(names[1], names[2], nodes):
        places = (1, 2)  # behind the numbers of the rows
    if places is not None and nodes & {names[i] for i in places}:
        places = None  # nodes that are called as ends are
    header = places is not None
    if not header:
        names = split_at(comment.lstrip("#%").strip(), delimiter)
        places = ends_in(names) if len(names) == width else None
        names = names if places is not None else []
    told: list[str] = []
    around = places is None and width == 3 and _are_around_kinds([row for row in rows if len(row) == width])
    at = places or ((0, 2) if around else (0, 1))
    if around:
        told.append("the second column is taken for the kinds of edges, and is left out")
        return EdgeFormat(delimiter, width, *at, None, None, False, False, tuple(told))
    weight, kind = _weight(rows, width, at, names, told)
    comma = weight is not None and delimiter != "," and _has_commas([row[weight] for row in rows if len(row) == width])
    return EdgeFormat(delimiter, width, *at, weight, kind, comma, header, tuple(told))


def _delimiter(lines: Sequence[str]) -> str | None:
    if all(map(_QUOTED.fullmatch, lines)):
        return None
    found: list[tuple[str | None, int]] = [(d, even_widths(lines, d)) for d in _PARTING]
    by_blanks = [split_at(line, None) for line in lines]
    for delimiter, width in found:
        if not width:
            continue
        if delimiter in ("\t", ",") and dict(found)[None] in (2, 3):
            # `0<tab>1 5` and `a b 1,5`: blanks part the fields
            if delimiter == "\t" and all(number_of(f) is not None for row in by_blanks for f in row) and width == 2:
                if any(" " in field for line in lines for field in split_at(line, delimiter)):
                    continue
            elif delimiter == "," and dict(found)[None] == 3 and _has_commas([row[2] for row in by_blanks]):
                continue
        return delimiter
    counts = {d: sum(d in line for line in lines) for d in _PARTING if d is not None}
    most = max(counts, key=lambda d: counts[d])
    return most if 2 * counts[most] > len(lines) else None


def _are_around_kinds(rows: Sequence[Sequence[str]]) -> bool:
    """True of `a likes b`, as Cytoscape and tables of facts have edges: words that come again between the names."""
    kinds, first, third = ({row[i] for row in rows} for i in (1, 0, 2))
    if not rows or kinds & (first | third) or any(number_of(kind) is not None for kind in kinds):
        return False
    return bool(first & third) and (len(kinds) == 1 < len(rows) or 2 * len(kinds) <= len(rows))


def _has_commas(fields: Sequence[str]) -> bool:
    """True where all are numbers if a comma is a decimal one, and some have one."""
    return any("," in f for f in fields) and all(number_of(f, comma=True) is not None for f in fields)


def _weight(
    rows: Sequence[Sequence[str]], width: int, at: tuple[int, int], names: Sequence[str], told: list[str]
) -> tuple[int | None, int | None]:
    """Places of the weight and of the column of types; what is taken for what is told."""
    rows = [row for row in rows if len(row) == width]
    others = [i for i in range(width) if i not in at]
    if not names:
        if width < 2 or width > 4 or not rows:
            raise FileError("")
        if width == 4 and not is_time([row[3] for row in rows]):
            raise FileError("")
        if width == 4:
            told.append("the third column is taken for the weight and the fourth for times, which are left out")
        elif width == 3 and is_time([row[2] for row in rows]):
            told.append("the third column is taken for times, and is left out: all edges weigh 1")
            return None, None
        return (2 if width > 2 else None), None
    plain = [plain_name(name) for name in names]
    kind = next((i for i in others if plain[i] in _TYPES), None)
    weight = next((i for i in others if plain[i] in _WEIGHTS), None)
    left = [i for i in others if i not in (kind, weight)]
    if weight is None and len(left) == 1 and plain[left[0]] not in _TIMES | _NUMBERS and names[left[0]]:
        values = [row[left[0]] for row in rows]
        if all(number_of(v) is not None or number_of(v, comma=True) is not None for v in values) and not is_time(
            values
        ):
            weight = left.pop()
            told.append(f'the column "{names[weight]}" is taken for the weight')
    if named := [f'"{names[i]}"' for i in left if names[i]]:
        is_, s = ("are", "s") if len(named) > 1 else ("is", "")
        told.append(f"the column{s} {', '.join(named)} {is_} left out")
    return weight, kind
