"""Training: packs of models of one shape, stacked along a leading axis P and trained as one."""
