"""What Python and notebooks call: the commands as functions with the same options, and values that show themselves."""
