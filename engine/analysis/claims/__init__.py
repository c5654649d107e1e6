"""Claims judged: operands as estimates with draws, and the verdict."""
