"""Statements of other languages and tools, and what belongs to another statement."""
