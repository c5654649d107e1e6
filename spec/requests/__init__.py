"""Requests of a study for its results: fits, optima, budgets and reports, read and looked up."""
