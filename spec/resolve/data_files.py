"""Files that a study reads its data from: found inside the study's folder, and known by their content.

What a plan needs of a file is filled in here as arguments of its word: the content's digest, the nodes of an edge list,
the states of a transition matrix. Reading is plain Python, so that checking a study needs no numerical library; each
kind of file has its reader imported by the studies that name one.
"""

from __future__ import annotations

import hashlib
import math
import re
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path, PurePosixPath
from typing import Any

from ..constants import STUDY
from ..diagnostics.collect import Fault
from ..diagnostics.suggest import listing, similar
from ..errors import Diagnostic, Severity
from ..files.raw_file import MOST_BYTES, FileError, read_packed, unpacked
from ..syntax import ast
from ..vocabulary.base import REGISTRY, Part, Word
from ..vocabulary.parameters import Field, fields_of
from .components import Component, Sweep
from .study_files import Files, followed, outside

#: Endings of spreadsheets, which are read once they are saved as csv.
SHEETS = (".xlsx", ".xls", ".ods", ".numbers")
#: Hexadecimal digits of a content digest that a plan keeps.
DIGITS = 16
#: Files of a folder that a message names.
NAMED = 5


@dataclass
class Reader:
    """Finds files, reads each once, and remembers what was said about them."""

    files: Files

    def fill(self, components: Mapping[Part, Component]) -> dict[Part, Component]:
        """The same components with what their files hold filled in."""
        return {part: self._component(o) for part, o in components.items()}

    def _component(self, o: Component) -> Component:
        alternatives = tuple(
            replace(b, call=self._call(b.call), sweeps=tuple(self._sweep(s) for s in b.sweeps)) for b in o.alternatives
        )
        return replace(o, alternatives=alternatives, sweeps=tuple(self._sweep(s) for s in o.sweeps))

    def _sweep(self, sweep: Sweep) -> Sweep:
        """Calls that an axis lists may name files too."""
        stands = tuple(
            {label: self._call(tree) if isinstance(tree, ast.Call) else tree for label, tree in trees.items()}
            for trees in sweep.points.stands
        )
        return replace(sweep, points=replace(sweep.points, stands=stands))

    def _call(self, call: ast.Call, within: ast.Call | None = None) -> ast.Call:
        word = REGISTRY.get(call.name)
        if word is None:
            return call
        args: list[Any] = []
        given: tuple[Any, ...] = call.args
        for arg in given:
            if isinstance(arg, ast.Define) and isinstance(arg.value, ast.Call):
                arg = replace(arg, value=self._call(arg.value, within=call))
            args.append(arg)
            field = fields_of(word).get(arg.name) if isinstance(arg, ast.Define) else None
            if field is not None and field.file and isinstance(arg.value, ast.String):
                try:
                    many = field.many
                    args[-1:] = self._files(arg, call, within) if many else self._file(word, field, arg, call)
                except Fault as fault:
                    self.files.report(fault.diagnostic)
        return replace(call, args=tuple(args))

    def _file(self, word: type[Word], field: Field, arg: ast.Define, call: ast.Call) -> list[ast.Define]:
        """The path as seen from the study's folder, and what the word's declaration wants to know of the file."""
        node: Any = arg.value
        if field.late and not self._place(node).exists():
            return self._not_yet(arg, field.late)
        if field.folder and (folder := _digest_of_runs(self._place(node), node)) is not None:
            path, digest, packed = self._place(node), folder, b""
        else:
            path = self.find(node)
            packed = read_named(path, node)
            digest = hashlib.sha256(packed).hexdigest()
        first = arg.name in word.order
        known: list[tuple[str, Any]] = [("sha256" if first else f"{arg.name}_sha256", ast.String(digest[:DIGITS]))]
        for name, derived in fields_of(word).items():
            if derived.counts:
                count = {"edges": self._nodes, "transitions": self._states}[derived.counts]
                try:
                    known.append((name, ast.Number(str(count(unpacked(packed), node, call)))))
                except FileError as error:
                    raise Fault("SCL504", f'"{node.value}"{error}', node.span, helps=_edges(error, node)) from None
        shown = ast.String(self._relative(path), span=node.span)
        return [replace(arg, value=shown), *(ast.Define(n, v, span=arg.span, name_span=arg.span) for n, v in known)]

    def _files(self, arg: ast.Define, call: ast.Call, within: ast.Call | None) -> list[ast.Define]:
        """The path or pattern of a text as seen from the study's folder, and the content of all its files."""
        from ..files.documents_in import (
            MOST_LOOKED_AT,
            MOST_TEXT,
            TextForm,
            looks_like,
            repeated_mark,
            separator_in,
            texts_in,
        )
        from ..files.small_texts import Small
        from ..files.text_files import Content, blocks_of, head_of_long, iter_files, sized_files
        from .text_wishes import wanted_of

        node: Any = arg.value
        path = self._place(node)
        self._check_own(node, path)
        try:
            for file in sized_files(path):
                if not self.files.inside(file.resolve()):
                    raise outside(node.value, node.span, self.files.base)
                if file.suffix == STUDY:
                    raise own_studies(node, f'"{node.value}" takes in the study "{file.name}"')
        except FileError as error:
            raise Fault("SCL504", f'"{node.value}"{error}', node.span, helps=MEND) from None
        found = Content()
        wholly = Small()
        given = {a.name: a.value.value for a in call.named if isinstance(a.value, ast.String)}
        form = TextForm(given.get("field", ""), given.get("encoding", ""))
        mark = given.get("separator", "")
        parted, seems = False, ""
        for file in iter_files(path):
            with _named(node):
                if head := head_of_long(file, form):
                    raw, texts = head, blocks_of(file, head, found.met)
                else:
                    raw = read_packed(file, MOST_TEXT)
                    found.met(raw)
                    texts = texts_in(raw, form)
                looked_at = 0
                try:
                    for text in texts:
                        mark = mark or separator_in(text)
                        parted = parted or bool(mark and mark in text)
                        if not (seems or mark or form.field) and looked_at < MOST_LOOKED_AT:
                            seems = repeated_mark(text)
                            looked_at += len(text)
                        wholly.add(text)
                    kind = "" if form.field else looks_like(raw)
                except FileError as error:
                    helps: tuple[str, ...] = MEND
                    if not form.encoding and "save it as UTF-8" in str(error):
                        helps = (*MEND, 'say which encoding it has, such as `encoding="latin-1"`')
                    what, _, written = str(error).partition("; write ")
                    helps = (f"write {written}",) if written else helps
                    of_field = (a.span for a in call.named if a.name == "field" and "has no field" in what)
                    span = next(of_field, node.span)
                    raise Fault("SCL504", f'"{file.name}"{what}', span, helps=helps) from None
            found.ended()
            also = REGISTRY[call.name].also if call.name in REGISTRY else {}
            if kind and not any(also.get(a.name.lower(), "").startswith("field=") for a in call.named):
                self._plain_text(file.name, kind, node, raw)
        if mark and "separator" not in given:
            self._tell((f"documents are parted by {mark}", f'write separator="{mark}" to say so'), node)
        elif mark and not parted and found.files:
            self._tell((f'the separator "{mark}" never comes in it',), node)
        elif seems and not mark:
            self._tell(
                (f"the line {seems} comes again and again", f'write separator="{seems}" if it parts documents'), node
            )
        if not found.files:
            return self._not_yet(arg, "put the text there, or fetch a public one with `scalingdsl corpus`")
        try:
            if (wanted := wanted_of(call, within, mark)) is not None:
                wholly.check(wanted)
        except FileError as error:
            raise Fault("SCL504", f'"{node.value}"{error}', node.span, helps=_shorter(str(error))) from None
        digest = ast.String(found.digest[:DIGITS])
        shown = ast.String(self._relative(path), span=node.span)
        key = (shown.value, form.field, form.encoding, given.get("separator", ""))
        self.files.texts_read[key] = (wholly, mark)
        return [replace(arg, value=shown), ast.Define("sha256", digest, span=arg.span, name_span=arg.span)]

    def _plain_text(self, name: str, kind: str, node: Any, raw: bytes) -> None:
        """A file of another kind that is read as plain text: its marks are learnt too."""
        from ..files.documents_in import EDGES, longest_column

        message = f'"{name}" looks like {kind}, and is read as plain text, marks and all'
        helps = ("take the text out of it first",)
        if kind == EDGES:
            helps = (f'for walks on the graph write `walk(edges("{name}"))`',)
        if "JSON" in kind or kind == "a table":
            what = "column" if kind == "a table" else "field"
            field = longest_column(raw) if kind == "a table" else ""
            helps = (f'name the {what} of the text, such as `text("{name}", field="{field or "text"}")`',)
        self.files.report(Diagnostic("SCL506", message, node.span, "warning", helps=helps))

    def _check_own(self, node: Any, path: Path) -> None:
        """A text is not the folder of the study, of which `""` and `"."` are names: studies would be read as text."""
        folder = self.files.folders.get(node.span.file, self.files.base).resolve()
        if not node.value.strip():
            raise own_studies(node, "a text needs a file, a folder or a pattern")
        if path in (folder, *folder.parents):
            raise own_studies(node, f'"{node.value}" is the study\'s own folder, or holds it')

    def _not_yet(self, arg: ast.Define, what_to_do: str) -> list[ast.Define]:
        """The path of a text or a table that its user has still to supply.

        A plan needs nothing of it: a text's vocabulary is its tokenizer's, and on a table nothing is trained. So it is
        missed only where it is to be read (`at_hand`). A file with a similar name says that the path is mistyped.
        """
        node: Any = arg.value
        path = self._place(node)
        empty = path.is_dir()
        if not empty and self._near(path) is not None:
            self.find(node)
        message, note = f'the folder "{node.value}" holds no files', "hidden files are left out"
        if not empty:
            message = f'"{node.value}" is not there yet'
            note = f"it is looked for at {self._relative(path)} from the folder of the study"
        severity: Severity = "error" if self.files.at_hand else "warning"
        self.files.report(Diagnostic("SCL505", message, node.span, severity, notes=(note,), helps=(what_to_do,)))
        return [replace(arg, value=ast.String(self._relative(path), span=node.span))]

    def _near(self, path: Path) -> str | None:
        """The name of a file beside `path` that may have been meant; no data lie in a study."""
        beside = path.parent.glob("*") if path.parent.is_dir() else ()
        return similar(path.name, [p.name for p in beside if p.suffix != STUDY])

    def _place(self, node: Any) -> Path:
        """The path that a text names; `Fault` where that lies outside."""
        folder = self.files.folders.get(node.span.file, self.files.base)
        if "://" in node.value:
            message = "a study reads files beside it, and fetches nothing from the web"
            name = PurePosixPath(node.value.split("?")[0]).name
            helps = (f'fetch it first, or a public text with `scalingdsl corpus`, and name the file: `"{name}"`',)
            raise Fault("SCL501", message, node.span, helps=helps)
        if node.value.startswith(("~", "$")):
            message = f'"{node.value}" is no path here: `{node.value[0]}` stands for nothing'
            helps = ("write the path from the folder of the study, and allow its folder with `--data-root`",)
            raise Fault("SCL501", message, node.span, helps=helps)
        path = followed(folder, node.value, node.span)
        if path.suffix.lower() in SHEETS and not path.exists():
            message = f'"{path.name}" is a spreadsheet, and tables are csv, tsv, jsonl, json or parquet'
            helps = (f'save the sheet as csv, and write "{path.stem}.csv"',)
            raise Fault("SCL504", message, node.span, helps=helps)
        if not self.files.inside(path):
            raise outside(node.value, node.span, folder)
        return path

    def find(self, node: Any) -> Path:
        """The file a text names; `Fault` where it lies outside or does not exist."""
        path = self._place(node)
        if path.is_dir():
            files = sorted(p.name for p in path.glob("*") if p.is_file())
            notes = (f"it holds {listing(files[:NAMED])}{', ...' if len(files) > NAMED else ''}",) if files else ()
            helps: tuple[str, ...] = (f'write `"{node.value.rstrip("/")}/{files[0]}"`' if files else "name a file",)
            raise Fault(
                "SCL503", f'"{node.value}" is a folder, and a file is wanted', node.span, notes=notes, helps=helps
            )
        if path.exists() and not path.is_file():
            raise Fault(
                "SCL503", f'"{node.value}" is no regular file, and is not read', node.span, helps=("name a file",)
            )
        if not path.is_file():
            near = self._near(path)
            helps = (f'a file with a similar name exists: "{near}"',) if near else ()
            raise Fault("SCL503", f'"{node.value}" does not exist', node.span, helps=helps)
        return path

    def _relative(self, path: Path) -> str:
        try:
            return path.relative_to(self.files.base).as_posix()
        except ValueError:
            return path.as_posix()

    def _nodes(self, content: bytes, node: Any, call: ast.Call) -> int:
        """Nodes of a graph, with what its reader guessed, and those that no walk reaches."""
        from ..files.graph_file import read_graph

        graph = read_graph(content, self._directed(call))
        self._tell(graph.told, node)
        if graph.says_directed and self._directed(call) is None:
            message = f'"{node.value}" says that its edges are directed, and walks go both ways along each'
            helps = (
                f'write `{call.name}("{node.value}", directed=true)` to walk each edge only as it is written, '
                "`directed=false` if both ways are meant",
            )
            self.files.report(Diagnostic("SCL507", message, node.span, "warning", helps=helps))
        self._unreached(graph.n, graph.reached(), "nodes", "closed class" if graph.directed else "component", node)
        return graph.n

    def _states(self, content: bytes, node: Any, call: ast.Call) -> int:
        """States of a transition matrix, with what its reader guessed, and those that the chain leaves for good."""
        from ..files.transition_matrices import read_matrix

        matrix = read_matrix(content)
        self._tell(matrix.told, node)
        self._unreached(matrix.n, matrix.reached(), "states", "closed class", node)
        return matrix.n

    def _directed(self, call: ast.Call) -> bool | None:
        given = next((a.value for a in call.named if a.name == "directed"), None)
        return {"true": True, "false": False}.get(given.id) if isinstance(given, ast.Name) else None

    def _unreached(self, n: int, reached: int, noun: str, part: str, node: Any) -> None:
        if reached < n:
            whole = "connected component" if part == "component" else "closed class, which nothing leaves"
            message = f"{n - reached:,} of {n:,} {noun} lie outside the largest {whole}"
            notes = (f"walks run on that {part}, and the vocabulary stays that of the whole {_WHOLE[noun]}",)
            self.files.report(Diagnostic("SCL211", message, node.span, "warning", notes=notes))

    def _tell(self, told: tuple[str, ...], node: Any) -> None:
        """What the reader of a file took for what, as one warning."""
        if told:
            first, *more = told
            self.files.report(Diagnostic("SCL506", f'"{node.value}": {first}', node.span, "warning", notes=tuple(more)))


