"""Validation by held-out data, choice of a form, extrapolation, and power analysis of a design."""
