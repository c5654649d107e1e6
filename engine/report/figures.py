"""Draws the figures of a report model: the same figure gives the same bytes, as SVG and as PNG.

Nothing is computed here but where ink goes. Ordered series (sizes, token counts) take evenly spaced colours of
`viridis`, cut before its yellow end; methods, which have no order, take those of Okabe and Ito. Both are safe for the
colour-blind.
"""

from __future__ import annotations

import io
import math
import warnings
from collections.abc import Mapping
from dataclasses import fields, is_dataclass, replace
from pathlib import Path
from typing import Any

import matplotlib
import numpy as np
from matplotlib import colormaps, style
from matplotlib.axes import Axes as Drawing
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure as Canvas
from matplotlib.ticker import FuncFormatter, LogLocator, MaxNLocator, NullFormatter, NullLocator
from scalingdsl.spec.diagnostics.snippet import printable

from ..formatting import magnitude
from .report_model import Axes, Dots, Figure, Series

STYLE = Path(__file__).with_name("scalingdsl.mplstyle")
#: Okabe and Ito 2008, without black and yellow.
UNORDERED = ("#0072B2", "#D55E00", "#009E73", "#CC79A7", "#E69F00", "#56B4E9")
GREY = "#9a9a9a"
#: Letters of a label.
MOST_TEXT = 80
#: Inches of one panel.
WIDTH, HEIGHT = 4.0, 2.9
#: Inches of one line of a legend below its panel.
LINE = 0.16
#: Entries of a legend; of more series, evenly spaced ones are named, and that it is so.
MOST_ENTRIES = 12
#: Letters of words under an axis that stand side by side; more are slanted.
MOST_LETTERS = 44
#: Least distance of two ticks at measured values, as a share of the axis.
APART = 0.13
#: Digits as exponents: texts of figures are drawn as they are, not read as mathematics.
RAISED = str.maketrans("-0123456789", "⁻⁰¹²³⁴⁵⁶⁷⁸⁹")


def draw(figure: Figure) -> dict[str, bytes]:
    """The figure as files: {"svg": ..., "png": ...}."""
    figure = _inert(figure)
    fixed = matplotlib.rc_context({"svg.hashsalt": figure.name, "text.parse_math": False})
    with style.context(STYLE), fixed, warnings.catch_warnings():
        # A letter that the font lacks is drawn as a box, and names without end leave no room: both are drawn.
        warnings.filterwarnings("ignore", r"Glyph \d+")
        warnings.filterwarnings("ignore", "constrained_layout not applied")
        columns = max(len(row) for row in figure.rows)
        speakers = _speakers(figure)
        below = [_entries(a) + 2 for a in speakers.values() if a.legend_at == "below"]
        wide, high = figure.panel or (WIDTH, HEIGHT)
        canvas = Canvas(figsize=(wide * columns, high * len(figure.rows) + LINE * max(below, default=0)))
        FigureCanvasAgg(canvas)
        grid = canvas.add_gridspec(len(figure.rows), columns)
        panels: dict[tuple[int, int], tuple[Drawing, Axes]] = {}
        for i, row in enumerate(figure.rows):
            for j, axes in enumerate(row):
                panels[i, j] = (canvas.add_subplot(grid[i, j]), axes)
                _panel(*panels[i, j])
        _share(figure, panels)
        for (i, j), (drawing, axes) in panels.items():
            _all_ticks(drawing, axes)
            if (i, j) in speakers:
                _legend(drawing, axes)
            if j and figure.rows[i][j - 1].y_label == axes.y_label and axes.y_label:
                drawing.set_ylabel("")
                if figure.shared:
                    drawing.tick_params(labelleft=False)
        layout = canvas.get_layout_engine()
        assert layout is not None  # the style has one
        layout.execute(canvas)
        # The layout is settled, and both files are drawn with it; any engine, even "none", would draw each twice over.
        with matplotlib.rc_context({"figure.constrained_layout.use": False}):
            canvas.set_layout_engine(None)
            return {"svg": _file(canvas, "svg", Date=None, Creator=None), "png": _file(canvas, "png", Software=None)}


