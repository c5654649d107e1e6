"""What the codes of warnings and notes mean, as text: nothing here is computed, nor anything imported for it."""
