"""Models that learn from points, solved or trained: what they predict follows from data drawn once for all of them.

A pack is every run of one source, family and seed. `points_cost.py` says what that takes and
needs next to nothing; `points_pack.py` does it.
"""
