"""The entry script of the GitHub Action, on a change in a scratch repository."""

from __future__ import annotations

import re
import subprocess
from pathlib import Path

import pytest
import yaml

from .repositories import BAD, GOOD, NEEDS_GIT, PROJECT, commit, environment, git

pytestmark = [pytest.mark.slow, NEEDS_GIT]

SCRIPT = PROJECT / "scripts" / "github-action.sh"
CLAIM = GOOD + "expect E(power(D)) within 5% of entropy_rate\n"


@pytest.fixture
def env(tmp_path: Path) -> dict[str, str]:
    return environment(tmp_path) | {"GITHUB_STEP_SUMMARY": str(tmp_path / "summary.md")}


def action(folder: Path, env: dict[str, str], **inputs: str) -> tuple[int, str, str]:
    """Its status, what it says to GitHub, and the summary of the job."""
    done = subprocess.run(
        ["bash", str(SCRIPT)], cwd=folder, env={**env, **inputs}, capture_output=True, text=True, check=False
    )
    summary = Path(env["GITHUB_STEP_SUMMARY"])
    return done.returncode, done.stdout, summary.read_text() if summary.exists() else ""


def test_a_change_is_annotated_and_summarised(tmp_path: Path, env: dict[str, str]) -> None:
    project = tmp_path / "project"
    before = {
        **{f"studies/{name}.scl": GOOD for name in ("same", "wider", "claim", "rough", "gone", "broken")},
        "studies/mended.scl": BAD,
    }
    base = commit(project, env, before)
    after = {
        "studies/wider.scl": GOOD.replace("[16..32]", "[16..64]"),
        "studies/claim.scl": CLAIM,
        "studies/rough.scl": GOOD.replace("0.1", ".1"),
        "studies/broken.scl": BAD,
        "studies/mended.scl": GOOD,
        "studies/gone.scl": None,
        "studies/new.scl": 'title "A | new one"\n' + GOOD,
    }
    commit(project, env, after)
    status, said, summary = action(project, env, STUDIES="studies", BASE=base, MACHINE="h100")
    assert status == 1
    assert (
        "::error title=scalingdsl (SCL008),file=studies/broken.scl,line=1,col=19,endLine=1,endColumn=20::a comma"
        in said
    )
    assert "::error file=studies/rough.scl,title=form::not in canonical form" in said
    assert said.count("::error ") == 2
    last = {
        row.split(" | ")[0].split("`")[1].removeprefix("studies/"): row.split(" | ")[-1].removesuffix(" |")
        for row in summary.splitlines()
        if row.startswith("| ") and "`studies/" in row
    }
    assert last == {
        "broken.scl": "–",
        "claim.scl": "**changed**: the same runs, other fits, claims or reports",
        "gone.scl": "removed",
        "mended.scl": "was not valid",
        "new.scl": "new",
        "rough.scl": "means the same, written otherwise",
        "same.scl": "unchanged",
        "wider.scl": "**changed**: 3 new runs, 6 kept, 0 dropped",
    }
    assert "**not valid**, 1 error" in summary
    assert "A \\| new one<br>" in summary
    assert re.search(
        r"`studies/same.scl` \| 6 \| [\d.]+k to [\d.]+k \| [\d.]+k to [\d.]+k \| [\d.]+ GFLOP \| \S+ s \|", summary
    )
    assert "### What changed in `studies/wider.scl`\n\n- axis width: " in summary
    assert "- expect E(power(D)) within 5% of entropy\\_rate: (nothing) → stated" in summary


def test_what_a_study_uses_and_what_the_repository_does_not_hold_count_too(tmp_path: Path, env: dict[str, str]) -> None:
    """A changed file that is used changes the study; a text that git ignores is the same on both sides."""
    project = tmp_path / "project"
    text = 'data text("book/*.txt")\nmodels width in [16..32]\ntrain adamw()  tokens = 10k\nfit power(N, E=0)\n'
    (project / "book").mkdir(parents=True)
    (project / "book" / "one.txt").write_text("A text of one's own.\n\n" * 5000)
    files = {"base.scl": GOOD, "top.scl": 'use "base.scl"\n', "text.scl": text, ".gitignore": "book\n"}
    base = commit(project, env, files)
    commit(project, env, {"base.scl": GOOD.replace("[16..32]", "[16..64]"), "text.scl": f"# why\n{text}"})
    _, _, summary = action(project, env, BASE=base)
    last = [row.split(" | ")[-1] for row in summary.splitlines() if row.startswith("| `")]
    wider = "**changed**: 3 new runs, 6 kept, 0 dropped |"
    assert last == [wider, "means the same, written otherwise |", wider]
    assert git(project, env, "status", "--porcelain") == ""


