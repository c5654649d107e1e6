"""Loss in compute and in tokens a parameter, for models trained past the compute-optimal point.

At a fixed M = D/N the loss is a power law in compute with the same exponent for every M: curves of over-trained models
are parallel. Since C/M = 6 N^2 and C M = 6 D^2, (A M^eta + B M^-eta) C^-eta adds up powers of these.

Reference: Gadre et al. 2024, equation 4, arXiv:2403.08540 (their a, b are A, B here).
"""

from __future__ import annotations

from scalingdsl.spec.constants import FLOPS_PER_PARAMETER_TOKEN
from scalingdsl.spec.vocabulary.words.laws import Overtraining

from ..core.form import register
from .additive import sum_of_powers

register(
    sum_of_powers(
        Overtraining, {"N": ("A", "eta"), "D": ("B", "eta")}, read=lambda x: FLOPS_PER_PARAMETER_TOKEN * x * x
    )
)
