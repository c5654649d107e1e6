"""A second reading of statements that were refused: what they say with other words and signs, said as it is here."""
