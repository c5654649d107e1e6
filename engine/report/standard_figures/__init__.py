"""Figures that every report has: losses along N and D, exponents, optimal sizes, residuals, tuned values."""
