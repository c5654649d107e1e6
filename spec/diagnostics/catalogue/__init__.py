"""Every diagnostic code with what it means and a study that provokes it."""