def _inert(value: Any) -> Any:
    """The same figure with texts as they can be drawn: on one line, cut, and without what only moves a cursor."""
    if isinstance(value, str):
        text = printable(value, newlines=True)
        return text if len(text) <= MOST_TEXT else f"{text[: MOST_TEXT - 3]}..."
    if isinstance(value, tuple):
        return tuple(map(_inert, value))
    if is_dataclass(value) and not isinstance(value, type):
        return replace(value, **{f.name: _inert(getattr(value, f.name)) for f in fields(value) if f.init})
    return value


def _entries(axes: Axes) -> int:
    """Lines that a panel's legend takes."""
    return min(len(axes.series), MOST_ENTRIES + 1) + len(axes.styles)


def _share(figure: Figure, panels: Mapping[tuple[int, int], tuple[Drawing, Axes]]) -> None:
    """Give panels that are compared the union of their ranges: x in the whole figure, y there or in each row."""
    if not figure.shared:
        return
    groups: dict[tuple[object, ...], list[tuple[Drawing, str]]] = {}
    for (i, _), (drawing, axes) in panels.items():
        groups.setdefault(("x", axes.x_label, axes.x_log), []).append((drawing, "x"))
        row = i if figure.shared == "rows" else None
        groups.setdefault(("y", axes.y_label, axes.y_log, row), []).append((drawing, "y"))
    for group in groups.values():
        ends = [getattr(drawing, f"get_{side}lim")() for drawing, side in group]
        for drawing, side in group:
            getattr(drawing, f"set_{side}lim")(min(e[0] for e in ends), max(e[1] for e in ends))


def _speakers(figure: Figure) -> dict[tuple[int, int], Axes]:
    """Panels that show their legend.

    Of those with the same entries one does: beside, the rightmost of the first row; below, the leftmost of the last.
    """
    shown: dict[tuple[object, ...], tuple[int, int]] = {}
    for i, row in enumerate(figure.rows):
        for j, axes in enumerate(row):
            own = (i, j) if axes.legend_at.startswith("upper") else ()
            key = (tuple(s.label for s in axes.series), axes.styles, own)
            if key not in shown or (shown[key][0] < i if axes.legend_at == "below" else shown[key][0] == i):
                shown[key] = (i, j)
    return {(i, j): figure.rows[i][j] for i, j in shown.values()}


def _file(canvas: Canvas, kind: str, **metadata: None) -> bytes:
    buffer = io.BytesIO()
    canvas.savefig(buffer, format=kind, metadata=metadata)
    return buffer.getvalue()


def colour(tone: float | int | None) -> Any:
    """The colour of a series: grey, one of the unordered, or a place on the ordered scale."""
    if tone is None:
        return GREY
    if isinstance(tone, int):
        return UNORDERED[tone % len(UNORDERED)]
    return colormaps["viridis"](0.84 * tone)


def _panel(drawing: Drawing, axes: Axes) -> None:
    drawing.set_xscale("log" if axes.x_log else "linear")
    drawing.set_yscale("log" if axes.y_log else "linear")
    for series in axes.series:
        _series(drawing, series)
    if axes.level is not None:
        drawing.axhline(axes.level[0], color="#555555", linewidth=0.8, linestyle=(0, (1, 2)), zorder=1)
    drawing.set_xlabel(axes.x_label)
    drawing.set_ylabel(axes.y_label)
    if axes.title:
        drawing.set_title(axes.title)
    _limits(drawing, axes)
    for at in axes.uprights:
        drawing.axvline(at, color="#555555", linewidth=0.8, linestyle=(0, (1, 2)), zorder=1)
    if axes.x_limits is not None:
        drawing.set_xlim(*axes.x_limits)
    if axes.x_ticks:
        drawing.set_xlim(-0.5, len(axes.x_ticks) - 0.5)
    if axes.y_ticks:
        drawing.set_ylim(len(axes.y_ticks) - 0.5, -0.5)
    if axes.level is not None and axes.level[1]:
        drawing.annotate(
            axes.level[1], (1.0, axes.level[0]), xycoords=("axes fraction", "data"), xytext=(0, -2.5),
            textcoords="offset points", ha="right", va="top", fontsize=7, color="#555555",
        )  # fmt: skip


