"""Studies as they were at an earlier revision: the files of a git revision in a folder of their own."""

from __future__ import annotations

import os
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from scalingdsl.spec.errors import UsageError


def repository() -> Path:
    """The top folder of the git repository that the current folder is in.

    Raises:
        UsageError: There is none, or no git.
    """
    return Path(_git("rev-parse", "--show-toplevel")).resolve()


def short_name(revision: str) -> str:
    """A revision as people name it; `UsageError` where the repository does not have it."""
    try:
        return _git("rev-parse", "--short", "--verify", "--end-of-options", f"{revision}^{{commit}}")
    except UsageError:
        raise UsageError(f"git has no revision {revision} here; fetch it first") from None


@contextmanager
def files_at(revision: str, root: Path) -> Iterator[Path]:
    """A folder with the repository's files as a checkout of `revision` would have them, gone afterwards.

    Args:
        revision: Anything that git takes for a commit.
        root: The top folder of the repository.
    """
    commit = short_name(revision)
    with tempfile.TemporaryDirectory(prefix="scalingdsl-") as name:
        index, files = Path(name).resolve() / "index", Path(name).resolve() / "files"
        files.mkdir()
        # An index of its own leaves that of the working tree alone.
        _git("-C", str(root), "read-tree", commit, index=index)
        _git("-C", str(root), "checkout-index", "--all", f"--prefix={files}/", index=index)
        yield files


def _git(*arguments: str, index: Path | None = None) -> str:
    own = {} if index is None else {"GIT_INDEX_FILE": str(index)}
    command = ["git", *arguments]
    try:
        done = subprocess.run(command, capture_output=True, text=True, check=True, env={**os.environ, **own})  # noqa: S603
    except FileNotFoundError:
        raise UsageError("git is not installed, which `--since` needs") from None
    except subprocess.CalledProcessError as error:
        raise UsageError(error.stderr.strip() or "git failed") from None
    return done.stdout.strip()
