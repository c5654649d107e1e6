"""The report: an analysis as Markdown, figures and, if requested for, one HTML file. Same analysis, same bytes."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from ..analysis.analysis_result import Analysis

#: Beginnings of the names of figures that every report may have; those of blocks begin with the block's word.
FIGURE_NAMES = ("scaling", "compute", "best-", "residuals")


def write_report(
    analysis: Analysis, out: Path, *, formats: tuple[str, ...] = ("markdown",), provenance: Mapping[str, str]
) -> Path:
    """Write `report.md` and `figures/*.svg` + `*.png` under a folder; `report.html` too where formats hold "html".

    Figures and the HTML page of an earlier report are removed where this one has none: a folder shows no old results.

    Args:
        analysis: What the study found.
        out: The folder; made if need be.
        formats: Of "markdown", "html" and "runs", which adds a table of every run. The study's own `report` counts too.
        provenance: Versions, machine, numerics mode, command: name -> value.

    Returns:
        The path of `report.md`.
    """
    from importlib.metadata import version

    from .assemble import report
    from .figures import draw
    from .html_page import to_html
    from .to_markdown import to_markdown

    requested = {*formats, *analysis.plan.report}
    made_with = ", ".join(f"{name} {version(name)}" for name in ("numpy", "scipy", "matplotlib"))
    model = report(analysis, {**provenance, "report_made_with": made_with}, with_runs="runs" in requested)
    drawings = {figure.name: draw(figure) for figure in model.figures}
    files = {f"figures/{name}.{ending}": data for name, drawn in drawings.items() for ending, data in drawn.items()}
    files["report.md"] = to_markdown(model).encode()
    if "html" in requested:
        files["report.html"] = to_html(model, {name: drawn["svg"] for name, drawn in drawings.items()}).encode()
    _remove_old(out, set(files))
    for name, data in files.items():
        path = out / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(data)
    return out / "report.md"


def _remove_old(out: Path, kept: set[str]) -> None:
    from .blocks import block_words

    ours = (*FIGURE_NAMES, *(word.replace("_", "-") for word in block_words()))
    old = [p for p in (out / "figures").glob("*") if p.suffix in (".svg", ".png") and p.name.startswith(ours)]
    for path in [*old, out / "report.html"]:
        if path.relative_to(out).as_posix() not in kept:
            path.unlink(missing_ok=True)
