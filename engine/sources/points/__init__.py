"""Point sets: percolation clusters and manifolds."""
