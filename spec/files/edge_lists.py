"""Edges as they stand in a text, an edge a line: what networkx, SNAP, KONECT, Gephi and spreadsheets write.

Lines that begin with `#`, `%`, `;` or `//` and a blank are comments. A name may begin with `#` or `%`: such a line is
an edge where its names come again. Everything that is taken for something by a guess is told.
"""

from __future__ import annotations

import ast
import re
from array import array
from collections.abc import Iterator
from dataclasses import dataclass, field
from itertools import islice

from .edge_doubts import are_neighbours, doubt_of_weights, refuse_groups, refuse_lists, refuse_two_sides
from .edge_format import WANTED, are_columns, are_of_two_kinds, edge_format, plain_name
from .edge_signs import Signs, signs_of
from .lines import number_of, numbered, split_at
from .matrices.market import coordinates, is_matrix_market
from .raw_file import FileError

#: Lines that the format is told from.
SAMPLE = 200
#: Characters of a line that a message shows.
SHOWN = 60
#: Weights lie between the inverse of this and this, so that their sums and shares are numbers.
LARGEST_WEIGHT = 1e100
#: Marked lines that are kept until it is known which are edges.
MOST_MARKED = 100_000
_COMMENT = re.compile(r"[#%](\s|[#%]|$)|(?:;|//)\s")
#: Two names that are tuples of Python, as the nodes of a grid of networkx.
_TUPLES = re.compile(r"(\([^()]*\))[\s,;]+(\([^()]*\))(?:[\s,;]+(.*))?")
_DIRECTED = re.compile(r"(?<!un)(?<!non-)(?<!not )\bdirected\b", re.IGNORECASE)
_UNDIRECTED = re.compile(r"\b(?:un|non-|not )directed\b|\bdirected\W{1,3}(?:false|no|0)\b", re.IGNORECASE)


@dataclass
class FoundEdges:
    """Edges in the order in which they were met."""

    #: Name of a node -> its number, by appearance.
    nodes: dict[str, int] = field(default_factory=dict)
    source: array[int] = field(default_factory=lambda: array("q"))
    target: array[int] = field(default_factory=lambda: array("q"))
    weight: array[float] = field(default_factory=lambda: array("d"))
    #: Line of each edge; empty where a file has no lines of edges.
    line: array[int] = field(default_factory=lambda: array("q"))
    weighted: bool = False
    #: Whether the file says that its edges have a direction; None where it says nothing.
    says_directed: bool | None = None
    #: What was guessed and left out, as the ends of sentences about the file.
    told: list[str] = field(default_factory=list)

    def add(self, a: str, b: str, weight: float, line: int = 0) -> None:
        """One more edge."""
        self.source.append(self.nodes.setdefault(a, len(self.nodes)))
        self.target.append(self.nodes.setdefault(b, len(self.nodes)))
        self.weight.append(weight)
        self.line.append(line)


def read_edge_list(content: bytes) -> FoundEdges:
    """The edges of a text.

    Raises:
        FileError: A line is no edge, a weight is none, or there is no edge.
    """
    try:
        return _EdgeList(content).read()
    except FileError:
        if are_neighbours(line for _, line in numbered(content)):
            raise FileError(": is a graph in METIS's lists of neighbours; write an edge a line") from None
        raise


