"""What findings say to type, tried in the study before it is shown."""
