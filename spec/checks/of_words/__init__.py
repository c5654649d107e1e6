"""What titles and comments say, against what is beside them."""
