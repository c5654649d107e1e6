"""Laws: forms, objectives, one solver, intervals, optima. No torch, no files: arrays in, frozen values out."""

from __future__ import annotations

from .core.fit_result import Curve, Fit, FitDetails, FitOptions, FitWarning, Interval, Optimum, Points
from .fit_law import fit_law
from .forms import form, forms
from .intervals.profile_likelihood import profile_intervals
from .optima.optimum_methods import lower_envelope, optimum, seen_in_compute
from .predict import predict, predict_draws

__all__ = [
    "Curve",
    "Fit",
    "FitDetails",
    "FitOptions",
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
    "seen_in_compute",
]
