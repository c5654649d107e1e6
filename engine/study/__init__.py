"""A whole study: train what is missing, analyse, report."""
