"""Words of other packages: the example of the documentation installed and run, and packages that are broken."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

pytestmark = pytest.mark.slow
EXAMPLE = Path(__file__).parents[2] / "docs" / "examples" / "scalingdsl-example"
STUDY = "data walk(er(n=64, p=.2), eval_walks=8); models transformer(width=8, heads=1); train adamw steps=2\n"


def python(*arguments: str, cwd: Path, packages: Path | None = None) -> subprocess.CompletedProcess[str]:
    """Python in another process, with the packages installed in a folder."""
    path = [str(packages)] if packages is not None else []
    inherited = [os.environ["PYTHONPATH"]] if "PYTHONPATH" in os.environ else []
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join([*path, *inherited])}
    return subprocess.run(
        [sys.executable, *arguments], cwd=cwd, env=environment, capture_output=True, text=True, check=False
    )


def scalingdsl(*arguments: str, cwd: Path, packages: Path | None = None) -> subprocess.CompletedProcess[str]:
    return python("-m", "scalingdsl.engine.cli", *arguments, cwd=cwd, packages=packages)


@pytest.fixture(scope="module")
def installed(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The example package, installed as a user would install it."""
    folder = tmp_path_factory.mktemp("installed")
    source = shutil.copytree(EXAMPLE, tmp_path_factory.mktemp("source") / "example")
    options = ("--quiet", "--no-deps", "--no-build-isolation", "--no-index", "--target", str(folder))
    done = python("-m", "pip", "install", *options, str(source), cwd=source)
    assert done.returncode == 0, done.stderr
    return folder


