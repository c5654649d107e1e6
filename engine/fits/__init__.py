"""Laws: forms, objectives, one solver, intervals, optima. No torch, no files: arrays in, frozen values out."""

from __future__ import annotations

from .fitting import fit_law
from .forms import form, forms
from .optima import lower_envelope, optimum
from .prediction import predict, predict_draws
from .profile import profile_intervals
from .result import Curve, Fit, FitWarning, Interval, Optimum, Points

__all__ = [
    "Curve",
    "Fit",
    "FitWarning",
    "Interval",
    "Optimum",
    "Points",
    "fit_law",
    "form",
    "forms",
    "lower_envelope",
    "optimum",
    "predict",
    "predict_draws",
    "profile_intervals",
]
