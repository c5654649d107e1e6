"""Error recovery of the parser: what was expected, common slips by their patterns, and fixes for them."""
