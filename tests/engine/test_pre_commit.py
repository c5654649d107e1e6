"""The hooks that the repository offers to pre-commit, run by pre-commit itself in a scratch repository."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest
import yaml

from .repositories import BAD, GOOD, NEEDS_GIT, PROJECT, commit, environment

pytest.importorskip("pre_commit", reason="of the extra `test`")
pytestmark = [pytest.mark.slow, NEEDS_GIT]

MANIFEST = ".pre-commit-hooks.yaml"


@pytest.fixture
def env(tmp_path: Path) -> dict[str, str]:
    return environment(tmp_path) | {"PRE_COMMIT_HOME": str(tmp_path / "pre-commit")}


@pytest.fixture
def config(tmp_path: Path, env: dict[str, str]) -> str:
    """The page's configuration of a project, with these hooks at a revision and the package that is installed here."""
    revision = commit(tmp_path / "hooks", env, {MANIFEST: (PROJECT / MANIFEST).read_text()})
    page = (PROJECT / "docs" / "how-to" / "ci.md").read_text(encoding="utf-8")
    told = yaml.safe_load(page.split("```yaml\n")[1].split("```")[0])
    (used,) = told["repos"]
    used |= {"repo": str(tmp_path / "hooks"), "rev": revision}
    for hook in used["hooks"]:
        hook["language"] = "system"
    return yaml.safe_dump(told)


def pre_commit(folder: Path, env: dict[str, str], *arguments: str) -> tuple[int, str]:
    command = [sys.executable, "-m", "pre_commit", *arguments]
    done = subprocess.run(command, cwd=folder, env=env, capture_output=True, text=True, check=False)
    return done.returncode, done.stdout + done.stderr


def test_a_good_study_passes(tmp_path: Path, env: dict[str, str], config: str) -> None:
    commit(tmp_path / "project", env, {".pre-commit-config.yaml": config, "a.scl": GOOD, "notes.txt": "no study"})
    status, said = pre_commit(tmp_path / "project", env, "run", "--all-files")
    assert status == 0, said
    assert said.count("Passed") == 2


def test_a_bad_study_is_held_back_and_a_rough_one_is_formatted(
    tmp_path: Path, env: dict[str, str], config: str
) -> None:
    project = tmp_path / "project"
    rough = GOOD.replace(", p=0.1", ",  p=.1")
    commit(project, env, {".pre-commit-config.yaml": config, "good.scl": GOOD, "bad.scl": BAD, "rough.scl": rough})
    status, said = pre_commit(project, env, "run", "--all-files")
    assert status == 1
    assert "scalingdsl validate" in said
    assert "error[SCL008]: a comma is missing before `p`" in said
    assert "bad.scl:1:19" in said
    assert "good.scl:" not in said
    assert (project / "rough.scl").read_text() == GOOD
    assert (project / "bad.scl").read_text() == BAD


def test_a_commit_of_a_bad_study_is_refused(tmp_path: Path, env: dict[str, str], config: str) -> None:
    project = tmp_path / "project"
    commit(project, env, {".pre-commit-config.yaml": config, "a.scl": GOOD})
    assert pre_commit(project, env, "install")[0] == 0
    with pytest.raises(subprocess.CalledProcessError):
        commit(project, env, {"a.scl": BAD})
