"""Pages of the documentation, their code blocks, and a folder in which what they say can be tried.

A fence names its language. Comments right above it say what a test needs to know and a reader does not:

    <!-- file: graph.txt -->    the block is this file, which later blocks of the page use
    <!-- trained -->            a test runs the study, beside checking it
    <!-- smaller: 8M -> 8k -->  where it is trained in a test, with these numbers in place of those
    <!-- warns: SCL307 -->      the study is valid, with these warnings
    <!-- status: 1 -->          the block's last command ends with this status; the study is not valid
    <!-- output -->             what stands in the block is part of what the command above it printed
    <!-- not run: why -->       the block is there to be read
"""

from __future__ import annotations

import re
import shutil
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).parents[2]
#: Everything that users read; decisions and results are records, and their blocks belong to their day.
PAGES = tuple(
    path.relative_to(ROOT).as_posix()
    for path in (ROOT / "README.md", ROOT / "CONTRIBUTING.md", *sorted((ROOT / "docs").rglob("*.md")))
    if "decisions" not in path.parts and path.name not in ("results.md", "benchmarks.md")
)

_BLOCK = re.compile(
    r"(?P<said>(?:<!-- [^\n]*? -->\n)*)^(?P<indent> *)```(?P<language>[^\n`]*)\n(?P<text>.*?)^(?P=indent)```$",
    re.MULTILINE | re.DOTALL,
)


@dataclass(frozen=True)
class Block:
    """A fenced block."""

    page: str
    line: int
    language: str
    text: str
    #: What the comment above it says, by its first word.
    said: tuple[tuple[str, str], ...]

    def says(self, what: str) -> str | None:
        """What the comment says of `file`, `trained`, `smaller`, `warns`, `status`, `output` or `not run`."""
        return dict(self.said).get(what)

    @property
    def as_tried(self) -> str:
        """The text with the numbers that a test trains."""
        text = self.text
        for change in filter(None, (self.says("smaller") or "").split("; ")):
            old, _, new = change.partition(" -> ")
            assert old in text, f"{self}: there is no {old}"
            text = text.replace(old, new)
        return text

    def __str__(self) -> str:
        return f"{self.page}:{self.line}"


def blocks_of(page: str) -> list[Block]:
    """Every fenced block of a page, in order."""
    text = (ROOT / page).read_text(encoding="utf-8")
    found = []
    for match in _BLOCK.finditer(text):
        pairs = (comment.partition(":") for comment in re.findall(r"<!-- (.*?) -->", match["said"]))
        said = tuple((what.strip(), value.strip()) for what, _, value in pairs)
        line = text.count("\n", 0, match.start("language")) + 1
        found.append(Block(page, line, match["language"].strip(), match["text"], said))
    return found


def folder_of(page: str, folder: Path) -> Path:
    """A folder with what a reader has: shipped studies and tables, files of the reader's own, and those of the page."""
    for name in ("studies", "tests/data"):
        shutil.copytree(ROOT / name, folder / name)
    prose = [path.read_text(encoding="utf-8") for path in sorted((ROOT / "docs").rglob("*.md"))]
    # A page that names the mark between documents would be cut there.
    book = "\n\n".join(prose).replace("<|endoftext|>", "")
    (folder / "book.txt").write_text(book, encoding="utf-8")
    (folder / "graph.txt").write_text("".join(f"{i} {i * k % 97}\n" for i in range(1, 97) for k in (5, 7, 11)))
    (folder / "chain.csv").write_text("0.9,0.1,0\n0.1,0.8,0.1\n0,0.2,0.8\n")
    (folder / "losses.csv").write_text(losses())
    (folder / "runs.csv").write_text(runs())
    (folder / "sweep.csv").write_text(sweep())
    for block in blocks_of(page):
        if (name := block.says("file")) is not None:
            (folder / name).parent.mkdir(parents=True, exist_ok=True)
            (folder / name).write_text(block.as_tried, encoding="utf-8")
    return folder


def losses() -> str:
    """A table of runs as people have them: L = 1.7 + 400/N^.34 + 410/D^.28, a little scattered."""
    rows = ["params,tokens,optimiser,seed,final_loss,kl,tvd,acc"]
    for i, (n, d, name, seed) in enumerate(
        (n, d, name, seed)
        for n in (10e6, 30e6, 100e6, 300e6, 1e9)
        for d in (0.3e9, 1e9, 3e9, 10e9, 30e9)
        for name in ("adam", "sgd")
        for seed in (0, 1)
    ):
        loss = (1.7 + 400 / n**0.34 + 410 / d**0.28 + 0.1 * (name == "sgd")) * (1 + 0.004 * ((i * 7919) % 11 - 5) / 5)
        kl = loss - 1.7
        rows.append(f"{n:.0f},{d:.0f},{name},{seed},{loss:.4f},{kl:.4f},{kl / 3:.4f},{1 / (1 + kl):.4f}")
    return "\n".join(rows) + "\n"


def runs() -> str:
    """The same law in a table with other names and units: parameters in millions, tokens in billions."""
    rows = ["name,params,tokens,val_loss,final_loss"]
    for n in (10, 30, 100, 300, 1000):
        for d in (0.3, 1, 3, 10, 30):
            loss = 1.7 + 400 / (n * 1e6) ** 0.34 + 410 / (d * 1e9) ** 0.28 + 0.001 * ((7 * n + 3 * d) % 5)
            rows.append(f"run-{n},{n},{d},{loss:.4f},{loss:.4f}")
    return "\n".join(rows) + "\n"


def sweep() -> str:
    """The same law at three learning rates, two batches and two weight decays."""
    rows = ["params,tokens,lr,batch,decay,loss"]
    for n in (10e6, 30e6, 100e6, 300e6):
        for d in (0.3e9, 1e9, 3e9, 10e9):
            least = 1.7 + 400 / n**0.34 + 410 / d**0.28
            for i, lr in enumerate((0.001, 0.003, 0.01)):
                for j, batch in enumerate((32, 64)):
                    for k, decay in enumerate((0.0, 0.1)):
                        loss = least * (1 + 0.02 * (i - 1) ** 2 + 0.01 * j + 0.005 * k)
                        rows.append(f"{n:.0f},{d:.0f},{lr},{batch},{decay},{loss:.4f}")
    return "\n".join(rows) + "\n"