def test_a_study_of_another_repository_is_refused(tmp_path: Path, env: dict[str, str]) -> None:
    commit(tmp_path / "project", env, {"a.scl": GOOD})
    (tmp_path / "b.scl").write_text(GOOD)
    command = ["scalingdsl", "summary", "--since", "HEAD", "../b.scl"]
    done = subprocess.run(command, cwd=tmp_path / "project", env=env, capture_output=True, text=True, check=False)
    assert done.returncode == 2
    assert "b.scl is not in the repository of the current folder" in done.stderr


def test_a_shallow_checkout_fetches_the_base(tmp_path: Path, env: dict[str, str]) -> None:
    base = commit(tmp_path / "origin", env, {"a.scl": GOOD})
    commit(tmp_path / "origin", env, {"a.scl": CLAIM})
    git(tmp_path / "origin", env, "config", "uploadpack.allowAnySHA1InWant", "true")
    git(tmp_path, env, "clone", "--quiet", "--depth=1", f"file://{tmp_path}/origin", "clone")
    status, _, summary = action(tmp_path / "clone", env, BASE=base)
    assert status == 0
    assert "**changed**: the same runs" in summary


def test_without_a_base_that_can_be_had_nothing_is_compared(tmp_path: Path, env: dict[str, str]) -> None:
    project = tmp_path / "project"
    commit(project, env, {"a.scl": GOOD})
    assert action(project, env, BASE="0" * 40)[0] == 0
    status, said, summary = action(project, env, BASE="1" * 40)
    assert (status, "cannot be fetched" in said, "since" in summary) == (0, True, False)
    assert "1 valid study, 6 runs" in summary


def test_studies_are_named_a_line_each_and_strictness_is_passed_on(tmp_path: Path, env: dict[str, str]) -> None:
    project = tmp_path / "project"
    commit(project, env, {"a one.scl": GOOD, "b.scl": GOOD.replace("0.1", ".1"), "c.scl": BAD})
    assert action(project, env, STUDIES="a one.scl\n")[0] == 0
    assert action(project, env, STUDIES="a one.scl\nb.scl\n")[0] == 1
    assert action(project, env, STUDIES="a one.scl\nb.scl\n", FORMAT="false")[0] == 0
    assert action(project, env, STUDIES="none.scl")[0] == 2
    commit(project, env, {"warned.scl": 'data text("to-come.txt")\nmodels width in [16..32]\nfit power(D)\n'})
    assert [action(project, env, STUDIES="warned.scl", STRICT=strict)[0] for strict in ("false", "true")] == [0, 1]


def test_the_action_passes_every_input_that_the_script_reads() -> None:
    told = yaml.safe_load((PROJECT / "action.yml").read_text())
    install, check = told["runs"]["steps"]
    read = set(re.findall(r"\$\{?([A-Z]+)\b", SCRIPT.read_text()))
    assert set(check["env"]) == read == {"STUDIES", "BASE", "STRICT", "FORMAT", "MACHINE"}
    passed = {**check["env"], **install["env"]}
    assert passed == {name: "${{ inputs.%s }}" % name.lower() for name in passed}  # noqa: UP031 - braces are GitHub's
    assert {name.lower() for name in passed} == set(told["inputs"])
    assert "scripts/github-action.sh" in check["run"]


def test_the_page_names_the_inputs_with_their_defaults() -> None:
    inputs = yaml.safe_load((PROJECT / "action.yml").read_text())["inputs"]
    page = (PROJECT / "docs" / "how-to" / "ci.md").read_text(encoding="utf-8")
    workflow = yaml.safe_load(page.split("```yaml\n")[2].split("```")[0])
    assert workflow["jobs"]["studies"]["steps"][1]["with"].keys() <= inputs.keys()
    rows = dict(re.findall(r"^\| `(\w+)` \| (.*?) ?\| ", page, re.MULTILINE))
    assert {name: row.strip("`") for name, row in rows.items() if name != "base"} == {
        name: each["default"] for name, each in inputs.items() if name != "base"
    }
    assert rows.keys() == inputs.keys()
