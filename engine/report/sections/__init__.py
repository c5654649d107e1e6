"""The parts that every report has."""
