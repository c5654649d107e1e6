"""`scalingdsl fmt`: studies in their canonical form, comments kept."""

from __future__ import annotations

import difflib
import sys
from dataclasses import dataclass

import click
from scalingdsl.spec.errors import Diagnostic
from scalingdsl.spec.source import Source

from ..console.options import color, columns, envelope, json_option
from ..console.study_paths import StudyFile, read_text, study_files, write_text


@dataclass(frozen=True)
class Formatted:
    """A study, its text, and its canonical text; None where it does not parse."""

    study: StudyFile
    text: str
    canonical: str | None
    newline: str
    diagnostics: tuple[Diagnostic, ...]

    @property
    def changed(self) -> bool:
        """True if formatting makes a difference."""
        return self.canonical is not None and self.canonical != self.text


@click.command(
    epilog="""\b
Examples:
  scalingdsl fmt studies
  scalingdsl fmt --check --diff studies
  scalingdsl fmt - < draft.scl

\b
Exit status: 0 done; 1 a study does not parse or, with --check or --diff, would change; 2 a file cannot be read."""
)
@click.argument("files", metavar="FILE...", nargs=-1, required=True)
@click.option("--check", is_flag=True, help="Change nothing; say which studies would change.")
@click.option("--diff", is_flag=True, help="Change nothing; show what would change.")
@click.option("--stdin-filename", metavar="NAME", help="What to call standard input (-).")
@json_option
@click.pass_context
def command(
    ctx: click.Context, files: tuple[str, ...], check: bool, diff: bool, stdin_filename: str | None, as_json: bool
) -> None:
    """Rewrite the studies in the FILEs in canonical form: same meaning, same comments (`-`: from stdin to stdout)."""
    done = [_format(study) for study in study_files(files, stdin_filename)]
    only_look = check or diff
    for each in done:
        if each.changed and not only_look and not each.study.is_stdin and each.canonical is not None:
            write_text(each.study.path, each.canonical, each.newline)
    if as_json:
        click.echo(_json(done, only_look))
    else:
        _show(done, check, diff)
    failed = any(each.canonical is None for each in done)
    ctx.exit(1 if failed or (only_look and any(each.changed for each in done)) else 0)


def _format(study: StudyFile) -> Formatted:
    from scalingdsl.spec.syntax.parser import parse_study
    from scalingdsl.spec.syntax.printer import print_study

    text, newline = (study.text, "\n") if study.text is not None else read_text(study.path)
    tree, diagnostics = parse_study(Source(text, study.name))
    errors = tuple(d for d in diagnostics if d.severity == "error")
    if errors:
        return Formatted(study, text, None, newline, errors)
    canonical = print_study(tree)
    again, _ = parse_study(Source(canonical, study.name))
    assert again == tree, f"formatting changed the meaning of {study.name}"
    assert [c.text for c in again.comments] == [c.text for c in tree.comments], f"a comment of {study.name} was lost"
    return Formatted(study, text, canonical, newline, ())


def _show(done: list[Formatted], check: bool, diff: bool) -> None:
    """Show the outcome: formatted standard input and diffs on stdout, everything else on stderr."""
    from scalingdsl.spec.diagnostics.render import render

    for each in done:
        name = each.study.name
        if each.canonical is None:
            shown = render(
                each.diagnostics, {name: Source(each.text, name)}, "full", color(sys.stderr), columns(sys.stderr)
            )
            click.echo(shown, err=True, color=color(sys.stderr))
        elif diff:
            lines = difflib.unified_diff(
                each.text.splitlines(keepends=True),
                each.canonical.splitlines(keepends=True),
                name,
                f"{name} (formatted)",
            )
            click.echo("".join(line if line.endswith("\n") else f"{line}\n" for line in lines), nl=False)
        elif each.study.is_stdin and not check:
            click.echo(each.canonical, nl=False)
        if each.changed and (check or diff):
            click.echo(f"would reformat {name}", err=True)
        elif each.changed and not each.study.is_stdin:
            click.echo(f"reformatted {name}", err=True)
    broken = sum(each.canonical is None for each in done)
    if broken:
        click.echo(f"{broken} of {len(done)} left as they are: they do not parse", err=True)


def _json(done: list[Formatted], only_look: bool) -> str:
    """Every file with what became of it: unchanged, reformatted, would change, or invalid."""
    import json

    from scalingdsl.spec.diagnostics.render import render

    def status(each: Formatted) -> str:
        if each.canonical is None:
            return "invalid"
        return "unchanged" if not each.changed else "would change" if only_look else "reformatted"

    sources = {each.study.name: Source(each.text, each.study.name) for each in done}
    shown = json.loads(render([d for each in done for d in each.diagnostics], sources, "json"))
    files = []
    for each in done:
        shown_file = {"file": each.study.name, "status": status(each)}
        if each.study.is_stdin and each.canonical is not None:
            shown_file["text"] = each.canonical
        files.append(shown_file)
    return envelope("fmt", files=files, diagnostics=shown["diagnostics"])
