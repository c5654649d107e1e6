"""Statistics of fits with draws: how far an error of a law may come out otherwise where its cells are measured again.

The residuals of a fit are what the law misses and what noise leaves. Noise e of the cells, of the scatter that the
study shows of them, leaves M e, with M = 1 - J (J'J)^-1 J' and J the law's gradient at the fit: what the parameters
cannot follow. A draw of the residuals r is

    k r + M e,        k^2 = max(0, 1 - E|M e|^2 / |r|^2)

so that squares keep the mean that was found, or the one that noise alone would give where that is more, and a law that
only misses by noise has the errors of chi-squared. All laws of a panel meet the same noise: where two miss alike, a
difference between them is told from luck.
"""

from __future__ import annotations

from collections.abc import Callable
from zlib import crc32

import numpy as np
from numpy.typing import NDArray
from scalingdsl.spec.claims.selection import UnansweredError
from scalingdsl.spec.vocabulary.quantities import canonical

from ...fits import Fit, predict, predict_draws
from ...fits.core.fit_result import Array
from ...fits.forms import form
from ...fits.selection.validation import validation_of
from ..analysis_result import CellTable, PanelFit
from ..cells.cell_selection import values_of
from .cell_scatter import UNTOLD, Scatter
from .cell_values import noise

#: An estimate, and its draws; one draw where the number is exact.
Reading = tuple[float, Array]


