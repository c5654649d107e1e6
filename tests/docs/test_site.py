"""The site has a place for every page; its build, which is strict about the rest, is part of `.ci/run`."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import yaml

from .pages import ROOT

#: Pages that `scripts/site.py` makes; it gives a place to those of single decisions too.
MADE = {"gallery/index.md", "studies/index.md"}


class Loader(yaml.SafeLoader):
    """Reads what mkdocs reads, without calling the functions that its file names."""


Loader.add_multi_constructor("tag:yaml.org,2002:python/", lambda loader, tag, node: tag)


def places(nav: Any) -> Iterator[str]:
    """Every page of a navigation."""
    if isinstance(nav, str):
        yield nav
    elif isinstance(nav, dict):
        for part in nav.values():
            yield from places(part)
    else:
        for part in nav:
            yield from places(part)


def test_every_page_has_a_place() -> None:
    site = yaml.load((ROOT / "mkdocs.yml").read_text(encoding="utf-8"), Loader)  # noqa: S506
    pages = {path.relative_to(ROOT / "docs").as_posix() for path in (ROOT / "docs").rglob("*.md")}
    pages -= {page for page in pages if page.startswith("decisions/0")}
    assert sorted(places(site["nav"])) == sorted(pages | MADE)
