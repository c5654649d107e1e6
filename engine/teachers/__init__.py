"""Teachers: models trained once on a text, then sampled as a source."""
