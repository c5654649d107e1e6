"""A law with nothing to fit: a curve that a theory gives, compared with what was measured.

The comparison is a `Fit` like any other, without parameters and without draws, so that claims, residuals and figures
treat it alike. Its errors are all of log loss: a curve that falls over decades is judged by factors.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace

import numpy as np
from scalingdsl.spec.errors import FitError

from .core.fit_result import Array, Fit, FitDetails, FitOptions, Points, Status
from .core.form import THEORIES, ParameterFree
from .core.given_numbers import given_numbers
from .forms import declaration


@dataclass(frozen=True)
class TheoryCurve:
    """A curve in one quantity, predicting as a fitted surface does; its one draw is itself."""

    quantity: str
    form: ParameterFree

    def predict(self, variables: Mapping[str, Array]) -> Array:
        """Loss at the variables, shape (point,)."""
        return self.form.loss(self.quantity, variables[self.quantity])

    def draws(self, variables: Mapping[str, Array]) -> Array:
        """The same as the only draw, shape (1, point)."""
        return self.predict(variables)[None, :]


def compare(law: str, points: Points, options: FitOptions) -> Fit:
    """A theory beside what was measured.

    Args:
        law: Word of a theory.
        points: What was measured, in one variable.
        options: Of which the numbers of the closed form count, `fixed`.

    Raises:
        FitError: The law says nothing about the quantity that the points have, or does not take such a number.
    """
    quantity = next(iter(points.variables))
    declared = declaration(law)
    if declared.readable and quantity not in declared.readable:
        raise FitError(f"{law} says nothing about {quantity}; it is a law in {' or in '.join(declared.readable)}")
    theory = TheoryCurve(quantity, THEORIES.of(declared)(given_numbers(declared, options.fixed)))
    fit = Fit(
        law=law,
        variables=(quantity,),
        objective="log-mse",
        delta=None,
        status="failed",
        n=points.n,
        n_clusters=points.n_clusters,
        starts=1,
        starts_agreeing=1,
        details=FitDetails(points, FitOptions(fixed=options.fixed), surface=theory),
    ).with_predictions(theory.predict({quantity: np.asarray(points.variables[quantity], dtype=np.float64)}))
    value = float(np.sum(fit.details.noise**2))
    status: Status = "converged" if points.n and np.isfinite(value) else "failed"
    return replace(fit, value=value, status=status, rmse=fit.rmse_log)
