"""Markov chains: sampled, and known exactly."""
