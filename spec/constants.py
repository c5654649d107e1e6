"""What several parts share: the bound on seeds, the size and the name of a study, and the 6 of C = 6 N D."""

#: Whole numbers up to here are exact as floats and fit the 64-bit counters that random streams are keyed with: the
#: bound on seeds of runs, graphs and evaluation sets alike.
LARGEST_SEED = 2**53 - 1
#: A study of more runs than this is refused unless asked for.
MAX_RUNS = 100_000
#: Points of a plan that is read, whoever wrote it, and the variable of the environment that says another number.
MOST_RUNS, RUNS_LIMIT = 1_000_000, "SCALINGDSL_MOST_RUNS"
#: More points than this on one axis are refused before they are listed.
MOST_POINTS = 100_000
#: FLOPs a parameter and token: forward and backward pass of a dense model, without attention (Kaplan et al. 2020).
FLOPS_PER_PARAMETER_TOKEN = 6
#: Cells beyond its parameters that a smooth law needs to tell how much runs of one setting scatter.
SPARE_CELLS = 4
#: Bytes that a study may have: more is no study.
MOST_STUDY = 100_000
#: How the name of a study ends.
STUDY = ".scl"
#: Of SplitMix64: its increment, and the factors of its finaliser mix13 (Steele, Lea & Flood 2014).
GAMMA, FIRST, SECOND = 0x9E3779B97F4A7C15, 0xBF58476D1CE4E5B9, 0x94D049BB133111EB
