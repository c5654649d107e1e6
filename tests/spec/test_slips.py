"""Slips as people make them, each with all that is said of it, and what `--fix` makes of it.

`slips.txt` holds them: after a line `====` a study, in which `@data`, `@models`, `@train` and `@fit` stand for the
statements of `BASE`; after `----` a line a finding, `line:column code message`, its helps indented; after `->` the
lines that certain fixes change. They stand beside `book.txt`, `runs.csv` and `g.txt`. After a change of words,
`python -m tests.spec.test_slips` writes the outcomes anew: read what differs before keeping it. `elsewhere.txt` holds
more of the kind: constructs, formats and concepts of other tools, and several mistakes in one study.
"""

from __future__ import annotations

import tempfile
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import pytest
from scalingdsl.spec import Checked, check
from scalingdsl.spec.diagnostics.fixes import UNSAFE, edits_of, mend
from scalingdsl.spec.rewording.constructs import Patched

from .support import PROSE

GOLDEN = Path(__file__).with_name("slips.txt")
ELSEWHERE = Path(__file__).with_name("elsewhere.txt")
BASE = {
    "@data": "data walk(er(n=512, p=.02), length=32)",
    "@models": "models transformer(layers=2)  width in [16..64]",
    "@train": "train adamw(schedule=cosine, warmup=2%)\n  tokens in [100k..400k]",
    "@fit": "fit chinchilla",
}
FILES = {
    "book.txt": PROSE,
    "runs.csv": "params,tokens,loss,optimizer\n"
    + "".join(
        f"{n},{d},{2 + 9 / n**0.3 + 9 / d**0.3:.4f},adamw\n" for n in (10**6, 10**7, 10**8) for d in (10**8, 10**9)
    ),
    "g.txt": "".join(
        f"{a} {b}\n" for a, b in sorted({tuple(sorted((i, j % 16))) for i in range(16) for j in (i + 1, 3 * i + 1)})
    ),
}
#: Rounds of `--fix`.
ROUNDS = 10


@dataclass(frozen=True)
class Slip:
    """One study and what is said of it."""

    written: str
    outcome: str

    @property
    def study(self) -> str:
        """The study with its statements put in."""
        text = self.written
        for name, statement in BASE.items():
            text = text.replace(f"{name}\n", f"{statement}\n")
        return text


def slips(golden: Path = GOLDEN) -> list[Slip]:
    """Every slip of a file."""
    blocks = golden.read_text(encoding="utf-8").split("====\n")[1:]
    return [Slip(*block.split("----\n", 1)) for block in blocks]


@cache
def folder() -> Path:
    """A folder with the files that the studies name."""
    path = Path(tempfile.mkdtemp(prefix="slips"))
    for name, text in FILES.items():
        path.joinpath(name).write_text(text)
    return path


@cache
def looked_at(text: str) -> Checked:
    return check(folder() / "s.scl", text=text, name="s.scl")


def mended(text: str) -> str:
    """The text after `--fix`."""
    for _ in range(ROUNDS):
        text, applied = mend(text, "s.scl", looked_at(text).diagnostics)
        if not applied:
            break
    return text


def outcome(study: str) -> str:
    """All that is said of a study, shortly, and what its certain fixes make of it."""
    checked = looked_at(study)
    lines = []
    for d in checked.diagnostics:
        at = checked.sources[d.span.file].position(d.span.start)
        mark = "~" if d.severity == "warning" else ""
        lines += [f"{at.line}:{at.column} {mark}{d.code} {d.message}", *(f"    {h}" for h in d.helps)]
    before = study.split("\n")
    lines += [f"-> {line}" for line in mended(study).split("\n") if line not in before]
    return "".join(f"{line}\n" for line in lines)


@pytest.mark.slow
@pytest.mark.parametrize("first", range(0, len(slips()), 20))
def test_slips(first: int) -> None:
    for slip in slips()[first : first + 20]:
        assert outcome(slip.study) == slip.outcome, slip.written


@pytest.mark.slow
def test_constructs_of_other_tools() -> None:
    for slip in slips(ELSEWHERE):
        assert outcome(slip.study) == slip.outcome, slip.written


@pytest.mark.slow
def test_what_is_offered_can_be_read() -> None:
    """Every change that is offered, unsafe ones too, leaves no syntax error in what it writes."""
    for slip in slips(ELSEWHERE):
        found = looked_at(slip.study).diagnostics
        known = {(d.code, d.message) for d in found}
        for said in found:
            patched = Patched.of(slip.study, edits_of(said, UNSAFE))
            after = looked_at(patched.text).diagnostics
            left = [d for d in after if d.code < "SCL1" and d.severity == "error" and (d.code, d.message) not in known]
            assert not any(patched.written(d.span) for d in left), (slip.written, said.message, left)


def test_every_error_says_what_can_be_written() -> None:
    for slip in slips(ELSEWHERE)[::4]:
        assert all(d.helps for d in looked_at(slip.study).errors), slip.written


@pytest.mark.slow
def test_certain_fixes_make_studies_better() -> None:
    """Every round of them leaves fewer errors than there were, or as many and fewer warnings."""
    for slip in slips():
        text, left = slip.study, looked_at(slip.study).diagnostics
        while any(edits_of(d) for d in left):
            text, _ = mend(text, "s.scl", left)
            now = looked_at(text).diagnostics
            counts = [(sum(d.severity == "error" for d in found), len(found)) for found in (now, left)]
            assert counts[0] < counts[1], slip.written
            left = now


@pytest.mark.slow
def test_hardly_a_finding_leaves_open_what_to_type() -> None:
    findings = [d for slip in slips() for d in looked_at(slip.study).diagnostics]
    helped = sum(bool(d.helps) for d in findings)
    assert helped > 0.9 * len(findings)


def rewrite(*goldens: Path) -> None:
    """Write every outcome anew."""
    for golden in goldens:
        blocks = [f"====\n{slip.written}----\n{outcome(slip.study)}" for slip in slips(golden)]
        golden.write_text("".join(blocks), encoding="utf-8")


if __name__ == "__main__":
    rewrite(GOLDEN, ELSEWHERE)
