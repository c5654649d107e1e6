"""Fitted laws as Python and notebooks have them: short to look at, asked for predictions, drawn."""

from __future__ import annotations

import io
from dataclasses import dataclass, fields
from typing import TYPE_CHECKING, Any

import numpy as np

from ..codes.fit_codes import CODES
from ..console.fit_view import beside
from ..fits.core.fit_result import Fit
from ..fits.formula import formula
from ..fits.predict import predict
from ..fits.tables.fit_table import TableFit
from ..formatting import significant
from .frames import frame
from .markdown import cell, shown, table

if TYPE_CHECKING:
    from matplotlib.figure import Figure


class Lawful:
    """What a value with a `fit` can be asked."""

    fit: Fit

    def predict(self, **at: Any) -> Any:
        """The law's loss in nats a token: `predict(N=7e9, D=2e12)` a number, of arrays an array of their shape.

        Raises:
            TypeError: A variable of the law is missing, or one is given that it does not have.
        """
        if set(at) != set(self.fit.variables):
            raise TypeError(f"{self.fit.law} is a law of {', '.join(self.fit.variables)}: give each of them, alone")
        arrays = np.broadcast_arrays(*(np.asarray(at[name], dtype=np.float64) for name in self.fit.variables))
        flat = {name: array.ravel() for name, array in zip(self.fit.variables, arrays)}
        loss = predict(self.fit, flat).reshape(arrays[0].shape)
        return float(loss) if loss.ndim == 0 else loss

    def to_frame(self) -> Any:
        """A pandas DataFrame of the parameters: value, 95 % interval, whether the points tell it.

        Raises:
            UsageError: pandas is not installed.
        """
        rows = [
            (name, value, *self.fit.intervals.get(name, (np.nan, np.nan))) for name, value in self.fit.params.items()
        ]
        names = ("parameter", "value", "low", "high")
        columns: dict[str, Any] = {name: [row[i] for row in rows] for i, name in enumerate(names)}
        columns["identified"] = [name not in self.fit.unidentified for name in columns["parameter"]]
        return frame(columns).set_index("parameter")

    def plot(self) -> Figure:
        """The points and the law through them, as a matplotlib figure that a notebook shows."""
        from ..console.law_curves import law_curves

        figure = _figure()
        axes = figure.subplots()
        across, curves = law_curves(self.fit)
        for number, curve in enumerate(curves):
            axes.plot(curve.x, curve.loss, "o", color=f"C{number}", markersize=4)
            axes.plot(curve.at, curve.law, color=f"C{number}", label=curve.label or self.fit.law)
        axes.set(xscale="log", yscale="log", xlabel=across, ylabel="loss, nats a token", title=self.fit.law)
        axes.legend(frameon=False)
        return figure


def _figure() -> Figure:
    """A figure of no window, which notebooks show by its picture."""
    from matplotlib.backends.backend_agg import FigureCanvasAgg
    from matplotlib.figure import Figure

    class Shown(Figure):
        def _repr_png_(self) -> bytes:
            picture = io.BytesIO()
            self.savefig(picture, format="png", dpi=100, bbox_inches="tight")
            return picture.getvalue()

    figure = Shown(figsize=(6, 4), layout="constrained")
    FigureCanvasAgg(figure)
    return figure


@dataclass(frozen=True, repr=False)
class FittedLaw(Lawful):
    """One fit of a study."""

    fit: Fit

    def __repr__(self) -> str:
        return repr(self.fit)

    def _repr_markdown_(self) -> str:
        return fit_markdown(self.fit)


@dataclass(frozen=True, repr=False)
class FittedTable(Lawful, TableFit):
    """A law fitted to a table, and what follows from it."""

    @classmethod
    def of(cls, found: TableFit) -> FittedTable:
        """The same value, which shows itself."""
        return cls(**{field.name: getattr(found, field.name) for field in fields(found)})

    def _repr_markdown_(self) -> str:
        source = "columns: " + ", ".join(f"{name} = `{column}`" for name, column in self.source.items())
        chosen = f"no law was named: {self.chosen} is the usual one for these columns" if self.chosen else ""
        return fit_markdown(self.fit, cell(source), chosen)


def fit_markdown(fit: Fit, *after: str) -> str:
    """A fit in a notebook: its law in numbers, parameters with intervals, doubts a line a code."""
    clusters = f" in {fit.n_clusters} clusters" if fit.n_clusters != fit.n else ""
    rows = [(f"`{name}`", significant(value, 4), _interval(fit, name)) for name, value in fit.params.items()]
    by_code: dict[str, list[str]] = {}
    for warning in fit.warnings:
        by_code.setdefault(warning.code, []).append(warning.message)
    doubts = [f"- {code}, {CODES[code].title}: {cell(messages[0])}" for code, messages in by_code.items()]
    written = formula(fit, digits=4)
    off = f"off by {significant(fit.rmse_log, 2)} of log loss"
    return shown(
        f"**{cell(fit.law)}**: {fit.status}, {fit.n} points{clusters}, {off}",
        f"`loss = {written}`" if written is not None and len(written) < 300 else "",
        "\n".join(table(("parameter", "value", "95 %"), rows[:12])),
        rows=doubts,
        after="\n\n".join(text for text in after if text),
    )


def _interval(fit: Fit, name: str) -> str:
    return "fixed" if name in fit.fixed else beside(fit, name, 4)
