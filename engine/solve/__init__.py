"""Models that are solved, not trained: what they predict follows from their data.

A pack is every run of one source and seed, so that the data are drawn once for all of them. `cost.py` says what that
takes and needs next to nothing; `pack.py` does it.
"""