def _all_ticks(drawing: Drawing, axes: Axes) -> None:
    """Ticks of both axes, once their limits are settled."""
    measured = np.unique(
        np.concatenate([d.x for s in axes.series if s.tone is not None for d in s.dots] or [np.array([])])
    )
    if axes.x_ticks:
        drawing.set_xticks(range(len(axes.x_ticks)), axes.x_ticks)
        if sum(max(map(len, words.split("\n"))) for words in axes.x_ticks) > MOST_LETTERS:
            drawing.tick_params(axis="x", labelrotation=20)
            for words in drawing.get_xticklabels():
                words.set_horizontalalignment("right")
    else:
        _ticks(drawing.xaxis, drawing.get_xlim(), measured, logarithmic=axes.x_log, counts=axes.x_counts)
    if axes.y_ticks:
        drawing.set_yticks(range(len(axes.y_ticks)), axes.y_ticks)
    else:
        _ticks(drawing.yaxis, drawing.get_ylim(), np.array([]), logarithmic=axes.y_log, counts=axes.y_counts)


def _series(drawing: Drawing, series: Series) -> None:
    ink = colour(series.tone)
    for line in series.lines:
        width = 0.9 if line.style != "solid" else 1.3
        drawing.plot(line.x, line.y, color=ink, linestyle=line.style, linewidth=width, zorder=2)
        if line.low is not None and line.high is not None and line.style == "solid":
            drawing.fill_between(line.x, line.low, line.high, color=ink, alpha=0.16, linewidth=0, zorder=1)
    for band in series.bands:
        drawing.fill_between(band.x, band.low, band.high, facecolor=ink, alpha=0.09, linewidth=0, zorder=0.5)
        for end in (band.low, band.high):
            drawing.plot(band.x, end, color=ink, alpha=0.35, linewidth=0.6, zorder=0.5)
    grey = series.tone is None
    for dots in series.dots:
        face = "white" if dots.hollow else ink
        size = 2.5 if grey else {".": 4.5, "D": 5.0}.get(dots.marker, 4.0)
        drawing.errorbar(
            dots.x, dots.y, yerr=dots.error, xerr=dots.x_error, fmt=dots.marker, color=ink, markerfacecolor=face,
            markeredgecolor=ink, markeredgewidth=0.9, markersize=size, elinewidth=0.8, zorder=1 if grey else 3,
        )  # fmt: skip


def _limits(drawing: Drawing, axes: Axes) -> None:
    """Limits by points with errors and spread, curves without any, and the reference line; bands of laws may leave."""
    ends = [end for s in axes.series for d in s.dots for end in _ends(d)]
    ends += [line.y for s in axes.series if not s.dots for line in s.lines]
    ends += [end for s in axes.series for band in s.bands for end in (band.low, band.high)]
    low, high = _extent(ends, axes.y_log)
    if not low < math.inf:
        return
    below = 0.07
    if axes.level is not None:
        below = 0.13 if axes.level[1] and axes.level[0] <= low else below  # room for the words under the line
        low, high = min(low, axes.level[0]), max(high, axes.level[0])
    if axes.y_log:
        span = max(high / low, 1.004)
        drawing.set_ylim(low / span**below, high * span**0.07)
    else:
        span = (high - low) or 1.0
        drawing.set_ylim(low - below * span, high + 0.07 * span)


def _ends(dots: Dots) -> tuple[Any, Any]:
    """Lower and upper ends of the points' errors."""
    if dots.error is None:
        return dots.y, dots.y
    below, above = (dots.error, dots.error) if dots.error.ndim == 1 else dots.error
    return dots.y - below, dots.y + above


def _extent(arrays: list[Any], logarithmic: bool) -> tuple[float, float]:
    values = np.concatenate([np.ravel(a) for a in arrays]) if arrays else np.array([])
    values = values[np.isfinite(values) & ((values > 0) | (not logarithmic))]
    return (float(values.min()), float(values.max())) if len(values) else (math.inf, -math.inf)


