"""Expressions: canonical form, units, values, and the points of sweeps."""
