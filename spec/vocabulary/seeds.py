"""The bound on seeds, of runs, graphs and evaluation sets alike."""

#: Whole numbers up to here are exact as floats and fit the 64-bit counters that random streams are keyed with.
LARGEST_SEED = 2**53 - 1
