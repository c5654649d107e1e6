"""Scratch git repositories, and `scalingdsl` on the path of what runs in them."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path

import pytest

NEEDS_GIT = pytest.mark.skipif(shutil.which("git") is None, reason="git is not installed")
PROJECT = Path(__file__).parents[2]
GOOD = "data walk(er(n=64, p=0.1))\nmodels width in [16..32]\nfit power(D)\n"
BAD = "data walk(er(n=64 p=0.1))\nmodels width in [16..32]\n"


def environment(folder: Path) -> dict[str, str]:
    """The environment of commands: an author for git, nothing of this user's settings, this package's command."""
    command = folder / "bin" / "scalingdsl"
    command.parent.mkdir(parents=True, exist_ok=True)
    command.write_text(f'#!/bin/sh\nexec "{sys.executable}" -m scalingdsl.engine.cli "$@"\n')
    command.chmod(0o755)
    who = {f"GIT_{role}_{what}": "someone" for role in ("AUTHOR", "COMMITTER") for what in ("NAME", "EMAIL")}
    plain = {name: value for name, value in os.environ.items() if not name.startswith(("GIT_", "GITHUB_", "SCL_"))}
    path = os.pathsep.join((str(command.parent), os.environ["PATH"]))
    return {
        **plain,
        **who,
        "PATH": path,
        "HOME": str(folder),
        "GIT_CONFIG_NOSYSTEM": "1",
        "XDG_CACHE_HOME": str(folder),
    }


def git(folder: Path, env: Mapping[str, str], *arguments: str) -> str:
    """The output of git in a folder."""
    done = subprocess.run(["git", *arguments], cwd=folder, env=env, capture_output=True, text=True, check=True)
    return done.stdout.strip()


def commit(folder: Path, env: Mapping[str, str], files: Mapping[str, str | None]) -> str:
    """A commit of files with these texts, and without those of None; its revision. Makes the repository first."""
    folder.mkdir(exist_ok=True)
    if not (folder / ".git").exists():
        git(folder, env, "init", "--quiet", "--initial-branch=main")
    for name, text in files.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        if text is None:
            path.unlink()
        else:
            path.write_text(text)
    git(folder, env, "add", "--all")
    git(folder, env, "commit", "--quiet", "--message=change")
    return git(folder, env, "rev-parse", "HEAD")
