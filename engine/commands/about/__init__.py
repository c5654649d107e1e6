"""Commands about the language itself, not about a study."""
