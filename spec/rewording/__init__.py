"""Statements that no rule of the grammar takes, said again as the language writes them."""
