"""Bad studies, each with the whole message it gets.

`bad/*.txt` holds them, a file a code: after a line `==== what it is about` the study, after `----` the message as it is
rendered. The studies stand beside the files of `FILES`; a first line `# --set NAME=VALUE` is an option of the command.
After a change of words, `python -m tests.spec.test_bad` writes the messages anew: read what differs before keeping it.
"""

from __future__ import annotations

import tempfile
from dataclasses import dataclass
from pathlib import Path

import pytest
from scalingdsl.spec import Checked, check
from scalingdsl.spec.diagnostics.catalogue.syntax_codes import CODES
from scalingdsl.spec.diagnostics.render import render, summary

from .diagnostics.test_semantic_codes import FILES

FOLDER = Path(__file__).parent / "bad"


@dataclass(frozen=True)
class Case:
    """One bad study."""

    file: str
    about: str
    study: str
    message: str

    @property
    def text(self) -> str:
        """The case as it stands in its file."""
        return f"==== {self.about}\n{self.study}\n----\n{self.message}"


def cases() -> list[Case]:
    """Every case of every file."""
    found = []
    for path in sorted(FOLDER.glob("*.txt")):
        for part in path.read_text(encoding="utf-8").split("==== ")[1:]:
            head, message = part.split("\n----\n")
            about, study = head.split("\n", 1)
            found.append(Case(path.stem, about, study, message))
    return found


def checked(study: str, folder: Path) -> Checked:
    """Check a study as if it were `study.scl` in `folder`."""
    first = study.split("\n", 1)[0]
    settings = dict([first.removeprefix("# --set ").split("=", 1)]) if first.startswith("# --set ") else {}
    return check(folder / "study.scl", text=study, settings=settings, name="study.scl")


def message(study: str, folder: Path) -> str:
    """All that is said about a study."""
    result = checked(study, folder)
    return render(result.diagnostics, result.sources)


def fill(folder: Path) -> Path:
    """Put the files that the studies name into a folder."""
    for name, text in FILES.items():
        folder.joinpath(name).write_text(text)
    folder.joinpath("empty").mkdir(exist_ok=True)
    folder.parent.joinpath("graph.txt").write_text(FILES["graph.txt"])
    return folder


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return fill(tmp_path_factory.mktemp("bad"))


@pytest.mark.parametrize("case", cases(), ids=lambda c: f"{c.file}-{c.about}")
def test_message(case: Case, folder: Path) -> None:
    assert message(case.study, folder) == case.message
    if case.file in CODES:
        assert f"[{case.file}]" in case.message


def test_there_are_many_and_every_code_has_one() -> None:
    found = cases()
    assert len(found) >= 100
    assert {c.file for c in found} >= set(CODES)


def test_six_mistakes_are_six_messages(folder: Path) -> None:
    (case,) = [c for c in cases() if c.about == "six independent mistakes"]
    assert summary(checked(case.study, folder).diagnostics) == "6 errors"


@pytest.mark.parametrize("case", cases(), ids=lambda c: f"{c.file}-{c.about}")
def test_places_lie_in_the_text_and_certain_fixes_mend(case: Case, folder: Path) -> None:
    from scalingdsl.spec.diagnostics.fixes import edits_of, mend

    result = checked(case.study, folder)
    for d in result.diagnostics:
        spans = [d.span, *(label.span for label in d.labels), *(e.span for f in d.fixes for e in f.edits)]
        for span in spans:
            assert 0 <= span.start <= span.end <= len(result.sources[span.file].text)
        if edits_of(d):
            mended, _ = mend(case.study, "study.scl", [d])
            after = checked(mended, folder).diagnostics
            assert (d.code, d.message) not in [(x.code, x.message) for x in after if x.span.start == d.span.start]


def rewrite() -> None:
    """Write every message anew."""
    with tempfile.TemporaryDirectory() as name:
        folder = fill(Path(name, "in").absolute()) if Path(name, "in").mkdir() is None else Path(name)
        files: dict[str, list[str]] = {}
        for case in cases():
            files.setdefault(case.file, []).append(
                Case(case.file, case.about, case.study, message(case.study, folder)).text
            )
    for stem, parts in files.items():
        FOLDER.joinpath(f"{stem}.txt").write_text("".join(parts), encoding="utf-8")


if __name__ == "__main__":
    rewrite()