class Statistics:
    """Statistics of the fits of a study."""

    def __init__(self, cells: CellTable, scatter: Scatter, n_draws: int) -> None:
        self.cells, self.scatter, self.n_draws = cells, scatter, n_draws
        self.read: dict[str, Callable[[PanelFit, Fit], Reading]] = {
            "n": lambda panel, fit: (float(fit.n), np.array([float(fit.n)])),
            "mse": self._mse,
            "rmse": self._rmse,
            "rmse_log": self._rmse_log,
            "r2": self._r2,
            "holdout": self._holdout,
            "validation": self._validation,
        }

    def of(self, panel: PanelFit, name: str) -> Reading:
        """A statistic of a fit, and its draws.

        Raises:
            UnansweredError: It has none, or nothing tells how far it may be off.
        """
        assert panel.fit is not None
        found = self.read[name](panel, panel.fit)
        if len(found[1]) > 1 and not np.any(np.isfinite(found[1])):
            raise UnansweredError(f"`{panel.request.name}` has errors of cells with {UNTOLD}")
        return found

    # --- on the cells that were fitted ----------------------------------------------------------------------------

    def _mse(self, panel: PanelFit, fit: Fit) -> Reading:
        return fit.mse, np.mean(self._residuals(panel, fit, logs=False) ** 2, axis=1)

    def _rmse(self, panel: PanelFit, fit: Fit) -> Reading:
        # A theory's is that of log loss: it is compared, not fitted.
        if fit.rmse == fit.rmse_log:
            return self._rmse_log(panel, fit)
        return fit.rmse, np.sqrt(self._mse(panel, fit)[1])

    def _rmse_log(self, panel: PanelFit, fit: Fit) -> Reading:
        return fit.rmse_log, np.sqrt(np.mean(self._residuals(panel, fit, logs=True) ** 2, axis=1))

    def _r2(self, panel: PanelFit, fit: Fit) -> Reading:
        variance = float(np.var(self._loss(panel)[panel.cells]))
        if variance == 0:
            raise UnansweredError(f"all cells of `{panel.request.name}` have one loss")
        mse, draws = self._mse(panel, fit)
        return 1.0 - mse / variance, 1.0 - draws / variance

    def _validation(self, panel: PanelFit, fit: Fit) -> Reading:
        """In proportion to the squares of residuals with the pull of their own cell undone."""
        _, left = self._left(panel, fit, logs=False)
        free = np.sqrt(np.maximum(np.diag(left), 0.02))
        draws = np.mean((self._residuals(panel, fit, logs=False) / free**2) ** 2, axis=1)
        seen = float(np.mean((fit.residuals / free**2) ** 2))
        value = validation_of(fit)
        return value, value * draws / seen if seen > 0 else np.array([value])

    def _residuals(self, panel: PanelFit, fit: Fit, *, logs: bool) -> Array:
        """Draws of the residuals of loss or of log loss, shape (draw, cell)."""
        seen, left = self._left(panel, fit, logs=logs)
        scale = 1.0 / self._loss(panel)[panel.cells] if logs else np.ones(len(panel.cells))
        error = self._noise(panel, panel.cells) * scale
        if fit.details.n_free >= len(panel.cells):
            # Through every cell, each law errs elsewhere in its own way: none of it can be compared with another's.
            error = np.roll(error, crc32(panel.request.name.encode()) % len(error), axis=0)
        variance = self._variance(panel, panel.cells) * scale**2
        return _kept(float(np.sum(left**2 * variance)), seen)[None, :] + error @ left.T

    def _left(self, panel: PanelFit, fit: Fit, *, logs: bool) -> tuple[Array, Array]:
        """Residuals of loss or log loss, shape (cell,), and what a disturbance of them leaves, shape (cell, cell)."""
        loss = self._loss(panel)[panel.cells]
        with np.errstate(all="ignore"):
            seen = np.log(loss) - np.log(loss - fit.residuals) if logs else fit.residuals
        n = len(loss)
        if fit.details.n_free >= n:  # through every cell: how far it would miss others is as little known as they are
            return seen, np.eye(n)
        if fit.details.surface is not None:
            return seen, np.eye(n) * np.sqrt(max(0.0, 1.0 - fit.details.n_free / n))
        # Directions that parameters follow, in the space they were fitted in, brought to the one that is asked about.
        law = form(fit.law, fit.variables)
        generic = {p: np.full(n, fit.params[fit.details.names.get(p, p)]) for p in law.parameter_names}
        of = self._variables(panel, panel.cells)
        at = {g: of[own] for g, own in zip(law.variables, fit.variables, strict=True)}
        fixed = {p for p in law.parameter_names if fit.details.names.get(p, p) in fit.fixed}
        slopes = [np.broadcast_to(v, (n,)) for name, v in law.gradient(at, generic).items() if name not in fixed]
        tangent = np.stack(slopes, axis=1) if slopes else np.zeros((n, 0))
        to_log = 1.0 / loss
        own = to_log if fit.details.space == "log" else np.ones(n)
        asked = to_log if logs else np.ones(n)
        tangent = np.nan_to_num(tangent * own[:, None], posinf=0.0, neginf=0.0)
        norms = np.linalg.norm(tangent, axis=0)
        directions, size, _ = np.linalg.svd(tangent / np.where(norms > 0, norms, 1.0), full_matrices=False)
        directions = directions[:, size > 1e-9 * max(size, default=0.0)]
        project = np.eye(n) - directions @ directions.T
        return seen, np.asarray((asked / own)[:, None] * project * (own / asked)[None, :])

    # --- on the cells held out ------------------------------------------------------------------------------------

    def _holdout(self, panel: PanelFit, fit: Fit) -> Reading:
        """Errors of log loss: what the law misses, how far its parameters and the cells held out may be off."""
        if panel.holdout is None:
            raise UnansweredError(f"`{panel.request.name}` holds no cells out: its `where` keeps all of them")
        out = panel.held_out
        at = self._variables(panel, out)
        loss = self._loss(panel)[out]
        with np.errstate(all="ignore"):
            said = np.log(predict(fit, at))
            drawn = np.log(predict_draws(fit, at)) if any(map(len, fit.draws.values())) else said[None, :]
        n = self.n_draws if len(drawn) == 1 else min(len(drawn), self.n_draws)
        moved, error = drawn[:n] - said, self._noise(panel, out)[:n] / loss
        spread = float(np.nansum(np.nanvar(moved, axis=0)) + np.sum(self._variance(panel, out) / loss**2))
        errors = _kept(spread, said - np.log(loss))[None, :] + moved - error
        return panel.holdout, np.sqrt(np.mean(errors**2, axis=1))

    # --- cells ----------------------------------------------------------------------------------------------------

    def _variables(self, panel: PanelFit, rows: NDArray[np.int64]) -> dict[str, Array]:
        """The law's variables by the names that the fit has for them."""
        one = len(panel.request.variables) == 1
        return {q if one else own: self._column(q)[rows] for own, q in panel.request.variables}

    def _column(self, quantity: str) -> Array:
        column = self.cells.columns[quantity if quantity in self.cells.axes else canonical(quantity)]
        return np.asarray(column, dtype=np.float64)

    def _loss(self, panel: PanelFit) -> Array:
        return np.asarray(values_of(self.cells, panel.request.loss), dtype=np.float64)

    def _noise(self, panel: PanelFit, rows: NDArray[np.int64]) -> Array:
        """Of runs alone: the error of an evaluation that all cells share is no residual."""
        errors = self.scatter.of(panel.request.loss)
        return noise(errors._replace(evaluation=np.zeros(self.cells.n)), rows, self.n_draws)

    def _variance(self, panel: PanelFit, rows: NDArray[np.int64]) -> Array:
        return np.asarray(self.scatter.of(panel.request.loss).scatter[rows] ** 2)


def _kept(expected: float, residuals: Array) -> Array:
    """What of residuals is more than noise, whose squares sum up to `expected`."""
    total = float(residuals @ residuals)
    return residuals * np.sqrt(max(0.0, 1.0 - expected / total)) if total > 0 else residuals
