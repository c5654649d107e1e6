"""Models that a program of the person's own trains: its command, its process, and what it says of its losses."""
