"""Studies as they were at an earlier revision: the files of a git revision in a folder of their own."""

from __future__ import annotations

import io
import subprocess
import tarfile
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
    return Path(_git("rev-parse", "--show-toplevel").decode().strip())


def short_name(revision: str) -> str:
    """A revision as people name it; `UsageError` where the repository does not have it."""
    try:
        return _git("rev-parse", "--short", "--verify", "--end-of-options", f"{revision}^{{commit}}").decode().strip()
    except UsageError:
        raise UsageError(f"git has no revision {revision} here; fetch it first") from None


@contextmanager
def files_at(revision: str, root: Path) -> Iterator[Path]:
    """A folder with the repository's files as they were at `revision`, gone afterwards.

    Args:
        revision: Anything that git takes for a commit.
        root: The top folder of the repository.
    """
    with tempfile.TemporaryDirectory(prefix="scalingdsl-") as name:
        archive = _git("-C", str(root), "archive", "--format=tar", short_name(revision))
        with tarfile.open(fileobj=io.BytesIO(archive)) as tar:
            tar.extractall(name, filter="data")
        yield Path(name)


def _git(*arguments: str) -> bytes:
    try:
        return subprocess.run(["git", *arguments], capture_output=True, check=True).stdout  # noqa: S603, S607
    except FileNotFoundError:
        raise UsageError("git is not installed, which `--since` needs") from None
    except subprocess.CalledProcessError as error:
        raise UsageError(error.stderr.decode(errors="replace").strip() or "git failed") from None
