"""An installation builds compiled steps where there is a compiler, and a package that works where there is none."""

from __future__ import annotations

import ctypes
import os
import shutil
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]


def built(folder: Path, **environment: str) -> list[Path]:
    """The extensions that building the package in `folder` gives."""
    command = [sys.executable, "setup.py", "build_ext", "--build-lib", folder / "lib", "--build-temp", folder / "temp"]
    done = subprocess.run(
        command, cwd=ROOT, env={**os.environ, **environment}, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
    return list(folder.rglob("*.so"))


@pytest.mark.slow
def test_steps_of_every_kind_are_built_into_one_extension(tmp_path: Path) -> None:
    if shutil.which("cc") is None:
        pytest.skip("there is no C compiler here")
    (extension,) = built(tmp_path)
    library = ctypes.CDLL(str(extension))
    assert library.usable_generic()
    assert hasattr(library, "gradients_generic")


@pytest.mark.slow
def test_without_a_compiler_the_package_is_built_without_them(tmp_path: Path) -> None:
    assert built(tmp_path, CC="/nonexistent/cc", LDSHARED="/nonexistent/cc -shared") == []


def test_nothing_is_built_for_this_machine_alone() -> None:
    """A package made on one machine is installed on others: the C itself says which instructions it is for."""
    settings = tomllib.loads((ROOT / "pyproject.toml").read_text())
    (extension,) = settings["tool"]["setuptools"]["ext-modules"]
    assert extension["optional"]
    assert extension["extra-compile-args"] == ["-O3"]
    there = {str(path.relative_to(ROOT)) for path in (ROOT / "engine/train/kernels").glob("*.[ch]")}
    assert {*extension["sources"], *extension["depends"]} == there
