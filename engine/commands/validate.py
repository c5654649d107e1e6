"""`scalingdsl validate`: every mistake of every study, without training, torch or numpy."""

from __future__ import annotations

import json
import sys
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path

import click
from scalingdsl.spec.errors import Diagnostic, UsageError
from scalingdsl.spec.source import Source

from ..console.options import color, columns, envelope, max_runs_option, roots_option, set_option, warn_of_packages
from ..console.study_paths import StudyFile, read_text, study_files, write_text

FORMATS = ("full", "concise", "json", "github", "sarif")
#: Rounds of `--fix`: mending one mistake may uncover another, and two fixes might undo each other.
_ROUNDS = 10


@dataclass(frozen=True)
class Findings:
    """The result of checking all files."""

    diagnostics: tuple[Diagnostic, ...]
    sources: dict[str, Source]
    #: Files that could not be read, in words.
    unread: tuple[str, ...]

    def count(self, severity: str) -> int:
        """The number of errors, or warnings."""
        return sum(d.severity == severity for d in self.diagnostics)


@click.command(
    epilog="""\b
Examples:
  scalingdsl validate studies
  scalingdsl validate draft.scl --set n=1024 --fix
  cat draft.scl | scalingdsl validate - --stdin-filename draft.scl --output-format json

\b
Exit status: 0 no errors (with --strict, no warnings either); 1 some; 2 a file cannot be read, or there is none."""
)
@click.argument("files", metavar="FILE...", nargs=-1, required=True)
@set_option
@click.option(
    "--output-format",
    type=click.Choice(FORMATS),
    default="full",
    show_default=True,
    envvar="SCL_OUTPUT_FORMAT",
    show_envvar=True,
    help="Form of the findings.",
)
@click.option("--json", "as_json", is_flag=True, help="The same as --output-format json.")
@click.option("--strict", is_flag=True, help="Exit with 1 on warnings too.")
@click.option("--fix", is_flag=True, help="Mend what can be mended for certain, in place.")
@click.option("--unsafe-fixes", is_flag=True, help="With --fix, mend also where the change may be wrong.")
@max_runs_option
@roots_option
@click.option("--stdin-filename", metavar="NAME", help="What to call standard input (-), and where it would lie.")
@click.pass_context
def command(
    ctx: click.Context,
    files: tuple[str, ...],
    settings: dict[str, str],
    output_format: str,
    as_json: bool,
    strict: bool,
    fix: bool,
    unsafe_fixes: bool,
    max_runs: int,
    roots: tuple[Path, ...],
    stdin_filename: str | None,
) -> None:
    """Report every mistake of every study in the FILEs (`-` is standard input, folders are searched through)."""
    output_format = "json" if as_json else output_format
    if unsafe_fixes and not fix:
        raise click.UsageError("--unsafe-fixes goes with --fix")
    studies = study_files(files, stdin_filename)
    check = partial(_check, settings=settings, max_runs=max_runs, roots=roots)
    if fix:
        studies = _mend(studies, unsafe_fixes, check)
        for study in studies:
            if study.text is not None:
                click.echo(study.text, nl=False)
    found = check(studies)
    warn_of_packages()
    _show(studies, found, output_format, to_stderr=fix and any(s.is_stdin for s in studies))
    if found.unread:
        ctx.exit(2)
    ctx.exit(1 if found.count("error") or (strict and found.diagnostics) else 0)


def _check(studies: Sequence[StudyFile], settings: dict[str, str], max_runs: int, roots: tuple[Path, ...]) -> Findings:
    """Check the studies one by one; a file that cannot be read does not keep the others from being checked."""
    from scalingdsl.spec import check

    diagnostics: list[Diagnostic] = []
    sources: dict[str, Source] = {}
    unread: list[str] = []
    for study in studies:
        try:
            checked = check(
                study.path, settings=settings, text=study.text, name=study.name, max_runs=max_runs, roots=roots
            )
        except UsageError as error:
            unread.append(str(error))
            continue
        diagnostics += checked.diagnostics
        sources |= checked.sources
    return Findings(tuple(diagnostics), sources, tuple(unread))


def _mend(
    studies: Sequence[StudyFile], unsafe: bool, check: Callable[[Sequence[StudyFile]], Findings]
) -> tuple[StudyFile, ...]:
    """Apply fixes until none is left, and write the files that changed; standard input comes back with its new text."""
    from scalingdsl.spec.diagnostics.fixes import SAFE, UNSAFE, mend

    allowed = UNSAFE if unsafe else SAFE
    mended: list[StudyFile] = []
    for study in studies:
        if study.text is None:
            text, newline = read_text(study.path)
        else:
            text, newline = study.text, "\n"
        total = 0
        for _ in range(_ROUNDS):
            findings = check([replace(study, text=text)])
            text, applied = mend(text, study.name, findings.diagnostics, allowed)
            total += applied
            if not applied:
                break
        if total:
            click.echo(f"{study.name}: mended {total} mistake{'s' if total != 1 else ''}", err=True)
        if total and study.text is None:
            write_text(study.path, text, newline)
        mended.append(replace(study, text=text) if study.is_stdin else study)
    return tuple(mended)


def _show(studies: Sequence[StudyFile], found: Findings, output_format: str, to_stderr: bool) -> None:
    """The findings in their format on stdout, what could not be read on stderr."""
    from scalingdsl.spec.diagnostics.render import render

    stream = sys.stderr if to_stderr else sys.stdout
    shown = render(found.diagnostics, found.sources, output_format, color(stream), columns(stream))  # type: ignore[arg-type]
    if output_format == "json":
        payload = json.loads(shown) | {"files": [s.name for s in studies], "unread": list(found.unread)}
        payload["valid"] = payload["valid"] and not found.unread
        shown = envelope("validate", **{k: v for k, v in payload.items() if k not in ("format_version", "command")})
    click.echo(shown.rstrip("\n"), nl=bool(shown), err=to_stderr, color=color(stream))
    for words in found.unread:
        click.echo(f"error: {words}", err=True)
    if output_format == "github" and found.diagnostics:
        click.echo(render(found.diagnostics, found.sources, "concise").rstrip("\n"), err=True)
    if output_format in ("full", "concise", "github"):
        if shown and output_format == "full":
            click.echo(err=to_stderr)
        click.echo(_summary(studies, found), err=to_stderr or output_format != "full")


def _summary(studies: Sequence[StudyFile], found: Findings) -> str:
    """`2 errors, 1 warning in 1 of 3 studies; --fix mends 1`."""
    from scalingdsl.spec.diagnostics.collect import in_order
    from scalingdsl.spec.diagnostics.fixes import edits_of
    from scalingdsl.spec.diagnostics.render import summary

    checked = len(studies) - len(found.unread)
    diagnostics = in_order(found.diagnostics)
    if not diagnostics:
        return f"{checked} {'study is' if checked == 1 else 'studies are'} valid"
    wrong = len({d.span.file for d in diagnostics})
    where = "" if len(studies) == 1 else f" in {wrong} of {len(studies)} files"
    mendable = sum(bool(edits_of(d)) for d in diagnostics)
    hint = f"; --fix mends {mendable}" if mendable else ""
    return f"{summary(diagnostics)}{where}{hint}"
