"""Titles, names and cells of other people's files wherever they are shown: no terminal, page or sheet obeys them."""

from __future__ import annotations

import csv
import re
from html.parser import HTMLParser
from pathlib import Path
from xml.etree import ElementTree

import pytest
from click.testing import CliRunner
from markdown_it import MarkdownIt
from scalingdsl.engine.cli import main
from scalingdsl.engine.study.plain_tables import csv_text

ESCAPES = "\x1b[2J\x9b1m\x07\u202e"
MARKUP = "<script>alert(1)</script>|`x`[y](javascript:z)<img src=x onerror=w>$\\frac$"
LABELS = {"muon": f"muon{ESCAPES}{MARKUP}", "adam": '=cmd|" /C calc"!A0'}


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("studies")
    rows = [
        [n, d, 1.7 + 400 / n**0.34 + 1500 / d**0.37 + 0.1 * (kind == "adam"), LABELS[kind], f"run{ESCAPES}{n}{kind}"]
        for n in (1e7, 4e7, 1.6e8, 6.4e8)
        for d in (2e8, 1e9, 5e9)
        for kind in LABELS
    ]
    with (path / "t.csv").open("w", encoding="utf-8", newline="") as file:
        csv.writer(file).writerows([["N", "D", f"val{ESCAPES}{MARKUP}", "kind", "run"], *rows])
    title = f"Title{ESCAPES}{MARKUP}"
    (path / "s.scl").write_text(
        f'title "{title}"\ndata table("t.csv", loss="val{ESCAPES}{MARKUP}", kind="kind")\n'
        "fit chinchilla(bootstrap=20)\n"
        "optimum surface(chinchilla)\nreport slices\nexpect alpha within 50% of .34\n",
        encoding="utf-8",
    )
    (path / "bad.scl").write_text(f'title "{title}"\ndata table("{ESCAPES}.csv", N="n{ESCAPES}")\nfit chinchilla\n')
    assert call(path, "run", "s.scl").exit_code in (0, 4)
    return path


def call(folder: Path, *args: str):  # type: ignore[no-untyped-def]
    with pytest.MonkeyPatch.context() as patch:
        patch.chdir(folder)
        return CliRunner().invoke(main, [str(arg) for arg in args])


COMMANDS = [
    ("validate", "s.scl", "bad.scl"),
    ("plan", "s.scl"),
    ("run", "s.scl"),
    ("run", "bad.scl"),
    ("report", "runs/s"),
    ("status", "runs/s"),
    ("summary", "s.scl"),
    ("diff", "runs/s", "s.scl"),
    ("why", "runs/s"),
    ("export", "runs/s", "--what", "runs,cells,fits"),
    ("fit", "t.csv", "--law", "chinchilla", "--bootstrap", "20", "--columns", f'loss="val{ESCAPES}{MARKUP}"'),
    ("fit", "t.csv", "--law", "chinchilla", "--bootstrap", "0"),
    ("fit", "t.csv", "--law", "power(kind)", "--bootstrap", "0"),
]


@pytest.mark.slow
@pytest.mark.parametrize("args", COMMANDS, ids=" ".join)
@pytest.mark.parametrize("as_json", [False, True])
def test_no_command_hands_on_what_moves_a_terminal(args: tuple[str, ...], as_json: bool, folder: Path) -> None:
    answer = call(folder, *args, *(["--json"] if as_json and args[0] != "validate" else []))
    assert answer.exit_code != 70, answer.output
    assert "Traceback" not in answer.output
    assert not set(answer.stdout + answer.stderr) & {"\x1b", "\x9b", "\x07", "\u202e"}


class Tags(HTMLParser):
    """The tags of a page with their attributes."""

    def __init__(self) -> None:
        super().__init__()
        self.found: list[tuple[str, dict[str, str | None]]] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.found.append((tag, dict(attrs)))


@pytest.mark.slow
def test_reports_show_it_and_obey_nothing(folder: Path) -> None:
    markdown = (folder / "runs" / "s" / "report.md").read_text(encoding="utf-8")
    page = (folder / "runs" / "s" / "report.html").read_text(encoding="utf-8")
    for text in (markdown, page):
        assert not set(text) & {"\x1b", "\x9b", "\x07", "\u202e"}
    tags = Tags()
    tags.feed(MarkdownIt("commonmark").enable("table").render(markdown))
    assert not {tag for tag, _ in tags.found} & {"script"}
    tags.feed(page)
    assert not [given for _, given in tags.found if "onerror" in given]
    assert not [given for _, given in tags.found if (given.get("href") or "").startswith("javascript")]
    assert "alert(1)" not in "".join(re.findall(r"<script[^>]*>(.*?)</script>", page, re.DOTALL))
    for figure in (folder / "runs" / "s" / "figures").glob("*.svg"):
        ElementTree.parse(figure)  # noqa: S314 - of our own making


@pytest.mark.slow
def test_exported_cells_are_no_formulas(folder: Path) -> None:
    assert call(folder, "export", "runs/s", "--what", "runs,cells").exit_code == 0
    for name in ("runs", "cells"):
        with (folder / "runs" / "s" / "export" / f"{name}.csv").open(encoding="utf-8", newline="") as file:
            rows = list(csv.DictReader(file))
        assert {row["kind"][:5] for row in rows} == {"'=cmd", "muon\x1b"}
        assert all(float(row["loss"]) > 0 for row in rows)


def test_texts_like_formulas_are_marked_and_numbers_are_not() -> None:
    import numpy as np

    texts = np.array(["=1+1", "+a", "-b", "@c", "\td", "e=f", ""])
    text = csv_text({"=name": texts, "x": np.array([-1.0, -2.5, 3, -1e-9, np.nan, 0, 1])})
    rows = list(csv.reader(text.splitlines()))
    assert rows[0] == ["'=name", "x"]
    assert [row[0] for row in rows[1:]] == ["'=1+1", "'+a", "'-b", "'@c", "'\td", "e=f", ""]
    assert [row[1] for row in rows[1:4]] == ["-1.0", "-2.5", "3.0"]
