"""Diagnostics: collected, worded, ordered, documented, fixed, and rendered in every output format."""