class _EdgeList:
    """One edge list being read."""

    def __init__(self, content: bytes) -> None:
        self.content = content
        self.found = FoundEdges()
        self.first = 0
        self.comments: list[tuple[int, str]] = []
        self.n_late = 0
        self.late: tuple[int, str] | None = None
        #: Lines that begin with a mark and no blank.
        self.marked: list[tuple[int, str]] = []
        self.signs = Signs()
        self.without_weight = 0
        self.left_out: set[str] = set()

    def read(self) -> FoundEdges:
        if is_matrix_market(self.content):
            return _matrix_market(self.content)
        lines = self._format()
        for _ in self.leading:
            next(lines)
        head = None if self.leading else next(lines, None)
        self.first = head[0] if head is not None else 0
        for number, line in lines:
            self._edge(number, line)
        if head is not None:
            self._head(*head, rest=len(self.found.source))
        self._marks()
        self._tell()
        self._doubt()
        if not self.found.source:
            raise FileError(": holds no edge")
        return self.found

    def _format(self) -> Iterator[tuple[int, str]]:
        """The lines that are no comments; the format is told from the first of them."""
        sample = list(islice(self._uncommented(), SAMPLE))
        if not sample:
            if not self.marked:
                raise FileError(": holds no data")
            sample = self.marked
            self.content = b"\n".join(line.encode() for _, line in sample)
        comment = next((c for _, c in reversed(self.comments)), "")
        marked = [(n, c) for n, c in self.marked if n < sample[0][0]]
        if marked and (not self.comments or marked[-1][0] > self.comments[-1][0]):
            comment = marked[-1][1]
        bare = [_without_data(line)[0] for _, line in sample]
        if not any(mark in line for line in bare for mark in "\t,;"):
            bare = [_before_comment(line) for line in bare]
        self.signs = signs_of(bare[1:] if len(bare) > 2 else bare)
        if self.signs.told:
            self.found.told.append(self.signs.told)
            self.found.says_directed = self.signs.arrow or None
        bare = [self.signs.plain(line) for line in bare]
        self.leading = _counts_before(bare)
        try:
            self.format = edge_format(bare[len(self.leading) :], comment)
        except FileError:
            raise self._odd(sample) from None
        self.found.told += self.format.told
        self.found.weighted = self.format.weight is not None
        self.comments, self.marked, self.n_late, self.late = [], [], 0, None
        return self._uncommented()

    def _odd(self, sample: list[tuple[int, str]]) -> FileError:
        rows = [split_at(line, "," if "," in line else None) for _, line in sample]
        if len(rows) > 2 and all(len(row) == len(rows) and number_of(row[-1]) is not None for row in rows):
            places = ((i, j) for i, row in enumerate(rows) for j, cell in enumerate(row) if number_of(cell))
            i, j = next(places, (0, 1))
            way = f"write an edge a line, its two nodes, `{i},{j}` for row {i + 1} and column {j + 1}"
            return FileError(f": looks like a matrix of {len(rows)} rows; {way}")
        number, line = sample[1] if len(sample) > 1 else sample[0]
        return FileError(f", line {number}: wanted {WANTED}, found '{line[:SHOWN]}'")

    def _uncommented(self) -> Iterator[tuple[int, str]]:
        seen = False
        for number, line in numbered(self.content):
            if line[0] == "(" and (named := _TUPLES.fullmatch(line)):
                line = "\t".join(part for part in named.groups() if part)
            if line[0] in "#%;/" and (line[0] in "#%" or _COMMENT.match(line)):
                if _COMMENT.match(line):
                    if seen:
                        self.n_late += 1
                        self.late = self.late or (number, line)
                    if len(self.comments) < SAMPLE:
                        self.comments.append((number, line))
                elif len(self.marked) < MOST_MARKED:
                    self.marked.append((number, line))
                else:
                    self.n_late += 1
                continue
            seen = True
            yield number, line

    # --- lines --------------------------------------------------------------------------------------------------------

    def _fields(self, number: int, line: str) -> tuple[list[str], str]:
        """The fields of an edge, and what networkx wrote of it."""
        fields, data = self._split(line)
        ends = [fields[i] for i in (self.format.source, self.format.target) if i < len(fields)]
        if len(fields) != self.format.width or not all(ends) or len(ends) < 2:
            raise self._no_edge(number, fields)
        return fields, data

    def _split(self, line: str) -> tuple[list[str], str]:
        bare, data = _without_data(line)
        if self.format.delimiter is None or self.signs.told:
            bare = _before_comment(bare)
        return split_at(self.signs.plain(bare), self.format.delimiter), data

    def _no_edge(self, number: int, fields: list[str]) -> FileError:
        width, plain = self.format.width, self.format.width in (2, 3)
        if plain and len(fields) in (2, 3) and len(fields) != width and all(fields):
            has, had = ("a", "none") if len(fields) == 3 else ("no", "one")
            return FileError(f", line {number}: this edge has {has} weight, but line {self.first} has {had}")
        found = ", ".join(fields)
        wanted = WANTED if plain else f"{width} fields"
        return FileError(f", line {number}: wanted {wanted}, found {found[:SHOWN]!r}")

    def _edge(self, number: int, line: str) -> None:
        self.first = self.first or number
        fields, data = self._fields(number, line)
        form = self.format
        if form.kind is not None and plain_name(fields[form.kind]) == "directed":
            self.found.says_directed = True
        self.found.add(fields[form.source], fields[form.target], self._weight(number, fields, data), number)

    def _weight(self, number: int, fields: list[str], data: str) -> float:
        if data:
            return self._of_data(number, data)
        if self.format.weight is None:
            return 1.0
        written = fields[self.format.weight]
        weight = number_of(written, self.format.comma)
        if weight is None:
            raise FileError(f", line {number}: the weight {written[:SHOWN]!r} is not a number")
        return _positive(number, weight, written)

    def _of_data(self, number: int, data: str) -> float:
        """The weight in a dictionary such as `{'weight': 2}`, 1 without one."""
        held = _held(data)
        if held is None:
            raise FileError(f", line {number}: {data[:SHOWN]!r} is no data of an edge, such as {{'weight': 2}}")
        self.left_out |= {str(name) for name in held if name != "weight"}
        if "weight" not in held:
            self.without_weight += 1
            return 1.0
        weight = _number(held["weight"])
        if weight is None:
            shown = ast.unparse(held["weight"]).strip("'")[:SHOWN]
            raise FileError(f", line {number}: the weight {shown!r} is not a number")
        self.found.weighted = True
        return _positive(number, float(weight) if abs(weight) < LARGEST_WEIGHT else float("inf"), str(weight)[:SHOWN])

    # --- what the first line and the marked ones are ---------------------------------------------------------------

    def _head(self, number: int, line: str, rest: int) -> None:
        """The first line: a header, counts, or an edge like the others."""
        shown = f"line {number} ({line[:SHOWN]!r})"
        form, nodes = self.format, self.found.nodes
        fields, _ = self._split(line)
        if rest == 0 and not form.header:
            self._edge(number, line)
            return
        if len(fields) in (form.width, form.width - 1) and form.header:
            if not any(f in nodes for f in (fields[form.source], fields[min(form.target, len(fields) - 1)])):
                self.found.told.append(f"{shown} is taken for a header")
                return
        elif len(fields) == form.width:
            ends = fields[form.source], fields[form.target]
            words = not all(_is_integer(f) for f in ends) and all(_is_integer(n) for n in nodes)
            no_weight = form.weight is not None and number_of(fields[form.weight], form.comma) is None
            if not any(f in nodes for f in ends) and (words or no_weight or are_columns(*ends, nodes)):
                self.found.told.append(f"{shown} is taken for a header")
                self._tell_of_kinds(*ends)
                return
        if not line.endswith("}") and self._is_counts(fields, rest):
            if self._are_neighbours():
                raise FileError(": is a graph in METIS's lists of neighbours; write an edge a line")
            self.found.told.append(f"{shown} is taken for the numbers of nodes and edges")
            return
        named = [fields[i] for i in (form.source, form.target) if i < len(fields)]
        if form.delimiter is not None and rest > 2 and not any(name in nodes for name in named):
            self.found.told.append(f"{shown} is read as an edge, though neither of its names comes again")
        # An edge like the others: it stands where the last one does, as their order means nothing.
        self._edge(number, line)

    def _tell_of_kinds(self, one: str, other: str) -> None:
        """Of columns such as `userId` and `movieId`, that a name which both have stands for one node."""
        both = set(self.found.source) & set(self.found.target) if are_of_two_kinds(one, other) else None
        if both:
            name = list(self.found.nodes)[min(both)]
            self.found.told.append(f"what stands in both columns, such as {name[:SHOWN]!r}, is one node")

    def _is_counts(self, fields: list[str], rest: int) -> bool:
        if len(fields) not in (2, 3) or not all(f.isdecimal() and len(f) < 12 for f in fields):
            return False
        numbers = [int(f) for f in fields]
        names = self.found.nodes
        n, m = (numbers[0], numbers[-1])
        if m != rest:
            return False
        largest = max((int(x) for x in names if x.isdecimal() and len(x) < 12), default=-1)
        return n == len(names) or (n > len(names) and largest in (n - 1, n))

    def _are_neighbours(self) -> bool:
        """True where line i names the neighbours of node i, which name i themselves: each node has two."""
        names = list(self.found.nodes)
        rows = [{names[a], names[b]} for a, b in zip(self.found.source, self.found.target)]
        own = {str(i): row for i, row in enumerate(rows, 1)}
        return all(str(i) in own.get(name, ()) for i, row in enumerate(rows, 1) for name in row)

    def _marks(self) -> None:
        """Lines that begin with a mark: edges where that is seen, mostly by names that come again; else comments."""
        form = self.format
        edges: list[tuple[int, str]] = []
        waiting: list[tuple[int, str, str, str]] = []
        integers = all(_is_integer(name) for name in self.found.nodes)
        known = set(self.found.nodes)
        seconds: dict[str, int] = {}
        for number, line in self.marked:
            fields, _ = self._split(line)
            if len(fields) != form.width or not (fields[form.source] and fields[form.target]):
                self._late_comment(number, line)
                continue
            a, b = fields[form.source], fields[form.target]
            waiting.append((number, line, a, b))
            for name in (a, b):
                seconds[name] = seconds.get(name, 0) + 1
        for number, line, a, b in waiting:
            comes_again = any(name in known or seconds[name] > 1 for name in (a, b)) or line.endswith("}") or not known
            # An edge of numbers that was commented out.
            out = integers and _is_integer(a[1:]) and bool(known)
            if (comes_again or (number > self.first > 0)) and not out:
                edges.append((number, line))
            else:
                self._late_comment(number, line)
        for number, line in edges:
            self._edge(number, line)
        if edges:
            number, line = edges[0]
            are = "1 line that begins" if len(edges) == 1 else f"{len(edges):,} lines that begin"
            of = "is read as an edge, not as a comment" if len(edges) == 1 else "are read as edges, not as comments"
            self.found.told.append(f"{are} with {line[0]} {of} (line {number}: {line[:SHOWN]!r})")

    def _is_trivial(self, mark: int) -> bool:
        """True of the Trivial Graph Format: nodes with their names, a line `#`, edges between those nodes."""
        found = self.found
        before = {found.source[i] for i, line in enumerate(found.line) if line < mark}
        behind = {end[i] for i, line in enumerate(found.line) if line > mark for end in (found.source, found.target)}
        once = len(before) == sum(line < mark for line in found.line)
        return once and bool(behind) and behind <= before

    def _doubt(self) -> None:
        """Refuse and tell what looks like something else than edges.

        Raises:
            FileError: They are none.
        """
        found, comments = self.found, [line for _, line in self.comments]
        if self.late is not None:
            refuse_groups(comments, found.nodes)
        if comments and comments[0].startswith("% bip"):
            refuse_two_sides(found.nodes, found.source, found.target)
        refuse_lists(found.nodes, found.source, found.target)
        form = self.format
        if form.weight == 2 and not form.header and not self.signs.told:
            found.told += filter(None, [doubt_of_weights(found.nodes, found.source, found.weight)])

    def _late_comment(self, number: int, line: str) -> None:
        self.comments.append((number, line))
        if number > self.first:
            self.n_late += 1
            if self.late is None or number < self.late[0]:
                self.late = (number, line)

    def _tell(self) -> None:
        if self.late is not None and self.n_late == 1 and self.late[1] == "#" and self._is_trivial(self.late[0]):
            raise FileError(": looks like names of nodes, a line `#` and then edges; write the edges alone")
        if self.leading:
            shown = " ".join(self.leading)
            are = "s ({!r}) are" if len(self.leading) > 1 else " ({!r}) is"
            self.found.told.append(f"the first line{are.format(shown)} taken for counts")
        if self.late is not None:
            what = (
                "1 line after the first edge is" if self.n_late == 1 else f"{self.n_late:,} lines among the edges are"
            )
            number, line = self.late
            self.found.told.append(f"{what} taken for comments (line {number}: {line[:SHOWN]!r})")
        if self.found.weighted and self.without_weight:
            self.found.told.append(without_weights(self.without_weight))
        cut = next((n for n in self.found.nodes if " #" in n and n.split(" #")[0].rstrip() in self.found.nodes), None)
        if cut is not None:
            self.found.told.append(f"{cut[:SHOWN]!r} is taken for a name, mark and all")
        if self.left_out:
            named = ", ".join(sorted(self.left_out)[:5])
            self.found.told.append(f"of the data of edges only `weight` is read, not {named}")
        if self.found.says_directed is None:
            self.found.says_directed = _said([line for _, line in self.comments])


