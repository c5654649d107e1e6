"""Surfaces of the loss without a formula: regressions that say what the data say and nothing about why."""
