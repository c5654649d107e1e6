"""Rules about claims: what they ask is there, no bound settles it, and what they compare can be compared."""
