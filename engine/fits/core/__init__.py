"""What every part of the fits builds on: the form of a law, the fit as a value, warning codes."""
