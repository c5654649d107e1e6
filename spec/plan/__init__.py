"""The plan of a study: its model, its identity, the grid it spans and the runs it comes to."""
