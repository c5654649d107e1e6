"""Study files: each read once, and those that a study uses, with `use`, under its own statements."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path, PurePath
from types import MappingProxyType
from typing import TYPE_CHECKING, Any

from ..constants import MOST_STUDY, STUDY
from ..diagnostics.collect import Fault
from ..diagnostics.suggest import nearest
from ..errors import Diagnostic, Edit, Fix, SpecError
from ..files.raw_file import FileError, read_packed
from ..source import Source, Span
from ..syntax import ast
from ..syntax.numbers import number
from ..syntax.scanner import STATEMENTS
from ..syntax.visit import transform
from .places_of_words import WordsInStatements
from .use_statements import Merged, own_statements, patch, replaced_heads

if TYPE_CHECKING:
    from ..files.small_texts import Small

#: Words, parameters and settings to the statement that each stands in, and what claims may ask for.
WORDS = WordsInStatements()
#: Codes that judge the value or the unit of a number, or the points of a range.
JUDGES_VALUES = frozenset({"SCL202", "SCL207", "SCL208", "SCL304", "SCL305", "SCL306", "SCL307", "SCL308", "SCL423"})


#: Endings of tables and of texts, and lines of a file that are looked at to tell a study from them.
TABLES, TEXTS, MOST_LINES = (".csv", ".tsv", ".jsonl", ".json", ".parquet"), (".txt", ".md"), 50
#: Endings of settings of other tools.
SETTINGS_OF_OTHERS = (".yaml", ".yml", ".toml", ".ini", ".cfg", ".py")
#: The ending of shapes that rates under muP are scaled by elsewhere.
BASE_SHAPES = ".bsh"
#: How deep studies may use one another.
MOST_NESTED = 64


class Files:
    """Reads study files below the study's folder or a given root; keeps their texts and everything found."""

    def __init__(
        self,
        base: Path,
        roots: tuple[Path, ...] = (),
        at_hand: bool = False,
        texts: Mapping[str, str] = MappingProxyType({}),
    ) -> None:
        self.base = base
        self.roots = roots
        #: What is read in place of a used file, by the name it is shown by.
        self.texts = texts
        #: Whether texts and tables must be there, as they must be to train or to fit.
        self.at_hand = at_hand
        self.sources: dict[str, Source] = {}
        #: Studies that were used, each read once.
        self.merged: dict[Path, Merged] = {}
        #: Name of a source -> the folder its relative paths start from.
        self.folders: dict[str, Path] = {}
        self.found: list[Diagnostic] = []
        self.errors = 0
        #: First words of statements that could not be read: what depends on them is not judged.
        self.broken: set[str] = set()
        #: Texts by path, field, encoding and separator as given, with the mark between their documents.
        self.texts_read: dict[tuple[str, str, str, str], tuple[Small, str]] = {}
        #: Where numbers stand whose letters mean nothing, and whatever else was read as something that is not typed.
        self.unreadable: list[Span] = []
        #: Whether a study that is used could not be read.
        self.unread = False

    def report(self, diagnostic: Diagnostic) -> None:
        """Keep a finding; none about a value that what stands for an unreadable number would have."""
        named = diagnostic.code == "SCL101" or re.fullmatch(r"`[A-Za-z_]\w*` is no sweep", diagnostic.message)
        if self.unread and named:  # it may be a name of the study that is not there
            if not diagnostic.fixes or "sweep" in diagnostic.message:
                return
            diagnostic = replace(diagnostic, fixes=())
        judges = diagnostic.code in JUDGES_VALUES
        for span in self.unreadable:
            if (judges and span in diagnostic.span) or (diagnostic.span in span):
                return
        self.found.append(diagnostic)
        self.errors += diagnostic.severity == "error"

    def parse(self, source: Source, folder: Path) -> ast.Study:
        """The tree of a file; its syntax errors are reported."""
        from ..syntax.parser import read_study

        self.sources[source.name] = source
        self.folders[source.name] = folder
        study, diagnostics, broken, repaired = read_study(source, WORDS)
        self.broken |= broken
        for d in diagnostics:
            self.report(d)
            if d.code == "SCL017":  # a name that is no name, changed wherever it stands
                self.unreadable += [edit.span for fix in d.fixes for edit in fix.edits]
        self.unreadable += repaired
        read: ast.Study = self.readable(study)
        return read

    def readable(self, node: Any) -> Any:
        """A tree whose numbers can be read: one whose letters mean nothing is reported, and stands for 1."""

        def read(part: Any) -> Any:
            if not isinstance(part, ast.Number):
                return part
            try:
                number(part.text)
            except SpecError as error:
                said = error.diagnostics[0]
                fixes = tuple(
                    fix._replace(edits=tuple(Edit(part.span, e.text) for e in fix.edits)) for fix in said.fixes
                )
                self.report(replace(said, span=part.span, fixes=fixes))
                self.unreadable.append(part.span)
                return replace(part, text="1")
            return part

        return transform(node, read)

    def inside(self, path: Path) -> bool:
        """True where a path stays below the study's folder or a root."""
        return any(path.is_relative_to(root) for root in (self.base, *self.roots))


def merge(study: ast.Study, folder: Path, files: Files, chain: tuple[Path, ...] = ()) -> Merged:
    """One file's statements over those of the files it uses."""
    base = Merged()
    paths: set[str] = set()
    for statement in study.statements:
        if isinstance(statement, ast.Use) and statement.path not in paths:
            paths.add(statement.path)
            used = _used(statement, folder, files, chain)
            if used is not None:
                base = patch(base, used)
    own = own_statements(study, files.report)
    for said in replaced_heads(base, own):
        files.report(said)
    return patch(base, own)


