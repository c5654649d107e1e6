"""Laws written out by the user as expressions, differentiated symbolically."""
