"""The report: an analysis as Markdown, as one HTML page, with its figures. Same analysis, same bytes."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from ..analysis.analysis_result import Analysis
from ..store.atomic import write_bytes

#: The report as a page, beside its Markdown.
PAGE = "report.html"
#: Beginnings of the names of figures that every report may have; those of blocks begin with the block's word.
FIGURE_NAMES = (
    "overview",
    "scaling",
    "forest",
    "compute",
    "isoflop",
    "best-",
    "curves-of-sources",
    "losses-by-position",
    "residuals",
)


def write_report(
    analysis: Analysis,
    out: Path,
    *,
    with_runs: bool = False,
    provenance: Mapping[str, str],
    data: Mapping[str, bytes] | None = None,
) -> Path:
    """Write `report.md`, `report.html`, `figures/*.svg` + `*.png` and the data under a folder.

    Figures of an earlier report are removed where this one has none: a folder shows no old results.

    Args:
        analysis: What the study found.
        out: The folder; made if need be.
        with_runs: Whether to add a table of every run; the study's own `report runs` counts too.
        provenance: Versions, machine, numerics mode, command: name -> value.
        data: File name -> contents of what the report links to.

    Returns:
        The path of `report.md`.
    """
    from importlib.metadata import version

    from .assemble import report
    from .figures import draw
    from .html_page import to_html
    from .to_markdown import to_markdown

    kept = dict(data or {})
    made_with = ", ".join(f"{name} {version(name)}" for name in ("numpy", "scipy", "matplotlib"))
    listed = with_runs or "runs" in analysis.plan.report
    model = report(analysis, {**provenance, "report_made_with": made_with}, with_runs=listed, data=tuple(kept))
    drawings = {figure.name: draw(figure) for figure in model.figures}
    files = {f"figures/{name}.{ending}": data for name, drawn in drawings.items() for ending, data in drawn.items()}
    files["report.md"] = to_markdown(model).encode()
    files[PAGE] = to_html(model, {name: drawn["svg"] for name, drawn in drawings.items()}, kept).encode()
    _remove_old(out, set(files))
    for name, contents in (files | kept).items():
        write_bytes(out / name, contents)
    return out / "report.md"


def _remove_old(out: Path, kept: set[str]) -> None:
    from .blocks import block_words

    ours = (*FIGURE_NAMES, *(word.replace("_", "-") for word in block_words()))
    old = [p for p in (out / "figures").glob("*") if p.suffix in (".svg", ".png") and p.name.startswith(ours)]
    for path in old:
        if path.relative_to(out).as_posix() not in kept:
            path.unlink(missing_ok=True)
