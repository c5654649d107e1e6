"""Loss in compute and in tokens a parameter, for models trained past the compute-optimal point."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
from scalingdsl.spec.vocabulary.constants import FLOPS_PER_PARAMETER_TOKEN

from ..core.fit_result import Array
from ..core.form import Form, Values, coefficient, exponent, level


def overtraining(variables: Values, params: Values) -> Array:
    """Predicted loss E + (A M^eta + B M^-eta) C^-eta with M = D/N and C = 6 N D, nats a token.

    At a fixed M the loss is a power law in compute with the same exponent for every M: curves of over-trained models
    are parallel.

    Reference: Gadre et al. 2024, equation 4, arXiv:2403.08540 (their a, b are A, B here).
    """
    ratio, flops = _ratio_and_flops(variables)
    eta = params["eta"]
    return np.asarray(params["E"] + (params["A"] * ratio**eta + params["B"] * ratio**-eta) * flops**-eta)


def _ratio_and_flops(variables: Values) -> tuple[Array, Array]:
    return variables["D"] / variables["N"], FLOPS_PER_PARAMETER_TOKEN * variables["N"] * variables["D"]


def gradient(variables: Values, params: Values) -> dict[str, Array]:
    """Derivatives of `overtraining` by E, A, B, eta."""
    ratio, flops = _ratio_and_flops(variables)
    by_a, by_b = (ratio / flops) ** params["eta"], (ratio * flops) ** -params["eta"]
    by_eta = params["A"] * by_a * np.log(ratio / flops) - params["B"] * by_b * np.log(ratio * flops)
    return {"E": np.ones_like(by_eta), "A": by_a, "B": by_b, "eta": by_eta}


def rescale(params: Values, units: Mapping[str, float]) -> dict[str, Array]:
    """M/C = 1/(6 N^2) carries the unit of N, M C = 6 D^2 that of D."""
    n_unit, d_unit = units["N"] ** (2 * params["eta"]), units["D"] ** (2 * params["eta"])
    return {**params, "A": params["A"] * n_unit, "B": params["B"] * d_unit}


FORM = Form(
    word="overtraining",
    variables=("N", "D"),
    parameters=(
        level("E", "irreducible loss, nats a token"),
        coefficient("A", "reducible loss that grows with tokens a parameter, at C = M = 1", "N"),
        coefficient("B", "reducible loss that falls with tokens a parameter, at C = M = 1", "D"),
        exponent("eta", "exponent in compute at fixed tokens a parameter"),
    ),
    value=overtraining,
    gradient=gradient,
    rescale=rescale,
    linear=("E", "A", "B"),
)