def without_weights(n: int) -> str:
    """What is told of edges that have none where others have one."""
    return "1 edge without a weight weighs 1" if n == 1 else f"{n:,} edges without a weight weigh 1"


def _held(data: str) -> dict[str, ast.expr] | None:
    """The values of a dictionary by their names, as they are written; None where it is none."""
    try:
        held = ast.parse(data, mode="eval").body
    except (ValueError, SyntaxError, RecursionError, MemoryError):
        return None
    if not isinstance(held, ast.Dict) or not all(isinstance(key, ast.Constant) for key in held.keys):
        return None
    return {str(key.value): value for key, value in zip(held.keys, held.values) if isinstance(key, ast.Constant)}


def _number(value: ast.expr) -> int | float | None:
    """A number as Python or numpy writes it, `2.5` or `np.float64(2.5)`; None for anything else."""
    match value:
        case ast.Call(ast.Attribute(ast.Name("np" | "numpy")), [inside], []):
            return _number(inside)
        case ast.UnaryOp(ast.USub(), operand):
            positive = _number(operand)
            return None if positive is None else -positive
        case ast.Constant(int() | float() as number) if not isinstance(number, bool):
            return number
    return None


def _counts_before(lines: list[str]) -> list[str]:
    """Lines before the edges that hold one whole number each."""
    n = 0
    while n < min(2, len(lines) - 1) and lines[n].isdecimal():
        n += 1
    return lines[:n] if not lines[n].isdecimal() else []


