"""Matrices of numbers: those of Matrix Market, and the shapes that are none of a chain."""
