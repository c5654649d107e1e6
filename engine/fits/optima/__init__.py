"""Compute-optimal sizes: closed form, along a surface, isoFLOP profiles, and their growth."""