def _without_data(line: str) -> tuple[str, str]:
    """An edge, and the dictionary that networkx wrote behind it."""
    if not line.endswith("}") or "{" not in line:
        return line, ""
    at = line.index("{")
    return line[:at].rstrip(" \t,;"), line[at:]


def _before_comment(line: str) -> str:
    """A line of blanks without the comment behind it: ` # ` anywhere, and what begins with a mark behind two names."""
    line = line.split(" # ", 1)[0] if " # " in line else line
    if '"' not in line and (" #" in line or " //" in line):
        fields = line.split()
        at = next((i for i, field in enumerate(fields) if i > 1 and field.startswith(("#", "//"))), len(fields))
        return " ".join(fields[:at]) if at < len(fields) else line
    return line


def _positive(number: int, weight: float, written: str) -> float:
    if not 0 < weight < float("inf"):
        reason = "is not positive and finite; leave out edges of no weight"
        if weight < 0:
            reason = "is below 0, and a walk takes an edge in proportion to its weight; write its absolute value"
        raise FileError(f", line {number}: the weight {written} {reason}")
    if not 1 / LARGEST_WEIGHT <= weight <= LARGEST_WEIGHT:
        raise FileError(f", line {number}: the weight {written} is beyond 1e-100 to 1e100; divide all by one number")
    return weight


