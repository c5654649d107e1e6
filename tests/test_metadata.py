"""What the package says of itself, in `pyproject.toml` and in `CITATION.cff`, is complete and agrees."""

from __future__ import annotations

import tomllib
from pathlib import Path

import yaml

ROOT = Path(__file__).parents[1]
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]


def test_the_citation_agrees_with_the_package() -> None:
    cited = yaml.safe_load((ROOT / "CITATION.cff").read_text())
    assert {"cff-version", "message", "title", "authors"} <= cited.keys()  # what the format asks for
    assert (cited["title"].split(":")[0], str(cited["version"])) == (PROJECT["name"], PROJECT["version"])
    assert cited["license"] == PROJECT["license"]
    assert cited["keywords"] == PROJECT["keywords"]
    assert [author["name"] for author in cited["authors"]] == [author["name"] for author in PROJECT["authors"]]


def test_systems_and_versions_are_said() -> None:
    classifiers = PROJECT["classifiers"]
    assert any(line.startswith("Operating System :: ") for line in classifiers)
    least = PROJECT["requires-python"].removeprefix(">=")
    versions = [
        line.rpartition(" :: ")[2] for line in classifiers if line.startswith("Programming Language :: Python :: 3.")
    ]
    assert versions[0] == least
    assert versions == sorted(versions)


def test_the_lowest_torch_has_what_is_asked_of_it() -> None:
    """`fp32_precision`, which says what products in float32 may be made of, came with torch 2.9."""
    (lowest,) = (need for need in PROJECT["optional-dependencies"]["train"] if need.startswith("torch>="))
    sources = (ROOT / "engine/train").glob("*.py")
    assert any("fp32_precision" in path.read_text() for path in sources)
    assert tuple(int(part) for part in lowest.removeprefix("torch>=").split(".")) >= (2, 9)


def test_every_extra_is_said_in_the_readme_or_for_contributors() -> None:
    told = (ROOT / "README.md").read_text() + (ROOT / "CONTRIBUTING.md").read_text()
    named = {name for part in told.split("[")[1:] for name in part.split("]")[0].split(",")}
    assert set(PROJECT["optional-dependencies"]) - {"parquet", "text"} <= named
