"""Doubts about a fit: its points, its solution, its intervals, its sensitivity."""
