"""From a law and points to its best parameters: problem, objective, starts, Levenberg-Marquardt, identifiability."""