def _said(comments: list[str]) -> bool | None:
    """What the comments of a file say of its edges."""
    if comments and (konect := re.match(r"%\s*(asym|sym|bip)\b", comments[0])):
        return konect.group(1) == "asym"
    text = "\n".join(comments)
    if _UNDIRECTED.search(text):
        return False
    return True if _DIRECTED.search(text) else None


def _is_integer(name: str) -> bool:
    bare = name.removeprefix("-")
    return bare.isascii() and bare.isdigit()


def _matrix_market(content: bytes) -> FoundEdges:
    """Matrix Market coordinates: a line of sizes behind the comments, then `i j` or `i j weight`."""
    head, size, rows = coordinates(content)
    # Of a symmetric matrix one half is written, and both directions are there.
    found = FoundEdges(says_directed=None if head.symmetric else True, weighted=head.weighted)
    if size[0] != size[1]:
        raise FileError(f": is a matrix of {size[0]:,} rows and {size[1]:,} columns, and no graph")
    for number, i, j, value in rows:
        weight = _positive(number, value, f"{value:g}") if head.weighted else 1.0
        found.add(str(i), str(j), weight, number)
        if head.symmetric and i != j:
            found.add(str(j), str(i), weight, number)
    if not found.source:
        raise FileError(": holds no edge")
    return found