def _ticks(axis: Any, limits: tuple[float, float], measured: Any, *, logarithmic: bool, counts: bool) -> None:
    """Few ticks in plain numbers: the measured values where they are few and apart, else decades or 1-2-5 steps."""
    steps = MaxNLocator(5, steps=[1, 2, 5, 10])
    if not logarithmic:
        axis.set_major_locator(steps)
        if counts and limits[1] >= 1e4:
            axis.set_major_formatter(FuncFormatter(lambda x, _: _tick(x, counts=True) if x >= 1 else f"{x:g}"))
        return
    decades = math.log10(limits[1] / limits[0])
    measured = _merged(measured)
    if len(measured) >= 2 and np.min(np.diff(np.log10(measured))) > APART * decades:
        axis.set_ticks(measured)
        axis.set_minor_locator(NullLocator())
    elif decades < 0.7:
        axis.set_ticks([t for t in steps.tick_values(*limits) if limits[0] <= t <= limits[1] and t > 0])
        axis.set_minor_locator(NullLocator())
    else:
        subs = (1.0,) if decades > 2.2 else (1.0, 3.0) if decades > 1.4 else (1.0, 2.0, 5.0)
        axis.set_major_locator(LogLocator(10, subs=subs, numticks=12))
        axis.set_minor_locator(LogLocator(10, subs="auto", numticks=12))
    axis.set_minor_formatter(NullFormatter())
    axis.set_major_formatter(FuncFormatter(lambda x, _: _tick(x, counts=counts)))


def _merged(values: Any) -> Any:
    """Positive values that print alike once: D differs by a few tokens between batch sizes."""
    apart = {f"{v:.3g}": float(v) for v in values if v > 0}
    return np.array(sorted(apart.values()))


def _tick(x: float, *, counts: bool) -> str:
    """A tick's number: `64k` for counts, powers of ten where that is long, else plain."""
    if counts and 1 <= x < 1e12:
        return magnitude(x)
    if x >= 1e4 or x < 1e-3:
        power = math.floor(math.log10(x) + 1e-9)
        lead = x / 10.0**power
        raised = f"10{str(power).translate(RAISED)}"
        return raised if abs(lead - 1) < 1e-6 else f"{lead:.2g}·{raised}"
    return f"{x:.4g}"


def _legend(drawing: Drawing, axes: Axes) -> None:
    """Beside the panel, or in the corner that its curves leave free; thinned where there are many, which it says."""
    named = [s for s in axes.series if s.label]
    alone = len(named) == 1 and not axes.legend and isinstance(named[0].tone, float)
    if (not named or alone) and not axes.styles:
        return
    total = len(named)
    if total > MOST_ENTRIES:
        step = (total - 1) / (MOST_ENTRIES - 1)
        named = [named[i] for i in sorted({round(k * step) for k in range(MOST_ENTRIES)})]
    handles = [
        drawing.plot([], [], color=colour(s.tone), marker="o" if s.dots else "", linestyle="-" if s.lines else "")[0]
        for s in named
    ]
    labels = [s.label for s in named]
    if total > len(named):
        handles.append(drawing.plot([], [], linestyle="")[0])
        labels.append(f"{len(named)} of {total} are named, from dark to light")
    for line, words in axes.styles:
        handles.append(drawing.plot([], [], color="#555555", linestyle=line, linewidth=1.1)[0])
        labels.append(words)
    title = axes.legend or None
    if axes.legend_at == "beside" or axes.legend_at == "below":
        anchor = (1.02, 1.0) if axes.legend_at == "beside" else (0.0, -0.2)
        drawing.legend(handles, labels, title=title, loc="upper left", bbox_to_anchor=anchor, alignment="left")
    else:
        crowded = any(s.dots for s in axes.series)
        drawing.legend(
            handles, labels, title=title, loc=axes.legend_at, frameon=crowded, framealpha=0.85, edgecolor="none",
            borderaxespad=0.6,
        )  # fmt: skip
