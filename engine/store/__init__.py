"""The results folder on disk: records, checkpoints, locks, atomic writes, the user's cache."""
