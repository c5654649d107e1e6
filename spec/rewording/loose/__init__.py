"""Statements on data, models and training in whatever words: what they say, and how it is written here."""