def _used(statement: ast.Use, folder: Path, files: Files, chain: tuple[Path, ...]) -> Merged | None:
    # What a file that cannot be used would have given cannot be judged.
    unjudged = ("let", "data", "models", "train", "fit", "optimum")
    try:
        path = followed(folder, statement.path, statement.span)
        if not files.inside(path):
            raise outside(statement.path, statement.span, folder)
        if len(chain) > MOST_NESTED:
            message = f"studies that use one another are nested more than {MOST_NESTED} deep"
            raise Fault("SCL502", message, statement.span, helps=("use fewer studies of each other",))
    except Fault as fault:
        files.broken.update(unjudged)
        files.unread = True
        files.report(fault.diagnostic)
        return None
    if path in chain:
        itself = ("name another study, or remove the line",)
        files.report(Diagnostic("SCL502", f'"{statement.path}" uses itself', statement.span, helps=itself))
        return None
    if path in files.merged:
        return files.merged[path]
    try:
        text = read_packed(path, MOST_STUDY).decode("utf-8")
    except (OSError, UnicodeDecodeError, FileError) as error:
        files.broken.update(unjudged)
        files.unread = True
        why = "cannot be read" if path.exists() else "does not exist"
        beside = path.parent.glob("*") if path.parent.is_dir() else ()
        near = nearest("a file", path.name, [p.name for p in beside], '"')
        helps = near or ("a study is used by its path from this one: put it there, or mend the name",)
        meant = re.search(r'"([^"]+)"', near[0]) if near else None
        written = f'use "{statement.path.removesuffix(path.name)}{meant[1]}"' if meant else ""
        fixes = (Fix((Edit(statement.span, written),), "maybe-incorrect"),) if meant else ()
        if not near and path.suffix != STUDY:
            helps = ('every word is there without it; a study is used by its path, such as `use "base.scl"`',)
            if path.suffix == BASE_SHAPES or "shape" in path.stem:
                helps = ("leave the line out: the base of muP is a width here, `transformer(..., base_width=64)`",)
        notes = (str(error).lstrip(": "),) if why == "cannot be read" else ()
        message = f'"{statement.path}" {why}'
        files.report(Diagnostic("SCL503", message, statement.span, helps=helps, notes=notes, fixes=fixes))
        return None
    if path.suffix != STUDY and (refused := _no_study(statement, path, text)) is not None:
        files.broken.update(unjudged)
        files.report(refused)
        return None
    shown = _shown(path, files)
    source = Source(files.texts.get(shown, text), shown)
    files.merged[path] = merge(files.parse(source, path.parent), path.parent, files, (*chain, path))
    return files.merged[path]


def _no_study(statement: ast.Use, path: Path, text: str) -> Diagnostic | None:
    """The finding about a file of another kind, none of whose first lines begins like a statement."""
    lines = [line.lstrip() for line in text.splitlines()[:MOST_LINES] if line.strip() and not line.startswith("#")]
    if any(line.split(maxsplit=1)[0] in STATEMENTS for line in lines):
        return None
    table = path.suffix.lower() in TABLES
    what = "is a table" if table else "is no study"
    written = statement.path
    helps: tuple[str, ...] = (f'write `data text("{written}")`',)
    if table:
        helps = (f'write `data table("{written}", N="...", D="...", loss="...")`, with the names of its columns',)
    elif path.suffix.lower() in SETTINGS_OF_OTHERS:
        helps = (
            "write what it says as statements of this study, such as `models width=64` or `train lr=.01`",
            "what is to be changed from outside is a `let`, and `scalingdsl run --set NAME=VALUE` changes it",
        )
    elif path.suffix.lower() not in TEXTS:
        helps = ("`use` takes the path of a study, a file with statements such as `data` and `fit`",)
    return Diagnostic("SCL503", f'"{written}" {what}, and `use` takes a study', statement.span, helps=helps)


def followed(folder: Path, written: str, span: Span) -> Path:
    """The path that a study names, its links followed; `Fault` where there can be no such file."""
    try:
        return (folder / written).resolve()
    except (OSError, RuntimeError, ValueError) as error:  # a link to itself, a name with NUL, one that is too long
        reason = "it is a link to itself" if isinstance(error, RuntimeError) else str(error)
        shown = written.replace("\0", "\\0")[:80]
        raise Fault(
            "SCL503", f'"{shown}" names no file', span, notes=(reason,), helps=("write the path of a file",)
        ) from None


def outside(path: str, span: Span, folder: Path) -> Fault:
    """A path that leads out of the study's folder."""
    name, other = PurePath(path).name, PurePath(path).parent.as_posix()
    helps: tuple[str, ...] = (
        f'move the file beside the study and write "{name}", or allow its folder with `--data-root {other}`',
    )
    if (folder / name).is_file():
        helps = (
            f'write "{name}", which lies beside the study',
            f"or allow the other folder with `--data-root {other}`",
        )
    return Fault("SCL501", f'"{path}" lies outside the study\'s folder', span, helps=helps)


def _shown(path: Path, files: Files) -> str:
    """The name of a used file: from the same folder as the study's own name."""
    folder = PurePath(next(iter(files.sources))).parent
    try:
        return (folder / path.relative_to(files.base)).as_posix()
    except ValueError:
        return str(path)
