"""What the commands share: options, studies named on the command line, views, progress."""
