"""Shared by the commands: options, studies named on the command line, views, progress."""
