"""What this machine is: devices, processor, block sizes that suit it."""
