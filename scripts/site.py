"""What the documentation site has beside the pages in `docs/`: the shipped studies, and reports made while it is built.

Hooks of mkdocs (`mkdocs.yml`). The reports of the gallery are those of studies that take seconds; what the others found
stands in `docs/results.md`. They are kept in `build/gallery`, so that a second build trains nothing.
"""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path
from typing import Any

from mkdocs.structure.files import File, Files

ROOT = Path(__file__).parents[1]
BUILT = ROOT / "build" / "gallery"
#: Name of a report -> the study that it is of.
GALLERY = {
    "critical-small": (ROOT / "studies/percolation/critical-small.scl").read_text(encoding="utf-8"),
    "manifold-small": (ROOT / "studies/percolation/manifold-small.scl").read_text(encoding="utf-8"),
    "gemstones": """title "Over-trained models, from a table"

# The Gemstones runs (MIT), trained elsewhere: rows of one run are resampled together.
data table("../../tests/data/gemstones/hot.jsonl", run="run_name")
fit chinchilla, tied
optimum surface(chinchilla)
""",
}
_STUDY = re.compile(r"\((?:\.\./)+(studies/[\w/.-]+)\.scl\)")


def on_config(config: Any) -> Any:
    """Every decision behind the page that lists them."""
    (decisions,) = (part["Decisions"] for part in config["nav"] if "Decisions" in part)
    decisions += [f"decisions/{path.name}" for path in sorted((ROOT / "docs/decisions").glob("0*.md"))]
    return config


def on_files(files: Files, config: Any) -> Files:
    """Pages of studies and of the gallery, with what their reports are made of."""
    for path in sorted((ROOT / "studies").rglob("*.scl")):
        relative = path.relative_to(ROOT).as_posix()
        files.append(File.generated(config, f"{relative.removesuffix('.scl')}.md", content=study_page(path)))
    files.append(File.generated(config, "studies/index.md", content=studies_index()))
    rows = []
    for name, study in GALLERY.items():
        make(name, study)
        rows.append(gallery_row(name, study))
        for path in (BUILT / name / "report.html", *sorted((BUILT / name / "figures").glob("*.svg"))):
            at = f"gallery/{name}/{path.relative_to(BUILT / name).as_posix()}"
            files.append(File.generated(config, at, abs_src_path=str(path)))
    files.append(File.generated(config, "gallery/index.md", content=GALLERY_HEAD + "\n".join(rows)))
    return files


def on_page_markdown(markdown: str, page: Any, **_: Any) -> str:
    """Links to studies lead to their pages, since the site holds nothing outside `docs/`."""
    up = "../" * page.file.src_uri.count("/")
    return _STUDY.sub(rf"({up}\1.md)", markdown)


GALLERY_HEAD = """# Gallery

Reports as `scalingdsl` wrote them while this site was built. They are of studies that take seconds; those that train
for minutes are in [results](../results.md).
"""


def gallery_row(name: str, study: str) -> str:
    """A report's place in the gallery: its title, a figure, the study."""
    picture = f"![The first figure of the report]({name}/figures/overview.svg)"
    return f"\n## {title_of(study)}\n\n{picture}\n\n[The whole report]({name}/report.html)\n\n```scl\n{study}```\n"


def study_page(path: Path) -> str:
    """A shipped study as it is."""
    text = path.read_text(encoding="utf-8")
    name = path.relative_to(ROOT).as_posix()
    return f"# {title_of(text) or path.stem}\n\n`scalingdsl run {name}`\n\n```scl\n{text}```\n"


def studies_index() -> str:
    """Every shipped study by its title."""
    lines = ["# Shipped studies", ""]
    for path in sorted((ROOT / "studies").rglob("*.scl")):
        name = path.relative_to(ROOT / "studies").as_posix()
        title = title_of(path.read_text(encoding="utf-8")) or path.stem
        lines.append(f"- [{title}]({name.removesuffix('.scl')}.md), `studies/{name}`")
    return "\n".join(lines) + "\n"


def title_of(study: str) -> str:
    """A study's title; empty where it has none."""
    found = re.search(r'^title "(.*)"', study, re.MULTILINE)
    return found[1] if found else ""


def make(name: str, study: str) -> None:
    """Write a report of the gallery; a claim that fails is a result like any other."""
    BUILT.mkdir(parents=True, exist_ok=True)
    path = BUILT / f"{name}.scl"
    path.write_text(study, encoding="utf-8")
    words = [sys.executable, "-m", "scalingdsl.engine", "run", str(path), "--out", str(BUILT / name)]
    words += ["--data-root", str(ROOT)]
    done = subprocess.run(words, cwd=ROOT, capture_output=True, text=True, check=False)
    if done.returncode not in (0, 4):
        raise RuntimeError(f"{' '.join(words)}\n{done.stdout}{done.stderr}")
