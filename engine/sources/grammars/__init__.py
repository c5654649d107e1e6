"""Sources whose sequences are derived from rules."""
