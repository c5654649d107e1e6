"""Graphs: drawn at random, or read as lists of edges."""
