"""What a study asks of its results: fits, optima, budgets and reports, read and looked up."""