@pytest.fixture(scope="module")
def results(installed: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of the example's study, which was run."""
    folder = tmp_path_factory.mktemp("study")
    shutil.copy(EXAMPLE / "study.scl", folder)
    done = scalingdsl("run", "study.scl", "--workers", "1", cwd=folder, packages=installed)
    assert done.returncode == 0, done.stderr
    return folder


def fake(folder: Path, name: str, entries: str, **modules: str) -> None:
    """A package as it lies once installed."""
    info = folder / f"{name}-1.0.dist-info"
    info.mkdir(parents=True)
    info.joinpath("METADATA").write_text(f"Metadata-Version: 2.1\nName: {name}\nVersion: 1.0\n")
    info.joinpath("entry_points.txt").write_text(entries)
    for module, text in modules.items():
        folder.joinpath(f"{module}.py").write_text(text)


def test_a_study_in_words_of_another_package_is_checked_planned_run_and_reported(
    installed: Path, results: Path
) -> None:
    assert scalingdsl("validate", "study.scl", cwd=results, packages=installed).stdout == "1 study is valid\n"
    plan = json.loads(scalingdsl("plan", "study.scl", "--json", cwd=results, packages=installed).stdout)
    words = ("clock", "gru", "heavy_ball", "saturating", "top1", "trained")
    assert plan["packages"] == dict.fromkeys(words, "scalingdsl-example 0.1.0")
    assert plan["done"] == plan["runs"] == 8
    report = results.joinpath("runs", "study", "report.md").read_text()
    assert "<b>Models trained</b>" in report
    assert "`L(N) = E + A / (1 + N/half)`" in report
    assert "| `top1(width=16) > 0.02` | **held** |" in report


def test_words_name_their_package(installed: Path, tmp_path: Path) -> None:
    words = json.loads(scalingdsl("schema", "words", cwd=tmp_path, packages=installed).stdout)
    assert words["heavy_ball"]["package"] == "scalingdsl-example 0.1.0"
    assert words["adamw"]["package"] == "scalingdsl"
    page = scalingdsl("explain", "heavy_ball", cwd=tmp_path, packages=installed).stdout
    assert "Kind: optimiser. Package: scalingdsl-example 0.1.0." in page


def test_results_name_the_package_that_they_need(results: Path) -> None:
    done = scalingdsl("report", "runs/study", cwd=results)
    assert done.returncode == 2
    assert "of the package scalingdsl-example 0.1.0, which is not installed" in done.stderr


def test_a_family_of_another_package_is_the_same_in_every_pack(installed: Path, tmp_path: Path) -> None:
    script = """
from scalingdsl.engine.pack import Pack
from scalingdsl.engine.sources import open_source
from scalingdsl.engine.train.training_loop import train_pack
from scalingdsl.spec import load
text = "data clock(length=8, eval_walks=8); models gru(width=8); train {} steps=5 seed in {{0, 1, 2}}"
for optimiser in ("heavy_ball(lr=.3)", "adamw"):
    runs = tuple(load("s.scl", text=text.format(optimiser)).runs())
    def losses(*some, slots):
        trained = train_pack(Pack("p", some, slots), open_source(some[0].source))
        return {record.key: record.final for record in trained}
    alone = {}
    for run in runs:
        alone |= losses(run, slots=1)
    assert losses(*runs, slots=3) == losses(*runs, slots=2) == alone
    assert len({final.loss for final in alone.values()}) == 3
"""
    done = python("-c", script, cwd=tmp_path, packages=installed)
    assert done.returncode == 0, done.stderr


def test_a_broken_package_is_left_out_and_named(tmp_path: Path) -> None:
    packages = tmp_path / "packages"
    fake(packages, "broken", "[scalingdsl.words]\nany = broken_words\n", broken_words="import nothing_like_it\n")
    tmp_path.joinpath("s.scl").write_text(STUDY)
    tmp_path.joinpath("t.scl").write_text(STUDY.replace("adamw", "tiger"))
    sound = scalingdsl("validate", "s.scl", cwd=tmp_path, packages=packages)
    left_out = "the package `broken` was left out: ModuleNotFoundError: No module named 'nothing_like_it'"
    assert sound.returncode == 0
    assert sound.stderr == f"warning: {left_out}\n"
    unsound = scalingdsl("validate", "t.scl", cwd=tmp_path, packages=packages)
    assert unsound.returncode == 1
    assert "SCL101" in unsound.stdout
    assert left_out in unsound.stdout


def test_a_word_of_two_packages_is_refused_with_both_names(tmp_path: Path) -> None:
    packages = tmp_path / "packages"
    text = """
from typing import ClassVar
from scalingdsl.spec.vocabulary.words.training import {0}
class Mine({0}):
    word: ClassVar[str] = "{1}"
"""
    for name, module, base, word in (
        ("first", "first_words", "GradientOptimiser", "tiger"),
        ("second", "second_words", "GradientOptimiser", "tiger"),
        ("third", "third_words", "Schedule", "wsd"),
    ):
        fake(packages, name, f"[scalingdsl.words]\nany = {module}\n", **{module: text.format(base, word)})
    said = {}
    for word in ("adamw", "adamw(schedule=wsd)", "tiger"):
        tmp_path.joinpath("s.scl").write_text(STUDY.replace("adamw", word))
        said[word] = scalingdsl("validate", "s.scl", cwd=tmp_path, packages=packages)
    assert said["adamw"].returncode == 0
    assert (
        "the package `third` was left out: it declares `wsd`, which is a word of `scalingdsl`" in said["adamw"].stderr
    )
    assert "`wsd` is declared by two packages" in said["adamw(schedule=wsd)"].stdout
    assert "the package `second` was left out: it declares `tiger`, which is a word of `first`" in said["tiger"].stdout


def test_an_implementation_that_cannot_be_loaded_is_named(tmp_path: Path) -> None:
    packages = tmp_path / "packages"
    words = """
from typing import ClassVar
from scalingdsl.spec.vocabulary.words.training import GradientOptimiser
class Tiger(GradientOptimiser):
    word: ClassVar[str] = "tiger"
    @classmethod
    def width_rule(cls, mult):
        return {"vectors": 1.0, "vocabulary": mult**-0.5, "hidden": 1 / mult}
"""
    entries = "[scalingdsl.words]\nany = tiger_words\n[scalingdsl.engine]\ntiger = tiger_of_nowhere\n"
    fake(packages, "tiger", entries, tiger_words=words)
    tmp_path.joinpath("s.scl").write_text(STUDY.replace("adamw", "tiger"))
    done = scalingdsl("run", "s.scl", "--workers", "1", cwd=tmp_path, packages=packages)
    assert done.returncode == 3
    assert "`tiger` is implemented by the package `tiger`, which cannot be loaded: ModuleNotFoundError" in done.stderr
    assert "Traceback" not in done.stderr


def test_an_optimiser_without_a_rule_of_widths_is_refused_under_mup(tmp_path: Path) -> None:
    packages = tmp_path / "packages"
    words = """
from typing import ClassVar
from scalingdsl.spec.vocabulary.words.training import GradientOptimiser
class Tiger(GradientOptimiser):
    word: ClassVar[str] = "tiger"
"""
    fake(packages, "tiger", "[scalingdsl.words]\nany = tiger_words\n", tiger_words=words)
    tmp_path.joinpath("s.scl").write_text(STUDY.replace("adamw", "tiger"))
    tmp_path.joinpath("t.scl").write_text(STUDY.replace("adamw", "tiger").replace("heads=1", "heads=1, param=SP"))
    refused = scalingdsl("validate", "s.scl", cwd=tmp_path, packages=packages)
    assert refused.returncode == 1
    assert (
        "error[SCL316]: `tiger` has no rule for how its learning rate depends on the width under muP" in refused.stdout
    )
    assert "add `param=SP` to `transformer`, or train by `adamw`" in refused.stdout
    assert scalingdsl("validate", "t.scl", cwd=tmp_path, packages=packages).returncode == 0
