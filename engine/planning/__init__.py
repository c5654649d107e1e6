"""From runs to packs and what they cost: memory, time, calibration, other machines."""