def _edges(error: FileError, node: Any) -> tuple[str, ...]:
    """The help for a file of two numbers a row that is read as a matrix: those are edges."""
    graphs = [w for w, t in REGISTRY.items() if t.kind == "graph" and "path" in t.order]
    if "rows of 2 numbers;" not in str(error) or not graphs:
        return ()
    return (f'two numbers a row are the edges of a graph: write `walk({graphs[0]}("{node.value}"))`',)


#: The help for a file that cannot be read as what it is named as.
MEND = ("mend the file, or name another",)


def _shorter(error: str) -> tuple[str, ...]:
    """The help for a text that is too short for its sequences: a length of which the held-out part has several."""
    held_out = re.search(r"([\d,]+) held-out.*smaller length", error)
    if held_out is None or (tokens := int(held_out[1].replace(",", ""))) < 16 * SEVERAL:
        return MEND
    return (f"write a smaller length, `length={2 ** int(math.log2(tokens / SEVERAL))}` for instance, or another text",)


#: Sequences that are held out at least, for a loss to be told on them.
SEVERAL = 20
#: What nodes and states are of.
_WHOLE = {"nodes": "graph", "states": "matrix"}


def _digest_of_runs(folder: Path, node: Any) -> str | None:
    """The digest of a folder of runs, None where it is none; `Fault` where it cannot be read."""
    from ..files.tables.table_file import is_run_folder, table_digest

    try:
        return table_digest(folder) if is_run_folder(folder) else None
    except (FileError, OSError) as error:
        raise Fault("SCL504", f'"{node.value}"{error}', node.span, helps=MEND) from None


def own_studies(node: Any, message: str) -> Fault:
    """A text that would be made of studies."""
    helps = ('name the text\'s own file, folder or pattern, such as `text("corpus.txt")` or `text("books/*.txt")`',)
    return Fault("SCL504", message, node.span, helps=helps)


def read_named(path: Path, node: Any, most: int = MOST_BYTES) -> bytes:
    """The bytes of a file that a study names, as they lie there; `Fault` where it cannot be read."""
    with _named(node):
        return read_packed(path, most)


@contextmanager
def _named(node: Any) -> Iterator[None]:
    """Errors of reading a file, as those of the study that names it."""
    try:
        yield
    except FileError as error:
        raise Fault("SCL504", f'"{node.value}"{error}', node.span, helps=MEND) from None
    except OSError as error:
        raise Fault(
            "SCL503", f'"{node.value}" cannot be read', node.span, notes=(error.strerror or "",), helps=MEND
        ) from None
