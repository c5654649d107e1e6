"""Files that people bring, and their readers."""
