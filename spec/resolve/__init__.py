"""Statements resolved and lowered: files, `use`, lets, components, data files, and the plan made of them."""
