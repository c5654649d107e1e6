"""Every code block of the documentation: studies validate, commands run, Python is executed, the rest is output.

Commands run in a folder of their own, in the order of the page. `run` of a shipped study trains for minutes: there the
study is validated, and its training is tested elsewhere.
"""

from __future__ import annotations

import json
import os
import re
import shlex
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest
import yaml
from click.testing import CliRunner
from scalingdsl.engine.cli import main
from scalingdsl.spec import check

from .pages import PAGES, ROOT, Block, blocks_of, folder_of

#: Languages of blocks that are not executed: output, and files of other tools, which are read.
READ = {"yaml": yaml.safe_load, "toml": tomllib.loads, "json": json.loads, "text": str, "lark": str}
EXECUTED = ("scl", "sh", "python")


@pytest.mark.parametrize("page", PAGES)
def test_every_block_says_what_it_is(page: str) -> None:
    for block in blocks_of(page):
        assert block.language in (*READ, *EXECUTED), f"{block}: a block of no language that is tested"
        READ.get(block.language, str)(block.text)
    text = (ROOT / page).read_text(encoding="utf-8")
    assert text.count("```") == 2 * len(blocks_of(page)), f"{page}: a fence that is not closed, or not read"
    outside = re.sub(r"```.*?```", "", text, flags=re.DOTALL)
    assert not re.search(r"^\n {4,}\S", outside, re.MULTILINE), f"{page}: a block without a fence"


@pytest.mark.parametrize("page", [page for page in PAGES if any(b.language == "scl" for b in blocks_of(page))])
def test_every_study_is_valid(page: str, tmp_path: Path) -> None:
    folder = folder_of(page, tmp_path)
    for block in blocks_of(page):
        if block.language == "scl" and block.says("status") is None:
            found = check(folder / "study.scl", text=block.text)
            wanted = (block.says("warns") or "").split()
            assert [d.code for d in found.diagnostics] == wanted, f"{block}\n" + "\n".join(
                f"{d.code} {d.message} {d.helps}" for d in found.diagnostics
            )


def test_the_tutorial_shows_the_first_study(tmp_path: Path) -> None:
    shipped = check(ROOT / "studies" / "er.scl").plan
    shown = [
        check(tmp_path / "study.scl", text=b.text).plan for b in blocks_of("docs/tutorial.md") if b.language == "scl"
    ]
    assert shipped is not None
    assert shipped.digest in [plan.digest for plan in shown if plan is not None]


TRAINED = [block for page in PAGES for block in blocks_of(page) if block.says("trained") is not None]


@pytest.mark.slow
@pytest.mark.parametrize("block", TRAINED, ids=str)
def test_cheap_studies_are_trained(block: Block, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(folder_of(block.page, tmp_path))
    (tmp_path / "study.scl").write_text(block.as_tried, encoding="utf-8")
    result = CliRunner().invoke(main, ["run", "study.scl", "--workers", "1"])
    assert result.exit_code in (0, 4), f"{block}\n{result.output}{result.exception or ''}"
    assert (tmp_path / "runs" / "study" / "report.html").is_file()


def executed(page: str) -> bool:
    """True for a page whose commands or scripts are executed."""
    return any(block.language in ("sh", "python") for block in blocks_of(page))


@pytest.mark.slow
@pytest.mark.parametrize("page", [page for page in PAGES if executed(page)])
def test_commands_and_scripts_run(page: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(folder_of(page, tmp_path))
    monkeypatch.setenv("PATH", f"{Path(sys.executable).parent}:{os.environ['PATH']}")  # `python` is this one
    printed = ""
    for block in blocks_of(page):
        if block.says("output") is not None:
            assert block.text.rstrip("\n") in printed, f"{block}\n{printed}"
        if block.says("not run") is not None:
            continue
        if block.language == "sh":
            printed = _commands(block)
        elif block.language == "python":
            script = [sys.executable, "-W", "error", "-c", block.text]
            done = subprocess.run(script, cwd=tmp_path, capture_output=True, text=True, check=False)
            assert done.returncode == 0, f"{block}\n{done.stderr}"


#: Programs whose commands are not executed: what they do is no matter of a page.
OTHERS = ("python", "python3", "ruff", "mypy", "lint-imports", "git", "pre-commit", "mkdocs")


def _commands(block: Block) -> str:
    """Run the commands of a block, and give what they print; those of other programs are looked at.

    A study that is trained smaller than on the page may well fail its claims, which is status 4.
    """
    pieces = [p for p in re.sub(r"\\\n", " ", block.text).replace("&&", "\n").splitlines() if p.strip()]
    smaller = {b.says("file") for b in blocks_of(block.page) if b.says("smaller") is not None}
    printed = ""
    for at, piece in enumerate(pieces):
        words = shlex.split(piece, comments=True)
        program = Path(words[0]).name if words else ""
        if program == "scalingdsl":
            shipped = words[1] == "run" and any(word.startswith("studies/") for word in words)
            wanted = int(block.says("status") or 0) if at == len(pieces) - 1 and not shipped else 0
            result = CliRunner().invoke(main, ["validate", words[2]] if shipped else words[1:])
            printed += result.output
            allowed = (wanted, 4) if smaller & {*words} else (wanted,)
            assert result.exit_code in allowed, f"{block}: {piece}\n{result.output}{result.exception or ''}"
        elif program == "pip":
            _extras(block, words)
        else:
            assert program in ("", *OTHERS), f"{block}: {piece}"
    return printed


def _extras(block: Block, words: list[str]) -> None:
    """The extras that are installed are this project's."""
    extras = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]["optional-dependencies"]
    for named in re.findall(r"(?:\.|scalingdsl)\[([\w,]+)\]", " ".join(words)):
        assert set(named.split(",")) <= set(extras), f"{block}: an extra that is not there"
