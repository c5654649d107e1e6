"""What other tools have around statements and among them: lines of scripts, loops, settings."""
