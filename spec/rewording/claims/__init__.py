"""Claims as other tools, people and statistics make them."""
