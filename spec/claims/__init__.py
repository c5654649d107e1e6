"""Claims: conditions with every quantity written out, and what each name in them refers to."""
