"""Words that claims are written with elsewhere, by what they say."""

from __future__ import annotations

#: Words between a side and what is said of it.
IS = {"is", "are", "be", "being", "lies", "lie", "stays", "stay", "remains", "remain", "comes", "falls", "should",
       "must", "will", "shall", "to", "always", "clearly", "strictly", "much", "far", "out", "was", "were", "ends",
       "up", "go", "fall", "exactly"}  # fmt: skip
SIGNIFICANT = {"significantly", "significant", "statistically", "reliably", "robustly", "credibly", "confidently"}
GREATER = {"greater", "larger", "bigger", "higher", "more", "steeper", "above", "over", "exceeds", "exceed", "beyond",
            "gt", "exceeding"}  # fmt: skip
LESS = {"less", "smaller", "lower", "fewer", "below", "under", "beneath", "shallower", "lt"}
BETTER = {"better", "beats", "beat", "outperforms", "outperform", "superior", "wins", "dominates", "preferred"}
WORSE = {"worse", "loses", "inferior"}
NEARLY = {"about", "approx", "approximately", "around", "near", "close", "roughly", "nearly", "circa", "ca"}
EQUAL = {"equals", "equal", "same", "matches", "match", "identical", "agrees"}
DIFFERS = {"differs", "differ", "different", "distinct", "unequal"}
ERRORS = {"sigma", "sigmas", "σ", "se", "ses", "stderr", "stderrs", "sem", "std", "stds", "sd", "sds", "stdev",
           "standard"}  # fmt: skip
OPEN = {"(": ")", "[": "]", "{": "}"}
FALLING = {"decreasing", "falling", "nonincreasing", "monotone", "monotonic", "shrinking", "improving"}
RISING = {"increasing", "rising", "growing", "nondecreasing"}
FALLS = {"decreases", "decrease", "falls", "drops", "shrinks", "improves", "declines", "diminishes"}
RISES = {"increases", "increase", "rises", "grows", "worsens"}
MONOTONICALLY = {"monotonically", "monotonous", "steadily", "strictly", "is", "always", "are"}
KEYWORDS = {"and", "or", "not", "implies", "then", "if", "where", "in", "within", "between", "for", "with", "when",
             "unless", "outside", "inside", "at", "of", "by", "than", "xor", "iff"}  # fmt: skip
VERBS = {"scales", "scale", "follows"} | IS | GREATER | LESS | BETTER | WORSE | NEARLY | EQUAL | DIFFERS | SIGNIFICANT
