"""This machine: devices, processor, block sizes that suit it."""
