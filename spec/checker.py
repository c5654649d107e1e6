"""`check` and `load`: text in, a plan and every finding out. A bad study never raises here."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cache
from pathlib import Path
from typing import Any

from .claims.resolve_names import Owners
from .constants import MAX_RUNS, MOST_STUDY
from .diagnostics.collect import bounded, in_order
from .errors import Diagnostic, SpecError, UsageError
from .files.raw_file import FileError, allowed, read_packed, too_large
from .pipeline import Stages
from .plan.study_plan import StudyPlan
from .resolve.lets import apply_settings
from .resolve.study_files import Files, merge
from .source import Source, Span
from .syntax.suppressions import suppress

#: The name of a study that is no file.
UNNAMED = "<text>"
#: Errors up to which it is looked into which of them are one mistake, and how a statement would be written.
MOST_LOOKED_INTO = 60
#: Characters that are read again, all times together, to see what mends what.
MOST_READ_AGAIN = 300_000
#: How often the mends that are offered are looked into at the end.
ONCE_MORE = 3


@dataclass(frozen=True)
class Checked:
    """The outcome of checking a study. `plan` is None where an error was found."""

    plan: StudyPlan | None
    diagnostics: tuple[Diagnostic, ...]
    #: Every text a diagnostic may point into, by name.
    sources: dict[str, Source] = field(default_factory=dict)
    #: The folder that the study's relative paths start from.
    base: Path = field(default_factory=Path)
    #: All that the study's claims may ask of; None where it was not read as far.
    owners: Owners | None = field(default=None, repr=False, compare=False)

    @property
    def errors(self) -> tuple[Diagnostic, ...]:
        """The findings that stop a study."""
        return tuple(d for d in self.diagnostics if d.severity == "error")


def check(
    path: Path | str | None = None,
    *,
    settings: Mapping[str, str] | None = None,
    text: str | None = None,
    name: str | None = None,
    max_runs: int = MAX_RUNS,
    roots: tuple[Path, ...] = (),
    at_hand: bool = False,
) -> Checked:
    """Everything that is to be said about a study, and its plan where nothing is wrong.

    Args:
        path: The study file; with `text` given, where that text would lie: by default in the working directory.
        settings: Let names and the text that replaces their value.
        text: The study itself, for a study that is no file.
        name: How diagnostics call the file; the path as given by default.
        max_runs: Refuse a study whose product is larger.
        roots: Folders besides the study's own that its files may lie in.
        at_hand: Whether its texts and tables must be there already, for it is to be run; else one that is not is a
            warning.

    Raises:
        UsageError: The study file cannot be read, or there is neither a file nor a text.
    """
    if path is None and text is None:
        raise UsageError("a study is a file, or a text: give its path, or text=...")
    path, name = (Path(UNNAMED), name or UNNAMED) if path is None else (Path(path), name)
    source = Source(_read(path) if text is None else text, name or str(path))
    if len(source.text) > allowed(MOST_STUDY):
        raise UsageError(f"{source.name}{too_large(allowed(MOST_STUDY), instead='no study is as long')}")

    @cache  # what mends one mistake is asked by several, and of as many mistakes
    def look(file: str, text: str) -> Checked:
        given = Source(text if file == source.name else source.text, source.name)
        return _look(path, given, settings or {}, max_runs, roots, at_hand, {file: text})

    checked = look(source.name, source.text)
    if not any(d.severity == "error" or d.fixes or d.helps for d in checked.diagnostics):
        return checked
    from .diagnostics.certainty import tried
    from .diagnostics.follow_ups import warnings_left, without_follow_ups
    from .helps.foreign_marks import foreign_marks
    from .helps.moved import moved
    from .helps.verified import verified
    from .rereading.said_again import said_again
    from .rewording.around.lines_around import lines_around
    from .rewording.constructs import Patched, beside
    from .rewording.file_formats import whole_format
    from .rewording.foreign_studies import deepened, foreign, hidden, told_once
    from .rewording.offers import offered
    from .syntax.scanner import scan

    def split(text: str) -> list[tuple[int, int]]:
        return [(chunk.start, chunk.end) for chunk in scan(Source(text)).chunks]

    found, name = checked.diagnostics, source.name
    left = [MOST_READ_AGAIN // max(1, sum(len(source.text) for source in checked.sources.values()))]

    def once_more(text: str) -> Checked | None:
        """The study with this text in place of its own; None where that was asked too often."""
        left[0] -= 1
        return look(name, text) if left[0] >= 0 else None

    def again(file: str) -> Callable[[str], tuple[Diagnostic, ...]]:
        """The findings about other text of a file; those that there are, as if it were no better, once that was asked
        too often."""

        def findings(text: str) -> tuple[Diagnostic, ...]:
            left[0] -= 1
            return look(file, text).diagnostics if left[0] >= 0 else checked.diagnostics

        return findings

    def proved(found: Sequence[Diagnostic], text: str) -> Sequence[Diagnostic]:
        """Findings about a text with the helps that mend them."""
        return verified(found, text, name, again(name), again(name)(text))[0]

    given = source.text
    marks: tuple[Diagnostic, ...] = ()
    errors = [d for d in found if d.severity == "error"]
    if errors and len(errors) <= MOST_LOOKED_INTO:
        if (one := whole_format(source.text, name, again(name))) is not None:
            return replace(checked, diagnostics=(one,))
        given, around = lines_around(source.text, name, again(name))
        given, marks = foreign_marks(given, name, again(name), again(name)(given) if around else found)
        marks = (*around, *marks)
    if marks:
        checked = replace(look(name, given), sources=checked.sources, plan=None)
        found = checked.diagnostics
    errors = [d for d in found if d.severity == "error"]
    patched = Patched(given)
    told: tuple[Diagnostic, ...] = ()
    first = found
    done: tuple[Diagnostic, ...] = ()
    if errors and len(errors) <= MOST_LOOKED_INTO:
        patched, told = foreign(found, given, name, again(name))
        if left[0] < 1:
            patched, told = Patched(given), ()
        first = found = again(name)(patched.text) if told else found
        if any(d.code < "SCL2" for d in found if d.severity == "error"):
            found = moved(found, patched.text, name, again(name)) if left[0] > 1 else found
            found = in_order(offered(found, patched.text, name, again(name)), name)
        found = without_follow_ups(found, patched.text, name, again(name), first)
    for file in dict.fromkeys(edit.span.file for d in found for fix in d.fixes for edit in fix.edits):
        if file in checked.sources:
            text = patched.text if file == name else checked.sources[file].text
            found = tried(found, text, file, again(file), split, first)
    if len(errors) <= MOST_LOOKED_INTO:
        found = deepened(found, patched.text, name, again(name)) if left[0] > 1 else found
        found, done = verified(found, patched.text, name, again(name), first)
    done = tuple(patched.told(d, name) for d in done)
    found = in_order((*told, *beside(told, [patched.told(d, name) for d in found])), name)
    if errors and len(errors) <= MOST_LOOKED_INTO and left[0] >= ONCE_MORE:
        found = told_once(deepened(found, given, name, again(name)) if told else found)
        found = in_order((*found, *beside(told, hidden(found, given, name, again(name), done, proved))), name)
        written = in_order(said_again(found, given, name, once_more), name)
        if written != found and (more := hidden(written, given, name, again(name), done, proved)):
            written = in_order(said_again(in_order((*written, *more), name), given, name, once_more), name)
        found = warnings_left(written, given, name, again(name), done, proved)
    return replace(checked, diagnostics=in_order((*marks, *found), name))


def _look(
    path: Path,
    source: Source,
    settings: Mapping[str, str],
    max_runs: int,
    roots: tuple[Path, ...],
    at_hand: bool,
    texts: Mapping[str, str],
) -> Checked:
    """The plan of a study and the findings about it, whose fixes are not tried yet; `texts` stand for its files."""
    base = path.parent.resolve()
    files = Files(base, tuple(r.resolve() for r in roots), at_hand, texts)
    merged = merge(files.parse(source, base), base, files, (path.resolve(),))
    apply_settings(merged, settings, files)
    stages = Stages(merged, files, max_runs, _first_line(source))
    plan = stages.plan()
    # Of two findings at one place with one code, the first.
    once = {(d.code, d.span): d for d in reversed(suppress(files.found, files.sources))}
    found = bounded(in_order(once.values(), source.name))
    failed = any(d.severity == "error" for d in found)
    return Checked(None if failed else plan, found, files.sources, base, stages.owners)


def load(path: Path | str | None = None, **options: Any) -> StudyPlan:
    """The plan of a study; options are those of `check`.

    Raises:
        SpecError: The study is not valid; it carries every finding.
        UsageError: The study file cannot be read.
    """
    checked = check(path, **options)
    if checked.plan is None:
        raise refused(checked)
    return checked.plan


def refused(checked: Checked) -> SpecError:
    """The error of a study that is not valid, which shows every finding in its line."""
    from .diagnostics.render import render

    return SpecError(checked.diagnostics, render(checked.diagnostics, checked.sources, "full").rstrip("\n"))


def _first_line(source: Source) -> Span:
    """The place of findings about the study as a whole."""
    first = source.text.lstrip()
    start = len(source.text) - len(first)
    return Span(start, start + len(first.split("\n", 1)[0].rstrip()), source.name)


def _read(path: Path) -> str:
    try:
        return read_packed(path, MOST_STUDY).decode("utf-8")
    except FileError as error:
        raise UsageError(f"cannot read {path}{error}") from None
    except OSError as error:
        raise UsageError(f"cannot read {path}: {error.strerror or error}") from None
    except UnicodeDecodeError:
        raise UsageError(f"cannot read {path}: it is not UTF-8 text") from None
