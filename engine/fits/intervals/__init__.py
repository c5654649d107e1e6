"""Intervals: bootstrap and its resamples, profile likelihood, sandwich."""
