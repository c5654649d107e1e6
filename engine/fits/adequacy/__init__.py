"""What makes a reader doubt a fit."""
