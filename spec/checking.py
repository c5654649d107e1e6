"""`check` and `load`: text in, a plan and every finding out. A bad study never raises here."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from . import ast
from .errors import Diagnostic, SpecError, UsageError
from .lower import lower_grid
from .outline import Outline, outline
from .plan import StudyPlan
from .requests import read_requests
from .resolve import PARTS, Files, Lets, Merged, Part, apply_settings, merge
from .source import Source, Span

#: A study of more runs than this is refused unless asked for.
MAX_RUNS = 100_000


@dataclass(frozen=True)
class Checked:
    """What checking a study gives. `plan` is None where an error was found."""

    plan: StudyPlan | None
    diagnostics: tuple[Diagnostic, ...]
    #: Every text a diagnostic may point into, by name.
    sources: dict[str, Source] = field(default_factory=dict)
    #: The folder that the study's relative paths start from.
    base: Path = field(default_factory=Path)

    @property
    def errors(self) -> tuple[Diagnostic, ...]:
        """The findings that stop a study."""
        return tuple(d for d in self.diagnostics if d.severity == "error")


def check(
    path: Path | str,
    *,
    settings: Mapping[str, str] | None = None,
    text: str | None = None,
    name: str | None = None,
    max_runs: int = MAX_RUNS,
    roots: tuple[Path, ...] = (),
) -> Checked:
    """Everything that is to be said about a study, and its plan where nothing is wrong.

    Args:
        path: The study file; with `text` given, where that text would lie.
        settings: Let names and the text that replaces their value.
        text: The study itself, for a study that is no file.
        name: How diagnostics call the file; the path as given by default.
        max_runs: Refuse a study whose product is larger.
        roots: Folders besides the study's own that its files may lie in.
    """
    path = Path(path)
    if text is None:
        try:
            text = path.read_text(encoding="utf-8")
        except (OSError, UnicodeDecodeError) as error:
            raise UsageError(f"cannot read {path}: {_reason(error)}") from None
    source = Source(text, name or str(path))
    base = path.parent.resolve()
    found: list[Diagnostic] = []
    sources: dict[str, Source] = {}
    files = Files(base, roots, sources, found.append)
    merged = merge(files.parse(source), source, base, files, (path.resolve(),))
    apply_settings(merged, settings or {}, files)
    plan = _plan(merged, files, found, max_runs, Span(0, len(text), source.name))
    ordered = sorted(dict.fromkeys(found), key=lambda d: (d.span.file != source.name, d.span, d.code, d.message))
    failed = any(d.severity == "error" for d in ordered)
    return Checked(None if failed else plan, tuple(ordered), sources, base)


def _reason(error: Exception) -> str:
    return error.strerror or str(error) if isinstance(error, OSError) else "it is not UTF-8 text"


def load(path: Path | str, **options: Any) -> StudyPlan:
    """The plan of a study; `SpecError` with every finding where it is not valid. Options are those of `check`."""
    checked = check(path, **options)
    if checked.plan is None:
        raise SpecError(checked.diagnostics)
    return checked.plan


def _plan(merged: Merged, files: Files, found: list[Diagnostic], max_runs: int, whole: Span) -> StudyPlan | None:
    lets = Lets(merged.lets, found.append)
    outlines: dict[Part, Outline] = {}
    for part in PARTS:
        body = merged.parts.get(part, ast.Body(None, span=whole))
        outlines[part] = outline(part, body_of(body, lets), merged.spans.get(part, whole), found.append)
    if any(d.severity == "error" for d in found):
        return None
    grid = lower_grid(outlines)
    known = frozenset(name for axis in grid.axes for name in axis.names)
    requests = read_requests(merged.fits, merged.optima, lets, known, found.append)
    return StudyPlan(
        fits=tuple(a.request for a in requests.fits.values()),
        optima=tuple(o for o, _ in requests.optima.values()),
        title=merged.title.text if merged.title else "",
        axes=grid.axes,
        data=grid.alternatives["data"],
        models=grid.alternatives["models"],
        train=grid.alternatives["train"],
        definitions=grid.definitions,
        where=grid.where,
    )


def body_of(body: ast.Body, lets: Lets) -> ast.Body:
    """A component with its lets put in."""
    from dataclasses import replace

    return replace(
        body,
        head=None if body.head is None else lets.put_in(body.head),
        bindings=tuple(lets.put_in(b) for b in body.bindings),
        where=None if body.where is None else lets.put_in(body.where),
    )
