"""How long runs are said to be."""
