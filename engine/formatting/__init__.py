"""Numbers and durations in words."""
