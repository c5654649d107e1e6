"""The ground of the fits: the form of a law, the fit as a value, warning codes."""
